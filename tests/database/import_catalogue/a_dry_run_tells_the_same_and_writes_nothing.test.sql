begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.freeze_clock('2026-03-01T00:00:00Z');
create temporary table runs as
select
  '[
    {"provider": "nimbus", "provider_model_key": "a", "name": "A", "aliases": ["a", "x"], "prices": [{"meter": "input", "price": "1"}]},
    {"provider": "nimbus", "provider_model_key": "b", "name": "B", "aliases": ["b", "x"], "unmapped": ["odd"]}
  ]'::jsonb as feed,
  null::jsonb as dry,
  (select count(*) from ai.models) + (select count(*) from ai.providers) as was;
update runs set dry = ai.import_catalogue('litellm', feed, dry_run => true);

select is((select dry ->> 'dry_run' from runs), 'true', 'it says that it is dry');
select is(
  (select count(*) from ai.models) + (select count(*) from ai.providers), (select was from runs), 'nothing was written'
);
select is(
  (select ai.import_catalogue('litellm', feed) - 'dry_run' from runs), (select dry - 'dry_run' from runs),
  'the real run reports the same'
);

select * from finish();
rollback;
