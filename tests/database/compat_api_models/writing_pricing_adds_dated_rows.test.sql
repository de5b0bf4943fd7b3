begin;
set local search_path = tap, pg_catalog;
select plan(20);

select tests.freeze_clock('2026-03-01Z');
select tests.make_model('m');
select tests.authenticate_as(tests.make_admin('root'));
create function pg_temp.book() returns table (
  meter text, price text, at text, revision integer, currency text, source text, creator uuid
) language sql as $$
  select
    p.meter, p.price_per_unit::text, to_char(p.effective_from at time zone 'UTC', 'YYYY-MM-DD'), p.revision,
    p.currency, p.source, ai.created_by(p)
  from ai.model_pricing as p
  order by p.effective_from, p.meter, p.revision
$$;
create function pg_temp.pricing() returns jsonb language sql as $$
  select a.pricing from compat.api_models as a where a.model_key = 'm'
$$;
create function pg_temp.write(p_pricing text) returns text language sql as $$
  select format('update compat.api_models set pricing = %L where model_key = %L', p_pricing, 'm')
$$;

select lives_ok(
  pg_temp.write('{"per_1m_input_tokens": 0.15, "per_1m_output_tokens": 0.60, "per_image": 0.0023}'), 'three prices'
);
select results_eq(
  'select * from pg_temp.book()',
  format(
    $$
    values
    ('image', '0.0023', '2026-03-01', 0, 'USD', 'manual', %1$L::uuid),
    ('input', '0.00000015', '2026-03-01', 0, 'USD', 'manual', %1$L),
    ('output', '0.00000060', '2026-03-01', 0, 'USD', 'manual', %1$L)
    $$,
    tests.user_id('root')
  ),
  'are three rows, per one unit, by the admin'
);
select is(
  pg_temp.pricing(),
  '{
    "per_1m_input_tokens": 0.15, "per_1m_output_tokens": 0.6, "per_image": 0.0023, "currency": "USD",
    "billing_unit": "per_1m_tokens"
  }',
  'and read back as they were written'
);
select lives_ok(pg_temp.write(pg_temp.pricing()::text), 'writing what is there');
select lives_ok($$update compat.api_models set priority = 3 where model_key = 'm'$$, 'or something else');
select is((select count(*) from ai.model_pricing), 3::bigint, 'adds nothing');

select tests.reset_role();
select tests.freeze_clock('2026-04-01Z');
select tests.authenticate_as('root');
select lives_ok(
  pg_temp.write('{"per_1m_input_tokens": 0.15, "per_1m_output_tokens": 0.30, "currency": "USD"}'),
  'one changes, one is left out'
);
select results_eq(
  $$select meter, price, at from pg_temp.book() where at > '2026-03-01'$$,
  $$values ('image', null, '2026-04-01'), ('output', '0.00000030', '2026-04-01')$$,
  'the change is one row, what is left out ends'
);
select is(
  (select p.price_per_unit from ai.prices_in_force('m', '2026-03-15Z') as p where p.meter = 'image'),
  0.0023, 'the past keeps its price'
);
select lives_ok(pg_temp.write('{}'), 'an empty object');
select is(pg_temp.pricing(), '{}', 'ends them all');

select tests.refused(pg_temp.write(v.pricing), v.token, 'PT422', v.pricing)
from (
  values
  ('{"per_1m_banana_tokens": 1}', 'unknown_meter'),
  ('{"per_tokens": 1}', 'unknown_meter'),
  ('{"per_image": "1"}', 'not_a_number'),
  ('{"per_image": null}', 'not_a_number'),
  ('{"per_image": -1}', 'negative_quantity'),
  ('{"per_image": 1e6}', 'quantity_out_of_range'),
  ('{"per_image": 1, "currency": "EUR"}', 'invalid_argument'),
  ('{"per_image": 1, "billing_unit": "per_second"}', 'invalid_argument'),
  ('[]', 'invalid_argument')
) as v (pricing, token);

select * from finish();
rollback;
