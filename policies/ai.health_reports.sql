alter table ai.health_reports enable row level security;

-- ai.report_health() writes it.
revoke all on ai.health_reports from public, anon, authenticated, service_role;
grant select on ai.health_reports to authenticated, service_role;

create policy health_reports_select_admin on ai.health_reports for select to authenticated
using ((select ratebook.is_admin()));
