begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_user('ada');
select results_eq(
  $$select c.name, c.type from tests.columns as c where c.relation = 'compat.providers'::regclass order by c.position$$,
  $$
  values
  ('id', 'uuid'), ('key', 'text'), ('name', 'text'), ('contract', 'ai.provider_contract_enum'),
  ('base_url', 'text'), ('auth_scheme', 'ai.auth_scheme_enum'), ('modality', 'text'),
  ('is_active', 'boolean'), ('is_canonical', 'boolean'), ('canonical_revision', 'integer'),
  ('canonical_equivalent_id', 'uuid'), ('created_at', 'timestamp with time zone'), ('updated_at', 'timestamp with time zone')
  $$,
  'the columns'
);
select tests.authenticate_as(tests.make_admin('root'));
select results_eq(
  $$insert into compat.providers (key, name) values ('acme', 'Acme') returning modality, contract::text, is_canonical$$,
  $$values ('chat', null, false)$$, 'modality is chat unless told'
);
select lives_ok(
  $$
  insert into compat.providers (key, name, is_canonical, canonical_revision, canonical_equivalent_id)
  select 'acme-catalogue', 'Acme', true, 3, p.id from compat.providers as p where p.key = 'acme'
  $$,
  'a canonical row has a revision and its counterpart'
);
select is(
  tests.error_of($$update compat.providers set contract = 'gopher' where key = 'acme'$$) ->> 'code', '22P02',
  'the contracts are a closed list'
);
select tests.authenticate_as('ada');
select tests.refused('update compat.providers set is_active = false', 'not_allowed', '42501', 'a user changes none');
select tests.as_anon();
select results_eq(
  'select key from compat.providers order by 1', $$values ('acme'), ('acme-catalogue')$$, 'anon reads, as from ai.providers'
);
select tests.forbidden('delete from compat.providers', 'permission denied for view providers', 'and nothing else');

select * from finish();
rollback;
