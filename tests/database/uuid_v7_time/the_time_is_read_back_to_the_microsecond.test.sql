begin;
set local search_path = tap, pg_catalog;
select plan(9);

-- Every microsecond of a millisecond, at the ends of months, years, 32 bits of seconds and of the century, and beyond.
select is(
  count(*) filter (where ratebook.uuid_v7_time(ratebook.uuid_v7(t.at)) <> t.at), 0::bigint,
  'all 1000 microseconds from ' || min(t.at)
)
from (
  values
  ('1970-01-01T00:00:00Z'::timestamptz), ('1999-12-31T23:59:59.999Z'), ('2026-03-15T12:00:00.123Z'),
  ('2028-02-29T23:59:59.999Z'), ('2038-01-19T03:14:07.999Z'), ('2099-12-31T23:59:59.999Z'),
  ('2110-01-01T00:00:01.500Z')
) as base (at)
cross join lateral (
  select base.at + s.us * interval '1 microsecond' as at from generate_series(0, 999) as s (us)
) as t
group by base.at
order by base.at;

-- 9,973 seconds and 123,457 microseconds apart: over 6 years, with ever other fractions.
select is(
  count(*) filter (where ratebook.uuid_v7_time(ratebook.uuid_v7(t.at)) <> t.at), 0::bigint, '20000 instants over years'
)
from (
  select '2024-01-01T00:00:00Z'::timestamptz + s.n * interval '9973.123457 seconds' as at
  from generate_series(1, 20000) as s (n)
) as t;

select is(
  ratebook.uuid_v7_time('017f22e2-79b0-7000-8000-000000000000'), '2022-02-22T19:22:22Z'::timestamptz,
  'the instant of the example in RFC 9562'
);

select * from finish();
rollback;
