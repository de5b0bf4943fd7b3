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
declare
  v_credits constant numeric := greatest(
    p_min_credits, p_cost * p_credits_per_currency_unit * (1 + p_margin) + p_fixed_credits
  );
begin
  return case
    when p_cost is null then null -- greatest() passes over it.
    when p_cost = 0 and not p_minimum_applies_to_free then 0
    -- Up to a multiple of the increment, by mod: a quotient would be rounded.
    when mod(v_credits, p_increment) = 0 then v_credits
    else v_credits + p_increment - mod(v_credits, p_increment)
  end;
end;
$$;

revoke all on function ratebook.credits(numeric, numeric, numeric, numeric, numeric, boolean, numeric) from public;

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

-- from sql/55_credits/058_table_offers.sql

-- What nearly every request asks for, worked out: a public model by one of its names, below its first context threshold
-- and outside of any daily window. Prices and terms stand together, so that such a request is one lookup. Computed by
-- ratebook.rebuild_offers() and can be thrown away: what has no row here is priced in general, with the same answer.
create type ratebook.offered_meter as (
  meter text,
  price numeric,
  price_id uuid,
  line text
);

create table ratebook.offers (
  name text not null,
  service_tier text not null,
  variant text not null,
  region text not null,
  starts timestamptz not null,
  ends timestamptz not null,
  model_id uuid not null,
  model_key text not null,
  is_active boolean not null,
  source text not null,
  currency text not null,
  sheet_id bigint not null,
  below numeric,
  meters ratebook.offered_meter[] not null,
  asked text not null,
  credit_rate_id uuid not null,
  credits_per_currency_unit numeric not null,
  margin_policy_id uuid not null,
  margin numeric not null,
  fixed_credits numeric not null,
  min_credits numeric not null,
  minimum_applies_to_free boolean not null,
  increment numeric not null,
  constraint offers_pkey primary key (name, service_tier, variant, region, starts),
  constraint below_is_finite check (ratebook.is_amount(below)),
  constraint credits_per_currency_unit_is_finite check (ratebook.is_amount(credits_per_currency_unit)),
  constraint margin_is_finite check (ratebook.is_amount(margin)),
  constraint fixed_credits_is_finite check (ratebook.is_amount(fixed_credits)),
  constraint min_credits_is_finite check (ratebook.is_amount(min_credits)),
  constraint increment_is_finite check (ratebook.is_amount(increment)),
  constraint offers_model_id_fkey foreign key (model_id) references ai.models (id) on delete cascade
)
-- As it is wherever it fits into a page: unpacking, or fetching from another table, would cost more than the lookup.
with (toast_tuple_target = 8160);

create index offers_model_id_idx on ratebook.offers (model_id);

create function ratebook.asked(
  p_model_key text, p_model_id uuid, p_service_tier text, p_variant text, p_region text, p_currency text
) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return btrim(
    jsonb_build_object(
      'model', p_model_key, 'model_id', p_model_id, 'service_tier', p_service_tier, 'variant', p_variant,
      'region', p_region, 'currency', p_currency
    )::text,
    '{}'
  );
end;
$$;

