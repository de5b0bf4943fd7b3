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
  v_owner uuid;
  v_request jsonb := jsonb_build_object(
    'charge', p_charge_id, 'amount', trim_scale(p_amount), 'reason', p_reason, 'extend_to', p_extend_to
  );
  v_charge billing.charges;
  v_account billing.accounts;
  v_response jsonb;
  v_at timestamptz;
  v_refunded numeric;
  v_amount numeric;
  v_movements ratebook.movement[];
begin
  perform ratebook.assert_privileged();
  if p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount, 1e-12);
  end if;
  v_owner := ratebook.owner_of('charge', p_charge_id, p_owner);
  -- A charge never changes: it is read without a lock, and names the account to lock.
  select c.* into v_charge
  from billing.charges as c
  where c.id = p_charge_id and c.lenser_id is not distinct from v_owner;
  if v_charge.id is null then
    perform ratebook.unknown_charge(p_charge_id);
  end if;
  v_account := ratebook.lock_account(v_charge.account_id, v_owner);
  v_at := v_account.updated_at;
  v_response := ratebook.recall(v_account.id, v_owner, 'refund_charge', p_key, v_request);
  if v_response is not null then
    return v_response;
  end if;
  -- An end in the past would take the credits away again at once.
  if p_extend_to <= v_at or not isfinite(p_extend_to) then
    perform ratebook.fail('invalid_time', 'A lot is extended to a time ahead.', 'Leave out extend_to to leave lots as they are.');
  end if;

  -- Behind the lock, so that two refunds cannot both give back the same credits.
  v_refunded := ratebook.refunded(v_charge, v_at);
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

  v_movements := ratebook.unwind(v_charge, v_account, v_refunded, v_amount, p_reason);
  -- Before the entries are written: an expired lot that is extended keeps what it gets back.
  if p_extend_to is not null then
    -- Looked up one by one and by the key, whatever the planner thinks of the table.
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
  v_account := ratebook.repay(ratebook.end_again(v_account, v_movements));

  v_response := jsonb_build_object(
    'charge_id', p_charge_id,
    'account_id', v_account.id,
    'amount', trim_scale(v_amount)::text,
    'refunded', trim_scale(v_refunded + v_amount)::text,
    'balance', ratebook.balance_object(v_account)
  );
  perform ratebook.record_call(
    'billing.refund_charge', 'billing.charges', jsonb_build_object('id', p_charge_id), v_request, v_response
  );
  return ratebook.remember(v_account, 'refund_charge', p_key, v_request, v_response);
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
grant execute on function ratebook.refund_charge(uuid, numeric, text, timestamptz, text, uuid) to authenticated, service_role;
grant execute on function billing.refund_charge(uuid, numeric, text, timestamptz, text, uuid) to authenticated, service_role;

comment on function ratebook.refund_charge(uuid, numeric, text, timestamptz, text, uuid) is
'The rule behind billing.refund_charge().';
comment on function billing.refund_charge(uuid, numeric, text, timestamptz, text, uuid) is
'Admins and the service role. Gives back a charge, or a part of it, to the lots that paid, the last one first; what was overdraft, or of a payment that was taken back since, takes debt off. amount: all that is left of it unless told. What goes back into an expired lot expires at once, unless extend_to gives such lots a new end. owner: the account''s lenser. Returns charge_id, account_id, amount, refunded (in all) and balance. Errors: unknown_charge (PT404), refund_exceeds_charge, idempotency_conflict (PT409), invalid_amount, invalid_time, owner_required (PT422), not_allowed (42501).';
