-- Rows: the policies of ai.providers.
revoke all on compat.providers from public, anon, authenticated, service_role;
grant select on compat.providers to anon;
grant select, insert, update, delete on compat.providers to authenticated;
grant select, insert, update, delete on compat.providers to service_role;
