begin;
set local search_path = tap, pg_catalog;
select plan(6);

create temporary table feeds (two jsonb, one jsonb);
insert into feeds
select jsonb_build_array(m.a, m.b), jsonb_build_array(m.a)
from (select
  '{"provider": "nimbus", "provider_model_key": "a", "name": "A", "prices": [{"meter": "input", "price": "1"}]}'::jsonb as a,
  '{"provider": "nimbus", "provider_model_key": "b", "name": "B", "prices": [{"meter": "input", "price": "1"}]}'::jsonb as b
) as m;

select lives_ok($$ select ai.import_catalogue('litellm', two) from feeds $$, 'two models');
select is(
  (select ai.import_catalogue('litellm', one) from feeds) - '{unmapped,aliases,providers,held,pinned,skipped,taken,own_prices}'::text[],
  '{
    "source": "litellm", "dry_run": false,
    "models": {"added": 0, "changed": 0, "repriced": 0, "unchanged": 1, "removed": 1},
    "prices": {"added": 0, "changed": 0, "unchanged": 1, "withdrawn": 1}
  }'::jsonb, 'one is gone'
);
select results_eq(
  $$ select status::text, deleted_at, (select count(*) from ai.prices_in_force('nimbus/b')) from ai.models where key = 'nimbus/b' $$,
  $$ values ('retired', null::timestamptz, 0::bigint) $$, 'it is marked and not deleted, and its prices are withdrawn'
);
select is(
  (select ai.import_catalogue('litellm', one) from feeds) #>> '{models,removed}', '0', 'it is marked once'
);
select is(
  (select ai.import_catalogue('litellm', two) from feeds) -> 'prices',
  '{"added": 1, "changed": 0, "unchanged": 1, "withdrawn": 0}'::jsonb, 'it comes back'
);
select results_eq(
  $$ select status::text, metadata, (select count(*) from ai.prices_in_force('nimbus/b')) from ai.models where key = 'nimbus/b' $$,
  $$ values ('active', '{"catalogue": "litellm"}'::jsonb, 1::bigint) $$, 'active, with a price'
);

select * from finish();
rollback;
