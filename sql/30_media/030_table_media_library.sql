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
