begin;
set local search_path = tap, pg_catalog;
select plan(21);

select tests.make_model(m.key) from (values ('a'), ('b'), ('c'), ('d')) as m (key);
select tests.make_model('pic');
update ai.models set modality = 'image', is_default = true where key = 'pic';
select tests.make_user('ada'), tests.make_admin();
create temporary view active as
select array_agg(m.key order by m.key) filter (where m.is_active) as keys from ai.models as m;
create temporary view defaults as
select array_agg(m.key order by m.key) filter (where m.is_default) as keys from ai.models as m;
grant select on active, defaults to authenticated, service_role;

select tests.authenticate_as('admin');
select is(compat.deactivate_models(model_names => '{a,b,a}'), 2, 'two, however often they are named');
select is(keys, '{c,d,pic}', 'off') from active;
select is(compat.activate_models(model_names => '{a,c}'), 2, 'one of them was on already');
select is(keys, '{a,c,d,pic}', 'on') from active;
select is(ai.updated_by(m), tests.user_id('admin'), 'who did it is known') from ai.models as m where m.key = 'a';
select is(
  tests.error_of('select compat.deactivate_models(''{a,x,y}'')') - 'hint',
  '{
    "code": "PT404", "message": "Nothing was changed: there is no \"x\", \"y\".",
    "detail": {"error": "unknown_model", "models": ["x", "y"]}, "constraint": "", "column": ""
  }'::jsonb,
  'unknown names are named'
);
select is(keys, '{a,c,d,pic}', 'and nothing was changed') from active;
select tests.refused(format('select compat.activate_models(%L)', n.names), 'invalid_argument', 'PT422', 'no name at all')
from (values ('{}'), (null)) as n (names);
select tests.refused('select compat.activate_models(''{a,null}'')', 'unknown_model', 'PT404', 'NULL is no name');

select compat.set_default(model_name => 'a');
select is(keys, '{a,pic}', 'a default, and that of the other type stays') from defaults;
select compat.set_default('c');
select is(keys, '{c,pic}', 'another one clears it') from defaults;
select tests.refused('select compat.set_default(''b'')', 'inactive_model', 'PT409', 'an inactive model is no default');
select tests.refused('select compat.deactivate_models(''{a,c}'')', 'default_model', 'PT409', 'and the default stays active');
select is(
  tests.error_of('select compat.set_default(''x'')') ->> 'hint', 'Valid models: a, c, d, pic.', 'an unknown one names the valid ones'
);
select is(keys, '{a,c,d,pic}', 'all or nothing') from active;

select tests.authenticate_as('ada');
select tests.refused(s.statement, 'not_allowed', '42501', 'a user: ' || s.statement)
from (
  values
  ('select compat.activate_models(''{b}'')'), ('select compat.deactivate_models(''{x}'')'),
  ('select compat.set_default(''a'')'), ('select compat.upsert_ai_model_config(''{"model_name": "a"}'')')
) as s (statement);

select tests.as_service();
select results_eq(
  $$
  select model_name, display_name, pricing_display
  from compat.upsert_ai_model_config('{"model_name": "a", "input_cost_per_1m": 1, "output_cost_per_1m": "2.5"}')
  union all
  select model_name, display_name, pricing_display
  from compat.upsert_ai_model_config('{"model_name": "n", "display_name": "N", "model_type": "image", "provider": "acme", "cost_per_image": "0.04"}')
  $$,
  $$values ('a', 'A', '$1.0000/$2.5000 per 1M'), ('n', 'N', '$0.0400 per image')$$,
  'upsert is a function: it updates what is named, or inserts'
);

select * from finish();
rollback;
