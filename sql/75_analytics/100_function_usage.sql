create type billing.usage_bucket as (
  starts_at timestamptz,
  ends_at timestamptz,
  id uuid,
  key text,
  requests bigint,
  failures bigint,
  charges bigint,
  quantities jsonb,
  credits numeric,
  refunded numeric,
  net numeric,
  latency_p50 numeric,
  latency_p95 numeric,
  latency_error numeric,
  cost jsonb,
  margin numeric
);

-- Everything as of the caller's one moment: what is drained meanwhile is neither missed nor counted twice.
create function ratebook.usage(
  p_since timestamptz, p_until timestamptz, p_bucket text, p_time_zone text, p_by text, p_owner uuid
) returns setof billing.usage_bucket
language plpgsql stable security definer rows 100
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
-- Whatever the planner thinks of what it cannot know: no join of one sum after the other.
set enable_nestloop = off
-- Rows that are read together lie apart once they have been added to: each page of them once.
set enable_indexscan = off
as $$
-- Definer: nobody reads roll-ups but through this, which asks who is asking.
declare
  v_is_privileged boolean := ratebook.is_privileged();
  v_owner uuid := p_owner;
  v_dimension text := coalesce(nullif(p_by, 'provider'), case when p_by is null then 'all' else 'model' end);
  v_is_fine boolean;
  v_edges timestamptz[];
  v_since timestamptz;
  v_until timestamptz;
  v_last timestamptz;
  v_deltas ratebook.usage_deltas[];
  v_quantities text;
  v_costs text;
