begin;
set local search_path = tap, pg_catalog;
select plan(3);

-- 2026-03-15T12:00:00.123Z is 0x019cf15e127b milliseconds; 456 µs of 1000 are 1867 (0x74b) of 4096.
select matches(
  ratebook.uuid_v7('2026-03-15T12:00:00.123456Z')::text,
  '^019cf15e-127b-774b-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
  'milliseconds, version 7, the fraction of the millisecond, variant, random bits'
);
select is(
  count(*) filter (where n.id::text ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'),
  5000::bigint,
  'every id says version 7 and variant 10'
)
from (select ratebook.uuid_v7() as id from generate_series(1, 5000)) as n;
select is(count(distinct n.id), 5000::bigint, 'ids of one instant differ')
from (select ratebook.uuid_v7('2026-03-15T12:00:00Z') as id from generate_series(1, 5000)) as n;

select * from finish();
rollback;
