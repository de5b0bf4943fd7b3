create function ratebook.create_recurring_grant(
  p_account_id uuid,
  p_amount numeric,
  p_every interval,
  p_starts_at timestamptz,
  p_ends_at timestamptz,
  p_expires boolean,
  p_priority integer,
  p_source text,
  p_key text,
  p_owner uuid
) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- What is kept with a key is the same whatever zone and style the caller writes times in.
set timezone = 'UTC' set intervalstyle = 'postgres'
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_account billing.accounts;
  v_months integer;
  v_days integer;
  v_request jsonb := jsonb_build_object(
    'amount', trim_scale(p_amount), 'every', p_every, 'starts_at', p_starts_at, 'ends_at', p_ends_at,
    'expires', p_expires, 'priority', p_priority, 'source', p_source
  );
  v_response jsonb;
  v_id uuid;
begin
  perform ratebook.assert_credits('amount', p_amount, 1e-12);
  perform ratebook.assert_priority(p_priority);
  -- What is due must be a time that can be written.
  if p_every between interval '1 day' and interval '100 years' then
    v_months := extract(year from p_every) * 12 + extract(month from p_every);
    v_days := extract(day from p_every);
  end if;
  if (p_every = make_interval(months => v_months, days => v_days) and v_months >= 0 and v_days >= 0
    and v_months + v_days > 0) is not true then
    perform ratebook.fail('invalid_argument', 'A grant recurs after whole days or months, at most 100 years.', 'Such as 1 month.');
  end if;
  v_account := ratebook.lock_account(p_account_id, p_owner);
  v_response := ratebook.recall(v_account.id, v_account.lenser_id, 'create_recurring_grant', p_key, v_request);
  if v_response is not null then
    return (v_response #>> '{}')::uuid;
  end if;
  perform ratebook.assert_not_erased(array[v_account.lenser_id]);
  p_starts_at := coalesce(p_starts_at, v_account.updated_at);
  if not isfinite(p_starts_at)
    or p_starts_at > v_account.updated_at + interval '100 years'
    or p_ends_at <= greatest(p_starts_at, v_account.updated_at) then
    perform ratebook.fail('invalid_time', 'A recurring grant starts within 100 years, and ends after that and after now.');
  end if;
  insert into billing.recurring_grants (
    lenser_id, account_id, amount, months, days, starts_at, ends_at, expires, priority, source
  ) values (
    v_account.lenser_id, v_account.id, p_amount, v_months, v_days, p_starts_at, nullif(p_ends_at, 'infinity'), p_expires,
    p_priority, p_source
  ) returning id into v_id;
  -- A start in the past says on which day it recurs; what is past is not granted.
  update billing.recurring_grants as r
  set issued = ratebook.times_due(r, v_account.updated_at)
  where r.id = v_id and r.lenser_id is not distinct from v_account.lenser_id;
  perform ratebook.settle(v_account);
  perform ratebook.remember(v_account, 'create_recurring_grant', p_key, v_request, to_jsonb(v_id));
  return v_id;
end;
$$;

create function ratebook.end_recurring_grant(p_recurring_grant_id uuid, p_owner uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_owner uuid := ratebook.owner_of('recurring_grant', p_recurring_grant_id, p_owner);
  v_account_id uuid;
  v_account billing.accounts;
begin
  select r.account_id into v_account_id
  from billing.recurring_grants as r
  where r.id = p_recurring_grant_id and r.lenser_id is not distinct from v_owner;
  if not found then
    return false;
  end if;
  -- What is due by now is written down here.
  v_account := ratebook.lock_account(v_account_id, v_owner);
  update billing.recurring_grants as r
  set ends_at = greatest(v_account.updated_at, r.starts_at)
  where
    r.id = p_recurring_grant_id
    and r.lenser_id is not distinct from v_owner
    and coalesce(r.ends_at, 'infinity') > v_account.updated_at;
  return found;
end;
$$;

create function billing.create_recurring_grant(
  account uuid,
  amount numeric,
  every interval default '1 month',
  starts_at timestamptz default null,
  ends_at timestamptz default null,
  expires boolean default true,
  priority integer default 0,
  source text default 'allowance',
  idempotency_key text default null,
  owner uuid default null
) returns uuid
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.create_recurring_grant(
    account, amount, every, starts_at, ends_at, expires, priority, source, idempotency_key, owner
  );
end;

create function billing.end_recurring_grant(recurring_grant uuid, owner uuid default null) returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.end_recurring_grant(recurring_grant, owner);
end;

revoke all on function ratebook.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text, uuid
) from public;
revoke all on function ratebook.end_recurring_grant(uuid, uuid) from public;
revoke all on function billing.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text, uuid
) from public;
revoke all on function billing.end_recurring_grant(uuid, uuid) from public;
grant execute on function ratebook.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text, uuid
) to service_role;
grant execute on function ratebook.end_recurring_grant(uuid, uuid) to service_role;
grant execute on function billing.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text, uuid
) to service_role;
grant execute on function billing.end_recurring_grant(uuid, uuid) to service_role;

comment on function ratebook.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text, uuid
) is 'The rule behind billing.create_recurring_grant().';
comment on function ratebook.end_recurring_grant(uuid, uuid) is 'The rule behind billing.end_recurring_grant().';
comment on function billing.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text, uuid
) is
'Service role only. Grants an account the same amount again and again: every so many whole months or days, from starts_at (now unless told; a start in the past only says on which day) until ends_at. expires: what is left of one ends when the next is due. No scheduler is needed. owner: the account''s lenser. Returns its id. Errors: unknown_account (PT404), idempotency_conflict (PT409), invalid_amount, invalid_argument, invalid_time, owner_required (PT422), erased_lenser (42501).';
comment on function billing.end_recurring_grant(uuid, uuid) is
'Service role only. Ends a recurring grant from now on; lots that it made stay. owner: the account''s lenser. Returns whether there was one to end. Error: owner_required (PT422).';
