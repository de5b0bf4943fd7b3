begin;
set local search_path = tap, pg_catalog;
select plan(6);

select tests.make_user('ada');
select tests.authenticate_as(tests.make_admin('root'));
select results_eq(
  $$
  select name, disabled, auth
  from compat.upsert_provider('{"name": "acme", "base_url": "https://a", "auth": {"type": "none"}}')
  $$,
  $$values ('acme', false, '{"type": "none"}'::jsonb)$$, 'it inserts, with the defaults'
);
select results_eq(
  $$select base_url, disabled, auth from compat.upsert_provider('{"name": "acme", "disabled": true}')$$,
  $$values ('https://a', true, '{"type": "none"}'::jsonb)$$, 'it updates, and leaves what it does not name'
);
select is((select count(*) from compat.providers), 1::bigint, 'the one row');
select is(
  tests.error_of($$select compat.upsert_provider('{"name": "acme", "colour": "red"}')$$) #>> '{detail,column}', 'colour',
  'an unknown column is refused by name'
);
select tests.authenticate_as('ada');
select tests.refused($$select compat.upsert_provider('{"name": "acme"}')$$, 'not_allowed', '42501', 'for admins');
select tests.as_anon();
select tests.forbidden(
  $$select compat.upsert_provider('{"name": "acme"}')$$, 'permission denied for function upsert_provider', 'not for anon'
);

select * from finish();
rollback;
