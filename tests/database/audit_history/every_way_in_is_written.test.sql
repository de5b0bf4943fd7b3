begin;
set local search_path = tap, pg_catalog;
select plan(11);

create function tests.last_entries(p_table text, p_count integer) returns text[]
language sql
return (
  select array_agg(concat_ws(' ', h.operation, coalesce(h.after ->> 'name', h.before ->> 'name')) order by h.id)
  from (
    select * from lensers.audit_history where table_name = p_table order by id desc limit p_count
  ) as h
);

insert into ai.providers (key, name) select 'p' || n, 'P' || n from generate_series(1, 3) as n;
select is(tests.last_entries('ai.providers', 3), '{INSERT P1,INSERT P2,INSERT P3}', 'many rows in one statement');
select is(
  (select count(distinct transaction_id) from lensers.audit_history where table_name = 'ai.providers'), 1::bigint,
  'share their transaction'
);
insert into ai.providers (key, name) values ('p3', 'Q3'), ('p4', 'P4')
on conflict (key) do update set name = excluded.name;
select bag_eq(
  $$select unnest(tests.last_entries('ai.providers', 2))$$, $$values ('UPDATE Q3'), ('INSERT P4')$$,
  'an upsert writes both'
);
merge into ai.providers as p
using (values ('p4', 'Q4'), ('p5', 'P5')) as s (key, name) on p.key = s.key
when matched then update set name = s.name
when not matched then insert (key, name) values (s.key, s.name);
select bag_eq(
  $$select unnest(tests.last_entries('ai.providers', 2))$$, $$values ('UPDATE Q4'), ('INSERT P5')$$, 'so does MERGE'
);
delete from ai.providers where key in ('p4', 'p5');
select bag_eq(
  $$select unnest(tests.last_entries('ai.providers', 2))$$, $$values ('DELETE Q4'), ('DELETE P5')$$, 'many rows deleted'
);

-- A restore and a subscriber bring the entries of their source.
create temporary view entries as select count(*) as number from lensers.audit_history;
create temporary table before_replica as table entries;
set local session_replication_role = replica;
insert into ai.providers (key, name) values ('p6', 'P6');
update ai.providers set name = 'Q6' where key = 'p6';
delete from ai.providers where key = 'p6';
select results_eq('table entries', 'table before_replica', 'a copy adds none');
select tests.refused('truncate ai.models cascade', 'append_only', 'PT409', 'and is not truncated');
set local session_replication_role = origin;

select tests.make_model('m');
delete from ai.models where key = 'm';
select results_eq(
  $$
  select operation, before - 'updated_at', after ->> 'is_active', after ? 'deleted_at' from lensers.audit_history
  where table_name = 'ai.models' order by id desc limit 1
  $$,
  $$values ('UPDATE', '{"is_active": true, "deleted_at": null}'::jsonb, 'false', true)$$,
  'a soft delete is what it is: an update'
);

select tests.make_admin('ada');
delete from auth.users where id = tests.user_id('ada');
select results_eq(
  $$
  select operation, row_key from lensers.audit_history where table_name = 'lensers.user_roles' order by id desc limit 1
  $$,
  $$values ('DELETE', jsonb_build_object('user_id', tests.user_id('ada'), 'role', 'admin'))$$,
  'a role that goes with its user'
);

select is(
  (
    select array_agg(distinct t.tgrelid::regclass::text order by t.tgrelid::regclass::text)
    from pg_catalog.pg_trigger as t
    where t.tgfoid in ('ratebook.record_rows'::regproc, 'ratebook.record_update'::regproc) and t.tgenabled = 'O'
      and t.tgrelid::regclass::text not like 'execution.%' -- a module's own
  ),
  '{
    ai.feature_model_policies,ai.features,ai.health_reports,ai.meters,ai.model_aliases,ai.model_pricing,ai.model_profiles,
    ai.models,
    ai.provider_connections,ai.providers,ai.service_tiers,billing.credit_rates,billing.execution_margin_policies,billing.settings,
    lensers.user_roles
  }',
  'these tables are under it, and no log of requests'
);
select is_empty(
  $$
  select t.tgrelid::regclass
  from pg_catalog.pg_trigger as t
  where t.tgfoid in ('ratebook.record_rows'::regproc, 'ratebook.record_update'::regproc)
    and t.tgrelid::regclass::text not like 'execution.%'
  group by t.tgrelid
  having
    count(*) filter (where t.tgenabled = 'O') <> 3
    or not exists (
      select from pg_catalog.pg_trigger as g where g.tgrelid = t.tgrelid and g.tgtype & 32 <> 0 and g.tgenabled = 'A'
    )
  $$,
  'with inserts, updates and deletes, and a guard against TRUNCATE'
);

select * from finish();
rollback;
