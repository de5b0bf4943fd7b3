begin;
set local search_path = tap, pg_catalog;
select plan(11);

-- Ada owes 50 while 100 that expire are held; released, they hide what she owes.
select tests.make_unit_price();
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_wallet('ada', p_overdraft_limit => 50);
select tests.make_wallet('bob', 10);
select billing.grant_credits(tests.user_id('ada'), 100, 'promo', 0, '2030-01-16T00:00:00Z');
select billing.grant_credits(tests.user_id('bob'), 100, 'promo', 0, '2030-01-16T00:00:00Z');
create temporary table held as select tests.hold('ada', 100) as id;
select tests.charge('ada', 50);
select billing.release_hold(id) from held;
select is(tests.balance('ada'), '50 0 50 50', 'fifty more than she owes');

-- Lowered to what is in use, no lot that expires can take an account below its limit and get it stuck, and the sweep with it.
select tests.as_service();
select tests.refused(
  $$update billing.accounts set overdraft_limit = 49.999 where id = tests.user_id('ada')$$, 'invalid_argument', 'PT422',
  'below what she owes'
);
select lives_ok($$update billing.accounts set overdraft_limit = 50 where id = tests.user_id('ada')$$, 'as low as that');
select tests.reset_role();
select tests.freeze_clock('2030-01-16T00:00:00Z');
select is(tests.balance('ada'), '-50 0 -50 50', 'without the lot she owes fifty');
select lives_ok('select billing.sweep_accounts()', 'a sweep goes on');
select is(tests.balance('bob'), '10 0 10 0', 'bob''s is written too');
select lives_ok($$select billing.grant_credits(tests.user_id('ada'), 60)$$, 'and ada may top up');
-- What a hold keeps of overdraft is in use too, also where a lot came free since.
select tests.freeze_clock('2030-01-16T12:00:00Z');
create temporary table held_more as select tests.hold('ada', 10, '1 day') as id;
select tests.hold('ada', 20, '1 day');
select billing.release_hold(id) from held_more;
select is(tests.balance('ada'), '10 20 -10 0', 'ten are free, and twenty of overdraft held');
select tests.refused(
  $$update billing.accounts set overdraft_limit = 19 where id = tests.user_id('ada')$$, 'invalid_argument', 'PT422',
  'nineteen would be too low'
);
select lives_ok($$update billing.accounts set overdraft_limit = 20 where id = tests.user_id('ada')$$, 'twenty is not');
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
