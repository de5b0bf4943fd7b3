begin;
set local search_path = tap, pg_catalog;
select plan(5);

-- What is laid end to end for many accounts is kept apart by id and owner.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 10), tests.make_user('bob');
insert into lensers.profiles (id, user_id) values (tests.user_id('bob'), tests.user_id('bob'));
insert into billing.accounts (id, lenser_id, overdraft_limit) values (tests.user_id('ada'), tests.user_id('bob'), 50);
select billing.grant_credits(tests.user_id('ada'), 4, owner => tests.user_id('bob'));

create function tests.batch() returns jsonb
language sql
return billing.charge_generations((
  select jsonb_agg(jsonb_build_object(
    'account', tests.user_id('ada'), 'model', 'm', 'usage', jsonb_build_object('input', c.credits),
    'idempotency_key', c.key, 'owner', tests.user_id(c.owner)
  ) order by c.place)
  from (values (1, 'ada', 2, 'k'), (2, 'bob', 3, 'k'), (3, 'ada', 5, null), (4, 'bob', 6, null)) as c (place, owner, credits, key)
));
select is(
  (select jsonb_agg(a.value #>> '{balance,posted}' order by a.ordinality) from jsonb_array_elements(tests.batch()) with ordinality as a),
  '["3", "-5", "3", "-5"]', 'each balance is its own'
);
select is(
  (
    select string_agg(format('%s %s %s %s', u.name, trim_scale(e.amount), trim_scale(e.balance_after), e.grant_id is null), ', '
      order by u.name, e.number)
    from billing.ledger_entries as e
    inner join (values ('ada'), ('bob')) as u (name) on tests.user_id(u.name) = e.lenser_id
    where e.kind = 'charge'
  ),
  'ada -2 8 f, ada -5 3 f, bob -3 1 f, bob -1 0 f, bob -5 -5 t', 'each pays from its own lots'
);
select tests.refused('select tests.batch()', 'insufficient_credits', 'PT402', 'Ada has 3 and needs 5, whatever Bob may owe');
select is(
  (
    select string_agg(format('%s %s', trim_scale(a.posted), trim_scale(a.debt)), ', ' order by a.overdraft_limit)
    from billing.accounts as a
  ),
  '3 0, -5 5', 'nothing came of that'
);
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
