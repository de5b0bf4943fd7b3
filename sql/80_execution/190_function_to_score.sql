create function ratebook.to_score(p_run uuid, p_judge text, p_owner uuid) returns table (
  evaluation_id uuid,
  evaluation text,
  run_id uuid,
  run text,
  judge_id uuid,
  submission_id uuid,
  case_key text,
  prompt text,
  output text
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: a judge reads what is to be judged, of an evaluation and generations that are another's.
declare
  v_owner uuid;
  v_evaluation execution.evaluations;
  v_judges uuid[];
  v_is_person constant boolean := ratebook.caller() in ('anon', 'authenticated');
begin
  if v_is_person then
    -- All that wait for the caller, whoever asked for their judgement.
    v_judges := array(
      select j.id from execution.judges as j
      where j.person_id = ratebook.uid() and (p_judge is null or p_judge in (j.id::text, j.name))
    );
  else
    v_owner := ratebook.evaluation_owner('run', p_run, p_owner);
    select e.* into v_evaluation
    from execution.runs as r
    inner join execution.evaluations as e on e.id = r.evaluation_id and e.lenser_id = r.lenser_id
    where r.id = p_run and r.lenser_id is not distinct from v_owner;
    if v_evaluation.id is null then
      perform ratebook.unknown_part('run', p_run::text);
    end if;
    v_judges := array[(ratebook.judge_of(v_evaluation, p_judge)).id];
  end if;
  return query
  select e.id, e.name, r.id, r.key, j.id, s.id, s.case_key, g.prompt, g.output
  from execution.judges as j
  inner join execution.evaluations as e on e.id = j.evaluation_id and e.lenser_id = j.lenser_id
  inner join execution.runs as r
    on r.evaluation_id = e.id and r.lenser_id = j.lenser_id and r.state = 'running' and (p_run is null or r.id = p_run)
  inner join execution.submissions as s on s.evaluation_id = e.id and s.run_id = r.id and s.lenser_id = j.lenser_id
  inner join execution.contenders as c on c.id = s.contender_id and c.lenser_id = j.lenser_id
  left join lateral (
    select o.prompt, o.output from ai.generations as o where o.id = s.generation_id and o.lenser_id = j.lenser_id offset 0
  ) as g on true
  where
    j.id = any(v_judges)
    and not exists (
      select from execution.scores as x
      where x.submission_id = s.id and x.judge_id = j.id and x.lenser_id = j.lenser_id
    )
    and (e.allows_self_judging or j.model_id is null or not ratebook.is_same_model(j.model_id, c.model_id))
  -- Case by case, and in no order that tells whose it is.
  order by r.id, s.case_key, md5(s.id::text);
end;
$$;

create function execution.to_score(
  run uuid default null, judge text default null, owner uuid default null
) returns table (
  evaluation_id uuid,
  evaluation text,
  run_id uuid,
  run_key text,
  judge_id uuid,
  submission_id uuid,
  case_key text,
  prompt text,
  output text
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    s.evaluation_id,
    s.evaluation,
    s.run_id,
    s.run,
    s.judge_id,
    s.submission_id,
    s.case_key,
    s.prompt,
    s.output
  from ratebook.to_score(run, judge, owner) as s;
end;

revoke all on function ratebook.to_score(uuid, text, uuid) from public;
revoke all on function execution.to_score(uuid, text, uuid) from public;
grant execute on function ratebook.to_score(uuid, text, uuid) to authenticated, service_role;
grant execute on function execution.to_score(uuid, text, uuid) to authenticated, service_role;

comment on function ratebook.to_score(uuid, text, uuid) is 'The rule behind execution.to_score().';
comment on function execution.to_score(uuid, text, uuid) is
'What a judge has left to score in runs that are running: for a person, signed in, their own; for the service role, of a model. Whose a submission is, it does not tell. run: its id; a person may leave it out for all. judge: as in execution.score(). owner: the evaluation''s lenser. Returns evaluation_id, evaluation (its name), run_id, run_key, judge_id, submission_id, case_key, and prompt and output of the generation, NULL where they were not logged or are deleted. Errors: unknown_run, unknown_judge (PT404), owner_required (PT422), not_allowed (42501).';
