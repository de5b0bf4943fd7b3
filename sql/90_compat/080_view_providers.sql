create view compat.providers with (security_invoker = true) as
select
  p.id,
  p.key,
  p.name,
  p.contract,
  p.api_url as base_url,
  p.auth_scheme,
  p.modality,
  p.is_active,
  p.is_canonical,
  p.canonical_revision,
  p.canonical_equivalent_id,
  p.created_at,
  p.updated_at
from ai.providers as p;

comment on view compat.providers is
'Inference providers: ai.providers. Updatable, also by upsert. How each project authenticates is in ai.provider_connections.';
comment on column compat.providers.id is 'The provider.';
comment on column compat.providers.key is 'Machine key, such as anthropic; unique. Rate cards name it.';
comment on column compat.providers.name is 'Name to show.';
comment on column compat.providers.contract is 'The wire protocol it speaks; NULL when none of the known ones.';
comment on column compat.providers.base_url is 'Base endpoint.';
comment on column compat.providers.auth_scheme is 'How a request carries the credential: bearer, header, query or none.';
comment on column compat.providers.modality is 'What it mainly serves, such as chat or image.';
comment on column compat.providers.is_active is 'Whether models of the provider may be used.';
comment on column compat.providers.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column compat.providers.canonical_revision is 'Revision of the catalogue''s row.';
comment on column compat.providers.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column compat.providers.created_at is 'When the row was made.';
comment on column compat.providers.updated_at is 'When the row last changed.';
