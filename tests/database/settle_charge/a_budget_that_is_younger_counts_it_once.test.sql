begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_unit_price();
select tests.make_wallet('ada', 100);
create temporary table estimate on commit drop as
select (
  billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 5}', estimated => true) ->> 'charge_id'
)::uuid as id;
insert into billing.budgets (lenser_id, period, hard_limit) values (tests.user_id('ada'), 'day', 8);

select lives_ok(
  $$select billing.settle_charge(e.id, usage => '{"input": 7}') from estimate as e$$, 'seven of eight'
);
select is((select p.spent::numeric from billing.budget_periods as p), 7::numeric, 'the estimate counts no more');
select tests.refused($$select tests.charge('ada', 2)$$, 'budget_exceeded', 'PT402', 'and nine are too many');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
