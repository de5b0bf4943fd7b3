begin;
set local search_path = tap, pg_catalog;
select plan(30);

select tests.freeze_clock('2030-06-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
insert into billing.budgets (lenser_id, period, hard_limit) values
(tests.user_id('ada'), 'day', 100), (tests.user_id('ada'), 'month', 100);
-- Five keys, a minute apart from thirty days ago back; five signals from ninety; and so with days, from the first of May last year.
insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
select tests.user_id('ada'), tests.user_id('ada'), 'grant_credits', 'k' || n, '{}', '{}', timestamptz '2030-05-16T12:00:00Z' - n * interval '1 minute'
from generate_series(0, 4) as n;
insert into billing.outbox (id, lenser_id, account_id, topic, payload, created_at, delivered_at)
select ratebook.uuid_v7(t.at), tests.user_id('ada'), tests.user_id('ada'), 'low_balance', '{}', t.at, case when n % 2 = 0 then t.at end
from generate_series(0, 4) as n, lateral (select timestamptz '2030-03-17T12:00:00Z' - n * interval '1 minute' as at) as t;
insert into billing.budget_periods (budget_id, lenser_id, starts_on, starts_at, ends_at, counted_by, spent)
select b.id, b.lenser_id, d.day, d.day at time zone 'UTC', (d.day + 1) at time zone 'UTC', ratebook.counted_by(b), 0
from billing.budgets as b, generate_series(0, 4) as n, lateral (select date '2029-05-12' - n as day) as d where b.period = 'day';
select tests.charge('ada', 1);
create function tests.kept() returns text
language sql
return format(
  '%s %s %s', (select count(*) from billing.idempotency_keys), (select count(*) from billing.outbox),
  (select count(*) from billing.budget_periods)
);

select is(tests.kept(), '5 5 7', 'five of each, and two periods of today');
select is(
  billing.purge(2), '{"keys": 2, "signals": 2, "budget_periods": 2}', 'two of each in one call'
);
select is(
  (select string_agg(key, ' ' order by key) from billing.idempotency_keys), 'k0 k1 k2', 'the oldest go first'
);
select is(
  billing.purge(), '{"keys": 2, "signals": 2, "budget_periods": 2}', 'then the rest that is older than it is kept'
);
select is(tests.kept(), '1 1 3', 'what is exactly as old as that stays');
select is(billing.purge(), '{"keys": 0, "signals": 0, "budget_periods": 0}', 'and again: nothing');
select is(
  billing.purge(signals => '89 days', budget_periods => '399 days'), '{"keys": 0, "signals": 1, "budget_periods": 1}',
  'each for as long as one likes'
);

-- However short: what is being counted in stays, and what was counted is counted.
select is(billing.purge(budget_periods => '30 days') ->> 'budget_periods', '0', 'not the periods that run');
select is(
  (select string_agg(starts_on::text, ' ' order by starts_on) from billing.budget_periods), '2030-06-01 2030-06-15',
  'they are there'
);
select tests.freeze_clock('2030-07-30T12:00:00Z');
select is(
  billing.purge(budget_periods => '30 days') ->> 'budget_periods', '2', 'when their month is over and they are old, they go'
);
select lives_ok(
  $$select billing.refund_charge((select id from billing.charges))$$, 'a charge of then is refunded still'
);
select is(tests.broken(), null, 'the wallets are sound');

select tests.refused(format('select billing.purge(%s)', a.argument), 'invalid_argument', 'PT422', 'not ' || a.argument)
from (
  values
  ('0'), ('-1'), ('100001'), ('null'), ('keys => ''29 days'''), ('signals => ''29 days'''), ('budget_periods => ''29 days'''),
  ('keys => null'), ('signals => null'), ('budget_periods => null'), ('signals => ''-1 year''')
) as a (argument);

select tests.as_service();
select lives_ok('select billing.purge()', 'for the service role');
select tests.authenticate_as('ada');
select tests.forbidden('select billing.purge()', 'permission denied for function purge', 'not for owners');
select tests.as_anon();
select tests.forbidden('select billing.purge()', 'permission denied for function purge', 'nor for visitors');

-- It looks up what it takes: the indexes say what is old.
select tests.reset_role();
insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
select tests.user_id('ada'), tests.user_id('ada'), 'grant_credits', 'new' || n, '{}', '{}', ratebook.clock() from generate_series(1, 1000) as n;
insert into billing.outbox (id, lenser_id, topic, payload, created_at)
select ratebook.uuid_v7(ratebook.clock()), tests.user_id('ada'), 'low_balance', '{}', ratebook.clock() from generate_series(1, 1000);
insert into billing.budget_periods (budget_id, lenser_id, starts_on, starts_at, ends_at, counted_by, spent)
select b.id, b.lenser_id, d.day, d.day at time zone 'UTC', (d.day + 1) at time zone 'UTC', ratebook.counted_by(b), 0
from billing.budgets as b, generate_series(1, 500) as n, lateral (select date '2030-07-29' + n as day) as d;
create function tests.rows_read() returns bigint
language sql
return (select sum(s.seq_tup_read + coalesce(s.idx_tup_fetch, 0)) from pg_stat_xact_user_tables as s);
create temporary table counted as select tests.rows_read() as before;
select is(billing.purge() ->> 'signals', '0', 'with thousands of new rows');
select cmp_ok(tests.rows_read() - before, '<=', 10::bigint, 'it reads none of them') from counted;
select is(tests.kept(), '1000 1000 1000', 'they stay');
select is(tests.broken(), null, 'and the wallets are sound');

select * from finish();
rollback;
