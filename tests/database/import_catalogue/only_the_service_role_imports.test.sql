begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.authenticate_as(tests.make_admin());
select tests.forbidden($$ select ai.import_catalogue('litellm', '[]') $$, 'permission denied for function import_catalogue', 'not an admin');
select tests.as_anon();
select tests.forbidden($$ select ai.import_catalogue('litellm', '[]') $$, 'permission denied for function import_catalogue', 'not a visitor');
select tests.as_service();
select is(
  ai.import_catalogue('litellm', '[{"provider": "nimbus", "provider_model_key": "a", "name": "A"}]') #>> '{models,added}', '1',
  'but a backend'
);

select * from finish();
rollback;
