-- What sheets are made of and what they say, worked out and not written: ratebook.write_sheets() writes it, and a what-if
-- asks what more rows would make of it.

-- A row of ai.model_pricing in a period of its schedule in which it is in force.
create type ratebook.price_in_period as (
  schedule_id bigint,
  period integer,
  id uuid,
  meter text,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  tier_mode ai.tier_mode_enum,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  price_per_unit numeric,
  minimum_quantity numeric,
  is_public boolean,
  bound numeric,
  window_number integer
);

-- A schedule and sheets that are nowhere written. The schedule has the id 0, the sheets count down from -1.
create type ratebook.what_if as (
  schedule ratebook.price_schedules,
  sheets ratebook.price_sheets []
);

create function ratebook.context_bound(p_threshold bigint, p_inclusive boolean) returns numeric
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
-- Quantities have at most 12 decimals: the least one above an exclusive threshold.
return p_threshold + case when p_inclusive then 0 else 0.000000000001 end;

create function ratebook.work_out_schedule(
  p_model_id uuid, p_source text, p_currency text, p_rows ai.model_pricing[] default '{}'
) returns ratebook.price_schedules
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule ratebook.price_schedules;
begin
  select
    array_agg(distinct p.effective_from order by p.effective_from),
    coalesce(
      array_agg(distinct ratebook.context_bound(p.context_threshold, p.threshold_inclusive))
      filter (where p.context_threshold is not null),
      '{}'
    ),
    array_agg(distinct p.service_tier),
    coalesce(array_agg(distinct p.variant) filter (where p.variant is not null), '{}'),
    coalesce(array_agg(distinct p.region) filter (where p.region is not null), '{}'),
    bool_or(p.window_start is not null)
  into
    v_schedule.starts, v_schedule.bounds, v_schedule.service_tiers, v_schedule.variants, v_schedule.regions,
    v_schedule.has_windows
  from (
    select q.* from ai.model_pricing as q where (q.model_id, q.source, q.currency) = (p_model_id, p_source, p_currency)
    union all
    select r.* from unnest(p_rows) as r
  ) as p;
  v_schedule.model_id := p_model_id;
  v_schedule.source := p_source;
  v_schedule.currency := p_currency;
  return v_schedule;
end;
$$;

create function ratebook.prices_by_period(
  p_schedules ratebook.price_schedules[], p_periods integer[], p_rows ai.model_pricing[] default '{}'
) returns setof ratebook.price_in_period
language plpgsql stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  return query
  with schedules as materialized (
    select s.*, p_periods[s.place] as first_period
    from unnest(p_schedules) with ordinality as s (
      id, model_id, source, currency, starts, bounds, service_tiers, variants, regions, has_windows, rebuilt_at, place
    )
  ),

  -- One row per key and date (the highest revision), with the date on which the next one takes over.
  dated as materialized (
    select
      d.*,
      lead(d.effective_from) over (
        partition by
          d.schedule_id, d.meter, d.service_tier, d.variant, d.region, d.context_threshold, d.window_start,
          d.window_end, d.window_days, d.window_time_zone
        order by d.effective_from
      ) as effective_until
    from (
      select distinct on (
        p.schedule_id, p.meter, p.service_tier, p.variant, p.region, p.context_threshold, p.window_start, p.window_end,
        p.window_days, p.window_time_zone, p.effective_from
      ) p.*
      from (
        select s.id as schedule_id, s.starts, s.first_period, q.*
        from schedules as s
        inner join ai.model_pricing as q
          on q.model_id = s.model_id and q.source = s.source and q.currency = s.currency
        union all
        select s.id, s.starts, s.first_period, r.*
        from schedules as s
        inner join unnest(p_rows) as r on r.model_id = s.model_id and r.source = s.source and r.currency = s.currency
      ) as p
      -- DISTINCT ON takes nulls for equal: rows that name no variant have one key.
      order by
        p.schedule_id asc, p.meter asc, p.service_tier asc, p.variant asc, p.region asc, p.context_threshold asc,
        p.window_start asc, p.window_end asc, p.window_days asc, p.window_time_zone asc, p.effective_from asc,
        p.revision desc
    ) as d
  )

  -- A row is in force in the periods from its date on, up to that on which the next one takes over: its cost grows with
  -- them, and not with all pairs of rows and dates.
  select
    d.schedule_id, t.period, d.id, d.meter, d.service_tier, d.variant, d.region, d.context_threshold, d.tier_mode,
    d.window_start, d.window_end, d.window_days, d.window_time_zone, d.price_per_unit, d.minimum_quantity, d.is_public,
    ratebook.context_bound(d.context_threshold, d.threshold_inclusive),
    case
      when d.window_start is null then 0
      else dense_rank() over (
        partition by d.schedule_id, t.period
        order by d.window_start, d.window_end, d.window_days, d.window_time_zone
      )
    end::integer
  from dated as d
  cross join lateral generate_series(
    greatest(width_bucket(d.effective_from, d.starts), d.first_period),
    coalesce(width_bucket(d.effective_until, d.starts) - 1, cardinality(d.starts))
  ) as t (period)
  where not d.withdrawn;
