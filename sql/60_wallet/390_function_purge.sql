-- What grows with requests and cannot be kept in months, because a unique key forbids it or nobody needs it whole: each
-- statement looks its rows up oldest first, takes no more than it was told, and passes over what somebody else has locked.
create function ratebook.purge(p_at_most integer, p_keys interval, p_signals interval, p_budget_periods interval)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
-- Days and months are the same whatever zone the caller is in.
set timezone = 'UTC'
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_now timestamptz := ratebook.clock();
  v_keys bigint;
  v_signals bigint;
  v_budget_periods bigint;
begin
  if (p_at_most between 1 and 100000) is not true then
    perform ratebook.fail('invalid_argument', 'A purge takes 1 to 100,000 rows of each table.', 'Call it again for the others.');
  -- By the calendar: a month is thirty days in a comparison, and twenty-eight before the first of March.
  elsif (
    greatest(v_now - p_keys, v_now - p_signals, v_now - p_budget_periods) <= v_now - interval '30 days'
    and num_nulls(p_keys, p_signals, p_budget_periods) = 0
  ) is not true then
    perform ratebook.fail('invalid_argument', 'Everything is kept for at least 30 days.');
  end if;

  delete from billing.idempotency_keys as k
  where k.ctid = any(array(
    select o.ctid
    from billing.idempotency_keys as o
    where o.created_at < v_now - p_keys
    order by o.created_at
    limit p_at_most
    for update skip locked
  ));
  get diagnostics v_keys = row_count;

  delete from billing.outbox as s
  where s.ctid = any(array(
    select o.ctid
    from billing.outbox as o
    where o.id < ratebook.uuid_v7_floor(v_now - p_signals)
    order by o.id
    limit p_at_most
    for update skip locked
  ));
  get diagnostics v_signals = row_count;

  -- A period that is not over is counted in.
  delete from billing.budget_periods as p
  where p.ctid = any(array(
    select o.ctid
    from billing.budget_periods as o
    where o.starts_at < v_now - p_budget_periods and o.ends_at <= v_now
    order by o.starts_at
    limit p_at_most
    for update skip locked
  ));
  get diagnostics v_budget_periods = row_count;
  return jsonb_build_object('keys', v_keys, 'signals', v_signals, 'budget_periods', v_budget_periods);
end;
$$;

create function billing.purge(
  at_most integer default 10000,
  keys interval default '30 days',
  signals interval default '90 days',
  budget_periods interval default '400 days'
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.purge(at_most, keys, signals, budget_periods);
end;

revoke all on function ratebook.purge(integer, interval, interval, interval) from public;
revoke all on function billing.purge(integer, interval, interval, interval) from public;
grant execute on function ratebook.purge(integer, interval, interval, interval) to service_role;
grant execute on function billing.purge(integer, interval, interval, interval) to service_role;

comment on function ratebook.purge(integer, interval, interval, interval) is 'The rule behind billing.purge().';
comment on function billing.purge(integer, interval, interval, interval) is
'Service role only. Removes what is older than it is kept, the oldest first: idempotency keys (30 days unless told), signals of billing.outbox, delivered or not (90 days), and rows of billing.budget_periods (400 days); none is kept for less than 30 days. at_most: rows of each table in one call, up to 100,000; 10,000 unless told. Returns how many it removed as keys, signals and budget_periods: call it again while one of them is at_most. Error: invalid_argument (PT422).';
