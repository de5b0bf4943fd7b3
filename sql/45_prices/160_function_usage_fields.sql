-- What the usage objects of providers hold: each counts the same token in several fields, and each in its own way.
--
-- A format is drawn as its own object is: where a count stands, here stands what it counts. A new one is a row below.
--   input, cached, written, output, thoughts (each alone, and input_, cached_, output_ with image, audio or video)
--     and total are taken apart by ratebook.normalize_usage(); written_short and written_1h are parts of written.
--   cached_again, written_again  the same tokens once more, under another name; written_else: where it is not zero.
--   a key of ai.meters           a count of its own.
--   tier:KEY                     counted elsewhere; that it is there states the service tier.
--   none                         counted elsewhere, or free: neither the field nor what is under it.
-- Names may be in camelCase or in snake_case: SDKs differ. Entries of a list go by their modality, ttl or type.
--
-- caches_are_inside: the input holds the cached and the written tokens. thoughts_are_inside: the output holds the
-- thoughts, where no total says so. states: what else the answer says of the price, beside the usage or in it, and
-- what that means: an argument of billing.quote(), and for each word its value there. null says nothing; of several
-- the first is meant, and an argument may be any; what stands nowhere and has no * is a word that nobody prices.
create function ratebook.usage_formats() returns table (
  name text, format text, caches_are_inside boolean, thoughts_are_inside boolean, fields jsonb, states jsonb
)
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  -- OpenAI, and those who speak its language. A text count is what the others leave; predictions, accepted and
  -- rejected, are billed inside the completion.
  v_openai_input constant jsonb := '{
    "text_tokens": "none", "image_tokens": "input_image", "audio_tokens": "input_audio", "video_tokens": "input_video",
    "cached_tokens": "cached",
    "cached_tokens_details": {
      "text_tokens": "none", "image_tokens": "cached_image", "audio_tokens": "cached_audio",
      "video_tokens": "cached_video"
    },
    "cache_write_tokens": "written",
    "cache_write_tokens_details": {"ttl_30m_tokens": "written_short", "ttl_12h_tokens": "written_12h"}
  }';
  v_openai_output constant jsonb := '{
    "text_tokens": "none", "image_tokens": "output_image", "audio_tokens": "output_audio",
    "video_tokens": "output_video", "reasoning_tokens": "thoughts",
    "accepted_prediction_tokens": "none", "rejected_prediction_tokens": "none"
  }';
  -- A batch says default too.
  v_openai_states constant jsonb := '{"service_tier": {"service_tier": {
    "auto": null, "default": ["standard", "batch"], "standard": ["standard", "batch"], "flex": "flex",
    "priority": "priority", "fast": "priority", "ultrafast": "ultrafast"
  }}}';
  -- A page of a document is read as a picture. A medium that is not named is text.
  v_gemini_input constant jsonb := '{
    "TEXT": {"tokenCount": "none"}, "MODALITY_UNSPECIFIED": {"tokenCount": "none"}, "?": {"tokenCount": "none"},
    "IMAGE": {"tokenCount": "input_image"}, "DOCUMENT": {"tokenCount": "input_image"},
    "AUDIO": {"tokenCount": "input_audio"}, "VIDEO": {"tokenCount": "input_video"}
  }';
  v_gemini_cached constant jsonb := replace(v_gemini_input::text, 'input_', 'cached_');
  v_gemini_output constant jsonb := replace(v_gemini_input::text, 'input_', 'output_');
  v_anthropic constant jsonb := '{
    "input_tokens": "input", "cache_read_input_tokens": "cached", "cache_creation_input_tokens": "written",
    "cache_creation": {
      "ephemeral_5m_input_tokens": "written_short", "ephemeral_1h_input_tokens": "written_1h"
    },
    "output_tokens": "output", "output_tokens_details": {"thinking_tokens": "thoughts"}
  }';
