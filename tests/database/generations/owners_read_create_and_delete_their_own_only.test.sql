begin;
set local search_path = tap, pg_catalog;
select plan(17);

select tests.make_admin('root');
select tests.make_user('ada');
select tests.make_user('bob');
select tests.make_model('m');
select tests.authenticate_as('bob');
insert into ai.generations (model_id, prompt) values (tests.model_id('m'), 'Bob''s');

select tests.authenticate_as('ada');
select lives_ok(
  $$
  insert into ai.generations (lenser_id, model_id, media_id, prompt, output, token_count, feature_key)
  values (tests.user_id('ada'), tests.model_id('m'), null, 'Ada''s', 'Yes', 3, 'chat')
  $$,
  'she may set these seven'
);
select results_eq('select prompt from ai.generations', $$values ('Ada''s')$$, 'she reads her own');
select tests.forbidden(
  format('update ai.generations set %s', c.change), 'permission denied for table generations', 'no update: ' || c.change
)
from (
  values
  ($$status = 'completed'$$), ($$usage = '{"input": 1}'$$), ($$output = 'No'$$), ('quality_rating = 5'),
  ($$prompt = 'Other'$$), ('latency_ms = 1'), ('token_count = 1')
) as c (change);
select results_eq('delete from ai.generations returning prompt', $$values ('Ada''s')$$, 'she deletes her own');
select tests.as_anon();
select tests.forbidden('select from ai.generations', 'permission denied for table generations', 'anon reads nothing');
select tests.forbidden('delete from ai.generations', 'permission denied for table generations', 'anon deletes nothing');
select tests.authenticate_as('root');
select results_eq('select prompt from ai.all_generations', $$values ('Bob''s')$$, 'an admin reads all');
select is_empty('delete from ai.generations returning prompt', 'an admin deletes nobody''s');
select tests.authenticate_as(null::uuid);
select is_empty('select prompt from ai.generations', 'a token without a subject reads nothing');
select tests.refused(
  $$insert into ai.generations (model_id) values (tests.model_id('m'))$$,
  'not_allowed', '42501', 'and creates nothing'
);
select tests.as_service();
select results_eq('delete from ai.generations returning prompt', $$values ('Bob''s')$$, 'the service role deletes');

select * from finish();
rollback;
