begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_user('ada'), tests.make_admin('root');
select domain_type_is('compat', 'app_role', 'lensers', 'app_role', 'app_role is the type of the core');

select results_eq(
  $$
  select f.signature from tests.functions as f
  where f.schema_name = 'compat' and has_function_privilege('anon', f.oid, 'execute')
  $$,
  $$values ('compat.has_role(uuid,compat.app_role)')$$, 'anon may call it, as in lensers, and nothing else here'
);

select tests.authenticate_as('root');
select ok(compat.has_role(auth.uid(), 'admin'), 'as old policies ask');
select results_eq(
  $$select compat.has_role("user" => auth.uid(), role => 'admin'::compat.app_role)$$, 'values (true)', 'or by name'
);
select ok(not compat.has_role(tests.user_id('ada'), 'admin'::lensers.app_role), 'an admin asks about anybody');
select is(
  tests.error_of($$select compat.has_role(auth.uid(), 'king')$$) ->> 'code', '22P02', 'a role that is none'
);
select tests.authenticate_as('ada');
select ok(not compat.has_role(auth.uid(), 'admin'), 'a user asks about herself');
select tests.refused(
  $$select compat.has_role(tests.user_id('root'), 'admin')$$, 'not_allowed', '42501', 'and about nobody else'
);

select * from finish();
rollback;
