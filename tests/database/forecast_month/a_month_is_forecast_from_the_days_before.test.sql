begin;
set local search_path = tap, pg_catalog;
select plan(23);

-- Ada spends 10 a day from New Year on, Bob 6 and 3 on two days, Carol nothing. A credit costs a dollar.
select tests.make_unit_price();
select tests.make_admin('root');
select tests.freeze_clock('2029-12-31T00:00:00Z');
select tests.make_wallet('ada', 1000);
select tests.make_wallet('bob', 1000);
select tests.make_wallet('carol', 1000);
do $$
begin
  for v_day in 0..44 loop
    perform tests.freeze_clock(timestamptz '2030-01-01T12:00:00Z' + v_day * interval '24 hours');
    perform tests.charge('ada', 10);
    if v_day > 42 then
      perform tests.charge('bob', 3 * (45 - v_day));
    end if;
  end loop;
end;
$$;
select tests.freeze_clock('2030-02-15T12:00:00Z');

create function tests.forecast(
  p_zone text default 'UTC', p_owner text default null, p_confidence numeric default 0.8
) returns text
language sql stable
return (
  select string_agg(
    concat_ws(
      ' ', f.measure, f.currency, f.so_far, f.expected, f.low, f.high, f.confidence, f.days_of_history,
      substring(f.reason for 15)
    ),
    ', '
  )
  from billing.forecast_month(p_zone, p_confidence, tests.user_id(p_owner)) as f
);

select tests.authenticate_as('ada');
select is(tests.forecast(), 'credits 140 280 280 280 0.8 45', '14 days of 10, and 14 more like all the others');
select is(
  tests.forecast('Pacific/Auckland'), 'credits 150 280 280 280 0.8 45', 'the 16th has begun there: 15 days of 10 since the 1st'
);
select results_eq(
  $$select f.starts_at, f.ends_at from billing.forecast_month('Europe/Berlin') as f$$,
  $$values ('2030-01-31T23:00Z'::timestamptz, '2030-02-28T23:00Z'::timestamptz)$$, 'the month of a zone'
);
select is(tests.forecast(p_owner => 'ada'), 'credits 140 280 280 280 0.8 45', 'named');
select tests.refused($$select tests.forecast(p_owner => 'bob')$$, 'not_allowed', '42501', 'not of others');
select tests.refused($$select tests.forecast('XYZ+0:07')$$, 'invalid_argument', 'PT422', 'no zone');
select tests.refused(format('select tests.forecast(p_confidence => %L)', c.c), 'invalid_argument', 'PT422', 'not so sure: ' || c.c)
from (values ('0.4'), ('1'), ('NaN')) as c (c);
select tests.refused($$select tests.forecast(p_confidence => null)$$, 'invalid_argument', 'PT422', 'nor anyhow');

select tests.authenticate_as('bob');
select is(tests.forecast(), 'credits 9 72 2 An interval nee', 'two days: 9, and 14 of their mean, without an interval');
select is(
  (select f.reason from billing.forecast_month() as f),
  'An interval needs 28 days of use, and there are 2: too short a history to say how sure it is.', 'which it says'
);
select tests.authenticate_as('carol');
select is(tests.forecast(), 'credits 0 0 An interval nee', 'nothing to go by');

-- Today counts with what it has brought, where that is more than what is expected of it and the days after.
select tests.reset_role();
select tests.charge('bob', 100);
select tests.authenticate_as('bob');
select is(tests.forecast(), 'credits 109 109 2 An interval nee', 'today has brought more already');

select tests.as_service();
select is(
  tests.forecast(p_owner => 'ada'), 'credits 140 280 280 280 0.8 45, cost USD 140 280 280 280 0.8 45', 'the service role of one, with the cost'
);
select is(
  (select string_agg(concat_ws(' ', f.measure, f.so_far, f.days_of_history), ', ') from billing.forecast_month() as f),
  'credits 249 45, cost 249 45', 'or of all'
);
select tests.authenticate_as('root');
select is(
  (select string_agg(concat_ws(' ', f.measure, f.so_far, f.days_of_history), ', ') from billing.forecast_month() as f),
  'credits 249 45, cost 249 45', 'an admin too'
);
select tests.as_anon();
select tests.forbidden($$select tests.forecast()$$, 'permission denied for function forecast_month', 'nobody without a name');

-- The rule by itself, worked out by another implementation (NumPy): a weekly pattern that grows, over 42 days.
select tests.reset_role();
select results_eq(
  $$
  select f.expected, f.low, f.high
  from ratebook.forecast(array(
    select (100 + i + 40 * (i % 7) + 13 * (i * i % 11))::numeric from generate_series(1, 42) as i order by i
  ), 10, 0.8) as f
  $$,
  'values (3164.05::numeric, 2759.78::numeric, 3627.54::numeric)', 'a trend, weekdays and noise'
);
select is(ratebook.forecast('{}', 10, 0.8)::text, '(,,)', 'of nothing nothing');
select is(ratebook.forecast(array_fill(0::numeric, array[30]), 10, 0.8)::text, '(0,,)', 'of nothing used nothing');
select is(ratebook.forecast(array_fill(4::numeric, array[27]), 10, 0.8)::text, '(40,,)', '27 days are too few');
select is(ratebook.forecast(array_fill(4::numeric, array[28]), 10, 0.8)::text, '(40,40,40)', '28 are enough');

select * from finish();
rollback;
