begin;
set local search_path = tap, pg_catalog;
select plan(5);

select is_empty(
  $$
  select r.name
  from (values ('anon'), ('authenticated'), ('service_role'), ('authenticator')) as r (name)
  where has_schema_privilege(r.name, 'ratebook', 'usage') or has_schema_privilege(r.name, 'ratebook', 'create')
  $$,
  'no API role has usage on schema ratebook'
);
select is_empty(
  $$
  select s.name, r.name
  from tests.schemas as s
  cross join (values ('anon'), ('authenticated'), ('service_role'), ('authenticator')) as r (name)
  where s.name <> 'public' and has_schema_privilege(r.name, s.oid, 'create')
  $$,
  'none may create anything anywhere'
);
select is_empty(
  $$
  select f.signature
  from tests.functions as f
  where
    f.prosecdef and f.schema_name <> 'ratebook'
    and (has_function_privilege('anon', f.oid, 'execute') or has_function_privilege('authenticated', f.oid, 'execute'))
  $$,
  'every SECURITY DEFINER function is in it, but for those that only the service role may execute'
);
select is_empty(
  $$select signature from tests.functions where not coalesce(proconfig @> array['search_path=pg_catalog, pg_temp'], false)$$,
  'every function looks for names in pg_catalog first and in pg_temp last'
);
select results_eq(
  $$
  select f.signature
  from tests.functions as f
  where f.schema_name not in ('ratebook', 'compat', 'execution') and has_function_privilege('anon', f.oid, 'execute')
  order by f.proname, f.signature
  $$,
  $$
  values
  ('billing.calculate_credit_cost(text,jsonb,text,text,text,text,timestamp with time zone,text)'),
  ('billing.compare(jsonb,text[],text,text,text,text,timestamp with time zone,text)'),
  ('ai.created_by(ai.model_pricing)'),
  ('ai.created_by(ai.models)'),
  ('ai.explain_route(text,jsonb,text)'),
  ('ai.find_model(text)'),
  ('lensers.has_role(uuid,lensers.app_role)'),
  ('ai.normalize_usage(text,jsonb)'),
  ('ai.pre_request()'),
  ('ai.price_changes(timestamp with time zone)'),
  ('ai.price_history(text)'),
  ('ai.prices_in_force(text,timestamp with time zone)'),
  ('billing.quote(text,jsonb,text,text,text,text,timestamp with time zone,text)'),
  ('billing.quote_many(jsonb)'),
  ('ai.ratebook_version()'),
  ('ai.route_feature(text,jsonb,text)'),
  ('ai.updated_by(ai.models)')
  $$,
  'anon may call these and no other'
);

select * from finish();
rollback;
