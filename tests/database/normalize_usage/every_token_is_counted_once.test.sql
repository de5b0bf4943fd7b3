-- Over thousands of usages that are made here, with every split of a total, the meters of tokens add up to the total
-- of the provider, none is negative, and all is a usage that can be priced.
begin;
set local search_path = tap, pg_catalog;
select plan(7);

create temporary table usages (format text, raw jsonb, total numeric);

insert into usages
select
  f.format,
  jsonb_build_object(
    f.input, 12, f.output, 12 + case when f.thoughts_are_inside then 0 else -thoughts end, 'total_tokens', 24,
    f.input || '_details', jsonb_build_object(
      'cached_tokens', cached, 'cache_write_tokens', written, 'audio_tokens', audio, 'image_tokens', image,
      'cached_tokens_details', jsonb_build_object('audio_tokens', cached_audio)
    ),
    f.output || '_details', jsonb_build_object('reasoning_tokens', thoughts, 'audio_tokens', 3)
  ),
  24
from (
  values
  ('openai_chat', 'prompt_tokens', 'completion_tokens', true),
  ('openai_chat', 'prompt_tokens', 'completion_tokens', false),
  ('openai_responses', 'input_tokens', 'output_tokens', true)
) as f (format, input, output, thoughts_are_inside)
cross join generate_series(0, 12, 3) as cached
cross join generate_series(0, 12 - cached, 4) as written
cross join generate_series(0, 12, 3) as audio
cross join generate_series(0, 12 - audio, 3) as image
cross join generate_series(0, least(audio, cached), 3) as cached_audio
cross join generate_series(0, 9, 9) as thoughts;

insert into usages
select
  'gemini',
  jsonb_build_object(
    'promptTokenCount', 10, 'toolUsePromptTokenCount', 5, 'candidatesTokenCount', 7, 'thoughtsTokenCount', thoughts,
    'cachedContentTokenCount', cached, 'totalTokenCount', 22 + thoughts,
    'promptTokensDetails', jsonb_build_array(
      jsonb_build_object('modality', 'AUDIO', 'tokenCount', audio),
      jsonb_build_object('modality', 'VIDEO', 'tokenCount', 2),
      jsonb_build_object('modality', 'TEXT', 'tokenCount', 8 - audio)
    ),
    'candidatesTokensDetails', jsonb_build_array(jsonb_build_object('modality', 'IMAGE', 'tokenCount', 6))
  ),
  22 + thoughts
from generate_series(0, 10) as cached
cross join generate_series(0, 8) as audio
cross join generate_series(0, 50, 25) as thoughts;

insert into usages
select
  'anthropic',
  jsonb_build_object(
    'input_tokens', input, 'output_tokens', 9, 'cache_read_input_tokens', cached,
    'cache_creation_input_tokens', short + long,
    'cache_creation', jsonb_build_object('ephemeral_5m_input_tokens', short, 'ephemeral_1h_input_tokens', long),
    'output_tokens_details', jsonb_build_object('thinking_tokens', thoughts)
  ),
  input + 9 + cached + short + long
from generate_series(0, 20, 10) as input
cross join generate_series(0, 20, 10) as cached
cross join generate_series(0, 20, 10) as short
cross join generate_series(0, 20, 10) as long
cross join generate_series(0, 9, 3) as thoughts;

insert into usages
select
  'bedrock',
  jsonb_build_object(
    'inputTokens', input, 'outputTokens', 9, 'cacheReadInputTokens', cached, 'cacheWriteInputTokens', short + long,
    'cacheDetails', jsonb_build_array(
      jsonb_build_object('ttl', '1h', 'inputTokens', long), jsonb_build_object('ttl', '5m', 'inputTokens', short)
    )
  ),
  input + 9 + cached + short + long
from generate_series(0, 20, 10) as input
cross join generate_series(0, 20, 10) as cached
cross join generate_series(0, 20, 10) as short
cross join generate_series(0, 20, 10) as long;

create temporary table results as
select
  u.*,
  ai.normalize_usage(u.format, u.raw) as usage
from usages as u;

select cmp_ok((select count(*) from results), '>', 2000::bigint, 'there are many');
select is_empty(
  $$
  select r.format, r.raw, r.usage
  from results as r
  where r.total is distinct from (select sum(m.value::numeric) from jsonb_each(r.usage) as m)
  $$,
  'the meters add up to the total'
);
select lives_ok('select ratebook.assert_usage(r.usage) from results as r', 'all are usages');
select is_empty(
  $$
  select r.format, r.raw
  from results as r
  cross join jsonb_each(r.usage) as m
  where m.value::numeric <= 0
  $$,
  'no meter is zero or less'
);

select tests.as_anon();
select is(ai.normalize_usage('openai_chat', '{"prompt_tokens": 1}'), '{"input": 1}', 'a visitor may ask');
select tests.reset_role();
select tests.authenticate_as(tests.make_user('reader'));
select is(ai.normalize_usage('openai_chat', '{"prompt_tokens": 1}'), '{"input": 1}', 'a user may ask');
select tests.reset_role();
select tests.as_service();
select is(ai.normalize_usage('openai_chat', '{"prompt_tokens": 1}'), '{"input": 1}', 'the service may ask');

select * from finish();
rollback;
