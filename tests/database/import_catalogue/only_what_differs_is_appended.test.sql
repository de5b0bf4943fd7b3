begin;
set local search_path = tap, pg_catalog;
select plan(9);

create function pg_temp.import(p_prices jsonb) returns jsonb language sql as $$
  select ai.import_catalogue('litellm', jsonb_build_array(jsonb_build_object(
    'provider', 'nimbus', 'provider_model_key', 'cirrus', 'name', 'Cirrus', 'prices', p_prices
  ))) -> 'prices'
$$;
create function pg_temp.book() returns table (meter text, price text, at text, revision integer) language sql as $$
  select meter, trim_scale(price_per_unit)::text, to_char(effective_from at time zone 'UTC', 'YYYY-MM-DD'), revision
  from ai.model_pricing where model_id = tests.model_id('nimbus/cirrus') order by effective_from, meter, revision
$$;

select tests.freeze_clock('2026-03-01T00:00:00Z');
select lives_ok(
  $$ select pg_temp.import('[{"meter": "input", "price": "0.000002"}, {"meter": "output", "price": "0.00001"}, {"meter": "cache_read", "price": "0.0000002"}]') $$,
  'a first import'
);
select is(
  pg_temp.import('[{"meter": "input", "price": "0.0000020"}, {"meter": "output", "price": "1e-5"}, {"meter": "cache_read", "price": 0.0000002}]'),
  '{"added": 0, "changed": 0, "unchanged": 3, "withdrawn": 0}',
  'the same amounts written otherwise are no change'
);
select tests.freeze_clock('2026-04-01T00:00:00Z');
select is(
  pg_temp.import('[{"meter": "input", "price": "0.000003"}, {"meter": "output", "price": "0.00001"}, {"meter": "reasoning", "price": "0"}]'),
  '{"added": 1, "changed": 1, "unchanged": 1, "withdrawn": 1}',
  'one price changed, one is new, one is gone'
);
select results_eq(
  'select * from pg_temp.book()',
  $$ values
    ('cache_read', '0.0000002', '2020-01-01', 0),
    ('input', '0.000002', '2020-01-01', 0),
    ('output', '0.00001', '2020-01-01', 0),
    ('cache_read', null, '2026-04-01', 0),
    ('input', '0.000003', '2026-04-01', 0),
    ('reasoning', '0', '2026-04-01', 0) $$,
  'changes of a known model start now, whatever the stated date is'
);
select results_eq(
  $$ select meter, price_per_unit::numeric from ai.prices_in_force('nimbus/cirrus', '2026-03-31T00:00:00Z') order by meter $$,
  $$ values ('cache_read', 0.0000002), ('input', 0.000002), ('output', 0.00001) $$,
  'the past keeps its prices'
);
select is(
  pg_temp.import('[{"meter": "input", "price": "0.000004"}, {"meter": "output", "price": "0.00001"}, {"meter": "reasoning", "price": "0"}]'),
  '{"added": 0, "changed": 1, "unchanged": 2, "withdrawn": 0}',
  'a change at the very same time'
);
select results_eq(
  $$ select price, revision from pg_temp.book() where meter = 'input' and at = '2026-04-01' $$,
  $$ values ('0.000003', 0), ('0.000004', 1) $$,
  'is a higher revision'
);
select tests.freeze_clock('2026-05-01T00:00:00Z');
select is(
  pg_temp.import('[{"meter": "input", "price": "0.000004"}, {"meter": "output", "price": "0.00001"}, {"meter": "reasoning", "price": "0"}, {"meter": "cache_read", "price": "0.0000002"}]'),
  '{"added": 1, "changed": 0, "unchanged": 3, "withdrawn": 0}',
  'a withdrawn price may come back'
);
select lives_ok(
  $$ select pg_temp.import('[{"meter": "input", "price": "0.000004", "context_threshold": 1000, "threshold_inclusive": false}]') $$,
  'other keys of the same meter are other prices'
);

select * from finish();
rollback;
