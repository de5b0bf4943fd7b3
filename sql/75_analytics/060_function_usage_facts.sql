-- What counts, each fact a row: of the log as it is, and of what is not drained yet. What a charge is to analytics is said
-- once, in ratebook.charge_facts.
create type ratebook.usage_fact as (
  counts_at timestamptz,
  owner_id uuid,
  spender_id uuid,
  model_id uuid,
  feature_key text,
  status text,
  requests integer,
  failures integer,
  quantities jsonb,
  latency_ms integer,
  charges integer,
  credits numeric,
  refunded numeric,
  costs jsonb,
  cost_credits numeric
);

create view ratebook.charge_facts with (security_invoker = true) as
select
  c.id,
  c.lenser_id as owner_id,
  c.created_at as counts_at,
  c.generation_id,
  c.spender_id,
  c.model_id,
  c.feature_key,
  -- It completes its generation, whatever becomes of that.
  case when c.generation_id is not null then 'completed' end as status,
  -- What settles an estimate is for the same request, and its cost instead of the estimate's.
  (c.estimate_id is null)::integer as charges,
  c.credits,
  case
    when k.currency = s.currency then jsonb_build_object(k.currency, k.cost - s.cost)
    else
      case when k.currency is null then jsonb '{}' else jsonb_build_object(k.currency, k.cost) end
      || case when s.currency is null then jsonb '{}' else jsonb_build_object(s.currency, -s.cost) end
  end as costs,
  coalesce(k.cost_credits, 0) - coalesce(s.cost_credits, 0) as cost_credits
from billing.charges as c
-- Looked up by their keys, one month each.
left join lateral (
  select
    f.currency,
    f.cost,
    f.cost * r.credits_per_currency_unit as cost_credits
  from billing.charge_costs as f
  inner join billing.credit_rates as r on r.id = f.credit_rate_id
  where f.id = c.id and f.lenser_id = c.lenser_id
  offset 0 -- noqa: AM09
) as k on true
left join lateral (
  select
    f.currency,
    f.cost,
    f.cost * r.credits_per_currency_unit as cost_credits
  from billing.charge_costs as f
  inner join billing.credit_rates as r on r.id = f.credit_rate_id
  where f.id = c.estimate_id and f.lenser_id = c.lenser_id
  offset 0 -- noqa: AM09
) as s on c.estimate_id is not null;

create function ratebook.usage_in_log(p_since timestamptz, p_until timestamptz) returns setof ratebook.usage_fact
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    g.created_at,
    g.lenser_id,
    g.lenser_id as spender_id,
    g.model_id,
    g.feature_key,
    g.status::text,
    1,
    (g.status = 'failed')::integer,
    coalesce(g.usage, '{}'),
    g.latency_ms,
    0,
    0,
    0,
    jsonb '{}',
    0
  from ai.generations as g
  where g.id >= ratebook.uuid_v7_floor(p_since) and g.id < ratebook.uuid_v7_floor(p_until)
  union all
  select
    c.counts_at,
    c.owner_id,
    c.spender_id,
    c.model_id,
    c.feature_key,
    c.status,
    0,
    0,
    jsonb '{}',
    null as latency_ms,
    c.charges,
    c.credits,
    0,
    c.costs,
    c.cost_credits
  from ratebook.charge_facts as c
  where c.id >= ratebook.uuid_v7_floor(p_since) and c.id < ratebook.uuid_v7_floor(p_until)
  union all
  select
    e.created_at,
    c.lenser_id,
    c.spender_id,
    c.model_id,
    c.feature_key,
    case when c.generation_id is not null then 'completed' end,
    0,
    0,
    jsonb '{}',
    null as latency_ms,
    0,
    0,
    e.amount,
    jsonb '{}',
    0
  from billing.ledger_entries as e
  inner join billing.charges as c on c.id = e.charge_id and c.lenser_id = e.lenser_id
  where
    e.kind = 'refund' and e.id >= ratebook.uuid_v7_floor(p_since) and e.id < ratebook.uuid_v7_floor(p_until);
end;

