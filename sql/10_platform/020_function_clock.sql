-- plpgsql, like every small function that is called once per request: a SQL function with a search_path is planned anew
-- at each call.
create function ratebook.clock() returns timestamptz
language plpgsql volatile parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return clock_timestamp();
end;
$$;

-- Defaults, policies and function arguments call it in the name of the API roles.
revoke all on function ratebook.clock() from public;
grant execute on function ratebook.clock() to anon, authenticated, service_role;

comment on function ratebook.clock() is
'The only source of time in Ratebook: the wall clock, not the start of the transaction. Tests replace the function; no setting can move it.';
