alter table billing.holds enable row level security;

revoke all on billing.holds from public, anon, authenticated, service_role;
grant select on billing.holds to authenticated, service_role;

create policy holds_select_own on billing.holds for select to authenticated
using (lenser_id = (select ratebook.uid()));
