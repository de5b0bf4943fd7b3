-- Facts into cells, cells into roll-ups: those of deltas, or those of the log in a span of time. What is counted from the
-- log is forgotten in the same statement and so as of one moment: what is written meanwhile stays to be drained.
create function ratebook.add_usage(p_deltas ratebook.usage_deltas[], p_since timestamptz, p_until timestamptz) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_counted bigint;
begin
  with
  forgotten as (
    delete from ratebook.usage_deltas as d where d.counts_at >= p_since and d.counts_at < p_until
  ),
  batch as materialized (
    -- A cell each, whose facts are few.
    select
      date_bin('15 minutes', f.counts_at, '2000-01-01T00:00:00Z') as starts_at,
      f.owner_id,
      f.spender_id,
      coalesce(f.model_id, '00000000-0000-0000-0000-000000000000') as model_id,
      -- No key of a feature is longer; what an owner made up may be.
      left(coalesce(f.feature_key, ''), 255) as feature_key,
      coalesce(f.status, '') as status,
      sum(f.requests) as requests,
      sum(f.failures) as failures,
      sum(f.charges) as charges,
      ratebook.sum_objects(jsonb_agg(f.quantities) filter (where f.quantities <> '{}')) as quantities,
      -- Both kinds of histogram, because the one does not tell the other.
      coalesce(sum(f.requests * ratebook.latency_mark(f.latency_ms, true)), 0) as latencies,
      coalesce(sum(f.requests * ratebook.latency_mark(f.latency_ms, false)), 0) as rough_latencies,
      sum(f.credits) as credits,
      sum(f.refunded) as refunded,
      ratebook.sum_objects(jsonb_agg(f.costs) filter (where f.costs <> '{}')) as costs,
      sum(f.cost_credits) as cost_credits,
      count(*) as facts
    -- Either of the two is NULL.
    from (
      select * from ratebook.usage_in_deltas(p_deltas) where p_deltas is not null
      union all
      select * from ratebook.usage_in_log(p_since, p_until) where p_since is not null
    ) as f
    group by 1, 2, 3, 4, 5, 6
  ),
  cells as (
    insert into ratebook.usage_cells as t
    select
      b.owner_id, b.starts_at, b.spender_id, b.model_id, b.feature_key, b.status, b.requests, b.failures, b.charges,
      b.quantities, b.latencies, b.rough_latencies, b.credits, b.refunded, b.costs, b.cost_credits
    from batch as b
    -- A quarter's lie together.
    order by b.starts_at, b.owner_id
    on conflict (owner_id, starts_at, spender_id, model_id, feature_key, status) do update set
      requests = t.requests + excluded.requests,
      failures = t.failures + excluded.failures,
      charges = t.charges + excluded.charges,
      quantities = case
        when t.quantities = '{}' then excluded.quantities
        when excluded.quantities = '{}' then t.quantities
        else ratebook.sum_objects(jsonb_build_array(t.quantities, excluded.quantities))
      end,
      -- What is taken back is below zero, in the histogram as well.
      latencies = t.latencies + excluded.latencies,
      rough_latencies = t.rough_latencies + excluded.rough_latencies,
      credits = t.credits + excluded.credits,
      refunded = t.refunded + excluded.refunded,
      costs = case
        when t.costs = '{}' then excluded.costs
        when excluded.costs = '{}' then t.costs
        else ratebook.sum_objects(jsonb_build_array(t.costs, excluded.costs))
      end,
      cost_credits = t.cost_credits + excluded.cost_credits
  ),
  -- By each dimension alone.
  quarters as materialized (
    select
      k.dimension,
      b.starts_at,
      k.key,
      sum(b.requests) as requests,
      sum(b.failures) as failures,
      sum(b.charges) as charges,
      ratebook.sum_objects(jsonb_agg(b.quantities) filter (where b.quantities <> '{}')) as quantities,
      sum(case when k.dimension = 'all' then b.latencies else b.rough_latencies end) as latencies,
      sum(b.credits) as credits,
      sum(b.refunded) as refunded,
      ratebook.sum_objects(jsonb_agg(b.costs) filter (where b.costs <> '{}')) as costs,
      sum(b.cost_credits) as cost_credits
    from batch as b
    -- All that there is, and what each is of.
    cross join lateral (
      values
      ('all', ''),
      ('model', case when b.model_id <> '00000000-0000-0000-0000-000000000000' then b.model_id::text else '' end),
      ('feature', b.feature_key),
      ('spender', b.spender_id::text),
      ('status', b.status)
    ) as k (dimension, key)
    group by 1, 2, 3
  ),
  -- The larger from the smaller.
  hours as materialized (
    select
      q.dimension,
      date_bin('1 hour', q.starts_at, '2000-01-01T00:00:00Z') as starts_at,
      q.key,
      sum(q.requests) as requests,
      sum(q.failures) as failures,
      sum(q.charges) as charges,
      ratebook.sum_objects(jsonb_agg(q.quantities) filter (where q.quantities <> '{}')) as quantities,
      sum(q.latencies) as latencies,
      sum(q.credits) as credits,
      sum(q.refunded) as refunded,
      ratebook.sum_objects(jsonb_agg(q.costs) filter (where q.costs <> '{}')) as costs,
      sum(q.cost_credits) as cost_credits
    from quarters as q
    group by 1, 2, 3
  ),
  rollups as (
    insert into ratebook.usage_rollups as t
    select
      q.dimension, 15, q.starts_at, q.key, q.requests, q.failures, q.charges, q.quantities, q.latencies, q.credits, q.refunded,
      q.costs, q.cost_credits
    from quarters as q
    -- Spenders' are the cells.
    where q.dimension <> 'spender'
    union all
    select
      h.dimension, l.minutes, date_bin(make_interval(mins => l.minutes), h.starts_at, '2000-01-01T00:00:00Z'), h.key,
      sum(h.requests), sum(h.failures), sum(h.charges),
      ratebook.sum_objects(jsonb_agg(h.quantities) filter (where h.quantities <> '{}')), sum(h.latencies), sum(h.credits),
      sum(h.refunded), ratebook.sum_objects(jsonb_agg(h.costs) filter (where h.costs <> '{}')), sum(h.cost_credits)
    from hours as h
    cross join unnest('{60,360,1440}'::smallint[]) as l (minutes)
    group by 1, 2, 3, 4
    -- Where they are read together, they lie together.
    order by 1, 2, 3, 4
    -- As for cells.
    on conflict (dimension, minutes, starts_at, key) do update set
      requests = t.requests + excluded.requests,
      failures = t.failures + excluded.failures,
      charges = t.charges + excluded.charges,
      quantities = case
        when t.quantities = '{}' then excluded.quantities
        when excluded.quantities = '{}' then t.quantities
        else ratebook.sum_objects(jsonb_build_array(t.quantities, excluded.quantities))
      end,
      latencies = t.latencies + excluded.latencies,
      credits = t.credits + excluded.credits,
      refunded = t.refunded + excluded.refunded,
      costs = case
        when t.costs = '{}' then excluded.costs
        when excluded.costs = '{}' then t.costs
        else ratebook.sum_objects(jsonb_build_array(t.costs, excluded.costs))
      end,
      cost_credits = t.cost_credits + excluded.cost_credits
  )
  -- It says how much was counted; the rest has happened by then.
  select coalesce(sum(b.facts), 0) into v_counted from batch as b;
  return v_counted;
end;
$$;

revoke all on function ratebook.add_usage(ratebook.usage_deltas[], timestamptz, timestamptz) from public;

comment on function ratebook.add_usage(ratebook.usage_deltas[], timestamptz, timestamptz) is
'Adds to cells and roll-ups what deltas say, or what the log says of a span of time, whose deltas it deletes. Returns how many facts that were. Only who holds the lock of usage calls it.';
