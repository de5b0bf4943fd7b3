create type ratebook.locked_hold as (
  hold billing.holds,
  account billing.accounts
);

create function ratebook.lock_hold(p_hold_id uuid, p_owner uuid) returns ratebook.locked_hold
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner uuid := ratebook.owner_of('hold', p_hold_id, p_owner);
  v_hold billing.holds;
  v_account billing.accounts;
begin
  select h.* into v_hold from billing.holds as h where h.id = p_hold_id and h.lenser_id is not distinct from v_owner;
  if not found then
    perform ratebook.fail('unknown_hold', format('There is no hold %s.', p_hold_id), null,
      jsonb_build_object('hold', p_hold_id));
  end if;
  v_account := ratebook.lock_account(v_hold.account_id, v_owner);
  -- As it is behind the lock.
  select h.* into v_hold from billing.holds as h where h.id = p_hold_id and h.lenser_id is not distinct from v_owner;
  return (v_hold, v_account)::ratebook.locked_hold;
end;
$$;

create function ratebook.assert_capturable(p_hold billing.holds) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_hold.status not in ('open', 'expired') then
    perform ratebook.fail('hold_not_open', format('The hold was %s.', p_hold.status),
      'A hold is captured or released once.', jsonb_build_object('hold', p_hold.id, 'status', p_hold.status));
  end if;
end;
$$;

