-- Computed; read by the pricing functions alone.
alter table private.price_schedules enable row level security;
revoke all on private.price_schedules from public, anon, authenticated, service_role;
