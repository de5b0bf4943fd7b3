begin;
set local search_path = tap, pg_catalog;
select plan(23);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada');
create temporary table lots as
select (billing.grant_credits(tests.user_id('ada'), 100, 'purchase', external_ref => 'pay_1') ->> 'grant_id')::uuid as id;
select tests.charge('ada', 30);
create temporary table held as select tests.hold('ada', 25, '1 hour') as one, tests.hold('ada', 15, '1 hour') as two;
select is(tests.balance('ada'), '70 40 30 0', 'thirty spent, forty held, thirty left');

-- 30 go from the lot, 30 are owed, 40 wait for their holds.
select tests.freeze_clock('2030-01-15T12:10:00Z');
create temporary table answers as
select billing.revoke_grant(id, external_ref => 'dispute_1', reason => 'disputed') as a from lots;
select is(
  (select a - '{revocation_id,grant_id,account_id,balance}'::text[] from answers),
  '{"amount": "100", "from_lot": "30", "held": "40", "owed": "30"}', 'the answer says what went where'
);
select is(tests.balance('ada'), '10 40 -30 30', 'what is left is gone, what was spent is owed');
select is(tests.entries('ada', 2), 'revocation purchase -30, revocation debt -30', 'in two entries');
select is(tests.lots('ada'), 'purchase 40 40', 'holds keep theirs');
select tests.refused($$select tests.charge('ada', 1)$$, 'insufficient_credits', 'PT402', 'nothing is spent');
select isnt(tests.charge('ada', 0), null, 'but what costs nothing');
select tests.refused($$select tests.hold('ada', 1)$$, 'insufficient_credits', 'PT402', 'nor held');

-- What a hold lets go goes; what it captures is owed.
select billing.release_hold(two) from held;
select is(tests.entries('ada', 4), 'revocation purchase -15', 'let go, and gone');
select is(tests.balance('ada'), '-5 25 -30 30', 'which changes nothing of what is available');
select is((select billing.capture_hold(one, 20) ->> 'credits' from held), '20', 'a hold of before is captured');
select is(
  tests.entries('ada', 5), 'charge purchase -20, revocation purchase -5, revocation debt -20',
  'by its lot, and then owed; the rest is gone'
);
select is(tests.balance('ada'), '-50 0 -50 50', 'fifty were spent in all');
select is(tests.broken(), null, 'the wallet is sound');

-- What comes in repays it.
select billing.grant_credits(tests.user_id('ada'), 20, 'purchase');
select is(tests.balance('ada'), '-30 0 -30 30', 'twenty of it');
select tests.refused($$select tests.charge('ada', 1)$$, 'insufficient_credits', 'PT402', 'not enough');
select billing.grant_credits(tests.user_id('ada'), 40, 'purchase');
select is(tests.balance('ada'), '10 0 10 0', 'all of it');
select isnt(tests.charge('ada', 10), null, 'and what is more may be spent');
select is(tests.balance('ada'), '0 0 0 0', 'to the last');

-- Seen from later.
select is(tests.balance('ada', t.at::timestamptz), t.balance, t.at)
from (values
  ('2030-01-15T12:09:59.999999Z', '70 40 30'),
  ('2030-01-15T12:10:00Z', '0 0 0')
) as t (at, balance);
select is(tests.broken(), null, 'the wallet is sound');
select results_eq(
  'select from_lot::numeric, held::numeric, owed::numeric, external_ref, reason from billing.revocations',
  $$values (30::numeric, 40::numeric, 30::numeric, 'dispute_1', 'disputed')$$, 'what was taken back is kept'
);

select * from finish();
rollback;
