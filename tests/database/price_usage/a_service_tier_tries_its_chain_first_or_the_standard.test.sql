begin;
set local search_path = tap, pg_catalog;
select plan(13);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
select tests.make_price('m', 'input', 10);
select tests.make_price('m', 'cache_read', 1);
select tests.make_price('m', 'output', 40);
select tests.make_price('m', 'input', 5, p_service_tier => t.tier)
from (values ('batch'), ('flex'), ('priority')) as t (tier);
create function tests.priced(p_meter text, p_service_tier text) returns numeric
language sql
return (
  billing.quote('m', jsonb_build_object(p_meter, 1), service_tier => p_service_tier) #>> '{lines,0,unit_price}'
)::numeric;

select is(tests.priced(c.meter, c.tier), c.price, format('%s, %s: %s', c.tier, c.meter, c.why))
from (
  values
  ('input', 'standard', 10::numeric, 'its own'),
  ('input', 'batch', 5, 'its own'),
  ('input', 'flex', 5, 'its own'),
  ('cache_read', 'standard', 1, 'its own'),
  ('cache_read', 'batch', 5, 'input of the tier before cache_read of the standard'),
  ('cache_read', 'flex', 1, 'cache_read of the standard before input of the tier'),
  ('cache_read', 'priority', 1, 'like flex'),
  ('cache_write', 'batch', 5, 'input of the tier'),
  ('cache_write', 'flex', 5, 'input of the tier: the standard has none of its own'),
  ('output', 'batch', 40, 'the standard where the tier has nothing'),
  ('output', 'flex', 40, 'the standard where the tier has nothing')
) as c (meter, tier, price, why);
select tests.make_price('m', 'cache_read', 2, p_service_tier => 'priority');
select is(tests.priced('cache_read', 'priority'), 2::numeric, 'a price of the tier itself comes first');
select is(tests.priced('cache_read', 'flex'), 1::numeric, 'and is no other tier''s');

select * from finish();
rollback;
