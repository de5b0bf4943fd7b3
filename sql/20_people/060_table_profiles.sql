create table lensers.profiles (
  id uuid not null default gen_random_uuid(),
  user_id uuid,
  display_name text,
  avatar_url text,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  erased_at timestamptz,
  constraint profiles_pkey primary key (id),
  constraint profiles_user_id_key unique (user_id),
  constraint a_person_has_the_id_of_the_user check (user_id is null or user_id = id),
  constraint display_name_is_short check (char_length(display_name) <= 200),
  constraint an_erased_profile_is_empty check (
    erased_at is null or num_nonnulls(user_id, display_name, avatar_url) = 0
  )
);

comment on table lensers.profiles is
'The anchor of everything a lenser owns. For a person the id is the auth user''s id; the row is made by the database when it is first needed. A project with profiles of its own keeps names there and leaves these columns empty.';
comment on column lensers.profiles.id is 'The lenser; for a person the same uuid as auth.users.id.';
comment on column lensers.profiles.user_id is 'The auth user, NULL for system profiles and erased people.';
comment on column lensers.profiles.display_name is 'Optional name to show, at most 200 characters.';
comment on column lensers.profiles.avatar_url is 'Optional picture.';
comment on column lensers.profiles.created_at is 'When the row was made.';
comment on column lensers.profiles.updated_at is 'When the row last changed.';
comment on column lensers.profiles.erased_at is 'When ai.erase_lenser() emptied the row; NULL for the living.';
