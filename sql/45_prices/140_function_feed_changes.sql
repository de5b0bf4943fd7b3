-- The difference between a catalogue and the rate book, all of it set-based: what a feed says is compared with what its
-- source says here, and only what differs is written.

create function ratebook.feed_models(p_source text, p_models jsonb) returns table (
  model_id uuid,
  provider text,
  provider_model_key text,
  name text,
  currency text,
  ref text,
  key text,
  provider_name text,
  aliases text[],
  attributes jsonb
)
language sql stable
set search_path = pg_catalog, pg_temp
-- The models of a valid feed with what is here of them. model_id is NULL for a new one, whose key is provider/model;
-- where that name means another model already, the source is added to it.
begin atomic
  select
    m.id,
    f.provider,
    f.provider_model_key,
    f.name,
    c.currency,
    f.provider || '/' || f.provider_model_key,
    coalesce(
      m.key,
      f.provider || '/' || f.provider_model_key || case
        when
          exists (
            select from ai.models as o
            where o.key = f.provider || '/' || f.provider_model_key
          )
          or exists (
            select from ai.model_aliases as o
            -- Names that this source has given are given anew.
            where o.alias = f.provider || '/' || f.provider_model_key and o.source <> p_source
          )
          then '@' || p_source
        else ''
      end
    ),
    coalesce(f.provider_name, f.provider),
    array(select jsonb_array_elements_text(coalesce(f.aliases, '[]'))),
    coalesce(f.attributes, '{}')
  from
    jsonb_to_recordset(p_models)
      as f (
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

create function ratebook.feed_keys() returns table (id uuid, key text, ref text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    m.id,
    m.key,
    p.key || '/' || m.provider_model_key
  from ai.models as m
  inner join ai.providers as p on p.id = m.provider_id
  where m.provider_model_key is not null;
end;

create function ratebook.price_says(
  p_price numeric, p_threshold bigint, p_inclusive boolean, p_mode ai.tier_mode_enum
) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return trim_scale(p_price)::text || case
  when p_threshold is null then ' false whole_request'
  else format(' %s %s', p_inclusive::text, p_mode)
end;

create function ratebook.feed_prices(p_models jsonb) returns table (
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
  price_key text,
  says text
)
language sql stable
set search_path = pg_catalog, pg_temp
-- price_key names what is priced, says what it costs: equal texts are equal prices.
begin atomic
  select distinct
    r.ref,
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
    row(
      r.ref, p.meter, r.service_tier, r.currency, p.variant, p.region, p.context_threshold, p.window_start,
      p.window_end, p.window_days, p.window_time_zone
    )::text,
    ratebook.price_says(
      p.price, p.context_threshold, coalesce(p.threshold_inclusive, false), coalesce(p.tier_mode, 'whole_request')
    )
  from jsonb_to_recordset(p_models) as f (provider text, provider_model_key text, prices jsonb)
  cross join
    lateral jsonb_to_recordset(f.prices)
      as p (
        meter text, price numeric, service_tier text, currency text, variant text, region text,
        context_threshold bigint, threshold_inclusive boolean, tier_mode ai.tier_mode_enum, window_start time,
        window_end time, window_days integer, window_time_zone text, effective_from timestamptz
      )
  cross join
    lateral (
      select
        f.provider || '/' || f.provider_model_key as ref,
        coalesce(p.service_tier, 'standard') as service_tier,
        coalesce(p.currency, 'USD') as currency
    ) as r
  where f.prices is not null;
end;

create function ratebook.feed_changes(
  p_source text, p_models jsonb, p_starts_at timestamptz, p_at timestamptz, p_unread text[]
) returns table (
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
  price_key text,
  says text,
  says_now text,
  revision integer,
  change text
)
language sql stable
-- The sizes of a feed are unknown to the planner, which then takes them for tiny.
set search_path = pg_catalog, pg_temp set enable_nestloop = off
-- Both sides are series in time, per key. A price without a date says what applies from p_at on, or from p_starts_at
-- for a model that this source has not priced before; prices with dates say it for all time. Wherever the rate book
-- says something else on a date, that date needs a row.
begin atomic
  -- What the feed says, row by row.
  with feed as materialized (
    select f.* from ratebook.feed_prices(p_models) as f
  ),

  -- What the source says here, of each key and date the highest revision. Other sources are none of its business.
  book as materialized (
    select distinct on (q.price_key, q.effective_from) q.*
    from (
      select
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
        b.is_pinned,
        p.key || '/' || m.provider_model_key as ref,
        row(
          p.key || '/' || m.provider_model_key, b.meter, b.service_tier, b.currency, b.variant, b.region,
          b.context_threshold, b.window_start, b.window_end, b.window_days, b.window_time_zone
        )::text as price_key,
        -- Written by the same function as the feed's, so that equal prices are equal texts.
        ratebook.price_says(b.price_per_unit, b.context_threshold, b.threshold_inclusive, b.tier_mode) as says
      from ai.model_pricing as b
      inner join ai.models as m on m.id = b.model_id
      inner join ai.providers as p on p.id = m.provider_id
      where
        b.source = p_source
        and m.provider_model_key is not null
        and p.key || '/' || m.provider_model_key <> all(p_unread)
    ) as q
    order by q.price_key asc, q.effective_from asc, q.revision desc
  ),

  -- Models, and keys, that this source has priced before.
  priced as (select distinct b.ref from book as b),

  booked as (select distinct b.price_key from book as b),

  -- From when on a person has had the last word about a key: the first pinned row that is in force, or is to come.
  pins as (
    select
      b.price_key,
      min(b.effective_from) as pinned_from
    from (
      select
        o.*,
        lead(o.effective_from) over (partition by o.price_key order by o.effective_from) as ends
      from book as o
    ) as b
    where b.is_pinned and (b.ends is null or b.ends > p_at)
    group by b.price_key
  ),

  -- What the feed has of a key: prices with dates, or one without.
  spoken as (
    select
      f.price_key,
      bool_or(f.effective_from is not null) as is_dated,
      bool_or(f.effective_from is null) as is_undated,
      max(f.says) filter (where f.effective_from is null) as says_undated,
      min(f.effective_from) as first_date,
      bool_or(b.price_key is not null) as is_booked,
      bool_or(p.ref is not null) as is_priced
    from feed as f
    left join priced as p on p.ref = f.ref
    left join booked as b on b.price_key = f.price_key
    group by f.price_key
  ),

  -- From when on it has its say. Dates speak of the past, up to the first; what it says without a date, of the time
  -- before that. Where the book agrees with that already, how it came to do so is history and stays.
  keys as materialized (
    select
      s.price_key,
      s.is_dated,
      s.is_undated,
      s.first_date,
      s.is_booked,
      case
        when s.is_dated and not s.is_booked then '-infinity'
        -- What is announced has no say before its day.
        when s.is_dated and s.first_date <= greatest(p_at, p_starts_at)
          then case
            when
              not s.is_undated
              or s.says_undated = (
                select b.says from book as b
                where b.price_key = s.price_key and b.effective_from < s.first_date
                order by b.effective_from desc
                limit 1
              )
              then s.first_date
            else '-infinity'
          end
        when s.is_priced then greatest(p_at, p_starts_at)
        else p_starts_at
      end as says_from
    from spoken as s
  ),

  -- Every date on which either side speaks of a key.
  moments as (
    select
      f.price_key,
      f.ref,
      f.meter,
      f.service_tier,
      f.currency,
      f.variant,
      f.region,
      f.context_threshold,
      f.window_start,
      f.window_end,
      f.window_days,
      f.window_time_zone,
      -- Without a date it was there before the first.
      coalesce(
        f.effective_from, case when k.says_from = k.first_date then '-infinity' else k.says_from end
      ) as effective_from,
      f.says as feed_says,
      true as in_feed,
      null::text as book_says,
      false as in_book,
      null::integer as revision
    from feed as f
    inner join keys as k on k.price_key = f.price_key
    union all
    -- What the book says stands beside it, with the revision that a correction of the date has to exceed.
    select
      b.price_key,
      b.ref,
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
      null as feed_says,
      false,
      b.says,
      true,
      b.revision
    from book as b
    union all
    -- Moments that neither side names: the end of a key that is gone, the start of one whose first price has no date.
    select distinct
      b.price_key,
      b.ref,
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
      -- Not before now: what was charged was charged by that price.
      greatest(p_at, p_starts_at),
      null as feed_says,
      false as in_feed,
      null as book_says,
      false as in_book,
      null::integer as revision
    from book as b
    where
      not exists (
        select from keys as k
        where k.price_key = b.price_key and (k.says_from = '-infinity' or k.is_undated)
      )
    union all
    -- A dated key whose feed also has a price without a date: that one is what applies from the start.
    select
      f.price_key,
      f.ref,
      f.meter,
      f.service_tier,
      f.currency,
      f.variant,
      f.region,
      f.context_threshold,
      f.window_start,
      f.window_end,
      f.window_days,
      f.window_time_zone,
      -- Neither side speaks here, so that what applies is carried over from before.
      p_starts_at,
      null as feed_says,
      false as in_feed,
      null as book_says,
      false as in_book,
      null as revision
    from feed as f
    inner join keys as k on k.price_key = f.price_key
    where
      f.effective_from is null
      and k.is_dated
      and k.says_from = '-infinity'
      and p_starts_at < k.first_date
      and not exists (
        select from book as b
        where b.price_key = f.price_key and b.effective_from <= p_starts_at
      )
  ),

  -- One row per key and date, both sides beside each other.
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
      -- Of the rows of a date at most one speaks for each side.
      max(m.feed_says) as feed_says,
      bool_or(m.in_feed) as in_feed,
      max(m.book_says) as book_says,
      bool_or(m.in_book) as in_book,
      max(m.revision) as revision
    from moments as m
    group by m.price_key, m.effective_from
  ),

  -- What a side has said goes on until it speaks again: the runs between.
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

  -- What each side says on every date: the first word of its run.
  stated as (
    select
      c.*,
      first_value(c.feed_says) over (
        partition by c.price_key, c.feed_run order by c.in_feed desc, c.effective_from asc
      ) as wanted,
      first_value(c.book_says) over (
        partition by c.price_key, c.book_run order by c.in_book desc, c.effective_from asc
      ) as found
    from counted as c
  ),

  -- Where the feed has its say. Before that the past stays as it is.
  due as (
    select
      s.*,
      row_number() over w = 1 as is_first,
      lag(s.wanted) over w as wanted_before,
      coalesce(s.effective_from >= p.pinned_from, false) as is_pinned
    from stated as s
    left join pins as p on p.price_key = s.price_key
    where s.effective_from >= s.says_from and isfinite(s.effective_from)
    window w as (partition by s.price_key order by s.effective_from)
  )

  -- A date needs a row where the book, with the rows written so far, would say something else.
  select
    d.ref,
    d.meter,
    d.service_tier,
    d.currency,
    d.variant,
    d.region,
    d.context_threshold,
    d.window_start,
    d.window_end,
    d.window_days,
    d.window_time_zone,
    -- A date that the book has already is corrected by the next revision; a price row is never changed.
    d.effective_from,
    d.price_key,
    d.wanted,
    c.says_now,
    coalesce(d.revision + 1, 0),
    case
      when not c.differs then 'unchanged'
      when d.is_pinned then 'pinned'
      when d.wanted is null then 'withdrawn'
      when not d.is_booked or c.says_now is null then 'added'
      else 'changed'
    end
  from due as d
  cross join
    lateral (
      select
        b.says_now,
        coalesce(d.wanted, '') <> coalesce(b.says_now, '') as differs
      -- Nothing is written where a pin stands, so there it goes on saying what it says.
      from (
        select case when d.in_book or d.is_first or d.is_pinned then d.found else d.wanted_before end
      ) as b (says_now)
    ) as c
  where d.in_feed or c.differs;
end;

revoke all on function ratebook.feed_models(text, jsonb) from public;
revoke all on function ratebook.feed_keys() from public;
revoke all on function ratebook.price_says(numeric, bigint, boolean, ai.tier_mode_enum) from public;
revoke all on function ratebook.feed_prices(jsonb) from public;
revoke all on function ratebook.feed_changes(text, jsonb, timestamptz, timestamptz, text[]) from public;

comment on function ratebook.feed_models(text, jsonb) is
'The models of a valid feed, each with the model here that it is, by provider and provider_model_key. ref: provider/provider_model_key.';
comment on function ratebook.feed_keys() is
'All models by the name that feeds have for them. ref: provider/provider_model_key.';
comment on function ratebook.price_says(numeric, bigint, boolean, ai.tier_mode_enum) is
'What a price row says, as a text that is the same for equal prices; NULL for a withdrawn row.';
comment on function ratebook.feed_prices(jsonb) is
'The prices of a valid feed, typed. price_key names what is priced, says what it costs: equal texts are equal prices.';
comment on function ratebook.feed_changes(text, jsonb, timestamptz, timestamptz, text[]) is
'The price rows with which the rate book comes to say what a feed says, and the prices that stay. says_now: what it would say without the row. p_unread: models, as provider/provider_model_key, that the feed has and that could not be read; they stay as they are. change: added, changed, withdrawn, unchanged, or pinned: a person''s price stays instead.';
