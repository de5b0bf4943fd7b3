begin;
set local search_path = tap, pg_catalog;
select plan(11);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_wallet('ada');
select tests.make_wallet('bob');
create function tests.top_up(p_name text, p_amount numeric, p_source text, p_ref text, p_key text default null) returns jsonb
language sql
begin atomic
  select billing.grant_credits(
    tests.user_id(p_name), p_amount, p_source, external_ref => p_ref, idempotency_key => p_key
  );
end;
create temporary table answers as select tests.top_up('ada', 10, 'stripe', 'evt_1') as answer;

select is((select answer #>> '{balance,posted}' from answers), '10', 'the event tops up');
select is(
  tests.top_up('ada', 10.00, 'stripe', 'evt_1') ->> 'grant_id', (select answer ->> 'grant_id' from answers),
  'again it is the same lot'
);
select is(
  tests.top_up('ada', 10, 'stripe', 'evt_1', 'another key') ->> 'grant_id', (select answer ->> 'grant_id' from answers),
  'with a key that is new too'
);
select is(tests.balance('ada'), '10 0 10 0', 'and the balance what it was');
select tests.refused(
  $$select tests.top_up('ada', 11, 'stripe', 'evt_1')$$, 'idempotency_conflict', 'PT409', 'another amount is refused'
);
select tests.refused(
  $$select tests.top_up('bob', 10, 'stripe', 'evt_1')$$, 'idempotency_conflict', 'PT409', 'another account is refused'
);
select is(tests.balance('bob'), '0 0 0 0', 'which got nothing');
select lives_ok($$select tests.top_up('bob', 10, 'paddle', 'evt_1')$$, 'another source has events of its own');
select lives_ok($$select tests.top_up('ada', 10, 'stripe', 'evt_2')$$, 'another event counts');
select is(tests.balance('ada'), '20 0 20 0', 'ada has two of them');
select is(tests.top_up('ada', 5, 'stripe', null) #>> '{balance,posted}', '25', 'without an event each call counts');

select * from finish();
rollback;
