-- Ratebook's media (module core). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- from sql/30_media/010_schemas.sql

select ratebook.take_schema('media', 'Stored files: where each object lies.');
select ratebook.take_schema('content', 'What lensers made and keep: their media library.');

-- from sql/30_media/020_table_objects.sql

create table media.objects (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null default ratebook.uid(),
  bucket text not null,
  path text not null,
  mime_type text,
  byte_size bigint,
  created_at timestamptz not null default ratebook.clock(),
  constraint objects_pkey primary key (id, lenser_id),
  constraint objects_lenser_id_bucket_path_key unique (lenser_id, bucket, path),
  constraint objects_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint byte_size_is_not_negative check (byte_size >= 0)
);

-- An owner's, by either order.
create index objects_lenser_id_id_idx on media.objects (lenser_id, id);
create index objects_lenser_id_created_at_id_idx on media.objects (lenser_id, created_at, id);

create trigger objects_ensure_profile before insert or update of lenser_id on media.objects
for each row execute function ratebook.ensure_profile();

comment on table media.objects is 'Files of a lenser in object storage. The bytes are elsewhere.';
comment on column media.objects.id is 'The object.';
comment on column media.objects.lenser_id is 'The owner; the signed-in user unless the service role names another.';
comment on column media.objects.bucket is 'Storage bucket.';
comment on column media.objects.path is 'Path inside the bucket.';
comment on column media.objects.mime_type is 'Media type, such as image/png.';
comment on column media.objects.byte_size is 'Size in bytes.';
comment on column media.objects.created_at is 'When the row was made.';

select ratebook.show_all_to_admins('media.objects');

-- from sql/30_media/030_table_media_library.sql

create table content.media_library (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null default ratebook.uid(),
  object_id uuid,
  title text,
  url text,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  -- The target of (media_id, lenser_id) in ai.generations: a change of owner is refused while one points here.
  constraint media_library_pkey primary key (id, lenser_id),
  constraint media_library_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint media_library_object_id_fkey foreign key (object_id, lenser_id)
  references media.objects (id, lenser_id) on delete set null (object_id)
);

-- An owner's, by either order.
create index media_library_lenser_id_id_idx on content.media_library (lenser_id, id);
create index media_library_lenser_id_created_at_id_idx on content.media_library (lenser_id, created_at, id);
create index media_library_object_id_idx on content.media_library (object_id, lenser_id);

create trigger media_library_ensure_profile before insert or update of lenser_id on content.media_library
for each row execute function ratebook.ensure_profile();
create trigger media_library_stamp before update on content.media_library
for each row execute function ratebook.stamp();

comment on table content.media_library is 'The media a lenser keeps and generations refer to.';
comment on column content.media_library.id is 'The entry.';
comment on column content.media_library.lenser_id is 'The owner; the signed-in user unless the service role names another.';
comment on column content.media_library.object_id is 'The stored file, when there is one; of the same owner.';
comment on column content.media_library.title is 'Title to show.';
comment on column content.media_library.url is 'Where it can be fetched, when it is not a stored object.';
comment on column content.media_library.created_at is 'When the row was made.';
comment on column content.media_library.updated_at is 'When the row last changed.';

select ratebook.show_all_to_admins('content.media_library');

-- from policies/content.media_library.sql

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

-- from policies/media.objects.sql

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

insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', '30_media', o.kind, o.name, o.state
from (values
  ('constraint', 'byte_size_is_not_negative on media.objects', '55e7d16988a91ed4b699aa0bc0797f1f'),
  ('constraint', 'media_library_lenser_id_fkey on content.media_library', '1bcaaeed0e244d6b31be5ab61ab3c281'),
  ('constraint', 'media_library_object_id_fkey on content.media_library', 'a8245604046ae68e4820bb278bd13c13'),
  ('constraint', 'media_library_pkey on content.media_library', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'objects_lenser_id_bucket_path_key on media.objects', '3f332715603959dbd0dcfe160ee5a600'),
  ('constraint', 'objects_lenser_id_fkey on media.objects', '1bcaaeed0e244d6b31be5ab61ab3c281'),
  ('constraint', 'objects_pkey on media.objects', 'c3974e991976e5421da0bded97759b77'),
  ('index', 'content.media_library_lenser_id_created_at_id_idx', '958c0bc56d3375df8e180d8269bae9de'),
  ('index', 'content.media_library_lenser_id_id_idx', 'f46cc4b0096b0b03b5003260a4b3ffc8'),
  ('index', 'content.media_library_object_id_idx', '896080dca97b956741d83f4ddebd1ebd'),
  ('index', 'content.media_library_pkey', 'dbc8182fb4028edd620cdd84199f22c6'),
  ('index', 'media.objects_lenser_id_bucket_path_key', '20ada18f3bc4801b002a5a3e29b5fb3a'),
  ('index', 'media.objects_lenser_id_created_at_id_idx', '479f6fe13d74d7f8263bff67ad419ae5'),
  ('index', 'media.objects_lenser_id_id_idx', '317338d5d342103cb0f6cb65406733e7'),
  ('index', 'media.objects_pkey', 'aac03d7bbf4fd2fb73ae2e970842d001'),
  ('policy', 'media_library_delete_own on content.media_library', '85d2c5b8a2782525cb0daf89ec94508e'),
  ('policy', 'media_library_insert_own on content.media_library', '0a9f6f13eff80f307ec58379e7d9352a'),
  ('policy', 'media_library_select_own on content.media_library', '6f349a601dc024702262f39ff7c114e7'),
  ('policy', 'media_library_update_own on content.media_library', '79f836831496b69683cdc2d84287cfbd'),
  ('policy', 'objects_delete_own on media.objects', '85d2c5b8a2782525cb0daf89ec94508e'),
  ('policy', 'objects_insert_own on media.objects', '0a9f6f13eff80f307ec58379e7d9352a'),
  ('policy', 'objects_select_own on media.objects', '6f349a601dc024702262f39ff7c114e7'),
  ('policy', 'objects_update_own on media.objects', '79f836831496b69683cdc2d84287cfbd'),
  ('privileges', 'content.all_media_library', 'authenticated select, service_role select'),
  ('privileges', 'content.media_library', 'authenticated delete+select+insert object_id+update object_id+insert title+update title+insert url+update url, service_role delete+select+insert lenser_id+update lenser_id+insert object_id+update object_id+insert title+update title+insert url+update url'),
  ('privileges', 'media.all_objects', 'authenticated select, service_role select'),
  ('privileges', 'media.objects', 'authenticated delete+select+insert bucket+update bucket+insert byte_size+update byte_size+insert mime_type+update mime_type+insert path+update path, service_role delete+select+insert bucket+update bucket+insert byte_size+update byte_size+insert lenser_id+update lenser_id+insert mime_type+update mime_type+insert path+update path'),
  ('privileges', 'ratebook.all_media_library', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_objects', 'authenticated select, service_role select'),
  ('privileges', 'schema content', 'anon usage, authenticated usage, service_role usage'),
  ('privileges', 'schema media', 'anon usage, authenticated usage, service_role usage'),
  ('schema', 'content', ''),
  ('schema', 'media', ''),
  ('table', 'content.media_library', 'a2e6a3ebd6e8e03e90e053f46bb5c2f8'),
  ('table', 'media.objects', '3ada92ff4d3b0d417cf23983f0d7ff1f'),
  ('trigger', 'media_library_ensure_profile on content.media_library', '5250728b89c9399cf9196ff517c7d897'),
  ('trigger', 'media_library_stamp on content.media_library', 'eb0d1726fc886dfd7dff6cff40436b8d'),
  ('trigger', 'objects_ensure_profile on media.objects', 'c540414ff398cec6ac89a9f498826829'),
  ('view', 'content.all_media_library', 'd0b8e4bf851e6539629dbb9635be7e47'),
  ('view', 'media.all_objects', '7faaf6587c1808dc7f8264878c83515e'),
  ('view', 'ratebook.all_media_library', 'db512c4e0578378e7b6bf2c9c6b648d9'),
  ('view', 'ratebook.all_objects', 'e45b4a656a6707710c0fc215634be617')
) as o (kind, name, state);

select ratebook.close_privileges('30_media');
