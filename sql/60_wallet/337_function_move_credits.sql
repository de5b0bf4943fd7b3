create function ratebook.move_credits(
  p_from_account_id uuid,
  p_to_account_id uuid,
  p_amount numeric,
  p_reason text,
  p_key text,
  p_from_owner uuid,
  p_to_owner uuid
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_from_owner uuid := ratebook.owner_of('account', p_from_account_id, p_from_owner);
  v_to_owner uuid := ratebook.owner_of('account', p_to_account_id, p_to_owner);
  v_request jsonb := jsonb_build_object(
    'to_account', p_to_account_id, 'to_owner', v_to_owner, 'amount', trim_scale(p_amount), 'reason', p_reason
  );
  v_accounts billing.accounts[];
  v_from billing.accounts;
  v_to billing.accounts;
  v_response jsonb;
  v_taken ratebook.movement[];
  v_lot billing.grants;
  -- Each entry names the one on the other side, so both have their ids before either is written.
  v_out uuid[] := '{}'::uuid[];
  v_in uuid[] := '{}'::uuid[];
begin
  perform ratebook.assert_credits('amount', p_amount, 1e-12);
  if (p_from_account_id, v_from_owner) = (p_to_account_id, v_to_owner) then
    perform ratebook.fail('invalid_argument', 'Credits move from one account to another.', 'Name two accounts.',
      jsonb_build_object('account', p_from_account_id));
  end if;
  -- Both at once, in the one order of everybody: two who move to each other do not wait for each other.
  v_accounts := ratebook.lock_accounts(
    array[p_from_account_id, p_to_account_id], array[v_from_owner, v_to_owner]
  );
  select a.* into v_from from unnest(v_accounts) as a where a.id = p_from_account_id and a.lenser_id = v_from_owner;
  select a.* into v_to from unnest(v_accounts) as a where a.id = p_to_account_id and a.lenser_id = v_to_owner;
  v_response := ratebook.recall(v_from.id, v_from_owner, 'move_credits', p_key, v_request);
  if v_response is not null then
    return v_response;
  end if;
  perform ratebook.assert_not_erased(array[v_from_owner, v_to_owner]);
  -- Only what is there and free: an overdraft is nobody's to give.
  v_from.overdraft_limit := 0;
  perform ratebook.assert_available(v_from, p_amount);

  -- In burn order, as if it were spent; the debt that is never reached has no lot.
  v_taken := array(
    select (m.account_id, m.grant_id, -m.reserved, 0, 'move', null, null, p_reason)::ratebook.movement
    from unnest(ratebook.allocate(v_from, p_amount)) with ordinality as m
    order by m.ordinality
  );
  for i in 1..cardinality(v_taken) loop
    v_out[i] := ratebook.uuid_v7(v_from.updated_at);
    v_in[i] := ratebook.uuid_v7(v_to.updated_at);
  end loop;
  v_from := ratebook.post(v_from, v_taken, p_entry_ids => v_out, p_counterpart_ids => v_in);
  -- Each lot goes on with its terms on the other side. What is owed there is repaid from it, as from any that comes in.
  for i in 1..cardinality(v_taken) loop
    select g.* into v_lot
    from billing.grants as g
    where g.id = v_taken[i].grant_id and g.lenser_id is not distinct from v_from_owner;
    v_to := (ratebook.add_lot(
      v_to, -v_taken[i].amount, v_lot.source, v_lot.priority, v_lot.expires_at, null, null, null, v_lot.starts_at,
      (v_in[i], v_out[i])::ratebook.moved_entry, p_reason
    )).account;
  end loop;
  v_to := ratebook.write_account(v_to);
  return ratebook.remember(v_from, 'move_credits', p_key, v_request, jsonb_build_object(
    'from_account', v_from.id,
    'to_account', v_to.id,
    'amount', trim_scale(p_amount)::text,
    'lots', cardinality(v_taken),
    'from_balance', ratebook.balance_object(v_from),
    'to_balance', ratebook.balance_object(v_to)
  ));
end;
$$;

create function billing.move_credits(
  from_account uuid,
  to_account uuid,
  amount numeric,
  reason text default null,
  idempotency_key text default null,
  from_owner uuid default null,
  to_owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.move_credits(from_account, to_account, amount, reason, idempotency_key, from_owner, to_owner);
end;

revoke all on function ratebook.move_credits(uuid, uuid, numeric, text, text, uuid, uuid) from public;
revoke all on function billing.move_credits(uuid, uuid, numeric, text, text, uuid, uuid) from public;
grant execute on function ratebook.move_credits(uuid, uuid, numeric, text, text, uuid, uuid) to service_role;
grant execute on function billing.move_credits(uuid, uuid, numeric, text, text, uuid, uuid) to service_role;

comment on function ratebook.move_credits(uuid, uuid, numeric, text, text, uuid, uuid) is
'The rule behind billing.move_credits().';
comment on function billing.move_credits(uuid, uuid, numeric, text, text, uuid, uuid) is
'Service role only. Moves credits to another account: lots in burn order, with their priority, start, end and source, each as two ledger entries that name each other. Only what is available moves, never what holds keep, what has not started, or overdraft; what the other account owes is repaid from it first. from_account, to_account: a lenser, whose own account is made when it is missing, or billing.accounts.id. from_owner, to_owner: the lensers of the two. Returns from_account, to_account, amount, lots (how many), from_balance and to_balance. Errors: unknown_account (PT404), insufficient_credits (PT402), invalid_amount, invalid_argument (the same account), owner_required (PT422), idempotency_conflict (PT409), erased_lenser (42501).';
