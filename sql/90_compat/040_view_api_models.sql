create view compat.api_models with (security_invoker = true) as
select
  m.id,
  m.created_at,
  m.updated_at,
  ai.created_by(m) as created_by,
  m.provider_id,
  coalesce(m.provider_model_key, m.key) as model_key,
  m.version,
  m.name as display_name,
  m.modality,
  m.task,
  m.model_family,
  m.endpoint_path,
  m.input_defaults,
  m.capabilities_detail as capabilities,
  ratebook.api_pricing(m.id) as pricing,
  m.output_format,
  m.is_active,
  m.is_default,
  m.priority
from ai.models as m
where m.deleted_at is null and (m.is_active or (select ratebook.is_privileged()));

-- The triggers below get these where a caller leaves a column out, and NULL where one says NULL.
alter view compat.api_models alter column id set default gen_random_uuid();
alter view compat.api_models alter column created_at set default ratebook.clock();
alter view compat.api_models alter column updated_at set default ratebook.clock();
alter view compat.api_models alter column created_by set default ratebook.uid();
alter view compat.api_models alter column input_defaults set default '{}';
alter view compat.api_models alter column capabilities set default '{}';
alter view compat.api_models alter column pricing set default '{}';
alter view compat.api_models alter column is_active set default true;
alter view compat.api_models alter column is_default set default false;
alter view compat.api_models alter column priority set default 0;

comment on view compat.api_models is
'Models for the routing of jobs: ai.models as the table api_models had them, with the prices in force as JSON. Users read the active ones; admins and the service role write. Upsert: compat.upsert_api_model().';
comment on column compat.api_models.id is 'The model.';
comment on column compat.api_models.created_at is 'When the row was made.';
comment on column compat.api_models.updated_at is 'When the row last changed.';
comment on column compat.api_models.created_by is 'JWT subject who made the row, for admins and the service role, else NULL; NULL too where the service role or direct SQL did. Set by the database: any other value is refused.';
comment on column compat.api_models.provider_id is 'Who serves it.';
comment on column compat.api_models.model_key is 'The provider''s own identifier, unique per provider.';
comment on column compat.api_models.version is 'Version as the provider counts.';
comment on column compat.api_models.display_name is 'Name to show.';
comment on column compat.api_models.modality is 'What it works on: text, image, video, audio, …';
comment on column compat.api_models.task is 'What it does with it: generation, embedding, …';
comment on column compat.api_models.model_family is 'Family, such as SDXL.';
comment on column compat.api_models.endpoint_path is 'Path below the provider''s base endpoint.';
comment on column compat.api_models.input_defaults is 'Parameters to send unless the caller says otherwise.';
comment on column compat.api_models.capabilities is 'Capabilities with their details, free form.';
comment on column compat.api_models.pricing is
'Base prices in force: {"per_image": 0.0023, "currency": "USD", "billing_unit": "per_image"}. Keys: per_1m_<meter>_tokens for meters of tokens, per_1m_tokens, per_<meter> for all others. Writing it adds dated rows to ai.model_pricing, from now on; a price that is left out ends.';
comment on column compat.api_models.output_format is 'Media type of the output.';
comment on column compat.api_models.is_active is 'Whether it may be used for new work.';
comment on column compat.api_models.is_default is 'Whether it is the default of its modality and task; setting it clears the former default.';
comment on column compat.api_models.priority is 'Order of preference, lower first.';