create function ratebook.rebuild_offers(p_model_ids uuid[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set jit = off
set enable_seqscan = off
as $$
declare
  v_now constant timestamptz := ratebook.clock();
  v_moments constant timestamptz[] := ratebook.moments_of_terms();
begin
  -- Two writers of one model's offers: the second waits here, and its next statement sees the first one's rows.
  perform
  from ai.models as m
  where m.id = any(p_model_ids)
  order by m.id
  for no key update;
  delete from ratebook.offers as o where o.model_id = any(p_model_ids);

  insert into ratebook.offers
  select
    n.name, h.service_tier, h.variant, h.region, p.starts, p.ends, m.id, m.key, m.is_active, m.price_source,
    m.price_currency, h.id, s.bounds[1], l.meters,
    ratebook.asked(m.key, m.id, h.service_tier, nullif(h.variant, ''), nullif(h.region, ''), m.price_currency),
    t.credit_rate_id, t.credits_per_currency_unit, t.margin_policy_id, t.margin, t.fixed_credits,
    t.min_credits, t.minimum_applies_to_free, t.increment
  -- Model by model, each part of it looked up by its key: the time grows with the models, and not with their square.
  from ai.models as m
  cross join lateral (
    select o.*
    from ratebook.price_schedules as o
    where o.model_id = m.id and o.source = m.price_source and o.currency = m.price_currency and not o.has_windows
    offset 0
  ) as s
  -- When anything changes: from the last of these that is past, offers reach ahead without end.
  cross join lateral (
    select b.at as starts, coalesce(lead(b.at) over (order by b.at), 'infinity') as ends
    from (
      select unnest(s.starts) union select unnest(v_moments) union select m.price_source_since
    ) as b (at)
    where b.at >= m.price_source_since or (b.at is not null and m.price_source_since is null)
    offset 0
  ) as p
  cross join lateral (
    select o.*
    from ratebook.price_sheets as o
    where
      o.schedule_id = s.id and o.period = width_bucket(p.starts, s.starts) and o.open_windows = 0 and o.band = 0
      and o.hidden = '{}' and o.minimums = '{}' and not o.prices ? 'request'
      -- A size that the model does not name is asked about in general.
      and (o.variant = '' or m.valid_sizes = '{}' or o.variant = any(m.valid_sizes))
    offset 0
  ) as h
  -- What each line says whatever its quantity.
  cross join lateral (
    select
      array_agg(
        (
          r.key, (h.prices -> r.key)::numeric, (r.value ->> 0)::uuid,
          format(
            '"meter": "%s", "price_meter": "%s", "unit_price": "%s"', r.key, r.value ->> 1,
            trim_scale((h.prices -> r.key)::numeric)
          )
        )::ratebook.offered_meter order by r.key
      ) as meters
    from jsonb_each(h.price_rows) as r
  ) as l
  cross join lateral ratebook.credit_terms(m.id, null, m.price_currency, p.starts) as t
  -- A name that means one model, whoever asks, and by every time.
  cross join lateral (
    select m.key as name
    union all
    select m.id::text
    union all
    select a.alias
    from ai.model_aliases as a
    where
      a.model_id = m.id
      and not exists (select from ai.models as k where k.key = a.alias)
      and not exists (select from ai.model_aliases as o where o.alias = a.alias and o.model_id <> a.model_id)
      -- What looks like an id may be one.
      and a.alias !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
    offset 0
  ) as n
  where
    m.id = any(p_model_ids) and m.is_public and m.deleted_at is null and m.successor_id is null and p.ends > v_now
    and t.credit_rate_id is not null and t.margin_policy_id is not null;
end;
$$;

create function ratebook.rebuild_offers_of_prices() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: offers are nobody's to write.
begin
  perform ratebook.rebuild_offers(array(
    select c.model_id
    from changed as c
    inner join former as f on f.id = c.id
    where f.rebuilt_at is distinct from c.rebuilt_at
  ));
  return null;
end;
$$;

create function ratebook.rebuild_offers_of_rates() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: offers are nobody's to write.
begin
  perform ratebook.rebuild_offers(array(
    select m.id from ai.models as m where m.price_currency in (select i.currency from inserted as i)
  ));
  return null;
end;
$$;

create function ratebook.rebuild_offers_of_policies() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: offers are nobody's to write.
begin
  -- Those for a feature are asked in general.
  perform ratebook.rebuild_offers(array(
    select distinct m.id
    from inserted as i
    inner join ai.models as m
      on m.id = i.model_id or m.provider_id = i.provider_id or m.pricing_tier = i.tier or i.scope = ''
    where i.feature_id is null
  ));
  return null;
end;
$$;

create function ratebook.rebuild_offers_of_models() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: offers are nobody's to write.
declare
  v_models uuid[];
  v_keys text[];
begin
  if tg_op = 'INSERT' then
    v_keys := array(select c.key from changed as c);
  else
    select array_agg(c.id), array_agg(c.key) || array_agg(f.key)
    into v_models, v_keys
    from changed as c
    inner join former as f on f.id = c.id
    where
      (
        f.key, f.provider_id, f.pricing_tier, f.price_source, f.price_currency, f.is_public, f.is_active, f.deleted_at,
        f.successor_id, f.valid_sizes
      ) is distinct from (
        c.key, c.provider_id, c.pricing_tier, c.price_source, c.price_currency, c.is_public, c.is_active, c.deleted_at,
        c.successor_id, c.valid_sizes
      );
  end if;
  -- A key comes before an alias of another.
  v_models := v_models || array(select a.model_id from ai.model_aliases as a where a.alias = any(v_keys));
  if v_models <> '{}' then
    perform ratebook.rebuild_offers(v_models);
  end if;
  return null;
end;
$$;

create function ratebook.rebuild_offers_of_aliases() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: offers are nobody's to write.
begin
  -- An alias that comes or goes changes what it means of every model that has it.
  perform ratebook.rebuild_offers(array(
    select c.model_id from changed as c
    union
    select a.model_id
    from ai.model_aliases as a
    where a.alias = any(array(select c.alias from changed as c))
  ));
  return null;
end;
$$;

create function ratebook.lock_names() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  -- Two who give one name to two models: neither would see the other's row.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.names', 0));
  return null;
end;
$$;

revoke all on function ratebook.asked(text, uuid, text, text, text, text) from public;
revoke all on function ratebook.rebuild_offers(uuid[]) from public;
revoke all on function ratebook.rebuild_offers_of_prices() from public;
revoke all on function ratebook.rebuild_offers_of_rates() from public;
revoke all on function ratebook.rebuild_offers_of_policies() from public;
revoke all on function ratebook.rebuild_offers_of_models() from public;
revoke all on function ratebook.rebuild_offers_of_aliases() from public;
revoke all on function ratebook.lock_names() from public;

