begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.make_model(k.key) from (values ('acme/big'), ('zeta/big'), ('solo/big')) as k (key);
select tests.make_model('secret/big', p_is_public => false);
insert into ai.model_aliases (alias, model_id) select 'big', id from ai.models where key <> 'solo/big';

select tests.as_anon();
select is(
  tests.error_of($$select ai.find_model('big')$$),
  '{
    "code": "PT409", "message": "\"big\" may mean any of 2 models.", "hint": "Use one of the candidates'' keys.",
    "constraint": "", "column": "",
    "detail": {"error": "ambiguous_model", "model": "big", "candidates": ["acme/big", "zeta/big"]}
  }'::jsonb,
  'anon: the public ones'
);
select tests.as_service();
select is(
  tests.error_of($$select ai.find_model('big')$$) #> '{detail,candidates}',
  '["acme/big", "secret/big", "zeta/big"]'::jsonb,
  'the service role: all'
);
select tests.reset_role();
update ai.models set is_public = false where key = 'zeta/big';
select tests.as_anon();
select results_eq(
  $$select key from ai.find_model('big')$$, $$values ('acme/big')$$, 'a name with one public model means that one'
);

select * from finish();
rollback;
