create function ratebook.schedule_price(
  p_model text,
  p_meter text,
  p_price numeric,
  p_effective_from timestamptz,
  p_currency text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_source text
) returns setof ai.model_pricing
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_model_id uuid;
  v_price_id uuid;
begin
  perform ratebook.assert_privileged();
  v_model_id := ratebook.model_to_change(p_model);
  v_price_id := ratebook.set_price(
    v_model_id, p_meter, p_price,
    coalesce(p_currency, (ratebook.price_source_at(v_model_id, p_effective_from)).price_currency),
    p_effective_from, p_service_tier, p_variant, p_region, p_source, p_pin => true
  );
  return query select p.* from ai.model_pricing as p where p.id = v_price_id;
end;
$$;

create function ai.schedule_price(
  model text,
  meter text,
  price numeric,
  effective_from timestamptz default ratebook.clock(),
  currency text default null,
  service_tier text default 'standard',
  variant text default null,
  region text default null,
  source text default null
) returns setof ai.model_pricing
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select p.*
  from ratebook.schedule_price(model, meter, price, effective_from, currency, service_tier, variant, region, source) as p;
end;

revoke all on function ratebook.schedule_price(
  text, text, numeric, timestamptz, text, text, text, text, text
) from public;
revoke all on function ai.schedule_price(
  text, text, numeric, timestamptz, text, text, text, text, text
) from public;
grant execute on function ratebook.schedule_price(
  text, text, numeric, timestamptz, text, text, text, text, text
) to authenticated, service_role;
grant execute on function ai.schedule_price(
  text, text, numeric, timestamptz, text, text, text, text, text
) to authenticated, service_role;

comment on function ratebook.schedule_price(text, text, numeric, timestamptz, text, text, text, text, text) is
'The rule behind ai.schedule_price().';
comment on function ai.schedule_price(text, text, numeric, timestamptz, text, text, text, text, text) is
'For admins and the service role. Sets the price of ONE unit of a meter from a time on, now unless told; price NULL ends it. Currency and source are those that price the model at that time unless given: a price of another source or currency waits until the model says so. The price is pinned: imports of its source leave it in force, and report what they would have set, until ai.unpin_price(). Returns the new row of ai.model_pricing, or none where that price is in force at that time already, and pinned. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model (PT409), unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument, invalid_time, unknown_service_tier (PT422).';
