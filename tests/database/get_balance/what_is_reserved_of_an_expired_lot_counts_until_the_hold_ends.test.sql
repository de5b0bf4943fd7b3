begin;
set local search_path = tap, pg_catalog;
select plan(11);

-- A lot of 100 until 13:00; 40 of it held until 14:00, 30 until 15:00. What is free expires at 13:00, the rest as the holds end.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada');
select billing.grant_credits(tests.user_id('ada'), 100, 'promo', 0, '2030-01-15T13:00:00Z');
select tests.hold('ada', 40, '2 hours');
select tests.hold('ada', 30, '3 hours');
create temporary table moments (at timestamptz, balance text);
insert into moments values
('2030-01-15T12:59:00Z', '100 70 30'),
('2030-01-15T13:30:00Z', '70 70 0'),
('2030-01-15T14:30:00Z', '30 30 0'),
('2030-01-15T15:00:00Z', '0 0 0');

select tests.freeze_clock('2030-01-15T16:00:00Z');
select is(tests.balance('ada', at), balance, 'before the sweep at ' || at) from moments order by at;
select billing.sweep_accounts();
select is(tests.balance('ada', at), balance, 'after the sweep at ' || at) from moments order by at;
select is(
  tests.entries('ada', 1),
  'expiry promo -30 01-15T13:00:00, expiry promo -40 01-15T14:00:00, expiry promo -30 01-15T15:00:00',
  'each part at its own moment'
);
select is(tests.balance('ada'), '0 0 0 0', 'nothing is left');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
