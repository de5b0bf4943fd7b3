-- What an answer states costs something else than the plain service, so the plain price is not its price.
create function ratebook.prices_tell_apart(
  p_price_rows jsonb, p_stated text[], p_service_tier text, p_variant text, p_region text
) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    coalesce(bool_or(p.service_tier = p_service_tier), false) >= ('service_tier' = any(p_stated))
    and coalesce(bool_or(p.variant = p_variant), false) >= ('variant' = any(p_stated))
    and coalesce(bool_or(p.region = p_region), false) >= ('region' = any(p_stated))
  from ai.model_pricing as p
  where p.id = any(array(select (r.value ->> 0)::uuid from jsonb_each(p_price_rows) as r));
end;

create function ratebook.refuse_stated(
  p_model text, p_stated text[], p_service_tier text, p_variant text, p_region text, p_at timestamptz
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_stated constant jsonb := (
    select jsonb_object_agg(s.key, s.value)
    from jsonb_each(
      jsonb_build_object('service_tier', p_service_tier, 'variant', p_variant, 'region', p_region)
    ) as s
    where s.key = any(p_stated)
  );
begin
  perform ratebook.fail(
    'no_price', format('Model "%s" has no price at that time for what the answer states: %s.', p_model, v_stated),
    'An unknown price is never the plain one: add rows for it to ai.model_pricing.',
    v_stated || jsonb_build_object('model', p_model, 'at', p_at)
  );
end;
$$;

revoke all on function ratebook.prices_tell_apart(jsonb, text[], text, text, text) from public;
revoke all on function ratebook.refuse_stated(text, text[], text, text, text, timestamptz) from public;

comment on function ratebook.prices_tell_apart(jsonb, text[], text, text, text) is
'Whether the price rows of a sheet name each condition that an answer states.';
comment on function ratebook.refuse_stated(text, text[], text, text, text, timestamptz) is
'Raises the error no_price (PT422) for what an answer states and nothing prices.';
