create type ratebook.charge_request as (
  account_id uuid,
  owner_id uuid,
  is_estimated boolean,
  reported_cost numeric,
  reported_currency text,
  lenser_id uuid,
  key text,
  request jsonb,
  model text,
  usage jsonb,
  feature text,
  service_tier text,
  variant text,
  region text,
  generation_id uuid,
  prompt text,
  output text,
  latency_ms integer,
  stated text []
);

-- A charge that is priced: what the owner will see of it, and what it costs (without an id where nothing has a price).
create type ratebook.priced_charge as (
  charge billing.charges,
  cost billing.charge_costs
);

create function ratebook.assert_active(p_model_ids uuid[]) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_model text;
begin
  select m.key into v_model from ai.models as m where m.id = any(p_model_ids) and not m.is_active limit 1;
  if found then
    perform ratebook.fail('inactive_model', format('The model "%s" is switched off.', v_model),
      'Choose an active model of ai.models.', jsonb_build_object('model', v_model));
  end if;
end;
$$;

create function ratebook.priced_charge(
  p_priced ratebook.priced_request,
  p_request ratebook.charge_request,
  p_account billing.accounts,
  p_priced_at timestamptz
) returns ratebook.priced_charge
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := ratebook.uuid_v7(p_account.updated_at);
begin
  return (
    (
      v_id, p_account.lenser_id, p_account.id, coalesce(p_request.lenser_id, p_account.lenser_id), null,
      coalesce(p_request.generation_id, v_id), p_priced.model_id, p_priced.feature_id, p_request.feature,
      p_request.usage, p_request.service_tier, p_request.variant, p_request.region, p_priced_at,
      ('[' || p_priced.lines || ']')::jsonb,
      p_priced.credits, p_account.updated_at, p_request.is_estimated, null, false
    )::billing.charges,
    (
      v_id, p_account.lenser_id, p_priced.currency, p_priced.cost, p_priced.credit_rate_id,
      p_priced.margin_policy_id, p_priced.price_ids
    )::billing.charge_costs
  )::ratebook.priced_charge;
end;
$$;

create function ratebook.price_charge(
  p_request ratebook.charge_request,
  p_account billing.accounts,
  p_priced_at timestamptz,
  p_source text default null,
  p_currency text default null
) returns ratebook.priced_charge
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_priced ratebook.priced_request := ratebook.price_request(
    p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
    p_priced_at, true, false, p_source, p_currency, p_request.stated
  );
begin
  -- What was active when the hold began may be captured.
  if p_source is null and not v_priced.is_active then
    perform ratebook.assert_active(array[v_priced.model_id]);
  end if;
  return ratebook.priced_charge(v_priced, p_request, p_account, p_priced_at);
end;
$$;

create function ratebook.price_reported(
  p_request ratebook.charge_request,
  p_account billing.accounts,
  p_priced_at timestamptz,
  p_source text default null,
  p_currency text default null
) returns ratebook.priced_charge
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := ratebook.uuid_v7(p_account.updated_at);
  v_model_id uuid := ratebook.model_id(p_request.model, true, p_priced_at);
  v_currency text := coalesce(
    p_request.reported_currency, p_currency, (ratebook.price_source_at(v_model_id, p_priced_at)).price_currency
  );
  v_feature_id uuid;
  v_terms ratebook.credit_terms;
