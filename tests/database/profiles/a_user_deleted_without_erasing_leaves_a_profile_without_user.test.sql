begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_user('ada');
select tests.make_model('m');
select tests.authenticate_as('ada');
insert into ai.generations (model_id, prompt) values (tests.model_id('m'), 'Hello');
select tests.reset_role();

select lives_ok(
  format('delete from auth.users where id = %L', tests.user_id('ada')), 'the auth user can be deleted'
);
select is((select count(*) from auth.users), 0::bigint, 'and is gone');
select results_eq(
  'select id, user_id, erased_at from lensers.profiles',
  format('values (%L::uuid, null::uuid, null::timestamptz)', tests.user_id('ada')),
  'the profile stays, without a user'
);
select results_eq('select prompt from ai.generations', $$values ('Hello')$$, 'and so does what it owns');

select * from finish();
rollback;
