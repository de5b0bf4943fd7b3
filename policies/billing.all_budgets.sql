-- Admins write here: the table's own policy shows them their own rows only. A trigger of the table refuses others.
grant delete on billing.all_budgets, ratebook.all_budgets to authenticated;
grant insert (lenser_id, feature_id, model_id, period, soft_limit, hard_limit, is_active)
on billing.all_budgets, ratebook.all_budgets to authenticated;
grant update (soft_limit, hard_limit, is_active) on billing.all_budgets, ratebook.all_budgets to authenticated;
