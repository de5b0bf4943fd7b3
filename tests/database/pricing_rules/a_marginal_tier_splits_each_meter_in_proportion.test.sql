begin;
set local search_path = tap, pg_catalog;
select plan(11);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
insert into ai.model_pricing (model_id, meter, price_per_unit, context_threshold, tier_mode, threshold_inclusive)
values
(tests.model_id('m'), 'input', 1, null, 'whole_request', false),
(tests.model_id('m'), 'input', 2, 100, 'marginal', false),
(tests.model_id('m'), 'input', 4, 300, 'marginal', true),
(tests.model_id('m'), 'output', 10, null, 'whole_request', false),
(tests.model_id('m'), 'output', 20, 100, 'marginal', false),
(tests.model_id('m'), 'image', 5, null, 'whole_request', false);

select is(billing.quote('m', '{"input": 100, "output": 8}') ->> 'cost', '180', 'at the first threshold: nothing is split');
-- 100 × 1 + 1 × 2
select is(billing.quote('m', '{"input": 101}') ->> 'cost', '102', 'one beyond');
-- 100 × 1 + 100 × 2; of 8 output tokens half at 10 and half at 20
select is(billing.quote('m', '{"input": 200, "output": 8}') ->> 'cost', '420', 'output is split as the input is');
-- 100 × 1 + 200 × 2
select is(billing.quote('m', '{"input": 300}') ->> 'cost', '500', 'at the second threshold');
-- 100 × 1 + 200 × 2 + 100 × 4
select is(billing.quote('m', '{"input": 400}') ->> 'cost', '900', 'beyond both');
-- Output has no tier at 300: 2 of 8 at 10, 6 of 8 at 20. Images have none at all: 3 × 5.
select is(
  billing.quote('m', '{"input": 400, "output": 8, "image": 3}') ->> 'cost', '1055', 'each meter by its own tiers'
);
-- input 100: 50 × 1 + 50 × 2; cache_read 100: the same
select is(
  billing.quote('m', '{"input": 100, "cache_read": 100}') ->> 'cost', '300', 'the threshold is shared by all input'
);
-- input 150.5: 100 × 1 + 50.5 × 2
select is(billing.quote('m', '{"input": 150.5}') ->> 'cost', '201', 'a part of a token');
-- Thirds: 1 output token, 100 of 300 input tokens at 10 and 200 at 20: 50/3
select is(
  round((billing.quote('m', '{"input": 300, "output": 1}') ->> 'cost')::numeric, 28), 516.6666666666666666666666666667,
  'what does not divide has at least 28 decimals'
);
select is(
  (
    select sum((l.line ->> 'quantity')::numeric)
    from jsonb_array_elements(billing.quote('m', '{"input": 300, "output": 1}') -> 'lines') as l (line)
    where l.line ->> 'meter' = 'output'
  ),
  1.000, 'and its parts add up to the whole'
);
select is(
  billing.quote('m', '{"output": 8}') ->> 'cost', '80', 'without input no threshold is reached'
);

select * from finish();
rollback;
