create function ratebook.has_role(p_user uuid, p_role lensers.app_role) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: user_roles is readable for its owner and admins only; this asks first.
begin
  if p_user is distinct from ratebook.uid() and not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'You may ask for your own roles only.',
      'Call has_role with your own id, or as an admin.');
  end if;
  return exists (select from lensers.user_roles as r where r.user_id = p_user and r.role = p_role);
end;
$$;

create function lensers.has_role("user" uuid, role lensers.app_role) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.has_role($1, $2);

revoke all on function ratebook.has_role(uuid, lensers.app_role) from public;
revoke all on function lensers.has_role(uuid, lensers.app_role) from public;
grant execute on function ratebook.has_role(uuid, lensers.app_role) to anon, authenticated, service_role;
grant execute on function lensers.has_role(uuid, lensers.app_role) to anon, authenticated, service_role;

comment on function ratebook.has_role(uuid, lensers.app_role) is
'The rule behind lensers.has_role().';
comment on function lensers.has_role(uuid, lensers.app_role) is
'Whether a user has a role. Answers about oneself, or to admins and the service role about anybody. user: the auth user''s id. Error: not_allowed (42501).';
