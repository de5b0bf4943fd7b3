begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
insert into ai.model_pricing (model_id, meter, price_per_unit, context_threshold, tier_mode)
values
(tests.model_id('m'), 'input', 1.25, null, 'whole_request'),
(tests.model_id('m'), 'input', 2.5, 200, 'whole_request'),
(tests.model_id('m'), 'output', 10, null, 'whole_request'),
(tests.model_id('m'), 'output', 15, 200, 'whole_request'),
(tests.model_id('m'), 'web_search', 7, null, 'whole_request');

-- 200 × 1.25 + 10 × 10 + 7 = 357
select is(
  billing.quote('m', '{"input": 200, "output": 10, "web_search": 1}') ->> 'cost', '357', 'at the threshold'
);
-- 201 × 2.5 + 10 × 15 + 7 = 659.5
select is(
  billing.quote('m', '{"input": 201, "output": 10, "web_search": 1}') ->> 'cost', '659.5', 'beyond it'
);
-- 100 × 2.5 + 101 × 2.5 (cached, at the price of input) + 10 × 15 + 4 × 15 (reasoning, at that of output) = 712.5
select is(
  billing.quote('m', '{"input": 100, "cache_read": 101, "output": 10, "reasoning": 4}') ->> 'cost', '712.5',
  'what falls back is repriced too'
);
select is(
  jsonb_array_length(billing.quote('m', '{"input": 201, "output": 10, "web_search": 1}') -> 'lines'), 3,
  'one line for each meter'
);

select * from finish();
rollback;
