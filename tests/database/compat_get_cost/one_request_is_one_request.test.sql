begin;
set local search_path = tap, pg_catalog;
select plan(20);

-- genai-prices' perplexity/sonar: 1 and 1 a million, 12 for 1,000 requests. 100 in, 100 out: 0.0002 + 0.012 = 0.0122.
select tests.make_model('sonar');
select tests.make_price('sonar', 'input', 0.000001);
select tests.make_price('sonar', 'output', 0.000001);
select tests.make_price('sonar', 'request', 0.012);
select tests.make_model('plain');
select tests.make_price('plain', 'input', 0.000001);
select tests.make_price('plain', 'output', 0.000001);
-- 15 input tokens, of which 5 are beyond 10: 10 × 1 + 5 × 2, and 5 for the request.
select tests.make_model('cut');
select tests.make_price('cut', 'input', 1);
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, context_threshold, tier_mode)
values (tests.model_id('cut'), 'input', 2, '2025-01-01Z', 10, 'marginal');
select tests.make_price('cut', 'request', 5);
select tests.make_model('picture');
select tests.make_price('picture', 'image', 0.04);
select tests.make_price('picture', 'request', 0.5);
select tests.make_rate(1000);
select tests.make_policy(0, p_increment => 0.000001);
select tests.make_wallet('ada', 100000);
create function tests.cost(p_model text, p_usage jsonb) returns text
language sql
return billing.quote(p_model, p_usage) ->> 'cost';
create function tests.many(p_model text, p_usage jsonb) returns text
language sql
return (
  select q.cost::text from billing.quote_many(jsonb_build_array(jsonb_build_object('model', p_model, 'usage', p_usage))) as q
);

select is(tests.cost(c.model, c.usage::jsonb), c.cost, 'quote ' || c.model || c.usage)
from (
  values
  ('sonar', '{"input": 100, "output": 100}', '0.0122'), ('sonar', '{"input": 100, "output": 100, "request": 3}', '0.0362'),
  ('sonar', '{"input": 100, "output": 100, "request": 0}', '0.0002'), ('sonar', '{"input": 0}', '0.012'),
  ('plain', '{"input": 100, "output": 100}', '0.0002'), ('cut', '{"input": 15}', '25')
) as c (model, usage, cost);
select is(tests.many(c.model, c.usage::jsonb), c.cost, 'quote_many ' || c.model || c.usage)
from (
  values
  ('sonar', '{"input": 100, "output": 100}', '0.0122'), ('sonar', '{"input": 100, "output": 100, "request": 3}', '0.0362'),
  ('sonar', '{"input": 100, "output": 100, "request": 0}', '0.0002'), ('plain', '{"input": 100, "output": 100}', '0.0002'),
  ('cut', '{"input": 15}', '25')
) as c (model, usage, cost);
select is(
  billing.quote('sonar', '{"input": 100}') -> 'lines' -> 1 ->> 'meter', 'request', 'the quote has its line'
);
select is(
  billing.calculate_credit_cost('sonar', '{"input": 100, "output": 100}'), 12.2, 'calculate_credit_cost'
);
select is(
  billing.charge_generation(tests.user_id('ada'), 'sonar', '{"input": 100, "output": 100}') ->> 'cost', '0.0122', 'a charge'
);
select is(
  billing.charge_generations(jsonb_build_array(jsonb_build_object(
    'account', tests.user_id('ada'), 'model', 'sonar', 'usage', '{"input": 100, "output": 100}'::jsonb
  ))) -> 0 ->> 'cost',
  '0.0122', 'charges'
);
select is(
  billing.capture_hold(
    (billing.authorize_credits(
      tests.user_id('ada'), model => 'sonar', usage => '{"input": 100, "output": 100}'
    ) ->> 'hold_id')::uuid,
    usage => '{"input": 100, "output": 100}'
  ) ->> 'cost',
  '0.0122', 'a capture'
);
select is(
  (select array_agg(distinct trim_scale(r.cost)) from billing.reprice_generations('2026-01-01Z', '9999-01-01Z') as r),
  '{0.0122}', 'what is logged'
);
select ai.backfill_generations(jsonb_build_array(jsonb_build_object(
  'lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('cut'), 'created_at', '2025-06-01Z', 'usage', '{"input": 15}'::jsonb
)));
select is(
  (select trim_scale(r.cost) from billing.reprice_generations('2025-06-01Z', '2025-06-02Z') as r), 25::numeric, 'and cut'
);
select is(compat.get_cost_for_tokens('sonar', 100, 100), 0.0122, 'get_cost_for_tokens');
select is(compat.get_cost_for_images('picture', 2), 0.58, 'get_cost_for_images');

select * from finish();
rollback;
