begin;
set local search_path = tap, pg_catalog;
select plan(18);

select tests.make_unit_price();
select tests.make_admin('root');
select tests.make_user('bob');
select tests.freeze_clock('2030-03-29T22:30:00Z');
select tests.make_wallet('ada', 100);
select billing.grant_credits(tests.user_id('ada'), 10, 'promo', 0, '2030-03-31T22:00:00Z');
select billing.grant_credits(tests.user_id('ada'), 7, 'late', 9, '2030-04-03T12:00:00Z');
select tests.freeze_clock('2030-03-30T23:00:00Z');
select tests.charge('ada', 4);
select tests.charge('ada', 1);
-- The promotion's last 5 end with the 31st in Berlin, which has 23 hours; that is written down on the 2nd.
select tests.freeze_clock('2030-04-02T09:00:00Z');
select tests.charge('ada', 20);
-- Since the 3rd at noon the late lot counts no more, and nobody has written it down.
select tests.freeze_clock('2030-04-04T10:00:00Z');

create function tests.balances(
  p_since timestamptz, p_until timestamptz default ratebook.clock(), p_bucket text default 'day', p_zone text default 'UTC'
) returns text
language sql stable
return (
  select string_agg(to_char(h.starts_at at time zone 'UTC', 'MM-DD HH24') || ': ' || h.balance, ', ' order by h.starts_at)
  from billing.balance_history(tests.user_id('ada'), p_since, p_until, p_bucket, p_zone) as h
);

select tests.authenticate_as('ada');
select is(
  tests.balances('2030-03-28Z'),
  '03-28 00: 0, 03-29 00: 117, 03-30 00: 112, 03-31 00: 107, 04-01 00: 107, 04-02 00: 87, 04-03 00: 80, 04-04 00: 80',
  'days of UTC: what ended on the 31st counts from then on, and what ended on the 3rd too'
);
select is(
  tests.balances('2030-03-30Z', p_zone => 'Europe/Berlin'),
  '03-29 23: 117, 03-30 23: 112, 03-31 22: 107, 04-01 22: 87, 04-02 22: 80, 04-03 22: 80',
  'of Berlin: the 31st ends an hour earlier, and with it the promotion, which counts for its whole day'
);
select is(
  tests.balances('2030-03-31T20:00Z', '2030-03-31T23:00Z', 'hour'), '03-31 20: 112, 03-31 21: 112, 03-31 22: 107', 'hours'
);
select is(
  tests.balances('2030-03-31T21:30Z', '2030-03-31T22:15Z', 'hour', 'Asia/Kathmandu'), '03-31 21: 107',
  'an hour of Kathmandu begins at a quarter past'
);
select is(tests.balances('2030-03-27Z', p_bucket => 'week'), '03-25 00: 107, 04-01 00: 80', 'weeks begin on Mondays');
select is(tests.balances('2030-02-01Z', p_bucket => 'month'), '02-01 00: 0, 03-01 00: 107, 04-01 00: 80', 'months');
select is(tests.balances('2030-04-05Z', '2030-04-09Z'), null, 'what has not begun has none');
select tests.refused($$select tests.balances('2030-04-04Z', '2030-04-04Z')$$, 'invalid_time', 'PT422', 'no time');
select results_eq(
  $$select h.starts_at, h.ends_at from billing.balance_history(tests.user_id('ada'), '2030-03-31Z', '2030-03-31T12:00Z', 'day', 'Europe/Berlin') as h$$,
  $$values ('2030-03-30T23:00Z'::timestamptz, '2030-03-31T22:00Z'::timestamptz)$$, 'a day of 23 hours'
);
-- The same by the ledger of a time.
select is_empty(
  $$
  select h.starts_at
  from billing.balance_history(tests.user_id('ada'), '2030-03-29T20:00Z', bucket => 'hour') as h
  where h.balance <> (billing.get_balance(
    tests.user_id('ada'), least(h.ends_at - interval '1 microsecond', '2030-04-04T10:00Z')
  ) ->> 'posted')::numeric
  $$,
  'each is what get_balance() says of its last microsecond'
);
select tests.refused($$select tests.balances('2030-04-02Z', '2030-04-01Z')$$, 'invalid_time', 'PT422', 'backwards');
select tests.refused($$select tests.balances('2030-04-01Z', p_bucket => 'year')$$, 'invalid_argument', 'PT422', 'by year');
select tests.refused($$select tests.balances('2030-04-01Z', p_zone => 'XYZ+0:07')$$, 'invalid_argument', 'PT422', 'no zone');
select tests.refused($$select tests.balances('1900-01-01Z')$$, 'invalid_argument', 'PT422', 'more than anybody looks at');

select tests.authenticate_as('root');
select is(tests.balances('2030-04-04Z'), '04-04 00: 80', 'an admin asks for anybody''s');
select tests.authenticate_as('bob');
select is(
  (select string_agg(h.balance::text, ' ') from billing.balance_history(tests.user_id('bob'), '2030-04-03Z') as h), '0 0',
  'of an account that is not made yet'
);
select tests.refused($$select tests.balances('2030-04-04Z')$$, 'not_allowed', '42501', 'not of hers');
select tests.as_anon();
select tests.forbidden($$select tests.balances('2030-04-04Z')$$, 'permission denied for function balance_history', 'nor as anon');

select * from finish();
rollback;
