create view compat.api_providers with (security_invoker = true) as
select
  p.id,
  p.key as name,
  p.name as display_name,
  p.api_url as base_url,
  p.auth_scheme,
  p.is_active,
  p.created_at,
  p.updated_at
from ai.providers as p;

comment on view compat.api_providers is
'The providers of api_models: ai.providers under its former column names. Updatable, also by upsert.';
comment on column compat.api_providers.id is 'The provider.';
comment on column compat.api_providers.name is 'Machine key, such as replicate; unique.';
comment on column compat.api_providers.display_name is 'Name to show.';
comment on column compat.api_providers.base_url is 'Base endpoint.';
comment on column compat.api_providers.auth_scheme is 'How a request carries the credential: bearer, header, query or none.';
comment on column compat.api_providers.is_active is 'Whether models of the provider may be used.';
comment on column compat.api_providers.created_at is 'When the row was made.';
comment on column compat.api_providers.updated_at is 'When the row last changed.';
