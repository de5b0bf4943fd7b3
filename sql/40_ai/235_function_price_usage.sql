create function private.context_tokens(p_usage jsonb) returns numeric
language sql stable
set search_path = ''
return (
  select coalesce(sum((p_usage -> m.key)::numeric), 0)
  from ai.meters as m
  where m.counts_as_input and p_usage ? m.key
);

create function private.open_window(p_schedule_id bigint, p_at timestamptz) returns integer
language sql stable
set search_path = ''
return coalesce(
  (
    select min(w.number)
    from private.price_windows as w
    cross join lateral (select p_at at time zone w.window_time_zone) as here (moment)
    cross join
      lateral (
        select
          here.moment::time as clock,
          extract(isodow from here.moment)::integer - 1 as today,
          (extract(isodow from here.moment)::integer + 5) % 7 as yesterday
      ) as t
    where
      w.schedule_id = p_schedule_id
      and case
        when w.window_start < w.window_end
          then t.clock >= w.window_start and t.clock < w.window_end and w.window_days >> t.today & 1 = 1
        -- Wraps midnight: the part after it belongs to the day on which the window started.
        else
          (t.clock >= w.window_start and w.window_days >> t.today & 1 = 1)
          or (t.clock < w.window_end and w.window_days >> t.yesterday & 1 = 1)
      end
  ),
  0
);

create function private.find_sheet(
  p_model_id uuid,
  p_source text,
  p_currency text,
  p_usage jsonb,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz
) returns private.price_sheets
language plpgsql stable
set search_path = ''
as $$
declare
  v_schedule private.price_schedules;
  v_sheet private.price_sheets;
begin
  select s.* into v_schedule
  from private.price_schedules as s
  where s.model_id = p_model_id and s.source = p_source and s.currency = p_currency;
  if not found then
    return null;
  end if;
  select s.* into v_sheet
  from private.price_sheets as s
  where
    s.schedule_id = v_schedule.id
    and s.period = width_bucket(p_at, v_schedule.starts)
    and s.service_tier = case when p_service_tier = any(v_schedule.service_tiers) then p_service_tier else 'standard' end
    and s.variant = case when p_variant = any(v_schedule.variants) then p_variant else '' end
    and s.region = case when p_region = any(v_schedule.regions) then p_region else '' end
    and s.window_number = case when v_schedule.has_windows then private.open_window(v_schedule.id, p_at) else 0 end
    and s.band = case
      when v_schedule.bounds = '{}' then 0
      else width_bucket(private.context_tokens(p_usage), v_schedule.bounds)
    end;
  return v_sheet;
end;
$$;

create function private.price_usage(
  p_sheet private.price_sheets,
  p_usage jsonb
) returns table (
  meter text,
  quantity numeric,
  price_id uuid,
  price_meter text,
  unit_price numeric,
  cost numeric,
  is_public boolean
)
language plpgsql stable
set search_path = ''
as $$
declare
  v_tokens numeric;
begin
  if coalesce(cardinality((p_sheet).marginal), 0) = 0 then
    return query
    select
      u.key,
      u.value::numeric,
      ((p_sheet).price_rows -> u.key ->> 0)::uuid,
      (p_sheet).price_rows -> u.key ->> 1,
      ((p_sheet).prices -> u.key)::numeric,
      u.value::numeric * ((p_sheet).prices -> u.key)::numeric,
      ((p_sheet).price_rows -> u.key -> 2)::boolean
    from jsonb_each(p_usage) as u;
    return;
  end if;

  -- A marginal meter is split over the bands in proportion to the request's input tokens in each.
  v_tokens := private.context_tokens(p_usage);
  return query
  select
    u.key,
    private.share(u.value::numeric, b.tokens, v_tokens),
    (b.price_rows -> u.key ->> 0)::uuid,
    b.price_rows -> u.key ->> 1,
    (b.prices -> u.key)::numeric,
    private.share(u.value::numeric * (b.prices -> u.key)::numeric, b.tokens, v_tokens),
    (b.price_rows -> u.key -> 2)::boolean
  from jsonb_each(p_usage) as u
  inner join lateral (
    select
      s.prices,
      s.price_rows,
      case
        when u.key = any((p_sheet).marginal)
          then least(v_tokens, coalesce(floor(t.bounds[s.band + 1]), v_tokens)) - coalesce(floor(t.bounds[s.band]), 0)
        else v_tokens
      end as tokens
    from private.price_sheets as s
    inner join private.price_schedules as t on t.id = s.schedule_id
    where
      (s.schedule_id, s.period, s.service_tier, s.variant, s.region, s.window_number)
      = (
        (p_sheet).schedule_id, (p_sheet).period, (p_sheet).service_tier, (p_sheet).variant, (p_sheet).region,
        (p_sheet).window_number
      )
      and (s.band = (p_sheet).band or (s.band < (p_sheet).band and u.key = any((p_sheet).marginal)))
  ) as b on b.tokens > 0
  order by u.key, b.tokens;
end;
$$;

create function private.share(p_value numeric, p_part numeric, p_whole numeric) returns numeric
language sql immutable parallel safe
set search_path = ''
-- The whole is the whole, exactly; a true share is a quotient, to 30 decimals.
return case
  when p_part = p_whole then p_value
  else (p_value * p_part + 0.000000000000000000000000000000) / p_whole
end;

revoke all on function private.context_tokens(jsonb) from public;
revoke all on function private.open_window(bigint, timestamptz) from public;
revoke all on function private.find_sheet(uuid, text, text, jsonb, text, text, text, timestamptz) from public;
revoke all on function private.price_usage(private.price_sheets, jsonb) from public;
revoke all on function private.share(numeric, numeric, numeric) from public;

comment on function private.context_tokens(jsonb) is
'The input of a usage that counts toward context thresholds, in tokens.';
comment on function private.open_window(bigint, timestamptz) is
'The daily window of a schedule that is open at a time; 0: none.';
comment on function private.find_sheet(uuid, text, text, jsonb, text, text, text, timestamptz) is
'The price sheet for a request: two lookups, whatever the length of the history. NULL where no price is in force.';
comment on function private.price_usage(private.price_sheets, jsonb) is
'What each meter of a valid usage costs by a sheet; unit_price is NULL where it has no price. One row per meter, or per meter and band where a marginal context tier splits it.';
comment on function private.share(numeric, numeric, numeric) is 'value × part / whole.';