end;
$$;

create function ratebook.work_out_sheets(
  p_schedules ratebook.price_schedules[], p_periods integer[], p_rows ai.model_pricing[] default '{}'
) returns setof ratebook.price_sheets
language plpgsql stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- The one order of specificity. For a meter, then each of its fallbacks in turn, the row that applies is
--   1. of an open daily window (of several the first: by start, end, weekdays, zone), else of no window,
--   2. of the highest context tier reached, else of none,
--   3. of the service tier asked for, else of standard,
--   4. of the variant asked for, else of none,
--   5. of the region asked for, else of none.
-- A service tier with tries_chain_first goes through all of that, fallbacks included, before it looks at standard.
begin
  return query
  with recursive
  -- Each meter with every meter whose price may stand in for its own.
  chain (meter, price_meter, depth) as (
    select m.key, m.key, 0 from ai.meters as m
    union all
    select c.meter, m.falls_back_to, c.depth + 1
    from chain as c
    inner join ai.meters as m on m.key = c.price_meter
    where m.falls_back_to is not null
  ),

  schedules as materialized (
    select s.* from unnest(p_schedules) as s
  ),

  in_force as materialized (
    select
      f.schedule_id, f.period, f.id, f.meter, f.service_tier, f.variant, f.region, f.context_threshold, f.tier_mode,
      f.price_per_unit, f.minimum_quantity, f.is_public, f.bound, f.window_number
    from ratebook.prices_by_period(p_schedules, p_periods, p_rows) as f
  ),

  -- Only periods in which something has a price get sheets.
  masks as (
    select f.schedule_id, f.period, m.mask
    from (
      select f.schedule_id, f.period, max(f.window_number) as windows from in_force as f group by f.schedule_id, f.period
    ) as f
    -- Every set of windows that may be open at once, as a bit mask of their numbers; six make 64, more are refused below.
    cross join lateral generate_series(0, (1 << least(f.windows, 6)::integer) - 1) as m (mask)
  )

  select
    null::bigint, r.schedule_id, r.period, r.service_tier, r.variant, r.region, r.open_windows, r.band,
    jsonb_object_agg(r.meter, r.price_per_unit),
    min(r.price_per_unit) filter (where r.meter = 'input'),
    min(r.price_per_unit) filter (where r.meter = 'output'),
    min(r.price_per_unit) filter (where r.meter = 'cache_read'),
    min(r.price_per_unit) filter (where r.meter = 'cache_write'),
    min(r.price_per_unit) filter (where r.meter = 'request'),
    jsonb_object_agg(r.meter, jsonb_build_array(r.id, r.price_meter, r.is_public)),
    coalesce(jsonb_object_agg(r.meter, r.minimum_quantity) filter (where r.minimum_quantity is not null), '{}'),
    coalesce(array_agg(r.meter) filter (where r.tier_mode = 'marginal' and r.context_threshold is not null), '{}'),
    coalesce(array_agg(r.meter) filter (where not r.is_public), '{}')
  from (
    select distinct on (
      s.id, f.period, tier.key, variant.name, region.name, masks.mask, band.n, c.meter
    )
      s.id as schedule_id, f.period, tier.key as service_tier, variant.name as variant, region.name as region,
      masks.mask as open_windows, band.n as band, c.meter, f.price_per_unit, f.id, c.price_meter, f.is_public,
      f.tier_mode, f.context_threshold, f.minimum_quantity
    -- Every situation that the prices of a schedule tell apart, with the rows that apply in it.
    from schedules as s
    inner join in_force as f on f.schedule_id = s.id
    inner join chain as c on c.price_meter = f.meter
    inner join ai.service_tiers as tier
      on tier.key = any(s.service_tiers || 'standard'::text) and f.service_tier in (tier.key, 'standard')
    cross join lateral unnest(s.variants || ''::text) as variant (name)
    cross join lateral unnest(s.regions || ''::text) as region (name)
    inner join masks on masks.schedule_id = s.id and masks.period = f.period
    cross join lateral generate_series(0, cardinality(s.bounds)) as band (n)
    where
      (f.variant is null or f.variant = variant.name)
      and (f.region is null or f.region = region.name)
      and (f.window_number = 0 or masks.mask >> (f.window_number - 1)::integer & 1 = 1)
      and (f.bound is null or f.bound <= s.bounds[band.n])
    -- The one order of specificity: meters on the way down, windows, thresholds, tier, variant, region. A tier that tries
    -- its whole chain first puts its own rows before all of that.
    order by
      s.id, f.period, tier.key, variant.name, region.name, masks.mask, band.n, c.meter,
      tier.tries_chain_first and f.service_tier <> tier.key,
      c.depth,
      f.window_number = 0,
      f.window_number,
      f.context_threshold desc nulls last,
      f.service_tier <> tier.key,
      f.variant is null,
      f.region is null
  ) as r
  group by r.schedule_id, r.period, r.service_tier, r.variant, r.region, r.open_windows, r.band;
