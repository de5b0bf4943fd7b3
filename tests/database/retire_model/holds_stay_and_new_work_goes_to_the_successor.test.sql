begin;
set local search_path = tap, pg_catalog;
select plan(5);
select tests.make_user('bob');
select tests.make_rate();
select tests.make_policy(0);
select tests.make_model('old');
select tests.make_model('new');
select tests.make_price('old', 'input', 0.001);
select tests.make_price('new', 'input', 0.002);

select tests.as_service();
select billing.grant_credits(tests.user_id('bob'), 1000, 'gift');
create temporary table held as
select (billing.authorize_credits(tests.user_id('bob'), model => 'old', usage => '{"input": 100}') ->> 'hold_id')::uuid as id;
select ai.retire_model('old', 'new');

select results_eq(
  $$
  select answer ->> 'model_id', answer ->> 'credits'
  from (select billing.capture_hold(id, usage => '{"input": 10}') from held) as c (answer)
  $$,
  $$values (tests.model_id('old')::text, '10')$$,
  'a hold of before is captured at the price of the retired model'
);
select results_eq(
  $$
  select answer ->> 'model_id', answer ->> 'credits'
  from (select billing.charge_generation(tests.user_id('bob'), 'old', '{"input": 10}')) as c (answer)
  $$,
  $$values (tests.model_id('new')::text, '20')$$,
  'new work goes to the successor'
);
select is(
  billing.authorize_credits(tests.user_id('bob'), model => 'old', usage => '{"input": 100}') ->> 'amount', '200',
  'and so does a new hold'
);
select tests.refused(
  format(
    $$select billing.charge_generation(%L, %L, '{"input": 10}')$$, tests.user_id('bob'), tests.model_id('old')
  ), 'inactive_model', 'PT409', 'its id is refused'
);
select is(
  (select credits from billing.reprice_generations(now() - interval '1 day', now() + interval '1 day') where model_id = tests.model_id('old')),
  10::numeric, 'the past is priced as it was'
);

select * from finish();
rollback;
