begin;
set local search_path = tap, pg_catalog;
select plan(26);

select tests.freeze_clock('2026-01-01T00:00:00Z');
select tests.make_model('seen'), tests.make_model('hidden', p_is_public => false), tests.make_model('gone');
select tests.make_model('other task');
update ai.models set task = 'embedding' where key = 'other task';
delete from ai.models where key = 'gone';
select tests.make_price('seen', 'input', 0.000001), tests.make_price('seen', 'output', 0.000002);
select tests.make_price('seen', 'output', 0.000003, p_from => '2025-06-01', p_is_public => false);
select tests.make_price('seen', 'input', 0.000009, p_from => '2027-01-01');
select tests.make_user('ada'), tests.make_admin();
create temporary view found as
select c.model_name, c.input_cost_per_1m as input, c.output_cost_per_1m as output from compat.ai_model_config as c;
grant select on found to authenticated, service_role;
create function pg_temp.writes() returns setof text
language sql
as $values$
  values
  ($$insert into compat.ai_model_config (model_name, display_name, model_type, provider) values ('new', 'New', 'text', 'acme')$$),
  ($$update compat.ai_model_config set description = 'd' where model_name = 'seen'$$),
  ($$update compat.ai_model_config set description = 'd' where model_name = 'hidden'$$),
  ($$update compat.ai_model_config set description = 'd' where model_name = 'nothing'$$),
  ($$delete from compat.ai_model_config where model_name = 'seen'$$),
  ($$delete from compat.ai_model_config where false$$);
$values$;

select tests.as_anon();
select tests.forbidden('table compat.ai_model_config', 'permission denied for view ai_model_config', 'anon reads nothing');
select tests.forbidden(w.write, 'permission denied for view ai_model_config', 'anon: ' || w.write)
from pg_temp.writes() as w (write);

select tests.authenticate_as('ada');
select results_eq(
  'select * from found', $$values ('seen', '1.0000', null::text)$$,
  'users read public models and prices in force; one that is not public does not uncover the one before'
);
select tests.refused(w.write, 'not_allowed', '42501', 'user: ' || w.write) from pg_temp.writes() as w (write);
select is_empty(
  $$select from ai.models where description is not null or key = 'new' or key = 'seen' and deleted_at is not null$$,
  'nothing of it happened'
);

select tests.authenticate_as('admin');
select results_eq(
  'select * from found order by 1', $$values ('hidden', null::text, null), ('seen', '1.0000', '3.0000')$$,
  'admins read all that is alive'
);
select lives_ok(w.write, 'admin: ' || w.write) from pg_temp.writes() as w (write);
select results_eq(
  $$select key, description, ai.updated_by(m), deleted_at is not null from ai.models as m where key in ('hidden', 'new', 'seen') order by key$$,
  $$
  values
  ('hidden', 'd', tests.user_id('admin'), false), ('new', null, tests.user_id('admin'), false),
  ('seen', 'd', tests.user_id('admin'), true)
  $$,
  'all of it happened, in the admin''s name'
);
select tests.as_service();
select results_eq(
  $$update compat.ai_model_config set is_active = false where model_name = 'new' returning is_active, updated_by$$,
  'values (false, null::uuid)', 'the service role writes as well'
);
select tests.as_anon();
select tests.forbidden('select compat.set_default(''new'')', 'permission denied for function set_default', 'anon has no action');
select tests.forbidden(
  'select compat.get_cost_for_images(''new'', 1)', 'permission denied for function get_cost_for_images', 'and no question'
);

select * from finish();
rollback;
