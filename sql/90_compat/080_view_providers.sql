create function ratebook.provider_connection(p_provider_id uuid) returns ai.provider_connections
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_connection ai.provider_connections;
begin
  select c.* into v_connection
  from ai.provider_connections as c
  inner join ai.providers as p on p.id = c.provider_id
  where p.id = p_provider_id
  order by c.name = p.key desc, c.created_at asc, c.id asc
  limit 1;
  return v_connection;
end;
$$;

create function ratebook.provider_auth(p_provider_id uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: connections are for admins, and everybody reads the view; this asks first.
begin
  return case when ratebook.is_privileged() then (ratebook.provider_connection(p_provider_id)).auth end;
end;
$$;

revoke all on function ratebook.provider_connection(uuid) from public;
revoke all on function ratebook.provider_auth(uuid) from public;
grant execute on function ratebook.provider_auth(uuid) to anon, authenticated, service_role;

comment on function ratebook.provider_connection(uuid) is
'The connection that compat.providers.auth shows and writes: the one that is called like the provider, else its first.';
comment on function ratebook.provider_auth(uuid) is
'How a provider is authenticated, for those who may read connections; NULL for all others, and where there is none.';

create view compat.providers with (security_invoker = true) as
select
  p.id,
  p.key as name,
  p.contract,
  p.api_url as base_url,
  ratebook.provider_auth(p.id) as auth,
  p.is_canonical,
  p.canonical_revision,
  p.canonical_equivalent_id,
  not p.is_active as disabled,
  p.modality,
  p.created_at,
  p.updated_at
from ai.providers as p;

alter view compat.providers alter column id set default gen_random_uuid();
alter view compat.providers alter column is_canonical set default false;
alter view compat.providers alter column disabled set default false;
alter view compat.providers alter column modality set default 'chat';
alter view compat.providers alter column created_at set default ratebook.clock();
alter view compat.providers alter column updated_at set default ratebook.clock();

comment on view compat.providers is
'Inference providers: ai.providers, and the auth of their connection. Everybody reads, admins and the service role write. On conflict: compat.upsert_provider().';
comment on column compat.providers.id is 'The provider.';
comment on column compat.providers.name is 'Its name, unique: ai.providers.key, such as anthropic. Rate cards name it.';
comment on column compat.providers.contract is 'The wire protocol it speaks; NULL when none of the known ones.';
comment on column compat.providers.base_url is 'Base endpoint.';
comment on column compat.providers.auth is
'For admins and the service role, NULL for all others: {"type":"api_key","credential":"name of a secret"}, {"type":"platform"} or {"type":"none"}, from the row of ai.provider_connections that is called like the provider, else its first. NULL where it has none; writing NULL takes that row away.';
comment on column compat.providers.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column compat.providers.canonical_revision is 'Revision of the catalogue''s row.';
comment on column compat.providers.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column compat.providers.disabled is 'Whether models of the provider may not be used.';
comment on column compat.providers.modality is 'What it mainly serves, such as chat or image.';
comment on column compat.providers.created_at is 'When the row was made.';
comment on column compat.providers.updated_at is 'When the row last changed; the database''s to say.';
