create function ai.ratebook_version() returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return '0.1.0';

revoke all on function ai.ratebook_version() from public;
grant execute on function ai.ratebook_version() to anon, authenticated, service_role;

comment on function ai.ratebook_version() is 'The version of Ratebook''s schema.';
