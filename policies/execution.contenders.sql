alter table execution.contenders enable row level security;

-- Functions of schema execution write it.
revoke all on execution.contenders from public, anon, authenticated, service_role;
grant select on execution.contenders to anon;
grant select on execution.contenders to authenticated, service_role;

-- What is public is everybody's to read: each condition has an index.
create policy contenders_select_public on execution.contenders for select to anon
using (visibility = 'public');
create policy contenders_select_own_or_public on execution.contenders for select to authenticated
using (
  lenser_id = (select ratebook.uid()) or visibility = 'public'
);
