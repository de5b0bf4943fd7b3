-- Service tier, region and speed, in the words of each provider.
begin;
set local search_path = tap, pg_catalog;
select plan(59);

select
  is(
    to_jsonb(ratebook.read_usage(a.format, a.answer::jsonb)) - 'usage',
    jsonb_build_object(
      'service_tier', a.service_tier, 'variant', a.variant, 'region', a.region,
      'stated', to_jsonb(array_remove(array[
        case when a.region is not null then 'region' end,
        case when a.variant is not null then 'variant' end,
        case when a.service_tier <> 'standard' then 'service_tier' end
      ], null))
    ),
    a.format || ' ' || a.answer
  )
from (
  values
  -- ChatCompletion.service_tier and Response.service_tier of openai 3.57: auto, default, flex, scale, priority, fast.
  ('openai_chat', '{"usage": {"prompt_tokens": 1}}', null, null, null),
  ('openai_chat', '{"service_tier": null, "usage": {"prompt_tokens": 1}}', null, null, null),
  ('openai_chat', '{"service_tier": "auto", "usage": {"prompt_tokens": 1}}', null, null, null),
  ('openai_chat', '{"service_tier": "default", "usage": {"prompt_tokens": 1}}', 'standard', null, null),
  ('openai_chat', '{"service_tier": "flex", "usage": {"prompt_tokens": 1}}', 'flex', null, null),
  ('openai_chat', '{"service_tier": "flex", "prompt_tokens": 1}', 'flex', null, null),
  ('openai_chat', '{"service_tier": "priority", "usage": {"prompt_tokens": 1}}', 'priority', null, null),
  -- Another name of priority.
  ('openai_chat', '{"service_tier": "fast", "usage": {"prompt_tokens": 1}}', 'priority', null, null),
  ('openai_responses', '{"service_tier": "default", "usage": {"input_tokens": 1}}', 'standard', null, null),
  ('openai_responses', '{"service_tier": "ultrafast", "usage": {"input_tokens": 1}}', 'ultrafast', null, null),
  -- Usage of anthropic 2.14: in the usage itself.
  ('anthropic', '{"usage": {"input_tokens": 1, "service_tier": "standard"}}', 'standard', null, null),
  ('anthropic', '{"input_tokens": 1, "service_tier": "batch"}', 'batch', null, null),
  ('anthropic', '{"input_tokens": 1, "service_tier": "priority"}', 'priority', null, null),
  ('anthropic', '{"input_tokens": 1, "speed": "standard", "inference_geo": "global"}', null, null, null),
  ('anthropic', '{"input_tokens": 1, "inference_geo": "not_available"}', null, null, null),
  ('anthropic', '{"input_tokens": 1, "speed": "fast", "inference_geo": "us"}', null, 'fast', 'us'),
  -- UsageMetadata of google-genai 3.6: trafficType on Vertex AI, serviceTier on the Gemini API, in two spellings.
  ('gemini', '{"promptTokenCount": 1, "trafficType": "ON_DEMAND"}', 'standard', null, null),
  ('gemini', '{"usageMetadata": {"promptTokenCount": 1, "trafficType": "ON_DEMAND_FLEX"}}', 'flex', null, null),
  ('gemini', '{"prompt_token_count": 1, "traffic_type": "ON_DEMAND_PRIORITY"}', 'priority', null, null),
  ('gemini', '{"prompt_token_count": 1, "traffic_type": "TRAFFIC_TYPE_UNSPECIFIED"}', null, null, null),
  ('gemini', '{"usage_metadata": {"prompt_token_count": 1, "service_tier": "flex"}}', 'flex', null, null),
  ('gemini', '{"promptTokenCount": 1, "serviceTier": "PRIORITY"}', 'priority', null, null),
  -- ConverseResponse of botocore 1.44: beside the usage.
  ('bedrock', '{"usage": {"inputTokens": 1}, "serviceTier": {"type": "default"}}', 'standard', null, null),
  ('bedrock', '{"usage": {"inputTokens": 1}, "serviceTier": {"type": "flex"}}', 'flex', null, null),
  ('bedrock', '{"usage": {"inputTokens": 1}, "performanceConfig": {"latency": "standard"}}', null, null, null),
  ('bedrock', '{"usage": {"inputTokens": 1}, "performanceConfig": {"latency": "optimized"}}', null, 'optimized', null),
  ('langchain', '{"usage_metadata": {"input_tokens": 1}, "response_metadata": {"service_tier": "flex"}}', 'flex', null, null),
  (
    'langchain', '{"usage_metadata": {"input_tokens": 1}, "response_metadata": {"service_tier": "default"}}', 'standard',
    null, null
  )
) as a (format, answer, service_tier, variant, region);

-- What no tier stands for is refused by name.
select
  is(
    tests.error_of(format('select ratebook.read_usage(%L, %L)', a.format, a.answer)) -> 'detail',
    jsonb_build_object(
      'error', 'unknown_service_tier', 'format', a.format, 'field', a.field, 'service_tier', a.said
    ),
    a.format || ' ' || a.answer
  )
from (
  values
  ('openai_chat', '{"service_tier": "scale", "usage": {"prompt_tokens": 1}}', 'service_tier', 'scale'),
  ('openai_responses', '{"service_tier": 7, "usage": {"input_tokens": 1}}', 'service_tier', '7'),
  ('anthropic', '{"input_tokens": 1, "service_tier": "flex"}', 'service_tier', 'flex'),
  (
    'gemini', '{"promptTokenCount": 1, "trafficType": "PROVISIONED_THROUGHPUT"}', 'trafficType',
    'PROVISIONED_THROUGHPUT'
  ),
  ('bedrock', '{"usage": {"inputTokens": 1}, "serviceTier": {"type": "reserved"}}', 'serviceTier.type', 'reserved')
) as a (format, answer, field, said);

