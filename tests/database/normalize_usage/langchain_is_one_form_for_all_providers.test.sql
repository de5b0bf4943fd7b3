-- What langchain-core 1.8.4, UsageMetadata, says, and how langchain-openai 1.7.4 and langchain-anthropic 1.7.10 fill it.
begin;
set local search_path = tap, pg_catalog;
select plan(9);

select is(ai.normalize_usage('langchain', u.raw::jsonb), u.usage::jsonb, u.description)
from (
  values
  (
    -- 350 - 100 - 200 = 50; 240 - 200 = 40
    '{
      "input_tokens": 350, "output_tokens": 240, "total_tokens": 590,
      "input_token_details": {"cache_read": 100, "cache_creation": 200}, "output_token_details": {"reasoning": 200}
    }',
    '{"input": 50, "cache_read": 100, "cache_write": 200, "output": 40, "reasoning": 200}',
    'caches and thoughts are inside'
  ),
  (
    -- The example of its documentation: 350 - 10 - 200 - 100 = 40; 240 - 10 - 200 = 30
    '{
      "input_tokens": 350, "output_tokens": 240, "total_tokens": 590,
      "input_token_details": {"audio": 10, "cache_creation": 200, "cache_read": 100},
      "output_token_details": {"audio": 10, "reasoning": 200}
    }',
    '{
      "input": 40, "input_audio": 10, "cache_read": 100, "cache_write": 200, "output": 30, "output_audio": 10,
      "reasoning": 200
    }',
    'sound is inside'
  ),
  (
    -- From Anthropic: by time to live, and then nothing is left under cache_creation. 1000 - 500 - 100 - 50 = 350
    '{
      "input_tokens": 1000, "output_tokens": 10, "total_tokens": 1010,
      "input_token_details": {
        "cache_read": 500, "cache_creation": 0, "ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 50
      }
    }',
    '{"input": 350, "cache_read": 500, "cache_write": 100, "cache_write_1h": 50, "output": 10}', 'by time to live'
  ),
  (
    '{"type": "ai", "content": "Hi", "usage_metadata": {"input_tokens": 8, "output_tokens": 2, "total_tokens": 10},
      "response_metadata": {"service_tier": "default", "token_usage": {"completion_tokens": 2}}}',
    '{"input": 8, "output": 2}', 'a whole message'
  ),
  ('{"input_tokens": 8, "output_tokens": 0, "total_tokens": 8}', '{"input": 8}', 'an embedding')
) as u (raw, usage, description);

-- From OpenAI's flex: what is not under flex_cache_read and flex_reasoning is under flex. 90 - 30 = 60; 50 - 20 = 30
create temporary table flex as
select
  '{
    "input_tokens": 90, "output_tokens": 50, "total_tokens": 140,
    "input_token_details": {"audio": 0, "flex_cache_read": 30, "flex": 60},
    "output_token_details": {"audio": 0, "flex_reasoning": 20, "flex": 30}
  }'::jsonb as raw;
select is(
  to_jsonb(ratebook.read_usage('langchain', f.raw)),
  '{
    "usage": {"input": 60, "cache_read": 30, "output": 30, "reasoning": 20}, "service_tier": "flex", "variant": null,
    "region": null, "stated": ["service_tier"]
  }',
  'the names of the parts state the tier'
)
from flex as f;
select is(
  tests.error_of(format('select ai.normalize_usage(%L, %L)', 'langchain', f.raw)) -> 'detail',
  '{"error": "stated_price", "format": "langchain", "service_tier": "flex"}', 'which meters cannot carry'
)
from flex as f;
select is(
  tests.error_of(format('select ratebook.read_usage(%L, %L, %L)', 'langchain', f.raw, 'priority')) -> 'detail',
  '{
    "error": "contradiction", "format": "langchain", "argument": "service_tier", "given": "priority", "stated": "flex"
  }',
  'and no argument may contradict'
)
from flex as f;
select tests.refused(
  $$
  select ratebook.read_usage('langchain', '{"input_tokens": 9, "input_token_details": {"flex": 1, "priority": 1}}')
  $$,
  'contradiction', 'PT422', 'nor may the names'
);

select * from finish();
rollback;
