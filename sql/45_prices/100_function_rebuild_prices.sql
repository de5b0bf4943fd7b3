-- What has changed: the prices of a model, source and currency, from a date on.
create type ratebook.changed_prices as (
  model_id uuid,
  source text,
  currency text,
  since timestamptz
);

create function ratebook.rebuild_prices(p_changes ratebook.changed_prices[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_schedules bigint[];
  v_periods integer[];
  v_model text;
  v_source text;
  v_from timestamptz;
begin
  -- Two writers of one model's prices: the second waits here, and its next statement sees the first one's rows.
  perform
  from ai.models as m
  where m.id = any(array(select c.model_id from unnest(p_changes) as c))
  order by m.id
  for no key update;

  -- The schedules, from all price rows. What is before the change keeps its sheets, unless the sheets are cut otherwise
  -- than they were: by another threshold, service tier, variant or region.
  with fresh as materialized (
    select c.model_id, c.source, c.currency, c.since, r.*
    from unnest(p_changes) as c
    cross join lateral (
      select
        array_agg(distinct p.effective_from order by p.effective_from) as starts,
        coalesce(
          array_agg(distinct ratebook.context_bound(p.context_threshold, p.threshold_inclusive))
          filter (where p.context_threshold is not null),
          '{}'
        ) as bounds,
        array_agg(distinct p.service_tier) as service_tiers,
        coalesce(array_agg(distinct p.variant) filter (where p.variant is not null), '{}') as variants,
        coalesce(array_agg(distinct p.region) filter (where p.region is not null), '{}') as regions,
        bool_or(p.window_start is not null) as has_windows
      from ai.model_pricing as p
      where (p.model_id, p.source, p.currency) = (c.model_id, c.source, c.currency)
      offset 0
    ) as r
  ),

  -- As they were, before the statement.
  former as materialized (
    select f.since, s.*
    from fresh as f
    inner join ratebook.price_schedules as s on (s.model_id, s.source, s.currency) = (f.model_id, f.source, f.currency)
  ),

  written as (
    insert into ratebook.price_schedules as s (
      model_id, source, currency, starts, bounds, service_tiers, variants, regions, has_windows
    )
    select
      f.model_id, f.source, f.currency, f.starts, f.bounds, f.service_tiers, f.variants, f.regions, f.has_windows
    from fresh as f
    on conflict (model_id, source, currency) do update
    set
      starts = excluded.starts,
      bounds = excluded.bounds,
      service_tiers = excluded.service_tiers,
      variants = excluded.variants,
      regions = excluded.regions,
      has_windows = excluded.has_windows
    returning s.*
  )

  select
    array_agg(w.id),
    -- The date of a change is one of the starts; all that are before it keep their numbers.
    array_agg(
      case
        when (w.bounds, w.service_tiers, w.variants, w.regions) = (f.bounds, f.service_tiers, f.variants, f.regions)
          then greatest(width_bucket(f.since, w.starts), 1)
        else 1
      end
    )
  into v_schedules, v_periods
  from written as w
  left join former as f on f.id = w.id;

  delete from ratebook.price_windows as w
  using unnest(v_schedules, v_periods) as t (schedule_id, period)
  where w.schedule_id = t.schedule_id and w.period >= t.period;
  delete from ratebook.price_sheets as p
  using unnest(v_schedules, v_periods) as t (schedule_id, period)
  where p.schedule_id = t.schedule_id and p.period >= t.period;
  perform ratebook.write_sheets(v_schedules, v_periods);

  -- Every set of windows that may be open at once has sheets of its own: that is bearable up to six.
  select m.key, s.source, s.starts[w.period] into v_model, v_source, v_from
  from ratebook.price_windows as w
  inner join ratebook.price_schedules as s on s.id = w.schedule_id
  inner join ai.models as m on m.id = s.model_id
  where s.id = any(v_schedules) and w.number > 6
  order by m.key, s.source, w.period
  limit 1;
  if found then
    perform ratebook.fail(
      'too_many_windows', format('Model "%s" has prices for more than six daily windows at once.', v_model),
      'Withdraw those that are over before others begin, or merge some.',
      jsonb_build_object('model', v_model, 'source', v_source, 'from', v_from)
    );
  end if;
  -- Last, for what is worked out from all of it.
  update ratebook.price_schedules as s set rebuilt_at = clock_timestamp() where s.id = any(v_schedules);
end;
$$;

create function ratebook.write_sheets(p_schedule_ids bigint[], p_periods integer[]) returns void
language plpgsql volatile
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
    select s.*, t.period as first_period
    from unnest(p_schedule_ids, p_periods) as t (id, period)
    inner join ratebook.price_schedules as s on s.id = t.id
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
        s.id, p.meter, p.service_tier, p.variant, p.region, p.context_threshold, p.window_start, p.window_end,
        p.window_days, p.window_time_zone, p.effective_from
      )
        s.id as schedule_id, p.id, p.meter, p.service_tier, p.variant, p.region, p.context_threshold,
        p.threshold_inclusive, p.tier_mode, p.window_start, p.window_end, p.window_days, p.window_time_zone,
        p.effective_from, p.price_per_unit, p.withdrawn, p.is_public
      from schedules as s
      inner join ai.model_pricing as p
        on p.model_id = s.model_id and p.source = s.source and p.currency = s.currency
      -- DISTINCT ON takes nulls for equal: rows that name no variant have one key.
      order by
        s.id asc, p.meter asc, p.service_tier asc, p.variant asc, p.region asc, p.context_threshold asc,
        p.window_start asc, p.window_end asc, p.window_days asc, p.window_time_zone asc, p.effective_from asc,
        p.revision desc
    ) as d
  ),

  -- A row is in force in the periods from its date on, up to that on which the next one takes over: its cost grows with
  -- them, and not with all pairs of rows and dates.
  in_force as materialized (
    select
      t.period,
      d.*,
      ratebook.context_bound(d.context_threshold, d.threshold_inclusive) as bound,
      case
        when d.window_start is null then 0
        else dense_rank() over (
          partition by d.schedule_id, t.period
          order by d.window_start, d.window_end, d.window_days, d.window_time_zone
        )
      end as window_number
    from schedules as s
    inner join dated as d on d.schedule_id = s.id
    cross join lateral generate_series(
      greatest(width_bucket(d.effective_from, s.starts), s.first_period),
      coalesce(width_bucket(d.effective_until, s.starts) - 1, cardinality(s.starts))
    ) as t (period)
    where not d.withdrawn
  ),

  -- Only periods in which something has a price get sheets.
  masks as (
    select f.schedule_id, f.period, m.mask
    from (
      select f.schedule_id, f.period, max(f.window_number) as windows from in_force as f group by f.schedule_id, f.period
    ) as f
    -- Every set of windows that may be open at once, as a bit mask of their numbers; six make 64, more are refused below.
    cross join lateral generate_series(0, (1 << least(f.windows, 6)::integer) - 1) as m (mask)
  ),

  windows as (
    insert into ratebook.price_windows (
      schedule_id, period, number, window_start, window_end, window_days, window_time_zone
    )
    select distinct
      f.schedule_id, f.period, f.window_number, f.window_start, f.window_end, f.window_days, f.window_time_zone
    from in_force as f
    where f.window_number > 0
  )

  -- What every meter costs in every situation: of the rows that apply, the most specific.
  insert into ratebook.price_sheets (
    schedule_id, period, service_tier, variant, region, open_windows, band, prices, price_rows, marginal, hidden
  )
  select
    r.schedule_id, r.period, r.service_tier, r.variant, r.region, r.open_windows, r.band,
    jsonb_object_agg(r.meter, r.price_per_unit),
    jsonb_object_agg(r.meter, jsonb_build_array(r.id, r.price_meter, r.is_public)),
    coalesce(array_agg(r.meter) filter (where r.tier_mode = 'marginal' and r.context_threshold is not null), '{}'),
    coalesce(array_agg(r.meter) filter (where not r.is_public), '{}')
  from (
    select distinct on (
      s.id, f.period, tier.key, variant.name, region.name, masks.mask, band.n, c.meter
    )
      s.id as schedule_id, f.period, tier.key as service_tier, variant.name as variant, region.name as region,
      masks.mask as open_windows, band.n as band, c.meter, f.price_per_unit, f.id, c.price_meter, f.is_public,
      f.tier_mode, f.context_threshold
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

create function ratebook.context_bound(p_threshold bigint, p_inclusive boolean) returns numeric
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
-- Quantities have at most 12 decimals: the least one above an exclusive threshold.
return p_threshold + case when p_inclusive then 0 else 0.000000000001 end;

create function ratebook.rebuild_prices_of_inserted() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the sheets are nobody's to write.
begin
  -- A change of the registry waits for the prices under way, and new prices for it.
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
  perform ratebook.rebuild_prices(array(
    select (i.model_id, i.source, i.currency, min(i.effective_from))::ratebook.changed_prices
    from inserted as i
    group by i.model_id, i.source, i.currency
  ));
  return null;
end;
$$;

create function ratebook.rebuild_prices_of_meters() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the sheets are nobody's to write.
declare
  v_fallbacks text[];
begin
  -- A sheet knows of meters only what falls back to what; thresholds count input when a request is priced.
  if tg_op = 'UPDATE' then
    v_fallbacks := array(
      select d.falls_back_to
      from (
        (select f.key, f.falls_back_to from former as f except select c.key, c.falls_back_to from changed as c)
        union all
        (select c.key, c.falls_back_to from changed as c except select f.key, f.falls_back_to from former as f)
      ) as d
      where d.falls_back_to is not null
    );
  else
    v_fallbacks := array(select c.falls_back_to from changed as c where c.falls_back_to is not null);
  end if;
  if v_fallbacks = '{}' then
    return null;
  end if;

  perform pg_advisory_xact_lock(hashtextextended('ratebook.price_registry', 0));
  -- Where a meter on the way down, old or new, has a price.
  perform ratebook.rebuild_prices(array(
    with recursive chain (meter) as (
      select f.meter from unnest(v_fallbacks) as f (meter)
      union
      select m.falls_back_to
      from chain as c
      inner join ai.meters as m on m.key = c.meter
      where m.falls_back_to is not null
    )

    select (p.model_id, p.source, p.currency, '-infinity')::ratebook.changed_prices
    from ai.model_pricing as p
    where p.meter in (select c.meter from chain as c)
    group by p.model_id, p.source, p.currency
  ));
  return null;
end;
$$;

create function ratebook.rebuild_prices_of_service_tiers() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the sheets are nobody's to write.
declare
  -- A tier that comes, goes or is renamed has no prices: the foreign key sees to that.
  v_tiers constant text[] := array(
    select c.key
    from changed as c
    inner join former as f on f.key = c.key
    where f.tries_chain_first <> c.tries_chain_first
  );
begin
  if v_tiers = '{}' then
    return null;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('ratebook.price_registry', 0));
  perform ratebook.rebuild_prices(array(
    select (p.model_id, p.source, p.currency, '-infinity')::ratebook.changed_prices
    from ai.model_pricing as p
    where p.service_tier = any(v_tiers)
    group by p.model_id, p.source, p.currency
  ));
  return null;
