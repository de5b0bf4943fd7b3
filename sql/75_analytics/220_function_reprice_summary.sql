create function ratebook.reprice_summary(
  p_since timestamptz,
  p_until timestamptz,
  p_by text,
  p_time_zone text,
  p_model text,
  p_source text,
  p_at timestamptz,
  p_margin numeric
) returns table (
  id uuid,
  key text,
  currency text,
  generations bigint,
  cost numeric,
  credits numeric,
  without_cost bigint,
  without_credits bigint
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- Definer: reads the names of hidden models; ratebook.reprice_generations() refuses all but admins and the service role.
begin
  if p_by not in ('model', 'provider', 'feature', 'lenser', 'day', 'month') then
    perform ratebook.fail('invalid_argument', 'Sums are by model, provider, feature, lenser, day or month, or of all.', null,
      jsonb_build_object('by', left(p_by, 100)));
  end if;
  perform ratebook.assert_time_zone(p_time_zone);

  return query
  with repriced as materialized (
    select
      case p_by when 'model' then r.model_id when 'provider' then m.provider_id when 'lenser' then r.lenser_id end as id,
      case
        when p_by = 'feature' then r.feature_key
        -- The milliseconds of the id are of the generation's time.
        when p_by in ('day', 'month')
          then to_char(
            ratebook.uuid_v7_time(r.generation_id) at time zone p_time_zone,
            case p_by when 'day' then 'YYYY-MM-DD' else 'YYYY-MM' end
          )
      end as label,
      r.currency,
      r.cost,
      r.credits
    from ratebook.reprice_generations(p_since, p_until, p_model, p_source, p_at, p_margin) as r
    left join ai.models as m on m.id = r.model_id
  )

  select
    s.id,
    case p_by
      when 'model' then (select m.key from ai.models as m where m.id = s.id)
      when 'provider' then (select p.key from ai.providers as p where p.id = s.id)
      when 'lenser' then s.id::text
      else s.label
    end,
    s.currency,
    s.generations,
    trim_scale(s.cost),
    trim_scale(s.credits),
    s.without_cost,
    s.without_credits
  from (
    select
      r.id,
      r.label,
      r.currency,
      count(*) as generations,
      coalesce(sum(r.cost), 0) as cost,
      coalesce(sum(r.credits), 0) as credits,
      count(*) filter (where r.cost is null) as without_cost,
      count(*) filter (where r.credits is null) as without_credits
    from repriced as r
    group by r.id, r.label, r.currency
  ) as s
  order by 2 nulls last, s.id, s.currency;
end;
$$;

create function billing.reprice_summary(
  since timestamptz,
  until timestamptz,
  by text default null,
  time_zone text default 'UTC',
  model text default null,
  price_source text default null,
  at timestamptz default null,
  margin numeric default null
) returns table (
  id uuid,
  key text,
  currency text,
  generations bigint,
  cost numeric,
  credits numeric,
  without_cost bigint,
  without_credits bigint
)
language sql stable
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select r.* from ratebook.reprice_summary(since, until, by, time_zone, model, price_source, at, margin) as r;
end;

revoke all on function ratebook.reprice_summary(
  timestamptz, timestamptz, text, text, text, text, timestamptz, numeric
) from public;
revoke all on function billing.reprice_summary(
  timestamptz, timestamptz, text, text, text, text, timestamptz, numeric
) from public;
grant execute on function ratebook.reprice_summary(
  timestamptz, timestamptz, text, text, text, text, timestamptz, numeric
) to authenticated, service_role;
grant execute on function billing.reprice_summary(
  timestamptz, timestamptz, text, text, text, text, timestamptz, numeric
) to authenticated, service_role;

comment on function ratebook.reprice_summary(timestamptz, timestamptz, text, text, text, text, timestamptz, numeric) is
'The rule behind billing.reprice_summary().';
comment on function billing.reprice_summary(timestamptz, timestamptz, text, text, text, text, timestamptz, numeric) is
'Admins and the service role. What if, in sums: what billing.reprice_generations() says of the generations of a period, added up, exactly. since, until, model, price_source, at, margin: as there. by: model, provider, feature, lenser, day or month; all in one unless given. time_zone: of days and months, a name of pg_timezone_names. One row for each and its currency. id: of the model (the one asked for, where one is), provider or lenser. key: its key, the feature, 2026-01-31 or 2026-01; NULL for no feature. cost and credits: what those come to that have a price, rate and policy; without_cost and without_credits: how many have none, which no sum holds. Select cost::text: JSON numbers lose digits. Errors: not_allowed (42501), unknown_model (PT404), invalid_time, invalid_argument (PT422).';
