-- A view by the rights of who asks.
revoke all on billing.usage_by_day from public, anon, authenticated, service_role;
grant select on billing.usage_by_day to authenticated, service_role;
