create function ratebook.price_to_set(
  p_model_id uuid,
  p_meter text,
  p_price numeric,
  p_currency text,
  p_effective_from timestamptz,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_source text,
  p_restate boolean,
  p_reference text,
  p_pin boolean
) returns ai.model_pricing
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_in_force ai.model_pricing;
  v_price ai.model_pricing;
begin
  v_price.source := coalesce(p_source, (ratebook.price_source_at(p_model_id, p_effective_from)).price_source);
  select p.* into v_in_force
  from ai.model_pricing as p
  where
    (p.model_id, p.source, p.currency, p.meter, p.service_tier)
    = (p_model_id, v_price.source, p_currency, p_meter, p_service_tier)
    and p.variant is not distinct from p_variant
    and p.region is not distinct from p_region
    and p.context_threshold is null
    and p.window_start is null
    and p.effective_from <= p_effective_from
  order by p.effective_from desc, p.revision desc
  limit 1;
  if
    v_in_force.price_per_unit is not distinct from p_price
    and not p_restate
    -- A catalogue's price may change tomorrow: who sets the same amount wants it to stay.
    and (v_in_force.is_pinned or not p_pin or v_in_force.id is null)
  then
    return null;
  end if;
  v_price.model_id := p_model_id;
  v_price.meter := p_meter;
  v_price.unit_type := (select m.unit_type from ai.meters as m where m.key = p_meter);
  v_price.price_per_unit := p_price;
  v_price.currency := p_currency;
  v_price.effective_from := p_effective_from;
  v_price.service_tier := p_service_tier;
  v_price.variant := p_variant;
  v_price.region := p_region;
  v_price.threshold_inclusive := false;
  v_price.tier_mode := 'whole_request';
  v_price.reference := p_reference;
  v_price.revision := case when v_in_force.effective_from = p_effective_from then v_in_force.revision + 1 else 0 end;
  v_price.withdrawn := p_price is null;
  -- A price that was hidden stays hidden.
  v_price.is_public := coalesce(v_in_force.is_public, true);
  v_price.is_pinned := true;
  return v_price;
end;
$$;

create function ratebook.set_price(
  p_model_id uuid,
  p_meter text,
  p_price numeric,
  p_currency text,
  p_effective_from timestamptz,
  p_service_tier text default 'standard',
  p_variant text default null,
  p_region text default null,
  p_source text default null,
  p_restate boolean default false,
  p_reference text default null,
  p_pin boolean default false
) returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_price ai.model_pricing;
  v_id uuid;
begin
  perform ratebook.assert_price(p_meter, p_price, p_currency, p_effective_from, p_service_tier);

  -- The registry before the model, in the order of all who write prices; who waits here then sees the other's rows.
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
  perform from ai.models as m where m.id = p_model_id for no key update;
  if not found then
    perform ratebook.fail('unknown_model', format('There is no model %s.', p_model_id),
      'Ask ai.models for the ids.', jsonb_build_object('model', p_model_id));
  end if;
  v_price := ratebook.price_to_set(
    p_model_id, p_meter, p_price, p_currency, p_effective_from, p_service_tier, p_variant, p_region, p_source, p_restate,
    p_reference, p_pin
  );
  if v_price.model_id is null then
    return null;
  end if;
  insert into ai.model_pricing (
    model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region, source,
    reference, revision, withdrawn, is_public
  ) values (
    v_price.model_id, v_price.meter, v_price.unit_type, v_price.price_per_unit, v_price.currency, v_price.effective_from,
    v_price.service_tier, v_price.variant, v_price.region, v_price.source, v_price.reference, v_price.revision,
    v_price.withdrawn, v_price.is_public
  )
  returning id into v_id;
  return v_id;
end;
$$;

create function ratebook.assert_price(
  p_meter text, p_price numeric, p_currency text, p_effective_from timestamptz, p_service_tier text
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from ai.meters as m where m.key = p_meter) then
    perform ratebook.fail('unknown_meter', format('There is no meter called "%s".', left(p_meter, 100)),
      'Ask ai.meters for the keys.', jsonb_build_object('meter', left(p_meter, 100)));
  end if;
  if p_price in ('NaN', 'Infinity', '-Infinity') then
    perform ratebook.fail('not_a_number', format('The price of "%s" is not a number.', p_meter), null,
      jsonb_build_object('meter', p_meter));
  end if;
  if p_price < 0 then
    perform ratebook.fail('negative_quantity', format('The price of "%s" is negative.', p_meter), null,
      jsonb_build_object('meter', p_meter));
  end if;
  if not ratebook.is_price(p_price) then
    perform ratebook.fail('quantity_out_of_range', format('The price of "%s" is out of range.', p_meter),
      'It is the price of one unit, below 1000000, with at most 60 decimals.', jsonb_build_object('meter', p_meter));
  end if;
  perform ratebook.assert_currency(p_currency);
  if ratebook.is_time(p_effective_from) is not true then
    perform ratebook.fail('invalid_time', 'The time from which on a price applies is missing, or not in the years 1 to 9999.');
  end if;
  if not exists (select from ai.service_tiers as t where t.key = p_service_tier) then
    perform ratebook.fail(
      'unknown_service_tier', format('There is no service tier called "%s".', left(p_service_tier, 100)),
      'Ask ai.service_tiers for the keys.', jsonb_build_object('service_tier', left(p_service_tier, 100))
    );
  end if;
end;
$$;

revoke all on function ratebook.price_to_set(
  uuid, text, numeric, text, timestamptz, text, text, text, text, boolean, text, boolean
) from public;
revoke all on function ratebook.set_price(
  uuid, text, numeric, text, timestamptz, text, text, text, text, boolean, text, boolean
) from public;
revoke all on function ratebook.assert_price(text, numeric, text, timestamptz, text) from public;

comment on function ratebook.price_to_set(
  uuid, text, numeric, text, timestamptz, text, text, text, text, boolean, text, boolean
) is
'The row that ratebook.set_price() writes, or NULL where it writes none.';
comment on function ratebook.set_price(
  uuid, text, numeric, text, timestamptz, text, text, text, text, boolean, text, boolean
) is
'Sets the base price of one unit of a meter from a time on, by one more row of ai.model_pricing; NULL withdraws it. The source is the one that prices the model on that date unless named; the reference is for people. Returns the id of the row, or NULL where that price is in force already and p_restate does not ask for a row of this date all the same, nor p_pin for one that is pinned. Its callers decide who may. Errors: unknown_model (PT404), unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument, invalid_time, unknown_service_tier (PT422).';
comment on function ratebook.assert_price(text, numeric, text, timestamptz, text) is
'Refuses what is not a price. Errors: those of ratebook.set_price().';
