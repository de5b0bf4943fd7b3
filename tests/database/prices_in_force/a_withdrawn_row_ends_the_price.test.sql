begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.make_model('m');
select tests.make_price('m', 'input', 1, '2025-01-01Z');
select tests.make_price('m', 'input', null, '2025-06-01Z');
select tests.make_price('m', 'output', 2, '2025-01-01Z');
select tests.make_price('m', 'output', null, '2025-01-01Z', p_revision => 1);
select tests.make_price('m', 'image', 3, '2025-01-01Z');
select tests.make_price('m', 'image', null, '2025-06-01Z');
select tests.make_price('m', 'image', 4, '2025-07-01Z');
select results_eq(
  $$select meter, price_per_unit from ai.prices_in_force('m', '2025-05-01Z') order by 1$$,
  $$values ('image', 3::numeric), ('input', 1)$$, 'before its date it does nothing; as a correction it undoes'
);
select is_empty($$select meter from ai.prices_in_force('m', '2025-06-15Z')$$, 'from its date there is no price');
select results_eq(
  $$select meter, price_per_unit from ai.prices_in_force('m', '2025-07-15Z')$$, $$values ('image', 4::numeric)$$,
  'until another comes'
);

select * from finish();
rollback;
