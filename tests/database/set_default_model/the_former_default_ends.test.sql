begin;
set local search_path = tap, pg_catalog;
select plan(6);
select tests.make_admin('ada');
select tests.make_model('a');
select tests.make_model('b');
select tests.make_model('picture');
update ai.models set modality = 'image' where key = 'picture';
select tests.make_model('closed');
update ai.models set is_active = false where key = 'closed';
select tests.make_model('gone');
delete from ai.models where key = 'gone';

select tests.authenticate_as('ada');
select ai.set_default_model('a'), ai.set_default_model('picture');
select results_eq(
  $$select key, is_default from ai.set_default_model('b')$$, $$values ('b', true)$$, 'it returns the new default'
);
select set_eq(
  'select key from ai.models where is_default', $$values ('b'), ('picture')$$,
  'one of a modality and task; the others keep theirs'
);
select results_eq(
  $$
  select before ->> 'is_default', after ->> 'is_default', row_key ->> 'id'
  from lensers.audit_history where transaction_id = pg_current_xact_id() and before ? 'is_default'
  order by id desc limit 2
  $$,
  $$values ('true', 'false', tests.model_id('a')::text), ('false', 'true', tests.model_id('b')::text)$$,
  'both changes are written'
);
select tests.refused($$select ai.set_default_model('closed')$$, 'inactive_model', 'PT409', 'an inactive one');
select tests.refused($$select ai.set_default_model('gone')$$, 'deleted_model', 'PT409', 'a deleted one');
select tests.refused($$select ai.set_default_model('nope')$$, 'unknown_model', 'PT404', 'an unknown one');

select * from finish();
rollback;
