begin;
set local search_path = tap, pg_catalog;
select plan(22);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_model('m');
select tests.make_model('plain');
select tests.make_price(m.key, p.meter, p.price)
from (values ('m'), ('plain')) as m (key)
cross join (values ('input', 2), ('output', 8)) as p (meter, price);
select tests.make_price('m', 'input', 1, p_service_tier => 'flex');
select tests.make_price('m', 'output', 4, p_service_tier => 'flex');
select tests.make_rate(1);
select tests.make_policy(0);
select tests.make_wallet('ada', 10000);
create function tests.answer(p_tier text) returns jsonb
language sql
return jsonb_build_object(
  'service_tier', p_tier, 'usage', '{"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}'::jsonb
);

-- 100 × 2 + 10 × 8 = 280; in flex half of it.
create temporary table charged as
select
  t.tier,
  billing.charge_generation(
    tests.user_id('ada'), 'm', tests.answer(t.tier), 'openai_chat', idempotency_key => 'k ' || t.tier
  ) as answer
from (values ('default'), ('flex')) as t (tier);
select is((select answer ->> 'credits' from charged where tier = 'default'), '280', 'as it costs');
select is((select answer ->> 'credits' from charged where tier = 'flex'), '140', 'in flex half of it');
select results_eq(
  'select c.service_tier, c.usage from billing.charges as c order by c.credits',
  $$
  values ('flex', '{"input": 100, "output": 10}'::jsonb), ('standard', '{"input": 100, "output": 10}'::jsonb)
  $$,
  'the charge says by which tier'
);

-- A key stands for what was given: the same again has the same answer, in a list too.
select is(
  billing.charge_generation(tests.user_id('ada'), 'm', tests.answer('flex'), 'openai_chat', idempotency_key => 'k flex'),
  (select answer from charged where tier = 'flex'), 'the same request again'
);
create temporary table batch as
select billing.charge_generations(jsonb_build_array(
  jsonb_build_object(
    'account', tests.user_id('ada'), 'model', 'm', 'usage', tests.answer('flex'), 'format', 'openai_chat',
    'idempotency_key', 'k flex'
  ),
  jsonb_build_object(
    'account', tests.user_id('ada'), 'model', 'm', 'usage', tests.answer('flex'), 'format', 'openai_chat',
    'idempotency_key', 'k list'
  ),
  jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 1}'::jsonb)
)) as answer;
select is((select answer -> 0 from batch), (select answer from charged where tier = 'flex'), 'in a list too');
select is((select answer #>> '{1,credits}' from batch), '140', 'a new one of the list by its tier');
select is((select answer #>> '{2,credits}' from batch), '2', 'and one by meters');
select is(tests.balance('ada'), '9438 0 9438 0', '10000 - 280 - 140 - 140 - 2');
select tests.refused(
  format(
    'select billing.charge_generation(%L, %L, %L, %L, idempotency_key => %L)', tests.user_id('ada'), 'm',
    tests.answer('default'), 'openai_chat', 'k flex'
  ),
  'idempotency_conflict', 'PT409', 'another answer is another request'
);

-- Nothing is charged that cannot be priced as the answer states.
create temporary view attempt as
select
  a.*,
  format(
    'select billing.charge_generation(%L, %L, %L, %L, service_tier => %L)', tests.user_id('ada'), a.model,
    tests.answer(a.tier), 'openai_chat', a.service_tier
  ) as statement,
  format(
    'select billing.charge_generations(%L)', jsonb_build_array(jsonb_build_object(
      'account', tests.user_id('ada'), 'model', a.model, 'usage', tests.answer(a.tier), 'format', 'openai_chat',
      'service_tier', a.service_tier
    ))
  ) as many,
  format(
    'select billing.authorize_credits(%L, model => %L, usage => %L, format => %L, service_tier => %L)',
    tests.user_id('ada'), a.model, tests.answer(a.tier), 'openai_chat', a.service_tier
  ) as hold
from (
  values
  ('plain', 'flex', null, 'no_price'),
  ('m', 'priority', null, 'no_price'),
  ('m', 'scale', null, 'unknown_service_tier'),
  ('m', 'flex', 'standard', 'contradiction')
) as a (model, tier, service_tier, error);
select tests.refused(a.statement, a.error, 'PT422', a.model || ' ' || a.tier) from attempt as a;
select tests.refused(a.many, a.error, 'PT422', 'many: ' || a.model || ' ' || a.tier) from attempt as a;
select tests.refused(a.hold, a.error, 'PT422', 'held: ' || a.model || ' ' || a.tier) from attempt as a;
select is(tests.balance('ada') || coalesce(tests.broken(), ''), '9438 0 9438 0', 'nothing was charged or held');

select * from finish();
rollback;
