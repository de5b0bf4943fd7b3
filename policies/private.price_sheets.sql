-- Computed; read by the pricing functions alone.
alter table private.price_sheets enable row level security;
revoke all on private.price_sheets from public, anon, authenticated, service_role;
