create function ratebook.settle_charge(
  p_charge_id uuid,
  p_usage jsonb,
  p_format text,
  p_amount numeric,
  p_reported_cost numeric,
  p_reported_currency text,
  p_key text,
  p_owner uuid
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_owner uuid := ratebook.owner_of('charge', p_charge_id, p_owner);
  -- A charge is settled once: without a key it is its own.
  v_key text := coalesce(p_key, 'charge ' || p_charge_id);
  v_request jsonb := jsonb_build_object(
    'charge', p_charge_id, 'usage', p_usage, 'format', p_format, 'amount', trim_scale(p_amount)
  ) || ratebook.reported(false, p_reported_cost, p_reported_currency);
  v_estimate billing.charges;
  v_account billing.accounts;
  v_response jsonb;
  v_settled_by uuid;
  v_source record;
  v_asked ratebook.charge_request;
  v_priced ratebook.priced_charge;
  v_charge billing.charges;
  v_movements ratebook.movement[];
  v_warnings jsonb;
begin
  if num_nonnulls(p_amount, coalesce(p_usage, to_jsonb(p_reported_cost))) <> 1 then
    perform ratebook.fail('invalid_argument', 'Nothing, or more than one thing, says what the charge comes to.',
      'Pass a usage, a reported cost (with a usage or without), or an amount of credits.');
  elsif p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount);
  end if;
  -- A charge never changes: it is read without a lock, and names the account to lock.
  select c.* into v_estimate
  from billing.charges as c
  where c.id = p_charge_id and c.lenser_id is not distinct from v_owner;
  if v_estimate.id is null then
    perform ratebook.unknown_charge(p_charge_id);
  end if;
  v_account := ratebook.lock_account(v_estimate.account_id, v_owner);
  select c.id into v_settled_by
  from billing.charges as c
  where
    c.estimate_id = p_charge_id
    and c.lenser_id is not distinct from v_owner
    and c.id >= ratebook.uuid_v7_floor(v_estimate.created_at)
    and c.id < ratebook.uuid_v7_floor(v_account.updated_at + interval '1 millisecond');
  v_response := ratebook.recall_own(v_account.id, v_owner, 'settle_charge', v_key, p_key is null, v_request);
  if v_response is not null then
    return v_response;
  end if;
  -- Only an estimate gives way, once, and not where somebody was given it back: they would pay again.
  if v_settled_by is not null then
    perform ratebook.fail('already_settled', 'The charge was settled already.', 'A charge is settled once; refund the other.',
      jsonb_build_object('charge', p_charge_id, 'settled_by', v_settled_by));
  elsif not v_estimate.is_estimated then
    perform ratebook.fail('not_estimated', 'The charge is no estimate.', 'Refund it, or charge with estimated => true.',
      jsonb_build_object('charge', p_charge_id));
  elsif ratebook.refunded(v_estimate, v_account.updated_at) > 0 then
    perform ratebook.fail('already_refunded', 'Credits of the charge were refunded.', 'Refund the rest, or leave it as it is.',
      jsonb_build_object('charge', p_charge_id));
  end if;

  -- At the prices of the estimate, also where the model has been switched off since.
  v_asked := ratebook.make_charge_request(
    v_account.id, v_estimate.model_id::text, null, null, v_estimate.feature_key, v_estimate.service_tier,
    v_estimate.variant, v_estimate.region, v_estimate.spender_id, null, null, null, null, null, v_owner
  );
  -- What the answer states counts before what the estimate expected.
  v_asked := ratebook.report(
    ratebook.answered(v_asked, p_format, p_usage), false, p_reported_cost, p_reported_currency
  );
  if p_amount is null and v_estimate.model_id is null then
    perform ratebook.fail('invalid_argument', 'This charge names no model that could price a usage.', 'Pass an amount.');
  end if;
  select f.price_source, f.price_currency into v_source
  from ratebook.price_source_at(v_estimate.model_id, v_estimate.priced_at) as f;
  -- Credits without a price, a usage by prices, or the provider's cost.
  if p_amount is not null then
    v_charge := v_estimate;
    v_charge.id := ratebook.uuid_v7(v_account.updated_at);
    v_charge.lines := null;
    v_charge.credits := p_amount;
    v_charge.is_cost_reported := false;
  elsif p_reported_cost is null then
    v_priced := ratebook.price_charge(
      v_asked, v_account, v_estimate.priced_at, v_source.price_source, v_source.price_currency
    );
    v_charge := v_priced.charge;
  else
    v_priced := ratebook.price_reported(
      v_asked, v_account, v_estimate.priced_at, v_source.price_source, v_source.price_currency
    );
    v_charge := v_priced.charge;
  end if;
  -- It stands in the estimate's place: for the same generation, and never an estimate itself.
  v_charge.feature_id := v_estimate.feature_id;
  v_charge.hold_id := null;
  v_charge.generation_id := v_estimate.generation_id;
  v_charge.is_estimated := false;
  v_charge.estimate_id := p_charge_id;
  v_charge.created_at := v_account.updated_at;

  -- As a capture beyond its hold: what the estimate took is free for it, and more must be there. Where it is not, the
  -- estimate stands, and is settled when there is enough: no account is taken below its limit by a call.
  if v_charge.credits > v_estimate.credits then
    perform ratebook.assert_available(
      v_account, v_charge.credits - v_estimate.credits, jsonb_build_object('charge', p_charge_id)
    );
  end if;
  perform ratebook.uncount_spending(v_estimate, v_estimate.credits, true);
  v_warnings := ratebook.count_spending(
    (
      v_charge.spender_id, v_account.id, v_owner, v_charge.model_id, v_charge.feature_id, v_charge.credits,
      v_estimate.credits, p_charge_id, false
    )::ratebook.spending,
    v_account
  );

  -- What paid the estimate pays first, also what has expired since; what is more, like any charge.
  v_movements := ratebook.unwind(v_estimate, v_account, 0, v_estimate.credits, null);
  v_movements := v_movements || array(
    select (v_account.id, t.grant_id, -t.taken, 0, 'charge', v_charge.id, null, null)::ratebook.movement
    from (
      select
        m.grant_id,
        m.place,
        least(m.amount, greatest(v_charge.credits - m.before, 0)) as taken
      from (
        select
          g.id as grant_id,
          u.amount,
          row_number() over burn_order as place,
          coalesce(sum(u.amount) over (burn_order rows between unbounded preceding and 1 preceding), 0) as before
        from (
          select b.grant_id, sum(b.amount) as amount
          from unnest(v_movements) as b
          where b.grant_id is not null
          group by b.grant_id
        ) as u
        -- With the offset it is one lookup each, whatever the planner thinks of the table.
        inner join lateral (
          select o.*
          from billing.grants as o
          where o.id = u.grant_id and o.lenser_id is not distinct from v_owner
          offset 0
        ) as g on true
        window burn_order as (order by g.priority, g.expires_at, g.id)
      ) as m
    ) as t
    where t.taken > 0
    order by t.place
  );
  v_movements := v_movements || ratebook.allocate(
    v_account,
    v_charge.credits + coalesce((select sum(m.amount) from unnest(v_movements) as m where m.kind = 'charge'), 0),
    v_charge.id
  );

  -- The log has the true usage; where its owner has deleted it, the charge stands alone.
  select g.id into v_asked.generation_id
  from ai.generations as g
  where g.id = v_estimate.generation_id and g.lenser_id is not distinct from v_estimate.spender_id;
  perform ratebook.write_charge(v_charge, v_priced.cost, v_asked);
  v_account := ratebook.post(v_account, v_movements);
  v_account := ratebook.repay(ratebook.end_again(v_account, v_movements));
  return ratebook.remember(
    v_account, 'settle_charge', v_key, v_request,
    ratebook.charge_object(v_charge, v_priced.cost, v_account, v_warnings) || jsonb_build_object(
      'estimate_id', p_charge_id,
      'difference', trim_scale(v_charge.credits - v_estimate.credits)::text
    )
  );
