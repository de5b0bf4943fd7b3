-- A database with a table llm_models, as docs/migrating/llm_models.md copies it.
create table llm_providers (
  id uuid primary key,
  provider_key varchar(50) not null unique,
  provider_name varchar(100) not null,
  api_base_url text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table llm_models (
  id uuid primary key default gen_random_uuid(),
  provider_id uuid not null references llm_providers,
  model_key varchar(100) not null,
  model_name varchar(255) not null,
  model_family varchar(100),
  model_version varchar(50),
  model_tier varchar(50),
  context_window integer,
  max_output_tokens integer,
  supports_function_calling boolean not null default false,
  supports_vision boolean not null default false,
  supports_streaming boolean not null default false,
  supports_audio boolean not null default false,
  supports_system_prompt boolean not null default true,
  pricing jsonb not null default '{}',
  rate_limits jsonb not null default '{}',
  capabilities jsonb not null default '{}',
  metadata jsonb not null default '{}',
  status varchar(50) not null default 'active',
  release_date date,
  deprecation_date date,
  typical_latency_ms integer,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  unique (provider_id, model_key)
);

insert into llm_providers (id, provider_key, provider_name, api_base_url) values
('00000000-0000-4000-8000-000000000001', 'mistral', 'Mistral AI', 'https://api.mistral.ai/v1');

insert into llm_models (provider_id, model_key, model_name, context_window, pricing, status) values
('00000000-0000-4000-8000-000000000001', 'codestral', 'Codestral', 256000, '{"input_per_1m": 0.3, "output_per_1m": 0.9}', 'active'),
('00000000-0000-4000-8000-000000000001', 'ministral-8b', 'Ministral 8B', 128000, '{"input_per_1m": 0.1, "output_per_1m": 0.1}', 'active'),
('00000000-0000-4000-8000-000000000001', 'mistral-tiny', 'Mistral Tiny', 32000, '{"input_per_1m": 0.25, "output_per_1m": 0.25}', 'inactive'),
('00000000-0000-4000-8000-000000000001', 'open-mixtral-8x22b', 'Mixtral 8x22B', 64000, '{"input_per_1m": 2, "output": 6}', 'active');
