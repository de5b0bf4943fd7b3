revoke all on compat.api_model_stats from public, anon, authenticated, service_role;
grant select on compat.api_model_stats to authenticated;
grant select on compat.api_model_stats to service_role;
