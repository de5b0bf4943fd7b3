alter table lensers.profiles enable row level security;

revoke all on lensers.profiles from public, anon, authenticated, service_role;
grant select on lensers.profiles to authenticated;
grant insert (id, user_id, display_name, avatar_url) on lensers.profiles to authenticated;
grant update (display_name, avatar_url) on lensers.profiles to authenticated;
grant select, insert on lensers.profiles to service_role;
grant update (display_name, avatar_url) on lensers.profiles to service_role;

create policy profiles_select_own on lensers.profiles for select to authenticated
using (id = (select ratebook.uid()));
create policy profiles_insert_own on lensers.profiles for insert to authenticated
with check (id = (select ratebook.uid()) and user_id = (select ratebook.uid()));
-- An erased profile stays empty.
create policy profiles_update_own on lensers.profiles for update to authenticated
using (id = (select ratebook.uid()) and erased_at is null)
with check (id = (select ratebook.uid()));
