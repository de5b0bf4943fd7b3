begin;
set local search_path = tap, pg_catalog;
select plan(9);

create function pg_temp.import(p_key text, p_prices jsonb) returns jsonb language sql as $$
  select ai.import_catalogue('genai-prices', jsonb_build_array(jsonb_build_object(
    'provider', 'nimbus', 'provider_model_key', p_key, 'name', p_key, 'prices', p_prices
  ))) -> 'prices'
$$;
-- The price of a token in March, April and May 2026 and in July 2027.
create function pg_temp.prices(p_key text) returns text language sql as $$
  select string_agg(coalesce(trim_scale(p.price_per_unit)::text, '-'), ' ' order by d.at)
  from (values ('2026-03-15Z'::timestamptz), ('2026-04-15Z'), ('2026-05-15Z'), ('2027-07-15Z')) as d (at)
  left join lateral ai.prices_in_force('nimbus/' || p_key, d.at) as p on true
$$;

select tests.freeze_clock('2026-03-01T00:00:00Z');
select pg_temp.import('alto', '[{"meter": "input", "price": "1"}]');
select tests.freeze_clock('2026-04-01T00:00:00Z');
select is(
  pg_temp.import('alto', '[{"meter": "input", "price": "2", "effective_from": "2027-06-01"}]'),
  '{"added": 1, "changed": 0, "unchanged": 0, "withdrawn": 1}', 'only a price to come: what there was ends now'
);
select is(pg_temp.prices('alto'), '1 - - 2', 'and was');

select tests.freeze_clock('2026-03-01T00:00:00Z');
select pg_temp.import('cirrus', '[{"meter": "input", "price": "1"}]');
select tests.freeze_clock('2026-04-01T00:00:00Z');
select pg_temp.import('cirrus', '[{"meter": "input", "price": "3"}]');
select tests.freeze_clock('2026-05-01T00:00:00Z');
select pg_temp.import('cirrus', '[{"meter": "input", "price": "3"}, {"meter": "input", "price": "4", "effective_from": "2027-06-01"}]');
select is(pg_temp.prices('cirrus'), '1 3 3 4', 'a price announced changes nothing before its day');

select tests.freeze_clock('2026-03-01T00:00:00Z');
select pg_temp.import('stratus', '[{"meter": "input", "price": "2", "effective_from": "2027-06-01"}]');
select is(pg_temp.prices('stratus'), '- - - 2', 'a price to come alone');
select tests.freeze_clock('2026-04-01T00:00:00Z');
select is(
  pg_temp.import('stratus', '[{"meter": "input", "price": "1"}, {"meter": "input", "price": "2", "effective_from": "2027-06-01"}]'),
  '{"added": 1, "changed": 0, "unchanged": 1, "withdrawn": 0}', 'then one for now'
);
select is(pg_temp.prices('stratus'), '- 1 1 2', 'which counts from now on');

select pg_temp.import('nimbo', '[{"meter": "input", "price": "2", "effective_from": "2026-04-10"}]');
select is(pg_temp.prices('nimbo'), '- 2 2 2', 'a price with a date');
select tests.freeze_clock('2026-05-01T00:00:00Z');
select pg_temp.import('nimbo', '[{"meter": "input", "price": "1"}, {"meter": "input", "price": "2", "effective_from": "2026-04-10"}]');
select is(pg_temp.prices('nimbo'), '1 2 2 2', 'then the one before it');
select is(
  pg_temp.import('nimbo', '[{"meter": "input", "price": "1"}, {"meter": "input", "price": "2", "effective_from": "2026-04-10"}]'),
  '{"added": 0, "changed": 0, "unchanged": 1, "withdrawn": 0}', 'and nothing again'
);

select * from finish();
rollback;
