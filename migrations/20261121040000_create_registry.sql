-- Ratebook's registry (module core). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- from sql/40_registry/010_schema_ai.sql

select ratebook.take_schema(
  'ai',
  'The registry and the rate book: providers, models, prices, features, routes, and the generation log.'
);

-- from sql/40_registry/020_types.sql

create type ai.provider_enum as enum (
  'openai', 'anthropic', 'google', 'meta', 'midjourney', 'stability', 'mistral', 'other'
);
create type ai.ai_capability_enum as enum (
  'text_generation', 'image_generation', 'video_generation', 'audio_generation'
);
create type ai.model_tier_enum as enum ('free', 'paid', 'enterprise');
create type ai.unit_type_enum as enum (
  'tokens', 'image', 'video_second', 'audio_second', 'second', 'character', 'pixel', 'page', 'request', 'gigabyte_day'
);
create type ai.provider_contract_enum as enum (
  'openai_chat', 'openai_responses', 'anthropic_messages', 'gemini_generate', 'bedrock_converse', 'replicate'
);
create type ai.auth_scheme_enum as enum ('bearer', 'header', 'query', 'none');
create type ai.model_status_enum as enum ('preview', 'active', 'deprecated', 'retired');
create type ai.tier_mode_enum as enum ('whole_request', 'marginal');
create type ai.generation_status_enum as enum ('pending', 'completed', 'failed', 'cancelled');

-- Outside tools of the first schema cast to this name; nothing in Ratebook uses it.
-- A project that has it keeps it.
do $$
begin
  if to_regtype('public.pricing_tier_enum') is not null then
    insert into ratebook.found (kind, name) values ('type', 'public.pricing_tier_enum');
  else
    create type public.pricing_tier_enum as enum ('free', 'paid', 'enterprise');
    comment on type public.pricing_tier_enum is 'Deprecated: same values as ai.model_tier_enum, kept for outside tools.';
  end if;
end;
$$;

comment on type ai.provider_enum is 'Deprecated: well-known providers by key. Providers are rows of ai.providers; all others read as other.';
comment on type ai.ai_capability_enum is 'What a model makes.';
comment on type ai.model_tier_enum is 'The plan that a model asks for.';
comment on type ai.unit_type_enum is 'What one unit of a price is.';
comment on type ai.provider_contract_enum is 'The wire protocol that a provider speaks. Closed: code depends on it.';
comment on type ai.auth_scheme_enum is 'How a request carries the credential: Authorization: Bearer, a header of the provider''s own, a query parameter, or not at all.';
comment on type ai.model_status_enum is 'The life of a model at its provider.';
comment on type ai.tier_mode_enum is 'What crossing a context threshold does: reprice the whole request, or only the part beyond.';
comment on type ai.generation_status_enum is 'How far a generation got.';

-- from sql/40_registry/025_function_refuse_secrets.sql

-- What is refused by a CHECK alone comes back with its whole row, in the answer and in the server's log: so a trigger looks
-- first, and repeats nothing. The CHECK stays behind it.

create function ratebook.is_address(p_address text) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(
  -- A name and password before the host; a key among the parameters; a key pasted in its place.
  p_address !~ '^([A-Za-z][A-Za-z0-9+.-]*:)?[/\\]*[^/\\?#]*@'
  and p_address !~* '[?&#;]([a-z0-9_.-]*[_.-])?(key|apikey|token|secret|password|passwd|pwd|auth|authorization|sig|signature)='
  and p_address !~* '^\s*(bearer\s|((sk|pk|rk|gsk|xai|aiza|akia|hf|r8|ghp|glpat|eyj)[-_]|aiza|akia|eyj)[^\s.:/]*$)',
  true
);

create function ratebook.refuse_secret_address() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if not ratebook.is_address(to_jsonb(new) ->> tg_argv[0]) then
    perform ratebook.fail(
      'invalid_argument', format('"%s" is an address that holds what looks like a secret.', tg_argv[0]),
      'Leave name, password and keys out of it: ai.provider_connections names the secret.',
      jsonb_build_object('column', tg_argv[0])
    );
  end if;
  return new;
end;
$$;

revoke all on function ratebook.is_address(text) from public;
revoke all on function ratebook.refuse_secret_address() from public;
grant execute on function ratebook.is_address(text) to authenticated, service_role;

comment on function ratebook.is_address(text) is
'Whether a text, as the address of a service, holds nothing that looks like a secret.';
comment on function ratebook.refuse_secret_address() is
'Row trigger: refuses an address that holds a secret, without repeating it. Argument: the column. Error: invalid_argument (PT422).';

-- from sql/40_registry/030_table_providers.sql

