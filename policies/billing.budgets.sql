alter table billing.budgets enable row level security;

revoke all on billing.budgets from public, anon, authenticated, service_role;
grant select on billing.budgets to authenticated;
grant select, delete on billing.budgets to service_role;
grant insert (lenser_id, feature_id, model_id, period, time_zone, soft_limit, hard_limit, is_active) on billing.budgets
to service_role;
grant update (time_zone, soft_limit, hard_limit, is_active) on billing.budgets to service_role;

create policy budgets_select_own on billing.budgets for select to authenticated
using (lenser_id = (select ratebook.uid()));

-- Admins write through the view: the policy above shows them their own rows only. A trigger refuses others.
grant delete on billing.all_budgets, ratebook.all_budgets to authenticated;
grant insert (lenser_id, feature_id, model_id, period, time_zone, soft_limit, hard_limit, is_active)
on billing.all_budgets, ratebook.all_budgets to authenticated;
grant update (time_zone, soft_limit, hard_limit, is_active) on billing.all_budgets, ratebook.all_budgets to authenticated;
