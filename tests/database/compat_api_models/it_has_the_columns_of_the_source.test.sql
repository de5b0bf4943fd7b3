begin;
set local search_path = tap, pg_catalog;
select plan(19);

select results_eq(
  $$select c.name, c.type, c.default_value from tests.columns as c where c.relation = 'compat.api_models'::regclass order by c.position$$,
  $$
  values
  ('id', 'uuid', 'gen_random_uuid()'),
  ('created_at', 'timestamp with time zone', 'ratebook.clock()'),
  ('updated_at', 'timestamp with time zone', 'ratebook.clock()'),
  ('created_by', 'uuid', 'ratebook.uid()'),
  ('provider_id', 'uuid', null),
  ('model_key', 'text', null),
  ('version', 'text', null),
  ('display_name', 'text', null),
  ('modality', 'text', null),
  ('task', 'text', null),
  ('model_family', 'text', null),
  ('endpoint_path', 'text', null),
  ('input_defaults', 'jsonb', '''{}''::jsonb'),
  ('capabilities', 'jsonb', '''{}''::jsonb'),
  ('pricing', 'jsonb', '''{}''::jsonb'),
  ('output_format', 'text', null),
  ('is_active', 'boolean', 'true'),
  ('is_default', 'boolean', 'false'),
  ('priority', 'integer', '0')
  $$,
  'names, types and defaults'
);

-- PostgreSQL calls every column of a view nullable, so what counts is what a write may leave empty.
select tests.make_provider('acme');
create temporary table given as
select jsonb_build_object(
  'provider_id', p.id, 'model_key', 'x', 'display_name', 'X', 'modality', 'image', 'task', 'upscale'
) as model
from ai.providers as p;
create function pg_temp.insert_with_null(p_column text) returns text language sql as $$
  select format(
    'insert into compat.api_models (%1$s) select %1$s from jsonb_populate_record(null::compat.api_models, %2$L)',
    string_agg(g.key, ', '), jsonb_object_agg(g.key, g.value)
  )
  from given, jsonb_each(given.model || jsonb_build_object(p_column, null)) as g
$$;
select tests.refused(
  pg_temp.insert_with_null(c.name),
  case c.name when 'provider_id' then 'unknown_provider' else 'invalid_argument' end, 'PT422', c.name || ' is NOT NULL'
)
from unnest(array[
  'id', 'created_at', 'updated_at', 'provider_id', 'model_key', 'display_name', 'modality', 'task', 'input_defaults',
  'capabilities', 'pricing', 'is_active', 'is_default', 'priority'
]) as c (name);
select lives_ok(
  (
    select format(
      'insert into compat.api_models (%1$s) select %1$s from jsonb_populate_record(null::compat.api_models, %2$L)',
      string_agg(g.key, ', '), jsonb_object_agg(g.key, g.value)
    )
    from given, jsonb_each(
      given.model
      || '{"created_by": null, "version": null, "model_family": null, "endpoint_path": null, "output_format": null}'
    ) as g
  ),
  'the other five are not'
);
select results_eq(
  $$
  select input_defaults, capabilities, pricing, is_active, is_default, priority
  from compat.api_models where model_key = 'x'
  $$,
  $$values ('{}'::jsonb, '{}'::jsonb, '{}'::jsonb, true, false, 0)$$,
  'what is left out gets its default'
);
select tests.refused(
  $$update compat.api_models set priority = null where model_key = 'x'$$, 'invalid_argument', 'PT422',
  'nor does an update set NULL'
);
select tests.violates(
  pg_temp.insert_with_null('version'), 'models_provider_id_provider_model_key_key', 'one provider has one model of a name'
);

select * from finish();
rollback;
