create type ratebook.credit_terms as (
  credit_rate_id uuid,
  credits_per_currency_unit numeric,
  margin_policy_id uuid,
  margin numeric,
  fixed_credits numeric,
  min_credits numeric,
  minimum_applies_to_free boolean,
  increment numeric
);

create function ratebook.credit_terms(
  p_model_id uuid,
  p_feature_id uuid,
  p_currency text,
  p_at timestamptz
) returns ratebook.credit_terms
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_terms ratebook.credit_terms;
begin
  select
    r.id, r.credits_per_currency_unit, p.id, p.margin, p.fixed_credits, p.min_credits, p.minimum_applies_to_free,
    p.increment
  into v_terms
  from ai.models as m
  left join lateral (
    select q.id, q.credits_per_currency_unit
    from billing.credit_rates as q
    where q.currency = p_currency and q.effective_from <= p_at
    order by q.effective_from desc, q.revision desc
    limit 1
  ) as r on true
  left join lateral (
    select n.*
    -- Spelled as ratebook.margin_scope() spells them. A request without a feature, or a model without a tier, has no
    -- policy of that rank: its scope is NULL.
    from unnest(array[
      'model ' || m.id || '+feature ' || p_feature_id,
      'model ' || m.id,
      'feature ' || p_feature_id,
      'provider ' || m.provider_id,
      'tier ' || m.pricing_tier,
      ''
    ]) with ordinality as s (scope, rank)
    cross join lateral (
      select q.*
      from billing.execution_margin_policies as q
      where q.scope = s.scope and q.effective_from <= p_at
      order by q.effective_from desc, q.revision desc
      limit 1
    ) as n
    where n.enabled
    order by s.rank
    limit 1
  ) as p on true
  where m.id = p_model_id;
  return v_terms;
end;
$$;

-- Every moment at which a rate or a policy changes: between two of them the terms of a model and feature are the same,
-- so that a set looks them up once for each width_bucket(time, moments).
create function ratebook.moments_of_terms() returns timestamptz[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select r.effective_from from billing.credit_rates as r
    union
    select p.effective_from from billing.execution_margin_policies as p
    order by 1
  );
end;
$$;

create function ratebook.require_terms(
  p_model_id uuid,
  p_feature_id uuid,
  p_currency text,
  p_at timestamptz
) returns ratebook.credit_terms
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_terms ratebook.credit_terms := ratebook.credit_terms(p_model_id, p_feature_id, p_currency, p_at);
begin
  if v_terms.credit_rate_id is null then
    perform ratebook.fail(
      'no_credit_rate', format('There is no credit rate for %s at that time.', left(p_currency, 100)),
      'An admin adds one to billing.credit_rates.', jsonb_build_object('currency', left(p_currency, 100))
    );
  end if;
  if v_terms.margin_policy_id is null then
    perform ratebook.fail('no_margin_policy', 'No margin policy is in force for this request.',
      'An admin adds a default to billing.execution_margin_policies; margin 0 is a choice too.');
  end if;
  return v_terms;
end;
$$;

revoke all on function ratebook.credit_terms(uuid, uuid, text, timestamptz) from public;
revoke all on function ratebook.require_terms(uuid, uuid, text, timestamptz) from public;
revoke all on function ratebook.moments_of_terms() from public;

comment on type ratebook.credit_terms is 'What turns a cost into credits: a rate and a margin policy.';
comment on column ratebook.credit_terms.credit_rate_id is 'The credit rate; NULL if none.';
comment on column ratebook.credit_terms.credits_per_currency_unit is 'Of the rate.';
comment on column ratebook.credit_terms.margin_policy_id is 'The margin policy; NULL if none.';
comment on column ratebook.credit_terms.margin is 'Of the policy.';
comment on column ratebook.credit_terms.fixed_credits is 'Of the policy.';
comment on column ratebook.credit_terms.min_credits is 'Of the policy.';
comment on column ratebook.credit_terms.minimum_applies_to_free is 'Of the policy.';
comment on column ratebook.credit_terms.increment is 'Of the policy.';
comment on function ratebook.credit_terms(uuid, uuid, text, timestamptz) is
'The credit rate in force for a currency, and the enabled margin policy in force for a model and feature: of model and feature, model, feature, provider, tier, default the first that there is. NULL where there is none.';
comment on function ratebook.moments_of_terms() is 'When credit rates and margin policies change, ascending.';
comment on function ratebook.require_terms(uuid, uuid, text, timestamptz) is
'ratebook.credit_terms(), of which none is missing. Errors: no_credit_rate, no_margin_policy (PT422).';
