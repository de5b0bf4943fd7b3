begin;
set local search_path = tap, pg_catalog;
select plan(2);

select is(
  string_agg(format('%s: %s', array_to_string(p.proargnames[1:8], ', '), pg_get_function_result(p.oid)), '; '),
  'model, usage, feature, service_tier, variant, region, at, format: numeric',
  'PostgREST cannot choose between overloads'
)
from pg_catalog.pg_proc as p
where p.proname = 'calculate_credit_cost';
select is_empty(
  $$
  select schema_name, proname from tests.functions
  -- A computed relationship is told apart by the row that it is asked of.
  where schema_name <> 'ratebook' and not (pronargs = 1 and proargnames is null)
  group by schema_name, proname having count(*) > 1
  $$,
  'no exposed function is overloaded'
);

select * from finish();
rollback;