create table ai.providers (
  id uuid not null default gen_random_uuid(),
  key text not null,
  name text not null,
  api_url text,
  is_active boolean not null default true,
  contract ai.provider_contract_enum,
  auth_scheme ai.auth_scheme_enum not null default 'bearer',
  modality text not null default 'chat',
  is_canonical boolean not null default false,
  canonical_revision integer,
  canonical_equivalent_id uuid,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint providers_pkey primary key (id),
  constraint providers_key_key unique (key),
  constraint providers_canonical_equivalent_id_fkey foreign key (canonical_equivalent_id)
  references ai.providers (id) on delete set null,
  constraint key_is_a_machine_key check (key ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
  constraint name_is_not_blank check (ratebook.is_name(name)),
  constraint api_url_holds_no_secret check (ratebook.is_address(api_url)),
  constraint a_provider_is_not_its_own_equivalent check (canonical_equivalent_id <> id)
);

create index providers_canonical_equivalent_id_idx on ai.providers (canonical_equivalent_id);

create trigger providers_require_privileged before insert or update or delete on ai.providers
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger providers_refuse_secrets before insert or update of api_url on ai.providers
for each row execute function ratebook.refuse_secret_address('api_url');
create trigger providers_stamp before update on ai.providers
for each row execute function ratebook.stamp();

select ratebook.keep_history('ai.providers');

comment on table ai.providers is 'Companies and services that serve models.';
comment on column ai.providers.id is 'The provider.';
comment on column ai.providers.key is 'Machine key, such as anthropic: lower case letters, digits, dot, dash, underscore.';
comment on column ai.providers.name is 'Name to show.';
comment on column ai.providers.api_url is 'Base endpoint. Everybody reads it: a name, password or key in it is refused.';
comment on column ai.providers.is_active is 'Whether models of the provider may be used.';
comment on column ai.providers.contract is 'The wire protocol it speaks; NULL when none of the known ones.';
comment on column ai.providers.auth_scheme is 'How a request carries the credential. Public; the credential is not here.';
comment on column ai.providers.modality is 'What it mainly serves, such as chat or image.';
comment on column ai.providers.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column ai.providers.canonical_revision is 'Revision of the catalogue''s row.';
comment on column ai.providers.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column ai.providers.created_at is 'When the row was made.';
comment on column ai.providers.updated_at is 'When the row last changed.';

-- from sql/40_registry/040_table_provider_connections.sql

-- The union's variants are its shapes below: a new one is one more branch, and no row is rewritten.
create function ratebook.is_connection_auth(p_auth jsonb) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(
  case p_auth ->> 'type'
    when 'api_key'
      then
        p_auth - 'type' - 'credential' = '{}'
        and jsonb_typeof(p_auth -> 'credential') = 'string'
        -- A reference is a short lower-case name. Keys are long, or mix cases, or start as keys start.
        and p_auth ->> 'credential' ~ '^[a-z][a-z0-9_.-]{0,62}$'
        and p_auth ->> 'credential' !~ '^(sk|pk|rk|gsk|xai|aiza|akia|hf|r8|ghp|glpat|eyj)[-_]'
        and p_auth ->> 'credential' !~ '[a-z0-9]{24,}|[0-9a-f]{16,}|^[0-9a-f]{8}-[0-9a-f]{4}-'
    when 'platform' then p_auth = '{"type": "platform"}'
    when 'none' then p_auth = '{"type": "none"}'
  end,
  false
);

revoke all on function ratebook.is_connection_auth(jsonb) from public;
grant execute on function ratebook.is_connection_auth(jsonb) to authenticated, service_role;

comment on function ratebook.is_connection_auth(jsonb) is
'Whether a value is one of the shapes of ai.provider_connections.auth.';

create function ratebook.refuse_secret_auth() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if not ratebook.is_connection_auth(new.auth) then
    perform ratebook.fail(
      'invalid_argument', '"auth" is none of the known shapes, or holds what looks like a secret.',
      'Valid: {"type":"api_key","credential":"name of a secret"}, {"type":"platform"}, {"type":"none"}.', '{"column": "auth"}'
    );
  end if;
  return new;
end;
$$;

revoke all on function ratebook.refuse_secret_auth() from public;

comment on function ratebook.refuse_secret_auth() is
'Row trigger: refuses an auth that is none of the shapes, without repeating what may be a secret. Error: invalid_argument (PT422).';

create table ai.provider_connections (
  id uuid not null default gen_random_uuid(),
  name text not null,
  provider_id uuid not null,
  auth jsonb not null default '{"type": "none"}',
  base_url text,
  is_active boolean not null default true,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint provider_connections_pkey primary key (id),
  constraint provider_connections_name_key unique (name),
  constraint provider_connections_provider_id_fkey foreign key (provider_id)
  references ai.providers (id) on delete restrict,
  constraint auth_is_a_known_shape_without_a_secret check (ratebook.is_connection_auth(auth)),
  constraint base_url_holds_no_secret check (ratebook.is_address(base_url))
);

create index provider_connections_provider_id_idx on ai.provider_connections (provider_id);

create trigger provider_connections_require_privileged before insert or update or delete on ai.provider_connections
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger provider_connections_refuse_secret_auth before insert or update of auth on ai.provider_connections
for each row execute function ratebook.refuse_secret_auth();
create trigger provider_connections_refuse_secrets before insert or update of base_url on ai.provider_connections
for each row execute function ratebook.refuse_secret_address('base_url');
create trigger provider_connections_stamp before update on ai.provider_connections
for each row execute function ratebook.stamp();

select ratebook.keep_history('ai.provider_connections');

comment on table ai.provider_connections is
'Named pairs of a provider and a way to authenticate. For admins and the service role.';
comment on column ai.provider_connections.id is 'The connection.';
comment on column ai.provider_connections.name is 'Its name, unique.';
comment on column ai.provider_connections.provider_id is 'The provider.';
comment on column ai.provider_connections.auth is
'Tagged union: {"type":"api_key","credential":"name of a secret"}, {"type":"platform"} or {"type":"none"}. credential is a name in a secret store (Supabase Vault), never the secret: what looks like a key is refused and not repeated.';
comment on column ai.provider_connections.base_url is 'Endpoint to use instead of the provider''s; without a name, password or key in it.';
comment on column ai.provider_connections.is_active is 'Whether it may be used.';
comment on column ai.provider_connections.created_at is 'When the row was made.';
comment on column ai.provider_connections.updated_at is 'When the row last changed.';

-- from sql/40_registry/050_table_model_profiles.sql

create table ai.model_profiles (
  id uuid not null default gen_random_uuid(),
  name text not null,
  provider_id uuid not null,
  model text not null,
  system_prompt text,
  temperature numeric,
  max_tokens integer,
  is_canonical boolean not null default false,
  canonical_revision integer,
  canonical_equivalent_id uuid,
  disabled boolean not null default false,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint model_profiles_pkey primary key (id),
  constraint model_profiles_name_key unique (name),
  constraint model_profiles_provider_id_fkey foreign key (provider_id)
  references ai.providers (id) on delete restrict,
  constraint model_profiles_canonical_equivalent_id_fkey foreign key (canonical_equivalent_id)
  references ai.model_profiles (id) on delete set null,
  constraint name_is_not_blank check (ratebook.is_name(name)),
  constraint model_is_not_blank check (ratebook.is_name(model)),
  constraint temperature_is_finite check (temperature >= 0 and ratebook.is_amount(temperature)),
  constraint max_tokens_is_positive check (max_tokens > 0),
  constraint a_profile_is_not_its_own_equivalent check (canonical_equivalent_id <> id)
);

create index model_profiles_provider_id_idx on ai.model_profiles (provider_id);
create index model_profiles_canonical_equivalent_id_idx on ai.model_profiles (canonical_equivalent_id);

create trigger model_profiles_require_privileged before insert or update or delete on ai.model_profiles
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger model_profiles_stamp before update on ai.model_profiles
for each row execute function ratebook.stamp();

select ratebook.keep_history('ai.model_profiles');

comment on table ai.model_profiles is
'Named ways to call a model: provider, model, instructions and parameters. For admins and the service role.';
comment on column ai.model_profiles.id is 'The profile.';
comment on column ai.model_profiles.name is 'Its name, unique.';
comment on column ai.model_profiles.provider_id is 'The provider to call.';
comment on column ai.model_profiles.model is 'The model as the provider calls it. Free text: a profile may name a model that is not registered.';
comment on column ai.model_profiles.system_prompt is 'Instructions to send before the request.';
comment on column ai.model_profiles.temperature is 'Sampling temperature; NULL: the model''s own.';
comment on column ai.model_profiles.max_tokens is 'Maximum output in tokens; NULL: the model''s own.';
comment on column ai.model_profiles.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column ai.model_profiles.canonical_revision is 'Revision of the catalogue''s row.';
comment on column ai.model_profiles.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column ai.model_profiles.disabled is 'Whether it may not be used.';
comment on column ai.model_profiles.created_at is 'When the row was made.';
comment on column ai.model_profiles.updated_at is 'When the row last changed.';

-- from sql/40_registry/060_table_models.sql

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

-- from sql/40_registry/065_function_hidden_models.sql

create function ratebook.hidden_models() returns setof uuid
language plpgsql stable security definer rows 10
set search_path = pg_catalog, pg_temp
as $$
-- Definer: policies ask it for callers who may not see these models.
begin
  return query select m.id from ai.models as m where not (m.is_public and m.deleted_at is null);
end;
$$;

revoke all on function ratebook.hidden_models() from public;
grant execute on function ratebook.hidden_models() to anon, authenticated, service_role;

comment on function ratebook.hidden_models() is
'The models that ai_models_read_all hides from all but admins and the service role. For policies of what names a model: as a set that is read once it costs a page of prices next to nothing, where a look at each row''s model doubled it.';

-- from sql/40_registry/070_triggers_models.sql

create function ratebook.resolve_model_provider() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_by_enum boolean := new.provider is not null and case tg_op
    when 'INSERT' then new.provider_id is null
    else new.provider is distinct from old.provider and new.provider_id is not distinct from old.provider_id
  end;
  v_key text;
begin
  select p.key into v_key from ai.providers as p where p.id = new.provider_id;
  if v_key is not null and new.provider = ratebook.provider_enum_of(v_key) then
    return new;
  end if;
  if v_by_enum then
    select p.id into new.provider_id
    from ai.providers as p
    where p.key = new.provider::text and new.provider <> 'other';
    if not found then
      perform ratebook.fail(
        'unknown_provider', format('Provider "%s" names no row of ai.providers.', new.provider),
        'Set provider_id; other alone says nothing.', jsonb_build_object('provider', new.provider)
      );
    end if;
    return new;
  end if;
  if new.provider_id is null then
    perform ratebook.fail('unknown_provider', 'A model needs a provider.', 'Set provider_id.');
  end if;
  new.provider := ratebook.provider_enum_of(v_key);
  return new;
end;
$$;

create function ratebook.provider_enum_of(p_key text) returns ai.provider_enum
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(
  (
    select e from unnest(enum_range(null::ai.provider_enum)) as e
    where e::text = p_key
  ), 'other'
);

create function ratebook.follow_provider_key() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: keeps models in step whoever renames the provider.
begin
  update ai.models as m
  set provider = ratebook.provider_enum_of(new.key)
  where m.provider_id = new.id and m.provider <> ratebook.provider_enum_of(new.key);
  return null;
end;
$$;

create function ratebook.lock_defaults() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
-- The lock comes before any row lock or index entry, so two admins wait for each other and never deadlock.
begin
  perform pg_advisory_xact_lock(hashtextextended('ratebook.defaults', 0));
  return new;
end;
$$;

create function ratebook.clear_former_default() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: clears rows of the same modality and task whoever sets the new default.
begin
  update ai.models as m
  set is_default = false
  where
    m.modality = new.modality
    and m.task = new.task
    and m.is_default
    and m.id <> new.id
    -- Of two defaults in one statement the first to get here stands.
    and exists (select from ai.models as n where n.id = new.id and n.is_default);
  return null;
end;
$$;

create function ratebook.refuse_inactive_default() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if tg_op = 'UPDATE' and old.is_default and old.is_active then
    perform ratebook.fail(
      'default_model',
      format('Model "%s" is the default of %s and %s, and a default stays active.', new.key, new.modality, new.task),
      'Make another one the default first, or set is_default to false as well.', jsonb_build_object('model', new.key)
    );
  end if;
  perform ratebook.fail(
    'inactive_model', format('Model "%s" is inactive and cannot be a default.', new.key), 'Activate it first.',
    jsonb_build_object('model', new.key)
  );
  return null;
end;
$$;

create function ratebook.refuse_hidden_successor() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: both rows count whoever sees them.
declare
  v_shown boolean := new.is_public and new.deleted_at is null;
  v_successor ai.models;
  v_key text;
begin
  -- A model that is shown shows the id of its successor. The lock makes whoever hides that one wait, and ask below.
  if v_shown and new.successor_id is not null then
    select m.* into v_successor from ai.models as m where m.id = new.successor_id for share;
    if not v_successor.is_public then
      perform ratebook.fail(
        'invalid_argument', format('Model "%s" is hidden and cannot succeed one that is not.', v_successor.key),
        'Its id would become known. Make it public first.', jsonb_build_object('model', v_successor.key)
      );
    end if;
  end if;
  if not new.is_public then
    select m.key into v_key
    from ai.models as m
    where m.successor_id = new.id and m.is_public and m.deleted_at is null
    limit 1;
    if found then
      perform ratebook.fail(
        'invalid_argument', format('Model "%s" succeeds "%s" and cannot be hidden.', new.key, v_key),
        'Its id is known there. Hide that one first, or give it another successor.',
        jsonb_build_object('model', v_key)
      );
    end if;
  end if;
  return null;
end;
$$;

create function ratebook.soft_delete_model() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: policies have let the caller delete the row; deleting is an update here.
begin
  update ai.models as m
  set deleted_at = ratebook.clock(), is_active = false, is_default = false
  where m.id = old.id and m.deleted_at is null;
  return null;
end;
$$;

revoke all on function ratebook.resolve_model_provider() from public;
revoke all on function ratebook.provider_enum_of(text) from public;
revoke all on function ratebook.follow_provider_key() from public;
revoke all on function ratebook.lock_defaults() from public;
revoke all on function ratebook.clear_former_default() from public;
revoke all on function ratebook.refuse_inactive_default() from public;
revoke all on function ratebook.refuse_hidden_successor() from public;
revoke all on function ratebook.soft_delete_model() from public;

comment on function ratebook.resolve_model_provider() is
'Row trigger: provider_id wins and provider follows it; a row with provider alone is resolved by the provider''s key. Error: unknown_provider (PT422).';
comment on function ratebook.provider_enum_of(text) is 'The value of ai.provider_enum for a provider key; other for keys it does not have.';
comment on function ratebook.follow_provider_key() is 'Row trigger: a provider that gets another key takes the deprecated column of its models along.';
comment on function ratebook.lock_defaults() is 'Trigger before a default is written: one writer of defaults at a time, without deadlock.';
comment on function ratebook.clear_former_default() is 'Row trigger: a new default ends the former one of the same modality and task.';
comment on function ratebook.refuse_inactive_default() is
'Row trigger before a default is written that is not active, whichever way: the check a_default_is_active would answer the whole row. Errors: default_model, inactive_model (PT409).';
comment on function ratebook.refuse_hidden_successor() is
'Row trigger: no model that is shown has a successor with is_public false, whichever of the two is written. Error: invalid_argument (PT422).';
comment on function ratebook.soft_delete_model() is 'Row trigger before delete: marks the model as deleted and keeps the row.';

create trigger models_require_privileged before insert or update or delete on ai.models
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger models_resolve_provider before insert or update of provider, provider_id on ai.models
for each row execute function ratebook.resolve_model_provider();
create trigger models_lock_default_insert before insert on ai.models
for each row when (new.is_default) execute function ratebook.lock_defaults();
create trigger models_lock_defaults before update of is_default, modality, task or delete on ai.models
for each statement execute function ratebook.lock_defaults();
create trigger models_clear_former_default_insert after insert on ai.models
for each row when (new.is_default) execute function ratebook.clear_former_default();
create trigger models_clear_former_default_update after update of is_default, modality, task on ai.models
for each row when (new.is_default) execute function ratebook.clear_former_default();
create trigger models_refuse_inactive_default before insert or update on ai.models
for each row when (new.is_default and not new.is_active) execute function ratebook.refuse_inactive_default();
create trigger models_refuse_hidden_successor_insert after insert on ai.models
for each row when (new.successor_id is not null) execute function ratebook.refuse_hidden_successor();
create trigger models_refuse_hidden_successor after update of is_public, deleted_at, successor_id on ai.models
for each row when (
  old.is_public is distinct from new.is_public
  or old.deleted_at is distinct from new.deleted_at
  or old.successor_id is distinct from new.successor_id
) execute function ratebook.refuse_hidden_successor();
create trigger models_soft_delete before delete on ai.models
for each row execute function ratebook.soft_delete_model();
create trigger models_refuse_truncate before truncate on ai.models
for each statement execute function ratebook.refuse_change('Delete models one by one; they stay for the past.');
create trigger models_stamp before update on ai.models
for each row execute function ratebook.stamp();
create trigger providers_follow_key after update of key on ai.providers
for each row when (new.key <> old.key) execute function ratebook.follow_provider_key();

alter table ai.models enable always trigger models_refuse_truncate;

select ratebook.keep_history('ai.models');

-- from sql/40_registry/075_functions_authors.sql

-- A row that is not the one in the table is what a statement under way returns: whoever asks is writing it.

create function ai.created_by(ai.models) returns uuid
language sql stable
set search_path = pg_catalog, pg_temp
return case
  when
    exists (
      select from ai.models as m
      where m.id = ($1).id
    )
    then ratebook.author('ai.models', jsonb_build_object('id', ($1).id), true)
  when ratebook.is_privileged() then ratebook.uid()
end;

create function ai.updated_by(ai.models) returns uuid
language sql stable
set search_path = pg_catalog, pg_temp
return case
  when
    exists (
      select from ai.models as m
      where (m.id, m.updated_at) = (($1).id, ($1).updated_at)
    )
    then ratebook.author('ai.models', jsonb_build_object('id', ($1).id), false)
  when ratebook.is_privileged() then ratebook.uid()
end;

revoke all on function ai.created_by(ai.models) from public;
revoke all on function ai.updated_by(ai.models) from public;
grant execute on function ai.created_by(ai.models) to anon, authenticated, service_role;
grant execute on function ai.updated_by(ai.models) to anon, authenticated, service_role;

comment on function ai.created_by(ai.models) is
'Computed field: the JWT subject who made the row, for admins and the service role, else NULL; NULL too where the service role or direct SQL did. No column, so that nobody writes it: ai.models?select=*,created_by. In what a write returns, PostgREST takes it beside other names, not beside *.';
comment on function ai.updated_by(ai.models) is
'Computed field: the JWT subject who changed the row last, under the same conditions: ai.models?select=*,updated_by.';

-- from sql/40_registry/080_table_model_aliases.sql

create table ai.model_aliases (
  alias text not null,
  model_id uuid not null,
  source text not null default 'manual',
  created_at timestamptz not null default ratebook.clock(),
  constraint model_aliases_pkey primary key (alias, model_id),
  constraint model_aliases_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint alias_is_a_name check (alias ~ '^\S(.{0,253}\S)?$')
);

create index model_aliases_model_id_idx on ai.model_aliases (model_id);

create trigger model_aliases_require_privileged before insert or update or delete on ai.model_aliases
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();

select ratebook.keep_history('ai.model_aliases');

comment on table ai.model_aliases is
'Other names of models: openai/gpt-4o, dated snapshots, a catalogue''s own name. A name may belong to several models; asking for it is then an error that lists them.';
comment on column ai.model_aliases.alias is 'The other name.';
comment on column ai.model_aliases.model_id is 'The model it means.';
comment on column ai.model_aliases.source is 'Who says so: manual, or a catalogue.';
comment on column ai.model_aliases.created_at is 'When the row was made.';

-- from sql/40_registry/090_function_find_model.sql

create function ratebook.successors(p_model_id uuid) returns table (model_id uuid, since timestamptz)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_line uuid[] := array[p_model_id];
  v_next ai.models;
begin
  model_id := p_model_id;
  since := '-infinity';
  loop
    return next;
    select m.* into v_next from ai.models as m where m.id = model_id;
    -- Who is in the line already closes a circle, which only a direct UPDATE can make.
    exit when v_next.successor_id is null or v_next.successor_id = any(v_line);
    model_id := v_next.successor_id;
    since := greatest(since, v_next.succeeded_at);
    v_line := v_line || model_id;
  end loop;
end;
$$;

create function ratebook.heir(p_model_id uuid, p_at timestamptz) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select s.model_id
    from ratebook.successors(p_model_id) with ordinality as s
    where s.since <= p_at
    order by s.ordinality desc
    limit 1
  );
