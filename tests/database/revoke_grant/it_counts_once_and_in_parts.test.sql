begin;
set local search_path = tap, pg_catalog;
select plan(48);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', p_overdraft_limit => 5);
select tests.make_wallet('bob', 10);
select billing.grant_credits(tests.user_id('ada'), 50, 'purchase', 0, '2030-02-01Z', 'pay_1');
create temporary table charged as select tests.charge('ada', 20) as id;

-- In parts: what is left first, then what was spent.
create function tests.taken(p_answer jsonb) returns text
language sql
return concat_ws(' ', p_answer ->> 'amount', p_answer ->> 'from_lot', p_answer ->> 'held', p_answer ->> 'owed');
create temporary table answers as
select billing.revoke_grant(
  payment_source => 'purchase', payment_ref => 'pay_1', amount => 18, external_ref => 'refund_1', idempotency_key => 'k'
) as a;
select is((select tests.taken(a) from answers), '18 18 0 0', 'eighteen of thirty that are left');
select is(
  (select billing.revoke_grant(
    payment_source => 'purchase', payment_ref => 'pay_1', amount => 18, external_ref => 'refund_1', idempotency_key => 'k'
  )), (select a from answers), 'the same again has the same answer'
);
select is(
  (select tests.taken(billing.revoke_grant((a ->> 'grant_id')::uuid, 18, external_ref => 'refund_1')) from answers), '18 18 0 0',
  'also without the key'
);
select is(tests.balance('ada'), '12 0 12 0', 'and nothing more is gone');
select tests.refused(
  $$select billing.revoke_grant((a ->> 'grant_id')::uuid, 17, external_ref => 'refund_1') from answers$$, 'idempotency_conflict', 'PT409', 'the event took another sum'
);
select tests.refused(
  $$select billing.revoke_grant((a ->> 'grant_id')::uuid, 17, external_ref => 'refund_2', idempotency_key => 'k') from answers$$,
  'idempotency_conflict', 'PT409', 'and the key stands for another event'
);
select tests.refused(
  $$select billing.revoke_grant((a ->> 'grant_id')::uuid, 32.001) from answers$$, 'revocation_exceeds_grant', 'PT409', 'a thousandth more than was paid'
);
create temporary table held as select tests.hold('ada', 9, '1 hour') as id;
select is(
  (select tests.taken(billing.revoke_grant((a ->> 'grant_id')::uuid, 5, external_ref => 'refund_2')) from answers), '5 3 0 2',
  'three that no hold keeps, and two of what was spent'
);
select is(tests.balance('ada'), '7 9 -2 2', 'two are owed beside the held');
select tests.refused(
  $$select billing.revoke_grant((a ->> 'grant_id')::uuid, 20) from answers$$, 'lot_is_held', 'PT409', 'a part of what a hold keeps must wait for it'
);
select is(tests.broken(), null, 'the wallet is sound');

-- What a hold lets go repays.
select billing.release_hold(id) from held;
select is(tests.balance('ada'), '7 0 7 0', 'two of nine');
select is(tests.entries('ada', 5), 'repayment purchase -2, repayment debt 2', 'by the lot');
-- A refund of the charge goes back to the lot, whose two that repaid are spent.
select billing.refund_charge(id) from charged;
select is(tests.entries('ada', 7), 'refund purchase 20', 'all of it');
select is(tests.balance('ada'), '27 0 27 0', 'all is back that was not taken back');
select is((select tests.taken(billing.revoke_grant((a ->> 'grant_id')::uuid, external_ref => 'dispute')) from answers), '27 27 0 0', 'the rest of the payment');
select is(tests.balance('ada'), '0 0 0 0', 'which is all there was');
select tests.refused(
  $$select billing.revoke_grant((a ->> 'grant_id')::uuid, external_ref => 'dispute_2') from answers$$, 'revocation_exceeds_grant', 'PT409', 'and nothing is left'
);
select is((select sum(from_lot + owed)::numeric from billing.revocations), 50::numeric, 'fifty in all');
select is(tests.broken(), null, 'the wallet is sound');

