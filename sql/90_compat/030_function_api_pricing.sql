-- The keys of api_models.pricing follow from the meters: tokens are priced per million, anything else per one.

create function ratebook.api_price_key(p_meter text, p_unit_type ai.unit_type_enum) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return case
  when p_unit_type <> 'tokens' then 'per_' || p_meter
  when p_meter = 'tokens' then 'per_1m_tokens'
  else format('per_1m_%s_tokens', p_meter)
end;

create function ratebook.api_billing_unit(p_price_keys text[]) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select case when bool_or(k.key like 'per\_1m\_%') then 'per_1m_tokens' else min(k.key) end
  from unnest(p_price_keys) as k (key);
end;

create function ratebook.api_pricing(p_model_id uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all prices, then only public ones are shown.
declare
  v_all boolean := ratebook.is_privileged();
begin
  return (
    select
      coalesce(
        jsonb_object_agg(k.key, trim_scale(k.price)) || jsonb_build_object(
          'currency', min(k.currency), 'billing_unit', ratebook.api_billing_unit(array_agg(k.key))
        ),
        '{}'
      )
    from (
      select
        ratebook.api_price_key(p.meter, p.unit_type) as key,
        p.price * case p.unit_type when 'tokens' then 1000000 else 1 end as price,
        p.currency
      from ratebook.base_prices(p_model_id, ratebook.clock()) as p
      where v_all or p.is_public
    ) as k
  );
end;
$$;

create function ratebook.set_api_pricing(p_model_id uuid, p_pricing jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_at timestamptz := ratebook.clock();
  v_prices jsonb;
  v_key text;
  v_unit text;
  v_currency text;
  v_price record;
begin
  if jsonb_typeof(p_pricing) is distinct from 'object' then
    perform ratebook.fail('invalid_argument', 'pricing is not a JSON object.', 'For example {"per_image": 0.0023}.');
  end if;
  v_prices := p_pricing - 'currency' - 'billing_unit';

  select e.key into v_key
  from jsonb_each(v_prices) as e
  where not exists (select from ai.meters as m where ratebook.api_price_key(m.key, m.unit_type) = e.key)
  limit 1;
  if found then
    perform ratebook.fail(
      'unknown_meter', format('There is no meter for the price "%s".', left(v_key, 100)),
      'Prices are per_1m_input_tokens, per_1m_output_tokens, per_image, …: per_1m_<meter>_tokens for meters of tokens, per_<meter> for all others. Ask ai.meters for the keys.',
      jsonb_build_object('key', left(v_key, 100))
    );
  end if;
  select e.key into v_key from jsonb_each(v_prices) as e where jsonb_typeof(e.value) <> 'number' limit 1;
  if found then
    perform ratebook.fail('not_a_number', format('The price "%s" is not a number.', v_key), null,
      jsonb_build_object('key', v_key));
  end if;
  v_unit := ratebook.api_billing_unit(array(select jsonb_object_keys(v_prices)));
  if p_pricing ->> 'billing_unit' <> coalesce(v_unit, '') then
    perform ratebook.fail(
      'invalid_argument', format('billing_unit "%s" is not what these prices are for.', left(p_pricing ->> 'billing_unit', 100)),
      'Leave it out: it follows from the prices.', jsonb_build_object('billing_unit', v_unit)
    );
  end if;

  v_currency := p_pricing ->> 'currency';
  if v_currency is not null then
    perform ratebook.use_currency(p_model_id, v_currency);
  end if;
  select m.price_currency into v_currency from ai.models as m where m.id = p_model_id;
  -- The object is the whole of it: a price that it leaves out ends.
  for v_price in
    select
      m.key as meter,
      (v_prices ->> k.key)::numeric * case m.unit_type when 'tokens' then 0.000001 else 1 end as price
    from ai.meters as m
    cross join lateral ratebook.api_price_key(m.key, m.unit_type) as k (key)
    where
      v_prices ? k.key
      or m.key in (select b.meter from ratebook.base_prices(p_model_id, v_at) as b)
  loop
    perform ratebook.set_price(p_model_id, v_price.meter, v_price.price, v_currency, v_at);
  end loop;
end;
$$;

revoke all on function ratebook.api_price_key(text, ai.unit_type_enum) from public;
revoke all on function ratebook.api_billing_unit(text[]) from public;
revoke all on function ratebook.api_pricing(uuid) from public;
revoke all on function ratebook.set_api_pricing(uuid, jsonb) from public;
grant execute on function ratebook.api_pricing(uuid) to authenticated, service_role;

comment on function ratebook.api_price_key(text, ai.unit_type_enum) is
'The key of a meter in api_models.pricing: per_1m_input_tokens, per_image.';
comment on function ratebook.api_billing_unit(text[]) is
'billing_unit of api_models.pricing, by its price keys: per_1m_tokens where tokens are priced, else the first key.';
comment on function ratebook.api_pricing(uuid) is
'api_models.pricing: the base prices in force now that the caller may see, as JSON numbers, with currency and billing_unit; {} where there is none.';
comment on function ratebook.set_api_pricing(uuid, jsonb) is
'Makes an object like api_models.pricing the base prices of a model from now on; a price that is left out ends. Errors: those of ratebook.set_price() and ratebook.use_currency().';
