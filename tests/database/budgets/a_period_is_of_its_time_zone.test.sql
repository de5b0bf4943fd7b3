begin;
set local search_path = tap, pg_catalog;
select plan(51);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet(w, 10000) from unnest(array['ada', 'bob', 'cleo', 'eve']) as w;
create function tests.periods(p_name text) returns text
language sql
return (
  select string_agg(
    concat_ws(' ', p.starts_on, to_char(p.starts_at at time zone 'UTC', 'MM-DD"T"HH24:MI'), to_char(p.ends_at at time zone 'UTC', 'MM-DD"T"HH24:MI'), trim_scale(p.spent)),
    ', ' order by p.starts_at
  )
  from billing.budget_periods as p
  where p.lenser_id = tests.user_id(p_name)
);

-- When a period begins and ends, by the calendars of the places: 23 hours, 25, 24 and a half, midnights that do not come or
-- come twice, weeks from Monday on, whatever zone the session is in.
create temporary table expected (
  period billing.budget_period_enum, time_zone text, at timestamptz, starts_on date, starts_at timestamptz, ends_at timestamptz
);
insert into expected values
('day', 'UTC', '2030-01-15T23:59:59.999999Z', '2030-01-15', '2030-01-15T00:00:00Z', '2030-01-16T00:00:00Z'),
('day', 'Asia/Kathmandu', '2030-01-15T18:15:00Z', '2030-01-16', '2030-01-15T18:15:00Z', '2030-01-16T18:15:00Z'),
('day', 'Asia/Kathmandu', '2030-01-15T18:14:59Z', '2030-01-15', '2030-01-14T18:15:00Z', '2030-01-15T18:15:00Z'),
('day', 'America/New_York', '2030-03-10T12:00:00Z', '2030-03-10', '2030-03-10T05:00:00Z', '2030-03-11T04:00:00Z'),
('day', 'America/New_York', '2030-11-04T04:59:59Z', '2030-11-03', '2030-11-03T04:00:00Z', '2030-11-04T05:00:00Z'),
('day', 'America/Havana', '2030-03-10T05:00:00Z', '2030-03-10', '2030-03-10T05:00:00Z', '2030-03-11T04:00:00Z'),
('day', 'America/Havana', '2030-11-03T03:59:59Z', '2030-11-02', '2030-11-02T04:00:00Z', '2030-11-03T04:00:00Z'),
('day', 'America/Havana', '2030-11-03T04:00:00Z', '2030-11-03', '2030-11-03T04:00:00Z', '2030-11-04T05:00:00Z'),
('day', 'America/Havana', '2030-11-03T05:00:00Z', '2030-11-03', '2030-11-03T04:00:00Z', '2030-11-04T05:00:00Z'),
('day', 'Africa/Cairo', '2030-04-26T12:00:00Z', '2030-04-26', '2030-04-25T22:00:00Z', '2030-04-26T21:00:00Z'),
('day', 'Africa/Cairo', '2030-10-31T21:30:00Z', '2030-10-31', '2030-10-30T21:00:00Z', '2030-10-31T22:00:00Z'),
('day', 'Atlantic/Azores', '2030-10-27T00:30:00Z', '2030-10-27', '2030-10-27T00:00:00Z', '2030-10-28T01:00:00Z'),
('day', 'Australia/Lord_Howe', '2030-04-06T13:00:00Z', '2030-04-07', '2030-04-06T13:00:00Z', '2030-04-07T13:30:00Z'),
-- At one minute past midnight clocks went back to 23:01, and midnight came again an hour later.
('day', 'America/St_Johns', '2010-11-07T02:30:30Z', '2010-11-06', '2010-11-06T02:30:00Z', '2010-11-07T03:30:00Z'),
('week', 'UTC', '2030-01-15T12:00:00Z', '2030-01-14', '2030-01-14T00:00:00Z', '2030-01-21T00:00:00Z'),
('week', 'UTC', '2030-01-20T23:59:59Z', '2030-01-14', '2030-01-14T00:00:00Z', '2030-01-21T00:00:00Z'),
('week', 'UTC', '2030-01-01T00:00:00Z', '2029-12-31', '2029-12-31T00:00:00Z', '2030-01-07T00:00:00Z'),
('week', 'America/New_York', '2030-03-05T12:00:00Z', '2030-03-04', '2030-03-04T05:00:00Z', '2030-03-11T04:00:00Z'),
('week', 'Pacific/Auckland', '2030-01-13T11:00:00Z', '2030-01-14', '2030-01-13T11:00:00Z', '2030-01-20T11:00:00Z'),
('month', 'Asia/Tokyo', '2030-01-31T15:00:00Z', '2030-02-01', '2030-01-31T15:00:00Z', '2030-02-28T15:00:00Z'),
('month', 'Asia/Tokyo', '2030-01-31T14:59:59Z', '2030-01-01', '2029-12-31T15:00:00Z', '2030-01-31T15:00:00Z'),
('month', 'Europe/Berlin', '2030-03-15T12:00:00Z', '2030-03-01', '2030-02-28T23:00:00Z', '2030-03-31T22:00:00Z');
create function tests.period_of(p_period billing.budget_period_enum, p_time_zone text, p_at timestamptz) returns text
language plpgsql
as $$
declare
  v_budget billing.budgets;
  v_found record;
begin
  v_budget.period := p_period;
  v_budget.time_zone := p_time_zone;
  v_found := ratebook.period_at(v_budget, p_at);
  return concat_ws(' ', v_found.starts_on, v_found.starts_at at time zone 'UTC', v_found.ends_at at time zone 'UTC');
