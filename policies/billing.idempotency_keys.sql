-- For the functions of the wallet, and for the service role to look at.
alter table billing.idempotency_keys enable row level security;

revoke all on billing.idempotency_keys from public, anon, authenticated, service_role;
grant select on billing.idempotency_keys to service_role;
