begin;
set local search_path = tap, pg_catalog;
select plan(6);

select tests.make_model('m', p_pricing_tier => 'enterprise');
select tests.make_price('m', 'input', 0.0001);
select tests.make_price('m', 'output', 0);
select tests.make_rate(1000);
select tests.make_policy(
  0.25, p_tier => 'enterprise', p_fixed_credits => 0.2, p_min_credits => 1.05, p_increment => 0.1
);
select tests.as_anon();
select is(billing.calculate_credit_cost('m', c.usage), c.credits, format('%s: %s', c.usage, c.what))
from (
  values
  -- 0.0001 × 1000 × 1.25 = 0.125 each
  ('{"input": 1}'::jsonb, 1.1, '0.325 is less than the least, 1.05, up to a tenth'),
  ('{"input": 7}', 1.1, '1.075 up to a tenth'),
  ('{"input": 8}', 1.2, '1.2 exactly'),
  ('{"input": 9}', 1.4, '1.325 up to a tenth'),
  ('{"output": 9}', 0, 'free'),
  ('{"input": 0}', 0, 'nothing')
) as c (usage, credits, what);

select * from finish();
rollback;
