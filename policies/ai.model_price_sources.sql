alter table ai.model_price_sources enable row level security;

-- Written by a trigger on ai.models alone.
revoke all on ai.model_price_sources from public, anon, authenticated, service_role;
grant select on ai.model_price_sources to anon;
grant select on ai.model_price_sources to authenticated;
grant select on ai.model_price_sources to service_role;

-- The hidden are looked up once for a page, not each row's model.
create policy model_price_sources_select_all on ai.model_price_sources for select to anon, authenticated
using (model_id not in (select h.id from ratebook.hidden_models() as h (id)) or (select ratebook.is_admin()));
