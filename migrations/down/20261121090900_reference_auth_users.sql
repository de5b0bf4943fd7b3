-- Takes out auth (module core), with its data.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

select ratebook.assert_removable('99_auth');
delete from ratebook.manifest where domain = '99_auth';
select ratebook.alter_promptly($$
  alter table lensers.profiles drop constraint profiles_user_id_fkey;
  alter table lensers.user_roles drop constraint user_roles_user_id_fkey;
$$);
