-- Computed; read by billing.usage() alone.
alter table ratebook.usage_rollups enable row level security;
revoke all on ratebook.usage_rollups from public, anon, authenticated, service_role;
