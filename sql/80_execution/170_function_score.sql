create function ratebook.judge_of(p_evaluation execution.evaluations, p_judge text) returns execution.judges
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_judges execution.judges[];
begin
  -- A person judges in their own name and in no other's.
  if ratebook.caller() in ('anon', 'authenticated') then
    select array_agg(j) into v_judges
    from execution.judges as j
    where
      j.evaluation_id = p_evaluation.id
      and j.lenser_id is not distinct from p_evaluation.lenser_id
      and j.person_id = ratebook.uid()
      and (p_judge is null or p_judge in (j.id::text, j.name));
    if v_judges is null then
      perform ratebook.fail('not_allowed', 'You are no judge of this evaluation, or not that one.',
        'A person scores in their own name; models'' scores are the service role''s to record.');
    end if;
    return v_judges[1];
  end if;
  select array_agg(j) into v_judges
  from execution.judges as j
  where
    j.evaluation_id = p_evaluation.id
    and j.lenser_id is not distinct from p_evaluation.lenser_id
    and (
      p_judge in (j.id::text, j.name)
      or j.model_id = any(ratebook.model_ids(p_judge, true))
      or j.model_id = (select m.id from ai.models as m where m.key = p_judge)
    );
  if cardinality(v_judges) is distinct from 1 then
    perform ratebook.unknown_part('judge', p_judge);
  elsif v_judges[1].person_id is not null then
    perform ratebook.fail('not_allowed', 'A person scores in their own name.', 'Call it with the person''s token.');
  end if;
  return v_judges[1];
end;
$$;

