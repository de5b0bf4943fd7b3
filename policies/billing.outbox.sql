alter table billing.outbox enable row level security;

revoke all on billing.outbox from public, anon, authenticated, service_role;
grant select on billing.outbox to authenticated, service_role;
grant update (delivered_at), delete on billing.outbox to service_role;

create policy outbox_select_own on billing.outbox for select to authenticated
using (lenser_id = (select ratebook.uid()));
