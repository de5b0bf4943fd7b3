-- The rules of states, for whoever writes: the functions of schema execution, and direct SQL. What is read to decide is
-- locked, so that the other side of a race waits: in this order, evaluation before run.

create function ratebook.check_evaluation_state() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if tg_op = 'INSERT' then
    if new.state <> 'draft' then
      perform ratebook.wrong_state('An evaluation begins as a draft.', 'Choose contenders and judges, then open it.',
        'evaluation', new.state::text);
    end if;
    return new;
  end if;
  -- What its scores mean is decided before there are any.
  if old.state <> 'draft' and (new.allows_self_judging, new.feature_key is null)
    is distinct from (old.allows_self_judging, old.feature_key is null) then
    perform ratebook.wrong_state('Self-judging and feature are decided in draft.', 'Make another evaluation.',
      'evaluation', old.state::text);
  end if;
  if new.state = old.state then
    return new;
  elsif (old.state, new.state) not in (('draft', 'open'), ('open', 'closed'), ('closed', 'open')) then
    perform ratebook.wrong_state(format('An evaluation does not go from %s to %s.', old.state, new.state),
      'From draft to open, and between open and closed.', 'evaluation', old.state::text);
  elsif new.state = 'open' and not (
    exists (
      select from execution.contenders as c
      where c.evaluation_id = new.id and c.lenser_id is not distinct from new.lenser_id
    )
    and exists (
      select from execution.judges as j
      where j.evaluation_id = new.id and j.lenser_id is not distinct from new.lenser_id
    )
  ) then
    perform ratebook.wrong_state('There is nothing to evaluate.', 'Add a contender and a judge first.',
      'evaluation', old.state::text);
  elsif new.state = 'closed' and exists (
    select from execution.runs as r
    where r.evaluation_id = new.id and r.lenser_id is not distinct from new.lenser_id and r.state = 'running'
  ) then
    perform ratebook.wrong_state('A run is still running.', 'Finish or cancel it first.', 'run', 'running');
  end if;
  new.opened_at := case new.state when 'open' then ratebook.clock() else old.opened_at end;
  new.closed_at := case new.state when 'closed' then greatest(ratebook.clock(), new.opened_at) end;
  return new;
end;
$$;

-- Who takes part, as a row of contenders or judges comes, changes or goes.
create function ratebook.check_participant() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_row jsonb := to_jsonb(case tg_op when 'DELETE' then old else new end);
  v_state execution.evaluation_state_enum;
begin
  select e.state into v_state
  from execution.evaluations as e
  where
    e.id = (v_row ->> 'evaluation_id')::uuid and e.lenser_id is not distinct from (v_row ->> 'lenser_id')::uuid
  for share;
  -- One that is gone takes all with it; one that never was is the foreign key's to refuse.
  if v_state <> 'draft' and not (tg_table_name = 'judges' and tg_op = 'INSERT' and v_state = 'open') then
    perform ratebook.wrong_state(
      format('The %s of an evaluation that is %s do not change so.', tg_table_name, v_state),
      'Contenders are chosen in draft; judges until it is closed, and taken away in draft.', 'evaluation', v_state::text
    );
  end if;
  return case tg_op when 'DELETE' then old else new end;
end;
$$;

create function ratebook.check_run_state() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_state execution.evaluation_state_enum;
begin
  if tg_op = 'INSERT' then
    select e.state into v_state
    from execution.evaluations as e
    where e.id = new.evaluation_id and e.lenser_id is not distinct from new.lenser_id
    for share;
    if v_state <> 'open' then
      perform ratebook.wrong_state(format('The evaluation is %s.', v_state), 'Open it first.', 'evaluation', v_state::text);
    elsif new.state <> 'running' then
      perform ratebook.wrong_state('A run begins as running.', null, 'run', new.state::text);
    end if;
  elsif new.state <> old.state and old.state <> 'running' then
    perform ratebook.wrong_state(format('A run that is %s stays so.', old.state), 'Start another.', 'run', old.state::text);
  end if;
  return new;
end;
$$;

-- A submission, or a score: of a run that is running.
create function ratebook.check_running() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_state execution.run_state_enum;
begin
  select r.state into v_state
  from execution.runs as r
  where r.id = new.run_id and r.lenser_id is not distinct from new.lenser_id
  for share;
  if v_state <> 'running' then
    perform ratebook.wrong_state(format('The run is %s.', v_state), 'Start another.', 'run', v_state::text);
  end if;
  return new;
end;
$$;

