begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_admin('root');
select tests.make_wallet('ada');

select tests.authenticate_as('root');
select results_eq(
  $$
  insert into billing.all_budgets (lenser_id, period, hard_limit) values (tests.user_id('ada'), 'day', 5)
  returning lenser_id, hard_limit::text, is_active
  $$,
  $$values (tests.user_id('ada'), '5', true)$$,
  'an admin gives one'
);
select results_eq(
  $$update billing.all_budgets set hard_limit = 7 where lenser_id = tests.user_id('ada') returning hard_limit::text$$, array['7'],
  'changes it'
);
select tests.forbidden(
  $$update billing.budgets set hard_limit = 8$$, 'permission denied for table budgets', 'not through the table of owners'
);

select tests.authenticate_as('ada');
select is((select hard_limit::numeric from billing.budgets), 7::numeric, 'the owner reads it');
select tests.refused(
  $$update billing.all_budgets set hard_limit = 9$$, 'not_allowed', '42501', 'may not change it, and is told so'
);
select tests.refused(
  $$insert into billing.all_budgets (lenser_id, period, hard_limit) values (tests.user_id('ada'), 'month', 9)$$,
  'not_allowed', '42501', 'nor make one'
);
select tests.refused($$delete from billing.all_budgets$$, 'not_allowed', '42501', 'nor remove it');

select tests.authenticate_as('root');
select results_eq(
  $$delete from billing.all_budgets where lenser_id = tests.user_id('ada') returning hard_limit::text$$, array['7'], 'an admin does'
);

select * from finish();
rollback;
