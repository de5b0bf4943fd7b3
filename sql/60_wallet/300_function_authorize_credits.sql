create function ratebook.hold_object(
  p_hold_id uuid,
  p_account_id uuid,
  p_amount numeric,
  p_expires_at timestamptz,
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
    '{"hold_id": "%s", "account_id": "%s", "amount": "%s", "expires_at": %s, "balance": %s, "warnings": %s}',
    p_hold_id, p_account_id, trim_scale(p_amount), to_jsonb(p_expires_at),
    ratebook.balance_text(p_posted, p_reserved, p_debt, p_upcoming), p_warnings
  )::jsonb;
end;
$$;

-- Nearly every hold, as ratebook.charge_plainly() knows charges: priced before it waits, kept back by one update of the
-- account and one of the lot that burns first. NULL where it is not so, with nothing left written.
create function ratebook.hold_plainly(
  p_expires_in interval, p_request ratebook.charge_request
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := ratebook.clock();
  v_owner constant uuid := coalesce(p_request.owner_id, p_request.account_id);
  v_seconds constant numeric := extract(epoch from p_expires_in);
  v_length interval;
  v_priced ratebook.priced_request;
  v_id uuid;
  v_at timestamptz;
  v_ends timestamptz;
  v_posted numeric;
  v_reserved numeric;
  v_debt numeric;
  v_upcoming numeric;
  v_lot_id uuid;
  v_is_done boolean := false;
  v_answer jsonb;
begin
  if p_request.lenser_id <> v_owner or (v_seconds > 0 and v_seconds <= 7 * 86400) is not true then
    return null;
  end if;
  -- An interval of months and days is of another length on the calendar.
  v_length := v_seconds * interval '1 second';
  if p_request.owner_id is null then
    perform ratebook.require_owner();
  end if;
  v_priced := ratebook.price_request(
    p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
    v_now, true, p_stated => p_request.stated, p_offers_only => true
  );
  if (v_priced.is_active and v_priced.credits > 0) is not true or ratebook.enforces_entitlements() then
    return null;
  end if;

  -- This update is the account's lock.
  update billing.accounts as a
  set
    reserved = a.reserved + v_priced.credits,
    next_event_at = least(a.next_event_at, greatest(a.updated_at, v_now) + v_length),
    updated_at = greatest(a.updated_at, v_now)
  where
    a.id = p_request.account_id
    and a.lenser_id is not distinct from v_owner
    and a.is_plain
    and a.months_until > v_now
    and a.posted - a.reserved - a.upcoming - v_priced.credits >= greatest(a.low_balance_mark, -a.overdraft_limit)
  returning a.updated_at, least(a.months_until, a.next_event_at, v_priced.ends), a.posted, a.reserved, a.debt,
    a.upcoming, a.head_id
  into v_at, v_ends, v_posted, v_reserved, v_debt, v_upcoming, v_lot_id;
  if not found then
    return null;
  end if;
  -- Something of the lot stays free, so that it stays the first.
  if greatest(v_at, ratebook.clock()) < v_ends then
    update billing.grants as g
    set reserved = g.reserved + v_priced.credits
    where
      g.id = v_lot_id and g.lenser_id is not distinct from v_owner and g.remaining - g.reserved > v_priced.credits;
    v_is_done := found;
  end if;
  v_id := ratebook.uuid_v7(v_at);
  if v_is_done then
    v_answer := ratebook.hold_object(
      v_id, p_request.account_id, v_priced.credits, v_at + v_length, v_posted, v_reserved, v_debt, v_upcoming, '[]'
    );
    -- A key that has its answer is answered in general.
    if p_request.key is not null then
      insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
      values (p_request.account_id, v_owner, 'authorize_credits', p_request.key, p_request.request, v_answer, v_at)
      on conflict do nothing;
      if not found then
        v_is_done := false;
        update billing.grants as g
        set reserved = g.reserved - v_priced.credits
        where g.id = v_lot_id and g.lenser_id is not distinct from v_owner;
      end if;
    end if;
  end if;
  -- Given back: the lock is held, and nobody has seen it. The next event may be said to be too early.
  if not v_is_done then
    update billing.accounts as a
    set reserved = a.reserved - v_priced.credits
    where a.id = p_request.account_id and a.lenser_id is not distinct from v_owner;
    return null;
  end if;

  -- What the model follows now is written down: the capture keeps to it, whatever the model follows by then.
  insert into billing.holds (
    id, lenser_id, account_id, spender_id, amount, lots, expires_at, model_id, price_source, price_currency, feature_id,
    usage, service_tier, variant, region, created_at
  ) values (
    v_id, v_owner, p_request.account_id, v_owner, v_priced.credits, jsonb_build_object(v_lot_id, v_priced.credits),
    v_at + v_length, v_priced.model_id, v_priced.source, v_priced.currency, v_priced.feature_id, p_request.usage,
    p_request.service_tier, p_request.variant, p_request.region, v_at
  );
  return v_answer;
end;
$$;

create function ratebook.hold_in_general(
  p_amount numeric,
  p_expires_in interval,
  p_request ratebook.charge_request
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_response jsonb;
  v_priced ratebook.priced_request;
  v_account billing.accounts;
  v_hold billing.holds;
  v_seconds numeric;
  v_warnings jsonb;
  v_movements ratebook.movement[];
begin
  -- Behind the account's lock, so that of two calls with one key the second finds the answer of the first.
  v_account := ratebook.lock_account(p_request.account_id, p_request.owner_id);
  v_response := ratebook.recall(
    v_account.id, v_account.lenser_id, 'authorize_credits', p_request.key, p_request.request
  );
  if v_response is not null then
    return v_response;
  end if;
  if not v_account.is_plain or p_request.lenser_id <> v_account.lenser_id then
    perform ratebook.assert_not_erased(array[v_account.lenser_id, p_request.lenser_id]);
  end if;
  -- In seconds: an interval of months and days is of another length on the calendar than in a comparison.
  v_seconds := extract(epoch from p_expires_in);
  if (v_seconds > 0 and v_seconds <= 7 * 86400) is not true then
    perform ratebook.fail('invalid_argument', 'A hold lasts more than nothing and at most 7 days.',
      'Set expires_in, such as 15 minutes.');
  end if;
  -- A usage with a model is priced now, which also proves that it can be; without one it is at least a usage.
  if p_request.model is not null and p_request.usage is not null then
    v_priced := ratebook.price_request(
      p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
      v_account.updated_at, true, p_stated => p_request.stated
    );
    v_hold.model_id := v_priced.model_id;
  elsif p_request.usage is not null then
    perform ratebook.assert_usage(p_request.usage);
  end if;
  -- The model is kept with an amount as well: a capture by usage is priced by it.
  if p_amount is null and v_priced.model_id is null then
    perform ratebook.fail('invalid_argument', 'Nothing says how much to hold.',
      'Pass an amount, or a model and the usage that you expect.');
  elsif p_request.model is not null and v_priced.model_id is null then
    v_hold.model_id := ratebook.model_id(p_request.model, true);
  end if;
  if p_request.service_tier is distinct from 'standard' then
    perform ratebook.assert_service_tier(p_request.service_tier);
  end if;
  perform ratebook.assert_active(array[v_hold.model_id]);
  perform ratebook.assert_entitled(
    v_hold.model_id, coalesce(p_request.lenser_id, v_account.lenser_id), v_account.updated_at
  );
  -- What the model follows now is written down: the capture keeps to it, whatever the model follows by then.
  select f.price_source, f.price_currency into v_hold.price_source, v_hold.price_currency
  from ratebook.price_source_at(v_hold.model_id, v_account.updated_at) as f;
  if p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount, 1e-12);
  end if;
  v_hold.amount := coalesce(p_amount, v_priced.credits);
  if p_request.feature is not null then
    v_hold.feature_id := ratebook.feature_id(p_request.feature);
  end if;

  -- Who spends may be another than the owner, who pays.
  v_hold.id := ratebook.uuid_v7(v_account.updated_at);
  v_hold.lenser_id := v_account.lenser_id;
  v_hold.account_id := v_account.id;
  v_hold.spender_id := coalesce(p_request.lenser_id, v_account.lenser_id);
  v_hold.created_at := v_account.updated_at;
  v_hold.expires_at := v_account.updated_at + v_seconds * interval '1 second';
  -- Limits and budgets allow the hold, and so its capture; they count it when it is charged.
  v_warnings := ratebook.count_spending(
    (
      v_hold.spender_id, v_account.id, v_account.lenser_id, v_hold.model_id, v_hold.feature_id, v_hold.amount, 0, null,
      true
    )::ratebook.spending,
    v_account
  );
  perform ratebook.assert_available(v_account, v_hold.amount);
  -- The lots that would burn now are kept back, so that what expires meanwhile still pays for the capture.
  v_movements := ratebook.allocate(v_account, v_hold.amount);
  insert into billing.holds (
    id, lenser_id, account_id, spender_id, amount, lots, expires_at, model_id, price_source, price_currency, feature_id,
    usage, service_tier, variant, region, created_at
  )
  select
    v_hold.id, v_hold.lenser_id, v_hold.account_id, v_hold.spender_id, v_hold.amount,
    coalesce(jsonb_object_agg(m.grant_id, m.reserved) filter (where m.grant_id is not null), '{}'),
    v_hold.expires_at, v_hold.model_id, v_hold.price_source, v_hold.price_currency, v_hold.feature_id,
    p_request.usage, p_request.service_tier, p_request.variant, p_request.region, v_hold.created_at
  from unnest(v_movements) as m;
  v_account := ratebook.move(v_account, v_movements, v_hold.expires_at);
  perform ratebook.write_account(v_account, ratebook.head(v_account));
  return ratebook.remember(
    v_account, 'authorize_credits', p_request.key, p_request.request,
    ratebook.hold_object(
      v_hold.id, v_account.id, v_hold.amount, v_hold.expires_at, v_account.posted, v_account.reserved, v_account.debt,
      v_account.upcoming, v_warnings
    )
  );
end;
$$;

create function ratebook.authorize_credits(
  p_amount numeric,
  p_expires_in interval,
  p_request ratebook.charge_request
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
-- What is kept with a key is the same whatever zone and style the caller writes times in.
set timezone = 'UTC' set intervalstyle = 'postgres'
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_answer jsonb;
begin
  p_request.request := p_request.request
    || jsonb_build_object('amount', trim_scale(p_amount), 'expires_in', p_expires_in);
  if p_amount is null then
    v_answer := ratebook.hold_plainly(p_expires_in, p_request);
  end if;
  return coalesce(v_answer, ratebook.hold_in_general(p_amount, p_expires_in, p_request));
end;
$$;

create function billing.authorize_credits(
  account uuid,
  amount numeric default null,
  model text default null,
  usage jsonb default null,
  format text default null,
  feature text default null,
  service_tier text default null,
  variant text default null,
  region text default null,
  expires_in interval default '15 minutes',
  lenser uuid default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.authorize_credits(
    amount,
    expires_in,
    ratebook.make_charge_request(
      account, model, usage, format, feature, service_tier, variant, region, lenser, null, null, null, null, idempotency_key,
      owner
    )
  );
end;

revoke all on function ratebook.hold_object(
  uuid, uuid, numeric, timestamptz, numeric, numeric, numeric, numeric, jsonb
) from public;
revoke all on function ratebook.hold_plainly(interval, ratebook.charge_request) from public;
revoke all on function ratebook.hold_in_general(numeric, interval, ratebook.charge_request) from public;
revoke all on function ratebook.authorize_credits(numeric, interval, ratebook.charge_request) from public;
revoke all on function billing.authorize_credits(
  uuid, numeric, text, jsonb, text, text, text, text, text, interval, uuid, text, uuid
) from public;
grant execute on function ratebook.authorize_credits(numeric, interval, ratebook.charge_request) to service_role;
grant execute on function billing.authorize_credits(
  uuid, numeric, text, jsonb, text, text, text, text, text, interval, uuid, text, uuid
) to service_role;

comment on function ratebook.hold_object(
  uuid, uuid, numeric, timestamptz, numeric, numeric, numeric, numeric, jsonb
) is
'What billing.authorize_credits() answers.';
comment on function ratebook.hold_plainly(interval, ratebook.charge_request) is
'ratebook.authorize_credits() of a usage in the plain case; NULL where it is not one and nothing is written. Errors: those of ratebook.price_request() for an offer, owner_required (PT422).';
comment on function ratebook.hold_in_general(numeric, interval, ratebook.charge_request) is
'ratebook.authorize_credits() in every case: lock, answered already? price, ask the limits, keep back, write.';
comment on function ratebook.authorize_credits(numeric, interval, ratebook.charge_request) is
'The rule behind billing.authorize_credits(): plainly or in general.';
comment on function billing.authorize_credits(
  uuid, numeric, text, jsonb, text, text, text, text, text, interval, uuid, text, uuid
) is
'Service role only. Keeps credits back for work that is about to begin: an amount, or what a model and an expected usage cost. Name the model also with an amount, to capture by usage later at the prices of now. service_tier, variant, region, usage and format: as in billing.charge_generation(). It times out after expires_in (15 minutes unless told, at most 7 days). lenser: who spends, the owner unless told. owner: the account''s lenser. Returns hold_id, account_id, amount, expires_at, balance and warnings. Errors: those of billing.quote(), unknown_account (PT404), invalid_amount, invalid_argument, owner_required (PT422), insufficient_credits, budget_exceeded, member_limit_exceeded (PT402), inactive_model, idempotency_conflict (PT409), not_allowed, not_entitled, erased_lenser (42501).';
