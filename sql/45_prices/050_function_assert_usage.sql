-- What so few bytes hold is not worth counting, and a usage is asked about with every request. The rest is counted
-- before it is read: by its keys, and not by what they say.
create function ratebook.has_more_keys(p_usage jsonb, p_number integer) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return pg_column_size(p_usage) > 8 * p_number and (select count(*) from jsonb_object_keys(p_usage)) > p_number;
end;
$$;

create function ratebook.is_usage(p_usage jsonb, p_meters text[]) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_typeof(p_usage) = 'object'
    and p_usage <> '{}'
    and not ratebook.has_more_keys(p_usage, cardinality(p_meters))
    and not p_usage @? 'strict $.* ? (!(@.type() == "number" && @ >= 0 && @ <= 1e12 && @ * 1e12 == (@ * 1e12).floor()))'
    and p_usage - p_meters = '{}';
end;
$$;

create function ratebook.assert_usage(p_usage jsonb) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_meter text;
  v_value jsonb;
  v_is_known boolean;
  v_quantity numeric;
  v_meters integer;
begin
  if jsonb_typeof(p_usage) is distinct from 'object' or p_usage = '{}' then
    perform ratebook.fail('invalid_usage', 'A usage is a JSON object of meters and quantities, with at least one.',
      'For example {"input": 1000, "output": 500}.');
  end if;
  -- Nearly every usage is well; the loop says what is wrong with the others.
  if ratebook.is_usage(p_usage, array(select m.key from ai.meters as m)) then
    return;
  end if;
  v_meters := (select count(*) from ai.meters as m);
  if ratebook.has_more_keys(p_usage, v_meters) then
    perform ratebook.fail('invalid_usage', 'A usage has no more keys than there are meters.',
      'Ask ai.meters for the keys.', jsonb_build_object('at_most', v_meters));
  end if;
  for v_meter, v_value, v_is_known in
    select u.key, u.value, m.key is not null
    from jsonb_each(p_usage) as u
    left join ai.meters as m on m.key = u.key
    order by u.key
  loop
    if not v_is_known then
      perform ratebook.fail('unknown_meter', format('There is no meter called "%s".', left(v_meter, 100)),
        'Ask ai.meters for the keys.', jsonb_build_object('meter', left(v_meter, 100)));
    end if;
    if jsonb_typeof(v_value) <> 'number' then
      perform ratebook.fail('not_a_number', format('The quantity of "%s" is not a number.', v_meter),
        'Quantities are JSON numbers.', jsonb_build_object('meter', v_meter));
    end if;
    v_quantity := v_value::numeric;
    if v_quantity < 0 then
      perform ratebook.fail('negative_quantity', format('The quantity of "%s" is negative.', v_meter), null,
        jsonb_build_object('meter', v_meter));
    end if;
    if v_quantity > 1e12 or scale(trim_scale(v_quantity)) > 12 then
      perform ratebook.fail('quantity_out_of_range', format('The quantity of "%s" is out of range.', v_meter),
        'Quantities are at most 1e12, with at most 12 decimals.', jsonb_build_object('meter', v_meter));
    end if;
  end loop;
end;
$$;

revoke all on function ratebook.has_more_keys(jsonb, integer) from public;
revoke all on function ratebook.is_usage(jsonb, text[]) from public;
revoke all on function ratebook.assert_usage(jsonb) from public;

comment on function ratebook.has_more_keys(jsonb, integer) is 'Whether a JSON object has more than a number of keys.';
comment on function ratebook.is_usage(jsonb, text[]) is 'Whether it is a usage: meters that are known (p_meters), and quantities within bounds.';
comment on function ratebook.assert_usage(jsonb) is
'Refuses what is not a usage. Errors, all PT422: invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range.';
