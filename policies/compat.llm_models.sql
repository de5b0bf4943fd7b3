-- The source's two policies: the service role manages, anon reads. Signed-in users read as well.
revoke all on compat.llm_models from public, anon, authenticated, service_role;
grant select on compat.llm_models to anon;
grant select on compat.llm_models to authenticated;
grant select, insert, update, delete on compat.llm_models to service_role;
