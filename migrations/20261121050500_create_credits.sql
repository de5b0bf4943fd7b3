-- Ratebook's credits (module core). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- from sql/55_credits/010_schema_billing.sql

select ratebook.take_schema(
  'billing',
  'From money to credits: rates, margins, and the price of a usage in credits.'
);

-- from sql/55_credits/020_table_credit_rates.sql

create table billing.credit_rates (
  id uuid not null default gen_random_uuid(),
  currency text not null,
  credits_per_currency_unit numeric not null,
  effective_from timestamptz not null default ratebook.clock(),
  revision integer not null default 0,
  created_at timestamptz not null default ratebook.clock(),
  created_by uuid default ratebook.uid(),
  constraint credit_rates_pkey primary key (id),
  constraint credit_rates_key unique (currency, effective_from, revision),
  constraint currency_is_an_iso_code check (currency ~ '^[A-Z]{3}$'),
  constraint credits_per_currency_unit_is_positive_and_finite check (
    credits_per_currency_unit > 0 and ratebook.is_amount(credits_per_currency_unit)
  ),
  constraint effective_from_is_finite check (ratebook.is_time(effective_from)),
  constraint revision_is_not_negative check (revision >= 0)
);

create trigger credit_rates_require_privileged before insert on billing.credit_rates
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger credit_rates_refuse_change before update or delete or truncate on billing.credit_rates
for each statement execute function ratebook.refuse_change(
  'Insert a row with a later effective_from, or a higher revision to correct one.'
);

alter table billing.credit_rates enable always trigger credit_rates_refuse_change;

select ratebook.keep_history('billing.credit_rates');

comment on table billing.credit_rates is
'How many credits one unit of a currency is. Insert-only; in force is the latest effective_from, then the highest revision. For admins and the service role.';
comment on column billing.credit_rates.id is 'The rate; charges refer to it.';
comment on column billing.credit_rates.currency is 'ISO 4217 code.';
comment on column billing.credit_rates.credits_per_currency_unit is 'Credits per one unit of the currency, exact.';
comment on column billing.credit_rates.effective_from is 'From when on it applies.';
comment on column billing.credit_rates.revision is 'Corrections of the same date count up from 0; the highest stands.';
comment on column billing.credit_rates.created_at is 'When the row was made.';
comment on column billing.credit_rates.created_by is 'JWT subject who made it; NULL for the service role and direct SQL.';

-- from sql/55_credits/030_table_execution_margin_policies.sql

create function ratebook.margin_scope(
  p_model_id uuid, p_feature_id uuid, p_provider_id uuid, p_tier ai.model_tier_enum
) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return concat_ws('+', 'model ' || p_model_id, 'feature ' || p_feature_id, 'provider ' || p_provider_id, 'tier ' || p_tier);
end;
$$;

revoke all on function ratebook.margin_scope(uuid, uuid, uuid, ai.model_tier_enum) from public;
grant execute on function ratebook.margin_scope(uuid, uuid, uuid, ai.model_tier_enum) to authenticated, service_role;

comment on function ratebook.margin_scope(uuid, uuid, uuid, ai.model_tier_enum) is
'What a margin policy is for, as one text to look it up by; empty for the default.';

create table billing.execution_margin_policies (
  id uuid not null default gen_random_uuid(),
  model_id uuid,
  feature_id uuid,
  provider_id uuid,
  tier ai.model_tier_enum,
  margin numeric not null default 0,
  fixed_credits numeric not null default 0,
  min_credits numeric not null default 0,
  minimum_applies_to_free boolean not null default false,
  increment numeric not null default 0.001,
  enabled boolean not null default true,
  effective_from timestamptz not null default ratebook.clock(),
  revision integer not null default 0,
  created_at timestamptz not null default ratebook.clock(),
  created_by uuid default ratebook.uid(),
  scope text not null generated always as (
    ratebook.margin_scope(model_id, feature_id, provider_id, tier)
  ) stored,
  constraint execution_margin_policies_pkey primary key (id),
  constraint execution_margin_policies_key unique (scope, effective_from, revision),
  constraint execution_margin_policies_model_id_fkey foreign key (model_id)
  references ai.models (id) on delete restrict,
  constraint execution_margin_policies_feature_id_fkey foreign key (feature_id)
  references ai.features (id) on delete restrict,
  constraint execution_margin_policies_provider_id_fkey foreign key (provider_id)
  references ai.providers (id) on delete restrict,
  constraint scope_is_one_of_model_and_feature_model_feature_provider_tier check (
    num_nonnulls(model_id, feature_id, provider_id, tier) <= 1
    or (num_nonnulls(model_id, feature_id) = 2 and num_nonnulls(provider_id, tier) = 0)
  ),
  constraint margin_is_at_least_minus_one_and_finite check (margin >= -1 and ratebook.is_amount(margin)),
  constraint fixed_credits_is_not_negative_and_finite check (fixed_credits >= 0 and ratebook.is_amount(fixed_credits)),
  constraint min_credits_is_not_negative_and_finite check (min_credits >= 0 and ratebook.is_amount(min_credits)),
  constraint increment_is_positive_and_finite check (increment > 0 and ratebook.is_amount(increment)),
  constraint effective_from_is_finite check (ratebook.is_time(effective_from)),
  constraint revision_is_not_negative check (revision >= 0)
);

create index execution_margin_policies_model_id_idx on billing.execution_margin_policies (model_id);
create index execution_margin_policies_feature_id_idx on billing.execution_margin_policies (feature_id);
create index execution_margin_policies_provider_id_idx on billing.execution_margin_policies (provider_id);

create trigger execution_margin_policies_require_privileged before insert on billing.execution_margin_policies
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger execution_margin_policies_refuse_change
before update or delete or truncate on billing.execution_margin_policies
for each statement execute function ratebook.refuse_change(
  'Insert a row with a later effective_from, or a higher revision to correct one; enabled = false ends a policy.'
);

alter table billing.execution_margin_policies enable always trigger execution_margin_policies_refuse_change;

select ratebook.keep_history('billing.execution_margin_policies');

comment on table billing.execution_margin_policies is
'What is added to the cost: credits = round_up(max(min_credits, cost × rate × (1 + margin) + fixed_credits), increment). A row is for a model and feature, a model, a feature, a provider, a tier, or (all NULL) the default, tried in that order. Insert-only; in force is the latest effective_from, then the highest revision. For admins and the service role.';
comment on column billing.execution_margin_policies.id is 'The policy; charges refer to it.';
comment on column billing.execution_margin_policies.model_id is 'The model it is for.';
comment on column billing.execution_margin_policies.feature_id is 'The feature it is for (ai.features.id, which outlives renames).';
comment on column billing.execution_margin_policies.provider_id is 'The provider it is for.';
comment on column billing.execution_margin_policies.tier is 'The models'' pricing_tier it is for.';
comment on column billing.execution_margin_policies.scope is 'The four columns before as one text; computed.';
comment on column billing.execution_margin_policies.margin is 'Share of the cost that is added: 0.30 adds 30 %. At least -1.';
comment on column billing.execution_margin_policies.fixed_credits is 'Credits added to each request.';
comment on column billing.execution_margin_policies.min_credits is 'Least credits of a request.';
comment on column billing.execution_margin_policies.minimum_applies_to_free is 'Whether fixed and least credits are asked for a request that costs nothing.';
comment on column billing.execution_margin_policies.increment is 'Credits are rounded up to a multiple of it, once, at the end.';
comment on column billing.execution_margin_policies.enabled is 'False: the next policy in order applies instead.';
comment on column billing.execution_margin_policies.effective_from is 'From when on it applies.';
comment on column billing.execution_margin_policies.revision is 'Corrections of the same date count up from 0; the highest stands.';
comment on column billing.execution_margin_policies.created_at is 'When the row was made.';
comment on column billing.execution_margin_policies.created_by is 'JWT subject who made it; NULL for the service role and direct SQL.';

