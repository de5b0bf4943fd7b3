-- The difference between a catalogue and the rate book, all of it set-based: what a feed says is compared with what its
-- source says here, and only what differs is written.

create function private.is_a_feed_name(p_name jsonb) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(jsonb_typeof(p_name) = 'string' and p_name #>> '{}' ~ '^\S(.{0,253}\S)?$', false);

create function private.are_feed_names(p_names jsonb) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select case jsonb_typeof(p_names)
    when 'array' then not exists (
      select from jsonb_array_elements(p_names) as n (name)
      where not private.is_a_feed_name(n.name)
    )
    else p_names is null
  end;
end;

create function private.feed_problems(p_source text, p_models jsonb) returns setof text
language sql stable
set search_path = pg_catalog, pg_temp
-- What is no feed at all is told first: the checks below it could not read it.
begin atomic
  with models as materialized (
    select
      e.number,
      e.model,
      left(
        coalesce(concat_ws('/', e.model ->> 'provider', e.model ->> 'provider_model_key'), ''), 100
      ) as name,
      jsonb_typeof(e.model) = 'object' as is_object
    from jsonb_array_elements(case when jsonb_typeof(p_models) = 'array' then p_models end)
    with ordinality as e (model, number)
  ),

  prices as materialized (
    select
      m.name,
      m.number,
      p.price,
      left(p.price ->> 'meter', 60) as meter,
      jsonb_typeof(p.price) = 'object' as is_object
    from models as m
    cross join lateral jsonb_array_elements(
      case when jsonb_typeof(m.model -> 'prices') = 'array' then m.model -> 'prices' end
    ) as p (price)
    where m.is_object
  )

  select 'The source is not a lower-case name of at most 100 characters.'
  where p_source is null or p_source !~ '^[a-z0-9][a-z0-9_.-]{0,99}$'
  union all
  select 'The models are not a JSON array.'
  where jsonb_typeof(p_models) is distinct from 'array'
  union all
  select 'The feed has no models.'
  where p_models = '[]'
  union all
  select format('Model %s is not a JSON object.', m.number)
  from models as m
  where not m.is_object
  union all
  select format('Model %s (%s): %s', m.number, m.name, c.problem)
  from models as m
  cross join lateral (
    values
    (
      jsonb_typeof(m.model -> 'provider') is distinct from 'string'
      or m.model ->> 'provider' !~ '^[a-z0-9][a-z0-9_.-]{0,99}$',
      'its provider is not a lower-case key of at most 100 characters.'
    ),
    (
      not private.is_a_feed_name(m.model -> 'provider_model_key')
      or length(concat_ws('/', m.model ->> 'provider', m.model ->> 'provider_model_key', p_source)) > 255,
      'its provider_model_key is not a name, or longer than 255 characters with provider and source.'
    ),
    (not private.is_a_feed_name(m.model -> 'name'), 'its name is not one of at most 255 characters.'),
    (
      m.model ? 'provider_name' and not private.is_a_feed_name(m.model -> 'provider_name'),
      'its provider_name is not one of at most 255 characters.'
    ),
    (jsonb_typeof(m.model -> 'prices') <> 'array', 'its prices are not a JSON array.'),
    (
      jsonb_typeof(m.model -> 'attributes') <> 'object',
      'its attributes are not a JSON object.'
    ),
    (
      not private.are_feed_names(m.model -> 'aliases'),
      'its aliases are not a JSON array of names of at most 255 characters.'
    ),
    (
      not private.are_feed_names(m.model -> 'unmapped'),
      'its unmapped keys are not a JSON array of names of at most 255 characters.'
    ),
    (
      exists (
        select from jsonb_each_text(
          case when jsonb_typeof(m.model -> 'attributes') = 'object' then m.model -> 'attributes' else '{}' end
        ) as a
        where
          (a.key in ('context_window', 'max_tokens') and (a.value !~ '^[1-9]\d{0,9}$' or a.value::bigint > 2147483647))
          or (a.key in ('modality', 'task') and a.value !~ '^\S.{0,100}$')
      ),
      'context_window and max_tokens are not whole numbers, or modality and task are not names.'
    ),
    (
      not private.are_feed_names(m.model #> '{attributes,supports}')
      or not private.are_feed_names(m.model #> '{attributes,capabilities}'),
      'supports and capabilities are not JSON arrays of names.'
    )
  ) as c (is_wrong, problem)
  where m.is_object and c.is_wrong
  union all
  select format('Model %s (%s) is in the feed twice.', min(m.number), min(m.name))
  from models as m
  where m.is_object
  group by m.model ->> 'provider', m.model ->> 'provider_model_key'
  having count(*) > 1
  union all
  select format('Model %s (%s): a price is not a JSON object.', p.number, p.name)
  from prices as p
  where not p.is_object
  union all
  select format('Model %s (%s), price of %s: %s', p.number, p.name, coalesce(p.meter, 'no meter'), c.problem)
  from prices as p
  cross join lateral (
    values
    (
      not exists (select from ai.meters as t where t.key = p.price ->> 'meter'),
      'there is no such meter.'
    ),
    (
      -- Any JSON number, or one as a string, and not absurdly long. Null ends the price before, on a date.
      case
        when jsonb_typeof(p.price -> 'price') = 'null' then not p.price ? 'effective_from'
        when coalesce(p.price ->> 'price', '') !~ '^\d{1,40}(\.\d{1,60})?([eE][+-]?\d{1,2})?$' then true
        else (p.price ->> 'price')::numeric >= 1000000
      end,
      format('%s is not a number from 0 to below 1000000.', coalesce(to_json(left(p.price ->> 'price', 60))::text, 'none'))
    ),
    (
      p.price ? 'service_tier'
      and not exists (select from ai.service_tiers as t where t.key = p.price ->> 'service_tier'),
      format('there is no service tier "%s".', left(p.price ->> 'service_tier', 60))
    ),
    (p.price ? 'currency' and p.price ->> 'currency' !~ '^[A-Z]{3}$', 'its currency is not an ISO 4217 code.'),
    (
      (p.price ? 'variant' and not private.is_a_feed_name(p.price -> 'variant'))
      or (p.price ? 'region' and not private.is_a_feed_name(p.price -> 'region')),
      'its variant or region is not a name of at most 255 characters.'
    ),
    (
      p.price ? 'context_threshold' and p.price ->> 'context_threshold' !~ '^[1-9]\d{0,17}$',
      'its context_threshold is not a whole number of tokens.'
    ),
    (
      p.price ? 'threshold_inclusive' and jsonb_typeof(p.price -> 'threshold_inclusive') <> 'boolean',
      'its threshold_inclusive is not true or false.'
    ),
    (
      p.price ? 'tier_mode' and p.price ->> 'tier_mode' not in ('whole_request', 'marginal'),
      'its tier_mode is not whole_request or marginal.'
    ),
    (
      num_nulls(
        p.price ->> 'window_start', p.price ->> 'window_end', p.price ->> 'window_days',
        p.price ->> 'window_time_zone'
      ) not in (0, 4)
      or p.price ->> 'window_start' !~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$'
      or p.price ->> 'window_end' !~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$'
      or p.price ->> 'window_start' = p.price ->> 'window_end'
      or p.price ->> 'window_days' !~ '^([1-9]|[1-9]\d|1[01]\d|12[0-7])$',
      'its window is not a start, another end, weekdays from 1 to 127 and a time zone.'
    ),
    (
      p.price ? 'effective_from' and coalesce(p.price ->> 'effective_from', '') !~ '^\d{4}-\d\d-\d\d',
      'its effective_from is not a time.'
    )
  ) as c (is_wrong, problem)
  where p.is_object and c.is_wrong;
end;

create function private.feed_models(p_source text, p_models jsonb) returns table (
  ref text,
  model_id uuid,
  key text,
  provider text,
  provider_name text,
  provider_model_key text,
  name text,
  aliases text[],
  attributes jsonb,
  currency text
)
language sql stable
set search_path = pg_catalog, pg_temp
-- The models of a valid feed with what is here of them. model_id is NULL for a new one, whose key is provider/model;
-- where that name means another model already, the source is added to it.
begin atomic
  select
    f.provider || '/' || f.provider_model_key,
    m.id,
    coalesce(
      m.key,
      f.provider || '/' || f.provider_model_key || case
        when
          exists (select from ai.models as o where o.key = f.provider || '/' || f.provider_model_key)
          or exists (select from ai.model_aliases as o where o.alias = f.provider || '/' || f.provider_model_key)
          then '@' || p_source
        else ''
      end
    ),
    f.provider,
    coalesce(f.provider_name, f.provider),
    f.provider_model_key,
    f.name,
    array(select jsonb_array_elements_text(coalesce(f.aliases, '[]'))),
    coalesce(f.attributes, '{}'),
    c.currency
  from jsonb_to_recordset(p_models) as f (
    provider text, provider_name text, provider_model_key text, name text, aliases jsonb, attributes jsonb,
    prices jsonb
  )
  left join ai.providers as p on p.key = f.provider
  left join ai.models as m on m.provider_id = p.id and m.provider_model_key = f.provider_model_key
  cross join lateral (
    select coalesce(min(e.price ->> 'currency'), 'USD') as currency
    from jsonb_array_elements(coalesce(f.prices, '[]')) as e (price)
  ) as c;
end;

create function private.price_says(
  p_price numeric, p_threshold bigint, p_inclusive boolean, p_mode ai.tier_mode_enum
) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return trim_scale(p_price)::text || case
  when p_threshold is null then ' false whole_request'
  else format(' %s %s', p_inclusive::text, p_mode)
end;

create function private.feed_prices(p_models jsonb) returns table (
  ref text,
  price_key text,
  meter text,
  service_tier text,
  currency text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  says text
)
language sql stable
set search_path = pg_catalog, pg_temp
-- price_key names what is priced, says what it costs: equal texts are equal prices.
begin atomic
  select
    r.ref,
    row(
      r.ref, p.meter, r.service_tier, r.currency, p.variant, p.region, p.context_threshold, p.window_start,
      p.window_end, p.window_days, p.window_time_zone
    )::text,
    p.meter,
    r.service_tier,
    r.currency,
    p.variant,
    p.region,
    p.context_threshold,
    p.window_start,
    p.window_end,
    p.window_days,
    p.window_time_zone,
    p.effective_from,
    private.price_says(p.price, p.context_threshold, coalesce(p.threshold_inclusive, false), coalesce(p.tier_mode, 'whole_request'))
  from jsonb_to_recordset(p_models) as f (provider text, provider_model_key text, prices jsonb)
  cross join lateral jsonb_to_recordset(f.prices) as p (
    meter text, price numeric, service_tier text, currency text, variant text, region text,
    context_threshold bigint, threshold_inclusive boolean, tier_mode ai.tier_mode_enum, window_start time,
    window_end time, window_days integer, window_time_zone text, effective_from timestamptz
  )
  cross join lateral (
    select
      f.provider || '/' || f.provider_model_key as ref,
      coalesce(p.service_tier, 'standard') as service_tier,
      coalesce(p.currency, 'USD') as currency
  ) as r
  where f.prices is not null;
end;

create function private.price_changes(
  p_source text, p_models jsonb, p_starts_at timestamptz, p_at timestamptz
) returns table (
  change text,
  ref text,
  meter text,
  service_tier text,
  currency text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  revision integer,
  says text
)
language sql stable
-- The sizes of a feed are unknown to the planner, which then takes them for tiny.
set search_path = pg_catalog, pg_temp set enable_nestloop = off
-- Both sides are series in time, per key. A price without a date says what applies from p_at on, or from p_starts_at
-- for a model that this source has not priced before; prices with dates say it for all time. Wherever the rate book
-- says something else on a date, that date needs a row.
begin atomic
  with feed as materialized (
    select f.* from private.feed_prices(p_models) as f
  ),

  book as materialized (
    select distinct on (q.price_key, q.effective_from) q.*
    from (
      select
        p.key || '/' || m.provider_model_key as ref,
        row(
          p.key || '/' || m.provider_model_key, b.meter, b.service_tier, b.currency, b.variant, b.region,
          b.context_threshold, b.window_start, b.window_end, b.window_days, b.window_time_zone
        )::text as price_key,
        b.meter,
        b.service_tier,
        b.currency,
        b.variant,
        b.region,
        b.context_threshold,
        b.window_start,
        b.window_end,
        b.window_days,
        b.window_time_zone,
        b.effective_from,
        b.revision,
        private.price_says(b.price_per_unit, b.context_threshold, b.threshold_inclusive, b.tier_mode) as says
      from ai.model_pricing as b
      inner join ai.models as m on m.id = b.model_id
      inner join ai.providers as p on p.id = m.provider_id
      where b.source = p_source and m.provider_model_key is not null
    ) as q
    order by q.price_key asc, q.effective_from asc, q.revision desc
  ),

  priced as (select distinct b.ref from book as b),
  booked as (select distinct b.price_key from book as b),

  -- From when on the feed has its say about a key.
  keys as materialized (
    select
      f.price_key,
      bool_or(f.effective_from is not null) as is_dated,
      bool_or(f.effective_from is null) as has_undated,
      min(f.effective_from) as first_date,
      bool_or(b.price_key is not null) as is_booked,
      case
        when bool_or(f.effective_from is not null) then '-infinity'
        when bool_or(p.ref is not null) then greatest(p_at, p_starts_at)
        else p_starts_at
      end as says_from
    from feed as f
    left join priced as p on p.ref = f.ref
    left join booked as b on b.price_key = f.price_key
    group by f.price_key
  ),

  moments as (
    select
      f.price_key, f.ref, f.meter, f.service_tier, f.currency, f.variant, f.region, f.context_threshold,
      f.window_start, f.window_end, f.window_days, f.window_time_zone,
      coalesce(f.effective_from, k.says_from) as effective_from, f.says as feed_says, true as in_feed,
      null::text as book_says, false as in_book, null::integer as revision
    from feed as f
    inner join keys as k on k.price_key = f.price_key
    union all
    select
      b.price_key, b.ref, b.meter, b.service_tier, b.currency, b.variant, b.region, b.context_threshold,
      b.window_start, b.window_end, b.window_days, b.window_time_zone,
      b.effective_from, null, false, b.says, true, b.revision
    from book as b
    union all
    -- Moments that neither side names: the end of a key that is gone, the start of one whose first price has no date.
    select distinct
      b.price_key, b.ref, b.meter, b.service_tier, b.currency, b.variant, b.region, b.context_threshold,
      b.window_start, b.window_end, b.window_days, b.window_time_zone,
      greatest(p_at, p_starts_at), null, false, null, false, null::integer
    from book as b
    where not exists (select from keys as k where k.price_key = b.price_key)
    union all
    select
      f.price_key, f.ref, f.meter, f.service_tier, f.currency, f.variant, f.region, f.context_threshold,
      f.window_start, f.window_end, f.window_days, f.window_time_zone,
      p_starts_at, null, false, null, false, null
    from feed as f
    inner join keys as k on k.price_key = f.price_key
    where f.effective_from is null and k.is_dated and not k.is_booked and p_starts_at < k.first_date
  ),

  merged as (
    select
      m.price_key,
      m.effective_from,
      max(m.ref) as ref,
      max(m.meter) as meter,
      max(m.service_tier) as service_tier,
      max(m.currency) as currency,
      max(m.variant) as variant,
      max(m.region) as region,
      max(m.context_threshold) as context_threshold,
      max(m.window_start) as window_start,
      max(m.window_end) as window_end,
      max(m.window_days) as window_days,
      max(m.window_time_zone) as window_time_zone,
      max(m.feed_says) as feed_says,
      bool_or(m.in_feed) as in_feed,
      max(m.book_says) as book_says,
      bool_or(m.in_book) as in_book,
      max(m.revision) as revision
    from moments as m
    group by m.price_key, m.effective_from
  ),

  counted as (
    select
      m.*,
      count(*) filter (where m.in_feed) over w as feed_run,
      count(*) filter (where m.in_book) over w as book_run,
      coalesce(k.says_from, greatest(p_at, p_starts_at)) as says_from,
      coalesce(k.is_booked, true) as is_booked
    from merged as m
    left join keys as k on k.price_key = m.price_key
    window w as (partition by m.price_key order by m.effective_from)
  ),

  stated as (
    select
      c.*,
      first_value(c.feed_says) over (
        partition by c.price_key, c.feed_run order by c.in_feed desc, c.effective_from
      ) as wanted,
      first_value(c.book_says) over (
        partition by c.price_key, c.book_run order by c.in_book desc, c.effective_from
      ) as found
    from counted as c
  ),

  due as (
    select
      s.*,
      row_number() over w = 1 as is_first,
      lag(s.wanted) over w as wanted_before
    from stated as s
    where s.effective_from >= s.says_from and isfinite(s.effective_from)
    window w as (partition by s.price_key order by s.effective_from)
  )

  select
    case
      when d.wanted is not distinct from c.current then 'unchanged'
      when d.wanted is null then 'withdrawn'
      when not d.is_booked or c.current is null then 'added'
      else 'changed'
    end,
    d.ref, d.meter, d.service_tier, d.currency, d.variant, d.region, d.context_threshold, d.window_start,
    d.window_end, d.window_days, d.window_time_zone, d.effective_from, coalesce(d.revision + 1, 0), d.wanted
  from due as d
  cross join lateral (
    select case when d.in_book or d.is_first then d.found else d.wanted_before end as current
  ) as c
  where d.in_feed or d.wanted is distinct from c.current;
end;

create function private.import_catalogue(
  p_source text, p_models jsonb, p_starts_at timestamptz, p_dry_run boolean
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_nestloop = off
as $$
-- Definer: reads and writes the registry and the rate book for the service role, which may do so table by table.
declare
  v_at timestamptz;
  v_problems text[];
  v_report jsonb := jsonb_build_object('source', p_source, 'dry_run', p_dry_run);
  v_count integer;
  v_added text[];
  v_edited text[];
  v_renamed text[];
  v_repriced text[];
begin
  select array_agg(f.problem order by f.problem) into v_problems
  from private.feed_problems(p_source, p_models) as f (problem);
  if v_problems is null then
    select array_agg(format('%s has two prices of %s for the same thing.', d.ref, d.meter)) into v_problems
    from (
      select f.ref, f.meter from private.feed_prices(p_models) as f
      group by f.ref, f.meter, f.price_key, f.effective_from
      having count(*) > 1
    ) as d;
  end if;
  if p_starts_at is null or not isfinite(p_starts_at) then
    v_problems := v_problems || 'The time from which prices without a date apply is missing or infinite.'::text;
  end if;
  if v_problems is not null then
    perform private.fail(
      'invalid_feed',
      v_problems[1] || case
        when cardinality(v_problems) > 1 then format(' (and %s more)', cardinality(v_problems) - 1) else ''
      end,
      'Nothing was imported. Mend the feed.',
      jsonb_build_object('problems', to_jsonb(v_problems[1:20]), 'count', cardinality(v_problems))
    );
  end if;

  -- One import at a time. Time is read after the wait.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.import_catalogue', 0));
  v_at := private.clock();

  with missing as (
    select distinct on (f.provider) f.provider, f.provider_name
    from private.feed_models(p_source, p_models) as f
    where not exists (select from ai.providers as p where p.key = f.provider)
    order by f.provider
  ),

  made as (
    insert into ai.providers (key, name, is_canonical)
    select m.provider, m.provider_name, true from missing as m
    where not p_dry_run
  )

  select count(*) into v_count from missing;
  v_report := v_report || jsonb_build_object('providers', jsonb_build_object('added', v_count));

  with fresh as materialized (
    select f.* from private.feed_models(p_source, p_models) as f where f.model_id is null
  ),

  made as (
    insert into ai.models (
      key, name, provider_id, provider_model_key, price_source, price_currency, metadata, modality, task,
      capabilities, supports, context_window, max_tokens, provider_url, description, model_family, release_date,
      deprecation_date, status
    )
    select
      f.key, f.name, p.id, f.provider_model_key, p_source, f.currency, jsonb_build_object('catalogue', p_source),
      coalesce(a.modality, 'text'), coalesce(a.task, 'generation'), coalesce(a.capabilities, '{}'),
      coalesce(a.supports, '{}'), a.context_window, a.max_tokens, a.provider_url, a.description, a.model_family,
      a.release_date, a.deprecation_date, coalesce(a.status, 'active')
    from fresh as f
    inner join ai.providers as p on p.key = f.provider
    cross join lateral jsonb_to_record(f.attributes) as a (
      modality text, task text, capabilities ai.ai_capability_enum[], supports text[], context_window integer,
      max_tokens integer, provider_url text, description text, model_family text, release_date date,
      deprecation_date date, status ai.model_status_enum
    )
    where not p_dry_run
  )

  select coalesce(array_agg(f.ref), '{}') into v_added from fresh as f;

  -- A model that another source prices is not this catalogue's to describe.
  with stale as materialized (
    select m.id, f.ref, n.*
    from private.feed_models(p_source, p_models) as f
    inner join ai.models as m on m.id = f.model_id
    cross join lateral jsonb_to_record(f.attributes) as a (
      supports text[], context_window integer, max_tokens integer, release_date date, deprecation_date date,
      status ai.model_status_enum
    )
    cross join lateral (
      select
        coalesce(a.supports, m.supports) as supports,
        coalesce(a.context_window, m.context_window) as context_window,
        coalesce(a.max_tokens, m.max_tokens) as max_tokens,
        coalesce(a.release_date, m.release_date) as release_date,
        coalesce(a.deprecation_date, m.deprecation_date) as deprecation_date,
        coalesce(
          a.status,
          case when m.metadata ? 'removed_from_catalogue' and m.status = 'retired' then 'active' else m.status end
        ) as status,
        m.metadata - 'removed_from_catalogue' as metadata
    ) as n
    where
      m.price_source = p_source
      and m.deleted_at is null
      and (
        m.supports, m.context_window, m.max_tokens, m.release_date, m.deprecation_date, m.status, m.metadata
      ) is distinct from (
        n.supports, n.context_window, n.max_tokens, n.release_date, n.deprecation_date, n.status, n.metadata
      )
  ),

  changed as (
    update ai.models as m
    set
      supports = s.supports,
      context_window = s.context_window,
      max_tokens = s.max_tokens,
      release_date = s.release_date,
      deprecation_date = s.deprecation_date,
      status = s.status,
      metadata = s.metadata
    from stale as s
    where m.id = s.id and not p_dry_run
  )

  select coalesce(array_agg(s.ref), '{}') into v_edited from stale as s;

  with gone as materialized (
    select m.id
    from ai.models as m
    where
      m.price_source = p_source
      and m.metadata ->> 'catalogue' = p_source
      and not m.metadata ? 'removed_from_catalogue'
      and m.deleted_at is null
      and m.id not in (
        select f.model_id from private.feed_models(p_source, p_models) as f where f.model_id is not null
      )
  ),

  marked as (
    update ai.models as m
    set status = 'retired', metadata = m.metadata || '{"removed_from_catalogue": true}'
    from gone as g
    where m.id = g.id and not p_dry_run
  )

  select count(*) into v_count from gone;

  with wanted as materialized (
    select distinct f.model_id, f.ref, f.key, a.alias
    from private.feed_models(p_source, p_models) as f
    cross join lateral unnest(f.aliases) as a (alias)
    where a.alias <> f.key
  ),

  -- A name that means another model already goes on meaning that one.
  taken as materialized (
    select k.name, k.ref
    from (
      select m.key as name, p.key || '/' || m.provider_model_key as ref, m.id::text as id
      from ai.models as m
      inner join ai.providers as p on p.id = m.provider_id
      union
      select f.key, f.ref, f.model_id::text from private.feed_models(p_source, p_models) as f
      union
      select a.alias, p.key || '/' || m.provider_model_key, m.id::text
      from ai.model_aliases as a
      inner join ai.models as m on m.id = a.model_id
      inner join ai.providers as p on p.id = m.provider_id
      union
      select w.alias, w.ref, null from wanted as w
    ) as k
  ),

  free as materialized (
    select w.*
    from wanted as w
    inner join (
      select t.name from taken as t
      group by t.name
      having count(distinct coalesce(t.ref, '')) = 1
    ) as o on o.name = w.alias
    where not exists (
      select from ai.model_aliases as a where a.alias = w.alias and a.model_id = w.model_id
    )
  ),

  made as (
    insert into ai.model_aliases (alias, model_id, source)
    select f.alias, f.model_id, p_source from free as f
    where not p_dry_run
  )

  select
    coalesce((select array_agg(distinct f.ref) from free as f where f.model_id is not null), '{}'),
    v_report || jsonb_build_object(
      'aliases', jsonb_build_object(
        'added', (select count(*) from free),
        'taken', (
          select count(*)
          from wanted as w
          inner join (
            select t.name from taken as t
            group by t.name
            having count(distinct coalesce(t.ref, '')) > 1
          ) as o on o.name = w.alias
        )
      )
    )
  into v_renamed, v_report;

  with plan as materialized (
    select c.* from private.price_changes(p_source, p_models, p_starts_at, v_at) as c
  ),

  written as (
    insert into ai.model_pricing (
      model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
      context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone,
      source, revision, withdrawn
    )
    select
      m.id, c.meter, t.unit_type, split_part(c.says, ' ', 1)::numeric, c.currency, c.effective_from,
      c.service_tier, c.variant, c.region, c.context_threshold,
      coalesce(split_part(c.says, ' ', 2)::boolean, false),
      coalesce(split_part(c.says, ' ', 3)::ai.tier_mode_enum, 'whole_request'),
      c.window_start, c.window_end, c.window_days, c.window_time_zone, p_source, c.revision, c.says is null
    from plan as c
    inner join ai.meters as t on t.key = c.meter
    inner join (
      select m.id, p.key || '/' || m.provider_model_key as ref
      from ai.models as m
      inner join ai.providers as p on p.id = m.provider_id
    ) as m on m.ref = c.ref
    where c.change <> 'unchanged' and not p_dry_run
  )

  select
    coalesce(array_agg(distinct c.ref) filter (where c.change <> 'unchanged'), '{}'),
    v_report || jsonb_build_object(
      'prices', jsonb_build_object(
        'added', count(*) filter (where c.change = 'added'),
        'changed', count(*) filter (where c.change = 'changed'),
        'unchanged', count(*) filter (where c.change = 'unchanged'),
        'withdrawn', count(*) filter (where c.change = 'withdrawn')
      )
    )
  into v_repriced, v_report
  from plan as c;

  return v_report || (
    select jsonb_build_object(
      'models', jsonb_build_object(
        'added', cardinality(v_added),
        'changed', count(*) filter (where f.is_known and f.is_changed),
        'repriced', count(*) filter (where f.is_known and f.is_repriced),
        'unchanged', count(*) filter (where f.is_known and not f.is_changed),
        'removed', v_count
      ),
      'unmapped', (
        select coalesce(jsonb_object_agg(u.key, u.found), '{}')
        from (
          select k.key, count(*) as found
          from jsonb_array_elements(p_models) as m (model)
          cross join lateral jsonb_array_elements_text(coalesce(m.model -> 'unmapped', '[]')) as k (key)
          group by k.key
        ) as u
      )
    )
    from (
      select
        not f.ref = any(v_added) as is_known,
        f.ref = any(v_repriced) as is_repriced,
        f.ref = any(v_repriced) or f.ref = any(v_edited) or f.ref = any(v_renamed) as is_changed
      from (
        select m.provider || '/' || m.provider_model_key as ref
        from jsonb_to_recordset(p_models) as m (provider text, provider_model_key text)
      ) as f
    ) as f
  );
exception
  when data_exception or check_violation then
    perform private.fail(
      'invalid_feed', format('The feed cannot be read: %s.', left(sqlerrm, 300)), 'Nothing was imported. Mend the feed.'
    );
    return null;
end;
$$;

create function ai.import_catalogue(
  source text,
  models jsonb,
  starts_at timestamptz default '2020-01-01T00:00:00Z',
  dry_run boolean default false
) returns jsonb
language sql volatile
-- PostgREST takes it over for the whole request: a large catalogue needs longer than a listing may.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select private.import_catalogue(source, models, starts_at, dry_run);
end;

revoke all on function private.feed_problems(text, jsonb) from public;
revoke all on function private.is_a_feed_name(jsonb) from public;
revoke all on function private.are_feed_names(jsonb) from public;
revoke all on function private.feed_models(text, jsonb) from public;
revoke all on function private.feed_prices(jsonb) from public;
revoke all on function private.price_says(numeric, bigint, boolean, ai.tier_mode_enum) from public;
revoke all on function private.price_changes(text, jsonb, timestamptz, timestamptz) from public;
revoke all on function private.import_catalogue(text, jsonb, timestamptz, boolean) from public;
revoke all on function ai.import_catalogue(text, jsonb, timestamptz, boolean) from public;
grant execute on function private.import_catalogue(text, jsonb, timestamptz, boolean) to service_role;
grant execute on function ai.import_catalogue(text, jsonb, timestamptz, boolean) to service_role;

comment on function private.feed_problems(text, jsonb) is
'Why a feed cannot be imported: one sentence per problem, none for a sound feed.';
comment on function private.is_a_feed_name(jsonb) is
'Whether a value is a JSON string of 1 to 255 characters without blanks around it.';
comment on function private.are_feed_names(jsonb) is
'Whether a value is a JSON array of such strings, or missing.';
comment on function private.feed_models(text, jsonb) is
'The models of a valid feed, each with the model here that it is, by provider and provider_model_key. ref: provider/provider_model_key.';
comment on function private.feed_prices(jsonb) is
'The prices of a valid feed, typed. price_key names what is priced, says what it costs: equal texts are equal prices.';
comment on function private.price_says(numeric, bigint, boolean, ai.tier_mode_enum) is
'What a price row says, as a text that is the same for equal prices; NULL for a withdrawn row.';
comment on function private.price_changes(text, jsonb, timestamptz, timestamptz) is
'The price rows with which the rate book comes to say what a feed says, and the prices that stay. change: added, changed, withdrawn, unchanged.';
comment on function private.import_catalogue(text, jsonb, timestamptz, boolean) is
'The rule behind ai.import_catalogue().';
comment on function ai.import_catalogue(text, jsonb, timestamptz, boolean) is
'Service role only. Brings the registry and one source''s prices to what a catalogue says, in one transaction: adds providers, models, aliases and price rows, withdraws prices that are gone, marks models that are gone as retired. models: [{provider, provider_name, provider_model_key, name, aliases, attributes, prices: [{meter, price, service_tier, variant, region, context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone, currency, effective_from}], unmapped}]; a price is a decimal string per ONE unit. Prices without a date start at starts_at for models new to the source, else now. dry_run reports and writes nothing. Returns {source, dry_run, providers, models, aliases, prices, unmapped}, counts all. Error: invalid_feed (PT422, DETAIL lists the first problems), and then nothing is changed.';
