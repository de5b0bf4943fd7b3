create type private.charge_request as (
  account_id uuid,
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
  latency_ms integer
);

create type private.priced_charge as (
  charge billing.charges,
  cost billing.charge_costs
);

create function private.price_charge(
  p_request private.charge_request, p_at timestamptz
) returns private.priced_charge
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_priced private.priced_request := private.price_request(
    p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
    p_at, true
  );
  v_charge billing.charges;
  v_cost billing.charge_costs;
begin
  v_charge.account_id := p_request.account_id;
  v_charge.model_id := v_priced.model_id;
  v_charge.feature_key := p_request.feature;
  v_charge.usage := p_request.usage;
  v_charge.service_tier := p_request.service_tier;
  v_charge.variant := p_request.variant;
  v_charge.region := p_request.region;
  v_charge.priced_at := p_at;
  v_charge.credits := trim_scale(v_priced.credits);
  v_charge.lines := private.quote_lines(v_priced.sheet, p_request.usage, false);
  v_cost.currency := v_priced.currency;
  v_cost.cost := trim_scale(v_priced.cost);
  v_cost.credit_rate_id := v_priced.credit_rate_id;
  v_cost.margin_policy_id := v_priced.margin_policy_id;
  v_cost.price_ids := private.price_ids(v_priced.sheet, p_request.usage);
  return (v_charge, v_cost)::private.priced_charge;
end;
$$;

create function private.assert_active(p_model_id uuid) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from ai.models as m where m.id = p_model_id and not m.is_active) then
    perform private.fail('inactive_model', 'The model is switched off.', 'Choose an active model of ai.models.',
      jsonb_build_object('model_id', p_model_id));
  end if;
end;
$$;

