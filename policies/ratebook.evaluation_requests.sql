alter table ratebook.evaluation_requests enable row level security;

revoke all on ratebook.evaluation_requests from public, anon, authenticated, service_role;
