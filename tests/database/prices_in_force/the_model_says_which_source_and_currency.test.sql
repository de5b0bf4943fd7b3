begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_model('m');
select tests.make_price('m', 'input', 1);
select tests.make_price('m', 'output', 2);
select tests.make_price('m', 'input', 3, '2025-06-01Z', p_source => 'litellm');
select tests.make_price('m', 'input', 4, '2025-06-01Z', p_currency => 'EUR');
select results_eq(
  $$select price_per_unit from ai.prices_in_force('m') order by 1$$, 'values (1::numeric), (2)', 'manual and USD'
);
update ai.models set price_source = 'litellm';
select results_eq(
  $$select price_per_unit from ai.prices_in_force('m') order by 1$$, 'values (3::numeric)',
  'another source, and nothing of the former'
);
update ai.models set price_source = 'manual', price_currency = 'EUR';
select results_eq(
  $$select price_per_unit from ai.prices_in_force('m') order by 1$$, 'values (4::numeric)', 'another currency'
);
update ai.models set price_source = 'litellm', price_currency = 'EUR';
select is_empty($$select price_per_unit from ai.prices_in_force('m')$$, 'both: there is none');

select * from finish();
rollback;
