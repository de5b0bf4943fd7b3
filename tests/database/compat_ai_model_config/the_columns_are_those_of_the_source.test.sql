begin;
set local search_path = tap, pg_catalog;
select plan(1);

-- Nullability is not among them: PostgreSQL reports every column of a view as nullable. What the source's NOT NULL
-- refused is tested in what_is_no_config_is_refused_by_name. Costs are text: the source serialises decimals as strings.
select results_eq(
  $$
  select name, type, default_value from tests.columns where relation = 'compat.ai_model_config'::regclass order by position
  $$,
  $$
  values
  ('model_name', 'text', null),
  ('display_name', 'text', null),
  ('model_type', 'text', null),
  ('provider', 'text', null),
  ('input_cost_per_1m', 'text', null),
  ('output_cost_per_1m', 'text', null),
  ('cost_per_image', 'text', null),
  ('context_window', 'integer', null),
  ('max_output_tokens', 'integer', null),
  ('valid_sizes', 'text[]', '''{}''::text[]'),
  ('supports_json_mode', 'boolean', 'false'),
  ('supports_vision', 'boolean', 'false'),
  ('supports_function_calling', 'boolean', 'false'),
  ('is_active', 'boolean', 'true'),
  ('is_default', 'boolean', 'false'),
  ('sort_order', 'integer', '0'),
  ('created_at', 'timestamp with time zone', null),
  ('updated_at', 'timestamp with time zone', null),
  ('updated_by', 'uuid', null),
  ('pricing_display', 'text', null),
  ('description', 'text', null)
  $$,
  'those of the source, and description, which its search looks at'
);

select * from finish();
rollback;
