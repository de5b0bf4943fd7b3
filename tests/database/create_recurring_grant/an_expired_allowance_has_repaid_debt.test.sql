begin;
set local search_path = tap, pg_catalog;
select plan(12);

-- 25 owed, and 10 a day: the first three days' repay 10, 10 and 5; the rest of the third ends with its day.
select tests.make_unit_price();
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_wallet('ada', p_overdraft_limit => 25);
select tests.charge('ada', 25);
select billing.create_recurring_grant(tests.user_id('ada'), 10, '1 day', '2030-01-16T00:00:00Z');
create temporary table days (at timestamptz, balance text);
insert into days values
('2030-01-15T23:59:59Z', '-25 0 -25 25'),
('2030-01-16T00:00:00Z', '-15 0 -15 15'),
('2030-01-17T00:00:00Z', '-5 0 -5 5'),
('2030-01-18T00:00:00Z', '5 0 5 0'),
('2030-01-19T00:00:00Z', '10 0 10 0');
create function tests.day_by_day() returns setof text
language plpgsql
set search_path = tap, pg_temp
as $$
declare
  v_day record;
begin
  for v_day in select * from days order by at loop
    perform tests.freeze_clock(v_day.at);
    return next tap.is(tests.balance('ada'), v_day.balance, 'unwritten, ' || v_day.at);
  end loop;
end;
$$;
select tests.day_by_day();
select billing.sweep_accounts();
select is(tests.balance('ada'), '10 0 10 0', 'the sweep writes the same');
select is(tests.balance('ada', at), regexp_replace(balance, ' \d+$', ''), 'looked back at, ' || at)
from days where at < '2030-01-19Z' order by at;
select is(tests.lots('ada'), 'allowance 0, allowance 0, allowance 0, allowance 10', 'only the last holds anything');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
