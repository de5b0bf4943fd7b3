begin;
set local search_path = tap, pg_catalog;
select plan(13);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 10, p_overdraft_limit => 100);
create temporary table charged as select tests.charge('ada', 40) as id;
select is(tests.balance('ada'), '-30 0 -30 30', 'thirty owed');
select billing.refund_charge(id, 12) from charged;
select is(tests.entries('ada', 3), 'refund debt 12', 'debt came last, and goes first');
select is(tests.balance('ada'), '-18 0 -18 18', 'eighteen owed');
select billing.refund_charge(id, 20) from charged;
select is(tests.entries('ada', 4), 'refund debt 18, refund manual 2', 'then the lot');
select is(tests.balance('ada'), '2 0 2 0', 'nothing owed');

-- Debt that a grant has repaid since is a lot's to give back.
create temporary table second as select tests.charge('ada', 32) as id;
select is(tests.balance('ada'), '-30 0 -30 30', 'thirty owed again');
select billing.grant_credits(tests.user_id('ada'), 20, 'top-up');
select is(tests.balance('ada'), '-10 0 -10 10', 'twenty of them repaid');
select billing.refund_charge(id, 31) from second;
select is(tests.entries('ada', 11), 'refund debt 10, refund manual 1, refund refund 20', 'ten off the debt, one back, twenty as a lot');
select is(tests.balance('ada'), '21 0 21 0', 'what was paid in is there');
select is(tests.lots('ada'), 'manual 1, refund 20, top-up 0', 'in these lots');
select is((select billing.refund_charge(id) ->> 'amount' from second), '1', 'the last of it');
select is(tests.balance('ada'), '22 0 22 0', 'all is back');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
