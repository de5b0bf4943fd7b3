alter table ai.model_price_sources enable row level security;

-- Written by a trigger on ai.models alone.
revoke all on ai.model_price_sources from public, anon, authenticated, service_role;
grant select on ai.model_price_sources to anon;
grant select on ai.model_price_sources to authenticated;
grant select on ai.model_price_sources to service_role;

-- The subquery runs under the caller's own policies: what prices hidden models is hidden.
create policy model_price_sources_select_all on ai.model_price_sources for select to anon, authenticated
using (exists (
  select from ai.models as m
  where m.id = model_id
));
