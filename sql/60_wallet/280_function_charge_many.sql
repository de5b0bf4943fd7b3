-- ratebook.charge() for many: the same steps, each in one statement for all.
create function ratebook.name_owners(p_requests ratebook.charge_request[]) returns ratebook.charge_request[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owners uuid[];
begin
  if exists (select from unnest(p_requests) as r where r.owner_id is null) then
    v_owners := ratebook.owners_of_accounts(
      array(select r.account_id from unnest(p_requests) as r), array(select r.owner_id from unnest(p_requests) as r)
    );
    for i in 1..cardinality(p_requests) loop
      p_requests[i].owner_id := v_owners[i];
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

create function ratebook.count_spendings(
  p_accounts billing.accounts[], p_priced ratebook.priced_charge[], p_at timestamptz
) returns jsonb[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_spendings ratebook.spending[];
  v_alone uuid[];
begin
  -- As in ratebook.count_spending(): owners without a budget.
  if not exists (select from unnest(p_accounts) as a where not a.is_plain)
    and not exists (select from unnest(p_priced) as p where (p.charge).spender_id <> (p.charge).lenser_id) then
    return array_fill(jsonb '[]', array[cardinality(p_priced)]);
  end if;
  v_spendings := array(
    select
      (
        (p.charge).spender_id, (p.charge).account_id, (p.charge).lenser_id, (p.charge).model_id, (p.charge).feature_id,
        (p.charge).credits, 0, null, false
      )::ratebook.spending
    from unnest(p_priced) with ordinality as p
    order by p.ordinality
  );
  v_alone := ratebook.lock_spenders(v_spendings, p_at);
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
    return array_fill(jsonb '[]', array[cardinality(p_priced)]);
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
  v_needed numeric[];
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
  v_warnings := ratebook.count_spendings(v_accounts, v_priced, v_at);
  -- Against the sum of an account's charges: each alone might fit where all of them do not.
  v_needed := array(
    select coalesce(c.credits, 0)
    from unnest(v_accounts) with ordinality as a
    left join (
      select
        (p.charge).account_id as account_id,
        (p.charge).lenser_id as lenser_id,
        sum((p.charge).credits) as credits
      from unnest(v_priced) as p
      group by (p.charge).account_id, (p.charge).lenser_id
    ) as c on c.account_id = a.id and c.lenser_id = a.lenser_id
    order by a.ordinality
  );
  for i in 1..cardinality(v_accounts) loop
    perform ratebook.assert_available(v_accounts[i], v_needed[i]);
  end loop;
  v_accounts := coalesce(
    ratebook.pay_plainly(v_accounts, v_needed, v_priced, v_at), ratebook.pay_in_general(v_accounts, v_priced, v_at)
  );
  perform ratebook.write_charges(v_priced, v_requests);

  -- What a key answers is kept with the charges, in the same transaction: a retry finds both or neither.
  v_new := array(
    select
      ratebook.charge_object(
        (p.charge).id, (p.charge).generation_id, a.id, (p.charge).model_id, (p.charge).credits, (p.cost).cost,
        (p.cost).currency, a.posted, a.reserved, a.debt, a.upcoming, v_warnings[p.ordinality]
      )
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
revoke all on function ratebook.count_spendings(billing.accounts[], ratebook.priced_charge[], timestamptz) from public;
revoke all on function ratebook.write_charges(ratebook.priced_charge[], ratebook.charge_request[]) from public;
revoke all on function ratebook.charge_many(ratebook.charge_request[]) from public;

comment on function ratebook.name_owners(ratebook.charge_request[]) is
'The requests, each with the owner of its account: as it says, or looked up. Error: owner_required (PT422).';
comment on function ratebook.price_charges(ratebook.charge_request[], timestamptz, bigint[]) is
'ratebook.price_charge() for many, each at its place in the call. Errors: those of ratebook.price_charge(), with the index of the request, from 0.';
comment on function ratebook.count_spendings(billing.accounts[], ratebook.priced_charge[], timestamptz) is
'ratebook.count_spending() for many: the warnings of each.';
comment on function ratebook.write_charges(ratebook.priced_charge[], ratebook.charge_request[]) is
'ratebook.write_charge() for many. Errors: unknown_generation (PT404), already_charged (PT409).';
comment on function ratebook.charge_many(ratebook.charge_request[]) is
'The rule behind billing.charge_generations(): all or nothing.';
