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
