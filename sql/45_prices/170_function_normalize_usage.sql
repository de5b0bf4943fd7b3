-- A usage alone cannot carry what the answer states about the price.
create function ratebook.normalize_usage(p_format text, p_raw jsonb) returns jsonb
language plpgsql immutable parallel safe security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what it is made of is in a schema that callers may not look into. It reads no table.
declare
  v_read ratebook.stated_usage;
begin
  -- For quotes no format says that the usage is in meters; here it is to be recognized.
  v_read := ratebook.read_usage(coalesce(p_format, 'auto'), p_raw);
  if v_read.stated <> '{}' then
    perform ratebook.fail(
      'stated_price',
      format('The answer states the %s, on which its price depends.', array_to_string(v_read.stated, ' and the ')),
      'Pass the answer and its format to billing.quote(), a charge or a capture, which use what it states.',
      jsonb_strip_nulls(jsonb_build_object(
        'format', p_format, 'service_tier', v_read.service_tier, 'variant', v_read.variant, 'region', v_read.region
      ))
    );
  end if;
  return v_read.usage;
end;
$$;

create function ai.normalize_usage(format text default null, raw jsonb default null) returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return ratebook.normalize_usage(format, raw);

revoke all on function ratebook.normalize_usage(text, jsonb) from public;
revoke all on function ai.normalize_usage(text, jsonb) from public;
grant execute on function ratebook.normalize_usage(text, jsonb) to anon, authenticated, service_role;
grant execute on function ai.normalize_usage(text, jsonb) to anon, authenticated, service_role;

comment on function ratebook.normalize_usage(text, jsonb) is 'The rule behind ai.normalize_usage().';
comment on function ai.normalize_usage(text, jsonb) is
'A provider''s own usage object as Ratebook''s usage, each token in one meter: for ai.finish_generation() and to look at; billing.quote(), charges and captures take the object itself, with its format. format: openai_chat (also of those who speak it), openai_responses (also images, realtime, transcriptions), anthropic, gemini, bedrock, deepseek, groq, mistral, xai, perplexity, cohere, ollama, dashscope, openrouter, litellm, langchain, vercel_ai, openai_agents, opentelemetry, and other names for some; NULL or auto: the one that it is seen to be. raw: the object, or the response that holds it; what a response bills beside it, such as searches that it lists, is yours to add. '
'Cached and written tokens leave the input, thoughts (reasoning) the output, sound and pictures both. A total says whether thoughts are part of the output; counts that do not add up to it are refused. Cached tokens of no known medium are text first, then image, audio, video. Missing counts and null are zero; meters of zero are left out, unless all are: {"input": 0, "output": 0}. '
'A number that is not known is refused by name, since it may cost: each among details, and beside the counts all but times, costs and rates. A service tier, region or speed that the answer states, other than the standard, is refused too, since meters cannot carry it. Errors, all PT422, DETAIL names the field: unknown_format, invalid_usage (counts that contradict each other, broken ones, unknown ones, none), not_a_number, negative_quantity, quantity_out_of_range, stated_price, contradiction, unknown_service_tier.';
