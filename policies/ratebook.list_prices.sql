-- Computed; read by ai.catalogue alone.
alter table ratebook.list_prices enable row level security;
revoke all on ratebook.list_prices from public, anon, authenticated, service_role;
