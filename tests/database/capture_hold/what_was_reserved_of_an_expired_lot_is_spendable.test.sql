begin;
set local search_path = tap, pg_catalog;
select plan(13);

-- 50 that expire at 13:00, of which a hold until 14:00 keeps 30; 10 that stay.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 10);
select billing.grant_credits(tests.user_id('ada'), 50, 'promo', 0, '2030-01-15T13:00:00Z');
create temporary table held as select tests.hold('ada', 30, '2 hours') as id;
create temporary table kept as select tests.hold('ada', 15, '2 hours') as id;
create temporary table given_back as select tests.hold('ada', 2, '2 hours') as id;

select tests.freeze_clock('2030-01-15T13:30:00Z');
select is(tests.balance('ada'), '57 47 10 0', 'what is free of it expired at one: three of fifty');
select tests.refused($$select tests.charge('ada', 10.5)$$, 'insufficient_credits', 'PT402', 'nobody else may spend what is reserved');
select lives_ok($$select tests.charge('ada', 1)$$, 'only what stays');
select is((select billing.capture_hold(id, 20) ->> 'credits' from held), '20', 'the hold may');
select is(
  tests.entries('ada', 2),
  'expiry promo -3 01-15T13:00:00, charge manual -1, charge promo -20, expiry promo -10',
  'the expired lot pays, and what the hold gave back of it expires'
);
select is(tests.balance('ada'), '26 17 9 0', 'the other holds keep theirs');
select is(
  (select billing.release_hold(id) #>> '{balance,posted}' from given_back), '24', 'released, two more expire at once'
);
select is(tests.balance('ada'), '24 15 9 0', 'and come back to nobody');
select is((select billing.capture_hold(id, 24) ->> 'credits' from kept), '24', 'more than was held');
select is(tests.entries('ada', 7), 'charge promo -15, charge manual -9', 'first what the hold kept, then what is free');
select is(tests.balance('ada'), '0 0 0 0', 'nothing is left');
select is(tests.balance('ada', '2030-01-15T13:10:00Z'), '57 47 10', 'the balance in between was this');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
