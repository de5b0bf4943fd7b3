begin;
set local search_path = tap, pg_catalog;
select plan(6);

select results_eq(
  $$select name, type from tests.columns where relation = 'compat.llm_providers'::regclass order by position$$,
  $$
  values
  ('id', 'uuid'), ('provider_key', 'text'), ('provider_name', 'text'), ('api_base_url', 'text'),
  ('is_active', 'boolean'), ('created_at', 'timestamp with time zone'), ('updated_at', 'timestamp with time zone')
  $$,
  'its columns'
);
select tests.as_service();
insert into compat.llm_providers (provider_key, provider_name) values ('acme', 'Acme')
on conflict (provider_key) do nothing;
insert into compat.llm_providers (provider_key, provider_name, api_base_url) values ('acme', 'Acme Inc.', 'https://acme.test')
on conflict (provider_key) do update set provider_name = excluded.provider_name, api_base_url = excluded.api_base_url;
select results_eq(
  'select key, name, api_url, is_active from ai.providers',
  $$values ('acme', 'Acme Inc.', 'https://acme.test', true)$$,
  'written directly, upsert included, with the defaults of the table'
);
select tests.as_anon();
select is((select count(*) from compat.llm_providers), 1::bigint, 'anon reads');
select tests.forbidden('delete from compat.llm_providers', 'permission denied for view llm_providers', 'and no more');
select tests.authenticate_as('ada');
select is((select count(*) from compat.llm_providers), 1::bigint, 'signed-in users read');
select tests.forbidden(
  'update compat.llm_providers set is_active = false', 'permission denied for view llm_providers', 'and no more'
);

select * from finish();
rollback;
