create function private.lock_accounts(p_account_ids uuid[]) returns billing.accounts[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account_id uuid;
  v_account billing.accounts;
  v_accounts billing.accounts[] := '{}'::billing.accounts[];
  v_at timestamptz;
begin
  -- Before anything is locked.
  perform private.extend_partitions_if_short('billing.ledger_entries', 'billing.charges', 'ai.generations');
  for v_account_id in select distinct a.id from unnest(p_account_ids) as a (id) order by a.id loop
    select a.* into v_account from billing.accounts as a where a.id = v_account_id for update;
    if not found then
      -- A lenser's own account is made when it is first needed.
      insert into billing.accounts (id, lenser_id)
      select v_account_id, v_account_id
      where
        exists (select from lensers.profiles as p where p.id = v_account_id)
        or exists (select from auth.users as u where u.id = v_account_id)
      on conflict do nothing;
      select a.* into v_account from billing.accounts as a where a.id = v_account_id for update;
      if not found then
        perform private.unknown_account(v_account_id);
      end if;
    end if;
    v_accounts := v_accounts || v_account;
    v_at := greatest(v_at, v_account.updated_at);
  end loop;

  -- The time of what follows: read after the wait for the locks, and never before what was written last.
  v_at := greatest(v_at, private.clock());
  for i in 1..cardinality(v_accounts) loop
    v_account := v_accounts[i];
    v_account.updated_at := v_at;
    if v_account.next_event_at <= v_at then
      v_account := private.settle(v_account);
    end if;
    v_accounts[i] := v_account;
  end loop;
  return v_accounts;
end;
$$;

create function private.lock_account(p_account_id uuid) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return (private.lock_accounts(array[p_account_id]))[1];
end;
$$;

create function private.unknown_account(p_account_id uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform private.fail('unknown_account', format('There is no account %s.', coalesce(p_account_id::text, 'without an id')),
    'An account is a lenser, or a row of billing.accounts.', jsonb_build_object('account', p_account_id));
end;
$$;

revoke all on function private.lock_accounts(uuid[]) from public;
revoke all on function private.lock_account(uuid) from public;
revoke all on function private.unknown_account(uuid) from public;

comment on function private.lock_accounts(uuid[]) is
'Locks accounts, in one order for everybody, until the end of the transaction; makes a lenser''s own where it is missing, and settles what time did to them. Their updated_at is the time of what follows, one for all. Error: unknown_account (PT404).';
comment on function private.lock_account(uuid) is 'private.lock_accounts() of one account.';
comment on function private.unknown_account(uuid) is 'Refuses an account that is not there. Error: unknown_account (PT404).';
