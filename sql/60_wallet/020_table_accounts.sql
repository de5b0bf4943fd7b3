create table billing.accounts (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null,
  name billing.account_name,
  posted billing.signed_amount not null default 0,
  reserved billing.amount not null default 0,
  debt billing.amount not null default 0,
  revoked_debt billing.amount not null default 0,
  upcoming billing.amount not null default 0,
  overdraft_limit billing.limit_amount not null default 0,
  low_balance_mark billing.signed_limit_amount,
  entries bigint not null default 0,
  next_event_at timestamptz not null default 'infinity',
  months_until timestamptz not null default '-infinity',
  is_plain boolean not null default false,
  head_id uuid,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint accounts_pkey primary key (id, lenser_id),
  constraint accounts_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id)
)
-- What its columns owe each other a trigger and the self-check see: a CHECK is parsed anew by every statement that writes.
-- Every charge updates its row: with room in the page and no index on what changes, it stays where it is.
with (fillfactor = 50);

create index accounts_lenser_id_idx on billing.accounts (lenser_id);
create index accounts_next_event_at_idx on billing.accounts (next_event_at) where next_event_at < 'infinity';

create trigger accounts_ensure_profile before insert on billing.accounts
for each row execute function ratebook.ensure_profile();

comment on table billing.accounts is
'Wallets. A lenser''s own account has the lenser''s id and is made when it is first needed; other accounts are shared with members. All amounts are credits. Only the wallet functions change balances; the row is the one lock that every change of the account takes.';
comment on column billing.accounts.id is 'The account; of a lenser''s own account the lenser.';
comment on column billing.accounts.lenser_id is 'The owner.';
comment on column billing.accounts.name is 'Optional name to show, at most 200 characters.';
comment on column billing.accounts.posted is 'Posted balance: the sum of the ledger entries, which is what the lots still hold, less the debt. Read billing.balances: an expired lot still counts here until it is swept.';
comment on column billing.accounts.reserved is 'Sum of the open holds, timed-out ones included until they are swept.';
comment on column billing.accounts.debt is 'Overdraft in use; the next grant repays it first.';
comment on column billing.accounts.revoked_debt is 'The part of the debt that payments left which were taken back: it may be beyond the overdraft limit, and is repaid first.';
comment on column billing.accounts.upcoming is 'What lots hold that have not started: posted, and not available. What starts by itself counts here until the account is next used or swept.';
comment on column billing.accounts.overdraft_limit is 'How far spending may take the available balance below zero.';
comment on column billing.accounts.low_balance_mark is 'When the available balance falls below it, billing.outbox gets a row; NULL for never.';
comment on column billing.accounts.entries is 'How many ledger entries it has; the number of the last.';
comment on column billing.accounts.next_event_at is 'No lot starts or expires, no hold times out and no recurring grant is due before; infinity when there is none.';
comment on column billing.accounts.months_until is 'The partitions of times before are known to be made; -infinity where that is to be looked up.';
comment on column billing.accounts.is_plain is 'Whether nothing but its balance can refuse what its owner spends: the owner has no budget and was not erased. False also where that is to be looked up.';
comment on column billing.accounts.head_id is 'The lot that burns first, where the last charge found it so; NULL where that is to be looked up.';
comment on column billing.accounts.created_at is 'When the account was opened.';
comment on column billing.accounts.updated_at is 'When its balance last changed, or a key of a charge was found to have its answer. Times of an account never go back, whatever the clock does.';

select ratebook.show_all_to_admins('billing.accounts');
