create function ratebook.finish_run(p_run uuid, p_state execution.run_state_enum, p_owner uuid) returns setof execution.runs
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only these functions write the tables of schema execution.
declare
  v_owner constant uuid := ratebook.evaluation_owner('run', p_run, p_owner);
  v_run execution.runs;
begin
  select r.* into v_run from execution.runs as r where r.id = p_run and r.lenser_id is not distinct from v_owner;
  perform ratebook.assert_may_manage(ratebook.find_evaluation(v_run.evaluation_id, v_owner, 'run', p_run));
  if p_state is null or p_state = 'running' then
    perform ratebook.fail('invalid_argument', 'A run ends as finished or as cancelled.');
  end if;
  -- Waits for what is being submitted and scored, and is waited for.
  select r.* into v_run
  from execution.runs as r
  where r.id = p_run and r.lenser_id is not distinct from v_owner
  for update;
  if v_run.state <> p_state then
    update execution.runs as r
    set state = p_state, ended_at = greatest(ratebook.clock(), r.started_at)
    where r.id = p_run and r.lenser_id is not distinct from v_owner
    returning r.* into v_run;
  end if;
  return next v_run;
end;
$$;

create function execution.finish_run(
  run uuid, state execution.run_state_enum default 'finished', owner uuid default null
) returns setof execution.runs
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select r.* from ratebook.finish_run(run, state, owner) as r;
end;

revoke all on function ratebook.finish_run(uuid, execution.run_state_enum, uuid) from public;
revoke all on function execution.finish_run(uuid, execution.run_state_enum, uuid) from public;
grant execute on function ratebook.finish_run(uuid, execution.run_state_enum, uuid) to authenticated, service_role;
grant execute on function execution.finish_run(uuid, execution.run_state_enum, uuid) to authenticated, service_role;

comment on function ratebook.finish_run(uuid, execution.run_state_enum, uuid) is 'The rule behind execution.finish_run().';
comment on function execution.finish_run(uuid, execution.run_state_enum, uuid) is
'For the evaluation''s owner, admins and the service role. Ends a run for good; the same again changes nothing. run: its id. state: finished, or cancelled, and then it counts in no leaderboard; what it cost stays. owner: the evaluation''s lenser. Returns the row of execution.runs. Errors: unknown_run (PT404), wrong_state (PT409) for one that has ended otherwise, invalid_argument, owner_required (PT422), not_allowed (42501).';
