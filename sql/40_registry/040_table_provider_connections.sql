-- The union's variants are its shapes below: a new one is one more branch, and no row is rewritten.
create function ratebook.is_connection_auth(p_auth jsonb) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(
  case p_auth ->> 'type'
    when 'api_key'
      then
        p_auth - 'type' - 'credential' = '{}'
        and jsonb_typeof(p_auth -> 'credential') = 'string'
        -- A reference is a short lower-case name. Keys are long, or mix cases, or start as keys start.
        and p_auth ->> 'credential' ~ '^[a-z][a-z0-9_.-]{0,62}$'
        and p_auth ->> 'credential' !~ '^(sk|pk|rk|gsk|xai|aiza|akia|hf|r8|ghp|glpat|eyj)[-_]'
        and p_auth ->> 'credential' !~ '[a-z0-9]{24,}|[0-9a-f]{16,}|^[0-9a-f]{8}-[0-9a-f]{4}-'
    when 'platform' then p_auth = '{"type": "platform"}'
    when 'none' then p_auth = '{"type": "none"}'
  end,
  false
);

revoke all on function ratebook.is_connection_auth(jsonb) from public;
grant execute on function ratebook.is_connection_auth(jsonb) to authenticated, service_role;

comment on function ratebook.is_connection_auth(jsonb) is
'Whether a value is one of the shapes of ai.provider_connections.auth.';

create function ratebook.refuse_secret_auth() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if not ratebook.is_connection_auth(new.auth) then
    perform ratebook.fail(
      'invalid_argument', '"auth" is none of the known shapes, or holds what looks like a secret.',
      'Valid: {"type":"api_key","credential":"name of a secret"}, {"type":"platform"}, {"type":"none"}.', '{"column": "auth"}'
    );
  end if;
  return new;
end;
$$;

revoke all on function ratebook.refuse_secret_auth() from public;

comment on function ratebook.refuse_secret_auth() is
'Row trigger: refuses an auth that is none of the shapes, without repeating what may be a secret. Error: invalid_argument (PT422).';

create table ai.provider_connections (
  id uuid not null default gen_random_uuid(),
  name text not null,
  provider_id uuid not null,
  auth jsonb not null default '{"type": "none"}',
  base_url text,
  is_active boolean not null default true,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint provider_connections_pkey primary key (id),
  constraint provider_connections_name_key unique (name),
  constraint provider_connections_provider_id_fkey foreign key (provider_id)
  references ai.providers (id) on delete restrict,
  constraint auth_is_a_known_shape_without_a_secret check (ratebook.is_connection_auth(auth)),
  constraint base_url_holds_no_secret check (ratebook.is_address(base_url))
);

create index provider_connections_provider_id_idx on ai.provider_connections (provider_id);

create trigger provider_connections_require_privileged before insert or update or delete on ai.provider_connections
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger provider_connections_refuse_secret_auth before insert or update of auth on ai.provider_connections
for each row execute function ratebook.refuse_secret_auth();
create trigger provider_connections_refuse_secrets before insert or update of base_url on ai.provider_connections
for each row execute function ratebook.refuse_secret_address('base_url');
create trigger provider_connections_stamp before update on ai.provider_connections
for each row execute function ratebook.stamp();

select ratebook.keep_history('ai.provider_connections');

comment on table ai.provider_connections is
'Named pairs of a provider and a way to authenticate. For admins and the service role.';
comment on column ai.provider_connections.id is 'The connection.';
comment on column ai.provider_connections.name is 'Its name, unique.';
comment on column ai.provider_connections.provider_id is 'The provider.';
comment on column ai.provider_connections.auth is
'Tagged union: {"type":"api_key","credential":"name of a secret"}, {"type":"platform"} or {"type":"none"}. credential is a name in a secret store (Supabase Vault), never the secret: what looks like a key is refused and not repeated.';
comment on column ai.provider_connections.base_url is 'Endpoint to use instead of the provider''s; without a name, password or key in it.';
comment on column ai.provider_connections.is_active is 'Whether it may be used.';
comment on column ai.provider_connections.created_at is 'When the row was made.';
comment on column ai.provider_connections.updated_at is 'When the row last changed.';
