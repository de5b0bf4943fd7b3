begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
insert into billing.budgets (lenser_id, period, soft_limit) values (tests.user_id('ada'), 'day', 0);
select tests.charge('ada', 1);
select is((select count(*) from billing.outbox), 1::bigint, 'the first is signalled');
select tests.charge('ada', 1);
select is((select count(*) from billing.outbox), 1::bigint, 'the second is not');
select tests.freeze_clock('2030-01-16T12:00:00Z');
select tests.charge('ada', 1);
select is((select count(*) from billing.outbox), 2::bigint, 'the first of the next day is');

select * from finish();
rollback;
