begin;
set local search_path = tap, pg_catalog;
select plan(1);

select tests.make_model('m');
select tests.make_price('m', 'input', 1);
select tests.make_price('m', 'input', 2, p_variant => 'a');
select tests.make_price('m', 'input', 3, p_region => 'eu');
select tests.make_price('m', 'input', 4, p_service_tier => 'batch');
select tests.make_price('m', 'output', 5);
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, context_threshold) values
(tests.model_id('m'), 'input', 6, '2025-01-01Z', 200000);
select tests.make_price('m', 'input', 7, '2025-02-01Z', p_variant => 'a');
select results_eq(
  $$select price_per_unit from ai.prices_in_force('m') order by 1$$,
  'values (1::numeric), (3), (4), (5), (6), (7)', 'a later price replaces its own key only'
);

select * from finish();
rollback;
