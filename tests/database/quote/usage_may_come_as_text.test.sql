begin;
set local search_path = tap, pg_catalog;
select plan(12);

-- A GET request has no JSON body: what it says of usage arrives as a JSON string.
select tests.make_model('m');
select tests.make_price('m', 'input', 0.001);
select tests.make_rate(1000);
select tests.make_policy(0);
select tests.as_anon();
select is(
  billing.calculate_credit_cost('m', to_jsonb('{"input": 10}'::text)), 10::numeric, 'the object as a string'
);
select tests.refused(
  format('select billing.quote(''m'', %L)', to_jsonb(u.usage)), u.token, 'PT422', 'text: ' || u.usage
)
from (
  values
  ('', 'invalid_usage'),
  ('input', 'invalid_usage'),
  ('{"input": 10', 'invalid_usage'),
  ('10', 'invalid_usage'),
  ('[]', 'invalid_usage'),
  ('"{}"', 'invalid_usage'),
  ('{"in\u0000put": 10}', 'invalid_usage'),
  ('{"input": 1e999999}', 'invalid_usage'),
  ('{"input": NaN}', 'invalid_usage'),
  ('{"input": "10"}', 'not_a_number'),
  ('{"input": 1e30}', 'quantity_out_of_range')
) as u (usage, token);

select * from finish();
rollback;
