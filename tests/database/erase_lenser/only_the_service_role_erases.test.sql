begin;
set local search_path = tap, pg_catalog;
select plan(6);

select tests.make_admin('root');
select tests.make_user('ada');
insert into lensers.profiles (id, user_id, display_name) values (tests.user_id('ada'), tests.user_id('ada'), 'Ada');
select tests.as_anon();
select tests.forbidden(
  format('select ai.erase_lenser(%L)', tests.user_id('ada')), 'permission denied for function erase_lenser', 'anon'
);
select tests.authenticate_as('ada');
select tests.forbidden(
  format('select ai.erase_lenser(%L)', tests.user_id('ada')), 'permission denied for function erase_lenser', 'oneself'
);
select tests.authenticate_as('root');
select tests.forbidden(
  format('select ai.erase_lenser(%L)', tests.user_id('ada')), 'permission denied for function erase_lenser', 'an admin'
);
select tests.as_service();
select tests.refused(
  'select ai.erase_lenser(gen_random_uuid())', 'unknown_lenser', 'PT404', 'a lenser that is not there'
);
select tests.refused('select ai.erase_lenser(null)', 'unknown_lenser', 'PT404', 'nobody');
select lives_ok(format('select ai.erase_lenser(%L)', tests.user_id('ada')), 'the service role');

select * from finish();
rollback;
