create function ratebook.unknown_charge(p_charge_id uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail('unknown_charge', format('There is no charge %s.', p_charge_id), null,
    jsonb_build_object('charge', p_charge_id));
end;
$$;

create function ratebook.refunded(p_charge billing.charges, p_at timestamptz) returns numeric
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(sum(e.amount), 0)
    from billing.ledger_entries as e
    where
      e.charge_id = p_charge.id
      and e.lenser_id is not distinct from p_charge.lenser_id
      and e.kind = 'refund'
      -- Its entries lie between its own time and now: with both bounds a look-up reads those months alone.
      and e.id >= ratebook.uuid_v7_floor(p_charge.created_at)
      and e.id < ratebook.uuid_v7_floor(p_at + interval '1 millisecond')
  );
end;
$$;

create function ratebook.unwind(
  p_charge billing.charges, p_account billing.accounts, p_refunded numeric, p_amount numeric, p_reason text
) returns ratebook.movement[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- As in ratebook.refunded().
  v_since uuid := ratebook.uuid_v7_floor(p_charge.created_at);
  v_until uuid := ratebook.uuid_v7_floor(p_account.updated_at + interval '1 millisecond');
  v_overdraft numeric;
  v_grant_id uuid;
  v_movements ratebook.movement[];
begin
  -- Backwards over what the charge took: its last entry gets back first, from where the last refund stopped. What was
  -- spent of a payment that was taken back since is owed, and no lot's any more: it goes back as overdraft does.
  select
    array_agg(
      (p_account.id, b.grant_id, b.back, 0, 'refund', p_charge.id, null, p_reason)::ratebook.movement
      order by b.number desc
    ) filter (where b.back > 0),
    coalesce(sum(b.amount - b.back), 0)
  into v_movements, v_overdraft
  from (
    select
      t.number,
      t.grant_id,
      t.amount,
      least(t.amount, greatest(coalesce(g.spent, 0) - sum(t.amount) over of_the_lot + t.amount, 0)) as back
    from (
      select
        s.number,
        s.grant_id,
        least(s.upper, p_refunded + p_amount) - greatest(s.upper - s.size, p_refunded) as amount
      from (
        select
          e.number,
          e.grant_id,
          -e.amount as size,
          sum(-e.amount) over (order by e.number desc) as upper
        -- Only what the charge took: earlier refunds are where the line begins.
        from billing.ledger_entries as e
        where
          e.charge_id = p_charge.id
          and e.lenser_id is not distinct from p_charge.lenser_id
          and e.kind = 'charge'
          and e.id >= v_since
          and e.id < v_until
      ) as s
    ) as t
    -- Looked up one by one and by the key, whatever the planner thinks of the table.
    left join lateral (
      select o.amount - o.remaining - o.expired - o.revoked as spent
      from billing.grants as o
      where o.id = t.grant_id and o.lenser_id is not distinct from p_charge.lenser_id
      offset 0
    ) as g on true
    where t.amount > 0
    window of_the_lot as (partition by t.grant_id order by t.number desc)
  ) as b;

  -- What was overdraft takes debt off; debt that was repaid since has become a lot's to give back.
  if v_overdraft > 0 then
    v_movements := (
      p_account.id, null, least(v_overdraft, p_account.debt), 0, 'refund', p_charge.id, null, p_reason
    )::ratebook.movement || v_movements;
    if v_overdraft > p_account.debt then
      v_grant_id := ratebook.uuid_v7(p_account.updated_at);
      insert into billing.grants (id, lenser_id, account_id, amount, source, created_at)
      values (
        v_grant_id, p_account.lenser_id, p_account.id, v_overdraft - p_account.debt, 'refund', p_account.updated_at
      );
      v_movements := v_movements || (
        p_account.id, v_grant_id, v_overdraft - p_account.debt, 0, 'refund', p_charge.id, null, p_reason
      )::ratebook.movement;
    end if;
  end if;
  return v_movements;
end;
$$;

create function ratebook.end_again(p_account billing.accounts, p_movements ratebook.movement[]) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- What went back into an expired lot expires again; what opened another has an end to wait for.
  if exists (
    select from unnest(p_movements) as m
    cross join lateral (
      select from billing.grants as g
      where g.id = m.grant_id and g.lenser_id is not distinct from p_account.lenser_id and g.expires_at is not null
      offset 0
    ) as f
  ) then
    return ratebook.settle(p_account, p_account.updated_at);
  end if;
  return p_account;
end;
$$;

revoke all on function ratebook.unknown_charge(uuid) from public;
revoke all on function ratebook.refunded(billing.charges, timestamptz) from public;
revoke all on function ratebook.unwind(billing.charges, billing.accounts, numeric, numeric, text) from public;
revoke all on function ratebook.end_again(billing.accounts, ratebook.movement[]) from public;

comment on function ratebook.unknown_charge(uuid) is 'Refuses a charge that is not there. Error: unknown_charge (PT404).';
comment on function ratebook.refunded(billing.charges, timestamptz) is 'What was given back of a charge up to now.';
comment on function ratebook.unwind(billing.charges, billing.accounts, numeric, numeric, text) is
'The movements that give back an amount of a charge, of which some was refunded already, to what paid it, the last first. Opens a lot where debt was repaid since.';
comment on function ratebook.end_again(billing.accounts, ratebook.movement[]) is
'Settles a locked account to which lots were given back that have an end. Returns the account as it is then.';
