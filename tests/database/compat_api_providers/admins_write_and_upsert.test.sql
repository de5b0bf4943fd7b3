begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.make_user('ada');
select tests.make_admin('root');
select results_eq(
  $$select c.name, c.type from tests.columns as c where c.relation = 'compat.api_providers'::regclass order by c.position$$,
  $$
  values
  ('id', 'uuid'), ('name', 'text'), ('display_name', 'text'), ('base_url', 'text'),
  ('auth_scheme', 'ai.auth_scheme_enum'), ('is_active', 'boolean'), ('created_at', 'timestamp with time zone'),
  ('updated_at', 'timestamp with time zone')
  $$,
  'the columns'
);
create function pg_temp.upsertion(p_name text) returns text language sql as $$
  select format(
    'insert into compat.api_providers (name, display_name) values (''replicate'', %L)
    on conflict (name) do update set display_name = excluded.display_name returning display_name, auth_scheme::text, is_active',
    p_name
  )
$$;
select tests.authenticate_as('root');
select results_eq(pg_temp.upsertion('R'), $$values ('R', 'bearer', true)$$, 'an admin adds one, with the defaults');
select results_eq(pg_temp.upsertion('Replicate'), $$values ('Replicate', 'bearer', true)$$, 'and changes it by upsert');
select is(
  tests.error_of($$insert into compat.api_providers (name, display_name) values ('acme', null)$$) ->> 'code', '23502',
  'a name to show must be there'
);
select tests.violates(
  $$insert into compat.api_providers (name, display_name) values ('Big Corp', 'B')$$, 'key_is_a_machine_key',
  'a name is a machine key'
);

select tests.authenticate_as('ada');
select results_eq('select name from compat.api_providers', $$values ('replicate')$$, 'a user reads');
select tests.refused(pg_temp.upsertion('Mine'), 'not_allowed', '42501', 'but does not upsert');
select tests.forbidden(
  $$insert into compat.api_providers (name, display_name) values ('mine', 'M')$$,
  'Only admins write to ai.providers.', 'nor insert'
);
select tests.refused('update compat.api_providers set is_active = false', 'not_allowed', '42501', 'nor update');
select tests.refused('delete from compat.api_providers', 'not_allowed', '42501', 'nor delete');
select tests.as_anon();
select tests.forbidden('select from compat.api_providers', 'permission denied for view api_providers', 'nothing for anon');
select tests.as_service();
select results_eq(
  'delete from compat.api_providers returning name', $$values ('replicate')$$, 'the service role deletes one without models'
);

select * from finish();
rollback;
