create function ratebook.export_prices(p_at timestamptz) returns table (
  model text,
  name text,
  provider text,
  is_active boolean,
  meter text,
  unit_type ai.unit_type_enum,
  price_per_unit text,
  currency text,
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
  effective_from timestamptz,
  source text,
  is_public boolean
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads the rate book in schema ratebook; admins and the service role only.
begin
  perform ratebook.assert_privileged();
  perform ratebook.assert_time(p_at);
  return query
  select
    m.key, m.name, v.key, m.is_active, p.meter, p.unit_type, trim_scale(p.price_per_unit)::text, p.currency,
    p.service_tier, p.variant, p.region, p.context_threshold, p.threshold_inclusive, p.tier_mode, p.window_start,
    p.window_end, p.window_days, p.window_time_zone, p.effective_from, p.source, p.is_public
  from ai.models as m
  inner join ai.providers as v on v.id = m.provider_id
  cross join lateral ratebook.prices_in_force(m.id, p_at) as p
  where m.deleted_at is null
  order by
    m.key, p.meter, p.service_tier, p.variant nulls first, p.region nulls first, p.context_threshold nulls first,
    p.window_start nulls first, p.window_end, p.window_days, p.window_time_zone;
end;
$$;

create function ai.export_prices(at timestamptz default ratebook.clock()) returns table (
  model text,
  name text,
  provider text,
  is_active boolean,
  meter text,
  unit_type ai.unit_type_enum,
  price_per_unit text,
  currency text,
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
  effective_from timestamptz,
  source text,
  is_public boolean
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select p.* from ratebook.export_prices(at) as p;
end;

revoke all on function ratebook.export_prices(timestamptz) from public;
revoke all on function ai.export_prices(timestamptz) from public;
grant execute on function ratebook.export_prices(timestamptz) to authenticated, service_role;
grant execute on function ai.export_prices(timestamptz) to authenticated, service_role;

comment on function ratebook.export_prices(timestamptz) is 'The rule behind ai.export_prices().';
comment on function ai.export_prices(timestamptz) is
'For admins and the service role. The price table in force, now or at a time: each price of each model that is not deleted, hidden and inactive ones too, ordered by model. price_per_unit is the exact price of ONE unit, as text. With Accept: text/csv it comes as CSV (without select=: PostgREST''s header does not follow it, its issue 3627); the server''s row limit applies. Errors: not_allowed (42501), invalid_time (PT422).';
