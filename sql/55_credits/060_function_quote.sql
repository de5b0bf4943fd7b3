-- What pricing one request finds: the answer for billing.quote(), and for charges, which pin the rows they used.
create type ratebook.priced_request as (
  model_id uuid,
  model_key text,
  is_active boolean,
  feature_id uuid,
  currency text,
  sheet_id bigint,
  cost numeric,
  is_public boolean,
  price_ids uuid [],
  lines jsonb,
  credits numeric,
  credit_rate_id uuid,
  margin_policy_id uuid
);

create function ratebook.price_request(
  p_model text,
  p_usage jsonb,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz,
  p_all boolean,
  p_all_lines boolean default null,
  p_source text default null,
  p_currency text default null,
  p_stated text[] default '{}'
) returns ratebook.priced_request
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_priced ratebook.priced_request;
  v_model record;
  v_feature_id uuid;
  v_terms ratebook.credit_terms;
  v_unpriced text;
  v_is_well boolean;
  v_sheet ratebook.price_sheets;
  v_usage jsonb;
begin
  -- The model. Most names are keys that mean their own row; all else goes through ratebook.model_id().
  select m.id, m.key, m.is_active, m.price_source, m.price_currency, m.price_source_since, m.valid_sizes,
    m.is_public and m.deleted_at is null as is_shown
  into v_model
  from ai.models as m
  where
    m.key = p_model
    and (p_all or (m.is_public and m.deleted_at is null))
    and (m.succeeded_at is null or p_at < m.succeeded_at);
  if not found then
    select m.id, m.key, m.is_active, m.price_source, m.price_currency, m.price_source_since, m.valid_sizes,
      m.is_public and m.deleted_at is null as is_shown
    into v_model
    from ai.models as m
    where m.id = ratebook.model_id(p_model, p_all, p_at);
  end if;
  -- Whose prices: a hold's own, or those that the model followed at the time; what it follows now stands in its row.
  if p_source is not null then
    v_model.price_source := p_source;
    v_model.price_currency := p_currency;
    v_model.valid_sizes := '{}';
  elsif p_at < v_model.price_source_since then
    select f.price_source, f.price_currency into v_model.price_source, v_model.price_currency
    from ratebook.price_source_at(v_model.id, p_at) as f;
  end if;
  -- Refuse what cannot be asked. Each check is a call only where the plain case does not hold.
  if (p_at > '-infinity' and p_at <= ratebook.clock()) is not true then
    perform ratebook.assert_time(p_at);
  end if;
  -- What is longer than a usage that anybody sends may have any number of keys.
  if jsonb_typeof(p_usage) is distinct from 'object' or p_usage = '{}' or pg_column_size(p_usage) > 500 then
    perform ratebook.assert_usage(p_usage);
  end if;
  if p_service_tier is distinct from 'standard' then
    perform ratebook.assert_service_tier(p_service_tier);
  end if;
  if p_variant is not null and cardinality(v_model.valid_sizes) > 0 and p_usage ? 'image' then
    perform ratebook.assert_size(v_model.id, v_model.key, v_model.valid_sizes, p_variant, p_at);
  end if;
  if p_feature is not null then
    select f.id into v_feature_id from ai.features as f where f.key = p_feature;
    if not found then
      perform ratebook.fail('unknown_feature', format('There is no feature called "%s".', left(p_feature, 100)),
        'Ask ai.features for the keys.', jsonb_build_object('feature', left(p_feature, 100)));
    end if;
  end if;

  -- The prices, then the products: with a marginal tier in parts, else in line, for speed.
  v_sheet := ratebook.find_sheet(
    v_model.id, v_model.price_source, v_model.price_currency, p_usage, p_service_tier, p_variant, p_region, p_at
  );
  v_usage := ratebook.whole_usage(v_sheet.prices, p_usage);
  if v_sheet.marginal <> '{}' then
    perform ratebook.assert_usage(p_usage);
    select
      coalesce(sum(l.cost) filter (where l.quantity > 0), 0),
      coalesce(bool_and(v_model.is_shown and l.is_public) filter (where l.quantity > 0), true),
      coalesce(array_agg(distinct l.price_id) filter (where l.quantity > 0), '{}'),
      jsonb_agg(
        ratebook.quote_line(
          l.meter, l.quantity, l.price_meter, l.unit_price, l.cost, v_model.is_shown and l.is_public, l.price_id,
          p_all_lines
        )
        order by l.ordinality
      ) filter (where p_all_lines is not null),
      min(l.meter) filter (where l.unit_price is null and l.quantity > 0)
    into v_priced.cost, v_priced.is_public, v_priced.price_ids, v_priced.lines, v_unpriced
    from ratebook.price_usage(v_sheet, v_usage) with ordinality as l;
  else
    -- The same products as in ratebook.price_usage(), and ratebook.assert_usage() on the way.
    select
      coalesce(sum(q.quantity * q.price), 0),
      coalesce(bool_and(v_model.is_shown and q.meter <> all(v_sheet.hidden)) filter (where q.quantity > 0), true),
      coalesce(
        array_agg(distinct (v_sheet.price_rows -> q.meter ->> 0)::uuid) filter (where q.quantity > 0), '{}'
      ),
      jsonb_agg(
        ratebook.quote_line(
          q.meter, q.quantity, v_sheet.price_rows -> q.meter ->> 1, q.price,
          case when q.quantity = 0 then 0 else q.quantity * q.price end,
          v_model.is_shown and q.meter <> all(v_sheet.hidden),
          (v_sheet.price_rows -> q.meter ->> 0)::uuid, p_all_lines
        )
        order by q.meter
      ) filter (where p_all_lines is not null),
      min(q.meter) filter (where q.price is null and q.quantity > 0),
      bool_and(coalesce(q.price is not null and q.quantity between 0 and 1e12 and scale(q.quantity) <= 12, false))
    into v_priced.cost, v_priced.is_public, v_priced.price_ids, v_priced.lines, v_unpriced, v_is_well
    from (
      select
        u.key,
        -- Nothing beyond what a usage may hold: its product could be no number.
        case
          when jsonb_typeof(u.value) = 'number'
            then case when u.value::numeric between 0 and 1e12 then u.value::numeric end
        end,
        (v_sheet.prices -> u.key)::numeric
      from jsonb_each(v_usage) as u
    ) as q (meter, quantity, price);
    if not v_is_well then
      perform ratebook.assert_usage(p_usage);
    end if;
  end if;
  -- An unknown price is never zero.
  if v_unpriced is not null then
    perform ratebook.fail(
      'no_price', format('Model "%s" has no price for "%s" at that time.', v_model.key, v_unpriced),
      'An unknown price is never zero: add a row to ai.model_pricing.',
      jsonb_build_object('model', v_model.key, 'meter', v_unpriced, 'at', p_at)
    );
  end if;
  if p_stated <> '{}' and not ratebook.prices_tell_apart(v_sheet.price_rows, p_stated, p_service_tier, p_variant, p_region) then
    perform ratebook.refuse_stated(v_model.key, p_stated, p_service_tier, p_variant, p_region, p_at);
  end if;

  -- From cost to credits.
  v_terms := ratebook.require_terms(v_model.id, v_feature_id, v_model.price_currency, p_at);

  v_priced.model_id := v_model.id;
  v_priced.model_key := v_model.key;
  v_priced.is_active := v_model.is_active;
  v_priced.feature_id := v_feature_id;
  v_priced.currency := v_model.price_currency;
  v_priced.sheet_id := v_sheet.id;
  v_priced.credits := ratebook.credits(
    v_priced.cost, v_terms.credits_per_currency_unit, v_terms.margin, v_terms.fixed_credits, v_terms.min_credits,
    v_terms.minimum_applies_to_free, v_terms.increment
  );
  v_priced.credit_rate_id := v_terms.credit_rate_id;
  v_priced.margin_policy_id := v_terms.margin_policy_id;
  return v_priced;
