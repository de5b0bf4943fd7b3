alter table ai.feature_model_policies enable row level security;

revoke all on ai.feature_model_policies from public, anon, authenticated, service_role;
grant select on ai.feature_model_policies to anon;
grant select, insert, update, delete on ai.feature_model_policies to authenticated;
grant select, insert, update, delete on ai.feature_model_policies to service_role;

-- The hidden are looked up once for a page, not each row's model.
create policy feature_model_policies_select_all on ai.feature_model_policies for select to anon, authenticated
using (model_id not in (select h.id from ratebook.hidden_models() as h (id)) or (select ratebook.is_admin()));
create policy feature_model_policies_insert_admin on ai.feature_model_policies for insert to authenticated
with check ((select ratebook.is_admin()));
create policy feature_model_policies_update_admin on ai.feature_model_policies for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy feature_model_policies_delete_admin on ai.feature_model_policies for delete to authenticated
using ((select ratebook.is_admin()));