-- from sql/55_credits/040_function_credit_terms.sql

create type ratebook.credit_terms as (
  credit_rate_id uuid,
  credits_per_currency_unit numeric,
  margin_policy_id uuid,
  margin numeric,
  fixed_credits numeric,
  min_credits numeric,
  minimum_applies_to_free boolean,
  increment numeric
);

create function ratebook.credit_terms(
  p_model_id uuid,
  p_feature_id uuid,
  p_currency text,
  p_at timestamptz
) returns ratebook.credit_terms
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_terms ratebook.credit_terms;
begin
  select
    r.id, r.credits_per_currency_unit, p.id, p.margin, p.fixed_credits, p.min_credits, p.minimum_applies_to_free,
    p.increment
  into v_terms
  from ai.models as m
  left join lateral (
    select q.id, q.credits_per_currency_unit
    from billing.credit_rates as q
    where q.currency = p_currency and q.effective_from <= p_at
    order by q.effective_from desc, q.revision desc
    limit 1
  ) as r on true
  left join lateral (
    select n.*
    -- Spelled as ratebook.margin_scope() spells them. A request without a feature, or a model without a tier, has no
    -- policy of that rank: its scope is NULL.
    from unnest(array[
      'model ' || m.id || '+feature ' || p_feature_id,
      'model ' || m.id,
      'feature ' || p_feature_id,
      'provider ' || m.provider_id,
      'tier ' || m.pricing_tier,
      ''
    ]) with ordinality as s (scope, rank)
    cross join lateral (
      select q.*
      from billing.execution_margin_policies as q
      where q.scope = s.scope and q.effective_from <= p_at
      order by q.effective_from desc, q.revision desc
      limit 1
    ) as n
    where n.enabled
    order by s.rank
    limit 1
  ) as p on true
  where m.id = p_model_id;
  return v_terms;
end;
$$;

-- Every moment at which a rate or a policy changes: between two of them the terms of a model and feature are the same,
-- so that a set looks them up once for each width_bucket(time, moments).
create function ratebook.moments_of_terms() returns timestamptz[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select r.effective_from from billing.credit_rates as r
    union
    select p.effective_from from billing.execution_margin_policies as p
    order by 1
  );
end;
$$;

create function ratebook.require_terms(
  p_model_id uuid,
  p_feature_id uuid,
  p_currency text,
  p_at timestamptz
) returns ratebook.credit_terms
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_terms ratebook.credit_terms := ratebook.credit_terms(p_model_id, p_feature_id, p_currency, p_at);
begin
  if v_terms.credit_rate_id is null then
    perform ratebook.fail(
      'no_credit_rate', format('There is no credit rate for %s at that time.', left(p_currency, 100)),
      'An admin adds one to billing.credit_rates.', jsonb_build_object('currency', left(p_currency, 100))
    );
  end if;
  if v_terms.margin_policy_id is null then
    perform ratebook.fail('no_margin_policy', 'No margin policy is in force for this request.',
      'An admin adds a default to billing.execution_margin_policies; margin 0 is a choice too.');
  end if;
  return v_terms;
end;
$$;

revoke all on function ratebook.credit_terms(uuid, uuid, text, timestamptz) from public;
revoke all on function ratebook.require_terms(uuid, uuid, text, timestamptz) from public;
revoke all on function ratebook.moments_of_terms() from public;

comment on type ratebook.credit_terms is 'What turns a cost into credits: a rate and a margin policy.';
comment on column ratebook.credit_terms.credit_rate_id is 'The credit rate; NULL if none.';
comment on column ratebook.credit_terms.credits_per_currency_unit is 'Of the rate.';
comment on column ratebook.credit_terms.margin_policy_id is 'The margin policy; NULL if none.';
comment on column ratebook.credit_terms.margin is 'Of the policy.';
comment on column ratebook.credit_terms.fixed_credits is 'Of the policy.';
comment on column ratebook.credit_terms.min_credits is 'Of the policy.';
comment on column ratebook.credit_terms.minimum_applies_to_free is 'Of the policy.';
comment on column ratebook.credit_terms.increment is 'Of the policy.';
comment on function ratebook.credit_terms(uuid, uuid, text, timestamptz) is
'The credit rate in force for a currency, and the enabled margin policy in force for a model and feature: of model and feature, model, feature, provider, tier, default the first that there is. NULL where there is none.';
comment on function ratebook.moments_of_terms() is 'When credit rates and margin policies change, ascending.';
comment on function ratebook.require_terms(uuid, uuid, text, timestamptz) is
'ratebook.credit_terms(), of which none is missing. Errors: no_credit_rate, no_margin_policy (PT422).';

-- from sql/55_credits/050_function_credits.sql

create function ratebook.round_up(p_value numeric, p_increment numeric) returns numeric
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  -- By mod: a quotient would be rounded.
  v_rest numeric := mod(p_value, p_increment);
begin
  return case when v_rest = 0 then p_value else p_value + p_increment - v_rest end;
end;
$$;

create function ratebook.credits(
  p_cost numeric,
  p_credits_per_currency_unit numeric,
  p_margin numeric,
  p_fixed_credits numeric,
  p_min_credits numeric,
  p_minimum_applies_to_free boolean,
  p_increment numeric
) returns numeric
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_cost is null then null -- greatest() would pass over it.
    when p_cost = 0 and not p_minimum_applies_to_free then 0
    else ratebook.round_up(
      greatest(
        p_min_credits,
        p_cost * p_credits_per_currency_unit * (1 + p_margin) + p_fixed_credits
      ),
      p_increment
    )
  end;
end;
$$;

revoke all on function ratebook.round_up(numeric, numeric) from public;
revoke all on function ratebook.credits(numeric, numeric, numeric, numeric, numeric, boolean, numeric) from public;

comment on function ratebook.round_up(numeric, numeric) is
'The least multiple of the increment that is not below the value; the value is not negative. Exact.';
comment on function ratebook.credits(numeric, numeric, numeric, numeric, numeric, boolean, numeric) is
'The one formula from a cost in currency to credits; NULL of a NULL cost.';

-- from sql/55_credits/055_function_prices_tell_apart.sql

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

-- from sql/55_credits/060_function_quote.sql

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

-- from sql/55_credits/070_function_price_requests.sql

