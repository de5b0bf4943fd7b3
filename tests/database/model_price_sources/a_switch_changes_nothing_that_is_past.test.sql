begin;
set local search_path = tap, pg_catalog;
select plan(17);

select tests.freeze_clock('2026-01-01Z');
select tests.make_model('m');
select tests.make_rate();
select tests.make_rate(500, p_currency => 'EUR');
select tests.make_policy(0);
select tests.make_price('m', 'input', 1);
select tests.make_price('m', 'output', 10);
select tests.make_price('m', 'input', 2, p_source => 'litellm');
select tests.make_price('m', 'output', 20, p_source => 'litellm');
select tests.make_price('m', 'input', 3, p_source => 'litellm', p_currency => 'EUR');
select tests.make_price('m', 'output', 30, p_source => 'litellm', p_currency => 'EUR');
select tests.make_user('ada');
insert into lensers.profiles (id, user_id) values (tests.user_id('ada'), tests.user_id('ada'));
select ratebook.make_partitions('ai.generations', '2026-01-01Z', '2026-07-01Z');
insert into ai.generations (id, lenser_id, model_id, usage, status)
select ratebook.uuid_v7(d.at), tests.user_id('ada'), tests.model_id('m'), '{"input": 1}', 'completed'
from unnest('{2026-01-15Z,2026-03-15Z,2026-05-15Z}'::timestamptz[]) as d (at);

select tests.freeze_clock('2026-03-01Z');
update ai.models set price_source = 'litellm' where key = 'm';
select tests.freeze_clock('2026-05-01Z');
update ai.models set price_currency = 'EUR' where key = 'm';
select tests.freeze_clock('2026-06-01Z');

-- One input token at a time: the source and currency of then.
create temporary table moments (at timestamptz, price numeric, currency text, credits numeric);
insert into moments values
('2025-01-01Z', 1, 'USD', 1000),
('2026-02-28T23:59:59.999999Z', 1, 'USD', 1000),
('2026-03-01Z', 2, 'USD', 2000),
('2026-04-30T23:59:59.999999Z', 2, 'USD', 2000),
('2026-05-01Z', 3, 'EUR', 1500),
('2026-06-01Z', 3, 'EUR', 1500);
grant select on moments to public;

select tests.as_anon();
select results_eq(
  $$
  select at, (q ->> 'cost')::numeric, q ->> 'currency', (q ->> 'credits')::numeric
  from moments cross join lateral billing.quote('m', '{"input": 1}', at => at) as q order by at
  $$, 'table moments order by at', 'a quote'
);
select results_eq(
  $$select billing.calculate_credit_cost('m', '{"input": 1}', at => at) from moments order by at$$,
  'select credits from moments order by at', 'its credits'
);
select results_eq(
  $$
  select q.cost, q.currency, q.credits
  from billing.quote_many(
    (select jsonb_agg(jsonb_build_object('model', 'm', 'usage', '{"input": 1}'::jsonb, 'at', at) order by at) from moments)
  ) as q order by q.index
  $$, 'select price, currency, credits from moments order by at', 'many quotes in one call, in two currencies'
);
select results_eq(
  $$
  select p.price_per_unit, p.currency
  from moments cross join lateral ai.prices_in_force('m', at) as p where p.meter = 'input' order by at
  $$, 'select price, currency from moments order by at', 'prices in force'
);

select tests.as_service();
select results_eq(
  $$
  select e.price_per_unit::numeric, e.currency
  from moments cross join lateral ai.export_prices(at) as e where e.model = 'm' and e.meter = 'input' order by at
  $$, 'select price, currency from moments order by at', 'the exported table'
);
select results_eq(
  $$
  select (p ->> 'price_per_unit')::numeric, a ->> 'price_currency'
  from moments
  cross join lateral ai.model_as_of('m', at) as a
  cross join lateral jsonb_array_elements(a -> 'prices') as p
  where p ->> 'meter' = 'input' and at >= '2026-01-01Z' order by at
  $$, $$select price, currency from moments where at >= '2026-01-01Z' order by at$$, 'the model as it was'
);
select results_eq(
  $$select cost, currency, credits from billing.reprice_generations('2026-01-01Z', '2026-06-01Z') order by cost$$,
  $$values (1::numeric, 'USD', 1000::numeric), (2, 'USD', 2000), (3, 'EUR', 1500)$$, 'the log, each by its time'
);
select results_eq(
  $$select cost, currency from billing.reprice_generations('2026-01-01Z', '2026-06-01Z', at => '2026-04-01Z')$$,
  $$values (2::numeric, 'USD'), (2, 'USD'), (2, 'USD')$$, 'or as of another'
);
select results_eq(
  $$
  select cost, currency from billing.reprice_generations('2026-01-01Z', '2026-06-01Z', price_source => 'litellm')
  order by cost, currency
  $$,
  $$values (2::numeric, 'USD'), (2, 'USD'), (3, 'EUR')$$, 'or by another source, in the currency of the time'
);

-- What is written for a date is for what applied on that date.
select is(
  (select s.source || ' ' || s.currency from ai.schedule_price('m', 'input', 7, d.at) as s), d.wanted, d.at || ' is priced'
)
from (
  values
  ('2026-02-01Z'::timestamptz, 'manual USD'), ('2026-04-01Z', 'litellm USD'), ('2026-05-15Z', 'litellm EUR')
) as d (at, wanted);
select results_eq(
  $$
  select (billing.quote('m', '{"input": 1}', at => d.at) ->> 'cost')::numeric
  from unnest('{2026-01-15Z,2026-02-15Z,2026-03-15Z,2026-04-15Z,2026-05-10Z,2026-05-20Z}'::timestamptz[]) as d (at)
  order by d.at
  $$, 'values (1::numeric), (7), (2), (7), (3), (7)', 'and counts there alone'
);
-- Names lead on, prices stay.
select tests.reset_role();
select tests.make_model('heir');
select tests.make_price('heir', 'input', 5);
select ai.merge_models('m', 'heir');
select is(billing.quote('m', '{"input": 1}', at => '2026-01-15Z') ->> 'cost', '1', 'a merged model: its first source');
select is(billing.quote('m', '{"input": 1}', at => '2026-03-15Z') ->> 'cost', '2', 'its second');
select is(billing.quote('m', '{"input": 1}', at => '2026-06-01Z') ->> 'cost', '5', 'and its heir from then on');
select results_eq(
  $$
  select q.cost from billing.quote_many('[
    {"model": "m", "usage": {"input": 1}, "at": "2026-01-15Z"}, {"model": "m", "usage": {"input": 1}, "at": "2026-03-15Z"},
    {"model": "m", "usage": {"input": 1}}
  ]') as q order by q.index
  $$, 'values (1::numeric), (2), (5)', 'in one call as well'
);

select * from finish();
rollback;
