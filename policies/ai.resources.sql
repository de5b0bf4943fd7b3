revoke all on ai.resources from public, anon, authenticated, service_role;
grant select on ai.resources to authenticated;
grant select on ai.resources to service_role;
