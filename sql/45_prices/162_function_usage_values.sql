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
          coalesce(upper(a.value ->> 'modality'), a.value ->> 'ttl', a.value ->> 'type', n.name, '?'),
          case when f.field ? n.name then '1' else a.value end
        from jsonb_array_elements(case jsonb_typeof(f.value) when 'array' then f.value end) as a
        -- A list of names counts each of those that its field knows as one.
        cross join lateral (select case jsonb_typeof(a.value) when 'string' then a.value #>> '{}' end as name) as n
      ) as e
    where f.depth < 8 and f.field is distinct from '"none"'
  )

  select
    f.path,
    f.value,
    case
      when jsonb_typeof(f.field) = 'string' then nullif(f.field #>> '{}', '?')
      -- A count in some versions, an object in others.
      when jsonb_typeof(f.value) not in ('object', 'array') then f.field ->> ''
    end,
    f.depth
  from found as f;
end;

revoke all on function ratebook.field_name(text) from public;
revoke all on function ratebook.field_of(jsonb, text) from public;
revoke all on function ratebook.usage_values(jsonb, jsonb) from public;

comment on function ratebook.field_name(text) is 'The name of a field as a path holds it: the first 100 characters, and … where there are more.';
comment on function ratebook.field_of(jsonb, text) is
'What stands in an object under a name, in camelCase or snake_case; NULL where it is none.';
comment on type ratebook.usage_value is 'Something in a usage object.';
comment on column ratebook.usage_value.path is 'Where it is, such as cacheDetails.1h.inputTokens.';
comment on column ratebook.usage_value.value is 'What is there.';
comment on column ratebook.usage_value.part is 'What it counts; NULL where nothing says so.';
comment on column ratebook.usage_value.depth is 'How many names its path has.';
comment on function ratebook.usage_values(jsonb, jsonb) is
'Everything in a usage object by its path, such as cacheDetails.1h.inputTokens, with what it counts by the fields of a format: the entries of a list go by their modality, ttl, type or name. Names longer than 100 characters are cut.';
