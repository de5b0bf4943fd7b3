begin;
set local search_path = tap, pg_catalog;
select plan(51);

select
  is(
    tests.error_of(format('select ai.normalize_usage(%L, %L)', u.format, u.raw)) #>> '{detail,error}'
    || ' ' || (tests.error_of(format('select ai.normalize_usage(%L, %L)', u.format, u.raw)) #>> '{detail,field}'),
    u.error,
    u.format || ' ' || u.raw
  )
from (
  values
  -- No count may be larger than what it is a part of. Both have been documented, and seen.
  (
    'openai_responses',
    '{"input_tokens": 127, "output_tokens": 148, "input_token_details": {"cached_tokens": 384}}',
    'invalid_usage input_token_details.cached_tokens'
  ),
  (
    'openai_responses', '{"input_tokens": 5136, "output_tokens": 1, "input_tokens_details": {"cached_tokens": 10192}}',
    'invalid_usage input_tokens_details.cached_tokens'
  ),
  (
    'openai_chat', '{"prompt_tokens": 9, "prompt_cache_hit_tokens": 10}', 'invalid_usage prompt_cache_hit_tokens'
  ),
  (
    'openai_chat',
    '{"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 6, "cache_write_tokens": 5}}',
    'invalid_usage prompt_tokens_details.cache_write_tokens'
  ),
  (
    'openai_chat', '{"prompt_tokens": 10, "prompt_tokens_details": {"audio_tokens": 11}}',
    'invalid_usage prompt_tokens_details.audio_tokens'
  ),
  (
    'openai_chat', '{"prompt_tokens": 10, "prompt_tokens_details": {"image_tokens": 6, "audio_tokens": 5}}',
    'invalid_usage prompt_tokens_details.audio_tokens'
  ),
  (
    'openai_responses',
    '{
      "input_tokens": 10, "input_token_details": {
        "audio_tokens": 4, "cached_tokens": 9, "cached_tokens_details": {"audio_tokens": 5}
      }
    }',
    'invalid_usage input_token_details.cached_tokens_details.audio_tokens'
  ),
  (
    'gemini',
    '{
      "promptTokenCount": 10, "cachedContentTokenCount": 3,
      "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 5}],
      "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 4}]
    }',
    'invalid_usage cacheTokensDetails.AUDIO.tokenCount'
  ),
  (
    'openai_chat', '{"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 94}}',
    'invalid_usage completion_tokens_details.reasoning_tokens'
  ),
  (
    'openai_chat',
    '{"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 5}}',
    'invalid_usage completion_tokens_details.audio_tokens'
  ),
  -- Parts add up.
  (
    'anthropic',
    '{
      "input_tokens": 1, "output_tokens": 1, "cache_creation_input_tokens": 248,
      "cache_creation": {"ephemeral_5m_input_tokens": 456, "ephemeral_1h_input_tokens": 100}
    }',
    'invalid_usage cache_creation_input_tokens'
  ),
  (
    'bedrock',
    '{"inputTokens": 1, "cacheWriteInputTokens": 9, "cacheDetails": [{"ttl": "1h", "inputTokens": 8}]}',
    'invalid_usage cacheWriteInputTokens'
  ),
  (
    'bedrock',
    '{"inputTokens": 1, "cacheWriteInputTokens": 0, "cacheDetails": [{"ttl": "1h", "inputTokens": 8}]}',
    'invalid_usage cacheWriteInputTokens'
  ),
  -- discuss.ai.google.dev/t/question-with-usage-in-openai-compatibility/98760: 865 thoughts that no field tells.
  (
    'openai_chat', '{"completion_tokens": 102, "prompt_tokens": 758, "total_tokens": 1725}',
    'invalid_usage total_tokens'
  ),
  ('gemini', '{"promptTokenCount": 5, "totalTokenCount": 6}', 'invalid_usage totalTokenCount'),
  (
    'openai_chat',
    '{
      "prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 7, "prompt_tokens_details": {"cached_tokens": 4}
    }',
    'invalid_usage total_tokens'
  ),
  ('bedrock', '{"inputTokens": 5, "outputTokens": 5, "totalTokens": 11}', 'invalid_usage totalTokens'),
  -- Counts are whole numbers that are not negative.
  ('openai_chat', '{"prompt_tokens": "19"}', 'not_a_number prompt_tokens'),
  ('openai_chat', '{"prompt_tokens": true}', 'not_a_number prompt_tokens'),
  ('openai_chat', '{"prompt_tokens": {"cached": 1}}', 'not_a_number prompt_tokens'),
  ('anthropic', '{"input_tokens": [1]}', 'not_a_number input_tokens'),
  (
    'anthropic', '{"input_tokens": 1, "server_tool_use": {"web_search_requests": "1"}}',
    'not_a_number server_tool_use.web_search_requests'
  ),
  ('openai_chat', '{"prompt_tokens": -1}', 'negative_quantity prompt_tokens'),
  (
    'openai_chat', '{"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": -3}}',
    'negative_quantity prompt_tokens_details.cached_tokens'
  ),
  ('openai_responses', '{"seconds": -0.5}', 'negative_quantity seconds'),
  ('openai_chat', '{"prompt_tokens": 1.5}', 'invalid_usage prompt_tokens'),
  ('openai_chat', '{"prompt_tokens": 1, "total_tokens": "1"}', 'not_a_number total_tokens'),
  -- What may cost and has no meter is not dropped.
  (
    'openai_responses',
    '{
      "input_tokens": 9, "input_tokens_details": {
        "cache_write_tokens": 5, "cache_write_tokens_details": {"ttl_30m_tokens": 0, "ttl_36h_tokens": 5}
      }
    }',
    'invalid_usage input_tokens_details.cache_write_tokens_details.ttl_36h_tokens'
  ),
  ('openai_chat', '{"prompt_tokens": 9, "num_sources_used": 3}', 'invalid_usage num_sources_used'),
  (
    'openai_chat', '{"prompt_tokens": 9, "completion_tokens_details": {"smell_tokens": 3}}',
    'invalid_usage completion_tokens_details.smell_tokens'
  ),
  ('openai_chat', '{"prompt_tokens": 4, "prompt_audio_seconds": 203}', 'invalid_usage prompt_audio_seconds'),
  (
    'gemini', '{"promptTokenCount": 9, "promptTokensDetails": [{"modality": "SMELL", "tokenCount": 3}]}',
    'invalid_usage promptTokensDetails.SMELL.tokenCount'
  ),
  (
    'bedrock', '{"inputTokens": 9, "cacheDetails": [{"ttl": "12h", "inputTokens": 3}]}',
    'invalid_usage cacheDetails.12h.inputTokens'
  ),
  (
    -- platform.claude.com/docs/en/agents-and-tools/tool-use/advisor-tool: at the prices of the advisor's model.
    'anthropic',
    '{
      "input_tokens": 412, "output_tokens": 531, "iterations": [
        {"type": "message", "input_tokens": 412, "output_tokens": 89},
        {"type": "advisor_message", "model": "claude-fable-5", "input_tokens": 823, "output_tokens": 1612}
      ]
    }',
    'invalid_usage iterations.advisor_message.input_tokens'
  ),
  -- Another format.
  (
    'openai_responses', '{"input_tokens": 9, "output_tokens": 1, "cache_read_input_tokens": 5}',
    'invalid_usage cache_read_input_tokens'
  ),
  (
    'anthropic', '{"input_tokens": 9, "output_tokens": 1, "input_tokens_details": {"cached_tokens": 5}}',
    'invalid_usage input_tokens_details.cached_tokens'
  ),
  ('anthropic', '{"input_tokens": 9, "output_tokens": 1, "total_tokens": 10}', 'invalid_usage total_tokens'),
  ('gemini', '{"prompt_tokens": 9}', 'invalid_usage prompt_tokens'),
  -- Whatever it is called: below details each number counts, and beside the counts all but times, costs and rates.
  (
    'openai_responses',
    '{"input_tokens": 350, "input_token_details": {"cache_read": 100, "cache_creation": 200}, "output_tokens": 240}',
    'invalid_usage input_token_details.cache_creation'
  ),
  (
    'openai_responses', '{"input_tokens": 9, "output_tokens": 240, "output_token_details": {"reasoning": 200}}',
    'invalid_usage output_token_details.reasoning'
  ),
  (
    'openai_chat', '{"prompt_tokens": 9, "prompt_tokens_details": {"a": {"b": [{"c": {"d": {"e": {"f": {"g": 1}}}}}]}}}',
    'invalid_usage prompt_tokens_details.a.b.?.c.d.e.f'
  ),
  ('openai_chat', '{"prompt_tokens": 9, "prompt_tokens_details": 3}', 'invalid_usage prompt_tokens_details'),
  ('anthropic', '{"input_tokens": 9, "smiles": 3}', 'invalid_usage smiles'),
  ('anthropic', '{"input_tokens": 9, "generated_units": 3}', 'invalid_usage generated_units'),
  ('anthropic', '{"input_tokens": 9, "times": 3}', 'invalid_usage times'),
  ('openai_chat', '{"prompt_tokens": 9, "video_duration": 3}', 'invalid_usage video_duration'),
  (
    'openai_chat', '{"prompt_tokens": 9, "prompt_tokens_details": {"smell_tokens": "3"}}',
    'invalid_usage prompt_tokens_details.smell_tokens'
  ),
  ('anthropic', '{"input_tokens": 9, "smiles": [0, 3]}', 'invalid_usage smiles.?'),
  (
    'langchain', '{"input_tokens": 9, "output_tokens": 1, "input_token_details": {"smell": 3}}',
    'invalid_usage input_token_details.smell'
  ),
  (
    'langchain', '{"input_tokens": 9, "output_tokens": 1, "input_token_details": {"cache_read": 10}}',
    'invalid_usage input_token_details.cache_read'
  )
) as u (format, raw, error);
select is(
  tests.error_of(
    $$select ai.normalize_usage('openai_chat', '{"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 12}')$$
  ),
  '{
    "code": "PT422", "constraint": "", "column": "", "hint": "A count is missing or wrong.",
    "message": "\"total_tokens\" of this openai_chat usage is 12, and the counts add up to 10.",
    "detail": {"error": "invalid_usage", "format": "openai_chat", "field": "total_tokens"}
  }'::jsonb,
  'the message says the numbers'
);

select * from finish();
rollback;
