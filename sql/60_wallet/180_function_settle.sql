create function ratebook.let_time_pass(
  p_account billing.accounts, p_freed_at timestamptz default '-infinity'
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts := p_account;
  v_at timestamptz := p_account.updated_at;
  v_due record;
  v_repaid numeric;
  v_hold billing.holds;
  v_ended billing.holds[] := '{}'::billing.holds[];
begin
  -- Grants and lots that start first: one that has ended since still repays debt, before the rest of it expires.
  for v_due in
    select
      d.due_at, d.recurring_grant_id as id, false as is_there, d.amount, d.expires_at, r.source, r.priority
    from ratebook.due_grants(p_account, v_at) as d
    inner join lateral (
      select o.source, o.priority
      from billing.recurring_grants as o
      where o.id = d.recurring_grant_id and o.lenser_id is not distinct from p_account.lenser_id
      offset 0
    ) as r on true
    union all
    -- What starts before the next event has started.
    select g.starts_at, g.id, true, g.remaining, null, null, null
    from billing.grants as g
    where
      g.account_id = p_account.id
      and g.lenser_id is not distinct from p_account.lenser_id
      and g.starts_at >= p_account.next_event_at
      and g.starts_at <= v_at
      and g.closed_at is null
    order by due_at, id
  loop
    -- A lot that starts is posted already, and counts as available from now on.
    if v_due.is_there then
      v_repaid := least(v_due.amount, v_account.debt);
      v_account := ratebook.move(
        v_account,
        array[
          (p_account.id, v_due.id, -v_repaid, 0, 'repayment', null, v_due.due_at, null),
          (p_account.id, null, v_repaid, 0, 'repayment', null, v_due.due_at, null)
        ]::ratebook.movement[],
        p_upcoming => -v_due.amount
      );
      continue;
    end if;
    update billing.recurring_grants as r
    set issued = r.issued + 1
    where r.id = v_due.id and r.lenser_id is not distinct from p_account.lenser_id;
    v_account := (ratebook.add_lot(
      v_account, v_due.amount, v_due.source, v_due.priority, v_due.expires_at, null, v_due.id,
      v_due.due_at
    )).account;
  end loop;

  -- A hold that timed out gives back before lots expire, so that what it kept of a lot that has ended expires, too.
  for v_hold in
    update billing.holds as h
    set status = 'expired', ended_at = h.expires_at
    where
      h.account_id = p_account.id
      and h.lenser_id is not distinct from p_account.lenser_id
      and h.status = 'open'
      and h.expires_at <= v_at
      -- No hold lasts longer than a week, and none of the account ends before its next event.
      and h.id >= ratebook.uuid_v7_floor(least(p_account.next_event_at, v_at) - interval '168 hours')
      and h.id < ratebook.uuid_v7_floor(v_at + interval '1 millisecond')
    returning h.*
  loop
    v_account := ratebook.move(v_account, ratebook.let_go(v_hold));
    v_ended := v_ended || v_hold;
  end loop;

  -- A lot ends at its time; what a hold kept back of it, when the hold ended.
  v_account := ratebook.move(v_account, array(
    select (
      p_account.id, g.id, -f.amount, 0,
      case when g.revoked_at is null then 'expiry'::billing.entry_kind_enum else 'revocation' end, null, f.at, null
    )::ratebook.movement
    from billing.grants as g
    cross join lateral (
      select coalesce(sum((h.lots ->> g.id::text)::numeric), 0) as amount from unnest(v_ended) as h
    ) as k
    cross join lateral (
      select
        p.at,
        sum(p.amount) as amount
      -- Each part is an entry at its own moment: what was free when the lot ended, what a hold kept until it ended.
      from (
        select
          greatest(g.expires_at, p_freed_at),
          g.remaining - g.reserved - k.amount
        union all
        select
          greatest(g.expires_at, h.ended_at),
          (h.lots ->> g.id::text)::numeric
        from unnest(v_ended) as h
      ) as p (at, amount)
      -- Two parts that go at one moment are one entry.
      group by p.at
    ) as f
    -- A lot of which open holds keep all has nothing to lose yet.
    where
      g.account_id = p_account.id
      and g.lenser_id is not distinct from p_account.lenser_id
      and g.closed_at is null
      and g.expires_at <= v_at
      and f.amount > 0
    order by f.at, g.id
  ));

  -- Until the next of these moments nothing can happen by itself, and a call need not look for it.
  v_account.next_event_at := least(
    (
      select min(g.expires_at)
      from billing.grants as g
      where
        g.account_id = p_account.id
        and g.lenser_id is not distinct from p_account.lenser_id
        and g.closed_at is null
        and g.expires_at > v_at
    ),
    (
      select min(g.starts_at)
      from billing.grants as g
      where
        g.account_id = p_account.id
        and g.lenser_id is not distinct from p_account.lenser_id
        and g.starts_at > v_at
        and g.closed_at is null
    ),
    -- A hold opens at most a week before it ends: its id is not older than that.
    (
      select min(h.expires_at)
      from billing.holds as h
      where
        h.account_id = p_account.id
        and h.lenser_id is not distinct from p_account.lenser_id
        and h.status = 'open'
        and h.id >= ratebook.uuid_v7_floor(v_at - interval '168 hours')
        and h.id < ratebook.uuid_v7_floor(v_at + interval '1 millisecond')
    ),
    ratebook.next_due_at(p_account),
    'infinity'
  );
  return v_account;
end;
$$;

create function ratebook.settle(
  p_account billing.accounts, p_freed_at timestamptz default '-infinity'
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return ratebook.write_account(ratebook.let_time_pass(p_account, p_freed_at));
end;
$$;

create function ratebook.let_go(p_hold billing.holds) returns ratebook.movement[]
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select
      array_agg((p_hold.account_id, l.grant_id, 0, -l.reserved, null, null, null, null)::ratebook.movement)
    from (
      select k.key::uuid, k.value::numeric from jsonb_each(p_hold.lots) as k
      union all
      select null, p_hold.amount - coalesce((select sum(k.value::numeric) from jsonb_each(p_hold.lots) as k), 0)
    ) as l (grant_id, reserved)
  );
end;
$$;

revoke all on function ratebook.let_time_pass(billing.accounts, timestamptz) from public;
revoke all on function ratebook.settle(billing.accounts, timestamptz) from public;
revoke all on function ratebook.let_go(billing.holds) from public;

comment on function ratebook.let_time_pass(billing.accounts, timestamptz) is
'Writes down what time did to a locked account up to its updated_at, which is now: recurring grants that are due, lots that started, holds that timed out, lots that expired, each effective at its own moment. Lots of a hold that was just ended expire at p_freed_at. Returns the account as it is then, whose row is not written.';
comment on function ratebook.settle(billing.accounts, timestamptz) is 'ratebook.let_time_pass(), and the account''s row with it.';
comment on function ratebook.let_go(billing.holds) is 'The movements that give back what a hold keeps.';
