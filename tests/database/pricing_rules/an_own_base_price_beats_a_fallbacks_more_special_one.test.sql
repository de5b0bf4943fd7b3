begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
insert into ai.model_pricing (
  model_id, meter, price_per_unit, context_threshold, window_start, window_end, window_days, window_time_zone,
  effective_from
)
values
(tests.model_id('m'), 'input', 10, null, null, null, null, null, '2025-01-01Z'),
(tests.model_id('m'), 'input', 20, 100, null, null, null, null, '2025-01-01Z'),
(tests.model_id('m'), 'input', 5, null, '00:00', '12:00', 127, 'UTC', '2025-01-01Z'),
(tests.model_id('m'), 'cache_read', 1, null, null, null, null, null, '2025-01-01Z');
select tests.make_price('m', 'input', 7, p_variant => 'fast');
create function tests.priced(p_usage jsonb, p_at timestamptz, p_variant text default null) returns text
language sql
return (
  select string_agg(format('%s %s', l.line ->> 'meter', l.line ->> 'unit_price'), ', ' order by l.line ->> 'meter')
  from jsonb_array_elements(billing.quote('m', p_usage, variant => p_variant, at => p_at) -> 'lines') as l (line)
);

select is(
  tests.priced('{"input": 60, "cache_read": 60, "cache_write": 60}', '2026-01-01T12:00:00Z'),
  'cache_read 1, cache_write 20, input 20', 'than its context tier'
);
select is(
  tests.priced('{"input": 1, "cache_read": 1, "cache_write": 1}', '2026-01-01T11:00:00Z'),
  'cache_read 1, cache_write 5, input 5', 'than its window'
);
select is(
  tests.priced('{"input": 1, "cache_read": 1, "cache_write": 1}', '2026-01-01T12:00:00Z', 'fast'),
  'cache_read 1, cache_write 7, input 7', 'than its variant'
);
select is(
  tests.priced('{"input": 1, "cache_read": 1, "cache_write": 1}', '2026-01-01T12:00:00Z'),
  'cache_read 1, cache_write 10, input 10', 'and than its base price'
);

select * from finish();
rollback;
