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
  ('constraint', 'profiles_user_id_fkey on lensers.profiles', 'de85ca751fd4ef922f5ad7f275bd932e'),
  ('constraint', 'user_roles_user_id_fkey on lensers.user_roles', '26c6137e24c630f2af1f0c0a6472f619')
) as o (kind, name, state);

select ratebook.close_privileges('99_auth');
