-- One more number that the fields do not explain may be money. Beside the counts it is one unless its name says that it
-- is a time, a cost or a rate, which many providers add; among details it always is.
create function ratebook.is_count(p_path text) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return
p_path like '%…%' -- A name that was cut may say anything.
or p_path !~* '(cost|price|latency|throughput|speed|ticks|per_?second|time_?to_)|(^|_)(time|rate|ratio|created)(_|$)|[a-z](time|rate|ratio)$';

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


-- What the fields hold: for each part what its fields add up to, and one that says so.
create function ratebook.usage_counts(
  p_format text, p_fields jsonb, p_usage jsonb, out counts jsonb, out names jsonb
) returns record
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_found ratebook.usage_value[];
  v_path text;
  v_value jsonb;
  v_part text;
begin
  v_found := array(select v from ratebook.usage_values(p_usage, p_fields) as v);
  -- A field that is not known, or not well. One refuses the whole usage: what is left would be a smaller bill.
  select v.path, v.value, v.part into v_path, v_value, v_part
  from unnest(v_found) as v
  where case
    when v.part = 'none' or v.value = 'null' then false
    when v.part is null and jsonb_typeof(v.value) = 'number'
      then v.value <> '0' and (v.depth > 1 or p_fields ? v.path or ratebook.is_count(v.path))
    when v.part is null and jsonb_typeof(v.value) = 'string'
      then v.depth > 1 and v.value #>> '{}' ~ '^[0-9.]*[1-9][0-9.]*$' -- A number in quotes.
    when v.part is null
      then v.depth = 8 and jsonb_typeof(v.value) in ('object', 'array') and v.value not in ('{}', '[]')
    when jsonb_typeof(v.value) = 'number'
      then
        v.value::numeric not between 0 and 1e12
        or (v.part not like '%second' and v.value::numeric <> trunc(v.value::numeric))
    else true
  end
  order by v.part is null, v.path
  limit 1;
  -- By its name, and by what is wrong with it.
  if v_path is not null and v_part is null then
    perform ratebook.refuse_field('invalid_usage', p_format, v_path, 'counts something that has no meter here',
      'It may cost something, so it is not passed over. Look whether the usage is of another format; else count it yourself, by the meters of ai.meters.');
  elsif jsonb_typeof(v_value) <> 'number' then
    perform ratebook.refuse_field('not_a_number', p_format, v_path, 'is not a number');
  elsif v_value::numeric < 0 then
    perform ratebook.refuse_field('negative_quantity', p_format, v_path, 'is negative');
  elsif v_value::numeric > 1e12 then
    perform ratebook.refuse_field('quantity_out_of_range', p_format, v_path, 'is out of range');
  elsif v_path is not null then
    perform ratebook.refuse_field('invalid_usage', p_format, v_path, 'is not whole');
  end if;

  -- Fields of one part add up; those that repeat it under another name must not count twice.
  select jsonb_object_agg(p.part, p.quantity), jsonb_object_agg(p.part, p.path) into counts, names
  from (
    select
      c.part,
      greatest(sum(c.value) filter (where not c.is_again), max(c.value) filter (where c.is_again)) as quantity,
      coalesce(min(c.path) filter (where not c.is_again), min(c.path)) as path
    from (
      select
        regexp_replace(v.part, '_again$', '') as part,
        v.part like '%\_again' as is_again,
        v.value::numeric as value,
        v.path
      from unnest(v_found) as v
      where v.part <> 'none' and jsonb_typeof(v.value) = 'number'
    ) as c
    group by c.part
  ) as p;
  if counts - 'total' = '{}' or counts is null then
    perform ratebook.fail('invalid_usage', format('This usage has no counts of format %s.', p_format),
      'Look whether it is another format.', jsonb_build_object('format', p_format));
  end if;
end;
$$;

