begin;
set local search_path = tap, pg_catalog;
select plan(10);

select tests.make_admin('root');
select tests.make_user('ada');
select tests.make_user('bob');
insert into lensers.user_roles (user_id, role) values (tests.user_id('ada'), 'moderator');

select tests.authenticate_as('ada');
select is(lensers.has_role(tests.user_id('ada'), 'moderator'), true, 'her own role, which she has');
select is(lensers.has_role(tests.user_id('ada'), 'admin'), false, 'her own role, which she has not');
select tests.refused(
  format('select lensers.has_role(%L, ''admin'')', tests.user_id('root')), 'not_allowed', '42501', 'another who has it'
);
select tests.refused(
  format('select lensers.has_role(%L, ''admin'')', tests.user_id('bob')), 'not_allowed', '42501', 'one who has not'
);
select is(
  tests.error_of(format('select lensers.has_role(%L, ''admin'')', tests.user_id('root'))),
  tests.error_of(format('select lensers.has_role(%L, ''admin'')', tests.user_id('bob'))),
  'and the two refusals are the same'
);
select tests.authenticate_as('root');
select is(lensers.has_role(tests.user_id('ada'), 'moderator'), true, 'an admin about anybody: yes');
select is(lensers.has_role(tests.user_id('bob'), 'moderator'), false, 'an admin about anybody: no');
select tests.as_service();
select is(lensers.has_role(tests.user_id('ada'), 'moderator'), true, 'the service role about anybody');
select tests.as_anon();
select tests.refused(
  format('select lensers.has_role(%L, ''moderator'')', tests.user_id('ada')), 'not_allowed', '42501', 'anon: nobody'
);
select isnt(lensers.has_role(null, 'admin'), true, 'nobody in particular is no admin');

select * from finish();
rollback;
