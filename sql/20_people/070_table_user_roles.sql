create table lensers.user_roles (
  user_id uuid not null,
  role lensers.app_role not null,
  created_at timestamptz not null default ratebook.clock(),
  constraint user_roles_pkey primary key (user_id, role)
);

select ratebook.keep_history('lensers.user_roles');

comment on table lensers.user_roles is
'Application roles. The service role makes the first admin; admins make the others. Who gave one: select=*,granted_by.';
comment on column lensers.user_roles.user_id is 'The auth user who has the role.';
comment on column lensers.user_roles.role is 'The role.';
comment on column lensers.user_roles.created_at is 'When it was given.';
