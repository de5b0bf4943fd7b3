begin;
set local search_path = tap, pg_catalog;
select plan(32);

select
  is(
    to_jsonb(ratebook.read_usage(a.format, a.answer::jsonb)) - 'usage',
    jsonb_build_object(
      'service_tier', a.service_tier, 'variant', a.variant, 'region', a.region, 'stated', a.stated::jsonb
    ),
    a.format || ' ' || a.answer
  )
from (
  values
  -- console.groq.com/docs/flex-processing: at the price of on demand.
  ('groq', '{"service_tier": "on_demand", "usage": {"prompt_tokens": 1}}', 'standard', null, null, '[]'),
  ('groq', '{"service_tier": "flex", "usage": {"prompt_tokens": 1}}', 'standard', null, null, '[]'),
  ('mistral', '{"prompt_tokens": 1, "service_tier": "priority"}', 'priority', null, null, '["service_tier"]'),
  ('xai', '{"service_tier": "priority", "usage": {"input_tokens": 1}}', 'priority', null, null, '["service_tier"]'),
  ('xai', '{"service_tier": "SERVICE_TIER_DEFAULT", "usage": {"prompt_tokens": 1}}', 'standard', null, null, '[]'),
  ('openrouter', '{"usage": {"prompt_tokens": 1, "service_tier": "flex"}}', 'flex', null, null, '["service_tier"]'),
  ('openrouter', '{"service_tier": "default", "usage": {"prompt_tokens": 1, "speed": "fast"}}', 'standard', 'fast', null, '["variant"]'),
  (
    'litellm', '{"prompt_tokens": 1, "inference_geo": "us", "speed": "fast", "service_tier": "standard"}', 'standard', 'fast',
    'us', '["region", "variant"]'
  ),
  (
    'vercel_ai', '{"usage": {"inputTokens": 1}, "providerMetadata": {"openai": {"serviceTier": "flex"}}}', 'flex', null, null,
    '["service_tier"]'
  ),
  ('opentelemetry', '{"gen_ai.usage.input_tokens": 1, "openai.response.service_tier": "flex"}', 'flex', null, null, '["service_tier"]'),
  ('gemini', '{"interaction": {"usage": {"total_input_tokens": 1}, "service_tier": "flex"}}', 'flex', null, null, '["service_tier"]'),
  -- The size of the search's context has a price of its own at some models, and is no other service.
  ('perplexity', '{"prompt_tokens": 1, "search_context_size": "low"}', null, 'low', null, '[]'),
  ('anthropic', '{"input_tokens": 1, "fallback_credit": {"status": {"type": "not_applied"}}}', null, null, null, '[]')
) as a (format, answer, service_tier, variant, region, stated);

-- What counts and is not known, or bills another model too, is refused by name.
select
  is(
    tests.error_of(format('select ai.normalize_usage(%L, %L)', a.format, a.answer)) -> 'detail',
    jsonb_build_object('error', 'invalid_usage', 'format', a.format, 'field', a.field),
    a.format || ' ' || a.answer
  )
from (
  values
  ('xai', '{"input_tokens": 1, "server_side_tool_usage_details": {"image_generation_calls": 1}}', 'server_side_tool_usage_details.image_generation_calls'),
  ('xai', '{"input_tokens": 1, "server_side_tool_usage_details": {"x_posts_fetched": 2}}', 'server_side_tool_usage_details.x_posts_fetched'),
  (
    'xai', '{"prompt_tokens": 1, "server_side_tools_used": ["SERVER_SIDE_TOOL_IMAGE_GENERATION"]}',
    'server_side_tools_used.SERVER_SIDE_TOOL_IMAGE_GENERATION'
  ),
  ('perplexity', '{"input_tokens": 1, "tool_calls_details": {"fetch_url": {"invocation": 3}}}', 'tool_calls_details.fetch_url.invocation'),
  ('mistral', '{"prompt_tokens": 1, "connectors": {"image_generation": 1}}', 'connectors.image_generation'),
  ('cohere', '{"billed_units": {"classifications": 3}}', 'billed_units.classifications'),
  ('openrouter', '{"prompt_tokens": 1, "server_tool_use": {"image_requests": 1}}', 'server_tool_use.image_requests'),
  ('litellm', '{"prompt_tokens": 1, "prompt_tokens_details": {"smell_tokens": 1}}', 'prompt_tokens_details.smell_tokens'),
  ('vercel_ai', '{"inputTokens": 1, "inputTokenDetails": {"smellTokens": 1}}', 'inputTokenDetails.smellTokens'),
  ('opentelemetry', '{"gen_ai.usage.input_tokens": 1, "gen_ai.usage.smell_tokens": 1}', 'gen_ai.usage.smell_tokens'),
  ('ollama', '{"eval_count": 1, "cached_count": 1}', 'cached_count'),
  ('dashscope', '{"input_tokens": 1, "plugins": {"dance": {"count": 1}}}', 'plugins.dance.count'),
  ('gemini', '{"total_input_tokens": 1, "grounding_tool_count": [{"type": "dance", "count": 1}]}', 'grounding_tool_count.dance.count'),
  (
    'groq', '{"usage": {"prompt_tokens": 1}, "usage_breakdown": {"models": [{"model": "a", "usage": {"prompt_tokens": 1}}]}}',
    'usage_breakdown.models'
  ),
  ('openai_responses', '{"usage": {"input_tokens": 1}, "svg_usage": {"model": "a", "input_tokens": 9}}', 'svg_usage.model'),
  ('anthropic', '{"input_tokens": 1, "fallback_credit": {"status": {"type": "redeemed"}}}', 'fallback_credit.status.type'),
  (
    'vercel_ai', '{"usage": {"inputTokens": 1}, "providerMetadata": {"anthropic": {"cacheCreationInputTokens": 9}}}',
    'providerMetadata'
  )
) as a (format, answer, field);
select tests.refused(
  $$select ratebook.read_usage('groq', '{"service_tier": "performance", "usage": {"prompt_tokens": 1}}')$$,
  'unknown_service_tier', 'PT422', 'what is bought apart has no price here'
);
select is(
  tests.error_of($$select ai.normalize_usage('xai', '{"input_tokens": 1, "num_smiles": 2}')$$) ->> 'hint',
  'It may cost something, so it is not passed over. Look whether the usage is of another format; else count it yourself, by '
  || 'the meters of ai.meters.',
  'but to count it'
);

select * from finish();
rollback;
