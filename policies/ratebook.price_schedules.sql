-- Computed; read by the pricing functions alone.
alter table ratebook.price_schedules enable row level security;
revoke all on ratebook.price_schedules from public, anon, authenticated, service_role;
