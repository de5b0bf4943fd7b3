begin;
set local search_path = tap, pg_catalog;
select plan(6);

select is(ai.normalize_usage('bedrock', u.raw::jsonb), u.usage::jsonb, u.description)
from (
  values
  (
    -- docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
    '{"inputTokens": 30, "outputTokens": 628, "totalTokens": 658}', '{"input": 30, "output": 628}', 'plain'
  ),
  (
    -- A total with the caches, as it is answered: 13 + 4 + 3 + 7270 = 7290. The counts come under two names.
    '{
      "cacheDetails": [{"inputTokens": 7270, "ttl": "5m"}], "cacheReadInputTokenCount": 3, "cacheReadInputTokens": 3,
      "cacheWriteInputTokenCount": 7270, "cacheWriteInputTokens": 7270, "inputTokens": 13, "outputTokens": 4,
      "serverToolUsage": {}, "totalTokens": 7290
    }',
    '{"input": 13, "cache_read": 3, "cache_write": 7270, "output": 4}', 'cached tokens are counted once'
  ),
  (
    -- A total without the caches, as API_runtime_TokenUsage.html says: 7 + 11 = 18.
    '{
      "inputTokens": 7, "outputTokens": 11, "totalTokens": 18, "cacheReadInputTokens": 17, "cacheWriteInputTokens": 42,
      "cacheDetails": [{"ttl": "1h", "inputTokens": 23}, {"ttl": "5m", "inputTokens": 19}]
    }',
    '{"input": 7, "cache_read": 17, "cache_write": 19, "cache_write_1h": 23, "output": 11}', 'by time to live'
  ),
  (
    '{
      "inputTokens": 100, "outputTokens": 5, "totalTokens": 1000105, "cacheWriteInputTokens": 1000000,
      "cacheDetails": [
        {"ttl": "1h", "inputTokens": 150000}, {"ttl": "5m", "inputTokens": 600000}, {"ttl": "1h", "inputTokens": 250000}
      ]
    }',
    '{"input": 100, "cache_write": 600000, "cache_write_1h": 400000, "output": 5}', 'one detail per checkpoint'
  ),
  (
    '{"inputTokens": 26, "outputTokens": 10, "cacheReadInputTokenCount": 1000, "cacheWriteInputTokenCount": 500}',
    '{"input": 26, "cache_read": 1000, "cache_write": 500, "output": 10}', 'the other names alone'
  ),
  (
    '{"inputTokens": 10, "outputTokens": 5, "cacheReadInputTokens": 0}', '{"input": 10, "output": 5}', 'without total'
  )
) as u (raw, usage, description);

select * from finish();
rollback;
