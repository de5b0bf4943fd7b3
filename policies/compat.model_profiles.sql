-- Rows: the policies of ai.model_profiles, which are for admins.
revoke all on compat.model_profiles from public, anon, authenticated, service_role;
grant select, insert, update, delete on compat.model_profiles to authenticated;
grant select, insert, update, delete on compat.model_profiles to service_role;