begin
  -- NaN is above every number, and a cost that is missing is no cost.
  if (p_request.reported_cost >= 0 and ratebook.is_amount(p_request.reported_cost)) is not true then
    perform ratebook.fail('invalid_amount', 'The reported cost is less than 0 or out of range.',
      'A cost is a number up to 1e12 with at most 30 decimals.', '{"argument": "reported_cost"}');
  end if;
  if p_source is null then
    perform ratebook.assert_active(array[v_model_id]);
  end if;
  -- The usage prices nothing here, and stands in the log: so it must be one.
  if p_request.usage is not null then
    perform ratebook.assert_usage(p_request.usage);
  end if;
  if p_request.service_tier is distinct from 'standard' then
    perform ratebook.assert_service_tier(p_request.service_tier);
  end if;
  if p_request.feature is not null then
    v_feature_id := ratebook.feature_id(p_request.feature);
  end if;
  -- The cost is the provider's; rate and margin are those of any charge.
  v_terms := ratebook.require_terms(v_model_id, v_feature_id, v_currency, p_priced_at);
  return (
    (
      v_id, p_account.lenser_id, p_account.id, coalesce(p_request.lenser_id, p_account.lenser_id), null,
      coalesce(p_request.generation_id, v_id), v_model_id, v_feature_id, p_request.feature, p_request.usage,
      p_request.service_tier, p_request.variant, p_request.region, p_priced_at,
      (
        select
          coalesce(
            jsonb_agg(ratebook.quote_line(u.key, u.value::numeric, null, null, null, false, null, false) order by u.key),
            '[]'
          )
        from jsonb_each(coalesce(p_request.usage, '{}')) as u
      ),
      trim_scale(ratebook.credits(
        p_request.reported_cost, v_terms.credits_per_currency_unit, v_terms.margin, v_terms.fixed_credits,
        v_terms.min_credits, v_terms.minimum_applies_to_free, v_terms.increment
      )),
      p_account.updated_at, p_request.is_estimated, null, true
    )::billing.charges,
    (
      v_id, p_account.lenser_id, v_currency, trim_scale(p_request.reported_cost), v_terms.credit_rate_id,
      v_terms.margin_policy_id, '{}'::uuid[]
    )::billing.charge_costs
  )::ratebook.priced_charge;
end;
$$;

