alter table billing.charges enable row level security;

revoke all on billing.charges from public, anon, authenticated, service_role;
grant select on billing.charges to authenticated, service_role;

create policy charges_select_own on billing.charges for select to authenticated
using (lenser_id = (select ratebook.uid()));
