create view compat.llm_providers with (security_invoker = true) as
select
  p.id,
  p.key as provider_key,
  p.name as provider_name,
  p.api_url as api_base_url,
  p.is_active,
  p.created_at,
  p.updated_at
from ai.providers as p;

comment on view compat.llm_providers is
'ai.providers for callers of llm_providers. Written directly, on_conflict included. Embed it: llm_models?select=*,llm_providers(*).';
comment on column compat.llm_providers.id is 'The provider.';
comment on column compat.llm_providers.provider_key is 'Machine key, such as anthropic.';
comment on column compat.llm_providers.provider_name is 'Name to show.';
comment on column compat.llm_providers.api_base_url is 'Base endpoint.';
comment on column compat.llm_providers.is_active is 'Whether models of the provider may be used.';
comment on column compat.llm_providers.created_at is 'When the row was made.';
comment on column compat.llm_providers.updated_at is 'When the row last changed.';