create function ratebook.end_hold(
  p_hold billing.holds, p_status billing.hold_status_enum, p_charge_id uuid, p_account billing.accounts
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts := p_account;
  v_lot record;
begin
  update billing.holds as h
  set status = p_status, charge_id = p_charge_id, ended_at = least(p_account.updated_at, h.expires_at)
  where h.id = p_hold.id and h.lenser_id is not distinct from p_hold.lenser_id;
  -- What it kept back of a lot that has expired is gone now.
  if exists (
    select from billing.grants as g
    where
      g.account_id = p_account.id
      and g.lenser_id is not distinct from p_account.lenser_id
      and g.closed_at is null
      and g.expires_at <= p_account.updated_at
      and p_hold.lots ? g.id::text
  ) then
    v_account := ratebook.settle(p_account, p_account.updated_at);
  end if;
  -- What it spent of a lot that was taken back is owed.
  for v_lot in
    select g.id, g.spent
    from jsonb_object_keys(p_hold.lots) as k (id)
    inner join lateral (
      select o.id, o.amount - o.remaining - o.expired - o.revoked as spent
      from billing.grants as o
      where
        o.id = k.id::uuid and o.lenser_id is not distinct from p_hold.lenser_id and o.revoked_at is not null
      offset 0
    ) as g on true
    where g.spent > 0
    order by g.id
  loop
    v_account := ratebook.owe(v_account, v_lot.id, v_lot.spent, null);
  end loop;
  -- What it gave back pays what is owed.
  return ratebook.repay(v_account);
end;
$$;

-- What a key stands for of a capture.
create function ratebook.capture_asked(
  p_hold_id uuid,
  p_amount numeric,
  p_usage jsonb,
  p_format text,
  p_generation uuid,
  p_is_estimated boolean,
  p_reported_cost numeric,
  p_reported_currency text
) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_asked jsonb := jsonb_build_object('hold', p_hold_id, 'usage', p_usage);
begin
  -- Most say no more than a usage.
  if num_nonnulls(p_amount, p_format, p_generation, nullif(p_is_estimated, false), p_reported_cost, p_reported_currency) > 0 then
    v_asked := v_asked
      || jsonb_build_object('amount', trim_scale(p_amount), 'format', p_format, 'generation', p_generation)
      || ratebook.reported(p_is_estimated, p_reported_cost, p_reported_currency);
  end if;
  return v_asked;
end;
$$;

create function ratebook.expected(
  p_hold billing.holds, p_generation uuid, p_prompt text, p_output text, p_latency_ms integer
) returns ratebook.charge_request
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_feature text;
begin
  if p_hold.feature_id is not null then
    select f.key into v_feature from ai.features as f where f.id = p_hold.feature_id;
  end if;
  return ratebook.make_charge_request(
    p_hold.account_id, p_hold.model_id::text, p_hold.usage, null, v_feature, p_hold.service_tier, p_hold.variant,
    p_hold.region, p_hold.spender_id, p_generation, p_prompt, p_output, p_latency_ms, null, p_hold.lenser_id
  );
end;
$$;

create function ratebook.capture_in_general(
  p_hold_id uuid,
  p_amount numeric,
  p_usage jsonb,
  p_format text,
  p_generation uuid,
  p_prompt text,
  p_output text,
  p_latency_ms integer,
  p_is_estimated boolean,
  p_reported_cost numeric,
  p_reported_currency text,
  p_key text,
  p_owner uuid
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A hold is captured once: without a key it is its own.
  v_key text := coalesce(p_key, 'hold ' || p_hold_id);
  v_request jsonb := ratebook.capture_asked(
    p_hold_id, p_amount, p_usage, p_format, p_generation, p_is_estimated, p_reported_cost, p_reported_currency
  );
  v_locked ratebook.locked_hold;
  v_hold billing.holds;
  v_account billing.accounts;
  v_free billing.accounts;
  v_response jsonb;
  v_asked ratebook.charge_request;
  v_priced ratebook.priced_charge;
  v_charge billing.charges;
  v_held numeric := 0;
  v_rest numeric;
  v_movements ratebook.movement[] := '{}'::ratebook.movement[];
  v_warnings jsonb;
begin
  -- One thing says what it comes to.
  if p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount);
    if p_usage is not null or p_reported_cost is not null then
      perform ratebook.fail('invalid_argument', 'An amount says what to capture, and so does a usage or a reported cost.',
        'Pass one of them.');
    end if;
  end if;
  -- Its state is read behind the lock: a hold is captured or released by one call. One that timed out may still be
  -- charged.
  v_locked := ratebook.lock_hold(p_hold_id, p_owner);
  v_hold := v_locked.hold;
  v_account := v_locked.account;
  v_response := ratebook.recall_own(v_account.id, v_account.lenser_id, 'capture_hold', v_key, p_key is null, v_request);
  if v_response is not null then
    return v_response;
  end if;
  perform ratebook.assert_capturable(v_hold);

  -- Prices are as of the hold, also where the model has been switched off since.
  -- All that was held is what was expected; what the answer states counts before it.
  v_asked := ratebook.expected(v_hold, p_generation, p_prompt, p_output, p_latency_ms);
  if num_nonnulls(p_amount, p_usage, p_reported_cost) > 0 then
    v_asked := ratebook.answered(v_asked, p_format, p_usage);
  end if;
  v_asked := ratebook.report(v_asked, p_is_estimated, p_reported_cost, p_reported_currency);
  if num_nonnulls(p_usage, p_reported_cost) > 0 and v_hold.model_id is null then
    perform ratebook.fail('invalid_argument', 'This hold names no model that could price a usage.',
      'Pass an amount, or name the model when you authorize.');
  -- The provider's cost, at the rate and margin of the hold.
  elsif p_reported_cost is not null then
    v_priced := ratebook.price_reported(
      v_asked, v_account, v_hold.created_at, v_hold.price_source, v_hold.price_currency
    );
    v_charge := v_priced.charge;
  elsif (v_asked).usage is not null and v_hold.model_id is not null then
    v_priced := ratebook.price_charge(
      v_asked, v_account, v_hold.created_at, v_hold.price_source, v_hold.price_currency
    );
    v_charge := v_priced.charge;
  -- An amount is charged without lines; what the hold said about the work goes with it.
  else
    v_charge.id := ratebook.uuid_v7(v_account.updated_at);
    v_charge.lenser_id := v_account.lenser_id;
    v_charge.account_id := v_account.id;
    v_charge.spender_id := v_hold.spender_id;
    v_charge.generation_id := coalesce(
      p_generation, case when v_hold.model_id is not null then v_charge.id end
    );
    v_charge.model_id := v_hold.model_id;
    v_charge.feature_id := v_hold.feature_id;
    v_charge.feature_key := v_asked.feature;
    v_charge.service_tier := v_hold.service_tier;
    v_charge.variant := v_hold.variant;
    v_charge.region := v_hold.region;
    v_charge.priced_at := v_hold.created_at;
    v_charge.created_at := v_account.updated_at;
    v_charge.is_estimated := v_asked.is_estimated;
    v_charge.is_cost_reported := false;
  end if;
  if num_nonnulls(p_usage, p_reported_cost) = 0 then
    v_charge.credits := coalesce(p_amount, v_hold.amount);
  end if;
  -- Money rows of an erased lenser stay; a new generation there is none.
  if p_generation is null and not (v_account.is_plain and v_hold.spender_id = v_account.lenser_id) and exists (
    select from lensers.profiles as p where p.id = v_hold.spender_id and p.erased_at is not null
  ) then
    v_charge.generation_id := null;
  end if;
  v_charge.hold_id := v_hold.id;

  -- What the hold keeps is free for its own charge; one that timed out keeps nothing, and competes like any charge.
  v_free := v_account;
  if v_hold.status = 'open' then
    v_held := v_hold.amount;
    v_movements := ratebook.let_go(v_hold);
    v_free.reserved := v_account.reserved - v_held;
  end if;
  v_warnings := ratebook.count_spending(
    (
      v_charge.spender_id, v_account.id, v_account.lenser_id, v_charge.model_id, v_hold.feature_id, v_charge.credits,
      v_held, v_hold.id, false
    )::ratebook.spending,
    v_account
  );
  -- What was held may be captured, whatever has become of the account since.
  if v_charge.credits > v_held then
    perform ratebook.assert_available(v_free, v_charge.credits);
  end if;

  -- Its own lots pay first, also those that have expired since; what is more, like any charge.
  if v_held > 0 then
    select v_movements || array_agg(
      (v_account.id, t.id, -t.taken, 0, 'charge', v_charge.id, null, null)::ratebook.movement order by t.place
    ) filter (where t.taken > 0)
    into v_movements
    from (
      select
        l.id,
        l.place,
        least(l.reserved, greatest(v_charge.credits - l.before, 0)) as taken
      from (
        select
          g.id,
          row_number() over burn_order as place,
          k.value::numeric as reserved,
          coalesce(sum(k.value::numeric) over (burn_order rows between unbounded preceding and 1 preceding), 0) as before
        from jsonb_each(v_hold.lots) as k
        -- With the offset it is one lookup each, whatever the planner thinks of the table.
        inner join lateral (
          select o.*
          from billing.grants as o
          where o.id = k.key::uuid and o.lenser_id is not distinct from v_account.lenser_id
          offset 0
        ) as g on true
        window burn_order as (order by g.priority, g.expires_at, g.id)
      ) as l
    ) as t;
  end if;
  v_rest := v_charge.credits - coalesce((select -sum(m.amount) from unnest(v_movements) as m), 0);
  v_movements := v_movements || ratebook.allocate(v_account, v_rest, v_charge.id);

  -- The charge stands before the entries that name it; the hold ends last, when its lots have paid.
  perform ratebook.write_charge(v_charge, v_priced.cost, v_asked);
  v_account := ratebook.post(v_account, v_movements);
  v_account := ratebook.end_hold(v_hold, 'captured', v_charge.id, v_account);
  return ratebook.remember(v_account, 'capture_hold', v_key, v_request, ratebook.charge_object(
    v_charge, v_priced.cost, v_account, v_warnings
  ));
end;
$$;

create function ratebook.capture_hold(
  p_hold_id uuid,
  p_amount numeric,
  p_usage jsonb,
  p_format text,
  p_generation uuid,
  p_prompt text,
  p_output text,
  p_latency_ms integer,
  p_is_estimated boolean,
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
  v_hold billing.holds;
  v_asked ratebook.charge_request;
  v_answer jsonb;
begin
  -- A usage in meters of an open hold, which is read again behind the account's lock.
  if jsonb_typeof(p_usage) = 'object'
    and num_nonnulls(p_amount, p_format, p_generation, nullif(p_is_estimated, false), p_reported_cost, p_reported_currency) = 0
  then
    p_owner := ratebook.owner_of('hold', p_hold_id, p_owner);
    select h.* into v_hold
    from billing.holds as h
    where h.id = p_hold_id and h.lenser_id is not distinct from p_owner;
    if v_hold.status = 'open' and v_hold.model_id is not null then
      v_asked := ratebook.expected(v_hold, null, p_prompt, p_output, p_latency_ms);
      v_asked.usage := p_usage;
      v_asked.key := coalesce(p_key, 'hold ' || p_hold_id);
      v_asked.request := ratebook.capture_asked(p_hold_id, null, p_usage, null, null, false, null, null);
      v_answer := ratebook.charge_plainly(v_asked, v_hold);
    end if;
  end if;
  return coalesce(v_answer, ratebook.capture_in_general(
    p_hold_id, p_amount, p_usage, p_format, p_generation, p_prompt, p_output, p_latency_ms, p_is_estimated,
    p_reported_cost, p_reported_currency, p_key, p_owner
  ));
end;
$$;

create function billing.capture_hold(
  hold uuid,
  amount numeric default null,
  usage jsonb default null,
  format text default null,
  generation uuid default null,
  prompt text default null,
  output text default null,
  latency_ms integer default null,
  estimated boolean default false,
  reported_cost numeric default null,
  reported_currency text default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.capture_hold(
    hold, amount, usage, format, generation, prompt, output, latency_ms, estimated, reported_cost, reported_currency,
    idempotency_key, owner
  );
end;

revoke all on function ratebook.lock_hold(uuid, uuid) from public;
revoke all on function ratebook.assert_capturable(billing.holds) from public;
revoke all on function ratebook.end_hold(
  billing.holds, billing.hold_status_enum, uuid, billing.accounts
) from public;
revoke all on function ratebook.capture_asked(uuid, numeric, jsonb, text, uuid, boolean, numeric, text) from public;
revoke all on function ratebook.expected(billing.holds, uuid, text, text, integer) from public;
revoke all on function ratebook.capture_in_general(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) from public;
revoke all on function ratebook.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) from public;
revoke all on function billing.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) from public;
grant execute on function ratebook.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) to service_role;
grant execute on function billing.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) to service_role;

