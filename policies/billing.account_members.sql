alter table billing.account_members enable row level security;

revoke all on billing.account_members from public, anon, authenticated, service_role;
grant select on billing.account_members to authenticated, service_role;

-- Two conditions, each with an index: the owner of the account, and the member.
create policy account_members_select_own on billing.account_members for select to authenticated
using (
  lenser_id = (select ratebook.uid())
  or member_id = (select ratebook.uid())
);
