create function ratebook.broken_entries(p_asked ratebook.asked)
returns table (check_name text, subject text, fact text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_nestloop = off
as $$
begin
  return query
  -- A gap would be an entry that somebody took out. The first since a time is taken at its word.
  select
    'entries_are_numbered_without_a_gap',
    e.account_id::text,
    format('entry %s in place %s', e.number, e.place)
  from (
    select
      l.account_id,
      l.number,
      row_number() over w + case when p_asked.since is null then 0 else first_value(l.number) over w - 1 end as place
    from billing.ledger_entries as l
    where
      (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    window w as (partition by l.account_id, l.lenser_id order by l.number)
  ) as e
  where e.number <> e.place
  union all
  -- The last ones leave no gap: the account knows how many there are.
  select
    'entries_are_all_there',
    a.id::text,
    format('counted %s, found %s', a.entries, coalesce(e.found, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      l.lenser_id,
      count(*) + case when p_asked.since is null then 0 else min(l.number) - 1 end as found
    from billing.ledger_entries as l
    where
      (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = a.id and e.lenser_id = a.lenser_id
  where
    (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and (p_asked.since is null or e.account_id is not null)
    and a.entries <> coalesce(e.found, 0)
  union all
  -- There is no foreign key, which would be asked by every charge.
  select
    'an_entry_is_of_an_account',
    l.id::text,
    format('account %s', l.account_id)
  from billing.ledger_entries as l
  left join billing.accounts as a on a.id = l.account_id and a.lenser_id = l.lenser_id
  where
    not p_asked.is_range
    and (p_asked.since is null or l.id >= p_asked.since)
    and a.id is null
  union all
  -- What an owner was shown after each entry is what the entries make.
  select
    'balances_after_add_up',
    e.id::text,
    format('balance after %s, sum %s', e.balance_after, e.total)
  from (
    select
      l.id,
      l.balance_after,
      sum(l.amount) over w
      + case when p_asked.since is null then 0 else first_value(l.balance_after - l.amount) over w end as total
    from billing.ledger_entries as l
    where
      (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    window w as (partition by l.account_id, l.lenser_id order by l.number)
  ) as e
  where e.balance_after <> e.total
  union all
  -- A statement for a month is a piece of the ledger only where times follow the numbers.
  select
    'times_of_an_account_never_go_back',
    e.id::text,
    format('entry of %s after one of %s', e.created_at, e.earlier)
  from (
    select
      l.id,
      l.created_at,
      lag(l.created_at) over (partition by l.account_id, l.lenser_id order by l.number) as earlier
    from billing.ledger_entries as l
    where
      (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
  ) as e
  where e.created_at < e.earlier
  union all
  -- Credits of one account never pay for another.
  select
    'an_entry_belongs_to_the_account_of_its_lot',
    e.id::text,
    format('account %s, lot %s', e.account_id, e.grant_id)
  from billing.ledger_entries as e
  left join billing.grants as g
    on
      g.id = e.grant_id
      and g.lenser_id = e.lenser_id
      and g.account_id = e.account_id
      and (p_asked.accounts is null or (g.lenser_id = any((select p_asked.lensers)::uuid[]) and g.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or g.id >= p_asked.since)
  where
    (p_asked.accounts is null or (e.lenser_id = any((select p_asked.lensers)::uuid[]) and e.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or (e.id >= p_asked.since and e.grant_id >= p_asked.since))
    and e.grant_id is not null
    and g.id is null
  union all
  -- Nor is a charge paid, or given back, by another account than its own.
  select
    'an_entry_belongs_to_the_account_of_its_charge',
    e.id::text,
    format('account %s, charge %s', e.account_id, e.charge_id)
  from billing.ledger_entries as e
  left join billing.charges as c
    on
      c.id = e.charge_id
      and c.lenser_id = e.lenser_id
      and c.account_id = e.account_id
      and (p_asked.accounts is null or (c.lenser_id = any((select p_asked.lensers)::uuid[]) and c.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or c.id >= p_asked.since)
  where
    (p_asked.accounts is null or (e.lenser_id = any((select p_asked.lensers)::uuid[]) and e.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or (e.id >= p_asked.since and coalesce(e.charge_id, e.id) >= p_asked.since))
    and (e.charge_id is not null or e.kind in ('charge', 'refund'))
    and c.id is null
  union all
  -- What is yet to come is no entry.
  select
    'an_entry_is_not_effective_later_than_written',
    e.id::text,
    format('effective %s, written %s', e.effective_at, e.created_at)
  from billing.ledger_entries as e
  where
    (p_asked.accounts is null or (e.lenser_id = any((select p_asked.lensers)::uuid[]) and e.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or e.id >= p_asked.since)
    and e.effective_at > e.created_at
  union all
  -- What left one account came to another, which may not be asked about, and both say so.
  select
    'a_move_is_two_entries',
    e.id::text,
    format('amount %s, on the other side %s', e.amount, o.amount)
  from billing.ledger_entries as e
  left join
    lateral (
      select c.amount
      from billing.ledger_entries as c
      where c.id = e.counterpart_id and c.counterpart_id = e.id and c.kind = 'move'
        and (c.account_id, c.lenser_id) <> (e.account_id, e.lenser_id)
      offset 0
    ) as o on true
  where
    (p_asked.accounts is null or (e.lenser_id = any((select p_asked.lensers)::uuid[]) and e.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or e.id >= p_asked.since)
    and (e.kind = 'move' or e.counterpart_id is not null)
    and (e.amount = -o.amount) is not true;
end;
$$;

revoke all on function ratebook.broken_entries(ratebook.asked) from public;

comment on function ratebook.broken_entries(ratebook.asked) is 'Ledger entries of which an invariant does not hold.';
