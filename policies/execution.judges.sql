alter table execution.judges enable row level security;

-- Functions of schema execution write it.
revoke all on execution.judges from public, anon, authenticated, service_role;
grant select on execution.judges to anon;
grant select on execution.judges to authenticated, service_role;

-- What is public is everybody's to read: each condition has an index.
create policy judges_select_public on execution.judges for select to anon
using (visibility = 'public' and model_id is not null);
create policy judges_select_own_or_public on execution.judges for select to authenticated
using (
  lenser_id = (select ratebook.uid())
  or person_id = (select ratebook.uid())
  or (visibility = 'public' and model_id is not null)
);
