alter table ai.models enable row level security;

revoke all on ai.models from public, anon, authenticated, service_role;
grant select on ai.models to anon;
grant select, insert, update, delete on ai.models to authenticated;
grant select, insert, update, delete on ai.models to service_role;

create policy ai_models_read_all on ai.models for select to anon, authenticated
using ((is_public and deleted_at is null) or (select ratebook.is_admin()));
create policy models_insert_admin on ai.models for insert to authenticated
with check ((select ratebook.is_admin()));
create policy models_update_admin on ai.models for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy models_delete_admin on ai.models for delete to authenticated
using ((select ratebook.is_admin()));
