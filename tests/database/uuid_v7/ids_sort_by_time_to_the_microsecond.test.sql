begin;
set local search_path = tap, pg_catalog;
select plan(1);

select is(
  array_agg(n.us order by n.id),
  array_agg(n.us order by n.us),
  'ids of 5000 consecutive microseconds sort like their times'
)
from (
  select
    s.us,
    ratebook.uuid_v7('2026-12-31T23:59:59.997500Z'::timestamptz + s.us * interval '1 microsecond') as id
  from generate_series(0, 4999) as s (us)
) as n;

select * from finish();
rollback;