create function ratebook.usage_in_deltas(p_deltas ratebook.usage_deltas[]) returns setof ratebook.usage_fact
language sql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
-- Which is off where ratebook.usage() calls.
set enable_indexscan = on
begin atomic
  select
    d.counts_at,
    d.owner_id,
    d.owner_id as spender_id,
    d.model_id,
    d.feature_key,
    d.status::text,
    d.sign::integer,
    d.sign * (d.status = 'failed')::integer,
    case when d.usage is null then jsonb '{}' when d.sign = 1 then d.usage else ratebook.negated(d.usage) end,
    d.latency_ms,
    0,
    0,
    0,
    jsonb '{}',
    0
  -- As it stands there, once more or once less.
  from unnest(p_deltas) as d
  where d.kind = 'generation'
  union all
  -- A charge never changes: what it says is read where it is.
  select
    c.counts_at,
    c.owner_id,
    c.spender_id,
    c.model_id,
    c.feature_key,
    c.status,
    0,
    0,
    jsonb '{}',
    null as latency_ms,
    d.sign * c.charges,
    d.sign * c.credits,
    0,
    case when d.sign = 1 then c.costs else ratebook.negated(c.costs) end,
    d.sign * c.cost_credits
  from unnest(p_deltas) as d
  inner join ratebook.charge_facts as c on c.id = d.charge_id and c.owner_id = d.owner_id
  where
    d.kind = 'charge'
    -- The charge that made a generation of the owner.
    or (d.kind = 'generation' and c.generation_id = d.charge_id and c.spender_id = d.owner_id)
  union all
  -- A refund is of what its charge was of.
  select
    d.counts_at,
    c.lenser_id,
    c.spender_id,
    c.model_id,
    c.feature_key,
    case when c.generation_id is not null then 'completed' end,
    0,
    0,
    jsonb '{}',
    null as latency_ms,
    0,
    0,
    d.sign * d.refunded,
    jsonb '{}',
    0
  from unnest(p_deltas) as d
  inner join billing.charges as c on c.id = d.charge_id and c.lenser_id = d.owner_id
  where d.kind = 'refund';
end;

revoke all on ratebook.charge_facts from public, anon, authenticated, service_role;
revoke all on function ratebook.usage_in_log(timestamptz, timestamptz) from public;
revoke all on function ratebook.usage_in_deltas(ratebook.usage_deltas[]) from public;

comment on type ratebook.usage_fact is 'Something that billing.usage() counts: a generation, a charge or a refund.';
comment on column ratebook.usage_fact.counts_at is 'When.';
comment on column ratebook.usage_fact.owner_id is 'Whose: the lenser of the generation, the owner of the account.';
comment on column ratebook.usage_fact.spender_id is 'Who spent.';
comment on column ratebook.usage_fact.model_id is 'The model.';
comment on column ratebook.usage_fact.feature_key is 'The feature, by the key of its time.';
comment on column ratebook.usage_fact.status is 'The status of the generation.';
comment on column ratebook.usage_fact.requests is '1 for a generation, -1 for one that is no more.';
comment on column ratebook.usage_fact.failures is 'The same for one that failed.';
comment on column ratebook.usage_fact.quantities is 'meter → quantity.';
comment on column ratebook.usage_fact.latency_ms is 'Milliseconds; as often as requests says.';
comment on column ratebook.usage_fact.charges is '1 for a charge that settles no estimate.';
comment on column ratebook.usage_fact.credits is 'Credits charged.';
comment on column ratebook.usage_fact.refunded is 'Credits given back.';
comment on column ratebook.usage_fact.costs is 'currency → cost.';
comment on column ratebook.usage_fact.cost_credits is 'The same in credits.';
comment on view ratebook.charge_facts is 'Charges, as billing.usage() counts them.';
comment on column ratebook.charge_facts.id is 'The charge.';
comment on column ratebook.charge_facts.owner_id is 'The owner of the account.';
comment on column ratebook.charge_facts.counts_at is 'When it was charged.';
comment on column ratebook.charge_facts.generation_id is 'The generation it is for.';
comment on column ratebook.charge_facts.spender_id is 'Who spent.';
comment on column ratebook.charge_facts.model_id is 'The model.';
comment on column ratebook.charge_facts.feature_key is 'The feature.';
comment on column ratebook.charge_facts.status is 'completed where it is for a generation.';
comment on column ratebook.charge_facts.charges is '1; 0 for what settled an estimate.';
comment on column ratebook.charge_facts.credits is 'Credits charged.';
comment on column ratebook.charge_facts.costs is 'currency → cost, less that of the estimate that gave way to it.';
comment on column ratebook.charge_facts.cost_credits is 'The same in credits, each at its own rate.';
comment on function ratebook.usage_in_log(timestamptz, timestamptz) is
'What generations, charges and refunds of a span of time say, as they are now.';
comment on function ratebook.usage_in_deltas(ratebook.usage_deltas[]) is 'What rows of ratebook.usage_deltas say.';
