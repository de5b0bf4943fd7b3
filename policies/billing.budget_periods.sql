alter table billing.budget_periods enable row level security;

revoke all on billing.budget_periods from public, anon, authenticated, service_role;
grant select on billing.budget_periods to authenticated, service_role;

create policy budget_periods_select_own on billing.budget_periods for select to authenticated
using (lenser_id = (select ratebook.uid()));
