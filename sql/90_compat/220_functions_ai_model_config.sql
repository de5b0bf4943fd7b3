create function ratebook.config_model(p_model text, p_type text default null, p_active boolean default false)
returns ai.models
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: answers the same for a hidden model as for one that is not there, without a policy's help.
declare
  v_all boolean := ratebook.is_privileged();
  v_model ai.models;
  v_valid text[];
begin
  select m.* into v_model
  from compat.ai_model_config as c
  inner join ai.models as m on m.key = c.model_name
  where
    c.model_name = p_model and c.model_type = coalesce(p_type, c.model_type) and (c.is_active or not p_active)
    and (m.is_public or v_all);
  if not found then
    select coalesce(array_agg(c.model_name order by c.sort_order, c.model_name), '{}') into v_valid
    from compat.ai_model_config as c
    inner join ai.models as m on m.key = c.model_name
    where c.model_type = coalesce(p_type, c.model_type) and c.is_active and (m.is_public or v_all);
    perform ratebook.fail(
      'unknown_model',
      format('There is no %s called "%s".',
        concat_ws(' ', case when p_active then 'active' end, p_type, 'model'), left(coalesce(p_model, ''), 100)),
      -- A catalogue has thousands; DETAIL has them all.
      format('Valid models: %s%s.', array_to_string(v_valid[:20], ', '), case when cardinality(v_valid) > 20 then ', …' end),
      jsonb_build_object('model', left(p_model, 100), 'valid_models', v_valid)
    );
  end if;
  return v_model;
end;
$$;

create function ratebook.config_cost(p_model text, p_usage jsonb, p_decimals integer) returns numeric
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.quote(). Not through it: the cost in dollars needs no credit rate and no margin.
declare
  v_model ai.models := ratebook.config_model(p_model);
  v_sheet ratebook.price_sheets;
  v_cost numeric;
  v_is_public boolean;
  v_unpriced text;
begin
  perform ratebook.assert_config_currency(v_model.key, v_model.price_currency);
  perform ratebook.assert_usage(p_usage);
  v_sheet := ratebook.find_sheet(
    v_model.id, v_model.price_source, v_model.price_currency, p_usage, 'standard', null, null, ratebook.clock()
  );
  select
    sum(l.cost),
    coalesce(bool_and(l.is_public) filter (where l.quantity > 0), true),
    min(l.meter) filter (where l.quantity > 0 and l.unit_price is null)
  into v_cost, v_is_public, v_unpriced
  from ratebook.price_usage(v_sheet, ratebook.whole_usage(v_sheet.prices, v_sheet.minimums, p_usage)) as l;
  if v_unpriced is not null then
    perform ratebook.fail(
      'no_price', format('Model "%s" has no price for "%s".', v_model.key, v_unpriced),
      'An unknown price is never zero: an admin sets it.',
      jsonb_build_object('model', v_model.key, 'meter', v_unpriced)
    );
  end if;
  if not v_is_public and not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', format('The price of model "%s" is not public.', v_model.key),
      'billing.quote() tells its credits.', jsonb_build_object('model', v_model.key));
  end if;
  return round(v_cost, greatest(p_decimals, min_scale(v_cost)));
end;
$$;

create function ratebook.validate_config_model(p_model text, p_type text) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.assert_config_type(p_type);
  perform ratebook.config_model(p_model, p_type, true);
  return true;
end;
$$;

create function ratebook.validate_config_size(p_model text, p_size text) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.validate_config_model().
declare
  v_model ai.models := ratebook.config_model(p_model);
begin
  if cardinality(v_model.valid_sizes) > 0 then
    perform ratebook.assert_size(v_model.id, v_model.key, v_model.valid_sizes, coalesce(p_size, ''), ratebook.clock());
  end if;
  return true;
end;
$$;

create function compat.get_cost_for_tokens(model text, input_tokens bigint, output_tokens bigint) returns numeric
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.config_cost(model, jsonb_build_object('input', input_tokens, 'output', output_tokens), 6);

create function compat.get_cost_for_images(model text, num_images bigint default 1) returns numeric
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.config_cost(model, jsonb_build_object('image', num_images), 4);