comment on type ratebook.locked_hold is 'A hold and its account.';
comment on column ratebook.locked_hold.hold is 'The hold.';
comment on column ratebook.locked_hold.account is 'The account, locked and settled.';
comment on function ratebook.lock_hold(uuid, uuid) is
'A hold and its account, of the owner if one is named, locked and settled. Errors: unknown_hold (PT404), owner_required (PT422).';
comment on function ratebook.assert_capturable(billing.holds) is
'Refuses a hold that was captured or released; one that timed out may still be charged. Error: hold_not_open (PT409).';
comment on function ratebook.end_hold(billing.holds, billing.hold_status_enum, uuid, billing.accounts) is
'Ends a hold whose movements are posted; what that frees of expired lots expires. Returns the account as it is then.';
comment on function ratebook.capture_asked(uuid, numeric, jsonb, text, uuid, boolean, numeric, text) is
'What a key stands for of a capture: its arguments, but for the content of the generation.';
comment on function ratebook.expected(billing.holds, uuid, text, text, integer) is
'What a hold expects to be charged, as a request of its own.';
comment on function ratebook.capture_in_general(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) is
'The rule behind billing.capture_hold(), for every case: lock, answered already? price, ask the limits, pay, write, end the hold.';
comment on function ratebook.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) is
'The rule behind billing.capture_hold(): plainly, as ratebook.charge_plainly() knows it, or in general.';
comment on function billing.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) is
'Service role only. Turns a hold into a charge, at the prices of the hold: of an amount, of a usage (with format, the provider''s own or the answer that holds it, which says more of service tier, variant and region than the hold), of what the provider says that it cost (reported_cost, in reported_currency or the model''s), or else of all that was held. estimated: true for a charge that billing.settle_charge() may settle later. Less gives the rest back; 0 is allowed; more is taken from what is available and the overdraft, or refused, and the hold stays. A hold that timed out is charged like anything else. Without an idempotency_key the hold itself is the key: the same capture again gets the same answer. owner: the account''s lenser. Returns what billing.charge_generation() does. Errors: unknown_hold, unknown_generation (PT404), hold_not_open, already_charged, idempotency_conflict (PT409), invalid_amount, invalid_argument, owner_required and those of usages (PT422), insufficient_credits, budget_exceeded, member_limit_exceeded (PT402).';
