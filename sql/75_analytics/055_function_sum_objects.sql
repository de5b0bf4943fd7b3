-- Sums of meters and of currencies: few keys, and which is not known ahead.
create function ratebook.sum_objects(p_objects jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_objects is null then
    return jsonb '{}';
  elsif jsonb_array_length(p_objects) = 1 then
    return p_objects -> 0;
  end if;
  return (
    select coalesce(jsonb_object_agg(s.key, s.total), '{}')
    from (
      select e.key, sum(e.value::numeric) as total
      from jsonb_array_elements(p_objects) as o (value)
      cross join lateral jsonb_each(o.value) as e (key, value)
      group by e.key
    ) as s
  );
end;
$$;

create function ratebook.negated(p_object jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select jsonb_object_agg(e.key, -e.value::numeric) from jsonb_each(p_object) as e);
end;
$$;

create function ratebook.shown_sums(p_objects jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_objects is null then
    return jsonb '{}';
  end if;
  return (
    select coalesce(jsonb_object_agg(s.key, trim_scale(s.total)::text) filter (where s.total <> 0), '{}')
    from (
      select e.key, sum(e.value::numeric) as total
      from jsonb_array_elements(p_objects) as o (value)
      cross join lateral jsonb_each(o.value) as e (key, value)
      group by e.key
    ) as s
  );
end;
$$;

-- For very many sums at once: an expression that looks keys up instead of taking objects to pieces. Which keys occur need
-- not be known, only guessed: what has others is added up as above.
create function ratebook.sums_by_key(p_column text, p_keys text[]) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return format(
    'jsonb_strip_nulls(jsonb_object(%1$L::text[], array[%2$s]::text[]))'
    ' || ratebook.shown_sums(jsonb_agg('
    'case when k.sign = 1 then k.%3$I - %1$L::text[] else ratebook.negated(k.%3$I - %1$L::text[]) end'
    ') filter (where k.%3$I - %1$L::text[] <> ''{}''))',
    p_keys,
    (
      select
        string_agg(
          format('nullif(trim_scale(sum(k.sign * (k.%I ->> %L)::numeric)), 0)::text', p_column, k.key), ', ' order by k.place
        )
      from unnest(p_keys) with ordinality as k (key, place)
    ),
    p_column
  );
end;
$$;

revoke all on function ratebook.sum_objects(jsonb) from public;
revoke all on function ratebook.negated(jsonb) from public;
revoke all on function ratebook.shown_sums(jsonb) from public;
revoke all on function ratebook.sums_by_key(text, text[]) from public;

comment on function ratebook.sum_objects(jsonb) is 'The sum, key by key, of a JSON array of objects of numbers; {} for NULL.';
comment on function ratebook.negated(jsonb) is 'An object of numbers with their signs turned.';
comment on function ratebook.shown_sums(jsonb) is 'ratebook.sum_objects() as an answer has it: strings, and no zeros.';
comment on function ratebook.sums_by_key(text, text[]) is
'The expression for ratebook.shown_sums() of a column of rows "k", each of which counts as its sign says: fastest where the keys are those that occur.';
