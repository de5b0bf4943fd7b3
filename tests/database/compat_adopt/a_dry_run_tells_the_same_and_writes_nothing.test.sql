begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.freeze_clock('2026-03-01Z');
select tests.as_service();
create temporary table runs as
select
  '{
    "providers": [
      {"id": "11111111-1111-4111-8111-111111111111", "name": "x", "canonical_equivalent_id": "22222222-2222-4222-8222-222222222222"},
      {"id": "22222222-2222-4222-8222-222222222222", "name": "y", "canonical_equivalent_id": "11111111-1111-4111-8111-111111111111"}
    ],
    "model_profiles": [{"name": "brief", "provider_id": "22222222-2222-4222-8222-222222222222", "model": "m"}],
    "rate_cards": [
      {"provider": "z", "model": "m", "input_cost_per_1m": 4, "output_cost_per_1m": 2, "effective_from": "2026-02-01Z"},
      {"provider": "z", "model": "m", "input_cost_per_1m": 3, "output_cost_per_1m": 2, "effective_from": "2026-01-01Z"}
    ]
  }'::jsonb as tables,
  null::jsonb as dry,
  (select count(*) from ai.models) + (select count(*) from ai.providers) + (select count(*) from ai.model_profiles) as was;
update runs set dry = compat.adopt('rate_cards', tables, dry_run => true);

select is(dry ->> 'dry_run', 'true', 'it says that it is dry') from runs;
select is(
  (select count(*) from ai.models) + (select count(*) from ai.providers) + (select count(*) from ai.model_profiles), was,
  'nothing was written'
)
from runs;
select is(compat.adopt('rate_cards', tables) - 'dry_run', dry - 'dry_run', 'the real run reports the same') from runs;
select is(
  dry - 'system' - 'dry_run',
  '{
    "tables": {
      "providers": {"read": 2, "added": 2, "changed": 0, "unchanged": 0, "refused": 0},
      "model_profiles": {"read": 1, "added": 1, "changed": 0, "unchanged": 0, "refused": 0},
      "rate_cards": {"read": 2, "added": 2, "changed": 0, "unchanged": 0, "refused": 0}
    },
    "made": ["provider z", "model z/m"], "refused": [], "unmapped": {}, "ids": []
  }',
  'rows that name each other, and what had to be made'
)
from runs;
select results_eq(
  $$
  select p.name, e.name from compat.providers as p inner join compat.providers as e on e.id = p.canonical_equivalent_id
  order by p.name
  $$,
  $$values ('x', 'y'), ('y', 'x')$$,
  'each names the other'
);

select * from finish();
rollback;
