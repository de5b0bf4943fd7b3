-- Read by the functions that compare and take back.
alter table ratebook.manifest enable row level security;
revoke all on ratebook.manifest from public, anon, authenticated, service_role;
