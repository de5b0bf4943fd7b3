-- A view by the rights of who asks.
revoke all on billing.balances from public, anon, authenticated, service_role;
grant select on billing.balances to authenticated, service_role;
