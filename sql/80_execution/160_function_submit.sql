create function ratebook.contender_id(p_evaluation execution.evaluations, p_contender text) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid[];
begin
  -- Its own names before its model's, which several profiles may share.
  select array_agg(c.id) into v_ids
  from execution.contenders as c
  where
    c.evaluation_id = p_evaluation.id
    and c.lenser_id is not distinct from p_evaluation.lenser_id
    and p_contender in (c.id::text, c.name);
  if v_ids is null then
    select array_agg(c.id) into v_ids
    from execution.contenders as c
    where
      c.evaluation_id = p_evaluation.id
      and c.lenser_id is not distinct from p_evaluation.lenser_id
      and (
        c.model_id = any(ratebook.model_ids(p_contender, true))
        -- By the key that it has, also once the name leads on to a successor.
        or c.model_id = (select m.id from ai.models as m where m.key = p_contender)
      );
  end if;
  if cardinality(v_ids) is distinct from 1 then
    perform ratebook.unknown_part('contender', p_contender);
  end if;
  return v_ids[1];
end;
$$;

create function ratebook.submit(
  p_run uuid, p_contender text, p_case_key text, p_work jsonb, p_owner uuid
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: only these functions write the tables of schema execution. Service role only.
declare
  v_owner constant uuid := ratebook.evaluation_owner('run', p_run, p_owner);
  v_evaluation execution.evaluations;
  v_contender_id uuid;
  v_slot text;
  v_request constant jsonb := ratebook.marked(p_work);
  v_answer jsonb;
  v_submission_id constant uuid := ratebook.uuid_v7();
begin
  -- Evaluation before run, as everybody locks them: a change of visibility writes both.
  select e.* into v_evaluation
  from execution.runs as r
  inner join execution.evaluations as e on e.id = r.evaluation_id and e.lenser_id = r.lenser_id
  where r.id = p_run and r.lenser_id is not distinct from v_owner
  for key share of e;
  if not found then
    perform ratebook.unknown_part('run', p_run::text);
  elsif ratebook.is_name(p_case_key) is not true then
    perform ratebook.fail('invalid_argument', 'A case has a key of at most 255 characters.');
  end if;
  v_contender_id := ratebook.contender_id(v_evaluation, p_contender);
  v_slot := v_contender_id || ' ' || p_case_key;
  -- A finish under way is waited for, and waits for this. What was answered is answered again, also after it.
  perform from execution.runs as r where r.id = p_run and r.lenser_id is not distinct from v_owner for share;
  v_answer := ratebook.recall_evaluation(p_run, v_owner, v_slot, v_request);
  if v_answer is not null then
    return v_answer;
  end if;
  perform ratebook.assert_running(p_run, v_owner);
  v_answer := ratebook.claim_evaluation(v_evaluation, p_run, v_slot, v_request);
  if v_answer is not null then
    return v_answer;
  end if;
  v_answer := jsonb_build_object(
    'submission_id', v_submission_id, 'run_id', p_run, 'contender_id', v_contender_id, 'case_key', p_case_key
  ) || ratebook.record_generation(
    v_evaluation,
    (
      select c.model_id from execution.contenders as c
      where c.id = v_contender_id and c.lenser_id is not distinct from v_owner
    ),
    p_work
  );
  begin
    insert into execution.submissions (
      id, lenser_id, evaluation_id, visibility, run_id, contender_id, case_key, generation_id
    ) values (
      v_submission_id, v_owner, v_evaluation.id, v_evaluation.visibility, p_run, v_contender_id, p_case_key,
      (v_answer ->> 'generation_id')::uuid
    );
  exception
    when unique_violation then
      perform ratebook.fail('idempotency_conflict', 'The generation is another submission already.', null,
        jsonb_build_object('generation', p_work -> 'generation'));
  end;
  return ratebook.answer_evaluation(p_run, v_owner, v_slot, v_answer);
end;
$$;

create function ratebook.assert_running(p_run uuid, p_owner uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_state execution.run_state_enum;
begin
  select r.state into v_state
  from execution.runs as r
  where r.id = p_run and r.lenser_id is not distinct from p_owner;
  if v_state <> 'running' then
    perform ratebook.wrong_state(format('The run is %s.', v_state), 'Start another.', 'run', v_state::text);
  end if;
end;
$$;

create function execution.submit(
  run uuid,
  contender text,
  case_key text,
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
  select ratebook.submit(
    run, contender, case_key,
    jsonb_build_object(
      'account', account, 'usage', usage, 'format', format, 'service_tier', service_tier, 'variant', variant,
      'region', region, 'generation', generation, 'prompt', prompt, 'output', output, 'latency_ms', latency_ms,
      'estimated', estimated, 'reported_cost', trim_scale(reported_cost), 'reported_currency', reported_currency,
      'account_owner', account_owner
    ),
    owner
  );
end;

revoke all on function ratebook.contender_id(execution.evaluations, text) from public;
revoke all on function ratebook.submit(uuid, text, text, jsonb, uuid) from public;
revoke all on function ratebook.assert_running(uuid, uuid) from public;
revoke all on function execution.submit(
  uuid, text, text, uuid, jsonb, text, text, text, text, uuid, text, text, integer, boolean, numeric, text, uuid, uuid
) from public;
grant execute on function ratebook.submit(uuid, text, text, jsonb, uuid) to service_role;
grant execute on function execution.submit(
  uuid, text, text, uuid, jsonb, text, text, text, text, uuid, text, text, integer, boolean, numeric, text, uuid, uuid
) to service_role;

comment on function ratebook.contender_id(execution.evaluations, text) is
'The contender of an evaluation by its id or name, or by its model where that takes part once. Error: unknown_contender (PT404).';
comment on function ratebook.submit(uuid, text, text, jsonb, uuid) is 'The rule behind execution.submit().';
comment on function ratebook.assert_running(uuid, uuid) is 'Refuses a run that has ended. Error: wrong_state (PT409).';
comment on function execution.submit(
  uuid, text, text, uuid, jsonb, text, text, text, text, uuid, text, text, integer, boolean, numeric, text, uuid, uuid
) is
'Service role only. Records what a contender answered to a case, in one transaction with its generation, charge and ledger. The same call again returns the first answer, also after the run has ended. run: its id. contender: its id or name, or its model where that takes part once. case_key: the case, by a name that is the same for all contenders. account: who pays, as in billing.charge_generation(); the spender is the evaluation''s owner, and the evaluation''s feature is the charge''s. usage: what was used; format, service_tier, variant, region, prompt, output, latency_ms, estimated, reported_cost and reported_currency: as there. generation: one of the evaluation''s owner and of that model, which is charged where account is given, and taken as it is where it is not. account_owner: the lenser of an account that is another''s than the evaluation''s owner. owner: the evaluation''s lenser. Returns submission_id, run_id, contender_id, case_key, and what billing.charge_generation() returns; charge_id and credits are null where nothing is charged. Errors: unknown_run, unknown_contender (PT404), wrong_state, idempotency_conflict (PT409), invalid_argument, owner_required (PT422), and those of billing.charge_generation(): unknown_account, unknown_generation (PT404), insufficient_credits, budget_exceeded (PT402), inactive_model, already_charged (PT409), no_price (PT422), not_allowed, erased_lenser (42501).';
