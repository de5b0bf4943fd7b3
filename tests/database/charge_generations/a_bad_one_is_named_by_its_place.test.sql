begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.make_unit_price();
select tests.make_wallet('ada', 10);
create function tests.batch(p_bad jsonb) returns text
language sql
return format('select billing.charge_generations(%L)', jsonb_build_array(
  jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 1}'::jsonb, 'idempotency_key', 'k'),
  jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 2}'::jsonb),
  p_bad || jsonb_build_object('account', tests.user_id('ada'))
));
select tests.charge('ada', 1);
select billing.charge_generations(jsonb_build_array(
  jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 1}'::jsonb, 'idempotency_key', 'k')
));
-- The first has its answer: the bad one is the second of those that are new, and the third of all.
select is(tests.error_of(tests.batch('{"model": "n", "usage": {"input": 1}}')) #> '{detail,index}', '2', 'an unknown model');
select is(tests.error_of(tests.batch('{"model": "m", "reported_cost": -1}')) #> '{detail,index}', '2', 'a cost that is none');
select is(tests.balance('ada'), '8 0 8 0', 'and nothing was charged');

select * from finish();
rollback;
