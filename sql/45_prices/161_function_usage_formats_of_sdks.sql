-- More formats, drawn as in ratebook.usage_formats_of_providers().
create function ratebook.usage_formats_of_sdks(p_name text) returns setof ratebook.usage_format
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tiers constant jsonb := jsonb '{
    "auto": null, "default": ["standard", "batch"], "standard": ["standard", "batch"],
    "on_demand": ["standard", "batch"], "flex": "flex", "priority": "priority", "fast": "priority",
    "ultrafast": "ultrafast", "batch": "batch"
  }';
  v_speed constant jsonb := jsonb '{"variant": {"standard": null, "*": "*"}}';
  v_chat constant jsonb := (select f.fields from ratebook.usage_formats_of_providers('openai_chat') as f);
  v_input constant jsonb := v_chat -> 'prompt_tokens_details';
  v_output constant jsonb := v_chat -> 'completion_tokens_details';
begin
  return query
  -- format, names, caches and thoughts inside, plain, marks, fields, states. Only what is asked for is made.
  select
    -- Its own cost is of its own account. A tool of a server is a search, or free; files are read as text.
    'openrouter', '{openrouter}'::text[], true, true, false,
    '$ ? (exists(@.is_byok) || exists(@.cost_details) || exists(@.server_tool_use_details)
      || exists(@.search_units))',
    v_chat || jsonb_build_object(
      'input_tokens', 'input', 'output_tokens', 'output', 'input_tokens_details', v_input,
      'output_tokens_details', v_output, 'prompt_tokens_details', v_input || '{"file_tokens": "none"}',
      'seconds', 'input_audio_second', 'search_units', 'query',
      'server_tool_use', '{
        "tool_calls_executed": "none", "tool_calls_requested": "none", "web_search_requests": "web_search"
      }'::jsonb,
      'server_tool_use_details', '{
        "tool_calls_executed": "none", "tool_calls_requested": "none", "web_search_requests": "web_search_again"
      }'::jsonb
    ),
    jsonb_build_object('service_tier', jsonb_build_object('service_tier', v_tiers), 'speed', v_speed)
  where coalesce(p_name = any('{openrouter}'), true)
  union all
  select
    -- One form for all providers: OpenAI's, with what others count beside it, often twice.
    'litellm', '{litellm}'::text[], true, true, false,
    '$ ? (exists(@.prompt_tokens) && (exists(@.cache_read_input_tokens) || exists(@.cache_creation_input_tokens)
      || exists(@.prompt_tokens_details.cache_creation_tokens) || exists(@.prompt_tokens_details.web_search_requests)
      || exists(@.prompt_tokens_details.character_count) || exists(@.prompt_tokens_details.image_count)))',
    v_chat || '{
      "cache_read_input_tokens": "cached_again", "cache_creation_input_tokens": "written_again",
      "reasoning_tokens": "thoughts_again", "num_sources_used": "web_search_again",
      "num_search_queries": "web_search_again", "citation_tokens": "citation",
      "server_tool_use": {"web_search_requests": "web_search_again", "tool_search_requests": "none"}
    }' || jsonb_build_object('prompt_tokens_details', v_input || '{
      "cache_creation_tokens": "written_again",
      "cache_creation_token_details": {
        "ephemeral_5m_input_tokens": "written_short", "ephemeral_1h_input_tokens": "written_1h"
      },
      "web_search_requests": "web_search", "google_maps_grounding_requests": "map_query", "tool_use_tokens": "none",
      "character_count": "input_character", "image_count": "input_image_count", "query_count": "query",
      "video_length_seconds": "input_video_second", "audio_length_seconds": "input_audio_second"
    }'),
    -- In the usage or beside it, as the provider said it.
    jsonb_build_object(
      'service_tier', jsonb_build_object('service_tier', v_tiers), 'speed', v_speed,
      'inference_geo', '{"region": {"global": null, "not_available": null, "*": "*"}}'::jsonb
    )
  where coalesce(p_name = any('{litellm}'), true)
  union all
  select
    -- Where a service tier has prices of its own its name leads the names of the parts, and what is left stands under it
    -- alone. From Anthropic, what is written stands by its time to live, and then not under cache_creation.
    'langchain', '{langchain}'::text[], true, true, false,
    '$ ? (exists(@.input_token_details.cache_read) || exists(@.input_token_details.cache_creation)
      || exists(@.output_token_details.reasoning) || exists(@.input_token_details.flex)
      || exists(@.input_token_details.priority))',
    '{
      "input_tokens": "input", "output_tokens": "output", "total_tokens": "total",
      "input_token_details": {
        "audio": "input_audio", "image": "input_image", "video": "input_video", "text": "none",
        "cache_read": "cached", "cache_creation": "written_else", "ephemeral_5m_input_tokens": "written_short",
        "ephemeral_1h_input_tokens": "written_1h",
        "flex": "tier:flex", "flex_cache_read": "cached", "flex_cache_creation": "written_else",
        "priority": "tier:priority", "priority_cache_read": "cached", "priority_cache_creation": "written_else"
      },
      "output_token_details": {
        "audio": "output_audio", "image": "output_image", "video": "output_video", "text": "none",
        "reasoning": "thoughts", "flex": "tier:flex", "flex_reasoning": "thoughts", "priority": "tier:priority",
        "priority_reasoning": "thoughts"
      }
    }',
    jsonb_build_object('response_metadata.service_tier', jsonb_build_object('service_tier', v_tiers))
  where coalesce(p_name = any('{langchain}'), true)
  union all
  select
    -- Version 5 says cachedInputTokens and no details: inside the input, but for Anthropic and Bedrock, whose own usage is
    -- in providerMetadata. A provider of version 3 has the counts in objects.
    'vercel_ai', '{vercel_ai}'::text[], true, true, false,
    '$ ? (exists(@.inputTokenDetails) || exists(@.outputTokenDetails) || exists(@.cachedInputTokens)
      || exists(@.inputTokens.noCache) || exists(@.outputTokens.text) || exists(@.promptTokens))',
    '{
      "inputTokens": {"": "input", "total": "input", "noCache": "none", "cacheRead": "cached", "cacheWrite": "written"},
      "inputTokenDetails": {"noCacheTokens": "none", "cacheReadTokens": "cached", "cacheWriteTokens": "written"},
      "outputTokens": {"": "output", "total": "output", "text": "none", "reasoning": "thoughts"},
      "outputTokenDetails": {"textTokens": "none", "reasoningTokens": "thoughts"},
      "totalTokens": "total", "cachedInputTokens": "cached_again", "reasoningTokens": "thoughts_again", "raw": "none",
      "promptTokens": "input", "completionTokens": "output"
    }',
    -- The word of the provider is in its metadata.
    jsonb_build_object(
      'providerMetadata.openai.serviceTier', jsonb_build_object('service_tier', v_tiers),
      'providerMetadata.anthropic.usage.service_tier', jsonb_build_object('service_tier', v_tiers),
      'providerMetadata.anthropic.usage.speed', v_speed,
      'providerMetadata.anthropic.usage.inference_geo',
      '{"region": {"global": null, "not_available": null, "*": "*"}}'::jsonb
    )
  where coalesce(p_name = any('{vercel_ai}'), true)
  union all
  select
    -- The sum of a run. Its requests are no fee of the provider's; each is priced apart by its own entry, where that matters.
    'openai_agents', '{openai_agents}'::text[], true, true, false, '$ ? (exists(@.requests) && exists(@.input_tokens))',
    jsonb_build_object(
      'input_tokens', 'input', 'output_tokens', 'output', 'total_tokens', 'total',
      'input_tokens_details', v_input || jsonb_build_object('?', v_input),
      'output_tokens_details', v_output || jsonb_build_object('?', v_output),
      'requests', 'none', 'request_usage_entries', 'none'
    ),
    '{}'
  where coalesce(p_name = any('{openai_agents}'), true)
  union all
  select
    -- Attributes of a span, by their full names; the older names say the same. What is not usage is left out before.
    'opentelemetry', '{opentelemetry,otel}'::text[], true, true, false,
    '$ ? (exists(@."gen_ai.usage.input_tokens") || exists(@."gen_ai.usage.output_tokens")
      || exists(@."gen_ai.usage.prompt_tokens"))',
    '{
      "gen_ai.usage.input_tokens": "input", "gen_ai.usage.output_tokens": "output",
      "gen_ai.usage.prompt_tokens": "input_again", "gen_ai.usage.completion_tokens": "output_again",
      "gen_ai.usage.total_tokens": "total",
      "gen_ai.usage.cache_read.input_tokens": "cached", "gen_ai.usage.cache_creation.input_tokens": "written",
      "gen_ai.usage.reasoning.output_tokens": "thoughts"
    }',
    jsonb_build_object(
      'openai.response.service_tier', jsonb_build_object('service_tier', v_tiers),
      'gen_ai.openai.response.service_tier', jsonb_build_object('service_tier', v_tiers)
    )
  where coalesce(p_name = any('{opentelemetry,otel}'), true)
  ;
end;
$$;

revoke all on function ratebook.usage_formats_of_sdks(text) from public;

comment on function ratebook.usage_formats_of_sdks(text) is
'The formats of those who ask many providers, gateways, SDKs and telemetry: the one of that name, or all for NULL.';
