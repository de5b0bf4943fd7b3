begin;
set local search_path = tap, pg_catalog;
select plan(2);

select results_eq(
  'select key, unit_type::text, counts_as_input, falls_back_to from ai.meters order by key',
  $$
  values
  ('audio_second', 'audio_second', false, null),
  ('cache_read', 'tokens', true, 'input'),
  ('cache_write', 'tokens', true, 'input'),
  ('image', 'image', false, null),
  ('input', 'tokens', true, 'tokens'),
  ('output', 'tokens', false, 'tokens'),
  ('tokens', 'tokens', true, null),
  ('video_second', 'video_second', false, null)
  $$,
  'meters'
);
select results_eq(
  'select key, tries_chain_first from ai.service_tiers order by key',
  $$values ('batch', true), ('flex', false), ('priority', false), ('standard', false)$$,
  'service tiers'
);

select * from finish();
rollback;
