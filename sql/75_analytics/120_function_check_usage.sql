create function ratebook.check_usage(p_month date) returns table (check_name text, severity text, message text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads everybody's log and roll-ups.
declare
  v_month timestamp := date_trunc('month', coalesce(p_month::timestamp, ratebook.clock() at time zone 'UTC'));
  v_since timestamptz := v_month at time zone 'UTC';
  v_until timestamptz := (v_month + interval '1 month') at time zone 'UTC';
  v_deltas ratebook.usage_deltas[];
begin
  perform ratebook.assert_privileged();
  v_deltas := array(
    select d from ratebook.usage_deltas as d where d.counts_at >= v_since and d.counts_at < v_until
  );
  return query
  -- What waits is read by each call.
  select
    'usage_drained',
    case when w.waiting > 100000 or w.oldest < ratebook.clock() - interval '24 hours' then 'warning' else 'ok' end,
    format('%s changes wait to be drained, the oldest of %s.', w.waiting, coalesce(w.oldest::text, 'no time'))
    || case
      when w.waiting > 100000 or w.oldest < ratebook.clock() - interval '24 hours'
        then ' Nobody drains: put billing.drain_usage() on a schedule.'
      else ''
    end
  from (select count(*) as waiting, min(d.counts_at) as oldest from ratebook.usage_deltas as d) as w;
  -- A month that has left its log has nothing to be held against.
  if ratebook.is_in_log(v_since, v_until) then
    return query
    with
    both_ways as (
      select
        true as is_log, f.*, ratebook.latency_mark(f.latency_ms, true) * f.requests as latencies,
        ratebook.latency_mark(f.latency_ms, false) * f.requests as rough_latencies
      from ratebook.usage_in_log(v_since, v_until) as f
      union all
      select
        false, f.*, ratebook.latency_mark(f.latency_ms, true) * f.requests,
        ratebook.latency_mark(f.latency_ms, false) * f.requests
      from ratebook.usage_in_deltas(v_deltas) as f
      union all
      -- What is counted already.
      select
        false, c.starts_at, c.owner_id, c.spender_id, nullif(c.model_id, '00000000-0000-0000-0000-000000000000'),
        c.feature_key, c.status, c.requests, c.failures, c.quantities, null, c.charges, c.credits, c.refunded, c.costs,
        c.cost_credits, c.latencies, c.rough_latencies
      from ratebook.usage_cells as c
      where c.starts_at >= v_since and c.starts_at < v_until
    ),
    -- The one less the other, cell by cell.
    cells as (
      select
        b.owner_id,
        date_bin('15 minutes', b.counts_at, '2000-01-01T00:00:00Z') as starts_at,
        sum(b.requests * b.sign) as requests,
        sum(b.failures * b.sign) as failures,
        sum(b.charges * b.sign) as charges,
        sum(b.credits * b.sign) as credits,
        sum(b.refunded * b.sign) as refunded,
        sum(b.cost_credits * b.sign) as cost_credits,
        sum(b.latencies * b.sign) as latencies,
        sum(b.rough_latencies * b.sign) as rough_latencies,
        -- Objects are not subtracted: both sides are summed up, and held against each other.
        jsonb_agg(b.quantities) filter (where b.sign = 1 and b.quantities <> '{}') as quantities,
        jsonb_agg(b.quantities) filter (where b.sign = -1 and b.quantities <> '{}') as counted_quantities,
        jsonb_agg(b.costs) filter (where b.sign = 1 and b.costs <> '{}') as costs,
        jsonb_agg(b.costs) filter (where b.sign = -1 and b.costs <> '{}') as counted_costs
      from (select o.*, case when o.is_log then 1 else -1 end as sign from both_ways as o) as b
      group by
        b.owner_id, date_bin('15 minutes', b.counts_at, '2000-01-01T00:00:00Z'), b.spender_id, b.model_id,
        left(coalesce(b.feature_key, ''), 255), coalesce(b.status, '')
    ),
    -- Where anything is left.
    wrong as (
      select
        c.owner_id,
        c.starts_at,
        row_number() over (order by c.starts_at, c.owner_id) as place
      from cells as c
      where
        num_nonnulls(
          nullif(c.requests, 0), nullif(c.failures, 0), nullif(c.charges, 0), nullif(c.credits, 0), nullif(c.refunded, 0),
          nullif(c.cost_credits, 0), nullif(c.latencies, 0), nullif(c.rough_latencies, 0)
        ) > 0
        or ratebook.shown_sums(c.quantities)
        <> ratebook.shown_sums(c.counted_quantities)
        or ratebook.shown_sums(c.costs)
        <> ratebook.shown_sums(c.counted_costs)
    )
    -- One sentence, with the first places.
    select
      'usage_is_that_of_the_log',
      case when count(*) = 0 then 'ok' else 'error' end,
      coalesce(
        format('Differs from the log of %s %s times: ', to_char(v_month, 'YYYY-MM'), count(*))
        || string_agg(format('%s of %s', w.starts_at, w.owner_id), ', ' order by w.place) filter (where w.place <= 3)
        || '. Say billing.rebuild_usage().',
        format('What is counted of %s is what the log says.', to_char(v_month, 'YYYY-MM'))
      )
    from wrong as w;
  end if;
  return query
  with
  -- Everybody's by each dimension, against all cells, in each length.
  cells as (
    select
      c.starts_at,
      sum(c.requests) as requests,
      sum(c.failures) as failures,
      sum(c.charges) as charges,
      sum(c.credits) as credits,
      sum(c.refunded) as refunded,
      sum(c.cost_credits) as cost_credits,
      sum(c.latencies) as latencies,
      sum(c.rough_latencies) as rough_latencies
    from ratebook.usage_cells as c
    where c.starts_at >= v_since and c.starts_at < v_until
    group by c.starts_at
  ),
  -- What all cells of a time come to is what each dimension comes to.
  wrong as (
    select
      s.dimension,
      s.starts_at,
      row_number() over (order by s.starts_at, s.dimension) as place
    from (
      select
        g.dimension, g.minutes, date_bin(make_interval(mins => g.minutes), c.starts_at, '2000-01-01T00:00:00Z') as starts_at,
        c.requests, c.failures, c.charges, c.credits, c.refunded, c.cost_credits,
        case when g.dimension = 'all' then c.latencies else c.rough_latencies end as latencies
      from cells as c
      cross join (
        select d.dimension, m.minutes
        from unnest('{all,model,feature,spender,status}'::text[]) as d (dimension)
        cross join unnest('{15,60,360,1440}'::integer[]) as m (minutes)
        where d.dimension <> 'spender' or m.minutes > 15
      ) as g
      union all
      -- Less what the roll-ups have.
      select
        r.dimension, r.minutes, r.starts_at, -r.requests, -r.failures, -r.charges, -r.credits, -r.refunded,
        -r.cost_credits, -r.latencies
      from ratebook.usage_rollups as r
      where r.starts_at >= v_since and r.starts_at < v_until
    ) as s
    group by s.dimension, s.minutes, s.starts_at
    having
      num_nonnulls(
        nullif(sum(s.requests), 0), nullif(sum(s.failures), 0), nullif(sum(s.charges), 0), nullif(sum(s.credits), 0),
        nullif(sum(s.refunded), 0), nullif(sum(s.cost_credits), 0), nullif(sum(s.latencies), 0)
      ) > 0
  )
  select
    'usage_adds_up',
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      format('Roll-ups of %s differ %s times: ', to_char(v_month, 'YYYY-MM'), count(*))
      || string_agg(format('%s by %s', w.starts_at, w.dimension), ', ' order by w.place) filter (where w.place <= 3)
      || '. Say billing.rebuild_usage().',
      format('The roll-ups of %s add up.', to_char(v_month, 'YYYY-MM'))
    )
  from wrong as w;
end;
$$;

create function billing.check_usage(month date default null)
returns table (check_name text, severity text, message text)
language sql stable
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select
    c.check_name,
    c.severity,
    c.message
  from ratebook.check_usage(month) as c;
end;

revoke all on function ratebook.check_usage(date) from public;
revoke all on function billing.check_usage(date) from public;
grant execute on function ratebook.check_usage(date) to authenticated, service_role;
grant execute on function billing.check_usage(date) to authenticated, service_role;

comment on function ratebook.check_usage(date) is 'The checks behind billing.check_usage().';
comment on function billing.check_usage(date) is
'Admins and the service role. Holds what billing.usage() counts of a month (UTC) against the log, and says whether somebody drains: one row per check with severity ok, warning or error and a sentence. month: a day of it; this month unless told. A month that has left its log is only added up. Error: not_allowed (42501).';
