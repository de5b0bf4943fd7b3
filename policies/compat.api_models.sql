-- Rows: the policies of ai.models, and the view's own condition. Writing: the view's triggers.
revoke all on compat.api_models from public, anon, authenticated, service_role;
grant select, insert, update, delete on compat.api_models to authenticated;
grant select, insert, update, delete on compat.api_models to service_role;
