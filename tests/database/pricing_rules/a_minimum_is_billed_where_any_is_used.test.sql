-- A minimum belongs to the price row: whoever is priced by it is billed at least so much.
begin;
set local search_path = tap, pg_catalog;
select plan(17);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_model('m');
insert into ai.model_pricing (model_id, meter, price_per_unit, minimum_quantity, effective_from, service_tier)
values
(tests.model_id('m'), 'input_audio_second', 0.5, 10, '2025-01-01Z', 'standard'),
(tests.model_id('m'), 'input', 0.1, 128, '2025-01-01Z', 'standard'),
(tests.model_id('m'), 'input_audio_second', 0.4, null, '2025-01-01Z', 'batch');
select tests.make_price('m', 'output', 2);
select tests.make_rate(1);
select tests.make_policy(0);
select tests.make_wallet('ada', 1000);

select is(billing.quote('m', u.usage::jsonb, service_tier => u.tier) ->> 'cost', u.cost, u.description)
from (
  values
  ('{"input_audio_second": 3}', 'standard', '5', '10 × 0.5: of three seconds ten'),
  ('{"input_audio_second": 10}', 'standard', '5', 'ten are ten'),
  ('{"input_audio_second": 10.5}', 'standard', '5.25', 'and more is what it is'),
  ('{"input_audio_second": 0, "output": 1}', 'standard', '2', 'nothing used is nothing'),
  ('{"output": 1}', 'standard', '2', 'so is what is not named'),
  ('{"input": 1, "input_audio_second": 3}', 'standard', '17.8', '12.8 + 5: each meter has its own'),
  -- cache_read has no price of its own and is billed by that of input: 128 × 0.1
  ('{"cache_read": 1}', 'standard', '12.8', 'a fallback brings the minimum of its row'),
  ('{"input_audio_second": 3}', 'batch', '1.2', '3 × 0.4: a row without one has none')
) as u (usage, tier, cost, description);
select is(
  billing.quote('m', '{"input_audio_second": 3}') #>> '{lines,0,quantity}', '10', 'the quote shows what is billed'
);
select results_eq(
  $$
  select q.cost from billing.quote_many(
    '[{"model": "m", "usage": {"input_audio_second": 3}}, {"model": "m", "usage": {"input_audio_second": 30}}]'
  ) as q order by q.index
  $$,
  'values (5::numeric), (15)', 'many at once are what they are one by one'
);
select is(
  billing.charge_generation(tests.user_id('ada'), 'm', '{"input_audio_second": 3}') ->> 'credits', '5', 'a charge too'
);
select is((select c.usage from billing.charges as c), '{"input_audio_second": 3}', 'which keeps what was used');
select is(
  billing.charge_generations(jsonb_build_array(jsonb_build_object(
    'account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 1, "output": 1}'::jsonb
  ))) #>> '{0,credits}', '14.8', 'and many: 12.8 + 2'
);
select is(
  (
    select string_agg(trim_scale(r.cost)::text, ' ' order by r.cost)
    from billing.reprice_generations('2030-01-01Z', '2030-02-01Z') as r
  ),
  '5 14.8', 'and the log, in both of its forms'
);
select tests.refused(
  $$select billing.quote('m', '{"input_audio_second": "3"}')$$, 'not_a_number', 'PT422', 'what is no number is refused as ever'
);
select throws_ok(
  $$
  insert into ai.model_pricing (model_id, meter, price_per_unit, minimum_quantity, effective_from)
  values (tests.model_id('m'), 'image', 1, 0, '2025-01-01Z')
  $$, '23514', null, 'a minimum is more than nothing'
);
select throws_ok(
  $$
  insert into ai.model_pricing (model_id, meter, price_per_unit, minimum_quantity, effective_from)
  values (tests.model_id('m'), 'image', 1, 'NaN', '2025-01-01Z')
  $$, '23514', null, 'and a number'
);

select * from finish();
rollback;