begin
  if not v_is_privileged then
    v_owner := ratebook.uid();
    if v_owner is null or p_owner <> v_owner then
      perform ratebook.fail('not_allowed', 'The usage of others is for admins and the service role.', 'Leave out owner.');
    end if;
  end if;
  if (p_bucket in ('hour', 'day', 'week', 'month')) is not true then
    perform ratebook.fail('invalid_argument', 'There is no such bucket.', 'It is hour, day, week or month.',
      '{"argument": "bucket"}');
  elsif p_by not in ('model', 'provider', 'feature', 'spender', 'status') then
    perform ratebook.fail('invalid_argument', 'Usage is not told apart by that.',
      'By model, provider, feature, spender or status.', '{"argument": "by"}');
  -- "at time zone" takes more than names.
  elsif (p_time_zone = 'UTC' or ratebook.is_time_zone(p_time_zone)) is not true then
    perform ratebook.fail(
      'invalid_argument', format('There is no time zone called "%s".', left(p_time_zone, 100)),
      'Use a name such as Europe/Berlin, spelt as pg_timezone_names does.',
      jsonb_build_object('time_zone', left(p_time_zone, 100))
    );
  elsif (p_since < p_until and ratebook.is_time(p_since) and ratebook.is_time(p_until)) is not true then
    perform ratebook.fail('invalid_time', 'Usage is that of a time, from since to until.', 'until comes after since.');
  end if;
  v_edges := ratebook.usage_edges(p_since, p_until, p_bucket, p_time_zone);
  v_since := v_edges[1];
  v_until := v_edges[cardinality(v_edges)];
  v_last := least(v_until, ratebook.clock());
  -- An owner's, and all in one, are of the finer kind; by model and the like it would be much more.
  v_is_fine := v_owner is not null or v_dimension = 'all';
  v_deltas := array(
    select d
    from ratebook.usage_deltas as d
    where d.counts_at >= v_since and d.counts_at < v_until and (v_owner is null or d.owner_id = v_owner)
  );

  -- Meters and currencies are few, and which is not known ahead: most likely those of the last days.
  select
    ratebook.sums_by_key('quantities', array(
      select distinct m.key from unnest(o.quantities) as q (object) cross join lateral jsonb_object_keys(q.object) as m (key)
    )),
    case when v_is_privileged then ratebook.sums_by_key('costs', array(
      select distinct c.key from unnest(o.costs) as q (object) cross join lateral jsonb_object_keys(q.object) as c (key)
    )) else 'null::jsonb' end
  into v_quantities, v_costs
  from (
    select
      array_agg(l.quantities) as quantities,
      array_agg(l.costs) as costs
    from (
      select r.quantities, r.costs
      from ratebook.usage_rollups as r
      where
        r.dimension = 'all' and r.minutes = 1440 and r.starts_at < v_until
        and r.starts_at >= v_last - interval '168 hours'
      order by r.starts_at desc
      limit 3
    ) as l
  ) as o;

  -- $1 edges, $2 bucket, $3 dimension, $4 owner, $5 since, $6 until, $7 deltas, $8 is fine, $9 by, $10 is privileged
  return query execute format(
    $query$
  with
  pieces as materialized (
    select p.* from ratebook.usage_pieces($1, $2) as p where $4 is null
  ),
  parts as (
    -- Everybody's, a look-up each piece: it counts for one bucket, and against another;
    select
      s.place, s.sign, r.key, r.requests, r.failures, r.charges, r.quantities, r.latencies::numeric as latencies,
      r.credits::numeric as credits, r.refunded::numeric as refunded, r.costs, r.cost_credits::numeric as cost_credits
    from pieces as p
    cross join lateral (
      select o.*
      from ratebook.usage_rollups as o
      where
        o.dimension = $3 and o.minutes = p.minutes and o.starts_at >= p.since and o.starts_at < p.until
      offset 0
    ) as r
    cross join lateral (values (p.adds_to, 1), (p.takes_from, -1)) as s (place, sign)
    where $4 is null and s.place is not null
    union all
    -- the quarters of spenders, of whom there may be as many as rows of the log;
    select
      s.place, s.sign, c.spender_id::text, c.requests, c.failures, c.charges, c.quantities, c.rough_latencies, c.credits,
      c.refunded, c.costs, c.cost_credits
    from pieces as p
    cross join lateral (
      select o.*
      from ratebook.usage_cells as o
      where o.starts_at >= p.since and o.starts_at < p.until
      offset 0
    ) as c
    cross join lateral (values (p.adds_to, 1), (p.takes_from, -1)) as s (place, sign)
    where $4 is null and $3 = 'spender' and p.minutes = 15 and s.place is not null
    union all
    -- an owner's, all of their cells of that time;
    select
      width_bucket(c.starts_at, $1), 1,
      case $3
        when 'all' then ''
        when 'model' then case when c.model_id = '00000000-0000-0000-0000-000000000000' then '' else c.model_id::text end
        when 'feature' then c.feature_key
        when 'spender' then c.spender_id::text
        when 'status' then c.status
      end,
      c.requests, c.failures, c.charges, c.quantities, c.latencies, c.credits, c.refunded, c.costs, c.cost_credits
    from ratebook.usage_cells as c
    where $4 is not null and c.owner_id = $4 and c.starts_at >= $5 and c.starts_at < $6
    union all
    -- and what is not drained yet.
    select
      width_bucket(date_bin('15 minutes', f.counts_at, '2000-01-01T00:00:00Z'), $1), 1,
      case $3
        when 'all' then ''
        when 'model' then coalesce(f.model_id::text, '')
        when 'feature' then left(coalesce(f.feature_key, ''), 255)
        when 'spender' then f.spender_id::text
        when 'status' then coalesce(f.status, '')
      end,
      f.requests, f.failures, f.charges, f.quantities,
      coalesce(f.requests * ratebook.latency_mark(f.latency_ms, $8), 0),
      f.credits, f.refunded, f.costs, f.cost_credits
    from ratebook.usage_in_deltas($7) as f
    where $7 <> '{}'
  ),
  -- A provider's are those of its models.
  keyed as (
    select
      p.*,
      case when $9 = 'provider' then coalesce(m.provider_id::text, '') else p.key end as by_key
    from parts as p
    left join ai.models as m on $9 = 'provider' and m.id = nullif(p.key, '')::uuid
  ),
  -- Each number is exact; of latencies the histograms are added. Quantities and costs are strings, and no zeros.
  sums as (
    select
      k.place,
      k.by_key as key,
      sum(k.sign * k.requests)::bigint as requests,
      sum(k.sign * k.failures)::bigint as failures,
      sum(k.sign * k.charges)::bigint as charges,
      ratebook.latency_quantiles(
        sum(k.sign * k.latencies), sum(k.sign * k.requests)::bigint, $8, '{0.5,0.95}'
      ) as latencies,
      trim_scale(sum(k.sign * k.credits)) as credits,
      trim_scale(sum(k.sign * k.refunded)) as refunded,
      trim_scale(sum(k.sign * k.cost_credits)) as cost_credits,
      %1$s as quantities,
      %2$s as costs
    from keyed as k
    group by k.place, k.by_key
  )
  -- Names only now, and of what the reader may know.
  select
    ($1)[s.place],
    ($1)[s.place + 1],
    case when $9 in ('model', 'provider', 'spender') then nullif(s.key, '')::uuid end as id,
    case $9
      when 'model' then m.key
      when 'provider' then v.key
      else nullif(s.key, '')
    end as key,
    s.requests,
    s.failures,
    s.charges,
    s.quantities,
    s.credits,
    s.refunded,
    trim_scale(s.credits - s.refunded),
    s.latencies[1],
    s.latencies[2],
    case when $8 then 0.02 else 0.05 end,
    case when $10 then s.costs end,
    case when $10 then trim_scale(s.credits - s.refunded - s.cost_credits) end
  from sums as s
  -- A model that the owner may not see has no name.
  left join ai.models as m
    on $9 = 'model' and m.id = nullif(s.key, '')::uuid and ($10 or m.is_public and m.deleted_at is null)
  left join ai.providers as v on $9 = 'provider' and v.id = nullif(s.key, '')::uuid
  -- What has come and gone is nothing.
  where
    (s.requests, s.failures, s.charges, s.credits, s.refunded, s.cost_credits) <> (0, 0, 0, 0, 0, 0)
    or s.quantities <> '{}'
  order by 1, key nulls last, id nulls last
    $query$,
    v_quantities,
    v_costs
  )
  using v_edges, p_bucket, v_dimension, v_owner, v_since, v_until, v_deltas, v_is_fine, p_by, v_is_privileged;
