begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_user('ada');
insert into lensers.profiles (id, user_id, display_name) values (tests.user_id('ada'), tests.user_id('ada'), 'Ada');

select tests.violates(
  'update lensers.profiles set erased_at = now()', 'an_erased_profile_is_empty', 'erased with a name and a user'
);
select tests.violates(
  'update lensers.profiles set erased_at = now(), user_id = null', 'an_erased_profile_is_empty', 'erased with a name'
);
select lives_ok(
  'update lensers.profiles set erased_at = now(), user_id = null, display_name = null', 'erased and empty'
);
select tests.violates(
  $$update lensers.profiles set avatar_url = 'https://example.com/a.png'$$, 'an_erased_profile_is_empty',
  'nothing comes back into it'
);

select * from finish();
rollback;
