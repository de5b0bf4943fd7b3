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