comment on type ratebook.offered_meter is 'A meter of an offer.';
comment on column ratebook.offered_meter.meter is 'The meter.';
comment on column ratebook.offered_meter.price is 'The price of one unit.';
comment on column ratebook.offered_meter.price_id is 'The price row.';
comment on column ratebook.offered_meter.line is 'What a quote''s line says whatever the quantity, as text of JSON without its braces.';
comment on table ratebook.offers is
'Prices and terms of nearly every request, in one row: one per name of a public model and period, from now on. Whatever has no row is priced in general.';
comment on column ratebook.offers.name is 'A key, id or alias that means this model alone.';
comment on column ratebook.offers.service_tier is 'As in ratebook.price_sheets: one that has prices of its own, or standard.';
comment on column ratebook.offers.variant is 'As in ratebook.price_sheets; empty for a request without one.';
comment on column ratebook.offers.region is 'As in ratebook.price_sheets; empty for a request without one.';
comment on column ratebook.offers.starts is 'From when on all of it applies.';
comment on column ratebook.offers.ends is 'Until when, exclusive.';
comment on column ratebook.offers.model_id is 'The model.';
comment on column ratebook.offers.model_key is 'Its key.';
comment on column ratebook.offers.is_active is 'Whether it is switched on.';
comment on column ratebook.offers.source is 'The source of its prices.';
comment on column ratebook.offers.currency is 'The currency of its prices.';
comment on column ratebook.offers.sheet_id is 'The price sheet that it was made from.';
comment on column ratebook.offers.below is 'The least number of input tokens that reaches its first context threshold; NULL without one.';
comment on column ratebook.offers.meters is 'Meters that have a price, in the order of a quote''s lines.';
comment on column ratebook.offers.asked is 'What a quote says whatever the usage, as text of JSON.';
comment on column ratebook.offers.credit_rate_id is 'As in ratebook.credit_terms.';
comment on column ratebook.offers.credits_per_currency_unit is 'As in ratebook.credit_terms.';
comment on column ratebook.offers.margin_policy_id is 'As in ratebook.credit_terms.';
comment on column ratebook.offers.margin is 'As in ratebook.credit_terms.';
comment on column ratebook.offers.fixed_credits is 'As in ratebook.credit_terms.';
comment on column ratebook.offers.min_credits is 'As in ratebook.credit_terms.';
comment on column ratebook.offers.minimum_applies_to_free is 'As in ratebook.credit_terms.';
comment on column ratebook.offers.increment is 'As in ratebook.credit_terms.';
comment on function ratebook.asked(text, uuid, text, text, text, text) is
'What a quote says of the request, as text of JSON without its braces.';
comment on function ratebook.rebuild_offers(uuid[]) is
'Works out the offers of models anew, from their prices, names and terms.';
comment on function ratebook.rebuild_offers_of_prices() is 'Statement trigger on price schedules: offers follow the sheets.';
comment on function ratebook.rebuild_offers_of_rates() is 'Statement trigger on credit rates: offers follow them.';
comment on function ratebook.rebuild_offers_of_policies() is 'Statement trigger on margin policies: offers follow them.';
comment on function ratebook.rebuild_offers_of_models() is
'Statement trigger on models: offers follow their names, what they follow themselves, and what they are hidden for.';
comment on function ratebook.rebuild_offers_of_aliases() is 'Statement trigger on aliases: offers follow what they mean.';
comment on function ratebook.lock_names() is 'Trigger before a name is given: one writer of names at a time.';

create trigger price_schedules_rebuild_offers after update on ratebook.price_schedules
referencing old table as former new table as changed
for each statement execute function ratebook.rebuild_offers_of_prices();
create trigger credit_rates_rebuild_offers after insert on billing.credit_rates
referencing new table as inserted
for each statement execute function ratebook.rebuild_offers_of_rates();
create trigger execution_margin_policies_rebuild_offers after insert on billing.execution_margin_policies
referencing new table as inserted
for each statement execute function ratebook.rebuild_offers_of_policies();
create trigger models_lock_names_insert before insert on ai.models
for each statement execute function ratebook.lock_names();
create trigger models_lock_names_update before update of key on ai.models
for each statement execute function ratebook.lock_names();
create trigger models_rebuild_offers_insert after insert on ai.models
referencing new table as changed
for each statement execute function ratebook.rebuild_offers_of_models();
create trigger models_rebuild_offers_update after update on ai.models
referencing old table as former new table as changed
for each statement execute function ratebook.rebuild_offers_of_models();
create trigger model_aliases_lock_names before insert or update or delete on ai.model_aliases
for each statement execute function ratebook.lock_names();
create trigger model_aliases_rebuild_offers_insert after insert on ai.model_aliases
referencing new table as changed
for each statement execute function ratebook.rebuild_offers_of_aliases();
create trigger model_aliases_rebuild_offers_update_from after update on ai.model_aliases
referencing old table as changed
for each statement execute function ratebook.rebuild_offers_of_aliases();
create trigger model_aliases_rebuild_offers_update_to after update on ai.model_aliases
referencing new table as changed
for each statement execute function ratebook.rebuild_offers_of_aliases();
create trigger model_aliases_rebuild_offers_delete after delete on ai.model_aliases
referencing old table as changed
for each statement execute function ratebook.rebuild_offers_of_aliases();

-- from sql/55_credits/060_function_price_request.sql

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

-- from sql/55_credits/065_function_quote.sql

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

-- from sql/55_credits/070_function_quote_many.sql

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
  v_all constant boolean := ratebook.is_privileged();
  v_now constant timestamptz := ratebook.clock();
  v_requests constant jsonb := ratebook.json_in_text(p_requests);
  v_request jsonb;
  v_unknown text;
  v_read ratebook.stated_usage;
  v_priced ratebook.priced_request;
  v_message text;
  v_hint text;
  v_detail jsonb;
