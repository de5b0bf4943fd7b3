begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.make_user('ada');
select tests.make_user('bob');

select tests.violates(
  format('insert into lensers.profiles (id, user_id) values (%L, %L)', tests.user_id('ada'), tests.user_id('bob')),
  'a_person_has_the_id_of_the_user', 'the profile of one user cannot be the profile of another'
);
select lives_ok(
  format('insert into lensers.profiles (id, user_id) values (%1$L, %1$L)', tests.user_id('ada')), 'its own can'
);
select lives_ok(
  $$insert into lensers.profiles (display_name) values ('The system')$$, 'a system profile has no user and any id'
);
select tests.violates(
  $$insert into lensers.profiles (display_name) values (repeat('x', 201))$$, 'display_name_is_short',
  'a name of 201 characters is refused'
);
select lives_ok($$insert into lensers.profiles (display_name) values (repeat('x', 200))$$, 'one of 200 is not');

select * from finish();
rollback;
