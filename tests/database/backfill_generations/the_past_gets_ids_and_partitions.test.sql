begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_user('ada');
select tests.make_model('m');
create temporary view past as
select jsonb_build_array(
  jsonb_build_object(
    'lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('m'), 'created_at', '2023-02-28T23:59:59.999999Z',
    'prompt', 'old', 'usage', '{"input": 1}'::jsonb, 'id', '00000000-0000-4000-8000-00000000000a'
  ),
  jsonb_build_object(
    'lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('m'), 'created_at', '2023-03-01T00:00:00Z',
    'prompt', 'newer', 'status', 'failed'
  )
) as generations;
grant select on past to public;
select is(to_regclass('ratebook.ai_generations_2023_02'), null, 'there was no partition for that month');

select tests.as_service();
select is((select count(*) from past cross join ai.backfill_generations(generations)), 2::bigint, 'two ids come back');
select results_eq(
  'select prompt, created_at, status::text, usage from ai.generations order by id',
  $$
  values
  ('old', '2023-02-28T23:59:59.999999Z'::timestamptz, 'completed', '{"input": 1}'::jsonb),
  ('newer', '2023-03-01T00:00:00Z', 'failed', null)
  $$,
  'the rows have the time they were given'
);
select is_empty(
  $$select id from ai.generations where id = '00000000-0000-4000-8000-00000000000a'$$, 'but not the id'
);
select tests.reset_role();
select results_eq(
  'select prompt, tableoid::regclass::text from ai.generations order by id',
  $$values ('old', 'ratebook.ai_generations_2023_02'), ('newer', 'ratebook.ai_generations_2023_03')$$,
  'each lies in the partition of its month'
);
select is(
  relrowsecurity, true, 'with row security'
) from pg_class where oid = 'ratebook.ai_generations_2023_02'::regclass;
select tests.refused(
  'truncate ratebook.ai_generations_2023_02', 'append_only', 'PT409', 'and the guard against truncate'
);

select tests.authenticate_as('ada');
select tests.forbidden(
  $$select ai.backfill_generations('[]')$$, 'permission denied for function backfill_generations', 'not for owners'
);

select * from finish();
rollback;
