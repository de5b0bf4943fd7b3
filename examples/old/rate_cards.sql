-- A database with rate cards, as docs/migrating/rate_cards.md copies it. Its times are milliseconds since 1970.
create table providers (
  id uuid primary key,
  name text not null unique,
  contract text,
  base_url text,
  auth jsonb not null default '{"type": "none"}',
  modality text not null default 'chat',
  is_canonical boolean not null default false,
  canonical_revision integer,
  canonical_equivalent_id uuid references providers,
  disabled boolean not null default false,
  created_at bigint not null default 1709251200000,
  updated_at bigint not null default 1709251200000
);

create table model_profiles (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  provider_id uuid not null references providers on delete restrict,
  model text not null,
  system_prompt text,
  temperature double precision,
  max_tokens integer,
  is_canonical boolean not null default false,
  canonical_revision integer,
  canonical_equivalent_id uuid references model_profiles,
  disabled boolean not null default false,
  created_at bigint not null default 1709251200000,
  updated_at bigint not null default 1709251200000
);

create table rate_cards (
  id uuid primary key default gen_random_uuid(),
  provider_id uuid not null references providers,
  provider text not null,
  model text not null,
  input_cost_per_1m numeric not null,
  output_cost_per_1m numeric not null,
  cache_write_cost_per_1m numeric,
  cache_read_cost_per_1m numeric,
  currency text not null default 'USD',
  effective_from bigint not null,
  source text not null,
  created_at bigint not null default 1709251200000,
  unique (provider, model, effective_from)
);

insert into providers (id, name, contract, base_url, auth) values
(
  '00000000-0000-4000-8000-000000000001', 'bedrock', 'bedrock_converse', 'https://bedrock-runtime.us-east-1.amazonaws.com',
  '{"type": "platform"}'
),
(
  '00000000-0000-4000-8000-000000000002', 'anthropic', 'anthropic_messages', 'https://api.anthropic.com',
  '{"type": "api_key", "credential": "anthropic_key"}'
);

insert into model_profiles (name, provider_id, model, system_prompt, temperature) values
('friendly', '00000000-0000-4000-8000-000000000002', 'claude-haiku-4-5', 'Be friendly.', 0.7);

-- From 2024-03-13 and 2025-06-01 on.
insert into rate_cards (
  provider_id, provider, model, input_cost_per_1m, output_cost_per_1m, cache_read_cost_per_1m, effective_from, source
)
select
  p.id,
  c.*
from (
  values
  ('anthropic', 'claude-3-haiku', 0.25, 1.25, 0.03, 1710288000000, 'price page'),
  ('anthropic', 'claude-3-haiku', 0.20, 1.00, 0.02, 1748736000000, 'price page'),
  ('bedrock', 'titan-express', 0.20, 0.60, null, 1710288000000, 'price page'),
  ('bedrock', 'titan-lite', -0.15, 0.20, null, 1710288000000, 'a typing mistake')
) as c (provider, model, input, output, cache_read, effective_from, source)
inner join providers as p on p.name = c.provider;
