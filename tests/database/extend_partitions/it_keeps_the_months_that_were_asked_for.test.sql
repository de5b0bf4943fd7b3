begin;
set local search_path = tap, pg_catalog;
select plan(18);

select is(ai.extend_partitions(24), 0, 'nothing is missing');
select is(ai.extend_partitions(1), 0, 'least of all for one month');
-- Five tables. Of the month that 24 months ahead end in, the first comes first.
select is(ai.extend_partitions(25), 4, 'of the next month one table is made, and four are missing');
select is(
  (
    select array_agg(t.name::text)
    from ratebook.partitioned_tables() as t (name)
    where ratebook.partitions_end(t.name) = date_trunc('month', now()) + interval '26 months'
  ),
  '{ai.generations}', 'it is made of the generations'
);
select is(
  (select string_agg(ai.extend_partitions(25)::text, ' ' order by n) from generate_series(1, 5) as n), '3 2 1 0 0',
  'each call makes one'
);
select is(
  (select array_agg(t.name::text) from ratebook.partitioned_tables() as t (name)),
  '{ai.generations,billing.charge_costs,billing.charges,billing.holds,billing.ledger_entries}',
  'the ledger''s is the last of a month: where it is, all are'
);
-- The year after next, in the middle of a month: 24 months on, with that month, are 25.
select tests.freeze_clock(date_trunc('year', now()) + interval '20 years 14 days');
select is(ai.extend_partitions(), 5 * 25 - 1, 'after a long pause, from now on');
select is(tests.extend_partitions(), 5 * 25 - 2, 'until none is missing');
select is(
  array_agg(distinct ratebook.partitions_end(t.name)), array[date_trunc('year', now()) + interval '22 years 1 month'],
  'all of them to two years ahead'
)
from ratebook.partitioned_tables() as t (name);
select tests.refused(
  format('select ai.extend_partitions(%s)', m.months), 'invalid_argument', 'PT422', 'not ' || m.months
)
from (values ('0'), ('-1'), ('121'), ('2147483647'), ('null')) as m (months);
select is(ai.extend_partitions(120), 5 * 96 - 1, 'but 120');

select tests.make_user('ada');
select tests.authenticate_as('ada');
select tests.forbidden(
  'select ai.extend_partitions()', 'permission denied for function extend_partitions', 'not for users'
);
select tests.as_service();
select is(ai.extend_partitions(120), 5 * 96 - 2, 'for the service role');
select tests.forbidden('select ratebook.make_partitions(''ai.generations'', now(), now())',
  'permission denied for schema ratebook', 'who names no months');

select * from finish();
rollback;
