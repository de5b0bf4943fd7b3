begin;
set local search_path = tap, pg_catalog;
select plan(13);

select tests.make_model('a');
select tests.make_price('a', 'input', 0.000001);
select tests.as_service();
create function pg_temp.refusal(p_pricing text) returns text
language sql
begin atomic
  select concat_ws(' ', e.error ->> 'code', e.error #>> '{detail,error}', e.error #>> '{detail,key}', e.error #>> '{detail,meter}')
  from tests.error_of(format('update compat.llm_models set pricing = %L', p_pricing)) as e (error);
end;

select is(pg_temp.refusal(r.pricing), r.refusal, r.pricing)
from (
  values
  ('{"input_per_1m": 1, "per_banana": 1}', 'PT422 unknown_meter per_banana'),
  ('{"input": 1}', 'PT422 unknown_meter input'),
  ('{"image_per_1m": 1}', 'PT422 unknown_meter image_per_1m'),
  ('{"per_input": 1}', 'PT422 unknown_meter per_input'),
  ('{"input_per_1m": "cheap"}', 'PT422 not_a_number input_per_1m'),
  ('{"input_per_1m": true}', 'PT422 not_a_number input_per_1m'),
  ('{"input_per_1m": {"usd": 1}}', 'PT422 not_a_number input_per_1m'),
  ('{"input_per_1m": "NaN"}', 'PT422 not_a_number input_per_1m'),
  ('{"input_per_1m": -1}', 'PT422 negative_quantity input'),
  ('{"per_image": 1000000}', 'PT422 quantity_out_of_range image'),
  ('[1]', 'PT422 invalid_argument')
) as r (pricing, refusal);
select is(
  tests.error_of($$update compat.llm_models set pricing = '{"input_per_1m": 1, "currency": "dollars"}'$$) #>> '{detail,currency}',
  'dollars', 'so is a currency that is none'
);
select results_eq(
  'select pricing from compat.llm_models', $$values ('{"input_per_1m": 1, "currency": "USD"}'::jsonb)$$,
  'and none of it was written'
);

select * from finish();
rollback;
