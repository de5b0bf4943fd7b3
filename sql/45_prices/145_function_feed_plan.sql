-- Prices that are odd enough for a person to look at before anybody pays them. Only what would be written is looked at.

create function ratebook.feed_plan(
  p_source text, p_models jsonb, p_starts_at timestamptz, p_at timestamptz, p_unread text[], p_accept text[]
) returns table (
  ref text,
  meter text,
  service_tier text,
  currency text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  says text,
  says_now text,
  revision integer,
  change text,
  reason text,
  beside numeric
)
language sql stable
-- As in ratebook.feed_changes().
set search_path = pg_catalog, pg_temp set enable_nestloop = off
begin atomic
  with changes as materialized (
    select
      c.*,
      split_part(c.ref, '/', 1) as provider,
      split_part(c.says, ' ', 1)::numeric as price,
      split_part(c.says_now, ' ', 1)::numeric as price_now
    from ratebook.feed_changes(p_source, p_models, p_starts_at, p_at, p_unread) as c
  ),

  -- A name on the list lets all prices of its model through.
  accepted as (
    select f.ref
    from ratebook.feed_models(p_source, p_models) as f
    where f.ref = any(p_accept) or f.key = any(p_accept) or f.aliases && p_accept
  ),

  written as materialized (
    select c.*
    from changes as c
    where c.change in ('added', 'changed') and c.ref not in (select a.ref from accepted as a)
  ),

  -- What other sources say of the same today, in one currency: 0 says nothing of how much a thing may cost.
  elsewhere as materialized (
    select
      q.ref,
      q.provider,
      q.meter,
      q.currency,
      q.price_key,
      q.price
    from (
      select distinct on (b.source, k.price_key)
        k.ref,
        k.provider,
        b.meter,
        b.currency,
        k.price_key,
        b.price_per_unit as price
      from ai.model_pricing as b
      inner join ai.models as m on m.id = b.model_id
      inner join ai.providers as p on p.id = m.provider_id
      -- The key of ratebook.feed_prices(), by which the same thing is found.
      cross join
        lateral (
          select
            p.key as provider,
            p.key || '/' || m.provider_model_key as ref,
            row(
              p.key || '/' || m.provider_model_key, b.meter, b.service_tier, b.currency, b.variant, b.region,
              b.context_threshold, b.window_start, b.window_end, b.window_days, b.window_time_zone
            )::text as price_key
        ) as k
      where
        b.source <> p_source
        and b.effective_from <= p_at
        and m.provider_model_key is not null
        and p.key in (select w.provider from written as w)
      order by b.source asc, k.price_key asc, b.effective_from desc, b.revision desc
    ) as q
    where q.price > 0
  ),

  -- The dearest of them is what a price is held against.
  others as (
    select
      e.price_key,
      max(e.price) as most
    from elsewhere as e
    group by e.price_key
  ),

  -- Of each model of a provider the least that a meter costs, whoever says so.
  least as materialized (
    select
      q.provider,
      q.ref,
      q.meter,
      q.currency,
      min(q.price) as price
    from (
      select
        split_part(f.ref, '/', 1) as provider,
        f.ref,
        f.meter,
        f.currency,
        split_part(f.says, ' ', 1)::numeric as price
      from ratebook.feed_prices(p_models) as f
      where f.says is not null
      -- Models that only others know belong to the picture too.
      union all
      select
        e.provider,
        e.ref,
        e.meter,
        e.currency,
        e.price
      from elsewhere as e
    ) as q
    where q.price > 0
    group by q.provider, q.ref, q.meter, q.currency
  ),

  -- The cheapest of a provider's models, free ones aside.
  floors as (
    select
      l.provider,
      l.meter,
      l.currency,
      min(l.price) as price
    from least as l
    group by l.provider, l.meter, l.currency
  ),

  -- First sight: nothing here says what it costs, or that it is free. Most are cleared by the cheapest of their provider's
  -- models; only for the others it is worth looking for the one in the middle.
  strangers as materialized (
    select distinct
      w.provider,
      w.ref,
      w.meter,
      w.currency
    from written as w
    inner join floors as f on (f.provider, f.meter, f.currency) = (w.provider, w.meter, w.currency)
    where coalesce(w.price_now, 0) = 0 and w.price > 1000 * f.price
  ),

  -- Without the model itself: of two, the other is what is usual.
  medians as materialized (
    select
      s.ref,
      s.meter,
      s.currency,
      percentile_disc(0.5) within group (order by l.price) as price
    from strangers as s
    inner join least as l on l.provider = s.provider and l.meter = s.meter and l.currency = s.currency and l.ref <> s.ref
    group by s.ref, s.meter, s.currency
  ),

  -- The first of three reasons to ask a person, and the amount that a price is beside.
  odd as (
    select
      w.price_key,
      w.effective_from,
      o.reason,
      o.beside
    from written as w
    left join others as e on e.price_key = w.price_key
    left join medians as n on (n.ref, n.meter, n.currency) = (w.ref, w.meter, w.currency)
    cross join
      lateral (
        select
          case
            when w.price_now > 0 and (w.price > 10 * w.price_now or w.price * 10 < w.price_now) then 'jump'
            when w.price > 10 * e.most then 'other_sources'
            when coalesce(w.price_now, 0) = 0 and w.price > 1000 * n.price then 'first_sight'
          end as reason,
          e.most,
          n.price as median
      ) as v
    -- What it was held against, for the report.
    cross join
      lateral (
        select
          v.reason,
          case v.reason when 'jump' then w.price_now when 'other_sources' then v.most else v.median end as beside
      ) as o
    where o.reason is not null
  )

  -- All changes again, and what is odd among them is not to be written.
  select
    c.ref,
    c.meter,
    c.service_tier,
    c.currency,
    c.variant,
    c.region,
    c.context_threshold,
    c.window_start,
    c.window_end,
    c.window_days,
    c.window_time_zone,
    c.effective_from,
    c.says,
    c.says_now,
    c.revision,
    case when o.reason is null then c.change else 'held' end,
    o.reason,
    o.beside
  from changes as c
  left join odd as o on (o.price_key, o.effective_from) = (c.price_key, c.effective_from);
