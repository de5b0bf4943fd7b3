create function ratebook.broken_accounts() returns table (check_name text, subject text, fact text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  -- The balance is kept on the account for speed; the ledger is what it must say.
  select
    'posted_is_the_sum_of_the_ledger',
    a.id::text,
    format('posted %s, entries %s', a.posted, coalesce(e.amount, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      l.lenser_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = a.id and e.lenser_id = a.lenser_id
  where a.posted <> coalesce(e.amount, 0)
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
    group by l.account_id, l.lenser_id
  ) as g on g.account_id = a.id and g.lenser_id = a.lenser_id
  where a.posted <> coalesce(g.remaining, 0) - a.debt
  union all
  -- Entries without a lot are debt, made and repaid.
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
    where l.grant_id is null
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = a.id and e.lenser_id = a.lenser_id
  where a.debt <> coalesce(-e.amount, 0)
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
    where o.status = 'open'
    group by o.account_id, o.lenser_id
  ) as h on h.account_id = a.id and h.lenser_id = a.lenser_id
  where a.reserved <> coalesce(h.amount, 0)
  union all
  -- Nobody spends beyond what was allowed.
  select
    'available_is_within_the_overdraft',
    a.id::text,
    format('available %s, overdraft limit %s', a.posted - a.reserved - a.upcoming, a.overdraft_limit)
  from billing.accounts as a
  where a.posted - a.reserved - a.upcoming < -a.overdraft_limit - a.revoked_debt
  union all
  -- What may be owed beyond the limit is what payments left that were taken back.
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
    where l.grant_id is null and l.kind = 'revocation'
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = a.id and e.lenser_id = a.lenser_id
  where a.revoked_debt > least(a.debt, coalesce(-e.amount, 0))
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
    from billing.grants as l
    inner join billing.accounts as o on o.id = l.account_id and o.lenser_id = l.lenser_id
    where l.starts_at > o.updated_at
    group by l.account_id, l.lenser_id
  ) as g on g.account_id = a.id and g.lenser_id = a.lenser_id
  where a.upcoming <> coalesce(g.remaining, 0)
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
          (
            select min(g.starts_at)
            from billing.grants as g
            where
              g.account_id = a.id and g.lenser_id = a.lenser_id and g.closed_at is null and g.starts_at > a.updated_at
          ),
          (
            select min(h.expires_at)
            from billing.holds as h
            where h.account_id = a.id and h.lenser_id = a.lenser_id and h.status = 'open'
          ),
          ratebook.next_due_at(a)
        ) as at
    ) as v
  where v.at < a.next_event_at
  union all
  -- A limit is held against this count, refunds taken off.
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
    left join ratebook.refunds as r on r.charge_id = o.id and r.lenser_id = o.lenser_id
    where o.spender_id <> o.lenser_id
    group by o.account_id, o.lenser_id, o.spender_id
  ) as c on c.account_id = m.account_id and c.lenser_id = m.lenser_id and c.spender_id = m.member_id
  where m.spent <> coalesce(c.credits, 0);
end;

