begin;
set local search_path = tap, pg_catalog;
select plan(14);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
select billing.grant_credits(tests.user_id('ada'), 20, 'promo', 0, '2030-01-16T00:00:00Z');
create temporary table charged as select tests.charge('ada', 30) as id;
select is(tests.balance('ada'), '90 0 90 0', 'twenty of the promotion, ten that stay');

-- The promotion is not over yet: it gets back and expires in its time.
select billing.refund_charge(id, 12) from charged;
select is(tests.balance('ada'), '102 0 102 0', 'ten and two are back');
select tests.freeze_clock('2030-01-16T00:00:00Z');
select is(tests.balance('ada'), '100 0 100 0', 'the two expire');
select is((select billing.refund_charge(id, 5) #>> '{balance,posted}' from charged), '100', 'what goes back now is gone at once');
select is(
  tests.entries('ada', 6), 'expiry promo -2, refund promo 5, expiry promo -5', 'both are written'
);
select is(
  (select billing.refund_charge(id, 6, extend_to => '2030-02-01T00:00:00Z') #>> '{balance,posted}' from charged), '106', 'unless it is extended'
);
select is((select expires_at from billing.grants where source = 'promo'), '2030-02-01T00:00:00Z', 'the lot has a new end');
select is((select next_event_at from billing.accounts), '2030-02-01T00:00:00Z', 'which the account waits for');
select tests.charge('ada', 1);
select is(tests.lots('ada'), 'promo 5, manual 100', 'it may be spent again');
select tests.freeze_clock('2030-02-01T00:00:00Z');
select is(tests.balance('ada'), '100 0 100 0', 'until then');
-- Extending touches only what has expired, and what gets something back.
select billing.grant_credits(tests.user_id('ada'), 7, 'other', 0, '2030-03-01T00:00:00Z');
create temporary table second as select tests.charge('ada', 107) as id;
select billing.refund_charge(id, extend_to => '2031-01-01T00:00:00Z') from second;
select is(tests.balance('ada'), '107 0 107 0', 'back in the lots that paid');
select is(
  (select string_agg(concat_ws(' ', source, expires_at::date), ', ' order by source) from billing.grants), 'manual, other 2030-03-01, promo 2030-02-01',
  'whose ends are what they were'
);
select is((select sum(amount) from ratebook.refunds), 130::numeric, '12 + 5 + 6 + 107 were given back');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
