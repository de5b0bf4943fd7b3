begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.freeze_clock('2030-03-15T12:00:00Z');
select tests.make_wallet('ada');
select tests.make_wallet('bob');
select tests.make_wallet('eve');
select billing.create_recurring_grant(tests.user_id('ada'), 10, starts_at => '2029-12-31T00:00:00Z');
select is(tests.balance('ada'), '0 0 0 0', 'what is past is not granted');
select is((select issued from billing.recurring_grants), 3, 'December, January and February are over');
select tests.freeze_clock('2030-03-31T00:00:00Z');
select is(tests.balance('ada'), '10 0 10 0', 'the next is, on the 31st');

-- One that is due at this very moment is not past.
select billing.create_recurring_grant(tests.user_id('bob'), 10, '1 month', '2030-02-28T00:00:00Z');
select is(tests.balance('bob'), '0 0 0 0', 'the 28th is past');
select billing.create_recurring_grant(tests.user_id('bob'), 7, '31 days', '2030-02-28T00:00:00Z');
select is(tests.balance('bob'), '7 0 7 0', 'thirty-one days from the 28th are now');

-- A start ahead is waited for; days and months add up.
select billing.create_recurring_grant(
  tests.user_id('eve'), 3, '1 month 1 day', '2030-04-30T00:00:00Z', expires => false, priority => 4, source => 'bonus'
);
select is(tests.balance('eve'), '0 0 0 0', 'nothing yet');
select tests.freeze_clock('2030-04-30T00:00:00Z');
select is(tests.balance('eve'), '3 0 3 0', 'on the day');
select tests.freeze_clock('2030-05-30T23:59:59Z');
select is(tests.balance('eve'), '3 0 3 0', 'a month is not yet a month and a day');
select tests.freeze_clock('2030-05-31T00:00:00Z');
select is(tests.balance('eve'), '6 0 6 0', 'now it is, and the first has not expired');
select billing.sweep_accounts();
select results_eq(
  $$select source::text, priority::integer, expires_at::timestamptz, amount::numeric from billing.grants where account_id = tests.user_id('eve')$$,
  $$values ('bonus', 4, null::timestamptz, 3::numeric), ('bonus', 4, null, 3)$$, 'lots as they were ordered'
);
select is(tests.balance('eve'), '6 0 6 0', 'the same when it is written');
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
