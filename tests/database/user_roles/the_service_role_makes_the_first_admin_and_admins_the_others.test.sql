begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.make_user('ada');
select tests.make_user('bob');

select tests.authenticate_as('ada');
select tests.forbidden(
  format($$insert into lensers.user_roles (user_id, role) values (%L, 'admin')$$, tests.user_id('ada')),
  'Only admins write to lensers.user_roles.', 'nobody makes oneself an admin'
);
select tests.as_anon();
select tests.forbidden(
  format($$insert into lensers.user_roles (user_id, role) values (%L, 'admin')$$, tests.user_id('ada')),
  'permission denied for table user_roles', 'least of all anon'
);
select tests.as_service();
select lives_ok(
  format($$insert into lensers.user_roles (user_id, role) values (%L, 'admin')$$, tests.user_id('ada')),
  'the service role makes the first'
);
select tests.authenticate_as('ada');
select lives_ok(
  format($$insert into lensers.user_roles (user_id, role) values (%L, 'moderator')$$, tests.user_id('bob')),
  'an admin makes others'
);
select tests.reset_role();
select results_eq(
  'select r.role, lensers.granted_by(r) from lensers.user_roles as r order by r.role',
  format($$values ('admin'::lensers.app_role, null::uuid), ('moderator', %L)$$, tests.user_id('ada')),
  'who gave it is written down'
);

select tests.authenticate_as('bob');
select results_eq(
  'select r.role, lensers.granted_by(r) from lensers.user_roles as r',
  $$values ('moderator'::lensers.app_role, null::uuid)$$, 'one sees one''s own roles only, and not who gave them'
);
select tests.refused('delete from lensers.user_roles', 'not_allowed', '42501', 'and gives none up or away');
select tests.forbidden(
  $$update lensers.user_roles set role = 'admin'$$, 'permission denied for table user_roles', 'nor changes them'
);
select tests.authenticate_as('ada');
select results_eq(
  $$delete from lensers.user_roles where role = 'moderator' returning user_id$$,
  format('values (%L::uuid)', tests.user_id('bob')), 'an admin takes them back'
);

select * from finish();
rollback;
