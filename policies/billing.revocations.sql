alter table billing.revocations enable row level security;

revoke all on billing.revocations from public, anon, authenticated, service_role;
grant select on billing.revocations to authenticated, service_role;

create policy revocations_select_own on billing.revocations for select to authenticated
using (lenser_id = (select ratebook.uid()));
