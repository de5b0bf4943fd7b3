begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy(0);
insert into ai.model_pricing (
  model_id, meter, price_per_unit, service_tier, variant, region, context_threshold, tier_mode, effective_from,
  window_start, window_end, window_days, window_time_zone
)
select
  tests.model_id('m'), c.meter, c.price, c.tier, c.variant, c.region, c.threshold, c.mode::ai.tier_mode_enum,
  '2025-01-01Z', c.opens, c.opens + interval '1 hour', case when c.opens is not null then 127 end,
  case when c.opens is not null then 'UTC' end
from (
  values
  ('input', 1, 'standard', null, null, null::bigint, 'whole_request', null::time),
  ('input', 2, 'standard', null, null, 300, 'marginal', null),
  ('output', 10, 'standard', null, null, null, 'whole_request', null),
  ('output', 15, 'standard', null, null, 300, 'whole_request', null),
  ('cache_read', 0.1, 'batch', null, null, null, 'whole_request', null),
  ('image', 3, 'standard', 'hd', null, null, 'whole_request', null),
  ('request', 4, 'standard', null, 'eu', null, 'whole_request', null),
  ('web_search', 5, 'standard', null, null, null, 'whole_request', '09:00')
) as c (meter, price, tier, variant, region, threshold, mode, opens);
create function tests.lines(
  p_usage jsonb, p_tier text default 'standard', p_variant text default null, p_region text default null
) returns text[]
language sql
return (
  select array_agg(
    format(
      '%s: %s × %s (%s) = %s', l.line ->> 'meter', l.line ->> 'quantity', l.line ->> 'unit_price',
      l.line ->> 'price_meter', l.line ->> 'cost'
    )
    order by l.n
  )
  from jsonb_array_elements(
    billing.quote('m', p_usage, null, p_tier, p_variant, p_region, '2026-01-05T09:30:00Z') -> 'lines'
  ) with ordinality as l (line, n)
);

select is(
  tests.lines('{"reasoning": 2, "input": 5}'),
  '{input: 5 × 1 (input) = 5,reasoning: 2 × 10 (output) = 20}', 'a fallback names the meter whose price it took'
);
-- 300 of 400 input tokens are below the threshold: three quarters of each marginal meter. Output is whole.
select is(
  tests.lines('{"input": 320, "cache_read": 80, "output": 2}'),
  array[
    'cache_read: 60 × 1 (input) = 60', 'cache_read: 20 × 2 (input) = 40',
    'input: 240 × 1 (input) = 240', 'input: 80 × 2 (input) = 160', 'output: 2 × 15 (output) = 30'
  ],
  'a marginal tier makes a line for each part, from the lowest on'
);
select is(
  billing.quote('m', '{"input": 320, "cache_read": 80, "output": 2}') ->> 'cost', '530', 'and they add up'
);
select is(
  tests.lines('{"cache_read": 10}', 'batch'), '{cache_read: 10 × 0.1 (cache_read) = 1}', 'a service tier'
);
select is(
  tests.lines('{"image": 2, "request": 1, "web_search": 3}', p_variant => 'hd', p_region => 'eu'),
  '{image: 2 × 3 (image) = 6,request: 1 × 4 (request) = 4,web_search: 3 × 5 (web_search) = 15}',
  'variant, region and window'
);
select is(
  (
    select string_agg(p.price_per_unit::text, ',' order by l.n)
    from jsonb_array_elements(billing.quote('m', '{"input": 400}') -> 'lines') with ordinality as l (line, n)
    inner join ai.model_pricing as p on p.id = (l.line ->> 'price_id')::uuid
  ),
  '1,2', 'those who see all get the row of each line'
);
select is(
  tests.lines('{"input": 0, "image": 0}'), '{"image: 0 ×  () = 0",input: 0 × 1 (input) = 0}',
  'nothing of what has no price has none'
);

select * from finish();
rollback;