end;
$$;

create function ratebook.model_ids(
  p_model text, p_all boolean, p_at timestamptz default null
) returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_at timestamptz := coalesce(p_at, ratebook.clock());
  v_ids uuid [];
  v_lead_on boolean;
begin
  -- An id means its own row. A name leads on to the successor, from the time of the succession.
  select array_agg(m.id), bool_or(m.key = p_model and m.succeeded_at <= v_at) into v_ids, v_lead_on
  from ai.models as m
  where
    (m.key = p_model or m.id = case when p_model ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then p_model::uuid end)
    and (
      p_all
      or (m.is_public and (m.deleted_at is null or (m.key = p_model and m.succeeded_at <= v_at)))
    );
  if v_ids is null then
    select array_agg(m.id), bool_or(m.succeeded_at <= v_at) into v_ids, v_lead_on
    from ai.model_aliases as a
    inner join ai.models as m on m.id = a.model_id
    where
      a.alias = p_model
      and (p_all or (m.is_public and (m.deleted_at is null or m.succeeded_at <= v_at)));
  end if;
  if v_lead_on then
    select array_agg(m.id) into v_ids
    from ai.models as m
    where
      m.id in (select ratebook.heir(named.id, v_at) from unnest(v_ids) as named (id))
      and (p_all or (m.is_public and m.deleted_at is null));
  end if;
  return v_ids;
end;
$$;

create function ratebook.model_id(
  p_model text, p_all boolean, p_at timestamptz default null
) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid [] := ratebook.model_ids(p_model, p_all, p_at);
begin
  if v_ids is null then
    perform ratebook.fail(
      'unknown_model', format('There is no model called "%s".', left(coalesce(p_model, ''), 100)),
      'Ask ai.models for the keys, or ai.model_aliases for other names.',
      jsonb_build_object('model', left(p_model, 100))
    );
  elsif cardinality(v_ids) > 1 then
    perform ratebook.fail(
      'ambiguous_model', format('"%s" may mean any of %s models.', p_model, cardinality(v_ids)),
      'Use one of the candidates'' keys.',
      jsonb_build_object(
        'model', p_model,
        'candidates', (select jsonb_agg(m.key order by m.key) from ai.models as m where m.id = any(v_ids))
      )
    );
  end if;
  return v_ids[1];
end;
$$;

create function ratebook.visible_model_id(p_model text, p_at timestamptz default null) returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: answers the same for a hidden model as for one that is not there, without a policy's help.
begin
  return ratebook.model_id(p_model, ratebook.is_privileged(), p_at);
end;
$$;

create function ai.find_model(model text) returns setof ai.models
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ai.models as m
  where m.id = ratebook.visible_model_id(model);
end;

revoke all on function ratebook.successors(uuid) from public;
revoke all on function ratebook.heir(uuid, timestamptz) from public;
revoke all on function ratebook.model_ids(text, boolean, timestamptz) from public;
revoke all on function ratebook.model_id(text, boolean, timestamptz) from public;
revoke all on function ratebook.visible_model_id(text, timestamptz) from public;
revoke all on function ai.find_model(text) from public;
grant execute on function ratebook.visible_model_id(text, timestamptz) to anon, authenticated, service_role;
grant execute on function ai.find_model(text) to anon, authenticated, service_role;

comment on function ratebook.successors(uuid) is
'A model and those that stand in for it, one after the other, each with the time since when it does.';
comment on function ratebook.heir(uuid, timestamptz) is
'Who stands in for a model at a time: its successor, or that one''s, and so on; the model itself where it has none.';
comment on function ratebook.model_ids(text, boolean, timestamptz) is
'The models that a name may mean at a time (NULL: now), to those who see all or to the public: by id or key, else by alias; a name of a model that has been succeeded by then means its heir. As of -infinity a name means its own row. NULL if none.';
comment on function ratebook.model_id(text, boolean, timestamptz) is
'The one of ratebook.model_ids(). Errors: unknown_model (PT404), ambiguous_model (PT409, DETAIL lists the candidates).';
comment on function ratebook.visible_model_id(text, timestamptz) is
'The model that a name means to the caller. Errors: those of ratebook.model_id().';
comment on function ai.find_model(text) is
'The model with an id, key or alias. model: any of these. The names of a retired model lead to its successor, its id to itself. A hidden model answers like an unknown one. Errors: unknown_model (PT404), ambiguous_model (PT409, DETAIL lists the candidates).';

-- from sql/40_registry/100_table_features.sql

create table ai.features (
  key text not null,
  id uuid not null default gen_random_uuid(),
  description text,
  is_active boolean not null default true,
  constraint features_pkey primary key (key),
  constraint features_id_key unique (id),
  constraint key_is_a_machine_key check (key ~ '^[a-z0-9][a-z0-9_.:-]{0,99}$')
);

create trigger features_require_privileged before insert or update or delete on ai.features
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();

select ratebook.keep_history('ai.features');

comment on table ai.features is 'What the application does with models; routes and margins are set per feature.';
comment on column ai.features.key is 'The feature, as callers name it. It may be renamed: routes follow, logs keep the old name.';
comment on column ai.features.id is 'What insert-only rows point to, so that a rename changes no history.';
comment on column ai.features.description is 'What it is.';
comment on column ai.features.is_active is 'Whether it may be used.';

-- from sql/40_registry/105_function_feature_id.sql

create function ratebook.feature_id(p_feature text) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid;
begin
  select f.id into v_id from ai.features as f where f.key = p_feature;
  if not found then
    perform ratebook.fail('unknown_feature', format('There is no feature called "%s".', left(p_feature, 100)),
      'Ask ai.features for the keys.', jsonb_build_object('feature', left(p_feature, 100)));
  end if;
  return v_id;
end;
$$;

revoke all on function ratebook.feature_id(text) from public;

comment on function ratebook.feature_id(text) is 'The feature of this key. Error: unknown_feature (PT404).';

-- from sql/40_registry/110_table_feature_model_policies.sql

create table ai.feature_model_policies (
  id uuid not null default gen_random_uuid(),
  feature_key text not null,
  model_id uuid not null,
  priority integer not null default 0,
  weight numeric not null default 1,
  is_active boolean not null default true,
  created_at timestamptz not null default ratebook.clock(),
  constraint feature_model_policies_pkey primary key (id),
  constraint feature_model_policies_feature_key_model_id_key unique (feature_key, model_id),
  constraint feature_model_policies_feature_key_fkey foreign key (feature_key)
  references ai.features (key) on update cascade on delete restrict,
  constraint feature_model_policies_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint weight_is_finite_and_not_negative check (weight >= 0 and ratebook.is_amount(weight))
);

