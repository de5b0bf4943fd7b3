begin;
set local search_path = tap, pg_catalog;
select plan(21);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', p_overdraft_limit => 100);
select billing.grant_credits(tests.user_id('ada'), 10, 'a', 0);
select billing.grant_credits(tests.user_id('ada'), 10, 'b', 1);
select billing.grant_credits(tests.user_id('ada'), 10, 'c', 2);
create temporary table charged as select tests.charge('ada', 25) as id;
select is(tests.lots('ada'), 'a 0, b 0, c 5', 'ten, ten and five');

create temporary table first as select billing.refund_charge(id, 7, 'too slow', idempotency_key => 'r1') as answer from charged;
select is(
  (select answer from first),
  jsonb_build_object(
    'charge_id', (select id from charged), 'account_id', tests.user_id('ada'), 'amount', '7', 'refunded', '7',
    'balance', '{"posted": "12", "reserved": "0", "available": "12", "debt": "0"}'::jsonb
  ),
  'seven are given back'
);
select is(tests.entries('ada', 6), 'refund c 5, refund b 2', 'to the last lot first');
select is(tests.lots('ada'), 'a 0, b 2, c 10', 'which lots hold again');
select is((select closed_at from billing.grants where source = 'b'), null, 'a closed lot is open again');
select is(
  (select array_agg(distinct reason) from billing.ledger_entries where kind = 'refund'), '{too slow}', 'and why, the entries say'
);
select is((select billing.refund_charge(id, 7.0, 'too slow', idempotency_key => 'r1') from charged), (select answer from first), 'with its key it is one refund');
select tests.refused(
  (select format('select billing.refund_charge(%L, 8, ''too slow'', idempotency_key => ''r1'')', id) from charged),
  'idempotency_conflict', 'PT409', 'with its key another amount is refused'
);
select billing.refund_charge(id, 9) from charged;
select is(tests.entries('ada', 8), 'refund b 8, refund a 1', 'the second goes on where the first stopped');
select tests.refused(
  (select format('select billing.refund_charge(%L, 9.001)', id) from charged), 'refund_exceeds_charge', 'PT409', 'never more than was charged'
);
select is(
  tests.error_of((select format('select billing.refund_charge(%L, 10)', id) from charged)) -> 'detail',
  (select jsonb_build_object(
    'error', 'refund_exceeds_charge', 'charge', id, 'charged', '25', 'refunded', '16', 'asked', '10'
  ) from charged), 'the detail says what is left'
);
select is((select billing.refund_charge(id) ->> 'amount' from charged), '9', 'all that is left');
select is(tests.lots('ada'), 'a 10, b 10, c 10', 'everything is back');
select tests.refused(
  (select format('select billing.refund_charge(%L)', id) from charged), 'refund_exceeds_charge', 'PT409', 'once'
);
select is((select credits::numeric from billing.charges), 25::numeric, 'the charge says what was charged');
select is(
  (select format('%s %s %s', charges, credits, refunded) from billing.usage(ratebook.clock(), ratebook.clock() + interval '1 day', 'month')), '1 25 25', 'and the usage both'
);
select tests.refused('select billing.refund_charge(gen_random_uuid())', 'unknown_charge', 'PT404', 'no such charge');
select tests.refused('select billing.refund_charge(null)', 'unknown_charge', 'PT404', 'nor NULL');
create temporary table free as select tests.charge('ada', 0) as id;
select tests.refused(
  (select format('select billing.refund_charge(%L)', id) from free), 'refund_exceeds_charge', 'PT409', 'of nothing nothing is left'
);
select tests.refused(
  (select format('select billing.refund_charge(%L, 1, extend_to => %L)', id, '2030-01-15T12:00:00Z') from charged), 'invalid_time', 'PT422',
  'an end now is no end'
);
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
