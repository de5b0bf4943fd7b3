alter table ai.service_tiers enable row level security;

revoke all on ai.service_tiers from public, anon, authenticated, service_role;
grant select on ai.service_tiers to anon;
grant select, insert, update, delete on ai.service_tiers to authenticated;
grant select, insert, update, delete on ai.service_tiers to service_role;

create policy service_tiers_select_all on ai.service_tiers for select to anon, authenticated
using (true);
create policy service_tiers_insert_admin on ai.service_tiers for insert to authenticated
with check ((select ratebook.is_admin()));
create policy service_tiers_update_admin on ai.service_tiers for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy service_tiers_delete_admin on ai.service_tiers for delete to authenticated
using ((select ratebook.is_admin()));
