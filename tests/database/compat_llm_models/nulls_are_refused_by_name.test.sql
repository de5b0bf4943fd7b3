begin;
set local search_path = tap, pg_catalog;
select plan(17);

select tests.make_model('a');
select tests.as_service();
create function pg_temp.column_of(p_statement text) returns text
language sql
return tests.error_of(p_statement) #>> '{detail,column}';

select is(
  pg_temp.column_of(format('update compat.llm_models set %I = null', c.name)), c.name, c.name || ' keeps a value'
)
from (
  values
  ('provider_id'), ('model_name'), ('supports_function_calling'), ('supports_vision'), ('supports_streaming'),
  ('supports_audio'), ('supports_system_prompt'), ('pricing'), ('rate_limits'), ('capabilities'), ('metadata'),
  ('status')
) as c (name);
select is(
  pg_temp.column_of($$update compat.llm_models set model_key = null$$), 'model_key', 'so does the key'
);
select is(
  pg_temp.column_of($$insert into compat.llm_models (model_key, model_name) values ('b', 'B')$$), 'provider_id',
  'a model needs a provider'
);
select is(
  pg_temp.column_of($$insert into compat.llm_models (provider_id, model_name) select provider_id, 'B' from compat.llm_models$$),
  'model_key', 'and a key'
);
select is(
  pg_temp.column_of($$insert into compat.llm_models (provider_id, model_key) select provider_id, 'b' from compat.llm_models$$),
  'model_name', 'and a name'
);
select lives_ok(
  $$
  update compat.llm_models
  set model_family = null, model_version = null, model_tier = null, context_window = null, max_output_tokens = null,
    release_date = null, deprecation_date = null, typical_latency_ms = null
  $$,
  'all else may be unknown'
);

select * from finish();
rollback;
