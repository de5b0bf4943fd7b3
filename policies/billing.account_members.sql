alter table billing.account_members enable row level security;

revoke all on billing.account_members from public, anon, authenticated, service_role;
grant select on billing.account_members to authenticated, service_role;

create policy account_members_select_own on billing.account_members for select to authenticated
using (
  lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser())
  or member_id = (select auth.uid())
);
