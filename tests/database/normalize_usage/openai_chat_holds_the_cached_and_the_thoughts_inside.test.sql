begin;
set local search_path = tap, pg_catalog;
select plan(15);

select is(ai.normalize_usage('openai_chat', u.raw::jsonb), u.usage::jsonb, u.description)
from (
  values
  (
    -- platform.openai.com/docs/api-reference/chat/object
    '{
      "prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29,
      "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
      "completion_tokens_details": {
        "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0
      }
    }',
    '{"input": 19, "output": 10}', 'plain'
  ),
  (
    -- platform.openai.com/docs/guides/prompt-caching; 2006 - 1920 = 86
    '{
      "prompt_tokens": 2006, "completion_tokens": 300, "total_tokens": 2306,
      "prompt_tokens_details": {"cached_tokens": 1920},
      "completion_tokens_details": {
        "reasoning_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0
      }
    }',
    '{"input": 86, "cache_read": 1920, "output": 300}', 'cached tokens leave the prompt'
  ),
  (
    -- discuss.ai.google.dev/t/question-with-usage-in-openai-compatibility/98760, of GPT-5; 1486 - 1408, 651 - 512
    '{
      "prompt_tokens": 1486, "completion_tokens": 651, "total_tokens": 2137,
      "prompt_tokens_details": {"cached_tokens": 1408, "audio_tokens": 0},
      "completion_tokens_details": {
        "reasoning_tokens": 512, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0
      }
    }',
    '{"input": 78, "cache_read": 1408, "output": 139, "reasoning": 512}', 'thoughts leave the completion'
  ),
  (
    -- openrouter.ai/docs/prompt-caching; 10339 - 10318 = 21
    '{
      "prompt_tokens": 10339, "completion_tokens": 60, "total_tokens": 10399,
      "prompt_tokens_details": {"cached_tokens": 10318, "cache_write_tokens": 0}
    }',
    '{"input": 21, "cache_read": 10318, "output": 60}', 'OpenRouter'
  ),
  (
    -- docs.x.ai/developers/advanced-api-usage/prompt-caching/usage-and-pricing: text_tokens has the cached ones too.
    '{
      "prompt_tokens": 125, "completion_tokens": 48, "total_tokens": 173,
      "prompt_tokens_details": {"text_tokens": 125, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 98},
      "completion_tokens_details": {
        "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0
      }
    }',
    '{"input": 27, "cache_read": 98, "output": 48}', 'a text count is no second count'
  ),
  (
    -- docs.x.ai/docs/guides/reasoning: 32 + 9 + 94 = 135, so the thoughts are beside the completion.
    '{
      "prompt_tokens": 32, "completion_tokens": 9, "total_tokens": 135, "num_sources_used": 0,
      "prompt_tokens_details": {"text_tokens": 32, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 6},
      "completion_tokens_details": {
        "reasoning_tokens": 94, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0
      }
    }',
    '{"input": 26, "cache_read": 6, "output": 9, "reasoning": 94}', 'the total tells that the thoughts are outside'
  ),
  (
    -- api-docs.deepseek.com/api/create-chat-completion: prompt_tokens = hit + miss.
    '{
      "prompt_tokens": 100, "completion_tokens": 40, "total_tokens": 140,
      "prompt_cache_hit_tokens": 70, "prompt_cache_miss_tokens": 30,
      "completion_tokens_details": {"reasoning_tokens": 12}
    }',
    '{"input": 30, "cache_read": 70, "output": 28, "reasoning": 12}', 'DeepSeek names the cached tokens elsewhere'
  ),
  (
    '{
      "prompt_tokens": 100, "completion_tokens": 40, "prompt_tokens_details": {"cached_tokens": 70},
      "prompt_cache_hit_tokens": 70, "prompt_cache_miss_tokens": 30, "cached_tokens": 70
    }',
    '{"input": 30, "cache_read": 70, "output": 40}', 'and all names of them are one count'
  ),
  (
    -- platform.openai.com/docs/guides/audio: sound is part of the prompt and of the completion.
    '{
      "prompt_tokens": 110, "completion_tokens": 250, "total_tokens": 360,
      "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 90, "text_tokens": 20},
      "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 200, "text_tokens": 50}
    }',
    '{"input": 20, "input_audio": 90, "output": 50, "output_audio": 200}', 'sound leaves both'
  ),
  (
    -- 100 = 40 text + 60 audio, and 80 of them are cached: all 40 text, and 40 of the audio at least.
    '{
      "prompt_tokens": 100, "completion_tokens": 5,
      "prompt_tokens_details": {"cached_tokens": 80, "audio_tokens": 60}
    }',
    '{"input_audio": 20, "cache_read": 40, "cache_read_audio": 40, "output": 5}',
    'cached tokens of no medium are text first'
  ),
  (
    -- 100 = 10 text + 30 image + 60 audio; 50 cached: 10 text, 30 image, 10 audio.
    '{
      "prompt_tokens": 100, "completion_tokens": 0,
      "prompt_tokens_details": {"cached_tokens": 50, "audio_tokens": 60, "image_tokens": 30}
    }',
    '{"input_audio": 50, "cache_read": 10, "cache_read_image": 30, "cache_read_audio": 10}', 'then image, then audio'
  ),
  (
    -- 1000 - 300 - 500 = 200; of the 250 audio, 50 must have been written.
    '{
      "prompt_tokens": 1000, "completion_tokens": 1,
      "prompt_tokens_details": {"cached_tokens": 300, "cache_write_tokens": 500, "audio_tokens": 250}
    }',
    '{"input_audio": 200, "cache_read": 300, "cache_write": 450, "cache_write_audio": 50, "output": 1}',
    'written tokens leave the prompt too'
  ),
  (
    -- platform.openai.com/docs/guides/predicted-outputs: rejected ones are billed as output, inside the completion.
    '{
      "prompt_tokens": 20, "completion_tokens": 39, "total_tokens": 59,
      "completion_tokens_details": {"accepted_prediction_tokens": 18, "rejected_prediction_tokens": 10}
    }',
    '{"input": 20, "output": 39}', 'predictions are in the completion already'
  ),
  (
    -- platform.openai.com/docs/api-reference/embeddings/create
    '{"prompt_tokens": 8, "total_tokens": 8}', '{"input": 8}', 'an embedding has no output'
  ),
  (
    -- console.groq.com/docs/api-reference, openrouter.ai/docs/use-cases/usage-accounting
    '{
      "prompt_tokens": 18, "completion_tokens": 556, "total_tokens": 574, "queue_time": 0.037, "prompt_time": 0.0008,
      "completion_time": 0.46, "total_time": 0.47, "tokens_per_second": 1208.7, "firstByteTime": 3, "created": 17,
      "is_byok": false, "cost": 0.95, "cost_in_usd_ticks": 37756000,
      "cost_details": {"upstream_inference_prompt_cost": 0.19, "input_tokens_cost": 2}
    }',
    '{"input": 18, "output": 556}', 'times and costs are no counts'
  )
) as u (raw, usage, description);

select * from finish();
rollback;
