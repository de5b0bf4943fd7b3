begin;
set local search_path = tap, pg_catalog;
select plan(13);

select tests.make_model('m');
select tests.make_model('n');
update ai.models set price_source = 'litellm', price_currency = 'EUR' where key = 'n';
select tests.make_price('m', 'input', 1);
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, context_threshold) values
(tests.model_id('m'), 'input', 7, '2025-01-02Z', 200000);
insert into ai.model_pricing (
  model_id, meter, price_per_unit, effective_from, window_start, window_end, window_days, window_time_zone
) values
(tests.model_id('m'), 'input', 8, '2025-01-03Z', '01:00', '02:00', 127, 'UTC');
create temporary view added as
select p.meter, p.unit_type::text, p.price_per_unit, p.currency, p.service_tier, p.variant, p.region, p.source
from ai.model_pricing as p
where p.effective_from = '2026-01-01Z';

select is(
  ratebook.set_price(tests.model_id('m'), 'input', 1, 'USD', '2026-01-01Z'), null,
  'the base price: neither the one beyond a threshold nor the one of a window counts'
);
select isnt(ratebook.set_price(tests.model_id('m'), v.meter, 1, v.currency, '2026-01-01Z', v.tier, v.variant, v.region, v.source), null, v.key)
from (
  values
  ('image', 'USD', 'standard', null, null, null, 'a meter, with its unit'),
  ('input', 'EUR', 'standard', null, null, null, 'a currency'),
  ('input', 'USD', 'batch', null, null, null, 'a service tier'),
  ('input', 'USD', 'standard', 'hd', null, null, 'a variant'),
  ('input', 'USD', 'standard', null, 'eu', null, 'a region'),
  ('input', 'USD', 'standard', null, null, 'litellm', 'a source')
) as v (meter, currency, tier, variant, region, source, key);
select results_eq(
  'select * from added order by 1, 4, 5, 6 nulls last, 7 nulls last, 8',
  $$
  values
  ('image', 'image', 1::numeric, 'USD', 'standard', null, null, 'manual'),
  ('input', 'tokens', 1, 'EUR', 'standard', null, null, 'manual'),
  ('input', 'tokens', 1, 'USD', 'batch', null, null, 'manual'),
  ('input', 'tokens', 1, 'USD', 'standard', 'hd', null, 'manual'),
  ('input', 'tokens', 1, 'USD', 'standard', null, 'eu', 'manual'),
  ('input', 'tokens', 1, 'USD', 'standard', null, null, 'litellm')
  $$,
  'a row for each, and nothing else'
);
select ratebook.set_price(tests.model_id('n'), 'input', 1, 'EUR', '2025-01-01Z');
select results_eq(
  $$select p.source from ai.model_pricing as p where p.model_id = tests.model_id('n')$$,
  $$values ('litellm')$$,
  'the source is the model''s, unless named'
);

select tests.make_price('m', 'output', 1, p_is_public => false);
select isnt(ratebook.set_price(tests.model_id('m'), 'output', 2, 'USD', '2026-02-01Z'), null, 'a hidden price changes');
select results_eq(
  $$select p.is_public from ai.model_pricing as p where p.meter = 'output' order by p.effective_from$$,
  $$values (false), (false)$$, 'and stays hidden'
);

select tests.authenticate_as(tests.make_admin());
select tests.forbidden(
  $$select ratebook.set_price(null, 'input', 1, 'USD', '2025-01-01Z')$$, 'permission denied for schema ratebook',
  'no admin calls it directly'
);
select tests.as_service();
select tests.forbidden(
  $$select ratebook.set_price(null, 'input', 1, 'USD', '2025-01-01Z')$$, 'permission denied for schema ratebook',
  'nor does a backend'
);

select * from finish();
rollback;
