begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.freeze_clock('2030-01-10T12:00:00Z');
select tests.make_unit_price();
insert into ai.features (key) values ('chat');
select tests.make_wallet('ada', 1000);
select tests.make_wallet('bob', 1000);
select billing.set_member(tests.user_id('bob'), tests.user_id('ada'));
select tests.charge('ada', 30);
select tests.charge('ada', 20, p_feature => 'chat');
select tests.charge('bob', 10, 'ada', p_feature => 'chat');
select billing.refund_charge(id, 5) from billing.charges where credits = 20;

select tests.freeze_clock('2030-01-15T12:00:00Z');
insert into billing.budgets (lenser_id, feature_id, period, hard_limit) values
(tests.user_id('ada'), null, 'month', 60), (tests.user_id('ada'), (select id from ai.features where key = 'chat'), 'month', 30);
select tests.refused($$select tests.charge('ada', 6)$$, 'budget_exceeded', 'PT402', '30 + 20 + 10 - 5 are spent of 60');
select lives_ok($$select tests.charge('ada', 5)$$, 'five are left');
select tests.refused(
  $$select tests.charge('ada', 6, p_feature => 'chat')$$, 'budget_exceeded', 'PT402', 'of chat 20 + 10 - 5 of 30'
);
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
