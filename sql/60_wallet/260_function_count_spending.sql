create function ratebook.period_at(
  p_budget billing.budgets, p_at timestamptz, out starts_on date, out starts_at timestamptz, out ends_at timestamptz
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_length interval := ('1 ' || p_budget.period)::interval;
begin
  starts_on := date_trunc(p_budget.period::text, p_at at time zone p_budget.time_zone);
  starts_at := ratebook.day_starts_at(starts_on, p_budget.time_zone);
  -- Clocks that go back over midnight come to its day before it begins.
  if starts_at > p_at then
    starts_on := starts_on - v_length;
    starts_at := ratebook.day_starts_at(starts_on, p_budget.time_zone);
  end if;
  ends_at := ratebook.day_starts_at((starts_on + v_length)::date, p_budget.time_zone);
end;
$$;

create function ratebook.binds(
  p_budget billing.budgets, p_model_id uuid, p_feature_id uuid, p_at timestamptz
) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (p_budget.feature_id is null or p_budget.feature_id = p_feature_id)
    and (
      p_budget.model_id is null
      or p_budget.model_id = p_model_id
      or exists (
        select from ratebook.successors(p_budget.model_id) as s where s.model_id = p_model_id and s.since <= p_at
      )
    );
end;
$$;

create function ratebook.counted_by(p_budget billing.budgets) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return md5(concat_ws(
    ' ', p_budget.feature_id,
    case
      when p_budget.model_id is not null then (
        select string_agg(concat_ws(' ', s.model_id, extract(epoch from s.since)), ' ' order by s.ordinality)
        from ratebook.successors(p_budget.model_id) with ordinality as s
      )
    end
  ))::uuid;
end;
$$;

create function ratebook.spent(
  p_budget billing.budgets, p_starts_at timestamptz, p_ends_at timestamptz
) returns numeric
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_since uuid := ratebook.uuid_v7_floor(p_starts_at);
  v_until uuid := ratebook.uuid_v7_floor(p_ends_at);
  v_models uuid[];
  v_from timestamptz[];
begin
  select array_agg(s.model_id), array_agg(s.since) into v_models, v_from
  from ratebook.successors(p_budget.model_id) as s;
  return (
    select
      coalesce(sum(c.credits - coalesce(r.amount, 0)), 0)
    from (
      -- Two indexes: what the lenser's own accounts paid, and what others' did, whoever they are.
      select o.id, o.lenser_id, o.model_id, o.feature_id, o.credits, o.created_at
      from billing.charges as o
      where
        o.lenser_id = p_budget.lenser_id and o.spender_id = p_budget.lenser_id and o.id >= v_since and o.id < v_until
      union all
      select m.id, m.lenser_id, m.model_id, m.feature_id, m.credits, m.created_at
      from billing.charges as m
      where m.spender_id = p_budget.lenser_id and m.spender_id <> m.lenser_id and m.id >= v_since and m.id < v_until
    ) as c
    left join lateral (
      select f.amount
      from ratebook.refunds as f
      where f.charge_id = c.id and f.lenser_id is not distinct from c.lenser_id
    ) as r on true
    where
      (p_budget.model_id is null or c.created_at >= v_from[array_position(v_models, c.model_id)])
      and (p_budget.feature_id is null or c.feature_id = p_budget.feature_id)
  );
end;
$$;

create type ratebook.spending as (
  lenser_id uuid,
  account_id uuid,
  owner_id uuid,
  model_id uuid,
  feature_id uuid,
  credits numeric,
  held numeric,
  hold_id uuid,
  is_hold boolean
);

create function ratebook.counts_anew(p_spendings ratebook.spending[], p_lenser_id uuid, p_at timestamptz) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select
    from billing.budgets as b
    cross join lateral (
      select distinct s.model_id, s.feature_id from unnest(p_spendings) as s where s.lenser_id = p_lenser_id
    ) as s
    where
      b.lenser_id = p_lenser_id
      and b.model_id is not null
      and ratebook.binds(b, s.model_id, s.feature_id, p_at)
      and not exists (
        select
        from ratebook.period_at(b, p_at) as d
        inner join billing.budget_periods as p
          on
            p.budget_id = b.id
            and p.lenser_id is not distinct from b.lenser_id
            and p.starts_at = d.starts_at
            and p.ends_at = d.ends_at
        where p.counted_by = ratebook.counted_by(b)
      )
  );
end;
$$;

create function ratebook.lock_spenders(p_spendings ratebook.spending[], p_at timestamptz) returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_lenser_id uuid;
  v_alone uuid[] := '{}'::uuid[];
