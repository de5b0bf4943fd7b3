begin;
set local search_path = tap, pg_catalog;
select plan(10);

select tests.make_user('ada');
select tests.make_model(m.key) from (values ('b'), ('a'), ('off'), ('pic')) as m (key);
select tests.make_model('elsewhere', 'other'), tests.make_model('hidden', p_is_public => false);
update ai.models set modality = 'image', is_default = true where key = 'pic';
update ai.models set is_active = false where key = 'off';
update ai.models set priority = case key when 'b' then 1 else 2 end where key in ('a', 'b', 'elsewhere');
update ai.models set is_default = true where key = 'elsewhere';

select tests.authenticate_as('ada');
create function pg_temp.listed(p_answer jsonb) returns text[]
language sql
return array(
  select r.value ->> 'model_name' from jsonb_array_elements(p_answer -> 'data') with ordinality as r (value, n) order by r.n
);
select is(
  compat.ai_models() - 'data', '{"success": true, "message": "AI models retrieved successfully"}', 'success and message'
);
select is(
  compat.ai_models(model_name => 'a') -> 'data', (select jsonb_agg(to_jsonb(c)) from compat.ai_model_config as c where c.model_name = 'a'),
  'data: rows of ai_model_config'
);
select is(
  pg_temp.listed(compat.ai_models()), '{b,elsewhere,a,pic}',
  'the active ones that the caller may see: text first, the lowest order first, of one order the default'
);
select is(pg_temp.listed(compat.ai_models(type => 'image')), '{pic}', 'by type');
select is(pg_temp.listed(compat.ai_models(provider => 'other')), '{elsewhere}', 'by provider');
select results_eq(
  $$select pg_temp.listed(compat.ai_models("default" => true))$$, $$values ('{elsewhere,pic}'::text[])$$, 'the defaults'
);
select is(pg_temp.listed(compat.ai_models('text', 'acme', false, 'b')), '{b}', 'all at once, in the order of the source');
select is(
  compat.ai_models(model_name => 'off'),
  '{"success": true, "message": "AI models retrieved successfully", "data": []}', 'what fits nothing is an empty list'
);
select is(compat.ai_models(type => 'video') -> 'data', '[]', 'so is a type that is none');
select tests.as_anon();
select tests.forbidden('select compat.ai_models()', 'permission denied for function ai_models', 'nothing for anon');

select * from finish();
rollback;
