begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.make_user('ada');
select tests.make_provider('acme');
select results_eq(
  $$select c.name, c.type from tests.columns as c where c.relation = 'compat.model_profiles'::regclass order by c.position$$,
  $$
  values
  ('id', 'uuid'), ('name', 'text'), ('provider_id', 'uuid'), ('model', 'text'),
  ('system_prompt', 'text'), ('temperature', 'numeric'), ('max_tokens', 'integer'),
  ('is_canonical', 'boolean'), ('canonical_revision', 'integer'), ('canonical_equivalent_id', 'uuid'),
  ('disabled', 'boolean'), ('created_at', 'timestamp with time zone'), ('updated_at', 'timestamp with time zone')
  $$,
  'the columns'
);
create function pg_temp.upsertion(p_model text) returns text language sql as $$
  select format(
    'insert into compat.model_profiles (name, provider_id, model) select ''writer'', id, %L from ai.providers
    on conflict (name) do update set model = excluded.model returning model, disabled, is_canonical', p_model
  )
$$;
select tests.authenticate_as(tests.make_admin('root'));
select results_eq(pg_temp.upsertion('m-1'), $$values ('m-1', false, false)$$, 'an admin adds one');
select results_eq(pg_temp.upsertion('m-2'), $$values ('m-2', false, false)$$, 'and changes it by upsert');
select results_eq('select model from ai.model_profiles', $$values ('m-2')$$, 'it is stored in ai');
select tests.authenticate_as('ada');
select is_empty('select from compat.model_profiles', 'a user sees none');
select tests.refused('update compat.model_profiles set disabled = true', 'not_allowed', '42501', 'a user changes none');
select tests.refused('delete from compat.model_profiles', 'not_allowed', '42501', 'and deletes none');
select tests.as_anon();
select tests.forbidden('select from compat.model_profiles', 'permission denied for view model_profiles', 'nothing for anon');
select tests.as_service();
select results_eq('delete from compat.model_profiles returning name', $$values ('writer')$$, 'the service role deletes it');

select * from finish();
rollback;
