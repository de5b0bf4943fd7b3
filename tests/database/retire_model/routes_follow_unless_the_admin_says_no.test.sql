begin;
set local search_path = tap, pg_catalog;
select plan(13);
select tests.make_admin('ada');
select tests.make_model('old');
select tests.make_model('new');
select tests.make_model('hidden', p_is_public => false);
select tests.make_model('closed');
update ai.models set is_active = false where key = 'closed';
select tests.make_model('gone');
delete from ai.models where key = 'gone';
insert into ai.features (key) values ('only_old'), ('both'), ('new_is_closed'), ('old_is_closed');
insert into ai.feature_model_policies (feature_key, model_id, priority, is_active) values
('only_old', tests.model_id('old'), 1, true),
('both', tests.model_id('old'), 1, true), ('both', tests.model_id('new'), 2, true),
('new_is_closed', tests.model_id('old'), 1, true), ('new_is_closed', tests.model_id('new'), 2, false),
('old_is_closed', tests.model_id('old'), 1, false), ('old_is_closed', tests.model_id('new'), 2, true);
update ai.models set is_default = true where key = 'old';
create temporary view routes as
select r.feature_key, m.key, r.priority, r.is_active
from ai.feature_model_policies as r
inner join ai.models as m on m.id = r.model_id
order by 1, 2;
create temporary table before as select * from routes;
grant select on before, routes to authenticated;

select tests.authenticate_as('ada');
select tests.refused($$select ai.retire_model('old', reroute => true)$$, 'invalid_argument', 'PT422', 'no successor to route to');
select tests.refused($$select ai.retire_model('old', 'closed')$$, 'inactive_model', 'PT409', 'an inactive successor');
select tests.refused($$select ai.retire_model('old', 'gone')$$, 'deleted_model', 'PT409', 'a deleted one');
select tests.refused($$select ai.retire_model('old', 'nope')$$, 'unknown_model', 'PT404', 'an unknown one');
select tests.refused($$select ai.retire_model('old', 'hidden')$$, 'invalid_argument', 'PT422', 'a hidden one of a public model');
select is((select status::text from ai.models where key = 'old'), 'active', 'and nothing has changed');

select ai.retire_model('old', 'new', reroute => false);
select results_eq('table routes', 'table before', 'where the admin says so, the routes stay');
select is_empty('select key from ai.models where is_default', 'and there is no default any more');
select ai.activate_models('{old}'), ai.set_default_model('old');

select ai.retire_model('old', 'new');
select results_eq(
  'table routes',
  $$
  values
  ('both', 'new', 2, true), ('new_is_closed', 'new', 1, true), ('old_is_closed', 'new', 2, true),
  ('only_old', 'new', 1, true)
  $$,
  'else they go to the successor: the open one where both served, of two its own'
);
select results_eq('select key from ai.models where is_default', $$values ('new')$$, 'and it is the default');
select results_eq(
  $$
  select operation, before ->> 'model_id', after ->> 'model_id' from lensers.audit_history
  where table_name = 'ai.feature_model_policies' and operation = 'UPDATE' and row_key ->> 'id' = (
    select r.id::text from ai.feature_model_policies as r where r.feature_key = 'only_old'
  )
  $$,
  $$values ('UPDATE', tests.model_id('old')::text, tests.model_id('new')::text)$$,
  'the history has it'
);

select results_eq(
  $$select key, status::text from ai.retire_model('hidden')$$, $$values ('hidden', 'retired')$$, 'a successor need not be'
);
select is(
  (select key from ai.find_model('hidden')), 'hidden', 'then its names go on meaning it'
);

select * from finish();
rollback;
