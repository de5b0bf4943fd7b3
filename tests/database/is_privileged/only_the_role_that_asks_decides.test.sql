begin;
set local search_path = tap, pg_catalog;
select plan(15);

select tests.make_admin('root');
select tests.make_user('ada');
create function tests.seen_by_definer() returns boolean
language sql stable security definer
set search_path = ''
return ratebook.is_privileged();
create function tests.admin_by_definer() returns boolean
language sql stable security definer
set search_path = ''
return ratebook.is_admin();

select is(tests.seen_by_definer(), true, 'the owner of the schema is privileged');
select tests.as_anon();
select is(tests.seen_by_definer(), false, 'anon is not, even inside a function of the owner');
select is(tests.admin_by_definer(), false, 'nor an admin');
select tests.authenticate_as('ada');
select is(tests.seen_by_definer(), false, 'nor is a signed-in user');
select tests.authenticate_as('root');
select is(tests.seen_by_definer(), true, 'an admin is');
select is(tests.admin_by_definer(), true, 'and is an admin');
select tests.as_service();
select is(tests.seen_by_definer(), true, 'the service role is');
select is(tests.admin_by_definer(), false, 'but is no admin');
select tests.authenticate_as(tests.user_id('root'), 'anon');
select is(tests.seen_by_definer(), false, 'the anon role with an admin''s subject is not');
select is(tests.admin_by_definer(), false, 'nor an admin');
select tests.authenticate_as(null::uuid);
select is(tests.seen_by_definer(), false, 'a token without a subject is not');
select is(tests.admin_by_definer(), false, 'nor an admin');
select tests.reset_role();
grant usage on schema tests, tap to authenticator;
set local session authorization authenticator;
select is(tests.seen_by_definer(), false, 'nor is the role that PostgREST connects with');
reset session authorization;
create role backend in role service_role;
create role reader in role authenticated;
grant usage on schema tests, tap to backend, reader;
set local session authorization backend;
select is(tests.seen_by_definer(), true, 'a login that has the privileges of the service role is');
set local session authorization reader;
select is(tests.seen_by_definer(), false, 'one of signed-in users is not');
reset session authorization;

select * from finish();
rollback;
