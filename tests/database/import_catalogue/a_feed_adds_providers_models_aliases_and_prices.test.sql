begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.freeze_clock('2026-03-01T00:00:00Z');

select is(
  ai.import_catalogue('litellm', '[{
    "provider": "nimbus", "provider_name": "Nimbus Labs", "provider_model_key": "cirrus-2", "name": "Cirrus 2",
    "aliases": ["nimbus/cirrus-2", "cirrus-2"],
    "attributes": {
      "modality": "image", "task": "edit", "capabilities": ["image_generation"], "supports": ["vision"],
      "context_window": 8000, "max_tokens": 1000, "deprecation_date": "2027-01-31"
    },
    "prices": [
      {"meter": "input", "price": "0.000002"},
      {"meter": "input", "price": "0.000004", "context_threshold": 200000, "threshold_inclusive": true},
      {"meter": "input", "price": "0.0000005", "service_tier": "batch", "variant": "hd", "region": "eu"},
      {"meter": "input", "price": 1e-7, "window_start": "16:30", "window_end": "00:30", "window_days": 31,
       "window_time_zone": "Asia/Shanghai"},
      {"meter": "image", "price": "0.04", "tier_mode": "whole_request"}
    ],
    "unmapped": ["cost_per_smile", "cost_per_smile"]
  }]'),
  '{
    "source": "litellm", "dry_run": false, "providers": {"added": 1},
    "models": {"added": 1, "changed": 0, "repriced": 0, "unchanged": 0, "removed": 0},
    "aliases": {"added": 1, "removed": 0, "taken": 0},
    "prices": {"added": 5, "changed": 0, "unchanged": 0, "withdrawn": 0},
    "unmapped": {"cost_per_smile": 2},
    "held": [], "pinned": [], "skipped": [], "taken": [], "own_prices": []
  }'::jsonb,
  'the report counts what was added and what could not be mapped'
);
select results_eq(
  $$
  select m.key, m.name, p.name, p.is_canonical, m.provider::text, m.modality, m.task, m.price_source,
    m.supports, m.context_window, m.max_tokens, m.deprecation_date, m.priority
  from ai.models as m inner join ai.providers as p on p.id = m.provider_id
  where m.provider_model_key = 'cirrus-2'
  $$,
  $$ values ('nimbus/cirrus-2', 'Cirrus 2', 'Nimbus Labs', true, 'other', 'image', 'edit', 'litellm',
    '{vision}'::text[], 8000, 1000, '2027-01-31'::date, 1000) $$,
  'the model is called provider/model and has what the feed says of it; it comes behind what people have put in order'
);
select is(
  (select m.key from ai.find_model('cirrus-2') as m), 'nimbus/cirrus-2', 'its other names resolve'
);
select results_eq(
  $$
  select price_per_unit::text, service_tier, variant, region, context_threshold, threshold_inclusive
  from ai.model_pricing where model_id = tests.model_id('nimbus/cirrus-2') and meter = 'input' and window_start is null
  order by price_per_unit desc
  $$,
  $$ values
    ('0.000004', 'standard', null::text, null::text, 200000::bigint, true),
    ('0.000002', 'standard', null, null, null, false),
    ('0.0000005', 'batch', 'hd', 'eu', null, false) $$,
  'tiers, thresholds, variants and regions are kept'
);
select results_eq(
  $$
  select price_per_unit::text, window_start::text, window_end::text, window_days, window_time_zone
  from ai.model_pricing where model_id = tests.model_id('nimbus/cirrus-2') and window_start is not null
  $$,
  $$ values ('0.0000001', '16:30:00', '00:30:00', 31, 'Asia/Shanghai') $$,
  'windows are kept, and a price may be a number'
);
select set_eq(
  $$ select distinct unit_type::text, effective_from, source, revision, withdrawn from ai.model_pricing
     where model_id = tests.model_id('nimbus/cirrus-2') $$,
  $$ values
    ('tokens', '2020-01-01T00:00:00Z'::timestamptz, 'litellm', 0, false),
    ('image', '2020-01-01T00:00:00Z', 'litellm', 0, false) $$,
  'prices without a date start at the stated date'
);
select lives_ok(
  $$
  select ai.import_catalogue(
    'litellm', '[{"provider": "nimbus", "provider_model_key": "a", "name": "a", "prices": [{"meter": "input", "price": "1"}]}]',
    starts_at => '2025-06-01T00:00:00Z'
  )
  $$,
  'which the caller may choose'
);
select is(
  (select effective_from from ai.model_pricing where model_id = tests.model_id('nimbus/a')),
  '2025-06-01T00:00:00Z'::timestamptz,
  'and is kept'
);

select * from finish();
rollback;