end;
$$;
set local timezone = 'America/Caracas';
select is(
  tests.period_of(e.period, e.time_zone, e.at),
  concat_ws(' ', e.starts_on, e.starts_at at time zone 'UTC', e.ends_at at time zone 'UTC'), concat_ws(' ', e.period, e.time_zone, e.at at time zone 'UTC')
)
from expected as e;

-- Ada's week.
insert into billing.budgets (lenser_id, period, hard_limit) values (tests.user_id('ada'), 'week', 10);
select is((select time_zone from billing.budgets), 'UTC', 'UTC unless told');
select tests.charge('ada', 9);
select tests.freeze_clock('2030-01-20T23:59:59.999999Z');
select is(
  tests.error_of($$select tests.charge('ada', 2)$$) -> 'detail' ->> 'starts_on', '2030-01-14', 'the week began on Monday'
);
select tests.freeze_clock('2030-01-21T00:00:00Z');
select lives_ok($$select tests.charge('ada', 10)$$, 'and so does the next');
select is(tests.periods('ada'), '2030-01-14 01-14T00:00 01-21T00:00 9, 2030-01-21 01-21T00:00 01-28T00:00 10', 'both are counted');

-- Bob's days in New York: 23 hours of March the tenth, 25 of November the third.
insert into billing.budgets (lenser_id, period, time_zone, hard_limit) values (tests.user_id('bob'), 'day', 'America/New_York', 10);
select tests.freeze_clock('2030-03-10T05:00:00Z');
select tests.charge('bob', 10);
select tests.freeze_clock('2030-03-11T03:59:59.999999Z');
select tests.refused($$select tests.charge('bob', 1)$$, 'budget_exceeded', 'PT402', 'after 22:59:59 the day goes on');
select tests.freeze_clock('2030-03-11T04:00:00Z');
select lives_ok($$select tests.charge('bob', 1)$$, 'after 23 hours it is over');
select tests.freeze_clock('2030-11-03T04:00:00Z');
select tests.charge('bob', 10);
select tests.freeze_clock('2030-11-04T04:59:59.999999Z');
select tests.refused($$select tests.charge('bob', 1)$$, 'budget_exceeded', 'PT402', 'after 24:59:59 the day goes on');
select tests.freeze_clock('2030-11-04T05:00:00Z');
select lives_ok($$select tests.charge('bob', 1)$$, 'after 25 hours it is over');
select is(
  tests.periods('bob'),
  '2030-03-10 03-10T05:00 03-11T04:00 10, 2030-03-11 03-11T04:00 03-12T04:00 1, 2030-11-03 11-03T04:00 11-04T05:00 10, 2030-11-04 11-04T05:00 11-05T05:00 1',
  'each day''s are its own'
);
select billing.refund_charge(id, 4) from billing.charges where spender_id = tests.user_id('bob') and created_at = '2030-11-03T04:00:00Z';
select is((select trim_scale(spent) from billing.budget_periods where starts_on = '2030-11-03'), 6::numeric, 'a refund goes to the day of its charge');
select is(tests.broken(), null, 'the wallets are sound');

-- A budget may move with its lenser: what was spent since the day began there counts, and none of it twice.
select tests.freeze_clock('2030-06-10T14:00:00Z');
insert into billing.budgets (lenser_id, period, hard_limit) values (tests.user_id('eve'), 'day', 10);
select tests.charge('eve', 3);
select tests.freeze_clock('2030-06-10T20:00:00Z');
create temporary table six as select tests.charge('eve', 6) as id;
select tests.as_service();
select lives_ok($$update billing.budgets set time_zone = 'Asia/Tokyo' where lenser_id = tests.user_id('eve')$$, 'the service role moves it');
select tests.reset_role();
select tests.refused($$select tests.charge('eve', 5)$$, 'budget_exceeded', 'PT402', 'six were spent since 15:00');
select lives_ok($$select tests.charge('eve', 4)$$, 'four are left');
select is(tests.periods('eve'), '2030-06-11 06-10T15:00 06-11T15:00 10', 'of the eleventh');
update billing.budgets set time_zone = 'UTC' where lenser_id = tests.user_id('eve');
select is(tests.error_of($$select tests.charge('eve', 1)$$) #>> '{detail,needed}', '14', 'back in UTC: 3 + 6 + 4 + 1');
update billing.budgets set hard_limit = 20 where lenser_id = tests.user_id('eve');
select tests.charge('eve', 1);
select billing.refund_charge(id, 2) from six;
select is(tests.periods('eve'), '2030-06-10 06-10T00:00 06-11T00:00 12', 'none is counted twice');
update billing.budgets set period = 'month' where lenser_id = tests.user_id('eve');
select tests.charge('eve', 1);
select is(tests.periods('eve'), '2030-06-01 06-01T00:00 07-01T00:00 13', 'a month counts the days before');
select is(tests.broken(), null, 'the wallets are sound');

-- Names of places, spelt as the database spells them, and nothing else.
select tests.as_service();
select tests.refused(
  format('insert into billing.budgets (lenser_id, period, time_zone, hard_limit) values (tests.user_id(''cleo''), ''day'', %L, 1)', z),
  'invalid_argument', 'PT422', format('not %s', coalesce(z, 'NULL'))
)
from unnest(array['XYZ+0:07', 'CET-1CEST', '+02', 'CEST', 'utc', 'Mars/Olympus', '', ' UTC', null]) as z;
select tests.refused(
  $$update billing.budgets set time_zone = 'XYZ+0:07' where lenser_id = tests.user_id('eve')$$, 'invalid_argument', 'PT422', 'nor later'
);

select * from finish();
rollback;
