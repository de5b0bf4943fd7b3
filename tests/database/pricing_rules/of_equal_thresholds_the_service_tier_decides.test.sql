begin;
set local search_path = tap, pg_catalog;
select plan(4);

-- Whether a threshold is inclusive says when it is reached, not how high it is.
select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
insert into ai.model_pricing (model_id, meter, price_per_unit, service_tier, context_threshold, threshold_inclusive)
values
(tests.model_id('m'), 'input', 1, 'standard', null, false),
(tests.model_id('m'), 'input', 2, 'standard', 100, false),
(tests.model_id('m'), 'input', 3, 'priority', 100, true);

select is(billing.quote('m', c.usage, service_tier => c.tier) #>> '{lines,0,unit_price}', c.price, c.why)
from (
  values
  ('{"input": 100}'::jsonb, 'standard', '1', 'standard, at the threshold'),
  ('{"input": 101}', 'standard', '2', 'standard, beyond it'),
  ('{"input": 100}', 'priority', '3', 'priority, at the threshold'),
  ('{"input": 101}', 'priority', '3', 'priority, beyond it')
) as c (usage, tier, price, why);

select * from finish();
rollback;
