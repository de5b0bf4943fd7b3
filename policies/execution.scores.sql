alter table execution.scores enable row level security;

-- Functions of schema execution write it.
revoke all on execution.scores from public, anon, authenticated, service_role;
grant select on execution.scores to anon;
grant select on execution.scores to authenticated, service_role;

-- What is public is everybody's to read: each condition has an index.
create policy scores_select_public on execution.scores for select to anon
using (visibility = 'public');
create policy scores_select_own_or_public on execution.scores for select to authenticated
using (
  lenser_id = (select ratebook.uid()) or visibility = 'public'
);
