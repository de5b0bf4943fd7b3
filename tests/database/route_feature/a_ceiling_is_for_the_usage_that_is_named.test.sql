begin;
set local search_path = tap, pg_catalog;
select plan(15);

-- 1,000 input and 500 output: cheap 0.00045, fair 0.0075, dear 0.045; a credit rate of 1,000 and a margin of 0.30.
select tests.make_model('cheap'), tests.make_model('fair'), tests.make_model('dear'), tests.make_model('unpriced');
select tests.make_model('secret');
select tests.make_price('cheap', 'input', 0.00000015), tests.make_price('cheap', 'output', 0.0000006);
select tests.make_price('fair', 'input', 0.0000025), tests.make_price('fair', 'output', 0.00001);
select tests.make_price('dear', 'input', 0.000015), tests.make_price('dear', 'output', 0.00006);
select tests.make_price('secret', 'input', 0.000001, p_is_public => false), tests.make_price('secret', 'output', 0.000001);
select tests.make_rate(), tests.make_policy();
select tests.make_route('chat', m.key, m.place)
from (values ('dear', 1), ('fair', 2), ('cheap', 3), ('unpriced', 4), ('secret', 5)) as m (key, place);

select results_eq(
  $$select model, currency, cost, credits from ai.route_feature('chat', '{"usage": {"input": 1000, "output": 500}}')$$,
  $$values ('dear', 'USD', 0.045, 58.5), ('fair', 'USD', 0.0075, 9.75), ('cheap', 'USD', 0.00045, 0.585),
    ('secret', 'USD', 0.0015, 1.95)$$,
  'what the usage costs with each; one that has no price cannot be asked'
);
select results_eq(
  $$select currency, cost, credits from ai.route_feature('chat') limit 1$$,
  $$values (null::text, null::numeric, null::numeric)$$, 'nothing costs anything where no usage is named'
);
select is(tests.routed('chat', '{"usage": {"input": 1000, "output": 500}, "max_cost": "0.0075"}'), 'fair cheap secret', 'up to the ceiling');
select is(tests.routed('chat', '{"usage": {"input": 1000, "output": 500}, "max_cost": 0.0074}'), 'cheap secret', 'below it');
select is(
  tests.rejected('chat', '{"usage": {"input": 1000, "output": 500}, "max_cost": 0.001}'),
  'dear: max_cost, fair: max_cost, secret: max_cost, unpriced: no_price', 'the ceiling is the reason'
);
select is(tests.routed('chat', '{"usage": {"input": 1000, "output": 500}, "max_credits": 9.75}'), 'fair cheap secret', 'credits up to the ceiling');
select is(tests.routed('chat', '{"usage": {"input": 1000, "output": 500}, "max_credits": "9.749"}'), 'cheap secret', 'credits below it');
select is(
  tests.routed('chat', '{"usage": {"input": 1000, "output": 500}, "max_cost": 1, "currency": "EUR"}'), null,
  'a ceiling in another currency'
);
select is(
  tests.rejected('chat', '{"usage": {"input": 1000, "output": 500}, "max_cost": 1, "currency": "EUR"}'),
  'cheap: currency, dear: currency, fair: currency, secret: currency, unpriced: no_price', 'the currency is the reason'
);
select tests.make_price('fair', 'input', 0.000001, p_service_tier => 'batch');
select is(
  tests.routed('chat', '{"usage": {"input": 1000, "output": 500}, "service_tier": "batch", "max_cost": 0.0061}'),
  'fair cheap secret', 'at the prices of a service tier: 0.001 + 0.005'
);

-- A hidden price is told by nothing but credits.
select tests.as_anon();
select results_eq(
  $$select model, cost, credits from ai.route_feature('chat', '{"usage": {"input": 1000, "output": 500}}') where model = 'secret'$$,
  $$values ('secret', null::numeric, 1.95)$$, 'a cost with a price that is not public is not shown'
);
select is(
  tests.routed('chat', '{"usage": {"input": 1000, "output": 500}, "max_cost": 1}'), 'dear fair cheap',
  'nor searched for with ceilings'
);
select is(
  tests.rejected('chat', '{"usage": {"input": 1000, "output": 500}, "max_cost": 1}'),
  'secret: no_public_price, unpriced: no_price', 'which is the reason, whatever the ceiling'
);
select is(
  (
    select array_agg(r.why order by r.model) from ai.explain_route(
      'chat', '{"usage": {"input": 1000, "output": 500}, "max_cost": 0.000001}'
    ) as r where r.model in ('cheap', 'secret')
  ), array['max_cost: 0.00045', 'no_public_price'], 'and its figure is in no sentence'
);
select is(
  tests.routed('chat', '{"usage": {"input": 1000, "output": 500}, "max_credits": 2}'), 'cheap secret',
  'credits are known to everybody'
);

select * from finish();
rollback;
