begin;
set local search_path = tap, pg_catalog;
select plan(26);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_model('n');
select tests.make_price('n', 'input', 1);
insert into ai.features (key) values ('chat'), ('draw');
select tests.make_wallet('ada', 10000);
select tests.make_wallet('bob', 10000);
select tests.make_wallet('eve', 10000);

-- All of ada's day; bob's month of feature chat; eve's day of model m.
insert into billing.budgets (lenser_id, feature_id, model_id, period, hard_limit) values
(tests.user_id('ada'), null, null, 'day', 100),
(tests.user_id('bob'), (select id from ai.features where key = 'chat'), null, 'month', 100),
(tests.user_id('eve'), null, tests.model_id('m'), 'day', 100);

select lives_ok($$select tests.charge('ada', 60)$$, 'sixty of a hundred');
create temporary table held as select tests.hold('ada', 30) as id;
select tests.refused($$select tests.charge('ada', 10.001)$$, 'budget_exceeded', 'PT402', 'open holds count');
select is(
  tests.error_of($$select tests.hold('ada', 11)$$) -> 'detail',
  (select jsonb_build_object(
    'error', 'budget_exceeded', 'budget', id, 'lenser', lenser_id, 'period', 'day', 'starts_on', '2030-01-15', 'limit', '100', 'needed', '101'
  ) from billing.budgets where lenser_id = tests.user_id('ada')), 'for another hold too, and the detail says what'
);
select is((select spent::numeric from billing.budget_periods), 60::numeric, 'what is held is not spent');
select lives_ok($$select tests.charge('ada', 10)$$, 'up to the limit it is fine');
update billing.budgets set hard_limit = 20 where lenser_id = tests.user_id('ada');
select tests.refused((select format('select billing.capture_hold(%L, 30.001)', id) from held), 'budget_exceeded', 'PT402', 'more than held is asked about');
select lives_ok((select format('select billing.capture_hold(%L, 30)', id) from held), 'what was held was allowed then');
select is((select spent::numeric from billing.budget_periods), 100::numeric, 'a hundred are spent');
select tests.refused($$select tests.charge('ada', 0.001)$$, 'budget_exceeded', 'PT402', 'not a thousandth more');
select lives_ok($$select tests.charge('ada', 0)$$, 'but what is free');
update billing.budgets set is_active = false where lenser_id = tests.user_id('ada');
select lives_ok($$select tests.charge('ada', 5)$$, 'a budget that is switched off limits nothing');
update billing.budgets set is_active = true, hard_limit = 106 where lenser_id = tests.user_id('ada');
select tests.refused($$select tests.charge('ada', 2)$$, 'budget_exceeded', 'PT402', 'and went on counting');
select billing.refund_charge(id, 50) from billing.charges where credits = 60;
select lives_ok($$select tests.charge('ada', 51)$$, 'a refund makes room');
select tests.freeze_clock('2030-01-15T23:59:59.999999Z');
select tests.refused($$select tests.charge('ada', 0.001)$$, 'budget_exceeded', 'PT402', 'until midnight UTC');
select tests.freeze_clock('2030-01-16T00:00:00Z');
select lives_ok($$select tests.charge('ada', 106)$$, 'a new day has a new budget');
select is(
  (select string_agg(starts_on || ' ' || trim_scale(spent), ', ' order by starts_on) from billing.budget_periods), '2030-01-15 106, 2030-01-16 106', 'both are counted'
);
select billing.refund_charge(id, 6) from billing.charges where credits = 51;
select is(
  (select string_agg(starts_on || ' ' || trim_scale(spent), ', ' order by starts_on) from billing.budget_periods), '2030-01-15 100, 2030-01-16 106',
  'a refund goes to the day of its charge'
);

select lives_ok($$select tests.charge('bob', 100, p_feature => 'chat')$$, 'bob''s chat');
select tests.refused($$select tests.charge('bob', 1, p_feature => 'chat')$$, 'budget_exceeded', 'PT402', 'has a budget for the month');
select lives_ok($$select tests.charge('bob', 1, p_feature => 'draw')$$, 'drawing has none');
select lives_ok($$select tests.charge('bob', 1)$$, 'nor has what is for no feature');
select lives_ok($$select tests.charge('eve', 100)$$, 'eve''s model m');
select tests.refused($$select tests.charge('eve', 1)$$, 'budget_exceeded', 'PT402', 'has a budget for the day');
select lives_ok(
  $$select billing.charge_generation(tests.user_id('eve'), 'n', '{"input": 1000}')$$, 'model n has none'
);
-- A budget is of who spends, from whichever account.
select billing.set_member(tests.user_id('bob'), tests.user_id('eve'));
select tests.refused($$select tests.charge('bob', 1, 'eve')$$, 'budget_exceeded', 'PT402', 'also from bob''s account');
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
