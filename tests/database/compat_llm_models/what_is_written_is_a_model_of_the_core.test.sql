begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.make_provider('acme'), tests.make_provider('other');
select tests.as_service();
insert into compat.llm_models (provider_id, model_key, model_name) select id, 'small', 'Small' from ai.providers where key = 'acme';
select results_eq(
  $$
  select key, provider_model_key, name, supports, modality, task, status::text, is_active, capabilities::text
  from ai.models
  $$,
  $$values ('small', 'small', 'Small', '{system_prompt}'::text [], 'text', 'generation', 'active', true, '{text_generation}')$$,
  'with the defaults of both'
);
insert into compat.llm_models (
  provider_id, model_key, model_name, model_family, model_version, model_tier, context_window, max_output_tokens,
  supports_function_calling, supports_vision, supports_streaming, supports_audio, supports_system_prompt, rate_limits,
  capabilities, metadata, status, release_date, deprecation_date, typical_latency_ms
)
select
  id, 'big', 'Big', 'F', '2', 'pro', 1000, 100, true, true, true, true, false, '{"rpm": 5}', '{"x": 1}', '{"y": 2}',
  'deprecated', '2025-01-02', '2026-03-04', 250
from ai.providers where key = 'acme';
select results_eq(
  $$
  select
    name, model_family, version, model_tier, context_window, max_tokens, supports, rate_limits, capabilities_detail,
    metadata, status::text, release_date, deprecation_date, typical_latency_ms
  from ai.models where key = 'big'
  $$,
  $$
  values (
    'Big', 'F', '2', 'pro', 1000, 100, '{audio,function_calling,streaming,vision}'::text [], '{"rpm": 5}'::jsonb,
    '{"x": 1}'::jsonb, '{"y": 2}'::jsonb, 'deprecated', '2025-01-02'::date, '2026-03-04'::date, 250
  )
  $$,
  'column by column'
);
select results_eq(
  $$
  select supports_function_calling, supports_vision, supports_streaming, supports_audio, supports_system_prompt
  from compat.llm_models order by model_key
  $$,
  $$values (true, true, true, true, false), (false, false, false, false, true)$$,
  'and back'
);
select results_eq(
  $$
  insert into compat.llm_models (id, provider_id, model_key, model_name, created_at)
  select tests.user_id('some id'), id, 'small', 'Another', '2020-01-01T00:00:00Z' from ai.providers where key = 'other'
  returning id, model_key::text, created_at
  $$,
  $$values (tests.user_id('some id'), 'small', '2020-01-01T00:00:00Z'::timestamptz)$$,
  'id and time of the source are kept'
);
select is(
  (select key from ai.models where id = tests.user_id('some id')), 'other/small',
  'a key that another provider''s model has gets the provider in front'
);
select tests.violates(
  $$insert into compat.llm_models (provider_id, model_key, model_name) select id, 'small', 'S' from ai.providers where key = 'acme'$$,
  'models_provider_id_provider_model_key_key', 'a provider has a key once'
);
select tests.violates(
  $$insert into compat.llm_models (provider_id, model_key, model_name) values (tests.user_id('nobody'), 'x', 'X')$$,
  'models_provider_id_fkey', 'a provider that is not there is refused'
);

-- What a write does not name stays: others may have changed it since.
select tests.reset_role();
update ai.models set supports = '{reasoning,vision,caching}', name = repeat('n', 255), provider_model_key = repeat('k', 101) where key = 'big';
select tests.as_service();
select results_eq(
  $$select model_key::text, length(model_name) from compat.llm_models where model_family = 'F'$$,
  $$values (null::text, 255)$$,
  'a key that does not fit is left out, a name fits whole'
);
update compat.llm_models set supports_vision = false, supports_audio = true where model_family = 'F';
select results_eq(
  $$select supports, name, provider_model_key from ai.models where key = 'big'$$,
  $$values ('{reasoning,caching,audio}'::text [], repeat('n', 255), repeat('k', 101))$$,
  'and a write of something else leaves both as they are'
);
select tests.violates(
  $$insert into compat.llm_models (provider_id, model_key, model_name) select id, repeat('k', 101), 'K' from ai.providers where key = 'acme'$$,
  'value too long for type character varying(100)', 'nor does one fit that is written'
);
select tests.refused(
  'update compat.llm_models set id = gen_random_uuid()', 'invalid_argument', 'PT422', 'an id never changes'
);
select tests.violates(
  $$update compat.llm_models set status = 'sleepy'$$, 'invalid input value for enum ai.model_status_enum: "sleepy"',
  'a status is one of the core''s'
);

select * from finish();
rollback;
