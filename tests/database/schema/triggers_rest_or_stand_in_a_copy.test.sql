-- Under session_replication_role = replica (a restore, a subscriber's apply worker) only triggers fire that are enabled
-- always. A copy brings every row that the source's triggers made, so those rest; what refuses a change stands.
begin;
set local search_path = tap, pg_catalog;
select plan(5);

create temporary table modes (function_name text, mode text, reason text);
insert into modes values
('refuse_change', 'A', 'no session, whatever its role, changes history or empties a table'),
('refuse_hidden_successor', 'O', 'a row that was let in once is copied'),
('refuse_to_leave_pins', 'O', 'a row that was let in once is copied'),
('refuse_inactive_default', 'O', 'a row that was let in once is copied'),
('refuse_columns_of_others', 'O', 'a row that was let in once is copied'),
('record_rows', 'O', 'the source''s audit entries are copied'),
('record_update', 'O', 'the source''s audit entries are copied'),
('rebuild_prices_of_inserted', 'O', 'price schedules, windows and sheets are copied with their prices'),
('rebuild_prices_of_meters', 'O', 'price schedules, windows and sheets are copied with their meters'),
('rebuild_prices_of_service_tiers', 'O', 'price schedules, windows and sheets are copied with their tiers'),
('rebuild_offers_of_prices', 'O', 'offers are copied with what they are made of'),
('rebuild_offers_of_rates', 'O', 'offers are copied with what they are made of'),
('rebuild_offers_of_policies', 'O', 'offers are copied with what they are made of'),
('rebuild_offers_of_models', 'O', 'offers are copied with what they are made of'),
('rebuild_offers_of_aliases', 'O', 'offers are copied with what they are made of'),
('lock_names', 'O', 'a copy has one writer'),
('list_inserted_prices', 'O', 'list prices are copied with their prices'),
('list_switched_prices', 'O', 'list prices are copied with their models'' switches'),
('date_price_source', 'O', 'the row has the time of the source'),
('keep_price_source', 'O', 'the source''s ai.model_price_sources are copied'),
('complete_price', 'O', 'the row is complete'),
('resolve_model_provider', 'O', 'the row is resolved, and its provider may come later'),
('follow_provider_key', 'O', 'the models'' own change is copied'),
('lock_defaults', 'O', 'a copy has one writer'),
('clear_former_default', 'O', 'the former default''s own change is copied'),
('soft_delete_model', 'O', 'a soft delete arrives as an update'),
('stamp', 'O', 'updated_at and updated_by are the source''s'),
('ensure_profile', 'O', 'the profile is copied, perhaps later'),
('enforce_media_owner', 'O', 'the media are copied, perhaps later'),
('complete_log_entry', 'O', 'the row is complete'),
('check_usage_changed', 'O', 'meters may come later'),
('drop_content_of_erased', 'O', 'the row is as the source left it'),
('refuse_meter_cycle', 'O', 'the chain is whole when the copy is'),
('await_spending', 'O', 'a copy has one writer'),
('check_time_zone', 'O', 'a row that was let in once is copied'),
('count_inserted_generation', 'O', 'what the source has to count is copied'),
('count_changed_generation', 'O', 'what the source has to count is copied'),
('count_deleted_generation', 'O', 'what the source has to count is copied'),
('forget_periods', 'O', 'the periods are copied'),
('keep_overdraft_in_use', 'O', 'lots may come later'),
('keep_within_overdraft', 'O', 'the row is what the source allowed'),
('require_privileged', 'O', 'who loads a copy is'),
('refuse_secret_address', 'O', 'a row that was let in once is copied, and the table''s CHECK looks as well'),
('refuse_secret_auth', 'O', 'a row that was let in once is copied, and the table''s CHECK looks as well');
insert into modes
select m.name, 'O', 'a row that was let in once is copied'
from unnest('{check_evaluation_state,check_participant,check_run_state,check_running,check_judge}'::text[]) as m (name)
-- Of the module, where it is there.
where to_regclass('execution.runs') is not null
union all
select 'forget_evaluations', 'O', 'the copy is of what the erasure left'
where to_regclass('execution.runs') is not null;

select bag_eq(
  $$
  select distinct f.proname::text, t.tgenabled::text
  from pg_catalog.pg_trigger as t
  inner join pg_catalog.pg_class as c on c.oid = t.tgrelid and c.relkind in ('r', 'p')
  inner join pg_catalog.pg_proc as f on f.oid = t.tgfoid
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where n.nspname in ('ai', 'billing', 'lensers', 'content', 'media', 'execution', 'ratebook') and not t.tgisinternal
  $$,
  'select function_name, mode from modes',
  'every trigger of a table, those of its partitions included; a new one is listed here with its reason'
);
select is_empty(
  $$
  select t.tgname, c.oid::regclass
  from pg_catalog.pg_trigger as t
  inner join pg_catalog.pg_class as c on c.oid = t.tgrelid and c.relkind = 'v'
  inner join tests.schemas as s on s.oid = c.relnamespace
  where t.tgenabled::text <> 'O'
  $$,
  'a view has no rows to copy'
);
-- Without one a publisher refuses updates and deletes.
select is_empty(
  $$
  select r.name
  from ratebook.own_relations() as r
  inner join pg_catalog.pg_class as c on c.oid = r.id
  where
    r.kind in ('r', 'p') and c.relreplident <> 'f'
    and not (
      c.relreplident = 'd' and exists (select from pg_catalog.pg_index as i where i.indrelid = c.oid and i.indisprimary)
    )
  $$,
  'every table has a replica identity: its primary key, or the whole row'
);
select set_has(
  'select name from ratebook.own_relations()',
  $$
  values
  ('ai.models'), ('ai.generations'), ('billing.ledger_entries'), ('content.media_library'), ('lensers.audit_history'),
  ('lensers.audit_history_id_seq'), ('ratebook.price_sheets')
  $$,
  'and these were looked at'
);
select is(
  (select count(*) from ratebook.own_relations() where kind in ('r', 'p')),
  (
    select count(*) from tests.tables
    where not relispartition and signature not in ('ratebook.manifest', 'ratebook.found')
  ),
  'all of them, but for what a database says of itself'
);

select * from finish();
rollback;
