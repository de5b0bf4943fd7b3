alter table ai.provider_connections enable row level security;

revoke all on ai.provider_connections from public, anon, authenticated, service_role;
grant select, insert, update, delete on ai.provider_connections to authenticated;
grant select, insert, update, delete on ai.provider_connections to service_role;

create policy provider_connections_select_admin on ai.provider_connections for select to authenticated
using ((select ratebook.is_admin()));
create policy provider_connections_insert_admin on ai.provider_connections for insert to authenticated
with check ((select ratebook.is_admin()));
create policy provider_connections_update_admin on ai.provider_connections for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy provider_connections_delete_admin on ai.provider_connections for delete to authenticated
using ((select ratebook.is_admin()));
