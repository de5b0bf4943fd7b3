-- Computed; read by billing.usage() alone.
alter table ratebook.usage_cells enable row level security;
revoke all on ratebook.usage_cells from public, anon, authenticated, service_role;
