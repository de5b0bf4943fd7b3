begin;
set local search_path = tap, pg_catalog;
select plan(35);

-- Evaluations: from, to, what comes of it.
create temporary table evaluation_moves (before text, after text, said text);
insert into evaluation_moves values
('draft', 'draft', 'draft'), ('draft', 'open', 'open'), ('draft', 'closed', 'PT409 wrong_state'),
('open', 'draft', 'PT409 wrong_state'), ('open', 'open', 'open'), ('open', 'closed', 'closed'),
('closed', 'draft', 'PT409 wrong_state'), ('closed', 'open', 'open'), ('closed', 'closed', 'closed');

create function pg_temp.said(p_statement text, p_answer text) returns text
language plpgsql
as $$
declare
  v_error jsonb := tests.error_of(p_statement);
  v_answer text;
begin
  if v_error is not null then
    return concat_ws(' ', v_error ->> 'code', coalesce(v_error #>> '{detail,error}', v_error ->> 'message'));
  end if;
  execute p_answer into v_answer;
  return v_answer;
end;
$$;

select tests.make_evaluation(before || after, before) from evaluation_moves;
select is(
  pg_temp.said(
    format('select execution.change_evaluation(%L, %L)', tests.evaluation_id(before || after), after),
    format('select state from execution.evaluations where id = %L', tests.evaluation_id(before || after))
  ),
  said, format('evaluation from %s to %s', before, after)
) from evaluation_moves;

-- Runs.
create temporary table run_moves (before text, after text, said text);
insert into run_moves values
('running', 'running', 'PT422 invalid_argument'), ('running', 'finished', 'finished'), ('running', 'cancelled', 'cancelled'),
('finished', 'running', 'PT422 invalid_argument'), ('finished', 'finished', 'finished'),
('finished', 'cancelled', 'PT409 wrong_state'), ('cancelled', 'running', 'PT422 invalid_argument'),
('cancelled', 'finished', 'PT409 wrong_state'), ('cancelled', 'cancelled', 'cancelled');
select tests.make_evaluation();
select tests.start_run(p_key => before || after) from run_moves;
select execution.finish_run(tests.run_id(p_key => before || after), before::execution.run_state_enum)
from run_moves where before <> 'running';
select is(
  pg_temp.said(
    format('select execution.finish_run(%L, %L)', tests.run_id(p_key => before || after), after),
    format('select state from execution.runs where id = %L', tests.run_id(p_key => before || after))
  ),
  said, format('run from %s to %s', before, after)
) from run_moves;
-- The same in direct SQL, which goes back to running in no way either.
select is(
  pg_temp.said(
    format('update execution.runs set state = %L, ended_at = null where id = %L', 'running', tests.run_id(p_key => 'finishedfinished')), ''
  ),
  'PT409 wrong_state', 'what has ended does not run again, whoever writes'
);

-- What each state lets be done.
select tests.make_evaluation('calls');
select tests.start_run('calls', state) from unnest('{running,finished,cancelled}'::text[]) as s (state);
select tests.submit('n', 'before', 1, 'calls', state) from unnest('{running,finished,cancelled}'::text[]) as s (state);
select execution.finish_run(tests.run_id('calls', state), state::execution.run_state_enum)
from unnest('{finished,cancelled}'::text[]) as s (state);
create temporary table calls (call text, state text, said text);
insert into calls values
('submit', 'running', 'done'), ('submit', 'finished', 'PT409 wrong_state'), ('submit', 'cancelled', 'PT409 wrong_state'),
('score', 'running', 'done'), ('score', 'finished', 'PT409 wrong_state'), ('score', 'cancelled', 'PT409 wrong_state');
select is(
  pg_temp.said(
    case call
      when 'submit' then format('select tests.submit(%L, %L, 1, %L, %L)', 'm', 'after', 'calls', state)
      else format(
        'select execution.score(%L, 1, null, %L, tests.user_id(%L), %L)',
        tests.submission_id('n', 'before', 'calls', state), 'j', 'ada', '{"input": 1}'
      )
    end,
    'select ''done'''
  ),
  said, format('%s in a run that is %s', call, state)
) from calls;

select is(
  pg_temp.said(format('select tests.start_run(%L, %L)', state || other, 'new'), 'select ''done'''),
  said, format('start_run of one that is %s', state)
)
from (values ('draft', 'closed', 'PT409 wrong_state'), ('open', 'open', 'done'), ('closed', 'closed', 'PT409 wrong_state'))
as s (state, other, said);
select is(
  pg_temp.said(format('select execution.change_evaluation(%L, %L)', tests.evaluation_id('openopen'), 'closed'), ''),
  'PT409 wrong_state', 'one with a run that is running is not closed'
);

-- Who takes part.
select tests.make_model('extra');
select is(
  pg_temp.said(
    format('select execution.change_evaluation(%L, %s => %L)', tests.evaluation_id(name), argument, '["extra"]'), 'select ''done'''
  ),
  said, format('%s where it is %s', argument, state)
)
from (
  values
  ('draftdraft', 'draft', 'add_contenders', 'done'), ('draftdraft', 'draft', 'add_judges', 'done'),
  ('closedopen', 'open', 'add_contenders', 'PT409 wrong_state'), ('closedopen', 'open', 'add_judges', 'done'),
  ('closedclosed', 'closed', 'add_contenders', 'PT409 wrong_state'), ('closedclosed', 'closed', 'add_judges', 'PT409 wrong_state')
) as c (name, state, argument, said)
order by c.state, c.argument;

select * from finish();
rollback;
