-- What happens to one lot, or (grant_id NULL) to the debt and the part of a hold that no lot covers.
create type ratebook.movement as (
  account_id uuid,
  grant_id uuid,
  amount numeric,
  reserved numeric,
  kind billing.entry_kind_enum,
  charge_id uuid,
  effective_at timestamptz,
  reason text
);

create function ratebook.move(
  p_account billing.accounts,
  p_movements ratebook.movement[],
  p_next_event_at timestamptz default 'infinity',
  p_upcoming numeric default 0,
  p_entry_ids uuid[] default '{}',
  p_counterpart_ids uuid[] default '{}'
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts := p_account;
  v_movement ratebook.movement;
  v_posted numeric := p_account.posted;
  v_reserved numeric := p_account.reserved;
  v_debt numeric := p_account.debt;
  v_revoked numeric := 0;
  v_repaid numeric := 0;
  v_place integer := 0;
begin
  -- One row at a time: each is found by its key, and that is faster than a join of so few.
  foreach v_movement in array p_movements loop
    v_place := v_place + 1;
    if v_movement.grant_id is not null then
      -- Its own counts of what ended and was taken back: what is neither that nor left was spent.
      update billing.grants as g
      set
        remaining = g.remaining + v_movement.amount,
        reserved = g.reserved + v_movement.reserved,
        expired = case when v_movement.kind = 'expiry' then g.expired - v_movement.amount else g.expired end,
        revoked = case when v_movement.kind = 'revocation' then g.revoked - v_movement.amount else g.revoked end,
        closed_at = case when g.remaining + v_movement.amount = 0 then p_account.updated_at end
      where g.id = v_movement.grant_id and g.lenser_id is not distinct from p_account.lenser_id;
    else
      v_debt := v_debt - v_movement.amount;
      if v_movement.kind = 'revocation' then
        v_revoked := v_revoked - v_movement.amount;
      else
        v_repaid := v_repaid + v_movement.amount;
      end if;
    end if;
    v_reserved := v_reserved + v_movement.reserved;
    -- What is only kept back, or let go, is no entry.
    if v_movement.amount <> 0 then
      v_posted := trim_scale(v_posted + v_movement.amount);
      v_account.entries := v_account.entries + 1;
      insert into billing.ledger_entries (
        id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, counterpart_id, reason,
        effective_at, created_at
      ) values (
        coalesce(p_entry_ids[v_place], ratebook.uuid_v7(p_account.updated_at)), p_account.lenser_id, p_account.id,
        v_account.entries, v_movement.kind, trim_scale(v_movement.amount), v_posted, v_movement.grant_id,
        v_movement.charge_id, p_counterpart_ids[v_place], v_movement.reason,
        coalesce(v_movement.effective_at, p_account.updated_at), p_account.updated_at
      );
      if v_movement.kind = 'refund' then
        insert into ratebook.usage_deltas (kind, sign, counts_at, owner_id, charge_id, refunded)
        values ('refund', 1, p_account.updated_at, p_account.lenser_id, v_movement.charge_id, v_movement.amount);
      end if;
    end if;
  end loop;

  v_account.posted := v_posted;
  v_account.reserved := v_reserved;
  v_account.debt := v_debt;
  -- What is paid goes first to the debt that may be beyond the limit; what a call gives back and takes again pays nothing.
  v_account.revoked_debt := greatest(p_account.revoked_debt + v_revoked - greatest(v_repaid, 0), 0);
  v_account.upcoming := p_account.upcoming + p_upcoming;
  v_account.next_event_at := least(p_account.next_event_at, p_next_event_at);
  if v_posted - v_reserved - v_account.upcoming < v_account.low_balance_mark
    and p_account.posted - p_account.reserved - p_account.upcoming >= v_account.low_balance_mark then
    insert into billing.outbox (lenser_id, account_id, topic, payload, created_at)
    values (
      v_account.lenser_id, v_account.id, 'low_balance', ratebook.low_balance_object(v_account), v_account.updated_at
    );
  end if;
  return v_account;
end;
$$;

create function ratebook.write_account(
  p_account billing.accounts, p_head_id uuid default null
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update billing.accounts as a
  set
    posted = p_account.posted,
    reserved = p_account.reserved,
    debt = p_account.debt,
    revoked_debt = p_account.revoked_debt,
    upcoming = p_account.upcoming,
    entries = p_account.entries,
    next_event_at = p_account.next_event_at,
    months_until = p_account.months_until,
    is_plain = p_account.is_plain,
    head_id = p_head_id,
    updated_at = p_account.updated_at
  where a.id = p_account.id and a.lenser_id is not distinct from p_account.lenser_id;
  p_account.head_id := p_head_id;
  return p_account;
end;
$$;

create function ratebook.post(
  p_account billing.accounts,
  p_movements ratebook.movement[],
  p_next_event_at timestamptz default 'infinity',
  p_upcoming numeric default 0,
  p_entry_ids uuid[] default '{}',
  p_counterpart_ids uuid[] default '{}'
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return ratebook.write_account(
    ratebook.move(p_account, p_movements, p_next_event_at, p_upcoming, p_entry_ids, p_counterpart_ids)
  );
end;
$$;

create function ratebook.low_balance_object(p_account billing.accounts) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'available', trim_scale(p_account.posted - p_account.reserved - p_account.upcoming)::text,
    'low_balance_mark', trim_scale(p_account.low_balance_mark)::text
  );
end;
$$;

revoke all on function ratebook.low_balance_object(billing.accounts) from public;
revoke all on function ratebook.move(
  billing.accounts, ratebook.movement[], timestamptz, numeric, uuid[], uuid[]
) from public;
revoke all on function ratebook.write_account(billing.accounts, uuid) from public;
revoke all on function ratebook.post(
  billing.accounts, ratebook.movement[], timestamptz, numeric, uuid[], uuid[]
) from public;

comment on type ratebook.movement is
'A change of one lot of an account: credits in or out (amount), and credits kept back or let go (reserved). Without a lot it changes the debt, and the part of a hold that is overdraft.';
comment on column ratebook.movement.account_id is 'The account, which the transaction has locked.';
comment on column ratebook.movement.grant_id is 'The lot; NULL for debt.';
comment on column ratebook.movement.amount is 'Credits in; negative when they go out; 0 makes no entry.';
comment on column ratebook.movement.reserved is 'Credits kept back; negative when they are let go.';
comment on column ratebook.movement.kind is 'The kind of the ledger entry.';
comment on column ratebook.movement.charge_id is 'The charge of a charge or refund.';
comment on column ratebook.movement.effective_at is 'From when on it counts; NULL for now.';
comment on column ratebook.movement.reason is 'For the ledger entry.';
comment on function ratebook.move(
  billing.accounts, ratebook.movement[], timestamptz, numeric, uuid[], uuid[]
) is
'Applies movements, in their order, to the lots and the ledger of a locked account, given as it is; says when its next event is at the latest and by how much its lots that have not started hold more, and signals in the outbox when it falls below its mark. Returns the account as it is then, whose row is not written: ratebook.write_account() does, or the UPDATE that a trigger is part of. The ids of the entries, and those that they name on another account, may be given.';
comment on function ratebook.write_account(billing.accounts, uuid) is
'Writes the row of a locked account as ratebook.move() left it, and returns it: with the lot that burns first (p_head_id), which nobody but a charge looks up.';
comment on function ratebook.post(
  billing.accounts, ratebook.movement[], timestamptz, numeric, uuid[], uuid[]
) is
'ratebook.move(), and the account''s row with it.';
comment on function ratebook.low_balance_object(billing.accounts) is 'What the outbox says of an account below its mark.';