create function ratebook.is_same_model(p_model_id uuid, p_other_id uuid) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Two rows that were merged, or one that succeeded the other, are one.
  return p_model_id = p_other_id
    or ratebook.heir(p_model_id, ratebook.clock()) = ratebook.heir(p_other_id, ratebook.clock());
end;
$$;

create function ratebook.assert_not_self_judging(
  p_evaluation execution.evaluations, p_judge execution.judges, p_contender_id uuid, p_submission_id uuid
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A profile takes part with its model.
  if not p_evaluation.allows_self_judging and p_judge.model_id is not null and exists (
    select from execution.contenders as c
    where
      c.id = p_contender_id
      and c.lenser_id is not distinct from p_evaluation.lenser_id
      and ratebook.is_same_model(c.model_id, p_judge.model_id)
  ) then
    perform ratebook.fail('self_judging', 'A model does not judge what it answered itself.',
      'Let another judge score it, or make an evaluation that allows it.',
      jsonb_build_object('judge', p_judge.id, 'submission', p_submission_id));
  end if;
end;
$$;

create function ratebook.check_judge() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_evaluation execution.evaluations;
  v_judge execution.judges;
begin
  select e.* into v_evaluation
  from execution.evaluations as e
  where e.id = new.evaluation_id and e.lenser_id is not distinct from new.lenser_id;
  select j.* into v_judge
  from execution.judges as j
  where j.id = new.judge_id and j.lenser_id is not distinct from new.lenser_id;
  if (v_judge.model_id is null) <> (new.generation_id is null) then
    perform ratebook.fail('invalid_argument', 'A model judges with a generation, and a person without.');
  end if;
  perform ratebook.assert_not_self_judging(
    v_evaluation, v_judge,
    (
      select s.contender_id from execution.submissions as s
      where s.id = new.submission_id and s.lenser_id is not distinct from new.lenser_id
    ),
    new.submission_id
  );
  return new;
end;
$$;

revoke all on function ratebook.check_evaluation_state() from public;
revoke all on function ratebook.check_participant() from public;
revoke all on function ratebook.check_run_state() from public;
revoke all on function ratebook.check_running() from public;
revoke all on function ratebook.check_judge() from public;
revoke all on function ratebook.is_same_model(uuid, uuid) from public;
revoke all on function ratebook.assert_not_self_judging(
  execution.evaluations, execution.judges, uuid, uuid
) from public;

create trigger evaluations_check_state before insert or update of state, allows_self_judging, feature_key
on execution.evaluations
for each row execute function ratebook.check_evaluation_state();
-- Which columns: what is kept in step with the evaluation is no change of it.
create trigger contenders_check before insert or delete or update of id, number, name, model_id, profile_id
on execution.contenders
for each row execute function ratebook.check_participant();
create trigger judges_check before insert or delete or update of id, name, model_id, person_id, added_at
on execution.judges
for each row execute function ratebook.check_participant();
create trigger runs_check_state before insert or update of state on execution.runs
for each row execute function ratebook.check_run_state();
create trigger submissions_check_running before insert on execution.submissions
for each row execute function ratebook.check_running();
create trigger scores_check_judge before insert on execution.scores
for each row execute function ratebook.check_judge();
create trigger scores_check_running before insert on execution.scores
for each row execute function ratebook.check_running();

comment on function ratebook.check_evaluation_state() is
'Row trigger: an evaluation begins as a draft, is opened once somebody takes part and judges, and is closed once nothing runs; what scores mean is decided in draft. Sets opened_at and closed_at. Error: wrong_state (PT409).';
comment on function ratebook.check_participant() is
'Row trigger: contenders are chosen in draft, judges until the evaluation is closed, and taken away in draft. Error: wrong_state (PT409).';
comment on function ratebook.check_run_state() is
'Row trigger: a run starts while its evaluation is open, and ends once. Error: wrong_state (PT409).';
comment on function ratebook.check_running() is
'Row trigger: submissions and scores are of a run that is running, and one that is being finished is waited for. Error: wrong_state (PT409).';
comment on function ratebook.check_judge() is
'Row trigger: who judged, how, and not itself. Errors: invalid_argument (PT422), self_judging (PT409).';
comment on function ratebook.assert_not_self_judging(execution.evaluations, execution.judges, uuid, uuid) is
'Refuses a model that judges what it answered itself, also by way of a profile, unless the evaluation allows it. Error: self_judging (PT409).';
comment on function ratebook.is_same_model(uuid, uuid) is
'Whether two rows of ai.models are one model by now: the same, or of one succession.';
