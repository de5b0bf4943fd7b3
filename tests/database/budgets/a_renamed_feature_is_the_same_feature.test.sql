begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
insert into ai.features (key) values ('chat');
select tests.make_wallet('ada', 1000);
insert into billing.budgets (lenser_id, feature_id, period, hard_limit)
select tests.user_id('ada'), f.id, 'month', 30 from ai.features as f where f.key = 'chat';
select tests.charge('ada', 10, p_feature => 'chat');
select tests.charge('ada', 16, p_feature => 'chat');

update ai.features set key = 'talk' where key = 'chat';
select is(tests.broken(), null, 'a rename breaks nothing');
select tests.refused($$select tests.charge('ada', 5, p_feature => 'talk')$$, 'budget_exceeded', 'PT402', 'and makes no room');
select billing.refund_charge(id) from billing.charges where credits = 10;
select is((select spent::numeric from billing.budget_periods), 16::numeric, 'a refund of what was charged before counts');
select lives_ok($$select tests.charge('ada', 14, p_feature => 'talk')$$, 'and makes room');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
