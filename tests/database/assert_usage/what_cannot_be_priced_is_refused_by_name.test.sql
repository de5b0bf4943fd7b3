begin;
set local search_path = tap, pg_catalog;
select plan(32);

select tests.refused(format('select ratebook.assert_usage(%L)', u.usage), u.token, 'PT422', coalesce(u.usage, 'NULL'))
from (
  values
  (null, 'invalid_usage'),
  ('null', 'invalid_usage'),
  ('{}', 'invalid_usage'),
  ('[]', 'invalid_usage'),
  ('[{"input": 1}]', 'invalid_usage'),
  ('"input"', 'invalid_usage'),
  ('7', 'invalid_usage'),
  ('{"inputs": 1}', 'unknown_meter'),
  ('{"Input": 1}', 'unknown_meter'),
  ('{"": 1}', 'unknown_meter'),
  ('{"input": 1, "reasoning_tokens": 1}', 'unknown_meter'),
  ('{"input": "1"}', 'not_a_number'),
  ('{"input": "NaN"}', 'not_a_number'),
  ('{"input": "Infinity"}', 'not_a_number'),
  ('{"input": null}', 'not_a_number'),
  ('{"input": true}', 'not_a_number'),
  ('{"input": [1]}', 'not_a_number'),
  ('{"input": {"n": 1}}', 'not_a_number'),
  ('{"input": -1}', 'negative_quantity'),
  ('{"input": -1e-30}', 'negative_quantity'),
  ('{"input": -1e30}', 'negative_quantity'),
  ('{"input": 1e30}', 'quantity_out_of_range'),
  ('{"input": 1000000000000.1}', 'quantity_out_of_range'),
  ('{"input": 1e-13}', 'quantity_out_of_range')
) as u (usage, token);
select lives_ok(format('select ratebook.assert_usage(%L)', u.usage), u.usage)
from (
  values
  ('{"input": 1000, "output": 500}'), ('{"input": 0}'), ('{"input": -0}'), ('{"input": 1e12}'),
  ('{"video_second": 0.000000000001}'), ('{"video_second": 5.500000000000000}')
) as u (usage);
select is(
  tests.error_of($$select ratebook.assert_usage('{"input": 1, "outputs": 1}')$$) -> 'detail',
  '{"error": "unknown_meter", "meter": "outputs"}', 'the detail names the meter'
);
select is(
  tests.error_of(format('select ratebook.assert_usage(jsonb_build_object(%L, 1))', repeat('x', 5000))) -> 'detail',
  jsonb_build_object('error', 'unknown_meter', 'meter', repeat('x', 100)), 'but not all of a long one'
);

select * from finish();
rollback;