end;
$$;

create function ratebook.what_if(p_rows ai.model_pricing[], p_since timestamptz) returns ratebook.what_if
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_what_if ratebook.what_if;
  v_schedule ratebook.price_schedules := ratebook.work_out_schedule(
    p_rows[1].model_id, p_rows[1].source, p_rows[1].currency, p_rows
  );
begin
  v_schedule.id := 0;
  v_what_if.schedule := v_schedule;
  v_what_if.sheets := array(
    select (
      -w.place, w.schedule_id, w.period, w.service_tier, w.variant, w.region, w.open_windows, w.band, w.prices, w.input,
      w.output, w.cache_read, w.cache_write, w.request, w.price_rows, w.minimums, w.marginal, w.hidden
    )::ratebook.price_sheets
    from ratebook.work_out_sheets(
      array[v_schedule], array[greatest(width_bucket(p_since, v_schedule.starts), 1)], p_rows
    ) with ordinality as w (
      id, schedule_id, period, service_tier, variant, region, open_windows, band, prices, input, output, cache_read,
      cache_write, request, price_rows, minimums, marginal, hidden, place
    )
    order by w.place
  );
  return v_what_if;
end;
$$;

revoke all on function ratebook.context_bound(bigint, boolean) from public;
revoke all on function ratebook.what_if(ai.model_pricing[], timestamptz) from public;
revoke all on function ratebook.work_out_schedule(uuid, text, text, ai.model_pricing[]) from public;
revoke all on function ratebook.prices_by_period(ratebook.price_schedules[], integer[], ai.model_pricing[]) from public;
revoke all on function ratebook.work_out_sheets(ratebook.price_schedules[], integer[], ai.model_pricing[]) from public;

comment on type ratebook.price_in_period is 'A row of ai.model_pricing in a period of its schedule in which it is in force.';
comment on column ratebook.price_in_period.schedule_id is 'The schedule.';
comment on column ratebook.price_in_period.period is 'As in ratebook.price_sheets.';
comment on column ratebook.price_in_period.id is 'The price row.';
comment on column ratebook.price_in_period.meter is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.service_tier is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.variant is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.region is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.context_threshold is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.tier_mode is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.window_start is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.window_end is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.window_days is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.window_time_zone is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.price_per_unit is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.minimum_quantity is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.is_public is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.bound is 'The least number of input tokens with which its threshold is reached; NULL for a base price.';
comment on column ratebook.price_in_period.window_number is 'Its daily window, as in ratebook.price_windows; 0 for none.';
comment on type ratebook.what_if is 'What a model''s prices in one source and currency would be with more rows, nowhere written.';
comment on column ratebook.what_if.schedule is 'The schedule, with the id 0.';
comment on column ratebook.what_if.sheets is 'Its sheets; the place of one is its id, negated.';
comment on function ratebook.context_bound(bigint, boolean) is
'The least number of input tokens with which a context threshold is reached.';
comment on function ratebook.work_out_schedule(uuid, text, text, ai.model_pricing[]) is
'When the prices of a model, source and currency change and what they depend on, from ai.model_pricing and more rows of theirs.';
comment on function ratebook.prices_by_period(ratebook.price_schedules[], integer[], ai.model_pricing[]) is
'The price rows in force in each period of schedules, each from a period on, from ai.model_pricing and more rows.';
comment on function ratebook.work_out_sheets(ratebook.price_schedules[], integer[], ai.model_pricing[]) is
'The sheets of schedules, each from a period on, without ids. Holds the one order of specificity.';
comment on function ratebook.what_if(ai.model_pricing[], timestamptz) is
'What prices would be from a time on with more rows, of one model, source and currency, that have no window.';
