create function private.clock() returns timestamptz
language sql volatile parallel safe
set search_path = ''
return clock_timestamp();

-- Defaults, policies and function arguments call it in the name of the API roles.
revoke all on function private.clock() from public;
grant execute on function private.clock() to anon, authenticated, service_role;

comment on function private.clock() is
'The only source of time in Ratebook: the wall clock, not the start of the transaction. Tests replace the function; no setting can move it.';
