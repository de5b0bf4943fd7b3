begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_model('m');
create temporary table ids as
select
  tests.make_price('m', 'input', 0.001) as input,
  tests.make_price('m', 'output', 0.002) as output,
  tests.make_rate(1000) as rate,
  tests.make_policy(0) as policy;
create temporary table sheets as select s.id from ratebook.price_sheets as s;

create function tests.used(p_usage jsonb, p_at timestamptz) returns ratebook.priced_request
language sql
return ratebook.price_request('m', p_usage, null, 'standard', null, null, p_at, true, false);

-- cache_read falls back to input.
select results_eq(
  $$
  select p.model_id, p.model_key, p.currency, p.sheet_id, p.cost, p.is_public, p.credits, p.credit_rate_id, p.margin_policy_id
  from tests.used('{"input": 2}', '2026-03-15Z') as p
  $$,
  $$
  select tests.model_id('m'), 'm', 'USD', s.id, 0.002, true, 2.000, i.rate, i.policy from ids as i, sheets as s
  $$,
  'model, sheet, rate and policy'
);
select results_eq(
  $$select p.price_ids from tests.used('{"input": 2, "cache_read": 3, "output": 0}', '2026-03-15Z') as p$$,
  $$select array[i.input] from ids as i$$,
  'each price row once, of the meters used'
);
select results_eq(
  $$select (select array_agg(x order by x) from unnest(p.price_ids) as x) from tests.used('{"cache_read": 3, "output": 1}', '2026-03-15Z') as p$$,
  $$select (select array_agg(x order by x) from unnest(array[i.input, i.output]) as x) from ids as i$$,
  'that of a fallback'
);
select results_eq(
  $$select p.price_ids from tests.used('{"image": 0}', '2026-03-15Z') as p$$, $$values ('{}'::uuid[])$$, 'of nothing none'
);

select * from finish();
rollback;
