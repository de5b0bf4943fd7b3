create function ratebook.version() returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. To look at every object is too much work for what anybody may ask.
begin
  if ratebook.is_privileged() and exists (select from ratebook.differences()) then
    return '0.1.0+changed';
  end if;
  return '0.1.0';
end;
$$;

create function ai.ratebook_version() returns text
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.version();

revoke all on function ratebook.version() from public;
revoke all on function ai.ratebook_version() from public;
grant execute on function ratebook.version() to anon, authenticated, service_role;
grant execute on function ai.ratebook_version() to anon, authenticated, service_role;

comment on function ratebook.version() is 'The rule behind ai.ratebook_version().';
comment on function ai.ratebook_version() is
'The version of Ratebook''s schema, and to admins, the service role and the owner with +changed where the database is not what its migrations made: ai.self_check() says what differs.';
