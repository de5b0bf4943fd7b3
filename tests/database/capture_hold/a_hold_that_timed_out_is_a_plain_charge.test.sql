begin;
set local search_path = tap, pg_catalog;
select plan(13);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada');
select billing.grant_credits(tests.user_id('ada'), 10, 'a', 0);
select billing.grant_credits(tests.user_id('ada'), 10, 'b', 1);
create temporary table held as select tests.hold('ada', 10) as id;
create temporary table other as select tests.hold('ada', 5) as id;

-- At this very moment it keeps nothing back any more.
select tests.freeze_clock('2030-01-15T12:15:00Z');
select tests.charge('ada', 8);
select is(tests.lots('ada'), 'a 2, b 10', 'another charge takes what it had kept back');
select is(
  (select string_agg(distinct status::text, ' ') from billing.holds), 'expired', 'which is written down then'
);
select tests.refused(
  (select format('select billing.capture_hold(%L, 12.5)', id) from held), 'insufficient_credits', 'PT402', 'what is gone is gone'
);
create temporary table captured as select billing.capture_hold(id) as answer from held;
select is((select answer ->> 'credits' from captured), '10', 'what is there pays');
select is(tests.entries('ada', 3), 'charge a -2, charge b -8', 'in burn order');
select is((select billing.capture_hold(id) from held), (select answer from captured), 'once');
select is(tests.balance('ada'), '2 0 2 0', 'and not again');
select is(
  (select format('%s %s %s', status, ended_at at time zone 'UTC', charge_id = (answer ->> 'charge_id')::uuid) from billing.holds, captured where id = (select id from held)),
  'captured 2030-01-15 12:15:00 t', 'it ended when it timed out'
);
select is((select billing.release_hold(id) ->> 'status' from other), 'expired', 'a release says what became of the other');
select is(tests.balance('ada'), '2 0 2 0', 'and gives nothing back twice');
-- Years later, of a model that is long switched off.
update ai.models set is_active = false where key = 'm';
select tests.freeze_clock('2031-01-15T12:00:00Z');
select is((select billing.capture_hold(id, 1) ->> 'credits' from other), '1', 'a year later it is a charge still');
select is((select priced_at from billing.charges where hold_id = (select id from other)), '2030-01-15T12:00:00Z', 'at the prices of the hold');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
