-- Demo data: providers, models and list prices. Safe to run again: what is there stays as it is.
-- Sources of the prices: the OpenAI and SDXL rows are those of the systems that Ratebook replaces. Anthropic, Google and
-- Mistral: list prices in USD as published in genai-prices 0.2.3 (MIT licence, Pydantic Services), which names the
-- provider's page given here as provider_url. Everything has a fixed date.

insert into ai.providers (key, name, api_url, contract, auth_scheme, modality) values
('openai', 'OpenAI', 'https://api.openai.com/v1', 'openai_responses', 'bearer', 'chat'),
('anthropic', 'Anthropic', 'https://api.anthropic.com/v1', 'anthropic_messages', 'header', 'chat'),
('google', 'Google', 'https://generativelanguage.googleapis.com/v1beta', 'gemini_generate', 'header', 'chat'),
('mistral', 'Mistral', 'https://api.mistral.ai/v1', 'openai_chat', 'bearer', 'chat'),
('replicate', 'Replicate', 'https://api.replicate.com/v1', 'replicate', 'bearer', 'image')
on conflict (key) do nothing;

insert into ai.models (
  key, name, provider_id, provider_model_key, description, capabilities, modality, task, model_family, context_window,
  max_tokens, supports, valid_sizes, is_active, is_default, priority, provider_url
)
select
  s.key, s.name, p.id, s.key, s.description, array[s.capability]::ai.ai_capability_enum[], s.modality, 'generation',
  s.family, s.context_window, s.max_tokens, s.supports::text[], s.valid_sizes::text[], s.is_active, s.is_default,
  s.priority, s.url
from (
  values
  (
    'openai', 'gpt-4o-mini', 'GPT-4o mini - Fast & Affordable', null, 'text_generation', 'text', 'GPT-4o',
    128000, 16000, '{json_mode,streaming,function_calling,system_prompt}', '{}', true, true, 1,
    'https://openai.com/api/pricing'
  ),
  (
    'openai', 'gpt-4o', 'GPT-4o', 'GPT-4o with vision', 'text_generation', 'text', 'GPT-4o',
    128000, null, '{vision,json_mode,streaming,function_calling,system_prompt}', '{}', true, false, 2,
    'https://openai.com/api/pricing'
  ),
  (
    'openai', 'gpt-4.1', 'GPT-4.1', null, 'text_generation', 'text', 'GPT-4.1',
    8000, null, '{json_mode,streaming,function_calling,system_prompt}', '{}', true, false, 3,
    'https://openai.com/api/pricing'
  ),
  (
    'openai', 'gpt-5.1', 'GPT-5.1', null, 'text_generation', 'text', 'GPT-5',
    16000, null, '{json_mode,streaming,function_calling,system_prompt}', '{}', true, false, 4,
    'https://openai.com/api/pricing'
  ),
  (
    'openai', 'gpt-5.2', 'GPT-5.2', null, 'text_generation', 'text', 'GPT-5',
    16000, null, '{json_mode,streaming,function_calling,system_prompt}', '{}', true, false, 5,
    'https://openai.com/api/pricing'
  ),
  (
    'openai', 'dall-e-3', 'DALL·E 3', null, 'image_generation', 'image', 'DALL·E',
    null, null, '{}', '{1024x1024,1792x1024,1024x1792}', true, true, 1, 'https://openai.com/api/pricing'
  ),
  (
    'openai', 'dall-e-2', 'DALL·E 2', null, 'image_generation', 'image', 'DALL·E',
    null, null, '{}', '{256x256,512x512,1024x1024}', true, false, 2, 'https://openai.com/api/pricing'
  ),
  (
    'openai', 'gpt-image-1', 'GPT Image 1', null, 'image_generation', 'image', 'GPT Image',
    null, null, '{}', '{}', false, false, 3, 'https://openai.com/api/pricing'
  ),
  (
    'openai', 'gpt-image-1-mini', 'GPT Image 1 mini', null, 'image_generation', 'image', 'GPT Image',
    null, null, '{}', '{}', false, false, 4, 'https://openai.com/api/pricing'
  ),
  (
    'anthropic', 'claude-opus-5-5', 'Claude Opus 5.5', null, 'text_generation', 'text', 'Claude',
    1000000, null, '{vision,function_calling,streaming,system_prompt,reasoning,caching}', '{}', true, false, 6,
    'https://www.anthropic.com/pricing#api'
  ),
  (
    'anthropic', 'claude-sonnet-5-5', 'Claude Sonnet 5.5', null, 'text_generation', 'text', 'Claude',
    1000000, null, '{vision,function_calling,streaming,system_prompt,reasoning,caching}', '{}', true, false, 7,
    'https://www.anthropic.com/pricing#api'
  ),
  (
    'anthropic', 'claude-haiku-4-5', 'Claude Haiku 4.5', null, 'text_generation', 'text', 'Claude',
    200000, null, '{vision,function_calling,streaming,system_prompt,reasoning,caching}', '{}', true, false, 8,
    'https://www.anthropic.com/pricing#api'
  ),
  (
    'google', 'gemini-4-argon', 'Gemini 4 Argon', null, 'text_generation', 'text', 'Gemini',
    1048576, null, '{vision,function_calling,streaming,system_prompt,json_mode,caching}', '{}', true, false, 9,
    'https://ai.google.dev/gemini-api/docs/pricing'
  ),
  (
    'google', 'gemini-3.8-flash', 'Gemini 3.8 Flash', null, 'text_generation', 'text', 'Gemini',
    1000000, null, '{vision,function_calling,streaming,system_prompt,json_mode,caching}', '{}', true, false, 10,
    'https://ai.google.dev/gemini-api/docs/pricing'
  ),
  (
    'google', 'gemini-3.5-flash-lite', 'Gemini 3.5 Flash Lite', null, 'text_generation', 'text', 'Gemini',
    1000000, null, '{vision,function_calling,streaming,system_prompt,json_mode,caching}', '{}', true, false, 11,
    'https://ai.google.dev/gemini-api/docs/pricing'
  ),
  (
    'mistral', 'mistral-large-4', 'Mistral Large 4', null, 'text_generation', 'text', 'Mistral',
    1048576, null, '{function_calling,streaming,system_prompt,json_mode,caching}', '{}', true, false, 12,
    'https://mistral.ai/pricing/api'
  ),
  (
    'mistral', 'mistral-medium-3-5', 'Mistral Medium 3.5', null, 'text_generation', 'text', 'Mistral',
    262144, null, '{function_calling,streaming,system_prompt,json_mode,caching}', '{}', true, false, 13,
    'https://mistral.ai/pricing/api'
  ),
  (
    'mistral', 'mistral-small-2603', 'Mistral Small 4', null, 'text_generation', 'text', 'Mistral',
    262144, null, '{function_calling,streaming,system_prompt,json_mode,caching}', '{}', true, false, 14,
    'https://mistral.ai/pricing/api'
  )
) as s (
  provider, key, name, description, capability, modality, family, context_window, max_tokens, supports, valid_sizes,
  is_active, is_default, priority, url
)
inner join ai.providers as p on p.key = s.provider
on conflict (key) do nothing;

