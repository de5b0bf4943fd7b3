-- What a caller may ask of a model, each with the kind of value that it takes.
create function ratebook.assert_requirements(p_requirements jsonb) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kinds constant jsonb := '{
    "capabilities": "names", "supports": "names", "exclude_providers": "names", "context_window": "tokens",
    "max_tokens": "tokens", "modality": "name", "task": "name", "size": "name", "region": "name", "service_tier": "name",
    "usage": "usage", "max_cost": "amount", "currency": "name", "max_credits": "amount"
  }'::jsonb;
  v_name text;
  v_value jsonb;
  v_is_well boolean;
begin
  if jsonb_typeof(p_requirements) is distinct from 'object' then
    perform ratebook.fail('invalid_argument', 'Requirements are a JSON object.',
      'For example {"supports": ["vision"], "context_window": 100000}.');
  end if;
  for v_name, v_value in select r.key, r.value from jsonb_each(p_requirements) as r order by r.key loop
    -- Each branch reads the value only where it is of its type.
    v_is_well := case v_kinds ->> v_name
      when 'names' then jsonb_typeof(v_value) = 'array' and not v_value @? '$[*] ? (@.type() <> "string")'
      when 'name' then jsonb_typeof(v_value) = 'string'
      when 'tokens' then case when jsonb_typeof(v_value) = 'number' then v_value::numeric between 0 and 1e12 end
      when 'amount' then case
        -- As text too: every client writes it with all its digits.
        when jsonb_typeof(v_value) in ('number', 'string') and v_value #>> '{}' ~ '^\d{1,12}(\.\d{1,30})?$' then true
      end
      when 'usage' then true
    end;
    if v_is_well is not true then
      perform ratebook.fail(
        'invalid_argument',
        case
          when v_kinds ? v_name then format('The requirement "%s" does not take that value.', v_name)
          else format('There is no requirement called "%s".', left(v_name, 100))
        end,
        'capabilities, supports and exclude_providers are arrays of names; modality, task, size, region, service_tier and '
        || 'currency names; context_window and max_tokens numbers of tokens; usage as in billing.quote(), max_cost and '
        || 'max_credits what it may cost.',
        jsonb_build_object('requirement', left(v_name, 100))
      );
    end if;
  end loop;
  -- A capability that nothing can have is a slip, not a wish.
  select c.name into v_name
  from jsonb_array_elements_text(coalesce(p_requirements -> 'capabilities', '[]')) as c (name)
  where c.name <> all(enum_range(null::ai.ai_capability_enum)::text[])
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('There is no capability called "%s".', left(v_name, 100)),
      format('They are %s.', array_to_string(enum_range(null::ai.ai_capability_enum), ', ')),
      jsonb_build_object('requirement', 'capabilities'));
  end if;
  if p_requirements ? 'usage' then
    perform ratebook.assert_usage(p_requirements -> 'usage');
  elsif p_requirements ?| '{max_cost,max_credits}' then
    perform ratebook.fail('invalid_argument', 'A ceiling is for a usage.', 'Add the usage that you expect.',
      '{"requirement": "usage"}');
  end if;
  if p_requirements ? 'service_tier' then
    perform ratebook.assert_service_tier(p_requirements ->> 'service_tier');
  end if;
end;
$$;

-- Models whose every price is for other regions. One that has no price at all may be used anywhere.
create function ratebook.serves_region(p_model_id uuid, p_region text, p_at timestamptz) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(bool_or(o.region in ('', p_region)), true)
    from ratebook.price_source_at(p_model_id, p_at) as f
    inner join ratebook.price_schedules as s
      on s.model_id = p_model_id and s.source = f.price_source and s.currency = f.price_currency
    inner join ratebook.price_sheets as o
      on o.schedule_id = s.id and o.period = width_bucket(p_at, s.starts)
  );
end;
$$;

revoke all on function ratebook.assert_requirements(jsonb) from public;
revoke all on function ratebook.serves_region(uuid, text, timestamptz) from public;

comment on function ratebook.assert_requirements(jsonb) is
'Refuses what are no requirements of ai.route_feature(). Errors, all PT422: invalid_argument, unknown_service_tier, and those of a usage.';
comment on function ratebook.serves_region(uuid, text, timestamptz) is
'Whether a model has a price for a region or for all at a time, or none at all.';
