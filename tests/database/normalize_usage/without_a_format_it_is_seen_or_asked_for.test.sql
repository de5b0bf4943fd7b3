begin;
set local search_path = tap, pg_catalog;
select plan(20);

select is(ai.normalize_usage(format => null, raw => u.raw::jsonb), u.usage::jsonb, u.description)
from (
  values
  ('{"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}', '{"input": 5, "output": 2}', 'plain counts of OpenAI''s language'),
  (
    '{"input_tokens": 5, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 3}}',
    '{"input": 2, "cache_read": 3, "output": 2}', 'its other one'
  ),
  ('{"usage": {"input_tokens": 5, "output_tokens": 2, "cache_read_input_tokens": 3}}', '{"input": 5, "cache_read": 3, "output": 2}', 'Anthropic'),
  ('{"usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5}}', '{"input": 5}', 'Gemini'),
  ('{"inputTokens": 5, "outputTokens": 2, "cacheReadInputTokens": 3}', '{"input": 5, "cache_read": 3, "output": 2}', 'Bedrock'),
  ('{"type": "duration", "seconds": 2.5}', '{"input_audio_second": 2.5}', 'a transcription')
) as u (raw, usage, description);
select is(
  ai.normalize_usage(raw => '{"prompt_tokens": 5}', format => 'openai_chat'), '{"input": 5}', 'both arguments have names'
);
select is(ai.normalize_usage('auto', '{"prompt_tokens": 5}'), '{"input": 5}', 'auto says the same');

-- What several formats could mean is asked for; what none knows too.
select
  is(
    tests.error_of(format('select ai.normalize_usage(raw => %L)', u.raw)) #- '{message}' #- '{constraint}' #- '{column}',
    jsonb_build_object(
      'code', 'PT422', 'hint', u.hint, 'detail', '{"error": "unknown_format", "format": null}'::jsonb
    ),
    u.raw
  )
from (
  values
  (
    '{"prompt_tokens": 5, "queue_time": 0.1, "is_byok": false}', 'Name the format: groq, openrouter, openai_chat.'
  )
) as u (raw, hint);
select tests.refused(format('select ai.normalize_usage(raw => %L)', u.raw), u.error, 'PT422', u.raw)
from (
  values
  -- Any of them could say so, and they count caches otherwise.
  ('{"input_tokens": 5, "output_tokens": 2}', 'unknown_format'),
  ('{"input_tokens": 5, "output_tokens": 2, "total_tokens": 7}', 'unknown_format'),
  ('{"inputTokens": 5, "outputTokens": 2, "totalTokens": 7}', 'unknown_format'),
  ('{"smiles": 5}', 'unknown_format'),
  ('{}', 'unknown_format'),
  ('7', 'invalid_usage'),
  (null, 'invalid_usage'),
  -- What is not known is refused in what it is seen to be.
  ('{"prompt_tokens": 5, "smiles": 1}', 'invalid_usage')
) as u (raw, error);

-- A quote takes it as well; without any word its usage is in meters.
select tests.make_model('m');
select tests.make_price('m', 'input', 2);
select tests.make_rate(1);
select tests.make_policy(0);
select is(
  billing.quote('m', '{"usage": {"prompt_tokens": 5, "total_tokens": 5}}', format => 'auto') ->> 'cost', '10', 'a quote sees it too'
);
select tests.refused(
  $$select billing.quote('m', '{"input_tokens": 5, "output_tokens": 1}', format => 'auto')$$, 'unknown_format', 'PT422', 'or asks'
);
select tests.refused(
  $$select billing.quote('m', '{"prompt_tokens": 5}')$$, 'unknown_meter', 'PT422', 'meters are meters'
);

select * from finish();
rollback;
