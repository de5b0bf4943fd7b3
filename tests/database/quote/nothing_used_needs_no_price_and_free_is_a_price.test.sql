begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.make_model('m');
select tests.make_price('m', 'input', 0);
select tests.make_rate(1000);
select tests.make_policy(0.3, p_min_credits => 1, p_fixed_credits => 2);
create function tests.answer(p_usage jsonb) returns jsonb
language sql
return billing.quote('m', p_usage) - '{model,model_id,at,feature,service_tier,variant,region,currency}'::text[];

select tests.as_anon();
select is(tests.answer('{"input": 1000}'), '{
  "cost": "0", "credits": "0",
  "lines": [{"meter": "input", "quantity": "1000", "price_meter": "input", "unit_price": "0", "cost": "0"}]
}', 'a price of 0 is free');
select is(tests.answer('{"image": 0}'), '{
  "cost": "0", "credits": "0",
  "lines": [{"meter": "image", "quantity": "0", "price_meter": null, "unit_price": null, "cost": "0"}]
}', 'no images need no price');
select tests.refused(
  $$select billing.quote('m', '{"image": 0.000001}')$$, 'no_price', 'PT422', 'a part of one does'
);

select * from finish();
rollback;
