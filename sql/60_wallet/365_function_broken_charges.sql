create function ratebook.broken_charges(p_asked ratebook.asked)
returns table (check_name text, subject text, fact text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_nestloop = off
as $$
begin
  return query
  -- What was charged is what was taken, to the last digit.
  select
    'a_charge_is_paid_by_its_entries',
    c.id::text,
    format('credits %s, entries %s', c.credits, coalesce(e.amount, 0))
  from billing.charges as c
  left join (
    select
      l.charge_id,
      l.lenser_id,
      -sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.kind = 'charge'
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.charge_id, l.lenser_id
  ) as e on e.charge_id = c.id and e.lenser_id = c.lenser_id
  where
    (p_asked.accounts is null or (c.lenser_id = any((select p_asked.lensers)::uuid[]) and c.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or c.id >= p_asked.since)
    and c.credits <> coalesce(e.amount, 0)
  union all
  -- There is no foreign key, which would be asked by every charge.
  select
    'a_charge_is_of_an_account',
    c.id::text,
    format('account %s', c.account_id)
  from billing.charges as c
  left join billing.accounts as a on a.id = c.account_id and a.lenser_id = c.lenser_id
  where
    not p_asked.is_range
    and (p_asked.since is null or c.id >= p_asked.since)
    and a.id is null
  union all
  -- Nobody gets back more than was taken.
  select
    'a_refund_is_not_more_than_the_charge',
    c.id::text,
    format('credits %s, refunded %s', c.credits, r.amount)
  from (
    select l.charge_id, l.lenser_id, sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.kind = 'refund'
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.charge_id, l.lenser_id
  ) as r
  inner join billing.charges as c on c.id = r.charge_id and c.lenser_id = r.lenser_id
  where
    (p_asked.accounts is null or (c.lenser_id = any((select p_asked.lensers)::uuid[]) and c.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or c.id >= p_asked.since)
    and (r.amount > c.credits or r.amount < 0)
  union all
  -- But for the lot that a refund opens where debt was repaid since.
  select
    'a_refund_goes_back_to_the_lots_that_paid',
    r.charge_id::text,
    format('lot %s paid %s, got back %s', r.grant_id, r.paid, r.refunded)
  from (
    select
      l.charge_id,
      l.grant_id,
      l.lenser_id,
      coalesce(-sum(l.amount) filter (where l.kind = 'charge'), 0) as paid,
      coalesce(sum(l.amount) filter (where l.kind = 'refund'), 0) as refunded
    from billing.ledger_entries as l
    where
      l.charge_id is not null
      and l.grant_id is not null
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or (l.id >= p_asked.since and l.charge_id >= p_asked.since))
    group by l.charge_id, l.grant_id, l.lenser_id
  ) as r
  where
    r.refunded > r.paid
    -- Looked up for the few.
    and (select g.source from billing.grants as g where g.id = r.grant_id and g.lenser_id = r.lenser_id) <> 'refund'
  union all
  -- An estimate is paid or gave way, to one charge and as a whole.
  select
    'a_settled_charge_gave_way',
    s.estimate_id::text,
    format('estimated %s, refunded %s, settled by %s', c.credits, r.amount, s.charges)
  from (
    select o.estimate_id, o.lenser_id, count(*) as charges
    from billing.charges as o
    where
      o.estimate_id is not null
      and (p_asked.accounts is null or (o.lenser_id = any((select p_asked.lensers)::uuid[]) and o.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or (o.id >= p_asked.since and o.estimate_id >= p_asked.since))
    group by o.estimate_id, o.lenser_id
  ) as s
  -- The whole of it went back, which may not be asked about.
  left join billing.charges as c
    on
      c.id = s.estimate_id
      and c.lenser_id = s.lenser_id
      and (p_asked.accounts is null or (c.lenser_id = any((select p_asked.lensers)::uuid[]) and c.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or c.id >= p_asked.since)
  -- It was given back before it was charged anew.
  left join (
    select l.charge_id, l.lenser_id, sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.kind = 'refund'
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.charge_id, l.lenser_id
  ) as r on r.charge_id = s.estimate_id and r.lenser_id = s.lenser_id
  where s.charges <> 1 or (c.is_estimated and coalesce(r.amount, 0) = c.credits) is not true
  union all
  -- Charge and cost stand in two tables, and are written together or not at all.
  select
    'a_priced_charge_keeps_its_cost',
    c.id::text,
    'no row in billing.charge_costs'
  from billing.charges as c
  where
    (p_asked.accounts is null or (c.lenser_id = any((select p_asked.lensers)::uuid[]) and c.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or c.id >= p_asked.since)
    and c.lines is not null
    -- By its key, since no index leads to the costs of an account.
    and (select k.id from billing.charge_costs as k where k.id = c.id and k.lenser_id = c.lenser_id) is null
  union all
  -- A cost names no account, so a range of them does not ask for it.
  select
    'a_cost_belongs_to_a_charge',
    k.id::text,
    'no row in billing.charges'
  from billing.charge_costs as k
  left join billing.charges as c
    on c.id = k.id and c.lenser_id = k.lenser_id and (p_asked.since is null or c.id >= p_asked.since)
  where not p_asked.is_range and (p_asked.since is null or k.id >= p_asked.since) and c.id is null
  union all
  -- Both rows name each other: a hold pays once.
  select
    'a_captured_hold_is_one_charge',
    coalesce(h.id, c.hold_id)::text,
    format('hold''s charge %s, charge''s hold %s', h.charge_id, c.hold_id)
  from (
    select o.id, o.lenser_id, o.charge_id
    from billing.holds as o
    where
      (p_asked.accounts is null or (o.lenser_id = any((select p_asked.lensers)::uuid[]) and o.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or o.id >= p_asked.since)
  ) as h
  full join (
    select o.id, o.lenser_id, o.hold_id
    from billing.charges as o
    where
      (p_asked.accounts is null or (o.lenser_id = any((select p_asked.lensers)::uuid[]) and o.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or (o.id >= p_asked.since and coalesce(o.hold_id, o.id) >= p_asked.since))
  ) as c on c.hold_id = h.id and c.lenser_id = h.lenser_id
  where (h.charge_id is not null or c.hold_id is not null) and h.charge_id is distinct from c.id
  union all
  -- A retry is answered from its key: the answer must have happened, and once.
  select
    'a_key_has_its_effect',
    k.account_id || ' ' || k.key,
    format('no charge %s', k.response ->> 'charge_id')
  from billing.idempotency_keys as k
  left join billing.charges as c
    on
      c.id = (k.response ->> 'charge_id')::uuid
      and c.lenser_id = k.lenser_id
      and c.account_id = k.account_id
      and (p_asked.accounts is null or (c.lenser_id = any((select p_asked.lensers)::uuid[]) and c.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or c.id >= p_asked.since)
  where
    k.response ? 'charge_id'
    -- Of a time they are found by it: accounts have keys of thirty days.
    and (p_asked.accounts is null or p_asked.since is not null or k.account_id = any((select p_asked.accounts)::uuid[]))
    and (p_asked.accounts is null or p_asked.since is null or k.account_id in (select unnest(p_asked.accounts)))
    and (
      p_asked.since is null
      or (k.created_at >= p_asked.since_at and (k.response ->> 'charge_id')::uuid >= p_asked.since)
    )
    and c.id is null
  union all
  -- Two keys for one charge would be a request that was answered with another's.
  select
    'a_charge_has_one_key',
    k.response ->> 'charge_id',
    format('%s keys', count(*))
  from billing.idempotency_keys as k
  where
    k.operation in ('charge_generation', 'capture_hold', 'settle_charge')
    and (p_asked.accounts is null or p_asked.since is not null or k.account_id = any((select p_asked.accounts)::uuid[]))
    and (p_asked.accounts is null or p_asked.since is null or k.account_id in (select unnest(p_asked.accounts)))
    and (
      p_asked.since is null
      or (k.created_at >= p_asked.since_at and (k.response ->> 'charge_id')::uuid >= p_asked.since)
    )
  group by k.lenser_id, k.response ->> 'charge_id'
  having count(*) > 1
  union all
  -- The count that a limit is held against, and what it counts; what will be counted anew is not asked about.
  select
    'a_budget_counts_what_was_charged',
    p.budget_id || ' ' || p.starts_on,
    format('spent %s, charges %s', p.spent, s.spent)
  from billing.budget_periods as p
  inner join billing.budgets as b on b.id = p.budget_id and b.lenser_id = p.lenser_id
  cross join
    lateral (
      select ratebook.spent(b, p.starts_at, p.ends_at) as spent
    ) as s
  where
    (p_asked.accounts is null or p.lenser_id = any((select p_asked.lensers)::uuid[]))
    and (p_asked.since is null or ratebook.uuid_v7_floor(p.starts_at) >= p_asked.since)
    and p.counted_by = ratebook.counted_by(b)
    and p.spent <> s.spent;
end;
$$;

revoke all on function ratebook.broken_charges(ratebook.asked) from public;

comment on function ratebook.broken_charges(ratebook.asked) is 'Charges, keys and budgets of which an invariant does not hold.';
