-- The only locks that Ratebook takes on a table of the platform: a foreign key holds auth.users against writes until
-- its transaction ends. So both keys come last and alone.
select ratebook.alter_promptly($$
  alter table lensers.profiles add constraint profiles_user_id_fkey
  foreign key (user_id) references auth.users (id) on delete set null;
  alter table lensers.user_roles add constraint user_roles_user_id_fkey
  foreign key (user_id) references auth.users (id) on delete cascade;
$$);
