alter table billing.grants enable row level security;

revoke all on billing.grants from public, anon, authenticated, service_role;
grant select on billing.grants to authenticated, service_role;

create policy grants_select_own on billing.grants for select to authenticated
using (lenser_id = (select ratebook.uid()));
