begin;
set local search_path = tap, pg_catalog;
select plan(22);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
select tests.make_price('m', 'request', 1);
insert into ai.model_pricing (model_id, meter, price_per_unit, context_threshold)
values (tests.model_id('m'), 'request', 2, 100);
select tests.make_price('m', m.key, 0)
from ai.meters as m
where m.key not in ('request');
create function tests.price_beside(p_usage jsonb) returns text
language sql
return (
  select l.line ->> 'unit_price'
  from jsonb_array_elements(billing.quote('m', p_usage || '{"request": 1}') -> 'lines') as l (line)
  where l.line ->> 'meter' = 'request'
);

select is(tests.price_beside(jsonb_build_object(c.meter, 101)), c.price, c.meter)
from (
  values
  ('input', '2'), ('tokens', '2'), ('cache_read', '2'), ('cache_write', '2'), ('cache_write_1h', '2'),
  ('input_audio', '2'), ('input_image', '2'), ('input_video', '2'), ('cache_read_audio', '2'), ('cache_read_image', '2'),
  ('cache_write_audio', '2'),
  ('output', '1'), ('reasoning', '1'), ('output_audio', '1'), ('output_image', '1'), ('image', '1'),
  ('audio_second', '1'), ('input_character', '1'), ('web_search', '1')
) as c (meter, price);
select is(tests.price_beside('{"input": 50, "cache_read": 50, "output": 50}'), '1', 'exactly 100 of several kinds');
select is(tests.price_beside('{"input": 50, "cache_read": 30, "input_image": 20.5}'), '2', '100.5 of several kinds');
select is(tests.price_beside('{"output": 1000}'), '1', 'no input at all');

select * from finish();
rollback;
