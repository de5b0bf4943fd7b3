begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.make_model('m');
create temporary table ids as
select
  tests.make_price('m', 'input', 0.001) as input,
  tests.make_price('m', 'output', 0.002) as output,
  tests.make_rate(1000) as rate,
  tests.make_policy(0) as policy;
create temporary table sheets as select s.id from ratebook.price_sheets as s;

select results_eq(
  $$
  select p.ordinal, p.model_id, p.model_key, p.currency, p.sheet_id, p.cost, p.is_public, p.credits, p.credit_rate_id,
    p.margin_policy_id
  from ratebook.price_requests('[{"model": "m", "usage": {"input": 2}}]', '2026-03-15Z', true) as p
  $$,
  $$
  select 1, tests.model_id('m'), 'm', 'USD', s.id, 0.002, true, 2.000, i.rate, i.policy from ids as i, sheets as s
  $$,
  'model, sheet, rate and policy'
);
-- cache_read falls back to input.
select results_eq(
  $$
  select (select array_agg(i order by i) from unnest(p.price_ids) as i)
  from ratebook.price_requests('[
    {"model": "m", "usage": {"input": 2, "cache_read": 3, "output": 0}},
    {"model": "m", "usage": {"cache_read": 3, "output": 1}},
    {"model": "m", "usage": {"image": 0}}
  ]', '2026-03-15Z', true) as p
  order by p.ordinal
  $$,
  $$
  select array[i.input] from ids as i
  union all
  select (select array_agg(x order by x) from unnest(array[i.input, i.output]) as x) from ids as i
  union all
  select null
  $$,
  'each price row once, of the meters used'
);
select results_eq(
  $$
  select p.sheet_id, p.price_ids, p.credit_rate_id, p.margin_policy_id
  from ratebook.price_request('m', '{"input": 2, "cache_read": 3}', null, 'standard', null, null, '2026-03-15Z', true) as p
  $$,
  $$select s.id, array[i.input], i.rate, i.policy from ids as i, sheets as s$$,
  'and so does a single request'
);

select * from finish();
rollback;
