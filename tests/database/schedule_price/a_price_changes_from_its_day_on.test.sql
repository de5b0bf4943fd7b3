begin;
set local search_path = tap, pg_catalog;
select plan(12);
select tests.freeze_clock('2026-05-01T12:00:00Z');
select tests.make_admin('ada');
select tests.make_model('m');
select tests.make_price('m', 'input', 0.002);
select tests.make_model('other');
update ai.models set price_source = 'litellm', price_currency = 'EUR' where key = 'other';

create function tests.input_price(p_at timestamptz) returns numeric
language sql
return (select p.price_per_unit from ai.prices_in_force('m', p_at) as p where p.meter = 'input');

select tests.authenticate_as('ada');
select results_eq(
  $$
  select meter, price_per_unit, currency, effective_from, service_tier, source, ai.created_by(p)
  from ai.schedule_price('m', 'input', 0.001, '2026-06-01T00:00:00Z') as p
  $$,
  $$values (
    'input', 0.001, 'USD', '2026-06-01T00:00:00Z'::timestamptz, 'standard', 'manual', tests.user_id('ada')
  )$$,
  'it returns the row'
);
select is(tests.input_price('2026-05-31T23:59:59Z'), 0.002, 'until then the old price');
select is(tests.input_price('2026-06-01T00:00:00Z'), 0.001, 'from then on the new one');
select is(
  (select after ->> 'price_per_unit' from lensers.audit_history where table_name = 'ai.model_pricing' order by id desc limit 1),
  '0.001', 'it is in the history'
);
select is_empty(
  $$select ai.schedule_price('m', 'input', 0.001, '2026-06-01T00:00:00Z')$$, 'the same again adds no row'
);
select results_eq(
  $$select revision from ai.schedule_price('m', 'input', 0.003, '2026-06-01T00:00:00Z')$$, 'values (1)',
  'another price of the same day corrects it'
);
select results_eq(
  $$select effective_from from ai.schedule_price('m', 'output', 0.004)$$,
  $$values ('2026-05-01T12:00:00Z'::timestamptz)$$, 'now, when no time is given'
);
select results_eq(
  $$select service_tier, variant, region from ai.schedule_price('m', 'image', 1,
    service_tier => 'batch', variant => '1024x1024', region => 'eu')$$,
  $$values ('batch', '1024x1024', 'eu')$$, 'for a tier, a variant and a region'
);
select results_eq(
  $$select withdrawn, price_per_unit from ai.schedule_price('m', 'input', null, '2026-07-01T00:00:00Z')$$,
  'values (true, null::numeric)', 'NULL ends the price'
);
select results_eq(
  $$select source, currency from ai.schedule_price('other', 'input', 1)$$, $$values ('litellm', 'EUR')$$,
  'the source and currency that price the model'
);
select tests.refused($$select ai.schedule_price('m', 'inptu', 1)$$, 'unknown_meter', 'PT422', 'an unknown meter');
select tests.refused($$select ai.schedule_price('nope', 'input', 1)$$, 'unknown_model', 'PT404', 'an unknown model');

select * from finish();
rollback;
