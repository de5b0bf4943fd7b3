alter table billing.credit_rates enable row level security;

-- id, created_at and created_by are the database's to say.
revoke all on billing.credit_rates from public, anon, authenticated, service_role;
grant select on billing.credit_rates to authenticated;
grant insert (
  currency, credits_per_currency_unit, effective_from, revision
) on billing.credit_rates to authenticated;
grant select on billing.credit_rates to service_role;
grant insert (
  currency, credits_per_currency_unit, effective_from, revision
) on billing.credit_rates to service_role;

create policy credit_rates_select_admin on billing.credit_rates for select to authenticated
using ((select ratebook.is_admin()));
create policy credit_rates_insert_admin on billing.credit_rates for insert to authenticated
with check ((select ratebook.is_admin()));
