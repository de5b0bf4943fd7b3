begin;
set local search_path = tap, pg_catalog;
select plan(15);

-- Asks as anon with a request's headers.
create function tests.asked(p_headers text) returns text
language sql
return format(
  'select ai.pre_request() from (select set_config(''request.headers'', %L, true)) as t', p_headers
);

select tests.as_anon();
select tests.refused(tests.asked(headers), token, 'PT400', headers)
from (
  values
  ('{"prefer": "count=planned"}', 'estimated_count'),
  ('{"prefer": "count=estimated"}', 'estimated_count'),
  ('{"prefer": "tx=commit, count=planned"}', 'estimated_count'),
  ('{"prefer": "count=estimated,count=exact"}', 'estimated_count'),
  ('{"prefer": "Count = \"planned\""}', 'estimated_count'),
  ('{"accept": "application/vnd.pgrst.plan"}', 'query_plan'),
  ('{"accept": "text/csv, application/vnd.pgrst.plan+json; for=\"text/csv\""}', 'query_plan')
) as t (headers, token);
select lives_ok(tests.asked(headers), headers)
from (
  values
  ('{"prefer": "count=exact"}'), ('{"prefer": "return=minimal"}'), ('{"accept": "application/vnd.pgrst.object+json"}'),
  ('{"prefer": null}'), ('{}'), ('')
) as t (headers);

select tests.as_service();
select tests.refused(
  tests.asked('{"prefer": "count=planned"}'), 'estimated_count', 'PT400', 'one rule for every role'
);
select lives_ok(tests.asked('{"prefer": "count=exact"}'), 'and one way for every role');

select * from finish();
rollback;
