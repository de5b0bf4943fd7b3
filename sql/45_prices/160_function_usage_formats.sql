-- What the usage objects of providers hold: each counts the same token in several fields, and each in its own way.
--
-- A format is drawn as its own object is: where a count stands, here stands what it counts. A new one is a row below.
--   input, cached, written, output, thoughts (each alone, and input_, cached_, output_ with image, audio or video)
--     and total are taken apart by ratebook.usage_meters(); written_short, written_1h, written_12h are parts of written.
--   X_again  what X counts once more, under another name. written_else: written, where it is not zero.
--   a key of ai.meters  a count of its own, beside all of these.
--   tier:KEY  counted elsewhere; that it is there states the service tier.
--   none  counted elsewhere, or free: neither the field nor what is under it.
-- Names may be in camelCase or in snake_case: SDKs differ. Entries of a list go by their modality, ttl, type or name;
-- "" is for a field that is a count in some versions and an object in others.
--
-- caches_are_inside: the input holds the cached and the written tokens. thoughts_are_inside: the output holds the
-- thoughts, where no total says so. marks: what only this format has, a jsonpath on the usage; is_plain: others have it
-- too, and mean the same. states: what else the answer says of the price, in the usage or beside it, and what that means:
-- an argument of billing.quote(), and for each word its value there. null says nothing; of several the first is meant,
-- and an argument may be any; what stands nowhere and has no * is a word that nobody prices. variant? is for a price
-- that may be there, refused for what changes the bill in a way that no price row can say.
create type ratebook.usage_format as (
  format text,
  names text [],
  caches_are_inside boolean,
  thoughts_are_inside boolean,
  is_plain boolean,
  marks text,
  fields jsonb,
  states jsonb
);

create function ratebook.usage_formats_of_providers(p_name text) returns setof ratebook.usage_format
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  -- OpenAI, and those who speak its language. A text count is what the others leave; predictions, accepted and
  -- rejected, are billed inside the completion.
  v_input constant jsonb := jsonb '{
    "text_tokens": "none", "image_tokens": "input_image", "audio_tokens": "input_audio", "video_tokens": "input_video",
    "cached_tokens": "cached",
    "cached_tokens_details": {
      "text_tokens": "none", "image_tokens": "cached_image", "audio_tokens": "cached_audio",
      "video_tokens": "cached_video"
    },
    "cache_write_tokens": "written",
    "cache_write_tokens_details": {"ttl_30m_tokens": "written_short", "ttl_12h_tokens": "written_12h"}
  }';
  v_output constant jsonb := jsonb '{
    "text_tokens": "none", "image_tokens": "output_image", "audio_tokens": "output_audio",
    "video_tokens": "output_video", "reasoning_tokens": "thoughts",
    "accepted_prediction_tokens": "none", "rejected_prediction_tokens": "none"
  }';
  v_chat constant jsonb := jsonb '{"prompt_tokens": "input", "completion_tokens": "output", "total_tokens": "total"}'
    || jsonb_build_object('prompt_tokens_details', v_input, 'completion_tokens_details', v_output);
  -- Realtime and transcriptions say token_details.
  v_responses constant jsonb := jsonb '{"input_tokens": "input", "output_tokens": "output", "total_tokens": "total"}'
    || jsonb_build_object(
      'input_tokens_details', v_input, 'output_tokens_details', v_output, 'input_token_details', v_input,
      'output_token_details', v_output
    );
  -- A batch says default too.
  v_tiers constant jsonb := jsonb '{"service_tier": {"service_tier": {
    "auto": null, "default": ["standard", "batch"], "standard": ["standard", "batch"], "on_demand": ["standard", "batch"],
    "flex": "flex", "priority": "priority", "fast": "priority", "ultrafast": "ultrafast"
  }}}';
  -- A page of a document is read as a picture. A medium that is not named is text.
  v_medium constant jsonb := jsonb '{
    "TEXT": {"tokenCount": "none"}, "MODALITY_UNSPECIFIED": {"tokenCount": "none"}, "?": {"tokenCount": "none"},
    "IMAGE": {"tokenCount": "input_image"}, "DOCUMENT": {"tokenCount": "input_image"},
    "AUDIO": {"tokenCount": "input_audio"}, "VIDEO": {"tokenCount": "input_video"}
  }';
  v_media constant jsonb := replace(v_medium::text, 'tokenCount', 'tokens')::jsonb;
  v_claude constant jsonb := jsonb '{
    "input_tokens": "input", "cache_read_input_tokens": "cached", "cache_creation_input_tokens": "written",
    "cache_creation": {
      "ephemeral_5m_input_tokens": "written_short", "ephemeral_1h_input_tokens": "written_1h"
    },
    "output_tokens": "output", "output_tokens_details": {"thinking_tokens": "thoughts"}
  }';
