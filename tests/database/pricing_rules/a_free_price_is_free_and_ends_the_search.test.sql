begin;
set local search_path = tap, pg_catalog;
select plan(6);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
select tests.make_price('m', 'tokens', 7);
select tests.make_price('m', 'input', 2);
select tests.make_price('m', 'cache_read', 0);
select tests.make_price('m', 'input', 0, p_service_tier => 'batch');
select tests.make_price('m', 'input', 0, p_variant => 'trial');

select is(billing.quote('m', '{"cache_read": 1000000}') ->> 'cost', '0', 'not its fallback''s price');
select is(billing.quote('m', '{"cache_read": 1000000}') ->> 'credits', '0', 'no credits');
select is(billing.quote('m', '{"cache_read": 5}') #>> '{lines,0,cost}', '0', 'the line says so');
select is(billing.quote('m', '{"cache_read": 5, "input": 3}') ->> 'cost', '6', 'beside what is not');
select is(billing.quote('m', '{"input": 3}', service_tier => 'batch') ->> 'cost', '0', 'a free service tier');
select is(billing.quote('m', '{"input": 3}', variant => 'trial') ->> 'cost', '0', 'a free variant');

select * from finish();
rollback;
