begin;
set local search_path = tap, pg_catalog;
select plan(11);

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
  $$select ratebook.detach_statements('ai.generations', '2024-01-31T23:59:59.999999Z')$$, 'January is not over'
);
select results_eq(
  $$select month, statement from ratebook.detach_statements('ai.generations', '2024-02-01T00:00:00Z')$$,
  $$
  values (
    'ratebook.ai_generations_2024_01',
    'alter table ai.generations detach partition ratebook.ai_generations_2024_01 concurrently'
  )
  $$,
  'now it is'
);
select results_eq(
  $$select month from ratebook.detach_statements('ai.generations', '2024-03-31T00:00:00Z')$$,
  $$values ('ratebook.ai_generations_2024_01'), ('ratebook.ai_generations_2024_02')$$,
  'in the middle of March January and February are over, the older first'
);
select is(
  tests.error_of(
    (select statement from ratebook.detach_statements('ai.generations', '2024-02-01T00:00:00Z'))
  ) ->> 'message',
  'ALTER TABLE ... DETACH CONCURRENTLY cannot run inside a transaction block',
  'why they are statements'
);

-- As such a statement leaves it, and somebody who may.
do $$ begin alter table ai.generations detach partition ratebook.ai_generations_2024_01; end $$;
select results_eq(
  'select prompt from ai.generations order by 1', $$values ('2024-02-01T00:00:00Z'), ('2024-03-01T00:00:00Z')$$,
  'its rows are out of the log'
);
select results_eq(
  'select prompt from ratebook.ai_generations_2024_01', $$values ('2024-01-31T23:59:59Z')$$, 'what is out is not lost'
);
select is_empty($$select ratebook.detach_statements('ai.generations', '2024-02-01Z')$$, 'it is closed as it was');
grant select on ratebook.ai_generations_2024_01 to service_role;
select results_eq(
  $$select statement from ratebook.detach_statements('ai.generations', '2024-02-01Z')$$,
  $$values ('select ratebook.close_month(''ratebook.ai_generations_2024_01'')')$$,
  'where it is not, that is the last statement'
);
select ratebook.close_month('ratebook.ai_generations_2024_01');
select is_empty($$select ratebook.detach_statements('ai.generations', '2024-02-01Z')$$, 'then none is left');
select tests.refused(
  'truncate ratebook.ai_generations_2024_01', 'append_only', 'PT409', 'it is guarded still'
);
select tests.refused(
  $$select ratebook.make_partitions('ai.generations', '2024-01-01Z', '2024-02-01Z')$$, 'invalid_argument', 'PT422',
  'and its month is not made again'
);

select * from finish();
rollback;
