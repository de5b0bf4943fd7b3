-- Computed; read by the pricing functions alone.
alter table ratebook.price_sheets enable row level security;
revoke all on ratebook.price_sheets from public, anon, authenticated, service_role;
