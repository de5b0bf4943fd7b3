-- Rows: the policies of ai.generations. Which columns an insert may set: the view's triggers, and those of ai.generations.
revoke all on compat.jobs from public, anon, authenticated, service_role;
grant select, insert, delete on compat.jobs to authenticated;
grant select, insert, delete on compat.jobs to service_role;
grant update (status, quality_rating, output, latency_ms) on compat.jobs to service_role;
