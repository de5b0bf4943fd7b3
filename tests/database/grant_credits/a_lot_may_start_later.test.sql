begin;
set local search_path = tap, pg_catalog;
select plan(38);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 20, p_overdraft_limit => 30, p_low_balance_mark => 10);
create temporary table answers as
select billing.grant_credits(
  tests.user_id('ada'), 100, 'yearly', 0, '2030-03-01Z', idempotency_key => 'k', starts_at => '2030-02-01Z'
) as a;
select is(
  (select a -> 'balance' from answers),
  '{"posted": "120", "reserved": "0", "available": "20", "debt": "0", "upcoming": "100"}', 'it is posted, and not available'
);
select results_eq(
  $$select posted::numeric, available::numeric, upcoming::numeric from billing.balances where account_id = tests.user_id('ada')$$,
  'values (120::numeric, 20::numeric, 100::numeric)', 'as owners read it'
);
select is(
  (select billing.grant_credits(
    tests.user_id('ada'), 100, 'yearly', 0, '2030-03-01Z', idempotency_key => 'k', starts_at => '2030-02-01Z'
  )), (select a from answers), 'the same again has the same answer'
);
select tests.refused(
  $$select billing.grant_credits(tests.user_id('ada'), 100, 'yearly', 0, '2030-03-01Z', idempotency_key => 'k', starts_at => '2030-02-02Z')$$,
  'idempotency_conflict', 'PT409', 'another start none'
);
select is((select count(*) from billing.outbox), 0::bigint, 'twenty are no low balance');

-- Nothing is spent of it before: by a charge, a batch or a hold.
select tests.freeze_clock('2030-01-16T12:00:00Z');
select is(
  tests.error_of($$select tests.charge('ada', 50.5)$$) -> 'detail',
  jsonb_build_object(
    'error', 'insufficient_credits', 'account', tests.user_id('ada'), 'balance', '120', 'held', '0', 'upcoming', '100',
    'overdraft_limit', '30', 'needed', '50.5'
  ), 'twenty, and thirty of overdraft'
);
select tests.charge('ada', 12);
select is((select payload ->> 'available' from billing.outbox), '8', 'the signal knows, too');
select billing.charge_generations(jsonb_build_array(
  jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 4}'::jsonb),
  jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 9}'::jsonb)
));
select is(tests.balance('ada'), '95 0 -5 5', 'five are owed beside the hundred');
select is(tests.lots('ada'), 'yearly 100, manual 0', 'which nothing has touched');
create temporary table held as select tests.hold('ada', 10, '7 days') as id;
select is(tests.balance('ada'), '95 10 -15 5', 'a hold keeps overdraft, not the lot');
select is((select lots from billing.holds), '{}', 'none of it');
select is(tests.broken(), null, 'the wallet is sound');
select billing.release_hold(id) from held;

-- It starts by itself, and repays.
select tests.freeze_clock('2030-01-31T23:59:59.999999Z');
select is(tests.balance('ada'), '95 0 -5 5', 'a microsecond before');
select tests.freeze_clock('2030-02-01T00:00:00Z');
select is(tests.balance('ada'), '95 0 95 0', 'at its start it repays what is owed, and the rest may be spent');
select tests.freeze_clock('2030-02-03T08:00:00Z');
select is(tests.balance('ada'), '95 0 95 0', 'and two days later');
select is((select billing.sweep_accounts()), 1, 'a sweep writes that down');
select is(
  tests.entries('ada', 6), 'repayment yearly -5 02-01T00:00:00, repayment debt 5 02-01T00:00:00', 'as of its start'
);
select is(tests.balance('ada'), '95 0 95 0', 'which changes nothing');
select is((select upcoming::numeric from billing.accounts where id = tests.user_id('ada')), 0::numeric, 'nothing is to come');
select isnt(tests.charge('ada', 90), null, 'and it is spent');
select is(tests.lots('ada'), 'yearly 5, manual 0', 'lot by lot');

-- Seen from later: what was available when.
select is(tests.balance('ada', t.at::timestamptz), t.balance, t.at)
from (values
  ('2030-01-15T12:00:00Z', '120 0 20'), ('2030-01-20T00:00:00Z', '95 0 -5'), ('2030-02-01T00:00:00Z', '95 0 95'),
  ('2030-02-03T07:59:59Z', '95 0 95'), ('2030-02-03T08:00:00Z', '5 0 5')
) as t (at, balance);
select is(tests.broken(), null, 'the wallet is sound');

-- Started and ended before anybody looked: it has repaid what was owed, and the rest is gone.
select tests.make_wallet('bob', p_overdraft_limit => 10);
select tests.charge('bob', 4);
select billing.grant_credits(tests.user_id('bob'), 7, 'short', 0, '2030-02-05Z', starts_at => '2030-02-04Z');
select tests.freeze_clock('2030-02-06T00:00:00Z');
select is(tests.balance('bob'), '0 0 0 0', 'read');
select billing.sweep_accounts();
select is(
  tests.entries('bob', 2) || ': ' || tests.balance('bob'),
  'repayment short -4 02-04T00:00:00, repayment debt 4 02-04T00:00:00, expiry short -3 02-05T00:00:00: 0 0 0 0', 'and written'
);

-- One taken back before it starts is gone, also seen from then.
select billing.grant_credits(tests.user_id('bob'), 50, 'gift', starts_at => '2030-04-01Z');
select tests.freeze_clock('2030-02-07T00:00:00Z');
select is(
  (select a - '{revocation_id,grant_id,account_id}'::text[] from (
    select billing.revoke_grant(id, 20) as a from billing.grants where source = 'gift'
  ) as r),
  '{"amount": "20", "from_lot": "20", "held": "0", "owed": "0",
    "balance": {"posted": "30", "reserved": "0", "available": "0", "debt": "0", "upcoming": "30"}}', 'twenty of fifty'
);
select is(
  tests.balance('bob', '2030-02-06T23:00:00Z') || ', ' || tests.balance('bob', '2030-02-07T00:00:00Z'), '50 0 0, 30 0 0',
  'nothing was ever available of it'
);
select tests.freeze_clock('2030-04-01T00:00:00Z');
select is(tests.balance('bob'), '30 0 30 0', 'thirty start');

-- What cannot be.
select tests.refused(
  format('select billing.grant_credits(tests.user_id(''bob''), 1, expires_at => %L, starts_at => %L)', t.ends, t.starts),
  'invalid_time', 'PT422', coalesce(t.ends, 'for ever') || ' from ' || t.starts
)
from (values ('2030-05-01Z', '2030-05-01Z'), ('2030-05-01Z', '2030-06-01Z'), (null, 'infinity'), (null, '2131-01-01Z')) as t (ends, starts);
select tests.refused(
  $$select billing.grant_credits(tests.user_id('bob'), 1, starts_at => '-infinity')$$, 'invalid_time', 'PT422', 'nor from -infinity'
);
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
