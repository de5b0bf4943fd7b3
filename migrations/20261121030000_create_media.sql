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

create index media_library_lenser_id_idx on content.media_library (lenser_id);
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
  ('constraint', 'byte_size_is_not_negative on media.objects', '9f8be5a5de31d58054886cd4b84d3eda'),
  ('constraint', 'media_library_lenser_id_fkey on content.media_library', '172e3d0f785d4f9cbfd3fa5c27a04b54'),
  ('constraint', 'media_library_object_id_fkey on content.media_library', 'd0b68ccfd93b855c260dcdd40f07ab06'),
  ('constraint', 'media_library_pkey on content.media_library', '21b1d58726d90608b7d3e692aed6d9b0'),
  ('constraint', 'objects_lenser_id_bucket_path_key on media.objects', '0c3c6675935446a1ed947ae39fc7821f'),
  ('constraint', 'objects_lenser_id_fkey on media.objects', '172e3d0f785d4f9cbfd3fa5c27a04b54'),
  ('constraint', 'objects_pkey on media.objects', '21b1d58726d90608b7d3e692aed6d9b0'),
  ('index', 'content.media_library_lenser_id_idx', '474c4f2854b4210a46a45f5c9c058ecf'),
  ('index', 'content.media_library_object_id_idx', 'e1c7fe8dcb83cc9b58f343ebec245573'),
  ('index', 'content.media_library_pkey', '0d3d519dff90245e475a13b6d0ded6a9'),
  ('index', 'media.objects_lenser_id_bucket_path_key', 'e5b0d27ae55a87bdad7618d534f5813a'),
  ('index', 'media.objects_pkey', 'c3f14d2f4ce44de56737b22cb1bc35a1'),
  ('policy', 'media_library_delete_own on content.media_library', 'ade6eff540352bbf683463620f135de2'),
  ('policy', 'media_library_insert_own on content.media_library', '825222870eaf2ec5139db49c0b12d877'),
  ('policy', 'media_library_select_own on content.media_library', 'df2928f4a04c30556481552eadeb09c3'),
  ('policy', 'media_library_update_own on content.media_library', 'b1e841c3afb327339eeef84eb34b70a3'),
  ('policy', 'objects_delete_own on media.objects', 'ade6eff540352bbf683463620f135de2'),
  ('policy', 'objects_insert_own on media.objects', '825222870eaf2ec5139db49c0b12d877'),
  ('policy', 'objects_select_own on media.objects', 'df2928f4a04c30556481552eadeb09c3'),
  ('policy', 'objects_update_own on media.objects', 'b1e841c3afb327339eeef84eb34b70a3'),
  ('privileges', 'content.all_media_library', 'authenticated select, service_role select'),
  ('privileges', 'content.media_library', 'authenticated delete+select+insert object_id+update object_id+insert title+update title+insert url+update url, service_role delete+select+insert lenser_id+update lenser_id+insert object_id+update object_id+insert title+update title+insert url+update url'),
  ('privileges', 'media.all_objects', 'authenticated select, service_role select'),
  ('privileges', 'media.objects', 'authenticated delete+select+insert bucket+update bucket+insert byte_size+update byte_size+insert mime_type+update mime_type+insert path+update path, service_role delete+select+insert bucket+update bucket+insert byte_size+update byte_size+insert lenser_id+update lenser_id+insert mime_type+update mime_type+insert path+update path'),
  ('privileges', 'ratebook.all_media_library', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_objects', 'authenticated select, service_role select'),
  ('schema', 'content', ''),
  ('schema', 'media', ''),
  ('table', 'content.media_library', '5fddef693a38dd5aba14d0c1eeaf967e'),
  ('table', 'media.objects', 'd4eac5849f9923dbb3b438f72add76e4'),
  ('trigger', 'media_library_ensure_profile on content.media_library', '0d5cefaf82c88de38a20c7f22de7f5b4'),
  ('trigger', 'media_library_stamp on content.media_library', 'abcbace00343340ef9cfe78186a42568'),
  ('trigger', 'objects_ensure_profile on media.objects', '869a0c16fa9e86e2a213b9895714dea3'),
  ('view', 'content.all_media_library', 'f7f00c535a8b183c4f22e3ca662c8a01'),
  ('view', 'media.all_objects', 'bde8636a842397c8030814361e37f39f'),
  ('view', 'ratebook.all_media_library', '190c4b040fec3e6dee69f64808e3ddf6'),
  ('view', 'ratebook.all_objects', '97f5de274923c2390083ec0defce7663')
) as o (kind, name, state);

select ratebook.close_privileges('30_media');
