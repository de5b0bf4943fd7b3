create table billing.ledger_entries (
  id uuid not null,
  lenser_id uuid not null,
  account_id uuid not null,
  number billing.entry_number not null,
  kind billing.entry_kind_enum not null,
  amount billing.entry_amount not null,
  balance_after billing.signed_amount not null,
  grant_id uuid,
  charge_id uuid,
  counterpart_id uuid,
  reason text,
  effective_at timestamptz not null,
  created_at timestamptz not null,
  constraint ledger_entries_pkey primary key (id, lenser_id)
) partition by range (id);

-- An owner's newest, by either order.
create index ledger_entries_lenser_id_id_idx on billing.ledger_entries (lenser_id, id);
create index ledger_entries_lenser_id_created_at_id_idx on billing.ledger_entries (lenser_id, created_at, id);
create index ledger_entries_lenser_id_account_id_idx on billing.ledger_entries (
  lenser_id, account_id, created_at, number
);
create index ledger_entries_charge_id_idx on billing.ledger_entries (charge_id) where charge_id is not null;
-- Few: what left lots by other ways than charges and time, for the balance of a time before they started.
create index ledger_entries_grant_id_idx on billing.ledger_entries (grant_id, id)
where kind in ('revocation', 'move') and grant_id is not null;
-- Few: expiries and allowances that were written down later than they happened.
create index ledger_entries_backdated_idx on billing.ledger_entries (account_id, effective_at)
where effective_at < created_at;

create trigger ledger_entries_refuse_change before update or delete on billing.ledger_entries
for each row execute function ratebook.refuse_change('Correct it by another entry: a grant or a refund.');
create trigger ledger_entries_refuse_truncate before truncate on billing.ledger_entries
for each statement execute function ratebook.refuse_change('Correct it by another entry: a grant or a refund.');

alter table billing.ledger_entries enable always trigger ledger_entries_refuse_change;
alter table billing.ledger_entries enable always trigger ledger_entries_refuse_truncate;

select ratebook.make_partitions('billing.ledger_entries', ratebook.clock(), ratebook.clock() + interval '24 months');

comment on table billing.ledger_entries is
'Every change of a balance, one row per lot that it touched. Append-only: no role changes or removes an entry.';
comment on column billing.ledger_entries.id is 'The entry, a UUIDv7.';
comment on column billing.ledger_entries.lenser_id is 'The owner of the account.';
comment on column billing.ledger_entries.account_id is 'The account.';
comment on column billing.ledger_entries.number is 'Counts the entries of an account from 1 without a gap.';
comment on column billing.ledger_entries.kind is 'What happened.';
comment on column billing.ledger_entries.amount is 'Credits; negative when they went out.';
comment on column billing.ledger_entries.balance_after is 'The posted balance after it.';
comment on column billing.ledger_entries.grant_id is 'The lot that it changed; NULL for debt.';
comment on column billing.ledger_entries.charge_id is 'The charge behind a charge or a refund.';
comment on column billing.ledger_entries.counterpart_id is 'Of a move the entry on the other side, which names this one.';
comment on column billing.ledger_entries.reason is 'Why, where somebody said so.';
comment on column billing.ledger_entries.effective_at is 'From when on it counts: the moment of an expiry, also where it was written down later.';
comment on column billing.ledger_entries.created_at is 'When it was written down.';

select ratebook.show_all_to_admins('billing.ledger_entries');
