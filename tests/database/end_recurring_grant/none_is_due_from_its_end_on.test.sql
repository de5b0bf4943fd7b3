begin;
set local search_path = tap, pg_catalog;
select plan(15);

select tests.make_unit_price();
select tests.freeze_clock('2030-01-01T00:00:00Z');
select tests.make_wallet('ada');
select tests.make_wallet('bob');
select tests.make_wallet('eve');
select billing.create_recurring_grant(tests.user_id('ada'), 10, '1 day', ends_at => '2030-01-03T00:00:00Z', expires => false);
create temporary table made as
select billing.create_recurring_grant(tests.user_id('bob'), 10, '1 day') as id;
create temporary table ahead as
select billing.create_recurring_grant(tests.user_id('eve'), 10, '1 day', '2030-02-01T00:00:00Z') as id;

select tests.freeze_clock('2030-01-02T00:00:00Z');
select is(tests.balance('ada'), '20 0 20 0', 'the second is due before the end');
select tests.freeze_clock('2030-01-03T00:00:00Z');
select is(tests.balance('ada'), '20 0 20 0', 'the third would be due at it, and is not');
select is((select billing.end_recurring_grant(id) from made), true, 'ended by hand');
select is(tests.balance('bob'), '10 0 10 0', 'what is due now is granted');
select is((select billing.end_recurring_grant(id) from made), false, 'once');
select is((select issued from billing.recurring_grants where id = (select id from made)), 3, 'three were due by then');
select is((select billing.end_recurring_grant(id) from ahead), true, 'before it begins');
select is(billing.end_recurring_grant(gen_random_uuid()), false, 'there is no other');
select tests.freeze_clock('2030-01-03T23:59:59Z');
select is(tests.balance('bob'), '10 0 10 0', 'the last lot stays for its day');
select tests.freeze_clock('2030-01-04T00:00:00Z');
select is(tests.balance('bob'), '0 0 0 0', 'and ends with it');
select tests.freeze_clock('2030-03-01T00:00:00Z');
select billing.sweep_accounts();
select is(tests.balance('ada'), '20 0 20 0', 'swept, ada has two');
select is(tests.lots('ada'), 'allowance 10, allowance 10', 'lots');
select is(tests.balance('eve'), '0 0 0 0', 'what ended before it began never came');
select is((select count(*) from billing.grants), 5::bigint, 'five in all');
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
