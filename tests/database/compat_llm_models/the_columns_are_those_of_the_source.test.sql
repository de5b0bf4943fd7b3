begin;
set local search_path = tap, pg_catalog;
select plan(1);

-- Nullability is not among them: PostgreSQL reports every column of a view as nullable. What the source's NOT NULL
-- refused is tested in nulls_are_refused_by_name.
select results_eq(
  $$
  select name, type, default_value from tests.columns where relation = 'compat.llm_models'::regclass order by position
  $$,
  $$
  values
  ('id', 'uuid', 'gen_random_uuid()'),
  ('provider_id', 'uuid', null),
  ('model_key', 'character varying(100)', null),
  ('model_name', 'character varying(255)', null),
  ('model_family', 'character varying(100)', null),
  ('model_version', 'character varying(50)', null),
  ('model_tier', 'character varying(50)', null),
  ('context_window', 'integer', null),
  ('max_output_tokens', 'integer', null),
  ('supports_function_calling', 'boolean', 'false'),
  ('supports_vision', 'boolean', 'false'),
  ('supports_streaming', 'boolean', 'false'),
  ('supports_audio', 'boolean', 'false'),
  ('supports_system_prompt', 'boolean', 'true'),
  ('pricing', 'jsonb', '''{}''::jsonb'),
  ('rate_limits', 'jsonb', '''{}''::jsonb'),
  ('capabilities', 'jsonb', '''{}''::jsonb'),
  ('metadata', 'jsonb', '''{}''::jsonb'),
  ('status', 'character varying(50)', '''active''::character varying'),
  ('release_date', 'date', null),
  ('deprecation_date', 'date', null),
  ('typical_latency_ms', 'integer', null),
  ('created_at', 'timestamp with time zone', 'ratebook.clock()'),
  ('updated_at', 'timestamp with time zone', 'ratebook.clock()'),
  ('deleted_at', 'timestamp with time zone', null)
  $$,
  '25, by name, type and default'
);

select * from finish();
rollback;
