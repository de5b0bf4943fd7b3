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

  return query
  select
    m.ordinality::integer - 1, m.name, o.id, o.key, o.name, v.key, o.is_active, (p.priced).currency,
    case when v_all or (p.priced).is_public then trim_scale((p.priced).cost) end, trim_scale((p.priced).credits), p.error,
    p.reason
  from unnest(p_models) with ordinality as m (name)
  cross join lateral (
    select a.*
    from ratebook.price_or_reason(
      m.name, v_usage, p_feature, coalesce(p_service_tier, 'standard'), p_variant, p_region, p_at, v_all
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

revoke all on function ratebook.compare(jsonb, text[], text, text, text, text, timestamptz) from public;
revoke all on function billing.compare(jsonb, text[], text, text, text, text, timestamptz) from public;
grant execute on function ratebook.compare(jsonb, text[], text, text, text, text, timestamptz)
to anon, authenticated, service_role;
grant execute on function billing.compare(jsonb, text[], text, text, text, text, timestamptz)
to anon, authenticated, service_role;

comment on function ratebook.compare(jsonb, text[], text, text, text, text, timestamptz) is
'The rule behind billing.compare().';
comment on function billing.compare(jsonb, text[], text, text, text, text, timestamptz) is
'What one usage costs with each of up to 1,000 models, in one call: one row each, the cheapest in credits first, those without a price last. usage: meters and quantities, as in billing.quote(). models: keys, ids or aliases. feature, service_tier, variant, region, at: as in billing.quote(), for all of them. index: the place in models, from 0. cost: exact, in currency; NULL where a price is not public, except to admins and the service role. error and reason: NULL, or the token and the sentence with which billing.quote() refuses that model (no_price, unknown_model, ambiguous_model, no_credit_rate, invalid_size, …), which refuses no other; a hidden model answers like an unknown one. Select cost::text and credits::text: JSON numbers lose digits. Errors: invalid_argument, invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, unknown_service_tier, invalid_time (PT422), unknown_feature (PT404), not_allowed (42501) for a time ahead.';
