begin;
set local search_path = tap, pg_catalog;
select plan(18);

select tests.make_model('seen'), tests.make_model('hidden', p_is_public => false), tests.make_model('gone');
select tests.make_price('seen', 'input', 0.000001), tests.make_price('gone', 'input', 0.000001);
-- The public price of output was replaced by one that is not public.
select tests.make_price('seen', 'output', 0.000002);
select tests.make_price('seen', 'output', 0.000003, p_from => '2025-06-01', p_is_public => false);
select tests.make_model('a picture');
update ai.models set modality = 'image' where key = 'a picture';
delete from ai.models where key = 'gone';
select tests.make_user('ada'), tests.make_admin();
create temporary view found as
select m.model_key::text, m.pricing, m.deleted_at is not null as is_deleted from compat.llm_models as m;
grant select on found to anon, authenticated, service_role;

select tests.as_anon();
select results_eq(
  'select * from found', $$values ('seen', '{"input_per_1m": 1, "currency": "USD"}'::jsonb, false)$$,
  'anon reads what is public, of models and of prices'
);
select tests.forbidden(s.statement, 'permission denied for view llm_models', 'anon: ' || s.statement)
from (
  values
  ('insert into compat.llm_models (model_key) values (null)'), ('update compat.llm_models set model_tier = null'),
  ('delete from compat.llm_models')
) as s (statement);
select tests.authenticate_as('ada');
select results_eq(
  'select * from found', $$values ('seen', '{"input_per_1m": 1, "currency": "USD"}'::jsonb, false)$$,
  'so do signed-in users, which the source forgot'
);
select tests.forbidden(s.statement, 'permission denied for view llm_models', 'authenticated: ' || s.statement)
from (
  values
  ('insert into compat.llm_models (model_key) values (null)'), ('update compat.llm_models set model_tier = null'),
  ('delete from compat.llm_models'), ('update compat.llm_models set model_tier = null where false')
) as s (statement);
select tests.authenticate_as('admin');
select tests.forbidden(
  'delete from compat.llm_models', 'permission denied for view llm_models', 'the source has no admins: they use ai.models'
);

select tests.as_service();
select results_eq(
  'select * from found order by 1',
  $$
  values
  ('gone', '{"input_per_1m": 1, "currency": "USD"}'::jsonb, true),
  ('hidden', '{}', false),
  ('seen', '{"input_per_1m": 1, "output_per_1m": 3, "currency": "USD"}', false)
  $$,
  'the service role reads all of it, the deleted included'
);
select results_eq(
  $$update compat.llm_models set model_tier = 'pro' where model_key = 'hidden' returning model_tier::text$$,
  $$values ('pro')$$, 'and updates'
);
select results_eq(
  $$delete from compat.llm_models where model_key = 'hidden' returning model_key::text$$, $$values ('hidden')$$, 'and deletes'
);
select is(is_deleted, true, 'which keeps the row') from found where model_key = 'hidden';
select tests.refused(
  $$delete from compat.llm_models where model_key = 'hidden'$$, 'not_allowed', '42501', 'and is not possible twice'
);
update compat.llm_models set deleted_at = null where model_key = 'hidden';
select results_eq(
  $$select is_active, deleted_at from ai.models where key = 'hidden'$$, $$values (true, null::timestamptz)$$,
  'a model whose deleted_at is cleared is back'
);
update compat.llm_models set deleted_at = '2026-01-02T00:00:00Z' where model_key = 'hidden';
select results_eq(
  $$select is_active, deleted_at from ai.models where key = 'hidden'$$,
  $$values (false, '2026-01-02T00:00:00Z'::timestamptz)$$,
  'and one that gets it is gone from then on'
);
select is((select count(*) from found where model_key = 'a picture'), 0::bigint, 'a language model is one of modality text');

select * from finish();
rollback;
