create function ratebook.balance_history(
  p_account_id uuid,
  p_since timestamptz,
  p_until timestamptz,
  p_bucket text,
  p_time_zone text,
  p_owner uuid
) returns table (starts_at timestamptz, ends_at timestamptz, balance numeric)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
set enable_seqscan = off
as $$
-- Definer: reads the entries of every month and what is pending.
declare
  v_now constant timestamptz := ratebook.clock();
  v_account constant billing.accounts := ratebook.readable_account(p_account_id, p_owner, 'balances');
  v_edges timestamptz[];
  v_first timestamptz;
  v_before numeric;
begin
  perform ratebook.assert_buckets(p_since, p_until, p_bucket, p_time_zone);
  v_edges := ratebook.usage_edges(p_since, p_until, p_bucket, p_time_zone);
  v_first := v_edges[1];
  v_before := ratebook.written_at(v_account, v_first - interval '1 microsecond');

  return query
  with buckets as materialized (
    select b.starts_at, b.ends_at, least(b.ends_at - interval '1 microsecond', v_now) as at
    from unnest(v_edges, v_edges[2:]) as b (starts_at, ends_at)
    -- What has not begun has no balance yet.
    where b.starts_at <= v_now and b.ends_at is not null
  ),

  -- The last entry in each bucket: one look-up, however many there are.
  written as (
    select b.*, e.balance_after
    from buckets as b
    left join lateral (
      select o.balance_after
      from billing.ledger_entries as o
      where
        o.lenser_id = v_account.lenser_id
        and o.account_id = v_account.id
        and o.created_at >= b.starts_at
        and o.created_at <= b.at
        and o.id >= ratebook.uuid_v7_floor(b.starts_at)
        and o.id < ratebook.uuid_v7_floor(b.at + interval '1 millisecond')
      order by o.created_at desc, o.number desc
      limit 1
    ) as e on true
  ),

  -- One without an entry has the balance of the one before it.
  runs as (
    select w.*, count(w.balance_after) over (order by w.starts_at) as run from written as w
  ),

  -- What was written down later than it happened: little, and by an index of its own, which no bound on the id stands beside.
  backdated as materialized (
    select e.effective_at, e.created_at, e.amount
    from billing.ledger_entries as e
    where
      e.account_id = v_account.id
      and e.lenser_id is not distinct from v_account.lenser_id
      and e.effective_at < e.created_at
      and e.effective_at <= v_now
      and e.created_at >= v_first
  )

  select
    r.starts_at,
    r.ends_at,
    trim_scale(
      coalesce(max(r.balance_after) over (partition by r.run), v_before)
      + coalesce((select sum(d.amount) from backdated as d where d.effective_at <= r.at and d.created_at > r.at), 0)
      -- What is not written down yet.
      + case when v_account.next_event_at <= r.at then (ratebook.pending(v_account, r.at)).posted else 0 end
    )
  from runs as r
  order by r.starts_at;
end;
$$;

create function billing.balance_history(
  account uuid,
  since timestamptz,
  until timestamptz default ratebook.clock(),
  bucket text default 'day',
  time_zone text default 'UTC',
  owner uuid default null
) returns table (starts_at timestamptz, ends_at timestamptz, balance numeric)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select h.* from ratebook.balance_history(account, since, until, bucket, time_zone, owner) as h;
end;

revoke all on function ratebook.balance_history(uuid, timestamptz, timestamptz, text, text, uuid) from public;
revoke all on function billing.balance_history(uuid, timestamptz, timestamptz, text, text, uuid) from public;
grant execute on function ratebook.balance_history(uuid, timestamptz, timestamptz, text, text, uuid)
to authenticated, service_role;
grant execute on function billing.balance_history(uuid, timestamptz, timestamptz, text, text, uuid)
to authenticated, service_role;

comment on function ratebook.balance_history(uuid, timestamptz, timestamptz, text, text, uuid) is
'The rule behind billing.balance_history().';
comment on function billing.balance_history(uuid, timestamptz, timestamptz, text, text, uuid) is
'The posted balance of an account at the end of each hour, day, week or month, of one''s own, or for admins and the service role of anybody''s: what billing.get_balance() says of the last microsecond, or of now in the one that has not ended. since, until: the period; whole buckets are shown, up to the one of now. bucket: hour, day, week (from Monday on) or month. time_zone: whose clock they are of, a name of pg_timezone_names. owner: the account''s lenser. A lot that expired counts until its moment, whenever that was written down. At most 10,000 at once. Select balance::text: JSON numbers lose digits. Errors: unknown_account (PT404), invalid_time, invalid_argument, owner_required (PT422), not_allowed (42501).';
