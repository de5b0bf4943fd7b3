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

-- What visitors may be answered from a cache: the catalogue, its prices, and what a request costs. All of it is under the
-- audit history, so that tells whether it may have changed; prices that start by themselves do so at the full five minutes.
create function ratebook.tell_caches() returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook, and does not see the audit history.
declare
  v_headers jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
  v_method text := current_setting('request.method', true);
  v_schema text := v_headers ->> 'accept-profile';
  v_path text := current_setting('request.path', true);
  v_last bigint;
  v_number bigint;
begin
  if v_method not in ('GET', 'HEAD') then
    return;
  elsif ratebook.caller() <> 'anon' then
    -- What somebody is answered is theirs. Other schemas are the project's own.
    if v_schema in ('ai', 'billing', 'lensers', 'media', 'content', 'execution', 'compat') then
      perform set_config('response.headers', '[{"Cache-Control": "private, no-store"}]', true);
    end if;
    return;
  elsif (v_schema || v_path = any(array[
    'ai/catalogue', 'ai/models', 'ai/providers', 'ai/model_aliases', 'ai/features', 'ai/feature_model_policies', 'ai/meters',
    'ai/service_tiers', 'ai/model_pricing', 'ai/model_price_sources', 'ai/rpc/find_model', 'ai/rpc/normalize_usage',
    'ai/rpc/price_changes', 'ai/rpc/price_history', 'ai/rpc/prices_in_force', 'billing/rpc/calculate_credit_cost',
    'billing/rpc/compare', 'billing/rpc/quote', 'billing/rpc/quote_many'
  ])) is not true then
    return;
  end if;
  -- Numbers are taken before the commit: one that is committed after a later one is seen by its count.
  select max(h.id) into v_last from lensers.audit_history as h;
  select count(*) into v_number from lensers.audit_history as h where h.id > v_last - 1000;
  perform set_config(
    'response.headers',
    jsonb_build_array(
      jsonb_build_object('Cache-Control', 'public, max-age=0, s-maxage=60'),
      jsonb_build_object('Vary', 'Accept, Accept-Profile, Authorization, apikey, Prefer, Range'),
      jsonb_build_object('ETag', format('W/"%s"', md5(concat_ws(
        ' ', v_last, v_number, date_bin('5 minutes', ratebook.clock(), '2000-01-01T00:00:00Z'), v_schema, v_path,
        v_headers ->> 'accept', v_headers ->> 'prefer', v_headers ->> 'range'
      ))))
    )::text,
    true
  );
end;
$$;

create function ai.pre_request() returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.refuse_estimates();
  select ratebook.tell_caches();
end;

revoke all on function ratebook.refuse_estimates() from public;
revoke all on function ratebook.tell_caches() from public;
revoke all on function ai.pre_request() from public;
grant execute on function ratebook.refuse_estimates() to anon, authenticated, service_role;
grant execute on function ratebook.tell_caches() to anon, authenticated, service_role;
grant execute on function ai.pre_request() to anon, authenticated, service_role;

comment on function ratebook.refuse_estimates() is
'Refuses a request whose answer would be an estimate of the planner, which knows of rows that row security hides. Reads the headers that PostgREST sets: Prefer and Accept. Errors: estimated_count (PT400), query_plan (PT400).';
comment on function ratebook.tell_caches() is
'Sets PostgREST''s response.headers: for what visitors (anon) read of the catalogue and of prices, Cache-Control with a minute for shared caches, none for browsers, Vary, and an ETag that changes with the audit history and every five minutes; for what others read of Ratebook, no-store.';
comment on function ai.pre_request() is
'For PostgREST''s setting db-pre-request: refuses count=planned, count=estimated and plans, because they tell of rows that the caller may not see; and says what may be cached: what visitors read of the catalogue and of prices, by shared caches for a minute, with an ETag. It runs before every request, as the role that asks, so a role of a project''s own needs usage on schema ai and execute on this function. Errors: estimated_count (PT400), query_plan (PT400).';
