alter table ai.providers enable row level security;

revoke all on ai.providers from public, anon, authenticated, service_role;
grant select on ai.providers to anon;
grant select, insert, update, delete on ai.providers to authenticated;
grant select, insert, update, delete on ai.providers to service_role;

create policy providers_select_all on ai.providers for select to anon, authenticated
using (true);
create policy providers_insert_admin on ai.providers for insert to authenticated
with check ((select ratebook.is_admin()));
create policy providers_update_admin on ai.providers for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy providers_delete_admin on ai.providers for delete to authenticated
using ((select ratebook.is_admin()));
