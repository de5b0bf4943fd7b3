-- One more number that the fields do not explain may be money. It counts as a count by its name, so that the times,
-- costs and rates that many providers add are no errors.
create function ratebook.is_count(p_path text) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return
p_path like '%…%' -- A name that was cut may say anything.
or (
  p_path ~* '(token|request|quer|search|source|image|audio|video|second|char|page|tool|call|session)[^.]*$'
  and p_path !~* '(cost|price|latenc|per_?second|time_?to)'
);

create function ratebook.refuse_field(
  p_error text, p_format text, p_field text, p_why text, p_hint text default null
) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail(p_error, format('"%s" of this %s usage %s.', left(p_field, 200), p_format, p_why), p_hint,
    jsonb_build_object('format', p_format, 'field', left(p_field, 200)));
end;
$$;

-- Takes the counts apart: reads the fields, makes the input whole, splits it by cache and by medium, then the output.
create function ratebook.normalize_usage(p_format text, p_raw jsonb) returns jsonb
language plpgsql immutable parallel safe security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what it is made of is in a schema that callers may not look into. It reads no table.
declare
  v_format text;
  v_caches_are_inside boolean;
  v_thoughts_are_inside boolean;
  v_usage jsonb := p_raw;
  v_found record;
  v_count jsonb;   -- part → what its fields add up to
  v_field jsonb;   -- part → a field that says so
  v_read numeric;  -- all input tokens
  v_text numeric;  -- those of no other meter
  v_cached numeric;
  v_written numeric;
  v_written_1h numeric;
  v_output numeric;
  v_thoughts numeric;
  v_total numeric;
  v_rest numeric;
  v_taken numeric;
  -- One place for each medium, in this order, in all of the arrays below.
  v_media constant text[] := array['image', 'audio', 'video'];
  v_input_of numeric[];
  v_cached_of numeric[];
  v_written_of numeric[] := array[0, 0, 0];
  v_output_of numeric[];
  v_result jsonb;
