begin;
set local search_path = tap, pg_catalog;
select plan(7);
create temporary table feed as
select '[{
  "provider": "nimbus", "provider_model_key": "cirrus", "name": "Cirrus", "aliases": ["cirrus-1"],
  "prices": [{"meter": "input", "price": "0.001"}, {"meter": "output", "price": "0.002"}]
}]'::jsonb as models;

select ai.import_catalogue('litellm', models) from feed;
select results_eq(
  $$
  select h.table_name, count(*), count(distinct h.transaction_id)
  from lensers.audit_history as h
  where h.transaction_id = pg_current_xact_id() group by 1 order by 1
  $$,
  $$
  values
  ('ai.model_aliases', 1::bigint, 1::bigint), ('ai.model_pricing', 2, 1), ('ai.models', 1, 1), ('ai.providers', 1, 1)
  $$,
  'the import is in the history, row by row'
);

select tests.make_model('cirrus');
select tests.make_price('cirrus', 'input', 5);
select ai.merge_models('nimbus/cirrus', 'cirrus');
select is((select key from ai.find_model('cirrus-1')), 'cirrus', 'merged');
select is(
  ai.import_catalogue('litellm', models) - '{source,dry_run,unmapped,held,pinned,skipped,own_prices}'::text[],
  '{
    "providers": {"added": 0}, "aliases": {"added": 0, "removed": 0, "taken": 0}, "taken": [],
    "models": {"added": 0, "changed": 0, "removed": 0, "repriced": 0, "unchanged": 1},
    "prices": {"added": 0, "changed": 0, "unchanged": 2, "withdrawn": 0}
  }'::jsonb,
  'the next import finds the duplicate where it was and makes no other'
) from feed;
select tests.as_anon();
select is((select key from ai.find_model(name)), 'cirrus', name || ' goes on leading to the one that stays')
from (values ('cirrus-1'), ('nimbus/cirrus')) as n (name);
select is((select price_per_unit from ai.prices_in_force('nimbus/cirrus')), 5::numeric, 'and to its price');
select tests.refused(
  format('select ai.find_model(%L)', tests.model_id('nimbus/cirrus')), 'unknown_model', 'PT404',
  'by its id the deleted row is not to be found'
);

select * from finish();
rollback;