-- Other lots pay what is owed at once, as they burn, and the rest is owed beyond the limit.
create temporary table lot as
select (billing.grant_credits(tests.user_id('ada'), 40, 'purchase', 0) ->> 'grant_id')::uuid as id;
insert into charged select tests.charge('ada', 40);
select billing.grant_credits(tests.user_id('ada'), 3, 'gift', 2);
select billing.grant_credits(tests.user_id('ada'), 7, 'promo', 1, '2030-01-20Z');
select billing.revoke_grant(id) from lot;
select is(tests.balance('ada'), '-30 0 -30 30', 'thirty, of which five are within the limit');
select is(
  tests.entries('ada', 13), 'revocation debt -40, repayment promo -7, repayment gift -3, repayment debt 10', 'the promotion first, as it burns first'
);
select tests.refused($$select tests.charge('ada', 1)$$, 'insufficient_credits', 'PT402', 'nothing is spent');
-- The limit may be changed; what was taken back is no part of it.
update billing.accounts set overdraft_limit = 0 where id = tests.user_id('ada');
update billing.accounts set overdraft_limit = 31 where id = tests.user_id('ada');
select is(tests.charge('ada', 1) is not null, true, 'a limit beyond what is owed is an overdraft');
update billing.accounts set overdraft_limit = 1 where id = tests.user_id('ada');
select tests.refused(
  $$update billing.accounts set overdraft_limit = 0 where id = tests.user_id('ada')$$, 'invalid_argument', 'PT422', 'which is in use then'
);
-- A refund of what it paid takes off what is owed; of what was repaid since, it gives back.
select billing.refund_charge(id, 12) from charged where id not in (select charge_id from billing.ledger_entries where kind = 'refund');
select is(tests.balance('ada'), '-19 0 -19 19', 'twelve off the thirty-one');
select is((select revoked_debt::numeric from billing.accounts where id = tests.user_id('ada')), 18::numeric, 'of which one is overdraft');
select billing.grant_credits(tests.user_id('ada'), 19);
select billing.refund_charge(c.id) from billing.charges as c where c.credits = 40;
select is(tests.balance('ada'), '28 0 28 0', 'twenty-eight');
select is(tests.lots('ada') ~ 'refund 28', true, 'as a lot of their own: the one that paid is the provider''s');
select is(tests.broken(), null, 'the wallet is sound');

-- What has expired is gone anyway; one that did before is no debt.
create temporary table old as
select (billing.grant_credits(tests.user_id('bob'), 30, 'old', 0, '2030-01-15T13:00:00Z') ->> 'grant_id')::uuid as id;
select tests.charge('bob', 12);
select tests.hold('bob', 8, '2 hours');
select tests.freeze_clock('2030-01-15T13:30:00Z');
select is(tests.balance('bob'), '18 8 10 0', 'ten have expired, eight are held');
select is((select tests.taken(billing.revoke_grant(id)) from old), '20 0 8 12', 'twelve were spent');
select is(tests.balance('bob'), '6 8 -2 2', 'of which the other lot pays ten');
select tests.freeze_clock('2030-01-15T15:00:00Z');
select is(tests.balance('bob'), '-2 0 -2 2', 'what the hold kept goes when it times out');
select billing.sweep_accounts();
select is(tests.entries('bob', 7), 'revocation old -8 01-15T14:00:00', 'as of then');
select is(tests.balance('bob', '2030-01-15T13:59:59Z') || ', ' || tests.balance('bob', '2030-01-15T14:00:00Z'), '6 8 -2, -2 0 -2', 'seen from later, too');
select is(tests.broken(), null, 'the wallet is sound');

-- What cannot be.
select tests.refused('select billing.revoke_grant(gen_random_uuid())', 'unknown_lot', 'PT404', 'a lot that is not there');
select tests.refused(
  $$select billing.revoke_grant(payment_source => 'purchase', payment_ref => 'pay_2')$$, 'unknown_lot', 'PT404', 'a payment that granted nothing'
);
select tests.refused(
  $$select billing.revoke_grant(payment_source => 'purchase', payment_ref => 'pay_1', owner => tests.user_id('bob'))$$, 'unknown_lot', 'PT404', 'another''s payment'
);
select tests.refused(
  'select billing.revoke_grant(' || a.arguments || ')', 'invalid_argument', 'PT422', 'not by (' || a.arguments || ')'
)
from (values (''), ($$payment_ref => 'pay_1'$$), ($$gen_random_uuid(), payment_source => 'a', payment_ref => 'b'$$), ($$gen_random_uuid(), payment_ref => 'b'$$)) as a (arguments);
select tests.refused(
  format('select billing.revoke_grant(id, %L) from old', t.amount), 'invalid_amount', 'PT422', 'not ' || t.amount
)
from (values ('0'), ('-1'), ('NaN')) as t (amount);
select tests.authenticate_as('ada');
select is((select count(*) from billing.revocations), 4::bigint, 'owners read what was taken back of theirs');

select * from finish();
rollback;
