-- Every format, by each of its names.
create function ratebook.usage_formats() returns setof ratebook.usage_format
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select p.* from ratebook.usage_formats_of_providers(null) as p
  union all
  select s.* from ratebook.usage_formats_of_sdks(null) as s;
end;
$$;

-- The one of a name; without a name the one that nothing else could be. Of those that mean the same the plain one steps
-- back for what marks another.
create function ratebook.usage_format(p_name text, p_usage jsonb) returns ratebook.usage_format
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_format ratebook.usage_format;
  v_found text[];
begin
  if p_name is not null then
    select p.* into v_format from ratebook.usage_formats_of_providers(p_name) as p;
    if not found then
      select s.* into v_format from ratebook.usage_formats_of_sdks(p_name) as s;
    end if;
    if not found then
      perform ratebook.fail(
        'unknown_format', format('There is no usage format called "%s".', left(p_name, 100)),
        format(
          'Formats: %s.',
          (select string_agg(n.name, ', ' order by n.name) from ratebook.usage_formats() as f cross join unnest(f.names) as n (name))
        ),
        jsonb_build_object('format', left(p_name, 100))
      );
    end if;
    return v_format;
  end if;
  v_found := array(
    select f.format
    from ratebook.usage_formats() as f
    where p_usage @? f.marks::jsonpath
    order by f.is_plain, f.format
  );
  select f.* into v_format from ratebook.usage_formats() as f where f.format = v_found[1];
  if cardinality(v_found) = 0 or exists (
    select from ratebook.usage_formats() as f where f.format = v_found[2] and f.is_plain = v_format.is_plain
  ) then
    perform ratebook.fail(
      'unknown_format', 'This usage may be of several formats, or of none.',
      format(
        'Name the format: %s.',
        coalesce(
          nullif(array_to_string(v_found, ', '), ''),
          (select string_agg(f.format, ', ' order by f.format) from ratebook.usage_formats() as f)
        )
      ),
      jsonb_build_object('format', null)
    );
  end if;
  return v_format;
end;
$$;

-- A whole response carries the usage inside, under one of these names, and that may be inside an event or a batch's line.
create function ratebook.find_usage(p_answer jsonb, out answer jsonb, out usage jsonb) returns record
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_names constant text[] := array[
    'totalUsage', 'usage', 'usageMetadata', 'usage_metadata', 'usage_info', 'amazon-bedrock-invocationMetrics'
  ];
  v_around constant text[] := array['response', 'body', 'interaction', 'message', 'meta'];
  v_name text;
begin
  answer := p_answer;
  usage := p_answer;
  for i in 1..4 loop
    if jsonb_typeof(usage) = 'object' then
      select n.name into v_name
      from unnest(v_names || v_around) with ordinality as n (name, place)
      where
        usage -> n.name <> 'null'
        and (
          n.place <= cardinality(v_names)
          or (jsonb_typeof(usage -> n.name) = 'object' and usage -> n.name ?| (v_names || v_around || 'billed_units'::text))
        )
      order by n.place
      limit 1;
      exit when not found;
      answer := usage;
      usage := usage -> v_name;
    end if;
  end loop;
  -- The attributes of a span hold more than its usage.
  if jsonb_typeof(usage) = 'object' and usage @? '$.keyvalue() ? (@.key starts with "gen_ai.usage.")' then
    usage := (select jsonb_object_agg(u.key, u.value) from jsonb_each(usage) as u where starts_with(u.key, 'gen_ai.usage.'));
  end if;
  if jsonb_typeof(usage) is distinct from 'object' then
    perform ratebook.fail('invalid_usage', 'A provider''s usage is a JSON object.',
      'Pass the usage of the response, or the response that holds it.');
  end if;
end;
$$;

-- What an answer states about its price: argument → the words for it that a caller may use, the first of them meant.
create function ratebook.usage_states(
  p_format text, p_states jsonb, p_answer jsonb, p_usage jsonb, p_counts jsonb
) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_path text;
  v_argument text;
  v_words jsonb;
  v_place jsonb;
  v_said text;
  v_means jsonb;
  v_result jsonb := jsonb '{}';
