alter table ai.meters enable row level security;

revoke all on ai.meters from public, anon, authenticated, service_role;
grant select on ai.meters to anon;
grant select, insert, update, delete on ai.meters to authenticated;
grant select, insert, update, delete on ai.meters to service_role;

create policy meters_select_all on ai.meters for select to anon, authenticated
using (true);
create policy meters_insert_admin on ai.meters for insert to authenticated
with check ((select ratebook.is_admin()));
create policy meters_update_admin on ai.meters for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy meters_delete_admin on ai.meters for delete to authenticated
using ((select ratebook.is_admin()));
