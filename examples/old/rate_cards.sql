-- A database with rate cards, as docs/migrating/rate_cards.md copies it.
create table providers (
  id uuid primary key,
  key text not null unique,
  name text not null,
  contract text,
  base_url text,
  modality text not null default 'chat',
  is_canonical boolean not null default false,
  canonical_revision integer,
  canonical_equivalent_id uuid references providers,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table model_profiles (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  provider_id uuid not null references providers,
  model text not null,
  system_prompt text,
  temperature double precision,
  max_tokens integer,
  is_canonical boolean not null default false,
  canonical_revision integer,
  canonical_equivalent_id uuid references model_profiles,
  disabled boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table rate_cards (
  id uuid primary key default gen_random_uuid(),
  provider text not null,
  model text not null,
  input_cost_per_1m numeric not null,
  output_cost_per_1m numeric not null,
  cache_write_cost_per_1m numeric,
  cache_read_cost_per_1m numeric,
  currency text not null default 'USD',
  effective_from timestamptz not null,
  source text not null,
  created_at timestamptz not null default now(),
  unique (provider, model, effective_from)
);

insert into providers (id, key, name, base_url) values
('00000000-0000-4000-8000-000000000001', 'bedrock', 'Amazon Bedrock', 'https://bedrock-runtime.us-east-1.amazonaws.com'),
('00000000-0000-4000-8000-000000000002', 'anthropic', 'Anthropic PBC', 'https://api.anthropic.com');

insert into model_profiles (name, provider_id, model, system_prompt, temperature) values
('friendly', '00000000-0000-4000-8000-000000000002', 'claude-haiku-4-5', 'Be friendly.', 0.7);

insert into rate_cards (
  provider, model, input_cost_per_1m, output_cost_per_1m, cache_read_cost_per_1m, effective_from, source
) values
('anthropic', 'claude-3-haiku', 0.25, 1.25, 0.03, '2024-03-13T00:00:00Z', 'price page'),
('anthropic', 'claude-3-haiku', 0.20, 1.00, 0.02, '2025-06-01T00:00:00Z', 'price page'),
('bedrock', 'titan-express', 0.20, 0.60, null, '2024-03-13T00:00:00Z', 'price page'),
('bedrock', 'titan-lite', -0.15, 0.20, null, '2024-03-13T00:00:00Z', 'a typing mistake');
