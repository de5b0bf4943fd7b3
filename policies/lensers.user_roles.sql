alter table lensers.user_roles enable row level security;

revoke all on lensers.user_roles from public, anon, authenticated, service_role;
grant select, delete on lensers.user_roles to authenticated;
grant insert (user_id, role) on lensers.user_roles to authenticated;
grant select, insert, delete on lensers.user_roles to service_role;

-- The one second condition on a table of owners: admins take roles away, and a DELETE asks the SELECT policy too. Few
-- have a role, so that reading one's own may cost the table.
create policy user_roles_select_own on lensers.user_roles for select to authenticated
using (user_id = (select ratebook.uid()) or (select ratebook.is_admin()));
create policy user_roles_insert_admin on lensers.user_roles for insert to authenticated
with check ((select ratebook.is_admin()));
create policy user_roles_delete_admin on lensers.user_roles for delete to authenticated
using ((select ratebook.is_admin()));
