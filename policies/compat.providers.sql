-- Rows: the policies of ai.providers. Writing is for admins: the view's statement trigger asks.
revoke all on compat.providers from public, anon, authenticated, service_role;
grant select on compat.providers to anon;
grant select, insert, update, delete on compat.providers to authenticated;
grant select, insert, update, delete on compat.providers to service_role;
