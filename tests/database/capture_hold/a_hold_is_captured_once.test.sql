begin;
set local search_path = tap, pg_catalog;
select plan(16);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
create temporary table held as select tests.hold('ada', 10) as id;
create temporary table keyed as select tests.hold('ada', 10) as id;
create temporary table released as select tests.hold('ada', 10) as id;

create temporary table first as select billing.capture_hold(id, 4) as answer from held;
select is((select billing.capture_hold(id, 4.0) from held), (select answer from first), 'the same again is the same answer');
select is(tests.balance('ada'), '96 20 76 0', 'and the same charge');
select tests.refused(
  (select format('select billing.capture_hold(%L, 5)', id) from held), 'hold_not_open', 'PT409', 'another amount is not'
);
select tests.refused(
  (select format('select billing.capture_hold(%L)', id) from held), 'hold_not_open', 'PT409', 'nor no amount'
);
select tests.refused(
  (select format('select billing.capture_hold(%L, 4, idempotency_key => ''other'')', id) from held), 'hold_not_open',
  'PT409', 'with another key it is a second capture'
);
select tests.refused(
  (select format('select billing.release_hold(%L)', id) from held), 'hold_not_open', 'PT409', 'what was captured is not released'
);

create temporary table second as select billing.capture_hold(id, usage => '{"input": 1, "output": 0}', idempotency_key => 'k') as answer from keyed;
select is(
  (select billing.capture_hold(id, usage => '{"output": 0.0, "input": 1.0}', idempotency_key => 'k') from keyed),
  (select answer from second), 'equal is as jsonb says: 1.0 is 1, in any order'
);
select tests.refused(
  (select format('select billing.capture_hold(%L, usage => ''{"input": 2}'', idempotency_key => ''k'')', id) from keyed),
  'idempotency_conflict', 'PT409', 'another usage is another request'
);

select is((select billing.release_hold(id) ->> 'status' from released), 'released', 'a release');
select is((select billing.release_hold(id) ->> 'status' from released), 'released', 'again changes nothing');
select tests.refused(
  (select format('select billing.capture_hold(%L)', id) from released), 'hold_not_open', 'PT409', 'what was released is not captured'
);
select is(tests.balance('ada'), '95 0 95 0', 'five were charged');
select tests.refused('select billing.release_hold(gen_random_uuid())', 'unknown_hold', 'PT404', 'no such hold to release');
select is((select count(*) from billing.charges), 2::bigint, 'in two charges');
-- The key of a hold may be forgotten; the hold is not.
select tests.freeze_clock('2030-03-15T12:00:00Z');
select billing.purge();
select tests.refused(
  (select format('select billing.capture_hold(%L, 4)', id) from held), 'hold_not_open', 'PT409', 'nor is it captured anew when keys are gone'
);
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
