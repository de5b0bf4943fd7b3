-- What the usage objects of providers hold: each counts the same token in several fields, and each in its own way.

-- Every format, in one place, by its own name and by its name in ai.provider_contract_enum.
create function ratebook.usage_formats() returns table (
  name text, format text, caches_are_inside boolean, thoughts_are_inside boolean
)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select
    f.name,
    f.format,
    f.caches_are_inside,
    f.thoughts_are_inside
  from (
    values
    ('openai_chat', 'openai_chat', true, true),
    ('openai_responses', 'openai_responses', true, true),
    ('anthropic', 'anthropic', false, true),
    ('anthropic_messages', 'anthropic', false, true),
    ('gemini', 'gemini', true, false),
    ('gemini_generate', 'gemini', true, false),
    ('bedrock', 'bedrock', false, true),
    ('bedrock_converse', 'bedrock', false, true)
  ) as f (name, format, caches_are_inside, thoughts_are_inside);
end;

-- What each field of a format counts. Fields of one part are added up, except that the part `cached_again` repeats
-- the part `cached` under another name. `none`: nothing of its own, neither the field nor what is under it.
create function ratebook.usage_fields(p_format text) returns table (path text, part text)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  -- OpenAI and those who speak its language. A text count is what the others leave; predictions, accepted and
  -- rejected, are billed inside the completion. DeepSeek and Moonshot name the cached tokens outside the details too.
  select
    f.path,
    f.part
  from (
    values
    ('openai_chat', 'prompt_tokens', 'input'),
    ('openai_chat', 'completion_tokens', 'output'),
    ('openai_chat', 'prompt_cache_hit_tokens', 'cached_again'),
    ('openai_chat', 'prompt_cache_miss_tokens', 'none'),
    ('openai_chat', 'cached_tokens', 'cached_again'),
    ('openai_responses', 'input_tokens', 'input'),
    ('openai_responses', 'output_tokens', 'output'),
    ('openai_responses', 'seconds', 'seconds'),
    ('openai_chat', 'total_tokens', 'total'),
    ('openai_responses', 'total_tokens', 'total')
  ) as f (format, path, part)
  where f.format = p_format
  union all
  select
    d.path || '.' || f.path,
    f.part
  from (
    values
    ('openai_chat', 'prompt_tokens_details', 'input'),
    ('openai_chat', 'completion_tokens_details', 'output'),
    -- The side decides which counts the details are parts of.
    ('openai_responses', 'input_tokens_details', 'input'),
    ('openai_responses', 'output_tokens_details', 'output'),
    -- Realtime and transcriptions.
    ('openai_responses', 'input_token_details', 'input'),
    ('openai_responses', 'output_token_details', 'output')
  ) as d (format, path, side)
  -- The details are the same under each of these names.
  inner join (
    values
    ('input', 'text_tokens', 'none'),
    ('input', 'image_tokens', 'input_image'),
    ('input', 'audio_tokens', 'input_audio'),
    ('input', 'video_tokens', 'input_video'),
    ('input', 'cached_tokens', 'cached'),
    ('input', 'cached_tokens_details.text_tokens', 'none'),
    ('input', 'cached_tokens_details.image_tokens', 'cached_image'),
    ('input', 'cached_tokens_details.audio_tokens', 'cached_audio'),
    ('input', 'cached_tokens_details.video_tokens', 'cached_video'),
    ('input', 'cache_write_tokens', 'written'),
    -- ttl_12h_tokens cost more and have no meter: as an unknown count they are refused.
    ('input', 'cache_write_tokens_details.ttl_30m_tokens', 'written_short'),
    ('output', 'text_tokens', 'none'),
    ('output', 'image_tokens', 'output_image'),
    ('output', 'audio_tokens', 'output_audio'),
    ('output', 'video_tokens', 'output_video'),
    ('output', 'reasoning_tokens', 'thoughts'),
    ('output', 'accepted_prediction_tokens', 'none'),
    ('output', 'rejected_prediction_tokens', 'none')
  ) as f (side, path, part) on f.side = d.side
  where d.format = p_format
  union all
  -- Gemini: the results of tools are read beside the prompt. The Live API says response for candidates.
  select
    f.path,
    f.part
  from (
    values
    ('promptTokenCount', 'input'),
    ('toolUsePromptTokenCount', 'input'),
    ('cachedContentTokenCount', 'cached'),
    ('candidatesTokenCount', 'output'),
    ('responseTokenCount', 'output'),
    ('thoughtsTokenCount', 'thoughts'),
    ('totalTokenCount', 'total')
  ) as f (path, part)
  where p_format = 'gemini'
  union all
  -- A page of a document is read as a picture. A medium that is not named is text.
  select
    d.path || '.' || m.modality || '.tokenCount',
    case m.medium when 'text' then 'none' else d.side || '_' || m.medium end
  from (
    values
    ('promptTokensDetails', 'input'), ('toolUsePromptTokensDetails', 'input'), ('cacheTokensDetails', 'cached'),
    ('candidatesTokensDetails', 'output'), ('responseTokensDetails', 'output')
  ) as d (path, side)
  cross join (
    values
    ('TEXT', 'text'), ('MODALITY_UNSPECIFIED', 'text'), ('?', 'text'), ('IMAGE', 'image'), ('DOCUMENT', 'image'),
    ('AUDIO', 'audio'), ('VIDEO', 'video')
  ) as m (modality, medium)
  where p_format = 'gemini'
  union all
  -- Anthropic. A compaction reads and writes beside the message, at the same prices; the iterations of the message
  -- itself are in its counts already. Any other iteration is another model's.
  select
    i.path || f.path,
    f.part
  from (values (''), ('iterations.compaction.')) as i (path)
  cross join (
    values
    ('input_tokens', 'input'),
    ('cache_read_input_tokens', 'cached'),
    ('cache_creation_input_tokens', 'written'),
    ('cache_creation.ephemeral_5m_input_tokens', 'written_short'),
    ('cache_creation.ephemeral_1h_input_tokens', 'written_1h'),
    ('output_tokens', 'output'),
    ('output_tokens_details.thinking_tokens', 'thoughts')
  ) as f (path, part)
  where p_format = 'anthropic'
  union all
  select
    f.path,
    f.part
  from (
    values
    ('iterations.message', 'none'),
    ('server_tool_use.web_search_requests', 'web_search'),
    -- Fetching costs nothing but its tokens.
    ('server_tool_use.web_fetch_requests', 'none')
  ) as f (path, part)
  where p_format = 'anthropic'
  union all
  select
    f.path,
    f.part
  from (
    values
    ('inputTokens', 'input'),
    ('cacheReadInputTokens', 'cached'),
    ('cacheWriteInputTokens', 'written'),
    ('cacheDetails.5m.inputTokens', 'written_short'),
    ('cacheDetails.1h.inputTokens', 'written_1h'),
    -- The same two once more; InvokeModel of Nova has these only.
    ('cacheReadInputTokenCount', 'cached_again'),
    ('cacheWriteInputTokenCount', 'written_again'),
    ('outputTokens', 'output'),
    ('totalTokens', 'total')
  ) as f (path, part)
  where p_format = 'bedrock';
