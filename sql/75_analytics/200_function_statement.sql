create function ratebook.statement(
  p_account_id uuid,
  p_since timestamptz,
  p_until timestamptz,
  p_after uuid,
  p_at_most integer,
  p_newest_first boolean,
  p_owner uuid
) returns table (
  id uuid,
  lenser_id uuid,
  account_id uuid,
  number bigint,
  created_at timestamptz,
  effective_at timestamptz,
  kind billing.entry_kind_enum,
  amount numeric,
  balance_after numeric,
  reason text,
  grant_id uuid,
  source text,
  counterpart_id uuid,
  charge_id uuid,
  spender_id uuid,
  model_id uuid,
  model text,
  feature text,
  usage jsonb,
  generation_id uuid
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
-- Definer: reads the entries of every month, and what admins may see.
declare
  v_all constant boolean := ratebook.is_privileged();
  v_account constant billing.accounts := ratebook.readable_account(p_account_id, p_owner, 'statement');
  v_since timestamptz := greatest(p_since, v_account.created_at, '-infinity');
  v_until timestamptz := least(p_until, v_account.updated_at + interval '1 millisecond');
  v_is_newest_first constant boolean := coalesce(p_newest_first, false);
  v_number bigint := case when v_is_newest_first then 9223372036854775807 else 0 end;
  v_from timestamptz;
  v_to timestamptz;
  v_left integer := p_at_most;
  v_read integer;
begin
  if (isfinite(p_since) and isfinite(p_until)) is false or p_since > p_until then
    perform ratebook.fail('invalid_time', 'A period has a beginning and an end after it.',
      'Leave one out for all that there is.');
  end if;
  if (p_at_most between 1 and 1000) is not true then
    perform ratebook.fail('invalid_argument', 'A page has from 1 to 1,000 entries.', null,
      jsonb_build_object('at_most', p_at_most));
  end if;
  if p_after is not null then
    -- Where the page before ended, which tells from which month on to read.
    select e.created_at, e.number into v_from, v_number
    from billing.ledger_entries as e
    where
      e.id = p_after and e.lenser_id is not distinct from v_account.lenser_id and e.account_id = v_account.id;
    if not found then
      perform ratebook.fail('invalid_argument', 'The account has no such entry.',
        'after is the id of the last entry of the page before.', jsonb_build_object('after', p_after));
    end if;
    if v_is_newest_first then
      v_until := least(v_until, v_from + interval '1 microsecond');
    else
      v_since := greatest(v_since, v_from);
    end if;
  end if;

  -- Month by month, as the entries are kept, until the page is full: no other month is looked into.
  while v_since < v_until and v_left > 0 loop
    v_from := v_since;
    v_to := v_until;
    if v_is_newest_first then
      v_from := greatest(
        date_trunc('month', (v_until - interval '1 microsecond') at time zone 'UTC') at time zone 'UTC', v_since
      );
      v_until := v_from;
    else
      v_to := least((date_trunc('month', v_since at time zone 'UTC') + interval '1 month') at time zone 'UTC', v_until);
      v_since := v_to;
    end if;
    return query
    select
      e.id, e.lenser_id, e.account_id, e.number::bigint, e.created_at, e.effective_at, e.kind, trim_scale(e.amount),
      trim_scale(e.balance_after), e.reason, e.grant_id, g.source::text, e.counterpart_id, e.charge_id, c.spender_id,
      c.model_id, m.key, c.feature_key, c.usage, c.generation_id
    -- A page of the account's entries by their index, whichever way they are read.
    from (
      (
        select o.*
        from billing.ledger_entries as o
        where
          not v_is_newest_first
          and o.lenser_id = v_account.lenser_id
          and o.account_id = v_account.id
          and o.created_at >= v_from
          and o.created_at < v_to
          and o.number > v_number
          and o.id >= ratebook.uuid_v7_floor(v_from)
          and o.id < ratebook.uuid_v7_floor(v_to + interval '999 microseconds')
        order by o.created_at, o.number
        limit v_left
      )
      union all
      -- The same from the end.
      (
        select o.*
        from billing.ledger_entries as o
        where
          v_is_newest_first
          and o.lenser_id = v_account.lenser_id
          and o.account_id = v_account.id
          and o.created_at >= v_from
          and o.created_at < v_to
          and o.number < v_number
          and o.id >= ratebook.uuid_v7_floor(v_from)
          and o.id < ratebook.uuid_v7_floor(v_to + interval '999 microseconds')
        order by o.created_at desc, o.number desc
        limit v_left
      )
    ) as e
    -- A look-up each, by the key.
    left join lateral (
      select o.source
      from billing.grants as o
      where o.id = e.grant_id and o.lenser_id is not distinct from e.lenser_id
      offset 0
    ) as g on true
    left join lateral (
      select o.spender_id, o.model_id, o.feature_key, o.usage, o.generation_id
      from billing.charges as o
      where o.id = e.charge_id and o.lenser_id is not distinct from e.lenser_id
      offset 0
    ) as c on true
    left join lateral (
      select o.key
      from ai.models as o
      where o.id = c.model_id and (v_all or (o.is_public and o.deleted_at is null))
      offset 0
    ) as m on true
    order by case when v_is_newest_first then -e.number else e.number end;
    get diagnostics v_read = row_count;
    v_left := v_left - v_read;
  end loop;
end;
$$;

create function billing.statement(
  account uuid,
  since timestamptz default null,
  until timestamptz default null,
  after uuid default null,
  at_most integer default 100,
  newest_first boolean default false,
  owner uuid default null
) returns table (
  id uuid,
  lenser_id uuid,
  account_id uuid,
  number bigint,
  created_at timestamptz,
  effective_at timestamptz,
  kind billing.entry_kind_enum,
  amount numeric,
  balance_after numeric,
  reason text,
  grant_id uuid,
  source text,
  counterpart_id uuid,
  charge_id uuid,
  spender_id uuid,
  model_id uuid,
  model text,
  feature text,
  usage jsonb,
  generation_id uuid
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select s.* from ratebook.statement(account, since, until, after, at_most, newest_first, owner) as s;
end;

revoke all on function ratebook.statement(uuid, timestamptz, timestamptz, uuid, integer, boolean, uuid) from public;
revoke all on function billing.statement(uuid, timestamptz, timestamptz, uuid, integer, boolean, uuid) from public;
grant execute on function ratebook.statement(uuid, timestamptz, timestamptz, uuid, integer, boolean, uuid)
to authenticated, service_role;
grant execute on function billing.statement(uuid, timestamptz, timestamptz, uuid, integer, boolean, uuid)
to authenticated, service_role;

comment on function ratebook.statement(uuid, timestamptz, timestamptz, uuid, integer, boolean, uuid) is
'The rule behind billing.statement().';
comment on function billing.statement(uuid, timestamptz, timestamptz, uuid, integer, boolean, uuid) is
'The entries of an account, of one''s own, or for admins and the service role of anybody''s: the oldest first, one row per lot that was touched, with what is behind it. since: from when they were written down, inclusive. until: up to when, exclusive. after: the id of the last entry of the page before. at_most: how many, from 1 to 1,000. newest_first: the other way round. owner: the account''s lenser. number counts the entries of the account without a gap; amount is negative when credits went out; effective_at: from when it counts, before created_at for an expiry that was written down later; balance_after: the posted balance after it; source: of the lot, NULL for debt; spender_id, model, feature, usage and generation_id: of the charge behind a charge or refund; model is NULL where the reader may not see it. Select amount::text: JSON numbers lose digits. Errors: unknown_account (PT404), invalid_time, invalid_argument, owner_required (PT422), not_allowed (42501).';
