alter table ai.feature_model_policies enable row level security;

revoke all on ai.feature_model_policies from public, anon, authenticated, service_role;
grant select on ai.feature_model_policies to anon;
grant select, insert, update, delete on ai.feature_model_policies to authenticated;
grant select, insert, update, delete on ai.feature_model_policies to service_role;

-- The subquery runs under the caller's own policies: routes to hidden models are hidden.
create policy feature_model_policies_select_all on ai.feature_model_policies for select to anon, authenticated
using (exists (
  select from ai.models as m
  where m.id = model_id
));
create policy feature_model_policies_insert_admin on ai.feature_model_policies for insert to authenticated
with check ((select ratebook.is_admin()));
create policy feature_model_policies_update_admin on ai.feature_model_policies for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy feature_model_policies_delete_admin on ai.feature_model_policies for delete to authenticated
using ((select ratebook.is_admin()));
