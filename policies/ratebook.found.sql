-- Read by the functions that compare and take back.
alter table ratebook.found enable row level security;
revoke all on ratebook.found from public, anon, authenticated, service_role;
