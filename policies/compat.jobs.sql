-- Rows: the policies of ai.generations. No API role chooses id or created_at, and owners write no results.
revoke all on compat.jobs from public, anon, authenticated, service_role;
grant select, delete on compat.jobs to authenticated;
grant insert (api_model_id, prompt, output) on compat.jobs to authenticated;
grant select, delete on compat.jobs to service_role;
grant insert (
  user_id, api_model_id, status, quality_rating, prompt, output, latency_ms
) on compat.jobs to service_role;
grant update (status, quality_rating, output, latency_ms) on compat.jobs to service_role;
