alter table billing.execution_margin_policies enable row level security;

-- id, created_at and created_by are the database's to say.
revoke all on billing.execution_margin_policies from public, anon, authenticated, service_role;
grant select on billing.execution_margin_policies to authenticated;
grant insert (
  model_id, feature_id, provider_id, tier, margin, fixed_credits, min_credits, minimum_applies_to_free, increment,
  enabled, effective_from, revision
) on billing.execution_margin_policies to authenticated;
grant select on billing.execution_margin_policies to service_role;
grant insert (
  model_id, feature_id, provider_id, tier, margin, fixed_credits, min_credits, minimum_applies_to_free, increment,
  enabled, effective_from, revision
) on billing.execution_margin_policies to service_role;

create policy execution_margin_policies_select_admin on billing.execution_margin_policies for select to authenticated
using ((select ratebook.is_admin()));
create policy execution_margin_policies_insert_admin on billing.execution_margin_policies for insert to authenticated
with check ((select ratebook.is_admin()));