create function ratebook.broken_lots() returns table (check_name text, subject text, fact text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
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
    group by l.grant_id, l.lenser_id
  ) as e on e.grant_id = g.id and e.lenser_id = g.lenser_id
  where g.remaining <> coalesce(e.amount, 0)
  union all
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
    where o.status = 'open'
    group by k.key, o.lenser_id
  ) as h on h.grant_id = g.id and h.lenser_id = g.lenser_id
  where g.reserved <> coalesce(h.amount, 0)
  union all
  select
    'a_hold_keeps_no_more_than_its_amount',
    h.id::text,
    format('amount %s, of lots %s', h.amount, k.amount)
  from billing.holds as h
  cross join lateral (select sum(e.value::numeric) as amount from jsonb_each(h.lots) as e) as k
  where h.status = 'open' and k.amount > h.amount
  union all
  select
    'a_lot_is_closed_when_it_is_empty',
    g.id::text,
    format('remaining %s, closed at %s', g.remaining, g.closed_at)
  from billing.grants as g
  where (g.remaining = 0) <> (g.closed_at is not null)
  union all
  select
    'a_lot_stays_within_its_amount',
    g.id::text,
    format(
      'amount %s, remaining %s, reserved %s, expired %s, revoked %s', g.amount, g.remaining, g.reserved, g.expired,
      g.revoked
    )
  from billing.grants as g
  where
    not (
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
    where l.kind = 'expiry'
    group by l.grant_id, l.lenser_id
  ) as e on e.grant_id = g.id and e.lenser_id = g.lenser_id
  where g.expired <> coalesce(-e.amount, 0)
  union all
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
    group by l.account_id, l.lenser_id
  ) as g
  left join (
    select
      l.account_id,
      l.lenser_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    where l.kind = 'revocation'
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = g.account_id and e.lenser_id = g.lenser_id
  where g.revoked <> coalesce(-e.amount, 0)
  union all
  -- Only what holds keep is left of it, and nothing of it is neither gone nor owed.
  select
    'a_lot_taken_back_is_gone',
    g.id::text,
    format('amount %s, remaining %s, reserved %s, revoked %s', g.amount, g.remaining, g.reserved, g.revoked)
  from billing.grants as g
  where
    g.revoked_at is not null
    and (g.remaining <> g.reserved or g.remaining + g.expired + g.revoked <> g.amount);
end;

create function ratebook.broken_entries() returns table (check_name text, subject text, fact text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  -- A gap would be an entry that somebody took out.
  select
    'entries_are_numbered_without_a_gap',
    e.account_id::text,
    format('entry %s in place %s', e.number, e.place)
  from (
    select
      l.account_id,
      l.number,
      row_number() over (partition by l.account_id, l.lenser_id order by l.number) as place
    from billing.ledger_entries as l
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
      count(*) as found
    from billing.ledger_entries as l
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = a.id and e.lenser_id = a.lenser_id
  where a.entries <> coalesce(e.found, 0)
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
      sum(l.amount) over (partition by l.account_id, l.lenser_id order by l.number) as total
    from billing.ledger_entries as l
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
  ) as e
  where e.created_at < e.earlier
  union all
  -- Credits of one account never pay for another.
  select
    'an_entry_belongs_to_the_account_of_its_lot',
    e.id::text,
    format('account %s, lot %s', e.account_id, e.grant_id)
  from billing.ledger_entries as e
  left join billing.grants as g on g.id = e.grant_id and g.lenser_id = e.lenser_id and g.account_id = e.account_id
  where e.grant_id is not null and g.id is null
  union all
  select
    'an_entry_belongs_to_the_account_of_its_charge',
    e.id::text,
    format('account %s, charge %s', e.account_id, e.charge_id)
  from billing.ledger_entries as e
  left join billing.charges as c on c.id = e.charge_id and c.lenser_id = e.lenser_id and c.account_id = e.account_id
  where (e.charge_id is not null or e.kind in ('charge', 'refund')) and c.id is null
  union all
  -- What left one account came to another, and both say so.
  select
    'a_move_is_two_entries',
    e.id::text,
    format('amount %s, on the other side %s', e.amount, o.amount)
  from billing.ledger_entries as e
  left join billing.ledger_entries as o
    on o.id = e.counterpart_id and o.counterpart_id = e.id and o.kind = 'move' and o.account_id <> e.account_id
  where (e.kind = 'move' or e.counterpart_id is not null) and (e.amount = -o.amount) is not true;
end;

create function ratebook.broken_charges() returns table (check_name text, subject text, fact text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
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
    where l.kind = 'charge'
    group by l.charge_id, l.lenser_id
  ) as e on e.charge_id = c.id and e.lenser_id = c.lenser_id
  where c.credits <> coalesce(e.amount, 0)
  union all
  select
    'a_refund_is_not_more_than_the_charge',
    c.id::text,
    format('credits %s, refunded %s', c.credits, r.amount)
  from ratebook.refunds as r
  inner join billing.charges as c on c.id = r.charge_id and c.lenser_id = r.lenser_id
  where r.amount > c.credits or r.amount < 0
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
    where l.charge_id is not null and l.grant_id is not null
    group by l.charge_id, l.grant_id, l.lenser_id
  ) as r
  inner join billing.grants as g on g.id = r.grant_id and g.lenser_id = r.lenser_id
  where r.refunded > r.paid and g.source <> 'refund'
  union all
  -- An estimate is paid or gave way, to one charge and as a whole.
  select
    'a_settled_charge_gave_way',
    s.estimate_id::text,
    format('estimated %s, refunded %s, settled by %s', c.credits, r.amount, s.charges)
  from (
    select
      o.estimate_id,
      o.lenser_id,
      count(*) as charges
    from billing.charges as o
    where o.estimate_id is not null
    group by o.estimate_id, o.lenser_id
  ) as s
  left join billing.charges as c on c.id = s.estimate_id and c.lenser_id = s.lenser_id
  left join ratebook.refunds as r on r.charge_id = s.estimate_id and r.lenser_id = s.lenser_id
  where s.charges <> 1 or (c.is_estimated and coalesce(r.amount, 0) = c.credits) is not true
  union all
  -- Charge and cost stand in two tables, and are written together or not at all.
  select
    'a_priced_charge_keeps_its_cost',
    c.id::text,
    'no row in billing.charge_costs'
  from billing.charges as c
  left join billing.charge_costs as k on k.id = c.id and k.lenser_id = c.lenser_id
  where c.lines is not null and k.id is null
  union all
  select
    'a_cost_belongs_to_a_charge',
    k.id::text,
    'no row in billing.charges'
  from billing.charge_costs as k
  left join billing.charges as c on c.id = k.id and c.lenser_id = k.lenser_id
  where c.id is null
  union all
  -- Both rows name each other: a hold pays once.
  select
    'a_captured_hold_is_one_charge',
    coalesce(h.id, c.hold_id)::text,
    format('hold''s charge %s, charge''s hold %s', h.charge_id, c.hold_id)
  from billing.holds as h
  full join billing.charges as c on c.hold_id = h.id and c.lenser_id = h.lenser_id
  where (h.charge_id is not null or c.hold_id is not null) and h.charge_id is distinct from c.id
  union all
  -- A retry is answered from its key: the answer must have happened, and once.
  select
    'a_key_has_its_effect',
    k.account_id || ' ' || k.key,
    format('no charge %s', k.response ->> 'charge_id')
  from billing.idempotency_keys as k
  left join billing.charges as c
    on c.id = (k.response ->> 'charge_id')::uuid and c.lenser_id = k.lenser_id and c.account_id = k.account_id
  where k.response ? 'charge_id' and c.id is null
  union all
  select
    'a_charge_has_one_key',
    k.response ->> 'charge_id',
    format('%s keys', count(*))
  from billing.idempotency_keys as k
  where k.operation in ('charge_generation', 'capture_hold', 'settle_charge')
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
  where p.counted_by = ratebook.counted_by(b) and p.spent <> s.spent;
end;

create function ratebook.check_wallets() returns table (check_name text, severity text, message text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
-- Definer: reads every account.
begin atomic
  select
    n.name,
    case when count(b.subject) = 0 then 'ok' else 'error' end,
    case
      when count(b.subject) = 0 then 'Holds everywhere.'
      else format(
        'Broken %s times: %s.', count(b.subject),
        string_agg(b.subject || ' (' || b.fact || ')', ', ' order by b.subject) filter (where b.place <= 5)
      )
    end
  from
    unnest(array[
      'posted_is_the_sum_of_the_ledger',
      'posted_is_what_lots_hold_less_debt',
      'debt_is_the_sum_of_its_entries',
      'reserved_is_the_sum_of_open_holds',
      'available_is_within_the_overdraft',
      'revoked_debt_is_of_revocations',
      'upcoming_is_what_has_not_started',
      'no_event_is_missed',
      'spent_is_what_members_were_charged',
      'a_lot_holds_what_its_entries_say',
      'a_lot_reserves_what_open_holds_keep',
      'a_hold_keeps_no_more_than_its_amount',
      'a_lot_is_closed_when_it_is_empty',
      'a_lot_stays_within_its_amount',
      'a_lot_knows_what_expired_of_it',
      'what_was_taken_back_is_in_the_ledger',
      'a_lot_taken_back_is_gone',
      'entries_are_numbered_without_a_gap',
      'entries_are_all_there',
      'balances_after_add_up',
      'times_of_an_account_never_go_back',
      'an_entry_belongs_to_the_account_of_its_lot',
      'an_entry_belongs_to_the_account_of_its_charge',
      'a_move_is_two_entries',
      'a_charge_is_paid_by_its_entries',
      'a_refund_is_not_more_than_the_charge',
      'a_refund_goes_back_to_the_lots_that_paid',
      'a_settled_charge_gave_way',
      'a_priced_charge_keeps_its_cost',
      'a_cost_belongs_to_a_charge',
      'a_captured_hold_is_one_charge',
      'a_key_has_its_effect',
      'a_charge_has_one_key',
      'a_budget_counts_what_was_charged'
    ]) with ordinality as n (name, place)
  left join (
    select
      f.*,
      row_number() over (partition by f.check_name order by f.subject) as place
    from (
      select * from ratebook.broken_accounts()
      union all
      select * from ratebook.broken_lots()
      union all
      select * from ratebook.broken_entries()
      union all
      select * from ratebook.broken_charges()
    ) as f
  ) as b on b.check_name = n.name
  group by n.name, n.place
  order by n.place;
end;

create function billing.self_check() returns table (check_name text, severity text, message text)
language sql stable
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select
    c.check_name,
    c.severity,
    c.message
  from ratebook.check_wallets() as c;
end;

revoke all on function ratebook.broken_accounts() from public;
revoke all on function ratebook.broken_lots() from public;
revoke all on function ratebook.broken_entries() from public;
revoke all on function ratebook.broken_charges() from public;
revoke all on function ratebook.check_wallets() from public;
revoke all on function billing.self_check() from public;
grant execute on function ratebook.check_wallets() to service_role;
grant execute on function billing.self_check() to service_role;

comment on function ratebook.broken_accounts() is 'Accounts of which an invariant does not hold.';
comment on function ratebook.broken_lots() is 'Lots of which an invariant does not hold.';
comment on function ratebook.broken_entries() is 'Ledger entries of which an invariant does not hold.';
comment on function ratebook.broken_charges() is 'Charges, keys and budgets of which an invariant does not hold.';
comment on function ratebook.check_wallets() is 'The checks behind billing.self_check().';
comment on function billing.self_check() is
'Service role only. Checks every invariant of the wallet over the whole database: one row per check with severity ok or error, and what is broken. Reads everything: minutes on a large ledger.';
