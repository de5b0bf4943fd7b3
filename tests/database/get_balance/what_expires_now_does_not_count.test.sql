begin;
set local search_path = tap, pg_catalog;
select plan(24);

-- 100 that stay, 50 that expire at 13:00, and a hold of 20 (of the 50, which burn first) until 12:45.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
select billing.grant_credits(tests.user_id('ada'), 50, 'promo', 0, '2030-01-15T13:00:00Z');
select tests.hold('ada', 20, '45 minutes');
create function tests.viewed() returns text
language sql
return (select format('%s %s %s %s', posted, reserved, available, debt) from billing.balances where account_id = tests.user_id('ada'));
create temporary table moments (at timestamptz, balance text, what text);
insert into moments values
('2030-01-15T12:44:59.999999Z', '150 20 130 0', 'before the timeout'),
('2030-01-15T12:45:00Z', '150 0 150 0', 'a hold that times out now keeps nothing back'),
('2030-01-15T12:59:59.999999Z', '150 0 150 0', 'before the expiry'),
('2030-01-15T13:00:00Z', '100 0 100 0', 'a lot that expires now counts no more');

create function tests.all_balances(p_at timestamptz, p_balance text, p_what text) returns setof text
language plpgsql
set search_path = tap, pg_temp
as $$
begin
  perform tests.freeze_clock(p_at);
  return next tap.is(tests.balance('ada'), p_balance, p_what || ', asked');
  return next tap.is(tests.viewed(), p_balance, p_what || ', in the view');
  perform tests.freeze_clock('2030-01-15T14:00:00Z');
  return next tap.is(tests.balance('ada', p_at) || ' 0', p_balance, p_what || ', looked back at');
end;
$$;
select tests.all_balances(at, balance, what) from moments order by at;
select is(billing.sweep_accounts(), 1, 'a sweep settles the account');
select is(billing.sweep_accounts(), 0, 'once');
select is(tests.entries('ada', 2), 'expiry promo -50 01-15T13:00:00', 'the expiry counts from its own moment');
select is(
  (select format('%s %s', status, ended_at at time zone 'UTC') from billing.holds), 'expired 2030-01-15 12:45:00',
  'the hold ended at its own'
);
select is(tests.balance('ada'), '100 0 100 0', 'swept, it is the same balance');
select is(tests.viewed(), '100 0 100 0', 'in the view too');
select is(tests.balance('ada', at) || ' 0', balance, what || ', looked back at after the sweep')
from moments order by at;
select is(tests.balance('ada', '2030-01-15T11:59:59.999999Z'), '0 0 0', 'before the first entry there was nothing');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
