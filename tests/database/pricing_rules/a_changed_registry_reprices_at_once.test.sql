begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
select tests.make_price('m', 'input', 2);
select tests.make_price('m', 'output', 3);
select tests.make_price('m', 'cache_read', 1);
select tests.make_price('m', 'input', 5, p_service_tier => 'flex');
create function tests.price_of(p_meter text, p_tier text default 'standard') returns text
language sql
return billing.quote('m', jsonb_build_object(p_meter, 1), service_tier => p_tier) #>> '{lines,0,unit_price}';

select is(tests.price_of('reasoning'), '3', 'reasoning falls back to output');
update ai.meters set falls_back_to = 'input' where key = 'reasoning';
select is(tests.price_of('reasoning'), '2', 'and to input when the registry says so');
update ai.meters set falls_back_to = null where key = 'reasoning';
select tests.refused($$select tests.price_of('reasoning')$$, 'no_price', 'PT422', 'or to nothing');
insert into ai.meters (key, name, description, unit_type, falls_back_to)
values ('thought', 'Thoughts', 'A thought.', 'tokens', 'cache_read');
select is(tests.price_of('thought'), '1', 'a new meter falls back too');
delete from ai.meters where key = 'thought';
select tests.refused($$select tests.price_of('thought')$$, 'unknown_meter', 'PT422', 'and is gone when it is deleted');

select is(tests.price_of('cache_read', 'flex'), '1', 'flex looks at standard first');
update ai.service_tiers set tries_chain_first = true where key = 'flex';
select is(tests.price_of('cache_read', 'flex'), '5', 'or at its own chain when the registry says so');

insert into ai.model_pricing (model_id, meter, price_per_unit, context_threshold, effective_from)
values (tests.model_id('m'), 'request', 9, 10, '2025-01-01Z');
select tests.make_price('m', 'request', 8);
select is(billing.quote('m', '{"output": 11, "request": 1}') ->> 'cost', '41', 'output does not count as input');
update ai.meters set counts_as_input = true where key = 'output';
select is(billing.quote('m', '{"output": 11, "request": 1}') ->> 'cost', '42', 'until the registry says so');

select * from finish();
rollback;
