-- What is asked about is worked out once, and each plan is made for it: what is not restricted drops out of the plan, and
-- months before a time are not looked into. An array that an index is asked with stands in a subquery, because the planner
-- would weigh each of its elements, for each month; one that rows are held against is a set, which is hashed. Sets are
-- joined by hashing: a nested loop is chosen where few rows are expected, and is slow where they are many.
create type ratebook.asked as (
  accounts uuid [],
  lensers uuid [],
  is_range boolean,
  since uuid,
  since_at timestamptz,
  holds_since uuid
);

create function ratebook.asked(p_since timestamptz, p_from uuid, p_to uuid) returns ratebook.asked
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_asked ratebook.asked;
begin
  if p_since >= ratebook.clock() or not isfinite(p_since) then
    perform ratebook.fail('invalid_time', 'A check looks at what was written since a time before now.', 'Leave out since for all.');
  elsif p_from > p_to then
    perform ratebook.fail('invalid_argument', 'from_account comes after to_account.', 'Accounts are in the order of their ids.');
  end if;
  v_asked.is_range := num_nonnulls(p_from, p_to) > 0;
  if p_since is not null then
    v_asked.since_at := greatest(p_since, '1970-01-01T00:00:00Z');
  end if;
  v_asked.since := ratebook.uuid_v7_floor(v_asked.since_at);
  if v_asked.is_range then
    v_asked.accounts := array(
      select a.id from billing.accounts as a where (p_from is null or a.id >= p_from) and (p_to is null or a.id <= p_to)
    );
  elsif p_since is not null then
    -- Those to which something has happened since.
    v_asked.accounts := array(
      select l.account_id from billing.ledger_entries as l where l.id >= v_asked.since
      union
      select h.account_id from billing.holds as h where h.id >= v_asked.since
      union
      select c.account_id from billing.charges as c where c.id >= v_asked.since
    );
  end if;
  if v_asked.accounts is not null then
    v_asked.lensers := array(
      select distinct a.lenser_id from billing.accounts as a where a.id = any((select v_asked.accounts)::uuid[])
    );
  end if;
  -- No hold lasts longer than a week, and none that is open ended before the account's next event.
  if p_since is not null then
    select ratebook.uuid_v7_floor(least(min(a.next_event_at), ratebook.clock()) - interval '168 hours')
    into v_asked.holds_since
    from billing.accounts as a
    where a.id = any((select v_asked.accounts)::uuid[]);
  end if;
  return v_asked;
end;
$$;

revoke all on function ratebook.asked(timestamptz, uuid, uuid) from public;

comment on type ratebook.asked is 'What billing.self_check() is asked about.';
comment on column ratebook.asked.accounts is 'The accounts; NULL for all.';
comment on column ratebook.asked.lensers is 'Their owners; NULL for all.';
comment on column ratebook.asked.is_range is 'Whether accounts were asked for.';
comment on column ratebook.asked.since is 'Ids from which on rows are looked at; NULL for all. What refers to earlier ones is taken at its word.';
comment on column ratebook.asked.since_at is 'Its time.';
comment on column ratebook.asked.holds_since is 'Ids below which no hold of the accounts is open; NULL where that was not looked for.';
comment on function ratebook.asked(timestamptz, uuid, uuid) is
'The arguments of billing.self_check(), worked out. Errors: invalid_time, invalid_argument (PT422).';
