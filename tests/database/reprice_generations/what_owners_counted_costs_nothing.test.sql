begin;
set local search_path = tap, pg_catalog;
select plan(8);

-- A token costs 1. A user says that there were 1000; a backend knows better, or says nothing.
select tests.make_user('ada');
select tests.make_model('m');
select tests.make_price('m', 'tokens', 1);
select tests.make_rate(1);
select tests.make_policy(0);
create function tests.log() returns table (prompt text, token_count integer, usage jsonb, cost numeric)
language sql stable
begin atomic
  select g.prompt, g.token_count, g.usage, trim_scale(r.cost)
  from ai.generations as g
  left join billing.reprice_generations('2026-01-01Z', '9999-01-01Z') as r on r.generation_id = g.id
  order by g.prompt;
end;

select tests.authenticate_as('ada');
insert into ai.generations (model_id, prompt, token_count) values
(tests.model_id('m'), 'counted', 1000), (tests.model_id('m'), 'silent', 1000), (tests.model_id('m'), 'used', 1000);
select tests.as_service();
select results_eq(
  'select * from tests.log()',
  $$values ('counted', 1000, null::jsonb, null::numeric), ('silent', 1000, null, null), ('used', 1000, null, null)$$,
  'what an owner wrote has no price'
);
select lives_ok(
  $$select ai.finish_generation(g.id, token_count => 7) from ai.generations as g where g.prompt = 'counted'$$,
  'a backend that has only one count'
);
select lives_ok($$select ai.finish_generation(g.id) from ai.generations as g where g.prompt = 'silent'$$, 'one that has none');
select lives_ok(
  $$select ai.finish_generation(g.id, usage => '{"input": 5}', token_count => 9) from ai.generations as g where g.prompt = 'used'$$,
  'one that has both'
);
select results_eq(
  'select * from tests.log()',
  $$
  values
  ('counted', 7, '{"tokens": 7}'::jsonb, 7::numeric), ('silent', 1000, null, null), ('used', 9, '{"input": 5}', 5)
  $$,
  'the count of a backend is a usage; a usage says more'
);
select lives_ok($$select ai.finish_generation(g.id, token_count => 8) from ai.generations as g$$, 'a second report');
select results_eq(
  'select * from tests.log()',
  $$
  values
  ('counted', 8, '{"tokens": 8}'::jsonb, 8::numeric), ('silent', 8, '{"tokens": 8}', 8), ('used', 8, '{"input": 5}', 5)
  $$,
  'replaces a bare count and no usage'
);

select ai.backfill_generations(jsonb_build_array(
  jsonb_build_object('lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('m'), 'prompt', 'past',
    'created_at', '2026-02-01Z', 'token_count', 3),
  jsonb_build_object('lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('m'), 'prompt', 'past used',
    'created_at', '2026-02-01Z', 'token_count', 3, 'usage', '{"output": 2}'::jsonb)
));
select results_eq(
  $$select * from tests.log() where prompt like 'past%'$$,
  $$values ('past', 3, '{"tokens": 3}'::jsonb, 3::numeric), ('past used', 3, '{"output": 2}', 2)$$,
  'the past too'
);

select * from finish();
rollback;
