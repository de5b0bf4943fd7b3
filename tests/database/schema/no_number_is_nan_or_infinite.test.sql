begin;
set local search_path = tap, pg_catalog;
-- Every check of a numeric column is asked about the value itself: one of them must refuse it.
create function tests.accepts(p_table regclass, p_column text, p_value numeric) returns boolean
language plpgsql
as $$
declare
  v_check text;
  v_accepted boolean;
begin
  for v_check in
    select pg_get_expr(k.conbin, k.conrelid)
    from pg_catalog.pg_constraint as k
    inner join pg_catalog.pg_attribute as a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
    where
      k.contype = 'c' and k.conrelid = p_table and cardinality(k.conkey) = 1 and a.attname = p_column and k.convalidated
  loop
    execute format('select %s from (select $1 as %I) as t', v_check, p_column) into v_accepted using p_value;
    if not v_accepted then
      return false;
    end if;
  end loop;
  return true;
end;
$$;
create temporary view numbers as
select c.oid::regclass as table_name, a.attname::text as column_name
from tests.tables as c
inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid
where a.atttypid = 'numeric'::regtype and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and not c.relispartition;

select plan(7 * count(*)::integer + 2) from numbers;

select cmp_ok((select count(*) from numbers), '>=', 8::bigint, 'there are such columns');
select is(
  tests.accepts(n.table_name, n.column_name, v.value), v.value = 1,
  format('%s.%s: %s', n.table_name, n.column_name, v.value)
)
from numbers as n
cross join (values ('NaN'::numeric), ('Infinity'), ('-Infinity'), (1), (1e13), (1e131000), (1e-61)) as v (value)
order by n.table_name::text, n.column_name, v.value;
select is_empty(
  $$
  select c.signature, a.attname
  from tests.tables as c
  inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid
  where a.atttypid in ('real'::regtype, 'double precision'::regtype, 'money'::regtype) and a.attnum > 0
  $$,
  'and no inexact ones'
);

select * from finish();
rollback;
