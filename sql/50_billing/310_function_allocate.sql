create function private.allocate(
  p_account billing.accounts,
  p_amounts numeric[],
  p_charge_ids uuid[] default null
) returns private.movement[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_lot record;
  v_free numeric;
  v_taken numeric;
  v_turn integer := 1;
  v_left numeric := p_amounts[1];
  v_movement private.movement;
  v_movements private.movement[];
begin
  v_movement.account_id := p_account.id;
  v_movement.kind := case when p_charge_ids is not null then 'charge'::billing.entry_kind_enum end;
  v_movement.amount := 0;
  v_movement.reserved := 0;
  -- Also a charge of nothing touches the account.
  v_movements := array[v_movement];
  -- Reads no more lots than it takes from.
  for v_lot in
    select g.id, g.remaining - g.reserved as free
    from billing.grants as g
    where
      g.account_id = p_account.id
      and g.closed_at is null
      and g.remaining > g.reserved
      and coalesce(g.expires_at, 'infinity') > p_account.updated_at
    order by g.priority, g.expires_at, g.id
  loop
    v_free := v_lot.free;
    loop
      v_taken := least(v_free, v_left);
      if v_taken > 0 then
        v_movement.grant_id := v_lot.id;
        v_movement.charge_id := p_charge_ids[v_turn];
        v_movement.amount := case when p_charge_ids is null then 0 else -v_taken end;
        v_movement.reserved := case when p_charge_ids is null then v_taken else 0 end;
        v_movements := v_movements || v_movement;
        v_free := v_free - v_taken;
        v_left := v_left - v_taken;
      end if;
      exit when v_left > 0;
      v_turn := v_turn + 1;
      v_left := p_amounts[v_turn];
      exit when v_left is null;
    end loop;
    exit when v_left is null;
  end loop;

  -- What no lot covers is overdraft; whether there may be so much, the caller has asked.
  v_movement.grant_id := null;
  while v_left is not null loop
    if v_left > 0 then
      v_movement.charge_id := p_charge_ids[v_turn];
      v_movement.amount := case when p_charge_ids is null then 0 else -v_left end;
      v_movement.reserved := case when p_charge_ids is null then v_left else 0 end;
      v_movements := v_movements || v_movement;
    end if;
    v_turn := v_turn + 1;
    v_left := p_amounts[v_turn];
  end loop;
  return v_movements;
end;
$$;

revoke all on function private.allocate(billing.accounts, numeric[], uuid[]) from public;

comment on function private.allocate(billing.accounts, numeric[], uuid[]) is
'Which lots of a locked account pay amounts, one after the other, in burn order: movements of the charges, or (without charges) of what a hold reserves.';
