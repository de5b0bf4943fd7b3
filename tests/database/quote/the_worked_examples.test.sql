begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.make_model('gpt-4o-mini', 'openai');
select tests.make_price('gpt-4o-mini', 'input', 0.00000015);
select tests.make_price('gpt-4o-mini', 'output', 0.0000006);
select tests.make_model('dall-e-3', 'openai');
select tests.make_price('dall-e-3', 'image', 0.040);
select tests.make_rate(1000);
select tests.make_policy(0.30, p_increment => 0.001);
select tests.freeze_clock('2026-03-15T12:00:00Z');

select tests.as_anon();
-- 1000 × 0.00000015 + 500 × 0.0000006 = 0.00045; × 1000 × 1.3 = 0.585
select is(
  billing.quote('gpt-4o-mini', '{"input": 1000, "output": 500}'),
  jsonb_build_object('model_id', tests.model_id('gpt-4o-mini')) || '{
    "model": "gpt-4o-mini", "feature": null, "service_tier": "standard", "variant": null, "region": null,
    "at": "2026-03-15T12:00:00+00:00", "currency": "USD", "cost": "0.00045", "credits": "0.585",
    "lines": [
      {"meter": "input", "quantity": "1000", "price_meter": "input", "unit_price": "0.00000015", "cost": "0.00015"},
      {"meter": "output", "quantity": "500", "price_meter": "output", "unit_price": "0.0000006", "cost": "0.0003"}
    ]
  }',
  'gpt-4o-mini, 1,000 in and 500 out'
);
select is(
  billing.calculate_credit_cost('gpt-4o-mini', '{"input": 1000, "output": 500}'), 0.585, 'its credits alone'
);
-- 2 × 0.04 = 0.08; × 1000 × 1.3 = 104
select is(
  billing.quote('dall-e-3', '{"image": 2}') - 'model_id',
  '{
    "model": "dall-e-3", "feature": null, "service_tier": "standard", "variant": null, "region": null,
    "at": "2026-03-15T12:00:00+00:00", "currency": "USD", "cost": "0.08", "credits": "104",
    "lines": [{"meter": "image", "quantity": "2", "price_meter": "image", "unit_price": "0.04", "cost": "0.08"}]
  }'::jsonb,
  'dall-e-3 twice'
);
select is(billing.calculate_credit_cost('dall-e-3', '{"image": 2}'), 104::numeric, 'its credits alone');
select is(
  billing.calculate_credit_cost(tests.model_id('dall-e-3')::text, '{"image": 2}'), 104::numeric, 'the model by its id'
);

select * from finish();
rollback;
