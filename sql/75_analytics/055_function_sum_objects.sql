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

create function ratebook.shown_amounts(p_object jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(jsonb_object_agg(e.key, trim_scale(e.value::numeric)::text), '{}')
    from jsonb_each(p_object) as e
    where e.value::numeric <> 0
  );
end;
$$;

revoke all on function ratebook.sum_objects(jsonb) from public;
revoke all on function ratebook.negated(jsonb) from public;
revoke all on function ratebook.shown_amounts(jsonb) from public;

comment on function ratebook.sum_objects(jsonb) is 'The sum, key by key, of a JSON array of objects of numbers; {} for NULL.';
comment on function ratebook.negated(jsonb) is 'An object of numbers with their signs turned.';
comment on function ratebook.shown_amounts(jsonb) is 'An object of numbers as an answer has it: strings, and no zeros.';
