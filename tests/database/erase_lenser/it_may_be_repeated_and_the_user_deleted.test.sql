begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.make_user('ada');
select tests.make_model('m');
select tests.authenticate_as('ada');
insert into ai.generations (model_id, prompt) values (tests.model_id('m'), 'P');
insert into content.media_library (title) values ('T');
select tests.as_service();
select ai.erase_lenser(tests.user_id('ada'));
create temporary table erased as select erased_at from lensers.profiles;
select is(
  ai.erase_lenser(tests.user_id('ada')), '{"generations": 1, "media": 0, "objects": 0}'::jsonb, 'a second time is fine'
);
select results_eq('select erased_at from lensers.profiles', 'select erased_at from erased', 'and the first one counts');
select tests.reset_role();
select lives_ok(format('delete from auth.users where id = %L', tests.user_id('ada')), 'the auth user can be deleted');
select is(
  ai.erase_lenser(tests.user_id('ada')) ->> 'generations', '1', 'even then a repetition is fine'
);
select results_eq(
  'select lenser_id, prompt from ai.generations', format('values (%L::uuid, null::text)', tests.user_id('ada')),
  'the pseudonymous row stays'
);

select * from finish();
rollback;
