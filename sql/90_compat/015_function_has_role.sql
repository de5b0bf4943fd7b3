create domain compat.app_role as lensers.app_role;

comment on domain compat.app_role is 'lensers.app_role, where callers look for it.';

create function compat.has_role("user" uuid, role compat.app_role) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.has_role($1, $2);

revoke all on function compat.has_role(uuid, compat.app_role) from public;
grant execute on function compat.has_role(uuid, compat.app_role) to anon, authenticated, service_role;

comment on function compat.has_role(uuid, compat.app_role) is
'lensers.has_role(), where callers look for it. Whether a user has a role; answers about oneself, or to admins and the service role about anybody. user: the auth user''s id. Error: not_allowed (42501).';
