begin;
set local search_path = tap, pg_catalog;
select plan(14);

select is(ai.extend_partitions(24), 0, 'nothing is missing');
select is(ai.extend_partitions(1), 0, 'least of all for one month');
-- ai.generations, and the charges and ledger of billing.
select is(ai.extend_partitions(36), 3 * 12, 'a third year is made of three tables');
select is(ai.extend_partitions(36), 0, 'once');
-- The year after next, in the middle of a month: 24 months on, with that month, are 25.
select tests.freeze_clock(date_trunc('year', now()) + interval '20 years 14 days');
select is(ai.extend_partitions(), 3 * 25, 'after a long pause, from now on');
select is(
  array_agg(distinct ratebook.partitions_end(t.name)), array[date_trunc('year', now()) + interval '22 years 1 month'],
  'all of them to two years ahead'
)
from ratebook.partitioned_tables() as t (name);
select tests.refused(
  format('select ai.extend_partitions(%s)', m.months), 'invalid_argument', 'PT422', 'not ' || m.months
)
from (values ('0'), ('-1'), ('121'), ('2147483647'), ('null')) as m (months);
select lives_ok('select ai.extend_partitions(120)', 'but 120');

select tests.make_user('ada');
select tests.authenticate_as('ada');
select tests.forbidden(
  'select ai.extend_partitions()', 'permission denied for function extend_partitions', 'not for users'
);
select tests.as_service();
select is(ai.extend_partitions(120), 0, 'for the service role');

select * from finish();
rollback;
