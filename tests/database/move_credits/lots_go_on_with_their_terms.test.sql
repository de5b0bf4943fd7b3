begin;
set local search_path = tap, pg_catalog;
select plan(27);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', p_overdraft_limit => 100);
select tests.make_wallet('bob', p_overdraft_limit => 50);
select billing.grant_credits(tests.user_id('ada'), 10, 'promo', 1, '2030-02-01Z');
select billing.grant_credits(tests.user_id('ada'), 30, 'purchase', 2, external_ref => 'pay_1');
select billing.grant_credits(tests.user_id('ada'), 40, 'later', 0, starts_at => '2030-03-01Z');
select tests.hold('ada', 5);
select tests.charge('bob', 4);
select is(tests.balance('ada'), '80 5 35 0', 'thirty-five are free, forty start later, five are held');
select is(tests.balance('bob'), '-4 0 -4 4', 'four are owed');

-- The promotion's five that are free, and seven of the purchase.
create temporary table answers as
select billing.move_credits(tests.user_id('ada'), tests.user_id('bob'), 12, 'a present', 'key 1') as a;
select is(
  (select a - '{from_account,to_account}'::text[] from answers),
  '{"amount": "12", "lots": 2,
    "from_balance": {"posted": "68", "reserved": "5", "available": "23", "debt": "0", "upcoming": "40"},
    "to_balance": {"posted": "8", "reserved": "0", "available": "8", "debt": "0"}}',
  'the answer has both balances'
);
select is(tests.entries('ada', 3), 'move promo -5, move purchase -7', 'it leaves the one');
select is(
  tests.entries('bob', 1), 'move promo 5, repayment promo -4, repayment debt 4, move purchase 7',
  'and comes to the other, where it repays'
);
select results_eq(
  $$select source::text, amount::numeric, remaining::numeric, priority::integer, expires_at::timestamptz, external_ref::text from billing.grants
  where account_id = tests.user_id('bob') order by priority$$,
  $$values ('promo', 5::numeric, 1::numeric, 1, '2030-02-01Z'::timestamptz, null), ('purchase', 7, 7, 2, null, null)$$,
  'with priority, end and source; a payment''s event stays where it was'
);
select results_eq(
  $$select o.account_id, o.amount::numeric, o.reason from billing.ledger_entries as e
  inner join billing.ledger_entries as o on o.id = e.counterpart_id and o.counterpart_id = e.id
  where e.account_id = tests.user_id('ada') order by e.number$$,
  $$values (tests.user_id('bob'), 5::numeric, 'a present'), (tests.user_id('bob'), 7, 'a present')$$,
  'the entries name each other'
);
select is(
  (select billing.move_credits(tests.user_id('ada'), tests.user_id('bob'), 12, 'a present', 'key 1')), (select a from answers),
  'the same again has the same answer'
);
select tests.refused(
  $$select billing.move_credits(tests.user_id('ada'), tests.user_id('bob'), 13, 'a present', 'key 1')$$,
  'idempotency_conflict', 'PT409', 'another sum none'
);
select is(tests.balance('ada'), '68 5 23 0', 'and nothing moved again');
select is(tests.broken(), null, 'the wallets are sound');

-- What is held, has not started or is overdraft does not move.
select tests.refused(
  $$select billing.move_credits(tests.user_id('ada'), tests.user_id('bob'), 23.001)$$, 'insufficient_credits', 'PT402', 'a thousandth too much'
);
select is((select billing.move_credits(tests.user_id('ada'), tests.user_id('bob'), 23) ->> 'lots'), '1', 'all that is free');
select is(tests.balance('ada'), '45 5 0 0', 'what is held and what starts later stays');
select tests.refused(
  $$select billing.move_credits(tests.user_id('ada'), tests.user_id('ada'), 1)$$, 'invalid_argument', 'PT422', 'to oneself'
);
select tests.refused(
  format('select billing.move_credits(tests.user_id(''bob''), tests.user_id(''ada''), %L)', m.amount), 'invalid_amount', 'PT422', 'not ' || m.amount
)
from (values ('0'), ('-1'), ('NaN')) as m (amount);
select tests.refused(
  $$select billing.move_credits(tests.user_id('bob'), gen_random_uuid(), 1)$$, 'unknown_account', 'PT404', 'to nobody'
);
select tests.refused(
  $$select billing.move_credits(tests.user_id('bob'), tests.user_id('ada'), 1, to_owner => tests.user_id('bob'))$$,
  'unknown_account', 'PT404', 'nor to another''s'
);

-- To a lenser's account that is made now, with a start that is past.
select tests.freeze_clock('2030-03-02T00:00:00Z');
select tests.make_user('eve');
select billing.move_credits(tests.user_id('ada'), tests.user_id('eve'), 40);
select results_eq(
  $$select source::text, starts_at::timestamptz, remaining::numeric from billing.grants where account_id = tests.user_id('eve')$$,
  $$values ('later', '2030-03-01Z'::timestamptz, 40::numeric)$$, 'it starts when it started'
);
select is(tests.balance('eve'), '40 0 40 0', 'and is there');
-- Whoever was erased neither gives nor gets.
select ai.erase_lenser(tests.user_id('eve'));
select tests.refused(
  $$select billing.move_credits(tests.user_id('eve'), tests.user_id('bob'), 1)$$, 'erased_lenser', '42501', 'from an erased lenser'
);
select tests.refused(
  $$select billing.move_credits(tests.user_id('bob'), tests.user_id('eve'), 1)$$, 'erased_lenser', '42501', 'to an erased lenser'
);

-- A payment that was taken back is owed by whom it was paid for, wherever its credits went.
select billing.revoke_grant(payment_source => 'purchase', payment_ref => 'pay_1', external_ref => 'dispute_1');
select is(tests.balance('ada'), '-30 0 -30 30', 'thirty went on to bob');
select is(tests.balance('bob'), '30 0 30 0', 'who keeps them');
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
