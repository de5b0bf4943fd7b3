begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.make_model(m.key) from (values ('dear'), ('cheap')) as m (key);
select tests.make_price('dear', 'input', 4);
select tests.make_price('dear', 'input', 1, p_service_tier => 'flex');
select tests.make_price('cheap', 'input', 3);
select tests.make_rate(1);
select tests.make_policy(0);

-- 10 - 4 = 6 and 4 from the cache, at the price of input: 40 and 30.
select results_eq(
  $$
  select c.model, c.cost, c.error
  from billing.compare(
    '{"usage": {"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 4}}}', '{dear,cheap}', format => 'openai_chat'
  ) as c
  $$,
  $$values ('cheap', 30::numeric, null), ('dear', 40, null)$$, 'a provider''s own usage'
);
select results_eq(
  $$
  select c.model, c.cost, c.error
  from billing.compare('{"service_tier": "flex", "usage": {"prompt_tokens": 10}}', '{cheap,dear}', format => 'openai_chat') as c
  $$,
  $$values ('dear', 10::numeric, null), ('cheap', null, 'no_price')$$, 'in the tier that it states, where there is one'
);
select tests.refused(
  $$
  select billing.compare(
    '{"service_tier": "flex", "usage": {"prompt_tokens": 10}}', '{cheap,dear}', service_tier => 'standard',
    format => 'openai_chat'
  )
  $$,
  'contradiction', 'PT422', 'a contradiction refuses them all'
);

select * from finish();
rollback;
