begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.make_model('a');
select tests.as_service();
create temporary view now_it as
select c.status::text as status, m.status::text as core_status, m.is_active
from compat.llm_models as c
inner join ai.models as m on m.id = c.id;

select results_eq('table now_it', $$values ('active', 'active', true)$$, 'active');
update ai.models set is_active = false;
select results_eq('table now_it', $$values ('inactive', 'active', false)$$, 'switched off elsewhere');
update compat.llm_models set model_tier = 'pro';
select results_eq('table now_it', $$values ('inactive', 'active', false)$$, 'another write leaves it off');
update compat.llm_models set status = 'active';
select results_eq('table now_it', $$values ('active', 'active', true)$$, 'switched on here');
update compat.llm_models set status = 'preview';
update compat.llm_models set status = 'inactive';
select results_eq('table now_it', $$values ('inactive', 'preview', false)$$, 'switched off here, its stage stays');
update compat.llm_models set status = 'deprecated';
select results_eq('table now_it', $$values ('deprecated', 'deprecated', true)$$, 'a deprecated model still works');
update compat.llm_models set status = 'retired';
select results_eq('table now_it', $$values ('retired', 'retired', false)$$, 'a retired one does not');
insert into compat.llm_models (provider_id, model_key, model_name, status)
select provider_id, 'b', 'B', 'inactive' from compat.llm_models;
select results_eq(
  $$select is_active, status::text from ai.models where key = 'b'$$, $$values (false, 'active')$$, 'a new one may be off'
);
update compat.llm_models set status = 'active';
update ai.models set is_default = true where key = 'a';
select tests.refused(
  $$update compat.llm_models set status = 'inactive' where model_key = 'a'$$, 'default_model', 'PT409',
  'the default is never off'
);

select * from finish();
rollback;
