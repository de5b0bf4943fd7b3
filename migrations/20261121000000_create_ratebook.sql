-- Ratebook's schema, from nothing. Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- from sql/10_platform/010_schema_private.sql

create schema private;

-- No API role has usage on this schema. Exposed functions, policies, defaults and triggers reach it because
-- PostgreSQL binds the functions they name when they are created, not when they run.
revoke all on schema private from public;

-- Every function sets search_path to pg_catalog, pg_temp. An empty path would still look for types and tables in the
-- caller's pg_temp, and first: a domain there called uuid would run as the owner.

comment on schema private is
'Ratebook''s inside: partitions, trigger functions and SECURITY DEFINER functions. Never exposed through the API; no API role has usage on it.';

-- from sql/10_platform/020_function_clock.sql

-- plpgsql, like every small function that is called once per request: a SQL function with a search_path is planned anew
-- at each call.
create function private.clock() returns timestamptz
language plpgsql volatile parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return clock_timestamp();
end;
$$;

-- Defaults, policies and function arguments call it in the name of the API roles.
revoke all on function private.clock() from public;
grant execute on function private.clock() to anon, authenticated, service_role;

comment on function private.clock() is
'The only source of time in Ratebook: the wall clock, not the start of the transaction. Tests replace the function; no setting can move it.';

-- from sql/10_platform/030_function_fail.sql

-- Every error code of Ratebook, in one place. PostgREST turns PTxyz into HTTP status xyz and 42501 into 403.
create function private.fail(
  p_error text,
  p_message text,
  p_hint text default null,
  p_detail jsonb default '{}'
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_code text := case p_error
    -- 404: the name means nothing, or nothing that the caller may know of
    when 'unknown_model' then 'PT404'
    when 'unknown_feature' then 'PT404'
    when 'unknown_lenser' then 'PT404'
    when 'unknown_generation' then 'PT404'
    -- 409: more than one meaning, or the wrong state
    when 'ambiguous_model' then 'PT409'
    when 'append_only' then 'PT409'
    -- 422: the usage cannot be priced
    when 'invalid_usage' then 'PT422'
    when 'unknown_meter' then 'PT422'
    when 'unknown_format' then 'PT422'
    when 'unknown_service_tier' then 'PT422'
    when 'invalid_size' then 'PT422'
    when 'not_a_number' then 'PT422'
    when 'negative_quantity' then 'PT422'
    when 'quantity_out_of_range' then 'PT422'
    when 'no_price' then 'PT422'
    when 'no_credit_rate' then 'PT422'
    when 'no_margin_policy' then 'PT422'
    when 'invalid_time' then 'PT422'
    when 'invalid_argument' then 'PT422'
    when 'unknown_provider' then 'PT422'
    when 'cyclic_fallback' then 'PT422'
    when 'invalid_feed' then 'PT422'
    -- 403: not yours
    when 'not_allowed' then '42501'
    when 'media_not_owned' then '42501'
    when 'erased_lenser' then '42501'
  end;
begin
  if v_code is null then
    raise exception 'Ratebook has no error called %.', p_error using errcode = 'XX000';
  end if;
  raise exception using
    errcode = v_code,
    message = p_message,
    hint = coalesce(p_hint, ''),
    detail = (jsonb_build_object('error', p_error) || p_detail)::text;
end;
$$;

revoke all on function private.fail(text, text, text, jsonb) from public;

comment on function private.fail(text, text, text, jsonb) is
'Raises one of Ratebook''s errors and is the one table of their codes. MESSAGE: a sentence for a person. HINT: what to do. DETAIL: JSON with the stable token "error" and the facts.';

-- from sql/10_platform/040_function_caller.sql

create function private.caller() returns text
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(nullif(current_setting('role'), 'none'), session_user);
end;
$$;

revoke all on function private.caller() from public;

comment on function private.caller() is
'The database role that sent the statement, also inside SECURITY DEFINER functions, where current_user is the owner.';

-- from sql/10_platform/050_function_uuid_v7.sql

-- RFC 9562 version 7: 48 bits of milliseconds, then (its method 3) 12 bits of the fraction of the millisecond, then
-- random bits. 12 bits hold every microsecond, so the time can be read back exactly: created_at is computed from id.

create function private.uuid_v7(p_at timestamptz default private.clock()) returns uuid
language sql volatile parallel safe
set search_path = pg_catalog, pg_temp
return (
  select
    encode(
      substring(int8send(t.us / 1000) from 3)
      || int2send((28672 + (t.us % 1000) * 4096 / 1000)::smallint)
      || substring(uuid_send(gen_random_uuid()) from 9),
      'hex'
    )::uuid
  from (select (extract(epoch from p_at) * 1000000)::bigint as us) as t
);

create function private.uuid_v7_floor(p_at timestamptz) returns uuid
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return rpad(
  encode(substring(int8send((extract(epoch from p_at) * 1000)::bigint) from 3), 'hex'), 32, '0'
)::uuid;

create function private.uuid_v7_time(p_id uuid) returns timestamptz
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return (
  select to_timestamp(t.ms / 1000) + (t.ms % 1000 * 1000 + (t.fraction * 1000 + 4095) / 4096) * interval '1 microsecond'
  from (
    select
      ('x' || encode(substring(uuid_send(p_id) from 1 for 6), 'hex'))::bit(48)::bigint as ms,
      ('x' || encode(substring(uuid_send(p_id) from 7 for 2), 'hex'))::bit(16)::integer % 4096 as fraction
  ) as t
);

revoke all on function private.uuid_v7(timestamptz) from public;
revoke all on function private.uuid_v7_floor(timestamptz) from public;
revoke all on function private.uuid_v7_time(uuid) from public;
-- Column defaults and generated columns run in the name of the writer.
grant execute on function private.uuid_v7(timestamptz) to authenticated, service_role;
grant execute on function private.uuid_v7_time(uuid) to authenticated, service_role;

comment on function private.uuid_v7(timestamptz) is
'A new UUIDv7 for the given time, in order to the microsecond.';
comment on function private.uuid_v7_floor(timestamptz) is
'The lowest UUID of a time (whole milliseconds): the bound between two partitions.';
comment on function private.uuid_v7_time(uuid) is
'The time inside a UUIDv7, exact to the microsecond for ids made by private.uuid_v7().';

-- from sql/10_platform/060_function_refuse_change.sql

create function private.refuse_change() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema private.
begin
  perform private.fail(
    'append_only',
    format('%s on %I.%I is refused: its rows are history and never change.', tg_op, tg_table_schema, tg_table_name),
    tg_argv[0],
    jsonb_build_object('table', tg_table_schema || '.' || tg_table_name, 'operation', tg_op)
  );
  return null;
end;
$$;

revoke all on function private.refuse_change() from public;

comment on function private.refuse_change() is
'Statement trigger that refuses its operation for every role, the owner included. Argument: the hint. Error: append_only (PT409).';

-- from sql/10_platform/070_function_stamp.sql

create function private.stamp() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema private.
begin
  new.updated_at := private.clock();
  if to_jsonb(new) ? 'updated_by' then
    new.updated_by := auth.uid();
  end if;
  return new;
end;
$$;

revoke all on function private.stamp() from public;

comment on function private.stamp() is
'Row trigger before update: sets updated_at and, where the table has it, updated_by (the JWT subject; NULL for direct SQL).';

-- from sql/10_platform/080_function_make_partitions.sql

create function private.make_partitions(
  p_table regclass,
  p_from timestamptz,
  p_until timestamptz
) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_month timestamp := date_trunc('month', p_from at time zone 'UTC');
  v_name text;
  v_made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('ratebook.partitions', 0));
  while v_month < p_until at time zone 'UTC' loop
    v_name := replace(p_table::text, '.', '_') || to_char(v_month, '_YYYY_MM');
    if to_regclass(format('private.%I', v_name)) is null then
      execute format(
        'create table private.%I partition of %s for values from (%L) to (%L)',
        v_name,
        p_table,
        private.uuid_v7_floor(v_month at time zone 'UTC'),
        private.uuid_v7_floor((v_month + interval '1 month') at time zone 'UTC')
      );
      execute format('alter table private.%I enable row level security', v_name);
      execute format('revoke all on private.%I from public, anon, authenticated, service_role', v_name);
      execute format(
        'create trigger refuse_truncate before truncate on private.%I '
        'for each statement execute function private.refuse_change(%L)',
        v_name, 'Detach old partitions with private.detach_partitions() instead.'
      );
      v_made := v_made + 1;
    elsif not exists (
      select from pg_catalog.pg_inherits as i
      where i.inhrelid = to_regclass(format('private.%I', v_name)) and i.inhparent = p_table
    ) then
      perform private.fail(
        'invalid_argument', format('The partition of %s was detached.', to_char(v_month, 'YYYY-MM')),
        format('Attach, rename or drop private.%I first.', v_name)
      );
    end if;
    v_month := v_month + interval '1 month';
  end loop;
  return v_made;
end;
$$;

revoke all on function private.make_partitions(regclass, timestamptz, timestamptz) from public;

comment on function private.make_partitions(regclass, timestamptz, timestamptz) is
'Makes the monthly (UTC) partitions of a table keyed by UUIDv7 that cover a span of time, in schema private, with RLS on, no grants and a guard against TRUNCATE. Returns how many were missing.';

-- from sql/10_platform/090_function_partitions_end.sql

create function private.partitions_end(p_table regclass) returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
return (
  select
    max(
      private.uuid_v7_time(
        (regexp_match(pg_get_expr(c.relpartbound, c.oid), $$TO \('([0-9a-f-]+)'\)$$))[1]::uuid
      )
    )
  from pg_catalog.pg_inherits as i
  inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
  where i.inhparent = p_table
);

revoke all on function private.partitions_end(regclass) from public;

comment on function private.partitions_end(regclass) is
'The time at which the partitions of a table end: rows of that time or later have no place yet.';

-- from sql/10_platform/100_function_extend_partitions.sql

create function private.extend_partitions(p_table regclass, p_months integer default 24) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until timestamptz;
begin
  if (p_months between 1 and 120) is not true then
    perform private.fail('invalid_argument', format('%s months of partitions are not possible.', p_months),
      'Ask for 1 to 120.');
  end if;
  v_until := private.clock() + make_interval(months => p_months);
  if to_regclass(format(
    'private.%I',
    replace(p_table::text, '.', '_') || to_char(v_until at time zone 'UTC' - interval '1 month', '_YYYY_MM')
  )) is not null then
    return 0;
  end if;
  return private.make_partitions(p_table, private.clock(), v_until);
end;
$$;

create function private.extend_partitions_if_short(p_table regclass) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- One writer makes them, the others go on: nobody waits for a lock while holding one on the table.
  if to_regclass(format(
    'private.%I',
    replace(p_table::text, '.', '_') || to_char(private.clock() at time zone 'UTC' + interval '2 months', '_YYYY_MM')
  )) is null and pg_try_advisory_xact_lock(hashtextextended('ratebook.partitions', 0)) then
    perform private.extend_partitions(p_table);
  end if;
end;
$$;

revoke all on function private.extend_partitions(regclass, integer) from public;
revoke all on function private.extend_partitions_if_short(regclass) from public;

comment on function private.extend_partitions(regclass, integer) is
'Keeps the given number of months of partitions ahead of now (24 unless told). Returns how many were made; usually none.';
comment on function private.extend_partitions_if_short(regclass) is
'For writers, at each write: makes partitions when fewer than two months of them are left. Usually one catalog lookup.';

-- from sql/10_platform/110_function_detach_partitions.sql

create function private.detach_partitions(p_table regclass, p_before timestamptz) returns setof text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name text;
begin
  for v_name in
    select c.relname
    from pg_catalog.pg_inherits as i
    inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where
      i.inhparent = p_table
      and private.uuid_v7_time(
        (regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$TO \('([0-9a-f-]+)'\)$re$))[1]::uuid
      ) <= p_before
    order by c.relname
  loop
    execute format('alter table %s detach partition private.%I', p_table, v_name);
    return next v_name;
  end loop;
end;
$$;

revoke all on function private.detach_partitions(regclass, timestamptz) from public;

comment on function private.detach_partitions(regclass, timestamptz) is
'Retention, for the owner of the schema: detaches the partitions that end at or before a time and returns their names. The tables stay in schema private until the owner archives or drops them; ai.erase_lenser() does not reach them.';

-- from sql/20_lensers/010_schema_lensers.sql

create schema lensers;
grant usage on schema lensers to anon, authenticated, service_role;
comment on schema lensers is
'People: who owns generations, media and wallets, and which roles they have.';

-- from sql/20_lensers/020_types.sql

create type lensers.app_role as enum ('admin', 'moderator', 'user');
comment on type lensers.app_role is
'Roles of a user inside the application. Ratebook itself asks for admin only.';

-- from sql/20_lensers/030_table_profiles.sql

create table lensers.profiles (
  id uuid not null default gen_random_uuid(),
  user_id uuid,
  display_name text,
  avatar_url text,
  created_at timestamptz not null default private.clock(),
  updated_at timestamptz not null default private.clock(),
  erased_at timestamptz,
  constraint profiles_pkey primary key (id),
  constraint profiles_user_id_key unique (user_id),
  constraint profiles_user_id_fkey foreign key (user_id) references auth.users (id) on delete set null,
  constraint a_person_has_the_id_of_the_user check (user_id is null or user_id = id),
  constraint display_name_is_short check (char_length(display_name) <= 200),
  constraint an_erased_profile_is_empty check (
    erased_at is null or num_nonnulls(user_id, display_name, avatar_url) = 0
  )
);

comment on table lensers.profiles is
'The anchor of everything a lenser owns. For a person the id is the auth user''s id; the row is made by the database when it is first needed. A project with profiles of its own keeps names there and leaves these columns empty.';
comment on column lensers.profiles.id is 'The lenser; for a person the same uuid as auth.users.id.';
comment on column lensers.profiles.user_id is 'The auth user, NULL for system profiles and erased people.';
comment on column lensers.profiles.display_name is 'Optional name to show, at most 200 characters.';
comment on column lensers.profiles.avatar_url is 'Optional picture.';
comment on column lensers.profiles.created_at is 'When the row was made.';
comment on column lensers.profiles.updated_at is 'When the row last changed.';
comment on column lensers.profiles.erased_at is 'When ai.erase_lenser() emptied the row; NULL for the living.';

-- from sql/20_lensers/040_table_user_roles.sql

create table lensers.user_roles (
  user_id uuid not null,
  role lensers.app_role not null,
  granted_by uuid default auth.uid(),
  created_at timestamptz not null default private.clock(),
  constraint user_roles_pkey primary key (user_id, role),
  constraint user_roles_user_id_fkey foreign key (user_id) references auth.users (id) on delete cascade
);

comment on table lensers.user_roles is
'Application roles. The service role makes the first admin; admins make the others.';
comment on column lensers.user_roles.user_id is 'The auth user who has the role.';
comment on column lensers.user_roles.role is 'The role.';
comment on column lensers.user_roles.granted_by is 'The JWT subject who gave it; NULL for the service role and direct SQL.';
comment on column lensers.user_roles.created_at is 'When it was given.';

-- from sql/20_lensers/050_function_is_admin.sql

create function private.is_admin() returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: policies ask it for every role, and only admins may read other people's roles.
begin
  return private.caller() = 'authenticated' and exists (
    select from lensers.user_roles as r
    where r.user_id = auth.uid() and r.role = 'admin'
  );
end;
$$;

create function private.is_privileged() returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema private.
declare
  v_caller text := private.caller();
begin
  return case v_caller
    when 'anon' then false
    when 'authenticated' then private.is_admin()
    else (
      select r.rolbypassrls or pg_has_role(r.oid, n.nspowner, 'usage')
      from pg_catalog.pg_roles as r
      cross join pg_catalog.pg_namespace as n
      where r.rolname = v_caller and n.nspname = 'private'
    )
  end;
end;
$$;

revoke all on function private.is_admin() from public;
revoke all on function private.is_privileged() from public;
grant execute on function private.is_admin() to anon, authenticated, service_role;
grant execute on function private.is_privileged() to anon, authenticated, service_role;

comment on function private.is_admin() is
'Whether the caller is a signed-in user with app_role admin. False for anon and for a token without a subject.';
comment on function private.is_privileged() is
'Whether the caller may see what is hidden: admins, the service role (BYPASSRLS) and the owner of the schema.';

-- from sql/20_lensers/055_function_readable_lensers.sql

-- "Your own rows, or all for admins" as a range: an OR would make the planner read everybody's rows.

create function private.first_readable_lenser() returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema private.
begin
  return case when private.is_admin() then '00000000-0000-0000-0000-000000000000' else auth.uid() end;
end;
$$;

create function private.last_readable_lenser() returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema private.
begin
  return case when private.is_admin() then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else auth.uid() end;
end;
$$;

revoke all on function private.first_readable_lenser() from public;
revoke all on function private.last_readable_lenser() from public;
grant execute on function private.first_readable_lenser() to authenticated;
grant execute on function private.last_readable_lenser() to authenticated;

comment on function private.first_readable_lenser() is
'The first lenser whose rows the caller may read: for admins the lowest id, for others their own; NULL without a subject.';
comment on function private.last_readable_lenser() is
'The last lenser whose rows the caller may read: for admins the highest id, for others their own; NULL without a subject.';

-- from sql/20_lensers/060_function_has_role.sql

create function private.has_role(p_user uuid, p_role lensers.app_role) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: user_roles is readable for its owner and admins only; this asks first.
begin
  if p_user is distinct from auth.uid() and not private.is_privileged() then
    perform private.fail('not_allowed', 'You may ask for your own roles only.',
      'Call has_role with auth.uid(), or as an admin.');
  end if;
  return exists (select from lensers.user_roles as r where r.user_id = p_user and r.role = p_role);
end;
$$;

create function lensers.has_role("user" uuid, role lensers.app_role) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return private.has_role($1, $2);

revoke all on function private.has_role(uuid, lensers.app_role) from public;
revoke all on function lensers.has_role(uuid, lensers.app_role) from public;
grant execute on function private.has_role(uuid, lensers.app_role) to anon, authenticated, service_role;
grant execute on function lensers.has_role(uuid, lensers.app_role) to anon, authenticated, service_role;

comment on function private.has_role(uuid, lensers.app_role) is
'The rule behind lensers.has_role().';
comment on function lensers.has_role(uuid, lensers.app_role) is
'Whether a user has a role. Answers about oneself, or to admins and the service role about anybody. Error: not_allowed (42501).';

-- from sql/20_lensers/070_function_ensure_profile.sql

create function private.ensure_profile() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: makes the profile in the owner's name and reads auth.users, which the caller cannot.
declare
  v_erased_at timestamptz;
begin
  if new.lenser_id is null then
    perform private.fail('not_allowed', 'Only a lenser can own something.', 'Sign in, or name a lenser.');
  end if;
  -- The lock waits for an erasure under way, and is what the foreign key takes anyway.
  select p.erased_at into v_erased_at from lensers.profiles as p where p.id = new.lenser_id for key share;
  if not found then
    insert into lensers.profiles (id, user_id)
    select u.id, u.id from auth.users as u where u.id = new.lenser_id
    on conflict do nothing;
    if not found and not exists (select from lensers.profiles as p where p.id = new.lenser_id) then
      perform private.fail('unknown_lenser', format('There is no lenser %s.', new.lenser_id),
        'A lenser is an auth user, or a row of lensers.profiles.', jsonb_build_object('lenser', new.lenser_id));
    end if;
  elsif v_erased_at is not null then
    perform private.fail('erased_lenser', 'This lenser was erased and can own nothing new.');
  end if;
  return new;
end;
$$;

revoke all on function private.ensure_profile() from public;

comment on function private.ensure_profile() is
'Row trigger on tables with lenser_id: makes the profile of an auth user at its first use, so that nothing has to be kept in step. Errors: not_allowed, erased_lenser (42501), unknown_lenser (PT404).';

-- from sql/20_lensers/080_triggers.sql

create trigger profiles_stamp before update on lensers.profiles
for each row execute function private.stamp();

-- from sql/30_media/010_schemas.sql

create schema media;
create schema content;
grant usage on schema media to anon, authenticated, service_role;
grant usage on schema content to anon, authenticated, service_role;
comment on schema media is 'Stored files: where each object lies.';
comment on schema content is 'What lensers made and keep: their media library.';

-- from sql/30_media/020_table_objects.sql

create table media.objects (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null default auth.uid(),
  bucket text not null,
  path text not null,
  mime_type text,
  byte_size bigint,
  created_at timestamptz not null default private.clock(),
  constraint objects_pkey primary key (id, lenser_id),
  constraint objects_lenser_id_bucket_path_key unique (lenser_id, bucket, path),
  constraint objects_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint byte_size_is_not_negative check (byte_size >= 0)
);

create trigger objects_ensure_profile before insert or update of lenser_id on media.objects
for each row execute function private.ensure_profile();

comment on table media.objects is 'Files of a lenser in object storage. The bytes are elsewhere.';
comment on column media.objects.id is 'The object.';
comment on column media.objects.lenser_id is 'The owner; the signed-in user unless the service role names another.';
comment on column media.objects.bucket is 'Storage bucket.';
comment on column media.objects.path is 'Path inside the bucket.';
comment on column media.objects.mime_type is 'Media type, such as image/png.';
comment on column media.objects.byte_size is 'Size in bytes.';
comment on column media.objects.created_at is 'When the row was made.';

-- from sql/30_media/030_table_media_library.sql

create table content.media_library (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null default auth.uid(),
  object_id uuid,
  title text,
  url text,
  created_at timestamptz not null default private.clock(),
  updated_at timestamptz not null default private.clock(),
  -- The target of (media_id, lenser_id) in ai.generations: a change of owner is refused while one points here.
  constraint media_library_pkey primary key (id, lenser_id),
  constraint media_library_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint media_library_object_id_fkey foreign key (object_id, lenser_id)
  references media.objects (id, lenser_id) on delete set null (object_id)
);

create index media_library_lenser_id_idx on content.media_library (lenser_id);
create index media_library_object_id_idx on content.media_library (object_id, lenser_id);

create trigger media_library_ensure_profile before insert or update of lenser_id on content.media_library
for each row execute function private.ensure_profile();
create trigger media_library_stamp before update on content.media_library
for each row execute function private.stamp();

comment on table content.media_library is 'The media a lenser keeps and generations refer to.';
comment on column content.media_library.id is 'The entry.';
comment on column content.media_library.lenser_id is 'The owner; the signed-in user unless the service role names another.';
comment on column content.media_library.object_id is 'The stored file, when there is one; of the same owner.';
comment on column content.media_library.title is 'Title to show.';
comment on column content.media_library.url is 'Where it can be fetched, when it is not a stored object.';
comment on column content.media_library.created_at is 'When the row was made.';
comment on column content.media_library.updated_at is 'When the row last changed.';

-- from sql/40_ai/010_schema_ai.sql

create schema ai;
grant usage on schema ai to anon, authenticated, service_role;
comment on schema ai is
'The registry and the rate book: providers, models, prices, features, routes, and the generation log.';

-- from sql/40_ai/020_types.sql

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
create type public.pricing_tier_enum as enum ('free', 'paid', 'enterprise');

comment on type ai.provider_enum is 'Deprecated: well-known providers by key. Providers are rows of ai.providers; all others read as other.';
comment on type ai.ai_capability_enum is 'What a model makes.';
comment on type ai.model_tier_enum is 'The plan that a model asks for.';
comment on type ai.unit_type_enum is 'What one unit of a price is.';
comment on type ai.provider_contract_enum is 'The wire protocol that a provider speaks. Closed: code depends on it.';
comment on type ai.auth_scheme_enum is 'How a request carries the credential: Authorization: Bearer, a header of the provider''s own, a query parameter, or not at all.';
comment on type ai.model_status_enum is 'The life of a model at its provider.';
comment on type ai.tier_mode_enum is 'What crossing a context threshold does: reprice the whole request, or only the part beyond.';
comment on type ai.generation_status_enum is 'How far a generation got.';
comment on type public.pricing_tier_enum is 'Deprecated: same values as ai.model_tier_enum, kept for outside tools.';

-- from sql/40_ai/030_table_providers.sql

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
  created_at timestamptz not null default private.clock(),
  updated_at timestamptz not null default private.clock(),
  constraint providers_pkey primary key (id),
  constraint providers_key_key unique (key),
  constraint providers_canonical_equivalent_id_fkey foreign key (canonical_equivalent_id)
  references ai.providers (id) on delete set null,
  constraint key_is_a_machine_key check (key ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
  constraint name_is_not_blank check (name ~ '\S'),
  constraint a_provider_is_not_its_own_equivalent check (canonical_equivalent_id <> id)
);

create index providers_canonical_equivalent_id_idx on ai.providers (canonical_equivalent_id);

