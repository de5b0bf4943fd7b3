begin;
set local search_path = tap, pg_catalog;
select plan(30);

select tests.make_evaluation('there');
select tests.make_model('hidden', p_is_public => false);
select tests.make_admin('root'), tests.make_user('bob');
insert into ai.model_profiles (name, provider_id, model) values
('terse', tests.make_provider(), 'n'), ('lost', tests.make_provider(), 'no such model');
insert into ai.model_profiles (name, provider_id, model, disabled) values ('off', tests.make_provider(), 'n', true);
insert into ai.features (key) values ('chat');

create function pg_temp.create(p_rest text) returns text
language sql
return format('select execution.create_evaluation(%L, %s)', 'mine', p_rest);

select tests.authenticate_as('ada');
select tests.refused(pg_temp.create($$'["hidden"]'$$), 'unknown_model', 'PT404', 'a hidden model is none to a lenser');
select tests.refused(pg_temp.create($$'["none"]'$$), 'unknown_model', 'PT404', 'like one that is not there');
select tests.refused(pg_temp.create($$'[{"profile": "terse"}]'$$), 'invalid_argument', 'PT422', 'nor is there a profile');
select tests.refused(pg_temp.create($$'["m", "m"]', feature => 'none'$$), 'unknown_feature', 'PT404', 'an unknown feature');
select tests.refused(pg_temp.create($$'["m", {"model": "m", "name": "again"}]'$$), 'invalid_argument', 'PT422', 'a model takes part once');
select tests.refused(
  pg_temp.create($$'[{"model": "m", "name": "one"}, {"model": "n", "name": "one"}]'$$), 'invalid_argument', 'PT422', 'under a name of its own'
);
select tests.refused(pg_temp.create($$'["m"]', '[{"person": "nobody"}]'$$), 'unknown_lenser', 'PT404', 'a person who is none');
select tests.refused(pg_temp.create($$'[7]'$$), 'invalid_argument', 'PT422', 'a number');
select tests.refused(pg_temp.create($$'[{"model": "m", "weight": "1"}]'$$), 'invalid_argument', 'PT422', 'a key that nobody knows');
select tests.refused(pg_temp.create($$'{}'$$), 'invalid_argument', 'PT422', 'no array');
select tests.refused(
  pg_temp.create($$'["m"]', lenser => tests.user_id('bob')$$), 'not_allowed', '42501', 'another''s evaluation'
);
select tests.refused($$select execution.create_evaluation(' ')$$, 'invalid_argument', 'PT422', 'no name');
select is_empty($$select from execution.evaluations where name = 'mine'$$, 'nothing of which is left');

select execution.create_evaluation('mine', '["m", "n"]', '["j"]', feature => 'chat');
select is(
  (execution.create_evaluation('mine', '["m", "n"]', '["j"]', feature => 'chat')).id, tests.evaluation_id('mine'), 'the same again is one'
);
select tests.refused(pg_temp.create($$'["m"]'$$), 'idempotency_conflict', 'PT409', 'another of that name');
select tests.refused(
  format('select execution.change_evaluation(%L, name => %L)', tests.evaluation_id('mine'), 'there'), 'invalid_argument', 'PT422', 'nor by renaming'
);
select execution.change_evaluation(tests.evaluation_id('mine'), 'open');
select execution.change_evaluation(tests.evaluation_id('mine'), visibility => 'public', add_judges => '["n"]');
select is(
  (select array_agg(distinct visibility) from execution.contenders where evaluation_id = tests.evaluation_id('mine')),
  '{public}'::execution.visibility_enum[], 'what belongs to it follows its visibility'
);
select tests.start_run('mine');
select tests.reset_role();

-- People's decisions are in the history, backends' runs are not.
select results_eq(
  $$select table_name, operation, count(*) from lensers.audit_history
    where table_name like 'execution.%' and subject = tests.user_id('ada') group by 1, 2 order by 1, 2$$,
  $$values ('execution.contenders', 'INSERT', 2::bigint), ('execution.contenders', 'UPDATE', 2), ('execution.evaluations', 'INSERT', 1),
    ('execution.evaluations', 'UPDATE', 2), ('execution.judges', 'INSERT', 2), ('execution.judges', 'UPDATE', 2), ('execution.runs', 'INSERT', 1)$$,
  'who decided what'
);
select is(
  (
    select after ->> 'state' from lensers.audit_history
    where table_name = 'execution.evaluations' and operation = 'UPDATE' and subject = tests.user_id('ada') order by id limit 1
  ),
  'open', 'with its states'
);
select tests.as_service();
select tests.start_run('there'), tests.start_run('mine', 'backend'), tests.submit('m', 'a', 5, 'mine', 'backend');
select tests.reset_role();
select is(
  (select count(*) from lensers.audit_history where table_name = 'execution.runs'), 1::bigint, 'a backend''s runs are not'
);
-- Another owner's looks like none.
select tests.authenticate_as('bob');
select tests.refused(
  format('select execution.change_evaluation(%L, %L)', tests.evaluation_id('there'), 'closed'), 'unknown_evaluation', 'PT404', 'a private one is none to others'
);
select tests.refused(
  format('select execution.change_evaluation(%L, %L)', tests.evaluation_id('mine'), 'closed'), 'not_allowed', '42501', 'a public one is not theirs'
);
select is((execution.create_evaluation('mine')).lenser_id, tests.user_id('bob'), 'names are the owner''s own');
select tests.reset_role();

select tests.authenticate_as('root');
select lives_ok(
  $$select execution.create_evaluation('hidden', '["hidden", {"profile": "terse", "name": "T"}]', lenser => tests.user_id('ada'))$$,
  'an admin sees hidden models and profiles'
);
select tests.refused(pg_temp.create($$'[{"profile": "lost"}]'$$), 'unknown_model', 'PT404', 'a profile of a model that is not registered');
select tests.refused(pg_temp.create($$'[{"profile": "off"}]'$$), 'invalid_argument', 'PT422', 'one that is disabled');
select tests.reset_role();
select count(tests.make_model('x' || n)) from generate_series(1, 101) as n;
select tests.refused(
  format('select execution.create_evaluation(%L, %L, lenser => tests.user_id(%L))', 'many', (select jsonb_agg('x' || n) from generate_series(1, 101) as n), 'ada'),
  'invalid_argument', 'PT422', 'more than a hundred'
);

-- Erasure: the owner's go, a judge's words go, and the money stays.
select tests.as_service();
select tests.submit('m', 'a', 5, 'there');
select tests.reset_role();
select tests.authenticate_as('judy');
select execution.score(tests.submission_id('m', 'a', 'there'), 3, 'in my words');
select tests.reset_role();
select ai.erase_lenser(tests.user_id('judy'));
select results_eq(
  $$select value, rationale from execution.scores$$, $$values (3::numeric, null::text)$$, 'a score without the words of who was erased'
);
select ai.erase_lenser(tests.user_id('ada'));
select is(
  (select array_agg(e.lenser_id) from execution.evaluations as e), array[tests.user_id('bob')], 'evaluations of an erased lenser are gone'
);
select is((select sum(c.credits) from billing.charges as c), 10::numeric, 'their charges are not');

select * from finish();
rollback;
