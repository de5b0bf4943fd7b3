alter table media.objects enable row level security;

revoke all on media.objects from public, anon, authenticated, service_role;
grant select, delete on media.objects to authenticated;
grant insert (bucket, path, mime_type, byte_size) on media.objects to authenticated;
grant update (bucket, path, mime_type, byte_size) on media.objects to authenticated;
grant select, delete on media.objects to service_role;
grant insert (lenser_id, bucket, path, mime_type, byte_size) on media.objects to service_role;
grant update (lenser_id, bucket, path, mime_type, byte_size) on media.objects to service_role;

create policy objects_select_own on media.objects for select to authenticated
using (lenser_id = (select ratebook.uid()));
create policy objects_insert_own on media.objects for insert to authenticated
with check (lenser_id = (select ratebook.uid()));
create policy objects_update_own on media.objects for update to authenticated
using (lenser_id = (select ratebook.uid()))
with check (lenser_id = (select ratebook.uid()));
create policy objects_delete_own on media.objects for delete to authenticated
using (lenser_id = (select ratebook.uid()));
