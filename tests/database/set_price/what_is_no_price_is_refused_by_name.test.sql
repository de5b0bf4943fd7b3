begin;
set local search_path = tap, pg_catalog;
select plan(16);

select tests.make_model('m');
select tests.refused(
  format(
    'select ratebook.set_price(%s, %s)', coalesce(v.model, $$tests.model_id('m')$$), v.arguments
  ),
  v.token, case v.token when 'unknown_model' then 'PT404' else 'PT422' end, v.arguments
)
from (
  values
  ('gen_random_uuid()', $$'input', 1, 'USD', '2025-01-01Z'$$, 'unknown_model'),
  ('null', $$'input', 1, 'USD', '2025-01-01Z'$$, 'unknown_model'),
  (null, $$'inputs', 1, 'USD', '2025-01-01Z'$$, 'unknown_meter'),
  (null, $$null, 1, 'USD', '2025-01-01Z'$$, 'unknown_meter'),
  (null, $$'input', 'NaN', 'USD', '2025-01-01Z'$$, 'not_a_number'),
  (null, $$'input', 'Infinity', 'USD', '2025-01-01Z'$$, 'not_a_number'),
  (null, $$'input', -0.1, 'USD', '2025-01-01Z'$$, 'negative_quantity'),
  (null, $$'input', 1000000, 'USD', '2025-01-01Z'$$, 'quantity_out_of_range'),
  (null, $$'input', 1, 'usd', '2025-01-01Z'$$, 'invalid_argument'),
  (null, $$'input', 1, null, '2025-01-01Z'$$, 'invalid_argument'),
  (null, $$'input', 1, 'USD', 'infinity'$$, 'invalid_time'),
  (null, $$'input', 1, 'USD', null$$, 'invalid_time'),
  (null, $$'input', 1, 'USD', '2025-01-01Z', 'slow'$$, 'unknown_service_tier'),
  (null, $$'input', 1, 'USD', '2025-01-01Z', null$$, 'unknown_service_tier')
) as v (model, arguments, token);
select is_empty('select id from ai.model_pricing', 'nothing was written');
select isnt(
  ratebook.set_price(tests.model_id('m'), 'input', 999999.999999, 'USD', '2025-01-01Z'), null, 'what is a price is accepted'
);

select * from finish();
rollback;
