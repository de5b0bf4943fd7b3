create function ratebook.context_tokens(p_usage jsonb) returns numeric
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    -- What is no number, or beyond what a usage may hold, is refused by ratebook.assert_usage().
    select
      coalesce(
        sum(case when jsonb_typeof(u.value) = 'number' then least(greatest(u.value::numeric, 0), 1e13) end), 0
      )
    from jsonb_each(p_usage) as u
    inner join ai.meters as m on m.key = u.key
    where m.counts_as_input
  );
end;
$$;

create function ratebook.open_windows(p_schedule_id bigint, p_period integer, p_at timestamptz) returns integer
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    (
      select sum(1 << (w.number - 1))
      from ratebook.price_windows as w
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
        and w.period = p_period
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
end;
$$;

create function ratebook.find_sheet(
  p_model_id uuid,
  p_source text,
  p_currency text,
  p_usage jsonb,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz
) returns ratebook.price_sheets
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sheet ratebook.price_sheets;
begin
  select p.* into v_sheet
  from ratebook.price_schedules as s
  -- With the offset it is one lookup, whatever the planner thinks of the table.
  cross join lateral (
    select o.*
    from ratebook.price_sheets as o
    where
      o.schedule_id = s.id
      and o.period = width_bucket(p_at, s.starts)
      and o.service_tier = case when p_service_tier = any(s.service_tiers) then p_service_tier else 'standard' end
      and o.variant = case when p_variant = any(s.variants) then p_variant else '' end
      and o.region = case when p_region = any(s.regions) then p_region else '' end
      and o.open_windows = case when s.has_windows then ratebook.open_windows(s.id, width_bucket(p_at, s.starts), p_at) else 0 end
      and o.band = case
        when s.bounds = '{}' then 0
        else width_bucket(ratebook.context_tokens(p_usage), s.bounds)
      end
    offset 0
  ) as p
  where s.model_id = p_model_id and s.source = p_source and s.currency = p_currency;
  return v_sheet;
end;
$$;

create function ratebook.price_usage(
  p_sheet ratebook.price_sheets,
  p_usage jsonb,
  p_what_if ratebook.what_if default null
) returns table (
  meter text,
  quantity numeric,
  price_id uuid,
  price_meter text,
  unit_price numeric,
  cost numeric,
  is_public boolean
)
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tokens numeric;
begin
  -- Nearly every sheet: each meter is one line, at the one price of the whole request.
  if coalesce(cardinality((p_sheet).marginal), 0) = 0 then
    return query
    select
      u.key,
      u.value::numeric,
      ((p_sheet).price_rows -> u.key ->> 0)::uuid,
      (p_sheet).price_rows -> u.key ->> 1,
      ((p_sheet).prices -> u.key)::numeric,
      -- Nothing used costs nothing, priced or not.
      case when u.value::numeric = 0 then 0 else u.value::numeric * ((p_sheet).prices -> u.key)::numeric end,
      ((p_sheet).price_rows -> u.key -> 2)::boolean
    from jsonb_each(p_usage) as u
    order by u.key;
    return;
  end if;

  -- A marginal threshold cuts the request: what is below it keeps the price that it would have had alone. Each meter is
  -- cut in proportion to the request's input tokens.
  v_tokens := ratebook.context_tokens(p_usage);
  return query
  -- Each meter in the band of the request and, where its price there is marginal, in those below it.
  with bands as (
    select
      u.key,
      u.value::numeric as quantity,
      n.band,
      coalesce(floor(t.bounds[n.band]), 0) as lower,
      (s.prices -> u.key)::numeric as price,
      s.price_rows -> u.key as price_row,
      coalesce(u.key = any(s.marginal), false) as is_marginal
    from jsonb_each(p_usage) as u
    cross join generate_series(
      case when u.key = any((p_sheet).marginal) then 0 else (p_sheet).band end, (p_sheet).band
    ) as n (band)
    inner join (
      select d.id, d.bounds from ratebook.price_schedules as d
      union all
      select 0, ((p_what_if).schedule).bounds
    ) as t on t.id = (p_sheet).schedule_id
    -- Left: a band without any price is a part without one.
    left join (
      select d.* from ratebook.price_sheets as d
      union all
      select w.* from unnest((p_what_if).sheets) as w
    ) as s
      on
        (s.schedule_id, s.period, s.service_tier, s.variant, s.region, s.open_windows, s.band)
        = (
          (p_sheet).schedule_id, (p_sheet).period, (p_sheet).service_tier, (p_sheet).variant, (p_sheet).region,
          (p_sheet).open_windows, n.band
        )
  ),

  -- Below the first cut: the last band that is not marginal, whose price was the whole request's.
  tops as (
    select
      b.*,
      max(b.band) filter (where not b.is_marginal) over (partition by b.key) as whole_band,
      b.price_row is distinct from lag(b.price_row) over (partition by b.key order by b.band) as is_another_row
    from bands as b
  ),

  -- Bands of one price row are one part: a cut where nothing changes would only cost digits.
  parts as (
    select
      t.*,
      count(*) filter (where t.band > t.whole_band and t.is_another_row) over (partition by t.key order by t.band) as part
    from tops as t
    where t.band >= t.whole_band
  ),

  -- A part begins at the cut of its lowest band; its price is that of its highest.
  priced as (
    select distinct on (p.key, p.part)
      p.*,
      min(p.lower) over (partition by p.key, p.part) as part_lower
    from parts as p
    order by p.key asc, p.part asc, p.band desc
  ),

  -- How many of the request's input tokens lie between two cuts; what is not marginal is not cut.
  shares as (
    select
      q.*,
      coalesce(lead(q.part_lower) over (partition by q.key order by q.part), v_tokens)
      - case when q.part = 0 or q.key <> all((p_sheet).marginal) then 0 else q.part_lower end as tokens
    from priced as q
  ),

  -- The same share of the quantity and of its cost, each divided once.
  lines as (
    select
      h.*,
      ratebook.share(h.quantity, h.tokens, v_tokens) as part_quantity,
      ratebook.share(h.quantity * h.price, h.tokens, v_tokens) as part_cost,
      lead(h.part) over (partition by h.key order by h.part) is null as is_last
    from shares as h
  )

  -- The last part is the rest, so that the parts of a meter add up to it, to the last digit.
  select
    h.key,
    case
      when h.is_last then h.quantity - (sum(h.part_quantity) over of_meter - h.part_quantity) else h.part_quantity
    end,
    (h.price_row ->> 0)::uuid,
    h.price_row ->> 1,
    h.price,
    case
      when h.quantity = 0 then 0
      when h.is_last
        then ratebook.share(sum(h.quantity * h.price * h.tokens) over of_meter, 1, v_tokens)
          - (sum(h.part_cost) over of_meter - h.part_cost)
      else h.part_cost
    end,
    (h.price_row -> 2)::boolean
  from lines as h
  window of_meter as (partition by h.key)
  order by h.key, h.part;
end;
$$;

-- One request is one request, unless the usage says how many: where a sheet has a price for it, it is used. And what is
-- used is at least what its price bills.
create function ratebook.whole_usage(p_prices jsonb, p_minimums jsonb, p_usage jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_usage jsonb := case
    when p_prices ? 'request' and not p_usage ? 'request' then p_usage || '{"request": 1}' else p_usage
  end;
begin
  if p_minimums is null or p_minimums = '{}' then
    return v_usage;
  end if;
  return v_usage || coalesce((
    select jsonb_object_agg(u.key, m.value)
    from jsonb_each(v_usage) as u
    inner join jsonb_each(p_minimums) as m on m.key = u.key
    -- What is no quantity is refused by those who price it.
    where case jsonb_typeof(u.value) when 'number' then u.value::numeric > 0 and u.value::numeric < m.value::numeric end
  ), '{}');
end;
$$;

create function ratebook.share(p_value numeric, p_part numeric, p_whole numeric) returns numeric
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
-- The whole is the whole, exactly; a true share is a quotient, to 30 decimals.
return case
  when p_part = p_whole then p_value
  else (p_value * p_part + 0.000000000000000000000000000000) / p_whole
end;

revoke all on function ratebook.context_tokens(jsonb) from public;
revoke all on function ratebook.open_windows(bigint, integer, timestamptz) from public;
revoke all on function ratebook.find_sheet(uuid, text, text, jsonb, text, text, text, timestamptz) from public;
revoke all on function ratebook.price_usage(ratebook.price_sheets, jsonb, ratebook.what_if) from public;
revoke all on function ratebook.whole_usage(jsonb, jsonb, jsonb) from public;
revoke all on function ratebook.share(numeric, numeric, numeric) from public;

comment on function ratebook.context_tokens(jsonb) is
'The input of a usage that counts toward context thresholds, in tokens.';
comment on function ratebook.open_windows(bigint, integer, timestamptz) is
'Which daily windows of a schedule''s period are open at a time in it, as a bit mask of their numbers.';
comment on function ratebook.find_sheet(uuid, text, text, jsonb, text, text, text, timestamptz) is
'The price sheet for a request: two lookups, whatever the length of the history. NULL where no price is in force.';
comment on function ratebook.price_usage(ratebook.price_sheets, jsonb, ratebook.what_if) is
'What each meter of a valid usage costs by a sheet, which may be one of a what-if; unit_price is NULL where it has no price. One row per meter, or per meter and band where a marginal context tier splits it.';
comment on function ratebook.whole_usage(jsonb, jsonb, jsonb) is
'A usage, an object, with one request where the prices of its sheet have one for that and it does not say how many, and at least the minimum of each meter that it uses. Every form asks this before ratebook.price_usage().';
comment on function ratebook.share(numeric, numeric, numeric) is 'value × part / whole.';
