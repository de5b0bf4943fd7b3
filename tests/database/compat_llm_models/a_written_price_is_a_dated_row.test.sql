begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.freeze_clock('2026-01-01T00:00:00Z');
select tests.make_model('a');
select tests.as_service();
create temporary view rows_of_a as
select p.meter, p.price_per_unit, p.currency, p.effective_from::date as effective_from, p.revision
from ai.model_pricing as p;

select is(pricing, '{}'::jsonb, 'no price is an empty object') from compat.llm_models;
update compat.llm_models
set pricing = '{"input_per_1m": 0.15, "output_per_1m": "0.6", "per_image": 0.04, "cache_write_1h_per_1m": 0.000001234567890123, "currency": "USD"}';
select results_eq(
  'select * from rows_of_a order by meter',
  $$
  values
  ('cache_write_1h', 0.000000000001234567890123, 'USD', '2026-01-01'::date, 0),
  ('image', 0.04, 'USD', '2026-01-01', 0),
  ('input', 0.00000015, 'USD', '2026-01-01', 0),
  ('output', 0.0000006, 'USD', '2026-01-01', 0)
  $$,
  'a million tokens, one of anything else; no digit is lost'
);
select is(
  pricing,
  '{"input_per_1m": 0.15, "output_per_1m": 0.6, "per_image": 0.04, "cache_write_1h_per_1m": 0.000001234567890123, "currency": "USD"}'::jsonb,
  'and read back as numbers'
) from compat.llm_models;

update compat.llm_models set pricing = '{"input_per_1m": 0.150, "output_per_1m": 0.6, "per_image": 0.04, "cache_write_1h_per_1m": 0.000001234567890123}';
select is((select count(*) from rows_of_a), 4::bigint, 'the same prices again write nothing');

select tests.reset_role();
select tests.freeze_clock('2026-02-01T00:00:00Z');
select tests.as_service();
update compat.llm_models set pricing = '{"input_per_1m": 0.20, "output_per_1m": 0, "per_image": null}';
select results_eq(
  $$select * from rows_of_a where effective_from = '2026-02-01' order by meter$$,
  $$
  values
  ('cache_write_1h', null, 'USD', '2026-02-01'::date, 0),
  ('image', null, 'USD', '2026-02-01', 0),
  ('input', 0.0000002, 'USD', '2026-02-01', 0),
  ('output', 0, 'USD', '2026-02-01', 0)
  $$,
  'an object replaces the former one: what it leaves out or nulls is withdrawn, 0 is free'
);
select is(
  pricing, '{"input_per_1m": 0.2, "output_per_1m": 0, "currency": "USD"}'::jsonb, 'free is a price, none is none'
) from compat.llm_models;
select is(
  (select p.price_per_unit from ai.prices_in_force('a', '2026-01-15T00:00:00Z') as p where p.meter = 'input'),
  0.00000015, 'last month keeps its price'
);

select tests.refused(
  $$update compat.llm_models set pricing = '{"input_per_1m": 0.2, "currency": "EUR"}'$$, 'invalid_argument', 'PT422',
  'prices of two currencies do not mix'
);

select tests.reset_role();
select tests.make_price('a', 'output', 7, p_from => '2026-03-01');
select tests.make_price('a', 'input', 8, p_service_tier => 'batch');
select tests.make_price('a', 'input', 9, p_variant => 'v');
select tests.make_price('a', 'input', 9, p_source => 'elsewhere');
insert into ai.model_pricing (model_id, meter, price_per_unit, context_threshold)
values (tests.model_id('a'), 'input', 10, 5);
insert into ai.model_pricing (model_id, meter, price_per_unit, window_start, window_end, window_days, window_time_zone)
values (tests.model_id('a'), 'input', 11, '00:00', '23:59', 127, 'UTC');
select tests.as_service();
select is(
  pricing, '{"input_per_1m": 0.2, "output_per_1m": 0, "currency": "USD"}'::jsonb,
  'prices of the future, of a tier, variant, source, context or window are not base prices'
) from compat.llm_models;

insert into compat.llm_models (provider_id, model_key, model_name, pricing)
select provider_id, 'b', 'B', '{"input_per_1m": 1, "currency": "CHF"}' from compat.llm_models;
select is(
  pricing, '{"input_per_1m": 1, "currency": "CHF"}'::jsonb, 'a new model comes with its prices'
) from compat.llm_models where model_key = 'b';
select is((select count(*) from ai.model_pricing where model_id = tests.model_id('b')), 1::bigint, 'in one row');
update compat.llm_models set pricing = '{}' where model_key = 'b';
select is(pricing, '{}'::jsonb, 'an empty object withdraws all') from compat.llm_models where model_key = 'b';

select * from finish();
rollback;
