begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.freeze_clock('2026-03-01Z');
select tests.as_service();
create temporary table runs as
select
  '{
    "llm_providers": [
      {"id": "11111111-1111-4111-8111-111111111111", "provider_key": "nimbus", "provider_name": "Nimbus"},
      {"id": "22222222-2222-4222-8222-222222222222", "provider_key": "No Key", "provider_name": "Bad"}
    ],
    "llm_models": [
      {
        "id": "aaaaaaaa-0000-4000-8000-000000000001", "provider_id": "11111111-1111-4111-8111-111111111111",
        "model_key": "a", "model_name": "A", "pricing": {"input_per_1m": "0.15"}, "colour": "red", "mood": null
      },
      "{\"provider_id\": \"11111111-1111-4111-8111-111111111111\", \"model_key\": \"b\", \"model_name\": \"B\", \"pricing\": {\"input_per_1m\": 0.12345678901234567890123}}",
      {
        "provider_id": "11111111-1111-4111-8111-111111111111", "model_key": "c", "model_name": "C",
        "pricing": {"input_per_1m": 1, "per_smile": 1}
      },
      {"provider_id": "22222222-2222-4222-8222-222222222222", "model_key": "d", "model_name": "D"},
      {
        "provider_id": "11111111-1111-4111-8111-111111111111", "model_key": "e", "model_name": "E",
        "status": "inactive", "deleted_at": "2026-01-01T00:00:00"
      }
    ]
  }'::jsonb as tables,
  null::jsonb as report;
update runs set report = compat.adopt('llm_models', tables);

select is(
  report -> 'tables',
  '{
    "llm_providers": {"read": 2, "added": 1, "changed": 0, "unchanged": 0, "refused": 1},
    "llm_models": {"read": 5, "added": 2, "changed": 0, "unchanged": 0, "refused": 3}
  }',
  'every row is counted once'
)
from runs;
select results_eq(
  $$
  select concat_ws(' ', r ->> 'table', r ->> 'key'), coalesce(r ->> 'error', r ->> 'code'), r ->> 'message'
  from runs cross join jsonb_array_elements(report -> 'refused') as r
  $$,
  $$
  values
  ('llm_providers No Key', '23514', 'new row for relation "providers" violates check constraint "key_is_a_machine_key"'),
  ('llm_models nimbus c', 'unknown_meter', 'The price key "per_smile" means no meter.'),
  ('llm_models No Key d', 'unknown_provider', 'Its provider No Key is not here.'),
  ('llm_models nimbus e', 'invalid_argument', 'It would not read back as it was: status.')
  $$,
  'each that is not copied has its reason, and nothing of it stays'
);
select is(report -> 'unmapped', '{"llm_models.colour": 1}', 'a value without a place is reported') from runs;
select results_eq(
  $$
  select m.model_key::text, m.model_name::text, m.id = 'aaaaaaaa-0000-4000-8000-000000000001', m.pricing ->> 'input_per_1m'
  from compat.llm_models as m inner join compat.llm_providers as p on p.id = m.provider_id
  where p.provider_key = 'nimbus' order by m.model_key
  $$,
  $$values ('a', 'A', true, '0.15'), ('b', 'B', false, '0.12345678901234567890123')$$,
  'the others are here, with their ids and all digits'
);

create temporary table was as
select count(*) as prices, (select max(m.updated_at) from ai.models as m) as changed from ai.model_pricing;
select tests.reset_role();
select tests.freeze_clock('2026-03-02Z');
select tests.as_service();
select is(
  compat.adopt('llm_models', tables) -> 'tables' -> 'llm_models',
  '{"read": 5, "added": 0, "changed": 0, "unchanged": 2, "refused": 3}', 'the same rows again change nothing'
)
from runs;
select results_eq(
  'select count(*), (select max(m.updated_at) from ai.models as m) from ai.model_pricing as p', 'select * from was',
  'and write nothing'
);
select is(
  compat.adopt(
    'llm_models', jsonb_set(tables, '{llm_models,0,pricing,input_per_1m}', '0.2')
  ) -> 'tables' -> 'llm_models',
  '{"read": 5, "added": 0, "changed": 1, "unchanged": 1, "refused": 3}', 'a row that is another by now changes here'
)
from runs;
select results_eq(
  $$
  select p.price_per_unit::text, p.effective_from
  from ai.model_pricing as p
  where p.model_id = 'aaaaaaaa-0000-4000-8000-000000000001' order by p.effective_from
  $$,
  $$values ('0.00000015', '2026-03-01Z'::timestamptz), ('0.0000002', '2026-03-02Z')$$,
  'by one more price row'
);
select is(
  compat.adopt(
    'llm_models', jsonb_set(tables, '{llm_models,0,id}', '"aaaaaaaa-0000-4000-8000-00000000000f"')
  ) -> 'ids',
  '[{"table": "llm_models", "old": "aaaaaaaa-0000-4000-8000-00000000000f", "here": "aaaaaaaa-0000-4000-8000-000000000001"}]',
  'a row that is here under another id keeps it, and that is reported'
)
from runs;

select * from finish();
rollback;
