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
  v_result jsonb := '{}';
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
      foreach v_said in array string_to_array(v_path, '.') loop
        v_place := ratebook.field_of(v_place, v_said);
      end loop;
      continue when v_place is null or v_place = 'null';
      v_said := v_place #>> '{}';
      v_means := coalesce(v_words -> v_said, v_words -> lower(v_said), v_words -> upper(v_said));
      continue when v_means = 'null';
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
        'The answer states both');
    end if;
    v_result := v_result || jsonb_build_object(v_argument, v_means);
  end loop;
  return v_result;
end;
$$;

create function ratebook.refuse_contradiction(
  p_format text, p_argument text, p_one text, p_other text, p_why text
) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail(
    'contradiction', format('%s: %s "%s" and "%s".', p_why, p_argument, left(p_one, 100), left(p_other, 100)),
    'Leave the argument out: what the answer states is used.',
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
  v_format record;
  v_usage jsonb;
  v_found record;
  v_states jsonb;
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
  select f.* into v_format from ratebook.usage_formats() as f where f.name = p_format;
  if not found then
    perform ratebook.refuse_format(p_format);
  end if;
  v_usage := ratebook.usage_object(v_format.format, v_answer);
  v_found := ratebook.usage_counts(v_format.format, v_format.fields, v_usage);
  v_read.usage := ratebook.usage_meters(
    v_format.format, v_format.caches_are_inside, v_format.thoughts_are_inside, v_usage, v_found.counts, v_found.names
  );

  v_states := ratebook.usage_states(v_format.format, v_format.states, v_answer, v_usage, v_found.counts);
  if v_states = '{}' then
    return v_read;
  end if;
  if not v_states -> 'service_tier' ? p_service_tier then
    perform ratebook.refuse_contradiction(v_format.format, 'service_tier', p_service_tier,
      v_states -> 'service_tier' ->> 0, 'Argument and answer differ');
  elsif not v_states -> 'variant' ? p_variant then
    perform ratebook.refuse_contradiction(v_format.format, 'variant', p_variant, v_states -> 'variant' ->> 0,
      'Argument and answer differ');
  elsif not v_states -> 'region' ? p_region then
    perform ratebook.refuse_contradiction(v_format.format, 'region', p_region, v_states -> 'region' ->> 0,
      'Argument and answer differ');
  end if;
  v_read.service_tier := coalesce(p_service_tier, v_states -> 'service_tier' ->> 0);
  v_read.variant := coalesce(p_variant, v_states -> 'variant' ->> 0);
  v_read.region := coalesce(p_region, v_states -> 'region' ->> 0);
  v_read.stated := array(
    select s.key from jsonb_each(v_states) as s where s.key <> 'service_tier' or v_read.service_tier <> 'standard'
  );
  return v_read;
end;
$$;

create function ratebook.refuse_format(p_format text) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail(
    'unknown_format', format('There is no usage format called "%s".', left(p_format, 100)),
    format('Formats: %s.', (select string_agg(f.name, ', ' order by f.name) from ratebook.usage_formats() as f)),
    jsonb_build_object('format', left(p_format, 100))
  );
end;
$$;

revoke all on function ratebook.usage_states(text, jsonb, jsonb, jsonb, jsonb) from public;
revoke all on function ratebook.refuse_contradiction(text, text, text, text, text) from public;
revoke all on function ratebook.read_usage(text, jsonb, text, text, text) from public;
revoke all on function ratebook.refuse_format(text) from public;

comment on function ratebook.usage_states(text, jsonb, jsonb, jsonb, jsonb) is
'What an answer states about its price: the argument of billing.quote() → an array of the words that mean it. Errors: unknown_service_tier, contradiction (PT422).';
comment on function ratebook.refuse_contradiction(text, text, text, text, text) is
'Raises the error contradiction (PT422); DETAIL has the argument, what was given and what the answer states.';
comment on type ratebook.stated_usage is 'A usage in meters, with what its price depends on.';
comment on column ratebook.stated_usage.usage is 'Meters and quantities.';
comment on column ratebook.stated_usage.service_tier is 'The service tier; NULL where neither caller nor answer says one.';
comment on column ratebook.stated_usage.variant is 'The variant; NULL for none.';
comment on column ratebook.stated_usage.region is 'The region; NULL for none.';
comment on column ratebook.stated_usage.stated is
'Which of these the answer states, other than the standard tier: they need a price of their own.';
comment on function ratebook.read_usage(text, jsonb, text, text, text) is
'The one reading of a usage for quotes, charges and captures: without a format as it is; with one the provider''s own object, or the answer that holds it, with the tier, variant and region that the answer states or the caller gives. Errors: those of ai.normalize_usage() but stated_price, and contradiction, unknown_service_tier (PT422).';
comment on function ratebook.refuse_format(text) is 'Raises the error unknown_format (PT422); HINT lists the formats.';
