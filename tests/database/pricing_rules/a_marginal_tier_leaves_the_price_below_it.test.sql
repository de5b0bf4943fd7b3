begin;
set local search_path = tap, pg_catalog;
select plan(9);

-- Beyond 100 the whole request costs 2 each; beyond 200 only what is beyond costs 5.
select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
insert into ai.model_pricing (model_id, meter, price_per_unit, context_threshold, tier_mode)
values
(tests.model_id('m'), 'input', 1, null, 'whole_request'),
(tests.model_id('m'), 'input', 2, 100, 'whole_request'),
(tests.model_id('m'), 'input', 5, 200, 'marginal'),
(tests.model_id('m'), 'input', 3, 300, 'whole_request');

select is(billing.quote('m', jsonb_build_object('input', c.tokens)) ->> 'cost', c.cost, c.why)
from (
  values
  (100, '100', '100 × 1'),
  (101, '202', '101 × 2'),
  (200, '400', '200 × 2'),
  (201, '405', '200 × 2 + 1 × 5: the tier at 100 has repriced all up to 200'),
  (300, '900', '200 × 2 + 100 × 5'),
  (301, '903', '301 × 3')
) as c (tokens, cost, why);

-- A marginal tier first: the whole_request tier at 150 reprices what it had cut.
select tests.make_model('deep');
insert into ai.model_pricing (model_id, meter, price_per_unit, context_threshold, tier_mode)
values
(tests.model_id('deep'), 'input', 1, null, 'whole_request'),
(tests.model_id('deep'), 'input', 3, 100, 'marginal'),
(tests.model_id('deep'), 'input', 2, 150, 'whole_request'),
(tests.model_id('deep'), 'input', 5, 200, 'marginal');
select is(billing.quote('deep', jsonb_build_object('input', c.tokens)) ->> 'cost', c.cost, c.why)
from (
  values
  (150, '250', '100 × 1 + 50 × 3'),
  (200, '400', '200 × 2'),
  (210, '450', '200 × 2 + 10 × 5')
) as c (tokens, cost, why);

select * from finish();
rollback;
