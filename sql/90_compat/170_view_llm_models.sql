create view compat.llm_models with (security_invoker = true) as
select
  m.id,
  m.provider_id,
  -- A key that is too long for the column is left out: cut, it would name another model.
  case
    when length(coalesce(m.provider_model_key, m.key)) <= 100
      then coalesce(m.provider_model_key, m.key)::varchar(100)
    else null::varchar(100)
  end as model_key,
  m.name::varchar(255) as model_name,
  m.model_family::varchar(100) as model_family,
  -- Likewise.
  case when length(m.version) <= 50 then m.version::varchar(50) else null::varchar(50) end as model_version,
  m.model_tier::varchar(50) as model_tier,
  m.context_window,
  m.max_tokens as max_output_tokens,
  'function_calling' = any(m.supports) as supports_function_calling,
  'vision' = any(m.supports) as supports_vision,
  'streaming' = any(m.supports) as supports_streaming,
  'audio' = any(m.supports) as supports_audio,
  'system_prompt' = any(m.supports) as supports_system_prompt,
  ratebook.visible_pricing(m.id) as pricing,
  m.rate_limits,
  m.capabilities_detail as capabilities,
  m.metadata,
  -- The source has no is_active: what is switched off must not read as active.
  (case
    when m.status in ('preview', 'active') and not m.is_active and m.deleted_at is null then 'inactive'
    else m.status::text
  end)::varchar(50) as status,
  m.release_date,
  m.deprecation_date,
  m.typical_latency_ms,
  m.created_at,
  m.updated_at,
  m.deleted_at
from ai.models as m
where m.modality = 'text';

alter view compat.llm_models alter column id set default gen_random_uuid();
alter view compat.llm_models alter column supports_function_calling set default false;
alter view compat.llm_models alter column supports_vision set default false;
alter view compat.llm_models alter column supports_streaming set default false;
alter view compat.llm_models alter column supports_audio set default false;
alter view compat.llm_models alter column supports_system_prompt set default true;
alter view compat.llm_models alter column pricing set default '{}';
alter view compat.llm_models alter column rate_limits set default '{}';
alter view compat.llm_models alter column capabilities set default '{}';
alter view compat.llm_models alter column metadata set default '{}';
alter view compat.llm_models alter column status set default 'active';
alter view compat.llm_models alter column created_at set default ratebook.clock();
alter view compat.llm_models alter column updated_at set default ratebook.clock();

comment on view compat.llm_models is
'The text models of ai.models for callers of llm_models. The public does not see hidden and deleted ones; the service role sees all and writes. On conflict: compat.upsert_llm_model().';
comment on column compat.llm_models.id is 'The model.';
comment on column compat.llm_models.provider_id is 'Who serves it.';
comment on column compat.llm_models.model_key is 'The provider''s own identifier, else ai.models.key; NULL where it is longer than 100 characters.';
comment on column compat.llm_models.model_name is 'Name to show, its first 255 characters.';
comment on column compat.llm_models.model_family is 'Family, its first 100 characters.';
comment on column compat.llm_models.model_version is 'Version as the provider counts; NULL where it is longer than 50 characters.';
comment on column compat.llm_models.model_tier is 'The provider''s own tier name, its first 50 characters.';
comment on column compat.llm_models.context_window is 'Maximum input and output together, in tokens.';
comment on column compat.llm_models.max_output_tokens is 'Maximum output, in tokens.';
comment on column compat.llm_models.supports_function_calling is 'Whether it calls functions.';
comment on column compat.llm_models.supports_vision is 'Whether it reads pictures.';
comment on column compat.llm_models.supports_streaming is 'Whether it streams its answer.';
comment on column compat.llm_models.supports_audio is 'Whether it works with sound.';
comment on column compat.llm_models.supports_system_prompt is 'Whether it takes a system prompt.';
comment on column compat.llm_models.pricing is 'Base prices in force that the reader may see: input_per_1m, output_per_1m, cache_read_per_1m, per_image, …, and their currency. A written object replaces the prices from now on, as dated rows of ai.model_pricing; a key that means no meter is refused.';
comment on column compat.llm_models.rate_limits is 'The provider''s limits.';
comment on column compat.llm_models.capabilities is 'Capabilities with their details, free form.';
comment on column compat.llm_models.metadata is 'Anything else.';
comment on column compat.llm_models.status is 'preview, active, deprecated or retired; inactive: switched off here.';
comment on column compat.llm_models.release_date is 'When the provider released it.';
comment on column compat.llm_models.deprecation_date is 'When the provider stops or stopped it.';
comment on column compat.llm_models.typical_latency_ms is 'Typical latency in milliseconds.';
comment on column compat.llm_models.created_at is 'When the row was made.';
comment on column compat.llm_models.updated_at is 'When the row last changed; the database''s to say.';
comment on column compat.llm_models.deleted_at is 'When it was deleted; setting it deletes, NULL brings back.';
