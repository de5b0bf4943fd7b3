begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.make_provider('acme');
select tests.authenticate_as(tests.make_admin('root'));
create function pg_temp.upsert(p_model jsonb) returns compat.api_models language sql as $$
  select * from compat.upsert_api_model(p_model || jsonb_build_object('provider_id', (select id from ai.providers)))
$$;
select results_eq(
  $$
  select u.model_key, u.is_active, u.priority, u.pricing
  from pg_temp.upsert('{"model_key": "x", "display_name": "X", "modality": "image", "task": "generation", "pricing": {"per_image": 1}}') as u
  $$,
  $$values ('x', true, 0, '{"per_image": 1, "currency": "USD", "billing_unit": "per_image"}'::jsonb)$$,
  'a new one, with the defaults'
);
select results_eq(
  $$select u.display_name, u.priority, u.pricing ->> 'per_image' from pg_temp.upsert('{"model_key": "x", "priority": 5}') as u$$,
  $$values ('X', 5, '1')$$,
  'the same again: what is given changes, the rest stays'
);
select results_eq(
  format(
    $$select u.model_key, u.priority from compat.upsert_api_model('{"id": "%s", "model_key": "y"}') as u$$,
    (select a.id from compat.api_models as a)
  ),
  $$values ('y', 5)$$,
  'by id it may get another key'
);
select is((select count(*) from ai.models), 1::bigint, 'it is one model');
select lives_ok(
  $$select pg_temp.upsert('{"id": "11111111-1111-4111-8111-111111111111", "model_key": "z", "display_name": "Z", "modality": "image", "task": "generation"}')$$,
  'an id that is not there yet is a new model'
);
select results_eq(
  $$select a.model_key, a.created_by from compat.api_models as a where a.id = '11111111-1111-4111-8111-111111111111'$$,
  format($$values ('z', %L::uuid)$$, tests.user_id('root')), 'with that id, by the caller'
);
select tests.refused(v.statement, v.token, 'PT422', v.statement)
from (
  values
  ($$select pg_temp.upsert('{"model_key": "x", "colour": "red"}')$$, 'invalid_argument'),
  ($$select pg_temp.upsert('{"model_key": "new"}')$$, 'invalid_argument'),
  ($$select compat.upsert_api_model('{"model_key": "new", "display_name": "N", "modality": "image", "task": "generation"}')$$, 'unknown_provider'),
  ($$select compat.upsert_api_model('[]')$$, 'invalid_argument'),
  ($$select compat.upsert_api_model(null)$$, 'invalid_argument'),
  ($$select compat.upsert_api_model('{}')$$, 'invalid_argument')
) as v (statement, token);

select * from finish();
rollback;
