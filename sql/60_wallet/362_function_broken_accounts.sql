create function ratebook.broken_accounts(p_asked ratebook.asked)
returns table (check_name text, subject text, fact text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_nestloop = off
as $$
begin
  return query
  -- The balance is kept on the account for speed; the ledger is what it must say. Where older entries are not looked at, the
  -- first one says what was there before.
  select
    'posted_is_the_sum_of_the_ledger',
    a.id::text,
    format('posted %s, entries %s', a.posted, coalesce(e.amount, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      l.lenser_id,
      sum(l.amount) + case
        when p_asked.since is null then 0 else (array_agg(l.balance_after - l.amount order by l.number))[1]
      end as amount
    from billing.ledger_entries as l
    where
      (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = a.id and e.lenser_id = a.lenser_id
  where
    (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and (p_asked.since is null or e.account_id is not null)
    and a.posted <> coalesce(e.amount, 0)
  union all
  -- The same credits, seen from the lots: none is lost between them, none counted twice.
  select
    'posted_is_what_lots_hold_less_debt',
    a.id::text,
    format('posted %s, lots %s, debt %s', a.posted, coalesce(g.remaining, 0), a.debt)
  from billing.accounts as a
  left join (
    select
      l.account_id,
      l.lenser_id,
      sum(l.remaining) as remaining
    from billing.grants as l
    where
      (p_asked.accounts is null or l.account_id = any((select p_asked.accounts)::uuid[]))
      -- What is closed holds nothing.
      and (p_asked.accounts is null or l.closed_at is null)
    group by l.account_id, l.lenser_id
  ) as g on g.account_id = a.id and g.lenser_id = a.lenser_id
  where
    (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and a.posted <> coalesce(g.remaining, 0) - a.debt
  union all
  -- Entries without a lot are debt, made and repaid: all that there ever were.
  select
    'debt_is_the_sum_of_its_entries',
    a.id::text,
    format('debt %s, entries %s', a.debt, coalesce(-e.amount, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      l.lenser_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.grant_id is null
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = a.id and e.lenser_id = a.lenser_id
  where
    p_asked.since is null
    and (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and a.debt <> coalesce(-e.amount, 0)
  union all
  -- Reserved credits without a hold could never be spent again.
  select
    'reserved_is_the_sum_of_open_holds',
    a.id::text,
    format('reserved %s, holds %s', a.reserved, coalesce(h.amount, 0))
  from billing.accounts as a
  left join (
    select
      o.account_id,
      o.lenser_id,
      sum(o.amount) as amount
    from billing.holds as o
    where
      o.status = 'open'
      and (p_asked.accounts is null or o.account_id = any((select p_asked.accounts)::uuid[]))
      and (p_asked.holds_since is null or o.id >= p_asked.holds_since)
    group by o.account_id, o.lenser_id
  ) as h on h.account_id = a.id and h.lenser_id = a.lenser_id
  where (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[])) and a.reserved <> coalesce(h.amount, 0)
  union all
  -- Nobody spends beyond what was allowed.
  select
    'available_is_within_the_overdraft',
    a.id::text,
    format('available %s, overdraft limit %s', a.posted - a.reserved - a.upcoming, a.overdraft_limit)
  from billing.accounts as a
  where
    (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and a.posted - a.reserved - a.upcoming < -a.overdraft_limit - a.revoked_debt
  union all
  -- What a budget says is asked by charges in general.
  select
    'a_plain_account_has_no_budget',
    a.id::text,
    format('plain, budget %s', b.id)
  from billing.accounts as a
  inner join billing.budgets as b on b.lenser_id = a.lenser_id
  where (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[])) and a.is_plain
  union all
  -- The lot that is said to burn first does.
  select
    'a_head_burns_first',
    a.id::text,
    format('head %s, first %s', a.head_id, ratebook.head(a))
  from billing.accounts as a
  where
    (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and a.head_id is not null
    and a.next_event_at > a.updated_at
    and a.head_id is distinct from ratebook.head(a)
  union all
  -- What may be owed beyond the limit is what payments left that were taken back, whenever that was.
  select
    'revoked_debt_is_of_revocations',
    a.id::text,
    format('revoked debt %s, debt %s, entries %s', a.revoked_debt, a.debt, coalesce(-e.amount, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      l.lenser_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.grant_id is null
      and l.kind = 'revocation'
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = a.id and e.lenser_id = a.lenser_id
  where
    p_asked.since is null
    and (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and a.revoked_debt > least(a.debt, coalesce(-e.amount, 0))
  union all
  -- A lot counts once it starts, and no sooner.
  select
    'upcoming_is_what_has_not_started',
    a.id::text,
    format('upcoming %s, lots %s', a.upcoming, coalesce(g.remaining, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      l.lenser_id,
      sum(l.remaining) as remaining
    -- As the account counts it: what has started since is found when it is used.
    from billing.grants as l
    inner join billing.accounts as o on o.id = l.account_id and o.lenser_id = l.lenser_id
    where
      l.starts_at > o.updated_at
      and l.starts_at is not null
      and (
        p_asked.accounts is null
        or (
          l.account_id = any((select p_asked.accounts)::uuid[]) and o.id = any((select p_asked.accounts)::uuid[])
        )
      )
    group by l.account_id, l.lenser_id
  ) as g on g.account_id = a.id and g.lenser_id = a.lenser_id
  where
    (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and a.upcoming <> coalesce(g.remaining, 0)
  union all
  -- Until its next event a call does not look for what time did: one that comes earlier would be passed over.
  select
    'no_event_is_missed',
    a.id::text,
    format('next event %s, earliest %s', a.next_event_at, v.at)
  from billing.accounts as a
  cross join
    lateral (
      select
        least(
          (
            -- What holds keep of a lot waits for them.
            select min(g.expires_at)
            from billing.grants as g
            where
              g.account_id = a.id
              and g.lenser_id = a.lenser_id
              and g.closed_at is null
              and g.remaining > g.reserved
          ),
          -- What has not started yet counts from then on.
          (
            select min(g.starts_at)
            from billing.grants as g
            where
              g.account_id = a.id and g.lenser_id = a.lenser_id and g.closed_at is null and g.starts_at > a.updated_at
          ),
          (
            select min(h.expires_at)
            from billing.holds as h
            where
              h.account_id = a.id
              and h.lenser_id = a.lenser_id
              and h.status = 'open'
              and (p_asked.holds_since is null or h.id >= p_asked.holds_since)
          ),
          ratebook.next_due_at(a)
        ) as at
    ) as v
  where (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[])) and v.at < a.next_event_at
  union all
  -- A limit is held against this count, refunds taken off: of all that was ever charged.
  select
    'spent_is_what_members_were_charged',
    m.account_id || ' ' || m.member_id,
    format('spent %s, charges %s', m.spent, coalesce(c.credits, 0))
  from billing.account_members as m
  left join (
    select
      o.account_id,
      o.lenser_id,
      o.spender_id,
      sum(o.credits - coalesce(r.amount, 0)) as credits
    from billing.charges as o
    -- Grouped before it is joined: a charge may have been refunded in parts.
    left join (
      select l.charge_id, l.lenser_id, sum(l.amount) as amount
      from billing.ledger_entries as l
      where
        l.kind = 'refund'
        and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
        and (p_asked.since is null or l.id >= p_asked.since)
      group by l.charge_id, l.lenser_id
    ) as r on r.charge_id = o.id and r.lenser_id = o.lenser_id
    where
      o.spender_id <> o.lenser_id
      and (p_asked.accounts is null or (o.lenser_id = any((select p_asked.lensers)::uuid[]) and o.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or o.id >= p_asked.since)
    group by o.account_id, o.lenser_id, o.spender_id
  ) as c on c.account_id = m.account_id and c.lenser_id = m.lenser_id and c.spender_id = m.member_id
  where
    p_asked.since is null
    and (p_asked.accounts is null or m.account_id = any((select p_asked.accounts)::uuid[]))
    and m.spent <> coalesce(c.credits, 0);
end;
$$;

revoke all on function ratebook.broken_accounts(ratebook.asked) from public;

comment on function ratebook.broken_accounts(ratebook.asked) is 'Accounts of which an invariant does not hold.';
