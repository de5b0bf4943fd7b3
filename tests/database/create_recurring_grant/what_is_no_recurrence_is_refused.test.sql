begin;
set local search_path = tap, pg_catalog;
select plan(22);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_wallet('ada');
select tests.refused(
  format($$select billing.create_recurring_grant(tests.user_id('ada'), 1, %L)$$, t.every), 'invalid_argument', 'PT422',
  'every ' || coalesce(t.every, 'NULL')
)
from (values ('0'), ('1 hour'), ('1 day 1 hour'), ('-1 month'), ('1 month -1 day'), ('24 hours'), (null),
  ('294000 years'), ('1000000 years'), ('178000000 years'), ('100 years 1 day')) as t (every);
select tests.refused(
  format($$select billing.create_recurring_grant(tests.user_id('ada'), 1, ends_at => %L)$$, t.at), 'invalid_time', 'PT422',
  'ends ' || t.at
)
from (values ('2030-01-15T12:00:00Z'), ('2029-01-01T00:00:00Z'), ('-infinity')) as t (at);
select tests.refused(
  format($$select billing.create_recurring_grant(tests.user_id('ada'), 1, starts_at => %L)$$, t.at), 'invalid_time', 'PT422',
  'starts ' || t.at
)
from (values ('infinity'), ('-infinity'), ('2130-02-01T00:00:00Z')) as t (at);
select tests.refused(
  $$select billing.create_recurring_grant(tests.user_id('ada'), 1, starts_at => '2030-02-02Z', ends_at => '2030-02-01Z')$$,
  'invalid_time', 'PT422', 'ends before it starts'
);
select tests.refused(
  $$select billing.create_recurring_grant(tests.user_id('ada'), 1, priority => -1)$$, 'invalid_argument', 'PT422',
  'a negative priority'
);
select tests.refused(
  $$select billing.create_recurring_grant(tests.user_id('nobody'), 1)$$, 'unknown_account', 'PT404', 'no such account'
);
select is((select count(*) from billing.recurring_grants), 0::bigint, 'none was made');
select lives_ok(
  $$select billing.create_recurring_grant(tests.user_id('ada'), 1, '2 years 3 months 4 days', ends_at => 'infinity')$$,
  'years, months and days are fine'
);

select * from finish();
rollback;
