begin;
set local search_path = tap, pg_catalog;
select plan(13);

select is(ai.normalize_usage('openai_responses', u.raw::jsonb), u.usage::jsonb, u.description)
from (
  values
  (
    -- platform.openai.com/docs/api-reference/responses/object
    '{
      "input_tokens": 36, "input_tokens_details": {"cached_tokens": 0},
      "output_tokens": 87, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 123
    }',
    '{"input": 36, "output": 87}', 'plain'
  ),
  (
    -- platform.openai.com/docs/guides/reasoning; 1186 - 1024 = 162
    '{
      "input_tokens": 75, "input_tokens_details": {"cached_tokens": 0},
      "output_tokens": 1186, "output_tokens_details": {"reasoning_tokens": 1024}, "total_tokens": 1261
    }',
    '{"input": 75, "output": 162, "reasoning": 1024}', 'thoughts leave the output'
  ),
  (
    -- docs.x.ai/developers/advanced-api-usage/prompt-caching/usage-and-pricing
    '{
      "input_tokens": 125, "output_tokens": 48, "total_tokens": 173,
      "input_tokens_details": {"cached_tokens": 98}, "output_tokens_details": {"reasoning_tokens": 0}
    }',
    '{"input": 27, "cache_read": 98, "output": 48}', 'cached tokens leave the input'
  ),
  (
    -- The types of openai-python 3.52, ResponseUsage: written ones are input too. 5000 - 1000 - 3000 = 1000
    '{
      "input_tokens": 5000, "output_tokens": 10, "total_tokens": 5010, "output_tokens_details": {"reasoning_tokens": 0},
      "input_tokens_details": {
        "cached_tokens": 1000, "cache_write_tokens": 3000,
        "cache_write_tokens_details": {"ttl_30m_tokens": 3000, "ttl_12h_tokens": 0}
      }
    }',
    '{"input": 1000, "cache_read": 1000, "cache_write": 3000, "output": 10}', 'and written ones'
  ),
  (
    '{
      "input_tokens": 5000, "output_tokens": 10,
      "input_tokens_details": {
        "cache_write_tokens": 3000, "cache_write_tokens_details": {"ttl_30m_tokens": 1000, "ttl_12h_tokens": 2000}
      }
    }',
    '{"input": 2000, "cache_write": 1000, "cache_write_12h": 2000, "output": 10}', 'by how long they are kept'
  ),
  (
    -- platform.openai.com/docs/api-reference/images/object: "output_tokens: image tokens in the output image".
    '{
      "total_tokens": 100, "input_tokens": 50, "output_tokens": 50,
      "input_tokens_details": {"text_tokens": 10, "image_tokens": 40}
    }',
    '{"input": 10, "input_image": 40, "output_image": 50}', 'the output of an image without details is image'
  ),
  (
    '{
      "total_tokens": 100, "input_tokens": 50, "output_tokens": 50,
      "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
      "output_tokens_details": {"text_tokens": 5, "image_tokens": 45}
    }',
    '{"input": 10, "input_image": 40, "output": 5, "output_image": 45}', 'with details it is what they say'
  ),
  (
    -- platform.openai.com/docs/guides/realtime-costs; 119 - 64 = 55
    '{
      "total_tokens": 253, "input_tokens": 132, "output_tokens": 121,
      "input_token_details": {
        "text_tokens": 119, "audio_tokens": 13, "image_tokens": 0, "cached_tokens": 64,
        "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 0, "image_tokens": 0}
      },
      "output_token_details": {"text_tokens": 30, "audio_tokens": 91}
    }',
    '{"input": 55, "input_audio": 13, "cache_read": 64, "output": 30, "output_audio": 91}', 'realtime'
  ),
  (
    -- Of 300 audio 256 are cached, of 200 text 128: 44 and 72 are read anew.
    '{
      "total_tokens": 600, "input_tokens": 500, "output_tokens": 100,
      "input_token_details": {
        "text_tokens": 200, "audio_tokens": 300, "cached_tokens": 384,
        "cached_tokens_details": {"text_tokens": 128, "audio_tokens": 256}
      },
      "output_token_details": {"text_tokens": 20, "audio_tokens": 80}
    }',
    '{
      "input": 72, "input_audio": 44, "cache_read": 128, "cache_read_audio": 256, "output": 20, "output_audio": 80
    }',
    'cached sound is neither plain sound nor plain cache'
  ),
  (
    -- platform.openai.com/docs/api-reference/audio/json-object
    '{
      "type": "tokens", "input_tokens": 14, "output_tokens": 101, "total_tokens": 115,
      "input_token_details": {"text_tokens": 0, "audio_tokens": 14}
    }',
    '{"input_audio": 14, "output": 101}', 'a transcription by tokens'
  ),
  (
    -- 10 text, 20 image, 30 video; of them 5, 6 and 7 are cached.
    '{
      "input_tokens": 60, "output_tokens": 9,
      "input_tokens_details": {
        "text_tokens": 10, "image_tokens": 20, "video_tokens": 30, "cached_tokens": 18,
        "cached_tokens_details": {"text_tokens": 5, "image_tokens": 6, "video_tokens": 7}
      },
      "output_tokens_details": {"video_tokens": 8}
    }',
    '{
      "input": 5, "input_image": 14, "input_video": 23, "cache_read": 12, "cache_read_image": 6,
      "output": 1, "output_video": 8
    }',
    'pictures and video'
  ),
  (
    '{"input_tokens": 50, "output_tokens": 7, "input_tokens_details": {"image_tokens": 40, "cached_tokens": 0}}',
    '{"input": 10, "input_image": 40, "output": 7}', 'a model that sees and caches writes text'
  ),
  ('{"type": "duration", "seconds": 12.5}', '{"input_audio_second": 12.5}', 'a transcription by duration')
) as u (raw, usage, description);

select * from finish();
rollback;
