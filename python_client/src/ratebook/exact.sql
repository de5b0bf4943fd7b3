-- The numeric columns of relations and of what functions return, domains included. %(schemas)s: the schemas of the API.
with recursive
types (oid, base) as (
  select
    t.oid,
    t.oid as base
  from pg_catalog.pg_type as t
  where t.typtype <> 'd'
  union all
  select
    t.oid,
    b.base
  from pg_catalog.pg_type as t inner join types as b on t.typbasetype = b.oid
  where t.typtype = 'd'
),

-- A row type of its own, such as what a table has.
columns as (
  select
    a.attrelid,
    a.attname::text as name,
    a.atttypid as type
  from pg_catalog.pg_attribute as a
  where a.attnum > 0 and not a.attisdropped
),

found as (
  select
    c.relnamespace as schema,
    c.relname::text as name,
    a.name as column_name,
    a.type
  from pg_catalog.pg_class as c
  inner join columns as a on c.oid = a.attrelid
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
  union all
  select
    p.pronamespace,
    p.proname::text,
    r.name,
    r.type
  from pg_catalog.pg_proc as p
  cross join lateral unnest(p.proargnames, p.proallargtypes, p.proargmodes) as r (name, type, mode)
  where r.mode in ('t', 'o', 'b')
  union all
  select
    p.pronamespace,
    p.proname::text,
    a.name,
    a.type
  from pg_catalog.pg_proc as p
  inner join pg_catalog.pg_type as t on p.prorettype = t.oid
  inner join columns as a on t.typrelid = a.attrelid
)

select
  n.nspname::text as schema,
  f.name,
  array_agg(distinct f.column_name order by f.column_name) as columns
from found as f
inner join types as b on f.type = b.oid
inner join pg_catalog.pg_namespace as n on f.schema = n.oid
where n.nspname = any(%(schemas)s) and b.base = 'pg_catalog.numeric'::pg_catalog.regtype
group by n.nspname, f.name
order by n.nspname, f.name
