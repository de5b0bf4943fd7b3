begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.make_evaluation();
insert into ai.models (key, name, provider_id, provider_model_key)
select 'p', 'P', tests.make_provider(), 'p-1';
select tests.make_price('p', 'input', 1);
insert into ai.model_profiles (name, provider_id, model) values ('terse', tests.make_provider(), 'p-1');
-- The profile of p takes part; p judges.
create temporary table made as
select e.id, allows
from unnest('{false,true}'::boolean[]) as a (allows)
cross join lateral execution.create_evaluation(
  'profiles ' || allows, '[{"profile": "terse"}, "m"]', '["p", "m"]', allows_self_judging => allows,
  lenser => tests.user_id('ada')
) as e;
select execution.change_evaluation(id, 'open') from made;
select tests.start_run(name), tests.start_run(name, 'two') from unnest('{profiles false,profiles true}'::text[]) as e (name);
select is(
  (
    select m.key from execution.contenders as c inner join ai.models as m on m.id = c.model_id
    where c.evaluation_id = tests.evaluation_id('profiles false') and c.profile_id is not null
  ),
  'p', 'a profile takes part with the model that it names'
);
select tests.submit('p', 'a', 1, 'profiles ' || allows), tests.submit('m', 'a', 1, 'profiles ' || allows) from made;

create function pg_temp.score(p_contender text, p_judge text, p_evaluation text) returns text
language sql
return (format(
  'select execution.score(%L, 1, null, %L, tests.user_id(%L), %L)',
  tests.submission_id(p_contender, 'a', p_evaluation), p_judge, 'ada', '{"input": 1}'
));
select tests.refused(pg_temp.score('m', 'm', 'profiles false'), 'self_judging', 'PT409', 'a model, itself');
select tests.refused(pg_temp.score('p', 'p', 'profiles false'), 'self_judging', 'PT409', 'a model, a profile of itself');
select lives_ok(pg_temp.score('m', 'p', 'profiles false'), 'another');
select lives_ok(pg_temp.score('p', 'm', 'profiles false'), 'and the other way round');
select lives_ok(pg_temp.score('m', 'm', 'profiles true'), 'where it is allowed, itself');
select lives_ok(pg_temp.score('p', 'p', 'profiles true'), 'and a profile of itself');
-- What was merged is one model.
select ai.merge_models('m', 'p');
select tests.submit(c.id::text, 'b', 1, 'profiles false', 'two')
from execution.contenders as c where c.evaluation_id = tests.evaluation_id('profiles false') and c.profile_id is not null;
select tests.refused(
  format(
    'select execution.score(%L, 1, null, j.id::text, generation => gen_random_uuid()) from execution.judges as j where j.evaluation_id = %L and j.model_id = %L',
    tests.submission_id('p', 'b', 'profiles false', 'two'), tests.evaluation_id('profiles false'), tests.model_id('m')
  ),
  'self_judging', 'PT409', 'two rows that were merged are one'
);
select tests.refused(
  format(
    'insert into execution.scores (lenser_id, evaluation_id, visibility, run_id, submission_id, judge_id, value, generation_id) '
    'select s.lenser_id, s.evaluation_id, s.visibility, s.run_id, s.id, j.id, 1, gen_random_uuid() '
    'from execution.submissions as s, execution.judges as j where s.id = %L and j.evaluation_id = s.evaluation_id and j.model_id = %L',
    tests.submission_id('p', 'b', 'profiles false', 'two'), tests.model_id('p')
  ),
  'self_judging', 'PT409', 'nor does direct SQL get past it'
);

select * from finish();
rollback;