end;
$$;

create function billing.settle_charge(
  charge uuid,
  usage jsonb default null,
  format text default null,
  amount numeric default null,
  reported_cost numeric default null,
  reported_currency text default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.settle_charge(
    charge, usage, format, amount, reported_cost, reported_currency, idempotency_key, owner
  );
end;

revoke all on function ratebook.settle_charge(uuid, jsonb, text, numeric, numeric, text, text, uuid) from public;
revoke all on function billing.settle_charge(uuid, jsonb, text, numeric, numeric, text, text, uuid) from public;
grant execute on function ratebook.settle_charge(uuid, jsonb, text, numeric, numeric, text, text, uuid) to service_role;
grant execute on function billing.settle_charge(uuid, jsonb, text, numeric, numeric, text, text, uuid) to service_role;

comment on function ratebook.settle_charge(uuid, jsonb, text, numeric, numeric, text, text, uuid) is
'The rule behind billing.settle_charge().';
comment on function billing.settle_charge(uuid, jsonb, text, numeric, numeric, text, text, uuid) is
'Service role only. Lets a charge that was made with estimated => true give way to the provider''s figure: refunds it and charges that, in one, for the same generation. usage: what was used, at the prices of the charge; with format, the provider''s own usage object or the answer that holds it, which says more of service tier, variant and region than the charge. reported_cost: what the provider says that it cost, in reported_currency or the model''s. amount: credits. What is less goes back to what paid; what is more must be available, the overdraft included, or it is refused and the charge stands as it is. Once: without an idempotency_key the charge itself is the key. owner: the account''s lenser. Returns what billing.charge_generation() does, and estimate_id and difference. Errors: unknown_charge (PT404), not_estimated, already_settled, already_refunded, idempotency_conflict (PT409), invalid_amount, invalid_argument, owner_required and those of usages (PT422), insufficient_credits, budget_exceeded, member_limit_exceeded (PT402).';