create function private.write_charges(
  p_charges billing.charges[], p_costs billing.charge_costs[], p_requests private.charge_request[]
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unknown uuid;
begin
  insert into ai.generations (
    id, lenser_id, model_id, feature_key, usage, status, prompt, output, latency_ms
  )
  select
    c.generation_id, c.spender_id, c.model_id, c.feature_key, c.usage, 'completed', r.prompt, r.output, r.latency_ms
  from unnest(p_charges) with ordinality as c
  inner join unnest(p_requests) with ordinality as r on r.ordinality = c.ordinality
  where c.id is not null and c.model_id is not null and r.generation_id is null;

  if exists (select from unnest(p_requests) as r where r.generation_id is not null) then
    with finished as (
      update ai.generations as g
      set
        usage = coalesce(c.usage, g.usage),
        status = 'completed',
        output = coalesce(r.output, g.output),
        latency_ms = coalesce(r.latency_ms, g.latency_ms)
      from unnest(p_charges) with ordinality as c
      inner join unnest(p_requests) with ordinality as r on r.ordinality = c.ordinality
      where g.id = r.generation_id and g.lenser_id = c.spender_id and c.id is not null
      returning g.id
    )

    select c.generation_id into v_unknown
    from unnest(p_charges) with ordinality as c
    inner join unnest(p_requests) with ordinality as r on r.ordinality = c.ordinality
    left join finished as f on f.id = c.generation_id
    where c.id is not null and r.generation_id is not null and f.id is null
    limit 1;
    if found then
      perform private.fail('unknown_generation', format('The lenser has no generation %s.', v_unknown), null,
        jsonb_build_object('generation', v_unknown));
    end if;
  end if;

  insert into billing.charges
  select c.* from unnest(p_charges) as c where c.id is not null;
  insert into billing.charge_costs
  select c.* from unnest(p_costs) as c where c.id is not null;
end;
$$;

create function private.charge_object(
  p_charge billing.charges, p_cost billing.charge_costs, p_account billing.accounts, p_warnings jsonb
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'charge_id', p_charge.id,
    'generation_id', p_charge.generation_id,
    'account_id', p_charge.account_id,
    'model_id', p_charge.model_id,
    'credits', trim_scale(p_charge.credits)::text,
    'cost', trim_scale(p_cost.cost)::text,
    'currency', p_cost.currency,
    'balance', private.balance_object(p_account),
    'warnings', p_warnings
  );
end;
$$;

-- One or many, the steps are the same: answered already? price, lock, ask the limits, pay, write.
create function private.charge(p_requests private.charge_request[], p_operation text) returns jsonb[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_answers jsonb[] := '{}'::jsonb[];
  v_request private.charge_request;
  v_new private.priced_charge;
  v_charge billing.charges;
  v_charges billing.charges[] := '{}'::billing.charges[];
  v_cost billing.charge_costs;
  v_costs billing.charge_costs[] := '{}'::billing.charge_costs[];
  v_accounts billing.accounts[];
  v_account billing.accounts;
  v_at timestamptz := private.clock();
  v_spending private.spending;
  v_warnings jsonb[] := '{}'::jsonb[];
  v_ids uuid[];
  v_amounts numeric[];
  v_movements private.movement[] := '{}'::private.movement[];
begin
  perform private.extend_partitions_if_short(
    'billing.ledger_entries', 'billing.charges', 'billing.charge_costs', 'ai.generations'
  );

  for i in 1..cardinality(p_requests) loop
    v_request := p_requests[i];
    -- An answered request is not priced again: its model may be gone.
    v_answers[i] := private.recall(v_request.account_id, p_operation, v_request.key, v_request.request);
    continue when v_answers[i] is not null;
    v_new := private.price_charge(v_request, v_at);
    perform private.assert_active((v_new).charge.model_id);
    v_charges[i] := v_new.charge;
    v_costs[i] := v_new.cost;
  end loop;

  v_accounts := private.lock_accounts(array(
    select r.account_id from unnest(p_requests) with ordinality as r where v_answers[r.ordinality] is null
  ));
  for i in 1..cardinality(p_requests) loop
    continue when v_answers[i] is not null;
    v_request := p_requests[i];
    v_answers[i] := private.recall(v_request.account_id, p_operation, v_request.key, v_request.request);
    continue when v_answers[i] is not null;
    select a.* into v_account from unnest(v_accounts) as a where a.id = v_request.account_id;
    v_at := v_account.updated_at;
    v_charge := v_charges[i];
    v_charge.id := private.uuid_v7(v_at);
    v_charge.created_at := v_at;
    v_charge.lenser_id := v_account.lenser_id;
    v_charge.spender_id := coalesce(v_request.lenser_id, v_account.lenser_id);
    v_charge.generation_id := coalesce(v_request.generation_id, private.uuid_v7(v_at));
    v_charges[i] := v_charge;
    v_cost := v_costs[i];
    v_cost.id := v_charge.id;
    v_cost.lenser_id := v_charge.lenser_id;
    v_costs[i] := v_cost;
    v_spending.lenser_id := v_charge.spender_id;
    v_spending.account_id := v_charge.account_id;
    v_spending.owner_id := v_charge.lenser_id;
    v_spending.model_id := v_charge.model_id;
    v_spending.feature_key := v_charge.feature_key;
    v_spending.credits := v_charge.credits;
    v_spending.held := 0;
    v_spending.is_hold := false;
    v_warnings[i] := private.count_spending(v_spending, v_at);
  end loop;

  foreach v_account in array v_accounts loop
    select array_agg(c.id order by c.ordinality), array_agg(c.credits order by c.ordinality)
    into v_ids, v_amounts
    from unnest(v_charges) with ordinality as c
    where c.id is not null and c.account_id = v_account.id;
    continue when v_ids is null;
    perform private.assert_available(v_account, (select sum(a) from unnest(v_amounts) as a));
    v_movements := v_movements || private.allocate(v_account, v_amounts, v_ids);
  end loop;

  perform private.write_charges(v_charges, v_costs, p_requests);
  v_accounts := private.post(v_movements, v_at);
  for i in 1..cardinality(p_requests) loop
    continue when v_charges[i].id is null;
    v_request := p_requests[i];
    select a.* into v_account from unnest(v_accounts) as a where a.id = v_request.account_id;
    v_answers[i] := private.remember(
      v_account, p_operation, v_request.key, v_request.request,
      private.charge_object(v_charges[i], v_costs[i], v_account, v_warnings[i])
    );
  end loop;
  return v_answers;
end;
$$;

revoke all on function private.price_charge(private.charge_request, timestamptz) from public;
revoke all on function private.assert_active(uuid) from public;
revoke all on function private.write_charges(
  billing.charges[], billing.charge_costs[], private.charge_request[]
) from public;
revoke all on function private.charge_object(
  billing.charges, billing.charge_costs, billing.accounts, jsonb
) from public;
revoke all on function private.charge(private.charge_request[], text) from public;

comment on type private.charge_request is 'What one charge asks for.';
comment on column private.charge_request.account_id is 'The account that pays.';
comment on column private.charge_request.lenser_id is 'Who spends; NULL for the owner.';
comment on column private.charge_request.key is 'The idempotency key; NULL for none.';
comment on column private.charge_request.request is 'What is kept with the key and compared.';
comment on column private.charge_request.model is 'Id, key or alias.';
comment on column private.charge_request.usage is 'Meters and quantities.';
comment on column private.charge_request.feature is 'Key of a feature.';
comment on column private.charge_request.service_tier is 'Service tier.';
comment on column private.charge_request.variant is 'Variant, such as an image size.';
comment on column private.charge_request.region is 'Region.';
comment on column private.charge_request.generation_id is 'A generation of the spender that this ends; NULL makes one.';
comment on column private.charge_request.prompt is 'For the generation that is made.';
comment on column private.charge_request.output is 'For the generation.';
comment on column private.charge_request.latency_ms is 'For the generation.';
comment on type private.priced_charge is 'A charge that is priced and not yet made.';
comment on column private.priced_charge.charge is 'What the owner will see.';
comment on column private.priced_charge.cost is 'What it costs.';
comment on function private.price_charge(private.charge_request, timestamptz) is
'Prices a charge as of a time: what the owner will see of it, and what it costs.';
comment on function private.assert_active(uuid) is
'Refuses a model that is switched off or deleted. Error: inactive_model (PT409).';
comment on function private.write_charges(billing.charges[], billing.charge_costs[], private.charge_request[]) is
'Writes charges, what they cost, and their generations. Places without a charge are left out. Error: unknown_generation (PT404).';
comment on function private.charge_object(billing.charges, billing.charge_costs, billing.accounts, jsonb) is
'The answer to a charge; amounts are strings.';
comment on function private.charge(private.charge_request[], text) is
'The rule behind billing.charge_generation() and billing.charge_generations(): all or nothing.';
