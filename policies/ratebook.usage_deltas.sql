-- Computed; read by billing.usage() alone.
alter table ratebook.usage_deltas enable row level security;
revoke all on ratebook.usage_deltas from public, anon, authenticated, service_role;
