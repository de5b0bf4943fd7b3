create function ratebook.nth_due(p_recurring billing.recurring_grants, p_number integer) returns timestamptz
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- From the start, not from the one before: the 31st comes back after February.
  return (
    p_recurring.starts_at at time zone 'UTC'
    + make_interval(months => p_recurring.months * p_number, days => p_recurring.days * p_number)
  ) at time zone 'UTC';
end;
$$;

-- By halves: nothing is read for what was due long ago.
create function ratebook.times_due(p_recurring billing.recurring_grants, p_before timestamptz) returns integer
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_least integer := p_recurring.issued;
  -- No more than there can be: a month has at least 28 days.
  v_most integer := greatest(
    p_recurring.issued,
    1 + floor(extract(epoch from p_before - p_recurring.starts_at) / 86400 / (p_recurring.months * 28 + p_recurring.days))::integer
  );
  v_middle integer;
begin
  while v_least < v_most loop
    v_middle := (v_least + v_most) / 2;
    if ratebook.nth_due(p_recurring, v_middle) < p_before then
      v_least := v_middle + 1;
    else
      v_most := v_middle;
    end if;
  end loop;
  return v_least;
end;
$$;

create function ratebook.due_grants(p_account billing.accounts, p_at timestamptz) returns table (
  recurring_grant_id uuid,
  due_at timestamptz,
  amount numeric,
  expires_at timestamptz
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    r.id,
    d.due_at,
    r.amount,
    case when r.expires then d.next_due_at end
  from billing.recurring_grants as r
  cross join
    generate_series(r.issued, ratebook.times_due(r, p_at + interval '1 microsecond') - 1) as n (number)
  cross join
    lateral (
      select
        ratebook.nth_due(r, n.number) as due_at,
        ratebook.nth_due(r, n.number + 1) as next_due_at
    ) as d
  where
    r.account_id = (p_account).id
    and r.lenser_id is not distinct from (p_account).lenser_id
    and (r.ends_at is null or d.due_at < r.ends_at)
    -- An erased lenser is granted nothing more.
    and not exists (
      select
      from lensers.profiles as p
      where p.id = (p_account).lenser_id and p.erased_at <= d.due_at
    )
  order by d.due_at, r.id;
end;

create function ratebook.next_due_at(p_account billing.accounts) returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select min(d.due_at)
    from billing.recurring_grants as r
    cross join lateral (select ratebook.nth_due(r, r.issued) as due_at) as d
    where
      r.account_id = p_account.id
      and r.lenser_id is not distinct from p_account.lenser_id
      and (r.ends_at is null or d.due_at < r.ends_at)
      and not exists (
        select from lensers.profiles as p where p.id = p_account.lenser_id and p.erased_at <= d.due_at
      )
  );
end;
$$;

revoke all on function ratebook.nth_due(billing.recurring_grants, integer) from public;
revoke all on function ratebook.times_due(billing.recurring_grants, timestamptz) from public;
revoke all on function ratebook.due_grants(billing.accounts, timestamptz) from public;
revoke all on function ratebook.next_due_at(billing.accounts) from public;

comment on function ratebook.nth_due(billing.recurring_grants, integer) is
'When a recurring grant is due for the n-th time, from 0.';
comment on function ratebook.times_due(billing.recurring_grants, timestamptz) is
'How many times a recurring grant was due before a time, whatever its end; those that are written down count anyway.';
comment on function ratebook.due_grants(billing.accounts, timestamptz) is
'What an account''s recurring grants owe it up to a time and have not written down yet, in order.';
comment on function ratebook.next_due_at(billing.accounts) is
'When the next of an account''s recurring grants is due that is not written down yet; NULL for never.';
