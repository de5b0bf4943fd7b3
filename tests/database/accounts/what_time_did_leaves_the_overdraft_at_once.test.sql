begin;
set local search_path = tap, pg_catalog;
select plan(18);

-- Nothing is swept in between: ada's hold times out, of bob's a lot ends besides, carl falls below his mark, and eve's
-- allowance repays what she owes.
select tests.make_unit_price();
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_wallet('ada', 100, 50);
select tests.make_wallet('bob', 10, 20);
select tests.make_wallet('carl', null, 5, 10);
select tests.make_wallet('eve', null, 5);
select billing.grant_credits(tests.user_id('bob'), 30, 'promo', 0, '2030-01-15T18:00:00Z');
select billing.grant_credits(tests.user_id('carl'), 20, 'promo', 0, '2030-01-16T00:00:00Z');
select billing.create_recurring_grant(tests.user_id('eve'), 8, starts_at => '2030-01-16T00:00:00Z');
select tests.hold('ada', 120, '1 hour');
select tests.hold('bob', 45, '1 day');
select tests.charge('eve', 5);

select tests.as_service();
select tests.refused(
  $$update billing.accounts set overdraft_limit = 19.999 where id = tests.user_id('ada')$$, 'invalid_argument', 'PT422',
  'a hold keeps twenty of the overdraft'
);
select lives_ok($$update billing.accounts set overdraft_limit = 20 where id = tests.user_id('ada')$$, 'down to those');
select tests.reset_role();
select tests.freeze_clock('2030-01-15T12:59:59.999999Z');
select tests.refused(
  $$update billing.accounts set overdraft_limit = 0 where id = tests.user_id('ada')$$, 'invalid_argument', 'PT422',
  'as long as it lasts'
);
select tests.freeze_clock('2030-01-15T13:00:00Z');
select tests.as_service();
select lives_ok(
  $$update billing.accounts set overdraft_limit = 0, name = 'Ada''s' where id = tests.user_id('ada')$$, 'no longer'
);
select tests.reset_role();
select is(
  (select jsonb_build_array(trim_scale(posted), trim_scale(reserved), trim_scale(debt), trim_scale(overdraft_limit), name, entries, next_event_at, updated_at)
   from billing.accounts where id = tests.user_id('ada')),
  '[100, 0, 0, 0, "Ada''s", 1, "infinity", "2030-01-15T13:00:00+00:00"]', 'the row says what time did'
);
select is(
  (select concat_ws(' ', status, ended_at at time zone 'UTC') from billing.holds where account_id = tests.user_id('ada')),
  'expired 2030-01-15 13:00:00', 'and so does the hold'
);
select is(tests.lots('ada'), 'manual 100', 'the lot is free');
select is(tests.charge('ada', 100) is null, false, 'all of it can be spent');

select tests.freeze_clock('2030-01-17T12:00:00Z');
update billing.accounts set overdraft_limit = 0;
select is(tests.balance('bob'), '10 0 10 0', 'what bob''s hold kept of the lot went with it');
select is(
  (select string_agg(concat_ws(' ', kind, trim_scale(amount), trim_scale(balance_after), effective_at at time zone 'UTC'), ', ' order by number)
   from billing.ledger_entries where account_id = tests.user_id('bob')),
  'grant 10 10 2030-01-15 12:00:00, grant 30 40 2030-01-15 12:00:00, expiry -30 10 2030-01-16 12:00:00', 'at the end of the hold'
);
select is(tests.lots('bob'), 'promo 0, manual 10', 'his other lot is free');
select is(tests.balance('carl'), '0 0 0 0', 'carl has nothing left');
select is(
  (select string_agg(payload::text, ', ') from billing.outbox where account_id = tests.user_id('carl')),
  '{"available": "0", "low_balance_mark": "10"}', 'and is told so once'
);
select is(tests.balance('eve'), '3 0 3 0', 'eve owes nothing');
select is(
  (select string_agg(concat_ws(' ', kind, trim_scale(amount)), ', ' order by number) from billing.ledger_entries where account_id = tests.user_id('eve')),
  'charge -5, grant 8, repayment -5, repayment 5', 'her allowance repaid it'
);
select is((select count(*) from billing.accounts where next_event_at <= '2030-01-17T12:00:00Z'), 0::bigint, 'nothing is left to sweep');
select is(billing.sweep_accounts(), 0, 'so a sweep finds nothing');
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
