create function private.quote(
  p_model text,
  p_usage jsonb,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz
) returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
-- Definer: margins, rates and hidden prices are not the caller's to read; only what may be shown leaves.
declare
  v_all boolean := private.is_privileged();
  v_model ai.models;
  v_feature_id uuid;
  v_rate billing.credit_rates;
  v_policy billing.execution_margin_policies;
  v_lines jsonb;
  v_cost numeric;
  v_is_public boolean;
  v_unpriced text;
begin
  if jsonb_typeof(p_usage) = 'string' then
    -- A GET request carries the object as text.
    begin
      p_usage := (p_usage #>> '{}')::jsonb;
    exception when invalid_text_representation then
      null; -- private.assert_usage() says what is wrong.
    end;
  end if;
  select m.* into v_model from ai.models as m where m.id = private.model_id(p_model);
  perform private.assert_time(p_at);
  perform private.assert_usage(p_usage);
  perform private.assert_request(v_model, p_usage, p_service_tier, p_variant, p_at);

  if p_feature is not null then
    select f.id into v_feature_id from ai.features as f where f.key = p_feature;
    if not found then
      perform private.fail('unknown_feature', format('There is no feature called "%s".', left(p_feature, 100)),
        'Ask ai.features for the keys.', jsonb_build_object('feature', left(p_feature, 100)));
    end if;
  end if;

  select
    coalesce(sum(l.quantity * l.unit_price), 0),
    coalesce(bool_and(l.is_public), true),
    min(l.meter) filter (where l.quantity > 0 and l.unit_price is null),
    jsonb_agg(
      jsonb_build_object(
        'meter', l.meter,
        'quantity', trim_scale(l.quantity)::text,
        'price_meter', case when v_all or l.is_public then l.price_meter end,
        'unit_price', case when v_all or l.is_public then trim_scale(l.unit_price)::text end,
        'cost', case when v_all or l.is_public then trim_scale(l.quantity * l.unit_price)::text end
      ) || case when v_all then jsonb_build_object('price_id', l.price_id) else '{}' end
      order by l.meter
    )
  into v_cost, v_is_public, v_unpriced, v_lines
  from private.price_usage(v_model.id, p_usage, p_service_tier, p_variant, p_region, p_at) as l;
  if v_unpriced is not null then
    perform private.fail(
      'no_price', format('Model "%s" has no price for "%s" at that time.', v_model.key, v_unpriced),
      'An unknown price is never zero: add a row to ai.model_pricing.',
      jsonb_build_object('model', v_model.key, 'meter', v_unpriced, 'at', p_at)
    );
  end if;

  select r.* into v_rate
  from billing.credit_rates as r
  where r.currency = v_model.price_currency and r.effective_from <= p_at
  order by r.effective_from desc, r.revision desc
  limit 1;
  if not found then
    perform private.fail('no_credit_rate', format('There is no credit rate for %s at that time.', v_model.price_currency),
      'An admin adds one to billing.credit_rates.', jsonb_build_object('currency', v_model.price_currency));
  end if;

  select p.* into v_policy from private.margin_policy(v_model.id, v_feature_id, p_at) as p;
  if not found then
    perform private.fail('no_margin_policy', 'No margin policy is in force for this request.',
      'An admin adds a default to billing.execution_margin_policies; margin 0 is a choice too.');
  end if;

  return jsonb_build_object(
    'model', v_model.key,
    'model_id', v_model.id,
    'feature', p_feature,
    'service_tier', p_service_tier,
    'variant', p_variant,
    'region', p_region,
    'at', p_at,
    'lines', v_lines,
    'currency', v_model.price_currency,
    'cost', case when v_all or v_is_public then trim_scale(v_cost)::text end,
    'credits', trim_scale(private.credits(v_cost, v_rate, v_policy))::text
  ) || case
    when v_all then jsonb_build_object('credit_rate_id', v_rate.id, 'margin_policy_id', v_policy.id)
    else '{}'
  end;
end;
$$;

create function private.assert_request(
  p_model ai.models, p_usage jsonb, p_service_tier text, p_variant text, p_at timestamptz
) returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if not exists (select from ai.service_tiers as t where t.key = p_service_tier) then
    perform private.fail('unknown_service_tier', format('There is no service tier called "%s".', left(p_service_tier, 100)),
      'Ask ai.service_tiers for the keys.', jsonb_build_object('service_tier', left(p_service_tier, 100)));
  end if;
  if p_usage ? 'image' and p_variant is not null
    and cardinality(p_model.valid_sizes) > 0 and p_variant <> all (p_model.valid_sizes)
    and not exists (
      select from private.prices_in_force(p_model.id, p_at) as p where p.variant = p_variant
    )
  then
    perform private.fail(
      'invalid_size',
      format('Model "%s" makes no images of size "%s".', p_model.key, left(p_variant, 100)),
      format('Valid sizes: %s.', array_to_string(p_model.valid_sizes, ', ')),
      jsonb_build_object('model', p_model.key, 'valid_sizes', p_model.valid_sizes)
    );
  end if;
end;
$$;

create function billing.quote(
  model text,
  usage jsonb,
  feature text default null,
  service_tier text default 'standard',
  variant text default null,
  region text default null,
  at timestamptz default private.clock()
) returns jsonb
language sql stable
set search_path = ''
return private.quote(model, usage, feature, service_tier, variant, region, at);

create function billing.calculate_credit_cost(
  model text,
  usage jsonb,
  feature text default null,
  service_tier text default 'standard',
  variant text default null,
  region text default null,
  at timestamptz default private.clock()
) returns numeric
language sql stable
set search_path = ''
return (private.quote(model, usage, feature, service_tier, variant, region, at) ->> 'credits')::numeric;

revoke all on function private.quote(text, jsonb, text, text, text, text, timestamptz) from public;
revoke all on function private.assert_request(ai.models, jsonb, text, text, timestamptz) from public;
revoke all on function billing.quote(text, jsonb, text, text, text, text, timestamptz) from public;
revoke all on function billing.calculate_credit_cost(text, jsonb, text, text, text, text, timestamptz) from public;
grant execute on function private.quote(text, jsonb, text, text, text, text, timestamptz)
to anon, authenticated, service_role;
grant execute on function billing.quote(text, jsonb, text, text, text, text, timestamptz)
to anon, authenticated, service_role;
grant execute on function billing.calculate_credit_cost(text, jsonb, text, text, text, text, timestamptz)
to anon, authenticated, service_role;

comment on function private.quote(text, jsonb, text, text, text, text, timestamptz) is
'The rule behind billing.quote() and billing.calculate_credit_cost().';
comment on function private.assert_request(ai.models, jsonb, text, text, timestamptz) is
'Refuses what the model cannot be asked for. Errors, PT422: unknown_service_tier, invalid_size (HINT and DETAIL list the valid ones).';
comment on function billing.quote(text, jsonb, text, text, text, text, timestamptz) is
'What a usage costs, as JSON: lines (meter, quantity, price_meter, unit_price, cost), currency, cost, credits. All amounts are strings. model: id, key or alias. usage: meters and quantities, such as {"input": 1000, "output": 500}. variant: such as an image size. at: as of when. Cost and unit_price are null where a price is not public; admins and the service role see them, and the ids of the rows used. Errors: unknown_model, unknown_feature (PT404), ambiguous_model (PT409), invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, unknown_service_tier, invalid_size, no_price, no_credit_rate, no_margin_policy, invalid_time (PT422), not_allowed (42501) for a time ahead.';
comment on function billing.calculate_credit_cost(text, jsonb, text, text, text, text, timestamptz) is
'The credits of billing.quote(), with the same arguments and errors, as numeric.';
