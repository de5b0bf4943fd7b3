begin;
set local search_path = tap, pg_catalog;
select plan(15);

select tests.make_rate();
select tests.make_policy();
select tests.make_model('beyond');
select tests.make_model('at');
select tests.make_model('three');
insert into ai.model_pricing (model_id, meter, price_per_unit, context_threshold, threshold_inclusive)
values
(tests.model_id('beyond'), 'input', 1, null, false),
(tests.model_id('beyond'), 'input', 2, 200000, false),
(tests.model_id('at'), 'input', 1, null, false),
(tests.model_id('at'), 'input', 2, 200000, true),
(tests.model_id('three'), 'input', 1, null, false),
(tests.model_id('three'), 'input', 4, 300, true),
(tests.model_id('three'), 'input', 2, 100, false),
(tests.model_id('three'), 'input', 3, 200, true);

select is(
  billing.quote(c.model, jsonb_build_object('input', c.tokens)) #>> '{lines,0,unit_price}', c.price,
  format('%s, %s tokens', c.model, c.tokens)
)
from (
  values
  ('beyond', 199999, '1'), ('beyond', 200000, '1'), ('beyond', 200000.000000000001, '2'), ('beyond', 200001, '2'),
  ('at', 199999, '1'), ('at', 199999.999999999999, '1'), ('at', 200000, '2'), ('at', 200001, '2'),
  ('three', 100, '1'), ('three', 101, '2'), ('three', 199, '2'), ('three', 200, '3'), ('three', 299, '3'),
  ('three', 300, '4'), ('three', 1000000000000, '4')
) as c (model, tokens, price);

select * from finish();
rollback;
