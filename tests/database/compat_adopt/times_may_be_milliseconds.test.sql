begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.freeze_clock('2026-03-01Z');
select tests.as_service();
-- A database as the source describes it, with text for JSON, 0 and 1 for booleans. 1767225600000 is 2026-01-01T00:00:00Z.
create temporary table runs as
select
  '{
    "providers": [
      {
        "id": "p1", "name": "acme", "contract": "anthropic_messages", "base_url": "https://a", "modality": "chat",
        "auth": "{\"type\": \"api_key\", \"credential\": \"acme_key\"}", "is_canonical": 1, "canonical_revision": 2,
        "canonical_equivalent_id": null, "disabled": 0, "created_at": 1767225600123, "updated_at": 1767225600123
      },
      {"id": "p2", "name": "late", "created_at": 1767225600, "updated_at": 1767225600}
    ],
    "model_profiles": [
      {"name": "by id", "provider": "p1", "model": "m", "created_at": "1767225600000"},
      {"name": "by name", "provider": "acme", "model": "m", "created_at": 1767225600000.5}
    ],
    "rate_cards": [
      {
        "id": "c1", "provider_id": "p1", "provider": "acme", "model": "m", "input_cost_per_1m": 3, "output_cost_per_1m": 15,
        "cache_write_cost_per_1m": null, "cache_read_cost_per_1m": 0.3, "currency": "USD",
        "effective_from": 1767225600000, "source": "list", "created_at": 1767225600000
      },
      {"provider": "acme", "model": "m", "input_cost_per_1m": 2, "output_cost_per_1m": 15, "effective_from": 0},
      {"provider": "acme", "model": "m", "input_cost_per_1m": 2, "output_cost_per_1m": 15, "effective_from": 1767225600000000},
      {
        "provider_id": "gone", "provider": "acme", "model": "m", "input_cost_per_1m": 4, "output_cost_per_1m": 15,
        "effective_from": "2026-02-01T00:00:00Z"
      }
    ]
  }'::jsonb as tables,
  null::jsonb as report;
update runs set report = compat.adopt('rate_cards', tables);

select results_eq(
  $$
  select r ->> 'key', r ->> 'error', r ->> 'code', r ->> 'message', r ->> 'hint'
  from runs cross join jsonb_array_elements(report -> 'refused') as r
  $$,
  $$
  values
  (
    'late', 'invalid_time', 'PT422', '"created_at" is 1767225600, which is no time in milliseconds since 1970.',
    'From 946684800000 (the year 2000) to 4102444800000 (2100), or a time as text.'
  ),
  (
    'acme m 1767225600000000', 'invalid_time', 'PT422',
    '"effective_from" is 1767225600000000, which is no time in milliseconds since 1970.',
    'From 946684800000 (the year 2000) to 4102444800000 (2100), or a time as text.'
  )
  $$,
  'seconds and microseconds are refused by name: no unit is guessed'
);
select results_eq(
  'select report -> ''tables'', report -> ''unmapped'' from runs',
  $$
  values (
    '{
      "providers": {"read": 2, "added": 1, "changed": 0, "unchanged": 0, "refused": 1},
      "model_profiles": {"read": 2, "added": 2, "changed": 0, "unchanged": 0, "refused": 0},
      "rate_cards": {"read": 4, "added": 3, "changed": 0, "unchanged": 0, "refused": 1}
    }'::jsonb,
    '{}'::jsonb
  )
  $$,
  'the others are copied, and everything has a place'
);
select results_eq(
  'select name, contract::text, auth, is_canonical, disabled, created_at from compat.providers',
  $$
  values (
    'acme', 'anthropic_messages', '{"type": "api_key", "credential": "acme_key"}'::jsonb, true, false,
    '2026-01-01T00:00:00.123Z'::timestamptz
  )
  $$,
  'a provider'
);
select results_eq(
  'select f.name, p.name, f.created_at from compat.model_profiles as f inner join compat.providers as p on p.id = f.provider_id order by 1',
  $$values ('by id', 'acme', '2026-01-01Z'::timestamptz), ('by name', 'acme', '2026-01-01T00:00:00.0005Z')$$,
  'profiles, whose foreign key is called provider'
);
select results_eq(
  'select input_cost_per_1m, cache_read_cost_per_1m, effective_from from compat.rate_cards order by effective_from',
  $$
  values
  (2::numeric, null::numeric, '1970-01-01Z'::timestamptz), (3, 0.3, '2026-01-01Z'), (4, null, '2026-02-01Z')
  $$,
  'cards, one of them since ever'
);
select results_eq(
  $$select i ->> 'table', i ->> 'old', i ->> 'here' = p.id::text from runs cross join jsonb_array_elements(report -> 'ids') as i cross join compat.providers as p where i ->> 'table' = 'providers'$$,
  $$values ('providers', 'p1', true)$$, 'an id that is no UUID gets one, and both are told'
);
select is(
  compat.adopt('rate_cards', tables) -> 'tables',
  '{
    "providers": {"read": 2, "added": 0, "changed": 0, "unchanged": 1, "refused": 1},
    "model_profiles": {"read": 2, "added": 0, "changed": 0, "unchanged": 2, "refused": 0},
    "rate_cards": {"read": 4, "added": 0, "changed": 0, "unchanged": 3, "refused": 1}
  }',
  'the same again changes nothing'
)
from runs;

select * from finish();
rollback;