end;
$$;

create function ratebook.assert_service_tier(p_service_tier text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from ai.service_tiers as t where t.key = p_service_tier) then
    perform ratebook.fail(
      'unknown_service_tier', format('There is no service tier called "%s".', left(p_service_tier, 100)),
      'Ask ai.service_tiers for the keys.', jsonb_build_object('service_tier', left(p_service_tier, 100))
    );
  end if;
end;
$$;

create function ratebook.assert_size(
  p_model_id uuid, p_model_key text, p_valid_sizes text[], p_variant text, p_at timestamptz
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not ratebook.draws_size(p_model_id, p_valid_sizes, p_variant, p_at) then
    perform ratebook.fail(
      'invalid_size', format('Model "%s" makes no images of size "%s".', p_model_key, left(p_variant, 100)),
      format('Valid sizes: %s.', array_to_string(p_valid_sizes, ', ')),
      jsonb_build_object('model', p_model_key, 'valid_sizes', p_valid_sizes)
    );
  end if;
end;
$$;

create function ratebook.quote_line(
  p_meter text,
  p_quantity numeric,
  p_price_meter text,
  p_unit_price numeric,
  p_cost numeric,
  p_is_public boolean,
  p_price_id uuid,
  p_all boolean
) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_all then
    return jsonb_build_object(
      'meter', p_meter,
      'quantity', trim_scale(p_quantity)::text,
      'price_meter', p_price_meter,
      'unit_price', trim_scale(p_unit_price)::text,
      'cost', trim_scale(p_cost)::text,
      'price_id', p_price_id
    );
  end if;
  return jsonb_build_object(
    'meter', p_meter,
    'quantity', trim_scale(p_quantity)::text,
    'price_meter', case when p_is_public is not false then p_price_meter end,
    'unit_price', case when p_is_public is not false then trim_scale(p_unit_price)::text end,
    'cost', case when p_is_public is not false then trim_scale(p_cost)::text end
  );
end;
$$;

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
  v_read ratebook.stated_usage := ratebook.read_usage(p_format, p_usage, p_service_tier, p_variant, p_region);
  v_service_tier text := coalesce(v_read.service_tier, 'standard');
  v_priced ratebook.priced_request := ratebook.price_request(
    p_model, v_read.usage, p_feature, v_service_tier, v_read.variant, v_read.region, p_at, v_all, v_all,
    p_stated => v_read.stated
  );
begin
  return jsonb_build_object(
    'model', v_priced.model_key,
    'model_id', v_priced.model_id,
    'feature', p_feature,
    'service_tier', v_service_tier,
    'variant', v_read.variant,
    'region', v_read.region,
    'at', p_at,
    'lines', v_priced.lines,
    'currency', v_priced.currency,
    'cost', case when v_all or v_priced.is_public then trim_scale(v_priced.cost)::text end,
    'credits', trim_scale(v_priced.credits)::text
  ) || case
    when v_all
      then jsonb_build_object(
        'credit_rate_id', v_priced.credit_rate_id, 'margin_policy_id', v_priced.margin_policy_id
      )
    else '{}'
  end;
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
  v_read ratebook.stated_usage := ratebook.read_usage(p_format, p_usage, p_service_tier, p_variant, p_region);
begin
  return trim_scale((ratebook.price_request(
    p_model, v_read.usage, p_feature, coalesce(v_read.service_tier, 'standard'), v_read.variant, v_read.region, p_at,
    ratebook.is_privileged(), p_stated => v_read.stated
  )).credits);
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

revoke all on function ratebook.price_request(
  text, jsonb, text, text, text, text, timestamptz, boolean, boolean, text, text, text[]
) from public;
revoke all on function ratebook.assert_service_tier(text) from public;
revoke all on function ratebook.assert_size(uuid, text, text[], text, timestamptz) from public;
revoke all on function ratebook.quote_line(
  text, numeric, text, numeric, numeric, boolean, uuid, boolean
) from public;
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

comment on type ratebook.priced_request is
'A priced request: model, currency, exact cost in currency, whether all of its prices are public, credits, and the rows used.';
comment on column ratebook.priced_request.model_id is 'The model.';
comment on column ratebook.priced_request.model_key is 'Its key.';
comment on column ratebook.priced_request.is_active is 'Whether it is switched on.';
comment on column ratebook.priced_request.feature_id is 'The feature; NULL for none.';
comment on column ratebook.priced_request.currency is 'The currency of the cost.';
comment on column ratebook.priced_request.sheet_id is 'The price sheet that was used; NULL where nothing was used and nothing is priced.';
comment on column ratebook.priced_request.cost is 'Exact cost in currency.';
comment on column ratebook.priced_request.is_public is 'Whether all prices behind it are public.';
comment on column ratebook.priced_request.price_ids is 'The price rows of the meters used.';
comment on column ratebook.priced_request.lines is 'The lines of the quote, if asked for.';
comment on column ratebook.priced_request.credits is 'Credits, rounded up once.';
comment on column ratebook.priced_request.credit_rate_id is 'The credit rate that was used.';
comment on column ratebook.priced_request.margin_policy_id is 'The margin policy that was used.';
comment on function ratebook.price_request(
  text, jsonb, text, text, text, text, timestamptz, boolean, boolean, text, text, text[]
) is
'Prices one request, for those who see all (p_all) or for the public; with all lines of the quote (p_all_lines true), those as the public sees them (false), or none (NULL). With the source and currency that a hold began with, a model that has changed since is priced as it was then. What an answer states of service tier, variant and region (p_stated: which of them) must have prices of its own. Errors: those of billing.quote().';
comment on function ratebook.assert_service_tier(text) is 'Refuses a tier that is not registered. Error: unknown_service_tier (PT422).';
comment on function ratebook.assert_size(uuid, text, text[], text, timestamptz) is
'Refuses an image size that is neither valid for the model nor named by a public price of a picture, in force, of the source and currency that it followed then. Error: invalid_size (PT422); HINT and DETAIL list the valid ones.';
comment on function ratebook.quote_line(
  text, numeric, text, numeric, numeric, boolean, uuid, boolean
) is
'A line of a quote as JSON: for those who see all (p_all), with the id of the price row; for others null where a price is not public.';
comment on function ratebook.quote(text, jsonb, text, text, text, text, timestamptz, text) is
'The rule behind billing.quote().';
comment on function ratebook.credit_cost(text, jsonb, text, text, text, text, timestamptz, text) is
'The rule behind billing.calculate_credit_cost().';
comment on function billing.quote(text, jsonb, text, text, text, text, timestamptz, text) is
'What a usage costs, as JSON: lines (meter, quantity, price_meter, unit_price, cost), currency, cost, credits. All amounts are strings. model: id, key or alias. usage: meters and quantities, such as {"input": 1000, "output": 500}; one request, where the model has a price for that, unless it says otherwise; or, with format, the provider''s own usage object or the answer that holds it. feature: key of the feature, which may have a margin of its own. service_tier: how urgent, a key of ai.service_tiers; NULL: as the answer states, else standard. variant: such as an image size; NULL: as the answer states. region: where it runs, if prices differ; NULL: as the answer states. at: as of when. format: as in ai.normalize_usage(). What the answer states and nothing prices is no_price, what an argument contradicts contradiction. Where a price is not public its unit_price, its price_meter and the cost are null; admins and the service role see them, and the ids of the rows used. Errors: unknown_model, unknown_feature (PT404), ambiguous_model (PT409), invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, unknown_service_tier, invalid_size, no_price, no_credit_rate, no_margin_policy, invalid_time, unknown_format, contradiction (PT422), not_allowed (42501) for a time ahead.';
comment on function billing.calculate_credit_cost(text, jsonb, text, text, text, text, timestamptz, text) is
'The credits of billing.quote(), with the same arguments, as numeric; as JSON a number: billing.quote() writes it as a string. Errors: those of billing.quote().';
