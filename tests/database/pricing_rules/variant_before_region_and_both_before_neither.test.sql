begin;
set local search_path = tap, pg_catalog;
select plan(13);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
select tests.make_price('m', 'input', c.price, p_variant => c.variant, p_region => c.region, p_service_tier => c.tier)
from (
  values
  (1::numeric, null, null, 'standard'), (2, 'hd', null, 'standard'), (3, null, 'eu', 'standard'),
  (4, 'hd', 'eu', 'standard'), (5, null, 'us', 'standard'), (6, null, null, 'priority')
) as c (price, variant, region, tier);

select is(
  billing.quote('m', '{"input": 1}', service_tier => c.tier, variant => c.variant, region => c.region)
  #>> '{lines,0,unit_price}',
  c.price, format('%s, %s, %s', c.tier, c.variant, c.region)
)
from (
  values
  ('standard', null, null, '1'), ('standard', 'hd', null, '2'), ('standard', null, 'eu', '3'),
  ('standard', 'hd', 'eu', '4'), ('standard', 'hd', 'us', '2'), ('standard', null, 'us', '5'),
  -- Unknown ones are the unspecific; names are exact.
  ('standard', 'sd', null, '1'), ('standard', null, 'asia', '1'), ('standard', 'sd', 'eu', '3'),
  ('standard', 'hd', 'asia', '2'), ('standard', 'HD', 'EU', '1'), ('standard', '', '', '1'),
  -- The service tier comes before both.
  ('priority', 'hd', 'eu', '6')
) as c (tier, variant, region, price);

select * from finish();
rollback;
