begin;
set local search_path = tap, pg_catalog;
select plan(11);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
-- Sunday only (64), 22:00 to 06:00: it ends on Monday morning. 2026-01-04 is a Sunday.
insert into ai.model_pricing (
  model_id, meter, price_per_unit, effective_from, window_start, window_end, window_days, window_time_zone
)
values
(tests.model_id('m'), 'input', 10, '2025-01-01Z', null, null, null, null),
(tests.model_id('m'), 'input', 5, '2025-01-01Z', '22:00', '06:00', 64, 'UTC'),
(tests.model_id('m'), 'output', 20, '2025-01-01Z', null, null, null, null),
(tests.model_id('m'), 'output', 8, '2025-01-01Z', '20:00', '00:00', 16, 'UTC');

select is(billing.quote('m', jsonb_build_object(c.meter, 1), at => c.at) #>> '{lines,0,unit_price}', c.price, c.why)
from (
  values
  ('input', '2026-01-04T05:00:00Z'::timestamptz, '10', 'Sunday morning belongs to Saturday'),
  ('input', '2026-01-04T21:59:59.999999Z', '10', 'Sunday, before the start'),
  ('input', '2026-01-04T22:00:00Z', '5', 'Sunday, at the start'),
  ('input', '2026-01-05T00:00:00Z', '5', 'midnight'),
  ('input', '2026-01-05T05:59:59.999999Z', '5', 'Monday morning, just before the end'),
  ('input', '2026-01-05T06:00:00Z', '10', 'Monday morning, at the end'),
  ('input', '2026-01-05T22:00:00Z', '10', 'Monday evening has none'),
  ('input', '2026-01-06T01:00:00Z', '10', 'nor has Tuesday morning'),
  ('output', '2026-01-02T19:59:00Z', '20', 'Friday, before a window that ends at midnight'),
  ('output', '2026-01-02T23:59:59.999999Z', '8', 'Friday, to midnight'),
  ('output', '2026-01-03T00:00:00Z', '20', 'and no longer')
) as c (meter, at, price, why);

select * from finish();
rollback;
