create schema compat;
grant usage on schema compat to anon, authenticated, service_role;
comment on schema compat is
'For callers of older systems: their tables and functions as views and functions over the core. Nothing is stored here.';
