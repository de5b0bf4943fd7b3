begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.make_rate();
select tests.make_policy();
select tests.make_model('alone');
select tests.make_model('beside');
insert into ai.model_pricing (model_id, meter, price_per_unit, context_threshold, tier_mode)
values
(tests.model_id('alone'), 'input', 2, 100, 'marginal'),
(tests.model_id('beside'), 'input', 2, 100, 'marginal'),
(tests.model_id('beside'), 'output', 1, null, 'whole_request');

select tests.refused(
  $$select billing.quote('alone', '{"input": 100}')$$, 'no_price', 'PT422', 'below the only threshold'
);
select tests.refused(
  $$select billing.quote('alone', '{"input": 150}')$$, 'no_price', 'PT422',
  'beyond it: the first 100 tokens are not free'
);
select tests.refused(
  $$select billing.quote('beside', '{"input": 150}')$$, 'no_price', 'PT422', 'whatever else has a price'
);
select tests.make_price('alone', 'tokens', 1);
select is(billing.quote('alone', '{"input": 150}') ->> 'cost', '200', '100 × 1 (tokens) + 50 × 2: below it falls back');
select tests.make_model('whole');
insert into ai.model_pricing (model_id, meter, price_per_unit, context_threshold)
values (tests.model_id('whole'), 'input', 2, 100);
select is(billing.quote('whole', '{"input": 150}') ->> 'cost', '300', 'a whole_request tier needs none');

select * from finish();
rollback;
