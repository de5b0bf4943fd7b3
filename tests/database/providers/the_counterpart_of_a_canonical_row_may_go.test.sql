begin;
set local search_path = tap, pg_catalog;
select plan(1);

select tests.make_provider('own');
select tests.make_provider('canonical');
update ai.providers
set canonical_equivalent_id = (select id from ai.providers where key = 'own'), is_canonical = true, canonical_revision = 3
where key = 'canonical';
delete from ai.providers where key = 'own';
select results_eq(
  'select key, canonical_revision, canonical_equivalent_id from ai.providers',
  $$values ('canonical', 3, null::uuid)$$, 'the canonical row stays, unpaired'
);

select * from finish();
rollback;
