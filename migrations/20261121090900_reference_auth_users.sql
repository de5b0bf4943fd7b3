-- Ratebook's auth (module core). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- from sql/99_auth/010_foreign_keys_to_users.sql

-- The only locks that Ratebook takes on a table of the platform: a foreign key holds auth.users against writes until
-- its transaction ends. So both keys come last and alone.
select ratebook.alter_promptly($$
  alter table lensers.profiles add constraint profiles_user_id_fkey
  foreign key (user_id) references auth.users (id) on delete set null;
  alter table lensers.user_roles add constraint user_roles_user_id_fkey
  foreign key (user_id) references auth.users (id) on delete cascade;
$$);

insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', '99_auth', o.kind, o.name, o.state
from (values
  ('constraint', 'profiles_user_id_fkey on lensers.profiles', '76aaa7c11cf779c7bbaea291d8983072'),
  ('constraint', 'user_roles_user_id_fkey on lensers.user_roles', 'def005b2f49b7f3352c7f6d540b5f078')
) as o (kind, name, state);

select ratebook.close_privileges('99_auth');
