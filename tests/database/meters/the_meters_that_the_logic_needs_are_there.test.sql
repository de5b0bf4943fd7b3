begin;
set local search_path = tap, pg_catalog;
select plan(3);

select is_empty(
  $$
  values
  ('tokens', 'tokens', true, null),
  ('input', 'tokens', true, 'tokens'),
  ('output', 'tokens', false, 'tokens'),
  ('cache_read', 'tokens', true, 'input'),
  ('cache_write', 'tokens', true, 'input'),
  ('image', 'image', false, null),
  ('video_second', 'video_second', false, null),
  ('audio_second', 'audio_second', false, null)
  except
  select key, unit_type::text, counts_as_input, falls_back_to from ai.meters
  $$,
  'the meters of the first schema'
);
select is_empty(
  $$
  values ('batch', true), ('flex', false), ('priority', false), ('standard', false)
  except
  select key, tries_chain_first from ai.service_tiers
  $$,
  'the service tiers'
);
select is_empty(
  $$
  with recursive chain (meter, last) as (
    select key, key from ai.meters where unit_type = 'tokens'
    union
    select c.meter, m.falls_back_to
    from chain as c inner join ai.meters as m on m.key = c.last
    where m.falls_back_to is not null
  )
  select key from ai.meters where unit_type = 'tokens' and key not in (select meter from chain where last = 'tokens')
  $$,
  'every token chain ends at tokens'
);

select * from finish();
rollback;
