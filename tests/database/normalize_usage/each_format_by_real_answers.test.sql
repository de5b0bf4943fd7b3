-- Real answers and the types of SDKs, in the format's own words. Each line above says where from and what adds up.
begin;
set local search_path = tap, pg_catalog;
select plan(82);

create temporary table examples (format text, raw jsonb, usage jsonb);
insert into examples values
  (
    -- grok-4-fast, github.com/vercel/ai/pull/9774: 2640 + 182 + 672 = 3494, so thoughts are beside
    'xai', '{"prompt_tokens": 2640, "completion_tokens": 182, "total_tokens": 3494, "prompt_tokens_details":
      {"text_tokens": 2640, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 473},
      "completion_tokens_details": {"reasoning_tokens": 672, "audio_tokens": 0, "accepted_prediction_tokens": 0,
      "rejected_prediction_tokens": 0}, "num_sources_used": 0}',
    '{"input": 2167, "cache_read": 473, "output": 182, "reasoning": 672}'
  ),
  (
    -- an answer of the Responses API with three searches of X
    'xai', '{"id": "r1", "usage": {"input_tokens": 7583, "input_tokens_details": {"cached_tokens": 3072},
      "output_tokens": 3192, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 10775,
      "num_sources_used": 0, "num_server_side_tools_used": 3, "cost_in_usd_ticks": 292331500,
      "server_side_tool_usage_details": {"web_search_calls": 0, "x_search_calls": 3, "code_interpreter_calls": 0,
      "file_search_calls": 0, "mcp_calls": 0, "document_search_calls": 0, "image_generation_calls": 0},
      "context_details": {"input_tokens": 5993, "output_tokens": 2995}}}',
    '{"input": 4511, "cache_read": 3072, "output": 3192, "x_search": 3}'
  ),
  (
    -- live search bills its sources
    'xai', '{"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "num_sources_used": 4}',
    '{"input": 10, "output": 5, "search_source": 4}'
  ),
  (
    -- SamplingUsage of xai-sdk 1.21, which lists tools by name: 100 - 40 - 30 = 30
    'xai', '{"completion_tokens": 10, "reasoning_tokens": 20, "prompt_tokens": 100, "total_tokens": 130,
      "prompt_text_tokens": 60, "cached_prompt_text_tokens": 30, "prompt_image_tokens": 40,
      "server_side_tools_used": ["SERVER_SIDE_TOOL_WEB_SEARCH", "SERVER_SIDE_TOOL_WEB_SEARCH",
      "SERVER_SIDE_TOOL_X_SEARCH", "SERVER_SIDE_TOOL_ATTACHMENT_SEARCH", "SERVER_SIDE_TOOL_CODE_EXECUTION",
      "SERVER_SIDE_TOOL_MCP"], "cost_in_usd_ticks": 7}',
    '{"input": 30, "input_image": 40, "cache_read": 30, "output": 10, "reasoning": 20, "web_search": 2,
      "x_search": 1, "attachment_search": 1, "code_execution": 1}'
  ),
  (
    -- sonar-deep-research; its own cost of 0.59962 is 1188 and 8014 at 2, 4240 at 8, 92431 at 3 USD a million and 54 at 5 a thousand
    'perplexity', '{"prompt_tokens": 1188, "completion_tokens": 4240, "total_tokens": 5428, "citation_tokens": 8014,
      "num_search_queries": 54, "reasoning_tokens": 92431, "cost": {"input_tokens_cost": 0.00238,
      "output_tokens_cost": 0.03392, "citation_tokens_cost": 0.01603, "reasoning_tokens_cost": 0.27729,
      "search_queries_cost": 0.27, "total_cost": 0.59962}}',
    '{"input": 1188, "output": 4240, "citation": 8014, "reasoning": 92431, "web_search": 54}'
  ),
  (
    -- ResponsesUsage of perplexityai 0.46
    'perplexity', '{"input_tokens": 500, "output_tokens": 60, "total_tokens": 560, "input_tokens_details":
      {"cache_read_input_tokens": 200, "cache_creation_input_tokens": 100}, "tool_calls_details": {"search_web":
      {"invocation": 2}}, "cost": {"currency": "USD", "input_cost": 0.1, "output_cost": 0.2, "total_cost": 0.3}}',
    '{"input": 200, "cache_read": 200, "cache_write": 100, "output": 60, "web_search": 2}'
  ),
  (
    -- console.groq.com/docs/api-reference
    'groq', '{"usage": {"queue_time": 0.037493756, "prompt_tokens": 18, "prompt_time": 0.000680594, "completion_tokens":
      556, "completion_time": 0.463333333, "total_tokens": 574, "total_time": 0.464013927,
      "prompt_tokens_details": {"cached_tokens": 8}}, "service_tier": "on_demand", "x_groq": {"id": "req_01"}}',
    '{"input": 10, "cache_read": 8, "output": 556}'
  ),
  (
    -- api-docs.deepseek.com/guides/kv_cache
    'deepseek', '{"prompt_tokens": 1000, "completion_tokens": 300, "total_tokens": 1300, "prompt_tokens_details":
      {"cached_tokens": 640}, "completion_tokens_details": {"reasoning_tokens": 200}, "prompt_cache_hit_tokens":
      640, "prompt_cache_miss_tokens": 360}',
    '{"input": 360, "cache_read": 640, "output": 100, "reasoning": 200}'
  ),
  (
    -- an answer of voxtral-mini-latest: the 375 tokens of sound are billed by their 12 seconds
    'mistral', '{"model": "voxtral-mini-latest", "text": "Ja.", "segments": [], "usage": {"prompt_audio_seconds": 12,
      "prompt_tokens": 3, "total_tokens": 419, "completion_tokens": 41, "prompt_tokens_details": {"cached_tokens":
      0, "audio_tokens": 375}, "service_tier": "standard"}}',
    '{"input": 3, "output": 41, "input_audio_second": 12}'
  ),
  (
    -- docs.mistral.ai, transcription: what is cached of the sound is not in the prompt
    'mistral', '{"prompt_audio_seconds": 5, "prompt_tokens": 5, "total_tokens": 404, "completion_tokens": 24,
      "prompt_tokens_details": {"cached_tokens": 368}}',
    '{"cache_read": 5, "output": 24, "input_audio_second": 5}'
  ),
  (
    -- docs.mistral.ai, an agent that searched: 188 + 7112 = 7300
    'mistral', '{"usage": {"prompt_tokens": 188, "completion_tokens": 55, "total_tokens": 7355, "connector_tokens": 7112,
      "connectors": {"web_search": 1}}}',
    '{"input": 7300, "output": 55, "web_search": 1}'
  ),
  (
    -- OCRUsageInfo of mistralai 3.7
    'mistral', '{"pages": [], "model": "mistral-ocr-latest", "usage_info": {"pages_processed": 29, "doc_size_bytes":
      3002783}}',
    '{"page": 29}'
  ),
  (
    -- docs.cohere.com/v2/reference/chat
    'cohere', '{"usage": {"billed_units": {"input_tokens": 12, "output_tokens": 8}, "tokens": {"input_tokens": 15,
      "output_tokens": 8}, "cached_tokens": 10}}',
    '{"input": 12, "output": 8}'
  ),
  (
    -- docs.cohere.com/reference/rerank
    'cohere', '{"results": [{"index": 3, "relevance_score": 0.9990716}], "meta": {"api_version": {"version": "2",
      "is_experimental": false}, "billed_units": {"search_units": 1}}}',
    '{"query": 1}'
  ),
  (
    -- docs.ollama.com/api/generate
    'ollama', '{"model": "llama3.2", "response": "", "done": true, "context": [1, 2, 3], "total_duration": 10706818083,
      "load_duration": 6338219291, "prompt_eval_count": 26, "prompt_eval_duration": 130079000, "eval_count": 259,
      "eval_duration": 4232710000}',
    '{"input": 26, "output": 259}'
  ),
  (
    -- help.aliyun.com, qwen3-max that searched
    'dashscope', '{"input_tokens": 200, "output_tokens": 100, "total_tokens": 300, "plugins": {"search": {"count": 1,
      "strategy": "pro"}}}',
    '{"input": 200, "output": 100, "web_search": 1}'
  ),
  (
    -- help.aliyun.com, qwen-vl: 1249 - 1225 = 24
    'dashscope', '{"output_tokens": 39, "input_tokens": 1249, "image_tokens": 1225, "input_tokens_details": {"image_tokens":
      1225, "text_tokens": 24}}',
    '{"input": 24, "input_image": 1225, "output": 39}'
  ),
  (
    -- help.aliyun.com, an explicit cache: 1290 - 1280 = 10
    'dashscope', '{"prompt_tokens": 1290, "completion_tokens": 20, "total_tokens": 1310, "prompt_tokens_details":
      {"cached_tokens": 0, "cache_creation_input_tokens": 1280, "cache_creation": {"ephemeral_5m_input_tokens":
      1280}, "cache_type": "ephemeral"}}',
    '{"input": 10, "cache_write": 1280, "output": 20}'
  ),
  (
    -- ImageSynthesisUsage, VideoSynthesisUsage, SpeechSynthesisUsage of dashscope 2.0
    'dashscope', '{"image_count": 2, "video_count": 1, "video_duration": 5, "video_ratio": "1280*720", "characters": 24}',
    '{"image": 2, "video_second": 5, "input_character": 24}'
  ),
  (
    -- an answer of moonshotai/kimi-k3: 26792 - 23538 = 3254
    'openrouter', '{"prompt_tokens": 17135, "completion_tokens": 26792, "total_tokens": 43927, "cost": 0.453285, "is_byok":
      false, "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0, "audio_tokens": 0,
      "video_tokens": 0}, "cost_details": {"upstream_inference_cost": 0.453285, "upstream_inference_prompt_cost":
      0.051405, "upstream_inference_completions_cost": 0.40188}, "completion_tokens_details": {"reasoning_tokens":
      23538, "image_tokens": 0, "audio_tokens": 0}}',
    '{"input": 17135, "output": 3254, "reasoning": 23538}'
  ),
  (
    -- ChatUsage of openrouter 1.3: a search of a server tool, cached and written
    'openrouter', '{"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050, "is_byok": true,
      "prompt_tokens_details": {"cached_tokens": 600, "cache_write_tokens": 300, "file_tokens": 20},
      "server_tool_use_details": {"web_search_requests": 2, "tool_calls_requested": 2, "tool_calls_executed": 2},
      "server_tool_use": {"web_search_requests": 2}}',
    '{"input": 100, "cache_read": 600, "cache_write": 300, "output": 50, "web_search": 2}'
  ),
  (
    -- CreateRerankUsage of openrouter 1.3
    'openrouter', '{"cost": 0.002, "search_units": 1, "total_tokens": 120}',
    '{"query": 1}'
  ),
  (
    -- Usage of litellm 1.106, from Anthropic: 4000 - 3000 - 800 = 200, each once
    'litellm', '{"prompt_tokens": 4000, "completion_tokens": 100, "total_tokens": 4100, "prompt_tokens_details":
      {"cached_tokens": 3000, "cache_creation_tokens": 800, "cache_write_tokens": 800,
      "cache_creation_token_details": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 300},
      "web_search_requests": 2}, "cache_creation_input_tokens": 800, "cache_read_input_tokens": 3000,
      "server_tool_use": {"web_search_requests": 2}}',
    '{"input": 200, "cache_read": 3000, "cache_write": 500, "cache_write_1h": 300, "output": 100, "web_search":
      2}'
  ),
  (
    -- a multimodal embedding of Vertex AI
    'litellm', '{"prompt_tokens": 0, "total_tokens": 0, "prompt_tokens_details": {"character_count": 40, "image_count": 1,
      "video_length_seconds": 2.5}}',
    '{"input_character": 40, "input_image_count": 1, "input_video_second": 2.5}'
  ),
  (
    -- ai 6 and 7, from Anthropic, github.com/vercel/ai/issues/9921
    'vercel_ai', '{"inputTokens": 2302, "inputTokenDetails": {"noCacheTokens": 18, "cacheReadTokens": 2284,
      "cacheWriteTokens": 0}, "outputTokens": 141, "outputTokenDetails": {"textTokens": 141, "reasoningTokens":
      0}, "totalTokens": 2443, "reasoningTokens": 0, "cachedInputTokens": 2284, "raw": {"input_tokens": 18,
      "cache_read_input_tokens": 2284, "output_tokens": 141}}',
    '{"input": 18, "cache_read": 2284, "output": 141}'
  ),
  (
    -- ai 6, from xAI, github.com/vercel/ai/pull/9774: 555 + 190 + 1057 = 1802
    'vercel_ai', '{"inputTokens": 555, "outputTokens": 190, "totalTokens": 1802, "reasoningTokens": 1057, "cachedInputTokens":
      316}',
    '{"input": 239, "cache_read": 316, "output": 190, "reasoning": 1057}'
  ),
  (
    -- ai 5, from OpenAI: thoughts and cached are inside
    'vercel_ai', '{"inputTokens": 100, "outputTokens": 20, "totalTokens": 120, "reasoningTokens": 5, "cachedInputTokens": 40}',
    '{"input": 60, "cache_read": 40, "output": 15, "reasoning": 5}'
  ),
  (
    -- ai 5, from Anthropic: what is cached is more than the input, so it is beside
    'vercel_ai', '{"inputTokens": 18, "outputTokens": 141, "totalTokens": 159, "cachedInputTokens": 2284}',
    '{"input": 18, "cache_read": 2284, "output": 141}'
  ),
  (
    -- LanguageModelV3Usage of @ai-sdk/provider 3
    'vercel_ai', '{"inputTokens": {"total": 2302, "noCache": 0, "cacheRead": 2284, "cacheWrite": 18}, "outputTokens":
      {"total": 141, "text": 100, "reasoning": 41}}',
    '{"cache_read": 2284, "cache_write": 18, "output": 100, "reasoning": 41}'
  ),
  (
    -- a run of several steps: all of them, not the last
    'vercel_ai', '{"usage": {"inputTokens": 10, "outputTokens": 2, "totalTokens": 12, "inputTokenDetails": {}}, "totalUsage":
      {"inputTokens": 30, "outputTokens": 9, "totalTokens": 39, "inputTokenDetails": {"cacheReadTokens": 5}}}',
    '{"input": 25, "cache_read": 5, "output": 9}'
  ),
  (
    -- Usage of openai-agents 0.24
    'openai_agents', '{"requests": 2, "input_tokens": 300, "input_tokens_details": {"cached_tokens": 100, "cache_write_tokens":
      0}, "output_tokens": 80, "output_tokens_details": {"reasoning_tokens": 30}, "total_tokens": 380,
      "request_usage_entries": [{"input_tokens": 100, "output_tokens": 40, "total_tokens": 140}, {"input_tokens":
      200, "output_tokens": 40, "total_tokens": 240}]}',
    '{"input": 200, "cache_read": 100, "output": 50, "reasoning": 30}'
  ),
  (
    -- a span of GitHub Copilot: 1000 - 800 = 200, 200 - 50 = 150
    'opentelemetry', '{"gen_ai.operation.name": "chat", "gen_ai.request.max_tokens": 4096, "gen_ai.usage.input_tokens": 1000,
      "gen_ai.usage.output_tokens": 200, "gen_ai.usage.cache_read.input_tokens": 800,
      "gen_ai.usage.reasoning.output_tokens": 50, "server.port": 443, "github.copilot.cost": 7.5}',
    '{"input": 200, "cache_read": 800, "output": 150, "reasoning": 50}'
  ),
  (
    -- the older names
    'opentelemetry', '{"gen_ai.usage.prompt_tokens": 7, "gen_ai.usage.completion_tokens": 3}',
    '{"input": 7, "output": 3}'
  ),
  (
    -- Interactions of gemini-3.6-flash, two searches; 171 + 537 + 533 = 1241
    'gemini', '{"interaction": {"id": "v1", "usage": {"total_tokens": 1241, "total_input_tokens": 171,
      "input_tokens_by_modality": [{"modality": "text", "tokens": 171}], "total_cached_tokens": 0,
      "total_output_tokens": 537, "total_tool_use_tokens": 0, "total_thought_tokens": 533, "grounding_tool_count":
      [{"type": "google_search", "count": 2}], "raw_prompt_token": 7000}, "service_tier": "standard"},
      "event_type": "interaction.completed"}',
    '{"input": 171, "output": 537, "reasoning": 533, "web_search": 2}'
  ),
  (
    -- ai.google.dev/api/interactions-api
    'gemini', '{"input_tokens_by_modality": [{"modality": "text", "tokens": 7}], "total_cached_tokens": 0,
      "total_input_tokens": 7, "total_output_tokens": 20, "total_thought_tokens": 22, "total_tokens": 49,
      "total_tool_use_tokens": 0}',
    '{"input": 7, "output": 20, "reasoning": 22}'
  ),
  (
    -- google-genai 3.6 in Python: snake_case, with sound
    'gemini', '{"prompt_token_count": 90, "candidates_token_count": 60, "total_token_count": 150, "prompt_tokens_details":
      [{"modality": "AUDIO", "token_count": 50}, {"modality": "TEXT", "token_count": 40}], "cache_tokens_details":
      null, "traffic_type": "ON_DEMAND"}',
    '{"input": 40, "input_audio": 50, "output": 60}'
  ),
  (
    -- the last chunk of an InvokeModelWithResponseStream
    'bedrock', '{"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 100, "outputTokenCount":
      50, "invocationLatency": 5000, "firstByteLatency": 200, "cacheReadInputTokenCount": 80,
      "cacheWriteInputTokenCount": 20}}',
    '{"input": 100, "cache_read": 80, "cache_write": 20, "output": 50}'
  ),
  (
    -- an event of Realtime
    'openai_responses', '{"type": "response.done", "response": {"id": "resp_1", "usage": {"total_tokens": 30, "input_tokens": 20,
      "output_tokens": 10, "input_token_details": {"text_tokens": 5, "audio_tokens": 15, "cached_tokens": 0},
      "output_token_details": {"text_tokens": 2, "audio_tokens": 8}}}}',
    '{"input": 5, "input_audio": 15, "output": 2, "output_audio": 8}'
  ),
  (
    -- a line of a batch
    'openai_chat', '{"id": "batch_req_1", "custom_id": "a", "response": {"status_code": 200, "body": {"id": "chatcmpl-1",
      "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}}}}',
    '{"input": 5, "output": 2}'
  ),
  (
    -- the event that begins a stream
    'anthropic', '{"type": "message_start", "message": {"id": "msg_1", "content": [], "usage": {"input_tokens": 25,
      "output_tokens": 1, "cache_creation_input_tokens": 7, "cache_read_input_tokens": 0}}}',
    '{"input": 25, "cache_write": 7, "output": 1}'
  ),
  (
    -- langchain-core 1.8.4
    'langchain', '{"input_tokens": 350, "output_tokens": 240, "total_tokens": 590, "input_token_details": {"cache_read": 100,
      "cache_creation": 200}, "output_token_details": {"reasoning": 200}}',
    '{"input": 50, "cache_read": 100, "cache_write": 200, "output": 40, "reasoning": 200}'
  );

select is(ai.normalize_usage(e.format, e.raw), e.usage, e.format || ' ' || left(e.raw::text, 60)) from examples as e;
-- Without a format, it is seen which one it is where it can be no other.
select is(
  ai.normalize_usage(raw => e.raw), e.usage, 'seen to be ' || e.format || ' ' || left(e.raw::text, 60)
)
from examples as e;

select * from finish();
rollback;
