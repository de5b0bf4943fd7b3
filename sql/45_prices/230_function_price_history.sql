-- Steps of prices: what applied to models, of the source and currency that they followed at each time, cut where a price
-- changes. One rule for the history of a model and for the changes of all.
create type ratebook.price_step as (
  model_id uuid,
  meter text,
  unit_type ai.unit_type_enum,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  threshold_inclusive boolean,
  tier_mode ai.tier_mode_enum,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  price numeric,
  currency text,
  source text,
  is_public boolean,
  starts timestamptz,
  ends timestamptz
);

create function ratebook.price_steps(p_model_ids uuid[]) returns setof ratebook.price_step
language plpgsql stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  return query
  -- One row per key and date, the highest revision, with the date on which the next one takes over.
  with dated as (
    select
      q.*,
      coalesce(lead(q.effective_from) over (
        partition by
          q.model_id, q.source, q.currency, q.meter, q.service_tier, q.variant, q.region, q.context_threshold,
          q.window_start, q.window_end, q.window_days, q.window_time_zone
        order by q.effective_from
      ), 'infinity') as effective_until
    from (
      select distinct on (
        p.model_id, p.source, p.currency, p.meter, p.service_tier, p.variant, p.region, p.context_threshold,
        p.window_start, p.window_end, p.window_days, p.window_time_zone, p.effective_from
      ) p.*
      from ai.model_pricing as p
      where p.model_id = any(p_model_ids)
      order by
        p.model_id asc, p.source asc, p.currency asc, p.meter asc, p.service_tier asc, p.variant asc, p.region asc,
        p.context_threshold asc, p.window_start asc, p.window_end asc, p.window_days asc, p.window_time_zone asc,
        p.effective_from asc, p.revision desc
    ) as q
  ),

  -- What applied: only while the model followed that source and currency.
  followed as (
    select d.*, greatest(d.effective_from, f.starts) as starts, least(d.effective_until, f.ends) as ends
    from dated as d
    inner join ratebook.price_source_periods as f
      on f.model_id = d.model_id and f.price_source = d.source and f.price_currency = d.currency
    where not d.withdrawn and f.starts < d.effective_until and d.effective_from < f.ends
  ),

  -- A row that says what the one before it says is no step.
  marked as (
    select
      f.*,
      lag((f.price_per_unit, f.threshold_inclusive, f.tier_mode, f.currency, f.source, f.is_public)) over w
      is not distinct from (f.price_per_unit, f.threshold_inclusive, f.tier_mode, f.currency, f.source, f.is_public)
      and lag(f.ends) over w = f.starts as goes_on
    from followed as f
    window w as (
      partition by
        f.model_id, f.meter, f.service_tier, f.variant, f.region, f.context_threshold, f.window_start, f.window_end,
        f.window_days, f.window_time_zone
      order by f.starts
    )
  ),

  -- Each step with the rows that go on in it.
  numbered as (
    select
      m.*,
      count(*) filter (where m.goes_on is not true) over (
        partition by
          m.model_id, m.meter, m.service_tier, m.variant, m.region, m.context_threshold, m.window_start, m.window_end,
          m.window_days, m.window_time_zone
        order by m.starts
      ) as step
    from marked as m
  )

  select
    n.model_id, n.meter, n.unit_type, n.service_tier, n.variant, n.region, n.context_threshold, n.threshold_inclusive,
    n.tier_mode, n.window_start, n.window_end, n.window_days, n.window_time_zone, n.price_per_unit, n.currency, n.source,
    n.is_public, min(n.starts), max(n.ends)
  from numbered as n
  group by
    n.model_id, n.meter, n.unit_type, n.service_tier, n.variant, n.region, n.context_threshold, n.threshold_inclusive,
    n.tier_mode, n.window_start, n.window_end, n.window_days, n.window_time_zone, n.price_per_unit, n.currency, n.source,
    n.is_public, n.step;
end;
$$;

