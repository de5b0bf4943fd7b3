begin;
set local search_path = tap, pg_catalog;
select plan(21);

-- 10 × 0.5 + 4 × 2 = 13 USD; × 100 × 1.5 = 1950 credits. For feature chat × 2 = 2600.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_model('m');
insert into ai.features (key) values ('chat');
create temporary table pins as
select
  tests.make_price('m', 'input', 0.5) as input,
  tests.make_price('m', 'output', 2, p_is_public => false) as output,
  tests.make_rate(100) as rate,
  tests.make_policy(0.5) as policy,
  tests.make_policy(1, p_feature => 'chat') as chat_policy;
select tests.make_wallet('ada', 10000);

create temporary table answers as
select billing.charge_generation(
  tests.user_id('ada'), 'm', '{"input": 10, "output": 4}', prompt => 'Why?', output => 'Because.', latency_ms => 20
) as answer;
select is(
  (select answer - '{charge_id,generation_id}'::text[] from answers),
  jsonb_build_object(
    'account_id', tests.user_id('ada'), 'model_id', tests.model_id('m'), 'credits', '1950', 'cost', '13', 'currency', 'USD',
    'balance', '{"posted": "8050", "reserved": "0", "available": "8050", "debt": "0"}'::jsonb, 'warnings', '[]'::jsonb
  ),
  'the answer'
);
select is(
  to_jsonb(c) - '{id,generation_id}'::text[],
  jsonb_build_object(
    'lenser_id', tests.user_id('ada'), 'account_id', tests.user_id('ada'), 'spender_id', tests.user_id('ada'),
    'hold_id', null, 'is_estimated', false, 'estimate_id', null, 'is_cost_reported', false, 'model_id', tests.model_id('m'), 'feature_id', null, 'feature_key', null, 'usage', '{"input": 10, "output": 4}'::jsonb,
    'service_tier', 'standard', 'variant', null, 'region', null, 'credits', 1950,
    'priced_at', '2030-01-15T12:00:00+00:00', 'created_at', '2030-01-15T12:00:00+00:00',
    'lines', '[
      {"meter": "input", "quantity": "10", "price_meter": "input", "unit_price": "0.5", "cost": "5"},
      {"meter": "output", "quantity": "4", "price_meter": null, "unit_price": null, "cost": null}
    ]'::jsonb
  ),
  'the charge, as its owner may see it: without the price that is not public'
)
from billing.charges as c;
select is((select cost::numeric from billing.charge_costs), 13::numeric, 'what it cost the platform');
select is((select currency from billing.charge_costs), 'USD', 'in dollars');
select is((select credit_rate_id from billing.charge_costs), (select rate from pins), 'by this rate');
select is((select margin_policy_id from billing.charge_costs), (select policy from pins), 'by this policy');
select set_eq(
  'select unnest(price_ids) from billing.charge_costs', 'select unnest(array[input, output]) from pins', 'by these prices'
);
select is(
  to_jsonb(g) - '{media_id,token_count,quality_rating,created_at}'::text[],
  jsonb_build_object(
    'id', (select answer -> 'generation_id' from answers), 'lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('m'),
    'feature_key', null, 'usage', '{"input": 10, "output": 4}'::jsonb, 'status', 'completed', 'prompt', 'Why?',
    'output', 'Because.', 'latency_ms', 20
  ),
  'the generation is written'
)
from ai.generations as g;
select is((select generation_id from billing.charges), (select id from ai.generations), 'and named');

-- What comes later changes nothing of it.
create temporary table frozen as
select to_jsonb(c) as charge, to_jsonb(k) as cost from billing.charges as c inner join billing.charge_costs as k using (id);
select tests.make_price('m', 'input', 50, p_revision => 1);
select tests.make_rate(1, p_revision => 1);
select tests.make_policy(0, p_revision => 1);
delete from ai.generations;
select results_eq(
  'select to_jsonb(c), to_jsonb(k) from billing.charges as c inner join billing.charge_costs as k using (id)',
  'select charge, cost from frozen', 'a correction of prices, or deleting the generation, leaves the charge as it was'
);
select is(tests.balance('ada'), '8050 0 8050 0', 'and the balance');

-- By the corrected book: 10 × 50 = 500 USD × 1 × (1 + 0); for chat × (1 + 1).
select is(
  billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 10}') ->> 'credits', '500', 'the next is at the new prices'
);
select is(
  billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 10}', feature => 'chat') ->> 'credits', '1000',
  'a feature has a margin of its own'
);
select is(
  (select margin_policy_id from billing.charge_costs inner join billing.charges as c using (id) where c.feature_key = 'chat'),
  (select chat_policy from pins), 'which is pinned'
);
-- Anthropic counts cached tokens beside the input: 2 × 50 + 0 × 2.
select is(
  billing.charge_generation(
    tests.user_id('ada'), 'm', '{"input_tokens": 2, "output_tokens": 0}', format => 'anthropic'
  ) ->> 'credits', '100', 'a provider''s own usage'
);
select is((select usage from billing.charges where credits = 100), '{"input": 2}'::jsonb, 'is kept as meters');
select tests.refused(
  $$select billing.charge_generation(tests.user_id('ada'), 'm', '{"input_tokens": 2}', format => 'none')$$,
  'unknown_format', 'PT422', 'of a format that is known'
);
select tests.refused(
  $$select billing.charge_generation(tests.user_id('ada'), 'm', '{"image": 1}')$$, 'no_price', 'PT422', 'without a price, no charge'
);
select tests.refused(
  $$select billing.charge_generation(tests.user_id('ada'), 'none', '{"input": 1}')$$, 'unknown_model', 'PT404', 'nor without a model'
);
select is((select count(*) from billing.charges), 4::bigint, 'four charges');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