end;
$$;

create function billing.usage(
  since timestamptz,
  until timestamptz,
  bucket text default 'day',
  time_zone text default 'UTC',
  by text default null,
  owner uuid default null
) returns setof billing.usage_bucket
language sql stable rows 100
set search_path = pg_catalog, pg_temp
begin atomic
  select u.* from ratebook.usage(since, until, bucket, time_zone, by, owner) as u;
end;

revoke all on function ratebook.usage(timestamptz, timestamptz, text, text, text, uuid) from public;
revoke all on function billing.usage(timestamptz, timestamptz, text, text, text, uuid) from public;
grant execute on function ratebook.usage(timestamptz, timestamptz, text, text, text, uuid) to authenticated, service_role;
grant execute on function billing.usage(timestamptz, timestamptz, text, text, text, uuid) to authenticated, service_role;

comment on type billing.usage_bucket is 'What was used and what it came to in a time: a row of billing.usage().';
comment on column billing.usage_bucket.starts_at is 'When the bucket begins, by the clocks of the time zone.';
comment on column billing.usage_bucket.ends_at is 'When it ends, exclusive: a day may have 23 or 25 hours.';
comment on column billing.usage_bucket.id is 'By model, provider or spender: its id; NULL for none.';
comment on column billing.usage_bucket.key is
'What the row is of: the key of the model (NULL where the reader may not see it) or the provider, the feature by the key of its time, the spender''s id, or the status; NULL for none, and where nothing is told apart.';
comment on column billing.usage_bucket.requests is 'Generations of that time; what was deleted is out of it.';
comment on column billing.usage_bucket.failures is 'Those that failed.';
comment on column billing.usage_bucket.charges is 'Charges of that time; an estimate and what settled it are one.';
comment on column billing.usage_bucket.quantities is 'meter → quantity of the generations, as strings: {"input": "1000"}.';
comment on column billing.usage_bucket.credits is 'Credits charged. Select credits::text for all digits.';
comment on column billing.usage_bucket.refunded is 'Credits given back in that time, whenever they were charged.';
comment on column billing.usage_bucket.net is 'credits less refunded.';
comment on column billing.usage_bucket.latency_p50 is 'The latency in milliseconds below which half of the requests are; NULL where none is known.';
comment on column billing.usage_bucket.latency_p95 is 'The same of 95 in 100.';
comment on column billing.usage_bucket.latency_error is 'How far off these two are at most, of what they are: 0.02 is 2 %.';
comment on column billing.usage_bucket.cost is
'Admins and the service role: currency → what the charges cost, as strings, without estimates that were settled: {"USD": "1.25"}; NULL for others.';
comment on column billing.usage_bucket.margin is
'Admins and the service role: net less the cost in credits, each charge at its own credit rate; NULL for others.';
comment on function ratebook.usage(timestamptz, timestamptz, text, text, text, uuid) is 'The rule behind billing.usage().';
comment on function billing.usage(timestamptz, timestamptz, text, text, text, uuid) is
'What was used and what it came to, by any clock: one row a bucket in which something happened, and a row for each model, provider, feature, spender or status. since: from when on; its whole bucket counts. until: until when, exclusive; the bucket of the last moment counts whole. bucket: hour, day, week (from Monday) or month. time_zone: whose clocks, a name of pg_timezone_names. by: model, provider, feature, spender or status; NULL for all in one. owner: an owner; NULL for one''s own, for admins and the service role everybody''s. Owners get their own: the requests of their generations, and the credits of their accounts, whoever spent them; so a member''s spending on an account is its owner''s, and the member''s generation the member''s. A request counts at its generation''s time, credits at their charge''s, a refund at its own. Credits and cost come from charges, never from what an owner wrote. A deleted generation counts no more and its credits stay; an erased spender stays as an id; what left the log stays here. Counts and sums are exact, also while billing.drain_usage() is behind. Errors: invalid_argument (PT422; also for more than 10,000 buckets), invalid_time (PT422), not_allowed (42501).';
