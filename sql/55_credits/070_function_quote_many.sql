create function ratebook.quote_many(p_requests jsonb) returns table (
  index integer,
  model text,
  currency text,
  cost numeric,
  credits numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.quote().
declare
  v_all constant boolean := ratebook.is_privileged();
  v_now constant timestamptz := ratebook.clock();
  v_requests constant jsonb := ratebook.json_in_text(p_requests);
  v_request jsonb;
  v_unknown text;
  v_read ratebook.stated_usage;
  v_priced ratebook.priced_request;
  v_message text;
  v_hint text;
  v_detail jsonb;
begin
  -- What is no set of requests is refused before any of it is read.
  if jsonb_typeof(v_requests) is distinct from 'array' then
    perform ratebook.fail('invalid_argument', 'The requests are not a JSON array.',
      'For example [{"model": "gpt-4o-mini", "usage": {"input": 1000}}].');
  end if;
  if jsonb_array_length(v_requests) > 1000 then
    perform ratebook.fail('invalid_argument', 'A call prices at most 1,000 requests.', 'Ask in parts.',
      jsonb_build_object('requests', jsonb_array_length(v_requests), 'at_most', 1000));
  end if;
  index := -1;
  for v_request in select r.value from jsonb_array_elements(v_requests) as r loop
    index := index + 1;
    if jsonb_typeof(v_request) <> 'object' then
      perform ratebook.fail('invalid_argument', 'A request is a JSON object.',
        'For example {"model": "gpt-4o-mini", "usage": {"input": 1000}}.');
    end if;
    -- A name that is misspelt would change the price in silence.
    if v_request - '{model,usage,feature,service_tier,variant,region,at,format}'::text[] <> '{}' then
      select left(min(k.key), 100) into v_unknown
      from jsonb_object_keys(v_request) as k (key)
      where k.key not in ('model', 'usage', 'feature', 'service_tier', 'variant', 'region', 'at', 'format');
      perform ratebook.fail('invalid_argument', format('A request has no field "%s".', v_unknown),
        'Its fields are model, usage, feature, service_tier, variant, region, at and format.',
        jsonb_build_object('field', v_unknown));
    end if;
    -- As billing.quote() does it.
    v_read := ratebook.read_usage(
      v_request ->> 'format', v_request -> 'usage', v_request ->> 'service_tier', v_request ->> 'variant',
      v_request ->> 'region'
    );
    v_priced := ratebook.price_request(
      v_request ->> 'model', v_read.usage, v_request ->> 'feature', coalesce(v_read.service_tier, 'standard'),
      v_read.variant, v_read.region,
      case when v_request ? 'at' then (v_request ->> 'at')::timestamptz else v_now end, v_all, p_stated => v_read.stated
    );
    model := v_priced.model_key;
    currency := v_priced.currency;
    cost := case when v_all or v_priced.is_public then trim_scale(v_priced.cost) end;
    credits := trim_scale(v_priced.credits);
    return next;
  end loop;
exception
  -- The first that cannot be priced refuses all, and is named.
  when sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' or insufficient_privilege then
    get stacked diagnostics v_message = message_text, v_hint = pg_exception_hint, v_detail = pg_exception_detail;
    perform ratebook.fail(
      v_detail ->> 'error', v_message, v_hint,
      v_detail || case when index >= 0 then jsonb_build_object('index', index) else '{}' end
    );
  when
    invalid_datetime_format or datetime_field_overflow or invalid_time_zone_displacement_value or invalid_parameter_value
    then
      perform ratebook.fail('invalid_time', format('"%s" is not a time.', left(v_request ->> 'at', 100)),
        'For example 2026-03-15T12:00:00Z.', jsonb_build_object('index', index));
end;
$$;

create function billing.quote_many(requests jsonb) returns table (
  index integer,
  model text,
  currency text,
  cost numeric,
  credits numeric
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select q.* from ratebook.quote_many(requests) as q;
end;

revoke all on function ratebook.quote_many(jsonb) from public;
revoke all on function billing.quote_many(jsonb) from public;
grant execute on function ratebook.quote_many(jsonb) to anon, authenticated, service_role;
grant execute on function billing.quote_many(jsonb) to anon, authenticated, service_role;

comment on function ratebook.quote_many(jsonb) is 'The rule behind billing.quote_many().';
comment on function billing.quote_many(jsonb) is
'What up to 1,000 requests cost, in one call: one row each, in their order. requests: a JSON array of objects with the arguments of billing.quote(), such as [{"model": "gpt-4o-mini", "usage": {"input": 1000}}], format included. index: from 0. cost: exact, in currency; NULL where a price is not public, except to admins and the service role. Select cost::text: JSON numbers lose digits. One bad request refuses all. Errors: those of billing.quote(), with the request''s index in DETAIL, and invalid_argument (PT422).';
