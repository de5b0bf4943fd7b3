-- A database with a table api_models, as docs/migrating/api_models.md copies it.
create table api_providers (
  id uuid primary key,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  name text not null unique,
  display_name text not null,
  base_url text,
  auth_scheme text not null default 'bearer',
  is_active boolean not null default true
);

create table api_models (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  created_by uuid,
  provider_id uuid not null references api_providers,
  model_key text not null,
  version text,
  display_name text not null,
  modality text not null,
  task text not null,
  model_family text,
  endpoint_path text,
  input_defaults jsonb not null default '{}',
  capabilities jsonb not null default '{}',
  pricing jsonb not null default '{}',
  output_format text,
  is_active boolean not null default true,
  is_default boolean not null default false,
  priority integer not null default 0,
  unique (provider_id, model_key)
);

insert into api_providers (id, name, display_name, base_url) values
('00000000-0000-4000-8000-000000000001', 'fal', 'fal.ai', 'https://fal.run'),
('00000000-0000-4000-8000-000000000002', 'replicate', 'Replicate Inc.', 'https://api.replicate.com/v1');

insert into api_models (provider_id, model_key, display_name, modality, task, pricing, priority) values
(
  '00000000-0000-4000-8000-000000000001', 'fal-ai/flux/dev', 'FLUX dev', 'image', 'generation',
  '{"per_image": 0.025, "currency": "USD", "billing_unit": "per_image"}', 20
),
(
  '00000000-0000-4000-8000-000000000001', 'fal-ai/whisper', 'Whisper', 'audio', 'transcription',
  '{"per_compute_minute": 0.03}', 20
),
(
  '00000000-0000-4000-8000-000000000002', 'black-forest-labs/flux-schnell', 'FLUX schnell', 'image', 'generation',
  '{"per_image": 0.003, "currency": "USD", "billing_unit": "per_image"}', 30
),
(
  '00000000-0000-4000-8000-000000000002', 'minimax/video-01', 'Video 01', 'video', 'generation',
  '{"per_video_second": 0.08}', 30
);
