create function ratebook.quote(
  p_model text,
  p_usage jsonb,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz,
  p_format text
) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: margins, rates and hidden prices are not the caller's to read; only what may be shown leaves.
declare
  v_all boolean := ratebook.is_privileged();
  -- Meters and quantities as they are; a provider's own answer is read.
  v_read ratebook.stated_usage := case
    when p_format is null and jsonb_typeof(p_usage) = 'object'
      then (p_usage, p_service_tier, p_variant, p_region, '{}')::ratebook.stated_usage
    else ratebook.read_usage(p_format, p_usage, p_service_tier, p_variant, p_region)
  end;
  v_priced ratebook.priced_request := ratebook.price_request(
    p_model, v_read.usage, p_feature, coalesce(v_read.service_tier, 'standard'), v_read.variant, v_read.region, p_at, v_all,
    v_all, p_stated => v_read.stated
  );
begin
  -- One text that is read once: an object of so many arguments takes longer.
  return concat(
    '{', v_priced.asked, ', "feature": ', coalesce(to_json(p_feature)::text, 'null'), ', "at": ', to_json(p_at),
    ', "lines": [', v_priced.lines, '], "cost": ',
    case when v_all or v_priced.is_public then '"' || v_priced.cost || '"' else 'null' end,
    ', "credits": "', v_priced.credits,
    case
      when v_all
        then '", "credit_rate_id": "' || v_priced.credit_rate_id || '", "margin_policy_id": "' || v_priced.margin_policy_id
    end,
    '"}'
  )::jsonb;
end;
$$;

create function ratebook.credit_cost(
  p_model text,
  p_usage jsonb,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz,
  p_format text
) returns numeric
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.quote().
declare
  v_read ratebook.stated_usage := case
    when p_format is null and jsonb_typeof(p_usage) = 'object'
      then (p_usage, p_service_tier, p_variant, p_region, '{}')::ratebook.stated_usage
    else ratebook.read_usage(p_format, p_usage, p_service_tier, p_variant, p_region)
  end;
begin
  return (ratebook.price_request(
    p_model, v_read.usage, p_feature, coalesce(v_read.service_tier, 'standard'), v_read.variant, v_read.region, p_at,
    ratebook.is_privileged(), p_stated => v_read.stated
  )).credits;
end;
$$;

create function billing.quote(
  model text,
  usage jsonb,
  feature text default null,
  service_tier text default null,
  variant text default null,
  region text default null,
  at timestamptz default ratebook.clock(),
  format text default null
) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.quote(model, usage, feature, service_tier, variant, region, at, format);

create function billing.calculate_credit_cost(
  model text,
  usage jsonb,
  feature text default null,
  service_tier text default null,
  variant text default null,
  region text default null,
  at timestamptz default ratebook.clock(),
  format text default null
) returns numeric
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.credit_cost(model, usage, feature, service_tier, variant, region, at, format);

revoke all on function ratebook.quote(text, jsonb, text, text, text, text, timestamptz, text) from public;
revoke all on function ratebook.credit_cost(text, jsonb, text, text, text, text, timestamptz, text) from public;
revoke all on function billing.quote(text, jsonb, text, text, text, text, timestamptz, text) from public;
revoke all on function billing.calculate_credit_cost(text, jsonb, text, text, text, text, timestamptz, text) from public;
grant execute on function ratebook.quote(text, jsonb, text, text, text, text, timestamptz, text)
to anon, authenticated, service_role;
grant execute on function ratebook.credit_cost(text, jsonb, text, text, text, text, timestamptz, text)
to anon, authenticated, service_role;
grant execute on function billing.quote(text, jsonb, text, text, text, text, timestamptz, text)
to anon, authenticated, service_role;
grant execute on function billing.calculate_credit_cost(text, jsonb, text, text, text, text, timestamptz, text)
to anon, authenticated, service_role;

comment on function ratebook.quote(text, jsonb, text, text, text, text, timestamptz, text) is
'The rule behind billing.quote().';
comment on function ratebook.credit_cost(text, jsonb, text, text, text, text, timestamptz, text) is
'The rule behind billing.calculate_credit_cost().';
comment on function billing.quote(text, jsonb, text, text, text, text, timestamptz, text) is
'What a usage costs, as JSON: lines (meter, quantity, price_meter, unit_price, cost), currency, cost, credits. All amounts are strings. model: id, key or alias. usage: meters and quantities, such as {"input": 1000, "output": 500}; one request, where the model has a price for that, unless it says otherwise; or, with format, the provider''s own usage object or the answer that holds it. feature: key of the feature, which may have a margin of its own. service_tier: how urgent, a key of ai.service_tiers; NULL: as the answer states, else standard. variant: such as an image size; NULL: as the answer states. region: where it runs, if prices differ; NULL: as the answer states. at: as of when. format: as in ai.normalize_usage(). What the answer states and nothing prices is no_price, what an argument contradicts contradiction. Where a price is not public its unit_price, its price_meter and the cost are null; admins and the service role see them, and the ids of the rows used. Errors: unknown_model, unknown_feature (PT404), ambiguous_model (PT409), invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, unknown_service_tier, invalid_size, no_price, no_credit_rate, no_margin_policy, invalid_time, unknown_format, contradiction (PT422), not_allowed (42501) for a time ahead.';
comment on function billing.calculate_credit_cost(text, jsonb, text, text, text, text, timestamptz, text) is
'The credits of billing.quote(), with the same arguments, as numeric; as JSON a number: billing.quote() writes it as a string. Errors: those of billing.quote().';
