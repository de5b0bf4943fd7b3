begin;
set local search_path = tap, pg_catalog;
select plan(14);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
select tests.make_wallet('bob', 100);
create function tests.asked(p_name text, p_credits numeric, p_key text, p_prompt text default null) returns jsonb
language sql
return jsonb_build_object(
  'account', tests.user_id(p_name), 'model', 'm', 'usage', jsonb_build_object('input', p_credits), 'idempotency_key', p_key,
  'prompt', p_prompt
);
create temporary table single as
select billing.charge_generation(
  tests.user_id('ada'), 'm', '{"input": 1}', prompt => 'ada''s secret', idempotency_key => 'k1'
) as answer;

-- The first is answered already, with or without a batch; the second is new, and of somebody else.
create temporary table answers as
select billing.charge_generations(jsonb_build_array(
  tests.asked('ada', 1, 'k1', 'said again'), tests.asked('bob', 2, 'k1', 'bob''s own'), tests.asked('bob', 3, null, 'bob''s second')
)) as answer;
select is(answer -> 0, (select answer from single), 'the first is the first answer') from answers;
select is(answer #>> '{1,credits}', '2', 'the second is charged') from answers;
select is(
  (select string_agg(prompt, ', ' order by prompt) from ai.generations where lenser_id = tests.user_id('bob')),
  'bob''s own, bob''s second', 'with the prompts of its own requests'
);
select is(
  (select string_agg(prompt, ', ') from ai.generations where lenser_id = tests.user_id('ada')), 'ada''s secret', 'nobody else''s'
);
select is(tests.balance('ada') || ', ' || tests.balance('bob'), '99 0 99 0, 95 0 95 0', 'each pays once');

-- A generation that is named beside an answered request is the one that is completed.
insert into ai.generations (lenser_id, model_id, prompt) values (tests.user_id('ada'), tests.model_id('m'), 'pending');
select lives_ok(
  $$select billing.charge_generations(jsonb_build_array(
    tests.asked('ada', 1, 'k1'), tests.asked('ada', 4, 'k2') || (select jsonb_build_object('generation', id) from ai.generations where prompt = 'pending')
  ))$$, 'after an answered one'
);
select is((select usage from ai.generations where prompt = 'pending'), '{"input": 4}'::jsonb, 'a named one is completed');
select is((select usage from ai.generations where prompt = 'ada''s secret'), '{"input": 1}'::jsonb, 'and no other');
select is(
  (select jsonb_agg(a.value ->> 'charge_id') from jsonb_array_elements(billing.charge_generations(jsonb_build_array(
    tests.asked('ada', 4, 'k3'), tests.asked('ada', 1, 'k1'), tests.asked('ada', 5, 'k4')
  ))) as a) -> 1, (select answer -> 'charge_id' from single), 'in the middle too'
);
select is(tests.balance('ada'), '86 0 86 0', '99 - 4 - 4 - 5');

select tests.refused(
  $$select billing.charge_generations(jsonb_build_array(tests.asked('ada', 1, 'k9'), tests.asked('ada', 2, 'k1')))$$,
  'idempotency_conflict', 'PT409', 'a key with another request refuses all'
);
-- The same request twice in one call is one request.
select lives_ok(
  $$select billing.charge_generations(jsonb_build_array(tests.asked('ada', 6, 'twin'), tests.asked('ada', 6, 'twin')))$$,
  'a request and its twin'
);
select is(tests.balance('ada'), '80 0 80 0', 'and are one charge');
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
