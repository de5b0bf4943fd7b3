begin;
set local search_path = tap, pg_catalog;
select plan(4);

-- The values of the seed row of system B, as seeds/010_registry.sql has them in the terms of schema ai.
insert into ai.providers (key, name) values ('replicate', 'Replicate');
insert into ai.models (
  key, name, provider_id, provider_model_key, version, modality, task, model_family, endpoint_path, output_format,
  priority, input_defaults, capabilities_detail
)
select
  'sdxl-1.0', 'SDXL 1.0', p.id,
  'stability-ai/sdxl:39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b', '1.0', 'image', 'generation',
  'SDXL', '/predictions', 'image/jpeg', 1, '{"prompt": "", "guidance_scale": 7.5}', '{"max_resolution": "1024x1024"}'
from ai.providers as p;
select tests.make_price('sdxl-1.0', 'image', 0.00230);

select results_eq(
  $$
  select
    model_key, version, display_name, modality, task, model_family, endpoint_path, input_defaults, capabilities,
    output_format, is_active, is_default, priority
  from compat.api_models
  $$,
  $$
  values (
    'stability-ai/sdxl:39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b', '1.0', 'SDXL 1.0', 'image',
    'generation', 'SDXL', '/predictions', '{"prompt": "", "guidance_scale": 7.5}'::jsonb,
    '{"max_resolution": "1024x1024"}'::jsonb, 'image/jpeg', true, false, 1
  )
  $$,
  'column for column'
);
select is(
  (select a.pricing from compat.api_models as a),
  '{"per_image": 0.0023, "currency": "USD", "billing_unit": "per_image"}', 'and its price'
);
select is(
  (select a.pricing ->> 'per_image' from compat.api_models as a), '0.0023', 'to the digit'
);
update ai.models set provider_model_key = null;
select is(
  (select a.model_key from compat.api_models as a), 'sdxl-1.0', 'a model without a name at its provider shows its key'
);

select * from finish();
rollback;