create function ratebook.price_requests(
  p_requests jsonb,
  p_at timestamptz,
  p_all boolean,
  p_passes_over boolean default false
) returns table (
  ordinal integer,
  model_id uuid,
  model_key text,
  currency text,
  sheet_id bigint,
  cost numeric,
  is_public boolean,
  price_ids uuid[],
  lines jsonb,
  credits numeric,
  credit_rate_id uuid,
  margin_policy_id uuid
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
declare
  v_now constant timestamptz := ratebook.clock();
  v_looks_ahead constant boolean := ratebook.is_privileged();
  v_moments constant timestamptz[] := ratebook.moments_of_terms();
  -- What these names mean depends on the time asked for; all others mean one model.
  v_succeeded constant text[] := array(
    select m.key from ai.models as m where m.successor_id is not null
    union all
    select a.alias
    from ai.model_aliases as a
    where a.model_id = any(array(select m.id from ai.models as m where m.successor_id is not null))
  );
  v_meter_keys constant text[] := array(select m.key from ai.meters as m);
  v_meters constant jsonb := (select jsonb_object_agg(m.key, m.counts_as_input) from ai.meters as m);
  v_priced integer;
begin
  if jsonb_typeof(p_requests) is distinct from 'array' then
    perform ratebook.fail('invalid_argument', 'The requests are not a JSON array.',
      'For example [{"model": "gpt-4o-mini", "usage": {"input": 1000}}].');
  end if;
  -- Before any usage is read, for each is read more than once.
  if exists (
    select from jsonb_array_elements(p_requests) as r
    where case
      when jsonb_typeof(r.value -> 'usage') = 'object'
        then ratebook.has_more_keys(r.value -> 'usage', cardinality(v_meter_keys))
    end
  ) then
    perform ratebook.refuse_requests(p_requests, p_at, p_all);
  end if;

  -- The rules of ratebook.price_request(), for a set: what it would refuse has no row here.
  return query
  with
  -- The fields as ratebook.price_request() would get them.
  requests as materialized (
    select
      r.ordinality::integer as ordinal,
      r.value - '{model,usage,feature,service_tier,variant,region,at,stated}'::text[] = '{}' as is_plain,
      r.value ->> 'model' as model,
      case when jsonb_typeof(r.value -> 'usage') = 'object' then r.value -> 'usage' else '{}' end as usage,
      r.value ->> 'feature' as feature,
      coalesce(r.value ->> 'service_tier', 'standard') as service_tier,
      r.value ->> 'variant' as variant,
      r.value ->> 'region' as region,
      case when r.value ? 'at' then (r.value ->> 'at')::timestamptz else p_at end as at,
      -- Which of these an answer states; nearly always nothing.
      case
        when r.value ->> 'stated' <> '[]' then array(select e.value from jsonb_array_elements_text(r.value -> 'stated') as e (value))
      end as stated
    from jsonb_array_elements(p_requests) with ordinality as r
  ),

  -- Here and below, lateral with an offset is one lookup each, whatever the planner thinks of the table.
  models as (
    select
      n.model, n.at, m.id, m.key, m.valid_sizes, m.is_public and m.deleted_at is null as is_shown,
      f.price_currency, f.starts as follows_from, f.ends as follows_until,
      s.id as schedule_id, s.starts, s.bounds, s.service_tiers, s.variants, s.regions, s.has_windows
    from (
      select distinct r.model, case when r.model = any(v_succeeded) then coalesce(r.at, '-infinity') end as at
      from requests as r
    ) as n
    left join lateral (
      select o.id
      from ai.models as o
      where o.key = n.model and n.at is null and (p_all or (o.is_public and o.deleted_at is null))
      offset 0
    ) as k on true
    cross join lateral (
      select case when k.id is null then ratebook.model_ids(n.model, p_all, n.at) else array[k.id] end as ids
    ) as c
    inner join lateral (
      select o.* from ai.models as o where o.id = c.ids[1] and cardinality(c.ids) = 1 offset 0
    ) as m on true
    -- A model that has followed others before has a row for each: the time asked for picks one.
    inner join lateral (
      select m.price_source, m.price_currency, '-infinity' as starts, 'infinity' as ends
      where m.price_source_since is null
      union all
      select o.price_source, o.price_currency, o.starts, o.ends
      from ratebook.price_source_periods as o
      where o.model_id = m.id and m.price_source_since is not null
      offset 0
    ) as f on true
    -- No schedule is no price, which refuses the request below and says so.
    left join lateral (
      select o.*
      from ratebook.price_schedules as o
      where o.model_id = m.id and o.source = f.price_source and o.currency = f.price_currency
      offset 0
    ) as s on true
  ),

  -- All of them and no WHERE: the planner would take what is left of a set for one row.
  found as materialized (
    select
      r.ordinal, ratebook.whole_usage(p.prices, r.usage) as usage, m.id as model_id, m.key as model_key,
      m.is_shown, m.price_currency, f.id as feature_id,
      width_bucket(r.at, v_moments) as moment, p.id as sheet_id, p.prices, p.price_rows, p.hidden,
      coalesce(p.marginal <> '{}', false) as is_split,
      r.is_plain
      and r.usage <> '{}'
      and m.id is not null
      and isfinite(r.at)
      and (r.at <= v_now or v_looks_ahead)
      and t.key is not null
      and (r.feature is null or f.id is not null)
      -- A size that the model does not draw has no price, unless somebody priced it.
      and (
        r.variant is null
        or m.valid_sizes = '{}'
        or not r.usage ? 'image'
        or r.variant = any(m.valid_sizes)
        or exists (
          select from ratebook.prices_in_force(m.id, r.at) as v
          where v.variant = r.variant and v.meter = 'image' and v.is_public
        )
      )
      and (
        r.stated is null
        or ratebook.prices_tell_apart(p.price_rows, r.stated, r.service_tier, r.variant, r.region)
      ) as is_valid
    -- Outer joins keep every request: what one lacks makes it invalid, and below it is refused.
    from requests as r
    left join models as m
      on m.model = r.model and (m.at is null or m.at = coalesce(r.at, '-infinity'))
      and m.follows_from <= r.at and r.at < m.follows_until
    left join ai.service_tiers as t on t.key = r.service_tier
    left join ai.features as f on f.key = r.feature
    -- What a model's prices do not tell apart stands on the sheet without it.
    left join lateral (
      select o.id, o.prices, o.price_rows, o.hidden, o.marginal
      from ratebook.price_sheets as o
      where
        o.schedule_id = m.schedule_id
        and o.period = width_bucket(r.at, m.starts)
        and o.service_tier = case when r.service_tier = any(m.service_tiers) then r.service_tier else 'standard' end
        and o.variant = case when r.variant = any(m.variants) then r.variant else '' end
        and o.region = case when r.region = any(m.regions) then r.region else '' end
        and o.open_windows = case
          when m.has_windows then ratebook.open_windows(m.schedule_id, width_bucket(r.at, m.starts), r.at)
          else 0
        end
        and o.band = case
          when m.bounds = '{}' then 0
          else width_bucket(ratebook.context_tokens(r.usage), m.bounds)
        end
      offset 0
    ) as p on true
  ),

  -- Rate and margin, once for all requests between two of their changes.
  terms as materialized (
    select d.model_id, d.feature_id, d.price_currency, d.moment, t.*
    from (select distinct f.model_id, f.feature_id, f.price_currency, f.moment from found as f where f.is_valid) as d
    cross join lateral ratebook.credit_terms(d.model_id, d.feature_id, d.price_currency, v_moments[d.moment]) as t
  )

  -- The products, line by line, and what they make in credits.
  select
    f.ordinal,
    f.model_id,
    f.model_key,
    f.price_currency,
    f.sheet_id,
    c.cost,
    c.is_public,
    c.price_ids,
    c.lines,
    ratebook.credits(
      c.cost, t.credits_per_currency_unit, t.margin, t.fixed_credits, t.min_credits, t.minimum_applies_to_free,
      t.increment
    ),
    t.credit_rate_id,
    t.margin_policy_id
  -- The same products in two forms: in line for plain sheets, part by part where a threshold splits a quantity.
  from found as f
  cross join lateral (
    select
      coalesce(sum(l.cost), 0) as cost,
      coalesce(bool_and(l.is_public) filter (where l.quantity > 0), true) as is_public,
      coalesce(array_agg(distinct l.price_id) filter (where l.quantity > 0), '{}') as price_ids,
      jsonb_agg(
        ratebook.quote_line(
          l.meter, l.quantity, l.price_meter, l.unit_price, case when l.quantity = 0 then 0 else l.cost end,
          l.is_public, null, false
        )
        order by l.meter, l.part
      ) as lines,
      bool_and(coalesce(l.is_valid, false)) as is_valid
    from (
      select
        u.key as meter,
        1::bigint as part,
        u.value::numeric as quantity,
        f.price_rows -> u.key ->> 1 as price_meter,
        (f.prices -> u.key)::numeric as unit_price,
        u.value::numeric * (f.prices -> u.key)::numeric as cost,
        (f.price_rows -> u.key ->> 0)::uuid as price_id,
        f.is_shown and u.key <> all(f.hidden) as is_public,
        -- What has a price is a meter.
        (f.prices ? u.key or (u.value::numeric = 0 and v_meters ? u.key))
        and u.value::numeric between 0 and 1e12 and scale(trim_scale(u.value::numeric)) <= 12 as is_valid
      from jsonb_each(f.usage) as u
      where not f.is_split
      union all
      -- What a marginal threshold splits is priced by ratebook.price_usage() alone.
      select
        n.meter,
        n.ordinality,
        n.quantity,
        n.price_meter,
        n.unit_price,
        n.cost,
        n.price_id,
        f.is_shown and n.is_public,
        ratebook.is_usage(f.usage, v_meter_keys) and (n.unit_price is not null or n.quantity = 0)
      from ratebook.price_sheets as p
      cross join lateral ratebook.price_usage(p, f.usage) with ordinality as n
      where f.is_split and p.id = f.sheet_id
    ) as l
  ) as c
  inner join terms as t
    on
      t.model_id = f.model_id and t.moment = f.moment and t.price_currency = f.price_currency
      and t.feature_id is not distinct from f.feature_id
  where f.is_valid and c.is_valid and t.credit_rate_id is not null and t.margin_policy_id is not null
  order by f.ordinal;

  -- A request without a row is refused, by the form that knows why; who passes over it asks that form by itself.
  get diagnostics v_priced = row_count;
  if not p_passes_over and v_priced <> jsonb_array_length(p_requests) then
    perform ratebook.refuse_requests(p_requests, p_at, p_all);
  end if;
exception
  when
    invalid_datetime_format or datetime_field_overflow or invalid_time_zone_displacement_value or invalid_parameter_value
    or numeric_value_out_of_range
    then perform ratebook.refuse_requests(p_requests, p_at, p_all);
end;
$$;

create function ratebook.refuse_requests(p_requests jsonb, p_at timestamptz, p_all boolean) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- One by one, to find the first that cannot be priced and to say why.
declare
  v_index integer;
  v_request jsonb;
  v_unknown text;
  v_message text;
  v_hint text;
  v_detail jsonb;
begin
  for v_index, v_request in
    select r.ordinality - 1, r.value from jsonb_array_elements(p_requests) with ordinality as r order by r.ordinality
  loop
    begin
      if jsonb_typeof(v_request) <> 'object' then
        perform ratebook.fail('invalid_argument', 'A request is a JSON object.',
          'For example {"model": "gpt-4o-mini", "usage": {"input": 1000}}.');
      end if;
      select min(k.key) into v_unknown
      from jsonb_object_keys(v_request) as k (key)
      where k.key not in ('model', 'usage', 'feature', 'service_tier', 'variant', 'region', 'at', 'stated');
      if v_unknown is not null then
        perform ratebook.fail('invalid_argument', format('A request has no field "%s".', left(v_unknown, 100)),
          'Its fields are model, usage, feature, service_tier, variant, region, at and format.',
          jsonb_build_object('field', left(v_unknown, 100)));
      end if;
      perform ratebook.price_request(
        v_request ->> 'model',
        v_request -> 'usage',
        v_request ->> 'feature',
        coalesce(v_request ->> 'service_tier', 'standard'),
        v_request ->> 'variant',
        v_request ->> 'region',
        case when v_request ? 'at' then (v_request ->> 'at')::timestamptz else p_at end,
        p_all,
        p_stated => array(select s.word from jsonb_array_elements_text(v_request -> 'stated') as s (word))
      );
    exception
      when sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' or insufficient_privilege then
        get stacked diagnostics
          v_message = message_text, v_hint = pg_exception_hint, v_detail = pg_exception_detail;
        perform ratebook.fail(
          v_detail ->> 'error', v_message, v_hint, v_detail || jsonb_build_object('index', v_index)
        );
      when
        invalid_datetime_format or datetime_field_overflow or invalid_time_zone_displacement_value
        or invalid_parameter_value
        then
          perform ratebook.fail('invalid_time', format('"%s" is not a time.', left(v_request ->> 'at', 100)),
            'For example 2026-03-15T12:00:00Z.', jsonb_build_object('index', v_index));
    end;
  end loop;
  raise exception 'A set of requests was not priced, and each of them can be.' using errcode = 'XX000';
end;
$$;

-- Requests whose usage is a provider's own, as ratebook.price_requests() takes them.
create function ratebook.read_requests(p_requests jsonb) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_index integer;
  v_request jsonb;
  v_read ratebook.stated_usage;
  v_requests jsonb[] := '{}';
  v_message text;
  v_hint text;
  v_detail jsonb;
begin
  for v_index, v_request in
    select r.ordinality - 1, r.value from jsonb_array_elements(p_requests) with ordinality as r order by r.ordinality
  loop
    if jsonb_typeof(v_request) = 'object' and v_request ? 'stated' then
      perform ratebook.fail('invalid_argument', 'A request has no field "stated".', null, '{"field": "stated"}');
    elsif jsonb_typeof(v_request) = 'object' and v_request ->> 'format' is not null then
      v_read := ratebook.read_usage(
        v_request ->> 'format', v_request -> 'usage', v_request ->> 'service_tier', v_request ->> 'variant',
        v_request ->> 'region'
      );
      v_request := v_request || to_jsonb(v_read);
    end if;
    v_requests := v_requests || case jsonb_typeof(v_request) when 'object' then v_request - 'format' else v_request end;
  end loop;
  return to_jsonb(v_requests);
exception
  when sqlstate 'PT422' then
    get stacked diagnostics v_message = message_text, v_hint = pg_exception_hint, v_detail = pg_exception_detail;
    perform ratebook.fail(
      v_detail ->> 'error', v_message, v_hint, v_detail || jsonb_build_object('index', v_index)
    );
end;
$$;

create function ratebook.quote_many(p_requests jsonb) returns table (
  index integer,
  model text,
  currency text,
  cost numeric,
  credits numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.quote().
declare
  v_all boolean := ratebook.is_privileged();
  v_requests jsonb := ratebook.json_in_text(p_requests);
begin
  if jsonb_typeof(v_requests) = 'array' and jsonb_array_length(v_requests) > 1000 then
    perform ratebook.fail('invalid_argument', 'A call prices at most 1,000 requests.', 'Ask in parts.',
      jsonb_build_object('requests', jsonb_array_length(v_requests), 'at_most', 1000));
  end if;
  if jsonb_typeof(v_requests) = 'array' then
    if exists (select from jsonb_array_elements(v_requests) as r where r.value ?| '{format,stated}') then
      v_requests := ratebook.read_requests(v_requests);
    end if;
  end if;
  return query
  select
    p.ordinal - 1,
    p.model_key,
    p.currency,
    case when v_all or p.is_public then trim_scale(p.cost) end,
    trim_scale(p.credits)
  from ratebook.price_requests(v_requests, ratebook.clock(), v_all) as p;
end;
$$;

create function billing.quote_many(requests jsonb) returns table (
  index integer,
  model text,
  currency text,
  cost numeric,
  credits numeric
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select q.* from ratebook.quote_many(requests) as q;
end;

revoke all on function ratebook.price_requests(jsonb, timestamptz, boolean, boolean) from public;
revoke all on function ratebook.refuse_requests(jsonb, timestamptz, boolean) from public;
revoke all on function ratebook.read_requests(jsonb) from public;
revoke all on function ratebook.quote_many(jsonb) from public;
revoke all on function billing.quote_many(jsonb) from public;
grant execute on function ratebook.quote_many(jsonb) to anon, authenticated, service_role;
grant execute on function billing.quote_many(jsonb) to anon, authenticated, service_role;

comment on function ratebook.price_requests(jsonb, timestamptz, boolean, boolean) is
'Prices a JSON array of requests in one statement, one row each, ordinal from 1: for those who see all (p_all) or for the public. A request is {"model", "usage", "feature", "service_tier", "variant", "region", "at", "stated"} and nothing else, with the meaning and defaults of billing.quote(); p_at is for those without "at"; stated: which of tier, variant and region an answer states, which must have prices of their own. price_ids: the price rows of the meters used. lines: those that a quote shows to the public. One bad request refuses all: the errors of billing.quote(), with its "index" (from 0) in DETAIL, and invalid_argument (PT422). With p_passes_over what cannot be priced has no row instead.';
comment on function ratebook.refuse_requests(jsonb, timestamptz, boolean) is
'Raises the error of the first request that ratebook.price_requests() could not price.';
comment on function ratebook.read_requests(jsonb) is
'The requests of billing.quote_many() with every usage that has a format in meters, as ratebook.price_requests() takes them. Errors: those of ratebook.read_usage(), with the index, and invalid_argument (PT422).';
comment on function ratebook.quote_many(jsonb) is 'The rule behind billing.quote_many().';
comment on function billing.quote_many(jsonb) is
'What up to 1,000 requests cost, in one call: one row each, in their order. requests: a JSON array of objects with the arguments of billing.quote(), such as [{"model": "gpt-4o-mini", "usage": {"input": 1000}}], format included. index: from 0. cost: exact, in currency; NULL where a price is not public, except to admins and the service role. Select cost::text: JSON numbers lose digits. One bad request refuses all. Errors: those of billing.quote(), with the request''s index in DETAIL, and invalid_argument (PT422).';

-- from sql/55_credits/080_function_reprice_generations.sql

create function ratebook.reprice_generations(
  p_since timestamptz,
  p_until timestamptz,
  p_model text,
  p_source text,
  p_at timestamptz,
  p_margin numeric
) returns table (
  generation_id uuid,
  lenser_id uuid,
  model_id uuid,
  feature_key text,
  currency text,
  cost numeric,
  credits numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- Definer: reads margins, rates and everybody's generations; the service role and admins only, see below.
declare
  v_moments constant timestamptz[] := ratebook.moments_of_terms();
  v_model_id uuid;
begin
  if not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'Repricing is for admins and the service role.');
  end if;
  if (isfinite(p_since) and isfinite(p_until) and p_since <= p_until) is not true then
    perform ratebook.fail('invalid_time', 'A period has a beginning and an end after it.');
  end if;
  if not isfinite(p_at) then
    perform ratebook.fail('invalid_time', 'Prices are of a time, or of each generation''s own.');
  end if;
  if (p_margin >= -1 and ratebook.is_amount(p_margin)) is false then
    perform ratebook.fail('invalid_argument', 'A margin is a number from -1 to 1e12, with at most 30 decimals.');
  end if;
  if p_model is not null then
    v_model_id := ratebook.model_id(p_model, true);
  end if;

  return query
  with costs as materialized (
    select c.*, width_bucket(c.priced_at, v_moments) as moment, f.id as feature_id
    from ratebook.cost_generations(p_since, p_until, v_model_id, p_source, p_at) as c
    left join ai.features as f on f.key = c.feature_key
  ),

  terms as materialized (
    select d.*, t.*
    from (select distinct c.model_id, c.feature_id, c.currency, c.moment from costs as c where c.moment > 0) as d
    cross join lateral ratebook.credit_terms(d.model_id, d.feature_id, d.currency, v_moments[d.moment]) as t
  )

  select
    c.generation_id,
    c.lenser_id,
    c.model_id,
    c.feature_key,
    c.currency,
    c.cost,
    case
      when t.credit_rate_id is not null and t.margin_policy_id is not null
        then ratebook.credits(
          c.cost, t.credits_per_currency_unit, coalesce(p_margin, t.margin), t.fixed_credits, t.min_credits,
          t.minimum_applies_to_free, t.increment
        )
    end
  from costs as c
  left join terms as t
    on
      t.model_id = c.model_id and t.moment = c.moment and t.currency = c.currency
      and t.feature_id is not distinct from c.feature_id;
end;
$$;

create function billing.reprice_generations(
  since timestamptz,
  until timestamptz,
  model text default null,
  price_source text default null,
  at timestamptz default null,
  margin numeric default null
) returns table (
  generation_id uuid,
  lenser_id uuid,
  model_id uuid,
  feature_key text,
  currency text,
  cost numeric,
  credits numeric
)
language sql stable
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select r.* from ratebook.reprice_generations(since, until, model, price_source, at, margin) as r;
end;

revoke all on function ratebook.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) from public;
revoke all on function billing.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) from public;
grant execute on function ratebook.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) to authenticated, service_role;
grant execute on function billing.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) to authenticated, service_role;

