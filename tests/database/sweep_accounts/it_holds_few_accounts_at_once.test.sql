begin;
set local search_path = tap, pg_catalog;
select plan(7);

-- 250 accounts of a promotion that ends: 100 in one call unless told.
select tests.freeze_clock('2030-01-15T12:00:00Z');
create temporary table people as select tests.make_wallet('person ' || i) as id from generate_series(1, 250) as i;
select billing.grant_credits(id, 1, 'promo', 0, '2030-01-16T00:00:00Z') from people;
select tests.freeze_clock('2030-01-17T00:00:00Z');
select is(array(select billing.sweep_accounts() from generate_series(1, 4)), '{100,100,50,0}', 'a hundred, a hundred, and the others');

-- Two accounts with 600 lots each, before others: the second is the last that the call takes.
select tests.make_wallet('ada');
select tests.make_wallet('bob');
select billing.create_recurring_grant(tests.user_id(name), 1, '1 day', '2030-01-17T00:00:00Z', expires => false)
from unnest(array['ada', 'bob']) as w (name);
select tests.make_wallet('eve', 10);
select billing.grant_credits(tests.user_id('eve'), 1, 'promo', 0, '2030-06-01T00:00:00Z');
select tests.freeze_clock('2031-09-08T12:00:00Z');
select is(billing.sweep_accounts(), 2, 'two take a thousand entries');
select is(
  (select array_agg(count order by count) from (
    select count(*) from billing.ledger_entries
    where account_id in (tests.user_id('ada'), tests.user_id('bob')) group by account_id
  ) as e), '{600,600}', 'each is settled whole'
);
select is(billing.sweep_accounts(), 1, 'the third is left to the next');
select is(billing.sweep_accounts(), 0, 'and then nothing is');
select is(tests.balance('eve'), '10 0 10 0', 'all are settled');
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
