begin;
set local search_path = tap, pg_catalog;
select plan(19);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_price('m', 'image', 0);
select tests.make_wallet('ada', 10);
select tests.make_wallet('bob', p_overdraft_limit => 5);

select is(
  billing.charge_generation(tests.user_id('bob'), 'm', '{"image": 3}') ->> 'credits', '0', 'a free model costs nothing, even of nothing'
);
select is(billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 0}') ->> 'credits', '0', 'nor does using nothing');
select is((select count(*) from billing.charges where credits = 0), 2::bigint, 'both are charges');
select is((select count(*) from billing.charge_costs where cost = 0), 2::bigint, 'with what they cost');
select is((select count(*) from ai.generations), 2::bigint, 'and generations');
select is(tests.entries('ada', 1), null, 'without an entry');

select is(
  tests.error_of($$select tests.charge('ada', 10.001)$$) - '{message,hint}'::text[],
  jsonb_build_object('code', 'PT402', 'constraint', '', 'column', '', 'detail', jsonb_build_object(
    'error', 'insufficient_credits', 'account', tests.user_id('ada'), 'balance', '10', 'held', '0', 'overdraft_limit', '0',
    'needed', '10.001'
  )),
  'a thousandth too much is refused'
);
select lives_ok($$select tests.charge('ada', 10)$$, 'all of it is not');
select tests.refused($$select tests.charge('bob', 5.001)$$, 'insufficient_credits', 'PT402', 'nor beyond the overdraft');
select lives_ok($$select tests.charge('bob', 5)$$, 'up to it');
select is(tests.balance('bob'), '-5 0 -5 5', 'bob owes five');
select lives_ok(
  $$select billing.charge_generation(tests.user_id('bob'), 'm', '{"image": 1}')$$, 'what is free he may have still'
);
select tests.refused($$select tests.charge('bob', 0.001)$$, 'insufficient_credits', 'PT402', 'and nothing else');
select is((select count(*) from ai.generations), 5::bigint, 'a refused charge writes no generation');

update ai.models set is_active = false where key = 'm';
select tests.refused(
  $$select billing.charge_generation(tests.user_id('ada'), 'm', '{"image": 1}')$$, 'inactive_model', 'PT409', 'a model that is off'
);
update ai.models set is_active = true, is_public = false where key = 'm';
select lives_ok(
  $$select billing.charge_generation(tests.user_id('ada'), 'm', '{"image": 1}')$$, 'one that is hidden is on'
);
create temporary table gone as select id from ai.models where key = 'm';
delete from ai.models where key = 'm';
select tests.refused(
  (select format($$select billing.charge_generation(tests.user_id('ada'), %L, '{"image": 1}')$$, id) from gone), 'inactive_model',
  'PT409', 'one that was deleted is not'
);
select tests.make_user('nobody');
select tests.refused(
  $$select billing.charge_generation(tests.user_id('nobody'), 'm', '{"image": 1}')$$, 'inactive_model', 'PT409',
  'whoever asks'
);
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
