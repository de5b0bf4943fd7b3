create function ratebook.release_hold(p_hold_id uuid, p_owner uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_locked ratebook.locked_hold := ratebook.lock_hold(p_hold_id, p_owner);
  v_hold billing.holds := v_locked.hold;
  v_account billing.accounts := v_locked.account;
begin
  if v_hold.status = 'captured' then
    perform ratebook.fail('hold_not_open', 'The hold was captured.', 'Take the charge back with billing.refund_charge().',
      jsonb_build_object('hold', p_hold_id, 'status', v_hold.status, 'charge', v_hold.charge_id));
  end if;
  if v_hold.status = 'open' then
    v_account := ratebook.post(v_account, ratebook.let_go(v_hold));
    v_account := ratebook.end_hold(v_hold, 'released', null, v_account);
    v_hold.status := 'released';
  end if;
  return jsonb_build_object(
    'hold_id', p_hold_id,
    'account_id', v_account.id,
    'status', v_hold.status,
    'balance', ratebook.balance_object(v_account)
  );
end;
$$;

create function billing.release_hold(hold uuid, owner uuid default null) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.release_hold(hold, owner);
end;

revoke all on function ratebook.release_hold(uuid, uuid) from public;
revoke all on function billing.release_hold(uuid, uuid) from public;
grant execute on function ratebook.release_hold(uuid, uuid) to service_role;
grant execute on function billing.release_hold(uuid, uuid) to service_role;

comment on function ratebook.release_hold(uuid, uuid) is 'The rule behind billing.release_hold().';
comment on function billing.release_hold(uuid, uuid) is
'Service role only. Gives back what a hold keeps. Released or timed out already, it changes nothing. owner: the account''s lenser. Returns hold_id, account_id, status and balance. Errors: unknown_hold (PT404), hold_not_open (PT409) for a captured one, owner_required (PT422).';
