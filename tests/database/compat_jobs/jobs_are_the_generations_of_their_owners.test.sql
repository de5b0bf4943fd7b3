begin;
set local search_path = tap, pg_catalog;
select plan(24);

select tests.make_user('ada');
select tests.make_user('bob');
select tests.make_admin('root');
select tests.make_model('m');
select tests.make_model('n');
select tests.make_model('secret', p_is_public => false);

select results_eq(
  $$select c.name, c.type from tests.columns as c where c.relation = 'compat.jobs'::regclass order by c.position$$,
  $$
  values
  ('id', 'uuid'), ('user_id', 'uuid'), ('api_model_id', 'uuid'), ('status', 'ai.generation_status_enum'),
  ('quality_rating', 'smallint'), ('prompt', 'text'), ('output', 'text'), ('latency_ms', 'integer'), ('created_at', 'timestamp with time zone')
  $$,
  'the columns'
);
select tests.as_anon();
select tests.forbidden('select from compat.jobs', 'permission denied for view jobs', 'not for anon');

select tests.authenticate_as('ada');
select results_eq(
  $$
  insert into compat.jobs (api_model_id, prompt) select id, 'a cat' from compat.api_models where model_key = 'm'
  returning user_id, status::text, quality_rating
  $$,
  format($$values (%L::uuid, 'pending', null::smallint)$$, tests.user_id('ada')),
  'a user creates a job of their own'
);
select tests.forbidden(
  format('insert into compat.jobs (api_model_id) values (%L)', tests.model_id('secret')),
  'new row violates row-level security policy for table "generations"', 'of a model that they may know of'
);
select results_eq(
  format(
    'insert into compat.jobs (user_id, api_model_id) values (%L, %L) returning user_id',
    tests.user_id('ada'), tests.model_id('m')
  ),
  $$select tests.user_id('ada')$$, 'and may say whose it is'
);
delete from compat.jobs where prompt is null;
select is(
  jsonb_build_array(e.error -> 'code', e.error #> '{detail,error}', e.error #> '{detail,column}', e.error ->> 'message' like format('"%s" %%', c.name)),
  jsonb_build_array('42501', 'not_allowed', c.name, true),
  'refused by name: ' || c.name
)
from (
  values
  ('user_id', $$tests.user_id('bob')$$), ('status', $$'completed'$$), ('quality_rating', '5'), ('latency_ms', '1'),
  ('id', 'gen_random_uuid()'), ('created_at', 'now()')
) as c (name, value)
cross join lateral tests.error_of(
  format('insert into compat.jobs (api_model_id, %s) values (%L, %s)', c.name, tests.model_id('m'), c.value)
) as e (error);
select is((select count(*) from compat.jobs), 1::bigint, 'none of them has left anything');
select tests.forbidden(
  $$update compat.jobs set quality_rating = 5$$, 'permission denied for view jobs', 'nor later'
);
select tests.authenticate_as('bob');
select is_empty('select from compat.jobs', 'another user sees nothing of it');
select is_empty('delete from compat.jobs returning 1', 'nor deletes it');

select tests.as_service();
select results_eq(
  $$update compat.jobs set status = 'completed', quality_rating = 4, output = '1.jpg' returning status::text, quality_rating::integer$$,
  $$values ('completed', 4)$$, 'a backend says how it ended'
);
insert into compat.jobs (user_id, api_model_id, status, quality_rating)
select tests.user_id('bob'), tests.model_id('m'), s.status::ai.generation_status_enum, s.rating
from (values ('completed', 5::smallint), ('completed', null), ('failed', null), ('cancelled', 1), ('pending', null)) as s (status, rating);
select is(
  tests.error_of(
    format(
      'insert into compat.jobs (id, user_id, api_model_id) values (gen_random_uuid(), %L, %L)',
      tests.user_id('bob'), tests.model_id('m')
    )
  ) #>> '{detail,column}',
  'id', 'nor does a backend choose the id'
);
select tests.refused(
  format('insert into compat.jobs (api_model_id) values (%L)', tests.model_id('m')), 'not_allowed', '42501',
  'but it says whose it is'
);
select tests.violates(
  $$update compat.jobs set quality_rating = 6$$, 'quality_rating_is_one_to_five', 'through the checks of ai.generations'
);

create function pg_temp.stats() returns table (
  name text, total bigint, completed bigint, failed bigint, average_rating text
) language sql as $$
  select s.display_name, s.total, s.completed, s.failed, trim_scale(round(s.average_rating, 6))::text
  from compat.api_model_stats as s
  where s.display_name <> 'Secret'
  order by 1
$$;
select results_eq(
  'select * from pg_temp.stats()',
  $$values ('M', 6::bigint, 3::bigint, 1::bigint, '3.333333'), ('N', 0, 0, 0, null)$$,
  'per model: jobs, completed, failed, and the average of the rated'
);
select tests.authenticate_as('root');
select results_eq(
  'select * from pg_temp.stats()',
  $$values ('M', 6::bigint, 3::bigint, 1::bigint, '3.333333'), ('N', 0, 0, 0, null)$$, 'an admin counts all of them'
);
select tests.authenticate_as('ada');
select results_eq(
  'select * from pg_temp.stats()',
  $$values ('M', 1::bigint, 1::bigint, 0::bigint, '4'), ('N', 0, 0, 0, null)$$, 'a user their own'
);
select results_eq($$delete from compat.jobs returning prompt$$, $$values ('a cat')$$, 'which they may delete');
select tests.as_anon();
select tests.forbidden(
  'select from compat.api_model_stats', 'permission denied for view api_model_stats', 'no statistics for anon'
);

select * from finish();
rollback;
