create table billing.budgets (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null,
  feature_id uuid,
  model_id uuid,
  period billing.budget_period_enum not null,
  time_zone text not null default 'UTC',
  soft_limit billing.limit_amount,
  hard_limit billing.limit_amount,
  is_active boolean not null default true,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint budgets_pkey primary key (id, lenser_id),
  constraint budgets_key unique nulls not distinct (lenser_id, feature_id, model_id, period, time_zone),
  constraint budgets_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint budgets_feature_id_fkey foreign key (feature_id) references ai.features (id) on delete cascade,
  constraint budgets_model_id_fkey foreign key (model_id) references ai.models (id) on delete cascade,
  constraint a_budget_has_a_limit check (num_nonnulls(soft_limit, hard_limit) > 0)
);

create index budgets_feature_id_idx on billing.budgets (feature_id);
create index budgets_model_id_idx on billing.budgets (model_id);

create function ratebook.await_spending() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: locks a profile, also for an admin who may not write it.
begin
  perform ratebook.take_plainness(new.lenser_id);
  perform from lensers.profiles as p where p.id = new.lenser_id for update;
  return new;
end;
$$;

create function ratebook.forget_periods() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only the wallet's functions write its tables. Whoever counts in a period has locked its budget before, as the
-- update has by now.
begin
  delete from billing.budget_periods as p
  where
    p.budget_id = old.id
    and p.lenser_id is not distinct from old.lenser_id
    -- No account's clock is a day behind.
    and p.ends_at > ratebook.clock() - interval '24 hours';
  return new;
end;
$$;

revoke all on function ratebook.await_spending() from public;
revoke all on function ratebook.forget_periods() from public;

comment on function ratebook.await_spending() is
'Row trigger: waits for charges of the lenser that are under way and did not see the budget, and makes later ones wait.';
comment on function ratebook.forget_periods() is
'Row trigger: a budget of other days counts from its charges, and what it goes on counting in is not left behind half counted.';

-- Admins write through billing.all_budgets, where row security would answer others that no row matched.
create trigger budgets_require_privileged before insert or update or delete on billing.budgets
for each statement execute function ratebook.require_privileged();
create trigger budgets_await_spending before insert or update of lenser_id, model_id, feature_id on billing.budgets
for each row execute function ratebook.await_spending();
create trigger budgets_check_time_zone before insert or update of time_zone on billing.budgets
for each row execute function ratebook.check_time_zone();
create trigger budgets_forget_periods before update of period, time_zone on billing.budgets
for each row when ((old.period, old.time_zone) is distinct from (new.period, new.time_zone))
execute function ratebook.forget_periods();
create trigger budgets_ensure_profile before insert or update of lenser_id on billing.budgets
for each row execute function ratebook.ensure_profile();
create trigger budgets_stamp before update on billing.budgets
for each row execute function ratebook.stamp();

create table billing.budget_periods (
  budget_id uuid not null,
  lenser_id uuid not null,
  starts_on date not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  counted_by uuid not null,
  spent billing.amount not null,
  -- By its moments: days of two time zones share a date.
  constraint budget_periods_pkey primary key (budget_id, starts_at, ends_at, lenser_id),
  constraint budget_periods_budget_id_fkey foreign key (budget_id, lenser_id)
  references billing.budgets (id, lenser_id) on delete cascade
)
with (fillfactor = 70);

create index budget_periods_budget_id_lenser_id_idx on billing.budget_periods (budget_id, lenser_id);
create index budget_periods_lenser_id_idx on billing.budget_periods (lenser_id);
create index budget_periods_starts_at_idx on billing.budget_periods (starts_at);

comment on table billing.budgets is
'How much a lenser may spend in a day, a week or a month, from whichever account; for one feature or one model where it names one. A model''s budget counts what is spent on its successor, too, since that one succeeded it. A soft limit warns (in the answer and billing.outbox), a hard limit refuses.';
comment on column billing.budgets.id is 'The budget.';
comment on column billing.budgets.lenser_id is 'Whose spending it limits.';
comment on column billing.budgets.feature_id is 'Only for this feature (ai.features.id).';
comment on column billing.budgets.model_id is 'Only for this model.';
comment on column billing.budgets.period is 'A day, a week (ISO: from Monday on) or a month.';
comment on column billing.budgets.time_zone is 'Where it begins and ends at midnight: a name of pg_timezone_names. UTC unless told.';
comment on column billing.budgets.soft_limit is 'Credits from which on it warns.';
comment on column billing.budgets.hard_limit is 'Credits beyond which it refuses; open holds count.';
comment on column billing.budgets.is_active is 'False: it limits nothing, and goes on counting.';
comment on column billing.budgets.created_at is 'When the row was made.';
comment on column billing.budgets.updated_at is 'When the row last changed.';
comment on table billing.budget_periods is
'What was spent under a budget in one period; made at the first charge of the period, and kept for 400 days (billing.purge()).';
comment on column billing.budget_periods.budget_id is 'The budget.';
comment on column billing.budget_periods.lenser_id is 'Whose budget it is.';
comment on column billing.budget_periods.starts_on is 'The first day of the period, in the budget''s time zone.';
comment on column billing.budget_periods.starts_at is 'When it begins. A day of the change to daylight time has 23 hours, one of the change back 25.';
comment on column billing.budget_periods.ends_at is 'When it is over.';
comment on column billing.budget_periods.counted_by is 'A fingerprint of what was counted: the feature, the model and its successors. Where it has changed since, the next spending counts anew.';
comment on column billing.budget_periods.spent is 'Credits charged in the period, less what was refunded of them.';

select ratebook.show_all_to_admins('billing.budgets');
select ratebook.show_all_to_admins('billing.budget_periods');
