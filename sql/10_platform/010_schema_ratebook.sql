create schema ratebook;

-- No API role has usage on this schema. Exposed functions, policies, defaults and triggers reach it because
-- PostgreSQL binds the functions they name when they are created, not when they run.
revoke all on schema ratebook from public;

-- Every function sets search_path to pg_catalog, pg_temp. An empty path would still look for types and tables in the
-- caller's pg_temp, and first: a domain there called uuid would run as the owner.

comment on schema ratebook is
'Ratebook''s inside: partitions, trigger functions and SECURITY DEFINER functions. Never exposed through the API; no API role has usage on it.';
