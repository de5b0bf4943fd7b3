begin;
set local search_path = tap, pg_catalog;
select plan(9);

select is(ai.normalize_usage('gemini', u.raw::jsonb), u.usage::jsonb, u.description)
from (
  values
  (
    -- ai.google.dev/gemini-api/docs/caching; 696219 - 696190 = 29
    '{
      "promptTokenCount": 696219, "cachedContentTokenCount": 696190, "candidatesTokenCount": 214,
      "totalTokenCount": 696433
    }',
    '{"input": 29, "cache_read": 696190, "output": 214}', 'the prompt holds the cached content'
  ),
  (
    -- ai.google.dev/gemini-api/docs/url-context; 27 + 10309 = 10336; 27 + 45 + 31 + 10309 = 10412
    '{
      "candidatesTokenCount": 45, "promptTokenCount": 27,
      "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 27}], "thoughtsTokenCount": 31,
      "toolUsePromptTokenCount": 10309, "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 10309}],
      "totalTokenCount": 10412
    }',
    '{"input": 10336, "output": 45, "reasoning": 31}', 'thoughts and what tools read are beside'
  ),
  (
    '{"promptTokenCount": 27, "candidatesTokenCount": 200, "thoughtsTokenCount": 194, "totalTokenCount": 227}',
    '{"input": 27, "output": 6, "reasoning": 194}', 'the total tells that the thoughts are inside'
  ),
  (
    '{"promptTokenCount": 27, "candidatesTokenCount": 6, "thoughtsTokenCount": 194}',
    '{"input": 27, "output": 6, "reasoning": 194}', 'without a total they are outside'
  ),
  (
    -- ai.google.dev/gemini-api/docs/tokens: a video has pictures and sound. 300 - 100 - 150 = 50 text, 20 of it cached
    '{
      "promptTokenCount": 300, "candidatesTokenCount": 10, "cachedContentTokenCount": 120, "totalTokenCount": 310,
      "promptTokensDetails": [
        {"modality": "VIDEO", "tokenCount": 100}, {"modality": "AUDIO", "tokenCount": 150},
        {"modality": "TEXT", "tokenCount": 50}
      ],
      "cacheTokensDetails": [
        {"modality": "VIDEO", "tokenCount": 40}, {"modality": "AUDIO", "tokenCount": 60},
        {"modality": "TEXT", "tokenCount": 20}
      ]
    }',
    '{
      "input": 30, "input_audio": 90, "input_video": 60, "cache_read": 60, "cache_read_audio": 60, "output": 10
    }',
    'sound and video that are cached are neither plain nor counted twice'
  ),
  (
    -- ai.google.dev/gemini-api/docs/pricing: an image of gemini-2.5-flash-image has 1290 tokens.
    '{
      "promptTokenCount": 270, "candidatesTokenCount": 1305, "totalTokenCount": 1575,
      "promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 258}, {"modality": "TEXT", "tokenCount": 12}],
      "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}]
    }',
    '{"input": 12, "input_image": 258, "output": 15, "output_image": 1290}', 'output that no medium claims is text'
  ),
  (
    -- ai.google.dev/api/live#UsageMetadata
    '{
      "promptTokenCount": 90, "responseTokenCount": 60, "totalTokenCount": 150,
      "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 50}, {"modality": "DOCUMENT", "tokenCount": 30}],
      "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 60}]
    }',
    '{"input": 10, "input_image": 30, "input_audio": 50, "output_audio": 60}', 'Live, and a page that is a picture'
  ),
  (
    '{
      "promptTokenCount": 7, "totalTokenCount": 7, "trafficType": "ON_DEMAND",
      "promptTokensDetails": [{"modality": "MODALITY_UNSPECIFIED", "tokenCount": 3}, {"tokenCount": 4}],
      "cacheTokensDetails": []
    }',
    '{"input": 7}', 'no medium is text'
  ),
  (
    '{
      "promptTokenCount": 20, "toolUsePromptTokenCount": 100, "candidatesTokenCount": 1, "totalTokenCount": 121,
      "promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 15}],
      "toolUsePromptTokensDetails": [{"modality": "IMAGE", "tokenCount": 70}]
    }',
    '{"input": 35, "input_image": 85, "output": 1}', 'what tools read has media too'
  )
) as u (raw, usage, description);

select * from finish();
rollback;
