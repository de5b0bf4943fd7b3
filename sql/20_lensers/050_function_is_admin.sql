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
  if v_caller = 'anon' then
    return false;
  elsif v_caller = 'authenticated' then
    return private.is_admin();
  -- Only the schema's owner may create in it.
  elsif v_caller = 'service_role' or has_schema_privilege(v_caller, 'private', 'create') then
    return true;
  end if;
  return exists (select from pg_catalog.pg_roles as r where r.rolname = v_caller and r.rolbypassrls);
end;
$$;

create function private.assert_privileged() returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not private.is_privileged() then
    perform private.fail('not_allowed', 'This is for admins and the service role.');
  end if;
end;
$$;

revoke all on function private.is_admin() from public;
revoke all on function private.is_privileged() from public;
revoke all on function private.assert_privileged() from public;
grant execute on function private.is_admin() to anon, authenticated, service_role;
grant execute on function private.is_privileged() to anon, authenticated, service_role;

comment on function private.is_admin() is
'Whether the caller is a signed-in user with app_role admin. False for anon and for a token without a subject.';
comment on function private.is_privileged() is
'Whether the caller may see what is hidden: admins, the service role, other roles with BYPASSRLS, and the owner of the schema.';
comment on function private.assert_privileged() is
'Refuses all but those of private.is_privileged(). Error: not_allowed (42501).';
