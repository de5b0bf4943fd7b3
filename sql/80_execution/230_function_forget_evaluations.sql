create function ratebook.forget_evaluations() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: whoever erases a lenser has no rights to their evaluations.
begin
  -- The rows of a score outlive who gave it, as money outlives who paid: others' leaderboards stand on them.
  update execution.scores as x
  set rationale = null
  from execution.judges as j
  where j.person_id = new.id and x.judge_id = j.id and x.lenser_id = j.lenser_id and x.rationale is not null;
  delete from execution.evaluations as e where e.lenser_id = new.id;
  return null;
end;
$$;

revoke all on function ratebook.forget_evaluations() from public;

create trigger profiles_forget_evaluations after update of erased_at on lensers.profiles
for each row when (new.erased_at is not null)
execute function ratebook.forget_evaluations();

comment on function ratebook.forget_evaluations() is
'Row trigger: ai.erase_lenser() takes the evaluations of the lenser with it, whose charges stay, and of scores that they gave to others'' submissions the rationale.';
