alter table billing.budgets enable row level security;

revoke all on billing.budgets from public, anon, authenticated, service_role;
grant select, delete on billing.budgets to authenticated, service_role;
grant insert (lenser_id, feature_id, model_id, period, soft_limit, hard_limit, is_active) on billing.budgets
to authenticated, service_role;
grant update (soft_limit, hard_limit, is_active) on billing.budgets to authenticated, service_role;

create policy budgets_select_own on billing.budgets for select to authenticated
using (lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser()));
create policy budgets_insert_admin on billing.budgets for insert to authenticated
with check ((select ratebook.is_admin()));
create policy budgets_update_admin on billing.budgets for update to authenticated
using ((select ratebook.is_admin())) with check ((select ratebook.is_admin()));
create policy budgets_delete_admin on billing.budgets for delete to authenticated
using ((select ratebook.is_admin()));
