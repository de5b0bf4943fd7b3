begin;
set local search_path = tap, pg_catalog;
select plan(15);

select tests.make_user('ada');
select results_eq(
  $$
  select c.name, c.type, c.default_value
  from tests.columns as c where c.relation = 'compat.providers'::regclass order by c.position
  $$,
  $$
  values
  ('id', 'uuid', 'gen_random_uuid()'), ('name', 'text', null), ('contract', 'ai.provider_contract_enum', null),
  ('base_url', 'text', null), ('auth', 'jsonb', null), ('is_canonical', 'boolean', 'false'),
  ('canonical_revision', 'integer', null), ('canonical_equivalent_id', 'uuid', null), ('disabled', 'boolean', 'false'),
  ('modality', 'text', '''chat''::text'), ('created_at', 'timestamp with time zone', 'ratebook.clock()'),
  ('updated_at', 'timestamp with time zone', 'ratebook.clock()')
  $$,
  'the columns of the source'
);
select tests.authenticate_as(tests.make_admin('root'));
select results_eq(
  $$insert into compat.providers (name) values ('acme') returning modality, contract::text, is_canonical, disabled, auth$$,
  $$values ('chat', null, false, false, null::jsonb)$$, 'modality is chat unless told'
);
select results_eq(
  $$select key, name, is_active from ai.providers$$, $$values ('acme', 'acme', true)$$, 'its name is the key of the core'
);
select lives_ok(
  $$
  insert into compat.providers (name, disabled, is_canonical, canonical_revision, canonical_equivalent_id)
  select 'acme-catalogue', true, true, 3, p.id from compat.providers as p where p.name = 'acme'
  $$,
  'a canonical row has a revision and its counterpart'
);
select results_eq(
  $$select is_active from ai.providers where key = 'acme-catalogue'$$, $$values (false)$$, 'disabled is not active'
);
select tests.violates(
  $$insert into compat.providers (name) values ('acme')$$, 'providers_key_key', 'a name is there once'
);
select results_eq(
  $$
  update compat.providers set disabled = false, base_url = 'https://a' where name = 'acme-catalogue'
  returning disabled, base_url, canonical_revision
  $$,
  $$values (false, 'https://a', 3)$$, 'what a write does not name stays'
);
select is(
  tests.error_of($$update compat.providers set contract = 'gopher' where name = 'acme'$$) ->> 'code', '22P02',
  'the contracts are a closed list'
);
select is(
  tests.error_of($$update compat.providers set disabled = null where name = 'acme'$$) #>> '{detail,column}', 'disabled',
  'NULL is refused by name'
);
select tests.authenticate_as('ada');
select tests.refused('update compat.providers set disabled = true', 'not_allowed', '42501', 'a user changes none');
select tests.refused($$insert into compat.providers (name) values ('mine')$$, 'not_allowed', '42501', 'nor makes one');
select tests.as_anon();
select results_eq(
  'select name from compat.providers order by 1', $$values ('acme'), ('acme-catalogue')$$, 'anon reads, as from ai.providers'
);
select tests.forbidden('delete from compat.providers', 'permission denied for view providers', 'and nothing else');
select tests.authenticate_as('root');
select results_eq(
  $$delete from compat.providers where name = 'acme-catalogue' returning name$$, $$values ('acme-catalogue')$$,
  'an admin deletes'
);
select results_eq('select key from ai.providers', $$values ('acme')$$, 'and it is gone');

select * from finish();
rollback;
