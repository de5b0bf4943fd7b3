begin;
set local search_path = tap, pg_catalog;
select plan(8);

-- Each special price is withdrawn on 2025-02-01; what is next in order applies from then on.
select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
insert into ai.model_pricing (
  model_id, meter, price_per_unit, withdrawn, effective_from, service_tier, variant, region, context_threshold,
  threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone
)
select
  tests.model_id('m'), 'input', case when d.ends then null else c.price end, d.ends, d.at, c.tier, c.variant, c.region,
  c.threshold, not d.ends, case when d.ends then 'whole_request' else 'marginal' end::ai.tier_mode_enum, c.opens,
  c.opens + interval '1 hour', case when c.opens is not null then 127 end, case when c.opens is not null then 'UTC' end
from (
  values
  (2, 'priority', null, null, null::bigint, null::time), (3, 'standard', 'hd', null, null, null),
  (4, 'standard', null, 'eu', null, null), (5, 'standard', null, null, 100, null),
  (6, 'standard', null, null, null, '12:00')
) as c (price, tier, variant, region, threshold, opens)
cross join (values ('2025-01-01Z'::timestamptz, false), ('2025-02-01Z', true)) as d (at, ends);
select tests.make_price('m', 'input', 1);

select is(
  billing.quote('m', c.usage, service_tier => c.tier, variant => c.variant, region => c.region, at => c.at) ->> 'cost',
  c.cost, c.why
)
from (
  values
  ('{"input": 1}'::jsonb, 'priority', null, null, '2025-01-31Z'::timestamptz, '2', 'service tier'),
  ('{"input": 1}', 'priority', 'hd', null, '2025-02-01Z', '1', 'service tier and variant withdrawn'),
  ('{"input": 1}', 'standard', 'hd', null, '2025-01-31Z', '3', 'variant'),
  ('{"input": 1}', 'standard', null, 'eu', '2025-01-31Z', '4', 'region'),
  ('{"input": 1}', 'standard', null, 'eu', '2025-02-01Z', '1', 'region withdrawn'),
  ('{"input": 150}', 'standard', null, null, '2025-01-31Z', '350', 'context tier: 100 × 1 + 50 × 5'),
  ('{"input": 150}', 'standard', null, null, '2025-02-01Z', '150', 'context tier withdrawn, inclusive or not'),
  ('{"input": 1}', 'standard', null, null, '2025-02-01T12:00Z', '1', 'window withdrawn')
) as c (usage, tier, variant, region, at, cost, why);

select * from finish();
rollback;
