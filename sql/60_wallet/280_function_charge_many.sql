-- ratebook.charge() for many: the same steps, each in one statement for all.
create function ratebook.name_owners(p_requests ratebook.charge_request[]) returns ratebook.charge_request[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from unnest(p_requests) as r where r.owner_id is null) then
    for i in 1..cardinality(p_requests) loop
      p_requests[i].owner_id := ratebook.owner_of('account', p_requests[i].account_id, p_requests[i].owner_id);
    end loop;
  end if;
  return p_requests;
end;
$$;

create function ratebook.price_charges(
  p_requests ratebook.charge_request[], p_at timestamptz, p_places bigint[]
) returns ratebook.priced_charge[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_priced ratebook.priced_charge[];
  v_request ratebook.charge_request;
  v_account billing.accounts;
  v_message text;
  v_hint text;
  v_detail jsonb;
begin
  -- All that a price asks of an account.
  v_account.updated_at := p_at;
  foreach v_request in array p_requests loop
    v_account.id := v_request.account_id;
    v_account.lenser_id := v_request.owner_id;
    v_priced := v_priced || case
      when v_request.reported_cost is null then ratebook.price_charge(v_request, v_account, p_at)
      else ratebook.price_reported(v_request, v_account, p_at)
    end;
  end loop;
  return v_priced;
exception
  when sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' or insufficient_privilege then
    get stacked diagnostics v_message = message_text, v_hint = pg_exception_hint, v_detail = pg_exception_detail;
    perform ratebook.fail(
      v_detail ->> 'error', v_message, v_hint,
      v_detail || jsonb_build_object('index', p_places[coalesce(cardinality(v_priced), 0) + 1] - 1)
    );
    return null;
end;
$$;

create function ratebook.count_spendings(p_priced ratebook.priced_charge[], p_at timestamptz) returns jsonb[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_spendings ratebook.spending[] := array(
    select
      (
        (p.charge).spender_id, (p.charge).account_id, (p.charge).lenser_id, (p.charge).model_id, (p.charge).feature_id,
        (p.charge).credits, 0, null, false
      )::ratebook.spending
    from unnest(p_priced) with ordinality as p
    order by p.ordinality
  );
  v_alone uuid[] := ratebook.lock_spenders(v_spendings, p_at);
begin
  -- All at once: one after the other, two batches could wait for each other.
  perform from billing.budgets as b
  where b.lenser_id = any(array(select s.lenser_id from unnest(v_spendings) as s))
  order by b.id
  for no key update;
  if not exists (
    select
    from unnest(v_spendings) as s
    where s.lenser_id <> s.owner_id or exists (select from billing.budgets as b where b.lenser_id = s.lenser_id)
  ) then
    return array_fill('[]'::jsonb, array[cardinality(p_priced)]);
  end if;
  -- In one order for everybody: what is counted in stays locked.
  return (
    select array_agg(c.warnings order by c.ordinality)
    from (
      select
        s.ordinality,
        ratebook.count_locked(
          (
            s.lenser_id, s.account_id, s.owner_id, s.model_id, s.feature_id, s.credits, s.held, s.hold_id, s.is_hold
          )::ratebook.spending,
          v_alone, p_at
        ) as warnings
      from unnest(v_spendings) with ordinality as s
      order by s.lenser_id, s.ordinality
    ) as c
  );
end;
$$;

-- ratebook.allocate() and ratebook.post() in one statement: the credits of an account's charges, laid end to end, meet its
-- lots in burn order, laid end to end; each overlap is an entry. Behind the last lot lies the overdraft. What is updated is
-- looked up first, one by one and by its key, whatever the planner thinks of the table; the account's lock keeps it there.
create function ratebook.pay_charges(
  p_accounts billing.accounts[], p_priced ratebook.priced_charge[], p_at timestamptz
) returns billing.accounts[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_accounts billing.accounts[];
begin
  with
  -- As they were before: every balance below is worked out from these, whatever the updates write.
  accounts as materialized (
    select a.* from unnest(p_accounts) as a
  ),

  -- Each charge takes a stretch of what its account pays in this call, in the order of the requests. One of nothing has
  -- no entry.
  charges as (
    select
      c.account_id,
      c.lenser_id,
      c.id,
      c.place,
      c.upto - c.credits as since,
      c.upto
    from (
      select
        (p.charge).account_id as account_id,
        (p.charge).lenser_id as lenser_id,
        (p.charge).id as id,
        p.ordinality as place,
        (p.charge).credits as credits,
        sum((p.charge).credits) over (
          partition by (p.charge).account_id, (p.charge).lenser_id order by p.ordinality
        ) as upto
      from unnest(p_priced) with ordinality as p
    ) as c
    where c.credits > 0
  ),

  -- Each lot offers the stretch behind those that burn before it.
  lots as (
    select
      b.account_id,
      b.lenser_id,
      b.id,
      b.since,
      b.since + b.free as upto
    from (
      select
        o.account_id,
        o.lenser_id,
        o.id,
        o.free,
        coalesce(
          sum(o.free) over (
            partition by o.account_id, o.lenser_id
            order by o.is_overdraft, o.priority, o.expires_at, o.id
            rows between unbounded preceding and 1 preceding
          ), 0
        ) as since
      -- In the order of ratebook.allocate(): priority, then what ends first, then age.
      from (
        select
          g.account_id,
          g.lenser_id,
          g.id,
          g.remaining - g.reserved as free,
          g.priority,
          g.expires_at,
          false as is_overdraft
        -- Free is what no hold keeps. A lot that has ended, or not started, pays nothing, also where it is not closed yet.
        from accounts as a
        cross join lateral (
          select l.*
          from billing.grants as l
          where
            l.account_id = a.id
            and l.lenser_id is not distinct from a.lenser_id
            and l.closed_at is null
            and l.remaining > l.reserved
            and coalesce(l.expires_at, 'infinity') > p_at
            and coalesce(l.starts_at, '-infinity') <= p_at
          offset 0
        ) as g
        union all
        -- The overdraft comes last and has no end here: ratebook.assert_available() has refused what exceeds its limit.
        select a.id, a.lenser_id, null, 'Infinity', null, null, true
        from accounts as a
      ) as o
    ) as b
  ),

  -- Where the two overlap, a lot pays for a charge; numbered as one charge after the other would have been.
  movements as materialized (
    select
      c.account_id,
      c.lenser_id,
      l.id as grant_id,
      c.id as charge_id,
      least(c.upto, l.upto) - greatest(c.since, l.since) as taken,
      row_number() over in_turn as number,
      sum(least(c.upto, l.upto) - greatest(c.since, l.since)) over in_turn as so_far
    from charges as c
    inner join lots as l
      on l.account_id = c.account_id and l.lenser_id = c.lenser_id and l.since < c.upto and c.since < l.upto
    window in_turn as (partition by c.account_id, c.lenser_id order by c.place, l.since)
  ),

  -- An entry continues its account's numbers and balance without a gap: the self-check adds them up.
  entries as (
    insert into billing.ledger_entries (
      id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, effective_at, created_at
    )
    select
      ratebook.uuid_v7(p_at),
      a.lenser_id,
      a.id,
      a.entries + m.number,
      'charge',
      trim_scale(-m.taken),
      trim_scale(a.posted - m.so_far),
      m.grant_id,
      m.charge_id,
      p_at,
      p_at
    from movements as m
    inner join accounts as a on a.id = m.account_id and a.lenser_id = m.lenser_id
  ),

  -- A lot is written once, however many charges it pays, and closed with its last credit.
  burned as (
    update billing.grants as g
    set
      remaining = g.remaining - m.taken,
      closed_at = case when g.remaining = m.taken then p_at end
    from (
      select
        t.grant_id,
        t.lenser_id,
        sum(t.taken) as taken
      from movements as t
      where t.grant_id is not null
      group by t.grant_id, t.lenser_id
    ) as m
    cross join lateral (
      select o.ctid
      from billing.grants as o
      where o.id = m.grant_id and o.lenser_id is not distinct from m.lenser_id
      offset 0
    ) as f
    where g.ctid = f.ctid
  ),

  -- An account is written once; what no lot paid is debt. One whose charges cost nothing is written too, and returned.
  paid as (
    update billing.accounts as a
    set
      posted = trim_scale(a.posted - m.taken),
      debt = a.debt + m.overdrawn,
      entries = a.entries + m.entries,
      -- It may be used up.
      head_id = null,
      updated_at = p_at
    -- One sum for the balance, the debt and the number of entries: they cannot drift apart.
    from (
      select
        o.id,
        o.lenser_id,
        coalesce(sum(t.taken), 0) as taken,
        coalesce(sum(t.taken) filter (where t.grant_id is null), 0) as overdrawn,
        count(t.charge_id) as entries
      from accounts as o
      left join movements as t on t.account_id = o.id and t.lenser_id = o.lenser_id
      group by o.id, o.lenser_id
    ) as m
    cross join lateral (
      select o.ctid
      from billing.accounts as o
      where o.id = m.id and o.lenser_id is not distinct from m.lenser_id
      offset 0
    ) as f
    where a.ctid = f.ctid
    returning a.*
  ),

  -- Told once, by the call that crosses the mark, and not by each one below it.
  signals as (
    insert into billing.outbox (lenser_id, account_id, topic, payload, created_at)
    select
      p.lenser_id,
      p.id,
      'low_balance',
      ratebook.low_balance_object(p),
      p_at
    from paid as p
    inner join accounts as a on a.id = p.id and a.lenser_id = p.lenser_id
    where
      p.posted - p.reserved - p.upcoming < p.low_balance_mark
      and a.posted - a.reserved - a.upcoming >= a.low_balance_mark
  )

  select array_agg(p::billing.accounts) into v_accounts from paid as p;
  return v_accounts;
end;
$$;

create function ratebook.write_charges(
  p_priced ratebook.priced_charge[], p_requests ratebook.charge_request[]
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into billing.charges
  select (p.charge).* from unnest(p_priced) as p;
  perform ratebook.count_charges(array(select p.charge from unnest(p_priced) as p));
  insert into billing.charge_costs
  select (p.cost).* from unnest(p_priced) as p;
  insert into ai.generations (
    id, lenser_id, model_id, feature_key, usage, status, prompt, output, latency_ms, created_at
  )
  select
    (p.charge).generation_id,
    (p.charge).spender_id,
    (p.charge).model_id,
    (p.charge).feature_key,
    (p.charge).usage,
    'completed',
    r.prompt,
    r.output,
    r.latency_ms,
    (p.charge).created_at
  from unnest(p_priced) with ordinality as p
  inner join unnest(p_requests) with ordinality as r on r.ordinality = p.ordinality
  where r.generation_id is null;

  -- One by one, so that each is found by its key.
  for i in 1..cardinality(p_requests) loop
    if (p_requests[i]).generation_id is not null then
      perform ratebook.complete_generation((p_priced[i]).charge, p_requests[i]);
    end if;
  end loop;
end;
$$;

create function ratebook.charge_many(p_requests ratebook.charge_request[]) returns jsonb[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_mergejoin = off
as $$
-- Definer: as ratebook.charge().
declare
  v_accounts billing.accounts[];
  v_at timestamptz;
  v_answers jsonb[];
  v_refused text;
  v_places bigint[];
  v_requests ratebook.charge_request[];
  v_priced ratebook.priced_charge[];
  v_warnings jsonb[];
  v_new jsonb[];
begin
  -- All accounts are locked before anything is read of them; now is the time that the locks gave.
  p_requests := ratebook.name_owners(p_requests);
  v_accounts := ratebook.lock_accounts(
    array(select r.account_id from unnest(p_requests) as r), array(select r.owner_id from unnest(p_requests) as r)
  );
  v_at := (v_accounts[1]).updated_at;
  -- A key that was used has its answer; one that stands for another request refuses them all.
  select
    array_agg(k.response order by r.ordinality),
    min(r.key) filter (where k.request <> r.request or char_length(r.key) not between 1 and 255)
  into v_answers, v_refused
  from unnest(p_requests) with ordinality as r
  -- One lookup each, whatever the planner thinks of the table.
  left join lateral (
    select i.request, i.response
    from billing.idempotency_keys as i
    where
      i.account_id = r.account_id
      and i.lenser_id is not distinct from r.owner_id
      and i.operation = 'charge_generation'
      and i.key = r.key
    offset 0
  ) as k on true;
  if v_refused is not null then
    perform ratebook.recall(v_accounts[1].id, v_accounts[1].lenser_id, 'charge_generation', v_refused, null);
    perform ratebook.refuse_key('charge_generation', v_refused);
  end if;
  -- Of twins in one call the first is new.
  v_places := array(
    select min(r.ordinality) as place
    from unnest(p_requests) with ordinality as r
    where v_answers[r.ordinality] is null
    group by r.account_id, r.owner_id, r.key, case when r.key is null then r.ordinality end
    order by place
  );
  if v_places = '{}' then
    return v_answers;
  end if;

  -- What is new is priced and allowed as one charge would be, before anything of it is written.
  v_requests := array(select p_requests[n.place] from unnest(v_places) with ordinality as n (place) order by n.ordinality);
  perform ratebook.assert_not_erased(
    array(select r.owner_id from unnest(v_requests) as r) || array(select r.lenser_id from unnest(v_requests) as r)
  );
  v_priced := ratebook.price_charges(v_requests, v_at, v_places);
  v_warnings := ratebook.count_spendings(v_priced, v_at);
  -- Against the sum of an account's charges: each alone might fit where all of them do not.
  perform ratebook.assert_available(a::billing.accounts, c.credits)
  from unnest(v_accounts) as a
  inner join (
    select
      (p.charge).account_id as account_id,
      (p.charge).lenser_id as lenser_id,
      sum((p.charge).credits) as credits
    from unnest(v_priced) as p
    group by (p.charge).account_id, (p.charge).lenser_id
  ) as c on c.account_id = a.id and c.lenser_id = a.lenser_id;
  v_accounts := ratebook.pay_charges(v_accounts, v_priced, v_at);
  perform ratebook.write_charges(v_priced, v_requests);

  -- What a key answers is kept with the charges, in the same transaction: a retry finds both or neither.
  v_new := array(
    select ratebook.charge_object(p.charge, p.cost, a, v_warnings[p.ordinality])
    from unnest(v_priced) with ordinality as p
    inner join unnest(v_accounts) as a on a.id = (p.charge).account_id and a.lenser_id = (p.charge).lenser_id
    order by p.ordinality
  );
  insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
  select
    (p.charge).account_id,
    (p.charge).lenser_id,
    'charge_generation',
    r.key,
    r.request,
    v_new[p.ordinality],
    v_at
  from unnest(v_priced) with ordinality as p
  inner join unnest(v_requests) with ordinality as r on r.ordinality = p.ordinality
  where r.key is not null;
  for i in 1..cardinality(v_places) loop
    v_answers[v_places[i]] := v_new[i];
  end loop;
  -- Now the twins have an answer too.
  return array(
    select
      coalesce(
        v_answers[r.ordinality],
        ratebook.recall(r.account_id, r.owner_id, 'charge_generation', r.key, r.request)
      )
    from unnest(p_requests) with ordinality as r
    order by r.ordinality
  );
end;
$$;

revoke all on function ratebook.name_owners(ratebook.charge_request[]) from public;
revoke all on function ratebook.price_charges(ratebook.charge_request[], timestamptz, bigint[]) from public;
revoke all on function ratebook.count_spendings(ratebook.priced_charge[], timestamptz) from public;
revoke all on function ratebook.pay_charges(billing.accounts[], ratebook.priced_charge[], timestamptz) from public;
revoke all on function ratebook.write_charges(ratebook.priced_charge[], ratebook.charge_request[]) from public;
revoke all on function ratebook.charge_many(ratebook.charge_request[]) from public;

comment on function ratebook.name_owners(ratebook.charge_request[]) is
'The requests, each with the owner of its account: as it says, or looked up. Error: owner_required (PT422).';
comment on function ratebook.price_charges(ratebook.charge_request[], timestamptz, bigint[]) is
'ratebook.price_charge() for many, each at its place in the call. Errors: those of ratebook.price_charge(), with the index of the request, from 0.';
comment on function ratebook.count_spendings(ratebook.priced_charge[], timestamptz) is
'ratebook.count_spending() for many: the warnings of each.';
comment on function ratebook.pay_charges(billing.accounts[], ratebook.priced_charge[], timestamptz) is
'Pays charges that the locked accounts can pay, from their lots, with the same entries as ratebook.post(). Returns the accounts as they are then.';
comment on function ratebook.write_charges(ratebook.priced_charge[], ratebook.charge_request[]) is
'ratebook.write_charge() for many. Errors: unknown_generation (PT404), already_charged (PT409).';
comment on function ratebook.charge_many(ratebook.charge_request[]) is
'The rule behind billing.charge_generations(): all or nothing.';
