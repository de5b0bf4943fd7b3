begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.make_unit_price();
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_wallet('ada', 10);
select tests.make_wallet('bob', 10);
select tests.make_wallet('eve', 10);
select billing.grant_credits(tests.user_id('ada'), 5, 'promo', 0, '2030-01-16T00:00:00Z');
select tests.hold('bob', 4, '1 hour');
select billing.create_recurring_grant(tests.user_id('bob'), 3, '1 day', '2030-01-17T00:00:00Z');
select is(billing.sweep_accounts(), 0, 'nothing has happened yet');

select tests.freeze_clock('2030-01-18T12:00:00Z');
create temporary table unswept as select * from billing.balances;
select is(billing.sweep_accounts(1), 1, 'one at a time: bob, whose hold timed out first');
select is(
  (select string_agg(distinct account_id::text, ' ') from billing.ledger_entries where effective_at < created_at),
  tests.user_id('bob')::text, 'only his is written'
);
select is(billing.sweep_accounts(), 1, 'then ada');
select is(billing.sweep_accounts(), 0, 'and nobody else');
select set_eq('select * from billing.balances', 'select * from unswept', 'every balance is what it was');
select is(tests.balance('ada') || ', ' || tests.balance('bob') || ', ' || tests.balance('eve'), '10 0 10 0, 13 0 13 0, 10 0 10 0', 'which is this');
select tests.refused(
  format('select billing.sweep_accounts(%s)', t.at_most), 'invalid_argument', 'PT422', 'not ' || t.at_most
)
from (values ('0'), ('-1'), ('1001'), ('null')) as t (at_most);
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
