-- Computed; read by the pricing functions alone.
alter table ratebook.price_windows enable row level security;
revoke all on ratebook.price_windows from public, anon, authenticated, service_role;