end;

-- No field has so long a name, and a path repeats the names above it: unbounded, it would grow with the square of the
-- input. What is cut is marked.
create function ratebook.field_name(p_key text) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return case when length(p_key) > 100 then left(p_key, 100) || '…' else p_key end;

-- Lists hold objects that say what they are about: Gemini's modality, Bedrock's ttl, Anthropic's type.
create function ratebook.usage_values(p_usage jsonb) returns table (path text, value jsonb)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  with recursive found (path, value, depth) as (
    select
      ratebook.field_name(e.key),
      e.value,
      1
    from jsonb_each(p_usage) as e
    union all
    select
      f.path || '.' || ratebook.field_name(e.key),
      e.value,
      f.depth + 1
    from found as f
    cross join
      lateral (
        select
          o.key,
          o.value
        from jsonb_each(case jsonb_typeof(f.value) when 'object' then f.value end) as o
        union all
        select
          coalesce(a.value ->> 'modality', a.value ->> 'ttl', a.value ->> 'type', '?'),
          a.value
        from jsonb_array_elements(case jsonb_typeof(f.value) when 'array' then f.value end) as a
      ) as e
    where f.depth < 8
  )

  select
    f.path,
    f.value
  from found as f;
end;

revoke all on function ratebook.usage_formats() from public;
revoke all on function ratebook.usage_fields(text) from public;
revoke all on function ratebook.field_name(text) from public;
revoke all on function ratebook.usage_values(jsonb) from public;

comment on function ratebook.usage_formats() is
'The formats of ai.normalize_usage(): each by its names, whether its input holds the cached tokens, and whether its output holds the thoughts where no total says so.';
comment on function ratebook.usage_fields(text) is
'The fields of a format that count, and the part that each counts: input, cached, written and output, by medium and time to live; thoughts; total; none for what is counted elsewhere or costs nothing.';
comment on function ratebook.field_name(text) is 'The name of a field as a path holds it: the first 100 characters, and … where there are more.';
comment on function ratebook.usage_values(jsonb) is
'Everything in a usage object by its path, such as cacheDetails.1h.inputTokens: the entries of a list go by their modality, ttl or type. Names longer than 100 characters are cut.';
