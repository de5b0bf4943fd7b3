alter table lensers.entitlements enable row level security;

-- lensers.set_entitlement() writes it.
revoke all on lensers.entitlements from public, anon, authenticated, service_role;
grant select on lensers.entitlements to authenticated, service_role;

create policy entitlements_select_own on lensers.entitlements for select to authenticated
using (lenser_id = (select ratebook.uid()));
