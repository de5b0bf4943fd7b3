alter table execution.submissions enable row level security;

-- Functions of schema execution write it.
revoke all on execution.submissions from public, anon, authenticated, service_role;
grant select on execution.submissions to anon;
grant select on execution.submissions to authenticated, service_role;

-- What is public is everybody's to read: each condition has an index.
create policy submissions_select_public on execution.submissions for select to anon
using (visibility = 'public');
create policy submissions_select_own_or_public on execution.submissions for select to authenticated
using (
  lenser_id = (select ratebook.uid()) or visibility = 'public'
);
