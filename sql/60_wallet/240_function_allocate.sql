create function ratebook.allocate(
  p_account billing.accounts, p_amount numeric, p_charge_id uuid default null
) returns ratebook.movement[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_left numeric := p_amount;
  v_lot record;
  v_movement ratebook.movement;
  v_movements ratebook.movement[] := '{}'::ratebook.movement[];
begin
  v_movement.account_id := p_account.id;
  v_movement.kind := case when p_charge_id is not null then 'charge'::billing.entry_kind_enum end;
  v_movement.charge_id := p_charge_id;
  -- Reads no more lots than it takes from.
  for v_lot in
    select g.id, g.remaining - g.reserved as free
    from billing.grants as g
    where
      g.account_id = p_account.id
      and g.lenser_id is not distinct from p_account.lenser_id
      and g.closed_at is null
      and g.remaining > g.reserved
      and coalesce(g.expires_at, 'infinity') > p_account.updated_at
      and coalesce(g.starts_at, '-infinity') <= p_account.updated_at
    order by g.priority, g.expires_at, g.id
  loop
    exit when v_left <= 0;
    v_movement.grant_id := v_lot.id;
    v_movement.amount := case when p_charge_id is null then 0 else -least(v_lot.free, v_left) end;
    v_movement.reserved := case when p_charge_id is null then least(v_lot.free, v_left) else 0 end;
    v_movements := v_movements || v_movement;
    v_left := v_left - v_lot.free;
  end loop;
  -- What no lot covers is overdraft; whether there may be so much, the caller has asked.
  if v_left > 0 then
    v_movement.grant_id := null;
    v_movement.amount := case when p_charge_id is null then 0 else -v_left end;
    v_movement.reserved := case when p_charge_id is null then v_left else 0 end;
    v_movements := v_movements || v_movement;
  end if;
  return v_movements;
end;
$$;

create function ratebook.head(p_account billing.accounts) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (ratebook.allocate(p_account, 1e-12))[1].grant_id;
end;
$$;

revoke all on function ratebook.head(billing.accounts) from public;
revoke all on function ratebook.allocate(billing.accounts, numeric, uuid) from public;

comment on function ratebook.allocate(billing.accounts, numeric, uuid) is
'Which lots of a locked account pay an amount, in burn order: movements of a charge, or (without one) of what a hold reserves.';
comment on function ratebook.head(billing.accounts) is 'The lot of a locked account that burns first; NULL where nothing is free.';