begin
  -- A new format is one more row of VALUES; the order of its columns is that of the list at the end.
  return query
  select
    n.name,
    f.format,
    f.caches_are_inside,
    f.thoughts_are_inside,
    f.fields,
    f.states
  from (
    values
    (
      -- DeepSeek and Moonshot name the cached tokens outside the details too.
      'openai_chat', '{openai_chat}'::text[], true, true,
      '{
        "prompt_tokens": "input", "completion_tokens": "output", "total_tokens": "total",
        "prompt_cache_hit_tokens": "cached_again", "prompt_cache_miss_tokens": "none", "cached_tokens": "cached_again",
        "cost": "none", "cost_details": "none"
      }'::jsonb || jsonb_build_object(
        'prompt_tokens_details', v_openai_input, 'completion_tokens_details', v_openai_output
      ),
      v_openai_states
    ),
    (
      -- Realtime and transcriptions say token_details.
      'openai_responses', '{openai_responses}', true, true,
      '{
        "input_tokens": "input", "output_tokens": "output", "total_tokens": "total", "seconds": "input_audio_second"
      }'::jsonb || jsonb_build_object(
        'input_tokens_details', v_openai_input, 'output_tokens_details', v_openai_output,
        'input_token_details', v_openai_input, 'output_token_details', v_openai_output
      ),
      v_openai_states
    ),
    (
      -- A compaction reads and writes beside the message, at the same prices; the iterations of the message itself are
      -- in its counts already. Any other iteration is another model's. Fetching costs nothing but its tokens.
      'anthropic', '{anthropic,anthropic_messages}', false, true,
      v_anthropic || jsonb_build_object(
        'iterations', jsonb_build_object('compaction', v_anthropic, 'message', 'none'),
        'server_tool_use', '{"web_search_requests": "web_search", "web_fetch_requests": "none"}'::jsonb
      ),
      '{
        "service_tier": {"service_tier": {"standard": "standard", "priority": "priority", "batch": "batch"}},
        "speed": {"variant": {"standard": null, "*": "*"}},
        "inference_geo": {"region": {"global": null, "not_available": null, "*": "*"}}
      }'
    ),
    (
      -- The results of tools are read beside the prompt. The Live API says response for candidates.
      'gemini', '{gemini,gemini_generate}', true, false,
      '{
        "promptTokenCount": "input", "toolUsePromptTokenCount": "input", "cachedContentTokenCount": "cached",
        "candidatesTokenCount": "output", "responseTokenCount": "output", "thoughtsTokenCount": "thoughts",
        "totalTokenCount": "total"
      }'::jsonb || jsonb_build_object(
        'promptTokensDetails', v_gemini_input, 'toolUsePromptTokensDetails', v_gemini_input,
        'cacheTokensDetails', v_gemini_cached, 'candidatesTokensDetails', v_gemini_output,
        'responseTokensDetails', v_gemini_output
      ),
      '{
        "trafficType": {"service_tier": {
          "TRAFFIC_TYPE_UNSPECIFIED": null, "ON_DEMAND": ["standard", "batch"], "ON_DEMAND_PRIORITY": "priority",
          "ON_DEMAND_FLEX": "flex"
        }},
        "serviceTier": {"service_tier": {
          "unspecified": null, "standard": ["standard", "batch"], "flex": "flex", "priority": "priority"
        }}
      }'
    ),
    (
      -- The two names that end with Count say the same once more; InvokeModel of Nova has these only.
      'bedrock', '{bedrock,bedrock_converse}', false, true,
      '{
        "inputTokens": "input", "outputTokens": "output", "totalTokens": "total", "cacheReadInputTokens": "cached",
        "cacheWriteInputTokens": "written", "cacheReadInputTokenCount": "cached_again",
        "cacheWriteInputTokenCount": "written_again",
        "cacheDetails": {"5m": {"inputTokens": "written_short"}, "1h": {"inputTokens": "written_1h"}}
      }',
      '{
        "serviceTier.type": {"service_tier": {
          "default": ["standard", "batch"], "flex": "flex", "priority": "priority"
        }},
        "performanceConfig.latency": {"variant": {"standard": null, "*": "*"}}
      }'
    ),
    (
      -- One form for all providers. Where a service tier has prices of its own its name leads the names of the parts,
      -- and what is left stands under it alone.
      'langchain', '{langchain}', true, true,
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
      '{"response_metadata.service_tier": {"service_tier": {
        "auto": null, "default": ["standard", "batch"], "standard": ["standard", "batch"], "flex": "flex",
        "priority": "priority", "fast": "priority", "ultrafast": "ultrafast", "batch": "batch", "on_demand": "standard"
      }}}'
    )
  ) as f (format, names, caches_are_inside, thoughts_are_inside, fields, states)
  cross join lateral unnest(f.names) as n (name);