begin
  -- What is no set of requests is refused before any of it is read.
  if jsonb_typeof(v_requests) is distinct from 'array' then
    perform ratebook.fail('invalid_argument', 'The requests are not a JSON array.',
      'For example [{"model": "gpt-4o-mini", "usage": {"input": 1000}}].');
  end if;
  if jsonb_array_length(v_requests) > 1000 then
    perform ratebook.fail('invalid_argument', 'A call prices at most 1,000 requests.', 'Ask in parts.',
      jsonb_build_object('requests', jsonb_array_length(v_requests), 'at_most', 1000));
  end if;
  index := -1;
  for v_request in select r.value from jsonb_array_elements(v_requests) as r loop
    index := index + 1;
    if jsonb_typeof(v_request) <> 'object' then
      perform ratebook.fail('invalid_argument', 'A request is a JSON object.',
        'For example {"model": "gpt-4o-mini", "usage": {"input": 1000}}.');
    end if;
    -- A name that is misspelt would change the price in silence.
    if v_request - '{model,usage,feature,service_tier,variant,region,at,format}'::text[] <> '{}' then
      select left(min(k.key), 100) into v_unknown
      from jsonb_object_keys(v_request) as k (key)
      where k.key not in ('model', 'usage', 'feature', 'service_tier', 'variant', 'region', 'at', 'format');
      perform ratebook.fail('invalid_argument', format('A request has no field "%s".', v_unknown),
        'Its fields are model, usage, feature, service_tier, variant, region, at and format.',
        jsonb_build_object('field', v_unknown));
    end if;
    -- As billing.quote() does it.
    v_read := ratebook.read_usage(
      v_request ->> 'format', v_request -> 'usage', v_request ->> 'service_tier', v_request ->> 'variant',
      v_request ->> 'region'
    );
    v_priced := ratebook.price_request(
      v_request ->> 'model', v_read.usage, v_request ->> 'feature', coalesce(v_read.service_tier, 'standard'),
      v_read.variant, v_read.region,
      case when v_request ? 'at' then (v_request ->> 'at')::timestamptz else v_now end, v_all, p_stated => v_read.stated
    );
    model := v_priced.model_key;
    currency := v_priced.currency;
    cost := case when v_all or v_priced.is_public then trim_scale(v_priced.cost) end;
    credits := trim_scale(v_priced.credits);
    return next;
  end loop;
exception
  -- The first that cannot be priced refuses all, and is named.
  when sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' or insufficient_privilege then
    get stacked diagnostics v_message = message_text, v_hint = pg_exception_hint, v_detail = pg_exception_detail;
    perform ratebook.fail(
      v_detail ->> 'error', v_message, v_hint,
      v_detail || case when index >= 0 then jsonb_build_object('index', index) else '{}' end
    );
  when
    invalid_datetime_format or datetime_field_overflow or invalid_time_zone_displacement_value or invalid_parameter_value
    then
      perform ratebook.fail('invalid_time', format('"%s" is not a time.', left(v_request ->> 'at', 100)),
        'For example 2026-03-15T12:00:00Z.', jsonb_build_object('index', index));
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

revoke all on function ratebook.quote_many(jsonb) from public;
revoke all on function billing.quote_many(jsonb) from public;
grant execute on function ratebook.quote_many(jsonb) to anon, authenticated, service_role;
grant execute on function billing.quote_many(jsonb) to anon, authenticated, service_role;

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
  p_margin numeric,
  p_of_model_id uuid default null,
  p_what_if ratebook.what_if default null
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
    from ratebook.cost_generations(
      p_since, p_until, v_model_id, p_source, p_at, p_of_model_id, p_what_if
    ) as c
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
  timestamptz, timestamptz, text, text, timestamptz, numeric, uuid, ratebook.what_if
) from public;
revoke all on function billing.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) from public;
grant execute on function ratebook.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric, uuid, ratebook.what_if
) to authenticated, service_role;
grant execute on function billing.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) to authenticated, service_role;

comment on function ratebook.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric, uuid, ratebook.what_if
) is
'The rule behind billing.reprice_generations(), also for those of one model, and by prices that are nowhere written.';
comment on function billing.reprice_generations(timestamptz, timestamptz, text, text, timestamptz, numeric) is
'Admins and the service role. What if: prices the generations of a period, in one statement and without writing: as they were, or as if something had been different. since: start of the period, inclusive. until: its end, exclusive. model: id, key or alias of the model that might have been asked. price_source: whose prices to take. at: as of when to price. margin: 0.3 is 30 % on top. One row each: cost in currency, credits; NULL where a price, rate or policy is missing. Generations without usage are left out, whatever token_count their owner gave. Select cost::text: JSON numbers lose digits. Errors: not_allowed (42501), unknown_model (PT404), invalid_time, invalid_argument (PT422).';

-- from sql/55_credits/090_function_compare.sql

