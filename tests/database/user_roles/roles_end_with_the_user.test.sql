begin;
set local search_path = tap, pg_catalog;
select plan(2);

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

select * from finish();
rollback;