end;

create function ratebook.told_price(
  p_model text, p_meter text, p_service_tier text, p_currency text, p_variant text, p_region text, p_threshold bigint,
  p_window_start time, p_window_end time, p_window_days integer, p_window_time_zone text, p_effective_from timestamptz
) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
return jsonb_strip_nulls(
  jsonb_build_object(
    'model', p_model,
    'meter', p_meter,
    'service_tier', p_service_tier,
    'currency', p_currency,
    'variant', p_variant,
    'region', p_region,
    'context_threshold', p_threshold,
    'window_start', p_window_start,
    'window_end', p_window_end,
    'window_days', p_window_days,
    'window_time_zone', p_window_time_zone,
    'effective_from', p_effective_from
  )
);

create function ratebook.own_prices(p_source text, p_models jsonb, p_at timestamptz) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  with own as materialized (
    select
      m.id,
      m.key,
      m.price_source,
      n.ref
    from ratebook.feed_models(p_source, p_models) as n
    inner join ai.models as m on m.id = n.model_id
    where m.price_source <> p_source and not m.metadata ? 'catalogue' and m.deleted_at is null
  ),

  priced as materialized (
    select distinct
      f.ref,
      f.meter
    from ratebook.feed_prices(p_models) as f
    where f.says is not null and f.ref in (select o.ref from own as o)
  )

  select
    coalesce(
      jsonb_agg(
        jsonb_build_object('model', o.key, 'price_source', o.price_source, 'missing', l.meters) order by o.key
      ), '[]'
    )
  from own as o
  cross join lateral (
    select
      array(
        select f.meter from priced as f
        where f.ref = o.ref
        except
        select p.meter from ratebook.prices_in_force(o.id, p_at) as p
        order by meter
      ) as meters
  ) as l;
end;

revoke all on function ratebook.feed_plan(text, jsonb, timestamptz, timestamptz, text[], text[]) from public;
revoke all on function ratebook.own_prices(text, jsonb, timestamptz) from public;
revoke all on function ratebook.told_price(
  text, text, text, text, text, text, bigint, time, time, integer, text, timestamptz
) from public;

comment on function ratebook.feed_plan(text, jsonb, timestamptz, timestamptz, text[], text[]) is
'The answer of ratebook.feed_changes(), where change is held for a price that no person has accepted and that is odd. reason: jump (more than ten times what it was, or less than a tenth), other_sources (more than ten times the most that another source says of it), first_sight (new, and more than a thousand times the median of the least prices of its provider''s other models for the meter); beside: that other amount. p_accept: names of models whose prices are let through.';
comment on function ratebook.own_prices(text, jsonb, timestamptz) is
'The models of a feed that people made and that follow another source: [{model, price_source, missing}], with the meters that the feed prices and their own source does not.';
comment on function ratebook.told_price(
  text, text, text, text, text, text, bigint, time, time, integer, text, timestamptz
) is 'What a price is for, as the report of an import tells it: conditions that it has, no others.';
