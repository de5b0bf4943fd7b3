create function ratebook.refund_charge(
  p_charge_id uuid,
  p_amount numeric,
  p_reason text,
  p_extend_to timestamptz,
  p_key text,
  p_owner uuid
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
  v_owner uuid := ratebook.owner_of('charge', p_charge_id, p_owner);
  v_request jsonb := jsonb_build_object(
    'charge', p_charge_id, 'amount', trim_scale(p_amount), 'reason', p_reason, 'extend_to', p_extend_to
  );
  v_charge billing.charges;
  v_account billing.accounts;
  v_response jsonb;
  v_at timestamptz;
  v_since uuid;
  v_until uuid;
  v_refunded numeric;
  v_amount numeric;
  v_overdraft numeric;
  v_grant_id uuid;
  v_movements ratebook.movement[];
begin
  if p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount, 1e-12);
  end if;
  -- A charge never changes: it is read without a lock, and names the account to lock.
  select c.* into v_charge
  from billing.charges as c
  where c.id = p_charge_id and c.lenser_id is not distinct from v_owner;
  if v_charge.id is null then
    perform ratebook.fail('unknown_charge', format('There is no charge %s.', p_charge_id), null,
      jsonb_build_object('charge', p_charge_id));
  end if;
  v_account := ratebook.lock_account(v_charge.account_id, v_owner);
  -- Its entries lie between its own time and now: with both bounds a look-up reads those months alone.
  v_at := v_account.updated_at;
  v_since := ratebook.uuid_v7_floor(v_charge.created_at);
  v_until := ratebook.uuid_v7_floor(v_at + interval '1 millisecond');
  v_response := ratebook.recall(v_account.id, v_owner, 'refund_charge', p_key, v_request);
  if v_response is not null then
    return v_response;
  end if;
  -- An end in the past would take the credits away again at once.
  if p_extend_to <= v_at or not isfinite(p_extend_to) then
    perform ratebook.fail('invalid_time', 'A lot is extended to a time ahead.', 'Leave out extend_to to leave lots as they are.');
  end if;

  -- Behind the lock, so that two refunds cannot both give back the same credits.
  select coalesce(sum(e.amount), 0) into v_refunded
  from billing.ledger_entries as e
  where
    e.charge_id = p_charge_id
    and e.lenser_id is not distinct from v_owner
    and e.kind = 'refund'
    and e.id >= v_since
    and e.id < v_until;
  v_amount := coalesce(p_amount, v_charge.credits - v_refunded);
  if v_amount > v_charge.credits - v_refunded or v_amount = 0 then
    perform ratebook.fail(
      'refund_exceeds_charge',
      format('Of %s credits %s were refunded already.', trim_scale(v_charge.credits), trim_scale(v_refunded)),
      'A charge is refunded once, in whole or in parts.',
      jsonb_build_object(
        'charge', p_charge_id, 'charged', trim_scale(v_charge.credits)::text,
        'refunded', trim_scale(v_refunded)::text, 'asked', trim_scale(v_amount)::text
      )
    );
  end if;

  -- Backwards over what the charge took: its last entry gets back first, from where the last refund stopped.
  select
    array_agg(
      (v_account.id, t.grant_id, t.amount, 0, 'refund', p_charge_id, null, p_reason)::ratebook.movement
      order by t.number desc
    ) filter (where t.grant_id is not null),
    coalesce(sum(t.amount) filter (where t.grant_id is null), 0)
  into v_movements, v_overdraft
  from (
    select
      s.number,
      s.grant_id,
      least(s.upper, v_refunded + v_amount) - greatest(s.upper - s.size, v_refunded) as amount
    from (
      select
        e.number,
        e.grant_id,
        -e.amount as size,
        sum(-e.amount) over (order by e.number desc) as upper
      -- Only what the charge took: earlier refunds are where the line begins.
      from billing.ledger_entries as e
      where
        e.charge_id = p_charge_id
        and e.lenser_id is not distinct from v_owner
        and e.kind = 'charge'
        and e.id >= v_since
        and e.id < v_until
    ) as s
  ) as t
  where t.amount > 0;

  -- What was overdraft takes debt off; debt that was repaid since has become a lot's to give back.
  if v_overdraft > 0 then
    v_movements := (
      v_account.id, null, least(v_overdraft, v_account.debt), 0, 'refund', p_charge_id, null, p_reason
    )::ratebook.movement || v_movements;
    if v_overdraft > v_account.debt then
      v_grant_id := ratebook.uuid_v7(v_at);
      insert into billing.grants (id, lenser_id, account_id, amount, source, created_at)
      values (v_grant_id, v_account.lenser_id, v_account.id, v_overdraft - v_account.debt, 'refund', v_at);
      v_movements := v_movements || (
        v_account.id, v_grant_id, v_overdraft - v_account.debt, 0, 'refund', p_charge_id, null, p_reason
      )::ratebook.movement;
    end if;
  end if;
  -- Before the entries are written: an expired lot that is extended keeps what it gets back.
  if p_extend_to is not null then
    -- Looked up one by one and by the key, whatever the planner thinks of the table; here and below.
    update billing.grants as g
    set expires_at = p_extend_to
    from unnest(v_movements) as m
    cross join lateral (
      select o.ctid
      from billing.grants as o
      where o.id = m.grant_id and o.lenser_id is not distinct from v_owner and o.expires_at <= v_at
      offset 0
    ) as f
    where g.ctid = f.ctid;
  end if;
  -- A member's limit and the budgets get back what is refunded.
  perform ratebook.uncount_spending(v_charge, v_amount);
  v_account := ratebook.post(v_account, v_movements);
  -- What went back into an expired lot expires again; what opened another has an end to wait for.
  if exists (
    select from unnest(v_movements) as m
    cross join lateral (
      select from billing.grants as g
      where g.id = m.grant_id and g.lenser_id is not distinct from v_owner and g.expires_at is not null
      offset 0
    ) as f
  ) then
    v_account := ratebook.settle(v_account, v_at);
  end if;

  return ratebook.remember(v_account, 'refund_charge', p_key, v_request, jsonb_build_object(
    'charge_id', p_charge_id,
    'account_id', v_account.id,
    'amount', trim_scale(v_amount)::text,
    'refunded', trim_scale(v_refunded + v_amount)::text,
    'balance', ratebook.balance_object(v_account)
  ));
