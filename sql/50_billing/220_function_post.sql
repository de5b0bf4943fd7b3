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
  with movements as materialized (
    select m.* from unnest(p_movements) with ordinality as m
  ),

  lots as (
    update billing.grants as g
    set
      remaining = g.remaining + d.amount,
      reserved = g.reserved + d.reserved,
      closed_at = case when g.remaining + d.amount = 0 then p_at end
    from (
      select m.grant_id, sum(m.amount) as amount, sum(m.reserved) as reserved
      from movements as m
      where m.grant_id is not null
      group by m.grant_id
    ) as d
    where g.id = d.grant_id
  ),

  entries as (
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
    from movements as m
    inner join billing.accounts as a on a.id = m.account_id
    where m.amount <> 0
    window so_far as (partition by m.account_id order by m.ordinality)
  ),

  changes as (
    select
      m.account_id,
      sum(m.amount) as amount,
      sum(m.reserved) as reserved,
      coalesce(sum(m.amount) filter (where m.grant_id is null), 0) as repaid,
      count(*) filter (where m.amount <> 0) as entries
    from movements as m
    group by m.account_id
  ),

  signals as (
    insert into billing.outbox (lenser_id, account_id, topic, payload, created_at)
    select
      a.lenser_id,
      a.id,
      'low_balance',
      jsonb_build_object(
        'available', trim_scale(a.posted + c.amount - a.reserved - c.reserved)::text,
        'low_balance_mark', trim_scale(a.low_balance_mark)::text
      ),
      p_at
    from changes as c
    inner join billing.accounts as a on a.id = c.account_id
    where
      a.posted - a.reserved >= a.low_balance_mark
      and a.posted + c.amount - a.reserved - c.reserved < a.low_balance_mark
  ),

  accounts as (
    update billing.accounts as a
    set
      posted = a.posted + c.amount,
      reserved = a.reserved + c.reserved,
      debt = a.debt - c.repaid,
      entries = a.entries + c.entries,
      next_event_at = least(a.next_event_at, p_next_event_at),
      updated_at = p_at
    from changes as c
    where a.id = c.account_id
    returning a.*
  )

  select array_agg(a::billing.accounts) into v_accounts from accounts as a;
  return v_accounts;
end;
$$;

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
