begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_unit_price();
select tests.make_wallet('ada', 100);
select tests.refused(
  format('select billing.authorize_credits(tests.user_id(%L), 5, %s)', 'ada', t.arguments), t.error, t.code, t.arguments
)
from (values
  ($$model => 'm', service_tier => 'nonsense'$$, 'unknown_service_tier', 'PT422'),
  ($$service_tier => 'nonsense'$$, 'unknown_service_tier', 'PT422'),
  ($$service_tier => ''$$, 'unknown_service_tier', 'PT422'),
  ($$usage => '"garbage"'$$, 'invalid_usage', 'PT422'),
  ($$usage => '{"zzz": -1}'$$, 'unknown_meter', 'PT422'),
  ($$model => 'm', usage => '{"zzz": -1}'$$, 'unknown_meter', 'PT422')
) as t (arguments, error, code);
select is((select count(*) from billing.holds), 0::bigint, 'none was made');

select * from finish();
rollback;
