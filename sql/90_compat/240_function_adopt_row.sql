-- One row of an old table, copied whole or not at all.

create function ratebook.read_row(p_view regclass, p_key text[], p_row jsonb) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row jsonb;
begin
  execute format(
    'select to_jsonb(v) from %1$s as v where (%2$s) = (select %2$s from jsonb_populate_record(null::%1$s, $1))',
    p_view, (select string_agg(format('%I', k.name), ', ') from unnest(p_key) as k (name))
  ) into v_row using p_row;
  return v_row;
end;
$$;

create function ratebook.time_of_epoch(p_column text, p_value jsonb) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_milliseconds numeric := (p_value #>> '{}')::numeric;
begin
  -- Seconds or microseconds would be of another age: no unit is guessed. 0 is 1970 in all of them.
  if v_milliseconds <> 0 and v_milliseconds not between 946684800000 and 4102444800000 then
    perform ratebook.fail('invalid_time', format('"%s" is %s, which is no time in milliseconds since 1970.', p_column, v_milliseconds),
      'From 946684800000 (the year 2000) to 4102444800000 (2100), or a time as text.', jsonb_build_object('column', p_column));
  end if;
  return timestamptz '1970-01-01Z' + (round(v_milliseconds * 1000)::text || ' microseconds')::interval;
end;
$$;

create function ratebook.read_times(p_view regclass, p_row jsonb) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_row || (
    select coalesce(jsonb_object_agg(r.key, ratebook.time_of_epoch(r.key, r.value)), '{}')
    from jsonb_each(p_row) as r
    inner join pg_attribute as a
      on a.attrelid = p_view and a.attname = r.key and a.atttypid = 'timestamptz'::regtype
    where jsonb_typeof(r.value) = 'number' or (jsonb_typeof(r.value) = 'string' and r.value #>> '{}' ~ '^\d{12,14}$')
  );
end;
$$;

create function ratebook.same_pricing(p_old jsonb, p_here jsonb) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_notes constant text[] := '{currency,billing_unit}'::text[];
  v_old jsonb;
begin
  if jsonb_typeof(p_old) <> 'object' then
    return false;
  end if;
  -- Prices may be strings, and NULL is no price.
  select coalesce(
    jsonb_object_agg(
      e.key,
      case
        when jsonb_typeof(e.value) = 'string' and e.value #>> '{}' ~ '^-?\d+(\.\d+)?$'
          then to_jsonb((e.value #>> '{}')::numeric)
        else e.value
      end
    ),
    '{}'
  ) into v_old
  from jsonb_each(p_old) as e
  where e.value <> 'null';
  -- A currency without a price says nothing.
  return v_old - v_notes = p_here - v_notes and (v_old - v_notes = '{}' or p_here @> v_old);
end;
$$;

create function ratebook.differing_columns(p_old jsonb, p_here jsonb) returns text[]
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select o.key
    from jsonb_each(p_old) as o
    where
      case
        when o.key = 'pricing' then ratebook.same_pricing(o.value, p_here -> o.key)
        -- As numbers: a cost may be the text of one.
        when o.key like '%cost_per_%'
          then (o.value #>> '{}')::numeric is not distinct from (p_here ->> o.key)::numeric
        else o.value = p_here -> o.key
      end is not true
    order by o.key
  );
end;
$$;

create function ratebook.adopt_row(
  p_view regclass, p_key text[], p_row jsonb, out outcome text, out id uuid
) returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key text[] := '{id}'::text[];
  v_row jsonb;
  v_here jsonb;
  v_differing text[];
begin
  perform ratebook.refuse_long(p_view, p_row);
  p_row := ratebook.read_times(p_view, p_row);
  if p_row ->> 'id' !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
    -- Rows have UUIDs here; its caller reports the one that it gets.
    p_row := p_row - 'id';
  end if;
  -- In the types of the view, so that equal values are equal text.
  execute format('select to_jsonb(jsonb_populate_record(null::%s, $1))', p_view) into v_row using p_row;
  select jsonb_object_agg(r.key, r.value) into v_row from jsonb_each(v_row) as r where p_row ? r.key;

  -- By its id if that is here already, else by its key: a second copy finds what the first one made.
  if v_row ->> 'id' is not null then
    v_here := ratebook.read_row(p_view, v_key, v_row);
  end if;
  if v_here is null then
    v_key := p_key;
    v_here := ratebook.read_row(p_view, v_key, v_row);
  end if;
  outcome := 'added';
  if v_here is not null then
    outcome := 'changed';
    id := (v_here ->> 'id')::uuid;
    -- Equal rows are not written, so that the same copy again leaves no trace.
    v_row := v_row - '{id,updated_at}'::text[];
    v_differing := ratebook.differing_columns(v_row, v_here);
    if v_differing = '{}' then
      outcome := 'unchanged';
      return;
    elsif p_view = 'compat.rate_cards'::regclass then
      perform ratebook.fail(
        'duplicate_rate_card',
        format('There is a card of that date already, with another %s.', array_to_string(v_differing, ', ')),
        'Cards do not change. Correct the old card, or this one by a higher revision in ai.model_pricing.',
        jsonb_build_object('columns', v_differing)
      );
    end if;
    -- A row that was found by its id keeps it, and may have a new key.
    if v_key = '{id}' then
      v_row := v_row || jsonb_build_object('id', id);
    end if;
  end if;

  if p_view = 'compat.ai_model_config'::regclass then
    -- Read-only there, but older than this database.
    perform ratebook.upsert_row(p_view, v_key, v_row - 'created_at');
    update ai.models as m
    set created_at = (v_row ->> 'created_at')::timestamptz
    where m.key = v_row ->> 'model_name' and m.created_at <> (v_row ->> 'created_at')::timestamptz;
  else
    perform ratebook.upsert_row(p_view, v_key, v_row);
  end if;

  v_here := ratebook.read_row(p_view, v_key, v_row);
  id := (v_here ->> 'id')::uuid;
  v_differing := ratebook.differing_columns(v_row - 'updated_at', coalesce(v_here, '{}'));
  if v_differing <> '{}' then
    perform ratebook.fail(
      'invalid_argument', format('It would not read back as it was: %s.', array_to_string(v_differing, ', ')),
      'Change the old row, or copy it by hand.', jsonb_build_object('columns', v_differing)
    );
  end if;
end;
$$;

revoke all on function ratebook.read_row(regclass, text[], jsonb) from public;
revoke all on function ratebook.time_of_epoch(text, jsonb) from public;
revoke all on function ratebook.read_times(regclass, jsonb) from public;
revoke all on function ratebook.same_pricing(jsonb, jsonb) from public;
revoke all on function ratebook.differing_columns(jsonb, jsonb) from public;
revoke all on function ratebook.adopt_row(regclass, text[], jsonb) from public;

comment on function ratebook.read_row(regclass, text[], jsonb) is
'The row of a view that has the same values in the key columns, as JSON; NULL where there is none.';
comment on function ratebook.time_of_epoch(text, jsonb) is
'A time that is written in milliseconds since 1970, to the microsecond. Error: invalid_time (PT422), which names the column.';
comment on function ratebook.read_times(regclass, jsonb) is
'A row whose times are times where the old table had numbers. Errors: those of ratebook.time_of_epoch().';
comment on function ratebook.same_pricing(jsonb, jsonb) is
'Whether an old pricing object says what one of a compat view says: the same prices, and no other currency or billing_unit.';
comment on function ratebook.differing_columns(jsonb, jsonb) is
'The columns of an old row that a row of a compat view has otherwise.';
comment on function ratebook.adopt_row(regclass, text[], jsonb) is
'Makes a row of a compat view say what an old row says, and reads it back. outcome: added, changed or unchanged; id: the id it has here. Errors: invalid_argument (PT422) where it would read back otherwise, duplicate_rate_card (23505), those of writing the view.';
