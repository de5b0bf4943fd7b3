begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
-- Monday and Wednesday (1 + 4), 09:00 to 17:30. 2026-01-05 is a Monday.
insert into ai.model_pricing (
  model_id, meter, price_per_unit, effective_from, window_start, window_end, window_days, window_time_zone
)
values
(tests.model_id('m'), 'input', 10, '2025-01-01Z', null, null, null, null),
(tests.model_id('m'), 'input', 5, '2025-01-01Z', '09:00', '17:30', 5, 'UTC'),
(tests.model_id('m'), 'input', 2, '2025-01-01Z', '00:00', '24:00', 64, 'UTC');

select is(billing.quote('m', '{"input": 1}', at => c.at) #>> '{lines,0,unit_price}', c.price, c.why)
from (
  values
  ('2026-01-05T08:59:59.999999Z'::timestamptz, '10', 'Monday, just before the start'),
  ('2026-01-05T09:00:00Z', '5', 'Monday, at the start'),
  ('2026-01-05T17:29:59.999999Z', '5', 'Monday, just before the end'),
  ('2026-01-05T17:30:00Z', '10', 'Monday, at the end'),
  ('2026-01-05T10:00:00+05:00', '10', 'Monday, 05:00 in the window''s zone'),
  ('2026-01-06T12:00:00Z', '10', 'Tuesday'),
  ('2026-01-07T12:00:00Z', '5', 'Wednesday'),
  ('2026-01-08T12:00:00Z', '10', 'Thursday'),
  ('2026-01-10T23:59:59.999999Z', '10', 'Saturday, to its end'),
  ('2026-01-11T00:00:00Z', '2', 'Sunday, all day: from midnight'),
  ('2026-01-11T23:59:59.999999Z', '2', 'Sunday, all day: to midnight'),
  ('2026-01-12T00:00:00Z', '10', 'Monday again')
) as c (at, price, why);

select * from finish();
rollback;