begin
  for v_path, v_argument, v_words, v_place in
    select s.key, a.key, a.value, p.place
    from jsonb_each(p_states) as s
    cross join jsonb_each(s.value) as a
    cross join (values (1, p_usage), (2, p_answer)) as p (number, place)
    union all
    select c.key, 'service_tier', null, null
    from jsonb_object_keys(p_counts) as c (key)
    where c.key like 'tier:%'
  loop
    -- The parts of a form that names a tier say it by their names.
    if v_place is null then
      v_said := substr(v_path, 6);
      v_means := jsonb_build_array(v_said);
    else
      -- Some names have dots themselves.
      foreach v_said in array case when v_place ? v_path then array[v_path] else string_to_array(v_path, '.') end loop
        v_place := ratebook.field_of(v_place, v_said);
      end loop;
      continue when v_place is null or v_place in ('null', '{}', '[]');
      -- As the provider writes it, or in the other case.
      v_said := v_place #>> '{}';
      v_means := coalesce(v_words -> v_said, v_words -> lower(v_said), v_words -> upper(v_said));
      continue when v_means = 'null';
      if v_argument = 'refused' then
        perform ratebook.refuse_field('invalid_usage', p_format, v_path, 'changes the bill in a way that no price says',
          'Price each part of it apart, or charge what the provider bills.');
      end if;
      if v_means is null and v_words ->> '*' is null then
        perform ratebook.fail(
          'unknown_service_tier',
          format('"%s" of this %s answer is "%s", which no service tier stands for.', v_path, p_format, left(v_said, 100)),
          'Nothing here can price it: ask ai.service_tiers for the tiers, and price it by one as meters.',
          jsonb_build_object('format', p_format, 'field', v_path, 'service_tier', left(v_said, 100))
        );
      end if;
      v_means := coalesce(v_means, to_jsonb(v_said));
      if jsonb_typeof(v_means) = 'string' then
        v_means := jsonb_build_array(v_means);
      end if;
    end if;
    if v_result -> v_argument <> v_means then
      perform ratebook.refuse_contradiction(p_format, v_argument, v_result -> v_argument ->> 0, v_means ->> 0,
        'The answer states both', 'Pass the usage alone, with the one that it was.');
    end if;
    -- What may have a price of its own and need not is noted apart.
    if v_argument like '%?' then
      v_argument := rtrim(v_argument, '?');
      v_result := v_result || jsonb_build_object('plain', v_argument);
    end if;
    v_result := v_result || jsonb_build_object(v_argument, v_means);
  end loop;
  return v_result;
end;
$$;

create function ratebook.refuse_contradiction(
  p_format text, p_argument text, p_one text, p_other text, p_why text, p_hint text
) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail(
    'contradiction', format('%s: %s "%s" and "%s".', p_why, p_argument, left(p_one, 100), left(p_other, 100)),
    p_hint,
    jsonb_build_object(
      'format', p_format, 'argument', p_argument, 'given', left(p_one, 100), 'stated', left(p_other, 100)
    )
  );
end;
$$;

-- A usage with what its price depends on. Where the answer says nothing the caller's word counts; NULL is no word.
create type ratebook.stated_usage as (
  usage jsonb,
  service_tier text,
  variant text,
  region text,
  stated text []
);

create function ratebook.read_usage(
  p_format text,
  p_usage jsonb,
  p_service_tier text default null,
  p_variant text default null,
  p_region text default null
) returns ratebook.stated_usage
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_answer jsonb := p_usage;
  v_format ratebook.usage_format;
  v_place record;
  v_found record;
  v_states jsonb;
  v_why constant text := 'Argument and answer differ';
  v_hint constant text := 'Leave the argument out: what the answer states is used.';
  v_read ratebook.stated_usage := (p_usage, p_service_tier, p_variant, p_region, '{}')::ratebook.stated_usage;
