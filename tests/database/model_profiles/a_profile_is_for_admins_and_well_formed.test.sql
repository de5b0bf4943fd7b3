begin;
set local search_path = tap, pg_catalog;
select plan(20);

select tests.make_user('ada');
select tests.make_admin('root');
select tests.make_provider('acme');
create function pg_temp.insertion(p_columns text default '', p_values text default '') returns text language sql as $$
  select format('insert into ai.model_profiles (name, provider_id, model%s) select ''p'', id, ''m''%s from ai.providers', p_columns, p_values)
$$;
select tests.violates(pg_temp.insertion(', ' || v.name, ', ' || v.value), v.broken, format('%s %s', v.name, v.value))
from (
  values
  ('temperature', '-0.1', 'temperature_is_finite'), ('temperature', '''NaN''', 'temperature_is_finite'),
  ('temperature', '''Infinity''', 'temperature_is_finite'), ('max_tokens', '0', 'max_tokens_is_positive')
) as v (name, value, broken);
select tests.violates(
  $$insert into ai.model_profiles (name, provider_id, model) values ('p', gen_random_uuid(), 'm')$$,
  'model_profiles_provider_id_fkey', 'an unknown provider'
);
select tests.violates(
  $$insert into ai.model_profiles (name, provider_id, model) select ' ', id, 'm' from ai.providers$$, 'name_is_not_blank', 'a blank name'
);
select tests.violates(
  $$insert into ai.model_profiles (name, provider_id, model) select 'p', id, '' from ai.providers$$, 'model_is_not_blank', 'a blank model'
);

select tests.as_anon();
select tests.forbidden('select from ai.model_profiles', 'permission denied for table model_profiles', 'nothing for anon');
select tests.authenticate_as('ada');
select tests.forbidden(
  'insert into ai.model_profiles (name, provider_id, model) select ''p'', id, ''m'' from ai.providers',
  'Only admins write to ai.model_profiles.', 'a user adds none'
);
select tests.authenticate_as('root');
select lives_ok(pg_temp.insertion(', temperature, max_tokens, system_prompt', ', 0, 100, ''Be brief.'''), 'an admin adds one');
select results_eq(
  'select temperature, max_tokens, system_prompt, is_canonical, canonical_revision, canonical_equivalent_id, disabled from ai.model_profiles',
  $$values (0::numeric, 100, 'Be brief.', false, null::integer, null::uuid, false)$$, 'it reads it back'
);
select tests.violates(pg_temp.insertion(), 'model_profiles_name_key', 'a name is given once');
select tests.violates(
  'update ai.model_profiles set canonical_equivalent_id = id', 'a_profile_is_not_its_own_equivalent', 'it is not its own counterpart'
);
select tests.violates('delete from ai.providers', 'model_profiles_provider_id_fkey', 'a provider with profiles stays');
insert into ai.model_profiles (name, provider_id, model, is_canonical, canonical_revision, canonical_equivalent_id)
select 'canonical', p.provider_id, p.model, true, 2, p.id from ai.model_profiles as p;

select tests.authenticate_as('ada');
select is_empty('select name from ai.model_profiles', 'a user sees none');
select tests.refused('update ai.model_profiles set disabled = true', 'not_allowed', '42501', 'changes none');
select tests.refused('delete from ai.model_profiles', 'not_allowed', '42501', 'deletes none');
select tests.refused('update ai.providers set is_active = false', 'not_allowed', '42501', 'nor a provider, which a user may read');
select tests.authenticate_as('root');
select results_eq($$delete from ai.model_profiles where name = 'p' returning name$$, $$values ('p')$$, 'an admin deletes one');
select results_eq(
  'select name, canonical_equivalent_id from ai.model_profiles', $$values ('canonical', null::uuid)$$, 'its counterpart stays'
);

select * from finish();
rollback;
