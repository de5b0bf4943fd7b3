begin;
set local search_path = tap, pg_catalog;
select plan(14);

select tests.violates(
  format($$insert into ai.providers (key, name) values (%L, 'P')$$, k.key), 'key_is_a_machine_key', 'no key: ' || k.key
)
from (values (''), ('Acme'), ('ac me'), ('-acme'), (repeat('a', 101)), (E'acme\n')) as k (key);
select lives_ok(
  format($$insert into ai.providers (key, name) values (%L, 'P')$$, k.key), 'a key: ' || k.key
)
from (values ('acme'), ('a'), ('0x.ai_eu-1'), (repeat('a', 100))) as k (key);
select tests.violates(
  $$insert into ai.providers (key, name) values ('acme', 'P')$$, 'providers_key_key', 'a key names one provider'
);
select tests.violates(
  $$insert into ai.providers (key, name) values ('blank', ' ')$$, 'name_is_not_blank', 'a blank name'
);
select tests.violates(
  'update ai.providers set canonical_equivalent_id = id', 'a_provider_is_not_its_own_equivalent', 'its own counterpart'
);
select results_eq(
  $$
  insert into ai.providers (key, name) values ('plain', 'Plain')
  returning is_active, contract, auth_scheme, modality, is_canonical
  $$,
  $$values (true, null::ai.provider_contract_enum, 'bearer'::ai.auth_scheme_enum, 'chat', false)$$,
  'what is left out'
);

select * from finish();
rollback;
