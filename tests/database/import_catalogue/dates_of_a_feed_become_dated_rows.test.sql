begin;
set local search_path = tap, pg_catalog;
select plan(7);

create function pg_temp.import(p_prices jsonb) returns jsonb language sql as $$
  select ai.import_catalogue('genai-prices', jsonb_build_array(jsonb_build_object(
    'provider', 'nimbus', 'provider_model_key', 'cirrus', 'name', 'Cirrus', 'prices', p_prices
  ))) -> 'prices'
$$;
create function pg_temp.in_force() returns table (at date, input numeric) language sql as $$
  select d.at, p.price_per_unit
  from (values ('2019-06-01'::date), ('2024-01-01'), ('2025-03-01'), ('2025-06-01'), ('2026-06-01'), ('2027-06-01')) as d (at)
  left join lateral ai.prices_in_force('nimbus/cirrus', d.at::timestamptz) as p on p.meter = 'input'
  order by d.at
$$;

select tests.freeze_clock('2026-03-01T00:00:00Z');
select is(
  pg_temp.import('[
    {"meter": "input", "price": "5"},
    {"meter": "input", "price": "3", "effective_from": "2025-03-01"},
    {"meter": "input", "price": "2", "effective_from": "2027-01-01"}
  ]'),
  '{"added": 3, "changed": 0, "unchanged": 0, "withdrawn": 0}', 'a price before the first date, one since, one to come'
);
select results_eq(
  'select * from pg_temp.in_force()',
  $$ values ('2019-06-01'::date, null::numeric), ('2024-01-01', 5), ('2025-03-01', 3), ('2025-06-01', 3), ('2026-06-01', 3), ('2027-06-01', 2) $$,
  'each applies from its date on'
);
select is(
  pg_temp.import('[
    {"meter": "input", "price": "5"},
    {"meter": "input", "price": "3", "effective_from": "2025-03-01T00:00:00Z"},
    {"meter": "input", "price": "2", "effective_from": "2027-01-01"}
  ]'),
  '{"added": 0, "changed": 0, "unchanged": 2, "withdrawn": 0}', 'the same dates again write nothing'
);
select is(
  pg_temp.import('[
    {"meter": "input", "price": "5"},
    {"meter": "input", "price": "3", "effective_from": "2025-05-01"},
    {"meter": "input", "price": null, "effective_from": "2027-01-01"}
  ]'),
  '{"added": 0, "changed": 2, "unchanged": 0, "withdrawn": 1}', 'a moved date is two corrections; an end withdraws'
);
select results_eq(
  'select * from pg_temp.in_force()',
  $$ values ('2019-06-01'::date, null::numeric), ('2024-01-01', 5), ('2025-03-01', 5), ('2025-06-01', 3), ('2026-06-01', 3), ('2027-06-01', null) $$,
  'the dates of a feed are its word on the past'
);
select is(
  pg_temp.import('[{"meter": "output", "price": "9"}]'),
  '{"added": 1, "changed": 0, "unchanged": 0, "withdrawn": 1}', 'a key that is gone ends now'
);
select results_eq(
  'select * from pg_temp.in_force()',
  $$ values ('2019-06-01'::date, null::numeric), ('2024-01-01', 5), ('2025-03-01', 5), ('2025-06-01', 3), ('2026-06-01', null), ('2027-06-01', null) $$,
  'and the past stays'
);

select * from finish();
rollback;
