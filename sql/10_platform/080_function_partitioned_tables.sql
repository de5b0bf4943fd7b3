create function ratebook.partitioned_tables() returns setof regclass
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select c.oid::regclass
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.relkind = 'p' and n.nspname in ('ai', 'billing')
  order by n.nspname, c.relname;
end;

create function ratebook.months() returns table (parent regclass, month regclass, state text, until timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    t.name,
    c.oid::regclass,
    case
      when not c.relispartition then 'detached'
      when i.inhdetachpending then 'detaching'
      else 'attached'
    end,
    (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC'
  from ratebook.partitioned_tables() as t (name)
  inner join pg_catalog.pg_class as c
    -- What was detached has nothing but its name.
    on c.relname ~ ('^' || replace(t.name::text, '.', '_') || '_\d{4}_\d\d$') and c.relkind = 'r'
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and n.nspname = 'ratebook'
  left join pg_catalog.pg_inherits as i on i.inhrelid = c.oid
  order by t.name::text, c.relname;
end;

create function ratebook.partitions_end(p_table regclass) returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
return (
  select max(m.until)
  from ratebook.months() as m
  where m.parent = p_table and m.state = 'attached'
);

revoke all on function ratebook.partitioned_tables() from public;
revoke all on function ratebook.months() from public;
revoke all on function ratebook.partitions_end(regclass) from public;

comment on function ratebook.partitioned_tables() is
'The tables that are kept in monthly partitions. billing.ledger_entries is the last: months are made in this order.';
comment on function ratebook.months() is
'The month tables in schema ratebook, each with its parent and the time at which it ends. state: attached; detaching, when a detachment was cut; or detached.';
comment on function ratebook.partitions_end(regclass) is
'The time at which the partitions of a table end: rows of that time or later have no place yet.';