end;
$$;

create function billing.refund_charge(
  charge uuid,
  amount numeric default null,
  reason text default null,
  extend_to timestamptz default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.refund_charge(charge, amount, reason, extend_to, idempotency_key, owner);
end;

revoke all on function ratebook.refund_charge(uuid, numeric, text, timestamptz, text, uuid) from public;
revoke all on function billing.refund_charge(uuid, numeric, text, timestamptz, text, uuid) from public;
grant execute on function ratebook.refund_charge(uuid, numeric, text, timestamptz, text, uuid) to service_role;
grant execute on function billing.refund_charge(uuid, numeric, text, timestamptz, text, uuid) to service_role;

comment on function ratebook.refund_charge(uuid, numeric, text, timestamptz, text, uuid) is
'The rule behind billing.refund_charge().';
comment on function billing.refund_charge(uuid, numeric, text, timestamptz, text, uuid) is
'Service role only. Gives back a charge, or a part of it, to the lots that paid, the last one first; what was overdraft takes debt off. amount: all that is left of it unless told. What goes back into an expired lot expires at once, unless extend_to gives such lots a new end. owner: the account''s lenser. Returns charge_id, account_id, amount, refunded (in all) and balance. Errors: unknown_charge (PT404), refund_exceeds_charge, idempotency_conflict (PT409), invalid_amount, invalid_time, owner_required (PT422).';
