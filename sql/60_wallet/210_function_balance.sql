create type ratebook.balance as (
  posted numeric,
  reserved numeric,
  debt numeric,
  available numeric,
  upcoming numeric
);

-- What ratebook.settle() would write down by then, without writing.
create function ratebook.pending(p_account billing.accounts, p_at timestamptz) returns ratebook.balance
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_posted numeric;
  v_repaid numeric;
  v_reserved numeric;
  v_expired numeric;
  v_started numeric;
  -- Holds that ended by then: none lasts longer than a week, and none of the account ends before its next event.
  v_since uuid := ratebook.uuid_v7_floor(least(p_account.next_event_at, p_at) - interval '168 hours');
  v_until uuid := ratebook.uuid_v7_floor(p_at + interval '1 millisecond');
begin
  -- A grant that is over by then has only repaid debt. A lot that starts is posted already; what of it is over is not.
  select
    coalesce(sum(d.repaid + case when d.expires_at <= p_at then 0 else d.amount - d.repaid end - d.counted), 0),
    coalesce(sum(d.repaid), 0),
    coalesce(sum(d.counted), 0)
  into v_posted, v_repaid, v_started
  from (
    select
      r.expires_at,
      r.amount,
      r.counted,
      least(r.amount, greatest(p_account.debt - sum(r.amount) over so_far + r.amount, 0)) as repaid
    -- In the order in which they come, each repays what is owed by then.
    from (
      select o.due_at, o.recurring_grant_id as id, o.amount, o.expires_at, 0 as counted
      from ratebook.due_grants(p_account, p_at) as o
      union all
      select g.starts_at, g.id, g.remaining, g.expires_at, g.remaining
      from billing.grants as g
      where
        g.account_id = p_account.id
        and g.lenser_id is not distinct from p_account.lenser_id
        and g.starts_at >= p_account.next_event_at
        and g.starts_at <= p_at
        and g.closed_at is null
    ) as r
    window so_far as (order by r.due_at, r.id)
  ) as d;

  -- Holds that timed out keep nothing back.
  select coalesce(sum(h.amount), 0) into v_reserved
  from billing.holds as h
  where
    h.account_id = p_account.id
    and h.lenser_id is not distinct from p_account.lenser_id
    and h.status = 'open'
    and h.expires_at <= p_at
    and h.id >= v_since
    and h.id < v_until;

  -- Lots that ended hold what open holds keep of them, and no more.
  select coalesce(sum(g.remaining - g.reserved + f.freed), 0) into v_expired
  from billing.grants as g
  cross join lateral (
    select coalesce(sum((h.lots ->> g.id::text)::numeric), 0) as freed
    from billing.holds as h
    where
      h.account_id = p_account.id
      and h.lenser_id is not distinct from p_account.lenser_id
      and h.status = 'open'
      and h.expires_at <= p_at
      and h.id >= v_since
      and h.id < v_until
  ) as f
  where
    g.account_id = p_account.id
    and g.lenser_id is not distinct from p_account.lenser_id
    and g.closed_at is null
    and g.expires_at <= p_at
    -- What started and ended since is above.
    and (g.starts_at >= p_account.next_event_at) is not true;

  return (
    v_posted - v_expired, -v_reserved, -v_repaid, v_posted - v_expired + v_reserved + v_started, -v_started
  )::ratebook.balance;
end;
$$;

create function ratebook.balance_now(p_account billing.accounts) returns ratebook.balance
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the view that calls it, in the name of who may read the account, has no rights to what is pending.
declare
  v_at timestamptz := ratebook.clock();
  v_pending ratebook.balance;
begin
  if p_account.next_event_at > v_at then
    return (
      p_account.posted, p_account.reserved, p_account.debt,
      p_account.posted - p_account.reserved - p_account.upcoming, p_account.upcoming
    )::ratebook.balance;
  end if;
  v_pending := ratebook.pending(p_account, v_at);
  return (
    p_account.posted + v_pending.posted,
    p_account.reserved + v_pending.reserved,
    p_account.debt + v_pending.debt,
    p_account.posted - p_account.reserved - p_account.upcoming + v_pending.available,
    p_account.upcoming + v_pending.upcoming
  )::ratebook.balance;
