begin;
set local search_path = tap, pg_catalog;
select plan(6);

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

select * from finish();
rollback;
