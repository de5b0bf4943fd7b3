revoke all on compat.llm_providers from public, anon, authenticated, service_role;
grant select on compat.llm_providers to anon;
grant select on compat.llm_providers to authenticated;
grant select, insert, update, delete on compat.llm_providers to service_role;
