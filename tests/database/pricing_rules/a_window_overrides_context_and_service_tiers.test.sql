begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
-- Off-peak: 16:30 to 00:30. It has a context tier of its own at 1000 only, for output.
insert into ai.model_pricing (
  model_id, meter, price_per_unit, service_tier, context_threshold, tier_mode, effective_from, window_start,
  window_end, window_days, window_time_zone
)
select
  tests.model_id('m'), c.meter, c.price, c.tier, c.threshold, c.mode::ai.tier_mode_enum, '2025-01-01Z', c.opens,
  c.opens + interval '8 hours', case when c.opens is not null then 127 end, case when c.opens is not null then 'UTC' end
from (
  values
  ('input', 10, 'standard', null::bigint, 'whole_request', null::time),
  ('input', 20, 'standard', 100, 'marginal', null),
  ('input', 30, 'priority', null, 'whole_request', null),
  ('input', 5, 'standard', null, 'whole_request', '16:30'),
  ('output', 40, 'standard', null, 'whole_request', null),
  ('output', 4, 'standard', null, 'whole_request', '16:30'),
  ('output', 8, 'standard', 1000, 'whole_request', '16:30')
) as c (meter, price, tier, threshold, mode, opens);
create function tests.cost(p_usage jsonb, p_at time, p_tier text default 'standard') returns text
language sql
return billing.quote('m', p_usage, service_tier => p_tier, at => '2026-01-05Z'::timestamptz + p_at) ->> 'cost';

select is(tests.cost('{"input": 200}', '16:00'), '3000', 'before: 100 × 10 + 100 × 20');
select is(tests.cost('{"input": 200}', '16:30'), '1000', 'inside: 200 × 5, though the threshold is crossed');
select is(tests.cost('{"input": 200}', '00:29'), '1000', 'to its end');
select is(tests.cost('{"input": 200}', '00:30'), '3000', 'and after it 100 × 10 + 100 × 20');
select is(tests.cost('{"input": 1}', '16:00', 'priority'), '30', 'before: priority');
select is(tests.cost('{"input": 1}', '17:00', 'priority'), '5', 'inside: the window, of the standard tier');
select is(tests.cost('{"input": 1000, "output": 1}', '17:00'), '5004', 'at the window''s own threshold');
select is(tests.cost('{"input": 1001, "output": 1}', '17:00'), '5013', 'beyond the window''s own threshold');

select * from finish();
rollback;
