begin;
set local search_path = tap, pg_catalog;
select plan(13);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 10, p_overdraft_limit => 50);

select tests.refused($$select tests.hold('ada', 60.001)$$, 'insufficient_credits', 'PT402', 'not beyond the limit');
create temporary table held as select tests.hold('ada', 60) as id;
select is(tests.balance('ada'), '10 60 -50 0', 'up to the limit: nothing is owed yet');
select is(tests.lots('ada'), 'manual 10 10', 'the lot covers ten');
select tests.refused($$select tests.charge('ada', 0.001)$$, 'insufficient_credits', 'PT402', 'nothing is left to spend');
select is(
  (select billing.capture_hold(id, 30) #>> '{balance,debt}' from held), '20', 'capture: ten from the lot, twenty owed'
);
select is(tests.balance('ada'), '-20 0 -20 20', 'the rest is given back');
select is(tests.entries('ada', 1), 'charge manual -10, charge debt -20', 'lots first');

-- What is overdraft of a hold stays so; what comes in may be spent, within the limit.
create temporary table second as select tests.hold('ada', 30) as id;
select is(tests.balance('ada'), '-20 30 -50 20', 'at the limit again');
select billing.grant_credits(tests.user_id('ada'), 25);
select is(tests.balance('ada'), '5 30 -25 0', 'a grant repays what is owed, not what is held');
select is((select billing.release_hold(id) ->> 'status' from second), 'released', 'released');
select is(tests.balance('ada'), '5 0 5 0', 'the credits are there');
select tests.hold('ada', 40, '1 minute');
select tests.freeze_clock('2030-01-15T12:01:00Z');
select is(tests.balance('ada'), '5 0 5 0', 'a timed-out overdraft is owed by nobody');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
