begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_user('ada');
select tests.make_model('m');
create temporary table made as
select b.id
from ai.backfill_generations((
  select
    jsonb_agg(jsonb_build_object(
      'lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('m'), 'created_at', g.at, 'prompt', g.at
    ))
  from (values ('2024-01-31T23:59:59Z'), ('2024-02-01T00:00:00Z'), ('2024-03-01T00:00:00Z')) as g (at)
)) as b (id);

select is_empty(
  $$select ratebook.detach_partitions('ai.generations', '2024-01-31T23:59:59.999999Z')$$, 'January is not over'
);
select results_eq(
  $$select ratebook.detach_partitions('ai.generations', '2024-02-01T00:00:00Z')$$,
  $$values ('ai_generations_2024_01')$$, 'now it is'
);
select results_eq(
  'select prompt from ai.generations order by 1', $$values ('2024-02-01T00:00:00Z'), ('2024-03-01T00:00:00Z')$$,
  'its rows are out of the log'
);
select results_eq(
  $$select ratebook.detach_partitions('ai.generations', '2024-03-31T00:00:00Z')$$,
  $$values ('ai_generations_2024_02')$$, 'in the middle of March only February is over'
);
select results_eq(
  'select prompt from ai.generations', $$values ('2024-03-01T00:00:00Z')$$, 'March is in the log'
);
select results_eq(
  'select prompt from ratebook.ai_generations_2024_01', $$values ('2024-01-31T23:59:59Z')$$, 'what is out is not lost'
);
select tests.refused(
  'truncate ratebook.ai_generations_2024_01', 'append_only', 'PT409', 'and still guarded'
);
select is(
  (select severity from ai.self_check() where check_name = 'partitions_locked'), 'ok', 'and still closed'
);

select * from finish();
rollback;
