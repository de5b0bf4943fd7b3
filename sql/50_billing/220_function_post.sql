-- What happens to one lot, or (grant_id NULL) to the debt and the part of a hold that no lot covers.
create type private.movement as (
  account_id uuid,
  grant_id uuid,
  amount numeric,
  reserved numeric,
  kind billing.entry_kind_enum,
  charge_id uuid,
  effective_at timestamptz,
  reason text
);

create function private.post(
  p_movements private.movement[],
  p_at timestamptz,
  p_next_event_at timestamptz default 'infinity'
) returns billing.accounts[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_accounts billing.accounts[];
begin
  update billing.grants as g
  set
    remaining = g.remaining + m.amount,
    reserved = g.reserved + m.reserved,
    closed_at = case when g.remaining + m.amount = 0 then p_at end
  from (
    select
      c.grant_id,
      sum(c.amount) as amount,
      sum(c.reserved) as reserved
    from unnest(p_movements) as c
    where c.grant_id is not null
    group by c.grant_id
  ) as m
  where g.id = m.grant_id;

  insert into billing.ledger_entries (
    id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, reason, effective_at, created_at
  )
  select
    private.uuid_v7(p_at),
    a.lenser_id,
    a.id,
    a.entries + row_number() over so_far,
    m.kind,
    m.amount,
    a.posted + sum(m.amount) over so_far,
    m.grant_id,
    m.charge_id,
    m.reason,
    coalesce(m.effective_at, p_at),
    p_at
  from unnest(p_movements) with ordinality as m
  inner join billing.accounts as a on a.id = m.account_id
  where m.amount <> 0
  window so_far as (partition by m.account_id order by m.ordinality);

  with changed as (
    update billing.accounts as a
    set
      posted = a.posted + m.amount,
      reserved = a.reserved + m.reserved,
      debt = a.debt - m.repaid,
      entries = a.entries + m.entries,
      next_event_at = least(a.next_event_at, p_next_event_at),
      updated_at = p_at
    from (
      select
        c.account_id,
        sum(c.amount) as amount,
        sum(c.reserved) as reserved,
        coalesce(sum(c.amount) filter (where c.grant_id is null), 0) as repaid,
        count(*) filter (where c.amount <> 0) as entries
      from unnest(p_movements) as c
      group by c.account_id
    ) as m
    where a.id = m.account_id
    returning a.*
  )

  select array_agg(c::billing.accounts) into v_accounts from changed as c;
  perform private.signal_low_balance(v_accounts, p_movements)
  where exists (select from unnest(v_accounts) as a where a.posted - a.reserved < a.low_balance_mark);
  return v_accounts;
end;
$$;

create function private.signal_low_balance(
  p_accounts billing.accounts[], p_movements private.movement[]
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into billing.outbox (lenser_id, account_id, topic, payload, created_at)
  select
    a.lenser_id,
    a.id,
    'low_balance',
    jsonb_build_object(
      'available', trim_scale(a.posted - a.reserved)::text,
      'low_balance_mark', trim_scale(a.low_balance_mark)::text
    ),
    a.updated_at
  from unnest(p_accounts) as a
  inner join (
    select
      c.account_id,
      sum(c.amount - c.reserved) as change
    from unnest(p_movements) as c
    group by c.account_id
  ) as m on m.account_id = a.id
  where a.posted - a.reserved < a.low_balance_mark and a.posted - a.reserved - m.change >= a.low_balance_mark;
end;
$$;

revoke all on function private.signal_low_balance(billing.accounts[], private.movement[]) from public;
revoke all on function private.post(private.movement[], timestamptz, timestamptz) from public;

comment on type private.movement is
'A change of one lot of an account: credits in or out (amount), and credits kept back or let go (reserved). Without a lot it changes the debt, and the part of a hold that is overdraft.';
comment on column private.movement.account_id is 'The account, which the transaction has locked.';
comment on column private.movement.grant_id is 'The lot; NULL for debt.';
comment on column private.movement.amount is 'Credits in; negative when they go out; 0 makes no entry.';
comment on column private.movement.reserved is 'Credits kept back; negative when they are let go.';
comment on column private.movement.kind is 'The kind of the ledger entry.';
comment on column private.movement.charge_id is 'The charge of a charge or refund.';
comment on column private.movement.effective_at is 'From when on it counts; NULL for now.';
comment on column private.movement.reason is 'For the ledger entry.';
comment on function private.post(private.movement[], timestamptz, timestamptz) is
'The one writer of balances: applies movements, in their order, to lots, ledger and locked accounts at a time, says when their next event is, and signals a low balance. Returns the accounts as they are then.';
comment on function private.signal_low_balance(billing.accounts[], private.movement[]) is
'Writes to the outbox which accounts fell below their mark by these movements.';
