begin;
set local search_path = tap, pg_catalog;
select plan(4);

-- Pictures are held for, made, and captured as they were held.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
create temporary table held as
select (billing.authorize_credits(tests.user_id('ada'), model => 'm', usage => '{"input": 7}') ->> 'hold_id')::uuid as id;
create temporary table captured as select billing.capture_hold(id) as answer from held;
select is((select answer ->> 'credits' from captured), '7', 'what was held is charged');
select is((select usage from billing.charges), '{"input": 7}'::jsonb, 'of the usage that it was held for');
select is((select cost::numeric from billing.charge_costs), 7::numeric, 'with what it costs');
select is((select cost from billing.usage('2030-01-15', '2030-01-16')), '{"USD": "7"}'::jsonb, 'in the usage too');

select * from finish();
rollback;
