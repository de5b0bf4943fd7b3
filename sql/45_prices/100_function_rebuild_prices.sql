create function ratebook.rebuild_prices(p_model_ids uuid[]) returns void
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
declare
  v_model text;
  v_source text;
  v_from timestamptz;
begin
  -- Two writers of one model's prices: the second waits here, and its next statement sees the first one's rows.
  perform from ai.models as m where m.id = any(p_model_ids) order by m.id for no key update;

  delete from ratebook.price_schedules as s where s.model_id = any(p_model_ids);

  insert into ratebook.price_schedules (
    model_id, source, currency, starts, bounds, service_tiers, variants, regions, has_windows
  )
  select
    p.model_id,
    p.source,
    p.currency,
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
  from ai.model_pricing as p
  where p.model_id = any(p_model_ids)
  group by p.model_id, p.source, p.currency;

  with recursive
  chain (meter, price_meter, depth) as (
    select m.key, m.key, 0 from ai.meters as m
    union all
    select c.meter, m.falls_back_to, c.depth + 1
    from chain as c
    inner join ai.meters as m on m.key = c.price_meter
    where m.falls_back_to is not null
  ),

  schedules as materialized (
    select s.* from ratebook.price_schedules as s where s.model_id = any(p_model_ids)
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
      order by
        s.id asc, p.meter asc, p.service_tier asc, p.variant asc, p.region asc, p.context_threshold asc,
        p.window_start asc, p.window_end asc, p.window_days asc, p.window_time_zone asc, p.effective_from asc,
        p.revision desc
    ) as d
  ),

  in_force as materialized (
    select
      t.period::integer as period,
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
    cross join unnest(s.starts) with ordinality as t (start, period)
    inner join dated as d
      on d.schedule_id = s.id and d.effective_from <= t.start
      and (d.effective_until is null or t.start < d.effective_until)
    where not d.withdrawn
  ),

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

  select m.key, s.source, s.starts[w.period] into v_model, v_source, v_from
  from ratebook.price_windows as w
  inner join ratebook.price_schedules as s on s.id = w.schedule_id
  inner join ai.models as m on m.id = s.model_id
  where s.model_id = any(p_model_ids) and w.number > 6
  order by m.key, s.source, w.period
  limit 1;
  if found then
    perform ratebook.fail(
      'too_many_windows', format('Model "%s" has prices for more than six daily windows at once.', v_model),
      'Withdraw those that are over before others begin, or merge some.',
      jsonb_build_object('model', v_model, 'source', v_source, 'from', v_from)
    );
  end if;
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
  perform ratebook.rebuild_prices(array(select distinct i.model_id from inserted as i));
  return null;
end;
$$;

create function ratebook.rebuild_all_prices() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the sheets are nobody's to write.
begin
  perform pg_advisory_xact_lock(hashtextextended('ratebook.price_registry', 0));
  perform ratebook.rebuild_prices(array(select distinct s.model_id from ratebook.price_schedules as s));
  return null;
end;
$$;

revoke all on function ratebook.rebuild_prices(uuid[]) from public;
revoke all on function ratebook.context_bound(bigint, boolean) from public;
revoke all on function ratebook.rebuild_prices_of_inserted() from public;
revoke all on function ratebook.rebuild_all_prices() from public;

comment on function ratebook.rebuild_prices(uuid[]) is
'Works out the price sheets of models from ai.model_pricing. Holds the one order of specificity. Error: too_many_windows (PT422).';
comment on function ratebook.context_bound(bigint, boolean) is
'The least number of input tokens with which a context threshold is reached.';
comment on function ratebook.rebuild_prices_of_inserted() is
'Statement trigger after insert on ai.model_pricing: keeps the sheets of the models in step.';
comment on function ratebook.rebuild_all_prices() is
'Statement trigger on meters and service tiers: their fallbacks are part of every sheet.';

create trigger model_pricing_rebuild after insert on ai.model_pricing
referencing new table as inserted
for each statement execute function ratebook.rebuild_prices_of_inserted();
create trigger meters_rebuild_prices after insert or update or delete on ai.meters
for each statement execute function ratebook.rebuild_all_prices();
create trigger service_tiers_rebuild_prices after insert or update or delete on ai.service_tiers
for each statement execute function ratebook.rebuild_all_prices();
