alter table ai.model_aliases enable row level security;

revoke all on ai.model_aliases from public, anon, authenticated, service_role;
grant select on ai.model_aliases to anon;
grant select, insert, update, delete on ai.model_aliases to authenticated;
grant select, insert, update, delete on ai.model_aliases to service_role;

-- The hidden are looked up once for a page, not each row's model.
create policy model_aliases_select_all on ai.model_aliases for select to anon, authenticated
using (model_id not in (select h.id from ratebook.hidden_models() as h (id)) or (select ratebook.is_admin()));
create policy model_aliases_insert_admin on ai.model_aliases for insert to authenticated
with check ((select ratebook.is_admin()));
create policy model_aliases_update_admin on ai.model_aliases for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy model_aliases_delete_admin on ai.model_aliases for delete to authenticated
using ((select ratebook.is_admin()));
