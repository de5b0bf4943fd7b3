create function ratebook.evaluation_owner(p_kind text, p_id uuid, p_owner uuid) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner uuid := p_owner;
begin
  if p_owner is not null then
    return p_owner;
  end if;
  perform ratebook.require_owner();
  -- The one place that asks by id alone; whatever follows names the lenser.
  if p_kind = 'evaluation' then
    select e.lenser_id into v_owner from execution.evaluations as e where e.id = p_id;
  elsif p_kind = 'run' then
    select r.lenser_id into v_owner from execution.runs as r where r.id = p_id;
  elsif p_kind = 'submission' then
    select s.lenser_id into v_owner from execution.submissions as s where s.id = p_id;
  elsif p_kind = 'judge' then
    select j.lenser_id into v_owner from execution.judges as j where j.id = p_id;
  end if;
  return v_owner;
end;
$$;

create function ratebook.unknown_part(p_kind text, p_name text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_message constant text := format('There is no %s %s.', p_kind, left(coalesce(p_name, 'without a name'), 100));
  v_detail constant jsonb := jsonb_build_object(p_kind, left(p_name, 100));
begin
  if p_kind = 'evaluation' then
    perform ratebook.fail('unknown_evaluation', v_message, null, v_detail);
  elsif p_kind = 'run' then
    perform ratebook.fail('unknown_run', v_message, null, v_detail);
  elsif p_kind = 'contender' then
    perform ratebook.fail('unknown_contender', v_message, null, v_detail);
  elsif p_kind = 'judge' then
    perform ratebook.fail('unknown_judge', v_message, null, v_detail);
  elsif p_kind = 'submission' then
    perform ratebook.fail('unknown_submission', v_message, null, v_detail);
  end if;
end;
$$;

create function ratebook.may_manage(p_evaluation execution.evaluations) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_evaluation.lenser_id is not distinct from ratebook.uid() or ratebook.is_privileged();
end;
$$;

-- The row that the caller may read, or the same refusal for another's as for none. p_kind and p_id: what the caller named.
create function ratebook.find_evaluation(p_id uuid, p_owner uuid, p_kind text, p_name uuid) returns execution.evaluations
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_evaluation execution.evaluations;
begin
  select e.* into v_evaluation
  from execution.evaluations as e
  where e.id = p_id and e.lenser_id is not distinct from p_owner;
  if not found or not (v_evaluation.visibility = 'public' or ratebook.may_manage(v_evaluation)) then
    perform ratebook.unknown_part(p_kind, p_name::text);
  end if;
  return v_evaluation;
end;
$$;

create function ratebook.assert_may_manage(p_evaluation execution.evaluations) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not ratebook.may_manage(p_evaluation) then
    perform ratebook.fail('not_allowed', 'This is for the evaluation''s owner, admins and the service role.');
  end if;
end;
$$;

revoke all on function ratebook.evaluation_owner(text, uuid, uuid) from public;
revoke all on function ratebook.unknown_part(text, text) from public;
revoke all on function ratebook.may_manage(execution.evaluations) from public;
revoke all on function ratebook.find_evaluation(uuid, uuid, text, uuid) from public;
revoke all on function ratebook.assert_may_manage(execution.evaluations) from public;

comment on function ratebook.evaluation_owner(text, uuid, uuid) is
'The owner of an evaluation, run, submission or judge: as the caller names it, which is taken at its word, or else looked up by the id; NULL for a row that is not there. Error: owner_required (PT422).';
comment on function ratebook.unknown_part(text, text) is
'Refuses what is not there, or not the caller''s to know of. Errors: unknown_evaluation, unknown_run, unknown_contender, unknown_judge, unknown_submission (PT404).';
comment on function ratebook.may_manage(execution.evaluations) is
'Whether the caller is the owner of an evaluation, an admin or the service role.';
comment on function ratebook.find_evaluation(uuid, uuid, text, uuid) is
'An evaluation that the caller may read; p_kind and p_name are what the refusal names: those of ratebook.unknown_part().';
comment on function ratebook.assert_may_manage(execution.evaluations) is
'Refuses all but those of ratebook.may_manage(). Error: not_allowed (42501).';
