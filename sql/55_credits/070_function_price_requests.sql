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