-- Takes the counts apart: makes the input whole, splits it by cache and by medium, then the output.
create function ratebook.usage_meters(
  p_format text,
  p_caches_are_inside boolean,
  p_thoughts_are_inside boolean,
  p_usage jsonb,
  p_counts jsonb,
  p_names jsonb
) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_meter text;
  v_thoughts_are_inside boolean := p_thoughts_are_inside;
  v_read numeric;  -- all input tokens
  v_text numeric;  -- those of no other meter
  v_cached numeric;
  v_written numeric;
  v_written_1h numeric := coalesce((p_counts ->> 'written_1h')::numeric, 0);
  v_written_12h numeric := coalesce((p_counts ->> 'written_12h')::numeric, 0);
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
  -- The input. A cache's tokens are a part of it or beside it; written ones may be told apart by how long they stay.
  v_cached := coalesce((p_counts ->> 'cached')::numeric, 0);
  v_rest := coalesce((p_counts ->> 'written_short')::numeric, 0) + v_written_1h + v_written_12h;
  v_written := coalesce(
    (p_counts ->> 'written')::numeric,
    nullif((p_counts ->> 'written_else')::numeric, 0),
    v_rest
  );
  if v_rest not in (0, v_written) then
    perform ratebook.refuse_field('invalid_usage', p_format,
      coalesce(p_names ->> 'written', p_names ->> 'written_else'),
      format('is %s, and its parts add up to %s', v_written, v_rest));
  end if;
  v_read := coalesce((p_counts ->> 'input')::numeric, 0);
  -- Mistral counts what it has cached of the sound, which is not in its input; version 5 of Vercel's SDK has one name for
  -- what is inside and, of Anthropic, beside.
  if p_format = 'mistral' and p_counts ? 'input_audio_second' then
    v_cached := least(v_cached, v_read);
  elsif p_format = 'vercel_ai' and v_cached > v_read and not p_usage ?| '{inputTokenDetails,input_token_details}' then
    v_read := v_read + v_cached;
  end if;
  if not p_caches_are_inside then
    v_read := v_read + v_cached + v_written;
  elsif v_cached + v_written > v_read then
    perform ratebook.refuse_field('invalid_usage', p_format,
      coalesce(
        case when v_cached > v_read then p_names ->> 'cached' end,
        p_names ->> 'written', p_names ->> 'written_else', p_names ->> 'written_short', p_names ->> 'written_1h',
        p_names ->> 'written_12h'
      ),
      format('is more than the input of %s that it is a part of', v_read));
  end if;

  -- Its media, and how much of each is cached.
  select
    array_agg(coalesce((p_counts ->> ('input_' || m.name))::numeric, 0) order by m.number),
    array_agg(coalesce((p_counts ->> ('cached_' || m.name))::numeric, 0) order by m.number),
    array_agg(coalesce((p_counts ->> ('output_' || m.name))::numeric, 0) order by m.number)
  into v_input_of, v_cached_of, v_output_of
  from unnest(v_media) with ordinality as m (name, number);
  v_text := v_read;
  v_rest := v_cached;
  for i in 1..3 loop
    v_text := v_text - v_input_of[i];
    v_rest := v_rest - v_cached_of[i];
    if v_text < 0 then
      perform ratebook.refuse_field('invalid_usage', p_format, p_names ->> ('input_' || v_media[i]),
        format('is more than the input of %s leaves', v_read));
    elsif v_rest < 0 or v_cached_of[i] > v_input_of[i] then
      perform ratebook.refuse_field('invalid_usage', p_format, p_names ->> ('cached_' || v_media[i]),
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
  v_output := coalesce((p_counts ->> 'output')::numeric, 0);
  v_thoughts := coalesce((p_counts ->> 'thoughts')::numeric, 0);
  v_total := (p_counts ->> 'total')::numeric;
  if v_total = v_read + v_output then
    v_thoughts_are_inside := true;
  elsif v_total = v_read + v_output + v_thoughts then
    v_thoughts_are_inside := false;
  elsif p_format in ('bedrock', 'vercel_ai') and v_total = v_read + v_output - v_cached - v_written then
    null; -- As documented; in practice the total holds the caches too.
  -- What is billed by the query has a total of its own.
  elsif v_total is not null and not (p_counts ? 'query' and v_read + v_output = 0) then
    perform ratebook.refuse_field('invalid_usage', p_format, p_names ->> 'total',
      format('is %s, and the counts add up to %s', v_total,
        v_read + v_output + case when v_thoughts_are_inside then 0 else v_thoughts end),
      'A count is missing or wrong.');
  end if;
  if v_thoughts_are_inside then
    v_output := v_output - v_thoughts;
  end if;
  if v_output < 0 then
    perform ratebook.refuse_field('invalid_usage', p_format, p_names ->> 'thoughts',
      'is more than the output that it is a part of');
  end if;
  -- The usage of OpenAI's images: without details, the output is the picture.
  if p_format = 'openai_responses'
    and (p_usage -> 'input_tokens_details') ? 'image_tokens'
    and not (p_usage -> 'input_tokens_details') ? 'cached_tokens'
    and jsonb_typeof(p_usage -> 'output_tokens_details') is distinct from 'object'
  then
    v_output_of[1] := v_output;
  end if;
  for i in 1..3 loop
    v_output := v_output - v_output_of[i];
    if v_output < 0 then
      perform ratebook.refuse_field('invalid_usage', p_format, p_names ->> ('output_' || v_media[i]),
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
    ('cache_write', v_written - v_written_1h - v_written_12h - v_written_of[2]),
    ('cache_write_1h', v_written_1h),
    ('cache_write_12h', v_written_12h),
    ('cache_write_audio', v_written_of[2]),
    ('output', v_output),
    ('output_image', v_output_of[1]),
    ('output_audio', v_output_of[2]),
    ('output_video', v_output_of[3]),
    ('reasoning', v_thoughts)
  ) as m (meter, quantity)
  where m.quantity <> 0;
  -- What is counted beside the tokens, each in a meter of its own.
  select coalesce(v_result, '{}') || coalesce(jsonb_object_agg(c.key, trim_scale(c.value::numeric)), '{}')
  into v_result
  from jsonb_each(p_counts) as c
  where c.value::numeric <> 0 and c.key !~ '^((input|cached|output)(_(image|audio|video))?|written.*|thoughts|total|tier:.*)$';
  -- Sums may exceed what each of their fields may be.
  select m.key into v_meter
  from jsonb_each(v_result) as m
  where m.value::numeric > 1e12 or scale(m.value::numeric) > 12
  limit 1;
  if found then
    perform ratebook.fail('quantity_out_of_range', format('The quantity of "%s" is out of range.', v_meter),
      'Quantities are at most 1e12, with at most 12 decimals.',
      jsonb_build_object('format', p_format, 'meter', v_meter));
  end if;
  return coalesce(nullif(v_result, '{}'), '{"input": 0, "output": 0}');
end;
$$;

revoke all on function ratebook.is_count(text) from public;
revoke all on function ratebook.refuse_field(text, text, text, text, text) from public;
revoke all on function ratebook.usage_counts(text, jsonb, jsonb) from public;
revoke all on function ratebook.usage_meters(text, boolean, boolean, jsonb, jsonb, jsonb) from public;

comment on function ratebook.is_count(text) is
'Whether a field that is not known counts something, going by its name: all but costs, times and rates.';
comment on function ratebook.refuse_field(text, text, text, text, text) is
'Raises an error of ratebook.fail() about a field of a usage; DETAIL has the format and the field.';
comment on function ratebook.usage_counts(text, jsonb, jsonb) is
'What the fields of a usage object count: part → sum, and part → the path of a field that says so. Errors: invalid_usage, not_a_number, negative_quantity, quantity_out_of_range (PT422).';
comment on function ratebook.usage_meters(text, boolean, boolean, jsonb, jsonb, jsonb) is
'The meters of what ratebook.usage_counts() found, each token in one. Errors: invalid_usage, quantity_out_of_range (PT422).';