create trigger providers_stamp before update on ai.providers
for each row execute function private.stamp();

comment on table ai.providers is 'Companies and services that serve models.';
comment on column ai.providers.id is 'The provider.';
comment on column ai.providers.key is 'Machine key, such as anthropic: lower case letters, digits, dot, dash, underscore.';
comment on column ai.providers.name is 'Name to show.';
comment on column ai.providers.api_url is 'Base endpoint.';
comment on column ai.providers.is_active is 'Whether models of the provider may be used.';
comment on column ai.providers.contract is 'The wire protocol it speaks; NULL when none of the known ones.';
comment on column ai.providers.auth_scheme is 'How a request carries the credential. Public; the credential is not here.';
comment on column ai.providers.modality is 'What it mainly serves, such as chat or image.';
comment on column ai.providers.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column ai.providers.canonical_revision is 'Revision of the catalogue''s row.';
comment on column ai.providers.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column ai.providers.created_at is 'When the row was made.';
comment on column ai.providers.updated_at is 'When the row last changed.';

-- from sql/40_ai/040_table_provider_connections.sql

-- The union's variants are its shapes below: a new one is one more branch, and no row is rewritten.
create function private.is_connection_auth(p_auth jsonb) returns boolean
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

revoke all on function private.is_connection_auth(jsonb) from public;
grant execute on function private.is_connection_auth(jsonb) to authenticated, service_role;

comment on function private.is_connection_auth(jsonb) is
'Whether a value is one of the shapes of ai.provider_connections.auth.';

create table ai.provider_connections (
  id uuid not null default gen_random_uuid(),
  name text not null,
  provider_id uuid not null,
  auth jsonb not null default '{"type": "none"}',
  base_url text,
  is_active boolean not null default true,
  created_at timestamptz not null default private.clock(),
  updated_at timestamptz not null default private.clock(),
  constraint provider_connections_pkey primary key (id),
  constraint provider_connections_name_key unique (name),
  constraint provider_connections_provider_id_fkey foreign key (provider_id)
  references ai.providers (id) on delete restrict,
  constraint auth_is_a_known_shape_without_a_secret check (private.is_connection_auth(auth))
);

create index provider_connections_provider_id_idx on ai.provider_connections (provider_id);

create trigger provider_connections_stamp before update on ai.provider_connections
for each row execute function private.stamp();

comment on table ai.provider_connections is
'Named pairs of a provider and a way to authenticate. For admins and the service role.';
comment on column ai.provider_connections.id is 'The connection.';
comment on column ai.provider_connections.name is 'Its name, unique.';
comment on column ai.provider_connections.provider_id is 'The provider.';
comment on column ai.provider_connections.auth is
'Tagged union: {"type":"api_key","credential":"name of a secret"}, {"type":"platform"} or {"type":"none"}. credential is a name in a secret store (Supabase Vault), never the secret: what looks like a key is refused.';
comment on column ai.provider_connections.base_url is 'Endpoint to use instead of the provider''s.';
comment on column ai.provider_connections.is_active is 'Whether it may be used.';
comment on column ai.provider_connections.created_at is 'When the row was made.';
comment on column ai.provider_connections.updated_at is 'When the row last changed.';

-- from sql/40_ai/050_table_models.sql

create table ai.models (
  id uuid not null default gen_random_uuid(),
  key text not null,
  name text not null,
  provider_id uuid not null,
  provider ai.provider_enum not null,
  provider_model_key text,
  version text,
  provider_url text,
  description text,
  capabilities ai.ai_capability_enum[] not null default '{}',
  supports text[] not null default '{}',
  modality text not null default 'text',
  task text not null default 'generation',
  model_family text,
  model_tier text,
  pricing_tier ai.model_tier_enum,
  temperature numeric,
  max_tokens integer,
  context_window integer,
  valid_sizes text[] not null default '{}',
  endpoint_path text,
  input_defaults jsonb not null default '{}',
  output_format text,
  rate_limits jsonb not null default '{}',
  capabilities_detail jsonb not null default '{}',
  metadata jsonb not null default '{}',
  typical_latency_ms integer,
  price_source text not null default 'manual',
  price_currency text not null default 'USD',
  is_public boolean not null default true,
  is_active boolean not null default true,
  is_default boolean not null default false,
  priority integer not null default 0,
  status ai.model_status_enum not null default 'active',
  release_date date,
  deprecation_date date,
  created_at timestamptz not null default private.clock(),
  updated_at timestamptz not null default private.clock(),
  created_by uuid default auth.uid(),
  updated_by uuid default auth.uid(),
  deleted_at timestamptz,
  search tsvector not null generated always as (
    to_tsvector('simple'::regconfig, name || ' ' || coalesce(description, ''))
  ) stored,
  constraint models_pkey primary key (id),
  constraint models_key_key unique (key),
  constraint models_provider_id_provider_model_key_key unique (provider_id, provider_model_key),
  constraint models_provider_id_fkey foreign key (provider_id) references ai.providers (id) on delete restrict,
  -- Deferred: the trigger that clears the former default runs after the row that replaces it.
  constraint one_default_per_modality_and_task exclude using btree (modality with =, task with =)
  where (is_default and deleted_at is null) deferrable initially deferred,
  constraint key_is_a_name check (key ~ '^\S(.{0,253}\S)?$' and key !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-'),
  constraint name_is_not_blank check (name ~ '\S'),
  constraint modality_is_not_blank check (modality ~ '\S'),
  constraint task_is_not_blank check (task ~ '\S'),
  constraint temperature_is_finite check (temperature >= 0 and temperature < 'Infinity'),
  constraint max_tokens_is_positive check (max_tokens > 0),
  constraint context_window_is_positive check (context_window > 0),
  constraint typical_latency_ms_is_not_negative check (typical_latency_ms >= 0),
  constraint price_currency_is_an_iso_code check (price_currency ~ '^[A-Z]{3}$'),
  constraint a_default_is_active check (not is_default or (is_active and deleted_at is null)),
  constraint a_deleted_model_is_inactive check (deleted_at is null or not is_active)
);

create index models_active_priority_idx on ai.models (priority) where is_active and deleted_at is null;
create index models_modality_task_idx on ai.models (modality, task);
create index models_default_idx on ai.models (modality, task) where is_default;
create index models_search_idx on ai.models using gin (search);

comment on table ai.models is
'The model registry. DELETE marks the row as deleted; setting is_default clears the former default of the same modality and task. Read it with select=*,provider:providers(*).';
comment on column ai.models.id is 'The model.';
comment on column ai.models.key is 'Machine key, such as claude-3-7-sonnet. ai.find_model() also knows aliases.';
comment on column ai.models.name is 'Name to show.';
comment on column ai.models.provider_id is 'Who serves it.';
comment on column ai.models.provider is 'Deprecated: the provider''s key where ai.provider_enum has it, else other. Follows provider_id; a row written with this alone is resolved by key.';
comment on column ai.models.provider_model_key is 'The provider''s own identifier, unique per provider; imports match on it.';
comment on column ai.models.version is 'Version as the provider counts.';
comment on column ai.models.provider_url is 'The provider''s page about the model or its prices.';
comment on column ai.models.description is 'What it is good for.';
comment on column ai.models.capabilities is 'What it makes.';
comment on column ai.models.supports is 'Features, such as vision, function_calling, streaming, audio, system_prompt, json_mode, reasoning, caching.';
comment on column ai.models.modality is 'What it works on: text, image, video, audio, …';
comment on column ai.models.task is 'What it does with it: generation, embedding, …';
comment on column ai.models.model_family is 'Family, such as SDXL.';
comment on column ai.models.model_tier is 'The provider''s own tier name. Not the plan: that is pricing_tier.';
comment on column ai.models.pricing_tier is 'The plan a user needs; NULL: no restriction.';
comment on column ai.models.temperature is 'Default sampling temperature.';
comment on column ai.models.max_tokens is 'Maximum output, in tokens.';
comment on column ai.models.context_window is 'Maximum input and output together, in tokens.';
comment on column ai.models.valid_sizes is 'Image sizes it accepts, such as 1024x1024; empty: not checked.';
comment on column ai.models.endpoint_path is 'Path below the provider''s base endpoint.';
comment on column ai.models.input_defaults is 'Parameters to send unless the caller says otherwise.';
comment on column ai.models.output_format is 'Media type of the output.';
comment on column ai.models.rate_limits is 'The provider''s limits.';
comment on column ai.models.capabilities_detail is 'Capabilities with their details, free form.';
comment on column ai.models.metadata is 'Anything else.';
comment on column ai.models.typical_latency_ms is 'Typical latency in milliseconds.';
comment on column ai.models.price_source is 'Which source''s rows of ai.model_pricing apply. Rows of different sources never mix.';
comment on column ai.models.price_currency is 'Which currency''s rows of ai.model_pricing apply, as an ISO 4217 code. Currencies never mix in one quote.';
comment on column ai.models.is_public is 'False hides the model from all but admins and the service role.';
comment on column ai.models.is_active is 'Whether it may be used for new work.';
comment on column ai.models.is_default is 'Whether it is the default of its modality and task.';
comment on column ai.models.priority is 'Order of preference in listings, higher first.';
comment on column ai.models.status is 'The life of the model at its provider.';
comment on column ai.models.release_date is 'When the provider released it.';
comment on column ai.models.deprecation_date is 'When the provider stops or stopped it.';
comment on column ai.models.created_at is 'When the row was made.';
comment on column ai.models.updated_at is 'When the row last changed.';
comment on column ai.models.created_by is 'JWT subject who made the row; NULL for the service role and direct SQL.';
comment on column ai.models.updated_by is 'JWT subject who last changed it; NULL for the service role and direct SQL.';
comment on column ai.models.deleted_at is 'When it was deleted; NULL for the living. A deleted model is hidden but still prices the past.';
comment on column ai.models.search is 'Name and description as a text search vector: search=plfts(simple).fast';

-- from sql/40_ai/060_triggers_models.sql

create function private.resolve_model_provider() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema private.
declare
  v_by_enum boolean := new.provider is not null and case tg_op
    when 'INSERT' then new.provider_id is null
    else new.provider is distinct from old.provider and new.provider_id is not distinct from old.provider_id
  end;
  v_key text;
begin
  select p.key into v_key from ai.providers as p where p.id = new.provider_id;
  if v_key is not null and new.provider = private.provider_enum_of(v_key) then
    return new;
  end if;
  if v_by_enum then
    select p.id into new.provider_id
    from ai.providers as p
    where p.key = new.provider::text and new.provider <> 'other';
    if not found then
      perform private.fail(
        'unknown_provider', format('Provider "%s" names no row of ai.providers.', new.provider),
        'Set provider_id; other alone says nothing.', jsonb_build_object('provider', new.provider)
      );
    end if;
    return new;
  end if;
  if new.provider_id is null then
    perform private.fail('unknown_provider', 'A model needs a provider.', 'Set provider_id.');
  end if;
  new.provider := private.provider_enum_of(v_key);
  return new;
end;
$$;

create function private.provider_enum_of(p_key text) returns ai.provider_enum
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(
  (
    select e from unnest(enum_range(null::ai.provider_enum)) as e
    where e::text = p_key
  ), 'other'
);

create function private.follow_provider_key() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: keeps models in step whoever renames the provider.
begin
  update ai.models as m
  set provider = private.provider_enum_of(new.key)
  where m.provider_id = new.id and m.provider <> private.provider_enum_of(new.key);
  return null;
end;
$$;

create function private.lock_defaults() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema private.
-- The lock comes before any row lock or index entry, so two admins wait for each other and never deadlock.
begin
  perform pg_advisory_xact_lock(hashtextextended('ratebook.defaults', 0));
  return new;
end;
$$;

create function private.clear_former_default() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: clears rows of the same modality and task whoever sets the new default.
begin
  update ai.models as m
  set is_default = false
  where
    m.modality = new.modality
    and m.task = new.task
    and m.is_default
    and m.id <> new.id
    -- Of two defaults in one statement the first to get here stands.
    and exists (select from ai.models as n where n.id = new.id and n.is_default);
  return null;
end;
$$;

create function private.soft_delete_model() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: policies have let the caller delete the row; deleting is an update here.
begin
  update ai.models as m
  set deleted_at = private.clock(), is_active = false, is_default = false
  where m.id = old.id and m.deleted_at is null;
  return null;
end;
$$;

revoke all on function private.resolve_model_provider() from public;
revoke all on function private.provider_enum_of(text) from public;
revoke all on function private.follow_provider_key() from public;
revoke all on function private.lock_defaults() from public;
revoke all on function private.clear_former_default() from public;
revoke all on function private.soft_delete_model() from public;

comment on function private.resolve_model_provider() is
'Row trigger: provider_id wins and provider follows it; a row with provider alone is resolved by the provider''s key. Error: unknown_provider (PT422).';
comment on function private.provider_enum_of(text) is 'The value of ai.provider_enum for a provider key; other for keys it does not have.';
comment on function private.follow_provider_key() is 'Row trigger: a provider that gets another key takes the deprecated column of its models along.';
comment on function private.lock_defaults() is 'Trigger before a default is written: one writer of defaults at a time, without deadlock.';
comment on function private.clear_former_default() is 'Row trigger: a new default ends the former one of the same modality and task.';
comment on function private.soft_delete_model() is 'Row trigger before delete: marks the model as deleted and keeps the row.';

create trigger models_resolve_provider before insert or update of provider, provider_id on ai.models
for each row execute function private.resolve_model_provider();
create trigger models_lock_default_insert before insert on ai.models
for each row when (new.is_default) execute function private.lock_defaults();
create trigger models_lock_defaults before update of is_default, modality, task or delete on ai.models
for each statement execute function private.lock_defaults();
create trigger models_clear_former_default_insert after insert on ai.models
for each row when (new.is_default) execute function private.clear_former_default();
create trigger models_clear_former_default_update after update of is_default, modality, task on ai.models
for each row when (new.is_default) execute function private.clear_former_default();
create trigger models_soft_delete before delete on ai.models
for each row execute function private.soft_delete_model();
create trigger models_refuse_truncate before truncate on ai.models
for each statement execute function private.refuse_change('Delete models one by one; they stay for the past.');
create trigger models_stamp before update on ai.models
for each row execute function private.stamp();
create trigger providers_follow_key after update of key on ai.providers
for each row execute function private.follow_provider_key();

-- from sql/40_ai/070_table_model_aliases.sql

create table ai.model_aliases (
  alias text not null,
  model_id uuid not null,
  source text not null default 'manual',
  created_at timestamptz not null default private.clock(),
  constraint model_aliases_pkey primary key (alias, model_id),
  constraint model_aliases_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint alias_is_a_name check (alias ~ '^\S(.{0,253}\S)?$')
);

create index model_aliases_model_id_idx on ai.model_aliases (model_id);

comment on table ai.model_aliases is
'Other names of models: openai/gpt-4o, dated snapshots, a catalogue''s own name. A name may belong to several models; asking for it is then an error that lists them.';
comment on column ai.model_aliases.alias is 'The other name.';
comment on column ai.model_aliases.model_id is 'The model it means.';
comment on column ai.model_aliases.source is 'Who says so: manual, or a catalogue.';
comment on column ai.model_aliases.created_at is 'When the row was made.';

-- from sql/40_ai/080_function_find_model.sql

create function private.model_id(p_model text, p_all boolean) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid [];
begin
  select array_agg(m.id) into v_ids
  from ai.models as m
  where
    (m.key = p_model or m.id = case when p_model ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then p_model::uuid end)
    and (p_all or (m.is_public and m.deleted_at is null));
  if v_ids is null then
    select array_agg(m.id order by m.key) into v_ids
    from ai.model_aliases as a
    inner join ai.models as m on m.id = a.model_id
    where a.alias = p_model and (p_all or (m.is_public and m.deleted_at is null));
  end if;
  if v_ids is null then
    perform private.fail(
      'unknown_model', format('There is no model called "%s".', left(coalesce(p_model, ''), 100)),
      'Ask ai.models for the keys, or ai.model_aliases for other names.',
      jsonb_build_object('model', left(p_model, 100))
    );
  elsif cardinality(v_ids) > 1 then
    perform private.fail(
      'ambiguous_model', format('"%s" may mean any of %s models.', p_model, cardinality(v_ids)),
      'Use one of the candidates'' keys.',
      jsonb_build_object(
        'model', p_model,
        'candidates', (select jsonb_agg(m.key order by m.key) from ai.models as m where m.id = any(v_ids))
      )
    );
  end if;
  return v_ids[1];
end;
$$;

create function private.visible_model_id(p_model text) returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: answers the same for a hidden model as for one that is not there, without a policy's help.
begin
  return private.model_id(p_model, private.is_privileged());
end;
$$;

create function ai.find_model(model text) returns setof ai.models
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ai.models as m
  where m.id = private.visible_model_id(model);
end;

revoke all on function private.model_id(text, boolean) from public;
revoke all on function private.visible_model_id(text) from public;
revoke all on function ai.find_model(text) from public;
grant execute on function private.visible_model_id(text) to anon, authenticated, service_role;
grant execute on function ai.find_model(text) to anon, authenticated, service_role;

comment on function private.model_id(text, boolean) is
'The model that a name means, to those who see all or to the public: by id or key, else by alias. Errors: unknown_model (PT404), ambiguous_model (PT409, DETAIL lists the candidates).';
comment on function private.visible_model_id(text) is 'The model that a name means to the caller. Errors: those of private.model_id().';
comment on function ai.find_model(text) is
'The model with an id, key or alias. A hidden model answers like an unknown one. Errors: unknown_model (PT404), ambiguous_model (PT409, DETAIL lists the candidates).';

-- from sql/40_ai/090_table_meters.sql

create table ai.meters (
  key text not null,
  name text not null,
  description text not null,
  unit_type ai.unit_type_enum not null,
  counts_as_input boolean not null default false,
  falls_back_to text,
  constraint meters_pkey primary key (key),
  -- The target of (meter, unit_type) in ai.model_pricing: a price is in its meter's unit.
  constraint meters_key_unit_type_key unique (key, unit_type),
  constraint meters_falls_back_to_fkey foreign key (falls_back_to, unit_type) references ai.meters (key, unit_type),
  constraint key_is_a_machine_key check (key ~ '^[a-z][a-z0-9_]{0,62}$')
);

create index meters_falls_back_to_idx on ai.meters (falls_back_to, unit_type);

create function private.refuse_meter_cycle() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema private.
begin
  if exists (
    with recursive chain (key, falls_back_to) as (
      select m.key, m.falls_back_to from ai.meters as m where m.key = new.falls_back_to
      union
      select m.key, m.falls_back_to from chain as c inner join ai.meters as m on m.key = c.falls_back_to
    )
    select from chain where chain.key = new.key
  ) then
    perform private.fail('cyclic_fallback', format('Meter "%s" would fall back to itself.', new.key));
  end if;
  return null;
end;
$$;

revoke all on function private.refuse_meter_cycle() from public;
comment on function private.refuse_meter_cycle() is 'Row trigger: a fallback chain has an end. Error: cyclic_fallback (PT422).';

create trigger meters_refuse_cycle after insert or update of falls_back_to on ai.meters
for each row execute function private.refuse_meter_cycle();

comment on table ai.meters is
'What is counted. A usage is a JSON object of these keys and their quantities; each unit of work is counted in one meter only.';
comment on column ai.meters.key is 'The meter, as usages name it.';
comment on column ai.meters.name is 'Name to show.';
comment on column ai.meters.description is 'What one unit is and what is left out.';
comment on column ai.meters.unit_type is 'The unit it counts in.';
comment on column ai.meters.counts_as_input is 'Whether it counts toward the thresholds of context tiers.';
comment on column ai.meters.falls_back_to is 'The meter whose price applies where this one has none; NULL: the end of the chain.';

-- from sql/40_ai/100_table_service_tiers.sql

create table ai.service_tiers (
  key text not null,
  description text not null,
  tries_chain_first boolean not null default false,
  constraint service_tiers_pkey primary key (key),
  constraint key_is_a_machine_key check (key ~ '^[a-z][a-z0-9_]{0,62}$')
);

comment on table ai.service_tiers is 'How urgently the provider works: each may have prices of its own.';
comment on column ai.service_tiers.key is 'The tier, as callers name it.';
comment on column ai.service_tiers.description is 'What it is.';
comment on column ai.service_tiers.tries_chain_first is
'For a meter without a price in this tier: true tries the meter''s fallbacks inside the tier before the standard tier; false tries the same meter in the standard tier first.';

-- from sql/40_ai/110_data_meters_and_tiers.sql

-- Reference data that the logic needs.
insert into ai.meters (key, name, description, unit_type, counts_as_input, falls_back_to) values
('tokens', 'Tokens', 'A token of any kind. Prices a bare token count and ends every token chain.', 'tokens', true, null),
('input', 'Input tokens', 'A token read at the plain price: no other meter''s token.', 'tokens', true, 'tokens'),
('output', 'Output tokens', 'A token written: no other meter''s token.', 'tokens', false, 'tokens'),
('cache_read', 'Cached input tokens', 'An input token read from a cache.', 'tokens', true, 'input'),
('cache_write', 'Cache write tokens', 'An input token written to a cache.', 'tokens', true, 'input'),
('cache_write_1h', 'Cache write tokens, one hour', 'An input token kept for an hour.', 'tokens', true, 'cache_write'),
('cache_write_12h', 'Cache write tokens, twelve hours', 'An input token kept for twelve hours.', 'tokens', true, 'cache_write'),
('reasoning', 'Reasoning tokens', 'A token of thought that is written but not part of the answer.', 'tokens', false, 'output'),
('input_audio', 'Audio input tokens', 'A token of sound read.', 'tokens', true, 'input'),
('input_image', 'Image input tokens', 'A token of a picture read.', 'tokens', true, 'input'),
('input_video', 'Video input tokens', 'A token of a video read.', 'tokens', true, 'input'),
('output_audio', 'Audio output tokens', 'A token of sound made.', 'tokens', false, 'output'),
('output_image', 'Image output tokens', 'A token of a picture made.', 'tokens', false, 'output'),
('output_video', 'Video output tokens', 'A token of a video made.', 'tokens', false, 'output'),
('cache_read_audio', 'Cached audio input tokens', 'A token of sound read from a cache.', 'tokens', true, 'cache_read'),
('cache_read_image', 'Cached image input tokens', 'A token of a picture read from a cache.', 'tokens', true, 'cache_read'),
('cache_write_audio', 'Audio cache write tokens', 'A token of sound written to a cache.', 'tokens', true, 'cache_write'),
('citation', 'Citation tokens', 'A token of a source that the answer cites.', 'tokens', false, 'input'),
('image', 'Images', 'One picture made.', 'image', false, null),
('input_image_count', 'Images read', 'One picture read, where pictures are counted and not their tokens.', 'image', false, null),
('pixel', 'Pixels', 'One pixel made.', 'pixel', false, null),
('input_pixel', 'Pixels read', 'One pixel read.', 'pixel', false, null),
('video_second', 'Video seconds', 'One second of video made.', 'video_second', false, null),
('input_video_second', 'Video seconds read', 'One second of video read.', 'video_second', false, null),
('audio_second', 'Audio seconds', 'One second of audio, made or read.', 'audio_second', false, null),
('input_audio_second', 'Audio seconds read', 'One second of audio read.', 'audio_second', false, 'audio_second'),
('output_audio_second', 'Audio seconds made', 'One second of audio made.', 'audio_second', false, 'audio_second'),
('compute_second', 'Compute seconds', 'One second of the machine.', 'second', false, null),
('input_character', 'Characters read', 'One character read.', 'character', false, null),
('output_character', 'Characters written', 'One character written.', 'character', false, null),
('page', 'Pages', 'One page of a document read.', 'page', false, null),
('annotated_page', 'Annotated pages', 'One page read with annotations.', 'page', false, 'page'),
('request', 'Requests', 'One request, whatever it holds.', 'request', false, null),
('query', 'Queries', 'One search query or message sent to the model.', 'request', false, null),
('web_search', 'Web searches', 'One search of the web by a tool; variant: the size of its context.', 'request', false, null),
('map_query', 'Map queries', 'One grounding query to a map.', 'request', false, null),
('file_search', 'File searches', 'One search in stored files.', 'request', false, null),
('session', 'Sessions', 'One session of a tool, such as a code interpreter.', 'request', false, null),
('storage_gigabyte_day', 'Storage', 'One gigabyte kept for a day.', 'gigabyte_day', false, null);

insert into ai.service_tiers (key, description, tries_chain_first) values
('standard', 'The plain service; its prices apply where another tier has none.', false),
('batch', 'Answered within a day, usually cheaper.', true),
('flex', 'Answered when there is room, usually cheaper.', false),
('balanced', 'Between flex and standard.', false),
('priority', 'Answered first, usually dearer.', false),
('ultrafast', 'Answered fastest, dearest.', false),
('decisions', 'Short answers that choose among options.', false);

-- from sql/40_ai/120_table_model_pricing.sql

create table ai.model_pricing (
  id uuid not null default gen_random_uuid(),
  model_id uuid not null,
  meter text not null,
  unit_type ai.unit_type_enum not null default 'tokens',
  price_per_unit numeric,
  currency text not null default 'USD',
  effective_from timestamptz not null default private.clock(),
  service_tier text not null default 'standard',
  variant text,
  region text,
  context_threshold bigint,
  threshold_inclusive boolean not null default false,
  tier_mode ai.tier_mode_enum not null default 'whole_request',
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  source text not null default 'manual',
  revision integer not null default 0,
  withdrawn boolean not null default false,
  is_public boolean not null default true,
  created_at timestamptz not null default private.clock(),
  created_by uuid default auth.uid(),
  constraint model_pricing_pkey primary key (id),
  constraint model_pricing_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint model_pricing_meter_fkey foreign key (meter, unit_type) references ai.meters (key, unit_type),
  constraint model_pricing_service_tier_fkey foreign key (service_tier) references ai.service_tiers (key),
  -- One row says one thing. A correction is the same key with a higher revision.
  constraint model_pricing_key unique nulls not distinct (
    model_id, source, currency, meter, service_tier, variant, region, context_threshold,
    window_start, window_end, window_days, window_time_zone, effective_from, revision
  ),
  -- NaN sorts above Infinity, so the upper bound refuses both.
  constraint price_per_unit_is_finite check (price_per_unit >= 0 and price_per_unit < 'Infinity'),
  constraint a_withdrawn_price_has_no_amount check (withdrawn = (price_per_unit is null)),
  constraint currency_is_an_iso_code check (currency ~ '^[A-Z]{3}$'),
  constraint effective_from_is_finite check (isfinite(effective_from)),
  constraint revision_is_not_negative check (revision >= 0),
  constraint variant_is_not_blank check (variant ~ '\S'),
  constraint region_is_not_blank check (region ~ '\S'),
  constraint context_threshold_is_positive check (context_threshold > 0),
  constraint a_window_is_whole check (num_nulls(window_start, window_end, window_days, window_time_zone) in (0, 4)),
  constraint window_days_is_a_weekday_mask check (window_days between 1 and 127),
  constraint window_is_not_empty check (window_start <> window_end),
  -- Raises for a zone that PostgreSQL does not know.
  constraint window_time_zone_is_known check (isfinite(effective_from at time zone window_time_zone))
);

create index model_pricing_meter_idx on ai.model_pricing (meter, unit_type);
create index model_pricing_service_tier_idx on ai.model_pricing (service_tier);

create function private.complete_price() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads the meters whatever the caller may read.
begin
  if new.meter is null then
    -- The first schema knew units only; each of its units has a meter of the same name.
    new.meter := new.unit_type::text;
  elsif new.unit_type = 'tokens' then
    -- The default of unit_type; a unit that was given and is wrong is refused by the foreign key.
    new.unit_type := coalesce((select m.unit_type from ai.meters as m where m.key = new.meter), new.unit_type);
  end if;
  return new;
end;
$$;

revoke all on function private.complete_price() from public;
comment on function private.complete_price() is
'Row trigger before insert: meter and unit_type complete each other.';

create trigger model_pricing_complete before insert on ai.model_pricing
for each row execute function private.complete_price();
create trigger model_pricing_refuse_change before update or delete or truncate on ai.model_pricing
for each statement execute function private.refuse_change(
  'Insert a row: a higher revision corrects a price, a later effective_from replaces it, withdrawn ends it.'
);

alter table ai.model_pricing enable always trigger model_pricing_refuse_change;

comment on table ai.model_pricing is
'The rate book. Rows are only ever inserted. In force at a time is, for each key, the row with the latest effective_from not after it, then the highest revision; a withdrawn row ends the price. Select price_per_unit::text: JSON numbers lose digits.';
comment on column ai.model_pricing.id is 'The price row; charges refer to it.';
comment on column ai.model_pricing.model_id is 'The model.';
comment on column ai.model_pricing.meter is 'What is counted; from unit_type where it is left out.';
comment on column ai.model_pricing.unit_type is 'The unit of the meter.';
comment on column ai.model_pricing.price_per_unit is 'Exact price of ONE unit (one token, not a million), in currency. 0 is free. NULL only in a withdrawn row.';
comment on column ai.model_pricing.currency is 'ISO 4217 code.';
comment on column ai.model_pricing.effective_from is 'From when on it applies.';
comment on column ai.model_pricing.service_tier is 'The service tier it is for.';
comment on column ai.model_pricing.variant is 'The variant it is for, such as an image size or quality; NULL: all.';
comment on column ai.model_pricing.region is 'The region it is for; NULL: all.';
comment on column ai.model_pricing.context_threshold is 'Input tokens beyond which it applies; NULL: the base price.';
comment on column ai.model_pricing.threshold_inclusive is 'Whether it applies at the threshold already.';
comment on column ai.model_pricing.tier_mode is 'Whether crossing the threshold reprices the whole request or only the part beyond.';
comment on column ai.model_pricing.window_start is 'Start of the daily window, inclusive; NULL: all day.';
comment on column ai.model_pricing.window_end is 'End of the daily window, exclusive; before the start where it wraps midnight.';
comment on column ai.model_pricing.window_days is 'Weekdays on which the window starts: 1 Monday, 2 Tuesday, 4 Wednesday, … 64 Sunday, added up.';
comment on column ai.model_pricing.window_time_zone is 'Time zone of the window.';
comment on column ai.model_pricing.source is 'Who says so: manual, or a catalogue. A model''s price_source decides which applies.';
comment on column ai.model_pricing.revision is 'Corrections of the same key count up from 0; the highest stands.';
comment on column ai.model_pricing.withdrawn is 'Whether the row ends the price instead of setting one.';
comment on column ai.model_pricing.is_public is 'False hides the price, and the cost behind a quote, from all but admins and the service role.';
comment on column ai.model_pricing.created_at is 'When the row was made.';
comment on column ai.model_pricing.created_by is 'JWT subject who made it; NULL for the service role and direct SQL.';

-- from sql/40_ai/130_table_features.sql

create table ai.features (
  key text not null,
  id uuid not null default gen_random_uuid(),
  description text,
  is_active boolean not null default true,
  constraint features_pkey primary key (key),
  constraint features_id_key unique (id),
  constraint key_is_a_machine_key check (key ~ '^[a-z0-9][a-z0-9_.:-]{0,99}$')
);

comment on table ai.features is 'What the application does with models; routes and margins are set per feature.';
comment on column ai.features.key is 'The feature, as callers name it. It may be renamed: routes follow, logs keep the old name.';
comment on column ai.features.id is 'What insert-only rows point to, so that a rename changes no history.';
comment on column ai.features.description is 'What it is.';
comment on column ai.features.is_active is 'Whether it may be used.';

-- from sql/40_ai/140_table_feature_model_policies.sql

create table ai.feature_model_policies (
  id uuid not null default gen_random_uuid(),
  feature_key text not null,
  model_id uuid not null,
  priority integer not null default 0,
  weight numeric not null default 1,
  is_active boolean not null default true,
  created_at timestamptz not null default private.clock(),
  constraint feature_model_policies_pkey primary key (id),
  constraint feature_model_policies_feature_key_model_id_key unique (feature_key, model_id),
  constraint feature_model_policies_feature_key_fkey foreign key (feature_key)
  references ai.features (key) on update cascade on delete restrict,
  constraint feature_model_policies_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint weight_is_positive_and_finite check (weight > 0 and weight < 'Infinity')
);

create index feature_model_policies_model_id_idx on ai.feature_model_policies (model_id);

comment on table ai.feature_model_policies is 'Routes: which models serve a feature, in which order.';
comment on column ai.feature_model_policies.id is 'The route.';
comment on column ai.feature_model_policies.feature_key is 'The feature.';
comment on column ai.feature_model_policies.model_id is 'The model.';
comment on column ai.feature_model_policies.priority is 'Order of choice, lower first.';
comment on column ai.feature_model_policies.weight is 'Share of the traffic among routes of equal priority.';
comment on column ai.feature_model_policies.is_active is 'Whether the route is open.';
comment on column ai.feature_model_policies.created_at is 'When the row was made.';

-- from sql/40_ai/150_function_assert_usage.sql

create function private.assert_usage(p_usage jsonb) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_meter text;
  v_value jsonb;
  v_is_known boolean;
  v_quantity numeric;
begin
  if jsonb_typeof(p_usage) is distinct from 'object' or p_usage = '{}' then
    perform private.fail('invalid_usage', 'A usage is a JSON object of meters and quantities, with at least one.',
      'For example {"input": 1000, "output": 500}.');
  end if;
  -- Nearly every usage is well: one query says so, and the loop says what is wrong with the others.
  if (
    select
      bool_and(
        m.key is not null and case
          when jsonb_typeof(u.value) = 'number'
            then u.value::numeric between 0 and 1e12 and scale(u.value::numeric) <= 12
          else false
        end
      )
    from jsonb_each(p_usage) as u
    left join ai.meters as m on m.key = u.key
  ) then
    return;
  end if;
  for v_meter, v_value, v_is_known in
    select u.key, u.value, m.key is not null
    from jsonb_each(p_usage) as u
    left join ai.meters as m on m.key = u.key
  loop
    if not v_is_known then
      perform private.fail('unknown_meter', format('There is no meter called "%s".', left(v_meter, 100)),
        'Ask ai.meters for the keys.', jsonb_build_object('meter', left(v_meter, 100)));
    end if;
    if jsonb_typeof(v_value) <> 'number' then
      perform private.fail('not_a_number', format('The quantity of "%s" is not a number.', v_meter),
        'Quantities are JSON numbers.', jsonb_build_object('meter', v_meter));
    end if;
    v_quantity := v_value::numeric;
    if v_quantity < 0 then
      perform private.fail('negative_quantity', format('The quantity of "%s" is negative.', v_meter), null,
        jsonb_build_object('meter', v_meter));
    end if;
    if v_quantity > 1e12 or scale(trim_scale(v_quantity)) > 12 then
      perform private.fail('quantity_out_of_range', format('The quantity of "%s" is out of range.', v_meter),
        'Quantities are at most 1e12, with at most 12 decimals.', jsonb_build_object('meter', v_meter));
    end if;
  end loop;
end;
$$;

revoke all on function private.assert_usage(jsonb) from public;

comment on function private.assert_usage(jsonb) is
'Refuses what is not a usage. Errors, all PT422: invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range.';

-- from sql/40_ai/160_table_generations.sql

create table ai.generations (
  id uuid not null default private.uuid_v7(),
  lenser_id uuid not null default auth.uid(),
  model_id uuid not null,
  media_id uuid,
  feature_key text,
  prompt text,
  output text,
  token_count integer,
  usage jsonb,
  status ai.generation_status_enum not null default 'pending',
  latency_ms integer,
  quality_rating smallint,
  created_at timestamptz not null generated always as (private.uuid_v7_time(id)) stored,
  constraint generations_pkey primary key (id, lenser_id),
  constraint generations_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint generations_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  -- With the owner in the key, not even a change of owner at the same moment leaves another's media here.
  constraint generations_media_id_fkey foreign key (media_id, lenser_id)
  references content.media_library (id, lenser_id) on delete set null (media_id),
  constraint token_count_is_not_negative check (token_count >= 0),
  constraint latency_ms_is_not_negative check (latency_ms >= 0),
  constraint quality_rating_is_one_to_five check (quality_rating between 1 and 5)
) partition by range (id);

create index generations_lenser_id_id_idx on ai.generations (lenser_id, id);
create index generations_model_id_idx on ai.generations (model_id);
create index generations_media_id_idx on ai.generations (media_id, lenser_id);

create function private.enforce_media_owner() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the answer is the same for another's media as for media that is not there, whoever asks.
begin
  if not exists (
    select from content.media_library as l where l.id = new.media_id and l.lenser_id = new.lenser_id
  ) then
    perform private.fail(
      'media_not_owned', format('Media %s does not belong to lenser %s.', new.media_id, new.lenser_id),
      'Use media of the lenser who owns the generation.', jsonb_build_object('media_id', new.media_id)
    );
  end if;
  return new;
end;
$$;

create function private.check_generation_usage() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema private.
begin
  perform private.assert_usage(new.usage);
  return new;
end;
$$;

create function private.drop_content_of_erased() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads the profile whoever writes.
begin
  if exists (select from lensers.profiles as p where p.id = new.lenser_id and p.erased_at is not null for key share) then
    new.prompt := null;
    new.output := null;
    new.media_id := null;
  end if;
  return new;
end;
$$;

revoke all on function private.drop_content_of_erased() from public;
revoke all on function private.enforce_media_owner() from public;
revoke all on function private.check_generation_usage() from public;
comment on function private.enforce_media_owner() is
'Row trigger: the media of a generation belongs to its lenser. Error: media_not_owned (42501).';
comment on function private.drop_content_of_erased() is
'Row trigger before update: a call that ends after its lenser was erased leaves figures, no content.';
comment on function private.check_generation_usage() is
'Row trigger: what is logged as usage can be priced later. Errors: those of private.assert_usage().';

create trigger ai_generations_media_owner_enforce before insert or update of media_id, lenser_id on ai.generations
for each row when (new.media_id is not null) execute function private.enforce_media_owner();
create trigger generations_check_usage before insert or update of usage on ai.generations
for each row when (new.usage is not null) execute function private.check_generation_usage();
create trigger generations_drop_content_of_erased before update of prompt, output, media_id on ai.generations
for each row when (num_nonnulls(new.prompt, new.output, new.media_id) > 0)
execute function private.drop_content_of_erased();
create trigger generations_ensure_profile before insert on ai.generations
for each row execute function private.ensure_profile();
create trigger generations_refuse_truncate before truncate on ai.generations
for each statement execute function private.refuse_change(
  'Detach old partitions with private.detach_partitions() instead.'
);

select private.extend_partitions('ai.generations');

comment on table ai.generations is
'The generation log, in monthly partitions. The database makes id and created_at. Owners create and delete their rows; usage, status, output and rating are set by backends.';
comment on column ai.generations.id is 'UUIDv7: its time is created_at, and it decides the partition.';
comment on column ai.generations.lenser_id is 'The owner; the signed-in user unless the service role names another.';
comment on column ai.generations.model_id is 'The model that was asked.';
comment on column ai.generations.media_id is 'What it made or used; of the same owner.';
comment on column ai.generations.feature_key is 'The feature it was for, by the key of its time; not a foreign key, so that the log outlives renames.';
comment on column ai.generations.prompt is 'What was asked; NULL after erasure.';
comment on column ai.generations.output is 'What was answered; NULL after erasure.';
comment on column ai.generations.token_count is 'Tokens as the owner counted them. Money comes from charges, never from here.';
comment on column ai.generations.usage is 'Meters and quantities as the backend counted them.';
comment on column ai.generations.status is 'How far it got.';
comment on column ai.generations.latency_ms is 'How long the model took, in milliseconds.';
comment on column ai.generations.quality_rating is '1 (poor) to 5 (excellent).';
comment on column ai.generations.created_at is 'When it was made: the time inside id, to the microsecond.';

-- from sql/40_ai/170_function_finish_generation.sql

create function private.finish_generation(
  p_generation uuid,
  p_status ai.generation_status_enum,
  p_usage jsonb,
  p_output text,
  p_token_count integer,
  p_latency_ms integer,
  p_quality_rating smallint
) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: makes partitions, which belong to the owner of the schema.
begin
  perform private.extend_partitions_if_short('ai.generations');
  update ai.generations as g
  set
    status = coalesce(p_status, g.status),
    usage = coalesce(p_usage, g.usage),
    output = coalesce(p_output, g.output),
    token_count = coalesce(p_token_count, g.token_count),
    latency_ms = coalesce(p_latency_ms, g.latency_ms),
    quality_rating = coalesce(p_quality_rating, g.quality_rating)
  where g.id = p_generation;
  if not found then
    perform private.fail('unknown_generation', format('There is no generation %s.', p_generation), null,
      jsonb_build_object('generation', p_generation));
  end if;
end;
$$;

create function ai.finish_generation(
  generation uuid,
  status ai.generation_status_enum default 'completed',
  usage jsonb default null,
  output text default null,
  token_count integer default null,
  latency_ms integer default null,
  quality_rating smallint default null
) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select private.finish_generation(generation, status, usage, output, token_count, latency_ms, quality_rating);
end;

revoke all on function private.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint
) from public;
revoke all on function ai.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint
) from public;
grant execute on function private.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint
) to service_role;
grant execute on function ai.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint
) to service_role;

