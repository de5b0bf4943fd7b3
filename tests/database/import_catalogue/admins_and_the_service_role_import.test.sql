begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_admin('root');
select tests.make_user('ada');
create function pg_temp.import(p_key text) returns text language sql as $$
  select ai.import_catalogue('litellm', jsonb_build_array(jsonb_build_object(
    'provider', 'nimbus', 'provider_model_key', p_key, 'name', p_key,
    'prices', '[{"meter": "input", "price": "0.001"}]'::jsonb
  ))) #>> '{models,added}'
$$;

select tests.as_anon();
select tests.forbidden($$ select ai.import_catalogue('litellm', '[]') $$, 'permission denied for function import_catalogue', 'not a visitor');
select tests.authenticate_as('ada');
select tests.refused($$ select pg_temp.import('a') $$, 'not_allowed', '42501', 'not somebody signed in');
select tests.authenticate_as(gen_random_uuid());
select tests.refused($$ select pg_temp.import('a') $$, 'not_allowed', '42501', 'nor a stranger');
select tests.as_service();
select is(pg_temp.import('a'), '1', 'a backend does');
select tests.authenticate_as('root');
select is(pg_temp.import('b'), '1', 'and an admin');
select results_eq(
  $$
  select h.table_name, h.operation, h.subject, h.role from lensers.audit_history as h
  where h.id > (select max(o.id) from lensers.audit_history as o where o.role = 'service_role' or o.subject is null)
  group by 1, 2, 3, 4 order by 1, 2
  $$,
  format(
    $$
    values
    ('ai.model_pricing', 'INSERT', %1$L::uuid, 'authenticated'),
    ('ai.models', 'INSERT', %1$L, 'authenticated'), ('ai.models', 'UPDATE', %1$L, 'authenticated')
    $$, tests.user_id('root')
  ),
  'whom the audit history names for each row'
);
select is(
  (select ai.created_by(p) from ai.model_pricing as p where p.model_id = tests.model_id('nimbus/b')), tests.user_id('root'),
  'as the price does'
);

select * from finish();
rollback;