-- The generation that a charge makes has its id, and says so itself; but not a member's, to whom it does not belong.
create function ratebook.count_charges(p_charges billing.charges[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ratebook.usage_deltas (kind, sign, counts_at, owner_id, charge_id)
  select 'charge', 1, c.created_at, c.lenser_id, c.id
  from unnest(p_charges) as c
  where c.generation_id is distinct from c.id or c.spender_id <> c.lenser_id;
end;
$$;

create function ratebook.write_charge(
  p_charge billing.charges, p_cost billing.charge_costs, p_request ratebook.charge_request
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into billing.charges values (p_charge.*);
  perform ratebook.count_charges(array[p_charge]);
  if p_cost.id is not null then
    insert into billing.charge_costs values (p_cost.*);
  end if;
  if p_request.generation_id is not null then
    perform ratebook.complete_generation(p_charge, p_request);
  -- One that replaces an estimate has its generation, unless that was deleted.
  elsif p_charge.generation_id is not null and p_charge.estimate_id is null then
    insert into ai.generations (
      id, lenser_id, model_id, feature_key, usage, status, prompt, output, latency_ms, created_at
    ) values (
      p_charge.generation_id, p_charge.spender_id, p_charge.model_id, p_charge.feature_key, p_charge.usage, 'completed',
      p_request.prompt, p_request.output, p_request.latency_ms, p_charge.created_at
    );
  end if;
end;
$$;

create function ratebook.complete_generation(
  p_charge billing.charges, p_request ratebook.charge_request
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_charge_id uuid;
begin
  -- Its lock is what two charges of one generation, of whichever accounts, wait for.
  update ai.generations as g
  set
    usage = coalesce(p_charge.usage, g.usage),
    status = 'completed',
    output = coalesce(p_request.output, g.output),
    latency_ms = coalesce(p_request.latency_ms, g.latency_ms)
  where g.id = p_request.generation_id and g.lenser_id is not distinct from p_charge.spender_id;
  if not found then
    perform ratebook.fail('unknown_generation', format('The lenser has no generation %s.', p_request.generation_id), null,
      jsonb_build_object('generation', p_request.generation_id));
  end if;
  -- Whoever paid. No charge is older than what it is for, and no other clock is a day behind.
  select c.id into v_charge_id
  from billing.charges as c
  where
    c.generation_id = p_request.generation_id
    and c.spender_id is not distinct from p_charge.spender_id
    and c.id <> p_charge.id
    -- But for the estimate that gives way to it.
    and c.id is distinct from p_charge.estimate_id
    and c.id >= ratebook.uuid_v7_floor(ratebook.uuid_v7_time(p_request.generation_id) - interval '24 hours')
    and c.id < ratebook.uuid_v7_floor(p_charge.created_at + interval '24 hours')
  limit 1;
  if found then
    perform ratebook.fail('already_charged', format('Generation %s was charged already.', p_request.generation_id),
      'A generation is charged once, also where the charge was refunded.',
      jsonb_build_object('generation', p_request.generation_id, 'charge', v_charge_id));
  end if;
end;
$$;

create function ratebook.charge_object(
  p_charge billing.charges, p_cost billing.charge_costs, p_account billing.accounts, p_warnings jsonb
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return ratebook.charge_object(
    p_charge.id, p_charge.generation_id, p_charge.account_id, p_charge.model_id, p_charge.credits, p_cost.cost,
    p_cost.currency, p_account.posted, p_account.reserved, p_account.debt, p_account.upcoming, p_warnings
  );
end;
$$;

-- By one text: it has few expressions, and each is prepared anew in every transaction.
create function ratebook.charge_object(
  p_charge_id uuid,
  p_generation_id uuid,
  p_account_id uuid,
  p_model_id uuid,
  p_credits numeric,
  p_cost numeric,
  p_currency text,
  p_posted numeric,
  p_reserved numeric,
  p_debt numeric,
  p_upcoming numeric,
  p_warnings jsonb
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return format(
    '{"charge_id": "%s", "generation_id": %s, "account_id": "%s", "model_id": %s, "credits": "%s", "cost": %s, '
    '"currency": %s, "balance": %s, "warnings": %s}',
    p_charge_id, coalesce('"' || p_generation_id || '"', 'null'), p_account_id, coalesce('"' || p_model_id || '"', 'null'),
    trim_scale(p_credits), coalesce('"' || trim_scale(p_cost) || '"', 'null'), coalesce('"' || p_currency || '"', 'null'),
    ratebook.balance_text(p_posted, p_reserved, p_debt, p_upcoming), p_warnings
  )::jsonb;
end;
$$;

create function ratebook.charge_in_general(p_request ratebook.charge_request) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts := ratebook.lock_account(p_request.account_id, p_request.owner_id);
  v_answer jsonb := ratebook.recall(
    v_account.id, v_account.lenser_id, 'charge_generation', p_request.key, p_request.request
  );
  v_priced ratebook.priced_charge;
  v_charge billing.charges;
  v_warnings jsonb;
begin
  -- An answered request is not priced again: its model may be gone.
  if v_answer is not null then
    return v_answer;
  end if;
  if not v_account.is_plain or p_request.lenser_id <> v_account.lenser_id then
    perform ratebook.assert_not_erased(array[v_account.lenser_id, p_request.lenser_id]);
  end if;
  if p_request.reported_cost is null then
    v_priced := ratebook.price_charge(p_request, v_account, v_account.updated_at);
  else
    v_priced := ratebook.price_reported(p_request, v_account, v_account.updated_at);
  end if;
  v_charge := v_priced.charge;
  v_warnings := ratebook.count_spending(
    (
      v_charge.spender_id, v_charge.account_id, v_charge.lenser_id, v_charge.model_id, v_charge.feature_id,
      v_charge.credits, 0, null, false
    )::ratebook.spending,
    v_account
  );
  perform ratebook.assert_available(v_account, v_charge.credits);
  v_account := ratebook.move(v_account, ratebook.allocate(v_account, v_charge.credits, v_charge.id));
  perform ratebook.write_account(v_account, ratebook.head(v_account));
  perform ratebook.write_charge(v_charge, v_priced.cost, p_request);
  return ratebook.remember(
    v_account, 'charge_generation', p_request.key, p_request.request,
    ratebook.charge_object(v_charge, v_priced.cost, v_account, v_warnings)
  );
end;
$$;

revoke all on function ratebook.assert_active(uuid[]) from public;
revoke all on function ratebook.priced_charge(
  ratebook.priced_request, ratebook.charge_request, billing.accounts, timestamptz
) from public;
revoke all on function ratebook.charge_in_general(ratebook.charge_request) from public;
revoke all on function ratebook.price_charge(
  ratebook.charge_request, billing.accounts, timestamptz, text, text
) from public;
revoke all on function ratebook.price_reported(
  ratebook.charge_request, billing.accounts, timestamptz, text, text
) from public;
revoke all on function ratebook.count_charges(billing.charges[]) from public;
revoke all on function ratebook.write_charge(
  billing.charges, billing.charge_costs, ratebook.charge_request
) from public;
revoke all on function ratebook.complete_generation(billing.charges, ratebook.charge_request) from public;
revoke all on function ratebook.charge_object(
  billing.charges, billing.charge_costs, billing.accounts, jsonb
) from public;
revoke all on function ratebook.charge_object(
  uuid, uuid, uuid, uuid, numeric, numeric, text, numeric, numeric, numeric, numeric, jsonb
) from public;

comment on type ratebook.charge_request is 'What one charge asks for.';
comment on column ratebook.charge_request.account_id is 'The account that pays.';
comment on column ratebook.charge_request.owner_id is 'Its owner; NULL where the caller does not say.';
comment on column ratebook.charge_request.is_estimated is 'Whether the charge may be settled later.';
comment on column ratebook.charge_request.reported_cost is 'What the provider says that it cost; NULL to price the usage.';
comment on column ratebook.charge_request.reported_currency is 'The currency of that; NULL for the model''s.';
comment on column ratebook.charge_request.lenser_id is 'Who spends; NULL for the owner.';
comment on column ratebook.charge_request.key is 'The idempotency key; NULL for none.';
comment on column ratebook.charge_request.request is 'What is kept with the key and compared.';
comment on column ratebook.charge_request.model is 'Id, key or alias.';
comment on column ratebook.charge_request.usage is 'Meters and quantities.';
comment on column ratebook.charge_request.feature is 'Key of a feature.';
comment on column ratebook.charge_request.service_tier is 'Service tier.';
comment on column ratebook.charge_request.variant is 'Variant, such as an image size.';
comment on column ratebook.charge_request.region is 'Region.';
comment on column ratebook.charge_request.generation_id is 'A generation of the spender that this ends; NULL makes one.';
comment on column ratebook.charge_request.prompt is 'For the generation that is made.';
comment on column ratebook.charge_request.output is 'For the generation.';
comment on column ratebook.charge_request.latency_ms is 'For the generation.';
comment on column ratebook.charge_request.stated is
'Which of service tier, variant and region the provider''s answer states, other than the standard tier.';
comment on type ratebook.priced_charge is 'A charge that is priced and not yet made.';
comment on column ratebook.priced_charge.charge is 'What the owner will see.';
comment on column ratebook.priced_charge.cost is 'What it costs; without an id for a charge without a price.';
comment on function ratebook.assert_active(uuid[]) is
'Refuses models that are switched off or deleted. Error: inactive_model (PT409).';
comment on function ratebook.priced_charge(
  ratebook.priced_request, ratebook.charge_request, billing.accounts, timestamptz
) is 'The charge to a locked account of a request that is priced as of a time.';
comment on function ratebook.charge_in_general(ratebook.charge_request) is 'ratebook.charge() for whatever is not plain.';
comment on function ratebook.price_charge(
  ratebook.charge_request, billing.accounts, timestamptz, text, text
) is
'Prices a charge to a locked account as of a time, by the model''s price source or the one that a hold began with. Errors: those of billing.quote().';
comment on function ratebook.price_reported(
  ratebook.charge_request, billing.accounts, timestamptz, text, text
) is
'ratebook.price_charge() by the cost that the provider reported, in its currency or the model''s. Errors: invalid_amount (PT422), and those of billing.quote() that are not of prices.';
comment on function ratebook.count_charges(billing.charges[]) is
'Charges count in billing.usage(): one that made a generation of its owner does with that.';
comment on function ratebook.write_charge(billing.charges, billing.charge_costs, ratebook.charge_request) is
'Writes a charge, what it cost, and its generation. Errors: unknown_generation (PT404), already_charged (PT409).';
comment on function ratebook.complete_generation(billing.charges, ratebook.charge_request) is
'Completes the generation that a charge, which is written, is for. Errors: unknown_generation (PT404), already_charged (PT409) where it has another charge than the estimate that gave way to it.';
comment on function ratebook.charge_object(billing.charges, billing.charge_costs, billing.accounts, jsonb) is
'The answer to a charge; amounts are strings.';
comment on function ratebook.charge_object(
  uuid, uuid, uuid, uuid, numeric, numeric, text, numeric, numeric, numeric, numeric, jsonb
) is 'The answer of a charge: what it is, and the balance of its account behind it.';