create function ratebook.score(
  p_submission uuid, p_value numeric, p_rationale text, p_judge text, p_work jsonb, p_owner uuid
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: only these functions write the tables of schema execution, and a judge may score what is private.
declare
  v_owner constant uuid := ratebook.evaluation_owner('submission', p_submission, p_owner);
  v_submission execution.submissions;
  v_evaluation execution.evaluations;
  v_judge execution.judges;
  v_request constant jsonb := ratebook.marked(
    p_work || jsonb_build_object('value', trim_scale(p_value), 'rationale', p_rationale)
  );
  v_answer jsonb;
  v_score_id constant uuid := ratebook.uuid_v7();
begin
  select s.* into v_submission
  from execution.submissions as s
  where s.id = p_submission and s.lenser_id is not distinct from v_owner;
  -- Evaluation before run, as everybody locks them.
  select e.* into v_evaluation
  from execution.evaluations as e
  where e.id = v_submission.evaluation_id and e.lenser_id is not distinct from v_owner
  for key share;
  -- One who neither reads it nor judges in it learns nothing of it.
  if v_evaluation.id is null or not (
    v_evaluation.visibility = 'public'
    or ratebook.may_manage(v_evaluation)
    or exists (
      select from execution.judges as j
      where j.evaluation_id = v_evaluation.id and j.lenser_id is not distinct from v_owner and j.person_id = ratebook.uid()
    )
  ) then
    perform ratebook.unknown_part('submission', p_submission::text);
  end if;
  v_judge := ratebook.judge_of(v_evaluation, p_judge);
  -- What is said: NaN is no score, and a person's costs nothing.
  if ratebook.is_amount(p_value) is not true or ratebook.is_text(p_rationale) is false then
    perform ratebook.fail('invalid_argument', 'A score is a number from -1e12 to 1e12 with at most 30 decimals, and a rationale of 10,000 characters.');
  elsif v_judge.person_id is not null and jsonb_strip_nulls(p_work - 'estimated') <> jsonb '{}' then
    perform ratebook.fail('not_allowed', 'A person judges without a generation.', 'Pass value and rationale only.');
  end if;
  -- One who was erased says nothing more.
  if v_judge.person_id is not null then
    perform ratebook.assert_not_erased(array[v_judge.person_id]);
  end if;

  -- A finish under way is waited for, and waits for this. What was answered is answered again, also after it.
  perform from execution.runs as r
  where r.id = v_submission.run_id and r.lenser_id is not distinct from v_owner
  for share;
  v_answer := ratebook.recall_evaluation(p_submission, v_owner, v_judge.id::text, v_request);
  if v_answer is not null then
    return v_answer;
  end if;
  perform ratebook.assert_running(v_submission.run_id, v_owner);
  perform ratebook.assert_not_self_judging(v_evaluation, v_judge, v_submission.contender_id, p_submission);
  -- From here on another call for the same waits, and then gets this answer.
  v_answer := ratebook.claim_evaluation(v_evaluation, p_submission, v_judge.id::text, v_request);
  if v_answer is not null then
    return v_answer;
  end if;
  v_answer := jsonb_build_object(
    'score_id', v_score_id, 'submission_id', p_submission, 'judge_id', v_judge.id, 'value', trim_scale(p_value)::text
  );
  if v_judge.model_id is not null then
    v_answer := v_answer || ratebook.record_generation(v_evaluation, v_judge.model_id, p_work);
  end if;
  -- The score, which nobody changes.
  begin
    insert into execution.scores (
      id, lenser_id, evaluation_id, visibility, run_id, submission_id, judge_id, value, rationale, generation_id
    ) values (
      v_score_id, v_owner, v_evaluation.id, v_evaluation.visibility, v_submission.run_id, p_submission, v_judge.id,
      trim_scale(p_value), p_rationale, (v_answer ->> 'generation_id')::uuid
    );
  exception
    when unique_violation then
      perform ratebook.fail('idempotency_conflict', 'The generation is another judgement already.', null,
        jsonb_build_object('generation', p_work -> 'generation'));
  end;
  return ratebook.answer_evaluation(p_submission, v_owner, v_judge.id::text, v_answer);
end;
$$;

create function execution.score(
  submission uuid,
  value numeric,
  rationale text default null,
  judge text default null,
  account uuid default null,
  usage jsonb default null,
  format text default null,
  service_tier text default null,
  variant text default null,
  region text default null,
  generation uuid default null,
  prompt text default null,
  output text default null,
  latency_ms integer default null,
  estimated boolean default false,
  reported_cost numeric default null,
  reported_currency text default null,
  account_owner uuid default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.score(
    submission, value, rationale, judge,
    jsonb_build_object(
      'account', account, 'usage', usage, 'format', format, 'service_tier', service_tier, 'variant', variant,
      'region', region, 'generation', generation, 'prompt', prompt, 'output', output, 'latency_ms', latency_ms,
      'estimated', estimated, 'reported_cost', trim_scale(reported_cost), 'reported_currency', reported_currency,
      'account_owner', account_owner
    ),
    owner
  );
end;

revoke all on function ratebook.judge_of(execution.evaluations, text) from public;
revoke all on function ratebook.score(uuid, numeric, text, text, jsonb, uuid) from public;
revoke all on function execution.score(
  uuid, numeric, text, text, uuid, jsonb, text, text, text, text, uuid, text, text, integer, boolean, numeric, text, uuid,
  uuid
) from public;
grant execute on function ratebook.score(uuid, numeric, text, text, jsonb, uuid) to authenticated, service_role;
grant execute on function execution.score(
  uuid, numeric, text, text, uuid, jsonb, text, text, text, text, uuid, text, text, integer, boolean, numeric, text, uuid,
  uuid
) to authenticated, service_role;

comment on function ratebook.judge_of(execution.evaluations, text) is
'The judge in whose name the caller scores: for a signed-in user their own row, for the service role a model by id, name or model. Errors: not_allowed (42501), unknown_judge (PT404).';
comment on function ratebook.score(uuid, numeric, text, text, jsonb, uuid) is 'The rule behind execution.score().';
comment on function execution.score(
  uuid, numeric, text, text, uuid, jsonb, text, text, text, text, uuid, text, text, integer, boolean, numeric, text, uuid,
  uuid
) is
'Records what a judge made of a submission: of a model, for the service role, in one transaction with its generation, charge and ledger; of a person, for that person, signed in. The same call again returns the first answer, also after the run has ended; another score of the same judge is refused. submission: its id. value: how good it is, more is better. rationale: why. judge: its id or name, or its model; a person leaves it out. account: who pays for a model''s judgement, and with it usage, format, service_tier, variant, region, prompt, output, latency_ms, estimated, reported_cost, reported_currency and account_owner: as in execution.submit(). generation: one of the evaluation''s owner and of that model, which is charged where account is given, and taken as it is where it is not. owner: the evaluation''s lenser. Returns score_id, submission_id, judge_id, value (a string), and for a model what billing.charge_generation() returns. Errors: unknown_submission, unknown_judge (PT404), wrong_state, self_judging, idempotency_conflict (PT409), invalid_argument, owner_required (PT422), not_allowed, erased_lenser (42501), and those of billing.charge_generation(): unknown_account, unknown_generation (PT404), insufficient_credits, budget_exceeded (PT402), inactive_model, already_charged (PT409), no_price (PT422).';