begin
  -- A GET request carries the object as text.
  if jsonb_typeof(v_answer) = 'string' and v_answer #>> '{}' ~ '^\s*\{' then
    v_answer := ratebook.json_in_text(v_answer); -- What comes next says what is wrong with other text.
  end if;
  if p_format is null then
    v_read.usage := v_answer;
    return v_read;
  end if;
  v_place := ratebook.find_usage(v_answer);
  v_format := ratebook.usage_format(nullif(p_format, 'auto'), v_place.usage);
  -- Version 5 of Vercel's SDK leaves out what Anthropic wrote to its cache.
  if v_format.format = 'vercel_ai'
    and v_place.answer -> 'providerMetadata' ?| '{anthropic,bedrock}'
    and jsonb_typeof(v_place.usage -> 'inputTokens') = 'number'
    and not v_place.usage ? 'inputTokenDetails'
  then
    perform ratebook.refuse_field('invalid_usage', v_format.format, 'providerMetadata', 'counts more than the usage does',
      'Pass its usage with the format of the provider.');
  end if;
  v_found := ratebook.usage_counts(v_format.format, v_format.fields, v_place.usage);
  v_read.usage := ratebook.usage_meters(
    v_format.format, v_format.caches_are_inside, v_format.thoughts_are_inside, v_place.usage, v_found.counts,
    v_found.names
  );

  v_states := ratebook.usage_states(v_format.format, v_format.states, v_place.answer, v_place.usage, v_found.counts);
  if v_states = '{}' then
    return v_read;
  end if;
  -- What the caller says and the answer leaves open counts; what both say must be the same.
  if not v_states -> 'service_tier' ? p_service_tier then
    perform ratebook.refuse_contradiction(v_format.format, 'service_tier', p_service_tier,
      v_states -> 'service_tier' ->> 0, v_why, v_hint);
  elsif not v_states -> 'variant' ? p_variant then
    perform ratebook.refuse_contradiction(v_format.format, 'variant', p_variant, v_states -> 'variant' ->> 0,
      v_why, v_hint);
  elsif not v_states -> 'region' ? p_region then
    perform ratebook.refuse_contradiction(v_format.format, 'region', p_region, v_states -> 'region' ->> 0,
      v_why, v_hint);
  end if;
  v_read.service_tier := coalesce(p_service_tier, v_states -> 'service_tier' ->> 0);
  v_read.variant := coalesce(p_variant, v_states -> 'variant' ->> 0);
  v_read.region := coalesce(p_region, v_states -> 'region' ->> 0);
  -- The standard tier needs no price of its own.
  v_read.stated := array(
    select s.key
    from jsonb_each(v_states - 'plain') as s
    where
      s.key is distinct from v_states ->> 'plain'
      and (s.key <> 'service_tier' or v_read.service_tier <> 'standard')
  );
  return v_read;
end;
$$;

revoke all on function ratebook.usage_formats() from public;
revoke all on function ratebook.usage_format(text, jsonb) from public;
revoke all on function ratebook.find_usage(jsonb) from public;
revoke all on function ratebook.usage_states(text, jsonb, jsonb, jsonb, jsonb) from public;
revoke all on function ratebook.refuse_contradiction(text, text, text, text, text, text) from public;
revoke all on function ratebook.read_usage(text, jsonb, text, text, text) from public;

comment on function ratebook.usage_formats() is 'The formats of ai.normalize_usage().';
comment on function ratebook.usage_format(text, jsonb) is
'The format of that name, or, for NULL, the one that a usage object is of. Error: unknown_format (PT422); HINT lists the formats that it could be.';
comment on function ratebook.find_usage(jsonb) is
'The usage object of an answer, or the answer where it is one itself, and what the usage lies in. Error: invalid_usage (PT422).';
comment on function ratebook.usage_states(text, jsonb, jsonb, jsonb, jsonb) is
'What an answer states about its price: the argument of billing.quote() → an array of the words that mean it. Errors: unknown_service_tier, contradiction (PT422).';
comment on function ratebook.refuse_contradiction(text, text, text, text, text, text) is
'Raises the error contradiction (PT422); DETAIL has the argument, what was given and what the answer states.';
comment on type ratebook.stated_usage is 'A usage in meters, with what its price depends on.';
comment on column ratebook.stated_usage.usage is 'Meters and quantities.';
comment on column ratebook.stated_usage.service_tier is 'The service tier; NULL where neither caller nor answer says one.';
comment on column ratebook.stated_usage.variant is 'The variant; NULL for none.';
comment on column ratebook.stated_usage.region is 'The region; NULL for none.';
comment on column ratebook.stated_usage.stated is
'Which of these the answer states, other than the standard tier: they need a price of their own.';
comment on function ratebook.read_usage(text, jsonb, text, text, text) is
'The one reading of a usage for quotes, charges and captures: without a format as it is; with one (auto: that which it is seen to be) the provider''s own object, or the answer that holds it, with the tier, variant and region that the answer states or the caller gives. Errors: those of ai.normalize_usage() but stated_price, and contradiction, unknown_service_tier (PT422).';
