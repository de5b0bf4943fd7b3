begin;
set local search_path = tap, pg_catalog;
select plan(14);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
insert into ai.model_pricing (model_id, meter, price_per_unit, service_tier, context_threshold)
select tests.model_id('m'), c.*
from (
  values
  ('input', 10, 'standard', null::bigint), ('input', 100, 'standard', 1000), ('cache_read', 1, 'standard', null),
  ('output', 40, 'standard', null), ('output', 400, 'standard', 1000),
  ('input', 5, 'batch', null), ('input', 6, 'flex', null), ('input', 20, 'priority', null), ('tokens', 3, 'batch', null)
) as c;

select is(
  (
    select l.line ->> 'unit_price'
    from jsonb_array_elements(billing.quote('m', c.usage, service_tier => c.tier) -> 'lines') as l (line)
    where l.line ->> 'meter' = c.meter
  ),
  c.price,
  format('%s, %s %s: %s', c.tier, c.meter, c.usage, c.why)
)
from (
  values
  ('{"cache_read": 1}'::jsonb, 'batch', 'cache_read', '5', 'input of batch before cache_read of standard'),
  ('{"cache_read": 1}', 'flex', 'cache_read', '1', 'cache_read of standard before input of flex'),
  ('{"cache_read": 1}', 'priority', 'cache_read', '1', 'cache_read of standard before input of priority'),
  ('{"output": 1}', 'batch', 'output', '3', 'tokens of batch before output of standard'),
  ('{"output": 1}', 'flex', 'output', '40', 'output of standard'),
  ('{"reasoning": 1}', 'batch', 'reasoning', '3', 'the end of the chain within batch'),
  ('{"reasoning": 1}', 'priority', 'reasoning', '40', 'output of standard'),
  ('{"cache_write": 1}', 'flex', 'cache_write', '6', 'standard has none of its own: input of flex before that of standard'),
  ('{"cache_write": 1}', 'priority', 'cache_write', '20', 'standard has none of its own: input of priority'),
  -- The context tier comes before the service tier, unless the service tier tries its chain first.
  ('{"input": 1001}', 'batch', 'input', '5', 'the base price of batch before the context tier of standard'),
  ('{"input": 1001}', 'flex', 'input', '100', 'the context tier of standard before the base price of flex'),
  ('{"input": 1001}', 'priority', 'input', '100', 'the context tier of standard before the base price of priority'),
  ('{"input": 1001, "output": 1}', 'batch', 'output', '3', 'tokens of batch before the context tier of standard'),
  ('{"input": 1001, "output": 1}', 'flex', 'output', '400', 'the context tier of standard')
) as c (usage, tier, meter, price, why);

select * from finish();
rollback;
