create function ratebook.is_admin() returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: policies ask it for every role, and only admins may read other people's roles.
begin
  return ratebook.caller() = 'authenticated' and exists (
    select from lensers.user_roles as r
    where r.user_id = ratebook.uid() and r.role = 'admin'
  );
end;
$$;

create function ratebook.is_privileged() returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_caller text := ratebook.caller();
begin
  if v_caller = 'anon' then
    return false;
  elsif v_caller = 'authenticated' then
    return ratebook.is_admin();
  -- Only the schema's owner may create in it.
  elsif v_caller = 'service_role' or has_schema_privilege(v_caller, 'ratebook', 'create') then
    return true;
  end if;
  return exists (select from pg_catalog.pg_roles as r where r.rolname = v_caller and r.rolbypassrls)
    -- A backend's own login, to which the service role was granted.
    or pg_has_role(v_caller, 'service_role', 'usage');
end;
$$;

create function ratebook.assert_privileged() returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'This is for admins and the service role.');
  end if;
end;
$$;

revoke all on function ratebook.is_admin() from public;
revoke all on function ratebook.is_privileged() from public;
revoke all on function ratebook.assert_privileged() from public;
grant execute on function ratebook.is_admin() to anon, authenticated, service_role;
grant execute on function ratebook.is_privileged() to anon, authenticated, service_role;

comment on function ratebook.is_admin() is
'Whether the caller is a signed-in user with app_role admin. False for anon and for a token without a subject.';
comment on function ratebook.is_privileged() is
'Whether the caller may see what is hidden: admins, the service role, roles that have its privileges or BYPASSRLS, and the owner of the schema.';
comment on function ratebook.assert_privileged() is
'Refuses all but those of ratebook.is_privileged(). Error: not_allowed (42501).';
