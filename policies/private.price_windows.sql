-- Computed; read by the pricing functions alone.
alter table private.price_windows enable row level security;
revoke all on private.price_windows from public, anon, authenticated, service_role;
