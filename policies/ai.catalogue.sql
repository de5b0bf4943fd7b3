-- A view by the rights of who asks, over a fence that shows current public prices only.
revoke all on ai.catalogue from public, anon, authenticated, service_role;
grant select on ai.catalogue to anon, authenticated, service_role;
