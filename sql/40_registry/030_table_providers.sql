create table ai.providers (
  id uuid not null default gen_random_uuid(),
  key text not null,
  name text not null,
  api_url text,
  is_active boolean not null default true,
  contract ai.provider_contract_enum,
  auth_scheme ai.auth_scheme_enum not null default 'bearer',
  modality text not null default 'chat',
  is_canonical boolean not null default false,
  canonical_revision integer,
  canonical_equivalent_id uuid,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint providers_pkey primary key (id),
  constraint providers_key_key unique (key),
  constraint providers_canonical_equivalent_id_fkey foreign key (canonical_equivalent_id)
  references ai.providers (id) on delete set null,
  constraint key_is_a_machine_key check (key ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
  constraint name_is_not_blank check (ratebook.is_name(name)),
  constraint api_url_holds_no_secret check (ratebook.is_address(api_url)),
  constraint a_provider_is_not_its_own_equivalent check (canonical_equivalent_id <> id)
);

create index providers_canonical_equivalent_id_idx on ai.providers (canonical_equivalent_id);

create trigger providers_require_privileged before insert or update or delete on ai.providers
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger providers_refuse_secrets before insert or update of api_url on ai.providers
for each row execute function ratebook.refuse_secret_address('api_url');
create trigger providers_stamp before update on ai.providers
for each row execute function ratebook.stamp();

select ratebook.keep_history('ai.providers');

comment on table ai.providers is 'Companies and services that serve models.';
comment on column ai.providers.id is 'The provider.';
comment on column ai.providers.key is 'Machine key, such as anthropic: lower case letters, digits, dot, dash, underscore.';
comment on column ai.providers.name is 'Name to show.';
comment on column ai.providers.api_url is 'Base endpoint. Everybody reads it: a name, password or key in it is refused.';
comment on column ai.providers.is_active is 'Whether models of the provider may be used.';
comment on column ai.providers.contract is 'The wire protocol it speaks; NULL when none of the known ones.';
comment on column ai.providers.auth_scheme is 'How a request carries the credential. Public; the credential is not here.';
comment on column ai.providers.modality is 'What it mainly serves, such as chat or image.';
comment on column ai.providers.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column ai.providers.canonical_revision is 'Revision of the catalogue''s row.';
comment on column ai.providers.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column ai.providers.created_at is 'When the row was made.';
comment on column ai.providers.updated_at is 'When the row last changed.';
