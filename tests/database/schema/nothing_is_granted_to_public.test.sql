begin;
set local search_path = tap, pg_catalog;
select plan(3);

select is_empty(
  $$
  select f.signature
  from tests.functions as f
  cross join aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as a
  where a.grantee = 0
  $$,
  'no function'
);
select is_empty(
  $$
  select c.oid::regclass::text, a.privilege_type
  from pg_catalog.pg_class as c
  inner join tests.schemas as s on s.oid = c.relnamespace
  cross join aclexplode(c.relacl) as a
  where a.grantee = 0
  $$,
  'no table, view or sequence'
);
select is_empty(
  $$
  select s.name
  from tests.schemas as s
  inner join pg_catalog.pg_namespace as n on n.oid = s.oid
  cross join aclexplode(n.nspacl) as a
  where a.grantee = 0 and s.name <> 'public'
  $$,
  'no schema'
);

select * from finish();
rollback;
