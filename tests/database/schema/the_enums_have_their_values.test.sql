begin;
set local search_path = tap, pg_catalog;
select plan(5);

select enum_has_labels('ai', e.name, e.labels::name[], e.name)
from (
  values
  ('provider_enum', '{openai,anthropic,google,meta,midjourney,stability,mistral,other}'),
  ('ai_capability_enum', '{text_generation,image_generation,video_generation,audio_generation}'),
  ('model_tier_enum', '{free,paid,enterprise}')
) as e (name, labels);
select enum_has_labels('public', 'pricing_tier_enum', '{free,paid,enterprise}'::name[], 'pricing_tier_enum');
select is(
  (enum_range(null::ai.unit_type_enum)::text[])[1:4], '{tokens,image,video_second,audio_second}',
  'unit_type_enum begins with the units of the first schema'
);

select * from finish();
rollback;