end;
$$;

revoke all on function ratebook.rebuild_prices(ratebook.changed_prices[]) from public;
revoke all on function ratebook.write_sheets(bigint[], integer[]) from public;
revoke all on function ratebook.context_bound(bigint, boolean) from public;
revoke all on function ratebook.rebuild_prices_of_inserted() from public;
revoke all on function ratebook.rebuild_prices_of_meters() from public;
revoke all on function ratebook.rebuild_prices_of_service_tiers() from public;

comment on type ratebook.changed_prices is 'Prices that have changed: of a model, source and currency, from a date on.';
comment on column ratebook.changed_prices.model_id is 'The model.';
comment on column ratebook.changed_prices.source is 'The source of the price rows.';
comment on column ratebook.changed_prices.currency is 'Their currency.';
comment on column ratebook.changed_prices.since is 'The earliest effective_from of what is new; -infinity: all.';
comment on function ratebook.rebuild_prices(ratebook.changed_prices[]) is
'Brings schedules and price sheets to what ai.model_pricing says. Sheets of periods before a change stay, so a new last date costs one period. Error: too_many_windows (PT422).';
comment on function ratebook.write_sheets(bigint[], integer[]) is
'Writes the windows and sheets of schedules, each from a period on, where there are none. Holds the one order of specificity.';
comment on function ratebook.context_bound(bigint, boolean) is
'The least number of input tokens with which a context threshold is reached.';
comment on function ratebook.rebuild_prices_of_inserted() is
'Statement trigger after insert on ai.model_pricing: keeps the sheets of the models in step, from the first new date on.';
comment on function ratebook.rebuild_prices_of_meters() is
'Statement trigger on meters: where what falls back to what has changed, works out the sheets that it is part of.';
comment on function ratebook.rebuild_prices_of_service_tiers() is
'Statement trigger on service tiers: where tries_chain_first has changed, works out the sheets of prices in the tier.';

create trigger model_pricing_rebuild after insert on ai.model_pricing
referencing new table as inserted
for each statement execute function ratebook.rebuild_prices_of_inserted();
create trigger meters_rebuild_prices_insert after insert on ai.meters
referencing new table as changed
for each statement execute function ratebook.rebuild_prices_of_meters();
create trigger meters_rebuild_prices_update after update on ai.meters
referencing old table as former new table as changed
for each statement execute function ratebook.rebuild_prices_of_meters();
create trigger meters_rebuild_prices_delete after delete on ai.meters
referencing old table as changed
for each statement execute function ratebook.rebuild_prices_of_meters();
create trigger service_tiers_rebuild_prices after update on ai.service_tiers
referencing old table as former new table as changed
for each statement execute function ratebook.rebuild_prices_of_service_tiers();
