begin;
set local search_path = tap, pg_catalog;
select plan(11);

-- What a session waits for is what this transaction has locked when a month is made.
create function tests.locked(p_statement text) returns text
language plpgsql
as $$
declare
  v_locked text;
begin
  begin
    execute p_statement;
    select string_agg(l.name || ' ' || l.mode, ', ' order by l.name, l.mode) into v_locked
    from (
      select distinct c.oid::regclass::text as name, p.mode
      from pg_catalog.pg_locks as p
      inner join pg_catalog.pg_class as c on c.oid = p.relation
      inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      where
        p.pid = pg_backend_pid()
        -- Everybody may go on beside these.
        and p.mode not in ('AccessShareLock', 'RowShareLock')
        and n.nspname !~ '^pg_'
        and c.relkind in ('r', 'p')
        -- The month that is made is nobody else's yet.
        and c.relname !~ '_2020_01$'
    ) as l;
    raise exception sqlstate 'ZZ000';
  exception when sqlstate 'ZZ000' then
    return v_locked;
  end;
end;
$$;
create view tests.made as
select m.*, c.relrowsecurity from ratebook.months() as m inner join pg_catalog.pg_class as c on c.oid = m.month;

select is(
  tests.locked(format('select ratebook.make_partitions(%L, ''2020-01-01Z'', ''2020-02-01Z'')', t.name)), t.locks, t.name
)
from (
  values
  (
    'ai.generations',
    'ai.generations ShareUpdateExclusiveLock, ai.models ShareRowExclusiveLock, '
    'content.media_library ShareRowExclusiveLock, lensers.profiles ShareRowExclusiveLock'
  ),
  ('billing.charge_costs', 'billing.charge_costs ShareUpdateExclusiveLock'),
  ('billing.charges', 'billing.charges ShareUpdateExclusiveLock'),
  ('billing.holds', 'billing.holds ShareUpdateExclusiveLock'),
  ('billing.ledger_entries', 'billing.ledger_entries ShareUpdateExclusiveLock')
) as t (name, locks);
select is(
  tests.locked($$select ratebook.make_partitions('billing.charges', now(), now())$$), null, 'nothing, where nothing is made'
);

-- Made beside the parent and attached, a month is what it would be if it had been made of it.
select ratebook.make_partitions(t.name, '2020-01-01Z', '2020-02-01Z') from ratebook.partitioned_tables() as t (name);
select is(
  (select string_agg(m.month::text, ' ') from tests.made as m where m.until <= '2020-02-01Z' and m.relrowsecurity),
  'ratebook.ai_generations_2020_01 ratebook.billing_charge_costs_2020_01 ratebook.billing_charges_2020_01 '
  'ratebook.billing_holds_2020_01 ratebook.billing_ledger_entries_2020_01',
  'each table has its month'
);
select is_empty(
  $$
  select p.relid::regclass, i.indexrelid::regclass
  from ratebook.partitioned_tables() as t (name)
  cross join pg_partition_tree(t.name) as p
  inner join pg_catalog.pg_index as i on i.indrelid = p.relid
  left join pg_catalog.pg_inherits as h on h.inhrelid = i.indexrelid
  where p.level = 1 and h.inhparent is null
  $$,
  'no index of a month stands alone: ATTACH built none beside those that it found'
);
select is_empty(
  $$
  select t.name, m.month, count(*)
  from ratebook.partitioned_tables() as t (name)
  inner join ratebook.months() as m on m.parent = t.name
  inner join pg_catalog.pg_index as i on i.indrelid = m.month
  group by t.name, m.month
  having count(*) <> (select count(*) from pg_catalog.pg_index as o where o.indrelid = t.name)
  $$,
  'and each has as many as its parent'
);
select is_empty(
  $$
  select m.month, c.conname from ratebook.months() as m
  inner join pg_catalog.pg_constraint as c on c.conrelid = m.month and c.contype in ('c', 'f')
  where c.conislocal or c.coninhcount <> 1
  except
  -- A foreign key of a partition is its parent's by conparentid.
  select m.month, c.conname from ratebook.months() as m
  inner join pg_catalog.pg_constraint as c on c.conrelid = m.month and c.contype = 'f' and c.conparentid <> 0
  $$,
  'no constraint is its own'
);
select is_empty(
  $$
  select t.name, m.month, g.tgname, g.tgenabled
  from ratebook.partitioned_tables() as t (name)
  inner join ratebook.months() as m on m.parent = t.name
  inner join pg_catalog.pg_trigger as g on g.tgrelid = t.name and (g.tgtype & 1) = 1 and not g.tgisinternal
  left join pg_catalog.pg_trigger as c on c.tgrelid = m.month and c.tgparentid = g.oid
  where c.tgenabled is distinct from g.tgenabled
  $$,
  'its row triggers are the parent''s, and fire when they do'
);

select * from finish();
rollback;
