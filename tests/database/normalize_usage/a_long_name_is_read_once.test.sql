begin;
set local search_path = tap, pg_catalog;
select plan(5);

-- 10,000 fields below a name of 90,000 letters: each with its whole path they were 900 MB.
create temporary table raw as
select jsonb_build_object('input_tokens', 7, repeat('x', 90000), jsonb_object_agg('f' || n, 0)) as usage
from generate_series(1, 10000) as n;

select cmp_ok(
  (select sum(length(v.path)) from raw as r cross join lateral ratebook.usage_values(r.usage, '{}') as v), '<', 1200000::bigint,
  'about 100 letters a field'
);
select is(ai.normalize_usage('anthropic', r.usage), '{"input": 7}', 'what is nothing is passed over') from raw as r;
select is(
  ai.normalize_usage('gemini', jsonb_build_object(
    'promptTokenCount', 5,
    'promptTokensDetails', jsonb_build_array(jsonb_build_object('modality', repeat('y', 500), 'tokenCount', 0))
  )),
  '{"input": 5}', 'the same in a list'
);
select is(
  tests.error_of(format(
    'select ai.normalize_usage(%L, %L)', 'anthropic', jsonb_build_object('input_tokens', 7, repeat('x', 200), 1)
  )) -> 'detail',
  jsonb_build_object('error', 'invalid_usage', 'format', 'anthropic', 'field', repeat('x', 100) || '…'),
  'a number under a name that is not read to its end may be a count'
);
select tests.refused(
  format(
    'select ai.normalize_usage(%L, %L)', 'anthropic',
    jsonb_build_object('input_tokens', 7, repeat('x', 200) || '_tokens', 1)
  ),
  'invalid_usage', 'PT422', 'as one that ends like a count is'
);

select * from finish();
rollback;
