begin;
set local search_path = tap, pg_catalog;
select plan(9);

select is(ai.normalize_usage('anthropic', u.raw::jsonb), u.usage::jsonb, u.description)
from (
  values
  -- docs.anthropic.com/en/api/messages
  ('{"input_tokens": 2095, "output_tokens": 503}', '{"input": 2095, "output": 503}', 'plain'),
  (
    -- platform.claude.com/docs/en/build-with-claude/prompt-caching, one hour
    '{
      "input_tokens": 2048, "cache_read_input_tokens": 1800, "cache_creation_input_tokens": 248, "output_tokens": 503,
      "cache_creation": {"ephemeral_5m_input_tokens": 148, "ephemeral_1h_input_tokens": 100}
    }',
    '{"input": 2048, "cache_read": 1800, "cache_write": 148, "cache_write_1h": 100, "output": 503}',
    'nothing is taken out of the input, and the written tokens are counted once'
  ),
  (
    -- platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool
    '{
      "input_tokens": 105, "output_tokens": 6039, "cache_read_input_tokens": 7123, "cache_creation_input_tokens": 7345,
      "server_tool_use": {"web_search_requests": 1}
    }',
    '{"input": 105, "cache_read": 7123, "cache_write": 7345, "output": 6039, "web_search": 1}', 'a search'
  ),
  (
    '{
      "input_tokens": 10, "output_tokens": 20, "cache_creation_input_tokens": 30, "cache_read_input_tokens": null,
      "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
      "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 4},
      "service_tier": "standard", "inference_geo": "global"
    }',
    '{"input": 10, "cache_write": 30, "output": 20}', 'written tokens without details stay for five minutes'
  ),
  (
    '{
      "input_tokens": 10, "output_tokens": 20,
      "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4}
    }',
    '{"input": 10, "cache_write": 3, "cache_write_1h": 4, "output": 20}', 'details without their sum count as well'
  ),
  (
    -- The types of anthropic 2.11, Usage: output_tokens is the inclusive total. 900 - 700 = 200
    '{"input_tokens": 40, "output_tokens": 900, "output_tokens_details": {"thinking_tokens": 700}}',
    '{"input": 40, "output": 200, "reasoning": 700}', 'thoughts leave the output'
  ),
  (
    -- platform.claude.com/docs/en/build-with-claude/compaction-threshold: the compaction is not in the counts above.
    '{
      "input_tokens": 23000, "output_tokens": 1000,
      "iterations": [
        {"type": "compaction", "input_tokens": 180000, "output_tokens": 3500},
        {"type": "message", "input_tokens": 23000, "output_tokens": 1000}
      ]
    }',
    '{"input": 203000, "output": 4500}', 'a compaction is added, the message is not'
  ),
  -- platform.claude.com/docs/en/build-with-claude/streaming: message_delta
  ('{"output_tokens": 15}', '{"output": 15}', 'the end of a stream'),
  (
    '{"input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": 0}', '{"input": 0, "output": 0}',
    'nothing used is still a usage'
  )
) as u (raw, usage, description);

select * from finish();
rollback;
