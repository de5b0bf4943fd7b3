-- Prices as one JSON object, as older systems keep them: {"input_per_1m": 0.15, "output_per_1m": 0.6, "currency": "USD"}.

create function private.pricing_key(p_meter text, p_unit_type ai.unit_type_enum) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case p_unit_type when 'tokens' then p_meter || '_per_1m' else 'per_' || p_meter end;
end;
$$;

create function private.visible_pricing(p_model_id uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all rows, then only what the caller may see is shown.
declare
  v_all boolean := private.is_privileged();
begin
  return coalesce(
    (
      select
        jsonb_object_agg(
          private.pricing_key(t.key, t.unit_type),
          trim_scale((p.prices ->> t.key)::numeric * case t.unit_type when 'tokens' then 1000000 else 1 end)
        ) || jsonb_build_object('currency', m.price_currency)
      from ai.models as m
      inner join private.price_schedules as s
        on s.model_id = m.id and s.source = m.price_source and s.currency = m.price_currency
      -- The base prices: no window open, below every context tier.
      inner join private.price_sheets as p
        on
          (p.schedule_id, p.period, p.service_tier, p.variant, p.region, p.open_windows, p.band)
          = (s.id, width_bucket(private.clock(), s.starts), 'standard', '', '', 0, 0)
      -- A meter's own price, not the one that it falls back to.
      inner join ai.meters as t on t.key = p.price_rows -> t.key ->> 1
      where m.id = p_model_id and (v_all or (p.price_rows -> t.key -> 2)::boolean)
      group by m.price_currency
    ),
    '{}'
  );
end;
$$;

revoke all on function private.pricing_key(text, ai.unit_type_enum) from public;
revoke all on function private.visible_pricing(uuid) from public;
grant execute on function private.visible_pricing(uuid) to anon, authenticated, service_role;

comment on function private.pricing_key(text, ai.unit_type_enum) is
'What the price of a meter is called in a pricing object: tokens by the million, such as input_per_1m and cache_read_per_1m; all else by one, such as per_image and per_video_second.';
comment on function private.visible_pricing(uuid) is
'The base prices of a model that are in force now and that the caller may see, as a pricing object with the currency; {} where there are none.';
