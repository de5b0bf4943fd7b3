create function ratebook.uid() returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid;
exception
  -- A subject that is no UUID, or claims that are no JSON, which only direct SQL can set. What follows from the handler:
  -- before 17 a query that runs in parallel could not call it, so it is not parallel safe.
  when data_exception or program_limit_exceeded then
    return null;
end;
$$;

-- Policies and column defaults call it in the name of the API roles.
revoke all on function ratebook.uid() from public;
grant execute on function ratebook.uid() to anon, authenticated, service_role;

comment on function ratebook.uid() is
'Who is asking: auth.uid() where the token''s subject is a UUID, and NULL where it is another provider''s name, where auth.uid() raises 22P02. Never fails. NULL owns nothing: compare it with "is distinct from" where a policy does not.';
