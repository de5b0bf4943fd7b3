alter table billing.ledger_entries enable row level security;

revoke all on billing.ledger_entries from public, anon, authenticated, service_role;
grant select on billing.ledger_entries to authenticated, service_role;

create policy ledger_entries_select_own on billing.ledger_entries for select to authenticated
using (lenser_id = (select ratebook.uid()));
