create function ratebook.list_price_changes(p_since timestamptz) returns table (
  changed_at timestamptz,
  model_id uuid,
  model text,
  provider text,
  meter text,
  unit_type ai.unit_type_enum,
  change text,
  price_before numeric,
  price_after numeric,
  currency_before text,
  currency_after text,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- Definer: what applied is decided over all rows; hidden models, prices that are not public and what is ahead are left out.
declare
  v_all constant boolean := ratebook.is_privileged();
  v_now constant timestamptz := ratebook.clock();
  v_until constant timestamptz := case when v_all then 'infinity' else v_now end;
  v_models uuid[];
begin
  if ratebook.is_time(p_since) is not true then
    perform ratebook.fail('invalid_time', 'The time since when is missing, or not in the years 1 to 9999.',
      'For example 2026-01-31T00:00:00Z.');
  end if;
  -- Only models to which something happened since: a price that begins or is withdrawn, or another source.
  v_models := array(
    select m.id
    from ai.models as m
    where
      m.deleted_at is null and (v_all or m.is_public)
      and m.id in (
        select p.model_id from ai.model_pricing as p where p.effective_from > p_since and p.effective_from <= v_until
        union
        select s.model_id from ai.model_price_sources as s where s.effective_from > p_since
      )
  );

  return query
  with shown as materialized (
    select s.* from ratebook.price_steps(v_models) as s where v_all or s.is_public
  ),

  -- Where one step begins another may end: that is one change.
  changes as (
    select coalesce(b.starts, a.ends) as changed_at, a as former, b as latter
    from (select s.* from shown as s where s.ends > p_since and s.ends <= v_until and isfinite(s.ends)) as a
    full join (select s.* from shown as s where s.starts > p_since and s.starts <= v_until) as b
      on
        b.model_id = a.model_id and b.starts = a.ends and b.meter = a.meter and b.service_tier = a.service_tier
        and (
          b.variant, b.region, b.context_threshold, b.window_start, b.window_end, b.window_days, b.window_time_zone
        ) is not distinct from (
          a.variant, a.region, a.context_threshold, a.window_start, a.window_end, a.window_days, a.window_time_zone
        )
  )

  select
    c.changed_at, m.id, m.key, v.key, k.meter, k.unit_type,
    case when (c.former).starts is null then 'added' when (c.latter).starts is null then 'ended' else 'changed' end,
    trim_scale((c.former).price), trim_scale((c.latter).price), (c.former).currency, (c.latter).currency,
    k.service_tier, k.variant, k.region, k.context_threshold, k.window_start, k.window_end, k.window_days,
    k.window_time_zone
  from changes as c
  cross join lateral (
    select s.* from (select (c.latter).* union all select (c.former).*) as s where s.model_id is not null limit 1
  ) as k
  inner join ai.models as m on m.id = k.model_id
  inner join ai.providers as v on v.id = m.provider_id
  -- The same price of another source, or with another condition of its tier, is no change of a price.
  where ((c.former).price, (c.former).currency) is distinct from ((c.latter).price, (c.latter).currency)
  order by
    c.changed_at desc, m.key, k.meter, k.service_tier, k.variant nulls first, k.region nulls first,
    k.context_threshold nulls first, k.window_start nulls first, k.window_end, k.window_days, k.window_time_zone;
end;
$$;

create function ai.price_changes(since timestamptz) returns table (
  changed_at timestamptz,
  model_id uuid,
  model text,
  provider text,
  meter text,
  unit_type ai.unit_type_enum,
  change text,
  price_before numeric,
  price_after numeric,
  currency_before text,
  currency_after text,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select c.* from ratebook.list_price_changes(since) as c;
end;

revoke all on function ratebook.list_price_changes(timestamptz) from public;
revoke all on function ai.price_changes(timestamptz) from public;
grant execute on function ratebook.list_price_changes(timestamptz) to anon, authenticated, service_role;
grant execute on function ai.price_changes(timestamptz) to anon, authenticated, service_role;

comment on function ratebook.list_price_changes(timestamptz) is 'The rule behind ai.price_changes().';
comment on function ai.price_changes(timestamptz) is
'Which prices changed after a time, by when they came to apply (not by when they were written), the newest first; a model that came to follow another source changes then. change: added, changed or ended; price_before and price_after: exact, of ONE unit, in their currencies, NULL where there was none, or none that is public. Conditions are those of ai.model_pricing. Models that are not hidden, public prices, up to now; admins and the service role see all, and what is ahead. Select price_after::text: JSON numbers lose digits. The server''s row limit applies: page with offset. Error: invalid_time (PT422).';
