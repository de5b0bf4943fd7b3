-- Writing is for admins: the view's statement trigger asks.
revoke all on compat.ai_model_config from public, anon, authenticated, service_role;
grant select, insert, update, delete on compat.ai_model_config to authenticated;
grant select, insert, update, delete on compat.ai_model_config to service_role;
