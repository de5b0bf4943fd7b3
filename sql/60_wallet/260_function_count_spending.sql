create function ratebook.spent(
  p_lenser_id uuid,
  p_model_id uuid,
  p_feature_id uuid,
  p_period billing.budget_period_enum,
  p_starts_on date
) returns numeric
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_since uuid := ratebook.uuid_v7_floor(p_starts_on::timestamp at time zone 'UTC');
  v_until uuid := ratebook.uuid_v7_floor((p_starts_on + ('1 ' || p_period)::interval) at time zone 'UTC');
begin
  return (
    select
      coalesce(sum(c.credits - coalesce(r.amount, 0)), 0)
    from (
      -- Two indexes: what the lenser's own accounts paid, and what others' did, whoever they are.
      select o.id, o.lenser_id, o.model_id, o.feature_id, o.credits
      from billing.charges as o
      where o.lenser_id = p_lenser_id and o.spender_id = p_lenser_id and o.id >= v_since and o.id < v_until
      union all
      select m.id, m.lenser_id, m.model_id, m.feature_id, m.credits
      from billing.charges as m
      where m.spender_id = p_lenser_id and m.spender_id <> m.lenser_id and m.id >= v_since and m.id < v_until
    ) as c
    left join lateral (
      select f.amount
      from ratebook.refunds as f
      where f.charge_id = c.id and f.lenser_id is not distinct from c.lenser_id
    ) as r on true
    where
      (p_model_id is null or c.model_id = p_model_id)
      and (p_feature_id is null or c.feature_id = p_feature_id)
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

create function ratebook.count_spending(p_spending ratebook.spending, p_at timestamptz) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_member billing.account_members;
  v_budget record;
  v_starts_on date;
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

  -- Waits for a budget that is being made, which waits for what is being spent.
  perform from lensers.profiles as p where p.id = p_spending.lenser_id for key share;
  -- In one order for everybody, and locked: nobody else counts in their periods.
  for v_budget in
    select b.*
    from billing.budgets as b
    where
      b.lenser_id = p_spending.lenser_id
      and (b.model_id is null or b.model_id = p_spending.model_id)
      and (b.feature_id is null or b.feature_id = p_spending.feature_id)
    order by b.id
    for no key update of b
  loop
    -- The first spending of a period counts what the charges of it say: a budget may be younger than they are.
    v_starts_on := date_trunc(v_budget.period::text, p_at at time zone 'UTC')::date;
    insert into billing.budget_periods (budget_id, lenser_id, starts_on, spent)
    select
      v_budget.id, v_budget.lenser_id, v_starts_on,
      ratebook.spent(v_budget.lenser_id, v_budget.model_id, v_budget.feature_id, v_budget.period, v_starts_on)
    where not exists (
      select from billing.budget_periods as p
      where
        p.budget_id = v_budget.id
        and p.lenser_id is not distinct from v_budget.lenser_id
        and p.starts_on = v_starts_on
    )
    on conflict do nothing;
    update billing.budget_periods as p
    set spent = p.spent + v_counted
    where
      p.budget_id = v_budget.id
      and p.lenser_id is not distinct from v_budget.lenser_id
      and p.starts_on = v_starts_on
    returning p.spent into v_spent;
    -- Counted although switched off, so that it is right once it is switched on.
    continue when not v_budget.is_active;

    -- Of whichever account: a budget is the spender's, a hold the owner's.
    select v_spent - v_counted + p_spending.credits + coalesce(sum(h.amount), 0) into v_held
    from billing.holds as h
    where
      h.spender_id = p_spending.lenser_id
      and h.status = 'open'
      and h.expires_at > p_at
      and h.id >= v_since
      and h.id < v_until
      and h.id is distinct from p_spending.hold_id
      and (v_budget.model_id is null or h.model_id = v_budget.model_id)
      and (v_budget.feature_id is null or h.feature_id = v_budget.feature_id);
    -- What was held was allowed then.
    if v_held > v_budget.hard_limit and p_spending.credits > p_spending.held then
      perform ratebook.fail(
        'budget_exceeded', format('The budget for this %s is reached.', v_budget.period),
        'Raise it in billing.budgets, or wait.',
        jsonb_build_object(
          'budget', v_budget.id, 'lenser', v_budget.lenser_id, 'period', v_budget.period, 'starts_on', v_starts_on,
          'limit', trim_scale(v_budget.hard_limit)::text, 'needed', trim_scale(v_held)::text
        )
      );
    end if;
    -- A soft limit warns and refuses nothing.
    if v_spent >= v_budget.soft_limit then
      v_warnings := v_warnings || jsonb_build_object(
        'warning', 'budget_soft_limit', 'budget', v_budget.id, 'period', v_budget.period, 'starts_on', v_starts_on,
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


create function ratebook.uncount_spending(p_charge billing.charges, p_credits numeric) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_budget record;
begin
  update billing.account_members as m
  set spent = greatest(m.spent - p_credits, 0)
  where
    m.account_id = p_charge.account_id
    and m.lenser_id is not distinct from p_charge.lenser_id
    and m.member_id = p_charge.spender_id;
  -- As in ratebook.count_spending().
  perform from lensers.profiles as p where p.id = p_charge.spender_id for key share;
  for v_budget in
    select b.id, b.period
    from billing.budgets as b
    where
      b.lenser_id = p_charge.spender_id
      and (b.model_id is null or b.model_id = p_charge.model_id)
      and (b.feature_id is null or b.feature_id = p_charge.feature_id)
    order by b.id
    for no key update of b
  loop
    update billing.budget_periods as p
    set spent = greatest(p.spent - p_credits, 0)
    where
      p.budget_id = v_budget.id
      and p.lenser_id is not distinct from p_charge.spender_id
      and p.starts_on = date_trunc(v_budget.period::text, p_charge.created_at at time zone 'UTC')::date;
  end loop;
end;
$$;

revoke all on function ratebook.spent(uuid, uuid, uuid, billing.budget_period_enum, date) from public;
revoke all on function ratebook.count_spending(ratebook.spending, timestamptz) from public;
revoke all on function ratebook.uncount_spending(billing.charges, numeric) from public;

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
comment on function ratebook.spent(uuid, uuid, uuid, billing.budget_period_enum, date) is
'What a lenser spent in a period, refunds taken off: for one model or feature, or NULL for all.';
comment on function ratebook.count_spending(ratebook.spending, timestamptz) is
'Counts spending against the member''s limit and the budgets of a lenser, and returns the warnings of soft limits. The account is locked. Errors: not_allowed (42501) for strangers to the account, member_limit_exceeded, budget_exceeded (PT402).';
comment on function ratebook.uncount_spending(billing.charges, numeric) is
'Takes refunded credits off the member''s limit and off the budgets of the charge''s period.';
