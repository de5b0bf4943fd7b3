alter table ai.model_profiles enable row level security;

revoke all on ai.model_profiles from public, anon, authenticated, service_role;
grant select, insert, update, delete on ai.model_profiles to authenticated;
grant select, insert, update, delete on ai.model_profiles to service_role;

create policy model_profiles_select_admin on ai.model_profiles for select to authenticated
using ((select ratebook.is_admin()));
create policy model_profiles_insert_admin on ai.model_profiles for insert to authenticated
with check ((select ratebook.is_admin()));
create policy model_profiles_update_admin on ai.model_profiles for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy model_profiles_delete_admin on ai.model_profiles for delete to authenticated
using ((select ratebook.is_admin()));
