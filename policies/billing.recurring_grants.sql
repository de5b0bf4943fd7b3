alter table billing.recurring_grants enable row level security;

revoke all on billing.recurring_grants from public, anon, authenticated, service_role;
grant select on billing.recurring_grants to authenticated, service_role;

create policy recurring_grants_select_own on billing.recurring_grants for select to authenticated
using (lenser_id = (select ratebook.uid()));