comment on function ratebook.reprice_generations(timestamptz, timestamptz, text, text, timestamptz, numeric) is
'The rule behind billing.reprice_generations().';
comment on function billing.reprice_generations(timestamptz, timestamptz, text, text, timestamptz, numeric) is
'Admins and the service role. What if: prices the generations of a period, in one statement and without writing: as they were, or as if something had been different. since: start of the period, inclusive. until: its end, exclusive. model: id, key or alias of the model that might have been asked. price_source: whose prices to take. at: as of when to price. margin: 0.3 is 30 % on top. One row each: cost in currency, credits; NULL where a price, rate or policy is missing. Generations without usage are left out, whatever token_count their owner gave. Select cost::text: JSON numbers lose digits. Errors: not_allowed (42501), unknown_model (PT404), invalid_time, invalid_argument (PT422).';

-- from sql/55_credits/090_function_compare.sql

-- Each refusal apart from the rest: a subtransaction for each model that has no price.
create function ratebook.why_unpriced(
  p_model text,
  p_usage jsonb,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz,
  p_all boolean
) returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_message text;
  v_detail jsonb;
begin
  perform ratebook.price_request(
    p_model, p_usage, p_feature, coalesce(p_service_tier, 'standard'), p_variant, p_region, p_at, p_all
  );
  return '{}';