-- An argument may say what the answer leaves open, or the same; a batch of OpenAI, Google and Amazon says the default.
select
  is(
    (ratebook.read_usage(a.format, a.answer::jsonb, a.service_tier, a.variant, a.region)).service_tier, a.expected,
    a.format || ' ' || a.answer || ' as ' || a.service_tier
  )
from (
  values
  ('openai_chat', '{"usage": {"prompt_tokens": 1}}', 'flex', null, null, 'flex'),
  ('openai_chat', '{"service_tier": "auto", "usage": {"prompt_tokens": 1}}', 'flex', null, null, 'flex'),
  ('openai_chat', '{"service_tier": "flex", "usage": {"prompt_tokens": 1}}', 'flex', null, null, 'flex'),
  ('openai_chat', '{"service_tier": "default", "usage": {"prompt_tokens": 1}}', 'standard', null, null, 'standard'),
  ('openai_chat', '{"service_tier": "default", "usage": {"prompt_tokens": 1}}', 'batch', null, null, 'batch'),
  ('gemini', '{"promptTokenCount": 1, "trafficType": "ON_DEMAND"}', 'batch', null, null, 'batch'),
  ('anthropic', '{"input_tokens": 1, "service_tier": "batch"}', 'batch', 'fast', 'us', 'batch')
) as a (format, answer, service_tier, variant, region, expected);
select
  is(
    tests.error_of(format(
      'select ratebook.read_usage(%L, %L, %L, %L, %L)', a.format, a.answer, a.service_tier, a.variant, a.region
    )) -> 'detail' #- '{format}' #- '{error}',
    jsonb_build_object('argument', a.argument, 'given', a.given, 'stated', a.stated),
    a.format || ' ' || a.answer || ' against ' || a.given
  )
from (
  values
  (
    'openai_chat', '{"service_tier": "flex", "usage": {"prompt_tokens": 1}}', 'standard', null, null, 'service_tier',
    'standard', 'flex'
  ),
  (
    'openai_chat', '{"service_tier": "default", "usage": {"prompt_tokens": 1}}', 'priority', null, null, 'service_tier',
    'priority', 'standard'
  ),
  ('anthropic', '{"input_tokens": 1, "service_tier": "standard"}', 'batch', null, null, 'service_tier', 'batch', 'standard'),
  ('anthropic', '{"input_tokens": 1, "speed": "fast"}', null, 'slow', null, 'variant', 'slow', 'fast'),
  ('anthropic', '{"input_tokens": 1, "inference_geo": "us"}', null, null, 'eu', 'region', 'eu', 'us')
) as a (format, answer, service_tier, variant, region, argument, given, stated);
select tests.refused(
  $$select ratebook.read_usage('gemini', '{"promptTokenCount": 1, "trafficType": "ON_DEMAND", "serviceTier": "flex"}')$$,
  'contradiction', 'PT422', 'an answer may not contradict itself'
);

-- Without a format nothing is read: the usage and the arguments are as they were given.
select is(
  to_jsonb(ratebook.read_usage(null, '{"input": 1, "service_tier": 2}', 'batch')),
  '{"usage": {"input": 1, "service_tier": 2}, "service_tier": "batch", "variant": null, "region": null, "stated": []}',
  'meters state nothing'
);

-- Meters alone cannot carry it.
select is(ai.normalize_usage(a.format, a.answer::jsonb), '{"input": 1}', a.format || ' ' || a.answer)
from (
  values
  ('openai_chat', '{"service_tier": "default", "usage": {"prompt_tokens": 1}}'),
  ('openai_chat', '{"service_tier": "auto", "usage": {"prompt_tokens": 1}}'),
  ('anthropic', '{"input_tokens": 1, "service_tier": "standard", "speed": "standard", "inference_geo": "global"}'),
  ('gemini', '{"promptTokenCount": 1, "trafficType": "ON_DEMAND"}'),
  ('bedrock', '{"usage": {"inputTokens": 1}, "serviceTier": {"type": "default"}}')
) as a (format, answer);
select
  is(
    tests.error_of(format('select ai.normalize_usage(%L, %L)', a.format, a.answer)) -> 'detail',
    jsonb_build_object('error', 'stated_price', 'format', a.format) || a.stated::jsonb,
    a.format || ' ' || a.answer
  )
from (
  values
  ('openai_chat', '{"service_tier": "flex", "usage": {"prompt_tokens": 1}}', '{"service_tier": "flex"}'),
  ('anthropic', '{"input_tokens": 1, "service_tier": "batch"}', '{"service_tier": "batch"}'),
  ('anthropic', '{"input_tokens": 1, "speed": "fast"}', '{"variant": "fast"}'),
  ('anthropic', '{"input_tokens": 1, "inference_geo": "us"}', '{"region": "us"}'),
  ('gemini', '{"promptTokenCount": 1, "trafficType": "ON_DEMAND_FLEX"}', '{"service_tier": "flex"}')
) as a (format, answer, stated);
select is(
  tests.error_of(
    $$select ai.normalize_usage('openai_chat', '{"service_tier": "flex", "usage": {"prompt_tokens": 1}}')$$
  ) ->> 'hint',
  'Pass the answer and its format to billing.quote(), a charge or a capture, which use what it states.',
  'the hint says who can'
);
select is(
  tests.error_of(
    $$select ai.normalize_usage('openai_chat', '{"service_tier": "flex", "usage": {"prompt_tokens": 1}}')$$
  ) ->> 'message',
  'The answer states the service_tier, on which its price depends.', 'the message says why'
);

select * from finish();
rollback;