end;
$$;

create function ratebook.written_at(p_account billing.accounts, p_at timestamptz) returns numeric
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce((
    select e.balance_after
    from billing.ledger_entries as e
    where
      e.lenser_id = p_account.lenser_id
      and e.account_id = p_account.id
      and e.created_at <= p_at
      and e.id < ratebook.uuid_v7_floor(p_at + interval '1 millisecond')
    order by e.created_at desc, e.number desc
    limit 1
  ), 0);
end;
$$;

create function ratebook.posted_at(p_account billing.accounts, p_at timestamptz) returns numeric
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_posted numeric := ratebook.written_at(p_account, p_at);
begin
  -- The last entry by then, what was written down later than it happened, and what is not written down yet.
  select v_posted + coalesce(sum(e.amount), 0) into v_posted
  from billing.ledger_entries as e
  where
    e.account_id = p_account.id
    and e.lenser_id is not distinct from p_account.lenser_id
    and e.effective_at < e.created_at
    and e.effective_at <= p_at
    and e.created_at > p_at
    and e.id >= ratebook.uuid_v7_floor(p_at)
    and e.id < ratebook.uuid_v7_floor(p_account.updated_at + interval '1 millisecond');
  -- What time has done since, and nobody has written down.
  if p_account.next_event_at <= p_at then
    v_posted := v_posted + (ratebook.pending(p_account, p_at)).posted;
  end if;
  return v_posted;
end;
$$;

create function ratebook.balance_at(p_account billing.accounts, p_at timestamptz) returns ratebook.balance
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_posted constant numeric := ratebook.posted_at(p_account, p_at);
  v_reserved numeric;
  v_upcoming numeric;
begin
  select coalesce(sum(h.amount), 0) into v_reserved
  from billing.holds as h
  where
    h.lenser_id = p_account.lenser_id
    and h.account_id = p_account.id
    -- No hold lasts longer than a week.
    and h.id >= ratebook.uuid_v7_floor(p_at - interval '168 hours')
    and h.id < ratebook.uuid_v7_floor(p_at + interval '1 millisecond')
    and h.created_at <= p_at
    and h.expires_at > p_at
    and coalesce(h.ended_at, 'infinity') > p_at;
  -- Lots that came in by then and start later, as they were: nothing is spent of one, but it may be taken back.
  select coalesce(sum(g.amount + coalesce(e.amount, 0)), 0) into v_upcoming
  from billing.grants as g
  left join lateral (
    select sum(o.amount) as amount
    from billing.ledger_entries as o
    where
      o.grant_id = g.id
      and o.lenser_id is not distinct from g.lenser_id
      and o.kind in ('revocation', 'move')
      and o.amount < 0
      and o.id >= ratebook.uuid_v7_floor(g.created_at)
      and o.id < ratebook.uuid_v7_floor(p_at + interval '1 millisecond')
      and o.created_at <= p_at
  ) as e on true
  where
    g.account_id = p_account.id
    and g.lenser_id is not distinct from p_account.lenser_id
    and g.starts_at > p_at
    and g.created_at <= p_at;
  return (v_posted, v_reserved, null, v_posted - v_reserved - v_upcoming, v_upcoming)::ratebook.balance;
end;
$$;

create function ratebook.balance_text(
  p_posted numeric, p_reserved numeric, p_debt numeric, p_upcoming numeric
) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return format(
    '{"posted": "%s", "reserved": "%s", "debt": "%s", "available": "%s"%s}', trim_scale(p_posted), trim_scale(p_reserved),
    trim_scale(p_debt), trim_scale(p_posted - p_reserved - p_upcoming),
    case when p_upcoming > 0 then ', "upcoming": "' || trim_scale(p_upcoming) || '"' end
  );
end;
$$;

create function ratebook.balance_object(p_account billing.accounts) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return ratebook.balance_text(p_account.posted, p_account.reserved, p_account.debt, p_account.upcoming)::jsonb;
end;
$$;

