alter table execution.evaluations enable row level security;

-- Functions of schema execution write it.
revoke all on execution.evaluations from public, anon, authenticated, service_role;
grant select on execution.evaluations to anon;
grant select, delete on execution.evaluations to authenticated, service_role;

-- What is public is everybody's to read: each condition has an index.
create policy evaluations_select_public on execution.evaluations for select to anon
using (visibility = 'public');
create policy evaluations_select_own_or_public on execution.evaluations for select to authenticated
using (
  lenser_id = (select ratebook.uid()) or visibility = 'public'
);
create policy evaluations_delete_own on execution.evaluations for delete to authenticated
using (lenser_id = (select ratebook.uid()));