insert into ai.models (
  key, name, provider_id, provider_model_key, version, capabilities, modality, task, model_family, endpoint_path,
  output_format, priority, input_defaults, capabilities_detail
)
select
  'sdxl-1.0',
  'SDXL 1.0',
  p.id,
  'stability-ai/sdxl:39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b',
  '1.0',
  '{image_generation}',
  'image',
  'generation',
  'SDXL',
  '/predictions',
  'image/jpeg',
  1,
  '{"prompt": "", "negative_prompt": "", "width": 1024, "height": 1024, "num_inference_steps": 50, "guidance_scale": 7.5}',
  '{"max_resolution": "1024x1024", "supports_negative_prompts": true, "supports_image_to_image": true, "supports_inpainting": false}'
from ai.providers as p
where p.key = 'replicate'
on conflict (key) do nothing;

insert into ai.model_aliases (alias, model_id)
select p.key || '/' || m.key, m.id
from ai.models as m
inner join ai.providers as p on p.id = m.provider_id
where p.key <> 'replicate' and m.provider_model_key = m.key
on conflict do nothing;

-- Per million tokens in USD; × 0.000001 is exact, a division would not be. A cache price that is left out is that of the
-- input. Two of Google's are dated: half the price until the end of November, and of the year.
-- Nobody's word: not pinned, so that a model follows a catalogue without a question.
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, is_pinned)
select m.id, v.meter, v.per_million * 0.000001, s.effective_from, false
from (
  values
  ('gpt-4o-mini', timestamptz '2025-01-01T00:00:00Z', 0.15, 0.60, 0.075, null, null),
  ('gpt-4o', '2025-01-01T00:00:00Z', 2.50, 10.00, 1.25, null, null),
  ('gpt-4.1', '2025-01-01T00:00:00Z', 2.00, 8.00, 0.5, null, null),
  ('gpt-5.1', '2025-01-01T00:00:00Z', 1.25, 10.00, 0.125, null, null),
  ('gpt-5.2', '2025-01-01T00:00:00Z', 1.75, 14.00, 0.175, null, null),
  ('claude-opus-5-5', '2026-11-01T00:00:00Z', 4, 20, 0.2, 5, 8),
  ('claude-sonnet-5-5', '2026-11-01T00:00:00Z', 2, 10, 0.1, 2.5, 4),
  ('claude-haiku-4-5', '2026-11-01T00:00:00Z', 1, 5, 0.1, 1.25, 2),
  ('gemini-4-argon', '2026-11-01T00:00:00Z', 2, 10, 0.1, null, null),
  ('gemini-4-argon', '2026-12-01T00:00:00Z', 4, 20, 0.2, null, null),
  ('gemini-3.8-flash', '2026-11-01T00:00:00Z', 0.75, 3.75, 0.075, null, null),
  ('gemini-3.8-flash', '2027-01-01T00:00:00Z', 1.5, 7.5, 0.15, null, null),
  ('gemini-3.5-flash-lite', '2026-11-01T00:00:00Z', 0.3, 2.5, 0.03, null, null),
  ('mistral-large-4', '2026-11-01T00:00:00Z', 0.7, 2.1, 0.07, null, null),
  ('mistral-medium-3-5', '2026-11-01T00:00:00Z', 1.5, 7.5, 0.15, null, null),
  ('mistral-small-2603', '2026-11-01T00:00:00Z', 0.15, 0.6, 0.015, null, null)
) as s (key, effective_from, input, output, cache_read, cache_write, cache_write_1h)
inner join ai.models as m on m.key = s.key
cross join lateral (
  values
  ('input', s.input), ('output', s.output), ('cache_read', s.cache_read), ('cache_write', s.cache_write),
  ('cache_write_1h', s.cache_write_1h)
) as v (meter, per_million)
where v.per_million is not null
on conflict do nothing;

insert into ai.model_pricing (model_id, meter, unit_type, price_per_unit, effective_from, is_pinned)
select m.id, 'image', 'image', s.per_image, '2025-01-01T00:00:00Z', false
from (
  values
  ('dall-e-3', 0.040),
  ('dall-e-2', 0.020),
  ('gpt-image-1', 0.042),
  ('gpt-image-1-mini', 0.011),
  ('sdxl-1.0', 0.0023)
) as s (key, per_image)
inner join ai.models as m on m.key = s.key
on conflict do nothing;