create function ratebook.get_balance(p_account_id uuid, p_at timestamptz, p_owner uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: reads what is pending and the entries of every month.
declare
  v_account constant billing.accounts := ratebook.readable_account(p_account_id, p_owner, 'balance');
  v_balance ratebook.balance;
begin
  if p_at is null then
    v_balance := ratebook.balance_now(v_account);
  elsif not isfinite(p_at) or p_at > ratebook.clock() then
    perform ratebook.fail('invalid_time', 'A balance is of now or of a time before.', 'Leave out at for now.');
  else
    v_balance := ratebook.balance_at(v_account, p_at);
  end if;
  return jsonb_build_object(
    'account_id', p_account_id,
    'lenser_id', v_account.lenser_id,
    'at', coalesce(p_at, ratebook.clock()),
    'posted', trim_scale(v_balance.posted)::text,
    'reserved', trim_scale(v_balance.reserved)::text,
    'available', trim_scale(v_balance.available)::text,
    'upcoming', trim_scale(v_balance.upcoming)::text,
    'debt', trim_scale(v_balance.debt)::text,
    'overdraft_limit', trim_scale(v_account.overdraft_limit)::text
  );
end;
$$;

create function billing.get_balance(
  account uuid, at timestamptz default null, owner uuid default null
) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.get_balance(account, at, owner);

revoke all on function ratebook.pending(billing.accounts, timestamptz) from public;
revoke all on function ratebook.balance_now(billing.accounts) from public;
revoke all on function ratebook.written_at(billing.accounts, timestamptz) from public;
revoke all on function ratebook.posted_at(billing.accounts, timestamptz) from public;
revoke all on function ratebook.balance_at(billing.accounts, timestamptz) from public;
revoke all on function ratebook.balance_text(numeric, numeric, numeric, numeric) from public;
revoke all on function ratebook.balance_object(billing.accounts) from public;
revoke all on function ratebook.get_balance(uuid, timestamptz, uuid) from public;
revoke all on function billing.get_balance(uuid, timestamptz, uuid) from public;
grant execute on function ratebook.balance_now(billing.accounts) to authenticated, service_role;
grant execute on function ratebook.get_balance(uuid, timestamptz, uuid) to authenticated, service_role;
grant execute on function billing.get_balance(uuid, timestamptz, uuid) to authenticated, service_role;

comment on type ratebook.balance is 'A balance in credits.';
comment on column ratebook.balance.posted is 'What the lots hold, less the debt.';
comment on column ratebook.balance.reserved is 'What open holds keep back.';
comment on column ratebook.balance.debt is 'Overdraft in use.';
comment on column ratebook.balance.available is 'What may be spent before overdraft: posted less reserved and upcoming.';
comment on column ratebook.balance.upcoming is 'What lots hold that have not started.';
comment on function ratebook.pending(billing.accounts, timestamptz) is
'What time has done to an account, given as it is, up to a time that is not written down yet, as a change of its balance.';
comment on function ratebook.balance_now(billing.accounts) is
'The balance of an account at this moment, swept or not.';
comment on function ratebook.written_at(billing.accounts, timestamptz) is
'The balance after the last entry of an account that was written down by a time; 0 before the first.';
comment on function ratebook.posted_at(billing.accounts, timestamptz) is
'The posted balance of an account as of a time before now, from the ledger.';
comment on function ratebook.balance_at(billing.accounts, timestamptz) is
'The balance of an account as of a time before now, from the ledger; debt is NULL.';
comment on function ratebook.balance_text(numeric, numeric, numeric, numeric) is 'The balance of a settled account as text of JSON.';
comment on function ratebook.balance_object(billing.accounts) is 'The balance of a settled account as JSON; amounts are strings, and upcoming is there only where a lot has not started.';
comment on function ratebook.get_balance(uuid, timestamptz, uuid) is 'The rule behind billing.get_balance().';
comment on function billing.get_balance(uuid, timestamptz, uuid) is
'The balance of an account of one''s own, or for admins and the service role of anybody''s, now or as of a time: posted, reserved, available, upcoming (lots that have not started: posted, and not available), debt (now only) and overdraft_limit, as strings. An expired lot or timed-out hold does not count, swept or not; a recurring grant counts when it is due. owner: the account''s lenser. Errors: unknown_account (PT404), invalid_time, owner_required (PT422), not_allowed (42501).';
