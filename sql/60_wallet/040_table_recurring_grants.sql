create table billing.recurring_grants (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null,
  account_id uuid not null,
  amount billing.limit_amount not null,
  months integer not null,
  days integer not null,
  starts_at timestamptz not null,
  ends_at timestamptz,
  expires boolean not null,
  priority integer not null,
  source text not null,
  issued integer not null default 0,
  created_at timestamptz not null default ratebook.clock(),
  constraint recurring_grants_pkey primary key (id, lenser_id),
  constraint recurring_grants_account_id_fkey foreign key (account_id, lenser_id)
  references billing.accounts (id, lenser_id),
  constraint amount_is_positive check (amount > 0),
  constraint it_recurs_after_months_or_days check (months >= 0 and days >= 0 and months + days > 0),
  constraint priority_is_not_negative check (priority >= 0),
  constraint starts_at_is_finite check (isfinite(starts_at)),
  -- As in billing.grants: what is due must be possible to write.
  constraint source_is_a_name check (source ~ '^\S(.{0,98}\S)?$'),
  constraint ends_at_is_not_before_starts_at check (ends_at >= starts_at),
  constraint issued_is_not_negative check (issued >= 0)
);

create index recurring_grants_account_id_lenser_id_idx on billing.recurring_grants (account_id, lenser_id);
create index recurring_grants_lenser_id_id_idx on billing.recurring_grants (lenser_id, id);

comment on table billing.recurring_grants is
'Allowances: the same grant again and again, such as 1,000 credits a month. Each becomes a lot when it is due, without a scheduler: balances count it at once, and the account''s next change or sweep writes it down. Made by billing.create_recurring_grant().';
comment on column billing.recurring_grants.id is 'The recurring grant; its lots refer to it.';
comment on column billing.recurring_grants.lenser_id is 'The owner of the account.';
comment on column billing.recurring_grants.account_id is 'The account that gets the credits.';
comment on column billing.recurring_grants.amount is 'Credits each time.';
comment on column billing.recurring_grants.months is 'Months from one to the next, counted from starts_at in UTC, so that the 31st stays the last day.';
comment on column billing.recurring_grants.days is 'Days from one to the next, beside the months.';
comment on column billing.recurring_grants.starts_at is 'When the first is due; with a start in the past, from when on the others are counted.';
comment on column billing.recurring_grants.ends_at is 'None is due from then on; NULL for no end.';
comment on column billing.recurring_grants.expires is 'Whether what is left of one ends when the next is due.';
comment on column billing.recurring_grants.priority is 'Priority of its lots.';
comment on column billing.recurring_grants.source is 'Source of its lots.';
comment on column billing.recurring_grants.issued is 'How many were written down, or were over before the row was made.';
comment on column billing.recurring_grants.created_at is 'When the row was made.';

select ratebook.show_all_to_admins('billing.recurring_grants');
