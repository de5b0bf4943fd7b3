begin;
set local search_path = tap, pg_catalog;
select plan(7);

select is_empty(
  $$
  select t.name from ratebook.partitioned_tables() as t (name)
  where ratebook.partitions_end(t.name) < now() + interval '24 months'
  $$,
  'the last partition of each table ends in two years'
);
select is_empty(
  $$
  select t.name, m.month
  from ratebook.partitioned_tables() as t (name)
  cross join generate_series(
    date_trunc('month', now() at time zone 'UTC'), (now() + interval '24 months') at time zone 'UTC', interval '1 month'
  ) as m (month)
  where to_regclass('ratebook.' || replace(t.name::text, '.', '_') || to_char(m.month, '_YYYY_MM')) is null
  $$,
  'every month from now to then has one'
);
select is_empty(
  $$
  select c.oid::regclass::text
  from pg_catalog.pg_inherits as i
  inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
  where
    i.inhparent in (select t.name from ratebook.partitioned_tables() as t (name))
    and (c.relnamespace <> 'ratebook'::regnamespace or pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT')
  $$,
  'all of them in schema ratebook, none a default'
);

select tests.make_user('ada');
select tests.make_model('m');
select tests.freeze_clock(ratebook.partitions_end('ai.generations') - interval '1 microsecond');
select lives_ok(
  format('insert into ai.generations (lenser_id, model_id) values (%L, %L)', tests.user_id('ada'), tests.model_id('m')),
  'the last microsecond has its place'
);
select tests.freeze_clock(ratebook.partitions_end('ai.generations'));
select throws_ok(
  format('insert into ai.generations (lenser_id, model_id) values (%L, %L)', tests.user_id('ada'), tests.model_id('m')),
  '23514', null, 'the next has not'
);
select cmp_ok(tests.extend_partitions(), '>=', 24, 'until they are extended');
select lives_ok(
  format('insert into ai.generations (lenser_id, model_id) values (%L, %L)', tests.user_id('ada'), tests.model_id('m')),
  'then it has'
);

select * from finish();
rollback;
