begin;
set local search_path = tap, pg_catalog;
select plan(15);

select tests.make_provider('acme');
select tests.as_service();
create function pg_temp.row_of(p_more jsonb) returns jsonb
language sql
return jsonb_build_object('provider_id', (select id from ai.providers), 'model_key', 'a') || p_more;

select results_eq(
  $$
  select model_name::text, supports_system_prompt, pricing
  from compat.upsert_llm_model(pg_temp.row_of('{"model_name": "A", "model_tier": "pro", "pricing": {"input_per_1m": 1}}'))
  $$,
  $$values ('A', true, '{"input_per_1m": 1, "currency": "USD"}'::jsonb)$$,
  'it inserts, with the defaults'
);
select results_eq(
  $$select model_name::text, model_tier::text, pricing from compat.upsert_llm_model(pg_temp.row_of('{"model_name": "B"}'))$$,
  $$values ('B', 'pro', '{"input_per_1m": 1, "currency": "USD"}'::jsonb)$$,
  'it updates, and leaves what it does not name'
);
select is((select count(*) from compat.llm_models), 1::bigint, 'the one row');
select tests.refused(
  $$select compat.upsert_llm_model(pg_temp.row_of('{"colour": "red"}'))$$, 'invalid_argument', 'PT422',
  'an unknown column is refused'
);
select is(
  tests.error_of($$select compat.upsert_llm_model(pg_temp.row_of('{"colour": "red"}'))$$) #>> '{detail,column}',
  'colour', 'by name'
);
select is(
  tests.error_of($$select compat.upsert_llm_model('{"model_key": "c", "model_name": "C"}')$$) #>> '{detail,column}',
  'provider_id', 'so is a missing provider'
);
select tests.refused(format('select compat.upsert_llm_model(%L)', v.row), 'invalid_argument', 'PT422', v.row || ' is no row')
from (values ('{}'), ('[]')) as v (row);
select is(
  tests.error_of(
    format('select compat.upsert_llm_model(pg_temp.row_of(%L))', jsonb_build_object(v.name, repeat('x', v.length + 1)))
  ) ->> 'message',
  format('"%s" is longer than %s characters.', v.name, v.length), 'too long is refused by name'
)
from (
  values
  ('model_key', 100), ('model_name', 255), ('model_family', 100), ('model_version', 50), ('model_tier', 50)
) as v (name, length);
select throws_ok(
  $$insert into compat.llm_models (provider_id, model_key, model_name) select provider_id, model_key, 'C' from compat.llm_models on conflict (provider_id, model_key) do nothing$$,
  '42P10', null, 'on conflict cannot see through the view: that is why there is a function'
);
select tests.as_anon();
select tests.forbidden(
  $$select compat.upsert_llm_model('{}')$$, 'permission denied for function upsert_llm_model', 'for the service role'
);

select * from finish();
rollback;
