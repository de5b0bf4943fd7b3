-- Lenser's own accounts are made when they are first needed, in one order for everybody.
create function ratebook.make_own_accounts(p_lenser_ids uuid[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_missing uuid[] := array(
    select w.id from unnest(p_lenser_ids) as w (id)
    except
    select a.id from billing.accounts as a where a.id = any(p_lenser_ids) and a.lenser_id = a.id
  );
begin
  if v_missing = '{}'::uuid[] then
    return;
  end if;
  insert into billing.accounts (id, lenser_id)
  select n.id, n.id
  from (
    select p.id from lensers.profiles as p where p.id = any(v_missing)
    union
    select u.id from auth.users as u where u.id = any(v_missing)
  ) as n
  order by n.id
  on conflict do nothing;
end;
$$;

-- Asks for the table that is made last of a month: by its name, which is one look into the catalogue's cache.
create function ratebook.ensure_month(p_at timestamptz) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass(to_char(p_at at time zone 'UTC', '"ratebook.billing_ledger_entries_"YYYY_MM')) is null then
    perform ratebook.make_months(
      array(select t.name from ratebook.partitioned_tables() as t (name)), p_at, p_at + interval '1 microsecond'
    );
  end if;
end;
$$;

create function ratebook.is_plain(p_lenser_id uuid) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Waits for a budget that is being made and for an erasure, both of which take it back from the accounts that have it.
  perform from lensers.profiles as p where p.id = p_lenser_id and p.erased_at is null for key share;
  return found and not exists (select from billing.budgets as b where b.lenser_id = p_lenser_id);
end;
$$;

create function ratebook.lock_account(p_account_id uuid, p_owner uuid) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts;
begin
  p_owner := ratebook.owner_of('account', p_account_id, p_owner);
  select a.* into v_account
  from billing.accounts as a
  where a.id = p_account_id and a.lenser_id is not distinct from p_owner
  for update;
  if not found then
    if p_owner = p_account_id then
      -- Before a row is written: two who have written and both need the month would wait for each other.
      perform ratebook.ensure_month(ratebook.clock());
      perform ratebook.make_own_accounts(array[p_owner]);
      select a.* into v_account
      from billing.accounts as a
      where a.id = p_account_id and a.lenser_id is not distinct from p_owner
      for update;
    end if;
    if v_account.id is null then
      perform ratebook.unknown_account(p_account_id);
    end if;
  end if;
  -- The time of what follows: read after the wait for the lock, and never before what was written last.
  v_account.updated_at := greatest(v_account.updated_at, ratebook.clock());
  if v_account.months_until <= v_account.updated_at then
    perform ratebook.ensure_month(v_account.updated_at);
    v_account.months_until := (date_trunc('month', v_account.updated_at at time zone 'UTC') + interval '1 month') at time zone 'UTC';
  end if;
  if not v_account.is_plain then
    v_account.is_plain := ratebook.is_plain(v_account.lenser_id);
  end if;
  if v_account.next_event_at <= v_account.updated_at then
    return ratebook.settle(v_account);
  end if;
  return v_account;
end;
$$;

create function ratebook.lock_accounts(p_account_ids uuid[], p_owners uuid[]) returns billing.accounts[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unknown uuid;
  v_account billing.accounts;
  v_accounts billing.accounts[];
  v_at timestamptz;
begin
  perform ratebook.ensure_month(ratebook.clock());
  perform ratebook.make_own_accounts(
    array(select w.id from unnest(p_account_ids, p_owners) as w (id, lenser_id) where w.id = w.lenser_id)
  );
  select
    array_agg(l::billing.accounts order by l.id),
    max(l.updated_at)
  into v_accounts, v_at
  from (
    select a.*
    from (
      select distinct w.id, w.lenser_id
      from unnest(p_account_ids, p_owners) as w (id, lenser_id)
      order by w.id, w.lenser_id
    ) as w
    -- One after the other, in that order, each by its key.
    cross join lateral (
      select o.*
      from billing.accounts as o
      where o.id = w.id and o.lenser_id is not distinct from w.lenser_id
      for update
    ) as a
  ) as l;
  select w.id into v_unknown
  from unnest(p_account_ids, p_owners) as w (id, lenser_id)
  left join unnest(v_accounts) as a on a.id = w.id and a.lenser_id = w.lenser_id
  where a.id is null
  limit 1;
  if found then
    perform ratebook.unknown_account(v_unknown);
  end if;

  v_at := greatest(v_at, ratebook.clock());
  perform ratebook.ensure_month(v_at);
  for i in 1..cardinality(v_accounts) loop
    v_account := v_accounts[i];
    v_account.updated_at := v_at;
    if v_account.next_event_at <= v_at then
      v_account := ratebook.settle(v_account);
    end if;
    v_accounts[i] := v_account;
  end loop;
  return v_accounts;
end;
$$;

create function ratebook.unknown_account(p_account_id uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail('unknown_account', format('There is no account %s.', coalesce(p_account_id::text, 'without an id')),
    'An account is a lenser, or a row of billing.accounts.', jsonb_build_object('account', p_account_id));
end;
$$;

revoke all on function ratebook.make_own_accounts(uuid[]) from public;
revoke all on function ratebook.ensure_month(timestamptz) from public;
revoke all on function ratebook.is_plain(uuid) from public;
revoke all on function ratebook.lock_accounts(uuid[], uuid[]) from public;
revoke all on function ratebook.lock_account(uuid, uuid) from public;
revoke all on function ratebook.unknown_account(uuid) from public;

comment on function ratebook.make_own_accounts(uuid[]) is
'Makes the accounts of lensers that have none yet; passes over what is no lenser.';
comment on function ratebook.ensure_month(timestamptz) is
'For writers: makes the partitions of the month of a time where there are none, in the writer''s transaction. Sweeps make them long before. Error: month_not_made (PT503).';
comment on function ratebook.is_plain(uuid) is
'Whether the owner of a locked account has no budget and was not erased, as billing.accounts.is_plain keeps it.';
comment on function ratebook.lock_account(uuid, uuid) is
'Locks an account, of the owner if one is named, and settles what time did to it. Its updated_at is the time of what follows. Errors: unknown_account (PT404), owner_required (PT422).';
comment on function ratebook.lock_accounts(uuid[], uuid[]) is
'ratebook.lock_account() for many, each with its owner, in one order for everybody, and with one time for all. Error: unknown_account (PT404).';
comment on function ratebook.unknown_account(uuid) is 'Refuses an account that is not there. Error: unknown_account (PT404).';
