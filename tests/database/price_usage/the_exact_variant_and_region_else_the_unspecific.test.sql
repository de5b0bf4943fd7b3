begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
select tests.make_price('m', 'image', 1);
select tests.make_price('m', 'image', 2, p_variant => 'hd');
select tests.make_price('m', 'image', 3, p_region => 'eu');
select tests.make_price('m', 'image', 4, p_variant => 'xl', p_region => 'eu');
create function tests.price_of(p_variant text, p_region text) returns numeric
language sql
return (billing.quote('m', '{"image": 1}', variant => p_variant, region => p_region) #>> '{lines,0,unit_price}')::numeric;
select is(tests.price_of(c.variant, c.region), c.price, format('%s in %s', c.variant, c.region))
from (
  values
  (null, null, 1::numeric), ('hd', null, 2), ('sd', null, 1), (null, 'eu', 3), (null, 'us', 1), ('sd', 'eu', 3),
  ('xl', 'eu', 4), ('xl', 'us', 1), ('xl', null, 1), ('hd', 'us', 2),
  -- Two rows fit in part: the variant decides.
  ('hd', 'eu', 2)
) as c (variant, region, price);

select tests.make_model('only');
select tests.make_price('only', 'image', 1, p_variant => 'hd');
select tests.refused(
  $$select billing.quote('only', '{"image": 1}')$$, 'no_price', 'PT422', 'a variant''s price is nobody else''s'
);

select * from finish();
rollback;
