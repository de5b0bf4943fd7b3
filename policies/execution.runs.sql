alter table execution.runs enable row level security;

-- Functions of schema execution write it.
revoke all on execution.runs from public, anon, authenticated, service_role;
grant select on execution.runs to anon;
grant select on execution.runs to authenticated, service_role;

-- What is public is everybody's to read: each condition has an index.
create policy runs_select_public on execution.runs for select to anon
using (visibility = 'public');
create policy runs_select_own_or_public on execution.runs for select to authenticated
using (
  lenser_id = (select ratebook.uid()) or visibility = 'public'
);
