alter table content.media_library enable row level security;

revoke all on content.media_library from public, anon, authenticated, service_role;
grant select, delete on content.media_library to authenticated;
grant insert (object_id, title, url) on content.media_library to authenticated;
grant update (object_id, title, url) on content.media_library to authenticated;
grant select, delete on content.media_library to service_role;
grant insert (lenser_id, object_id, title, url) on content.media_library to service_role;
grant update (lenser_id, object_id, title, url) on content.media_library to service_role;

create policy media_library_select_own on content.media_library for select to authenticated
using (lenser_id = (select ratebook.uid()));
create policy media_library_insert_own on content.media_library for insert to authenticated
with check (lenser_id = (select ratebook.uid()));
create policy media_library_update_own on content.media_library for update to authenticated
using (lenser_id = (select ratebook.uid()))
with check (lenser_id = (select ratebook.uid()));
create policy media_library_delete_own on content.media_library for delete to authenticated
using (lenser_id = (select ratebook.uid()));
