create table ai.models (
  id uuid not null default gen_random_uuid(),
  key text not null,
  name text not null,
  provider_id uuid not null,
  provider ai.provider_enum not null,
  provider_model_key text,
  version text,
  provider_url text,
  description text,
  capabilities ai.ai_capability_enum[] not null default '{}',
  supports text[] not null default '{}',
  modality text not null default 'text',
  task text not null default 'generation',
  model_family text,
  model_tier text,
  pricing_tier ai.model_tier_enum,
  temperature numeric,
  max_tokens integer,
  context_window integer,
  valid_sizes text[] not null default '{}',
  endpoint_path text,
  input_defaults jsonb not null default '{}',
  output_format text,
  rate_limits jsonb not null default '{}',
  capabilities_detail jsonb not null default '{}',
  metadata jsonb not null default '{}',
  typical_latency_ms integer,
  price_source text not null default 'manual',
  price_currency text not null default 'USD',
  price_source_since timestamptz,
  is_public boolean not null default true,
  is_active boolean not null default true,
  is_default boolean not null default false,
  priority integer not null default 0,
  status ai.model_status_enum not null default 'active',
  release_date date,
  deprecation_date date,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  deleted_at timestamptz,
  successor_id uuid,
  succeeded_at timestamptz,
  search tsvector not null generated always as (
    to_tsvector('simple'::regconfig, name || ' ' || coalesce(description, ''))
  ) stored,
  constraint models_pkey primary key (id),
  constraint models_key_key unique (key),
  constraint models_provider_id_provider_model_key_key unique (provider_id, provider_model_key),
  constraint models_provider_id_fkey foreign key (provider_id) references ai.providers (id) on delete restrict,
  constraint models_successor_id_fkey foreign key (successor_id) references ai.models (id) on delete restrict,
  -- Deferred: the trigger that clears the former default runs after the row that replaces it.
  constraint one_default_per_modality_and_task exclude using btree (modality with =, task with =)
  where (is_default and deleted_at is null) deferrable initially deferred,
  constraint key_is_a_name check (key ~ '^\S(.{0,253}\S)?$' and key !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-'),
  constraint name_is_not_blank check (ratebook.is_name(name)),
  constraint modality_is_not_blank check (ratebook.is_name(modality)),
  constraint task_is_not_blank check (ratebook.is_name(task)),
  constraint temperature_is_finite check (temperature >= 0 and ratebook.is_amount(temperature)),
  constraint other_names_are_not_endless check (
    char_length(version) <= 255 and char_length(provider_model_key) <= 255 and char_length(model_family) <= 255
    and char_length(model_tier) <= 255 and char_length(output_format) <= 255
  ),
  constraint price_source_is_a_name check (ratebook.is_name(price_source)),
  constraint texts_are_not_endless check (
    ratebook.is_text(description) and ratebook.is_text(provider_url) and ratebook.is_text(endpoint_path)
  ),
  constraint dates_are_in_range check (ratebook.is_date(release_date) and ratebook.is_date(deprecation_date)),
  constraint max_tokens_is_positive check (max_tokens > 0),
  constraint context_window_is_positive check (context_window > 0),
  constraint typical_latency_ms_is_not_negative check (typical_latency_ms >= 0),
  constraint price_currency_is_an_iso_code check (price_currency ~ '^[A-Z]{3}$'),
  constraint a_default_is_active check (not is_default or (is_active and deleted_at is null)),
  constraint a_deleted_model_is_inactive check (deleted_at is null or not is_active),
  constraint a_model_does_not_succeed_itself check (successor_id <> id),
  constraint a_successor_comes_at_a_time check ((successor_id is null) = (succeeded_at is null))
);

create index models_active_priority_idx on ai.models (priority) where is_active and deleted_at is null;
create index models_modality_task_idx on ai.models (modality, task);
create index models_default_idx on ai.models (modality, task) where is_default;
create index models_successor_id_idx on ai.models (successor_id);
-- Few; what names a model asks for them: ratebook.hidden_models().
create index models_hidden_idx on ai.models (id) where not (is_public and deleted_at is null);
create index models_search_idx on ai.models using gin (search);

comment on table ai.models is
'The model registry. DELETE marks the row as deleted; setting is_default clears the former default of the same modality and task. Read it with select=*,provider:providers(*); admins see who made and changed a row with select=*,created_by,updated_by.';
comment on column ai.models.id is 'The model.';
comment on column ai.models.key is 'Machine key, such as claude-3-7-sonnet. ai.find_model() also knows aliases.';
comment on column ai.models.name is 'Name to show.';
comment on column ai.models.provider_id is 'Who serves it.';
comment on column ai.models.provider is 'Deprecated: the provider''s key where ai.provider_enum has it, else other. Follows provider_id; a row written with this alone is resolved by key.';
comment on column ai.models.provider_model_key is 'The provider''s own identifier, unique per provider; imports match on it.';
comment on column ai.models.version is 'Version as the provider counts.';
comment on column ai.models.provider_url is 'The provider''s page about the model or its prices.';
comment on column ai.models.description is 'What it is good for.';
comment on column ai.models.capabilities is 'What it makes.';
comment on column ai.models.supports is 'Features, such as vision, function_calling, streaming, audio, system_prompt, json_mode, reasoning, caching.';
comment on column ai.models.modality is 'What it works on: text, image, video, audio, …';
comment on column ai.models.task is 'What it does with it: generation, embedding, …';
comment on column ai.models.model_family is 'Family, such as SDXL.';
comment on column ai.models.model_tier is 'The provider''s own tier name. Not the plan: that is pricing_tier.';
comment on column ai.models.pricing_tier is 'The plan a user needs; NULL: no restriction.';
comment on column ai.models.temperature is 'Default sampling temperature.';
comment on column ai.models.max_tokens is 'Maximum output, in tokens.';
comment on column ai.models.context_window is 'Maximum input and output together, in tokens.';
comment on column ai.models.valid_sizes is 'Image sizes it accepts, such as 1024x1024; empty: not checked.';
comment on column ai.models.endpoint_path is 'Path below the provider''s base endpoint.';
comment on column ai.models.input_defaults is 'Parameters to send unless the caller says otherwise.';
comment on column ai.models.output_format is 'Media type of the output.';
comment on column ai.models.rate_limits is 'The provider''s limits.';
comment on column ai.models.capabilities_detail is 'Capabilities with their details, free form.';
comment on column ai.models.metadata is 'Anything else.';
comment on column ai.models.typical_latency_ms is 'Typical latency in milliseconds.';
comment on column ai.models.price_source is 'Which source''s rows of ai.model_pricing apply from now on: what is asked as of an earlier time keeps the source of then. Rows of different sources never mix.';
comment on column ai.models.price_currency is 'Which currency''s rows of ai.model_pricing apply from now on, as an ISO 4217 code. Currencies never mix in one quote.';
comment on column ai.models.price_source_since is 'Since when both apply, NULL: always. Written by the database; ai.model_price_sources has what applied before.';
comment on column ai.models.is_public is 'False hides the model from all but admins and the service role.';
comment on column ai.models.is_active is 'Whether it may be used for new work.';
comment on column ai.models.is_default is 'Whether it is the default of its modality and task.';
comment on column ai.models.priority is 'Order of preference, lower first: the seeds count from 1 within a modality and task, models that an import adds get 1000.';
comment on column ai.models.status is 'The life of the model at its provider.';
comment on column ai.models.release_date is 'When the provider released it.';
comment on column ai.models.deprecation_date is 'When the provider stops or stopped it.';
comment on column ai.models.created_at is 'When the row was made.';
comment on column ai.models.updated_at is 'When the row last changed.';
comment on column ai.models.deleted_at is 'When it was deleted; NULL for the living. A deleted model is hidden but still prices the past.';
comment on column ai.models.successor_id is 'The model that its names lead to; see ai.retire_model(). Its id goes on meaning itself.';
comment on column ai.models.succeeded_at is 'From when on they do: what is asked as of an earlier time still means this model.';
comment on column ai.models.search is 'Name and description as a text search vector: search=plfts(simple).fast';
