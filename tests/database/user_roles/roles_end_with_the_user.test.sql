begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_admin('ada');
select tests.make_admin('bob');
delete from auth.users where id = tests.user_id('ada');
select results_eq(
  'select user_id from lensers.user_roles', format('values (%L::uuid)', tests.user_id('bob')),
  'hers are gone, the other''s are not'
);
select tests.violates(
  $$insert into lensers.user_roles (user_id, role) values (gen_random_uuid(), 'user')$$, 'user_roles_user_id_fkey',
  'nobody has no role'
);

-- Projects let people delete their accounts by a function of this kind.
create function tests.delete_account() returns void
language sql security definer
as 'delete from auth.users where id = ratebook.uid()';
select tests.make_user('eve');
insert into lensers.user_roles (user_id, role) values (tests.user_id('eve'), 'moderator');
select tests.authenticate_as('eve');
select lives_ok('select tests.delete_account()', 'one who is no admin deletes her own account');
select tests.reset_role();
select results_eq(
  'select user_id from lensers.user_roles', format('values (%L::uuid)', tests.user_id('bob')), 'and her roles go with it'
);

select * from finish();
rollback;
