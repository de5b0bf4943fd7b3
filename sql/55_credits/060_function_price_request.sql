-- What pricing one request finds: the answer for billing.quote(), and for charges, which pin the rows they used.
create type ratebook.priced_request as (
  model_id uuid,
  model_key text,
  is_active boolean,
  feature_id uuid,
  source text,
  currency text,
  sheet_id bigint,
  cost numeric,
  is_public boolean,
  price_ids uuid [],
  lines text,
  asked text,
  credits numeric,
  credit_rate_id uuid,
  margin_policy_id uuid,
  ends timestamptz
);

create function ratebook.price_in_general(
  p_model text,
  p_usage jsonb,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz,
  p_all boolean,
  p_all_lines boolean,
  p_source text,
  p_currency text,
  p_stated text[]
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
  v_usage := ratebook.whole_usage(v_sheet.prices, v_sheet.minimums, p_usage);
  if v_sheet.marginal <> '{}' then
    perform ratebook.assert_usage(p_usage);
    select
      coalesce(sum(l.cost) filter (where l.quantity > 0), 0),
      coalesce(bool_and(v_model.is_shown and l.is_public) filter (where l.quantity > 0), true),
      coalesce(array_agg(distinct l.price_id) filter (where l.quantity > 0), '{}'),
      string_agg(
        ratebook.quote_line(
          l.meter, l.quantity, l.price_meter, l.unit_price, l.cost, v_model.is_shown and l.is_public, l.price_id,
          p_all_lines
        )::text,
        ', ' order by l.ordinality
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
      string_agg(
        ratebook.quote_line(
          q.meter, q.quantity, v_sheet.price_rows -> q.meter ->> 1, q.price,
          case when q.quantity = 0 then 0 else q.quantity * q.price end,
          v_model.is_shown and q.meter <> all(v_sheet.hidden),
          (v_sheet.price_rows -> q.meter ->> 0)::uuid, p_all_lines
        )::text,
        ', ' order by q.meter
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

  v_priced.asked := ratebook.asked(
    v_model.key, v_model.id, p_service_tier, p_variant, p_region, v_model.price_currency
  );
  v_priced.model_id := v_model.id;
  v_priced.model_key := v_model.key;
  v_priced.is_active := v_model.is_active;
  v_priced.feature_id := v_feature_id;
  v_priced.source := v_model.price_source;
  v_priced.currency := v_model.price_currency;
  v_priced.sheet_id := v_sheet.id;
  v_priced.cost := trim_scale(v_priced.cost);
  v_priced.credits := trim_scale(ratebook.credits(
    v_priced.cost, v_terms.credits_per_currency_unit, v_terms.margin, v_terms.fixed_credits, v_terms.min_credits,
    v_terms.minimum_applies_to_free, v_terms.increment
  ));
  v_priced.credit_rate_id := v_terms.credit_rate_id;
  v_priced.margin_policy_id := v_terms.margin_policy_id;
  return v_priced;
end;
$$;

-- The one entry: what ratebook.offers holds is priced here, all else in general.
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
  p_stated text[] default '{}',
  p_offers_only boolean default false
) returns ratebook.priced_request
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- In few expressions, each of which is prepared anew in every transaction.
declare
  v_offer ratebook.offers;
  v_rest jsonb := p_usage;
  v_meter ratebook.offered_meter;
  v_value jsonb;
  v_quantity numeric;
  v_line numeric;
  v_total numeric := 0;
  v_cost numeric := 0;
  v_price_ids uuid[] := '{}'::uuid[];
  v_lines text;
  v_feature_id uuid;
begin
  if p_stated = '{}' and jsonb_typeof(p_usage) = 'object' and p_at <= ratebook.clock() then
    select o.* into v_offer
    from ratebook.offers as o
    where
      o.name = p_model and o.service_tier = p_service_tier and o.variant = coalesce(p_variant, '')
      and o.region = coalesce(p_region, '') and o.starts <= p_at and p_at < o.ends
      and (p_source is null or (o.source = p_source and o.currency = p_currency));
    -- A feature that has a margin of its own is priced in general, and one that there is not is refused there.
    if p_feature is not null and v_offer.name is not null then
      select f.id into v_feature_id
      from ai.features as f
      where
        f.key = p_feature
        and not exists (select from billing.execution_margin_policies as p where p.feature_id = f.id);
      if not found then
        v_offer := null;
      end if;
    end if;
  end if;
  if v_offer.name is not null then
    -- The meters that have a price, until nothing is left to price.
    foreach v_meter in array v_offer.meters loop
      v_value := v_rest -> v_meter.meter;
      continue when v_value is null;
      v_quantity := case when jsonb_typeof(v_value) = 'number' then v_value::numeric end;
      exit when (v_quantity between 0 and 1e12 and min_scale(v_quantity) <= 12) is not true;
      v_rest := v_rest - v_meter.meter;
      v_line := v_quantity * v_meter.price;
      v_total := v_total + v_quantity;
      v_cost := v_cost + v_line;
      if p_all_lines is not null then
        v_lines := concat(
          v_lines || ', ', '{', v_meter.line, ', "quantity": "', trim_scale(v_quantity), '", "cost": "', trim_scale(v_line),
          case when p_all_lines then '", "price_id": "' || v_meter.price_id end, '"}'
        );
        if v_quantity > 0 and v_meter.price_id <> all(v_price_ids) then
          v_price_ids := v_price_ids || v_meter.price_id;
        end if;
      end if;
      exit when v_rest = '{}';
    end loop;
    -- What is left has no price, or is no quantity; an empty usage is none. All of it together is below the first
    -- threshold, whatever counts toward that.
    if v_rest = '{}' and p_usage <> '{}' and (v_total < v_offer.below) is not false then
      return (
        v_offer.model_id, v_offer.model_key, v_offer.is_active, v_feature_id, v_offer.source, v_offer.currency,
        v_offer.sheet_id, trim_scale(v_cost), true,
        v_price_ids, v_lines, v_offer.asked,
        trim_scale(ratebook.credits(
          v_cost, v_offer.credits_per_currency_unit, v_offer.margin, v_offer.fixed_credits, v_offer.min_credits,
          v_offer.minimum_applies_to_free, v_offer.increment
        )),
        v_offer.credit_rate_id, v_offer.margin_policy_id, v_offer.ends
      )::ratebook.priced_request;
    end if;
  end if;
  if p_offers_only then
    return null;
  end if;
  return ratebook.price_in_general(
    p_model, p_usage, p_feature, p_service_tier, p_variant, p_region, p_at, p_all, p_all_lines, p_source, p_currency,
    p_stated
  );
end;
$$;

-- Each refusal apart from the rest, for who asks about many models.
create type ratebook.price_attempt as (
  priced ratebook.priced_request,
  error text,
  reason text
);

create function ratebook.price_or_reason(
  p_model text,
  p_usage jsonb,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz,
  p_all boolean,
  p_stated text[] default '{}'
) returns ratebook.price_attempt
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_attempt ratebook.price_attempt;
  v_message text;
  v_detail jsonb;
begin
  v_attempt.priced := ratebook.price_request(
    p_model, p_usage, p_feature, p_service_tier, p_variant, p_region, p_at, p_all, p_stated => p_stated
  );
  return v_attempt;
exception
  when sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' then
    get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
    return (null, v_detail ->> 'error', v_message)::ratebook.price_attempt;
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

revoke all on function ratebook.price_request(
  text, jsonb, text, text, text, text, timestamptz, boolean, boolean, text, text, text[], boolean
) from public;
revoke all on function ratebook.price_in_general(
  text, jsonb, text, text, text, text, timestamptz, boolean, boolean, text, text, text[]
) from public;
revoke all on function ratebook.price_or_reason(
  text, jsonb, text, text, text, text, timestamptz, boolean, text[]
) from public;
revoke all on function ratebook.assert_service_tier(text) from public;
revoke all on function ratebook.assert_size(uuid, text, text[], text, timestamptz) from public;
revoke all on function ratebook.quote_line(
  text, numeric, text, numeric, numeric, boolean, uuid, boolean
) from public;

comment on type ratebook.priced_request is
'A priced request: model, currency, exact cost in currency, whether all of its prices are public, credits, and the rows used.';
comment on column ratebook.priced_request.model_id is 'The model.';
comment on column ratebook.priced_request.model_key is 'Its key.';
comment on column ratebook.priced_request.is_active is 'Whether it is switched on.';
comment on column ratebook.priced_request.feature_id is 'The feature; NULL for none.';
comment on column ratebook.priced_request.source is 'The source of the prices.';
comment on column ratebook.priced_request.currency is 'The currency of the cost.';
comment on column ratebook.priced_request.sheet_id is 'The price sheet that was used; NULL where nothing was used and nothing is priced.';
comment on column ratebook.priced_request.cost is 'Exact cost in currency.';
comment on column ratebook.priced_request.is_public is 'Whether all prices behind it are public.';
comment on column ratebook.priced_request.price_ids is 'The price rows of the meters used.';
comment on column ratebook.priced_request.lines is 'The lines of the quote, if asked for, as text of JSON without its brackets.';
comment on column ratebook.priced_request.asked is 'What the quote says of the request, as text of JSON without its braces.';
comment on column ratebook.priced_request.credits is 'Credits, rounded up once.';
comment on column ratebook.priced_request.credit_rate_id is 'The credit rate that was used.';
comment on column ratebook.priced_request.margin_policy_id is 'The margin policy that was used.';
comment on column ratebook.priced_request.ends is 'Until when the offer holds that priced it; NULL where it was priced in general.';
comment on function ratebook.price_request(
  text, jsonb, text, text, text, text, timestamptz, boolean, boolean, text, text, text[], boolean
) is
'Prices one request, for those who see all (p_all) or for the public; with all lines of the quote (p_all_lines true), those as the public sees them (false), or none (NULL). With the source and currency that a hold began with, a model that has changed since is priced as it was then. What an answer states of service tier, variant and region (p_stated: which of them) must have prices of its own. Where only offers are asked (p_offers_only), what has none is NULL. Errors: those of billing.quote().';
comment on function ratebook.price_in_general(
  text, jsonb, text, text, text, text, timestamptz, boolean, boolean, text, text, text[]
) is
'What ratebook.price_request() asks where there is no offer. Errors: those of billing.quote().';
comment on type ratebook.price_attempt is 'A price, or why there is none.';
comment on column ratebook.price_attempt.priced is 'What was asked, priced; NULL where it is refused.';
comment on column ratebook.price_attempt.error is 'The token of the refusal; NULL for none.';
comment on column ratebook.price_attempt.reason is 'Its sentence; NULL for none.';
comment on function ratebook.price_or_reason(
  text, jsonb, text, text, text, text, timestamptz, boolean, text[]
) is 'ratebook.price_request(), or the error token and the sentence with which it refuses.';
comment on function ratebook.assert_service_tier(text) is 'Refuses a tier that is not registered. Error: unknown_service_tier (PT422).';
comment on function ratebook.assert_size(uuid, text, text[], text, timestamptz) is
'Refuses an image size that is neither valid for the model nor named by a public price of a picture, in force, of the source and currency that it followed then. Error: invalid_size (PT422); HINT and DETAIL list the valid ones.';
comment on function ratebook.quote_line(
  text, numeric, text, numeric, numeric, boolean, uuid, boolean
) is
'A line of a quote as JSON: for those who see all (p_all), with the id of the price row; for others null where a price is not public.';
