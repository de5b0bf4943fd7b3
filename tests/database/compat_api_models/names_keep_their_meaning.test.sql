begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.make_model('m');
insert into ai.model_aliases (alias, model_id) values ('acme/taken', tests.model_id('m'));
insert into compat.api_models (provider_id, model_key, display_name, modality, task)
select p.id, k.key, 'X', 'image', 'generation' from ai.providers as p cross join unnest(array['taken', 'free']) as k (key);
select results_eq(
  $$select m.provider_model_key, m.key from ai.models as m where m.provider_model_key is not null order by m.key$$,
  $$values ('free', 'acme/free'), ('taken', 'acme/taken@manual')$$, 'a new model gets a name that no other has'
);
select results_eq($$select m.key from ai.find_model('acme/taken') as m$$, $$values ('m')$$, 'an alias means what it meant');
select results_eq(
  $$select m.provider_model_key from ai.find_model('acme/free') as m$$, $$values ('free')$$, 'a free name is found'
);

select * from finish();
rollback;
