begin;
set local search_path = tap, pg_catalog;
select plan(38);

select
  is(
    ai.normalize_usage(n.name, '{"prompt_tokens": 1, "completion_tokens": 2}'), '{"input": 1, "output": 2}', n.name
  )
from (values ('openai_chat')) as n (name);
select is(ai.normalize_usage(n.name, '{"input_tokens": 1, "output_tokens": 2}'), '{"input": 1, "output": 2}', n.name)
from (values ('openai_responses'), ('anthropic'), ('anthropic_messages')) as n (name);
select
  is(
    ai.normalize_usage(n.name, '{"promptTokenCount": 1, "candidatesTokenCount": 2}'), '{"input": 1, "output": 2}', n.name
  )
from (values ('gemini'), ('gemini_generate')) as n (name);
select is(ai.normalize_usage(n.name, '{"inputTokens": 1, "outputTokens": 2}'), '{"input": 1, "output": 2}', n.name)
from (values ('bedrock'), ('bedrock_converse')) as n (name);
select is_empty(
  $$
  select e.name
  from unnest(enum_range(null::ai.provider_contract_enum)::text []) as e (name)
  where e.name <> 'replicate' and e.name not in (
    select n.name from ratebook.usage_formats() as f cross join unnest(f.names) as n (name)
  )
  $$,
  'every contract that has a usage object is a format'
);

select is(
  ai.normalize_usage('openai_chat', '{"id": "chatcmpl-1", "usage": {"prompt_tokens": 5, "completion_tokens": 1}}'),
  '{"input": 5, "output": 1}', 'a whole response'
);
select is(
  ai.normalize_usage('gemini', '{"candidates": [], "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5}}'),
  '{"input": 5}', 'a whole response of Gemini'
);
select is(
  ai.normalize_usage('openai_chat', to_jsonb('{"prompt_tokens": 5, "completion_tokens": 1}'::text)),
  '{"input": 5, "output": 1}', 'as text'
);
select is(
  ai.normalize_usage(
    'openai_chat',
    '{
      "prompt_tokens": 5, "completion_tokens": null, "total_tokens": null, "prompt_tokens_details": null,
      "completion_tokens_details": {"reasoning_tokens": null}
    }'
  ),
  '{"input": 5}', 'null is zero'
);
select is(ai.normalize_usage('openai_chat', '{"prompt_tokens": 5.0}')::text, '{"input": 5}', '5.0 is whole');
select is(
  ai.normalize_usage('openai_chat', '{"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}'),
  '{"input": 0, "output": 0}', 'nothing used'
);

select
  tests.refused(
    format('select ai.normalize_usage(%L, %L)', 'openai_chat', u.raw), 'invalid_usage', 'PT422', coalesce(u.raw, 'NULL')
  )
from (
  values
  (null), ('null'), ('{}'), ('[]'), ('7'), ('"prompt_tokens"'), ('{"usage": null}'), ('{"usage": {}}'),
  ('{"total_tokens": 0}'), ('{"prompt_tokens": null}'), ('{"input_tokens": 0, "output_tokens": 0}'),
  (to_jsonb('{"prompt_tokens": 1'::text)::text), (to_jsonb('{"prompt_tokens": 1, "a": "\u0000"}'::text)::text),
  (to_jsonb('{"a": ' || repeat('[', 100000))::text)
) as u (raw);
select
  tests.refused(
    format('select ai.normalize_usage(%L, %L)', n.name, '{"prompt_tokens": 1}'), 'unknown_format', 'PT422',
    coalesce(n.name, 'NULL')
  )
from (values (''), ('openai'), ('OpenAI_Chat'), ('replicate')) as n (name);
select is(
  tests.error_of($$select ai.normalize_usage('morse', '{"prompt_tokens": 1}')$$) ->> 'hint',
  'Formats: anthropic, anthropic_messages, bedrock, bedrock_converse, cohere, dashscope, deepseek, gemini, '
  || 'gemini_generate, groq, langchain, litellm, mistral, ollama, openai_agents, openai_chat, openai_responses, '
  || 'openrouter, opentelemetry, otel, perplexity, vercel_ai, xai.',
  'the hint lists the formats'
);
select tests.refused(
  $$select ai.normalize_usage('openai_chat', '{"prompt_tokens": 1000000000001}')$$, 'quantity_out_of_range', 'PT422',
  'more than a usage may hold'
);
select tests.refused(
  $$select ai.normalize_usage('anthropic', '{"input_tokens": 9e131071, "cache_read_input_tokens": 9e131071}')$$, 'quantity_out_of_range',
  'PT422', 'more than any number may hold'
);
select tests.refused(
  $$select ai.normalize_usage('openai_responses', '{"seconds": 0.1234567890123}')$$, 'quantity_out_of_range', 'PT422',
  'finer than a usage may hold'
);
select lives_ok(
  $$select ai.normalize_usage('openai_chat', '{"prompt_tokens": 1000000000000}')$$, 'as much as it may hold'
);

select * from finish();
rollback;
