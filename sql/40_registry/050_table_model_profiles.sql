create table ai.model_profiles (
  id uuid not null default gen_random_uuid(),
  name text not null,
  provider_id uuid not null,
  model text not null,
  system_prompt text,
  temperature numeric,
  max_tokens integer,
  is_canonical boolean not null default false,
  canonical_revision integer,
  canonical_equivalent_id uuid,
  disabled boolean not null default false,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint model_profiles_pkey primary key (id),
  constraint model_profiles_name_key unique (name),
  constraint model_profiles_provider_id_fkey foreign key (provider_id)
  references ai.providers (id) on delete restrict,
  constraint model_profiles_canonical_equivalent_id_fkey foreign key (canonical_equivalent_id)
  references ai.model_profiles (id) on delete set null,
  constraint name_is_not_blank check (ratebook.is_name(name)),
  constraint model_is_not_blank check (ratebook.is_name(model)),
  constraint temperature_is_finite check (temperature >= 0 and ratebook.is_amount(temperature)),
  constraint max_tokens_is_positive check (max_tokens > 0),
  constraint a_profile_is_not_its_own_equivalent check (canonical_equivalent_id <> id)
);

create index model_profiles_provider_id_idx on ai.model_profiles (provider_id);
create index model_profiles_canonical_equivalent_id_idx on ai.model_profiles (canonical_equivalent_id);

create trigger model_profiles_require_privileged before insert or update or delete on ai.model_profiles
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger model_profiles_stamp before update on ai.model_profiles
for each row execute function ratebook.stamp();

select ratebook.keep_history('ai.model_profiles');

comment on table ai.model_profiles is
'Named ways to call a model: provider, model, instructions and parameters. For admins and the service role.';
comment on column ai.model_profiles.id is 'The profile.';
comment on column ai.model_profiles.name is 'Its name, unique.';
comment on column ai.model_profiles.provider_id is 'The provider to call.';
comment on column ai.model_profiles.model is 'The model as the provider calls it. Free text: a profile may name a model that is not registered.';
comment on column ai.model_profiles.system_prompt is 'Instructions to send before the request.';
comment on column ai.model_profiles.temperature is 'Sampling temperature; NULL: the model''s own.';
comment on column ai.model_profiles.max_tokens is 'Maximum output in tokens; NULL: the model''s own.';
comment on column ai.model_profiles.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column ai.model_profiles.canonical_revision is 'Revision of the catalogue''s row.';
comment on column ai.model_profiles.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column ai.model_profiles.disabled is 'Whether it may not be used.';
comment on column ai.model_profiles.created_at is 'When the row was made.';
comment on column ai.model_profiles.updated_at is 'When the row last changed.';
