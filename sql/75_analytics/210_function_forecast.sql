-- A forecast is an estimate: it is worked out in floating point, and what comes out has six digits that count.
create function ratebook.forecast(
  p_days numeric[],
  p_ahead integer,
  p_confidence numeric,
  out expected numeric,
  out low numeric,
  out high numeric
)
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_days constant integer := coalesce(cardinality(p_days), 0);
  v_sum double precision;
  v_variance double precision;
  v_z double precision;
  v_spread double precision;
begin
  if v_days = 0 then
    return;
  end if;
  -- Too little for weekdays and a trend: the mean, and nothing that says how sure it is.
  if v_days < 28 then
    expected := ratebook.six_digits((select avg(greatest(d.amount, 0)) * p_ahead from unnest(p_days) as d (amount)));
    return;
  end if;

  -- A day is level × trend × weekday × noise: sums of logarithms. A little is added to each, because a day may be zero.
  with days as materialized (
    select
      d.ordinality::double precision as day,
      d.ordinality % 7 as weekday,
      greatest(d.amount, 0)::double precision as amount,
      0.02 * avg(greatest(d.amount, 0)) over ()::double precision as little
    from unnest(p_days) with ordinality as d (amount, ordinality)
  ),

  logs as materialized (
    select d.day, d.weekday, ln(d.amount + d.little) as y from days as d where d.little > 0
  ),

  -- The trend, what weekdays make of it, and each once more without the other. The mean of the weekdays is 0.
  trend_1 as materialized (
    select regr_slope(l.y, l.day) as slope, regr_intercept(l.y, l.day) as level from logs as l
  ),

  weekdays_1 as materialized (
    select l.weekday, avg(l.y - t.level - t.slope * l.day) - avg(avg(l.y - t.level - t.slope * l.day)) over () as effect
    from logs as l
    cross join trend_1 as t
    group by l.weekday
  ),

  trend_2 as materialized (
    select regr_slope(l.y - w.effect, l.day) as slope, regr_intercept(l.y - w.effect, l.day) as level
    from logs as l
    inner join weekdays_1 as w on w.weekday = l.weekday
  ),

  weekdays as materialized (
    select
      l.weekday,
      avg(l.y - t.level - t.slope * l.day) - avg(avg(l.y - t.level - t.slope * l.day)) over () as effect,
      count(*) as days
    from logs as l
    cross join trend_2 as t
    group by l.weekday
  ),

  -- The trend at last, and how far its days reach.
  trend as materialized (
    select
      regr_slope(l.y - w.effect, l.day) as slope,
      regr_intercept(l.y - w.effect, l.day) as level,
      regr_sxx(l.y - w.effect, l.day) as sxx,
      avg(l.day) as middle
    from logs as l
    inner join weekdays as w on w.weekday = l.weekday
  ),

  -- What is left is noise: how much there is, and how far a day goes with the day before.
  rests as (
    select l.day, l.y - w.effect - t.level - t.slope * l.day as rest
    from logs as l
    inner join weekdays as w on w.weekday = l.weekday
    cross join trend as t
  ),

  noise as materialized (
    select
      avg(exp(n.rest)) as factor,
      -- Level, trend and six weekdays were taken from the same days.
      var_pop(exp(n.rest)) / power(avg(exp(n.rest)), 2) * v_days / (v_days - 8) as variance,
      sum(n.rest * n.rest) / (v_days - 8) as log_variance,
      least(greatest(coalesce(sum(n.rest * n.former) / nullif(sum(n.rest * n.rest), 0), 0), 0), 0.9) as memory
    from (select r.rest, lag(r.rest) over (order by r.day) as former from rests as r) as n
  ),

  -- The days ahead. None is more than three times the largest there was, whatever the trend.
  ahead as materialized (
    select
      h.day,
      w.weekday,
      w.days,
      least(
        greatest(exp(t.level + t.slope * h.day + w.effect) * n.factor - d.little, 0), 3 * d.most
      ) as amount
    from generate_series(v_days + 1, v_days + p_ahead) as h (day)
    inner join weekdays as w on w.weekday = h.day % 7
    cross join trend as t
    cross join noise as n
    cross join (select max(o.amount) as most, max(o.little) as little from days as o) as d
  ),

  -- Sums of them, in all and by weekday.
  total as (
    select sum(a.amount) as amount, sum(a.amount * a.amount) as squares, sum(a.amount * a.day) / nullif(sum(a.amount), 0) as middle
    from ahead as a
  ),

  by_weekday as (
    select sum(w.amount * w.amount / w.days) as squares
    from (select a.weekday, a.days, sum(a.amount) as amount from ahead as a group by a.weekday, a.days) as w
  )

  -- The noise of each day ahead, what is not known of level and trend, and of weekdays.
  select
    t.amount,
    (t.squares * n.variance + t.amount * t.amount * n.log_variance * (1.0 / v_days + power(t.middle - r.middle, 2) / r.sxx))
    * (1 + n.memory) / (1 - n.memory)
    + greatest(w.squares - t.amount * t.amount / v_days, 0) * n.log_variance
  into v_sum, v_variance
  from total as t
  cross join by_weekday as w
  cross join noise as n
  cross join trend as r;

  -- Nothing was used on any day: that says nothing of how sure it is.
  if v_sum is null then
    expected := 0;
    return;
  end if;
  expected := ratebook.six_digits(v_sum);
  if v_sum = 0 then
    return;
  end if;
  -- Sums of what is never negative lean to one side: the interval is one of logarithms. Of few days it is wider (Student).
  v_z := ratebook.normal_quantile((0.5 + p_confidence / 2)::double precision);
  v_z := v_z + (power(v_z, 3) + v_z) / (4 * (v_days - 8));
  v_spread := v_z * sqrt(ln(1 + v_variance / (v_sum * v_sum)));
  low := ratebook.six_digits(v_sum * exp(-v_spread));
  high := ratebook.six_digits(v_sum * exp(v_spread));
