create function ratebook.reprice_generations(
  p_since timestamptz,
  p_until timestamptz,
  p_model text,
  p_source text,
  p_at timestamptz,
  p_margin numeric,
  p_of_model_id uuid default null,
  p_what_if ratebook.what_if default null
) returns table (
  generation_id uuid,
  lenser_id uuid,
  model_id uuid,
  feature_key text,
  currency text,
  cost numeric,
  credits numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- Definer: reads margins, rates and everybody's generations; the service role and admins only, see below.
declare
  v_moments constant timestamptz[] := ratebook.moments_of_terms();
  v_model_id uuid;
begin
  if not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'Repricing is for admins and the service role.');
  end if;
  if (isfinite(p_since) and isfinite(p_until) and p_since <= p_until) is not true then
    perform ratebook.fail('invalid_time', 'A period has a beginning and an end after it.');
  end if;
  if not isfinite(p_at) then
    perform ratebook.fail('invalid_time', 'Prices are of a time, or of each generation''s own.');
  end if;
  if (p_margin >= -1 and ratebook.is_amount(p_margin)) is false then
    perform ratebook.fail('invalid_argument', 'A margin is a number from -1 to 1e12, with at most 30 decimals.');
  end if;
  if p_model is not null then
    v_model_id := ratebook.model_id(p_model, true);
  end if;

  return query
  with costs as materialized (
    select c.*, width_bucket(c.priced_at, v_moments) as moment, f.id as feature_id
    from ratebook.cost_generations(
      p_since, p_until, v_model_id, p_source, p_at, p_of_model_id, p_what_if
    ) as c
    left join ai.features as f on f.key = c.feature_key
  ),

  terms as materialized (
    select d.*, t.*
    from (select distinct c.model_id, c.feature_id, c.currency, c.moment from costs as c where c.moment > 0) as d
    cross join lateral ratebook.credit_terms(d.model_id, d.feature_id, d.currency, v_moments[d.moment]) as t
  )

  select
    c.generation_id,
    c.lenser_id,
    c.model_id,
    c.feature_key,
    c.currency,
    c.cost,
    case
      when t.credit_rate_id is not null and t.margin_policy_id is not null
        then ratebook.credits(
          c.cost, t.credits_per_currency_unit, coalesce(p_margin, t.margin), t.fixed_credits, t.min_credits,
          t.minimum_applies_to_free, t.increment
        )
    end
  from costs as c
  left join terms as t
    on
      t.model_id = c.model_id and t.moment = c.moment and t.currency = c.currency
      and t.feature_id is not distinct from c.feature_id;
end;
$$;

create function billing.reprice_generations(
  since timestamptz,
  until timestamptz,
  model text default null,
  price_source text default null,
  at timestamptz default null,
  margin numeric default null
) returns table (
  generation_id uuid,
  lenser_id uuid,
  model_id uuid,
  feature_key text,
  currency text,
  cost numeric,
  credits numeric
)
language sql stable
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select r.* from ratebook.reprice_generations(since, until, model, price_source, at, margin) as r;
end;

revoke all on function ratebook.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric, uuid, ratebook.what_if
) from public;
revoke all on function billing.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) from public;
grant execute on function ratebook.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric, uuid, ratebook.what_if
) to authenticated, service_role;
grant execute on function billing.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) to authenticated, service_role;

comment on function ratebook.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric, uuid, ratebook.what_if
) is
'The rule behind billing.reprice_generations(), also for those of one model, and by prices that are nowhere written.';
comment on function billing.reprice_generations(timestamptz, timestamptz, text, text, timestamptz, numeric) is
'Admins and the service role. What if: prices the generations of a period, in one statement and without writing: as they were, or as if something had been different. since: start of the period, inclusive. until: its end, exclusive. model: id, key or alias of the model that might have been asked. price_source: whose prices to take. at: as of when to price. margin: 0.3 is 30 % on top. One row each: cost in currency, credits; NULL where a price, rate or policy is missing. Generations without usage are left out, whatever token_count their owner gave. Select cost::text: JSON numbers lose digits. Errors: not_allowed (42501), unknown_model (PT404), invalid_time, invalid_argument (PT422).';
