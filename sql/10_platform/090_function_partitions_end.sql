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

create function ratebook.partitions_end(p_table regclass) returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
return (
  select
    max(
      ratebook.uuid_v7_time(
        (regexp_match(pg_get_expr(c.relpartbound, c.oid), $$TO \('([0-9a-f-]+)'\)$$))[1]::uuid
      )
    )
  from pg_catalog.pg_inherits as i
  inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
  where i.inhparent = p_table
);

revoke all on function ratebook.partitioned_tables() from public;
revoke all on function ratebook.partitions_end(regclass) from public;

comment on function ratebook.partitioned_tables() is
'The tables that are kept in monthly partitions.';
comment on function ratebook.partitions_end(regclass) is
'The time at which the partitions of a table end: rows of that time or later have no place yet.';
