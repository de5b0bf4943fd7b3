-- What Supabase gives every database, for a PostgreSQL that is not Supabase: the API roles, the auth
-- schema with its helpers and auth.users, and the extensions schema. Run it once as a superuser, before
-- the migrations. Everything is made only where it is missing, so on a Supabase database it changes nothing.

-- No JIT for the API: compiling a plan over many months took ten times what running it takes.
do $roles$
begin
  if to_regrole('anon') is null then
    create role anon nologin noinherit;
    alter role anon set jit = off;
  end if;
  if to_regrole('authenticated') is null then
    create role authenticated nologin noinherit;
    alter role authenticated set jit = off;
  end if;
  if to_regrole('service_role') is null then
    create role service_role nologin noinherit bypassrls;
    alter role service_role set jit = off;
  end if;
  -- PostgREST connects as authenticator and switches to the role in the token. It has no password here:
  -- set one (alter role authenticator password '...') where connections are not trusted.
  if to_regrole('authenticator') is null then
    create role authenticator login noinherit;
    alter role authenticator set jit = off;
    grant anon, authenticated, service_role to authenticator;
  end if;
  if to_regrole('supabase_auth_admin') is null then
    create role supabase_auth_admin nologin noinherit createrole;
  end if;
end
$roles$;

do $extensions$
begin
  if to_regnamespace('extensions') is null then
    create schema extensions;
    grant usage on schema extensions to anon, authenticated, service_role;
  end if;
end
$extensions$;

do $auth$
begin
  if to_regnamespace('auth') is null then
    create schema auth;
    grant usage on schema auth to anon, authenticated, service_role;
    grant all on schema auth to supabase_auth_admin;
  end if;

  if to_regclass('auth.users') is null then
    create table auth.users (
      id uuid primary key default gen_random_uuid(),
      aud text,
      role text,
      email text unique,
      raw_app_meta_data jsonb,
      raw_user_meta_data jsonb,
      created_at timestamptz default now(),
      updated_at timestamptz default now(),
      is_anonymous boolean not null default false
    );
    alter table auth.users enable row level security;
    alter table auth.users owner to supabase_auth_admin;
  end if;

  -- The three functions read the request's JWT claims, which PostgREST sets for the transaction.
  if to_regprocedure('auth.jwt()') is null then
    create function auth.jwt() returns jsonb
    language sql stable
    return coalesce(
      nullif(current_setting('request.jwt.claim', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')
    )::jsonb;
    alter function auth.jwt() owner to supabase_auth_admin;
  end if;

  if to_regprocedure('auth.uid()') is null then
    create function auth.uid() returns uuid
    language sql stable
    return coalesce(
      nullif(current_setting('request.jwt.claim.sub', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
    )::uuid;
    alter function auth.uid() owner to supabase_auth_admin;
  end if;

  if to_regprocedure('auth.role()') is null then
    create function auth.role() returns text
    language sql stable
    return coalesce(
      nullif(current_setting('request.jwt.claim.role', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
    );
    alter function auth.role() owner to supabase_auth_admin;
  end if;
end
$auth$;

-- How long a statement of the API may take, as on Supabase. PostgREST sets what the role of a request has; service_role
-- has nothing of its own there, and so what authenticator, who connects, has.
do $timeouts$
declare
  v_role text;
  v_timeout text;
begin
  for v_role, v_timeout in
    values ('anon', '3s'), ('authenticated', '8s'), ('authenticator', '8s')
  loop
    if not exists (
      select from pg_db_role_setting as s
      cross join unnest(s.setconfig) as c (setting)
      where s.setrole = v_role::regrole and c.setting like 'statement\_timeout=%'
    ) then
      execute format('alter role %I set statement_timeout = %L', v_role, v_timeout);
    end if;
  end loop;
end
$timeouts$;
