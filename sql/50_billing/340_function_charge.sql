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

-- A charge that is priced: what the owner will see of it, what it costs, and what is its alone to say.
create type private.priced_charge as (
  charge billing.charges,
  cost billing.charge_costs,
  request private.charge_request
);

create function private.assert_active(p_model_ids uuid[]) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_model text;
begin
  select m.key into v_model from ai.models as m where m.id = any(p_model_ids) and not m.is_active limit 1;
  if found then
    perform private.fail('inactive_model', format('The model "%s" is switched off.', v_model),
      'Choose an active model of ai.models.', jsonb_build_object('model', v_model));
  end if;
end;
$$;

create function private.price_charge(
  p_request private.charge_request,
  p_account billing.accounts,
  p_priced_at timestamptz,
  p_source text default null,
  p_currency text default null
) returns private.priced_charge
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := private.uuid_v7(p_account.updated_at);
  v_priced private.priced_request := private.price_request(
    p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
    p_priced_at, true, p_source, p_currency
  );
  v_feature_id uuid;
begin
  if p_request.feature is not null then
    select f.id into v_feature_id from ai.features as f where f.key = p_request.feature;
  end if;
  return (
    (
      v_id, p_account.lenser_id, p_account.id, coalesce(p_request.lenser_id, p_account.lenser_id), null,
      coalesce(p_request.generation_id, private.uuid_v7(p_account.updated_at)), v_priced.model_id, v_feature_id, p_request.feature,
      p_request.usage, p_request.service_tier, p_request.variant, p_request.region, p_priced_at,
      private.quote_lines(v_priced.sheet, p_request.usage, false), trim_scale(v_priced.credits), p_account.updated_at
    )::billing.charges,
    (
      v_id, p_account.lenser_id, v_priced.currency, trim_scale(v_priced.cost), v_priced.credit_rate_id,
      v_priced.margin_policy_id, v_priced.price_ids
    )::billing.charge_costs,
    p_request
  )::private.priced_charge;
end;
$$;

