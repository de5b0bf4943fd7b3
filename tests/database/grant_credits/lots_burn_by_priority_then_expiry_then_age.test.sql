begin;
set local search_path = tap, pg_catalog;
select plan(6);

select tests.make_unit_price();
select tests.make_wallet('ada');
select tests.freeze_clock('2030-01-15T12:00:00Z');
select billing.grant_credits(tests.user_id('ada'), 10, 'never', 1);
select tests.freeze_clock('2030-01-15T12:00:01Z');
select billing.grant_credits(tests.user_id('ada'), 10, 'late', 1, '2030-03-01T00:00:00Z');
select tests.freeze_clock('2030-01-15T12:00:02Z');
select billing.grant_credits(tests.user_id('ada'), 10, 'soon', 1, '2030-02-01T00:00:00Z');
select tests.freeze_clock('2030-01-15T12:00:03Z');
select billing.grant_credits(tests.user_id('ada'), 10, 'soon too', 1, '2030-02-01T00:00:00Z');
select tests.freeze_clock('2030-01-15T12:00:04Z');
select billing.grant_credits(tests.user_id('ada'), 10, 'first', 0);

select tests.charge('ada', 4);
select is(tests.entries('ada', 5), 'charge first -4', 'the lowest priority number first, though it never expires');
select tests.charge('ada', 8);
select is(tests.entries('ada', 6), 'charge first -6, charge soon -2', 'then the earliest expiry');
select tests.charge('ada', 12);
select is(tests.entries('ada', 8), 'charge soon -8, charge soon too -4', 'of the same expiry the oldest');
select tests.charge('ada', 26);
select is(
  tests.entries('ada', 10), 'charge soon too -6, charge late -10, charge never -10', 'what never expires last'
);
select is(tests.lots('ada'), 'never 0, late 0, soon 0, soon too 0, first 0', 'every lot is empty');
select is(
  (select count(*) from billing.grants where closed_at = '2030-01-15T12:00:04Z'), 5::bigint, 'and closed when it was'
);

select * from finish();
rollback;
