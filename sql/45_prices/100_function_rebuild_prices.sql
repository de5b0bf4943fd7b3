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
    select c.since, r.*
    from unnest(p_changes) as c
    cross join lateral ratebook.work_out_schedule(c.model_id, c.source, c.currency) as r
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
declare
  v_schedules constant ratebook.price_schedules[] := array(
    select s
    from unnest(p_schedule_ids) with ordinality as t (id, place)
    inner join ratebook.price_schedules as s on s.id = t.id
    order by t.place
  );
begin
  -- Few models have windows.
  if exists (select from unnest(v_schedules) as s where s.has_windows) then
    insert into ratebook.price_windows (
      schedule_id, period, number, window_start, window_end, window_days, window_time_zone
    )
    select distinct
      f.schedule_id, f.period, f.window_number, f.window_start, f.window_end, f.window_days, f.window_time_zone
    from ratebook.prices_by_period(v_schedules, p_periods) as f
    where f.window_number > 0;
  end if;
  insert into ratebook.price_sheets (
    schedule_id, period, service_tier, variant, region, open_windows, band, prices, price_rows, minimums, marginal, hidden
  )
  select
    w.schedule_id, w.period, w.service_tier, w.variant, w.region, w.open_windows, w.band, w.prices, w.price_rows,
    w.minimums, w.marginal, w.hidden
  from ratebook.work_out_sheets(v_schedules, p_periods) as w;
end;
$$;

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
'Writes the windows and sheets of schedules, each from a period on, where there are none.';
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
