begin;
set local search_path = tap, pg_catalog;
select plan(6);

select tests.make_user('ada');
select tests.authenticate_as('ada');
select lives_ok($$insert into media.objects (bucket, path) values ('b', 'p')$$, 'a first object');
select results_eq(
  'select id, user_id from lensers.profiles',
  format('values (%1$L::uuid, %1$L::uuid)', tests.user_id('ada')), 'makes the profile'
);
select lives_ok($$insert into content.media_library (title) values ('t')$$, 'a first entry finds it');
select is((select count(*) from lensers.profiles), 1::bigint, 'and there is still one');

select tests.reset_role();
select tests.refused(
  $$insert into media.objects (lenser_id, bucket, path) values (gen_random_uuid(), 'b', 'p')$$,
  'unknown_lenser', 'PT404', 'an id without a user and profile owns nothing'
);
insert into lensers.profiles (id) values (tests.user_id('system'));
select lives_ok(
  format($$insert into media.objects (lenser_id, bucket, path) values (%L, 'b', 'p')$$, tests.user_id('system')),
  'a system profile does'
);

select * from finish();
rollback;
