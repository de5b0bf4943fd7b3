begin;
set local search_path = tap, pg_catalog;
select plan(21);

-- 100 a month from January 31st on; what is left of one ends when the next is due.
select tests.freeze_clock('2030-01-31T10:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 5);
select billing.create_recurring_grant(tests.user_id('ada'), 100);
select is(tests.balance('ada'), '105 0 105 0', 'the first is there at once');
select is(tests.lots('ada'), 'allowance 100, manual 5', 'as a lot');
select is(
  (select expires_at from billing.grants where source = 'allowance'), '2030-02-28T10:00:00Z', 'which ends when February does'
);
select tests.charge('ada', 30);
select is(tests.balance('ada'), '75 0 75 0', 'thirty of it are spent, for it burns first');

create temporary table moments (at timestamptz, balance text, what text);
insert into moments values
('2030-01-31T09:59:59Z', '0 0 0', 'before it began'),
('2030-02-28T09:59:59.999999Z', '75 0 75', 'a moment before the second'),
('2030-02-28T10:00:00Z', '105 0 105', 'the second is due at the end of February'),
('2030-03-28T10:00:00Z', '105 0 105', 'the third is not due on the 28th'),
('2030-03-31T10:00:00Z', '105 0 105', 'the 31st comes back'),
('2030-04-30T10:00:00Z', '105 0 105', 'and April ends on the 30th');
create function tests.looked_ahead() returns setof text
language plpgsql
set search_path = tap, pg_temp
as $$
declare
  v_moment record;
begin
  for v_moment in select * from moments where at > '2030-01-31T10:00:00Z' order by at loop
    perform tests.freeze_clock(v_moment.at);
    return next tap.is(tests.balance('ada'), v_moment.balance || ' 0', v_moment.what);
  end loop;
end;
$$;
select tests.looked_ahead();
select is((select count(*) from billing.grants), 2::bigint, 'reading wrote nothing down');

select tests.freeze_clock('2030-05-01T00:00:00Z');
create temporary table before_the_sweep as select at, tests.balance('ada', at) as balance from moments;
select is(billing.sweep_accounts(), 1, 'a sweep writes all of it down');
select is(
  tests.entries('ada', 3),
  'grant allowance 100 02-28T10:00:00, grant allowance 100 03-31T10:00:00, grant allowance 100 04-30T10:00:00, '
  || 'expiry allowance -70 02-28T10:00:00, expiry allowance -100 03-31T10:00:00, expiry allowance -100 04-30T10:00:00',
  'each at its own moment'
);
select results_eq(
  $$select balance from before_the_sweep order by at$$, $$select balance from moments order by at$$, 'balances looked back at before'
);
select results_eq(
  $$select tests.balance('ada', at) from moments order by at$$, $$select balance from moments order by at$$, 'and after are those'
);
select is(tests.balance('ada'), '105 0 105 0', 'today''s is the same');
select is((select issued from billing.recurring_grants), 4, 'four were issued');
select is(
  (select array_agg(g.expires_at order by g.expires_at) from billing.grants as g where g.source = 'allowance'),
  '{2030-02-28 10:00:00+00,2030-03-31 10:00:00+00,2030-04-30 10:00:00+00,2030-05-31 10:00:00+00}', 'each ends as the next begins'
);
select is((select next_event_at from billing.accounts), '2030-05-31T10:00:00Z', 'which is what the account waits for');
select is(tests.broken(), null, 'the wallet is sound');
select is(billing.sweep_accounts(), 0, 'there is nothing more to sweep');
select is((select count(*) from billing.outbox), 0::bigint, 'and nothing to signal');

select * from finish();
rollback;
