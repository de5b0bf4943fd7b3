begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.make_model('nimbus/cirrus', 'acme');
select tests.make_model('stratus', 'acme');
insert into ai.model_aliases (alias, model_id) values ('strat', tests.model_id('stratus'));

select is(
  ai.import_catalogue('litellm', '[
    {"provider": "nimbus", "provider_model_key": "cirrus", "name": "Cirrus", "aliases": ["nimbus/cirrus", "cirrus-1", "both"]},
    {"provider": "nimbus", "provider_model_key": "stratus", "name": "Stratus", "aliases": ["stratus", "strat", "both"]}
  ]') -> 'aliases',
  '{"added": 1, "removed": 0, "taken": 5}'::jsonb, 'one name is free'
);
select is((select m.key from ai.find_model('cirrus-1') as m), 'nimbus/cirrus@litellm', 'a taken key gets the source at its end');
select is((select m.key from ai.find_model('nimbus/cirrus') as m), 'nimbus/cirrus', 'a key goes on meaning its model');
select is((select m.key from ai.find_model('strat') as m), 'stratus', 'an alias too');
select tests.refused($$ select ai.find_model('both') $$, 'unknown_model', 'PT404', 'a name that two models claim is no name');

select * from finish();
rollback;
