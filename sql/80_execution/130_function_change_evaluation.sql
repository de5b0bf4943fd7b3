create function ratebook.change_evaluation(
  p_evaluation uuid,
  p_state execution.evaluation_state_enum,
  p_visibility execution.visibility_enum,
  p_name text,
  p_description text,
  p_add_contenders jsonb,
  p_add_judges jsonb,
  p_owner uuid
) returns setof execution.evaluations
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only these functions write the tables of schema execution.
declare
  v_owner constant uuid := ratebook.evaluation_owner('evaluation', p_evaluation, p_owner);
  v_evaluation execution.evaluations := ratebook.find_evaluation(p_evaluation, v_owner, 'evaluation', p_evaluation);
begin
  perform ratebook.assert_may_manage(v_evaluation);
  if ratebook.is_name(p_name) is false or ratebook.is_text(p_description) is false then
    perform ratebook.fail('invalid_argument', 'An evaluation has a name of at most 255 characters, and a description of 10,000.');
  end if;
  -- Two who choose at the same time go one after the other.
  select e.* into v_evaluation
  from execution.evaluations as e
  where e.id = p_evaluation and e.lenser_id is not distinct from v_owner
  for update;
  perform ratebook.add_participants(v_evaluation, coalesce(p_add_contenders, '[]'), coalesce(p_add_judges, '[]'));
  update execution.evaluations as e
  set
    state = coalesce(p_state, e.state),
    visibility = coalesce(p_visibility, e.visibility),
    name = coalesce(p_name, e.name),
    description = coalesce(p_description, e.description)
  where
    e.id = p_evaluation
    and e.lenser_id is not distinct from v_owner
    -- What is so already is no change.
    and (e.state, e.visibility, e.name, e.description) is distinct from (
      coalesce(p_state, e.state), coalesce(p_visibility, e.visibility), coalesce(p_name, e.name),
      coalesce(p_description, e.description)
    )
  returning e.* into v_evaluation;
  if not found then
    select e.* into v_evaluation
    from execution.evaluations as e
    where e.id = p_evaluation and e.lenser_id is not distinct from v_owner;
  end if;
  return next v_evaluation;
exception
  when unique_violation then
    perform ratebook.fail('invalid_argument', 'The owner has an evaluation of that name.', 'Take another name.');
end;
$$;

create function execution.change_evaluation(
  evaluation uuid,
  state execution.evaluation_state_enum default null,
  visibility execution.visibility_enum default null,
  name text default null,
  description text default null,
  add_contenders jsonb default null,
  add_judges jsonb default null,
  owner uuid default null
) returns setof execution.evaluations
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select e.*
  from ratebook.change_evaluation(
    evaluation, state, visibility, name, description, add_contenders, add_judges, owner
  ) as e;
end;

revoke all on function ratebook.change_evaluation(
  uuid, execution.evaluation_state_enum, execution.visibility_enum, text, text, jsonb, jsonb, uuid
) from public;
revoke all on function execution.change_evaluation(
  uuid, execution.evaluation_state_enum, execution.visibility_enum, text, text, jsonb, jsonb, uuid
) from public;
grant execute on function ratebook.change_evaluation(
  uuid, execution.evaluation_state_enum, execution.visibility_enum, text, text, jsonb, jsonb, uuid
) to authenticated, service_role;
grant execute on function execution.change_evaluation(
  uuid, execution.evaluation_state_enum, execution.visibility_enum, text, text, jsonb, jsonb, uuid
) to authenticated, service_role;

comment on function ratebook.change_evaluation(
  uuid, execution.evaluation_state_enum, execution.visibility_enum, text, text, jsonb, jsonb, uuid
) is 'The rule behind execution.change_evaluation().';
comment on function execution.change_evaluation(
  uuid, execution.evaluation_state_enum, execution.visibility_enum, text, text, jsonb, jsonb, uuid
) is
'For the evaluation''s owner, admins and the service role. Changes what is given; the same again changes nothing. evaluation: its id. state: open (from draft, once a contender and a judge are there, or again from closed) or closed (once no run is running). visibility: private or public. name: unique among the owner''s. description: for people. add_contenders: as in execution.create_evaluation(), in draft. add_judges: as there, until it is closed. owner: the evaluation''s lenser. Returns the row of execution.evaluations. Errors: unknown_evaluation, unknown_model, unknown_lenser (PT404), wrong_state, ambiguous_model (PT409), invalid_argument, owner_required (PT422), not_allowed (42501).';
