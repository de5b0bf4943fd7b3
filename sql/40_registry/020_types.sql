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
