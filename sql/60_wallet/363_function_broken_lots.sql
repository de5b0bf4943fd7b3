create function ratebook.broken_lots(p_asked ratebook.asked)
returns table (check_name text, subject text, fact text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_nestloop = off
as $$
begin
  return query
  -- A lot has no entry that is older than it: of lots since a time, those since then are all.
  select
    'a_lot_holds_what_its_entries_say',
    g.id::text,
    format('remaining %s, entries %s', g.remaining, coalesce(e.amount, 0))
  from billing.grants as g
  left join (
    select
      l.grant_id,
      l.lenser_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.grant_id, l.lenser_id
  ) as e on e.grant_id = g.id and e.lenser_id = g.lenser_id
  where
    (p_asked.accounts is null or (g.lenser_id = any((select p_asked.lensers)::uuid[]) and g.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or g.id >= p_asked.since)
    and g.remaining <> coalesce(e.amount, 0)
  union all
  -- What is closed has nothing to reserve, which another check sees to.
  select
    'a_lot_reserves_what_open_holds_keep',
    g.id::text,
    format('reserved %s, holds %s', g.reserved, coalesce(h.amount, 0))
  from billing.grants as g
  left join (
    select
      k.key::uuid as grant_id,
      o.lenser_id,
      sum(k.value::numeric) as amount
    from billing.holds as o
    cross join lateral jsonb_each(o.lots) as k
    where
      o.status = 'open'
      and (p_asked.accounts is null or o.account_id = any((select p_asked.accounts)::uuid[]))
      and (p_asked.holds_since is null or o.id >= p_asked.holds_since)
    group by k.key, o.lenser_id
  ) as h on h.grant_id = g.id and h.lenser_id = g.lenser_id
  where
    (p_asked.accounts is null or (g.account_id = any((select p_asked.accounts)::uuid[]) and g.closed_at is null))
    and g.reserved <> coalesce(h.amount, 0)
  union all
  -- More than its amount would be kept back from everybody else, and given to nobody.
  select
    'a_hold_keeps_no_more_than_its_amount',
    h.id::text,
    format('amount %s, of lots %s', h.amount, k.amount)
  from billing.holds as h
  cross join lateral (select sum(e.value::numeric) as amount from jsonb_each(h.lots) as e) as k
  where
    h.status = 'open'
    and (p_asked.accounts is null or h.account_id = any((select p_asked.accounts)::uuid[]))
    and (p_asked.holds_since is null or h.id >= p_asked.holds_since)
    and k.amount > h.amount
  union all
  -- There is no foreign key, which would be asked by every hold.
  select
    'a_hold_is_of_an_account',
    h.id::text,
    format('account %s', h.account_id)
  from billing.holds as h
  left join billing.accounts as a on a.id = h.account_id and a.lenser_id = h.lenser_id
  where
    not p_asked.is_range
    and (p_asked.holds_since is null or h.id >= p_asked.holds_since)
    and a.id is null
  union all
  -- Calls look at open lots alone: one that is closed with credits left would be lost.
  select
    'a_lot_is_closed_when_it_is_empty',
    g.id::text,
    format('remaining %s, closed at %s', g.remaining, g.closed_at)
  from billing.grants as g
  where
    (p_asked.accounts is null or (g.lenser_id = any((select p_asked.lensers)::uuid[]) and g.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or g.id >= p_asked.since)
    and (g.remaining = 0) <> (g.closed_at is not null)
  union all
  -- What left it by each way, and what is left, are parts of it.
  select
    'a_lot_stays_within_its_amount',
    g.id::text,
    format(
      'amount %s, remaining %s, reserved %s, expired %s, revoked %s', g.amount, g.remaining, g.reserved, g.expired,
      g.revoked
    )
  from billing.grants as g
  where
    (p_asked.accounts is null or (g.lenser_id = any((select p_asked.lensers)::uuid[]) and g.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or g.id >= p_asked.since)
    and not (
      0 <= g.reserved and g.reserved <= g.remaining and 0 <= least(g.expired, g.revoked)
      and g.remaining + g.expired + g.revoked <= g.amount
    )
  union all
  -- What is neither left nor ended was spent: that is owed where the lot is taken back.
  select
    'a_lot_knows_what_expired_of_it',
    g.id::text,
    format('expired %s, entries %s', g.expired, coalesce(-e.amount, 0))
  from billing.grants as g
  left join (
    select
      l.grant_id,
      l.lenser_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.kind = 'expiry'
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.grant_id, l.lenser_id
  ) as e on e.grant_id = g.id and e.lenser_id = g.lenser_id
  where
    (p_asked.accounts is null or (g.lenser_id = any((select p_asked.lensers)::uuid[]) and g.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or g.id >= p_asked.since)
    and g.expired <> coalesce(-e.amount, 0)
  union all
  -- From a lot, or as debt, whenever that was.
  select
    'what_was_taken_back_is_in_the_ledger',
    g.account_id::text,
    format('revoked %s, entries %s', g.revoked, coalesce(-e.amount, 0))
  from (
    select
      l.account_id,
      l.lenser_id,
      sum(l.revoked) as revoked
    from billing.grants as l
    where (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
    group by l.account_id, l.lenser_id
  ) as g
  left join (
    -- Debt names no lot, so it is the account's sum that must agree.
    select
      l.account_id,
      l.lenser_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.kind = 'revocation'
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = g.account_id and e.lenser_id = g.lenser_id
  where p_asked.since is null and g.revoked <> coalesce(-e.amount, 0)
  union all
  -- Only what holds keep is left of it, and nothing of it is neither gone nor owed.
  select
    'a_lot_taken_back_is_gone',
    g.id::text,
    format('amount %s, remaining %s, reserved %s, revoked %s', g.amount, g.remaining, g.reserved, g.revoked)
  from billing.grants as g
  where
    (p_asked.accounts is null or (g.lenser_id = any((select p_asked.lensers)::uuid[]) and g.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or g.id >= p_asked.since)
    and g.revoked_at is not null
    and (g.remaining <> g.reserved or g.remaining + g.expired + g.revoked <> g.amount);
end;
$$;

revoke all on function ratebook.broken_lots(ratebook.asked) from public;

comment on function ratebook.broken_lots(ratebook.asked) is 'Lots of which an invariant does not hold.';
