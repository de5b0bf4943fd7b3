create function ratebook.sweep_accounts(p_at_most integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_account billing.accounts;
  v_entries bigint := 0;
  v_swept integer := 0;
begin
  if (p_at_most between 1 and 1000) is not true then
    perform ratebook.fail('invalid_argument', 'A sweep takes 1 to 1,000 accounts.', 'Call it again for the others.');
  end if;
  perform ratebook.ensure_month(ratebook.clock());
  -- An account that somebody holds is settled by them.
  for v_account in
    select a.* from billing.accounts as a
    -- As its index says it, which knows nothing of the time.
    where a.next_event_at <= ratebook.clock() and a.next_event_at < 'infinity'
    order by a.next_event_at
    limit p_at_most
    for update skip locked
  loop
    v_account.updated_at := greatest(ratebook.clock(), v_account.updated_at);
    v_entries := v_entries + (ratebook.settle(v_account)).entries - v_account.entries;
    v_swept := v_swept + 1;
    -- Those that it has passed wait for its end: so it ends early where they take much work.
    exit when v_entries >= 1000;
  end loop;
  -- At the end, when the transaction is: what making a month locks stays locked until then. Not now, then by the next.
  begin
    perform ratebook.extend_partitions(p_tries => 1);
  exception
    when sqlstate 'PT503' then
      null;
  end;
  return v_swept;
end;
$$;

create function billing.sweep_accounts(at_most integer default 100) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.sweep_accounts(at_most);
end;

revoke all on function ratebook.sweep_accounts(integer) from public;
revoke all on function billing.sweep_accounts(integer) from public;
grant execute on function ratebook.sweep_accounts(integer) to service_role;
grant execute on function billing.sweep_accounts(integer) to service_role;

comment on function ratebook.sweep_accounts(integer) is 'The rule behind billing.sweep_accounts().';
comment on function billing.sweep_accounts(integer) is
'Service role only. Writes down what time did to accounts: expired lots, timed-out holds, recurring grants that are due. Nothing depends on it, balances count all that at once; it keeps the ledger and low-balance signals current for accounts that nobody uses. Makes the next partition that is missing of the 24 months ahead. at_most: accounts in one call, up to 1,000; 100 unless told. Who uses one that it has passed waits for its end, so it also ends behind the account with its thousandth ledger entry; it passes over those that somebody holds. Returns how many accounts it settled: call it again until that is 0. Error: invalid_argument (PT422).';
