begin;
set local search_path = tap, pg_catalog;
create temporary table history (signature text, column_name text);
insert into history
select n.name::text, n.column_name
from (
  values
  ('billing.ledger_entries'::regclass, 'amount'), ('billing.charges', 'credits'), ('billing.charge_costs', 'cost'),
  ('billing.revocations', 'owed')
) as n (name, column_name)
union all
select i.inhrelid::regclass::text, n.column_name
from (
  values
  ('billing.ledger_entries'::regclass, 'amount'), ('billing.charges', 'credits'), ('billing.charge_costs', 'cost')
) as n (name, column_name)
inner join pg_catalog.pg_inherits as i on i.inhparent = n.name;

-- A charge of now: in the partition of this month.
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
select tests.charge('ada', 1);
select billing.revoke_grant(g.id, 1) from billing.grants as g;
create temporary view changes as
select
  h.signature,
  c.verb,
  format(c.statement, h.signature, h.column_name) as statement
from history as h
cross join (
  values
  ('update', 'update %1$s set %2$s = 7'),
  ('delete', 'delete from %1$s'),
  ('truncate', 'truncate %1$s'),
  ('truncate cascade', 'truncate %1$s cascade'),
  ('merge', 'merge into %1$s as t using %1$s as s on t.id = s.id when matched then update set %2$s = 7')
) as c (verb, statement)
where h.signature ~ ('^billing|' || to_char(now() at time zone 'UTC', 'YYYY_MM'));
grant select on history, changes to public;

select plan(4 * 35 + 8);

select is((select count(*) from changes), 35::bigint, 'four tables and the partitions of three, five verbs');
select set_eq(
  $$
  select c.oid::regclass::text
  from tests.tables as c
  inner join pg_catalog.pg_trigger as t on t.tgrelid = c.oid
  -- Bits of a row, an update and a delete; A is always, replication or not.
  where t.tgfoid = 'ratebook.refuse_change'::regproc and (t.tgtype & 25) = 25 and t.tgenabled = 'A'
  $$,
  'select signature from history',
  'their rows are guarded, in each partition'
);
select is_empty(
  $$
  select signature from history
  where not exists (
    select from pg_catalog.pg_trigger as t
    where
      t.tgrelid = signature::regclass and t.tgfoid = 'ratebook.refuse_change'::regproc
      and (t.tgtype & 32) > 0 and t.tgenabled = 'A'
  )
  $$,
  'and against truncate too'
);

select tests.refused(statement, 'append_only', 'PT409', format('superuser: %s on %s', verb, signature))
from changes order by signature, verb;

set local session_replication_role = replica;
select tests.refused(statement, 'append_only', 'PT409', format('as a replica: %s on %s', verb, signature))
from changes order by signature, verb;
set local session_replication_role = origin;

select tests.as_service();
select matches(
  tests.error_of(statement) ->> 'message', '^permission denied', format('service_role: %s on %s', verb, signature)
)
from changes order by signature, verb;
select tests.reset_role();

-- Who owns the tables without being a superuser, as on Supabase.
create role history_owner bypassrls;
grant usage on schema ai, billing, tests, tap, ratebook to history_owner;
grant execute on all functions in schema ratebook to history_owner;
do $$
begin
  execute (select string_agg(format('alter table %s owner to history_owner', signature), ';') from history);
end;
$$;
set local role history_owner;
select tests.refused(statement, 'append_only', 'PT409', format('owner: %s on %s', verb, signature))
from changes order by signature, verb;
select tests.reset_role();

select results_eq(
  'select number::bigint, amount::numeric from billing.ledger_entries order by number', 'values (1::bigint, 100::numeric), (2, -1), (3, -1)',
  'the entries are what they were'
);
select is((select credits::numeric from billing.charges), 1::numeric, 'and the charge');
select is((select cost::numeric from billing.charge_costs), 1::numeric, 'and its cost');
select is((select count(*) from ratebook.refunds), 0::bigint, 'nothing was taken back');
select lives_ok($$select tests.charge('ada', 2)$$, 'a new charge is welcome');

select * from finish();
rollback;
