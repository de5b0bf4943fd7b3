-- Rows: the policies of ai.providers.
revoke all on compat.api_providers from public, anon, authenticated, service_role;
grant select, insert, update, delete on compat.api_providers to authenticated;
grant select, insert, update, delete on compat.api_providers to service_role;