exception
  when sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' then
    get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
    return array[v_detail ->> 'error', v_message];
end;
$$;

create function ratebook.compare(
  p_usage jsonb,
  p_models text[],
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz
) returns table (
  index integer,
  asked text,
  model_id uuid,
  model text,
  name text,
  provider text,
  is_active boolean,
  currency text,
  cost numeric,
  credits numeric,
  error text,
  reason text
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
-- Definer: as ratebook.quote().
declare
  v_all constant boolean := ratebook.is_privileged();
  v_usage constant jsonb := ratebook.json_in_text(p_usage);
  v_request constant jsonb := jsonb_strip_nulls(jsonb_build_object(
    'feature', p_feature, 'service_tier', p_service_tier, 'variant', p_variant, 'region', p_region
  ));
begin
  if coalesce(cardinality(p_models), 0) not between 1 and 1000 then
    perform ratebook.fail('invalid_argument', 'A call compares from 1 to 1,000 models.', 'Ask in parts.',
      jsonb_build_object('models', coalesce(cardinality(p_models), 0), 'at_most', 1000));
  end if;
  -- What is wrong with the question is an error; what is wrong with a model is said in its row.
  perform ratebook.assert_time(p_at);
  perform ratebook.assert_usage(v_usage);
  if p_service_tier is not null then
    perform ratebook.assert_service_tier(p_service_tier);
  end if;
  if p_feature is not null and not exists (select from ai.features as f where f.key = p_feature) then
    perform ratebook.fail('unknown_feature', format('There is no feature called "%s".', left(p_feature, 100)),
      'Ask ai.features for the keys.', jsonb_build_object('feature', left(p_feature, 100)));
  end if;

  -- All in one statement; the form for one request says why the others have no price.
  return query
  select
    m.ordinality::integer - 1, m.name, o.id, o.key, o.name, v.key, o.is_active, p.currency,
    case when v_all or p.is_public then trim_scale(p.cost) end, trim_scale(p.credits), w.why[1], w.why[2]
  from unnest(p_models) with ordinality as m (name)
  left join ratebook.price_requests(
    (
      select jsonb_agg(v_request || jsonb_build_object('model', a.name, 'usage', v_usage) order by a.ordinality)
      from unnest(p_models) with ordinality as a (name)
    ), p_at, v_all, true
  ) as p on p.ordinal = m.ordinality
  -- One without a price is shown where its name means one model.
  left join lateral (
    select
      ratebook.model_ids(m.name, v_all, p_at) as ids,
      ratebook.why_unpriced(m.name, v_usage, p_feature, p_service_tier, p_variant, p_region, p_at, v_all) as why
    where p.ordinal is null
    offset 0
  ) as w on true
  left join lateral (
    select x.*
    from ai.models as x
    where x.id = coalesce(p.model_id, case when cardinality(w.ids) = 1 then w.ids[1] end)
    offset 0
  ) as o on true
  left join ai.providers as v on v.id = o.provider_id
  order by p.credits nulls last, m.ordinality;
end;
$$;

create function billing.compare(
  usage jsonb,
  models text[],
  feature text default null,
  service_tier text default null,
  variant text default null,
  region text default null,
  at timestamptz default ratebook.clock()
) returns table (
  index integer,
  asked text,
  model_id uuid,
  model text,
  name text,
  provider text,
  is_active boolean,
  currency text,
  cost numeric,
  credits numeric,
  error text,
  reason text
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select c.* from ratebook.compare(usage, models, feature, service_tier, variant, region, at) as c;
end;

revoke all on function ratebook.why_unpriced(text, jsonb, text, text, text, text, timestamptz, boolean) from public;
revoke all on function ratebook.compare(jsonb, text[], text, text, text, text, timestamptz) from public;
revoke all on function billing.compare(jsonb, text[], text, text, text, text, timestamptz) from public;
grant execute on function ratebook.compare(jsonb, text[], text, text, text, text, timestamptz)
to anon, authenticated, service_role;
grant execute on function billing.compare(jsonb, text[], text, text, text, text, timestamptz)
to anon, authenticated, service_role;

comment on function ratebook.why_unpriced(text, jsonb, text, text, text, text, timestamptz, boolean) is
'The error token and the sentence with which ratebook.price_request() refuses a request; {} where it does not.';
comment on function ratebook.compare(jsonb, text[], text, text, text, text, timestamptz) is
'The rule behind billing.compare().';
comment on function billing.compare(jsonb, text[], text, text, text, text, timestamptz) is
'What one usage costs with each of up to 1,000 models, in one call: one row each, the cheapest in credits first, those without a price last. usage: meters and quantities, as in billing.quote(). models: keys, ids or aliases. feature, service_tier, variant, region, at: as in billing.quote(), for all of them. index: the place in models, from 0. cost: exact, in currency; NULL where a price is not public, except to admins and the service role. error and reason: NULL, or the token and the sentence with which billing.quote() refuses that model (no_price, unknown_model, ambiguous_model, no_credit_rate, invalid_size, …), which refuses no other; a hidden model answers like an unknown one. Select cost::text and credits::text: JSON numbers lose digits. Errors: invalid_argument, invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, unknown_service_tier, invalid_time (PT422), unknown_feature (PT404), not_allowed (42501) for a time ahead.';

-- from policies/billing.credit_rates.sql

alter table billing.credit_rates enable row level security;

-- id, created_at and created_by are the database's to say.
revoke all on billing.credit_rates from public, anon, authenticated, service_role;
grant select on billing.credit_rates to authenticated;
grant insert (
  currency, credits_per_currency_unit, effective_from, revision
) on billing.credit_rates to authenticated;
grant select on billing.credit_rates to service_role;
grant insert (
  currency, credits_per_currency_unit, effective_from, revision
) on billing.credit_rates to service_role;

create policy credit_rates_select_admin on billing.credit_rates for select to authenticated
using ((select ratebook.is_admin()));
create policy credit_rates_insert_admin on billing.credit_rates for insert to authenticated
with check ((select ratebook.is_admin()));

-- from policies/billing.execution_margin_policies.sql

alter table billing.execution_margin_policies enable row level security;

-- id, created_at and created_by are the database's to say.
revoke all on billing.execution_margin_policies from public, anon, authenticated, service_role;
grant select on billing.execution_margin_policies to authenticated;
grant insert (
  model_id, feature_id, provider_id, tier, margin, fixed_credits, min_credits, minimum_applies_to_free, increment,
  enabled, effective_from, revision
) on billing.execution_margin_policies to authenticated;
grant select on billing.execution_margin_policies to service_role;
grant insert (
  model_id, feature_id, provider_id, tier, margin, fixed_credits, min_credits, minimum_applies_to_free, increment,
  enabled, effective_from, revision
) on billing.execution_margin_policies to service_role;

create policy execution_margin_policies_select_admin on billing.execution_margin_policies for select to authenticated
using ((select ratebook.is_admin()));
create policy execution_margin_policies_insert_admin on billing.execution_margin_policies for insert to authenticated
with check ((select ratebook.is_admin()));

insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', '55_credits', o.kind, o.name, o.state
from (values
  ('constraint', 'credit_rates_key on billing.credit_rates', '0d35a1acdb54ad4872f7e637d69adb22'),
  ('constraint', 'credit_rates_pkey on billing.credit_rates', '168232a7fd6b4344ae259f2c1028bdf9'),
  ('constraint', 'credits_per_currency_unit_is_positive_and_finite on billing.credit_rates', '2a04ad9edc9c9dba4b1fd622b27235be'),
  ('constraint', 'currency_is_an_iso_code on billing.credit_rates', 'dcd9606bd07e4dd3caf2f224d293f9c9'),
  ('constraint', 'effective_from_is_finite on billing.credit_rates', '2d807592fbf9b0fec8b61c24a84d208a'),
  ('constraint', 'effective_from_is_finite on billing.execution_margin_policies', '2d807592fbf9b0fec8b61c24a84d208a'),
  ('constraint', 'execution_margin_policies_feature_id_fkey on billing.execution_margin_policies', '275e42e04d23ddbd20082d3426484f82'),
  ('constraint', 'execution_margin_policies_key on billing.execution_margin_policies', 'b53f6743a6bb3611511d5c6f23507b50'),
  ('constraint', 'execution_margin_policies_model_id_fkey on billing.execution_margin_policies', 'eb5180b355a76a7f53517d68cc94646f'),
  ('constraint', 'execution_margin_policies_pkey on billing.execution_margin_policies', '168232a7fd6b4344ae259f2c1028bdf9'),
  ('constraint', 'execution_margin_policies_provider_id_fkey on billing.execution_margin_policies', '73544d783ede7f9b23c84eb91254f1be'),
  ('constraint', 'fixed_credits_is_not_negative_and_finite on billing.execution_margin_policies', 'c87091ace6ea72fb2e1c72d831ae4585'),
  ('constraint', 'increment_is_positive_and_finite on billing.execution_margin_policies', '4003d27eda5951bc6a2287e2eb70c281'),
  ('constraint', 'margin_is_at_least_minus_one_and_finite on billing.execution_margin_policies', '26c53d88d00b82650f60d607291b875f'),
  ('constraint', 'min_credits_is_not_negative_and_finite on billing.execution_margin_policies', '87ddcbf0ddf46d49d132d241bc9d5dec'),
  ('constraint', 'revision_is_not_negative on billing.credit_rates', 'e43735ec0adb2c1dde72ab7ccbd0212c'),
  ('constraint', 'revision_is_not_negative on billing.execution_margin_policies', 'e43735ec0adb2c1dde72ab7ccbd0212c'),
  ('constraint', 'scope_is_one_of_model_and_feature_model_feature_provider_tier on billing.execution_margin_policies', '928911f8f6c1b2e5fe5e095d50f9cb5a'),
  ('function', 'billing.calculate_credit_cost(model text, usage jsonb, feature text, service_tier text, variant text, region text, at timestamp with time zone, format text)', '6bcf4dab47cf4bf3481b21af9af2fef5'),
  ('function', 'billing.compare(usage jsonb, models text[], feature text, service_tier text, variant text, region text, at timestamp with time zone)', '7bd8dc492308d35b366406d9cda1a605'),
  ('function', 'billing.quote(model text, usage jsonb, feature text, service_tier text, variant text, region text, at timestamp with time zone, format text)', '484676669d9b42278ba927352082029f'),
  ('function', 'billing.quote_many(requests jsonb)', '5fb7c4a0303e75cf30e24d2a159217b4'),
  ('function', 'billing.reprice_generations(since timestamp with time zone, until timestamp with time zone, model text, price_source text, at timestamp with time zone, margin numeric)', 'f22195a346a32c3fb5a223fc12aac85b'),
  ('function', 'ratebook.assert_service_tier(p_service_tier text)', '3d211029dd34fafcc28286facd14df4f'),
  ('function', 'ratebook.assert_size(p_model_id uuid, p_model_key text, p_valid_sizes text[], p_variant text, p_at timestamp with time zone)', 'b471d8cc838dd354890d606452b9f826'),
  ('function', 'ratebook.compare(p_usage jsonb, p_models text[], p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone)', '2ddcee5139ea165d887434fbbdc0730c'),
  ('function', 'ratebook.credit_cost(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_format text)', '57baf486fe335f811d1c39ddffc6cf06'),
  ('function', 'ratebook.credit_terms(p_model_id uuid, p_feature_id uuid, p_currency text, p_at timestamp with time zone)', '1d62873053bd740e17fcaf6515ecaa40'),
  ('function', 'ratebook.credits(p_cost numeric, p_credits_per_currency_unit numeric, p_margin numeric, p_fixed_credits numeric, p_min_credits numeric, p_minimum_applies_to_free boolean, p_increment numeric)', 'cd4a17ac029a6b455a971ea9580d05fa'),
  ('function', 'ratebook.margin_scope(p_model_id uuid, p_feature_id uuid, p_provider_id uuid, p_tier ai.model_tier_enum)', '3a455fade47dcf8146350fb3ae0b052e'),
  ('function', 'ratebook.moments_of_terms()', '8162e1c9a09ccf41a5a751cbc43c6a5c'),
  ('function', 'ratebook.price_request(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_all boolean, p_all_lines boolean, p_source text, p_currency text, p_stated text[])', '54c0637fd6492f34369e0ab47c556ca0'),
  ('function', 'ratebook.price_requests(p_requests jsonb, p_at timestamp with time zone, p_all boolean, p_passes_over boolean)', '3fa6a863cd1df1b8e4c13fca37a50221'),
  ('function', 'ratebook.prices_tell_apart(p_price_rows jsonb, p_stated text[], p_service_tier text, p_variant text, p_region text)', '202f898b3f8f6efa63e8236fee961078'),
  ('function', 'ratebook.quote(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_format text)', 'e64ebab90112f67ecaa909096ead8b79'),
  ('function', 'ratebook.quote_line(p_meter text, p_quantity numeric, p_price_meter text, p_unit_price numeric, p_cost numeric, p_is_public boolean, p_price_id uuid, p_all boolean)', '091d25d33d98c9d4d92e12c26abbb99b'),
  ('function', 'ratebook.quote_many(p_requests jsonb)', 'ff63d96ca61c9fe47081ade18ce878b7'),
  ('function', 'ratebook.read_requests(p_requests jsonb)', '67b597df06dbe5b3c3dd004a8377b02e'),
  ('function', 'ratebook.refuse_requests(p_requests jsonb, p_at timestamp with time zone, p_all boolean)', '689621ff6eb68b25b97c7d29e53994c0'),
  ('function', 'ratebook.refuse_stated(p_model text, p_stated text[], p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone)', '96ea8d998eb3d7b781a3048b9fe67f0d'),
  ('function', 'ratebook.reprice_generations(p_since timestamp with time zone, p_until timestamp with time zone, p_model text, p_source text, p_at timestamp with time zone, p_margin numeric)', 'e86e001fb0365a3fb068e018f27448b6'),
  ('function', 'ratebook.require_terms(p_model_id uuid, p_feature_id uuid, p_currency text, p_at timestamp with time zone)', '9daffc4e89dd7e5ca18bcb9622b43d83'),
  ('function', 'ratebook.round_up(p_value numeric, p_increment numeric)', '6ad74562f0f7d11dfa8bd4d4cefa5647'),
  ('function', 'ratebook.why_unpriced(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_all boolean)', 'c6fef16eee8fb6bc55166dfcaf92e5d7'),
  ('index', 'billing.credit_rates_key', '83e1778b6edaaa33b9a1aa0ad6623be3'),
  ('index', 'billing.credit_rates_pkey', '0b1a755caf2ccbcbdb2301b7e144a173'),
  ('index', 'billing.execution_margin_policies_feature_id_idx', '10d3d43424e345fe1599a946b2427e49'),
  ('index', 'billing.execution_margin_policies_key', 'b45e4209f76edbdf2ca824b5ff9efdc9'),
  ('index', 'billing.execution_margin_policies_model_id_idx', '6dd80eb37bacd1b77c27c3529ea1cb4c'),
  ('index', 'billing.execution_margin_policies_pkey', '98a51268998fbbc28400228d82666dd3'),
  ('index', 'billing.execution_margin_policies_provider_id_idx', '59a15194e0d73567125cb7dea4141043'),
  ('policy', 'credit_rates_insert_admin on billing.credit_rates', '841899edeb4ec0077a5222a1d0806296'),
  ('policy', 'credit_rates_select_admin on billing.credit_rates', '3ca188fa0bea9933d5cd827bfcfb4c46'),
  ('policy', 'execution_margin_policies_insert_admin on billing.execution_margin_policies', '841899edeb4ec0077a5222a1d0806296'),
  ('policy', 'execution_margin_policies_select_admin on billing.execution_margin_policies', '3ca188fa0bea9933d5cd827bfcfb4c46'),
  ('privileges', 'billing.calculate_credit_cost(model text, usage jsonb, feature text, service_tier text, variant text, region text, at timestamp with time zone, format text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'billing.compare(usage jsonb, models text[], feature text, service_tier text, variant text, region text, at timestamp with time zone)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'billing.credit_rates', 'authenticated select+insert credits_per_currency_unit+insert currency+insert effective_from+insert revision, service_role select+insert credits_per_currency_unit+insert currency+insert effective_from+insert revision'),
  ('privileges', 'billing.execution_margin_policies', 'authenticated select+insert effective_from+insert enabled+insert feature_id+insert fixed_credits+insert increment+insert margin+insert min_credits+insert minimum_applies_to_free+insert model_id+insert provider_id+insert revision+insert tier, service_role select+insert effective_from+insert enabled+insert feature_id+insert fixed_credits+insert increment+insert margin+insert min_credits+insert minimum_applies_to_free+insert model_id+insert provider_id+insert revision+insert tier'),
  ('privileges', 'billing.quote(model text, usage jsonb, feature text, service_tier text, variant text, region text, at timestamp with time zone, format text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'billing.quote_many(requests jsonb)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'billing.reprice_generations(since timestamp with time zone, until timestamp with time zone, model text, price_source text, at timestamp with time zone, margin numeric)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.assert_service_tier(p_service_tier text)', ''),
  ('privileges', 'ratebook.assert_size(p_model_id uuid, p_model_key text, p_valid_sizes text[], p_variant text, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.compare(p_usage jsonb, p_models text[], p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.credit_cost(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_format text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.credit_terms(p_model_id uuid, p_feature_id uuid, p_currency text, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.credits(p_cost numeric, p_credits_per_currency_unit numeric, p_margin numeric, p_fixed_credits numeric, p_min_credits numeric, p_minimum_applies_to_free boolean, p_increment numeric)', ''),
  ('privileges', 'ratebook.margin_scope(p_model_id uuid, p_feature_id uuid, p_provider_id uuid, p_tier ai.model_tier_enum)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.moments_of_terms()', ''),
  ('privileges', 'ratebook.price_request(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_all boolean, p_all_lines boolean, p_source text, p_currency text, p_stated text[])', ''),
  ('privileges', 'ratebook.price_requests(p_requests jsonb, p_at timestamp with time zone, p_all boolean, p_passes_over boolean)', ''),
  ('privileges', 'ratebook.prices_tell_apart(p_price_rows jsonb, p_stated text[], p_service_tier text, p_variant text, p_region text)', ''),
  ('privileges', 'ratebook.quote(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_format text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.quote_line(p_meter text, p_quantity numeric, p_price_meter text, p_unit_price numeric, p_cost numeric, p_is_public boolean, p_price_id uuid, p_all boolean)', ''),
  ('privileges', 'ratebook.quote_many(p_requests jsonb)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.read_requests(p_requests jsonb)', ''),
  ('privileges', 'ratebook.refuse_requests(p_requests jsonb, p_at timestamp with time zone, p_all boolean)', ''),
  ('privileges', 'ratebook.refuse_stated(p_model text, p_stated text[], p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.reprice_generations(p_since timestamp with time zone, p_until timestamp with time zone, p_model text, p_source text, p_at timestamp with time zone, p_margin numeric)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.require_terms(p_model_id uuid, p_feature_id uuid, p_currency text, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.round_up(p_value numeric, p_increment numeric)', ''),
  ('privileges', 'ratebook.why_unpriced(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_all boolean)', ''),
  ('schema', 'billing', ''),
  ('table', 'billing.credit_rates', 'fa0394e70606bd6048caf1f6493b56e8'),
  ('table', 'billing.execution_margin_policies', '6af15e2880c63de514b8195791085e98'),
  ('trigger', 'credit_rates_audit_delete on billing.credit_rates', '1521dd5ddd8e3158449be9455e97b7d4'),
  ('trigger', 'credit_rates_audit_insert on billing.credit_rates', 'beddd7c4a3845b4b02450f67b17ad28f'),
  ('trigger', 'credit_rates_audit_update on billing.credit_rates', '075396505852444473182a31621a151a'),
  ('trigger', 'credit_rates_refuse_change on billing.credit_rates', '7193f8989ea7b9c709be3a245890ab70'),
  ('trigger', 'credit_rates_require_privileged on billing.credit_rates', '10ef814bef51e27598cd75012ebeacd6'),
  ('trigger', 'execution_margin_policies_audit_delete on billing.execution_margin_policies', '800f401f66fc381819c2cb133c6039bb'),
  ('trigger', 'execution_margin_policies_audit_insert on billing.execution_margin_policies', '921c9ec1c20d5ac8053e354ce2cebf00'),
  ('trigger', 'execution_margin_policies_audit_update on billing.execution_margin_policies', '0f18a36859e16832e4215cb6d425f6af'),
  ('trigger', 'execution_margin_policies_refuse_change on billing.execution_margin_policies', '31bd96b6d736bf7865edb4b9eb6578c4'),
  ('trigger', 'execution_margin_policies_require_privileged on billing.execution_margin_policies', 'fc2b4c2ad8a9b15953cd2751ef830603'),
  ('type', 'ratebook.credit_terms', '1f6846161401b80d6cf456a8a79ab82c'),
  ('type', 'ratebook.priced_request', '503f113a66316a96d31543c67b986b4c')
) as o (kind, name, state);

select ratebook.close_privileges('55_credits');
