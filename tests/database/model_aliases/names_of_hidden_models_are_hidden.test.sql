begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_model('open');
select tests.make_model('hidden', p_is_public => false);
insert into ai.model_aliases (alias, model_id) values
('one', tests.model_id('open')), ('two', tests.model_id('hidden'));
select tests.violates(
  $$insert into ai.model_aliases (alias, model_id) values ('one', tests.model_id('open'))$$, 'model_aliases_pkey',
  'a name is given to a model once'
);
select tests.violates(
  $$insert into ai.model_aliases (alias, model_id) values (' ', tests.model_id('open'))$$, 'alias_is_a_name',
  'a blank is no name'
);
select tests.as_anon();
select results_eq(
  'select alias from ai.model_aliases', $$values ('one')$$, 'anon sees the names of public models only'
);
select tests.as_service();
select results_eq(
  'select alias from ai.model_aliases order by alias', $$values ('one'), ('two')$$, 'the service role sees all'
);

select * from finish();
rollback;