comment on function private.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint
) is 'The rule behind ai.finish_generation().';
comment on function ai.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint
) is
'Service role only. Records how a generation ended: status, usage (meters and quantities), output, tokens, latency in milliseconds, rating 1 to 5. NULL leaves a value as it is. Errors: unknown_generation (PT404), those of usages (PT422).';

-- from sql/40_ai/180_function_backfill_generations.sql

create function private.backfill_generations(p_generations jsonb) returns setof uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: makes partitions and ids, which API roles cannot.
declare
  v_from timestamptz;
begin
  if jsonb_typeof(p_generations) is distinct from 'array'
    or exists (select from jsonb_array_elements(p_generations) as g where jsonb_typeof(g.value) <> 'object') then
    perform private.fail('invalid_argument', 'Generations are a JSON array of objects.');
  end if;
  select min(g.created_at) into v_from from jsonb_to_recordset(p_generations) as g (created_at timestamptz);
  if exists (
    select from jsonb_to_recordset(p_generations) as g (created_at timestamptz)
    where g.created_at is null or g.created_at > private.clock() or g.created_at < '2000-01-01T00:00:00Z'
  ) then
    perform private.fail('invalid_time', 'Every generation needs a created_at between the year 2000 and now.');
  end if;
  perform private.make_partitions('ai.generations', v_from, private.clock());
  return query
  insert into ai.generations (
    id, lenser_id, model_id, media_id, feature_key, prompt, output, token_count, usage, status, latency_ms,
    quality_rating
  )
  select
    private.uuid_v7(g.created_at), g.lenser_id, g.model_id, g.media_id, g.feature_key, g.prompt, g.output,
    g.token_count, g.usage, coalesce(g.status, 'completed'), g.latency_ms, g.quality_rating
  from jsonb_to_recordset(p_generations) as g (
    lenser_id uuid, model_id uuid, media_id uuid, feature_key text, prompt text, output text, token_count integer,
    usage jsonb, status ai.generation_status_enum, latency_ms integer, quality_rating smallint,
    created_at timestamptz
  )
  returning generations.id;
end;
$$;

create function ai.backfill_generations(generations jsonb) returns setof uuid
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select b.id from private.backfill_generations(generations) as b (id);
end;

revoke all on function private.backfill_generations(jsonb) from public;
revoke all on function ai.backfill_generations(jsonb) from public;
grant execute on function private.backfill_generations(jsonb) to service_role;
grant execute on function ai.backfill_generations(jsonb) to service_role;

comment on function private.backfill_generations(jsonb) is 'The rule behind ai.backfill_generations().';
comment on function ai.backfill_generations(jsonb) is
'Service role only. Inserts generations of the past and makes the partitions of their months. Each object has lenser_id, model_id, created_at and any other column but id. Returns the ids, made from created_at. Errors: invalid_argument, invalid_time (PT422).';

-- from sql/40_ai/190_function_extend_partitions.sql