create function ratebook.compare(
  p_usage jsonb,
  p_models text[],
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz,
  p_format text
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
  v_read constant ratebook.stated_usage := ratebook.read_usage(
    p_format, p_usage, p_service_tier, p_variant, p_region
  );
  v_service_tier constant text := coalesce(v_read.service_tier, 'standard');
begin
  if coalesce(cardinality(p_models), 0) not between 1 and 1000 then
    perform ratebook.fail('invalid_argument', 'A call compares from 1 to 1,000 models.', 'Ask in parts.',
      jsonb_build_object('models', coalesce(cardinality(p_models), 0), 'at_most', 1000));
  end if;
  -- What is wrong with the question is an error; what is wrong with a model is said in its row.
  perform ratebook.assert_time(p_at);
  perform ratebook.assert_usage(v_read.usage);
  perform ratebook.assert_service_tier(v_service_tier);
  if p_feature is not null and not exists (select from ai.features as f where f.key = p_feature) then
    perform ratebook.fail('unknown_feature', format('There is no feature called "%s".', left(p_feature, 100)),
      'Ask ai.features for the keys.', jsonb_build_object('feature', left(p_feature, 100)));
  end if;

  return query
  select
    m.ordinality::integer - 1, m.name, o.id, o.key, o.name, v.key, o.is_active, (p.priced).currency,
    case when v_all or (p.priced).is_public then trim_scale((p.priced).cost) end, trim_scale((p.priced).credits), p.error,
    p.reason
  from unnest(p_models) with ordinality as m (name)
  cross join lateral (
    select a.*
    from ratebook.price_or_reason(
      m.name, v_read.usage, p_feature, v_service_tier, v_read.variant, v_read.region, p_at, v_all, v_read.stated
    ) as a
    offset 0
  ) as p
  -- One without a price is shown where its name means one model.
  left join lateral (
    select ratebook.model_ids(m.name, v_all, p_at) as ids where p.error is not null
    offset 0
  ) as w on true
  left join lateral (
    select x.*
    from ai.models as x
    where x.id = coalesce((p.priced).model_id, case when cardinality(w.ids) = 1 then w.ids[1] end)
    offset 0
  ) as o on true
  left join ai.providers as v on v.id = o.provider_id
  order by (p.priced).credits nulls last, m.ordinality;
end;
$$;

create function billing.compare(
  usage jsonb,
  models text[],
  feature text default null,
  service_tier text default null,
  variant text default null,
  region text default null,
  at timestamptz default ratebook.clock(),
  format text default null
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
  select c.* from ratebook.compare(usage, models, feature, service_tier, variant, region, at, format) as c;
end;

revoke all on function ratebook.compare(jsonb, text[], text, text, text, text, timestamptz, text) from public;
revoke all on function billing.compare(jsonb, text[], text, text, text, text, timestamptz, text) from public;
grant execute on function ratebook.compare(jsonb, text[], text, text, text, text, timestamptz, text)
to anon, authenticated, service_role;
grant execute on function billing.compare(jsonb, text[], text, text, text, text, timestamptz, text)
to anon, authenticated, service_role;

comment on function ratebook.compare(jsonb, text[], text, text, text, text, timestamptz, text) is
'The rule behind billing.compare().';
comment on function billing.compare(jsonb, text[], text, text, text, text, timestamptz, text) is
'What one usage costs with each of up to 1,000 models, in one call: one row each, the cheapest in credits first, those without a price last. usage: meters and quantities, as in billing.quote(), or with format the provider''s own. models: keys, ids or aliases. feature, service_tier, variant, region, at, format: as in billing.quote(), for all of them. index: the place in models, from 0. cost: exact, in currency; NULL where a price is not public, except to admins and the service role. error and reason: NULL, or the token and the sentence with which billing.quote() refuses that model (no_price, unknown_model, ambiguous_model, no_credit_rate, invalid_size, …), which refuses no other; a hidden model answers like an unknown one. Select cost::text and credits::text: JSON numbers lose digits. Errors: invalid_argument, invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, unknown_service_tier, invalid_time, unknown_format, contradiction (PT422), unknown_feature (PT404), not_allowed (42501) for a time ahead.';

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

-- from policies/ratebook.offers.sql

-- Computed; read by the pricing functions alone.
alter table ratebook.offers enable row level security;
revoke all on ratebook.offers from public, anon, authenticated, service_role;

insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', '55_credits', o.kind, o.name, o.state
from (values
  ('constraint', 'below_is_finite on ratebook.offers', 'ffa3bca5a98b9ea35db36a7733e78330'),
  ('constraint', 'credit_rates_key on billing.credit_rates', '53f6c23426b272b18f45ffd32498ad2f'),
  ('constraint', 'credit_rates_pkey on billing.credit_rates', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'credits_per_currency_unit_is_finite on ratebook.offers', '9faefedca9f4a99d0678744c26950ec9'),
  ('constraint', 'credits_per_currency_unit_is_positive_and_finite on billing.credit_rates', '3c81b63ce7299954b99d28cf50ee8be5'),
  ('constraint', 'currency_is_an_iso_code on billing.credit_rates', 'e380583fa4c7371a632980f46e40ebd0'),
  ('constraint', 'effective_from_is_finite on billing.credit_rates', '4d86176df0554de33702c63c747a3df0'),
  ('constraint', 'effective_from_is_finite on billing.execution_margin_policies', '4d86176df0554de33702c63c747a3df0'),
  ('constraint', 'execution_margin_policies_feature_id_fkey on billing.execution_margin_policies', 'dfa569f402c94f5a42f9ff2b62e61370'),
  ('constraint', 'execution_margin_policies_key on billing.execution_margin_policies', 'bac57d697a805bf33b11fa81e57e64e9'),
  ('constraint', 'execution_margin_policies_model_id_fkey on billing.execution_margin_policies', '56211b69a9b087adf52b714bda8904e2'),
  ('constraint', 'execution_margin_policies_pkey on billing.execution_margin_policies', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'execution_margin_policies_provider_id_fkey on billing.execution_margin_policies', 'cfe7b56a8ddbdbccf5399c15b6bf2bdb'),
  ('constraint', 'fixed_credits_is_finite on ratebook.offers', '2968f2cff7a8983f25251281251ad147'),
  ('constraint', 'fixed_credits_is_not_negative_and_finite on billing.execution_margin_policies', '9e418564f6c84f5fa390f46a3630004f'),
  ('constraint', 'increment_is_finite on ratebook.offers', 'b88c3627d919e62be2dd03f451e5b679'),
  ('constraint', 'increment_is_positive_and_finite on billing.execution_margin_policies', '56c5eac49bdb3031c2df4cfd6bc12268'),
  ('constraint', 'margin_is_at_least_minus_one_and_finite on billing.execution_margin_policies', '744d3cd645880372aa94b085f65434b2'),
  ('constraint', 'margin_is_finite on ratebook.offers', 'cdff9431c97c56c0e305cf2253ccd366'),
  ('constraint', 'min_credits_is_finite on ratebook.offers', '82f9d563121d93453034b60d79cd1ade'),
  ('constraint', 'min_credits_is_not_negative_and_finite on billing.execution_margin_policies', 'a8bdc8d9fc96b94391af551403be62eb'),
  ('constraint', 'offers_model_id_fkey on ratebook.offers', 'dd0d79d9d734134b27fc5be5bdefab11'),
  ('constraint', 'offers_pkey on ratebook.offers', 'ec45ba1acb1b0ec9fa864e7b6e3398fb'),
  ('constraint', 'revision_is_not_negative on billing.credit_rates', '987df4ddd1a160fedba082274f5ac411'),
  ('constraint', 'revision_is_not_negative on billing.execution_margin_policies', '987df4ddd1a160fedba082274f5ac411'),
  ('constraint', 'scope_is_one_of_model_and_feature_model_feature_provider_tier on billing.execution_margin_policies', 'ab9122fd5f49f8fcef6ddc65ae9037f2'),
  ('function', 'billing.calculate_credit_cost(model text, usage jsonb, feature text, service_tier text, variant text, region text, at timestamp with time zone, format text)', '4259ea95cb61640cee1622b8e9dc6f08'),
  ('function', 'billing.compare(usage jsonb, models text[], feature text, service_tier text, variant text, region text, at timestamp with time zone, format text)', 'f92d93d8753d19341b0e846f98f7450c'),
  ('function', 'billing.quote(model text, usage jsonb, feature text, service_tier text, variant text, region text, at timestamp with time zone, format text)', 'c52fff53a38a5c222aa986b405553feb'),
  ('function', 'billing.quote_many(requests jsonb)', '1539964b65856f66daeebc5f33b27c3e'),
  ('function', 'billing.reprice_generations(since timestamp with time zone, until timestamp with time zone, model text, price_source text, at timestamp with time zone, margin numeric)', 'b05c8332925274b12af0782062f3899d'),
  ('function', 'ratebook.asked(p_model_key text, p_model_id uuid, p_service_tier text, p_variant text, p_region text, p_currency text)', '0003520221cd1dfd9153919fe1ecc31d'),
  ('function', 'ratebook.assert_service_tier(p_service_tier text)', 'eebf5810ae6d221677ab9664b116efe0'),
  ('function', 'ratebook.assert_size(p_model_id uuid, p_model_key text, p_valid_sizes text[], p_variant text, p_at timestamp with time zone)', 'd20a4023ea24c4f0b2bedc14da1608bd'),
  ('function', 'ratebook.compare(p_usage jsonb, p_models text[], p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_format text)', 'e707c72d34e64cdc7c37801e7f283aac'),
  ('function', 'ratebook.credit_cost(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_format text)', '1365b14c7124004e258ca12b6cce5667'),
  ('function', 'ratebook.credit_terms(p_model_id uuid, p_feature_id uuid, p_currency text, p_at timestamp with time zone)', 'c4ef74186e19c1cb9c426e7f14704bde'),
  ('function', 'ratebook.credits(p_cost numeric, p_credits_per_currency_unit numeric, p_margin numeric, p_fixed_credits numeric, p_min_credits numeric, p_minimum_applies_to_free boolean, p_increment numeric)', '50929f80efd2865a55143bf3180d96b2'),
  ('function', 'ratebook.lock_names()', '86af015be70676e2e2e88344f41fcdb4'),
  ('function', 'ratebook.margin_scope(p_model_id uuid, p_feature_id uuid, p_provider_id uuid, p_tier ai.model_tier_enum)', '80b414fb8aadbf2d6ed685625fdc0718'),
  ('function', 'ratebook.moments_of_terms()', '8ace3e490607c155795b1b0b3d420726'),
  ('function', 'ratebook.price_in_general(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_all boolean, p_all_lines boolean, p_source text, p_currency text, p_stated text[])', '41a7c5c41626f9c2a496f302d3a8772f'),
  ('function', 'ratebook.price_or_reason(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_all boolean, p_stated text[])', 'e1a885c0c3a2d8d8e8ead31bd2c6468f'),
  ('function', 'ratebook.price_request(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_all boolean, p_all_lines boolean, p_source text, p_currency text, p_stated text[], p_offers_only boolean)', '9beb1c1bbd51bd19c381907d1a1b18ae'),
  ('function', 'ratebook.prices_tell_apart(p_price_rows jsonb, p_stated text[], p_service_tier text, p_variant text, p_region text)', '2a610529eabfe54551188adeb7a5b060'),
  ('function', 'ratebook.quote(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_format text)', '755509e198b635b9b86134eeab5edaf7'),
  ('function', 'ratebook.quote_line(p_meter text, p_quantity numeric, p_price_meter text, p_unit_price numeric, p_cost numeric, p_is_public boolean, p_price_id uuid, p_all boolean)', '72aed1c8c0df77c6333a871cd795564b'),
  ('function', 'ratebook.quote_many(p_requests jsonb)', '959865b5fdf2930bf07310c3175c4e38'),
  ('function', 'ratebook.rebuild_offers(p_model_ids uuid[])', '49b8da536aff978cda4a4ef6705f5bb1'),
  ('function', 'ratebook.rebuild_offers_of_aliases()', 'a086e7d01537cae5a307f2b320eed5c6'),
  ('function', 'ratebook.rebuild_offers_of_models()', '7f587a9b7a937dd310b60b78956dbffa'),
  ('function', 'ratebook.rebuild_offers_of_policies()', '6154f37f52bf147cf5a36a6187625d43'),
  ('function', 'ratebook.rebuild_offers_of_prices()', '2451f989f29c51efc0f28d1686182570'),
  ('function', 'ratebook.rebuild_offers_of_rates()', '39b4a80d178bc630d855704968bb189d'),
  ('function', 'ratebook.refuse_stated(p_model text, p_stated text[], p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone)', '52f897116c3ff1bbc55e7cc3fe81ead5'),
  ('function', 'ratebook.reprice_generations(p_since timestamp with time zone, p_until timestamp with time zone, p_model text, p_source text, p_at timestamp with time zone, p_margin numeric, p_of_model_id uuid, p_what_if ratebook.what_if)', '30cd353a34131ec8535f4768c91e543f'),
  ('function', 'ratebook.require_terms(p_model_id uuid, p_feature_id uuid, p_currency text, p_at timestamp with time zone)', '2e5abb4284b0be56c08e9589616b179c'),
  ('index', 'billing.credit_rates_key', '639dcf4d23298214db385769b6fb759b'),
  ('index', 'billing.credit_rates_pkey', 'e5480c838c2a7f7053d1e9ced046a538'),
  ('index', 'billing.execution_margin_policies_feature_id_idx', '85a11ac007311c6ce2281181bfd0627a'),
  ('index', 'billing.execution_margin_policies_key', 'a59f5a4b7026d1db21c9dc86e49ded92'),
  ('index', 'billing.execution_margin_policies_model_id_idx', '570505eb7d9b151f5440051239adf46c'),
  ('index', 'billing.execution_margin_policies_pkey', '3d051754b44745f54840b04045159e30'),
  ('index', 'billing.execution_margin_policies_provider_id_idx', 'd4bf44d5bc816d899891dc965149a88c'),
  ('index', 'ratebook.offers_model_id_idx', 'fe797ed2980aeb36c019d67442642fdd'),
  ('index', 'ratebook.offers_pkey', '9d02a41d84ef4e4f86065d5732174c5d'),
  ('policy', 'credit_rates_insert_admin on billing.credit_rates', '944a511b7d66cf67ffd459191ebd03bb'),
  ('policy', 'credit_rates_select_admin on billing.credit_rates', 'd36bf2a7d29ea5dd6cd959923a241058'),
  ('policy', 'execution_margin_policies_insert_admin on billing.execution_margin_policies', '944a511b7d66cf67ffd459191ebd03bb'),
  ('policy', 'execution_margin_policies_select_admin on billing.execution_margin_policies', 'd36bf2a7d29ea5dd6cd959923a241058'),
  ('privileges', 'billing.calculate_credit_cost(model text, usage jsonb, feature text, service_tier text, variant text, region text, at timestamp with time zone, format text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'billing.compare(usage jsonb, models text[], feature text, service_tier text, variant text, region text, at timestamp with time zone, format text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'billing.credit_rates', 'authenticated select+insert credits_per_currency_unit+insert currency+insert effective_from+insert revision, service_role select+insert credits_per_currency_unit+insert currency+insert effective_from+insert revision'),
  ('privileges', 'billing.execution_margin_policies', 'authenticated select+insert effective_from+insert enabled+insert feature_id+insert fixed_credits+insert increment+insert margin+insert min_credits+insert minimum_applies_to_free+insert model_id+insert provider_id+insert revision+insert tier, service_role select+insert effective_from+insert enabled+insert feature_id+insert fixed_credits+insert increment+insert margin+insert min_credits+insert minimum_applies_to_free+insert model_id+insert provider_id+insert revision+insert tier'),
  ('privileges', 'billing.quote(model text, usage jsonb, feature text, service_tier text, variant text, region text, at timestamp with time zone, format text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'billing.quote_many(requests jsonb)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'billing.reprice_generations(since timestamp with time zone, until timestamp with time zone, model text, price_source text, at timestamp with time zone, margin numeric)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.asked(p_model_key text, p_model_id uuid, p_service_tier text, p_variant text, p_region text, p_currency text)', ''),
  ('privileges', 'ratebook.assert_service_tier(p_service_tier text)', ''),
  ('privileges', 'ratebook.assert_size(p_model_id uuid, p_model_key text, p_valid_sizes text[], p_variant text, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.compare(p_usage jsonb, p_models text[], p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_format text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.credit_cost(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_format text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.credit_terms(p_model_id uuid, p_feature_id uuid, p_currency text, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.credits(p_cost numeric, p_credits_per_currency_unit numeric, p_margin numeric, p_fixed_credits numeric, p_min_credits numeric, p_minimum_applies_to_free boolean, p_increment numeric)', ''),
  ('privileges', 'ratebook.lock_names()', ''),
  ('privileges', 'ratebook.margin_scope(p_model_id uuid, p_feature_id uuid, p_provider_id uuid, p_tier ai.model_tier_enum)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.moments_of_terms()', ''),
  ('privileges', 'ratebook.offers', ''),
  ('privileges', 'ratebook.price_in_general(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_all boolean, p_all_lines boolean, p_source text, p_currency text, p_stated text[])', ''),
  ('privileges', 'ratebook.price_or_reason(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_all boolean, p_stated text[])', ''),
  ('privileges', 'ratebook.price_request(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_all boolean, p_all_lines boolean, p_source text, p_currency text, p_stated text[], p_offers_only boolean)', ''),
  ('privileges', 'ratebook.prices_tell_apart(p_price_rows jsonb, p_stated text[], p_service_tier text, p_variant text, p_region text)', ''),
  ('privileges', 'ratebook.quote(p_model text, p_usage jsonb, p_feature text, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone, p_format text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.quote_line(p_meter text, p_quantity numeric, p_price_meter text, p_unit_price numeric, p_cost numeric, p_is_public boolean, p_price_id uuid, p_all boolean)', ''),
  ('privileges', 'ratebook.quote_many(p_requests jsonb)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.rebuild_offers(p_model_ids uuid[])', ''),
  ('privileges', 'ratebook.rebuild_offers_of_aliases()', ''),
  ('privileges', 'ratebook.rebuild_offers_of_models()', ''),
  ('privileges', 'ratebook.rebuild_offers_of_policies()', ''),
  ('privileges', 'ratebook.rebuild_offers_of_prices()', ''),
  ('privileges', 'ratebook.rebuild_offers_of_rates()', ''),
  ('privileges', 'ratebook.refuse_stated(p_model text, p_stated text[], p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.reprice_generations(p_since timestamp with time zone, p_until timestamp with time zone, p_model text, p_source text, p_at timestamp with time zone, p_margin numeric, p_of_model_id uuid, p_what_if ratebook.what_if)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.require_terms(p_model_id uuid, p_feature_id uuid, p_currency text, p_at timestamp with time zone)', ''),
  ('privileges', 'schema billing', 'anon usage, authenticated usage, service_role usage'),
  ('schema', 'billing', ''),
  ('table', 'billing.credit_rates', '40657e16c25ff33d6b77f60783eeac0a'),
  ('table', 'billing.execution_margin_policies', '1a9c7d122fe29669662a4a65792d7e80'),
  ('table', 'ratebook.offers', '29ef3d1bcaea94c3dc971a3bcd3e390c'),
  ('trigger', 'credit_rates_audit_delete on billing.credit_rates', '2fe92a279300c3e08fdab8e8b0c58450'),
  ('trigger', 'credit_rates_audit_insert on billing.credit_rates', '9e4aaa5abccdd77d3f789f12b794739d'),
  ('trigger', 'credit_rates_audit_update on billing.credit_rates', 'f3d700c3bbe6140c4ffb3a9aa5e3a6d2'),
  ('trigger', 'credit_rates_rebuild_offers on billing.credit_rates', '630086aa482abcc8a3005f816105f783'),
  ('trigger', 'credit_rates_refuse_change on billing.credit_rates', '6e4ee1f03f8f33d0a35a5d854333a89e'),
  ('trigger', 'credit_rates_require_privileged on billing.credit_rates', '24c592a26f03a38f5e7828da0cdb7900'),
  ('trigger', 'execution_margin_policies_audit_delete on billing.execution_margin_policies', '5b7d37c57d4cb3db3ee49ff51b2a3491'),
  ('trigger', 'execution_margin_policies_audit_insert on billing.execution_margin_policies', '90c4d9193d210390abf27a97c237a8eb'),
  ('trigger', 'execution_margin_policies_audit_update on billing.execution_margin_policies', '03e10985fd492da33c4c32623589aeb3'),
  ('trigger', 'execution_margin_policies_rebuild_offers on billing.execution_margin_policies', '1a8da7b6b758c4fffd41887790af9192'),
  ('trigger', 'execution_margin_policies_refuse_change on billing.execution_margin_policies', '4e55dc61488c7d452999f3b6f163434e'),
  ('trigger', 'execution_margin_policies_require_privileged on billing.execution_margin_policies', 'f2dbacb917a08bd5bc80bac1df57886f'),
  ('trigger', 'model_aliases_lock_names on ai.model_aliases', '70b209e6ecd8c896fa7ce22afc1be890'),
  ('trigger', 'model_aliases_rebuild_offers_delete on ai.model_aliases', 'c0f8acd4d7eb223880f5e33fb867df68'),
  ('trigger', 'model_aliases_rebuild_offers_insert on ai.model_aliases', '33452cc49de41fff6bf262afb08d5f40'),
  ('trigger', 'model_aliases_rebuild_offers_update_from on ai.model_aliases', '8a3c3d67e919b0c18e7723f0f3210994'),
  ('trigger', 'model_aliases_rebuild_offers_update_to on ai.model_aliases', '4c2344f0c3a268921a3afd83cd3c28d7'),
  ('trigger', 'models_lock_names_insert on ai.models', '5563d773d1ce72859aed23fa016534a2'),
  ('trigger', 'models_lock_names_update on ai.models', '7a9b48fdafcca10e86a97541892cfbba'),
  ('trigger', 'models_rebuild_offers_insert on ai.models', '4e246f7ec6e6c2e3f342bdebc53af4bb'),
  ('trigger', 'models_rebuild_offers_update on ai.models', '5c5743488a03b7b5d04a0429d7761a61'),
  ('trigger', 'price_schedules_rebuild_offers on ratebook.price_schedules', '99fc72196d4dfce76b80b816a9a64fb7'),
  ('type', 'ratebook.credit_terms', 'd8c4ff7dcc6eb642c44f423c65153c89'),
  ('type', 'ratebook.offered_meter', '831d50c963e4ae5f2d89936fa5993aa5'),
  ('type', 'ratebook.price_attempt', '2e3b10219d5891b8e58af06e4e347953'),
  ('type', 'ratebook.priced_request', 'e94838e9f4b706cecff9d8d2fcf669f0')
) as o (kind, name, state);

select ratebook.close_privileges('55_credits');
