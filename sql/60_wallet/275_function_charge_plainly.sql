-- Nearly every charge: an owner's own, of what has an offer, from an account that nothing but its balance can refuse, paid
-- by the lot that burns first, or by the one that its hold keeps. It is priced before it waits, debited by one update, and
-- written behind that. Whatever is not so is NULL, with nothing left written, and charged in general: to the same effect.
create function ratebook.charge_plainly(
  p_request ratebook.charge_request, p_hold billing.holds default null
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- In few expressions, each of which is prepared anew in every transaction: so what only captures need stands apart.
declare
  v_now constant timestamptz := ratebook.clock();
  v_owner constant uuid := coalesce(p_request.owner_id, p_request.account_id);
  v_priced ratebook.priced_request;
  v_id uuid;
  v_priced_at timestamptz := v_now;
  v_at timestamptz;
  v_ends timestamptz;
  v_posted numeric;
  v_reserved numeric;
  v_debt numeric;
  v_upcoming numeric;
  v_number bigint;
  v_lot_id uuid;
  v_is_done boolean := false;
  v_answer jsonb;
begin
  if num_nonnulls(p_request.generation_id, p_request.reported_cost) > 0 or p_request.lenser_id <> v_owner then
    return null;
  end if;
  -- Unlocked: what it costs, which nobody waits for.
  if p_request.owner_id is null then
    perform ratebook.require_owner();
  end if;
  if p_hold.id is null then
    v_priced := ratebook.price_request(
      p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
      v_now, true, false, p_stated => p_request.stated, p_offers_only => true
    );
    if (v_priced.is_active and v_priced.credits > 0) is not true then
      return null;
    end if;
    -- This update is the account's lock. What it asks of time was true before it waited; what it returns is read after.
    update billing.accounts as a
    set
      posted = trim_scale(a.posted - v_priced.credits),
      entries = a.entries + 1,
      updated_at = greatest(a.updated_at, v_now)
    where
      a.id = p_request.account_id
      and a.lenser_id is not distinct from v_owner
      and a.is_plain
      and a.months_until > v_now
      and a.posted - a.reserved - a.upcoming - v_priced.credits >= greatest(a.low_balance_mark, -a.overdraft_limit)
    returning a.updated_at, least(a.months_until, a.next_event_at, v_priced.ends), a.posted, a.reserved, a.debt,
      a.upcoming, a.entries, a.head_id
    into v_at, v_ends, v_posted, v_reserved, v_debt, v_upcoming, v_number, v_lot_id;
    if not found then
      return null;
    end if;
    -- Something of the lot is left, so that it stays the first.
    if greatest(v_at, ratebook.clock()) < v_ends then
      update billing.grants as g
      set remaining = g.remaining - v_priced.credits
      where
        g.id = v_lot_id and g.lenser_id is not distinct from v_owner and g.remaining - g.reserved > v_priced.credits;
      v_is_done := found;
    end if;
    v_id := ratebook.uuid_v7(v_at);
  else
    -- At the prices of the hold, also where the model has been switched off since; for no more than it keeps, of one lot.
    v_priced_at := p_hold.created_at;
    v_priced := ratebook.price_request(
      p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
      v_priced_at, true, false, p_hold.price_source, p_hold.price_currency, p_request.stated, true
    );
    v_lot_id := (select k.id::uuid from jsonb_object_keys(p_hold.lots) as k (id) limit 1);
    if (v_priced.credits > 0 and v_priced.credits <= (p_hold.lots ->> v_lot_id::text)::numeric
      and (p_hold.lots ->> v_lot_id::text)::numeric = p_hold.amount) is not true then
      return null;
    end if;
    update billing.accounts as a
    set
      posted = trim_scale(a.posted - v_priced.credits),
      reserved = a.reserved - p_hold.amount,
      entries = a.entries + 1,
      -- Its lot may come before what was the first.
      head_id = case when a.head_id = v_lot_id then v_lot_id end,
      updated_at = greatest(a.updated_at, v_now)
    where
      a.id = p_request.account_id
      and a.lenser_id is not distinct from v_owner
      and a.is_plain
      and a.months_until > v_now
      and a.debt = 0
    returning a.updated_at, least(a.months_until, a.next_event_at), a.posted, a.reserved, a.debt, a.upcoming, a.entries
    into v_at, v_ends, v_posted, v_reserved, v_debt, v_upcoming, v_number;
    if not found then
      return null;
    end if;
    v_id := ratebook.uuid_v7(v_at);
    if greatest(v_at, ratebook.clock()) < v_ends then
      v_is_done := ratebook.capture_lot(p_hold, v_lot_id, v_priced.credits, v_id, v_at);
    end if;
  end if;

  if v_is_done then
    v_answer := ratebook.charge_object(
      v_id, v_id, p_request.account_id, v_priced.model_id, v_priced.credits, v_priced.cost, v_priced.currency, v_posted,
      v_reserved, v_debt, v_upcoming, '[]'
    );
    -- A key that has its answer, maybe by whoever had the lock before, is answered in general.
    if p_request.key is not null then
      insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
      values (
        p_request.account_id, v_owner, case when p_hold.id is null then 'charge_generation' else 'capture_hold' end,
        p_request.key, p_request.request, v_answer, v_at
      )
      on conflict do nothing;
      if not found then
        v_is_done := false;
        perform ratebook.give_back_lot(v_lot_id, v_owner, v_priced.credits, p_hold);
      end if;
    end if;
  end if;
  -- Given back: the lock is held, and nobody has seen it.
  if not v_is_done then
    update billing.accounts as a
    set
      posted = trim_scale(a.posted + v_priced.credits),
      reserved = a.reserved + coalesce(p_hold.amount, 0),
      entries = a.entries - 1
    where a.id = p_request.account_id and a.lenser_id is not distinct from v_owner;
    return null;
  end if;

  -- The charge and its generation share an id, as in general; so does the one entry. It was priced before it waited: a
  -- price that somebody set in between is not its.
  insert into billing.charges (
    id, lenser_id, account_id, spender_id, hold_id, generation_id, model_id, feature_id, feature_key, usage, service_tier,
    variant, region, priced_at, lines, credits, created_at, is_estimated
  ) values (
    v_id, v_owner, p_request.account_id, v_owner, p_hold.id, v_id, v_priced.model_id, v_priced.feature_id,
    p_request.feature, p_request.usage, p_request.service_tier, p_request.variant, p_request.region, v_priced_at,
    ('[' || v_priced.lines || ']')::jsonb, v_priced.credits, v_at, p_request.is_estimated
  );
  insert into billing.charge_costs (id, lenser_id, currency, cost, credit_rate_id, margin_policy_id, price_ids)
  values (
    v_id, v_owner, v_priced.currency, v_priced.cost, v_priced.credit_rate_id, v_priced.margin_policy_id,
    v_priced.price_ids
  );
  -- Priced, its usage is one; with its time, it is left alone by the log's trigger.
  insert into ai.generations (
    id, lenser_id, model_id, feature_key, usage, status, prompt, output, latency_ms, created_at
  ) values (
    v_id, v_owner, v_priced.model_id, p_request.feature, p_request.usage, 'completed', p_request.prompt, p_request.output,
    p_request.latency_ms, v_at
  );
  insert into billing.ledger_entries (
    id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, effective_at, created_at
  ) values (
    v_id, v_owner, p_request.account_id, v_number, 'charge', -v_priced.credits, v_posted, v_lot_id, v_id, v_at, v_at
  );
  return v_answer;
end;
$$;

create function ratebook.capture_lot(
  p_hold billing.holds, p_lot_id uuid, p_credits numeric, p_charge_id uuid, p_at timestamptz
) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Something that is free of it is left: neither is it closed, nor has it ended or been taken back meanwhile.
  update billing.grants as g
  set remaining = g.remaining - p_credits, reserved = g.reserved - p_hold.amount
  where
    g.id = p_lot_id
    and g.lenser_id is not distinct from p_hold.lenser_id
    and g.remaining - g.reserved + p_hold.amount > p_credits
    and coalesce(g.expires_at, 'infinity') > p_at
    and g.revoked_at is null;
  if not found then
    return false;
  end if;
  update billing.holds as h
  set status = 'captured', charge_id = p_charge_id, ended_at = p_at
  where h.id = p_hold.id and h.lenser_id is not distinct from p_hold.lenser_id and h.status = 'open';
  if found then
    return true;
  end if;
  update billing.grants as g
  set remaining = g.remaining + p_credits, reserved = g.reserved + p_hold.amount
  where g.id = p_lot_id and g.lenser_id is not distinct from p_hold.lenser_id;
  return false;
end;
$$;

create function ratebook.give_back_lot(
  p_lot_id uuid, p_owner uuid, p_credits numeric, p_hold billing.holds
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update billing.grants as g
  set remaining = g.remaining + p_credits, reserved = g.reserved + coalesce(p_hold.amount, 0)
  where g.id = p_lot_id and g.lenser_id is not distinct from p_owner;
  update billing.holds as h
  set status = 'open', charge_id = null, ended_at = null
  where h.id = p_hold.id and h.lenser_id is not distinct from p_owner;
end;
$$;

create function ratebook.charge(p_request ratebook.charge_request) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(ratebook.charge_plainly(p_request), ratebook.charge_in_general(p_request));
end;
$$;

revoke all on function ratebook.charge_plainly(ratebook.charge_request, billing.holds) from public;
revoke all on function ratebook.capture_lot(billing.holds, uuid, numeric, uuid, timestamptz) from public;
revoke all on function ratebook.give_back_lot(uuid, uuid, numeric, billing.holds) from public;
revoke all on function ratebook.charge(ratebook.charge_request) from public;

comment on function ratebook.charge_plainly(ratebook.charge_request, billing.holds) is
'ratebook.charge() for the plain case, or what captures a hold, given as it was read without a lock; NULL where it is not plain and nothing is written. Errors: those of ratebook.price_request() for an offer, owner_required (PT422).';
comment on function ratebook.capture_lot(billing.holds, uuid, numeric, uuid, timestamptz) is
'Takes credits from the lot that a hold keeps, lets the rest go, and ends the hold, behind the account''s lock; false where it is not open or the lot is not plain, and nothing is written.';
comment on function ratebook.give_back_lot(uuid, uuid, numeric, billing.holds) is
'Undoes what a plain charge took from its lot, and the end of its hold.';
comment on function ratebook.charge(ratebook.charge_request) is
'The rule behind billing.charge_generation(): lock, answered already? price, ask the limits, pay, write.';