create index feature_model_policies_model_id_idx on ai.feature_model_policies (model_id);

create trigger feature_model_policies_require_privileged before insert or update or delete on ai.feature_model_policies
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();

select ratebook.keep_history('ai.feature_model_policies');

comment on table ai.feature_model_policies is 'Routes: which models serve a feature, in which order. ai.route_feature() reads them.';
comment on column ai.feature_model_policies.id is 'The route.';
comment on column ai.feature_model_policies.feature_key is 'The feature.';
comment on column ai.feature_model_policies.model_id is 'The model.';
comment on column ai.feature_model_policies.priority is 'Order of choice, lower first.';
comment on column ai.feature_model_policies.weight is 'Share of the subjects among routes of equal priority, relative to the others'' weights; 0 receives nothing. See ai.route_feature().';
comment on column ai.feature_model_policies.is_active is 'Whether the route is open.';
comment on column ai.feature_model_policies.created_at is 'When the row was made.';

-- from sql/40_registry/120_view_resources.sql

-- One's own, by the policies of media.objects, and what admins and the service role see beside their own; for others that
-- is asked nothing. The condition on whose they are stands outside, or no page of one's own would come from an index: the
-- planner makes no order of what a policy alone says of a part of a union. Nobody is zeros.
create view ai.resources with (security_invoker = true) as
select
  r.id,
  r.lenser_id,
  r.bucket,
  r.path,
  r.mime_type,
  r.byte_size,
  r.created_at
from (
  select
    o.id,
    o.lenser_id,
    o.bucket,
    o.path,
    o.mime_type,
    o.byte_size,
    o.created_at,
    o.lenser_id as whose
  from media.objects as o
  union all
  select
    o.id,
    o.lenser_id,
    o.bucket,
    o.path,
    o.mime_type,
    o.byte_size,
    o.created_at,
    (select coalesce(ratebook.uid(), '00000000-0000-0000-0000-000000000000')) as whose
  from ratebook.all_objects as o
  where o.lenser_id <> (select coalesce(ratebook.uid(), '00000000-0000-0000-0000-000000000000'))
) as r
where r.whose = (select coalesce(ratebook.uid(), '00000000-0000-0000-0000-000000000000'));

create trigger resources_refuse_write instead of insert or update or delete on ai.resources
for each row execute function ratebook.refuse_write('Write to media.objects.');

comment on view ai.resources is 'Deprecated: media.objects under its former name, for readers of old.';
comment on column ai.resources.id is 'The object.';
comment on column ai.resources.lenser_id is 'The owner.';
comment on column ai.resources.bucket is 'Storage bucket.';
comment on column ai.resources.path is 'Path inside the bucket.';
comment on column ai.resources.mime_type is 'Media type.';
comment on column ai.resources.byte_size is 'Size in bytes.';
comment on column ai.resources.created_at is 'When the row was made.';

-- from sql/40_registry/130_function_ratebook_version.sql

create function ratebook.version() returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. To look at every object is too much work for what anybody may ask.
begin
  if ratebook.is_privileged() and exists (select from ratebook.differences()) then
    return '0.1.0+changed';
  end if;
  return '0.1.0';
end;
$$;

create function ai.ratebook_version() returns text
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.version();

revoke all on function ratebook.version() from public;
revoke all on function ai.ratebook_version() from public;
grant execute on function ratebook.version() to anon, authenticated, service_role;
grant execute on function ai.ratebook_version() to anon, authenticated, service_role;

comment on function ratebook.version() is 'The rule behind ai.ratebook_version().';
comment on function ai.ratebook_version() is
'The version of Ratebook''s schema, and to admins, the service role and the owner with +changed where the database is not what its migrations made: ai.self_check() says what differs.';

-- from sql/40_registry/140_function_set_models_active.sql

-- Admins change the row that a name names, not the one that it leads to.
create function ratebook.model_to_change(p_model text) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := ratebook.model_id(p_model, true, '-infinity');
begin
  if exists (select from ai.models as m where m.id = v_id and m.deleted_at is not null) then
    perform ratebook.fail(
      'deleted_model', format('Model "%s" was deleted.', left(p_model, 100)), 'Set deleted_at to NULL to bring it back.',
      jsonb_build_object('model', left(p_model, 100))
    );
  end if;
  return v_id;
end;
$$;

create function ratebook.set_models_active(p_models text[], p_active boolean) returns setof ai.models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_ids uuid[];
begin
  perform ratebook.assert_privileged();
  if p_models is null then
    perform ratebook.fail('invalid_argument', 'No models are named.', 'Give an array of keys, ids or aliases.');
  end if;
  v_ids := array(select ratebook.model_to_change(named.model) from unnest(p_models) as named (model));
  update ai.models as m
  set
    is_active = p_active,
    status = case when p_active and m.status = 'retired' then 'active' else m.status end,
    successor_id = case when not p_active then m.successor_id end,
    succeeded_at = case when not p_active then m.succeeded_at end
  where m.id = any(v_ids) and (m.is_active <> p_active or (p_active and m.status = 'retired'));
  return query select m.* from ai.models as m where m.id = any(v_ids) order by m.key;
end;
$$;

create function ai.activate_models(models text[]) returns setof ai.models
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.set_models_active(models, true) as m;
end;

create function ai.deactivate_models(models text[]) returns setof ai.models
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.set_models_active(models, false) as m;
end;

revoke all on function ratebook.model_to_change(text) from public;
revoke all on function ratebook.set_models_active(text[], boolean) from public;
revoke all on function ai.activate_models(text[]) from public;
revoke all on function ai.deactivate_models(text[]) from public;
grant execute on function ratebook.set_models_active(text[], boolean) to authenticated, service_role;
grant execute on function ai.activate_models(text[]) to authenticated, service_role;
grant execute on function ai.deactivate_models(text[]) to authenticated, service_role;

comment on function ratebook.model_to_change(text) is
'The row that an admin names by id, key or alias, a retired one too. Errors: those of ratebook.model_id(), deleted_model (PT409).';
comment on function ratebook.set_models_active(text[], boolean) is
'The rule behind ai.activate_models() and ai.deactivate_models().';
comment on function ai.activate_models(text[]) is
'For admins and the service role. Opens models (ids, keys or aliases) for new work, all or none; a retired one is active again and its names are its own. Returns the models. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model (PT409), invalid_argument (PT422).';
comment on function ai.deactivate_models(text[]) is
'For admins and the service role. Closes models (ids, keys or aliases) to new work, all or none; a default stays active, so set another first. Returns the models. Errors: those of ai.activate_models(), default_model (PT409).';

-- from sql/40_registry/150_function_set_default_model.sql

create function ratebook.set_default_model(p_model text) returns setof ai.models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_id uuid;
begin
  perform ratebook.assert_privileged();
  v_id := ratebook.model_to_change(p_model);
  return query
  update ai.models as m set is_default = true where m.id = v_id and m.is_active returning m.*;
  if not found then
    perform ratebook.refuse_inactive_model(v_id, 'a default');
  end if;
end;
$$;

