-- Computed; read by the pricing functions alone.
alter table ratebook.offers enable row level security;
revoke all on ratebook.offers from public, anon, authenticated, service_role;
