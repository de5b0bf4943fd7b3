begin;
set local search_path = tap, pg_catalog;
select plan(36);

-- 1,000 credits a dollar, 30 % on top, up to the next thousandth; an expensive model, and one without a price.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_model('m');
select tests.make_price('m', 'input', 5);
select tests.make_model('unpriced');
select tests.make_rate(1000);
select tests.make_policy(0.3);
insert into ai.features (key) values ('chat');
select tests.make_policy(0, p_feature => 'chat');
select tests.make_rate(1100, p_currency => 'EUR');
select tests.make_wallet('ada', 100000);
create temporary table answers (name text, a jsonb);

-- 0.00014 dollars are 0.14 credits, and 0.182 with the margin.
insert into answers
select 'usd', billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 100}', reported_cost => 0.00014, idempotency_key => 'k');
select is(
  (select a - '{charge_id,generation_id,account_id,model_id,balance}'::text[] from answers),
  '{"credits": "0.182", "cost": "0.00014", "currency": "USD", "warnings": []}', 'rate and margin apply to it, and no price'
);
select results_eq(
  'select usage, lines, credits::numeric, is_cost_reported from billing.charges',
  $$values ('{"input": 100}'::jsonb, '[{"meter": "input", "quantity": "100", "price_meter": null, "unit_price": null, "cost": null}]'::jsonb,
  0.182::numeric, true)$$, 'the charge says so, and its owner does not see the cost'
);
select results_eq(
  'select cost::numeric, currency, price_ids, credit_rate_id is not null, margin_policy_id is not null from billing.charge_costs',
  $$values (0.00014::numeric, 'USD', '{}'::uuid[], true, true)$$, 'the platform does'
);
select is((select usage from ai.generations), '{"input": 100}', 'the log has the usage');
select is(
  (select billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 100}', reported_cost => 0.000140, idempotency_key => 'k')),
  (select a from answers), 'the same again, however it is written'
);
select tests.refused(
  $$select billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 100}', reported_cost => 0.00015, idempotency_key => 'k')$$,
  'idempotency_conflict', 'PT409', 'another cost is another request'
);
select tests.refused(
  $$select billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 100}', idempotency_key => 'k')$$,
  'idempotency_conflict', 'PT409', 'and so is none'
);

-- Without a price, without a usage, in another currency, with a feature's margin.
select is(
  (select billing.charge_generation(tests.user_id('ada'), 'unpriced', reported_cost => 0.02) ->> 'credits'), '26', 'no price is needed'
);
select is(
  (select billing.charge_generation(tests.user_id('ada'), 'm', feature => 'chat', reported_cost => 0.02, reported_currency => 'EUR') ->> 'credits'),
  '22', 'two cents of a euro, without a margin'
);
select is(
  (select billing.charge_generation(tests.user_id('ada'), 'm', reported_cost => 0) ->> 'credits'), '0', 'nothing costs nothing'
);
select is(
  (select billing.charge_generation(tests.user_id('ada'), 'm', reported_cost => 0.000000000000000000000000000001) ->> 'credits'), '0.001',
  'and the least of all the least of all'
);