begin
  for v_lenser_id in
    select distinct s.lenser_id from unnest(p_spendings) as s order by s.lenser_id
  loop
    -- What is under way may not know of a succession, and be counted by nobody: who sums up charges waits for it.
    if ratebook.counts_anew(p_spendings, v_lenser_id, p_at) then
      perform from lensers.profiles as p where p.id = v_lenser_id for update;
      v_alone := v_alone || v_lenser_id;
    -- Waits for a budget that is being made, which waits for what is being spent.
    else
      perform from lensers.profiles as p where p.id = v_lenser_id for key share;
    end if;
  end loop;
  return v_alone;
end;
$$;

-- The first spending of a period counts what the charges of it say: a budget may be younger than they are.
create function ratebook.begin_period(p_budget billing.budgets, p_at timestamptz, p_counted_by uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_period constant record := ratebook.period_at(p_budget, p_at);
begin
  insert into billing.budget_periods (budget_id, lenser_id, starts_on, starts_at, ends_at, counted_by, spent)
  select
    p_budget.id, p_budget.lenser_id, v_period.starts_on, v_period.starts_at, v_period.ends_at, p_counted_by,
    ratebook.spent(p_budget, v_period.starts_at, v_period.ends_at)
  where not exists (
    select from billing.budget_periods as p
    where
      p.budget_id = p_budget.id
      and p.lenser_id is not distinct from p_budget.lenser_id
      and p.starts_at = v_period.starts_at
      and p.ends_at = v_period.ends_at
  )
  on conflict do nothing;
end;
$$;

create function ratebook.count_locked(
  p_spending ratebook.spending, p_alone uuid[], p_at timestamptz
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_member billing.account_members;
  v_budget billing.budgets;
  v_period record;
  v_counted_by uuid;
  v_may_sum boolean;
  v_models uuid[];
  v_counted numeric := case when p_spending.is_hold then 0 else p_spending.credits end;
  v_spent numeric;
  v_held numeric;
  v_warnings jsonb := '[]'::jsonb;
  -- Holds that are open: none lasts longer than a week, and no other account's clock is a day ahead.
  v_since uuid := ratebook.uuid_v7_floor(p_at - interval '168 hours');
  v_until uuid := ratebook.uuid_v7_floor(p_at + interval '24 hours');
begin
  -- The owner needs no leave; everybody else spends as a member, whose row the update locks until the end.
  if p_spending.lenser_id <> p_spending.owner_id then
    update billing.account_members as m
    set spent = m.spent + v_counted
    where
      m.account_id = p_spending.account_id
      and m.lenser_id is not distinct from p_spending.owner_id
      and m.member_id = p_spending.lenser_id
    returning m.* into v_member;
    -- A hold of one who was a member then may still be captured.
    if not found and (p_spending.hold_id is null or p_spending.credits > p_spending.held) then
      perform ratebook.fail('not_allowed', 'This lenser may not spend from this account.',
        'Add the lenser with billing.set_member().',
        jsonb_build_object('account', p_spending.account_id, 'lenser', p_spending.lenser_id));
    end if;
    -- Against the limit counts what open holds keep, too: it may all be captured. What was held was allowed then.
    if v_member.spend_limit is not null and p_spending.credits > p_spending.held then
      v_spent := v_member.spent - v_counted + p_spending.credits + (
        select coalesce(sum(h.amount), 0)
        from billing.holds as h
        where
          h.spender_id = p_spending.lenser_id
          and h.account_id = p_spending.account_id
          and h.lenser_id is not distinct from p_spending.owner_id
          and h.status = 'open'
          and h.expires_at > p_at
          and h.id >= v_since
          and h.id < v_until
          and h.id is distinct from p_spending.hold_id
      );
      -- The message tells what would be needed: an owner can raise the limit by it.
      if v_spent > v_member.spend_limit then
        perform ratebook.fail(
          'member_limit_exceeded', 'The member''s limit for this account is reached.',
          'Raise it with billing.set_member().',
          jsonb_build_object(
            'account', p_spending.account_id, 'lenser', p_spending.lenser_id,
            'limit', trim_scale(v_member.spend_limit)::text, 'needed', trim_scale(v_spent)::text
          )
        );
      end if;
    end if;
  end if;

  -- In one order for everybody, and locked: nobody else counts in their periods.
  for v_budget in
    select b.*
    from billing.budgets as b
    where
      b.lenser_id = p_spending.lenser_id
      and ratebook.binds(b, p_spending.model_id, p_spending.feature_id, p_at)
    order by b.id
    for no key update of b
  loop
    v_period := ratebook.period_at(v_budget, p_at);
    v_counted_by := ratebook.counted_by(v_budget);
    v_may_sum := v_budget.model_id is null or p_spending.lenser_id = any(p_alone);
    if v_may_sum then
      perform ratebook.begin_period(v_budget, p_at, v_counted_by);
    end if;
    -- So does the first since a succession began, changed or ended.
    update billing.budget_periods as p
    set
      spent = v_counted + case
        when p.counted_by = v_counted_by then p.spent else ratebook.spent(v_budget, p.starts_at, p.ends_at)
      end,
      counted_by = v_counted_by
    where
      p.budget_id = v_budget.id
      and p.lenser_id is not distinct from v_budget.lenser_id
      and p.starts_at = v_period.starts_at
      and p.ends_at = v_period.ends_at
      and (v_may_sum or p.counted_by = v_counted_by)
    returning p.spent into v_spent;
    -- A succession came between, which others may not know of: the next sums up the charges, and this one with them.
    if not found then
      v_spent := v_counted + ratebook.spent(v_budget, v_period.starts_at, v_period.ends_at);
    end if;
    -- Counted although switched off, so that it is right once it is switched on.
    continue when not v_budget.is_active;

    -- Of whichever account: a budget is the spender's, a hold the owner's. It may all be captured, and be counted then.
    v_models := array(select s.model_id from ratebook.successors(v_budget.model_id) as s where s.since <= p_at);
    select v_spent - v_counted + p_spending.credits + coalesce(sum(h.amount), 0) into v_held
    from billing.holds as h
    where
      h.spender_id = p_spending.lenser_id
      and h.status = 'open'
      and h.expires_at > p_at
      and h.id >= v_since
      and h.id < v_until
      and h.id is distinct from p_spending.hold_id
      and (v_budget.model_id is null or h.model_id = any(v_models))
      and (v_budget.feature_id is null or h.feature_id = v_budget.feature_id);
    -- What was held was allowed then.
    if v_held > v_budget.hard_limit and p_spending.credits > p_spending.held then
      perform ratebook.fail(
        'budget_exceeded', format('The budget for this %s is reached.', v_budget.period),
        'Raise it in billing.budgets, or wait.',
        jsonb_build_object(
          'budget', v_budget.id, 'lenser', v_budget.lenser_id, 'period', v_budget.period, 'starts_on', v_period.starts_on,
          'limit', trim_scale(v_budget.hard_limit)::text, 'needed', trim_scale(v_held)::text
        )
      );
    end if;
    -- A soft limit warns and refuses nothing.
    if v_spent >= v_budget.soft_limit then
      v_warnings := v_warnings || jsonb_build_object(
        'warning', 'budget_soft_limit', 'budget', v_budget.id, 'period', v_budget.period, 'starts_on', v_period.starts_on,
        'limit', trim_scale(v_budget.soft_limit)::text, 'spent', trim_scale(v_spent)::text
      );
      if v_counted > 0 and (v_spent - v_counted < v_budget.soft_limit or v_spent = v_counted) then
        insert into billing.outbox (lenser_id, topic, payload, created_at)
        values (v_budget.lenser_id, 'budget_soft_limit', v_warnings -> -1, p_at);
      end if;
    end if;
  end loop;
  return v_warnings;
end;
$$;

create function ratebook.count_spending(p_spending ratebook.spending, p_account billing.accounts) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Nothing to count in: an owner without a budget.
  if p_account.is_plain and p_spending.lenser_id = p_account.lenser_id then
    return jsonb '[]';
  end if;
  return ratebook.count_locked(
    p_spending, ratebook.lock_spenders(array[p_spending], p_account.updated_at), p_account.updated_at
  );
end;
$$;

create function ratebook.uncount_spending(
  p_charge billing.charges, p_credits numeric, p_is_replaced boolean default false
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_spending ratebook.spending;
  v_alone uuid[];
  v_budget billing.budgets;
  v_counted_by uuid;
begin
  update billing.account_members as m
  set spent = greatest(m.spent - p_credits, 0)
  where
    m.account_id = p_charge.account_id
    and m.lenser_id is not distinct from p_charge.lenser_id
    and m.member_id = p_charge.spender_id;
  v_spending.lenser_id := p_charge.spender_id;
  v_spending.model_id := p_charge.model_id;
  v_spending.feature_id := p_charge.feature_id;
  v_alone := ratebook.lock_spenders(array[v_spending], p_charge.created_at);
  -- As in ratebook.count_spending().
  for v_budget in
    select b.*
    from billing.budgets as b
    where
      b.lenser_id = p_charge.spender_id
      and ratebook.binds(b, p_charge.model_id, p_charge.feature_id, p_charge.created_at)
    order by b.id
    for no key update of b
  loop
    v_counted_by := ratebook.counted_by(v_budget);
    -- What takes its place is counted before it is written that this was given back: the sum is taken before both.
    if p_is_replaced and (v_budget.model_id is null or p_charge.spender_id = any(v_alone)) then
      perform ratebook.begin_period(v_budget, p_charge.created_at, v_counted_by);
    end if;
    update billing.budget_periods as p
    set
      spent = greatest(
        -p_credits + case
          when p.counted_by = v_counted_by then p.spent else ratebook.spent(v_budget, p.starts_at, p.ends_at)
        end, 0
      ),
      counted_by = v_counted_by
    where
      p.budget_id = v_budget.id
      and p.lenser_id is not distinct from p_charge.spender_id
      and p.starts_at <= p_charge.created_at
      -- No period is longer.
      and p.starts_at > p_charge.created_at - interval '768 hours'
      and p.ends_at > p_charge.created_at
      and (v_budget.model_id is null or p_charge.spender_id = any(v_alone) or p.counted_by = v_counted_by);
  end loop;
end;
$$;

revoke all on function ratebook.period_at(billing.budgets, timestamptz) from public;
revoke all on function ratebook.binds(billing.budgets, uuid, uuid, timestamptz) from public;
revoke all on function ratebook.counted_by(billing.budgets) from public;
revoke all on function ratebook.spent(billing.budgets, timestamptz, timestamptz) from public;
revoke all on function ratebook.counts_anew(ratebook.spending[], uuid, timestamptz) from public;
revoke all on function ratebook.lock_spenders(ratebook.spending[], timestamptz) from public;
revoke all on function ratebook.begin_period(billing.budgets, timestamptz, uuid) from public;
revoke all on function ratebook.count_locked(ratebook.spending, uuid[], timestamptz) from public;
revoke all on function ratebook.count_spending(ratebook.spending, billing.accounts) from public;
revoke all on function ratebook.uncount_spending(billing.charges, numeric, boolean) from public;

comment on type ratebook.spending is 'What a member''s limit and a lenser''s budgets are asked about.';
comment on column ratebook.spending.lenser_id is 'Who spends.';
comment on column ratebook.spending.account_id is 'The account that pays.';
comment on column ratebook.spending.owner_id is 'Its owner.';
comment on column ratebook.spending.model_id is 'The model.';
comment on column ratebook.spending.feature_id is 'The feature.';
comment on column ratebook.spending.credits is 'Credits.';
comment on column ratebook.spending.held is 'How many of them a hold has been allowed already.';
comment on column ratebook.spending.hold_id is 'That hold.';
comment on column ratebook.spending.is_hold is 'Whether it is a hold, which is asked about and not counted yet.';
comment on function ratebook.period_at(billing.budgets, timestamptz) is 'The period of a budget that a time is in.';
comment on function ratebook.binds(billing.budgets, uuid, uuid, timestamptz) is
'Whether a budget is about what is spent on a model (the one that it names, or by then a successor of it) for a feature.';
comment on function ratebook.counted_by(billing.budgets) is 'The fingerprint of what a budget counts as things are.';
comment on function ratebook.spent(billing.budgets, timestamptz, timestamptz) is
'What was spent of what a budget is about, from a time on and before another, refunds taken off: a sum of charges.';
comment on function ratebook.counts_anew(ratebook.spending[], uuid, timestamptz) is
'Whether a budget for a model, of a lenser who spends on it, has no count of the period yet, or one by successions of before.';
comment on function ratebook.lock_spenders(ratebook.spending[], timestamptz) is
'Locks who spends until the end, in one order for everybody: together with others who spend, or alone where charges have to be summed up for a model''s budget. Returns those that it locked alone.';
comment on function ratebook.begin_period(billing.budgets, timestamptz, uuid) is
'Counts what was charged in the period of a locked budget, where nothing has been counted in it; p_counted_by as ratebook.counted_by() says. Who spends is locked alone where the budget is for a model.';
comment on function ratebook.count_locked(ratebook.spending, uuid[], timestamptz) is
'ratebook.count_spending() where the spender is locked; p_alone says who is alone.';
comment on function ratebook.count_spending(ratebook.spending, billing.accounts) is
'Counts spending that is not written yet against the member''s limit and the budgets of a lenser, and returns the warnings of soft limits. The account is locked. Errors: not_allowed (42501) for strangers to the account, member_limit_exceeded, budget_exceeded (PT402).';
comment on function ratebook.uncount_spending(billing.charges, numeric, boolean) is
'Takes credits that are about to be refunded, and are not written yet, off the member''s limit and off the budgets of the charge''s period; where another charge takes its place (p_is_replaced), also those that have not counted it yet.';