begin
  -- Formats have two names; from here on there is one.
  select f.format, f.caches_are_inside, f.thoughts_are_inside
  into v_format, v_caches_are_inside, v_thoughts_are_inside
  from ratebook.usage_formats() as f
  where f.name = p_format;
  if not found then
    perform ratebook.fail(
      'unknown_format', format('There is no usage format called "%s".', left(p_format, 100)),
      format('Formats: %s.', (select string_agg(f.name, ', ' order by f.name) from ratebook.usage_formats() as f)),
      jsonb_build_object('format', left(p_format, 100))
    );
  end if;

  -- A GET request carries the object as text; a whole response carries it inside.
  if jsonb_typeof(v_usage) = 'string' and v_usage #>> '{}' ~ '^\s*\{' then
    begin
      v_usage := (v_usage #>> '{}')::jsonb;
    exception
      when invalid_text_representation or untranslatable_character or numeric_value_out_of_range
        or statement_too_complex
        then null; -- What comes next says what is wrong.
    end;
  end if;
  v_usage := coalesce(v_usage -> 'usage', v_usage -> 'usageMetadata', v_usage);
  if jsonb_typeof(v_usage) is distinct from 'object' then
    perform ratebook.fail('invalid_usage', 'A provider''s usage is a JSON object.',
      'Pass the usage of the response, or the response that holds it.', jsonb_build_object('format', v_format));
  end if;

  -- What is in the fields.
  select v.path, v.value, coalesce(f.part, '') as part into v_found
  from ratebook.usage_values(v_usage) as v
  left join ratebook.usage_fields(v_format) as f
    on f.path = v.path or (f.part = 'none' and starts_with(v.path, f.path || '.'))
  where case
    when f.part = 'none' or v.value = 'null' then false
    when f.part is null
      then jsonb_typeof(v.value) = 'number' and v.value <> '0' and ratebook.is_count(v.path)
    when jsonb_typeof(v.value) = 'number'
      then v.value::numeric < 0 or v.value::numeric > 1e12 or (f.part <> 'seconds' and v.value::numeric <> trunc(v.value::numeric))
    else true
  end
  order by f.part is null, v.path
  limit 1;
  -- One wrong field refuses the whole usage: what is left would be a smaller bill.
  if v_found.part = '' then
    perform ratebook.refuse_field('invalid_usage', v_format, v_found.path, 'counts something that has no meter here',
      'Take it out, and add to the result what it costs, or price it apart.');
  elsif jsonb_typeof(v_found.value) <> 'number' then
    perform ratebook.refuse_field('not_a_number', v_format, v_found.path, 'is not a number');
  elsif v_found.value::numeric < 0 then
    perform ratebook.refuse_field('negative_quantity', v_format, v_found.path, 'is negative');
  elsif v_found.value::numeric > 1e12 then
    perform ratebook.refuse_field('quantity_out_of_range', v_format, v_found.path, 'is out of range');
  elsif v_found.path is not null then
    perform ratebook.refuse_field('invalid_usage', v_format, v_found.path, 'is not whole');
  end if;

  -- Fields of one part add up; those that repeat it under another name must not count twice.
  select jsonb_object_agg(p.part, p.quantity), jsonb_object_agg(p.part, p.path) into v_count, v_field
  from (
    select
      f.part,
      case when f.part in ('cached_again', 'written_again') then max(v.value::numeric) else sum(v.value::numeric) end as quantity,
      min(v.path) as path
    from ratebook.usage_values(v_usage) as v
    inner join ratebook.usage_fields(v_format) as f on f.path = v.path
    where f.part <> 'none' and jsonb_typeof(v.value) = 'number'
    group by f.part
  ) as p;
  if v_count - 'total' = '{}' or v_count is null then
    perform ratebook.fail('invalid_usage', format('This usage has no counts of format %s.', v_format),
      'Look whether it is another format.', jsonb_build_object('format', v_format));
  end if;

  -- The input. A cache's tokens are a part of it or beside it; written ones may be told apart by how long they stay.
  v_cached := greatest((v_count ->> 'cached')::numeric, (v_count ->> 'cached_again')::numeric, 0);
  v_written_1h := coalesce((v_count ->> 'written_1h')::numeric, 0);
  v_rest := v_written_1h + coalesce((v_count ->> 'written_short')::numeric, 0);
  v_written := coalesce(greatest((v_count ->> 'written')::numeric, (v_count ->> 'written_again')::numeric), v_rest);
  if v_rest not in (0, v_written) then
    perform ratebook.refuse_field('invalid_usage', v_format, v_field ->> 'written',
      format('is %s, and its parts add up to %s', v_written, v_rest));
  end if;
  v_read := coalesce((v_count ->> 'input')::numeric, 0);
  if not v_caches_are_inside then
    v_read := v_read + v_cached + v_written;
  elsif v_cached + v_written > v_read then
    perform ratebook.refuse_field('invalid_usage', v_format,
      coalesce(
        case when v_cached > v_read then coalesce(v_field ->> 'cached', v_field ->> 'cached_again') end,
        v_field ->> 'written', v_field ->> 'written_short'
      ),
      format('is more than the input of %s that it is a part of', v_read));
  end if;

  -- Its media, and how much of each is cached.
  select
    array_agg(coalesce((v_count ->> ('input_' || m.name))::numeric, 0) order by m.number),
    array_agg(coalesce((v_count ->> ('cached_' || m.name))::numeric, 0) order by m.number),
    array_agg(coalesce((v_count ->> ('output_' || m.name))::numeric, 0) order by m.number)
  into v_input_of, v_cached_of, v_output_of
  from unnest(v_media) with ordinality as m (name, number);
  v_text := v_read;
  v_rest := v_cached;
  for i in 1..3 loop
    v_text := v_text - v_input_of[i];
    v_rest := v_rest - v_cached_of[i];
    if v_text < 0 then
      perform ratebook.refuse_field('invalid_usage', v_format, v_field ->> ('input_' || v_media[i]),
        format('is more than the input of %s leaves', v_read));
    elsif v_rest < 0 or v_cached_of[i] > v_input_of[i] then
      perform ratebook.refuse_field('invalid_usage', v_format, v_field ->> ('cached_' || v_media[i]),
        'is more than was cached or more than was read');
    end if;
  end loop;

  -- The cached tokens whose medium is not told are text, as far as there is text, then image, audio, video. The same
  -- for those written to the cache. Input is what is left.
  v_taken := least(v_rest, v_text);
  v_text := v_text - v_taken;
  v_rest := v_rest - v_taken;
  for i in 1..3 loop
    v_taken := least(v_rest, v_input_of[i] - v_cached_of[i]);
    v_cached_of[i] := v_cached_of[i] + v_taken;
    v_rest := v_rest - v_taken;
  end loop;
  v_taken := least(v_written, v_text);
  v_text := v_text - v_taken;
  v_rest := v_written - v_taken;
  for i in 1..3 loop
    v_written_of[i] := least(v_rest, v_input_of[i] - v_cached_of[i]);
    v_rest := v_rest - v_written_of[i];
  end loop;

  -- The output. The total, where there is one, says whether thoughts are a part of it; else the format does.
  v_output := coalesce((v_count ->> 'output')::numeric, 0);
  v_thoughts := coalesce((v_count ->> 'thoughts')::numeric, 0);
  v_total := (v_count ->> 'total')::numeric;
  if v_total = v_read + v_output then
    v_thoughts_are_inside := true;
  elsif v_total = v_read + v_output + v_thoughts then
    v_thoughts_are_inside := false;
  elsif v_format = 'bedrock' and v_total = v_read + v_output - v_cached - v_written then
    null; -- As documented; in practice the total holds the caches too.
  elsif v_total is not null then
    perform ratebook.refuse_field('invalid_usage', v_format, v_field ->> 'total',
      format('is %s, and the counts add up to %s', v_total,
        v_read + v_output + case when v_thoughts_are_inside then 0 else v_thoughts end),
      'A count is missing or wrong.');
  end if;
  if v_thoughts_are_inside then
    v_output := v_output - v_thoughts;
  end if;
  if v_output < 0 then
    perform ratebook.refuse_field('invalid_usage', v_format, v_field ->> 'thoughts',
      'is more than the output that it is a part of');
  end if;
  -- The usage of OpenAI's images: without details, the output is the picture.
  if v_format = 'openai_responses'
    and (v_usage -> 'input_tokens_details') ? 'image_tokens'
    and not (v_usage -> 'input_tokens_details') ? 'cached_tokens'
    and jsonb_typeof(v_usage -> 'output_tokens_details') is distinct from 'object'
  then
    v_output_of[1] := v_output;
  end if;
  for i in 1..3 loop
    v_output := v_output - v_output_of[i];
    if v_output < 0 then
      perform ratebook.refuse_field('invalid_usage', v_format, v_field ->> ('output_' || v_media[i]),
        'is more than the output leaves');
    end if;
  end loop;

  -- Every token is counted under one meter. Meters of nothing are left out: they need no price then.
  select jsonb_object_agg(m.meter, trim_scale(m.quantity)) into v_result
  from (
    values
    ('input', v_text),
    ('input_image', v_input_of[1] - v_cached_of[1] - v_written_of[1]),
    ('input_audio', v_input_of[2] - v_cached_of[2] - v_written_of[2]),
    ('input_video', v_input_of[3] - v_cached_of[3] - v_written_of[3]),
    ('cache_read', v_cached - v_cached_of[1] - v_cached_of[2]),
    ('cache_read_image', v_cached_of[1]),
    ('cache_read_audio', v_cached_of[2]),
    ('cache_write', v_written - v_written_1h - v_written_of[2]),
    ('cache_write_1h', v_written_1h),
    ('cache_write_audio', v_written_of[2]),
    ('output', v_output),
    ('output_image', v_output_of[1]),
    ('output_audio', v_output_of[2]),
    ('output_video', v_output_of[3]),
    ('reasoning', v_thoughts),
    ('web_search', coalesce((v_count ->> 'web_search')::numeric, 0)),
    ('input_audio_second', coalesce((v_count ->> 'seconds')::numeric, 0))
  ) as m (meter, quantity)
  where m.quantity <> 0;
  -- Sums may exceed what each of their fields may be.
  select m.key as meter into v_found
  from jsonb_each(v_result) as m
  where m.value::numeric > 1e12 or scale(m.value::numeric) > 12
  limit 1;
  if found then
    perform ratebook.fail('quantity_out_of_range', format('The quantity of "%s" is out of range.', v_found.meter),
      'Quantities are at most 1e12, with at most 12 decimals.',
      jsonb_build_object('format', v_format, 'meter', v_found.meter));
  end if;
  return coalesce(v_result, '{"input": 0, "output": 0}');
end;
$$;

create function ai.normalize_usage(format text, raw jsonb) returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return ratebook.normalize_usage(format, raw);

revoke all on function ratebook.is_count(text) from public;
revoke all on function ratebook.refuse_field(text, text, text, text, text) from public;
revoke all on function ratebook.normalize_usage(text, jsonb) from public;
revoke all on function ai.normalize_usage(text, jsonb) from public;
grant execute on function ratebook.normalize_usage(text, jsonb) to anon, authenticated, service_role;
grant execute on function ai.normalize_usage(text, jsonb) to anon, authenticated, service_role;

comment on function ratebook.is_count(text) is
'Whether a field that is not known counts something, going by its name: tokens, requests, searches, images, seconds and the like, but no cost, time or rate.';
comment on function ratebook.refuse_field(text, text, text, text, text) is
'Raises an error of ratebook.fail() about a field of a usage; DETAIL has the format and the field.';
comment on function ratebook.normalize_usage(text, jsonb) is 'The rule behind ai.normalize_usage().';
comment on function ai.normalize_usage(text, jsonb) is
'A provider''s own usage object as Ratebook''s usage, each token in one meter: for billing.quote() and ai.finish_generation(). format: openai_chat (also of those who speak it: xAI, DeepSeek, OpenRouter and others), openai_responses (also images, realtime, transcriptions), anthropic or anthropic_messages, gemini or gemini_generate, bedrock or bedrock_converse. raw: the object, or the response that holds it as usage or usageMetadata; what a response bills beside it, such as searches that it lists, is yours to add. '
'Cached and written tokens leave the input, thoughts (reasoning) the output, sound and pictures both. A total says whether thoughts are part of the output; counts that do not add up to it are refused. Cached tokens of no known medium are text first, then image, audio, video. Missing counts and null are zero; meters of zero are left out, unless all are: {"input": 0, "output": 0}. '
'A field that is not known is refused where its name counts something (tokens, requests, searches, images, seconds, ...) and its number is not zero, since it may cost; other numbers, such as times and costs, are passed over. Errors, all PT422, DETAIL names the field: unknown_format, invalid_usage (counts that contradict each other, broken ones, unknown ones, none), not_a_number, negative_quantity, quantity_out_of_range.';
