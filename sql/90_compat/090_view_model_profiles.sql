create view compat.model_profiles with (security_invoker = true) as
select
  p.id,
  p.name,
  p.provider_id,
  p.model,
  p.system_prompt,
  p.temperature,
  p.max_tokens,
  p.is_canonical,
  p.canonical_revision,
  p.canonical_equivalent_id,
  p.disabled,
  p.created_at,
  p.updated_at
from ai.model_profiles as p;

comment on view compat.model_profiles is
'Named ways to call a model: ai.model_profiles. Updatable, also by upsert. For admins and the service role.';
comment on column compat.model_profiles.id is 'The profile.';
comment on column compat.model_profiles.name is 'Its name, unique.';
comment on column compat.model_profiles.provider_id is 'The provider to call.';
comment on column compat.model_profiles.model is 'The model as the provider calls it; free text.';
comment on column compat.model_profiles.system_prompt is 'Instructions to send before the request.';
comment on column compat.model_profiles.temperature is 'Sampling temperature; NULL: the model''s own.';
comment on column compat.model_profiles.max_tokens is 'Maximum output in tokens; NULL: the model''s own.';
comment on column compat.model_profiles.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column compat.model_profiles.canonical_revision is 'Revision of the catalogue''s row.';
comment on column compat.model_profiles.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column compat.model_profiles.disabled is 'Whether it may not be used.';
comment on column compat.model_profiles.created_at is 'When the row was made.';
comment on column compat.model_profiles.updated_at is 'When the row last changed.';
