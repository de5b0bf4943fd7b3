alter table billing.charge_costs enable row level security;

revoke all on billing.charge_costs from public, anon, authenticated, service_role;
grant select on billing.charge_costs to authenticated, service_role;

create policy charge_costs_select_admin on billing.charge_costs for select to authenticated
using ((select ratebook.is_admin()));
