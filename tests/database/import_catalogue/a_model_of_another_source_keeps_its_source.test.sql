begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.make_model('cirrus', 'nimbus');
update ai.models set provider_model_key = 'cirrus-2', context_window = 1000 where key = 'cirrus';
select tests.make_price('cirrus', 'input', 7);

select is(
  ai.import_catalogue('litellm', '[{
    "provider": "nimbus", "provider_model_key": "cirrus-2", "name": "Cirrus 2", "aliases": ["nimbus/cirrus-2"],
    "attributes": {"context_window": 2000}, "prices": [{"meter": "input", "price": "5"}]
  }]') -> 'models',
  '{"added": 0, "changed": 1, "repriced": 1, "unchanged": 0, "removed": 0}'::jsonb,
  'models match by provider and its own key for them'
);
select results_eq(
  $$ select name, price_source, context_window from ai.models where key = 'cirrus' $$,
  $$ values ('Cirrus', 'manual', 1000) $$,
  'a model that another source prices stays as it is'
);
select results_eq(
  $$ select source, price_per_unit from ai.prices_in_force('nimbus/cirrus-2') $$,
  $$ values ('manual', 7::numeric) $$, 'its own source prices it'
);
update ai.models set price_source = 'litellm' where key = 'cirrus';
select results_eq(
  $$ select source, price_per_unit from ai.prices_in_force('cirrus') $$,
  $$ values ('litellm', 5::numeric) $$, 'until it is told to use the other'
);
select is(
  ai.import_catalogue('litellm', '[{"provider": "nimbus", "provider_model_key": "other", "name": "Other"}]')
  #> '{prices,withdrawn}', '1'::jsonb, 'an import withdraws prices of its own source only'
);

select * from finish();
rollback;
