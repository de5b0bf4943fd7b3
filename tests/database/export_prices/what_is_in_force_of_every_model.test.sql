begin;
set local search_path = tap, pg_catalog;
select plan(5);
select tests.freeze_clock('2026-05-01T12:00:00Z');
select tests.make_admin('ada');
select tests.make_model('b');
select tests.make_model('a', p_is_public => false);
update ai.models set is_active = false where key = 'b';
select tests.make_price('a', 'input', 0.00000015000);
select tests.make_price('a', 'input', 0.1, '2026-06-01Z');
select tests.make_price('b', 'image', 0.04, p_variant => 'hd', p_is_public => false);
select tests.make_price('b', 'image', 0.02);
select tests.make_price('b', 'input', 1, p_source => 'litellm');
select tests.make_model('gone');
select tests.make_price('gone', 'input', 1);
delete from ai.models where key = 'gone';

select tests.authenticate_as('ada');
select results_eq(
  'select model, provider, is_active, meter, price_per_unit, currency, variant, is_public from ai.export_prices()',
  $$
  values
  ('a', 'acme', true, 'input', '0.00000015', 'USD', null, true),
  ('b', 'acme', false, 'image', '0.02', 'USD', null, true),
  ('b', 'acme', false, 'image', '0.04', 'USD', 'hd', false)
  $$,
  'one row for each, exact, hidden and inactive models too; not what is deleted, ahead or of another source'
);
select results_eq(
  $$select price_per_unit from ai.export_prices('2026-06-01Z') where model = 'a'$$, $$values ('0.1')$$, 'at another time'
);
select is_empty($$select model from ai.export_prices('2024-01-01Z')$$, 'before the first price there are none');
select tests.refused('select ai.export_prices(null)', 'invalid_time', 'PT422', 'no time');
select tests.as_service();
select is((select count(*) from ai.export_prices()), 3::bigint, 'the service role has the same');

select * from finish();
rollback;
