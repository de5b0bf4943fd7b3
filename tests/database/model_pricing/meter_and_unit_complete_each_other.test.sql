begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_model('m');
insert into ai.model_pricing (model_id, unit_type, price_per_unit) values
(tests.model_id('m'), 'tokens', 1), (tests.model_id('m'), 'image', 2), (tests.model_id('m'), 'video_second', 3),
(tests.model_id('m'), 'audio_second', 4);
insert into ai.model_pricing (model_id, price_per_unit, effective_from) values (tests.model_id('m'), 5, '2020-01-01Z');
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from) values
(tests.model_id('m'), 'cache_read', 6, '2020-01-01Z'), (tests.model_id('m'), 'image', 7, '2020-01-01Z');
insert into ai.model_pricing (model_id, meter, unit_type, price_per_unit, effective_from) values
(tests.model_id('m'), 'output', 'tokens', 8, '2020-01-01Z'),
(tests.model_id('m'), 'video_second', 'video_second', 9, '2020-01-01Z');
select results_eq(
  'select price_per_unit, meter, unit_type::text from ai.model_pricing order by price_per_unit',
  $$
  values
  (1::numeric, 'tokens', 'tokens'), (2, 'image', 'image'), (3, 'video_second', 'video_second'),
  (4, 'audio_second', 'audio_second'), (5, 'tokens', 'tokens'), (6, 'cache_read', 'tokens'), (7, 'image', 'image'),
  (8, 'output', 'tokens'), (9, 'video_second', 'video_second')
  $$,
  'the unit alone, neither, the meter alone, both'
);
select tests.violates(
  $$insert into ai.model_pricing (model_id, meter, unit_type, price_per_unit) values (tests.model_id('m'), 'input', 'image', 1)$$,
  'model_pricing_meter_fkey', 'tokens are not priced per image'
);
select tests.violates(
  $$insert into ai.model_pricing (model_id, meter, unit_type, price_per_unit) values (tests.model_id('m'), 'image', 'video_second', 1)$$,
  'model_pricing_meter_fkey', 'images not per second'
);
select tests.violates(
  $$insert into ai.model_pricing (model_id, meter, price_per_unit) values (tests.model_id('m'), 'nothing', 1)$$,
  'model_pricing_meter_fkey', 'a meter that is not there'
);

select * from finish();
rollback;
