begin;
set local search_path = tap, pg_catalog;
select plan(16);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100, p_low_balance_mark => 50);
select tests.make_wallet('bob', 100);
create function tests.signals() returns text
language sql
return (select string_agg(payload ->> 'available', ' ' order by id) from billing.outbox where topic = 'low_balance');

select tests.charge('ada', 50);
select is(tests.signals(), null, 'at the mark it is not below');
select tests.charge('ada', 0.001);
select is(
  (select to_jsonb(o) - 'id' from billing.outbox as o),
  jsonb_build_object(
    'lenser_id', tests.user_id('ada'), 'account_id', tests.user_id('ada'), 'topic', 'low_balance', 'delivered_at', null,
    'payload', '{"available": "49.999", "low_balance_mark": "50"}'::jsonb, 'created_at', '2030-01-15T12:00:00+00:00'
  ),
  'a thousandth below it is'
);
select tests.charge('ada', 10);
select is(tests.signals(), '49.999', 'below it nothing more is said');
select tests.freeze_clock('2030-01-15T12:00:01Z');
select billing.grant_credits(tests.user_id('ada'), 60.001);
select is(tests.balance('ada'), '100 0 100 0', 'a top-up');
select tests.hold('ada', 60, '1 hour');
select is(tests.signals(), '49.999 40', 'a hold crosses it too');
select tests.freeze_clock('2030-01-15T14:00:00Z');
select is(tests.balance('ada'), '100 0 100 0', 'timed out');
create temporary table held as select tests.hold('ada', 20) as id;
select billing.capture_hold(id, 70) from held;
select is(tests.signals(), '49.999 40 30', 'and a capture of more');
select billing.refund_charge(id) from billing.charges where credits = 70;
select tests.freeze_clock('2030-01-15T15:00:00Z');
select billing.grant_credits(tests.user_id('ada'), 40, 'promo', 0, '2030-01-16T00:00:00Z');
select tests.charge('ada', 40);
select billing.refund_charge(id) from billing.charges where credits = 40;
select tests.charge('ada', 60);
select is(tests.balance('ada'), '80 0 80 0', '100 + 40 - 60');
select billing.grant_credits(tests.user_id('ada'), 40, 'promo', 0, '2030-01-17T00:00:00Z');
select tests.charge('ada', 35);
select is(tests.balance('ada'), '85 0 85 0', 'five of the promotion are left');
update billing.accounts set low_balance_mark = 84 where id = tests.user_id('ada');
select is(tests.signals(), '49.999 40 30', 'moving the mark is no crossing');
select tests.freeze_clock('2030-01-18T00:00:00Z');
select is(tests.signals(), '49.999 40 30', 'an expiry is signalled');
select billing.sweep_accounts();
select is(tests.signals(), '49.999 40 30 80', 'when it is written down');
select tests.charge('bob', 100);
select is((select count(*) from billing.outbox where account_id = tests.user_id('bob')), 0::bigint, 'without a mark there is no signal');
update billing.accounts set low_balance_mark = 0, overdraft_limit = 5 where id = tests.user_id('bob');
select tests.charge('bob', 1);
select is((select payload ->> 'available' from billing.outbox where account_id = tests.user_id('bob')), '-1', 'zero is a mark: the first overdraft');
select tests.as_service();
select lives_ok(
  $$update billing.outbox set delivered_at = '2030-01-18T00:00:00Z' where delivered_at is null$$, 'who delivers marks them'
);
select tests.reset_role();
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
