begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_model('m');
select tests.violates(
  format($$select tests.make_price('m', 'input', %L)$$, v.price), 'price_per_unit_is_finite', 'refused: ' || v.price
)
from (values ('NaN'), ('Infinity'), ('-Infinity'), ('-0.000001')) as v (price);
select tests.make_price('m', 'input', 0);
select tests.make_price('m', 'output', 0.12345678901234567890123456789);
select results_eq(
  'select price_per_unit::text from ai.model_pricing order by price_per_unit',
  $$values ('0'), ('0.12345678901234567890123456789')$$, 'zero, and 29 decimals, are kept as they are'
);
select tests.violates(
  $$insert into ai.model_pricing (model_id, meter) values (tests.model_id('m'), 'image')$$,
  'a_withdrawn_price_has_no_amount', 'no amount and not withdrawn'
);
select tests.violates(
  $$insert into ai.model_pricing (model_id, meter, price_per_unit, withdrawn) values (tests.model_id('m'), 'image', 1, true)$$,
  'a_withdrawn_price_has_no_amount', 'withdrawn with an amount'
);
select lives_ok(
  $$insert into ai.model_pricing (model_id, meter, withdrawn) values (tests.model_id('m'), 'image', true)$$,
  'withdrawn without'
);

select * from finish();
rollback;
