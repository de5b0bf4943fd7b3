begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_model('m');
select tests.make_price('m', 'input', 2);
select tests.make_price('m', 'input', 1, p_service_tier => 'flex');
select tests.make_rate(1);
select tests.make_policy(0);
select tests.make_wallet('ada', 10000);
create function tests.estimate(p_service_tier text default null) returns uuid
language sql
return (billing.charge_generation(
  tests.user_id('ada'), 'm', '{"input": 100}', service_tier => p_service_tier, estimated => true
) ->> 'charge_id')::uuid;

-- An estimate is what was expected, the answer what was done: 80 × 2, × 1.
select is(
  billing.settle_charge(tests.estimate(), '{"usage": {"input_tokens": 80}}', 'openai_responses') ->> 'credits', '160',
  'an answer that states nothing costs what was expected'
);
select is(
  billing.settle_charge(tests.estimate('flex'), '{"usage": {"input_tokens": 80}}', 'openai_responses') ->> 'credits', '80',
  'by the tier of the estimate'
);
select is(
  billing.settle_charge(
    tests.estimate(), '{"service_tier": "flex", "usage": {"input_tokens": 80}}', 'openai_responses'
  ) ->> 'credits', '80', 'one that states a tier by that'
);
select is(
  billing.settle_charge(
    tests.estimate('flex'), '{"service_tier": "default", "usage": {"input_tokens": 80}}', 'openai_responses'
  ) ->> 'credits', '160', 'also where another was expected'
);
create temporary table stays as
select tests.estimate() as id;
select tests.refused(
  format(
    'select billing.settle_charge(%L, %L, %L)', s.id, '{"service_tier": "priority", "usage": {"input_tokens": 80}}',
    'openai_responses'
  ),
  'no_price', 'PT422', 'what nothing prices is refused'
)
from stays as s;

select * from finish();
rollback;
