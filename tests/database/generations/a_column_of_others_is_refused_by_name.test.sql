begin;
set local search_path = tap, pg_catalog;
select plan(17);

select tests.make_user('ada'), tests.make_user('bob'), tests.make_admin('root');
select tests.make_model('m');
insert into content.media_library (id, lenser_id) values ('11111111-1111-4111-8111-111111111111', tests.user_id('bob'));
insert into lensers.profiles (id, erased_at) values (tests.user_id('erased'), now());

select tests.authenticate_as('ada');
select results_eq(
  $$insert into ai.generations (lenser_id, model_id) values (tests.user_id('ada'), tests.model_id('m')) returning lenser_id$$,
  $$select tests.user_id('ada')$$, 'an owner may name herself'
);
select results_eq(
  $$insert into ai.generations (model_id) values (tests.model_id('m')) returning lenser_id$$,
  $$select tests.user_id('ada')$$, 'or leave it out'
);
create function pg_temp.said(p_columns text, p_values text) returns jsonb
language sql
return tests.error_of(
  format('insert into ai.generations (model_id, %s) values (%L, %s)', p_columns, tests.model_id('m'), p_values)
) - '{constraint,column}'::text[];
select is(
  pg_temp.said(c.name, c.value),
  jsonb_build_object(
    'code', '42501', 'message', format('"%s" is not yours to set.', c.name),
    'hint', 'Leave it out: a backend sets it, with the service role.',
    'detail', jsonb_build_object('error', 'not_allowed', 'column', c.name)
  ),
  'refused: ' || c.name
)
from (
  values
  ('usage', $$'{"input": 1}'$$), ('status', $$'completed'$$), ('latency_ms', '1'), ('quality_rating', '5')
) as c (name, value);
-- Whoever it is, whether there is one, and whatever they own: one answer.
select is(
  pg_temp.said(c.names, c.value),
  '{
    "code": "42501", "message": "\"lenser_id\" names another lenser.", "hint": "Leave it out, or name yourself.",
    "detail": {"error": "not_allowed", "column": "lenser_id"}
  }',
  'refused: ' || c.what
)
from (
  values
  ('lenser_id', $$tests.user_id('bob')$$, 'another'), ('lenser_id', 'gen_random_uuid()', 'one who is not there'),
  ('lenser_id', $$tests.user_id('erased')$$, 'one who was erased'),
  ('lenser_id, media_id', $$tests.user_id('bob'), '11111111-1111-4111-8111-111111111111'$$, 'another, with their media'),
  ('lenser_id, media_id', $$tests.user_id('bob'), gen_random_uuid()$$, 'another, with media that is not theirs')
) as c (names, value, what);
select is(
  tests.error_of(
    format(
      $$insert into ai.generations (model_id, lenser_id) values (%1$L, default), (%1$L, tests.user_id('bob'))$$,
      tests.model_id('m')
    )
  ) #>> '{detail,column}',
  'lenser_id', 'one row of many is enough'
);
select is((select count(*) from ai.generations), 2::bigint, 'none of them has left anything');
select tests.authenticate_as('root');
select is(
  pg_temp.said('lenser_id', $$tests.user_id('ada')$$) #>> '{detail,column}', 'lenser_id', 'an admin is an owner like all others'
);
select tests.authenticate_as('ada');
select is(pg_temp.said('created_at', 'now()') #>> '{detail,column}', 'created_at', 'nor is its time theirs to give');
select tests.authenticate_as(null::uuid);
select is(
  pg_temp.said('lenser_id', 'gen_random_uuid()') #>> '{detail,column}', 'lenser_id', 'a token without a subject is told no more'
);
select tests.as_service();
select lives_ok(
  format(
    $$
    insert into ai.generations (lenser_id, model_id, usage, status, latency_ms, quality_rating)
    values (tests.user_id('bob'), %L, '{"input": 1}', 'completed', 1, 5)
    $$,
    tests.model_id('m')
  ),
  'a backend may set all of it'
);

select * from finish();
rollback;
