begin;
set local search_path = tap, pg_catalog;
select plan(14);

-- Every meter once is a usage, of those that have no price in the way; one key more is none, whatever it says.
select tests.make_wallet('ada', 100);
select tests.make_unit_price();
create temporary table usages as
select
  jsonb_object_agg(m.key, case m.key when 'input' then 1 else 0 end) as every_meter,
  jsonb_object_agg(m.key, case m.key when 'input' then 1 else 0 end) || '{"aaa": -1}' as one_more,
  (select jsonb_object_agg('input_' || n, 1) from generate_series(1, 100000) as n) as many
from ai.meters as m;
grant select on usages to public;
create temporary view asked as
select c.call, u.name, format('select %s from usages', replace(c.call, 'USAGE', u.name)) as statement
from (
  values
  ('billing.quote(''m'', USAGE)'),
  ('billing.calculate_credit_cost(''m'', USAGE)'),
  ('billing.quote_many(jsonb_build_array(jsonb_build_object(''model'', ''m'', ''usage'', USAGE)))'),
  ('billing.charge_generation(tests.user_id(''ada''), ''m'', USAGE)'),
  ('billing.authorize_credits(tests.user_id(''ada''), model => ''m'', usage => USAGE)')
) as c (call)
cross join (values ('every_meter'), ('one_more'), ('many')) as u (name)
where u.name <> 'many' or c.call like '%quote%';
grant select on asked to public;

select tests.as_service();
select lives_ok(a.statement, a.call || ' of every meter') from asked as a where a.name = 'every_meter' order by a.call;
select tests.refused(a.statement, 'invalid_usage', 'PT422', a.call || ' of ' || a.name)
from asked as a where a.name <> 'every_meter' order by a.call, a.name;
select tests.reset_role();
select is(
  ratebook.is_usage(u.every_meter, array(select m.key from ai.meters as m)), true, 'every meter is a usage'
) from usages as u;
select tests.refused(
  format(
    'select ai.backfill_generations(jsonb_build_array(jsonb_build_object(%L, %L::uuid, %L, %L::uuid, %L, %L, %L, one_more))) from usages',
    'lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('m'), 'created_at', '2026-01-01Z', 'usage'
  ),
  'invalid_usage', 'PT422', 'nor is it logged'
);

select * from finish();
rollback;
