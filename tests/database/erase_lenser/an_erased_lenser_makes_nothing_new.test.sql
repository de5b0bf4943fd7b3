begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_user('ada');
select tests.make_user('bob');
select tests.make_model('m');
insert into lensers.profiles (id, user_id) values
(tests.user_id('ada'), tests.user_id('ada')), (tests.user_id('bob'), tests.user_id('bob'));
create temporary view attempt as
select *
from (
  values
  ('a generation', format('insert into ai.generations (model_id) values (%L)', tests.model_id('m'))),
  ('media', $$insert into content.media_library (title) values ('T')$$),
  ('an object', $$insert into media.objects (bucket, path) values ('b', 'p')$$)
) as a (what, statement);
grant select on attempt to public;
select ai.erase_lenser(tests.user_id('ada'));

select tests.authenticate_as('ada');
select tests.refused(statement, 'erased_lenser', '42501', 'erased: ' || what) from attempt;
select tests.violates(
  format('insert into lensers.profiles (id, user_id) values (%1$L, %1$L)', tests.user_id('ada')), 'profiles_pkey',
  'erased: a profile'
);
select is_empty($$update lensers.profiles set display_name = 'Ada' returning id$$, 'erased: a name');
select tests.authenticate_as('bob');
select lives_ok(statement, 'another: ' || what) from attempt;

select * from finish();
rollback;