create function compat.validate_model(model text, model_type text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.validate_config_model(model, model_type);

create function compat.validate_size(model text, size text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.validate_config_size(model, size);

create function compat.get_display_with_pricing(model text) returns text
language sql stable
set search_path = pg_catalog, pg_temp
return (
  select concat_ws(' - ', c.display_name, c.pricing_display)
  from compat.ai_model_config as c
  where c.model_name = (ratebook.config_model(model)).key
);

create function compat.ai_models(
  type text default null, provider text default null, "default" boolean default null, model_name text default null
) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    jsonb_build_object(
      'success', true,
      'message', 'AI models retrieved successfully',
      'data', coalesce(
        jsonb_agg(to_jsonb(c) order by c.model_type desc, c.sort_order asc, c.is_default desc, c.model_name asc), '[]'
      )
    )
  from compat.ai_model_config as c
  where
    c.is_active
    and c.model_type = coalesce($1, c.model_type)
    and c.provider = coalesce($2, c.provider)
    and c.is_default = coalesce($3, c.is_default)
    and c.model_name = coalesce($4, c.model_name);
end;

revoke all on function ratebook.config_model(text, text, boolean) from public;
revoke all on function ratebook.config_cost(text, jsonb, integer) from public;
revoke all on function ratebook.validate_config_model(text, text) from public;
revoke all on function ratebook.validate_config_size(text, text) from public;
revoke all on function compat.get_cost_for_tokens(text, bigint, bigint) from public;
revoke all on function compat.get_cost_for_images(text, bigint) from public;
revoke all on function compat.validate_model(text, text) from public;
revoke all on function compat.validate_size(text, text) from public;
revoke all on function compat.get_display_with_pricing(text) from public;
revoke all on function compat.ai_models(text, text, boolean, text) from public;
grant execute on function ratebook.config_model(text, text, boolean) to authenticated, service_role;
grant execute on function ratebook.config_cost(text, jsonb, integer) to authenticated, service_role;
grant execute on function ratebook.validate_config_model(text, text) to authenticated, service_role;
grant execute on function ratebook.validate_config_size(text, text) to authenticated, service_role;
grant execute on function compat.get_cost_for_tokens(text, bigint, bigint) to authenticated, service_role;
grant execute on function compat.get_cost_for_images(text, bigint) to authenticated, service_role;
grant execute on function compat.validate_model(text, text) to authenticated, service_role;
grant execute on function compat.validate_size(text, text) to authenticated, service_role;
grant execute on function compat.get_display_with_pricing(text) to authenticated, service_role;
grant execute on function compat.ai_models(text, text, boolean, text) to authenticated, service_role;

comment on function ratebook.config_model(text, text, boolean) is
'The model of compat.ai_model_config with a name, that the caller may see: of a type, and active, where that is asked for. Error: unknown_model (PT404); HINT and DETAIL list the active ones.';
comment on function ratebook.config_cost(text, jsonb, integer) is
'What a usage costs now, in US dollars, with at least so many decimals: by the price sheets, as billing.quote(). Errors: unknown_model (PT404), those of usages, no_price, invalid_argument (PT422), not_allowed (42501).';
comment on function ratebook.validate_config_model(text, text) is 'The rule behind compat.validate_model().';
comment on function ratebook.validate_config_size(text, text) is 'The rule behind compat.validate_size().';
comment on function compat.get_cost_for_tokens(text, bigint, bigint) is
'What tokens cost now, in US dollars, exactly, with six decimals or more: 0.000450. input_tokens, output_tokens: how many. Errors: unknown_model (PT404, names the valid ones), not_a_number, negative_quantity, quantity_out_of_range, no_price, invalid_argument for another currency (PT422), not_allowed (42501) for a price that is not public.';
comment on function compat.get_cost_for_images(text, bigint) is
'What images cost now, in US dollars, exactly, with four decimals or more: 0.0400. num_images: how many, one unless told. Errors: those of compat.get_cost_for_tokens().';
comment on function compat.validate_model(text, text) is
'True where an active model of that type (text, image) has the name. Errors: unknown_model (PT404, names the valid ones), invalid_argument (PT422) for another type.';
comment on function compat.validate_size(text, text) is
'True where the model makes images of that size, or has no list of sizes. Errors: unknown_model (PT404), invalid_size (PT422); both name the valid ones.';
comment on function compat.get_display_with_pricing(text) is
'Display name and pricing_display: GPT-4o - $2.5000/$10.0000 per 1M. The name alone where the model has no price that the caller may see. Error: unknown_model (PT404).';
comment on function compat.ai_models(text, text, boolean, text) is
'What the endpoint of the source answered, by GET: {"success": true, "message": …, "data": [rows of compat.ai_model_config]}, the active ones, text before image, in their order. type: text or image; provider: its key; default: true for the defaults, false for the others; model_name: one of them. What fits nothing is an empty list.';
