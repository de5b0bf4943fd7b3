create function ratebook.preview_price(
  p_model text,
  p_meter text,
  p_price numeric,
  p_effective_from timestamptz,
  p_currency text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_source text,
  p_since timestamptz,
  p_until timestamptz
) returns table (
  currency text,
  generations bigint,
  changed bigint,
  cost_before numeric,
  cost_after numeric,
  credits_before numeric,
  credits_after numeric,
  without_cost_before bigint,
  without_cost_after bigint,
  without_credits_before bigint,
  without_credits_after bigint
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- Definer: reads hidden models and everybody's generations; admins and the service role only. It writes nothing and takes
-- no lock: what the price would change is worked out beside what is written.
declare
  v_model_id uuid;
  v_followed record;
  v_from timestamptz[];
  v_rows ai.model_pricing[];
begin
  perform ratebook.assert_privileged();
  if (isfinite(p_since) and isfinite(p_until) and p_since <= p_until) is not true then
    perform ratebook.fail('invalid_time', 'A period has a beginning and an end after it.');
  end if;
  v_model_id := ratebook.model_id(p_model, true);
  -- Whose price it would be: of the source and currency that price the model when it is set.
  v_followed := ratebook.price_source_at(v_model_id, coalesce(p_effective_from, ratebook.clock()));
  v_followed.price_source := coalesce(p_source, v_followed.price_source);
  v_followed.price_currency := coalesce(p_currency, v_followed.price_currency);
  perform ratebook.assert_price(
    p_meter, p_price, v_followed.price_currency, coalesce(p_effective_from, p_since), p_service_tier
  );

  -- From a date in the period on, what ratebook.set_price() would write. Else all the while: at its beginning, and again
  -- wherever another price of the same conditions has taken over since.
  if p_effective_from < p_until then
    v_from := array[p_effective_from];
  else
    v_from := array(
      select p_since
      union
      select p.effective_from
      from ai.model_pricing as p
      where
        (p.model_id, p.source, p.currency, p.meter, p.service_tier)
        = (v_model_id, v_followed.price_source, v_followed.price_currency, p_meter, p_service_tier)
        and p.variant is not distinct from p_variant
        and p.region is not distinct from p_region
        and p.context_threshold is null
        and p.window_start is null
        and p.effective_from > p_since
        and p.effective_from < p_until
    );
  end if;
  -- The rows as they would be written; none where that price is in force already.
  v_rows := array(
    select w.price
    from (
      select
        ratebook.price_to_set(
          v_model_id, p_meter, p_price, v_followed.price_currency, d.starts, p_service_tier, p_variant, p_region,
          v_followed.price_source, p_effective_from is distinct from d.starts, null, true
        ) as price
      from unnest(v_from) as d (starts)
      offset 0
    ) as w
    where (w.price).model_id is not null
  );

  -- The model's log by what is written, and by that and these rows: one rule for both.
  return query
  with before as materialized (
    select r.*
    from ratebook.reprice_generations(p_since, p_until, null, null, null, null, v_model_id) as r
  ),

  after as materialized (
    select r.*
    from ratebook.reprice_generations(
      p_since, p_until, null, null, null, null, v_model_id,
      case when v_rows <> '{}' then ratebook.what_if(v_rows, p_since) end
    ) as r
  )

  -- A generation has the currency that its model followed: the row changes none.
  select
    b.currency,
    count(*),
    count(*) filter (where b.cost is distinct from a.cost),
    trim_scale(coalesce(sum(b.cost), 0)),
    trim_scale(coalesce(sum(a.cost), 0)),
    trim_scale(coalesce(sum(b.credits), 0)),
    trim_scale(coalesce(sum(a.credits), 0)),
    count(*) filter (where b.cost is null),
    count(*) filter (where a.cost is null),
    count(*) filter (where b.credits is null),
    count(*) filter (where a.credits is null)
  from before as b
  inner join after as a on a.generation_id = b.generation_id
  group by b.currency
  order by b.currency;
end;
$$;

create function ai.preview_price(
  model text,
  meter text,
  price numeric,
  effective_from timestamptz default null,
  currency text default null,
  service_tier text default 'standard',
  variant text default null,
  region text default null,
  source text default null,
  since timestamptz default ratebook.clock() - interval '720 hours',
  until timestamptz default ratebook.clock()
) returns table (
  currency text,
  generations bigint,
  changed bigint,
  cost_before numeric,
  cost_after numeric,
  credits_before numeric,
  credits_after numeric,
  without_cost_before bigint,
  without_cost_after bigint,
  without_credits_before bigint,
  without_credits_after bigint
)
language sql stable
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select p.* from ratebook.preview_price($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as p;
end;

revoke all on function ratebook.preview_price(
  text, text, numeric, timestamptz, text, text, text, text, text, timestamptz, timestamptz
) from public;
revoke all on function ai.preview_price(
  text, text, numeric, timestamptz, text, text, text, text, text, timestamptz, timestamptz
) from public;
grant execute on function ratebook.preview_price(
  text, text, numeric, timestamptz, text, text, text, text, text, timestamptz, timestamptz
) to authenticated, service_role;
grant execute on function ai.preview_price(
  text, text, numeric, timestamptz, text, text, text, text, text, timestamptz, timestamptz
) to authenticated, service_role;

comment on function ratebook.preview_price(
  text, text, numeric, timestamptz, text, text, text, text, text, timestamptz, timestamptz
) is
'The rule behind ai.preview_price().';
comment on function ai.preview_price(
  text, text, numeric, timestamptz, text, text, text, text, text, timestamptz, timestamptz
) is
'Admins and the service role. What a price would have done to the log, before it is written; nothing is. model, meter, price, currency, service_tier, variant, region, source: as in ai.schedule_price(). effective_from: from when on it would apply; left out, or not before until, as if it had applied all the while. since, until: the period of the log, the last 30 days unless told. One row for each currency: how many generations of the model there are, and of how many the price changes the cost; what all of them cost and come to in credits before and after, exactly what billing.reprice_generations() would say once it is written; how many have no cost or credits, which no sum holds. The log knows no service tier, variant and region: a price of one changes nothing here. Select cost_after::text: JSON numbers lose digits. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model (PT409), unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument, invalid_time, unknown_service_tier (PT422).';
