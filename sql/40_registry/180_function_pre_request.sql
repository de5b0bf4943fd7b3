create function ratebook.refuse_estimates() returns void
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_headers jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
begin
  if v_headers ->> 'prefer' ~* 'count\s*=\s*"?(planned|estimated)' then
    perform ratebook.fail(
      'estimated_count', 'Counts are not estimated here: an estimate tells of rows that the caller may not see.',
      'Ask for count=exact.'
    );
  elsif v_headers ->> 'accept' ~* 'vnd\.pgrst\.plan' then
    perform ratebook.fail(
      'query_plan', 'Plans are not shown here: a plan tells of rows that the caller may not see.',
      'Ask PostgreSQL for it, with EXPLAIN.'
    );
  end if;
end;
$$;

create function ai.pre_request() returns void
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.refuse_estimates();
end;

revoke all on function ratebook.refuse_estimates() from public;
revoke all on function ai.pre_request() from public;
grant execute on function ratebook.refuse_estimates() to anon, authenticated, service_role;
grant execute on function ai.pre_request() to anon, authenticated, service_role;

comment on function ratebook.refuse_estimates() is
'Refuses a request whose answer would be an estimate of the planner, which knows of rows that row security hides. Reads the headers that PostgREST sets: Prefer and Accept. Errors: estimated_count (PT400), query_plan (PT400).';
comment on function ai.pre_request() is
'For PostgREST''s setting db-pre-request: refuses count=planned, count=estimated and plans, because they tell of rows that the caller may not see. It runs before every request, as the role that asks, so a role of a project''s own needs usage on schema ai and execute on this function. Errors: estimated_count (PT400), query_plan (PT400).';