end;
$$;

-- The inverse of the normal distribution function (P. J. Acklam's rational approximation), for probabilities from one half
-- on; its relative error is below 1.2e-9.
create function ratebook.normal_quantile(p_probability double precision) returns double precision
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_q double precision;
  v_r double precision;
begin
  if p_probability <= 0.97575 then
    v_q := p_probability - 0.5;
    v_r := v_q * v_q;
    return (((((-39.69683028665376 * v_r + 220.9460984245205) * v_r - 275.9285104469687) * v_r + 138.3577518672690) * v_r
      - 30.66479806614716) * v_r + 2.506628277459239) * v_q
      / (((((-54.47609879822406 * v_r + 161.5858368580409) * v_r - 155.6989798598866) * v_r + 66.80131188771972) * v_r
      - 13.28068155288572) * v_r + 1);
  end if;
  v_q := sqrt(-2 * ln(1 - p_probability));
  return -(((((-0.007784894002430293 * v_q - 0.3223964580411365) * v_q - 2.400758277161838) * v_q - 2.549732539343734) * v_q
    + 4.374664141464968) * v_q + 2.938163982698783)
    / ((((0.007784695709041462 * v_q + 0.3224671290700398) * v_q + 2.445134137142996) * v_q + 3.754408661907416) * v_q + 1);
end;
$$;

create function ratebook.six_digits(p_value double precision) returns numeric
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_value = 0 then 0
    else trim_scale(round(p_value::numeric, 5 - floor(log(abs(p_value)))::integer))
  end;
end;
$$;

revoke all on function ratebook.forecast(numeric[], integer, numeric) from public;
revoke all on function ratebook.normal_quantile(double precision) from public;
revoke all on function ratebook.six_digits(double precision) from public;

comment on function ratebook.forecast(numeric[], integer, numeric) is
'What the next days will bring in all, of the amounts of the days before, the oldest first and none left out: expected, and the interval that holds it with the confidence given. From 28 days on: a log-linear trend and weekdays by least squares, with the variance of a day, that of what is estimated, and how far days go with the day before. Of fewer days the mean, without an interval; of none nothing. A negative amount counts as 0.';
comment on function ratebook.normal_quantile(double precision) is
'The quantile of the standard normal distribution at a probability from 0.5 to below 1.';
comment on function ratebook.six_digits(double precision) is 'An estimate, rounded to six digits that count.';
