begin;
set local search_path = tap, pg_catalog;
select plan(2);

select tests.make_model('m');
insert into ai.features (key) values ('draw');
insert into ai.model_aliases (alias, model_id) values ('acme/m', tests.model_id('m'));
select tests.make_price('m', 'image', 0.01);
select tests.make_price('m', 'image', 0.02, p_variant => 'hd', p_service_tier => 'batch');
select tests.make_price('m', 'input', 0.003);
select tests.make_rate(100);
select tests.make_policy(0);
select tests.make_policy(1, p_feature => 'draw');
select tests.as_anon();
-- 3 × 0.02 + 4 × 0.003 = 0.072; × 100 × 2 = 14.4
select is(
  billing.quote(
    'acme/m', '{"image": 3, "cache_read": 4}', feature => 'draw', service_tier => 'batch', variant => 'hd',
    region => 'eu', at => '2026-01-02T03:04:05Z'
  ),
  jsonb_build_object('model_id', tests.model_id('m')) || '{
    "model": "m", "feature": "draw", "service_tier": "batch", "variant": "hd", "region": "eu",
    "at": "2026-01-02T03:04:05+00:00", "currency": "USD", "cost": "0.072", "credits": "14.4",
    "lines": [
      {"meter": "cache_read", "quantity": "4", "price_meter": "input", "unit_price": "0.003", "cost": "0.012"},
      {"meter": "image", "quantity": "3", "price_meter": "image", "unit_price": "0.02", "cost": "0.06"}
    ]
  }',
  'every argument, and the meter whose price was used'
);
-- 0.072 × 100 = 7.2
select is(
  billing.calculate_credit_cost('m', '{"image": 3, "cache_read": 4}', service_tier => 'batch', variant => 'hd'), 7.2,
  'without the feature its margin is not used'
);

select * from finish();
rollback;
