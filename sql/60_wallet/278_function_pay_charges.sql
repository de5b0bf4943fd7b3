-- The plain case, as in ratebook.charge_plainly(): of the lot that burns first something is left behind all charges of its
-- account, and no mark is crossed. What is updated is looked up one by one, as below.
create function ratebook.pay_plainly(
  p_accounts billing.accounts[], p_needed numeric[], p_priced ratebook.priced_charge[], p_at timestamptz
) returns billing.accounts[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_accounts billing.accounts[];
begin
  if exists (
    select
    from unnest(p_accounts) with ordinality as a
    left join lateral (
      select g.remaining - g.reserved as free
      from billing.grants as g
      where g.id = a.head_id and g.lenser_id is not distinct from a.lenser_id
      offset 0
    ) as h on true
    where
      (
        h.free > p_needed[a.ordinality]
        and a.posted - a.reserved - a.upcoming - p_needed[a.ordinality] >= greatest(a.low_balance_mark, -a.overdraft_limit)
      ) is not true
  ) or exists (select from unnest(p_priced) as p where (p.charge).credits = 0) then
    return null;
  end if;
  with
  -- As they were before, and what each pays.
  accounts as materialized (
    select a.*, p_needed[a.ordinality] as needed from unnest(p_accounts) with ordinality as a
  ),
  -- One after the other, as in the requests.
  charges as (
    select
      (p.charge).id as id,
      (p.charge).account_id as account_id,
      (p.charge).lenser_id as lenser_id,
      (p.charge).credits as credits,
      row_number() over in_turn as number,
      sum((p.charge).credits) over in_turn as so_far
    from unnest(p_priced) with ordinality as p
    window in_turn as (partition by (p.charge).account_id, (p.charge).lenser_id order by p.ordinality)
  ),
  -- An entry each, which has the charge's id.
  entries as (
    insert into billing.ledger_entries (
      id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, effective_at, created_at
    )
    select
      c.id, a.lenser_id, a.id, a.entries + c.number, 'charge', -c.credits, trim_scale(a.posted - c.so_far), a.head_id, c.id,
      p_at, p_at
    from charges as c
    inner join accounts as a on a.id = c.account_id and a.lenser_id = c.lenser_id
  ),
  -- Lots and accounts are written once, however many charges there are.
  burned as (
    update billing.grants as g
    set remaining = g.remaining - f.needed
    from (
      select l.ctid, a.needed
      from accounts as a
      cross join lateral (
        select o.ctid
        from billing.grants as o
        where o.id = a.head_id and o.lenser_id is not distinct from a.lenser_id
        offset 0
      ) as l
    ) as f
    where g.ctid = f.ctid
  ),
  -- The first lot goes on as the first.
  paid as (
    update billing.accounts as a
    set
      posted = trim_scale(a.posted - f.needed),
      entries = a.entries + f.number,
      updated_at = p_at
    from (
      select l.ctid, n.needed, c.number
      from accounts as n
      inner join (
        select o.account_id, o.lenser_id, max(o.number) as number from charges as o group by o.account_id, o.lenser_id
      ) as c on c.account_id = n.id and c.lenser_id = n.lenser_id
      cross join lateral (
        select o.ctid
        from billing.accounts as o
        where o.id = n.id and o.lenser_id is not distinct from n.lenser_id
        offset 0
      ) as l
    ) as f
    where a.ctid = f.ctid
    returning a.*
  )
  select array_agg(p::billing.accounts) into v_accounts from paid as p;
  return v_accounts;
end;
$$;

-- ratebook.allocate() and ratebook.post() in one statement: the credits of an account's charges, laid end to end, meet its
-- lots in burn order, laid end to end; each overlap is an entry. Behind the last lot lies the overdraft. What is updated is
-- looked up first, one by one and by its key, whatever the planner thinks of the table; the account's lock keeps it there.
create function ratebook.pay_in_general(
  p_accounts billing.accounts[], p_priced ratebook.priced_charge[], p_at timestamptz
) returns billing.accounts[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_accounts billing.accounts[];
begin
  with
  -- As they were before: every balance below is worked out from these, whatever the updates write.
  accounts as materialized (
    select a.* from unnest(p_accounts) as a
  ),

  -- Each charge takes a stretch of what its account pays in this call, in the order of the requests. One of nothing has
  -- no entry.
  charges as (
    select
      c.account_id,
      c.lenser_id,
      c.id,
      c.place,
      c.upto - c.credits as since,
      c.upto
    from (
      select
        (p.charge).account_id as account_id,
        (p.charge).lenser_id as lenser_id,
        (p.charge).id as id,
        p.ordinality as place,
        (p.charge).credits as credits,
        sum((p.charge).credits) over (
          partition by (p.charge).account_id, (p.charge).lenser_id order by p.ordinality
        ) as upto
      from unnest(p_priced) with ordinality as p
    ) as c
    where c.credits > 0
  ),

  -- Each lot offers the stretch behind those that burn before it.
  lots as (
    select
      b.account_id,
      b.lenser_id,
      b.id,
      b.since,
      b.since + b.free as upto
    from (
      select
        o.account_id,
        o.lenser_id,
        o.id,
        o.free,
        coalesce(
          sum(o.free) over (
            partition by o.account_id, o.lenser_id
            order by o.is_overdraft, o.priority, o.expires_at, o.id
            rows between unbounded preceding and 1 preceding
          ), 0
        ) as since
      -- In the order of ratebook.allocate(): priority, then what ends first, then age.
      from (
        select
          g.account_id,
          g.lenser_id,
          g.id,
          g.remaining - g.reserved as free,
          g.priority,
          g.expires_at,
          false as is_overdraft
        -- Free is what no hold keeps. A lot that has ended, or not started, pays nothing, also where it is not closed yet.
        from accounts as a
        cross join lateral (
          select l.*
          from billing.grants as l
          where
            l.account_id = a.id
            and l.lenser_id is not distinct from a.lenser_id
            and l.closed_at is null
            and l.remaining > l.reserved
            and coalesce(l.expires_at, 'infinity') > p_at
            and coalesce(l.starts_at, '-infinity') <= p_at
          offset 0
        ) as g
        union all
        -- The overdraft comes last and has no end here: ratebook.assert_available() has refused what exceeds its limit.
        select a.id, a.lenser_id, null, 'Infinity', null, null, true
        from accounts as a
      ) as o
    ) as b
  ),

  -- Where the two overlap, a lot pays for a charge; numbered as one charge after the other would have been.
  movements as materialized (
    select
      c.account_id,
      c.lenser_id,
      l.id as grant_id,
      c.id as charge_id,
      l.since <= c.since as is_first,
      least(c.upto, l.upto) - greatest(c.since, l.since) as taken,
      row_number() over in_turn as number,
      sum(least(c.upto, l.upto) - greatest(c.since, l.since)) over in_turn as so_far
    from charges as c
    inner join lots as l
      on l.account_id = c.account_id and l.lenser_id = c.lenser_id and l.since < c.upto and c.since < l.upto
    window in_turn as (partition by c.account_id, c.lenser_id order by c.place, l.since)
  ),

  -- An entry continues its account's numbers and balance without a gap: the self-check adds them up.
  entries as (
    insert into billing.ledger_entries (
      id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, effective_at, created_at
    )
    select
      -- The first entry of a charge has its id.
      case when m.is_first then m.charge_id else ratebook.uuid_v7(p_at) end,
      a.lenser_id,
      a.id,
      a.entries + m.number,
      'charge',
      trim_scale(-m.taken),
      trim_scale(a.posted - m.so_far),
      m.grant_id,
      m.charge_id,
      p_at,
      p_at
    from movements as m
    inner join accounts as a on a.id = m.account_id and a.lenser_id = m.lenser_id
  ),

  -- A lot is written once, however many charges it pays, and closed with its last credit.
  burned as (
    update billing.grants as g
    set
      remaining = g.remaining - m.taken,
      closed_at = case when g.remaining = m.taken then p_at end
    from (
      select
        t.grant_id,
        t.lenser_id,
        sum(t.taken) as taken
      from movements as t
      where t.grant_id is not null
      group by t.grant_id, t.lenser_id
    ) as m
    cross join lateral (
      select o.ctid
      from billing.grants as o
      where o.id = m.grant_id and o.lenser_id is not distinct from m.lenser_id
      offset 0
    ) as f
    where g.ctid = f.ctid
  ),

  -- An account is written once; what no lot paid is debt. One whose charges cost nothing is written too, and returned.
  paid as (
    update billing.accounts as a
    set
      posted = trim_scale(a.posted - m.taken),
      debt = a.debt + m.overdrawn,
      entries = a.entries + m.entries,
      -- The lot that the next credit comes from; the overdraft is none.
      head_id = h.id,
      updated_at = p_at
    -- One sum for the balance, the debt and the number of entries: they cannot drift apart.
    from (
      select
        o.id,
        o.lenser_id,
        coalesce(sum(t.taken), 0) as taken,
        coalesce(sum(t.taken) filter (where t.grant_id is null), 0) as overdrawn,
        count(t.charge_id) as entries
      from accounts as o
      left join movements as t on t.account_id = o.id and t.lenser_id = o.lenser_id
      group by o.id, o.lenser_id
    ) as m
    inner join lots as h on h.account_id = m.id and h.lenser_id = m.lenser_id and h.since <= m.taken and m.taken < h.upto
    cross join lateral (
      select o.ctid
      from billing.accounts as o
      where o.id = m.id and o.lenser_id is not distinct from m.lenser_id
      offset 0
    ) as f
    where a.ctid = f.ctid
    returning a.*
  ),

  -- Told once, by the call that crosses the mark, and not by each one below it.
  signals as (
    insert into billing.outbox (lenser_id, account_id, topic, payload, created_at)
    select
      p.lenser_id,
      p.id,
      'low_balance',
      ratebook.low_balance_object(p),
      p_at
    from paid as p
    inner join accounts as a on a.id = p.id and a.lenser_id = p.lenser_id
    where
      p.posted - p.reserved - p.upcoming < p.low_balance_mark
      and a.posted - a.reserved - a.upcoming >= a.low_balance_mark
  )

  select array_agg(p::billing.accounts) into v_accounts from paid as p;
  return v_accounts;
end;
$$;

revoke all on function ratebook.pay_plainly(
  billing.accounts[], numeric[], ratebook.priced_charge[], timestamptz
) from public;
revoke all on function ratebook.pay_in_general(billing.accounts[], ratebook.priced_charge[], timestamptz) from public;

comment on function ratebook.pay_plainly(
  billing.accounts[], numeric[], ratebook.priced_charge[], timestamptz
) is
'ratebook.pay_in_general() where the lot that burns first pays all charges of its account, p_needed each; NULL where one does not, and nothing is written.';
comment on function ratebook.pay_in_general(billing.accounts[], ratebook.priced_charge[], timestamptz) is
'Pays charges that the locked accounts can pay, from their lots, with the same entries as ratebook.post(). Returns the accounts as they are then.';
