begin;
set local search_path = tap, pg_catalog;
select plan(8);

create function pg_temp.import(p_prices jsonb) returns jsonb language sql as $$
  select ai.import_catalogue('genai-prices', jsonb_build_array(jsonb_build_object(
    'provider', 'nimbus', 'provider_model_key', 'm', 'name', 'M', 'prices', p_prices
  ))) -> 'prices'
$$;
-- The price of a token at the turn of 2025, in February and in April 2026.
create function pg_temp.prices() returns text language sql as $$
  select string_agg(coalesce(trim_scale(p.price_per_unit)::text, '-'), ' ' order by d.at)
  from (values ('2025-01-01Z'::timestamptz), ('2026-02-15Z'), ('2026-04-15Z')) as d (at)
  left join lateral ai.prices_in_force('nimbus/m', d.at) as p on p.meter = 'input'
$$;

select tests.freeze_clock('2026-01-01T00:00:00Z');
select pg_temp.import('[{"meter": "input", "price": "1"}]');
select tests.freeze_clock('2026-02-01T00:00:00Z');
select pg_temp.import('[{"meter": "input", "price": "2"}, {"meter": "input", "price": "3", "effective_from": "2026-03-15"}]');
select is(pg_temp.prices(), '1 2 3', 'another price from now on, and one announced');
select tests.freeze_clock('2026-04-01T00:00:00Z');
select is(
  pg_temp.import('[{"meter": "input", "price": "2"}, {"meter": "input", "price": "3", "effective_from": "2026-03-15"}]'),
  '{"added": 0, "changed": 0, "unchanged": 1, "withdrawn": 0}', 'its day has come: the same again is nothing'
);
select is(pg_temp.prices(), '1 2 3', 'and what was charged stays');
select is(
  pg_temp.import('[{"meter": "input", "price": "3", "effective_from": "2026-03-15"}]'),
  '{"added": 0, "changed": 0, "unchanged": 1, "withdrawn": 0}', 'a feed that has forgotten the price before'
);
select is(pg_temp.prices(), '1 2 3', 'ends nothing of the past');
select is(
  pg_temp.import('[{"meter": "input", "price": "5"}, {"meter": "input", "price": "3", "effective_from": "2026-03-15"}]'),
  '{"added": 0, "changed": 2, "unchanged": 1, "withdrawn": 0}', 'one that says otherwise of it'
);
select is(pg_temp.prices(), '5 5 3', 'corrects it: dates are a feed''s word on the past');
select is(
  pg_temp.import('[{"meter": "input", "price": "5"}, {"meter": "input", "price": "3", "effective_from": "2026-03-15"}]'),
  '{"added": 0, "changed": 0, "unchanged": 1, "withdrawn": 0}', 'once'
);

select * from finish();
rollback;
