begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.make_model('m', 'acme');
select tests.make_provider('idle');
select tests.violates(
  $$delete from ai.providers where key = 'acme'$$, 'models_provider_id_fkey', 'it has a model'
);
delete from ai.models where key = 'm';
select tests.violates(
  $$delete from ai.providers where key = 'acme'$$,
  'models_provider_id_fkey', 'a deleted model counts: it prices the past'
);
select lives_ok($$delete from ai.providers where key = 'idle'$$, 'one without can go');

select * from finish();
rollback;