begin
  return query
  -- format, names, caches and thoughts inside, plain, marks, fields, states. Only what is asked for is made.
  select
    -- Moonshot, like DeepSeek below, names the cached tokens outside the details too.
    'openai_chat', '{openai_chat}'::text[], true, true, true, '$.prompt_tokens',
    v_chat || '{
      "prompt_cache_hit_tokens": "cached_again", "prompt_cache_miss_tokens": "none", "cached_tokens": "cached_again",
      "cost": "none", "cost_details": "none"
    }',
    v_tiers
  where coalesce(p_name = any('{openai_chat}'), true)
  union all
  select
    -- What makes an SVG of a picture is another model.
    'openai_responses', '{openai_responses}'::text[], true, true, true,
    '$ ? (exists(@.input_tokens_details) || exists(@.output_tokens_details) || exists(@.input_token_details)
      || @.type == "duration")',
    v_responses || '{"seconds": "input_audio_second"}',
    v_tiers || '{"svg_usage.model": {"refused": {}}}'
  where coalesce(p_name = any('{openai_responses}'), true)
  union all
  select
    -- A compaction reads and writes beside the message, at the same prices; the iterations of the message itself are in
    -- its counts already. Any other iteration is another model's. Fetching costs nothing but its tokens.
    'anthropic', '{anthropic,anthropic_messages}'::text[], false, true, false,
    '$ ? (exists(@.input_tokens) && (exists(@.cache_read_input_tokens) || exists(@.cache_creation_input_tokens)
      || exists(@.cache_creation) || exists(@.output_tokens_details.thinking_tokens)))',
    v_claude || jsonb_build_object(
      'iterations', jsonb_build_object('compaction', v_claude, 'message', 'none'),
      'server_tool_use', '{"web_search_requests": "web_search", "web_fetch_requests": "none"}'::jsonb
    ),
    -- A credit that was redeemed moves the bill.
    '{
      "service_tier": {"service_tier": {"standard": "standard", "priority": "priority", "batch": "batch"}},
      "speed": {"variant": {"standard": null, "*": "*"}},
      "inference_geo": {"region": {"global": null, "not_available": null, "*": "*"}},
      "fallback_credit.status.type": {"refused": {"not_applied": null}}
    }'
  where coalesce(p_name = any('{anthropic,anthropic_messages}'), true)
  union all
  select
    -- The results of tools are read beside the prompt. The Live API says response for candidates; below are the names of
    -- Interactions, which count the first turn and the raw prompt once more.
    'gemini', '{gemini,gemini_generate}'::text[], true, false, false,
    '$ ? (exists(@.promptTokenCount) || exists(@.candidatesTokenCount) || exists(@.responseTokenCount)
      || exists(@.candidates_token_count) || exists(@.response_token_count) || exists(@.total_input_tokens))',
    '{
      "promptTokenCount": "input", "toolUsePromptTokenCount": "input", "cachedContentTokenCount": "cached",
      "candidatesTokenCount": "output", "responseTokenCount": "output", "thoughtsTokenCount": "thoughts",
      "totalTokenCount": "total",
      "total_input_tokens": "input", "total_tool_use_tokens": "input", "total_cached_tokens": "cached",
      "total_output_tokens": "output", "total_thought_tokens": "thoughts", "total_tokens": "total",
      "initial_input_tokens": "none", "raw_prompt_token": "none", "model_invocation_token_counts": "none",
      "grounding_tool_count": {
        "google_search": {"count": "web_search"}, "google_maps": {"count": "map_query"},
        "retrieval": {"count": "file_search"}
      }
    }'::jsonb || jsonb_build_object(
      'promptTokensDetails', v_medium, 'toolUsePromptTokensDetails', v_medium,
      'cacheTokensDetails', replace(v_medium::text, 'input_', 'cached_')::jsonb,
      'candidatesTokensDetails', replace(v_medium::text, 'input_', 'output_')::jsonb,
      'responseTokensDetails', replace(v_medium::text, 'input_', 'output_')::jsonb,
      'input_tokens_by_modality', v_media, 'tool_use_tokens_by_modality', v_media,
      'cached_tokens_by_modality', replace(v_media::text, 'input_', 'cached_')::jsonb,
      'output_tokens_by_modality', replace(v_media::text, 'input_', 'output_')::jsonb
    ),
    -- Vertex AI says trafficType, the Gemini API serviceTier.
    '{
      "trafficType": {"service_tier": {
        "TRAFFIC_TYPE_UNSPECIFIED": null, "ON_DEMAND": ["standard", "batch"], "ON_DEMAND_PRIORITY": "priority",
        "ON_DEMAND_FLEX": "flex"
      }},
      "serviceTier": {"service_tier": {
        "unspecified": null, "standard": ["standard", "batch"], "flex": "flex", "priority": "priority"
      }}
    }'
  where coalesce(p_name = any('{gemini,gemini_generate}'), true)
  union all
  select
    -- The names that end with Count say the same once more; InvokeModel has these only.
    'bedrock', '{bedrock,bedrock_converse}'::text[], false, true, false,
    '$ ? (exists(@.cacheReadInputTokens) || exists(@.cacheWriteInputTokens) || exists(@.cacheDetails)
      || exists(@.inputTokenCount) || exists(@.cacheReadInputTokenCount))',
    '{
      "inputTokens": "input", "outputTokens": "output", "totalTokens": "total", "inputTokenCount": "input_again",
      "outputTokenCount": "output_again", "cacheReadInputTokens": "cached", "cacheWriteInputTokens": "written",
      "cacheReadInputTokenCount": "cached_again", "cacheWriteInputTokenCount": "written_again",
      "cacheDetails": {"5m": {"inputTokens": "written_short"}, "1h": {"inputTokens": "written_1h"}}
    }',
    '{
      "serviceTier.type": {"service_tier": {
        "default": ["standard", "batch"], "flex": "flex", "priority": "priority"
      }},
      "performanceConfig.latency": {"variant": {"standard": null, "*": "*"}}
    }'
  where coalesce(p_name = any('{bedrock,bedrock_converse}'), true)
  union all
  select
    'deepseek', '{deepseek}'::text[], true, true, false, '$.prompt_cache_hit_tokens', v_chat || '{
    "prompt_cache_hit_tokens": "cached_again", "prompt_cache_miss_tokens": "none"
  }', v_tiers
  where coalesce(p_name = any('{deepseek}'), true)
  union all
  select
    -- Flex costs what on demand costs. A compound model lists what it asked, each at its own prices.
    'groq', '{groq}'::text[], true, true, false, '$.queue_time', v_chat,
    '{
      "service_tier": {"service_tier": {
        "auto": null, "on_demand": ["standard", "batch"], "flex": ["standard", "flex"]
      }},
      "usage_breakdown.models": {"refused": {}}
    }'
  where coalesce(p_name = any('{groq}'), true)
  union all
  select
    -- Sound is billed by the second, and its tokens are in the total only. What connectors bring is input beside the
    -- prompt. OCR counts pages.
    'mistral', '{mistral}'::text[], true, true, false,
    '$ ? (exists(@.prompt_audio_seconds) || exists(@.num_cached_tokens) || exists(@.connector_tokens)
      || exists(@.pages_processed))',
    v_chat || '{
      "total_tokens": "none", "prompt_audio_seconds": "input_audio_second", "num_cached_tokens": "cached_again",
      "prompt_tokens_details": {"cached_tokens": "cached", "audio_tokens": "none", "text_tokens": "none"},
      "request_count": "none", "connector_tokens": "input",
      "connectors": {
        "web_search": "web_search", "code_interpreter": "code_execution", "document_library": "file_search"
      },
      "pages_processed": "page", "doc_size_bytes": "none"
    }',
    v_tiers
  where coalesce(p_name = any('{mistral}'), true)
  union all
  select
    -- Thoughts may be beside the completion, which the total tells. Sources are those of the old live search; what MCP
    -- and looking at pictures cost is their tokens. The SDK lists the tools by name.
    'xai', '{xai}'::text[], true, false, false,
    '$ ? (exists(@.cost_in_usd_ticks) || exists(@.num_sources_used) || exists(@.server_side_tool_usage_details)
      || exists(@.prompt_text_tokens))',
    v_chat || v_responses || '{
      "cost_in_usd_ticks": "none", "num_sources_used": "search_source", "num_server_side_tools_used": "none",
      "context_details": "none", "reasoning_tokens": "thoughts_again", "prompt_text_tokens": "none",
      "cached_prompt_text_tokens": "cached_again", "prompt_image_tokens": "input_image_again",
      "server_side_tool_usage_details": {
        "web_search_calls": "web_search", "x_search_calls": "x_search", "code_interpreter_calls": "code_execution",
        "file_search_calls": "file_search", "document_search_calls": "file_search",
        "attachment_search_calls": "attachment_search", "mcp_calls": "none", "view_image_calls": "none",
        "view_x_video_calls": "none"
      },
      "server_side_tools_used": {
        "SERVER_SIDE_TOOL_WEB_SEARCH": "web_search", "SERVER_SIDE_TOOL_X_SEARCH": "x_search",
        "SERVER_SIDE_TOOL_CODE_EXECUTION": "code_execution", "SERVER_SIDE_TOOL_COLLECTIONS_SEARCH": "file_search",
        "SERVER_SIDE_TOOL_ATTACHMENT_SEARCH": "attachment_search", "SERVER_SIDE_TOOL_MCP": "none",
        "SERVER_SIDE_TOOL_VIEW_IMAGE": "none", "SERVER_SIDE_TOOL_VIEW_X_VIDEO": "none",
        "SERVER_SIDE_TOOL_IMAGE_GENERATION": "?", "SERVER_SIDE_TOOL_IMAGE_SEARCH": "?"
      }
    }',
    -- In the words of REST and of the SDK.
    v_tiers || '{"service_tier": {"service_tier": {
      "SERVICE_TIER_UNSPECIFIED": null, "default": ["standard", "batch"], "SERVICE_TIER_DEFAULT": ["standard", "batch"],
      "priority": "priority", "SERVICE_TIER_PRIORITY": "priority"
    }}}'
  where coalesce(p_name = any('{xai}'), true)
  union all
  select
    -- The thoughts of deep research are beside the completion, and in no total. Agents name their tools.
    'perplexity', '{perplexity}'::text[], true, false, false,
    '$ ? (exists(@.citation_tokens) || exists(@.num_search_queries) || exists(@.search_context_size)
      || exists(@.cost.total_cost) || exists(@.tool_calls_details))',
    v_chat || '{
      "reasoning_tokens": "reasoning", "citation_tokens": "citation", "num_search_queries": "web_search", "cost": "none",
      "input_tokens": "input", "output_tokens": "output",
      "input_tokens_details": {"cache_read_input_tokens": "cached", "cache_creation_input_tokens": "written"},
      "tool_calls_details": {"web_search": {"invocation": "web_search"}, "search_web": {"invocation": "web_search"}}
    }',
    '{"search_context_size": {"variant?": {"*": "*"}}}'
  where coalesce(p_name = any('{perplexity}'), true)
  union all
  select
    -- Billed units are what is billed, whatever the model read; reading a cache costs the same.
    'cohere', '{cohere}'::text[], true, true, false, '$.billed_units',
    '{
      "billed_units": {
        "input_tokens": "input", "text_tokens": "none", "image_tokens": "input_image", "output_tokens": "output",
        "search_units": "query", "images": "input_image_count", "pages": "page"
      },
      "tokens": "none", "cached_tokens": "none", "api_version": "none"
    }',
    '{}'
  where coalesce(p_name = any('{cohere}'), true)
  union all
  select
    -- The usage lies beside the answer itself; durations are times.
    'ollama', '{ollama}'::text[], true, true, false, '$ ? (exists(@.prompt_eval_count) || exists(@.eval_count))',
    '{
      "prompt_eval_count": "input", "eval_count": "output", "total_duration": "none", "load_duration": "none",
      "prompt_eval_duration": "none", "eval_duration": "none", "message": "none", "response": "none", "context": "none",
      "embeddings": "none", "embedding": "none", "logprobs": "none"
    }',
    '{}'
  where coalesce(p_name = any('{ollama}'), true)
  union all
  select
    -- Pictures and sound are in the input, whether they stand in the details or above them. Qwen also speaks OpenAI's
    -- language, with details for each kind of bill once more.
    'dashscope', '{dashscope}'::text[], true, true, false,
    '$ ? (exists(@.characters) || exists(@.image_count) || exists(@.video_count) || exists(@.plugins)
      || exists(@.x_details) || exists(@.image_tokens) || exists(@.audio_tokens) || exists(@.video_tokens)
      || exists(@.prompt_tokens_details.cache_type))',
    v_chat || v_responses || '{
      "image_tokens": "input_image_again", "audio_tokens": "input_audio_again", "video_tokens": "input_video_again",
      "cached_tokens": "cached_again", "characters": "input_character", "image_count": "image", "video_count": "none",
      "video_duration": "video_second", "duration": "input_audio_second", "x_details": "none",
      "plugins": {"search": {"count": "web_search"}}
    }' || jsonb_build_object('prompt_tokens_details', v_input || '{
      "cache_creation_input_tokens": "written",
      "cache_creation": {"ephemeral_5m_input_tokens": "written_short"}
    }'),
    '{}'
  where coalesce(p_name = any('{dashscope}'), true)
  ;
end;
$$;

revoke all on function ratebook.usage_formats_of_providers(text) from public;

comment on function ratebook.usage_formats_of_providers(text) is
'The formats of providers own usage objects.';

comment on type ratebook.usage_format is 'How a provider''s usage object is read.';
comment on column ratebook.usage_format.format is 'Its name.';
comment on column ratebook.usage_format.names is 'This and other names that a caller may give.';
comment on column ratebook.usage_format.caches_are_inside is 'Whether its input holds the cached and the written tokens.';
comment on column ratebook.usage_format.thoughts_are_inside is 'Whether its output holds the thoughts, where no total says so.';
comment on column ratebook.usage_format.is_plain is 'Whether other formats have its fields too, and mean the same.';
comment on column ratebook.usage_format.marks is 'A jsonpath for what only this format has.';
comment on column ratebook.usage_format.fields is 'What each field counts.';
comment on column ratebook.usage_format.states is 'What it states about the price.';
