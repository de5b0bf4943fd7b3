begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_user('ada');
select tests.make_user('bob');
insert into lensers.profiles (id, user_id, display_name) values (tests.user_id('bob'), tests.user_id('bob'), 'Bob');
select tests.freeze_clock('2026-03-15T12:00:00Z');

select tests.authenticate_as('ada');
select tests.forbidden(
  format('insert into lensers.profiles (id, user_id) values (%1$L, null)', gen_random_uuid()),
  'new row violates row-level security policy for table "profiles"', 'a profile for nobody'
);
select tests.forbidden(
  format('insert into lensers.profiles (id, user_id) values (%L, null)', tests.user_id('ada')),
  'new row violates row-level security policy for table "profiles"', 'her own without herself in it'
);
select lives_ok(
  format('insert into lensers.profiles (id, user_id) values (%1$L, %1$L)', tests.user_id('ada')), 'her own'
);
select results_eq(
  $$update lensers.profiles set display_name = 'Ada' returning display_name, updated_at$$,
  $$values ('Ada', '2026-03-15T12:00:00Z'::timestamptz)$$,
  'she changes her own, and only that; the change is stamped'
);
select tests.forbidden(
  'update lensers.profiles set erased_at = now()', 'permission denied for table profiles', 'not when it was erased'
);
select tests.forbidden(
  'delete from lensers.profiles', 'permission denied for table profiles', 'nor does she delete it'
);
select tests.reset_role();
select is(
  (select display_name from lensers.profiles where id = tests.user_id('bob')), 'Bob', 'the other is what it was'
);

select * from finish();
rollback;
