begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
insert into ai.model_pricing (
  model_id, meter, price_per_unit, effective_from, window_start, window_end, window_days, window_time_zone
)
values
(tests.model_id('m'), 'input', 10, '2025-01-01Z', null, null, null, null),
(tests.model_id('m'), 'input', 3, '2025-01-01Z', '02:00', '06:00', 127, 'UTC'),
(tests.model_id('m'), 'input', 5, '2025-01-01Z', '01:00', '04:00', 127, 'UTC'),
-- For output the later window has the only price.
(tests.model_id('m'), 'output', 40, '2025-01-01Z', null, null, null, null),
(tests.model_id('m'), 'output', 20, '2025-01-01Z', '02:00', '06:00', 127, 'UTC');
create function tests.price_of(p_meter text, p_at time) returns text
language sql
return billing.quote('m', jsonb_build_object(p_meter, 1), at => '2026-01-05Z'::timestamptz + p_at)
#>> '{lines,0,unit_price}';

select is(tests.price_of('input', '01:59'), '5', 'the first alone');
select is(tests.price_of('input', '02:00'), '5', 'both open: the first');
select is(tests.price_of('input', '04:00'), '3', 'the second alone');
select is(tests.price_of('input', '06:00'), '10', 'none');
select is(tests.price_of('output', '01:30'), '40', 'a window without a price for the meter changes nothing');
select is(tests.price_of('output', '02:30'), '20', 'nor does it hide another window''s price');
select is(tests.price_of('output', '04:30'), '20', 'which goes on');

select * from finish();
rollback;
