begin;
set local search_path = tap, pg_catalog;
select plan(13);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_wallet('ada', 100);
select is(
  billing.authorize_credits(tests.user_id('ada'), 1) ->> 'expires_at', '2030-01-15T12:15:00+00:00',
  'fifteen minutes unless told'
);
select lives_ok(
  format($$select billing.authorize_credits(tests.user_id('ada'), 1, expires_in => %L)$$, t.expires_in), t.expires_in
)
from (values ('1 microsecond'), ('7 days'), ('168 hours')) as t (expires_in);
select tests.refused(
  format($$select billing.authorize_credits(tests.user_id('ada'), 1, expires_in => %L)$$, t.expires_in),
  'invalid_argument', 'PT422', 'not ' || coalesce(t.expires_in, 'NULL')
)
from (
  values ('0'), ('-1 second'), ('7 days 1 microsecond'), ('1 month'), (null),
  -- PostgreSQL compares months as 30 days: a week by that count, a year and a half on the calendar.
  ('1200 months -35993 days')
) as t (expires_in);
select tests.freeze_clock('2030-02-01T12:00:00Z');
select is(
  billing.authorize_credits(tests.user_id('ada'), 1, expires_in => '1 month -29 days') ->> 'expires_at',
  '2030-02-02T12:00:00+00:00', 'a day by that count is a day in February too'
);
select ok(bool_and(expires_at > created_at and expires_at <= created_at + interval '168 hours'), 'no hold is longer')
from billing.holds;
select is(tests.balance('ada'), '100 1 99 0', 'of the others none is left');

select * from finish();
rollback;
