begin;
set local search_path = tap, pg_catalog;
select plan(32);

select tests.make_user('ada');
select tests.make_admin('root');
select tests.make_provider('acme');
select tests.make_model('on');
select tests.make_model('off');
update ai.models set is_active = false where key = 'off';
create function pg_temp.insertion(p_key text, p_default boolean default false) returns text language sql as $$
  select format(
    'insert into compat.api_models (provider_id, model_key, display_name, modality, task, is_default, pricing)
    select id, %L, ''X'', ''image'', ''generation'', %L, ''{"per_image": 0.5, "currency": "EUR"}'' from ai.providers',
    p_key, p_default
  )
$$;

select tests.as_anon();
select tests.forbidden('select from compat.api_models', 'permission denied for view api_models', 'anon reads nothing');
select tests.forbidden('delete from compat.api_models', 'permission denied for view api_models', 'nor deletes');

select tests.authenticate_as('ada');
select results_eq('select model_key from compat.api_models', $$values ('on')$$, 'a user reads active models');
select tests.refused(v.statement, 'not_allowed', '42501', v.what)
from (
  values
  (pg_temp.insertion('x'), 'a user adds none'),
  ('update compat.api_models set priority = 1', 'changes none'),
  ($$update compat.api_models set priority = 1 where model_key = 'off'$$, 'is refused where no row would match as well'),
  ('delete from compat.api_models', 'deletes none'),
  ($$select compat.upsert_api_model('{}')$$, 'nor by the function')
) as v (statement, what);

select tests.authenticate_as('root');
select results_eq(
  'select model_key from compat.api_models order by 1', $$values ('off'), ('on')$$, 'an admin reads all'
);
select lives_ok(pg_temp.insertion('x/1', true), 'an admin adds one');
select results_eq(
  $$
  select m.key, m.provider_model_key, m.provider::text, m.capabilities::text, m.price_currency, ai.created_by(m), ai.updated_by(m)
  from ai.models as m where m.provider_model_key = 'x/1'
  $$,
  format($$values ('acme/x/1', 'x/1', 'other', '{image_generation}', 'EUR', %1$L::uuid, %1$L::uuid)$$, tests.user_id('root')),
  'it is a whole model, in the currency of its prices'
);
select is(
  (select a.pricing from compat.api_models as a where a.model_key = 'x/1'),
  '{"per_image": 0.5, "currency": "EUR", "billing_unit": "per_image"}', 'with its price'
);
select results_eq(
  pg_temp.insertion('x/2', true) || ' returning model_key, is_active, priority, pricing ->> ''per_image''',
  $$values ('x/2', true, 0, '0.5')$$, 'an insert returns the row as it stands'
);
select results_eq(
  'select model_key, is_default from compat.api_models where modality = ''image'' order by 1',
  $$values ('x/1', false), ('x/2', true)$$, 'a default set here clears the former one'
);
update ai.models set is_default = true where provider_model_key = 'x/1';
select results_eq(
  'select model_key, is_default from compat.api_models where modality = ''image'' order by 1',
  $$values ('x/1', true), ('x/2', false)$$, 'and so does one set in ai.models'
);
select lives_ok(
  $$
  update compat.api_models
  set
    model_key = 'y', version = '2', display_name = 'Y', modality = 'video', task = 'upscale', model_family = 'F',
    endpoint_path = '/y', input_defaults = '{"a": 1}', capabilities = '{"b": 2}', output_format = 'video/mp4',
    is_active = false, is_default = false, priority = 9
  where model_key = 'x/1'
  $$,
  'an admin changes one'
);
select results_eq(
  $$
  select
    version, display_name, modality, task, model_family, endpoint_path, input_defaults, capabilities, output_format,
    is_active, is_default, priority
  from compat.api_models where model_key = 'y'
  $$,
  $$values ('2', 'Y', 'video', 'upscale', 'F', '/y', '{"a": 1}'::jsonb, '{"b": 2}'::jsonb, 'video/mp4', false, false, 9)$$,
  'every column'
);
select is(
  (select m.key from ai.models as m where m.provider_model_key = 'y'), 'acme/x/1', 'its key in Ratebook stays'
);
select results_eq(
  $$update compat.api_models set priority = 10 where model_key = 'y' returning priority, model_key$$,
  $$values (10, 'y')$$, 'an update returns the row as it stands'
);
select tests.refused(
  $$update compat.api_models set is_default = true where model_key = 'y'$$, 'inactive_model', 'PT409',
  'the checks of ai.models hold'
);
select tests.refused(
  $$update compat.api_models set provider_id = gen_random_uuid() where model_key = 'y'$$, 'unknown_provider', 'PT422',
  'a provider must be there'
);
select results_eq(
  $$delete from compat.api_models where model_key = 'y' returning display_name$$, $$values ('Y')$$, 'an admin deletes one'
);
select is_empty($$select from compat.api_models where model_key = 'y'$$, 'it is gone');
select isnt(
  (select m.deleted_at from ai.models as m where m.provider_model_key = 'y'), null, 'but still prices the past'
);
select is_empty($$delete from compat.api_models where model_key = 'y' returning 1$$, 'there is none to delete twice');

select tests.as_service();
select is(
  (select count(*) from compat.api_models as a where a.model_key in ('on', 'off', 'y')), 2::bigint,
  'the service role reads all but the deleted'
);
select lives_ok(pg_temp.insertion('s'), 'the service role adds one');
select results_eq(
  $$update compat.api_models set is_active = false where model_key = 's' returning is_active$$, $$values (false)$$,
  'changes it'
);
select results_eq(
  $$delete from compat.api_models where model_key = 's' returning model_key$$, $$values ('s')$$, 'and deletes it'
);

select tests.reset_role();
select lives_ok(
  $$update compat.api_models set created_by = null, created_at = '2020-01-01Z' where model_key = 'on'$$,
  'direct SQL, such as a migration of the source''s rows'
);
select results_eq(
  $$select created_at::text, created_by from compat.api_models where model_key = 'on'$$,
  $$values ('2020-01-01 00:00:00+00', null::uuid)$$, 'keeps their dates'
) from (select set_config('timezone', 'UTC', true)) as z;
select is(
  (select count(*) from ai.models as m where m.is_default and m.modality = 'image'), 0::bigint,
  'no default is left over'
);

select * from finish();
rollback;
