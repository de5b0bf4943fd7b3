begin;
set local search_path = tap, pg_catalog;
select plan(6);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_wallet('ada');

create function tests.allow(p_amount numeric) returns uuid
language sql
return billing.create_recurring_grant(tests.user_id('ada'), p_amount, idempotency_key => 'plan');
create temporary table first as
select tests.allow(5) as id;
select is(tests.allow(5.00), id, 'the same key again means the same allowance') from first;
select is((select count(*) from billing.recurring_grants), 1::bigint, 'there is one');
select is(tests.balance('ada'), '5 0 5 0', 'that has granted once');
select tests.refused($$select tests.allow(6)$$, 'idempotency_conflict', 'PT409', 'another amount is another request');
select tests.refused(
  $$select billing.create_recurring_grant(tests.user_id('ada'), 5, '2 months', idempotency_key => 'plan')$$,
  'idempotency_conflict', 'PT409', 'and so is another interval'
);
select isnt(billing.create_recurring_grant(tests.user_id('ada'), 5), id, 'without a key each call makes one') from first;

select * from finish();
rollback;
