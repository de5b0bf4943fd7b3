create function ratebook.forecast_month(
  p_time_zone text, p_confidence numeric, p_owner uuid
) returns table (
  starts_at timestamptz,
  ends_at timestamptz,
  measure text,
  currency text,
  so_far numeric,
  expected numeric,
  low numeric,
  high numeric,
  confidence numeric,
  days_of_history integer,
  reason text
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- Definer: reads what billing.usage() sums up.
declare
  v_now constant timestamptz := ratebook.clock();
  v_today date;
  v_month date;
  v_next date;
  v_ahead integer;
  v_measure record;
  v_days numeric[];
  v_today_so_far numeric;
  v_forecast record;
begin
  perform ratebook.assert_time_zone(p_time_zone);
  if (p_confidence between 0.5 and 0.99) is not true then
    perform ratebook.fail('invalid_argument', 'The confidence of an interval is a number from 0.5 to 0.99.', null,
      jsonb_build_object('confidence', p_confidence));
  end if;
  v_today := (v_now at time zone p_time_zone)::date;
  v_month := date_trunc('month', v_today::timestamp)::date;
  v_next := date_trunc('month', (v_month + 31)::timestamp)::date;
  starts_at := ratebook.day_starts_at(v_month, p_time_zone);
  ends_at := ratebook.day_starts_at(v_next, p_time_zone);
  -- Today and the days after it.
  v_ahead := v_next - v_today;

  for v_measure in
    -- Ninety-one days are whole weeks, and what was before tells little of this month.
    with used as materialized (
      select
        (u.starts_at at time zone p_time_zone)::date as day,
        u.net,
        u.cost
      from billing.usage(
        ratebook.day_starts_at(least(v_today - 91, v_month), p_time_zone), v_now, 'day', p_time_zone, null, p_owner
      ) as u
    ),

    amounts as (
      select 'credits' as name, null::text as currency, u.day, u.net as amount from used as u
      union all
      -- NULL for those who may not see what it costs.
      select 'cost', c.key, u.day, c.value::numeric
      from used as u
      cross join lateral jsonb_each_text(u.cost) as c
    )

    select
      a.name,
      a.currency,
      jsonb_object_agg(a.day, a.amount) as by_day,
      coalesce(sum(a.amount) filter (where a.day >= v_month), 0) as so_far,
      -- It begins with the first day of use: before, there was nothing to go by.
      greatest(coalesce(min(a.day) filter (where a.amount > 0), v_today), v_today - 91) as first_day
    from (
      select o.* from amounts as o
      union all
      select 'credits', null, v_today, 0 where not exists (select from used)
    ) as a
    group by a.name, a.currency
    order by a.name desc, a.currency
  loop
    -- Whole days only: today is not over. One without use is a zero.
    v_days := array(
      select coalesce((v_measure.by_day ->> (v_measure.first_day + d.number)::text)::numeric, 0)
      from generate_series(0, v_today - v_measure.first_day - 1) as d (number)
      order by d.number
    );
    v_today_so_far := coalesce((v_measure.by_day ->> v_today::text)::numeric, 0);
    v_forecast := ratebook.forecast(v_days, v_ahead, p_confidence);
    measure := v_measure.name;
    currency := v_measure.currency;
    so_far := trim_scale(v_measure.so_far);
    -- What the whole days of this month brought, and no less than what today has brought already.
    expected := trim_scale(v_measure.so_far - v_today_so_far + greatest(v_forecast.expected, v_today_so_far));
    low := trim_scale(v_measure.so_far - v_today_so_far + greatest(v_forecast.low, v_today_so_far));
    high := trim_scale(v_measure.so_far - v_today_so_far + greatest(v_forecast.high, v_today_so_far));
    if v_forecast.expected is null then
      expected := null;
    end if;
    if v_forecast.low is null then
      low := null;
      high := null;
    end if;
    confidence := case when v_forecast.low is not null then p_confidence end;
    days_of_history := cardinality(v_days);
    reason := case
      when v_forecast.low is not null then null
      when cardinality(v_days) < 28
        then format(
          'An interval needs 28 days of use, and there are %s: too short a history to say how sure it is.',
          cardinality(v_days)
        )
      else 'Nothing was used on these days.'
    end;
    return next;
  end loop;
end;
$$;

create function billing.forecast_month(
  time_zone text default 'UTC', confidence numeric default 0.8, owner uuid default null
) returns table (
  starts_at timestamptz,
  ends_at timestamptz,
  measure text,
  currency text,
  so_far numeric,
  expected numeric,
  low numeric,
  high numeric,
  confidence numeric,
  days_of_history integer,
  reason text
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select f.* from ratebook.forecast_month($1, $2, $3) as f;
end;

revoke all on function ratebook.forecast_month(text, numeric, uuid) from public;
revoke all on function billing.forecast_month(text, numeric, uuid) from public;
grant execute on function ratebook.forecast_month(text, numeric, uuid) to authenticated, service_role;
grant execute on function billing.forecast_month(text, numeric, uuid) to authenticated, service_role;

comment on function ratebook.forecast_month(text, numeric, uuid) is 'The rule behind billing.forecast_month().';
comment on function billing.forecast_month(text, numeric, uuid) is
'What the current month will bring in all: credits less refunds, and for admins and the service role one row more for each currency of the cost. Owners ask for their own accounts; admins and the service role for everybody, or with owner for one lenser. time_zone: whose month and days, a name of pg_timezone_names. confidence: of the interval, from 0.5 to 0.99. so_far: up to now. expected: for the whole month, by a trend and weekdays of up to 91 whole days before today (days_of_history, from the first use on); NULL where there is none. low, high: the interval that holds what the month will bring with that confidence; NULL below 28 days of history, when expected goes by the mean of a day, and reason says so. An estimate: what changes tomorrow is in no history. Errors: invalid_argument (PT422), not_allowed (42501).';
