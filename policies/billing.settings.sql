alter table billing.settings enable row level security;

revoke all on billing.settings from public, anon, authenticated, service_role;
grant select, update (enforce_entitlements) on billing.settings to authenticated, service_role;

create policy settings_select_admin on billing.settings for select to authenticated
using ((select ratebook.is_admin()));
create policy settings_update_admin on billing.settings for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
