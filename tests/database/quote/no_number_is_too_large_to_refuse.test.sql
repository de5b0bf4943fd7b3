begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_model('m');
select tests.make_price('m', 'input', 25);
select tests.make_model('tiered');
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, context_threshold)
select tests.model_id('tiered'), t.meter, 25, '2026-01-01Z', t.threshold
from (values ('input', null::bigint), ('input', 200000), ('cache_read', null)) as t (meter, threshold);
select tests.make_rate(1);
select tests.make_policy(0);

create temporary table asked as
select * from (values ('m', '{"input": 9e131071}'), ('tiered', '{"input": 9e131071, "cache_read": 9e131071}')) as t (model, usage);
grant select on asked to anon;
select tests.as_anon();
select tests.refused(
  format('select billing.quote(%L, %L)', model, usage), 'quantity_out_of_range', 'PT422', model
) from asked;
select tests.refused(
  format('select * from billing.quote_many(%L)', jsonb_build_array(jsonb_build_object('model', model, 'usage', usage::jsonb))),
  'quantity_out_of_range', 'PT422', 'many: ' || model
) from asked;

select * from finish();
rollback;
