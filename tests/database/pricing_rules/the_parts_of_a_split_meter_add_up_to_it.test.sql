begin;
set local search_path = tap, pg_catalog;
select plan(3);

-- 6 input tokens in three tiers: 4, 1 and 1. Thirds and sixths do not end.
select tests.make_model('m');
insert into ai.model_pricing (model_id, meter, price_per_unit, context_threshold, tier_mode)
values
(tests.model_id('m'), 'input', 0, null, 'whole_request'),
(tests.model_id('m'), 'output', 1, null, 'whole_request'),
(tests.model_id('m'), 'output', 1, 4, 'marginal'),
(tests.model_id('m'), 'output', 1, 5, 'marginal');
select tests.make_rate(1);
select tests.make_policy(0, p_increment => 0.001);
create function tests.sum_of(p_key text) returns text
language sql
return (
  select trim_scale(sum((l.line ->> p_key)::numeric))::text
  from jsonb_array_elements(billing.quote('m', '{"input": 6, "output": 1}') -> 'lines') as l (line)
  where l.line ->> 'meter' = 'output'
);

select is(tests.sum_of('quantity'), '1', 'the quantities');
select is(tests.sum_of('cost'), '1', 'the costs');
select is(
  billing.calculate_credit_cost('m', '{"input": 6, "output": 1}')::text, '1', 'the credits are not rounded up for nothing'
);

select * from finish();
rollback;
