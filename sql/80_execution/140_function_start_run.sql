create function ratebook.start_run(p_evaluation uuid, p_key text, p_owner uuid) returns setof execution.runs
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only these functions write the tables of schema execution.
declare
  v_owner constant uuid := ratebook.evaluation_owner('evaluation', p_evaluation, p_owner);
  v_evaluation execution.evaluations := ratebook.find_evaluation(p_evaluation, v_owner, 'evaluation', p_evaluation);
  v_run execution.runs;
begin
  perform ratebook.assert_may_manage(v_evaluation);
  if ratebook.is_name(p_key) is not true then
    perform ratebook.fail('invalid_argument', 'A run has a key of at most 255 characters.', 'Such as the date, or the commit.');
  end if;
  -- One that is being closed is waited for, and the other way round.
  perform from execution.evaluations as e where e.id = p_evaluation and e.lenser_id is not distinct from v_owner for share;
  -- A start that was answered is answered again, whatever has become of the evaluation since.
  select r.* into v_run
  from execution.runs as r
  where r.evaluation_id = p_evaluation and r.key = p_key and r.lenser_id is not distinct from v_owner;
  if not found then
    insert into execution.runs (lenser_id, evaluation_id, visibility, key)
    select e.lenser_id, e.id, e.visibility, p_key
    from execution.evaluations as e
    where e.id = p_evaluation and e.lenser_id is not distinct from v_owner
    on conflict (evaluation_id, key) do nothing
    returning * into v_run;
    if not found then
      select r.* into v_run
      from execution.runs as r
      where r.evaluation_id = p_evaluation and r.key = p_key and r.lenser_id is not distinct from v_owner;
    end if;
  end if;
  return next v_run;
end;
$$;

create function execution.start_run(evaluation uuid, key text, owner uuid default null) returns setof execution.runs
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select r.* from ratebook.start_run(evaluation, key, owner) as r;
end;

revoke all on function ratebook.start_run(uuid, text, uuid) from public;
revoke all on function execution.start_run(uuid, text, uuid) from public;
grant execute on function ratebook.start_run(uuid, text, uuid) to authenticated, service_role;
grant execute on function execution.start_run(uuid, text, uuid) to authenticated, service_role;

comment on function ratebook.start_run(uuid, text, uuid) is 'The rule behind execution.start_run().';
comment on function execution.start_run(uuid, text, uuid) is
'For the evaluation''s owner, admins and the service role. Starts a run of an open evaluation. evaluation: its id. key: the run''s name, such as a date; the same again returns the run that has it, as it is by now. owner: the evaluation''s lenser. Returns the row of execution.runs. Errors: unknown_evaluation (PT404), wrong_state (PT409), invalid_argument, owner_required (PT422), not_allowed (42501).';
