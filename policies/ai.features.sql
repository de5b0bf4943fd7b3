alter table ai.features enable row level security;

revoke all on ai.features from public, anon, authenticated, service_role;
grant select on ai.features to anon;
grant select, insert, update, delete on ai.features to authenticated;
grant select, insert, update, delete on ai.features to service_role;

create policy features_select_all on ai.features for select to anon, authenticated
using (true);
create policy features_insert_admin on ai.features for insert to authenticated
with check ((select ratebook.is_admin()));
create policy features_update_admin on ai.features for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy features_delete_admin on ai.features for delete to authenticated
using ((select ratebook.is_admin()));
