begin;
set local search_path = tap, pg_catalog;
select plan(10);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 10, p_overdraft_limit => 100);

select tests.charge('ada', 40);
select is(tests.balance('ada'), '-30 0 -30 30', 'ten from the lot, thirty owed');
select is(tests.entries('ada', 1), 'charge manual -10, charge debt -30', 'one entry each');
select billing.grant_credits(tests.user_id('ada'), 12, 'some');
select is(tests.balance('ada'), '-18 0 -18 18', 'a grant that does not reach repays in part');
select is(tests.entries('ada', 3), 'grant some 12, repayment some -12, repayment debt 12', 'all of it');
select is(tests.lots('ada'), 'manual 0, some 0', 'nothing is left of it to spend');
select tests.freeze_clock('2030-01-15T12:00:01Z');
select billing.grant_credits(tests.user_id('ada'), 20, 'more');
select is(tests.balance('ada'), '2 0 2 0', 'the next repays the rest and leaves two');
select is(tests.entries('ada', 6), 'grant more 20, repayment more -18, repayment debt 18', 'in this order');
select is(tests.lots('ada'), 'manual 0, some 0, more 2', 'of the lot');
select is(
  (select string_agg(trim_scale(balance_after)::text, ' ' order by number) from billing.ledger_entries),
  '10 0 -30 -18 -30 -18 2 -16 2', 'each entry says the balance after it'
);
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
