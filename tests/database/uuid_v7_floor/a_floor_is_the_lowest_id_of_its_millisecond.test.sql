begin;
set local search_path = tap, pg_catalog;
select plan(6);

select is(
  ratebook.uuid_v7_floor('2026-01-01T00:00:00Z'), '019b76da-a800-0000-0000-000000000000'::uuid,
  '2026 begins at 1767225600000 ms'
);
select is(
  ratebook.uuid_v7_floor('2026-02-01T00:00:00Z'), '019c167f-cc00-0000-0000-000000000000'::uuid,
  'its February at 1769904000000 ms'
);
select cmp_ok(
  ratebook.uuid_v7('2026-02-01T00:00:00Z'), '>=', ratebook.uuid_v7_floor('2026-02-01T00:00:00Z'),
  'the first instant of a month is not below its floor'
);
select is(
  ratebook.uuid_v7_floor('2026-01-01T00:00:00.000999Z'), '019b76da-a800-0000-0000-000000000000'::uuid,
  'a time within a millisecond has the floor of that millisecond, never of the next'
);
select cmp_ok(
  ratebook.uuid_v7('2026-01-31T23:59:59.999999Z'), '<', ratebook.uuid_v7_floor('2026-02-01T00:00:00Z'),
  'the last instant of the month before is'
);
select is(
  count(*), 0::bigint, 'no id of 2000 instants is outside the floors of its millisecond and the next'
)
from (
  select '2026-06-30T23:59:59.000Z'::timestamptz + s.n * interval '1 millisecond' as at
  from generate_series(0, 1999) as s (n)
) as t
cross join lateral (
  values (ratebook.uuid_v7(t.at)), (ratebook.uuid_v7(t.at + interval '999 microseconds'))
) as made (id)
where
  made.id < ratebook.uuid_v7_floor(t.at)
  or made.id >= ratebook.uuid_v7_floor(t.at + interval '1 millisecond');

select * from finish();
rollback;
