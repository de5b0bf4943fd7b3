create table billing.credit_rates (
  id uuid not null default gen_random_uuid(),
  currency text not null,
  credits_per_currency_unit numeric not null,
  effective_from timestamptz not null default ratebook.clock(),
  revision integer not null default 0,
  created_at timestamptz not null default ratebook.clock(),
  created_by uuid default ratebook.uid(),
  constraint credit_rates_pkey primary key (id),
  constraint credit_rates_key unique (currency, effective_from, revision),
  constraint currency_is_an_iso_code check (currency ~ '^[A-Z]{3}$'),
  constraint credits_per_currency_unit_is_positive_and_finite check (
    credits_per_currency_unit > 0 and ratebook.is_amount(credits_per_currency_unit)
  ),
  constraint effective_from_is_finite check (ratebook.is_time(effective_from)),
  constraint revision_is_not_negative check (revision >= 0)
);

create trigger credit_rates_require_privileged before insert on billing.credit_rates
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger credit_rates_refuse_change before update or delete or truncate on billing.credit_rates
for each statement execute function ratebook.refuse_change(
  'Insert a row with a later effective_from, or a higher revision to correct one.'
);

alter table billing.credit_rates enable always trigger credit_rates_refuse_change;

select ratebook.keep_history('billing.credit_rates');

comment on table billing.credit_rates is
'How many credits one unit of a currency is. Insert-only; in force is the latest effective_from, then the highest revision. For admins and the service role.';
comment on column billing.credit_rates.id is 'The rate; charges refer to it.';
comment on column billing.credit_rates.currency is 'ISO 4217 code.';
comment on column billing.credit_rates.credits_per_currency_unit is 'Credits per one unit of the currency, exact.';
comment on column billing.credit_rates.effective_from is 'From when on it applies.';
comment on column billing.credit_rates.revision is 'Corrections of the same date count up from 0; the highest stands.';
comment on column billing.credit_rates.created_at is 'When the row was made.';
comment on column billing.credit_rates.created_by is 'JWT subject who made it; NULL for the service role and direct SQL.';
