begin;
set local search_path = tap, pg_catalog;
select plan(18);

select tests.make_rate();
select tests.make_policy();
select tests.make_model('night');
select tests.make_model('over');
select tests.make_model('gap');
-- Berlin: clocks went from 02:00 to 03:00 on 2025-03-30, and from 03:00 back to 02:00 on 2025-10-26, both Sundays.
insert into ai.model_pricing (
  model_id, meter, price_per_unit, effective_from, window_start, window_end, window_days, window_time_zone
)
select tests.model_id(c.model), 'input', c.price, '2025-01-01Z', c.opens, c.closes, c.days, c.zone
from (
  values
  ('night', 10, null::time, null::time, null::integer, null), ('over', 10, null, null, null, null),
  ('gap', 10, null, null, null, null),
  ('night', 5, '01:30', '03:30', 127, 'Europe/Berlin'),
  ('over', 5, '23:00', '02:30', 32, 'Europe/Berlin'),
  ('gap', 5, '02:00', '03:00', 127, 'Europe/Berlin')
) as c (model, price, opens, closes, days, zone);

select is(billing.quote(c.model, '{"input": 1}', at => c.at) #>> '{lines,0,unit_price}', c.price, c.why)
from (
  values
  ('night', '2025-01-15T00:30:00Z'::timestamptz, '5', 'winter: 01:30'),
  ('night', '2025-07-15T00:30:00Z', '5', 'summer: 02:30'),
  ('night', '2025-07-14T23:29:59Z', '10', 'summer: 01:29:59'),
  ('night', '2025-07-14T23:30:00Z', '5', 'summer: 01:30'),
  ('night', '2025-03-30T00:59:59Z', '5', 'spring: 01:59:59'),
  ('night', '2025-03-30T01:00:00Z', '5', 'spring: 03:00, a second later'),
  ('night', '2025-03-30T01:30:00Z', '10', 'spring: 03:30, after one hour only'),
  ('night', '2025-10-25T23:29:59Z', '10', 'autumn: 01:29:59'),
  ('night', '2025-10-26T00:30:00Z', '5', 'autumn: 02:30'),
  ('night', '2025-10-26T01:30:00Z', '5', 'autumn: 02:30 again'),
  ('night', '2025-10-26T02:29:59Z', '5', 'autumn: 03:29:59'),
  ('night', '2025-10-26T02:30:00Z', '10', 'autumn: 03:30, after three hours'),
  ('over', '2025-10-25T21:00:00Z', '5', 'Saturday 23:00 before the clocks go back'),
  ('over', '2025-10-26T00:30:00Z', '10', 'the end at 02:30 is reached'),
  ('over', '2025-10-26T01:15:00Z', '5', 'and it is 02:15 again'),
  ('over', '2025-10-26T22:00:00Z', '10', 'Sunday 23:00 has none'),
  ('gap', '2025-03-30T01:00:00Z', '10', 'spring: there is no 02:00'),
  ('gap', '2025-03-31T00:00:00Z', '5', 'the day after there is')
) as c (model, at, price, why);

select * from finish();
rollback;
