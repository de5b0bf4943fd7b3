begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.authenticate_as(tests.make_admin());
select tests.forbidden($$ select compat.adopt('api_models', '{}') $$, 'permission denied for function adopt', 'not an admin');
select tests.as_anon();
select tests.forbidden($$ select compat.adopt('api_models', '{}') $$, 'permission denied for function adopt', 'not a visitor');
select tests.as_service();
select is(
  compat.adopt('api_models', '{}') #>> '{tables,api_models,read}', '0', 'but a backend, also of tables that are not there'
);

select tests.refused(v.call, 'invalid_argument', 'PT422', v.what)
from (
  values
  ($$ select compat.adopt('models', '{}') $$, 'another system'),
  ($$ select compat.adopt(null, '{}') $$, 'no system'),
  ($$ select compat.adopt('api_models', '{"jobs": []}') $$, 'another table'),
  ($$ select compat.adopt('api_models', '[]') $$, 'no tables'),
  ($$ select compat.adopt('api_models', '{"api_models": {}}') $$, 'no array of rows'),
  ($$ select compat.adopt('api_models', '{"api_models": [1]}') $$, 'no rows')
) as v (call, what);

select * from finish();
rollback;