-- A batch of both kinds; a hold.
insert into answers
select 'batch', billing.charge_generations(jsonb_build_array(
  jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 2}'::jsonb),
  jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'reported_cost', 0.01, 'estimated', true),
  jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'reported_cost', '0.03', 'reported_currency', 'USD', 'usage', '{"output": 7}'::jsonb)
));
select is(
  (select string_agg(e.value ->> 'credits', ' ' order by e.ordinality) from answers, jsonb_array_elements(a) with ordinality as e where name = 'batch'),
  '13000 13 39', 'ten dollars by prices, and two costs'
);
select is((select count(*) from billing.charges where is_estimated), 1::bigint, 'one of them an estimate');
select is((select count(*) from billing.charges where is_cost_reported and usage ? 'output'), 1::bigint, 'and the log has what was used');
select is(
  tests.error_of(format(
    'select billing.charge_generations(%L)',
    jsonb_build_array(
      jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 2}'::jsonb),
      jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'reported_cost', 'NaN')
    )
  )) -> 'detail', '{"error": "invalid_amount", "argument": "reported_cost", "index": 1}', 'a bad one is refused by its place'
);
create temporary table held as
select (billing.authorize_credits(tests.user_id('ada'), 50, model => 'm') ->> 'hold_id')::uuid as id;
select tests.refused(
  'select billing.capture_hold(id, 1, reported_cost => 0.01) from held', 'invalid_argument', 'PT422', 'an amount and a cost are two things'
);
-- The rate of the hold's time.
select tests.freeze_clock('2030-01-15T12:05:00Z');
select tests.make_rate(2000, '2030-01-15T12:01:00Z');
insert into answers
select 'hold', billing.capture_hold(id, usage => '{"input": 3}', reported_cost => 0.01, estimated => true) from held;
select is(
  (select a - '{charge_id,generation_id,account_id,model_id,balance}'::text[] from answers where name = 'hold'),
  '{"credits": "13", "cost": "0.01", "currency": "USD", "warnings": []}', 'a capture by the cost, at the rate of the hold'
);
select is(
  (select a ->> 'credits' from (
    select billing.settle_charge((a ->> 'charge_id')::uuid, reported_cost => 0.02) as a from answers where name = 'hold'
  ) as s), '26', 'and settled by another'
);
select results_eq(
  'select credits::numeric, is_cost_reported, is_estimated, priced_at from billing.charges where estimate_id is not null',
  $$values (26::numeric, true, false, '2030-01-15T12:00:00Z'::timestamptz)$$, 'at the rate of the hold, too'
);
-- An estimate by prices, settled by the provider's cost.
insert into answers
select 'estimate', billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 1}', estimated => true);
select is((select a ->> 'credits' from answers where name = 'estimate'), '13000', 'five dollars at two thousand and 30 %');
select is(
  (select billing.settle_charge((a ->> 'charge_id')::uuid, '{"input": 2}', reported_cost => 4) ->> 'difference' from answers where name = 'estimate'),
  '-2600', 'four'
);

-- What cannot be.
select tests.refused(
  format('select billing.charge_generation(tests.user_id(''ada''), ''m'', reported_cost => %L)', t.cost), 'invalid_amount', 'PT422', 'no cost of ' || t.cost
)
from (values ('-0.01'), ('NaN'), ('Infinity'), ('-Infinity'), ('1000000000001'), ('0.0000000000000000000000000000001')) as t (cost);
select tests.refused(
  $$select billing.charge_generation(tests.user_id('ada'), 'm', reported_cost => 1, reported_currency => 'CHF')$$, 'no_credit_rate', 'PT422', 'a currency without a rate'
);
select tests.refused(
  $$select billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 1}', reported_currency => 'USD')$$, 'invalid_argument', 'PT422', 'a currency without a cost'
);
select tests.refused($$select billing.charge_generation(tests.user_id('ada'), 'm')$$, 'invalid_usage', 'PT422', 'neither a usage nor a cost');
select tests.refused(
  $$select billing.charge_generation(tests.user_id('ada'), 'm', '{"inputs": 1}', reported_cost => 1)$$, 'unknown_meter', 'PT422', 'a usage is one all the same'
);
select tests.refused($$select billing.charge_generation(tests.user_id('ada'), 'n', reported_cost => 1)$$, 'unknown_model', 'PT404', 'an unknown model');
select tests.refused(
  $$select billing.charge_generation(tests.user_id('ada'), 'm', feature => 'f', reported_cost => 1)$$, 'unknown_feature', 'PT404', 'an unknown feature'
);
select tests.refused(
  $$select billing.charge_generation(tests.user_id('ada'), 'm', service_tier => 't', reported_cost => 1)$$, 'unknown_service_tier', 'PT422', 'an unknown tier'
);
select ai.deactivate_models(array['m']);
select tests.refused($$select billing.charge_generation(tests.user_id('ada'), 'm', reported_cost => 1)$$, 'inactive_model', 'PT409', 'a model that is off');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
