-- Nearly every charge: an owner's own, of what has an offer, from an account that nothing but its balance can refuse, paid
-- by the lot that burns first. It is priced before it waits, debited by one update, and written behind that. Whatever is
-- not so is NULL, with nothing left written, and charged in general: to the same effect.
create function ratebook.charge_plainly(p_request ratebook.charge_request) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- In few expressions, each of which is prepared anew in every transaction.
declare
  v_now constant timestamptz := ratebook.clock();
  v_owner constant uuid := coalesce(p_request.owner_id, p_request.account_id);
  v_priced ratebook.priced_request;
  v_at timestamptz;
  v_ends timestamptz;
  v_posted numeric;
  v_reserved numeric;
  v_debt numeric;
  v_upcoming numeric;
  v_number bigint;
  v_lot_id uuid;
  v_id uuid;
  v_is_done boolean := false;
  v_answer jsonb;
begin
  if num_nonnulls(p_request.generation_id, p_request.reported_cost) > 0 or p_request.lenser_id <> v_owner then
    return null;
  end if;
  -- Asked before anything is written: also an update that finds no row keeps out whoever makes a month.
  perform
  from billing.accounts as a
  where
    a.id = p_request.account_id and a.lenser_id is not distinct from v_owner and a.is_plain and a.months_until > v_now;
  if not found then
    return null;
  end if;
  -- Unlocked: what it costs, which nobody waits for.
  if p_request.owner_id is null then
    perform ratebook.require_owner();
  end if;
  v_priced := ratebook.price_request(
    p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
    v_now, true, false, p_stated => p_request.stated, p_offers_only => true
  );
  if (v_priced.is_active and v_priced.credits > 0) is not true then
    return null;
  end if;

  -- This update is the account's lock. What it asks of time was true before it waited; what it returns is read after.
  update billing.accounts as a
  set posted = trim_scale(a.posted - v_priced.credits), entries = a.entries + 1, updated_at = greatest(a.updated_at, v_now)
  where
    a.id = p_request.account_id
    and a.lenser_id is not distinct from v_owner
    and a.is_plain
    and a.months_until > v_now
    and a.posted - a.reserved - a.upcoming - v_priced.credits >= greatest(a.low_balance_mark, -a.overdraft_limit)
  returning a.updated_at, least(a.months_until, a.next_event_at), a.posted, a.reserved, a.debt, a.upcoming, a.entries,
    a.head_id
  into v_at, v_ends, v_posted, v_reserved, v_debt, v_upcoming, v_number, v_lot_id;
  if not found then
    return null;
  end if;
  -- Something of the lot is left, so that it stays the first.
  if greatest(v_at, ratebook.clock()) < least(v_ends, v_priced.ends) then
    update billing.grants as g
    set remaining = g.remaining - v_priced.credits
    where
      g.id = v_lot_id and g.lenser_id is not distinct from v_owner and g.remaining - g.reserved > v_priced.credits;
    v_is_done := found;
  end if;
  if v_is_done then
    v_id := ratebook.uuid_v7(v_at);
    v_answer := ratebook.charge_object(
      v_id, v_id, p_request.account_id, v_priced.model_id, v_priced.credits, v_priced.cost, v_priced.currency, v_posted,
      v_reserved, v_debt, v_upcoming, '[]'
    );
    -- A key that has its answer, maybe by whoever had the lock before, is answered in general.
    if p_request.key is not null then
      insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
      values (p_request.account_id, v_owner, 'charge_generation', p_request.key, p_request.request, v_answer, v_at)
      on conflict do nothing;
      if not found then
        v_is_done := false;
        update billing.grants as g
        set remaining = g.remaining + v_priced.credits
        where g.id = v_lot_id and g.lenser_id is not distinct from v_owner;
      end if;
    end if;
  end if;
  -- Given back: the lock is held, and nobody has seen it.
  if not v_is_done then
    update billing.accounts as a
    set posted = trim_scale(a.posted + v_priced.credits), entries = a.entries - 1
    where a.id = p_request.account_id and a.lenser_id is not distinct from v_owner;
    return null;
  end if;

  -- The charge and its generation share an id, as in general; so does the one entry. It was priced before it waited: a
  -- price that somebody set in between is not its.
  insert into billing.charges (
    id, lenser_id, account_id, spender_id, generation_id, model_id, feature_id, feature_key, usage, service_tier, variant,
    region, priced_at, lines, credits, created_at, is_estimated
  ) values (
    v_id, v_owner, p_request.account_id, v_owner, v_id, v_priced.model_id, v_priced.feature_id, p_request.feature,
    p_request.usage, p_request.service_tier, p_request.variant, p_request.region, v_now,
    ('[' || v_priced.lines || ']')::jsonb, trim_scale(v_priced.credits), v_at, p_request.is_estimated
  );
  insert into billing.charge_costs (id, lenser_id, currency, cost, credit_rate_id, margin_policy_id, price_ids)
  values (
    v_id, v_owner, v_priced.currency, trim_scale(v_priced.cost), v_priced.credit_rate_id, v_priced.margin_policy_id,
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
    v_id, v_owner, p_request.account_id, v_number, 'charge', trim_scale(-v_priced.credits), v_posted, v_lot_id, v_id, v_at, v_at
  );
  return v_answer;
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

revoke all on function ratebook.charge_plainly(ratebook.charge_request) from public;
revoke all on function ratebook.charge(ratebook.charge_request) from public;

comment on function ratebook.charge_plainly(ratebook.charge_request) is
'ratebook.charge() for the plain case, or NULL where it is not one and nothing is written. Errors: those of ratebook.price_request() for an offer, owner_required (PT422).';
comment on function ratebook.charge(ratebook.charge_request) is
'The rule behind billing.charge_generation(): lock, answered already? price, ask the limits, pay, write.';
