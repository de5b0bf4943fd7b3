create function ratebook.cost(
  p_sheet_id bigint, p_usage jsonb, p_what_if ratebook.what_if default null
) returns numeric
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sheet ratebook.price_sheets;
  v_cost numeric;
begin
  if p_sheet_id < 0 then
    v_sheet := (p_what_if).sheets[-p_sheet_id];
  else
    select s.* into v_sheet from ratebook.price_sheets as s where s.id = p_sheet_id;
  end if;
  select case when bool_and(l.unit_price is not null or l.quantity = 0) then coalesce(sum(l.cost), 0) end
  into v_cost
  from ratebook.price_usage(
    v_sheet, ratebook.whole_usage((v_sheet).prices, (v_sheet).minimums, p_usage), p_what_if
  ) as l;
  return v_cost;
end;
$$;

create function ratebook.cost_generations(
  p_since timestamptz,
  p_until timestamptz,
  p_model_id uuid,
  p_source text,
  p_at timestamptz,
  p_of_model_id uuid default null,
  p_what_if ratebook.what_if default null
) returns table (
  generation_id uuid,
  lenser_id uuid,
  model_id uuid,
  feature_key text,
  priced_at timestamptz,
  currency text,
  cost numeric
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
-- Room for the hash table of all sheets; a plan for the period asked for, not for any; compiling takes longer than running.
set work_mem = '128MB'
set plan_cache_mode = force_custom_plan
set jit = off
as $$
declare
  -- A plan for the schedules as they are has no part in which something might be different.
  v_is_what_if constant boolean := p_what_if is not null;
  v_what_if constant ratebook.price_schedules := (p_what_if).schedule;
  -- Worked out once: in the statement they would be for each row, for an interval's sum is not the planner's to know.
  v_first_id constant uuid := ratebook.uuid_v7_floor(greatest(p_since, '1970-01-01Z'));
  v_end_id constant uuid := ratebook.uuid_v7_floor(least(p_until, '10000-01-01Z') + interval '1 millisecond');
begin
  return query
  select
    g.id,
    g.lenser_id,
    m.id,
    g.feature_key,
    coalesce(p_at, g.created_at),
    d.currency,
    case
      when i.is_what_if
        then ratebook.cost(
          (
            select w.id from unnest((p_what_if).sheets) as w
            where
              w.period = k.period and w.band = k.band and w.open_windows = k.open_windows
              and w.service_tier = 'standard' and w.variant = '' and w.region = ''
          ),
          g.usage, p_what_if
        )
      -- Most usages are plain, and most sheets not marginal: the same products as in ratebook.price_usage(), in line.
      when g.usage - '{input,output,cache_read,cache_write}'::text[] = '{}'
        and cardinality(p.marginal) = 0 and p.minimums = '{}'
        then coalesce(
          coalesce((g.usage -> 'input')::numeric, 0) * p.input
          + coalesce((g.usage -> 'output')::numeric, 0) * p.output
          + coalesce((g.usage -> 'cache_read')::numeric, 0) * p.cache_read
          + coalesce((g.usage -> 'cache_write')::numeric, 0) * p.cache_write
          + coalesce(p.request, 0),
          ratebook.cost(p.id, g.usage)
        )
      else ratebook.cost(p.id, g.usage)
    end
  from ai.generations as g
  inner join ai.models as m on m.id = coalesce(p_model_id, g.model_id)
  -- What a model has followed in turn, one row for each that ever switched: the planner can count on that.
  left join (
    select
      o.model_id,
      array_agg(o.starts order by o.starts) as starts,
      array_agg(o.price_source order by o.starts) as sources,
      array_agg(o.price_currency order by o.starts) as currencies
    from ratebook.price_source_periods as o
    group by o.model_id
    having count(*) > 1
  ) as f on f.model_id = m.id
  -- A source that was asked for stands for all; else the one that the model followed then.
  cross join lateral (
    select
      case
        when p_source is not null then p_source
        when f.starts is null then m.price_source
        else f.sources[width_bucket(coalesce(p_at, g.created_at), f.starts)]
      end as source,
      case
        when f.starts is null then m.price_currency
        else f.currencies[width_bucket(coalesce(p_at, g.created_at), f.starts)]
      end as currency
  ) as d
  -- Outer joins: a request without a price is a row with a NULL cost, and not one that a sum leaves out in silence.
  left join ratebook.price_schedules as s
    on s.model_id = m.id and s.source = d.source and s.currency = d.currency
  cross join lateral (
    select
      v_is_what_if
      and (m.id, d.source, d.currency) = (v_what_if.model_id, v_what_if.source, v_what_if.currency) as is_what_if
  ) as i
  cross join lateral (
    select
      case when i.is_what_if then v_what_if.starts else s.starts end as starts,
      case when i.is_what_if then v_what_if.bounds else s.bounds end as bounds
  ) as t
  -- Which of the schedule's sheets. More rows have no windows: which are open is said by those that are written.
  cross join lateral (
    select
      width_bucket(coalesce(p_at, g.created_at), t.starts) as period,
      case when cardinality(t.bounds) = 0 then 0 else width_bucket(ratebook.context_tokens(g.usage), t.bounds) end as band,
      case
        when s.has_windows then ratebook.open_windows(
          s.id, width_bucket(coalesce(p_at, g.created_at), s.starts), coalesce(p_at, g.created_at)
        ) else 0
      end as open_windows
  ) as k
  left join ratebook.price_sheets as p
    on not i.is_what_if
    and p.schedule_id = s.id and p.period = k.period and p.band = k.band and p.open_windows = k.open_windows
    and p.service_tier = 'standard' and p.variant = '' and p.region = ''
  -- By id too, which names the months and has an index.
  where
    g.id >= v_first_id
    and g.id < v_end_id
    and g.created_at >= p_since
    and g.created_at < p_until
    and (p_of_model_id is null or g.model_id = p_of_model_id)
    -- Not token_count: money never comes from what owners write.
    and g.usage is not null;
end;
$$;

revoke all on function ratebook.cost(bigint, jsonb, ratebook.what_if) from public;
revoke all on function ratebook.cost_generations(
  timestamptz, timestamptz, uuid, text, timestamptz, uuid, ratebook.what_if
) from public;

comment on function ratebook.cost(bigint, jsonb, ratebook.what_if) is
'What a usage costs by a sheet, or by one of a what-if, in the sheet''s currency; NULL where a meter in use has no price.';
comment on function ratebook.cost_generations(
  timestamptz, timestamptz, uuid, text, timestamptz, uuid, ratebook.what_if
) is
'Prices all generations of a period, or of a model in it, in one statement: as of their own time, by their own model, the source and currency that it followed then and the prices that are written, unless told otherwise. cost is NULL where a price is missing.';
