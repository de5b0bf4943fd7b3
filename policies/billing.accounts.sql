alter table billing.accounts enable row level security;

revoke all on billing.accounts from public, anon, authenticated, service_role;
grant select on billing.accounts to authenticated, service_role;

create policy accounts_select_own on billing.accounts for select to authenticated
using (lenser_id = (select ratebook.uid()));
-- The functions of the wallet write the rest.
grant insert (lenser_id, name, overdraft_limit, low_balance_mark) on billing.accounts to service_role;
grant update (name, overdraft_limit, low_balance_mark) on billing.accounts to service_role;