end;
$$;

-- No field has so long a name, and a path repeats the names above it: unbounded, it would grow with the square of the
-- input. What is cut is marked.
create function ratebook.field_name(p_key text) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return case when length(p_key) > 100 then left(p_key, 100) || '…' else p_key end;

-- Most SDKs keep a provider's names; some write them in the way of their own language.
create function ratebook.field_of(p_fields jsonb, p_key text) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when jsonb_typeof(p_fields) is distinct from 'object' then null
    when p_fields ? p_key or length(p_key) > 100 then p_fields -> p_key
    when p_key ~ '[A-Z]' then p_fields -> lower(regexp_replace(p_key, '([A-Z])', '_\1', 'g'))
    when p_key ~ '_' then p_fields -> (left(p_key, 1) || substr(replace(initcap(replace(p_key, '_', ' ')), ' ', ''), 2))
  end;
end;
$$;

create type ratebook.usage_value as (
  path text,
  value jsonb,
  part text,
  depth integer
);

-- Below `none` nothing is looked at. What lies deeper than eight levels is not taken apart: a usage has three.
create function ratebook.usage_values(p_usage jsonb, p_fields jsonb) returns setof ratebook.usage_value
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  with recursive found (path, value, field, depth) as (
    select
      ratebook.field_name(e.key),
      e.value,
      ratebook.field_of(p_fields, e.key),
      1
    from jsonb_each(p_usage) as e
    union all
    select
      f.path || '.' || ratebook.field_name(e.key),
      e.value,
      ratebook.field_of(f.field, e.key),
      f.depth + 1
    from found as f
    cross join
      lateral (
        select
          o.key,
          o.value
        from jsonb_each(case jsonb_typeof(f.value) when 'object' then f.value end) as o
        union all
        select
          coalesce(upper(a.value ->> 'modality'), a.value ->> 'ttl', a.value ->> 'type', '?'),
          a.value
        from jsonb_array_elements(case jsonb_typeof(f.value) when 'array' then f.value end) as a
      ) as e
    where f.depth < 8 and f.field is distinct from '"none"'
  )

  select
    f.path,
    f.value,
    case jsonb_typeof(f.field) when 'string' then f.field #>> '{}' end,
    f.depth
  from found as f;
end;

revoke all on function ratebook.usage_formats() from public;
revoke all on function ratebook.field_name(text) from public;
revoke all on function ratebook.field_of(jsonb, text) from public;
revoke all on function ratebook.usage_values(jsonb, jsonb) from public;

comment on function ratebook.usage_formats() is
'The formats of ai.normalize_usage(), each by its names: whether its input holds the cached tokens, whether its output holds the thoughts where no total says so, what each of its fields counts, and what it states about the price.';
comment on function ratebook.field_name(text) is 'The name of a field as a path holds it: the first 100 characters, and … where there are more.';
comment on function ratebook.field_of(jsonb, text) is
'What stands in an object under a name, in camelCase or snake_case; NULL where it is none.';
comment on type ratebook.usage_value is 'Something in a usage object.';
comment on column ratebook.usage_value.path is 'Where it is, such as cacheDetails.1h.inputTokens.';
comment on column ratebook.usage_value.value is 'What is there.';
comment on column ratebook.usage_value.part is 'What it counts; NULL where nothing says so.';
comment on column ratebook.usage_value.depth is 'How many names its path has.';
comment on function ratebook.usage_values(jsonb, jsonb) is
'Everything in a usage object by its path, such as cacheDetails.1h.inputTokens, with what it counts by the fields of a format: the entries of a list go by their modality, ttl or type. Names longer than 100 characters are cut.';
