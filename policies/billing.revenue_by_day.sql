-- A view by the rights of who asks: owners see no costs.
revoke all on billing.revenue_by_day from public, anon, authenticated, service_role;
grant select on billing.revenue_by_day to authenticated, service_role;
