alter table lensers.audit_history enable row level security;

-- Written by triggers alone.
revoke all on lensers.audit_history from public, anon, authenticated, service_role;
grant select on lensers.audit_history to authenticated;
grant select on lensers.audit_history to service_role;

create policy audit_history_select_admin on lensers.audit_history for select to authenticated
using ((select ratebook.is_admin()));