create function private.extend_all_partitions(p_months integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: partitions belong to the owner of the schema.
begin
  return private.extend_partitions('ai.generations', p_months);
end;
$$;

create function ai.extend_partitions(months integer default 24) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select private.extend_all_partitions(months);
end;

revoke all on function private.extend_all_partitions(integer) from public;
revoke all on function ai.extend_partitions(integer) from public;
grant execute on function private.extend_all_partitions(integer) to service_role;
grant execute on function ai.extend_partitions(integer) to service_role;

comment on function private.extend_all_partitions(integer) is 'The rule behind ai.extend_partitions().';
comment on function ai.extend_partitions(integer) is
'Service role only. Keeps the given number of months of partitions ahead (1 to 120) and returns how many were made. Backends'' writes do it by themselves; a schedule may call it where only owners write.';

-- from sql/40_ai/200_view_resources.sql

create view ai.resources with (security_invoker = true) as
select
  o.id,
  o.lenser_id,
  o.bucket,
  o.path,
  o.mime_type,
  o.byte_size,
  o.created_at
from media.objects as o;

comment on view ai.resources is 'Deprecated: media.objects under its former name, for readers of old.';
comment on column ai.resources.id is 'The object.';
comment on column ai.resources.lenser_id is 'The owner.';
comment on column ai.resources.bucket is 'Storage bucket.';
comment on column ai.resources.path is 'Path inside the bucket.';
comment on column ai.resources.mime_type is 'Media type.';
comment on column ai.resources.byte_size is 'Size in bytes.';
comment on column ai.resources.created_at is 'When the row was made.';

-- from sql/40_ai/210_function_erase_lenser.sql

create function private.erase_lenser(p_lenser uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reaches every table that holds something of the lenser.
declare
  v_generations bigint;
  v_media bigint;
  v_objects bigint;
begin
  -- Someone who never owned anything has no profile yet; the empty one keeps a token that is still valid from making one.
  insert into lensers.profiles (id)
  select u.id from auth.users as u where u.id = p_lenser
  on conflict do nothing;
  -- Waits for what is being written in the lenser's name, and makes later writers wait.
  perform from lensers.profiles as p where p.id = p_lenser for update;
  update lensers.profiles as p
  set
    user_id = null,
    display_name = null,
    avatar_url = null,
    erased_at = coalesce(p.erased_at, private.clock())
  where p.id = p_lenser;
  if not found then
    perform private.fail('unknown_lenser', format('There is no lenser %s.', p_lenser), null,
      jsonb_build_object('lenser', p_lenser));
  end if;
  update ai.generations as g set prompt = null, output = null, media_id = null where g.lenser_id = p_lenser;
  get diagnostics v_generations = row_count;
  delete from content.media_library as l where l.lenser_id = p_lenser;
  get diagnostics v_media = row_count;
  delete from media.objects as o where o.lenser_id = p_lenser;
  get diagnostics v_objects = row_count;
  delete from lensers.user_roles as r where r.user_id = p_lenser;
  return jsonb_build_object('generations', v_generations, 'media', v_media, 'objects', v_objects);
end;
$$;

create function ai.erase_lenser(lenser uuid) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select private.erase_lenser(lenser);
end;

revoke all on function private.erase_lenser(uuid) from public;
revoke all on function ai.erase_lenser(uuid) from public;
grant execute on function private.erase_lenser(uuid) to service_role;
grant execute on function ai.erase_lenser(uuid) to service_role;

comment on function private.erase_lenser(uuid) is 'The rule behind ai.erase_lenser().';
comment on function ai.erase_lenser(uuid) is
'Service role only. Removes prompts, outputs, media, stored-object rows, roles and profile data of a lenser; pseudonymous rows without content stay. The auth user can be deleted then. Delete the files in storage first: their rows go here. Returns how many rows of each were touched. Safe to repeat. Error: unknown_lenser (PT404).';

-- from sql/40_ai/220_function_prices_in_force.sql

create function private.prices_in_force(p_model_id uuid, p_at timestamptz) returns setof ai.model_pricing
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select p.*
  from (
    select distinct on (
      q.meter, q.service_tier, q.variant, q.region, q.context_threshold,
      q.window_start, q.window_end, q.window_days, q.window_time_zone
    ) q.*
    from ai.models as m
    inner join ai.model_pricing as q
      on q.model_id = m.id and q.source = m.price_source and q.currency = m.price_currency
    where m.id = p_model_id and q.effective_from <= p_at
    order by
      q.meter asc, q.service_tier asc, q.variant asc, q.region asc, q.context_threshold asc,
      q.window_start asc, q.window_end asc, q.window_days asc, q.window_time_zone asc,
      q.effective_from desc, q.revision desc
  ) as p
  where not p.withdrawn;
end;

create function private.assert_time(p_at timestamptz) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_at is null or not isfinite(p_at) then
    perform private.fail('invalid_time', 'The time asked for is missing or infinite.',
      'Leave "at" out to ask as of now.');
  end if;
  if p_at > private.clock() and not private.is_privileged() then
    perform private.fail('not_allowed', 'Prices ahead of now are for admins only.',
      'Leave "at" out to ask as of now.');
  end if;
end;
$$;

create function private.visible_prices_in_force(p_model text, p_at timestamptz) returns setof ai.model_pricing
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all rows, then only public ones are shown. Under the caller's own
-- policies an outdated public price would stand in for the hidden one that replaced it.
begin
  perform private.assert_time(p_at);
  return query
  select p.*
  from private.prices_in_force(private.visible_model_id(p_model), p_at) as p
  where p.is_public or private.is_privileged()
  order by p.meter, p.service_tier, p.variant nulls first, p.region nulls first, p.context_threshold nulls first;
end;
$$;

create function ai.prices_in_force(
  model text, at timestamptz default private.clock()
) returns setof ai.model_pricing
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select p.* from private.visible_prices_in_force(model, at) as p;
end;

revoke all on function private.prices_in_force(uuid, timestamptz) from public;
revoke all on function private.assert_time(timestamptz) from public;
revoke all on function private.visible_prices_in_force(text, timestamptz) from public;
revoke all on function ai.prices_in_force(text, timestamptz) from public;
grant execute on function private.visible_prices_in_force(text, timestamptz) to anon, authenticated, service_role;
grant execute on function ai.prices_in_force(text, timestamptz) to anon, authenticated, service_role;

comment on function private.prices_in_force(uuid, timestamptz) is
'The price rows of a model that apply at a time, of the model''s source and currency: per key the latest effective_from, then the highest revision, without the withdrawn.';
comment on function private.assert_time(timestamptz) is
'Refuses a time that no price can be asked for. Errors: invalid_time (PT422), not_allowed (42501) for the future.';
comment on function private.visible_prices_in_force(text, timestamptz) is 'The rule behind ai.prices_in_force().';
comment on function ai.prices_in_force(text, timestamptz) is
'The public price rows of a model (id, key or alias) that apply at a time, now unless told. Admins and the service role also see prices that are not public, and may ask about the future. Errors: unknown_model (PT404), ambiguous_model (PT409), invalid_time (PT422), not_allowed (42501).';

-- from sql/40_ai/230_table_price_schedules.sql

-- The rate book, worked out. Everything here is computed from ai.model_pricing by private.rebuild_prices() and can be
-- thrown away: it makes a price one lookup, however long the history is.

create table private.price_schedules (
  id bigint generated always as identity,
  model_id uuid not null,
  source text not null,
  currency text not null,
  starts timestamptz[] not null,
  bounds numeric[] not null,
  service_tiers text[] not null,
  variants text[] not null,
  regions text[] not null,
  windows integer not null,
  constraint price_schedules_pkey primary key (id),
  constraint price_schedules_model_id_source_currency_key unique (model_id, source, currency),
  -- A sheet for each set of windows: six make 64.
  constraint a_model_has_at_most_six_windows check (windows <= 6),
  constraint price_schedules_model_id_fkey foreign key (model_id) references ai.models (id) on delete cascade
);

create table private.price_windows (
  schedule_id bigint not null,
  number integer not null,
  window_start time not null,
  window_end time not null,
  window_days integer not null,
  window_time_zone text not null,
  constraint price_windows_pkey primary key (schedule_id, number),
  constraint price_windows_schedule_id_fkey foreign key (schedule_id)
  references private.price_schedules (id) on delete cascade
);

create table private.price_sheets (
  id bigint generated always as identity,
  schedule_id bigint not null,
  period integer not null,
  service_tier text not null,
  variant text not null,
  region text not null,
  open_windows integer not null,
  band integer not null,
  prices jsonb not null,
  -- The prices that nearly every request asks for, out of the JSON.
  input numeric generated always as ((prices -> 'input')::numeric) stored,
  output numeric generated always as ((prices -> 'output')::numeric) stored,
  cache_read numeric generated always as ((prices -> 'cache_read')::numeric) stored,
  cache_write numeric generated always as ((prices -> 'cache_write')::numeric) stored,
  price_rows jsonb not null,
  marginal text[] not null,
  constraint price_sheets_pkey primary key (id),
  constraint price_sheets_key unique (
    schedule_id, period, service_tier, variant, region, open_windows, band
  ),
  constraint price_sheets_schedule_id_fkey foreign key (schedule_id)
  references private.price_schedules (id) on delete cascade
);

comment on table private.price_schedules is
'For each model, source and currency: when its prices change and what they depend on.';
comment on column private.price_schedules.id is 'The schedule.';
comment on column private.price_schedules.model_id is 'The model.';
comment on column private.price_schedules.source is 'The source of its price rows.';
comment on column private.price_schedules.currency is 'Their currency.';
comment on column private.price_schedules.starts is 'When anything changes, ascending. A time is in period width_bucket(time, starts); 0 is before the first price.';
comment on column private.price_schedules.bounds is 'From how many input tokens on each context tier applies, ascending. A request is in band width_bucket(tokens, bounds); an exclusive threshold is a bound just above it.';
comment on column private.price_schedules.service_tiers is 'Service tiers that have rows of their own.';
comment on column private.price_schedules.variants is 'Variants that have rows of their own.';
comment on column private.price_schedules.regions is 'Regions that have rows of their own.';
comment on column private.price_schedules.windows is 'How many daily windows its prices have.';
comment on table private.price_windows is 'The daily windows of a schedule. Where several are open, the lowest number with a price for the meter counts.';
comment on column private.price_windows.schedule_id is 'The schedule.';
comment on column private.price_windows.number is 'The window, from 1.';
comment on column private.price_windows.window_start is 'As in ai.model_pricing.';
comment on column private.price_windows.window_end is 'As in ai.model_pricing.';
comment on column private.price_windows.window_days is 'As in ai.model_pricing.';
comment on column private.price_windows.window_time_zone is 'As in ai.model_pricing.';
comment on table private.price_sheets is
'What every meter costs in one situation, fallbacks included: one row per period, service tier, variant, region, set of open windows and context band of a schedule.';
comment on column private.price_sheets.id is 'The sheet.';
comment on column private.price_sheets.schedule_id is 'The schedule.';
comment on column private.price_sheets.period is 'Which of its starts, from 1.';
comment on column private.price_sheets.service_tier is 'The service tier; standard for tiers without rows.';
comment on column private.price_sheets.variant is 'The variant; empty for all without rows of their own.';
comment on column private.price_sheets.region is 'The region; empty for all without rows of their own.';
comment on column private.price_sheets.open_windows is 'Which windows are open: 1 the first, 2 the second, 4 the third, … added up.';
comment on column private.price_sheets.band is 'How many context tiers are reached.';
comment on column private.price_sheets.prices is 'meter → price of one unit. A meter that is not here has no price.';
comment on column private.price_sheets.input is 'The price of input, from prices.';
comment on column private.price_sheets.output is 'The price of output, from prices.';
comment on column private.price_sheets.cache_read is 'The price of cache_read, from prices.';
comment on column private.price_sheets.cache_write is 'The price of cache_write, from prices.';
comment on column private.price_sheets.price_rows is 'meter → [id of the price row, its meter, whether it is public].';
comment on column private.price_sheets.marginal is 'Meters whose price applies beyond the threshold only.';

-- from sql/40_ai/231_function_rebuild_prices.sql

create function private.rebuild_prices(p_model_ids uuid[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- The one order of specificity. For a meter, then each of its fallbacks in turn, the row that applies is
--   1. of an open daily window (of several the first: by start, end, weekdays, zone), else of no window,
--   2. of the highest context tier reached, else of none,
--   3. of the service tier asked for, else of standard,
--   4. of the variant asked for, else of none,
--   5. of the region asked for, else of none.
-- A service tier with tries_chain_first goes through all of that, fallbacks included, before it looks at standard.
begin
  -- Two writers of one model's prices: the second waits here, and its next statement sees the first one's rows.
  perform from ai.models as m where m.id = any(p_model_ids) order by m.id for no key update;

  delete from private.price_schedules as s where s.model_id = any(p_model_ids);

  insert into private.price_schedules (
    model_id, source, currency, starts, bounds, service_tiers, variants, regions, windows
  )
  select
    p.model_id,
    p.source,
    p.currency,
    array_agg(distinct p.effective_from order by p.effective_from),
    coalesce(
      array_agg(distinct private.context_bound(p.context_threshold, p.threshold_inclusive))
      filter (where p.context_threshold is not null),
      '{}'
    ),
    array_agg(distinct p.service_tier),
    coalesce(array_agg(distinct p.variant) filter (where p.variant is not null), '{}'),
    coalesce(array_agg(distinct p.region) filter (where p.region is not null), '{}'),
    (
      count(distinct (p.window_start, p.window_end, p.window_days, p.window_time_zone))
      filter (where p.window_start is not null)
    )::integer
  from ai.model_pricing as p
  where p.model_id = any(p_model_ids)
  group by p.model_id, p.source, p.currency;

  insert into private.price_windows (schedule_id, number, window_start, window_end, window_days, window_time_zone)
  select
    w.id,
    row_number() over (
      partition by w.id order by w.window_start, w.window_end, w.window_days, w.window_time_zone
    ),
    w.window_start, w.window_end, w.window_days, w.window_time_zone
  from (
    select distinct s.id, p.window_start, p.window_end, p.window_days, p.window_time_zone
    from private.price_schedules as s
    inner join ai.model_pricing as p
      on p.model_id = s.model_id and p.source = s.source and p.currency = s.currency
    where s.windows > 0 and s.model_id = any(p_model_ids) and p.window_start is not null
  ) as w;

  insert into private.price_sheets (
    schedule_id, period, service_tier, variant, region, open_windows, band, prices, price_rows, marginal
  )
  with recursive
  chain (meter, price_meter, depth) as (
    select m.key, m.key, 0 from ai.meters as m
    union all
    select c.meter, m.falls_back_to, c.depth + 1
    from chain as c
    inner join ai.meters as m on m.key = c.price_meter
    where m.falls_back_to is not null
  ),

  schedules as materialized (
    select s.* from private.price_schedules as s where s.model_id = any(p_model_ids)
  ),

  -- One row per key and date (the highest revision), with the date on which the next one takes over.
  dated as materialized (
    select
      d.*,
      lead(d.effective_from) over (
        partition by d.schedule_id, d.meter, d.service_tier, d.variant, d.region, d.context_threshold, d.window_number
        order by d.effective_from
      ) as effective_until
    from (
      select distinct on (
        s.id, p.meter, p.service_tier, p.variant, p.region, p.context_threshold, p.window_start, p.window_end,
        p.window_days, p.window_time_zone, p.effective_from
      )
        s.id as schedule_id, p.id, p.meter, p.service_tier, p.variant, p.region, p.context_threshold,
        p.threshold_inclusive, p.tier_mode, coalesce(w.number, 0) as window_number, p.effective_from,
        p.price_per_unit, p.withdrawn, p.is_public
      from schedules as s
      inner join ai.model_pricing as p
        on p.model_id = s.model_id and p.source = s.source and p.currency = s.currency
      left join private.price_windows as w
        on w.schedule_id = s.id and p.window_start = w.window_start and p.window_end = w.window_end
        and p.window_days = w.window_days and p.window_time_zone = w.window_time_zone
      order by
        s.id asc, p.meter asc, p.service_tier asc, p.variant asc, p.region asc, p.context_threshold asc,
        p.window_start asc, p.window_end asc, p.window_days asc, p.window_time_zone asc, p.effective_from asc,
        p.revision desc
    ) as d
  ),

  in_force as materialized (
    select
      t.period::integer as period,
      d.*,
      private.context_bound(d.context_threshold, d.threshold_inclusive) as bound
    from schedules as s
    cross join unnest(s.starts) with ordinality as t (start, period)
    inner join dated as d
      on d.schedule_id = s.id and d.effective_from <= t.start
      and (d.effective_until is null or t.start < d.effective_until)
    where not d.withdrawn
  )

  select
    r.schedule_id, r.period, r.service_tier, r.variant, r.region, r.open_windows, r.band,
    jsonb_object_agg(r.meter, r.price_per_unit),
    jsonb_object_agg(r.meter, jsonb_build_array(r.id, r.price_meter, r.is_public)),
    coalesce(array_agg(r.meter) filter (where r.tier_mode = 'marginal' and r.context_threshold is not null), '{}')
  from (
    select distinct on (
      s.id, f.period, tier.key, variant.name, region.name, open_windows.mask, band.n, c.meter
    )
      s.id as schedule_id, f.period, tier.key as service_tier, variant.name as variant, region.name as region,
      open_windows.mask as open_windows, band.n as band, c.meter, f.price_per_unit, f.id, c.price_meter, f.is_public,
      f.tier_mode, f.context_threshold
    from schedules as s
    inner join in_force as f on f.schedule_id = s.id
    inner join chain as c on c.price_meter = f.meter
    inner join ai.service_tiers as tier
      on tier.key = any(s.service_tiers || 'standard'::text) and f.service_tier in (tier.key, 'standard')
    cross join lateral unnest(s.variants || ''::text) as variant (name)
    cross join lateral unnest(s.regions || ''::text) as region (name)
    -- Every set of windows that may be open at once, as a bit mask of their numbers.
    cross join lateral generate_series(0, (1 << s.windows) - 1) as open_windows (mask)
    cross join lateral generate_series(0, cardinality(s.bounds)) as band (n)
    where
      (f.variant is null or f.variant = variant.name)
      and (f.region is null or f.region = region.name)
      and (f.window_number = 0 or open_windows.mask >> (f.window_number - 1) & 1 = 1)
      and (f.bound is null or f.bound <= s.bounds[band.n])
    order by
      s.id, f.period, tier.key, variant.name, region.name, open_windows.mask, band.n, c.meter,
      tier.tries_chain_first and f.service_tier <> tier.key,
      c.depth,
      f.window_number = 0,
      f.window_number,
      f.context_threshold desc nulls last,
      f.service_tier <> tier.key,
      f.variant is null,
      f.region is null
  ) as r
  group by r.schedule_id, r.period, r.service_tier, r.variant, r.region, r.open_windows, r.band;
end;
$$;

create function private.context_bound(p_threshold bigint, p_inclusive boolean) returns numeric
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
-- Quantities have at most 12 decimals: the least one above an exclusive threshold.
return p_threshold + case when p_inclusive then 0 else 0.000000000001 end;

create function private.rebuild_prices_of_inserted() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the sheets are nobody's to write.
begin
  -- A change of the registry waits for the prices under way, and new prices for it.
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
  perform private.rebuild_prices(array(select distinct i.model_id from inserted as i));
  return null;
end;
$$;

create function private.rebuild_all_prices() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the sheets are nobody's to write.
begin
  perform pg_advisory_xact_lock(hashtextextended('ratebook.price_registry', 0));
  perform private.rebuild_prices(array(select distinct s.model_id from private.price_schedules as s));
  return null;
end;
$$;

revoke all on function private.rebuild_prices(uuid[]) from public;
revoke all on function private.context_bound(bigint, boolean) from public;
revoke all on function private.rebuild_prices_of_inserted() from public;
revoke all on function private.rebuild_all_prices() from public;

comment on function private.rebuild_prices(uuid[]) is
'Works out the price sheets of models from ai.model_pricing. Holds the one order of specificity.';
comment on function private.context_bound(bigint, boolean) is
'The least number of input tokens with which a context threshold is reached.';
comment on function private.rebuild_prices_of_inserted() is
'Statement trigger after insert on ai.model_pricing: keeps the sheets of the models in step.';
comment on function private.rebuild_all_prices() is
'Statement trigger on meters and service tiers: their fallbacks are part of every sheet.';

create trigger model_pricing_rebuild after insert on ai.model_pricing
referencing new table as inserted
for each statement execute function private.rebuild_prices_of_inserted();
create trigger meters_rebuild_prices after insert or update or delete on ai.meters
for each statement execute function private.rebuild_all_prices();
create trigger service_tiers_rebuild_prices after insert or update or delete on ai.service_tiers
for each statement execute function private.rebuild_all_prices();

-- from sql/40_ai/235_function_price_usage.sql

create function private.context_tokens(p_usage jsonb) returns numeric
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(sum(u.value::numeric), 0)
    from jsonb_each(p_usage) as u
    inner join ai.meters as m on m.key = u.key
    where m.counts_as_input
  );
end;
$$;

create function private.open_windows(p_schedule_id bigint, p_at timestamptz) returns integer
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    (
      select sum(1 << (w.number - 1))
      from private.price_windows as w
      cross join lateral (select p_at at time zone w.window_time_zone) as here (moment)
      cross join
        lateral (
          select
            here.moment::time as clock,
            extract(isodow from here.moment)::integer - 1 as today,
            (extract(isodow from here.moment)::integer + 5) % 7 as yesterday
        ) as t
      where
        w.schedule_id = p_schedule_id
        and case
          when w.window_start < w.window_end
            then t.clock >= w.window_start and t.clock < w.window_end and w.window_days >> t.today & 1 = 1
          -- Wraps midnight: the part after it belongs to the day on which the window started.
          else
            (t.clock >= w.window_start and w.window_days >> t.today & 1 = 1)
            or (t.clock < w.window_end and w.window_days >> t.yesterday & 1 = 1)
        end
    ),
    0
  );
end;
$$;

create function private.find_sheet(
  p_model_id uuid,
  p_source text,
  p_currency text,
  p_usage jsonb,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz
) returns private.price_sheets
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sheet private.price_sheets;
begin
  select p.* into v_sheet
  from private.price_schedules as s
  inner join private.price_sheets as p
    on
      p.schedule_id = s.id
      and p.period = width_bucket(p_at, s.starts)
      and p.service_tier = case when p_service_tier = any(s.service_tiers) then p_service_tier else 'standard' end
      and p.variant = case when p_variant = any(s.variants) then p_variant else '' end
      and p.region = case when p_region = any(s.regions) then p_region else '' end
      and p.open_windows = case when s.windows > 0 then private.open_windows(s.id, p_at) else 0 end
      and p.band = case
        when s.bounds = '{}' then 0
        else width_bucket(private.context_tokens(p_usage), s.bounds)
      end
  where s.model_id = p_model_id and s.source = p_source and s.currency = p_currency;
  return v_sheet;
end;
$$;

create function private.price_usage(
  p_sheet private.price_sheets,
  p_usage jsonb
) returns table (
  meter text,
  quantity numeric,
  price_id uuid,
  price_meter text,
  unit_price numeric,
  cost numeric,
  is_public boolean
)
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tokens numeric;
begin
  if coalesce(cardinality((p_sheet).marginal), 0) = 0 then
    return query
    select
      u.key,
      u.value::numeric,
      ((p_sheet).price_rows -> u.key ->> 0)::uuid,
      (p_sheet).price_rows -> u.key ->> 1,
      ((p_sheet).prices -> u.key)::numeric,
      -- Nothing used costs nothing, priced or not.
      case when u.value::numeric = 0 then 0 else u.value::numeric * ((p_sheet).prices -> u.key)::numeric end,
      ((p_sheet).price_rows -> u.key -> 2)::boolean
    from jsonb_each(p_usage) as u
    order by u.key;
    return;
  end if;

  -- A marginal threshold cuts the request: what is below it keeps the price that it would have had alone. Each meter is
  -- cut in proportion to the request's input tokens.
  v_tokens := private.context_tokens(p_usage);
  return query
  with bands as (
    select
      u.key,
      u.value::numeric as quantity,
      n.band,
      coalesce(floor(t.bounds[n.band]), 0) as lower,
      (s.prices -> u.key)::numeric as price,
      s.price_rows -> u.key as price_row,
      coalesce(u.key = any(s.marginal), false) as is_marginal
    from jsonb_each(p_usage) as u
    cross join generate_series(
      case when u.key = any((p_sheet).marginal) then 0 else (p_sheet).band end, (p_sheet).band
    ) as n (band)
    inner join private.price_schedules as t on t.id = (p_sheet).schedule_id
    -- Left: a band without any price is a part without one.
    left join private.price_sheets as s
      on
        (s.schedule_id, s.period, s.service_tier, s.variant, s.region, s.open_windows, s.band)
        = (
          (p_sheet).schedule_id, (p_sheet).period, (p_sheet).service_tier, (p_sheet).variant, (p_sheet).region,
          (p_sheet).open_windows, n.band
        )
  ),

  -- Below the first cut: the last band that is not marginal, whose price was the whole request's.
  tops as (
    select
      b.*,
      max(b.band) filter (where not b.is_marginal) over (partition by b.key) as whole_band,
      b.price_row is distinct from lag(b.price_row) over (partition by b.key order by b.band) as is_another_row
    from bands as b
  ),

  parts as (
    select
      t.*,
      count(*) filter (where t.band > t.whole_band and t.is_another_row) over (partition by t.key order by t.band) as part
    from tops as t
    where t.band >= t.whole_band
  ),

  priced as (
    select distinct on (p.key, p.part)
      p.*,
      min(p.lower) over (partition by p.key, p.part) as part_lower
    from parts as p
    order by p.key asc, p.part asc, p.band desc
  ),

  shares as (
    select
      q.*,
      coalesce(lead(q.part_lower) over (partition by q.key order by q.part), v_tokens)
      - case when q.part = 0 or q.key <> all((p_sheet).marginal) then 0 else q.part_lower end as tokens
    from priced as q
  ),

  lines as (
    select
      h.*,
      private.share(h.quantity, h.tokens, v_tokens) as part_quantity,
      private.share(h.quantity * h.price, h.tokens, v_tokens) as part_cost,
      lead(h.part) over (partition by h.key order by h.part) is null as is_last
    from shares as h
  )

  -- The last part is the rest, so that the parts of a meter add up to it, to the last digit.
  select
    h.key,
    case
      when h.is_last then h.quantity - (sum(h.part_quantity) over of_meter - h.part_quantity) else h.part_quantity
    end,
    (h.price_row ->> 0)::uuid,
    h.price_row ->> 1,
    h.price,
    case
      when h.quantity = 0 then 0
      when h.is_last
        then private.share(sum(h.quantity * h.price * h.tokens) over of_meter, 1, v_tokens)
          - (sum(h.part_cost) over of_meter - h.part_cost)
      else h.part_cost
    end,
    (h.price_row -> 2)::boolean
  from lines as h
  window of_meter as (partition by h.key)
  order by h.key, h.part;
end;
$$;

create function private.share(p_value numeric, p_part numeric, p_whole numeric) returns numeric
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
-- The whole is the whole, exactly; a true share is a quotient, to 30 decimals.
return case
  when p_part = p_whole then p_value
  else (p_value * p_part + 0.000000000000000000000000000000) / p_whole
end;

revoke all on function private.context_tokens(jsonb) from public;
revoke all on function private.open_windows(bigint, timestamptz) from public;
revoke all on function private.find_sheet(uuid, text, text, jsonb, text, text, text, timestamptz) from public;
revoke all on function private.price_usage(private.price_sheets, jsonb) from public;
revoke all on function private.share(numeric, numeric, numeric) from public;

comment on function private.context_tokens(jsonb) is
'The input of a usage that counts toward context thresholds, in tokens.';
comment on function private.open_windows(bigint, timestamptz) is
'Which daily windows of a schedule are open at a time, as a bit mask of their numbers.';
comment on function private.find_sheet(uuid, text, text, jsonb, text, text, text, timestamptz) is
'The price sheet for a request: two lookups, whatever the length of the history. NULL where no price is in force.';
comment on function private.price_usage(private.price_sheets, jsonb) is
'What each meter of a valid usage costs by a sheet; unit_price is NULL where it has no price. One row per meter, or per meter and band where a marginal context tier splits it.';
comment on function private.share(numeric, numeric, numeric) is 'value × part / whole.';

-- from sql/40_ai/240_function_cost_generations.sql

create function private.cost(p_sheet_id bigint, p_usage jsonb) returns numeric
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_cost numeric;
begin
  select case when bool_and(l.unit_price is not null or l.quantity = 0) then coalesce(sum(l.cost), 0) end
  into v_cost
  from private.price_sheets as s
  cross join lateral private.price_usage(s, p_usage) as l
  where s.id = p_sheet_id;
  return v_cost;
end;
$$;

create function private.cost_generations(
  p_since timestamptz,
  p_until timestamptz,
  p_model_id uuid,
  p_source text,
  p_at timestamptz
) returns table (
  generation_id uuid,
  lenser_id uuid,
  model_id uuid,
  feature_key text,
  priced_at timestamptz,
  currency text,
  cost numeric
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
-- Room for the hash table of all sheets; a plan for the period asked for, not for any; compiling takes longer than running.
set work_mem = '128MB'
set plan_cache_mode = force_custom_plan
set jit = off
as $$
begin
  return query
  select
    g.id,
    g.lenser_id,
    m.id,
    g.feature_key,
    coalesce(p_at, g.created_at),
    s.currency,
    case
      -- Most usages are plain, and most sheets not marginal: the same products as in private.price_usage(), in line.
      when g.usage - '{input,output,cache_read,cache_write}'::text[] = '{}' and p.marginal = '{}'
        then coalesce(
          coalesce((g.usage -> 'input')::numeric, 0) * p.input
          + coalesce((g.usage -> 'output')::numeric, 0) * p.output
          + coalesce((g.usage -> 'cache_read')::numeric, 0) * p.cache_read
          + coalesce((g.usage -> 'cache_write')::numeric, 0) * p.cache_write,
          private.cost(p.id, g.usage)
        )
      else private.cost(p.id, coalesce(g.usage, jsonb_build_object('tokens', g.token_count)))
    end
  from ai.generations as g
  inner join ai.models as m on m.id = coalesce(p_model_id, g.model_id)
  left join private.price_schedules as s
    on s.model_id = m.id and s.source = coalesce(p_source, m.price_source) and s.currency = m.price_currency
  left join private.price_sheets as p
    on p.schedule_id = s.id
    and p.period = width_bucket(coalesce(p_at, g.created_at), s.starts)
    and p.band = case
      when s.bounds = '{}' then 0
      else width_bucket(private.context_tokens(coalesce(g.usage, jsonb_build_object('tokens', g.token_count))), s.bounds)
    end
    and p.open_windows = case
      when s.windows > 0 then private.open_windows(s.id, coalesce(p_at, g.created_at)) else 0
    end
    and p.service_tier = 'standard' and p.variant = '' and p.region = ''
  where
    g.id >= private.uuid_v7_floor(p_since) and g.id < private.uuid_v7_floor(p_until)
    and (g.usage is not null or g.token_count is not null);
end;
$$;

revoke all on function private.cost(bigint, jsonb) from public;
revoke all on function private.cost_generations(timestamptz, timestamptz, uuid, text, timestamptz) from public;

comment on function private.cost(bigint, jsonb) is
'What a usage costs by a sheet, in the sheet''s currency; NULL where a meter has no price.';
comment on function private.cost_generations(timestamptz, timestamptz, uuid, text, timestamptz) is
'Prices all generations of a period in one statement: as of their own time and by their own model and its source, unless told otherwise. cost is NULL where a price is missing.';

-- from sql/40_ai/245_function_ratebook_version.sql

create function ai.ratebook_version() returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return '0.1.0';

revoke all on function ai.ratebook_version() from public;
grant execute on function ai.ratebook_version() to anon, authenticated, service_role;

comment on function ai.ratebook_version() is 'The version of Ratebook''s schema.';

-- from sql/40_ai/250_function_self_check.sql

create function private.self_check() returns table (check_name text, severity text, message text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
-- Definer: reads the partitions of schema private.
begin atomic
  select
    'partitions_ahead',
    case when e.until < private.clock() + interval '2 months' then 'warning' else 'ok' end,
    format('Partitions of ai.generations reach to %s.', to_char(e.until at time zone 'UTC', 'YYYY-MM-DD'))
  from (select private.partitions_end('ai.generations')) as e (until)
  union all
  select
    'partitions_locked',
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Open to API roles, without row security or without a guard against TRUNCATE: '
      || string_agg(c.relname, ', ' order by c.relname) || '.',
      'Every partition is closed to API roles.'
    )
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where
    n.nspname = 'private'
    and c.relispartition
    and c.relkind = 'r'
    and (
      not c.relrowsecurity
      or exists (
        select from unnest(array['anon', 'authenticated', 'service_role']) as r (name)
        where has_table_privilege(r.name, c.oid, 'select, insert, update, delete, truncate')
      )
      or not exists (
        select from pg_catalog.pg_trigger as t
        where t.tgrelid = c.oid and t.tgname = 'refuse_truncate' and t.tgenabled <> 'D'
      )
    )
  union all
  select
    'row_security',
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Tables without row security: ' || string_agg(c.oid::regclass::text, ', ' order by c.relname) || '.',
      'Row security is on for every table.'
    )
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where
    n.nspname in ('ai', 'billing', 'lensers', 'content', 'media', 'compat', 'private')
    and c.relkind in ('r', 'p')
    and not c.relrowsecurity;
end;

create function ai.self_check() returns table (check_name text, severity text, message text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    c.check_name,
    c.severity,
    c.message
  from private.self_check() as c;
end;

revoke all on function private.self_check() from public;
revoke all on function ai.self_check() from public;
grant execute on function private.self_check() to service_role;
grant execute on function ai.self_check() to service_role;

comment on function private.self_check() is 'The checks behind ai.self_check().';
comment on function ai.self_check() is
'Service role only. Looks whether the installation is sound: one row per check with severity ok, warning or error and a sentence.';

-- from sql/40_ai/280_function_feed_problems.sql

create function private.is_a_feed_name(p_name jsonb) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(jsonb_typeof(p_name) = 'string' and p_name #>> '{}' ~ '^\S(.{0,253}\S)?$', false);

create function private.are_feed_names(p_names jsonb) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select case jsonb_typeof(p_names)
    when 'array'
      then
        not exists (
          select from jsonb_array_elements(p_names) as n (name)
          where not private.is_a_feed_name(n.name)
        )
    else p_names is null
  end;
end;

create function private.feed_problems(p_source text, p_models jsonb) returns setof text
language sql stable
set search_path = pg_catalog, pg_temp
-- What is no feed at all is told first: the checks below it could not read it.
begin atomic
  with models as materialized (
    select
      e.number,
      e.model,
      left(
        coalesce(concat_ws('/', e.model ->> 'provider', e.model ->> 'provider_model_key'), ''), 100
      ) as name,
      jsonb_typeof(e.model) = 'object' as is_object
    from
      jsonb_array_elements(case when jsonb_typeof(p_models) = 'array' then p_models end)
      with ordinality as e (model, number)
  ),

  prices as materialized (
    select
      m.name,
      m.number,
      p.price,
      left(p.price ->> 'meter', 60) as meter,
      jsonb_typeof(p.price) = 'object' as is_object
    from models as m
    cross join
      lateral jsonb_array_elements(
        case when jsonb_typeof(m.model -> 'prices') = 'array' then m.model -> 'prices' end
      ) as p (price)
    where m.is_object
  )

  select 'The source is not a lower-case name of at most 100 characters.'
  where p_source is null or p_source !~ '^[a-z0-9][a-z0-9_.-]{0,99}$'
  union all
  select 'The models are not a JSON array.'
  where jsonb_typeof(p_models) is distinct from 'array'
  union all
  select 'The feed has no models.'
  where p_models = '[]'
  union all
  select format('Model %s is not a JSON object.', m.number)
  from models as m
  where not m.is_object
  union all
  select format('Model %s (%s): %s', m.number, m.name, c.problem)
  from models as m
  cross join
    lateral (
      values
      (
        jsonb_typeof(m.model -> 'provider') is distinct from 'string'
        or m.model ->> 'provider' !~ '^[a-z0-9][a-z0-9_.-]{0,99}$',
        'its provider is not a lower-case key of at most 100 characters.'
      ),
      (
        not private.is_a_feed_name(m.model -> 'provider_model_key')
        or length(concat_ws('/', m.model ->> 'provider', m.model ->> 'provider_model_key', p_source)) > 255,
        'its provider_model_key is not a name, or longer than 255 characters with provider and source.'
      ),
      (not private.is_a_feed_name(m.model -> 'name'), 'its name is not one of at most 255 characters.'),
      (
        m.model ? 'provider_name' and not private.is_a_feed_name(m.model -> 'provider_name'),
        'its provider_name is not one of at most 255 characters.'
      ),
      (jsonb_typeof(m.model -> 'prices') <> 'array', 'its prices are not a JSON array.'),
      (
        jsonb_typeof(m.model -> 'attributes') <> 'object',
        'its attributes are not a JSON object.'
      ),
      (
        not private.are_feed_names(m.model -> 'aliases'),
        'its aliases are not a JSON array of names of at most 255 characters.'
      ),
      (
        not private.are_feed_names(m.model -> 'unmapped'),
        'its unmapped keys are not a JSON array of names of at most 255 characters.'
      ),
      (
        exists (
          select from
            jsonb_each_text(
              case when jsonb_typeof(m.model -> 'attributes') = 'object' then m.model -> 'attributes' else '{}' end
            ) as a
          where
            (a.key in ('context_window', 'max_tokens') and (a.value !~ '^[1-9]\d{0,9}$' or a.value::bigint > 2147483647))
            or (a.key in ('modality', 'task') and a.value !~ '^\S.{0,100}$')
        ),
        'context_window and max_tokens are not whole numbers, or modality and task are not names.'
      ),
      (
        not private.are_feed_names(m.model #> '{attributes,supports}')
        or not private.are_feed_names(m.model #> '{attributes,capabilities}'),
        'supports and capabilities are not JSON arrays of names.'
      )
    ) as c (is_wrong, problem)
  where m.is_object and c.is_wrong
  union all
  select format('Model %s (%s) is in the feed twice.', min(m.number), min(m.name))
  from models as m
  where m.is_object
  group by m.model ->> 'provider', m.model ->> 'provider_model_key'
  having count(*) > 1
  union all
  select format('Model %s (%s): a price is not a JSON object.', p.number, p.name)
  from prices as p
  where not p.is_object
  union all
  select format('Model %s (%s), price of %s: %s', p.number, p.name, coalesce(p.meter, 'no meter'), c.problem)
  from prices as p
  cross join
    lateral (
      values
      (
        not exists (
          select from ai.meters as t
          where t.key = p.price ->> 'meter'
        ),
        'there is no such meter.'
      ),
      (
      -- Any JSON number, or one as a string, and not absurdly long. Null ends the price before, on a date.
        case
          when jsonb_typeof(p.price -> 'price') = 'null' then not p.price ? 'effective_from'
          when coalesce(p.price ->> 'price', '') !~ '^\d{1,40}(\.\d{1,60})?([eE][+-]?\d{1,2})?$' then true
          else (p.price ->> 'price')::numeric >= 1000000
        end,
        format('%s is not a number from 0 to below 1000000.', coalesce(to_json(left(p.price ->> 'price', 60))::text, 'none'))
      ),
      (
        p.price ? 'service_tier'
        and not exists (
          select from ai.service_tiers as t
          where t.key = p.price ->> 'service_tier'
        ),
        format('there is no service tier "%s".', left(p.price ->> 'service_tier', 60))
      ),
      (p.price ? 'currency' and p.price ->> 'currency' !~ '^[A-Z]{3}$', 'its currency is not an ISO 4217 code.'),
      (
        (p.price ? 'variant' and not private.is_a_feed_name(p.price -> 'variant'))
        or (p.price ? 'region' and not private.is_a_feed_name(p.price -> 'region')),
        'its variant or region is not a name of at most 255 characters.'
      ),
      (
        p.price ? 'context_threshold' and p.price ->> 'context_threshold' !~ '^[1-9]\d{0,17}$',
        'its context_threshold is not a whole number of tokens.'
      ),
      (
        p.price ? 'threshold_inclusive' and jsonb_typeof(p.price -> 'threshold_inclusive') <> 'boolean',
        'its threshold_inclusive is not true or false.'
      ),
      (
        p.price ? 'tier_mode' and p.price ->> 'tier_mode' not in ('whole_request', 'marginal'),
        'its tier_mode is not whole_request or marginal.'
      ),
      (
        num_nulls(
          p.price ->> 'window_start', p.price ->> 'window_end', p.price ->> 'window_days',
          p.price ->> 'window_time_zone'
        ) not in (0, 4)
        or p.price ->> 'window_start' !~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$'
        or p.price ->> 'window_end' !~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$'
        or p.price ->> 'window_start' = p.price ->> 'window_end'
        or p.price ->> 'window_days' !~ '^([1-9]|[1-9]\d|1[01]\d|12[0-7])$',
        'its window is not a start, another end, weekdays from 1 to 127 and a time zone.'
      ),
      (
        p.price ? 'effective_from' and coalesce(p.price ->> 'effective_from', '') !~ '^\d{4}-\d\d-\d\d',
        'its effective_from is not a time.'
      )
    ) as c (is_wrong, problem)
  where p.is_object and c.is_wrong;
end;

revoke all on function private.is_a_feed_name(jsonb) from public;
revoke all on function private.are_feed_names(jsonb) from public;
revoke all on function private.feed_problems(text, jsonb) from public;

comment on function private.is_a_feed_name(jsonb) is
'Whether a value is a JSON string of 1 to 255 characters without blanks around it.';
comment on function private.are_feed_names(jsonb) is
'Whether a value is a JSON array of such strings, or missing.';
comment on function private.feed_problems(text, jsonb) is
'Why a feed cannot be imported: one sentence per problem, none for a sound feed.';

-- from sql/40_ai/290_function_price_changes.sql

-- The difference between a catalogue and the rate book, all of it set-based: what a feed says is compared with what its
-- source says here, and only what differs is written.

create function private.feed_models(p_source text, p_models jsonb) returns table (
  model_id uuid,
  provider text,
  provider_model_key text,
  name text,
  currency text,
  ref text,
  key text,
  provider_name text,
  aliases text[],
  attributes jsonb
)
language sql stable
set search_path = pg_catalog, pg_temp
-- The models of a valid feed with what is here of them. model_id is NULL for a new one, whose key is provider/model;
-- where that name means another model already, the source is added to it.
begin atomic
  select
    m.id,
    f.provider,
    f.provider_model_key,
    f.name,
    c.currency,
    f.provider || '/' || f.provider_model_key,
    coalesce(
      m.key,
      f.provider || '/' || f.provider_model_key || case
        when
          exists (
            select from ai.models as o
            where o.key = f.provider || '/' || f.provider_model_key
          )
          or exists (
            select from ai.model_aliases as o
            where o.alias = f.provider || '/' || f.provider_model_key
          )
          then '@' || p_source
        else ''
      end
    ),
    coalesce(f.provider_name, f.provider),
    array(select jsonb_array_elements_text(coalesce(f.aliases, '[]'))),
    coalesce(f.attributes, '{}')
  from
    jsonb_to_recordset(p_models)
      as f (
        provider text, provider_name text, provider_model_key text, name text, aliases jsonb, attributes jsonb,
        prices jsonb
      )
  left join ai.providers as p on p.key = f.provider
  left join ai.models as m on m.provider_id = p.id and m.provider_model_key = f.provider_model_key
  cross join lateral (
    select coalesce(min(e.price ->> 'currency'), 'USD') as currency
    from jsonb_array_elements(coalesce(f.prices, '[]')) as e (price)
  ) as c;
end;

create function private.price_says(
  p_price numeric, p_threshold bigint, p_inclusive boolean, p_mode ai.tier_mode_enum
) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return trim_scale(p_price)::text || case
  when p_threshold is null then ' false whole_request'
  else format(' %s %s', p_inclusive::text, p_mode)
end;

create function private.feed_prices(p_models jsonb) returns table (
  ref text,
  meter text,
  service_tier text,
  currency text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  price_key text,
  says text
)
language sql stable
set search_path = pg_catalog, pg_temp
-- price_key names what is priced, says what it costs: equal texts are equal prices.
begin atomic
  select
    r.ref,
    p.meter,
    r.service_tier,
    r.currency,
    p.variant,
    p.region,
    p.context_threshold,
    p.window_start,
    p.window_end,
    p.window_days,
    p.window_time_zone,
    p.effective_from,
    row(
      r.ref, p.meter, r.service_tier, r.currency, p.variant, p.region, p.context_threshold, p.window_start,
      p.window_end, p.window_days, p.window_time_zone
    )::text,
    private.price_says(
      p.price, p.context_threshold, coalesce(p.threshold_inclusive, false), coalesce(p.tier_mode, 'whole_request')
    )
  from jsonb_to_recordset(p_models) as f (provider text, provider_model_key text, prices jsonb)
  cross join
    lateral jsonb_to_recordset(f.prices)
      as p (
        meter text, price numeric, service_tier text, currency text, variant text, region text,
        context_threshold bigint, threshold_inclusive boolean, tier_mode ai.tier_mode_enum, window_start time,
        window_end time, window_days integer, window_time_zone text, effective_from timestamptz
      )
  cross join
    lateral (
      select
        f.provider || '/' || f.provider_model_key as ref,
        coalesce(p.service_tier, 'standard') as service_tier,
        coalesce(p.currency, 'USD') as currency
    ) as r
  where f.prices is not null;
end;

create function private.price_changes(
  p_source text, p_models jsonb, p_starts_at timestamptz, p_at timestamptz
) returns table (
  ref text,
  meter text,
  service_tier text,
  currency text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  says text,
  revision integer,
  change text
)
language sql stable
-- The sizes of a feed are unknown to the planner, which then takes them for tiny.
set search_path = pg_catalog, pg_temp set enable_nestloop = off
-- Both sides are series in time, per key. A price without a date says what applies from p_at on, or from p_starts_at
-- for a model that this source has not priced before; prices with dates say it for all time. Wherever the rate book
-- says something else on a date, that date needs a row.
begin atomic
  with feed as materialized (
    select f.* from private.feed_prices(p_models) as f
  ),

  book as materialized (
    select distinct on (q.price_key, q.effective_from) q.*
    from (
      select
        b.meter,
        b.service_tier,
        b.currency,
        b.variant,
        b.region,
        b.context_threshold,
        b.window_start,
        b.window_end,
        b.window_days,
        b.window_time_zone,
        b.effective_from,
        b.revision,
        p.key || '/' || m.provider_model_key as ref,
        row(
          p.key || '/' || m.provider_model_key, b.meter, b.service_tier, b.currency, b.variant, b.region,
          b.context_threshold, b.window_start, b.window_end, b.window_days, b.window_time_zone
        )::text as price_key,
        private.price_says(b.price_per_unit, b.context_threshold, b.threshold_inclusive, b.tier_mode) as says
      from ai.model_pricing as b
      inner join ai.models as m on m.id = b.model_id
      inner join ai.providers as p on p.id = m.provider_id
      where b.source = p_source and m.provider_model_key is not null
    ) as q
    order by q.price_key asc, q.effective_from asc, q.revision desc
  ),

  priced as (select distinct b.ref from book as b),

  booked as (select distinct b.price_key from book as b),

  -- From when on the feed has its say about a key.
  keys as materialized (
    select
      f.price_key,
      bool_or(f.effective_from is not null) as is_dated,
      min(f.effective_from) as first_date,
      bool_or(b.price_key is not null) as is_booked,
      case
        when bool_or(f.effective_from is not null) then '-infinity'
        when bool_or(p.ref is not null) then greatest(p_at, p_starts_at)
        else p_starts_at
      end as says_from
    from feed as f
    left join priced as p on p.ref = f.ref
    left join booked as b on b.price_key = f.price_key
    group by f.price_key
  ),

  moments as (
    select
      f.price_key,
      f.ref,
      f.meter,
      f.service_tier,
      f.currency,
      f.variant,
      f.region,
      f.context_threshold,
      f.window_start,
      f.window_end,
      f.window_days,
      f.window_time_zone,
      coalesce(f.effective_from, k.says_from) as effective_from,
      f.says as feed_says,
      true as in_feed,
      null::text as book_says,
      false as in_book,
      null::integer as revision
    from feed as f
    inner join keys as k on k.price_key = f.price_key
    union all
    select
      b.price_key,
      b.ref,
      b.meter,
      b.service_tier,
      b.currency,
      b.variant,
      b.region,
      b.context_threshold,
      b.window_start,
      b.window_end,
      b.window_days,
      b.window_time_zone,
      b.effective_from,
      null,
      false,
      b.says,
      true,
      b.revision
    from book as b
    union all
    -- Moments that neither side names: the end of a key that is gone, the start of one whose first price has no date.
    select distinct
      b.price_key,
      b.ref,
      b.meter,
      b.service_tier,
      b.currency,
      b.variant,
      b.region,
      b.context_threshold,
      b.window_start,
      b.window_end,
      b.window_days,
      b.window_time_zone,
      greatest(p_at, p_starts_at),
      null,
      false,
      null,
      false,
      null::integer
    from book as b
    where
      not exists (
        select from keys as k
        where k.price_key = b.price_key
      )
    union all
    select
      f.price_key,
      f.ref,
      f.meter,
      f.service_tier,
      f.currency,
      f.variant,
      f.region,
      f.context_threshold,
      f.window_start,
      f.window_end,
      f.window_days,
      f.window_time_zone,
      p_starts_at,
      null,
      false,
      null,
      false,
      null
    from feed as f
    inner join keys as k on k.price_key = f.price_key
    where f.effective_from is null and k.is_dated and not k.is_booked and p_starts_at < k.first_date
  ),

  merged as (
    select
      m.price_key,
      m.effective_from,
      max(m.ref) as ref,
      max(m.meter) as meter,
      max(m.service_tier) as service_tier,
      max(m.currency) as currency,
      max(m.variant) as variant,
      max(m.region) as region,
      max(m.context_threshold) as context_threshold,
      max(m.window_start) as window_start,
      max(m.window_end) as window_end,
      max(m.window_days) as window_days,
      max(m.window_time_zone) as window_time_zone,
      max(m.feed_says) as feed_says,
      bool_or(m.in_feed) as in_feed,
      max(m.book_says) as book_says,
      bool_or(m.in_book) as in_book,
      max(m.revision) as revision
    from moments as m
    group by m.price_key, m.effective_from
  ),

  counted as (
    select
      m.*,
      count(*) filter (where m.in_feed) over w as feed_run,
      count(*) filter (where m.in_book) over w as book_run,
      coalesce(k.says_from, greatest(p_at, p_starts_at)) as says_from,
      coalesce(k.is_booked, true) as is_booked
    from merged as m
    left join keys as k on k.price_key = m.price_key
    window w as (partition by m.price_key order by m.effective_from)
  ),

  stated as (
    select
      c.*,
      first_value(c.feed_says) over (
        partition by c.price_key, c.feed_run order by c.in_feed desc, c.effective_from asc
      ) as wanted,
      first_value(c.book_says) over (
        partition by c.price_key, c.book_run order by c.in_book desc, c.effective_from asc
      ) as found
    from counted as c
  ),

  due as (
    select
      s.*,
      row_number() over w = 1 as is_first,
      lag(s.wanted) over w as wanted_before
    from stated as s
    where s.effective_from >= s.says_from and isfinite(s.effective_from)
    window w as (partition by s.price_key order by s.effective_from)
  )

  select
    d.ref,
    d.meter,
    d.service_tier,
    d.currency,
    d.variant,
    d.region,
    d.context_threshold,
    d.window_start,
    d.window_end,
    d.window_days,
    d.window_time_zone,
    d.effective_from,
    d.wanted,
    coalesce(d.revision + 1, 0),
    case
      when not c.differs then 'unchanged'
      when d.wanted is null then 'withdrawn'
      when not d.is_booked or c.says_now is null then 'added'
      else 'changed'
    end
  from due as d
  cross join
    lateral (
      select
        b.says_now,
        coalesce(d.wanted, '') <> coalesce(b.says_now, '') as differs
      from (select case when d.in_book or d.is_first then d.found else d.wanted_before end) as b (says_now)
    ) as c
  where d.in_feed or c.differs;
end;

revoke all on function private.feed_models(text, jsonb) from public;
revoke all on function private.price_says(numeric, bigint, boolean, ai.tier_mode_enum) from public;
revoke all on function private.feed_prices(jsonb) from public;
revoke all on function private.price_changes(text, jsonb, timestamptz, timestamptz) from public;

comment on function private.feed_models(text, jsonb) is
'The models of a valid feed, each with the model here that it is, by provider and provider_model_key. ref: provider/provider_model_key.';
comment on function private.price_says(numeric, bigint, boolean, ai.tier_mode_enum) is
'What a price row says, as a text that is the same for equal prices; NULL for a withdrawn row.';
comment on function private.feed_prices(jsonb) is
'The prices of a valid feed, typed. price_key names what is priced, says what it costs: equal texts are equal prices.';
comment on function private.price_changes(text, jsonb, timestamptz, timestamptz) is
'The price rows with which the rate book comes to say what a feed says, and the prices that stay. change: added, changed, withdrawn, unchanged.';

-- from sql/40_ai/300_function_import_catalogue.sql

create function private.import_catalogue(
  p_source text, p_models jsonb, p_starts_at timestamptz, p_dry_run boolean
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_nestloop = off
as $$
-- Definer: reads and writes the registry and the rate book for the service role, which may do so table by table.
declare
  v_at timestamptz;
  v_problems text[];
  v_report jsonb := jsonb_build_object('source', p_source, 'dry_run', p_dry_run);
  v_count integer;
  v_added text[];
  v_edited text[];
  v_renamed text[];
  v_repriced text[];
begin
  select array_agg(f.problem order by f.problem) into v_problems
  from private.feed_problems(p_source, p_models) as f (problem);
  if v_problems is null then
    select array_agg(format('%s has two prices of %s for the same thing.', d.ref, d.meter)) into v_problems
    from (
      select f.ref, f.meter from private.feed_prices(p_models) as f
      group by f.ref, f.meter, f.price_key, f.effective_from
      having count(*) > 1
    ) as d;
  end if;
  if p_starts_at is null or not isfinite(p_starts_at) then
    v_problems := v_problems || 'The time from which prices without a date apply is missing or infinite.'::text;
  end if;
  if v_problems is not null then
    perform private.fail(
      'invalid_feed',
      v_problems[1] || case
        when cardinality(v_problems) > 1 then format(' (and %s more)', cardinality(v_problems) - 1) else ''
      end,
      'Nothing was imported. Mend the feed.',
      jsonb_build_object('problems', to_jsonb(v_problems[1:20]), 'count', cardinality(v_problems))
    );
  end if;

  -- One import at a time. Time is read after the wait.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.import_catalogue', 0));
  v_at := private.clock();

  with missing as (
    select distinct on (f.provider) f.provider, f.provider_name
    from private.feed_models(p_source, p_models) as f
    where not exists (select from ai.providers as p where p.key = f.provider)
    order by f.provider
  ),

  made as (
    insert into ai.providers (key, name, is_canonical)
    select m.provider, m.provider_name, true from missing as m
    where not p_dry_run
  )

  select count(*) into v_count from missing;
  v_report := v_report || jsonb_build_object('providers', jsonb_build_object('added', v_count));

  with fresh as materialized (
    select f.* from private.feed_models(p_source, p_models) as f where f.model_id is null
  ),

  made as (
    insert into ai.models (
      key, name, provider_id, provider_model_key, price_source, price_currency, metadata, modality, task,
      capabilities, supports, context_window, max_tokens, provider_url, description, model_family, release_date,
      deprecation_date, status
    )
    select
      f.key, f.name, p.id, f.provider_model_key, p_source, f.currency, jsonb_build_object('catalogue', p_source),
      coalesce(a.modality, 'text'), coalesce(a.task, 'generation'), coalesce(a.capabilities, '{}'),
      coalesce(a.supports, '{}'), a.context_window, a.max_tokens, a.provider_url, a.description, a.model_family,
      a.release_date, a.deprecation_date, coalesce(a.status, 'active')
    from fresh as f
    inner join ai.providers as p on p.key = f.provider
    cross join lateral jsonb_to_record(f.attributes) as a (
      modality text, task text, capabilities ai.ai_capability_enum[], supports text[], context_window integer,
      max_tokens integer, provider_url text, description text, model_family text, release_date date,
      deprecation_date date, status ai.model_status_enum
    )
    where not p_dry_run
  )

  select coalesce(array_agg(f.ref), '{}') into v_added from fresh as f;

  -- A model that another source prices is not this catalogue's to describe.
  with stale as materialized (
    select m.id, f.ref, n.*
    from private.feed_models(p_source, p_models) as f
    inner join ai.models as m on m.id = f.model_id
    cross join lateral jsonb_to_record(f.attributes) as a (
      supports text[], context_window integer, max_tokens integer, release_date date, deprecation_date date,
      status ai.model_status_enum
    )
    cross join lateral (
      select
        coalesce(a.supports, m.supports) as supports,
        coalesce(a.context_window, m.context_window) as context_window,
        coalesce(a.max_tokens, m.max_tokens) as max_tokens,
        coalesce(a.release_date, m.release_date) as release_date,
        coalesce(a.deprecation_date, m.deprecation_date) as deprecation_date,
        coalesce(
          a.status,
          case when m.metadata ? 'removed_from_catalogue' and m.status = 'retired' then 'active' else m.status end
        ) as status,
        m.metadata - 'removed_from_catalogue' as metadata
    ) as n
    where
      m.price_source = p_source
      and m.deleted_at is null
      and (
        m.supports, m.context_window, m.max_tokens, m.release_date, m.deprecation_date, m.status, m.metadata
      ) is distinct from (
        n.supports, n.context_window, n.max_tokens, n.release_date, n.deprecation_date, n.status, n.metadata
      )
  ),

  changed as (
    update ai.models as m
    set
      supports = s.supports,
      context_window = s.context_window,
      max_tokens = s.max_tokens,
      release_date = s.release_date,
      deprecation_date = s.deprecation_date,
      status = s.status,
      metadata = s.metadata
    from stale as s
    where m.id = s.id and not p_dry_run
  )

  select coalesce(array_agg(s.ref), '{}') into v_edited from stale as s;

  with gone as materialized (
    select m.id
    from ai.models as m
    where
      m.price_source = p_source
      and m.metadata ->> 'catalogue' = p_source
      and not m.metadata ? 'removed_from_catalogue'
      and m.deleted_at is null
      and m.id not in (
        select f.model_id from private.feed_models(p_source, p_models) as f where f.model_id is not null
      )
  ),

  marked as (
    update ai.models as m
    set status = 'retired', metadata = m.metadata || '{"removed_from_catalogue": true}'
    from gone as g
    where m.id = g.id and not p_dry_run
  )

  select count(*) into v_count from gone;

  with wanted as materialized (
    select distinct f.model_id, f.ref, f.key, a.alias
    from private.feed_models(p_source, p_models) as f
    cross join lateral unnest(f.aliases) as a (alias)
    where a.alias <> f.key
  ),

  -- A name that means another model already goes on meaning that one.
  taken as materialized (
    select k.name, k.ref
    from (
      select m.key as name, p.key || '/' || m.provider_model_key as ref, m.id::text as id
      from ai.models as m
      inner join ai.providers as p on p.id = m.provider_id
      union
      select f.key, f.ref, f.model_id::text from private.feed_models(p_source, p_models) as f
      union
      select a.alias, p.key || '/' || m.provider_model_key, m.id::text
      from ai.model_aliases as a
      inner join ai.models as m on m.id = a.model_id
      inner join ai.providers as p on p.id = m.provider_id
      union
      select w.alias, w.ref, null from wanted as w
    ) as k
  ),

  free as materialized (
    select w.*
    from wanted as w
    inner join (
      select t.name from taken as t
      group by t.name
      having count(distinct coalesce(t.ref, '')) = 1
    ) as o on o.name = w.alias
    where not exists (
      select from ai.model_aliases as a where a.alias = w.alias and a.model_id = w.model_id
    )
  ),

  made as (
    insert into ai.model_aliases (alias, model_id, source)
    select f.alias, f.model_id, p_source from free as f
    where not p_dry_run
  )

  select
    coalesce((select array_agg(distinct f.ref) from free as f where f.model_id is not null), '{}'),
    v_report || jsonb_build_object(
      'aliases', jsonb_build_object(
        'added', (select count(*) from free),
        'taken', (
          select count(*)
          from wanted as w
          inner join (
            select t.name from taken as t
            group by t.name
            having count(distinct coalesce(t.ref, '')) > 1
          ) as o on o.name = w.alias
        )
      )
    )
  into v_renamed, v_report;

  with plan as materialized (
    select c.* from private.price_changes(p_source, p_models, p_starts_at, v_at) as c
  ),

  written as (
    insert into ai.model_pricing (
      model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
      context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone,
      source, revision, withdrawn
    )
    select
      m.id, c.meter, t.unit_type, split_part(c.says, ' ', 1)::numeric, c.currency, c.effective_from,
      c.service_tier, c.variant, c.region, c.context_threshold,
      coalesce(split_part(c.says, ' ', 2)::boolean, false),
      coalesce(split_part(c.says, ' ', 3)::ai.tier_mode_enum, 'whole_request'),
      c.window_start, c.window_end, c.window_days, c.window_time_zone, p_source, c.revision, c.says is null
    from plan as c
    inner join ai.meters as t on t.key = c.meter
    inner join (
      select m.id, p.key || '/' || m.provider_model_key as ref
      from ai.models as m
      inner join ai.providers as p on p.id = m.provider_id
    ) as m on m.ref = c.ref
    where c.change <> 'unchanged' and not p_dry_run
  )

  select
    coalesce(array_agg(distinct c.ref) filter (where c.change <> 'unchanged'), '{}'),
    v_report || jsonb_build_object(
      'prices', jsonb_build_object(
        'added', count(*) filter (where c.change = 'added'),
        'changed', count(*) filter (where c.change = 'changed'),
        'unchanged', count(*) filter (where c.change = 'unchanged'),
        'withdrawn', count(*) filter (where c.change = 'withdrawn')
      )
    )
  into v_repriced, v_report
  from plan as c;

  return v_report || (
    select jsonb_build_object(
      'models', jsonb_build_object(
        'added', cardinality(v_added),
        'changed', count(*) filter (where f.is_known and f.is_changed),
        'repriced', count(*) filter (where f.is_known and f.is_repriced),
        'unchanged', count(*) filter (where f.is_known and not f.is_changed),
        'removed', v_count
      ),
      'unmapped', (
        select coalesce(jsonb_object_agg(u.key, u.found), '{}')
        from (
          select k.key, count(*) as found
          from jsonb_array_elements(p_models) as m (model)
          cross join lateral jsonb_array_elements_text(coalesce(m.model -> 'unmapped', '[]')) as k (key)
          group by k.key
        ) as u
      )
    )
    from (
      select
        not f.ref = any(v_added) as is_known,
        f.ref = any(v_repriced) as is_repriced,
        f.ref = any(v_repriced) or f.ref = any(v_edited) or f.ref = any(v_renamed) as is_changed
      from (
        select m.provider || '/' || m.provider_model_key as ref
        from jsonb_to_recordset(p_models) as m (provider text, provider_model_key text)
      ) as f
    ) as f
  );
exception
  when data_exception or check_violation then
    perform private.fail(
      'invalid_feed', format('The feed cannot be read: %s.', left(sqlerrm, 300)), 'Nothing was imported. Mend the feed.'
    );
    return null;
end;
$$;

create function ai.import_catalogue(
  source text,
  models jsonb,
  starts_at timestamptz default '2020-01-01T00:00:00Z',
  dry_run boolean default false
) returns jsonb
language sql volatile
-- PostgREST takes it over for the whole request: a large catalogue needs longer than a listing may.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select private.import_catalogue(source, models, starts_at, dry_run);
end;

revoke all on function private.import_catalogue(text, jsonb, timestamptz, boolean) from public;
revoke all on function ai.import_catalogue(text, jsonb, timestamptz, boolean) from public;
grant execute on function private.import_catalogue(text, jsonb, timestamptz, boolean) to service_role;
grant execute on function ai.import_catalogue(text, jsonb, timestamptz, boolean) to service_role;

comment on function private.import_catalogue(text, jsonb, timestamptz, boolean) is
'The rule behind ai.import_catalogue().';
comment on function ai.import_catalogue(text, jsonb, timestamptz, boolean) is
'Service role only. Brings the registry and one source''s prices to what a catalogue says, in one transaction: adds providers, models, aliases and price rows, withdraws prices that are gone, marks models that are gone as retired. models: [{provider, provider_name, provider_model_key, name, aliases, attributes, prices: [{meter, price, service_tier, variant, region, context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone, currency, effective_from}], unmapped}]; a price is a decimal string per ONE unit. Prices without a date start at starts_at for models new to the source, else now. dry_run reports and writes nothing. Returns {source, dry_run, providers, models, aliases, prices, unmapped}, counts all. Error: invalid_feed (PT422, DETAIL lists the first problems), and then nothing is changed.';

-- from sql/40_ai/309_function_usage_fields.sql

-- What the usage objects of providers hold: each counts the same token in several fields, and each in its own way.

-- Every format, in one place, by its own name and by its name in ai.provider_contract_enum.
create function private.usage_formats() returns table (
  name text, format text, caches_are_inside boolean, thoughts_are_inside boolean
)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select
    f.name,
    f.format,
    f.caches_are_inside,
    f.thoughts_are_inside
  from (
    values
    ('openai_chat', 'openai_chat', true, true),
    ('openai_responses', 'openai_responses', true, true),
    ('anthropic', 'anthropic', false, true),
    ('anthropic_messages', 'anthropic', false, true),
    ('gemini', 'gemini', true, false),
    ('gemini_generate', 'gemini', true, false),
    ('bedrock', 'bedrock', false, true),
    ('bedrock_converse', 'bedrock', false, true)
  ) as f (name, format, caches_are_inside, thoughts_are_inside);
end;

-- What each field of a format counts. Fields of one part are added up, except that the part `cached_again` repeats
-- the part `cached` under another name. `none`: nothing of its own, neither the field nor what is under it.
create function private.usage_fields(p_format text) returns table (path text, part text)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  -- OpenAI and those who speak its language. A text count is what the others leave; predictions, accepted and
  -- rejected, are billed inside the completion. DeepSeek and Moonshot name the cached tokens outside the details too.
  select
    f.path,
    f.part
  from (
    values
    ('openai_chat', 'prompt_tokens', 'input'),
    ('openai_chat', 'completion_tokens', 'output'),
    ('openai_chat', 'prompt_cache_hit_tokens', 'cached_again'),
    ('openai_chat', 'prompt_cache_miss_tokens', 'none'),
    ('openai_chat', 'cached_tokens', 'cached_again'),
    ('openai_responses', 'input_tokens', 'input'),
    ('openai_responses', 'output_tokens', 'output'),
    ('openai_responses', 'seconds', 'seconds'),
    ('openai_chat', 'total_tokens', 'total'),
    ('openai_responses', 'total_tokens', 'total')
  ) as f (format, path, part)
  where f.format = p_format
  union all
  select
    d.path || '.' || f.path,
    f.part
  from (
    values
    ('openai_chat', 'prompt_tokens_details', 'input'),
    ('openai_chat', 'completion_tokens_details', 'output'),
    ('openai_responses', 'input_tokens_details', 'input'),
    ('openai_responses', 'output_tokens_details', 'output'),
    -- Realtime and transcriptions.
    ('openai_responses', 'input_token_details', 'input'),
    ('openai_responses', 'output_token_details', 'output')
  ) as d (format, path, side)
  inner join (
    values
    ('input', 'text_tokens', 'none'),
    ('input', 'image_tokens', 'input_image'),
    ('input', 'audio_tokens', 'input_audio'),
    ('input', 'video_tokens', 'input_video'),
    ('input', 'cached_tokens', 'cached'),
    ('input', 'cached_tokens_details.text_tokens', 'none'),
    ('input', 'cached_tokens_details.image_tokens', 'cached_image'),
    ('input', 'cached_tokens_details.audio_tokens', 'cached_audio'),
    ('input', 'cached_tokens_details.video_tokens', 'cached_video'),
    ('input', 'cache_write_tokens', 'written'),
    -- ttl_12h_tokens cost more and have no meter: as an unknown count they are refused.
    ('input', 'cache_write_tokens_details.ttl_30m_tokens', 'written_short'),
    ('output', 'text_tokens', 'none'),
    ('output', 'image_tokens', 'output_image'),
    ('output', 'audio_tokens', 'output_audio'),
    ('output', 'video_tokens', 'output_video'),
    ('output', 'reasoning_tokens', 'thoughts'),
    ('output', 'accepted_prediction_tokens', 'none'),
    ('output', 'rejected_prediction_tokens', 'none')
  ) as f (side, path, part) on f.side = d.side
  where d.format = p_format
  union all
  -- Gemini: the results of tools are read beside the prompt. The Live API says response for candidates.
  select
    f.path,
    f.part
  from (
    values
    ('promptTokenCount', 'input'),
    ('toolUsePromptTokenCount', 'input'),
    ('cachedContentTokenCount', 'cached'),
    ('candidatesTokenCount', 'output'),
    ('responseTokenCount', 'output'),
    ('thoughtsTokenCount', 'thoughts'),
    ('totalTokenCount', 'total')
  ) as f (path, part)
  where p_format = 'gemini'
  union all
  -- A page of a document is read as a picture. A medium that is not named is text.
  select
    d.path || '.' || m.modality || '.tokenCount',
    case m.medium when 'text' then 'none' else d.side || '_' || m.medium end
  from (
    values
    ('promptTokensDetails', 'input'), ('toolUsePromptTokensDetails', 'input'), ('cacheTokensDetails', 'cached'),
    ('candidatesTokensDetails', 'output'), ('responseTokensDetails', 'output')
  ) as d (path, side)
  cross join (
    values
    ('TEXT', 'text'), ('MODALITY_UNSPECIFIED', 'text'), ('?', 'text'), ('IMAGE', 'image'), ('DOCUMENT', 'image'),
    ('AUDIO', 'audio'), ('VIDEO', 'video')
  ) as m (modality, medium)
  where p_format = 'gemini'
  union all
  -- Anthropic. A compaction reads and writes beside the message, at the same prices; the iterations of the message
  -- itself are in its counts already. Any other iteration is another model's.
  select
    i.path || f.path,
    f.part
  from (values (''), ('iterations.compaction.')) as i (path)
  cross join (
    values
    ('input_tokens', 'input'),
    ('cache_read_input_tokens', 'cached'),
    ('cache_creation_input_tokens', 'written'),
    ('cache_creation.ephemeral_5m_input_tokens', 'written_short'),
    ('cache_creation.ephemeral_1h_input_tokens', 'written_1h'),
    ('output_tokens', 'output'),
    ('output_tokens_details.thinking_tokens', 'thoughts')
  ) as f (path, part)
  where p_format = 'anthropic'
  union all
  select
    f.path,
    f.part
  from (
    values
    ('iterations.message', 'none'),
    ('server_tool_use.web_search_requests', 'web_search'),
    -- Fetching costs nothing but its tokens.
    ('server_tool_use.web_fetch_requests', 'none')
  ) as f (path, part)
  where p_format = 'anthropic'
  union all
  select
    f.path,
    f.part
  from (
    values
    ('inputTokens', 'input'),
    ('cacheReadInputTokens', 'cached'),
    ('cacheWriteInputTokens', 'written'),
    ('cacheDetails.5m.inputTokens', 'written_short'),
    ('cacheDetails.1h.inputTokens', 'written_1h'),
    -- The same two once more.
    ('cacheReadInputTokenCount', 'none'),
    ('cacheWriteInputTokenCount', 'none'),
    ('outputTokens', 'output'),
    ('totalTokens', 'total')
  ) as f (path, part)
  where p_format = 'bedrock';
end;

-- Lists hold objects that say what they are about: Gemini's modality, Bedrock's ttl, Anthropic's type.
create function private.usage_values(p_usage jsonb) returns table (path text, value jsonb)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  with recursive found (path, value, depth) as (
    select
      e.key,
      e.value,
      1
    from jsonb_each(p_usage) as e
    union all
    select
      f.path || '.' || e.key,
      e.value,
      f.depth + 1
    from found as f
    cross join
      lateral (
        select
          o.key,
          o.value
        from jsonb_each(case jsonb_typeof(f.value) when 'object' then f.value end) as o
        union all
        select
          coalesce(a.value ->> 'modality', a.value ->> 'ttl', a.value ->> 'type', '?'),
          a.value
        from jsonb_array_elements(case jsonb_typeof(f.value) when 'array' then f.value end) as a
      ) as e
    where f.depth < 8
  )

  select
    f.path,
    f.value
  from found as f;
end;

revoke all on function private.usage_formats() from public;
revoke all on function private.usage_fields(text) from public;
revoke all on function private.usage_values(jsonb) from public;

comment on function private.usage_formats() is
'The formats of ai.normalize_usage(): each by its names, whether its input holds the cached tokens, and whether its output holds the thoughts where no total says so.';
comment on function private.usage_fields(text) is
'The fields of a format that count, and the part that each counts: input, cached, written and output, by medium and time to live; thoughts; total; none for what is counted elsewhere or costs nothing.';
comment on function private.usage_values(jsonb) is
'Everything in a usage object by its path, such as cacheDetails.1h.inputTokens: the entries of a list go by their modality, ttl or type.';

-- from sql/40_ai/310_function_normalize_usage.sql

-- One more number that the fields do not explain may be money. It counts as a count by its name, so that the times,
-- costs and rates that many providers add are no errors.
create function private.is_count(p_path text) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return
p_path ~* '(token|request|quer|search|source|image|audio|video|second|char|page|tool|call|session)[^.]*$'
and p_path !~* '(cost|price|latenc|per_?second|time_?to)';

create function private.refuse_field(
  p_error text, p_format text, p_field text, p_why text, p_hint text default null
) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  perform private.fail(p_error, format('"%s" of this %s usage %s.', left(p_field, 200), p_format, p_why), p_hint,
    jsonb_build_object('format', p_format, 'field', left(p_field, 200)));
end;
$$;

-- Takes the counts apart: reads the fields, makes the input whole, splits it by cache and by medium, then the output.
create function private.normalize_usage(p_format text, p_raw jsonb) returns jsonb
language plpgsql immutable parallel safe security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what it is made of is in a schema that callers may not look into. It reads no table.
declare
  v_format text;
  v_caches_are_inside boolean;
  v_thoughts_are_inside boolean;
  v_usage jsonb := p_raw;
  v_found record;
  v_count jsonb;   -- part → what its fields add up to
  v_field jsonb;   -- part → a field that says so
  v_read numeric;  -- all input tokens
  v_text numeric;  -- those of no other meter
  v_cached numeric;
  v_written numeric;
  v_written_1h numeric;
  v_output numeric;
  v_thoughts numeric;
  v_total numeric;
  v_rest numeric;
  v_taken numeric;
  v_media constant text[] := array['image', 'audio', 'video'];
  v_input_of numeric[];
  v_cached_of numeric[];
  v_written_of numeric[] := array[0, 0, 0];
  v_output_of numeric[];
  v_result jsonb;
begin
  select f.format, f.caches_are_inside, f.thoughts_are_inside
  into v_format, v_caches_are_inside, v_thoughts_are_inside
  from private.usage_formats() as f
  where f.name = p_format;
  if not found then
    perform private.fail(
      'unknown_format', format('There is no usage format called "%s".', left(p_format, 100)),
      format('Formats: %s.', (select string_agg(f.name, ', ' order by f.name) from private.usage_formats() as f)),
      jsonb_build_object('format', left(p_format, 100))
    );
  end if;

  -- A GET request carries the object as text; a whole response carries it inside.
  if jsonb_typeof(v_usage) = 'string' and v_usage #>> '{}' ~ '^\s*\{' then
    v_usage := (v_usage #>> '{}')::jsonb;
  end if;
  v_usage := coalesce(v_usage -> 'usage', v_usage -> 'usageMetadata', v_usage);
  if jsonb_typeof(v_usage) is distinct from 'object' then
    perform private.fail('invalid_usage', 'A provider''s usage is a JSON object.',
      'Pass the usage of the response, or the response that holds it.', jsonb_build_object('format', v_format));
  end if;

  -- What is in the fields.
  select v.path, v.value, coalesce(f.part, '') as part into v_found
  from private.usage_values(v_usage) as v
  left join private.usage_fields(v_format) as f
    on f.path = v.path or (f.part = 'none' and starts_with(v.path, f.path || '.'))
  where case
    when f.part = 'none' or v.value = 'null' then false
    when f.part is null
      then jsonb_typeof(v.value) = 'number' and v.value <> '0' and private.is_count(v.path)
    when jsonb_typeof(v.value) = 'number'
      then v.value::numeric < 0 or (f.part <> 'seconds' and v.value::numeric <> trunc(v.value::numeric))
    else true
  end
  order by f.part is null, v.path
  limit 1;
  if v_found.part = '' then
    perform private.refuse_field('invalid_usage', v_format, v_found.path, 'counts something that has no meter here',
      'Take it out, and add to the result what it costs, or price it apart.');
  elsif jsonb_typeof(v_found.value) <> 'number' then
    perform private.refuse_field('not_a_number', v_format, v_found.path, 'is not a number');
  elsif v_found.value::numeric < 0 then
    perform private.refuse_field('negative_quantity', v_format, v_found.path, 'is negative');
  elsif v_found.path is not null then
    perform private.refuse_field('invalid_usage', v_format, v_found.path, 'is not whole');
  end if;

  select jsonb_object_agg(p.part, p.quantity), jsonb_object_agg(p.part, p.path) into v_count, v_field
  from (
    select
      f.part,
      case f.part when 'cached_again' then max(v.value::numeric) else sum(v.value::numeric) end as quantity,
      min(v.path) as path
    from private.usage_values(v_usage) as v
    inner join private.usage_fields(v_format) as f on f.path = v.path
    where f.part <> 'none' and jsonb_typeof(v.value) = 'number'
    group by f.part
  ) as p;
  if v_count - 'total' = '{}' or v_count is null then
    perform private.fail('invalid_usage', format('This usage has no counts of format %s.', v_format),
      'Look whether it is another format.', jsonb_build_object('format', v_format));
  end if;

  -- The input. A cache's tokens are a part of it or beside it; written ones may be told apart by how long they stay.
  v_cached := greatest((v_count ->> 'cached')::numeric, (v_count ->> 'cached_again')::numeric, 0);
  v_written_1h := coalesce((v_count ->> 'written_1h')::numeric, 0);
  v_rest := v_written_1h + coalesce((v_count ->> 'written_short')::numeric, 0);
  v_written := coalesce((v_count ->> 'written')::numeric, v_rest);
  if v_rest not in (0, v_written) then
    perform private.refuse_field('invalid_usage', v_format, v_field ->> 'written',
      format('is %s, and its parts add up to %s', v_written, v_rest));
  end if;
  v_read := coalesce((v_count ->> 'input')::numeric, 0);
  if not v_caches_are_inside then
    v_read := v_read + v_cached + v_written;
  elsif v_cached + v_written > v_read then
    perform private.refuse_field('invalid_usage', v_format,
      coalesce(
        case when v_cached > v_read then coalesce(v_field ->> 'cached', v_field ->> 'cached_again') end,
        v_field ->> 'written', v_field ->> 'written_short'
      ),
      format('is more than the input of %s that it is a part of', v_read));
  end if;

  -- Its media, and how much of each is cached.
  select
    array_agg(coalesce((v_count ->> ('input_' || m.name))::numeric, 0) order by m.number),
    array_agg(coalesce((v_count ->> ('cached_' || m.name))::numeric, 0) order by m.number),
    array_agg(coalesce((v_count ->> ('output_' || m.name))::numeric, 0) order by m.number)
  into v_input_of, v_cached_of, v_output_of
  from unnest(v_media) with ordinality as m (name, number);
  v_text := v_read;
  v_rest := v_cached;
  for i in 1..3 loop
    v_text := v_text - v_input_of[i];
    v_rest := v_rest - v_cached_of[i];
    if v_text < 0 then
      perform private.refuse_field('invalid_usage', v_format, v_field ->> ('input_' || v_media[i]),
        format('is more than the input of %s leaves', v_read));
    elsif v_rest < 0 or v_cached_of[i] > v_input_of[i] then
      perform private.refuse_field('invalid_usage', v_format, v_field ->> ('cached_' || v_media[i]),
        'is more than was cached or more than was read');
    end if;
  end loop;

  -- The cached tokens whose medium is not told are text, as far as there is text, then image, audio, video. The same
  -- for those written to the cache. Input is what is left.
  v_taken := least(v_rest, v_text);
  v_text := v_text - v_taken;
  v_rest := v_rest - v_taken;
  for i in 1..3 loop
    v_taken := least(v_rest, v_input_of[i] - v_cached_of[i]);
    v_cached_of[i] := v_cached_of[i] + v_taken;
    v_rest := v_rest - v_taken;
  end loop;
  v_taken := least(v_written, v_text);
  v_text := v_text - v_taken;
  v_rest := v_written - v_taken;
  for i in 1..3 loop
    v_written_of[i] := least(v_rest, v_input_of[i] - v_cached_of[i]);
    v_rest := v_rest - v_written_of[i];
  end loop;

  -- The output. The total, where there is one, says whether thoughts are a part of it; else the format does.
  v_output := coalesce((v_count ->> 'output')::numeric, 0);
  v_thoughts := coalesce((v_count ->> 'thoughts')::numeric, 0);
  v_total := (v_count ->> 'total')::numeric;
  if v_total = v_read + v_output then
    v_thoughts_are_inside := true;
  elsif v_total = v_read + v_output + v_thoughts then
    v_thoughts_are_inside := false;
  elsif v_format = 'bedrock' and v_total = v_read + v_output - v_cached - v_written then
    null; -- As documented; in practice the total holds the caches too.
  elsif v_total is not null then
    perform private.refuse_field('invalid_usage', v_format, v_field ->> 'total',
      format('is %s, and the counts add up to %s', v_total,
        v_read + v_output + case when v_thoughts_are_inside then 0 else v_thoughts end),
      'A count is missing or wrong.');
  end if;
  if v_thoughts_are_inside then
    v_output := v_output - v_thoughts;
  end if;
  if v_output < 0 then
    perform private.refuse_field('invalid_usage', v_format, v_field ->> 'thoughts',
      'is more than the output that it is a part of');
  end if;
  -- The usage of OpenAI's images: without details, the output is the picture.
  if v_format = 'openai_responses'
    and (v_usage -> 'input_tokens_details') ? 'image_tokens'
    and not (v_usage -> 'input_tokens_details') ? 'cached_tokens'
    and jsonb_typeof(v_usage -> 'output_tokens_details') is distinct from 'object'
  then
    v_output_of[1] := v_output;
  end if;
  for i in 1..3 loop
    v_output := v_output - v_output_of[i];
    if v_output < 0 then
      perform private.refuse_field('invalid_usage', v_format, v_field ->> ('output_' || v_media[i]),
        'is more than the output leaves');
    end if;
  end loop;

  select jsonb_object_agg(m.meter, trim_scale(m.quantity)) into v_result
  from (
    values
    ('input', v_text),
    ('input_image', v_input_of[1] - v_cached_of[1] - v_written_of[1]),
    ('input_audio', v_input_of[2] - v_cached_of[2] - v_written_of[2]),
    ('input_video', v_input_of[3] - v_cached_of[3] - v_written_of[3]),
    ('cache_read', v_cached - v_cached_of[1] - v_cached_of[2]),
    ('cache_read_image', v_cached_of[1]),
    ('cache_read_audio', v_cached_of[2]),
    ('cache_write', v_written - v_written_1h - v_written_of[2]),
    ('cache_write_1h', v_written_1h),
    ('cache_write_audio', v_written_of[2]),
    ('output', v_output),
    ('output_image', v_output_of[1]),
    ('output_audio', v_output_of[2]),
    ('output_video', v_output_of[3]),
    ('reasoning', v_thoughts),
    ('web_search', coalesce((v_count ->> 'web_search')::numeric, 0)),
    ('input_audio_second', coalesce((v_count ->> 'seconds')::numeric, 0))
  ) as m (meter, quantity)
  where m.quantity <> 0;
  select m.key as meter into v_found
  from jsonb_each(v_result) as m
  where m.value::numeric > 1e12 or scale(m.value::numeric) > 12
  limit 1;
  if found then
    perform private.fail('quantity_out_of_range', format('The quantity of "%s" is out of range.', v_found.meter),
      'Quantities are at most 1e12, with at most 12 decimals.',
      jsonb_build_object('format', v_format, 'meter', v_found.meter));
  end if;
  return coalesce(v_result, '{"input": 0, "output": 0}');
end;
$$;

create function ai.normalize_usage(format text, raw jsonb) returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return private.normalize_usage(format, raw);

revoke all on function private.is_count(text) from public;
revoke all on function private.refuse_field(text, text, text, text, text) from public;
revoke all on function private.normalize_usage(text, jsonb) from public;
revoke all on function ai.normalize_usage(text, jsonb) from public;
grant execute on function private.normalize_usage(text, jsonb) to anon, authenticated, service_role;
grant execute on function ai.normalize_usage(text, jsonb) to anon, authenticated, service_role;

comment on function private.is_count(text) is
'Whether a field that is not known counts something, going by its name: tokens, requests, searches, images, seconds and the like, but no cost, time or rate.';
comment on function private.refuse_field(text, text, text, text, text) is
'Raises an error of private.fail() about a field of a usage; DETAIL has the format and the field.';
comment on function private.normalize_usage(text, jsonb) is 'The rule behind ai.normalize_usage().';
comment on function ai.normalize_usage(text, jsonb) is
'A provider''s own usage object as Ratebook''s usage, each token in one meter: for billing.quote() and ai.finish_generation(). format: openai_chat (also of those who speak it: xAI, DeepSeek, OpenRouter and others), openai_responses (also images, realtime, transcriptions), anthropic or anthropic_messages, gemini or gemini_generate, bedrock or bedrock_converse. raw: the object, or the response that holds it as usage or usageMetadata; what a response bills beside it, such as searches that it lists, is yours to add. '
'Cached and written tokens leave the input, thoughts (reasoning) the output, sound and pictures both. A total says whether thoughts are part of the output; counts that do not add up to it are refused. Cached tokens of no known medium are text first, then image, audio, video. Missing counts and null are zero; meters of zero are left out, unless all are: {"input": 0, "output": 0}. '
'A field that is not known is refused where its name counts something (tokens, requests, searches, images, seconds, ...) and its number is not zero, since it may cost; other numbers, such as times and costs, are passed over. Errors, all PT422, DETAIL names the field: unknown_format, invalid_usage (counts that contradict each other, broken ones, unknown ones, none), not_a_number, negative_quantity, quantity_out_of_range.';

-- from sql/50_billing/010_schema_billing.sql

create schema billing;
grant usage on schema billing to anon, authenticated, service_role;
comment on schema billing is 'From money to credits: rates, margins, and the price of a usage in credits.';

-- from sql/50_billing/020_table_credit_rates.sql

create table billing.credit_rates (
  id uuid not null default gen_random_uuid(),
  currency text not null,
  credits_per_currency_unit numeric not null,
  effective_from timestamptz not null default private.clock(),
  revision integer not null default 0,
  created_at timestamptz not null default private.clock(),
  created_by uuid default auth.uid(),
  constraint credit_rates_pkey primary key (id),
  constraint credit_rates_key unique (currency, effective_from, revision),
  constraint currency_is_an_iso_code check (currency ~ '^[A-Z]{3}$'),
  constraint credits_per_currency_unit_is_positive_and_finite check (
    credits_per_currency_unit > 0 and credits_per_currency_unit < 'Infinity'
  ),
  constraint effective_from_is_finite check (isfinite(effective_from)),
  constraint revision_is_not_negative check (revision >= 0)
);

create trigger credit_rates_refuse_change before update or delete or truncate on billing.credit_rates
for each statement execute function private.refuse_change(
  'Insert a row with a later effective_from, or a higher revision to correct one.'
);

alter table billing.credit_rates enable always trigger credit_rates_refuse_change;

comment on table billing.credit_rates is
'How many credits one unit of a currency is. Insert-only; in force is the latest effective_from, then the highest revision. For admins and the service role.';
comment on column billing.credit_rates.id is 'The rate; charges refer to it.';
comment on column billing.credit_rates.currency is 'ISO 4217 code.';
comment on column billing.credit_rates.credits_per_currency_unit is 'Credits per one unit of the currency, exact.';
comment on column billing.credit_rates.effective_from is 'From when on it applies.';
comment on column billing.credit_rates.revision is 'Corrections of the same date count up from 0; the highest stands.';
comment on column billing.credit_rates.created_at is 'When the row was made.';
comment on column billing.credit_rates.created_by is 'JWT subject who made it; NULL for the service role and direct SQL.';

-- from sql/50_billing/030_table_execution_margin_policies.sql

create function private.margin_scope(
  p_model_id uuid, p_feature_id uuid, p_provider_id uuid, p_tier ai.model_tier_enum
) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return concat_ws('+', 'model ' || p_model_id, 'feature ' || p_feature_id, 'provider ' || p_provider_id, 'tier ' || p_tier);
end;
$$;

revoke all on function private.margin_scope(uuid, uuid, uuid, ai.model_tier_enum) from public;
grant execute on function private.margin_scope(uuid, uuid, uuid, ai.model_tier_enum) to authenticated, service_role;

comment on function private.margin_scope(uuid, uuid, uuid, ai.model_tier_enum) is
'What a margin policy is for, as one text to look it up by; empty for the default.';

create table billing.execution_margin_policies (
  id uuid not null default gen_random_uuid(),
  model_id uuid,
  feature_id uuid,
  provider_id uuid,
  tier ai.model_tier_enum,
  margin numeric not null default 0,
  fixed_credits numeric not null default 0,
  min_credits numeric not null default 0,
  minimum_applies_to_free boolean not null default false,
  increment numeric not null default 0.001,
  enabled boolean not null default true,
  effective_from timestamptz not null default private.clock(),
  revision integer not null default 0,
  created_at timestamptz not null default private.clock(),
  created_by uuid default auth.uid(),
  scope text not null generated always as (
    private.margin_scope(model_id, feature_id, provider_id, tier)
  ) stored,
  constraint execution_margin_policies_pkey primary key (id),
  constraint execution_margin_policies_key unique (scope, effective_from, revision),
  constraint execution_margin_policies_model_id_fkey foreign key (model_id)
  references ai.models (id) on delete restrict,
  constraint execution_margin_policies_feature_id_fkey foreign key (feature_id)
  references ai.features (id) on delete restrict,
  constraint execution_margin_policies_provider_id_fkey foreign key (provider_id)
  references ai.providers (id) on delete restrict,
  constraint scope_is_one_of_model_and_feature_model_feature_provider_tier check (
    num_nonnulls(model_id, feature_id, provider_id, tier) <= 1
    or (num_nonnulls(model_id, feature_id) = 2 and num_nonnulls(provider_id, tier) = 0)
  ),
  -- NaN sorts above Infinity, so the upper bounds refuse both.
  constraint margin_is_at_least_minus_one_and_finite check (margin >= -1 and margin < 'Infinity'),
  constraint fixed_credits_is_not_negative_and_finite check (fixed_credits >= 0 and fixed_credits < 'Infinity'),
  constraint min_credits_is_not_negative_and_finite check (min_credits >= 0 and min_credits < 'Infinity'),
  constraint increment_is_positive_and_finite check (increment > 0 and increment < 'Infinity'),
  constraint effective_from_is_finite check (isfinite(effective_from)),
  constraint revision_is_not_negative check (revision >= 0)
);

create index execution_margin_policies_model_id_idx on billing.execution_margin_policies (model_id);
create index execution_margin_policies_feature_id_idx on billing.execution_margin_policies (feature_id);
create index execution_margin_policies_provider_id_idx on billing.execution_margin_policies (provider_id);

create trigger execution_margin_policies_refuse_change
before update or delete or truncate on billing.execution_margin_policies
for each statement execute function private.refuse_change(
  'Insert a row with a later effective_from, or a higher revision to correct one; enabled = false ends a policy.'
);

alter table billing.execution_margin_policies enable always trigger execution_margin_policies_refuse_change;

comment on table billing.execution_margin_policies is
'What is added to the cost: credits = round_up(max(min_credits, cost × rate × (1 + margin) + fixed_credits), increment). A row is for a model and feature, a model, a feature, a provider, a tier, or (all NULL) the default, tried in that order. Insert-only; in force is the latest effective_from, then the highest revision. For admins and the service role.';
comment on column billing.execution_margin_policies.id is 'The policy; charges refer to it.';
comment on column billing.execution_margin_policies.model_id is 'The model it is for.';
comment on column billing.execution_margin_policies.feature_id is 'The feature it is for (ai.features.id, which outlives renames).';
comment on column billing.execution_margin_policies.provider_id is 'The provider it is for.';
comment on column billing.execution_margin_policies.tier is 'The models'' pricing_tier it is for.';
comment on column billing.execution_margin_policies.scope is 'The four columns before as one text; computed.';
comment on column billing.execution_margin_policies.margin is 'Share of the cost that is added: 0.30 adds 30 %. At least -1.';
comment on column billing.execution_margin_policies.fixed_credits is 'Credits added to each request.';
comment on column billing.execution_margin_policies.min_credits is 'Least credits of a request.';
comment on column billing.execution_margin_policies.minimum_applies_to_free is 'Whether fixed and least credits are asked for a request that costs nothing.';
comment on column billing.execution_margin_policies.increment is 'Credits are rounded up to a multiple of it, once, at the end.';
comment on column billing.execution_margin_policies.enabled is 'False: the next policy in order applies instead.';
comment on column billing.execution_margin_policies.effective_from is 'From when on it applies.';
comment on column billing.execution_margin_policies.revision is 'Corrections of the same date count up from 0; the highest stands.';
comment on column billing.execution_margin_policies.created_at is 'When the row was made.';
comment on column billing.execution_margin_policies.created_by is 'JWT subject who made it; NULL for the service role and direct SQL.';

-- from sql/50_billing/040_function_margin_policy.sql

create function private.margin_policy(
  p_model_id uuid,
  p_feature_id uuid,
  p_at timestamptz
) returns billing.execution_margin_policies
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_policy billing.execution_margin_policies;
begin
  select p.* into v_policy
  from ai.models as m
  -- Spelled as private.margin_scope() spells them. A request without a feature, or a model without a tier, has no policy
  -- of that rank: its scope is NULL.
  cross join unnest(array[
    'model ' || m.id || '+feature ' || p_feature_id,
    'model ' || m.id,
    'feature ' || p_feature_id,
    'provider ' || m.provider_id,
    'tier ' || m.pricing_tier,
    ''
  ]) with ordinality as s (scope, rank)
  cross join lateral (
    select q.*
    from billing.execution_margin_policies as q
    where q.scope = s.scope and q.effective_from <= p_at
    order by q.effective_from desc, q.revision desc
    limit 1
  ) as p
  where m.id = p_model_id and p.enabled
  order by s.rank
  limit 1;
  return v_policy;
end;
$$;

revoke all on function private.margin_policy(uuid, uuid, timestamptz) from public;

comment on function private.margin_policy(uuid, uuid, timestamptz) is
'The enabled margin policy in force for a model and feature: of model and feature, model, feature, provider, tier, default the first that there is; NULL if none.';

-- from sql/50_billing/050_function_credits.sql

create function private.round_up(p_value numeric, p_increment numeric) returns numeric
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  -- By mod: a quotient would be rounded.
  v_rest numeric := mod(p_value, p_increment);
begin
  return case when v_rest = 0 then p_value else p_value + p_increment - v_rest end;
end;
$$;

create function private.credits(
  p_cost numeric,
  p_rate billing.credit_rates,
  p_policy billing.execution_margin_policies
) returns numeric
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_cost is null then
    return null; -- greatest() would pass over it.
  end if;
  if p_cost = 0 and not p_policy.minimum_applies_to_free then
    return 0;
  end if;
  return private.round_up(
    greatest(
      p_policy.min_credits,
      p_cost * p_rate.credits_per_currency_unit * (1 + p_policy.margin) + p_policy.fixed_credits
    ),
    p_policy.increment
  );
end;
$$;

revoke all on function private.round_up(numeric, numeric) from public;
revoke all on function private.credits(numeric, billing.credit_rates, billing.execution_margin_policies) from public;

comment on function private.round_up(numeric, numeric) is
'The least multiple of the increment that is not below the value; the value is not negative. Exact.';
comment on function private.credits(numeric, billing.credit_rates, billing.execution_margin_policies) is
'The one formula from a cost in currency to credits.';

-- from sql/50_billing/060_function_quote.sql

-- What pricing one request finds: the answer for billing.quote(), and for charges, which pin the rows they used.
create type private.priced_request as (
  model_id uuid,
  model_key text,
  currency text,
  sheet private.price_sheets,
  cost numeric,
  is_public boolean,
  credits numeric,
  credit_rate_id uuid,
  margin_policy_id uuid
);

create function private.price_request(
  p_model text,
  p_usage jsonb,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz,
  p_all boolean
) returns private.priced_request
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_priced private.priced_request;
  v_model record;
  v_feature_id uuid;
  v_rate billing.credit_rates;
  v_policy billing.execution_margin_policies;
  v_unpriced text;
  v_sheet private.price_sheets;
begin
  select m.id, m.key, m.price_source, m.price_currency, m.valid_sizes into v_model
  from ai.models as m
  where m.key = p_model and (p_all or (m.is_public and m.deleted_at is null));
  if not found then
    select m.id, m.key, m.price_source, m.price_currency, m.valid_sizes into v_model
    from ai.models as m
    where m.id = private.model_id(p_model, p_all);
  end if;
  if (p_at > '-infinity' and p_at <= private.clock()) is not true then
    perform private.assert_time(p_at);
  end if;
  perform private.assert_usage(p_usage);
  if p_service_tier is distinct from 'standard' then
    perform private.assert_service_tier(p_service_tier);
  end if;
  if p_variant is not null and cardinality(v_model.valid_sizes) > 0 and p_usage ? 'image' then
    perform private.assert_size(v_model.id, v_model.key, v_model.valid_sizes, p_variant);
  end if;
  if p_feature is not null then
    select f.id into v_feature_id from ai.features as f where f.key = p_feature;
    if not found then
      perform private.fail('unknown_feature', format('There is no feature called "%s".', left(p_feature, 100)),
        'Ask ai.features for the keys.', jsonb_build_object('feature', left(p_feature, 100)));
    end if;
  end if;

  v_priced.model_id := v_model.id;
  v_priced.model_key := v_model.key;
  v_priced.currency := v_model.price_currency;
  v_sheet := private.find_sheet(
    v_model.id, v_model.price_source, v_model.price_currency, p_usage, p_service_tier, p_variant, p_region, p_at
  );
  if coalesce(v_sheet.marginal, '{}') = '{}' then
    -- The same products as in private.price_usage(), without the lines.
    select
      coalesce(sum(q.quantity * q.price), 0),
      coalesce(bool_and((v_sheet.price_rows -> q.meter -> 2)::boolean), true),
      min(q.meter) filter (where q.price is null)
    into v_priced.cost, v_priced.is_public, v_unpriced
    from (
      select u.key, u.value::numeric, (v_sheet.prices -> u.key)::numeric
      from jsonb_each(p_usage) as u
    ) as q (meter, quantity, price)
    where q.quantity > 0;
  else
    select
      coalesce(sum(l.cost), 0),
      coalesce(bool_and(l.is_public), true),
      min(l.meter) filter (where l.quantity > 0 and l.unit_price is null)
    into v_priced.cost, v_priced.is_public, v_unpriced
    from private.price_usage(v_sheet, p_usage) as l;
  end if;
  if v_unpriced is not null then
    perform private.fail(
      'no_price', format('Model "%s" has no price for "%s" at that time.', v_model.key, v_unpriced),
      'An unknown price is never zero: add a row to ai.model_pricing.',
      jsonb_build_object('model', v_model.key, 'meter', v_unpriced, 'at', p_at)
    );
  end if;

  select r.* into v_rate
  from billing.credit_rates as r
  where r.currency = v_priced.currency and r.effective_from <= p_at
  order by r.effective_from desc, r.revision desc
  limit 1;
  if not found then
    perform private.fail('no_credit_rate', format('There is no credit rate for %s at that time.', v_priced.currency),
      'An admin adds one to billing.credit_rates.', jsonb_build_object('currency', v_priced.currency));
  end if;

  v_policy := private.margin_policy(v_model.id, v_feature_id, p_at);
  if v_policy.id is null then
    perform private.fail('no_margin_policy', 'No margin policy is in force for this request.',
      'An admin adds a default to billing.execution_margin_policies; margin 0 is a choice too.');
  end if;

  v_priced.credits := private.credits(v_priced.cost, v_rate, v_policy);
  v_priced.sheet := v_sheet;
  v_priced.credit_rate_id := v_rate.id;
  v_priced.margin_policy_id := v_policy.id;
  return v_priced;
end;
$$;

create function private.assert_service_tier(p_service_tier text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from ai.service_tiers as t where t.key = p_service_tier) then
    perform private.fail(
      'unknown_service_tier', format('There is no service tier called "%s".', left(p_service_tier, 100)),
      'Ask ai.service_tiers for the keys.', jsonb_build_object('service_tier', left(p_service_tier, 100))
    );
  end if;
end;
$$;

create function private.assert_size(
  p_model_id uuid, p_model_key text, p_valid_sizes text[], p_variant text
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_variant <> all(p_valid_sizes) and not exists (
    select from private.price_schedules as s
    where s.model_id = p_model_id and p_variant = any(s.variants)
  ) then
    perform private.fail(
      'invalid_size', format('Model "%s" makes no images of size "%s".', p_model_key, left(p_variant, 100)),
      format('Valid sizes: %s.', array_to_string(p_valid_sizes, ', ')),
      jsonb_build_object('model', p_model_key, 'valid_sizes', p_valid_sizes)
    );
  end if;
end;
$$;

-- A GET request carries the usage as text.
create function private.usage_object(p_usage jsonb) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case jsonb_typeof(p_usage) when 'string' then (p_usage #>> '{}')::jsonb else p_usage end;
exception
  when invalid_text_representation or untranslatable_character or numeric_value_out_of_range then
    return p_usage; -- private.assert_usage() says what is wrong.
end;
$$;

create function private.quote(
  p_model text,
  p_usage jsonb,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz
) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: margins, rates and hidden prices are not the caller's to read; only what may be shown leaves.
declare
  v_all boolean := private.is_privileged();
  v_usage jsonb := p_usage;
  v_priced private.priced_request;
begin
  if jsonb_typeof(p_usage) = 'string' then
    v_usage := private.usage_object(p_usage);
  end if;
  v_priced := private.price_request(
    p_model, v_usage, p_feature, p_service_tier, p_variant, p_region, p_at, v_all
  );
  return jsonb_build_object(
    'model', v_priced.model_key,
    'model_id', v_priced.model_id,
    'feature', p_feature,
    'service_tier', p_service_tier,
    'variant', p_variant,
    'region', p_region,
    'at', p_at,
    'lines', (
      select
        jsonb_agg(
          jsonb_build_object(
            'meter', l.meter,
            'quantity', trim_scale(l.quantity)::text,
            'price_meter', case when v_all or l.is_public then l.price_meter end,
            'unit_price', case when v_all or l.is_public then trim_scale(l.unit_price)::text end,
            'cost', case when v_all or l.is_public then trim_scale(l.cost)::text end
          ) || case when v_all then jsonb_build_object('price_id', l.price_id) else '{}' end
        )
      from private.price_usage(v_priced.sheet, v_usage) as l
    ),
    'currency', v_priced.currency,
    'cost', case when v_all or v_priced.is_public then trim_scale(v_priced.cost)::text end,
    'credits', trim_scale(v_priced.credits)::text
  ) || case
    when v_all
      then jsonb_build_object(
        'credit_rate_id', v_priced.credit_rate_id, 'margin_policy_id', v_priced.margin_policy_id
      )
    else '{}'
  end;
end;
$$;

create function private.credit_cost(
  p_model text,
  p_usage jsonb,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz
) returns numeric
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as private.quote().
declare
  v_usage jsonb := p_usage;
begin
  if jsonb_typeof(p_usage) = 'string' then
    v_usage := private.usage_object(p_usage);
  end if;
  return trim_scale((private.price_request(
    p_model, v_usage, p_feature, p_service_tier, p_variant, p_region, p_at, private.is_privileged()
  )).credits);
end;
$$;

create function billing.quote(
  model text,
  usage jsonb,
  feature text default null,
  service_tier text default 'standard',
  variant text default null,
  region text default null,
  at timestamptz default private.clock()
) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
return private.quote(model, usage, feature, service_tier, variant, region, at);

create function billing.calculate_credit_cost(
  model text,
  usage jsonb,
  feature text default null,
  service_tier text default 'standard',
  variant text default null,
  region text default null,
  at timestamptz default private.clock()
) returns numeric
language sql stable
set search_path = pg_catalog, pg_temp
return private.credit_cost(model, usage, feature, service_tier, variant, region, at);

revoke all on function private.price_request(text, jsonb, text, text, text, text, timestamptz, boolean) from public;
revoke all on function private.assert_service_tier(text) from public;
revoke all on function private.assert_size(uuid, text, text[], text) from public;
revoke all on function private.usage_object(jsonb) from public;
revoke all on function private.quote(text, jsonb, text, text, text, text, timestamptz) from public;
revoke all on function private.credit_cost(text, jsonb, text, text, text, text, timestamptz) from public;
revoke all on function billing.quote(text, jsonb, text, text, text, text, timestamptz) from public;
revoke all on function billing.calculate_credit_cost(text, jsonb, text, text, text, text, timestamptz) from public;
grant execute on function private.quote(text, jsonb, text, text, text, text, timestamptz)
to anon, authenticated, service_role;
grant execute on function private.credit_cost(text, jsonb, text, text, text, text, timestamptz)
to anon, authenticated, service_role;
grant execute on function billing.quote(text, jsonb, text, text, text, text, timestamptz)
to anon, authenticated, service_role;
grant execute on function billing.calculate_credit_cost(text, jsonb, text, text, text, text, timestamptz)
to anon, authenticated, service_role;

comment on type private.priced_request is
'A priced request: model, currency, the price sheet used, exact cost in currency, whether all of its prices are public, credits, and the rate and policy used.';
comment on column private.priced_request.model_id is 'The model.';
comment on column private.priced_request.model_key is 'Its key.';
comment on column private.priced_request.currency is 'The currency of the cost.';
comment on column private.priced_request.sheet is 'The price sheet that was used.';
comment on column private.priced_request.cost is 'Exact cost in currency.';
comment on column private.priced_request.is_public is 'Whether all prices behind it are public.';
comment on column private.priced_request.credits is 'Credits, rounded up once.';
comment on column private.priced_request.credit_rate_id is 'The credit rate that was used.';
comment on column private.priced_request.margin_policy_id is 'The margin policy that was used.';
comment on function private.price_request(text, jsonb, text, text, text, text, timestamptz, boolean) is
'Prices one request, for those who see all (p_all) or for the public. Errors: those of billing.quote().';
comment on function private.assert_service_tier(text) is 'Refuses a tier that is not registered. Error: unknown_service_tier (PT422).';
comment on function private.assert_size(uuid, text, text[], text) is
'Refuses an image size that is neither valid for the model nor priced. Error: invalid_size (PT422); HINT and DETAIL list the valid ones.';
comment on function private.usage_object(jsonb) is 'The usage that a JSON string holds; anything else as it is.';
comment on function private.quote(text, jsonb, text, text, text, text, timestamptz) is
'The rule behind billing.quote().';
comment on function private.credit_cost(text, jsonb, text, text, text, text, timestamptz) is
'The rule behind billing.calculate_credit_cost().';
comment on function billing.quote(text, jsonb, text, text, text, text, timestamptz) is
'What a usage costs, as JSON: lines (meter, quantity, price_meter, unit_price, cost), currency, cost, credits. All amounts are strings. model: id, key or alias. usage: meters and quantities, such as {"input": 1000, "output": 500}. variant: such as an image size. at: as of when. Where a price is not public its unit_price, its price_meter and the cost are null; admins and the service role see them, and the ids of the rows used. Errors: unknown_model, unknown_feature (PT404), ambiguous_model (PT409), invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, unknown_service_tier, invalid_size, no_price, no_credit_rate, no_margin_policy, invalid_time (PT422), not_allowed (42501) for a time ahead.';
comment on function billing.calculate_credit_cost(text, jsonb, text, text, text, text, timestamptz) is
'The credits of billing.quote(), with the same arguments and errors, as numeric.';

-- from sql/50_billing/070_function_reprice_generations.sql

create function private.reprice_generations(
  p_since timestamptz,
  p_until timestamptz,
  p_model text,
  p_source text,
  p_at timestamptz,
  p_margin numeric
) returns table (
  generation_id uuid,
  lenser_id uuid,
  model_id uuid,
  feature_key text,
  currency text,
  cost numeric,
  credits numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- Definer: reads margins, rates and everybody's generations; the service role and admins only, see below.
declare
  -- Every moment at which a rate or a policy changes. Between two of them the terms of a model and feature are the same.
  v_moments timestamptz[] := array(
    select r.effective_from from billing.credit_rates as r
    union
    select p.effective_from from billing.execution_margin_policies as p
    order by 1
  );
  v_model_id uuid;
begin
  if not private.is_privileged() then
    perform private.fail('not_allowed', 'Repricing is for admins and the service role.');
  end if;
  if (isfinite(p_since) and isfinite(p_until) and p_since <= p_until) is not true then
    perform private.fail('invalid_time', 'A period has a beginning and an end after it.');
  end if;
  if (p_margin is null or (p_margin >= -1 and p_margin < 'Infinity')) is not true then
    perform private.fail('invalid_argument', 'A margin is a finite number of at least -1.');
  end if;
  if p_model is not null then
    v_model_id := private.model_id(p_model, true);
  end if;

  return query
  with costs as materialized (
    select c.*, width_bucket(c.priced_at, v_moments) as moment, f.id as feature_id
    from private.cost_generations(p_since, p_until, v_model_id, p_source, p_at) as c
    left join ai.features as f on f.key = c.feature_key
  ),

  terms as materialized (
    select
      t.model_id,
      t.feature_id,
      t.currency,
      t.moment,
      (
        select r from billing.credit_rates as r
        where r.currency = t.currency and r.effective_from <= v_moments[t.moment]
        order by r.effective_from desc, r.revision desc
        limit 1
      ) as rate,
      private.margin_policy(t.model_id, t.feature_id, v_moments[t.moment]) as policy
    from (select distinct c.model_id, c.feature_id, c.currency, c.moment from costs as c where c.moment > 0) as t
  )

  select
    c.generation_id,
    c.lenser_id,
    c.model_id,
    c.feature_key,
    c.currency,
    c.cost,
    case
      when (t.rate).id is not null and (t.policy).id is not null
        then private.credits(c.cost, t.rate, private.with_margin(t.policy, p_margin))
    end
  from costs as c
  left join terms as t
    on
      t.model_id = c.model_id and t.moment = c.moment and t.currency = c.currency
      and t.feature_id is not distinct from c.feature_id;
end;
$$;

create function private.with_margin(
  p_policy billing.execution_margin_policies, p_margin numeric
) returns billing.execution_margin_policies
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_margin is not null then
    p_policy.margin := p_margin;
  end if;
  return p_policy;
end;
$$;

create function billing.reprice_generations(
  since timestamptz,
  until timestamptz,
  model text default null,
  price_source text default null,
  at timestamptz default null,
  margin numeric default null
) returns table (
  generation_id uuid,
  lenser_id uuid,
  model_id uuid,
  feature_key text,
  currency text,
  cost numeric,
  credits numeric
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select r.* from private.reprice_generations(since, until, model, price_source, at, margin) as r;
end;

revoke all on function private.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) from public;
revoke all on function private.with_margin(billing.execution_margin_policies, numeric) from public;
revoke all on function billing.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) from public;
grant execute on function private.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) to authenticated, service_role;
grant execute on function billing.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) to authenticated, service_role;

comment on function private.reprice_generations(timestamptz, timestamptz, text, text, timestamptz, numeric) is
'The rule behind billing.reprice_generations().';
comment on function private.with_margin(billing.execution_margin_policies, numeric) is
'A policy with another margin; as it is where the margin is NULL.';
comment on function billing.reprice_generations(timestamptz, timestamptz, text, text, timestamptz, numeric) is
'Admins and the service role. What if: prices the generations of a period, from since (inclusive) until (exclusive), in one statement and without writing: as they were, or as if another model had been asked (model: id, key or alias), by another source''s prices, as of another time (at), or with another margin. One row each: cost in currency, credits; NULL where a price, rate or policy is missing. Generations without usage count their token_count; those with neither are left out. Select cost::text: JSON numbers lose digits. Errors: not_allowed (42501), unknown_model (PT404), invalid_time, invalid_argument (PT422).';

-- from sql/90_compat/010_schema_compat.sql

create schema compat;
grant usage on schema compat to anon, authenticated, service_role;
comment on schema compat is
'For callers of older systems: their tables and functions as views and functions over the core. Nothing is stored here.';

-- from policies/ai.feature_model_policies.sql

alter table ai.feature_model_policies enable row level security;

revoke all on ai.feature_model_policies from public, anon, authenticated, service_role;
grant select on ai.feature_model_policies to anon;
grant select, insert, update, delete on ai.feature_model_policies to authenticated;
grant select, insert, update, delete on ai.feature_model_policies to service_role;

-- The subquery runs under the caller's own policies: routes to hidden models are hidden.
create policy feature_model_policies_select_all on ai.feature_model_policies for select to anon, authenticated
using (exists (
  select from ai.models as m
  where m.id = model_id
));
create policy feature_model_policies_insert_admin on ai.feature_model_policies for insert to authenticated
with check ((select private.is_admin()));
create policy feature_model_policies_update_admin on ai.feature_model_policies for update to authenticated
using ((select private.is_admin()))
with check ((select private.is_admin()));
create policy feature_model_policies_delete_admin on ai.feature_model_policies for delete to authenticated
using ((select private.is_admin()));

-- from policies/ai.features.sql

alter table ai.features enable row level security;

revoke all on ai.features from public, anon, authenticated, service_role;
grant select on ai.features to anon;
grant select, insert, update, delete on ai.features to authenticated;
grant select, insert, update, delete on ai.features to service_role;

create policy features_select_all on ai.features for select to anon, authenticated
using (true);
create policy features_insert_admin on ai.features for insert to authenticated
with check ((select private.is_admin()));
create policy features_update_admin on ai.features for update to authenticated
using ((select private.is_admin()))
with check ((select private.is_admin()));
create policy features_delete_admin on ai.features for delete to authenticated
using ((select private.is_admin()));

-- from policies/ai.generations.sql

alter table ai.generations enable row level security;

-- No API role chooses id; created_at is computed from it.
revoke all on ai.generations from public, anon, authenticated, service_role;
grant select, delete on ai.generations to authenticated;
grant insert (model_id, media_id, prompt, output, token_count, feature_key) on ai.generations to authenticated;
grant select, delete on ai.generations to service_role;
grant insert (
  lenser_id, model_id, media_id, feature_key, prompt, output, token_count, usage, status, latency_ms, quality_rating
) on ai.generations to service_role;
grant update (
  media_id, output, token_count, usage, status, latency_ms, quality_rating
) on ai.generations to service_role;

create policy generations_select_own on ai.generations for select to authenticated
using (lenser_id between (select private.first_readable_lenser()) and (select private.last_readable_lenser()));
-- The subquery runs under the caller's own policies: a hidden model is refused like an unknown one.
create policy generations_insert_own on ai.generations for insert to authenticated
with check (
  lenser_id = (select auth.uid())
  and exists (
    select from ai.models as m
    where m.id = model_id
  )
);
create policy generations_delete_own on ai.generations for delete to authenticated
using (lenser_id = (select auth.uid()));

-- from policies/ai.meters.sql

alter table ai.meters enable row level security;

revoke all on ai.meters from public, anon, authenticated, service_role;
grant select on ai.meters to anon;
grant select, insert, update, delete on ai.meters to authenticated;
grant select, insert, update, delete on ai.meters to service_role;

create policy meters_select_all on ai.meters for select to anon, authenticated
using (true);
create policy meters_insert_admin on ai.meters for insert to authenticated
with check ((select private.is_admin()));
create policy meters_update_admin on ai.meters for update to authenticated
using ((select private.is_admin()))
with check ((select private.is_admin()));
create policy meters_delete_admin on ai.meters for delete to authenticated
using ((select private.is_admin()));

-- from policies/ai.model_aliases.sql

alter table ai.model_aliases enable row level security;

revoke all on ai.model_aliases from public, anon, authenticated, service_role;
grant select on ai.model_aliases to anon;
grant select, insert, update, delete on ai.model_aliases to authenticated;
grant select, insert, update, delete on ai.model_aliases to service_role;

-- The subquery runs under the caller's own policies: names of hidden models are hidden.
create policy model_aliases_select_all on ai.model_aliases for select to anon, authenticated
using (exists (
  select from ai.models as m
  where m.id = model_id
));
create policy model_aliases_insert_admin on ai.model_aliases for insert to authenticated
with check ((select private.is_admin()));
create policy model_aliases_update_admin on ai.model_aliases for update to authenticated
using ((select private.is_admin()))
with check ((select private.is_admin()));
create policy model_aliases_delete_admin on ai.model_aliases for delete to authenticated
using ((select private.is_admin()));

-- from policies/ai.model_pricing.sql

alter table ai.model_pricing enable row level security;

-- id, created_at and created_by are the database's to say.
revoke all on ai.model_pricing from public, anon, authenticated, service_role;
grant select on ai.model_pricing to anon;
grant select on ai.model_pricing to authenticated;
grant insert (
  model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
  context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone,
  source, revision, withdrawn, is_public
) on ai.model_pricing to authenticated;
grant select on ai.model_pricing to service_role;
grant insert (
  model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
  context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone,
  source, revision, withdrawn, is_public
) on ai.model_pricing to service_role;

-- In force or past. The subquery runs under the caller's own policies: prices of hidden models are hidden.
create policy model_pricing_select_public on ai.model_pricing for select to anon, authenticated
using (
  (
    is_public
    and effective_from <= (select private.clock())
    and exists (
      select from ai.models as m
      where m.id = model_id
    )
  )
  or (select private.is_admin())
);
create policy model_pricing_insert_admin on ai.model_pricing for insert to authenticated
with check ((select private.is_admin()));

-- from policies/ai.models.sql

alter table ai.models enable row level security;

revoke all on ai.models from public, anon, authenticated, service_role;
grant select on ai.models to anon;
grant select, insert, update, delete on ai.models to authenticated;
grant select, insert, update, delete on ai.models to service_role;

create policy ai_models_read_all on ai.models for select to anon, authenticated
using ((is_public and deleted_at is null) or (select private.is_admin()));
create policy models_insert_admin on ai.models for insert to authenticated
with check ((select private.is_admin()));
create policy models_update_admin on ai.models for update to authenticated
using ((select private.is_admin()))
with check ((select private.is_admin()));
create policy models_delete_admin on ai.models for delete to authenticated
using ((select private.is_admin()));

-- from policies/ai.provider_connections.sql

alter table ai.provider_connections enable row level security;

revoke all on ai.provider_connections from public, anon, authenticated, service_role;
grant select, insert, update, delete on ai.provider_connections to authenticated;
grant select, insert, update, delete on ai.provider_connections to service_role;

create policy provider_connections_select_admin on ai.provider_connections for select to authenticated
using ((select private.is_admin()));
create policy provider_connections_insert_admin on ai.provider_connections for insert to authenticated
with check ((select private.is_admin()));
create policy provider_connections_update_admin on ai.provider_connections for update to authenticated
using ((select private.is_admin()))
with check ((select private.is_admin()));
create policy provider_connections_delete_admin on ai.provider_connections for delete to authenticated
using ((select private.is_admin()));

-- from policies/ai.providers.sql

alter table ai.providers enable row level security;

revoke all on ai.providers from public, anon, authenticated, service_role;
grant select on ai.providers to anon;
grant select, insert, update, delete on ai.providers to authenticated;
grant select, insert, update, delete on ai.providers to service_role;

create policy providers_select_all on ai.providers for select to anon, authenticated
using (true);
create policy providers_insert_admin on ai.providers for insert to authenticated
with check ((select private.is_admin()));
create policy providers_update_admin on ai.providers for update to authenticated
using ((select private.is_admin()))
with check ((select private.is_admin()));
create policy providers_delete_admin on ai.providers for delete to authenticated
using ((select private.is_admin()));

-- from policies/ai.resources.sql

revoke all on ai.resources from public, anon, authenticated, service_role;
grant select on ai.resources to authenticated;
grant select on ai.resources to service_role;

-- from policies/ai.service_tiers.sql

alter table ai.service_tiers enable row level security;

revoke all on ai.service_tiers from public, anon, authenticated, service_role;
grant select on ai.service_tiers to anon;
grant select, insert, update, delete on ai.service_tiers to authenticated;
grant select, insert, update, delete on ai.service_tiers to service_role;

create policy service_tiers_select_all on ai.service_tiers for select to anon, authenticated
using (true);
create policy service_tiers_insert_admin on ai.service_tiers for insert to authenticated
with check ((select private.is_admin()));
create policy service_tiers_update_admin on ai.service_tiers for update to authenticated
using ((select private.is_admin()))
with check ((select private.is_admin()));
create policy service_tiers_delete_admin on ai.service_tiers for delete to authenticated
using ((select private.is_admin()));

-- from policies/billing.credit_rates.sql

alter table billing.credit_rates enable row level security;

-- id, created_at and created_by are the database's to say.
revoke all on billing.credit_rates from public, anon, authenticated, service_role;
grant select on billing.credit_rates to authenticated;
grant insert (
  currency, credits_per_currency_unit, effective_from, revision
) on billing.credit_rates to authenticated;
grant select on billing.credit_rates to service_role;
grant insert (
  currency, credits_per_currency_unit, effective_from, revision
) on billing.credit_rates to service_role;

create policy credit_rates_select_admin on billing.credit_rates for select to authenticated
using ((select private.is_admin()));
create policy credit_rates_insert_admin on billing.credit_rates for insert to authenticated
with check ((select private.is_admin()));

-- from policies/billing.execution_margin_policies.sql

alter table billing.execution_margin_policies enable row level security;

-- id, created_at and created_by are the database's to say.
revoke all on billing.execution_margin_policies from public, anon, authenticated, service_role;
grant select on billing.execution_margin_policies to authenticated;
grant insert (
  model_id, feature_id, provider_id, tier, margin, fixed_credits, min_credits, minimum_applies_to_free, increment,
  enabled, effective_from, revision
) on billing.execution_margin_policies to authenticated;
grant select on billing.execution_margin_policies to service_role;
grant insert (
  model_id, feature_id, provider_id, tier, margin, fixed_credits, min_credits, minimum_applies_to_free, increment,
  enabled, effective_from, revision
) on billing.execution_margin_policies to service_role;

create policy execution_margin_policies_select_admin on billing.execution_margin_policies for select to authenticated
using ((select private.is_admin()));
create policy execution_margin_policies_insert_admin on billing.execution_margin_policies for insert to authenticated
with check ((select private.is_admin()));

-- from policies/content.media_library.sql

alter table content.media_library enable row level security;

revoke all on content.media_library from public, anon, authenticated, service_role;
grant select, delete on content.media_library to authenticated;
grant insert (object_id, title, url) on content.media_library to authenticated;
grant update (object_id, title, url) on content.media_library to authenticated;
grant select, delete on content.media_library to service_role;
grant insert (lenser_id, object_id, title, url) on content.media_library to service_role;
grant update (lenser_id, object_id, title, url) on content.media_library to service_role;

create policy media_library_select_own on content.media_library for select to authenticated
using (lenser_id between (select private.first_readable_lenser()) and (select private.last_readable_lenser()));
create policy media_library_insert_own on content.media_library for insert to authenticated
with check (lenser_id = (select auth.uid()));
create policy media_library_update_own on content.media_library for update to authenticated
using (lenser_id = (select auth.uid()))
with check (lenser_id = (select auth.uid()));
create policy media_library_delete_own on content.media_library for delete to authenticated
using (lenser_id = (select auth.uid()));

-- from policies/lensers.profiles.sql

alter table lensers.profiles enable row level security;

revoke all on lensers.profiles from public, anon, authenticated, service_role;
grant select on lensers.profiles to authenticated;
grant insert (id, user_id, display_name, avatar_url) on lensers.profiles to authenticated;
grant update (display_name, avatar_url) on lensers.profiles to authenticated;
grant select, insert on lensers.profiles to service_role;
grant update (display_name, avatar_url) on lensers.profiles to service_role;

create policy profiles_select_own on lensers.profiles for select to authenticated
using (id = (select auth.uid()) or (select private.is_admin()));
create policy profiles_insert_own on lensers.profiles for insert to authenticated
with check (id = (select auth.uid()) and user_id = (select auth.uid()));
-- An erased profile stays empty.
create policy profiles_update_own on lensers.profiles for update to authenticated
using (id = (select auth.uid()) and erased_at is null)
with check (id = (select auth.uid()));

-- from policies/lensers.user_roles.sql

alter table lensers.user_roles enable row level security;

revoke all on lensers.user_roles from public, anon, authenticated, service_role;
grant select, delete on lensers.user_roles to authenticated;
grant insert (user_id, role) on lensers.user_roles to authenticated;
grant select, insert, delete on lensers.user_roles to service_role;

create policy user_roles_select_own on lensers.user_roles for select to authenticated
using (user_id = (select auth.uid()) or (select private.is_admin()));
create policy user_roles_insert_admin on lensers.user_roles for insert to authenticated
with check ((select private.is_admin()));
create policy user_roles_delete_admin on lensers.user_roles for delete to authenticated
using ((select private.is_admin()));

-- from policies/media.objects.sql

alter table media.objects enable row level security;

revoke all on media.objects from public, anon, authenticated, service_role;
grant select, delete on media.objects to authenticated;
grant insert (bucket, path, mime_type, byte_size) on media.objects to authenticated;
grant update (bucket, path, mime_type, byte_size) on media.objects to authenticated;
grant select, delete on media.objects to service_role;
grant insert (lenser_id, bucket, path, mime_type, byte_size) on media.objects to service_role;
grant update (lenser_id, bucket, path, mime_type, byte_size) on media.objects to service_role;

create policy objects_select_own on media.objects for select to authenticated
using (lenser_id between (select private.first_readable_lenser()) and (select private.last_readable_lenser()));
create policy objects_insert_own on media.objects for insert to authenticated
with check (lenser_id = (select auth.uid()));
create policy objects_update_own on media.objects for update to authenticated
using (lenser_id = (select auth.uid()))
with check (lenser_id = (select auth.uid()));
create policy objects_delete_own on media.objects for delete to authenticated
using (lenser_id = (select auth.uid()));

-- from policies/private.price_schedules.sql

-- Computed; read by the pricing functions alone.
alter table private.price_schedules enable row level security;
revoke all on private.price_schedules from public, anon, authenticated, service_role;

-- from policies/private.price_sheets.sql

-- Computed; read by the pricing functions alone.
alter table private.price_sheets enable row level security;
revoke all on private.price_sheets from public, anon, authenticated, service_role;

-- from policies/private.price_windows.sql

-- Computed; read by the pricing functions alone.
alter table private.price_windows enable row level security;
revoke all on private.price_windows from public, anon, authenticated, service_role;
