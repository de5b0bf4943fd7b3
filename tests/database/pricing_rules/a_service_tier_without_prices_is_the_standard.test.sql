begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
select tests.make_price('m', 'input', 10);
select is(
  billing.quote('m', '{"input": 1}', service_tier => t.key) #>> '{lines,0,unit_price}', '10',
  format('%s, no rows', t.key)
)
from (values ('standard'), ('batch'), ('flex'), ('priority')) as t (key);
select tests.make_price('m', 'input', 5, p_service_tier => 'batch', p_from => '2026-06-01Z');
select is(
  billing.quote('m', '{"input": 1}', service_tier => 'batch', at => '2026-05-31T23:59:59Z') #>> '{lines,0,unit_price}',
  '10', 'batch, before its rows start'
);
select tests.freeze_clock('2026-12-01Z');
select is(
  billing.quote('m', '{"input": 1}', service_tier => 'batch', at => '2026-06-01Z') #>> '{lines,0,unit_price}',
  '5', 'batch, from then on'
);
select tests.make_price('m', 'input', null, p_service_tier => 'batch', p_from => '2026-07-01Z');
select is(
  billing.quote('m', '{"input": 1}', service_tier => 'batch') #>> '{lines,0,unit_price}', '10', 'batch, withdrawn'
);
select tests.refused(
  $$select billing.quote('m', '{"input": 1}', service_tier => 'slow')$$, 'unknown_service_tier', 'PT422',
  'a tier that nobody knows is an error'
);

select * from finish();
rollback;