create function private.price_charges(
  p_requests private.charge_request[], p_accounts billing.accounts[], p_at timestamptz
) returns private.priced_charge[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if cardinality(p_requests) = 1 then
    return array[private.price_charge(p_requests[1], p_accounts[1], p_at)];
  end if;
  return (
    select
      array_agg(
        (
          (
            i.id, a.lenser_id, a.id, coalesce(r.lenser_id, a.lenser_id), null,
            coalesce(r.generation_id, private.uuid_v7(p_at)), p.model_id, f.id, r.feature, r.usage, r.service_tier, r.variant,
            r.region, p_at, p.lines, trim_scale(p.credits), p_at
          )::billing.charges,
          (
            i.id, a.lenser_id, p.currency, trim_scale(p.cost), p.credit_rate_id, p.margin_policy_id, p.price_ids
          )::billing.charge_costs,
          (
            r.account_id, r.lenser_id, r.key, r.request, r.model, r.usage, r.feature, r.service_tier, r.variant, r.region,
            r.generation_id, r.prompt, r.output, r.latency_ms
          )::private.charge_request
        )::private.priced_charge
        order by r.ordinality
      )
    from unnest(p_requests) with ordinality as r
    inner join private.price_requests(
      (
        select
          jsonb_agg(
            jsonb_build_object(
              'model', q.model, 'usage', q.usage, 'feature', q.feature, 'service_tier', q.service_tier, 'variant',
              q.variant, 'region', q.region
            )
            order by q.ordinality
          )
        from unnest(p_requests) with ordinality as q
      ),
      p_at, true
    ) as p on p.ordinal = r.ordinality
    inner join unnest(p_accounts) as a on a.id = r.account_id
    left join ai.features as f on f.key = r.feature
    cross join lateral (
      select private.uuid_v7(a.updated_at) as id
    ) as i
  );
end;
$$;

create function private.write_charges(p_priced private.priced_charge[]) returns void
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
    (p.charge).generation_id,
    (p.charge).spender_id,
    (p.charge).model_id,
    (p.charge).feature_key,
    (p.charge).usage,
    'completed',
    (p.request).prompt,
    (p.request).output,
    (p.request).latency_ms
  from unnest(p_priced) as p
  where (p.request).generation_id is null and (p.charge).generation_id is not null;

  if exists (select from unnest(p_priced) as p where (p.request).generation_id is not null) then
    with finished as (
      update ai.generations as g
      set
        usage = coalesce((p.charge).usage, g.usage),
        status = 'completed',
        output = coalesce((p.request).output, g.output),
        latency_ms = coalesce((p.request).latency_ms, g.latency_ms)
      from unnest(p_priced) as p
      where g.id = (p.request).generation_id and g.lenser_id = (p.charge).spender_id
      returning g.id
    )

    select (p.request).generation_id into v_unknown
    from unnest(p_priced) as p
    left join finished as f on f.id = (p.request).generation_id
    where (p.request).generation_id is not null and f.id is null
    limit 1;
    if found then
      perform private.fail('unknown_generation', format('The lenser has no generation %s.', v_unknown), null,
        jsonb_build_object('generation', v_unknown));
    end if;
  end if;

  insert into billing.charges
  select (p.charge).* from unnest(p_priced) as p;
  insert into billing.charge_costs
  select (p.cost).* from unnest(p_priced) as p where (p.cost).id is not null;
end;
$$;

create function private.count_spendings(p_priced private.priced_charge[], p_at timestamptz) returns jsonb[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from lensers.profiles as p
  where p.id in (select (c.charge).spender_id from unnest(p_priced) as c)
  for key share;
  -- All at once: one after the other, two batches could wait for each other.
  perform from billing.budgets as b
  where b.lenser_id in (select (c.charge).spender_id from unnest(p_priced) as c)
  order by b.id
  for no key update;
  if not exists (
    select
    from unnest(p_priced) as p
    where
      (p.charge).spender_id <> (p.charge).lenser_id
      or exists (select from billing.budgets as b where b.lenser_id = (p.charge).spender_id)
  ) then
    return array_fill('[]'::jsonb, array[cardinality(p_priced)]);
  end if;
  -- In one order for everybody: what is counted in stays locked.
  return (
    select array_agg(c.warnings order by c.ordinality)
    from (
      select
        p.ordinality,
        private.count_spending(
          (
            (p.charge).spender_id, (p.charge).account_id, (p.charge).lenser_id, (p.charge).model_id,
            (p.charge).feature_id, (p.charge).credits, 0, null, false
          )::private.spending,
          p_at
        ) as warnings
      from unnest(p_priced) with ordinality as p
      order by (p.charge).spender_id, p.ordinality
    ) as c
  );
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
    'cost', p_cost.cost::text,
    'currency', p_cost.currency,
    'balance', private.balance_object(p_account),
    'warnings', p_warnings
  );
end;
$$;

-- One or many, the steps are the same: lock, answered already? price, ask the limits, pay, write.
create function private.charge(p_requests private.charge_request[]) returns jsonb[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables. Its plans are made once, and never scan a table: one that was
-- small then would be scanned whole when it is large.
declare
  v_accounts billing.accounts[];
  v_at timestamptz;
  v_request private.charge_request;
  v_answers jsonb[] := '{}'::jsonb[];
  v_mark text;
  v_marks text[] := '{}'::text[];
  v_places integer[] := '{}'::integer[];
  v_priced private.priced_charge[];
  v_warnings jsonb[];
  v_payer record;
  v_paid billing.accounts[] := '{}'::billing.accounts[];
  v_new jsonb[];
begin
  v_accounts := private.lock_accounts(array(select r.account_id from unnest(p_requests) as r));
  v_at := (v_accounts[1]).updated_at;
  -- An answered request is not priced again: its model may be gone. Of twins in one call the first is new.
  for i in 1..cardinality(p_requests) loop
    v_request := p_requests[i];
    v_answers[i] := private.recall(v_request.account_id, 'charge_generation', v_request.key, v_request.request);
    v_mark := coalesce(v_request.account_id || ' ' || v_request.key, '');
    if v_answers[i] is null and (v_mark = '' or v_mark <> all(v_marks)) then
      v_places := v_places || i;
      v_marks := v_marks || v_mark;
    end if;
  end loop;
  if v_places = '{}' then
    return v_answers;
  end if;

  v_priced := private.price_charges(array(select p_requests[i] from unnest(v_places) as i), v_accounts, v_at);
  perform private.assert_active(array(select (p.charge).model_id from unnest(v_priced) as p));
  v_warnings := private.count_spendings(v_priced, v_at);
  for v_payer in
    select
      a::billing.accounts as account,
      c.credits,
      c.ids,
      c.amounts
    from unnest(v_accounts) as a
    inner join (
      select
        (p.charge).account_id as account_id,
        sum((p.charge).credits) as credits,
        array_agg((p.charge).id order by p.ordinality) as ids,
        array_agg((p.charge).credits order by p.ordinality) as amounts
      from unnest(v_priced) with ordinality as p
      group by (p.charge).account_id
    ) as c on c.account_id = a.id
  loop
    perform private.assert_available(v_payer.account, v_payer.credits);
    v_paid := v_paid || private.post(
      v_payer.account, private.allocate(v_payer.account, v_payer.amounts, v_payer.ids)
    );
  end loop;
  perform private.write_charges(v_priced);
  with answers as materialized (
    select
      p.ordinality,
      p.charge,
      p.request,
      private.charge_object(p.charge, p.cost, a, v_warnings[p.ordinality]) as answer
    from unnest(v_priced) with ordinality as p
    inner join unnest(v_paid) as a on a.id = (p.charge).account_id
  ),

  kept as (
    insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
    select
      (k.charge).account_id,
      (k.charge).lenser_id,
      'charge_generation',
      (k.request).key,
      (k.request).request,
      k.answer,
      v_at
    from answers as k
    where (k.request).key is not null
  )

  select array_agg(k.answer order by k.ordinality) into v_new from answers as k;
  for i in 1..cardinality(v_places) loop
    v_answers[v_places[i]] := v_new[i];
  end loop;
  for i in 1..cardinality(p_requests) loop
    if v_answers[i] is null then
      v_request := p_requests[i];
      v_answers[i] := private.recall(v_request.account_id, 'charge_generation', v_request.key, v_request.request);
    end if;
  end loop;
  return v_answers;
end;
$$;

revoke all on function private.assert_active(uuid[]) from public;
revoke all on function private.price_charge(
  private.charge_request, billing.accounts, timestamptz, text, text
) from public;
revoke all on function private.price_charges(private.charge_request[], billing.accounts[], timestamptz) from public;
revoke all on function private.write_charges(private.priced_charge[]) from public;
revoke all on function private.count_spendings(private.priced_charge[], timestamptz) from public;
revoke all on function private.charge_object(
  billing.charges, billing.charge_costs, billing.accounts, jsonb
) from public;
revoke all on function private.charge(private.charge_request[]) from public;

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
comment on column private.priced_charge.cost is 'What it costs; without an id for a charge without a price.';
comment on column private.priced_charge.request is 'What asked for it.';
comment on function private.assert_active(uuid[]) is
'Refuses models that are switched off or deleted. Error: inactive_model (PT409).';
comment on function private.price_charge(
  private.charge_request, billing.accounts, timestamptz, text, text
) is
'Prices a charge to a locked account as of a time, by the model''s price source or the one that a hold began with. Errors: those of billing.quote().';
comment on function private.price_charges(private.charge_request[], billing.accounts[], timestamptz) is
'private.price_charge() for many, in one statement. Errors: those of billing.quote(), with the index among the requests.';
comment on function private.write_charges(private.priced_charge[]) is
'Writes charges, what they cost, and their generations. Error: unknown_generation (PT404).';
comment on function private.count_spendings(private.priced_charge[], timestamptz) is
'private.count_spending() for many: the warnings of each.';
comment on function private.charge_object(billing.charges, billing.charge_costs, billing.accounts, jsonb) is
'The answer to a charge; amounts are strings.';
comment on function private.charge(private.charge_request[]) is
'The rule behind billing.charge_generation() and billing.charge_generations(): all or nothing.';
