create function private.price_usage(
  p_model_id uuid,
  p_usage jsonb,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz
) returns table (
  meter text,
  quantity numeric,
  price_id uuid,
  price_meter text,
  unit_price numeric,
  is_public boolean
)
language sql stable
set search_path = ''
begin atomic
  with recursive
  used (meter, quantity) as (
    select
      u.key,
      u.value::numeric
    from jsonb_each(p_usage) as u
  ),

  chain (meter, price_meter, depth) as (
    select
      u.meter,
      u.meter as price_meter,
      0 as depth
    from used as u
    union all
    select
      c.meter,
      m.falls_back_to,
      c.depth + 1
    from chain as c
    inner join ai.meters as m on m.key = c.price_meter
    where m.falls_back_to is not null
  ),

  chosen as (
    select distinct on (c.meter)
      c.meter,
      p.id,
      p.meter as price_meter,
      p.price_per_unit,
      p.is_public
    from chain as c
    inner join private.prices_in_force(p_model_id, p_at) as p on p.meter = c.price_meter
    cross join (
      select t.tries_chain_first from ai.service_tiers as t
      where t.key = p_service_tier
    ) as tier
    where
      p.service_tier in (p_service_tier, 'standard')
      and (p.variant = p_variant or p.variant is null)
      and (p.region = p_region or p.region is null)
      and p.context_threshold is null
      and p.window_start is null
    -- The one order of specificity: service tier and chain as the tier says, then variant, then region.
    order by
      c.meter,
      tier.tries_chain_first and p.service_tier <> p_service_tier,
      c.depth,
      p.service_tier <> p_service_tier,
      p.variant is null,
      p.region is null
  )

  select
    u.meter,
    u.quantity,
    c.id,
    c.price_meter,
    c.price_per_unit,
    c.is_public
  from used as u
  left join chosen as c on c.meter = u.meter
  order by u.meter;
end;

revoke all on function private.price_usage(uuid, jsonb, text, text, text, timestamptz) from public;

comment on function private.price_usage(uuid, jsonb, text, text, text, timestamptz) is
'The price row that applies to each meter of a valid usage; NULL where none is in force. One row per meter.';
