begin;
set local search_path = tap, pg_catalog;
select plan(5);

-- Off-peak from 16:00 is moved to 16:30; later a window is announced that starts at 15:00.
select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
insert into ai.model_pricing (
  model_id, meter, price_per_unit, withdrawn, effective_from, window_start, window_end, window_days, window_time_zone
)
values
(tests.model_id('m'), 'input', 10, false, '2025-01-01Z', null, null, null, null),
(tests.model_id('m'), 'input', 5, false, '2025-01-01Z', '16:00', '00:00', 127, 'UTC'),
(tests.model_id('m'), 'input', null, true, '2025-06-01Z', '16:00', '00:00', 127, 'UTC'),
(tests.model_id('m'), 'input', 4, false, '2025-06-01Z', '16:30', '00:30', 127, 'UTC');
create function tests.price_at(p_at timestamptz) returns text
language sql
return billing.quote('m', '{"input": 1}', at => p_at) #>> '{lines,0,unit_price}';

select is(tests.price_at('2025-05-31T17:00:00Z'), '5', 'the old window');
select is(tests.price_at('2025-06-01T16:15:00Z'), '10', 'which is over');
select is(tests.price_at('2025-06-01T17:00:00Z'), '4', 'the new window, where the old one would be open');
select is(tests.price_at('2025-06-02T00:15:00Z'), '4', 'and where it would not');
insert into ai.model_pricing (
  model_id, meter, price_per_unit, effective_from, window_start, window_end, window_days, window_time_zone
)
values (tests.model_id('m'), 'input', 3, '2125-01-01Z', '15:00', '00:30', 127, 'UTC');
select is(tests.price_at('2025-06-01T17:00:00Z'), '4', 'a window of the future changes nothing before it');

select * from finish();
rollback;
