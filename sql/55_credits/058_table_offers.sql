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
