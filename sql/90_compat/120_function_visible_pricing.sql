-- Prices as one JSON object, as older systems keep them: {"input_per_1m": 0.15, "output_per_1m": 0.6, "currency": "USD"}.

create function ratebook.pricing_key(p_meter text, p_unit_type ai.unit_type_enum) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case p_unit_type when 'tokens' then p_meter || '_per_1m' else 'per_' || p_meter end;
end;
$$;

create function ratebook.visible_pricing(p_model_id uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all rows, then only what the caller may see is shown.
declare
  v_all boolean := ratebook.is_privileged();
begin
  return (
    select
      coalesce(
        jsonb_object_agg(
          ratebook.pricing_key(p.meter, p.unit_type),
          trim_scale(p.price * case p.unit_type when 'tokens' then 1000000 else 1 end)
        ) || jsonb_build_object('currency', min(p.currency)),
        '{}'
      )
    from ratebook.base_prices(p_model_id, ratebook.clock()) as p
    where v_all or p.is_public
  );
end;
$$;

revoke all on function ratebook.pricing_key(text, ai.unit_type_enum) from public;
revoke all on function ratebook.visible_pricing(uuid) from public;
grant execute on function ratebook.visible_pricing(uuid) to anon, authenticated, service_role;

comment on function ratebook.pricing_key(text, ai.unit_type_enum) is
'What the price of a meter is called in a pricing object: tokens by the million, such as input_per_1m and cache_read_per_1m; all else by one, such as per_image and per_video_second.';
comment on function ratebook.visible_pricing(uuid) is
'The base prices of a model that are in force now and that the caller may see, as a pricing object with the currency; {} where there are none.';
