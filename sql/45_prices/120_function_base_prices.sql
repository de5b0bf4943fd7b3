create function ratebook.base_prices(p_model_id uuid, p_at timestamptz) returns table (
  meter text,
  unit_type ai.unit_type_enum,
  price numeric,
  currency text,
  is_public boolean
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select k.key, k.unit_type, e.value::numeric, s.currency, (p.price_rows -> e.key -> 2)::boolean
  from ratebook.price_source_at(p_model_id, p_at) as f
  inner join ratebook.price_schedules as s
    on (s.model_id, s.source, s.currency) = (p_model_id, f.price_source, f.price_currency)
  inner join ratebook.price_sheets as p
    on
      p.schedule_id = s.id
      and p.period = width_bucket(p_at, s.starts)
      and (p.service_tier, p.variant, p.region, p.open_windows, p.band) = ('standard', '', '', 0, 0)
  cross join lateral jsonb_each(p.prices) as e
  inner join ai.meters as k on k.key = e.key
  -- The sheet also holds what meters cost by their fallbacks.
  where p.price_rows -> e.key ->> 1 = e.key;
end;
$$;

revoke all on function ratebook.base_prices(uuid, timestamptz) from public;

comment on function ratebook.base_prices(uuid, timestamptz) is
'What each meter of a model that has a price of its own costs at a time, per ONE unit: in the standard tier, without threshold, window, variant and region. Hidden prices too, marked.';