create function ratebook.price_history(p_model text) returns table (
  meter text,
  unit_type ai.unit_type_enum,
  price numeric,
  price_per_million numeric,
  currency text,
  starts_at timestamptz,
  ends_at timestamptz,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  threshold_inclusive boolean,
  tier_mode ai.tier_mode_enum,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  source text,
  is_public boolean
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what applied is decided over all rows, then only public ones are shown, and nothing ahead of now.
declare
  v_all constant boolean := ratebook.is_privileged();
  v_now constant timestamptz := ratebook.clock();
begin
  return query
  select
    s.meter, s.unit_type, trim_scale(s.price),
    case when s.unit_type = 'tokens' then trim_scale(s.price * 1000000) end,
    s.currency, s.starts,
    case when isfinite(s.ends) and (v_all or s.ends <= v_now) then s.ends end,
    s.service_tier, s.variant, s.region, s.context_threshold, s.threshold_inclusive, s.tier_mode, s.window_start,
    s.window_end, s.window_days, s.window_time_zone, s.source, s.is_public
  from ratebook.price_steps(array[ratebook.visible_model_id(p_model)]) as s
  where v_all or (s.is_public and s.starts <= v_now)
  order by
    s.meter, s.service_tier, s.variant nulls first, s.region nulls first, s.context_threshold nulls first,
    s.window_start nulls first, s.window_end, s.window_days, s.window_time_zone, s.starts;
end;
$$;

create function ai.price_history(model text) returns table (
  meter text,
  unit_type ai.unit_type_enum,
  price numeric,
  price_per_million numeric,
  currency text,
  starts_at timestamptz,
  ends_at timestamptz,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  threshold_inclusive boolean,
  tier_mode ai.tier_mode_enum,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  source text,
  is_public boolean
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select h.* from ratebook.price_history(model) as h;
end;

revoke all on function ratebook.price_steps(uuid[]) from public;
revoke all on function ratebook.price_history(text) from public;
revoke all on function ai.price_history(text) from public;
grant execute on function ratebook.price_history(text) to anon, authenticated, service_role;
grant execute on function ai.price_history(text) to anon, authenticated, service_role;

comment on type ratebook.price_step is 'A time during which one price of a model applied and stayed the same.';
comment on column ratebook.price_step.model_id is 'The model.';
comment on column ratebook.price_step.meter is 'As in ai.model_pricing.';
comment on column ratebook.price_step.unit_type is 'As in ai.model_pricing.';
comment on column ratebook.price_step.service_tier is 'As in ai.model_pricing.';
comment on column ratebook.price_step.variant is 'As in ai.model_pricing.';
comment on column ratebook.price_step.region is 'As in ai.model_pricing.';
comment on column ratebook.price_step.context_threshold is 'As in ai.model_pricing.';
comment on column ratebook.price_step.threshold_inclusive is 'As in ai.model_pricing.';
comment on column ratebook.price_step.tier_mode is 'As in ai.model_pricing.';
comment on column ratebook.price_step.window_start is 'As in ai.model_pricing.';
comment on column ratebook.price_step.window_end is 'As in ai.model_pricing.';
comment on column ratebook.price_step.window_days is 'As in ai.model_pricing.';
comment on column ratebook.price_step.window_time_zone is 'As in ai.model_pricing.';
comment on column ratebook.price_step.price is 'Exact price of ONE unit, in currency.';
comment on column ratebook.price_step.currency is 'As in ai.model_pricing.';
comment on column ratebook.price_step.source is 'As in ai.model_pricing.';
comment on column ratebook.price_step.is_public is 'As in ai.model_pricing.';
comment on column ratebook.price_step.starts is 'From when on.';
comment on column ratebook.price_step.ends is 'Until when, exclusive; infinity where nothing ends it yet.';
comment on function ratebook.price_steps(uuid[]) is
'What applied to models and when, in steps: rows of ai.model_pricing of the source and currency that each followed at the time, the highest revision, adjoining equal ones as one.';
comment on function ratebook.price_history(text) is 'The rule behind ai.price_history().';
comment on function ai.price_history(text) is
'How the prices of a model went, of the source and currency that it followed at each time: one row a step, by meter and conditions, the oldest first. model: id, key or alias. price: exact, of ONE unit, in currency; price_per_million: of a million tokens, NULL for other units. ends_at: NULL while it applies, and for what is ahead. Conditions are those of ai.model_pricing; a base price has none. Prices of now and the past that are public; admins and the service role see all, and what is ahead. Select price::text: JSON numbers lose digits. The server''s row limit applies: page with offset. Errors: unknown_model (PT404), ambiguous_model (PT409).';
