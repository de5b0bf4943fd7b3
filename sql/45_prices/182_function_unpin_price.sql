create function ratebook.pinned_prices(p_model_id uuid, p_source text, p_at timestamptz) returns setof ai.model_pricing
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select p.*
  from ai.model_pricing as p
  inner join (
    select
      q.id,
      lead(q.effective_from) over (
        partition by
          q.currency, q.meter, q.service_tier, q.variant, q.region, q.context_threshold, q.window_start, q.window_end,
          q.window_days, q.window_time_zone
        order by q.effective_from
      ) as ends
    from (
      select distinct on (
        o.currency, o.meter, o.service_tier, o.variant, o.region, o.context_threshold, o.window_start, o.window_end,
        o.window_days, o.window_time_zone, o.effective_from
      ) o.*
      from ai.model_pricing as o
      where (o.model_id, o.source) = (p_model_id, p_source)
      order by
        o.currency asc, o.meter asc, o.service_tier asc, o.variant asc, o.region asc, o.context_threshold asc,
        o.window_start asc, o.window_end asc, o.window_days asc, o.window_time_zone asc, o.effective_from asc,
        o.revision desc
    ) as q
  ) as s on s.id = p.id
  where p.is_pinned and (s.ends is null or s.ends > p_at);
end;

create function ratebook.unpin_price(
  p_model text,
  p_meter text,
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
  v_source text;
begin
  perform ratebook.assert_privileged();
  v_model_id := ratebook.model_to_change(p_model);
  if p_meter is not null and not exists (select from ai.meters as m where m.key = p_meter) then
    perform ratebook.fail('unknown_meter', format('There is no meter called "%s".', left(p_meter, 100)),
      'Ask ai.meters for the keys.', jsonb_build_object('meter', left(p_meter, 100)));
  end if;
  -- The registry before the model, as in ratebook.set_price(); who waits here then sees the other's rows.
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
  select coalesce(p_source, m.price_source) into v_source
  from ai.models as m
  where m.id = v_model_id
  for no key update;

  -- A price row is never changed: the same again, of the same date, says that it is not pinned.
  return query
  insert into ai.model_pricing (
    model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
    context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone, source,
    reference, revision, withdrawn, is_public, is_pinned
  )
  select
    p.model_id, p.meter, p.unit_type, p.price_per_unit, p.currency, p.effective_from, p.service_tier, p.variant,
    p.region, p.context_threshold, p.threshold_inclusive, p.tier_mode, p.window_start, p.window_end, p.window_days,
    p.window_time_zone, p.source, p.reference, p.revision + 1, p.withdrawn, p.is_public, false
  from ratebook.pinned_prices(v_model_id, v_source, ratebook.clock()) as p
  where
    (p_meter is null or p.meter = p_meter)
    and (p_service_tier is null or p.service_tier = p_service_tier)
    and (p_variant is null or p.variant = p_variant)
    and (p_region is null or p.region = p_region)
  returning *;
end;
$$;

create function ai.unpin_price(
  model text,
  meter text default null,
  service_tier text default null,
  variant text default null,
  region text default null,
  source text default null
) returns setof ai.model_pricing
language sql volatile rows 10
set search_path = pg_catalog, pg_temp
begin atomic
  select p.* from ratebook.unpin_price(model, meter, service_tier, variant, region, source) as p;
end;

revoke all on function ratebook.pinned_prices(uuid, text, timestamptz) from public;
revoke all on function ratebook.unpin_price(text, text, text, text, text, text) from public;
revoke all on function ai.unpin_price(text, text, text, text, text, text) from public;
grant execute on function ratebook.unpin_price(text, text, text, text, text, text) to authenticated, service_role;
grant execute on function ai.unpin_price(text, text, text, text, text, text) to authenticated, service_role;

comment on function ratebook.pinned_prices(uuid, text, timestamptz) is
'The price rows of a model and source that people pinned and that are in force at a time, or are to come; also those that end a price.';
comment on function ratebook.unpin_price(text, text, text, text, text, text) is 'The rule behind ai.unpin_price().';
comment on function ai.unpin_price(text, text, text, text, text, text) is
'For admins and the service role. Gives prices that people set back to the catalogue: each stays in force until the next import of its source says something else. model: id, key or alias. meter, service_tier, variant and region: only prices for these; all unless given. source: whose prices, the one that prices the model now unless given. Returns the rows as they are now, none where nothing was pinned. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model (PT409), unknown_meter (PT422).';