create function ratebook.refuse_inactive_model(p_model_id uuid, p_purpose text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key text := (select m.key from ai.models as m where m.id = p_model_id);
begin
  perform ratebook.fail(
    'inactive_model', format('Model "%s" is inactive and cannot be %s.', v_key, p_purpose),
    'Activate it first: ai.activate_models().', jsonb_build_object('model', v_key)
  );
end;
$$;

create function ai.set_default_model(model text) returns setof ai.models
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.set_default_model(model) as m;
end;

revoke all on function ratebook.set_default_model(text) from public;
revoke all on function ratebook.refuse_inactive_model(uuid, text) from public;
revoke all on function ai.set_default_model(text) from public;
grant execute on function ratebook.set_default_model(text) to authenticated, service_role;
grant execute on function ai.set_default_model(text) to authenticated, service_role;

comment on function ratebook.set_default_model(text) is 'The rule behind ai.set_default_model().';
comment on function ratebook.refuse_inactive_model(uuid, text) is
'Says that a model is inactive and what it cannot be. Error: inactive_model (PT409).';
comment on function ai.set_default_model(text) is
'For admins and the service role. Makes a model (id, key or alias) the default of its modality and task, in the place of the former one; of two admins at once the later stands. Returns the model. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model, inactive_model (PT409).';

-- from sql/40_registry/160_function_retire_model.sql

create function ratebook.hand_over(p_from uuid, p_to uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Where both serve a feature one route stands: the open one, of two the heir's own.
  delete from ai.feature_model_policies as r
  using ai.feature_model_policies as o
  where r.model_id = p_to and not r.is_active and o.model_id = p_from and o.is_active and o.feature_key = r.feature_key;
  delete from ai.feature_model_policies as r
  using ai.feature_model_policies as o
  where r.model_id = p_from and o.model_id = p_to and o.feature_key = r.feature_key;
  update ai.feature_model_policies as r set model_id = p_to where r.model_id = p_from;

  update ai.models as m
  set is_default = true
  from ai.models as f
  where
    m.id = p_to and m.is_active and f.id = p_from and f.is_default
    and (m.modality, m.task) = (f.modality, f.task);
end;
$$;

create function ratebook.assert_successor(p_model_id uuid, p_successor_id uuid) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_model_id = ratebook.heir(p_successor_id, 'infinity') then
    perform ratebook.fail('invalid_argument', 'A model cannot succeed itself.');
  end if;
end;
$$;

create function ratebook.retire_model(p_model text, p_successor text, p_reroute boolean) returns setof ai.models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_id uuid;
  v_successor ai.models;
begin
  perform ratebook.assert_privileged();
  -- The lock of ratebook.lock_defaults(), before anything is looked at: two retirements never cross.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.defaults', 0));
  v_id := ratebook.model_to_change(p_model);
  if p_successor is not null then
    select m.* into v_successor
    from ai.models as m
    where m.id = ratebook.model_to_change(p_successor)
    for share;
    perform ratebook.assert_successor(v_id, v_successor.id);
    if not v_successor.is_active then
      perform ratebook.refuse_inactive_model(v_successor.id, 'a successor');
    end if;
  end if;
  if coalesce(p_reroute, p_successor is not null) then
    if v_successor.id is null then
      perform ratebook.fail('invalid_argument', 'Routes need a successor to go to.', 'Name one, or leave reroute out.');
    end if;
    perform ratebook.hand_over(v_id, v_successor.id);
  end if;
  return query
  update ai.models as m
  set
    status = 'retired',
    is_active = false,
    is_default = false,
    successor_id = coalesce(v_successor.id, m.successor_id),
    succeeded_at = case
      when v_successor.id <> coalesce(m.successor_id, m.id) then ratebook.clock() else m.succeeded_at
    end
  where m.id = v_id
  returning m.*;
end;
$$;

create function ai.retire_model(
  model text, successor text default null, reroute boolean default null
) returns setof ai.models
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.retire_model(model, successor, reroute) as m;
end;

revoke all on function ratebook.hand_over(uuid, uuid) from public;
revoke all on function ratebook.assert_successor(uuid, uuid) from public;
revoke all on function ratebook.retire_model(text, text, boolean) from public;
revoke all on function ai.retire_model(text, text, boolean) from public;
grant execute on function ratebook.retire_model(text, text, boolean) to authenticated, service_role;
grant execute on function ai.retire_model(text, text, boolean) to authenticated, service_role;

comment on function ratebook.hand_over(uuid, uuid) is
'Moves the routes of a model to another, and its place as the default where that one is active and of the same modality and task.';
comment on function ratebook.assert_successor(uuid, uuid) is
'Refuses a successor whose own heir the model would be. Error: invalid_argument (PT422).';
comment on function ratebook.retire_model(text, text, boolean) is 'The rule behind ai.retire_model().';
comment on function ai.retire_model(text, text, boolean) is
'For admins and the service role. Takes a model (id, key or alias) out of service: retired, inactive, no default. With a successor, its key and aliases lead there from now on; what is asked as of an earlier time, and its id, still mean the retired model, so the past is priced as it was; budgets that name it count what is spent on the successor since. reroute: whether its routes, and its place as the default, move to the successor; they do unless told. ai.activate_models() takes it back. Returns the retired model. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model, inactive_model (PT409), invalid_argument (PT422).';

-- from sql/40_registry/170_function_merge_models.sql

create function ratebook.merge_models(p_duplicate text, p_into text) returns setof ai.models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_duplicate uuid;
  v_into uuid;
begin
  perform ratebook.assert_privileged();
  -- As in ratebook.retire_model().
  perform pg_advisory_xact_lock(hashtextextended('ratebook.defaults', 0));
  v_duplicate := ratebook.model_to_change(p_duplicate);
  v_into := ratebook.model_to_change(p_into);
  perform ratebook.assert_successor(v_duplicate, v_into);

  perform ratebook.hand_over(v_duplicate, v_into);
  insert into ai.model_aliases (alias, model_id, source)
  select a.alias, v_into, a.source from ai.model_aliases as a where a.model_id = v_duplicate
  union all
  select m.key, v_into, 'manual' from ai.models as m where m.id = v_duplicate
  on conflict do nothing;
  delete from ai.model_aliases as a where a.model_id = v_duplicate;
  update ai.models as m
  set
    deleted_at = ratebook.clock(),
    is_active = false,
    is_default = false,
    successor_id = v_into,
    succeeded_at = ratebook.clock()
  where m.id = v_duplicate;
  return query select m.* from ai.models as m where m.id = v_into;
end;
$$;

create function ai.merge_models(duplicate text, "into" text) returns setof ai.models
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.merge_models(duplicate, "into") as m;
end;

revoke all on function ratebook.merge_models(text, text) from public;
revoke all on function ai.merge_models(text, text) from public;
grant execute on function ratebook.merge_models(text, text) to authenticated, service_role;
grant execute on function ai.merge_models(text, text) to authenticated, service_role;

comment on function ratebook.merge_models(text, text) is 'The rule behind ai.merge_models().';
comment on function ai.merge_models(text, text) is
'For admins and the service role. Makes one model of two rows (ids, keys or aliases): aliases, routes and the place as the default move, the key of the duplicate becomes an alias, and the duplicate is marked as deleted. Its prices, margins and generations stay with it, so its past is priced as it was; budgets that name it count what is spent on the one that stays, since then. Returns the model that stays. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model (PT409), invalid_argument (PT422).';

-- from sql/40_registry/180_function_pre_request.sql

create function ratebook.refuse_estimates() returns void
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_headers jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
begin
  if v_headers ->> 'prefer' ~* 'count\s*=\s*"?(planned|estimated)' then
    perform ratebook.fail(
      'estimated_count', 'Counts are not estimated here: an estimate tells of rows that the caller may not see.',
      'Ask for count=exact.'
    );
  elsif v_headers ->> 'accept' ~* 'vnd\.pgrst\.plan' then
    perform ratebook.fail(
      'query_plan', 'Plans are not shown here: a plan tells of rows that the caller may not see.',
      'Ask PostgreSQL for it, with EXPLAIN.'
    );
  end if;
end;
$$;

-- What visitors may be answered from a cache: the catalogue, its prices, and what a request costs. All of it is under the
-- audit history, so that tells whether it may have changed; prices that start by themselves do so at the full five minutes.
create function ratebook.tell_caches() returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook, and does not see the audit history.
declare
  v_headers jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
  v_method text := current_setting('request.method', true);
  v_schema text := v_headers ->> 'accept-profile';
  v_path text := current_setting('request.path', true);
  v_last bigint;
  v_number bigint;
begin
  if v_method not in ('GET', 'HEAD') then
    return;
  elsif ratebook.caller() <> 'anon' then
    -- What somebody is answered is theirs. Other schemas are the project's own.
    if v_schema in ('ai', 'billing', 'lensers', 'media', 'content', 'execution', 'compat') then
      perform set_config('response.headers', '[{"Cache-Control": "private, no-store"}]', true);
    end if;
    return;
  elsif (v_schema || v_path = any(array[
    'ai/catalogue', 'ai/models', 'ai/providers', 'ai/model_aliases', 'ai/features', 'ai/feature_model_policies', 'ai/meters',
    'ai/service_tiers', 'ai/model_pricing', 'ai/model_price_sources', 'ai/rpc/find_model', 'ai/rpc/normalize_usage',
    'ai/rpc/price_changes', 'ai/rpc/price_history', 'ai/rpc/prices_in_force', 'billing/rpc/calculate_credit_cost',
    'billing/rpc/compare', 'billing/rpc/quote', 'billing/rpc/quote_many'
  ])) is not true then
    return;
  end if;
  -- Numbers are taken before the commit: one that is committed after a later one is seen by its count.
  select max(h.id) into v_last from lensers.audit_history as h;
  select count(*) into v_number from lensers.audit_history as h where h.id > v_last - 1000;
  perform set_config(
    'response.headers',
    jsonb_build_array(
      jsonb_build_object('Cache-Control', 'public, max-age=0, s-maxage=60'),
      jsonb_build_object('Vary', 'Accept, Accept-Profile, Authorization, apikey, Prefer, Range'),
      jsonb_build_object('ETag', format('W/"%s"', md5(concat_ws(
        ' ', v_last, v_number, date_bin('5 minutes', ratebook.clock(), '2000-01-01T00:00:00Z'), v_schema, v_path,
        v_headers ->> 'accept', v_headers ->> 'prefer', v_headers ->> 'range'
      ))))
    )::text,
    true
  );
end;
$$;

create function ai.pre_request() returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.refuse_estimates();
  select ratebook.tell_caches();
end;

revoke all on function ratebook.refuse_estimates() from public;
revoke all on function ratebook.tell_caches() from public;
revoke all on function ai.pre_request() from public;
grant execute on function ratebook.refuse_estimates() to anon, authenticated, service_role;
grant execute on function ratebook.tell_caches() to anon, authenticated, service_role;
grant execute on function ai.pre_request() to anon, authenticated, service_role;

comment on function ratebook.refuse_estimates() is
'Refuses a request whose answer would be an estimate of the planner, which knows of rows that row security hides. Reads the headers that PostgREST sets: Prefer and Accept. Errors: estimated_count (PT400), query_plan (PT400).';
comment on function ratebook.tell_caches() is
'Sets PostgREST''s response.headers: for what visitors (anon) read of the catalogue and of prices, Cache-Control with a minute for shared caches, none for browsers, Vary, and an ETag that changes with the audit history and every five minutes; for what others read of Ratebook, no-store.';
comment on function ai.pre_request() is
'For PostgREST''s setting db-pre-request: refuses count=planned, count=estimated and plans, because they tell of rows that the caller may not see; and says what may be cached: what visitors read of the catalogue and of prices, by shared caches for a minute, with an ETag. It runs before every request, as the role that asks, so a role of a project''s own needs usage on schema ai and execute on this function. Errors: estimated_count (PT400), query_plan (PT400).';

-- from policies/ai.feature_model_policies.sql

alter table ai.feature_model_policies enable row level security;

revoke all on ai.feature_model_policies from public, anon, authenticated, service_role;
grant select on ai.feature_model_policies to anon;
grant select, insert, update, delete on ai.feature_model_policies to authenticated;
grant select, insert, update, delete on ai.feature_model_policies to service_role;

-- The hidden are looked up once for a page, not each row's model.
create policy feature_model_policies_select_all on ai.feature_model_policies for select to anon, authenticated
using (model_id not in (select h.id from ratebook.hidden_models() as h (id)) or (select ratebook.is_admin()));
create policy feature_model_policies_insert_admin on ai.feature_model_policies for insert to authenticated
with check ((select ratebook.is_admin()));
create policy feature_model_policies_update_admin on ai.feature_model_policies for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy feature_model_policies_delete_admin on ai.feature_model_policies for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.features.sql

alter table ai.features enable row level security;

revoke all on ai.features from public, anon, authenticated, service_role;
grant select on ai.features to anon;
grant select, insert, update, delete on ai.features to authenticated;
grant select, insert, update, delete on ai.features to service_role;

create policy features_select_all on ai.features for select to anon, authenticated
using (true);
create policy features_insert_admin on ai.features for insert to authenticated
with check ((select ratebook.is_admin()));
create policy features_update_admin on ai.features for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy features_delete_admin on ai.features for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.model_aliases.sql

alter table ai.model_aliases enable row level security;

revoke all on ai.model_aliases from public, anon, authenticated, service_role;
grant select on ai.model_aliases to anon;
grant select, insert, update, delete on ai.model_aliases to authenticated;
grant select, insert, update, delete on ai.model_aliases to service_role;

-- The hidden are looked up once for a page, not each row's model.
create policy model_aliases_select_all on ai.model_aliases for select to anon, authenticated
using (model_id not in (select h.id from ratebook.hidden_models() as h (id)) or (select ratebook.is_admin()));
create policy model_aliases_insert_admin on ai.model_aliases for insert to authenticated
with check ((select ratebook.is_admin()));
create policy model_aliases_update_admin on ai.model_aliases for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy model_aliases_delete_admin on ai.model_aliases for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.model_profiles.sql

alter table ai.model_profiles enable row level security;

revoke all on ai.model_profiles from public, anon, authenticated, service_role;
grant select, insert, update, delete on ai.model_profiles to authenticated;
grant select, insert, update, delete on ai.model_profiles to service_role;

create policy model_profiles_select_admin on ai.model_profiles for select to authenticated
using ((select ratebook.is_admin()));
create policy model_profiles_insert_admin on ai.model_profiles for insert to authenticated
with check ((select ratebook.is_admin()));
create policy model_profiles_update_admin on ai.model_profiles for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy model_profiles_delete_admin on ai.model_profiles for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.models.sql

alter table ai.models enable row level security;

revoke all on ai.models from public, anon, authenticated, service_role;
grant select on ai.models to anon;
grant select, insert, update, delete on ai.models to authenticated;
grant select, insert, update, delete on ai.models to service_role;

create policy ai_models_read_all on ai.models for select to anon, authenticated
using ((is_public and deleted_at is null) or (select ratebook.is_admin()));
create policy models_insert_admin on ai.models for insert to authenticated
with check ((select ratebook.is_admin()));
create policy models_update_admin on ai.models for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy models_delete_admin on ai.models for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.provider_connections.sql

alter table ai.provider_connections enable row level security;

revoke all on ai.provider_connections from public, anon, authenticated, service_role;
grant select, insert, update, delete on ai.provider_connections to authenticated;
grant select, insert, update, delete on ai.provider_connections to service_role;

create policy provider_connections_select_admin on ai.provider_connections for select to authenticated
using ((select ratebook.is_admin()));
create policy provider_connections_insert_admin on ai.provider_connections for insert to authenticated
with check ((select ratebook.is_admin()));
create policy provider_connections_update_admin on ai.provider_connections for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy provider_connections_delete_admin on ai.provider_connections for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.providers.sql

alter table ai.providers enable row level security;

revoke all on ai.providers from public, anon, authenticated, service_role;
grant select on ai.providers to anon;
grant select, insert, update, delete on ai.providers to authenticated;
grant select, insert, update, delete on ai.providers to service_role;

create policy providers_select_all on ai.providers for select to anon, authenticated
using (true);
create policy providers_insert_admin on ai.providers for insert to authenticated
with check ((select ratebook.is_admin()));
create policy providers_update_admin on ai.providers for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy providers_delete_admin on ai.providers for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.resources.sql

revoke all on ai.resources from public, anon, authenticated, service_role;
grant select on ai.resources to authenticated;
grant select on ai.resources to service_role;

insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', '40_registry', o.kind, o.name, o.state
from (values
  ('constraint', 'a_default_is_active on ai.models', 'e72f85414fcc704213978b458e787885'),
  ('constraint', 'a_deleted_model_is_inactive on ai.models', 'ced39ddba833381261ad42770d2bf80d'),
  ('constraint', 'a_model_does_not_succeed_itself on ai.models', '707867bde5500517116d41c1c2df3354'),
  ('constraint', 'a_profile_is_not_its_own_equivalent on ai.model_profiles', '843275fc702fbd9a403aab3285b91d04'),
  ('constraint', 'a_provider_is_not_its_own_equivalent on ai.providers', '843275fc702fbd9a403aab3285b91d04'),
  ('constraint', 'a_successor_comes_at_a_time on ai.models', '8927b8a75f17f28c85f7f58852be0dbd'),
  ('constraint', 'alias_is_a_name on ai.model_aliases', 'e7c6d6bd6ea60735c50078a30bca3fec'),
  ('constraint', 'api_url_holds_no_secret on ai.providers', '5b496f7455b5d09d2075a1fbb48a2f99'),
  ('constraint', 'auth_is_a_known_shape_without_a_secret on ai.provider_connections', 'ac68d48d714a0137aa6dc71ad809e9f6'),
  ('constraint', 'base_url_holds_no_secret on ai.provider_connections', '2840f932aafd5d742a23670cc13298f6'),
  ('constraint', 'context_window_is_positive on ai.models', '76cd9e06d987f7832992673df299eb50'),
  ('constraint', 'dates_are_in_range on ai.models', 'f14c6144b5b96350528351464633909e'),
  ('constraint', 'feature_model_policies_feature_key_fkey on ai.feature_model_policies', '4f4cd9d2b19f7496ab679a0633305e68'),
  ('constraint', 'feature_model_policies_feature_key_model_id_key on ai.feature_model_policies', '3165c40a542be52d96419797b6b8162a'),
  ('constraint', 'feature_model_policies_model_id_fkey on ai.feature_model_policies', '56211b69a9b087adf52b714bda8904e2'),
  ('constraint', 'feature_model_policies_pkey on ai.feature_model_policies', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'features_id_key on ai.features', '448bec2f483b70c4e8bd78b77b02b6f0'),
  ('constraint', 'features_pkey on ai.features', '172c63e8584f28c916530b7b8432a5d3'),
  ('constraint', 'key_is_a_machine_key on ai.features', '1245385326ed6d3c9b0a2c23423a79bf'),
  ('constraint', 'key_is_a_machine_key on ai.providers', 'ac8dff30f0ce28fc28a8debfa4f4a659'),
  ('constraint', 'key_is_a_name on ai.models', '15f016fae3b90fa907758fa39de8ac9b'),
  ('constraint', 'max_tokens_is_positive on ai.model_profiles', '2e32103c525a80e4385380a68888b672'),
  ('constraint', 'max_tokens_is_positive on ai.models', '2e32103c525a80e4385380a68888b672'),
  ('constraint', 'modality_is_not_blank on ai.models', '0904dd5396ca6141e2e1bff2a8af215f'),
  ('constraint', 'model_aliases_model_id_fkey on ai.model_aliases', '56211b69a9b087adf52b714bda8904e2'),
  ('constraint', 'model_aliases_pkey on ai.model_aliases', 'e2fea0da2270e53090a774cf0ba03cc2'),
  ('constraint', 'model_is_not_blank on ai.model_profiles', 'a0dde3cc78cbe0dd0202a8b377171f75'),
  ('constraint', 'model_profiles_canonical_equivalent_id_fkey on ai.model_profiles', 'aef89f85bf72ca7aeacf8f0333add56c'),
  ('constraint', 'model_profiles_name_key on ai.model_profiles', '43af4466581ac52df70dd920d068f0d4'),
  ('constraint', 'model_profiles_pkey on ai.model_profiles', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'model_profiles_provider_id_fkey on ai.model_profiles', 'cfe7b56a8ddbdbccf5399c15b6bf2bdb'),
  ('constraint', 'models_key_key on ai.models', '279f02ab78a80009911edda2bbaccd9e'),
  ('constraint', 'models_pkey on ai.models', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'models_provider_id_fkey on ai.models', 'cfe7b56a8ddbdbccf5399c15b6bf2bdb'),
  ('constraint', 'models_provider_id_provider_model_key_key on ai.models', 'b40f9e60c2972bfbc98c7f3c8ab2b666'),
  ('constraint', 'models_successor_id_fkey on ai.models', '556968ef972e87252b2b9360b1fd538e'),
  ('constraint', 'name_is_not_blank on ai.model_profiles', 'aa0cbe18138797e15b2647f7c05dac75'),
  ('constraint', 'name_is_not_blank on ai.models', 'aa0cbe18138797e15b2647f7c05dac75'),
  ('constraint', 'name_is_not_blank on ai.providers', 'aa0cbe18138797e15b2647f7c05dac75'),
  ('constraint', 'one_default_per_modality_and_task on ai.models', 'fb6ce8fc6e29953ddf16a15608984c15'),
  ('constraint', 'other_names_are_not_endless on ai.models', '369fb64fc8206a771d11166b54a38643'),
  ('constraint', 'price_currency_is_an_iso_code on ai.models', 'baf853a8ddd43db65a395690686d180e'),
  ('constraint', 'price_source_is_a_name on ai.models', '50e1db3436d26fb7c485add9544f6f63'),
  ('constraint', 'provider_connections_name_key on ai.provider_connections', '43af4466581ac52df70dd920d068f0d4'),
  ('constraint', 'provider_connections_pkey on ai.provider_connections', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'provider_connections_provider_id_fkey on ai.provider_connections', 'cfe7b56a8ddbdbccf5399c15b6bf2bdb'),
  ('constraint', 'providers_canonical_equivalent_id_fkey on ai.providers', 'a937695b46e2dee4dd8267b0baf2955e'),
  ('constraint', 'providers_key_key on ai.providers', '279f02ab78a80009911edda2bbaccd9e'),
  ('constraint', 'providers_pkey on ai.providers', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'task_is_not_blank on ai.models', 'fd4a3647048fb5118417515262f8826e'),
  ('constraint', 'temperature_is_finite on ai.model_profiles', 'b4ee7cb5419706a079a0a40fe50bc377'),
  ('constraint', 'temperature_is_finite on ai.models', 'b4ee7cb5419706a079a0a40fe50bc377'),
  ('constraint', 'texts_are_not_endless on ai.models', '5459191cd196e668ae06cfbff422b6d1'),
  ('constraint', 'typical_latency_ms_is_not_negative on ai.models', 'd23333219cf0ee0cb9111917230630f2'),
  ('constraint', 'weight_is_finite_and_not_negative on ai.feature_model_policies', '2123e12dd42122639d24aaec9cbdf287'),
  ('function', 'ai.activate_models(models text[])', '4c81067fb16904929b4602a0811783f5'),
  ('function', 'ai.created_by(ai.models)', 'd8668b68d7a467663b23dcbefb95ca34'),
  ('function', 'ai.deactivate_models(models text[])', '7ac43873d55f167c5125d9fb4a34391e'),
  ('function', 'ai.find_model(model text)', '6178f57713b9e12e2fb32154273842ec'),
  ('function', 'ai.merge_models(duplicate text, "into" text)', 'd87cbdd6e3c669637193b81f24629049'),
  ('function', 'ai.pre_request()', '1a5b2c888385e6ed0cd227959ef48733'),
  ('function', 'ai.ratebook_version()', '83f7d55877163f2a539ebd7579f6ad67'),
  ('function', 'ai.retire_model(model text, successor text, reroute boolean)', '67eb7687390b40902edb609ac731e3bc'),
  ('function', 'ai.set_default_model(model text)', '1202bab93fbe68a8e984187943bfa864'),
  ('function', 'ai.updated_by(ai.models)', '4baf819c30764d7fb380ca150c3448dc'),
  ('function', 'ratebook.assert_successor(p_model_id uuid, p_successor_id uuid)', '4e1064f6d6fbd13d125a1fd0d6c92c35'),
  ('function', 'ratebook.clear_former_default()', '1a5b96b56b40ea78af22ed4fa48c6743'),
  ('function', 'ratebook.feature_id(p_feature text)', 'fcb9236cc79f3a55b92017b1e43b0864'),
  ('function', 'ratebook.follow_provider_key()', '7bbe70bdbd56f88721bb6b82bb28daba'),
  ('function', 'ratebook.hand_over(p_from uuid, p_to uuid)', '4acc62d832f77883e5dff031649ee8a3'),
  ('function', 'ratebook.heir(p_model_id uuid, p_at timestamp with time zone)', '376b6bbdcd5f1a61213645c179a302b6'),
  ('function', 'ratebook.hidden_models()', 'ae2e38b2403a7ac2be888f0c59610741'),
  ('function', 'ratebook.is_address(p_address text)', '5c5d682b144099bc9dca69ce3c91d4c5'),
  ('function', 'ratebook.is_connection_auth(p_auth jsonb)', '2c8d83806d57c3668163a6ccb199a7a2'),
  ('function', 'ratebook.lock_defaults()', 'ca8ed90719ecc10f78c3d4752b97919f'),
  ('function', 'ratebook.merge_models(p_duplicate text, p_into text)', 'b6a125f795294c30703cab9898d26b01'),
  ('function', 'ratebook.model_id(p_model text, p_all boolean, p_at timestamp with time zone)', '66c0c80a66bb25b0909b542871470254'),
  ('function', 'ratebook.model_ids(p_model text, p_all boolean, p_at timestamp with time zone)', '772cbd23348b30a48585067468ac7aad'),
  ('function', 'ratebook.model_to_change(p_model text)', 'b18fc27ac00d735a31fba9118221e1e4'),
  ('function', 'ratebook.provider_enum_of(p_key text)', '416d7a2e8e686396f4aafa7bb2eab948'),
  ('function', 'ratebook.refuse_estimates()', '5205098423f84bbab88e067ae606e1d7'),
  ('function', 'ratebook.refuse_hidden_successor()', 'b9dfc440121eb8128499439f56cf1319'),
  ('function', 'ratebook.refuse_inactive_default()', 'c9d7a13ec8a05fd94655e2e068822f26'),
  ('function', 'ratebook.refuse_inactive_model(p_model_id uuid, p_purpose text)', '82f4202c94bd984314cb782cf79498dc'),
  ('function', 'ratebook.refuse_secret_address()', 'e8003eeb3f7ce5dc820396f96807662c'),
  ('function', 'ratebook.refuse_secret_auth()', '261d3544ab2120b37f4df2060610430d'),
  ('function', 'ratebook.resolve_model_provider()', 'da845cb01a82261224c6c0a54b43e0e3'),
  ('function', 'ratebook.retire_model(p_model text, p_successor text, p_reroute boolean)', 'f88fb847c66635f3f8f49a0f693aab54'),
  ('function', 'ratebook.set_default_model(p_model text)', '6cd2b9be45a7bf2efd2705743c43815b'),
  ('function', 'ratebook.set_models_active(p_models text[], p_active boolean)', 'be9113954281df57809df96333e8d41b'),
  ('function', 'ratebook.soft_delete_model()', '78425a458e84f7d9710c830467e6fe36'),
  ('function', 'ratebook.successors(p_model_id uuid)', '1cb3cc8a64aed746cd02a1c9781f6fec'),
  ('function', 'ratebook.tell_caches()', '607193537f326e9927a44dcd0fc3ba43'),
  ('function', 'ratebook.version()', '8b509e9b9e611b19c53376993cad552c'),
  ('function', 'ratebook.visible_model_id(p_model text, p_at timestamp with time zone)', 'e0b83f5096b3bde5d590f1645c22bf33'),
  ('index', 'ai.feature_model_policies_feature_key_model_id_key', '929b5ece0b937a26f3c87055ef160b0e'),
  ('index', 'ai.feature_model_policies_model_id_idx', '300bd687b48710574cf36476026331d2'),
  ('index', 'ai.feature_model_policies_pkey', 'cba902e5c191eb99745fce2f9f8adae8'),
  ('index', 'ai.features_id_key', 'e3dc8f44319036b27bccb4f1007a9f42'),
  ('index', 'ai.features_pkey', 'e984737e006ab4d169203db3518b29bd'),
  ('index', 'ai.model_aliases_model_id_idx', '0adac9d2e6d81bc27b52b847e58462e9'),
  ('index', 'ai.model_aliases_pkey', 'd90ce4dc6e4b39455dd85d182d2e45f3'),
  ('index', 'ai.model_profiles_canonical_equivalent_id_idx', '390417118043a5784e85e2b8f5ed4792'),
  ('index', 'ai.model_profiles_name_key', '39c258140f14f7490116d4ce0ed9bea2'),
  ('index', 'ai.model_profiles_pkey', 'bb358171ced70eada276090a8372739a'),
  ('index', 'ai.model_profiles_provider_id_idx', '22dd9871f60f691302c2442c06f9d70e'),
  ('index', 'ai.models_active_priority_idx', 'd449813b74c27c61d08334b100a25f79'),
  ('index', 'ai.models_default_idx', '731dc39f4f7bc25d11ffd0e4a5189500'),
  ('index', 'ai.models_hidden_idx', '49e50e824aa8e46a601293ff24e9bfa3'),
  ('index', 'ai.models_key_key', '48b6192a538c9d266d17415140b156de'),
  ('index', 'ai.models_modality_task_idx', '43d8ebc59c4c13386a98db54587d0641'),
  ('index', 'ai.models_pkey', '5fbdb9242a4e1f308a438f9eec22c947'),
  ('index', 'ai.models_provider_id_provider_model_key_key', '965e4392192e70f8c7a6d6597809d8ba'),
  ('index', 'ai.models_search_idx', '39184b082315091714e544efb2510399'),
  ('index', 'ai.models_successor_id_idx', 'c0fe49e8b0a36dfdc8cd7da33dbd2e02'),
  ('index', 'ai.one_default_per_modality_and_task', '3a98a27424b233465b76d3b9d30c7e75'),
  ('index', 'ai.provider_connections_name_key', 'c62f348578590b5bd6266a6f5ad21c32'),
  ('index', 'ai.provider_connections_pkey', '1614bae70b3c46f3affbd15eebca63f5'),
  ('index', 'ai.provider_connections_provider_id_idx', '20edf1ca363ae3171d00221401e3a2d2'),
  ('index', 'ai.providers_canonical_equivalent_id_idx', '8914c1c4401c5820e016b8bd40070814'),
  ('index', 'ai.providers_key_key', '7a7e1efe73b5a71546229241e851d31c'),
  ('index', 'ai.providers_pkey', 'f85a9c481f2e68550747b560d884269a'),
  ('policy', 'ai_models_read_all on ai.models', '88c3e10aa7173353046c0d348b3b87b7'),
  ('policy', 'feature_model_policies_delete_admin on ai.feature_model_policies', '87d0caa9082f8b334231517a3e0da981'),
  ('policy', 'feature_model_policies_insert_admin on ai.feature_model_policies', '944a511b7d66cf67ffd459191ebd03bb'),
  ('policy', 'feature_model_policies_select_all on ai.feature_model_policies', '10313c1cad5b011ad032a39acaa167f2'),
  ('policy', 'feature_model_policies_update_admin on ai.feature_model_policies', '2ec999b707bdbe3821ea3005be3c2e19'),
  ('policy', 'features_delete_admin on ai.features', '87d0caa9082f8b334231517a3e0da981'),
  ('policy', 'features_insert_admin on ai.features', '944a511b7d66cf67ffd459191ebd03bb'),
  ('policy', 'features_select_all on ai.features', 'b4ddb5be1857478e4e300f38480a50ca'),
  ('policy', 'features_update_admin on ai.features', '2ec999b707bdbe3821ea3005be3c2e19'),
  ('policy', 'model_aliases_delete_admin on ai.model_aliases', '87d0caa9082f8b334231517a3e0da981'),
  ('policy', 'model_aliases_insert_admin on ai.model_aliases', '944a511b7d66cf67ffd459191ebd03bb'),
  ('policy', 'model_aliases_select_all on ai.model_aliases', '10313c1cad5b011ad032a39acaa167f2'),
  ('policy', 'model_aliases_update_admin on ai.model_aliases', '2ec999b707bdbe3821ea3005be3c2e19'),
  ('policy', 'model_profiles_delete_admin on ai.model_profiles', '87d0caa9082f8b334231517a3e0da981'),
  ('policy', 'model_profiles_insert_admin on ai.model_profiles', '944a511b7d66cf67ffd459191ebd03bb'),
  ('policy', 'model_profiles_select_admin on ai.model_profiles', 'd36bf2a7d29ea5dd6cd959923a241058'),
  ('policy', 'model_profiles_update_admin on ai.model_profiles', '2ec999b707bdbe3821ea3005be3c2e19'),
  ('policy', 'models_delete_admin on ai.models', '87d0caa9082f8b334231517a3e0da981'),
  ('policy', 'models_insert_admin on ai.models', '944a511b7d66cf67ffd459191ebd03bb'),
  ('policy', 'models_update_admin on ai.models', '2ec999b707bdbe3821ea3005be3c2e19'),
  ('policy', 'provider_connections_delete_admin on ai.provider_connections', '87d0caa9082f8b334231517a3e0da981'),
  ('policy', 'provider_connections_insert_admin on ai.provider_connections', '944a511b7d66cf67ffd459191ebd03bb'),
  ('policy', 'provider_connections_select_admin on ai.provider_connections', 'd36bf2a7d29ea5dd6cd959923a241058'),
  ('policy', 'provider_connections_update_admin on ai.provider_connections', '2ec999b707bdbe3821ea3005be3c2e19'),
  ('policy', 'providers_delete_admin on ai.providers', '87d0caa9082f8b334231517a3e0da981'),
  ('policy', 'providers_insert_admin on ai.providers', '944a511b7d66cf67ffd459191ebd03bb'),
  ('policy', 'providers_select_all on ai.providers', 'b4ddb5be1857478e4e300f38480a50ca'),
  ('policy', 'providers_update_admin on ai.providers', '2ec999b707bdbe3821ea3005be3c2e19'),
  ('privileges', 'ai.activate_models(models text[])', 'authenticated execute, service_role execute'),
  ('privileges', 'ai.created_by(ai.models)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ai.deactivate_models(models text[])', 'authenticated execute, service_role execute'),
  ('privileges', 'ai.feature_model_policies', 'anon select, authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'ai.features', 'anon select, authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'ai.find_model(model text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ai.merge_models(duplicate text, "into" text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ai.model_aliases', 'anon select, authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'ai.model_profiles', 'authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'ai.models', 'anon select, authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'ai.pre_request()', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ai.provider_connections', 'authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'ai.providers', 'anon select, authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'ai.ratebook_version()', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ai.resources', 'authenticated select, service_role select'),
  ('privileges', 'ai.retire_model(model text, successor text, reroute boolean)', 'authenticated execute, service_role execute'),
  ('privileges', 'ai.set_default_model(model text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ai.updated_by(ai.models)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.assert_successor(p_model_id uuid, p_successor_id uuid)', ''),
  ('privileges', 'ratebook.clear_former_default()', ''),
  ('privileges', 'ratebook.feature_id(p_feature text)', ''),
  ('privileges', 'ratebook.follow_provider_key()', ''),
  ('privileges', 'ratebook.hand_over(p_from uuid, p_to uuid)', ''),
  ('privileges', 'ratebook.heir(p_model_id uuid, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.hidden_models()', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.is_address(p_address text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.is_connection_auth(p_auth jsonb)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.lock_defaults()', ''),
  ('privileges', 'ratebook.merge_models(p_duplicate text, p_into text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.model_id(p_model text, p_all boolean, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.model_ids(p_model text, p_all boolean, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.model_to_change(p_model text)', ''),
  ('privileges', 'ratebook.provider_enum_of(p_key text)', ''),
  ('privileges', 'ratebook.refuse_estimates()', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.refuse_hidden_successor()', ''),
  ('privileges', 'ratebook.refuse_inactive_default()', ''),
  ('privileges', 'ratebook.refuse_inactive_model(p_model_id uuid, p_purpose text)', ''),
  ('privileges', 'ratebook.refuse_secret_address()', ''),
  ('privileges', 'ratebook.refuse_secret_auth()', ''),
  ('privileges', 'ratebook.resolve_model_provider()', ''),
  ('privileges', 'ratebook.retire_model(p_model text, p_successor text, p_reroute boolean)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.set_default_model(p_model text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.set_models_active(p_models text[], p_active boolean)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.soft_delete_model()', ''),
  ('privileges', 'ratebook.successors(p_model_id uuid)', ''),
  ('privileges', 'ratebook.tell_caches()', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.version()', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.visible_model_id(p_model text, p_at timestamp with time zone)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'schema ai', 'anon usage, authenticated usage, service_role usage'),
  ('schema', 'ai', ''),
  ('table', 'ai.feature_model_policies', '333a777eb5c062f4088e67725b0e2d56'),
  ('table', 'ai.features', '7c36ceb31091ec9e54e79f857041f88f'),
  ('table', 'ai.model_aliases', '04e9446c48d70e44741139aaddf33e57'),
  ('table', 'ai.model_profiles', 'd220010c2925375a5979f84b90e5c262'),
  ('table', 'ai.models', '063625ce00358cf9f714cd7b162ae1eb'),
  ('table', 'ai.provider_connections', 'a6547cc2d355b1b9ad713194d5f88240'),
  ('table', 'ai.providers', '0532c77119f8aa1104345cb99c3448fc'),
  ('trigger', 'feature_model_policies_audit_delete on ai.feature_model_policies', '1198eb9b60350ae3be6aef0691d5dbc7'),
  ('trigger', 'feature_model_policies_audit_insert on ai.feature_model_policies', '57a37965f0fd9161397cfcbbb6b0b790'),
  ('trigger', 'feature_model_policies_audit_update on ai.feature_model_policies', 'e2d93fbbc853b58502890e3ac98a528b'),
  ('trigger', 'feature_model_policies_refuse_truncate on ai.feature_model_policies', '730294841ea94fb2d915caaf125a45ba'),
  ('trigger', 'feature_model_policies_require_privileged on ai.feature_model_policies', '8e2ce785f6607801c60ec8fa1fd62ae2'),
  ('trigger', 'features_audit_delete on ai.features', '96a21df1a5a552a9fc9f1c0ac19c9092'),
  ('trigger', 'features_audit_insert on ai.features', 'e9ae6da59e678b41070258c3cb39b41b'),
  ('trigger', 'features_audit_update on ai.features', 'e717e02abfedc8676ebe1887f9cb77a1'),
  ('trigger', 'features_refuse_truncate on ai.features', '4106754acb10015394b726a6503957e0'),
  ('trigger', 'features_require_privileged on ai.features', '7d319770332c156fb2c548cbc0616e44'),
  ('trigger', 'model_aliases_audit_delete on ai.model_aliases', 'ee3f28eb90fe4fae51e3c01dca63f511'),
  ('trigger', 'model_aliases_audit_insert on ai.model_aliases', '8e9d87f21767a0860e9729bfe08018e0'),
  ('trigger', 'model_aliases_audit_update on ai.model_aliases', '76e7a68f3b1f3636974a666a7e92a13b'),
  ('trigger', 'model_aliases_refuse_truncate on ai.model_aliases', '2fad6e3c58a0d22bf08ffd445c697474'),
  ('trigger', 'model_aliases_require_privileged on ai.model_aliases', 'e65427d43186900dadbd28e3476e8445'),
  ('trigger', 'model_profiles_audit_delete on ai.model_profiles', '761794aa51f32c470dafe2aa9509ba13'),
  ('trigger', 'model_profiles_audit_insert on ai.model_profiles', '6a49b1d6903eec9ea8b6d5fde2585de7'),
  ('trigger', 'model_profiles_audit_update on ai.model_profiles', 'c3a588e279655dce88e2b5294af94e40'),
  ('trigger', 'model_profiles_refuse_truncate on ai.model_profiles', '5a58fe2a3e67e7cc8a010766c621075e'),
  ('trigger', 'model_profiles_require_privileged on ai.model_profiles', '9c8c0d3faa75ce8bf954636977532f0a'),
  ('trigger', 'model_profiles_stamp on ai.model_profiles', '9b59ad8ab6ef3eaf4be19f41b734dae9'),
  ('trigger', 'models_audit_delete on ai.models', '0925117f888e742196367a4a3738bed7'),
  ('trigger', 'models_audit_insert on ai.models', '0313279982dde4b5590e7ff47e787cd1'),
  ('trigger', 'models_audit_update on ai.models', 'b6079b198f0def692d0b652788ae2c19'),
  ('trigger', 'models_clear_former_default_insert on ai.models', '5bbfeca395a9da9e4ec363ca00f3a9d0'),
  ('trigger', 'models_clear_former_default_update on ai.models', 'af950311ae01614614f6ed6f0b24e707'),
  ('trigger', 'models_lock_default_insert on ai.models', '8630348e2570b47ede6c947b870165ed'),
  ('trigger', 'models_lock_defaults on ai.models', '863b096195f3bf5800e014b5a9fb4325'),
  ('trigger', 'models_refuse_hidden_successor on ai.models', '90418ebe0b0d8b7608d8f5dec53d16d8'),
  ('trigger', 'models_refuse_hidden_successor_insert on ai.models', 'df26579764709d4ffa5f53be0cf14143'),
  ('trigger', 'models_refuse_inactive_default on ai.models', 'f32a25ba4767d626801c1857c09b4a87'),
  ('trigger', 'models_refuse_truncate on ai.models', '8f2cd0fd2a6929953d28e39d53c93665'),
  ('trigger', 'models_require_privileged on ai.models', '2507a5510382817942f18c5792fdf53a'),
  ('trigger', 'models_resolve_provider on ai.models', 'a0f452bb926b7c510b6bbbe4c115c1e9'),
  ('trigger', 'models_soft_delete on ai.models', '1c0263921591c3130490ed92c9f34472'),
  ('trigger', 'models_stamp on ai.models', '426198f2c976458e91875f4e2e40bfbf'),
  ('trigger', 'provider_connections_audit_delete on ai.provider_connections', '4411a663f63329faf4687f44eb56cd3c'),
  ('trigger', 'provider_connections_audit_insert on ai.provider_connections', '0d5f61e6e1b0fb65385d92f964bb4984'),
  ('trigger', 'provider_connections_audit_update on ai.provider_connections', 'ff664ba7fdb4f03a7d8727f94a78e508'),
  ('trigger', 'provider_connections_refuse_secret_auth on ai.provider_connections', '4fbd512312fc18ef74b9dd03a842790e'),
  ('trigger', 'provider_connections_refuse_secrets on ai.provider_connections', '0b4d577d887189a2a02e69a67ca14208'),
  ('trigger', 'provider_connections_refuse_truncate on ai.provider_connections', '3db47df366372b226fd9c27f93715dd6'),
  ('trigger', 'provider_connections_require_privileged on ai.provider_connections', '5893cf1e399119795ea5c8655b8d6ee4'),
  ('trigger', 'provider_connections_stamp on ai.provider_connections', '4ddfb3f3ad56da6506a83cee14144407'),
  ('trigger', 'providers_audit_delete on ai.providers', 'a11f859f1d1ae273756592f83c6b72ed'),
  ('trigger', 'providers_audit_insert on ai.providers', '78b64df2344875d456f91192b401635c'),
  ('trigger', 'providers_audit_update on ai.providers', '3e3360b84ebc9c4d210f9b88cc8e993b'),
  ('trigger', 'providers_follow_key on ai.providers', 'e7ae5d19885266c7b06740b69247c29a'),
  ('trigger', 'providers_refuse_secrets on ai.providers', 'df6e0006a6fa56fe0be3e343d9e42a4b'),
  ('trigger', 'providers_refuse_truncate on ai.providers', '69ad3ce4148b1b9e0c1411a6ba7ba1b9'),
  ('trigger', 'providers_require_privileged on ai.providers', 'fab06f39ed5f9ee90904a60c6b888f12'),
  ('trigger', 'providers_stamp on ai.providers', '464f33e405e4ac5a9441e16c8832c4b4'),
  ('trigger', 'resources_refuse_write on ai.resources', '454f04cdc6ae60dd6efc77694158c2ef'),
  ('type', 'ai.ai_capability_enum', '953cbe4afc8713e598da92218ab0793e'),
  ('type', 'ai.auth_scheme_enum', 'e988e781703ab1f116ebc96f2be67b5c'),
  ('type', 'ai.generation_status_enum', 'aafe4047f339f8df1b34fa027688ffab'),
  ('type', 'ai.model_status_enum', '126411add4ecd7e4f1ed5d1b63d9dd4a'),
  ('type', 'ai.model_tier_enum', '261397a41a0c54adbb3690ab647840c6'),
  ('type', 'ai.provider_contract_enum', 'ecbc4b24f3fd41c25ad0de1652f5c12e'),
  ('type', 'ai.provider_enum', '900eac1896b7bc6c268861e5f8239866'),
  ('type', 'ai.tier_mode_enum', 'c7e8017e109b6bb0076587825a312bb0'),
  ('type', 'ai.unit_type_enum', '46c80e564a9b71d6a0f015539f3cc874'),
  ('type', 'public.pricing_tier_enum', '261397a41a0c54adbb3690ab647840c6'),
  ('view', 'ai.resources', 'e12d39810aafdcfd0df2301f702fa503')
) as o (kind, name, state);

select ratebook.close_privileges('40_registry');
