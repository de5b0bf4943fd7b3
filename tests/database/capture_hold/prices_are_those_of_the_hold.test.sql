begin;
set local search_path = tap, pg_catalog;
select plan(9);

-- 100 tokens: at 1 USD, 10 credits a dollar and half on top 1500; later at 3, 20 and nothing on top.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_model('m');
insert into ai.features (key) values ('chat');
create temporary table pins as
select
  tests.make_price('m', 'input', 1) as price,
  tests.make_rate(10) as rate,
  tests.make_policy(0.5, p_feature => 'chat') as policy;
select tests.make_policy(9);
select tests.make_wallet('ada', 10000);
create temporary table held as
select (billing.authorize_credits(
  tests.user_id('ada'), model => 'm', usage => '{"input": 100}', feature => 'chat', expires_in => '2 days'
)) as answer;
select is((select answer ->> 'amount' from held), '1500', 'at the prices of noon');

select tests.freeze_clock('2030-01-16T12:00:00Z');
select tests.make_price('m', 'input', 3, '2030-01-16T00:00:00Z');
select tests.make_rate(20, '2030-01-16T00:00:00Z');
select tests.make_policy(0, p_feature => 'chat', p_from => '2030-01-16T00:00:00Z');
update ai.features set key = 'talk' where key = 'chat';
select is(
  billing.quote('m', '{"input": 100}', 'talk') ->> 'credits', '6000', 'the next day it costs more'
);
delete from ai.models where key = 'm';
select is(
  (select billing.capture_hold((answer ->> 'hold_id')::uuid, usage => '{"input": 80}') ->> 'credits' from held), '1200',
  'the hold keeps its prices, though the model is gone'
);
select is((select credits::numeric from billing.charges), 1200::numeric, 'in the charge');
select is((select priced_at from billing.charges), '2030-01-15T12:00:00Z', 'priced as of the hold');
select is((select created_at from billing.charges), '2030-01-16T12:00:00Z', 'made now');
select is(
  (select array[k.credit_rate_id, k.margin_policy_id] || k.price_ids from billing.charge_costs as k),
  (select array[rate, policy, price] from pins), 'with the rows that priced it'
);
select is((select cost::numeric from billing.charge_costs), 80::numeric, 'and its cost');
select is(tests.balance('ada'), '8800 0 8800 0', 'the rest is given back');

select * from finish();
rollback;
