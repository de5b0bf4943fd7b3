-- Ratebook's wallet (module core). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- from sql/60_wallet/010_types_wallet.sql

create type billing.hold_status_enum as enum ('open', 'captured', 'released', 'expired');
create type billing.entry_kind_enum as enum (
  'grant', 'repayment', 'charge', 'refund', 'expiry', 'revocation', 'move'
);
create type billing.budget_period_enum as enum ('day', 'week', 'month');

-- NaN and infinities never enter. A domain says so once for all columns, at a fraction of the time of a CHECK of the
-- table, which every statement that writes parses anew.
create domain billing.amount as numeric
constraint amount_is_not_negative_and_finite check (value >= 0 and value < 'Infinity');
create domain billing.signed_amount as numeric
constraint amount_is_finite check (value > '-Infinity' and value < 'Infinity');
create domain billing.positive_amount as numeric
constraint amount_is_positive check (value > 0 and value < 'Infinity');
create domain billing.entry_amount as numeric
constraint amount_is_not_zero check (value <> 0 and value > '-Infinity' and value < 'Infinity');
create domain billing.entry_number as bigint
constraint number_is_positive check (value > 0);
create domain billing.idempotency_key as text
constraint key_is_a_name check (char_length(value) between 1 and 255);
create domain billing.account_name as text
constraint name_is_short check (char_length(value) <= 200);
create domain billing.burn_priority as integer
constraint priority_is_not_negative check (value >= 0);
create domain billing.moment as timestamptz
constraint moment_is_finite check (isfinite(value));
create domain billing.lot_source as text
constraint source_is_a_name check (value ~ '^\S(.{0,98}\S)?$');
create domain billing.external_ref as text
constraint external_ref_is_short check (char_length(value) between 1 and 255);
-- What people enter is bounded; sums may be more. Not domains over these: type generators know only one level.
create domain billing.limit_amount as numeric
constraint amount_is_not_negative_and_finite check (value >= 0 and value < 'Infinity')
constraint limit_is_within_bounds check (ratebook.is_amount(value));
create domain billing.signed_limit_amount as numeric
constraint amount_is_finite check (value > '-Infinity' and value < 'Infinity')
constraint limit_is_within_bounds check (ratebook.is_amount(value));

comment on domain billing.limit_amount is 'A limit that people set, in credits: not negative, up to 1e12.';
comment on domain billing.signed_limit_amount is 'A mark that people set, in credits: from -1e12 to 1e12.';
comment on domain billing.positive_amount is 'Credits that come in: more than 0, and finite.';
comment on domain billing.entry_amount is 'Credits in, or out (negative): not 0, and finite.';
comment on domain billing.entry_number is 'The place of an entry in its account, from 1.';
comment on domain billing.idempotency_key is 'A name that the caller chose: 1 to 255 characters.';
comment on domain billing.account_name is 'A name to show: at most 200 characters.';
comment on domain billing.burn_priority is 'Which lot burns first: the lower one; not negative.';
comment on domain billing.moment is 'A time that comes: not infinity.';
comment on domain billing.lot_source is 'Where a lot comes from: a name of 1 to 100 characters, without blanks around it.';
comment on domain billing.external_ref is 'Id of an event elsewhere: 1 to 255 characters.';
comment on domain billing.amount is 'Credits, or money: not negative, and finite.';
comment on domain billing.signed_amount is 'Credits in or out, or a balance: finite.';
comment on type billing.hold_status_enum is
'open: it keeps credits back; captured: it became a charge; released: given back; expired: timed out. A timed-out hold counts as expired at once, even where it still reads open.';
comment on type billing.entry_kind_enum is
'grant: credits came in; repayment: a grant paid debt (two entries that cancel each other); charge: credits were spent; refund: a charge was taken back; expiry: the rest of a lot ended; revocation: a payment was taken back, from its lot or as debt; move: credits went to another account, or came from one.';
comment on type billing.budget_period_enum is 'A day, a week from Monday on, or a month, in the budget''s time zone.';

-- from sql/60_wallet/020_table_accounts.sql

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

-- from sql/60_wallet/030_table_account_members.sql

create table billing.account_members (
  account_id uuid not null,
  lenser_id uuid not null,
  member_id uuid not null,
  spend_limit billing.limit_amount,
  spent billing.amount not null default 0,
  created_at timestamptz not null default ratebook.clock(),
  constraint account_members_pkey primary key (account_id, member_id, lenser_id),
  constraint account_members_account_id_fkey foreign key (account_id, lenser_id)
  references billing.accounts (id, lenser_id),
  constraint account_members_member_id_fkey foreign key (member_id) references lensers.profiles (id),
  constraint the_owner_needs_no_membership check (member_id <> lenser_id)
);

create index account_members_account_id_lenser_id_idx on billing.account_members (account_id, lenser_id);
create index account_members_lenser_id_idx on billing.account_members (lenser_id);
create index account_members_member_id_idx on billing.account_members (member_id);

comment on table billing.account_members is
'Who else may spend from an account. Set by billing.set_member().';
comment on column billing.account_members.account_id is 'The account.';
comment on column billing.account_members.lenser_id is 'Its owner.';
comment on column billing.account_members.member_id is 'The lenser who may spend from it.';
comment on column billing.account_members.spend_limit is 'Most credits that the member may spend in all, open holds included; NULL for no limit.';
comment on column billing.account_members.spent is 'What the member spent, less refunds.';
comment on column billing.account_members.created_at is 'When the member joined.';

select ratebook.show_all_to_admins('billing.account_members');

-- from sql/60_wallet/040_table_recurring_grants.sql

create table billing.recurring_grants (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null,
  account_id uuid not null,
  amount billing.limit_amount not null,
  months integer not null,
  days integer not null,
  starts_at timestamptz not null,
  ends_at timestamptz,
  expires boolean not null,
  priority integer not null,
  source text not null,
  issued integer not null default 0,
  created_at timestamptz not null default ratebook.clock(),
  constraint recurring_grants_pkey primary key (id, lenser_id),
  constraint recurring_grants_account_id_fkey foreign key (account_id, lenser_id)
  references billing.accounts (id, lenser_id),
  constraint amount_is_positive check (amount > 0),
  constraint it_recurs_after_months_or_days check (months >= 0 and days >= 0 and months + days > 0),
  constraint priority_is_not_negative check (priority >= 0),
  constraint starts_at_is_finite check (isfinite(starts_at)),
  -- As in billing.grants: what is due must be possible to write.
  constraint source_is_a_name check (source ~ '^\S(.{0,98}\S)?$'),
  constraint ends_at_is_not_before_starts_at check (ends_at >= starts_at),
  constraint issued_is_not_negative check (issued >= 0)
);

create index recurring_grants_account_id_lenser_id_idx on billing.recurring_grants (account_id, lenser_id);
create index recurring_grants_lenser_id_id_idx on billing.recurring_grants (lenser_id, id);

comment on table billing.recurring_grants is
'Allowances: the same grant again and again, such as 1,000 credits a month. Each becomes a lot when it is due, without a scheduler: balances count it at once, and the account''s next change or sweep writes it down. Made by billing.create_recurring_grant().';
comment on column billing.recurring_grants.id is 'The recurring grant; its lots refer to it.';
comment on column billing.recurring_grants.lenser_id is 'The owner of the account.';
comment on column billing.recurring_grants.account_id is 'The account that gets the credits.';
comment on column billing.recurring_grants.amount is 'Credits each time.';
comment on column billing.recurring_grants.months is 'Months from one to the next, counted from starts_at in UTC, so that the 31st stays the last day.';
comment on column billing.recurring_grants.days is 'Days from one to the next, beside the months.';
comment on column billing.recurring_grants.starts_at is 'When the first is due; with a start in the past, from when on the others are counted.';
comment on column billing.recurring_grants.ends_at is 'None is due from then on; NULL for no end.';
comment on column billing.recurring_grants.expires is 'Whether what is left of one ends when the next is due.';
comment on column billing.recurring_grants.priority is 'Priority of its lots.';
comment on column billing.recurring_grants.source is 'Source of its lots.';
comment on column billing.recurring_grants.issued is 'How many were written down, or were over before the row was made.';
comment on column billing.recurring_grants.created_at is 'When the row was made.';

select ratebook.show_all_to_admins('billing.recurring_grants');

-- from sql/60_wallet/050_table_grants.sql

create table billing.grants (
  id uuid not null default ratebook.uuid_v7(),
  lenser_id uuid not null,
  account_id uuid not null,
  amount billing.positive_amount not null,
  remaining billing.amount not null default 0,
  reserved billing.amount not null default 0,
  expired billing.amount not null default 0,
  revoked billing.amount not null default 0,
  priority billing.burn_priority not null default 0,
  starts_at billing.moment,
  expires_at billing.moment,
  source billing.lot_source not null default 'manual',
  external_ref billing.external_ref,
  recurring_grant_id uuid,
  revoked_at timestamptz,
  closed_at timestamptz,
  created_at timestamptz not null default ratebook.clock(),
  constraint grants_pkey primary key (id, lenser_id),
  constraint grants_account_id_fkey foreign key (account_id, lenser_id)
  references billing.accounts (id, lenser_id),
  constraint grants_recurring_grant_id_fkey foreign key (recurring_grant_id, lenser_id)
  references billing.recurring_grants (id, lenser_id)
)
with (fillfactor = 70);

-- The order in which lots burn. Closing a lot is the only change that touches the index.
create index grants_burn_order_idx on billing.grants (account_id, priority, expires_at, id) where closed_at is null;
-- Few lots start later than they came in.
create index grants_starts_at_idx on billing.grants (account_id, starts_at) where starts_at is not null;
-- An owner's newest, by either order.
create index grants_lenser_id_id_idx on billing.grants (lenser_id, id);
create index grants_lenser_id_created_at_id_idx on billing.grants (lenser_id, created_at, id);
create index grants_lenser_id_account_id_idx on billing.grants (lenser_id, account_id, id);
create index grants_recurring_grant_id_idx on billing.grants (recurring_grant_id, lenser_id);
-- One event of the payment provider tops up one account once.
create unique index grants_source_external_ref_idx on billing.grants (source, external_ref);

-- As ratebook.try_to_make_months() has it for months.
alter table billing.grants alter column lenser_id set (n_distinct = 200);

comment on table billing.grants is
'Lots: credits that came in together. They burn by priority (lower first), then earliest expiry, then oldest. Made by billing.grant_credits().';
comment on column billing.grants.id is 'The lot: a UUIDv7 of when it was granted or due, so lots sort by age.';
comment on column billing.grants.lenser_id is 'The owner of the account.';
comment on column billing.grants.account_id is 'The account.';
comment on column billing.grants.amount is 'Credits that came in.';
comment on column billing.grants.remaining is 'Credits that are left, reserved ones included.';
comment on column billing.grants.reserved is 'What open holds keep back of it, timed-out ones included until they are swept or the account is used; nobody else can spend that.';
comment on column billing.grants.expired is 'What expired of it.';
comment on column billing.grants.revoked is 'What was taken back of it, from what was left and as debt for what was spent.';
comment on column billing.grants.priority is 'Lower burns first.';
comment on column billing.grants.starts_at is 'Before, nothing can be spent of it; NULL for at once.';
comment on column billing.grants.expires_at is 'From then on it counts no more, except for holds that reserved it before; NULL for never. Of a lot that was taken back, no later than that.';
comment on column billing.grants.source is 'Where it came from: manual, purchase, allowance, refund, or a name of your own.';
comment on column billing.grants.external_ref is 'Id of the event behind it, such as a payment''s; with the source it counts once.';
comment on column billing.grants.recurring_grant_id is 'The recurring grant that it is one of.';
comment on column billing.grants.revoked_at is 'When all of it was taken back: what holds keep of it goes when they let it go.';
comment on column billing.grants.closed_at is 'When nothing was left of it; NULL while there is, and again after a refund.';
comment on column billing.grants.created_at is 'When it was written down.';

select ratebook.show_all_to_admins('billing.grants');

-- from sql/60_wallet/055_table_revocations.sql

create table billing.revocations (
  id uuid not null default ratebook.uuid_v7(),
  lenser_id uuid not null,
  account_id uuid not null,
  grant_id uuid not null,
  source text not null,
  external_ref text,
  asked billing.limit_amount,
  from_lot billing.amount not null,
  held billing.amount not null,
  owed billing.amount not null,
  reason text,
  created_at timestamptz not null,
  constraint revocations_pkey primary key (id, lenser_id),
  constraint revocations_account_id_fkey foreign key (account_id, lenser_id)
  references billing.accounts (id, lenser_id),
  constraint revocations_grant_id_fkey foreign key (grant_id, lenser_id)
  references billing.grants (id, lenser_id),
  constraint asked_is_positive check (asked > 0),
  constraint external_ref_is_short check (char_length(external_ref) between 1 and 255)
);

create index revocations_account_id_lenser_id_idx on billing.revocations (account_id, lenser_id);
create index revocations_grant_id_lenser_id_idx on billing.revocations (grant_id, lenser_id);
-- An owner's newest, by either order.
create index revocations_lenser_id_id_idx on billing.revocations (lenser_id, id);
create index revocations_lenser_id_created_at_id_idx on billing.revocations (lenser_id, created_at, id);
-- One event of the payment provider takes back once.
create unique index revocations_source_external_ref_idx on billing.revocations (source, external_ref);

-- As ratebook.try_to_make_months() has it for months.
alter table billing.revocations alter column lenser_id set (n_distinct = 200);

create trigger revocations_refuse_change before update or delete on billing.revocations
for each row execute function ratebook.refuse_change('What was taken back stays so: grant it again.');
create trigger revocations_refuse_truncate before truncate on billing.revocations
for each statement execute function ratebook.refuse_change('What was taken back stays so: grant it again.');

alter table billing.revocations enable always trigger revocations_refuse_change;
alter table billing.revocations enable always trigger revocations_refuse_truncate;

comment on table billing.revocations is
'Payments that were taken back, in whole or in part: refunds and disputes of the payment provider. Insert-only, made by billing.revoke_grant().';
comment on column billing.revocations.id is 'The revocation: a UUIDv7, so they sort by time.';
comment on column billing.revocations.lenser_id is 'The owner of the account.';
comment on column billing.revocations.account_id is 'The account.';
comment on column billing.revocations.grant_id is 'The lot that the payment had made.';
comment on column billing.revocations.source is 'The source of the lot.';
comment on column billing.revocations.external_ref is 'Id of the event that took it back; with the source it counts once.';
comment on column billing.revocations.asked is 'Credits that were asked for; NULL for all of the lot.';
comment on column billing.revocations.from_lot is 'What the lot had free, and is gone.';
comment on column billing.revocations.held is 'What open holds kept of it, and goes or is owed when they end.';
comment on column billing.revocations.owed is 'What was spent of it, and became debt.';
comment on column billing.revocations.reason is 'Why, where somebody said so.';
comment on column billing.revocations.created_at is 'When it was taken back.';

select ratebook.show_all_to_admins('billing.revocations');

-- from sql/60_wallet/060_table_holds.sql

-- No foreign key to the account: whoever writes holds its lock, none is ever deleted, and the self-check looks. A key would
-- be asked again by each call, and would let no month be made while one is under way. So with charges and the ledger.
create table billing.holds (
  id uuid not null,
  lenser_id uuid not null,
  account_id uuid not null,
  spender_id uuid not null,
  amount billing.amount not null,
  lots jsonb not null,
  status billing.hold_status_enum not null default 'open',
  expires_at timestamptz not null,
  model_id uuid,
  price_source text,
  price_currency text,
  feature_id uuid,
  usage jsonb,
  service_tier text not null default 'standard',
  variant text,
  region text,
  charge_id uuid,
  ended_at timestamptz,
  created_at timestamptz not null,
  constraint holds_pkey primary key (id, lenser_id),
  constraint an_open_hold_has_not_ended check ((status = 'open') = (ended_at is null)),
  constraint a_captured_hold_has_a_charge check ((status = 'captured') = (charge_id is not null))
) partition by range (id);

-- An owner's newest, by either order.
create index holds_lenser_id_id_idx on billing.holds (lenser_id, id);
create index holds_lenser_id_created_at_id_idx on billing.holds (lenser_id, created_at, id);
create index holds_lenser_id_account_id_idx on billing.holds (lenser_id, account_id, id);
-- With the id, because it says which months to look into.
create index holds_account_id_open_idx on billing.holds (account_id, id) where status = 'open';
create index holds_spender_id_open_idx on billing.holds (spender_id, id) where status = 'open';

select ratebook.make_partitions('billing.holds', ratebook.clock(), ratebook.clock() + interval '24 months');

comment on table billing.holds is
'Credits kept back for work that is under way, in monthly partitions. Made by billing.authorize_credits(), ended by billing.capture_hold(), billing.release_hold() or time.';
comment on column billing.holds.id is 'The hold: a UUIDv7, whose time is created_at and decides the partition.';
comment on column billing.holds.lenser_id is 'The owner of the account.';
comment on column billing.holds.account_id is 'The account.';
comment on column billing.holds.spender_id is 'Who spends: the owner or a member.';
comment on column billing.holds.amount is 'Credits kept back.';
comment on column billing.holds.lots is 'Lot → credits of it that are reserved, such as {"0197…": 2.5}. What is missing to the amount is overdraft.';
comment on column billing.holds.status is 'How far it got.';
comment on column billing.holds.expires_at is 'When it times out; from then on it keeps nothing back.';
comment on column billing.holds.model_id is 'The model that will be asked; NULL where only an amount was held.';
comment on column billing.holds.price_source is 'The model''s price_source when the hold was made.';
comment on column billing.holds.price_currency is 'The model''s price_currency when the hold was made.';
comment on column billing.holds.feature_id is 'The feature (ai.features.id, which outlives renames).';
comment on column billing.holds.usage is 'The usage that was expected.';
comment on column billing.holds.service_tier is 'The service tier that prices it.';
comment on column billing.holds.variant is 'The variant that prices it, such as an image size.';
comment on column billing.holds.region is 'The region that prices it.';
comment on column billing.holds.charge_id is 'The charge that it became.';
comment on column billing.holds.ended_at is 'When it ended; for a timed-out hold its expires_at.';
comment on column billing.holds.created_at is 'When it was made; its prices are of that time.';

select ratebook.show_all_to_admins('billing.holds');

-- from sql/60_wallet/070_table_charges.sql

create table billing.charges (
  id uuid not null,
  lenser_id uuid not null,
  account_id uuid not null,
  spender_id uuid not null,
  hold_id uuid,
  generation_id uuid,
  model_id uuid,
  feature_id uuid,
  feature_key text,
  usage jsonb,
  service_tier text,
  variant text,
  region text,
  priced_at timestamptz not null,
  lines jsonb,
  credits billing.amount not null,
  created_at timestamptz not null,
  is_estimated boolean not null default false,
  estimate_id uuid,
  is_cost_reported boolean not null default false,
  constraint charges_pkey primary key (id, lenser_id)
) partition by range (id);

-- An owner's newest, by either order.
create index charges_lenser_id_id_idx on billing.charges (lenser_id, id);
create index charges_lenser_id_created_at_id_idx on billing.charges (lenser_id, created_at, id);
create index charges_lenser_id_account_id_idx on billing.charges (lenser_id, account_id, id);
-- With the id, because it says which months to look into.
create index charges_generation_id_id_idx on billing.charges (generation_id, id) where generation_id is not null;
create index charges_estimate_id_idx on billing.charges (estimate_id, id) where estimate_id is not null;
create index charges_member_id_idx on billing.charges (spender_id, id) where spender_id <> lenser_id;

-- What only the platform may know of a charge: a table of its own, because a grant on columns would break select=*.
create table billing.charge_costs (
  id uuid not null,
  lenser_id uuid not null,
  currency text not null,
  cost billing.amount not null,
  credit_rate_id uuid not null,
  margin_policy_id uuid not null,
  price_ids uuid[] not null,
  constraint charge_costs_pkey primary key (id, lenser_id)
) partition by range (id);

create trigger charges_refuse_change before update or delete on billing.charges
for each row execute function ratebook.refuse_change('Take it back with billing.refund_charge().');
create trigger charges_refuse_truncate before truncate on billing.charges
for each statement execute function ratebook.refuse_change('Take a charge back with billing.refund_charge().');
create trigger charge_costs_refuse_change before update or delete on billing.charge_costs
for each row execute function ratebook.refuse_change('A charge keeps the prices of its time.');
create trigger charge_costs_refuse_truncate before truncate on billing.charge_costs
for each statement execute function ratebook.refuse_change('A charge keeps the prices of its time.');

alter table billing.charges enable always trigger charges_refuse_change;
alter table billing.charges enable always trigger charges_refuse_truncate;
alter table billing.charge_costs enable always trigger charge_costs_refuse_change;
alter table billing.charge_costs enable always trigger charge_costs_refuse_truncate;

select ratebook.make_partitions('billing.charges', ratebook.clock(), ratebook.clock() + interval '24 months');
select ratebook.make_partitions('billing.charge_costs', ratebook.clock(), ratebook.clock() + interval '24 months');

comment on table billing.charges is
'What was charged, with the quote as it was then. Insert-only: a refund is entries in the ledger. Models and generations are named without foreign keys, so that the log outlives them.';
comment on column billing.charges.id is 'The charge, a UUIDv7.';
comment on column billing.charges.lenser_id is 'The owner of the account.';
comment on column billing.charges.account_id is 'The account that paid.';
comment on column billing.charges.spender_id is 'Who spent: the owner or a member.';
comment on column billing.charges.hold_id is 'The hold that was captured.';
comment on column billing.charges.generation_id is 'The generation it is for; no foreign key, deleting the one never touches the other.';
comment on column billing.charges.model_id is 'The model; NULL where an amount was charged without a price.';
comment on column billing.charges.feature_id is 'The feature (ai.features.id, which outlives renames).';
comment on column billing.charges.feature_key is 'The feature, by the key of its time.';
comment on column billing.charges.usage is 'Meters and quantities that were charged.';
comment on column billing.charges.service_tier is 'The service tier that priced it.';
comment on column billing.charges.variant is 'The variant that priced it.';
comment on column billing.charges.region is 'The region that priced it.';
comment on column billing.charges.priced_at is 'As of when it was priced: its own time, or that of its hold.';
comment on column billing.charges.lines is 'The quote as charged, the lines of billing.quote(): meter, quantity, unit_price and cost as strings; null where a price is not public, its model was hidden, or the provider reported the cost.';
comment on column billing.charges.credits is 'Credits that were charged.';
comment on column billing.charges.created_at is 'When it was charged.';
comment on column billing.charges.is_estimated is 'Whether it may give way to the provider''s figure: billing.settle_charge().';
comment on column billing.charges.estimate_id is 'The estimated charge that gave way to it, and was refunded.';
comment on column billing.charges.is_cost_reported is 'Whether the cost is what the provider reported, and not what prices say.';
comment on table billing.charge_costs is
'What a priced charge cost the platform, and the rows that priced it: a later price never alters it. For admins and the service role.';
comment on column billing.charge_costs.id is 'The charge.';
comment on column billing.charge_costs.lenser_id is 'The owner of the account.';
comment on column billing.charge_costs.currency is 'ISO 4217 code.';
comment on column billing.charge_costs.cost is 'Exact cost in the currency; the provider''s where it reported one.';
comment on column billing.charge_costs.credit_rate_id is 'The credit rate that was used.';
comment on column billing.charge_costs.margin_policy_id is 'The margin policy that was used.';
comment on column billing.charge_costs.price_ids is 'The rows of ai.model_pricing that were used; none where the provider reported the cost.';

select ratebook.show_all_to_admins('billing.charges');

-- from sql/60_wallet/080_table_ledger_entries.sql

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

-- from sql/60_wallet/090_view_refunds.sql

create view ratebook.refunds with (security_invoker = true) as
select
  e.lenser_id,
  e.charge_id,
  sum(e.amount) as amount
from billing.ledger_entries as e
where e.kind = 'refund'
group by e.lenser_id, e.charge_id;

revoke all on ratebook.refunds from public, anon, authenticated, service_role;

comment on view ratebook.refunds is 'What was given back of each charge.';
comment on column ratebook.refunds.lenser_id is 'Its owner.';
comment on column ratebook.refunds.charge_id is 'The charge.';
comment on column ratebook.refunds.amount is 'Credits given back.';

-- from sql/60_wallet/100_table_idempotency_keys.sql

create table billing.idempotency_keys (
  account_id uuid not null,
  lenser_id uuid not null,
  operation text not null,
  key billing.idempotency_key not null,
  request jsonb not null,
  response jsonb not null,
  created_at timestamptz not null,
  constraint idempotency_keys_pkey primary key (account_id, operation, key, lenser_id)
);

create index idempotency_keys_created_at_idx on billing.idempotency_keys (created_at);

comment on table billing.idempotency_keys is
'What was asked with a key and what came of it, written with the effect: the same key again gets the same answer. Kept at least 30 days (billing.purge()). For the service role only.';
comment on column billing.idempotency_keys.account_id is 'The account.';
comment on column billing.idempotency_keys.lenser_id is 'Its owner.';
comment on column billing.idempotency_keys.operation is 'The function that was called.';
comment on column billing.idempotency_keys.key is 'The caller''s key, at most 255 characters.';
comment on column billing.idempotency_keys.request is 'What decided the effect, compared as jsonb; prompts and outputs are no part of it.';
comment on column billing.idempotency_keys.response is 'The first answer.';
comment on column billing.idempotency_keys.created_at is 'When it was used first.';

-- from sql/60_wallet/105_function_take_plainness.sql

create function ratebook.take_plainness(p_lenser_id uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from billing.accounts as a where a.lenser_id = p_lenser_id order by a.id for no key update;
  update billing.accounts as a set is_plain = false where a.lenser_id = p_lenser_id and a.is_plain;
end;
$$;

revoke all on function ratebook.take_plainness(uuid) from public;

comment on function ratebook.take_plainness(uuid) is
'For who makes a budget or erases a lenser, before the profile is locked: charges that are under way are waited for, and later ones ask.';

-- from sql/60_wallet/110_table_budgets.sql

create table billing.budgets (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null,
  feature_id uuid,
  model_id uuid,
  period billing.budget_period_enum not null,
  time_zone text not null default 'UTC',
  soft_limit billing.limit_amount,
  hard_limit billing.limit_amount,
  is_active boolean not null default true,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint budgets_pkey primary key (id, lenser_id),
  constraint budgets_key unique nulls not distinct (lenser_id, feature_id, model_id, period, time_zone),
  constraint budgets_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint budgets_feature_id_fkey foreign key (feature_id) references ai.features (id) on delete cascade,
  constraint budgets_model_id_fkey foreign key (model_id) references ai.models (id) on delete cascade,
  constraint a_budget_has_a_limit check (num_nonnulls(soft_limit, hard_limit) > 0)
);

create index budgets_feature_id_idx on billing.budgets (feature_id);
create index budgets_model_id_idx on billing.budgets (model_id);

create function ratebook.await_spending() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: locks a profile, also for an admin who may not write it.
begin
  perform ratebook.take_plainness(new.lenser_id);
  perform from lensers.profiles as p where p.id = new.lenser_id for update;
  return new;
end;
$$;

create function ratebook.forget_periods() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only the wallet's functions write its tables. Whoever counts in a period has locked its budget before, as the
-- update has by now.
begin
  delete from billing.budget_periods as p
  where
    p.budget_id = old.id
    and p.lenser_id is not distinct from old.lenser_id
    -- No account's clock is a day behind.
    and p.ends_at > ratebook.clock() - interval '24 hours';
  return new;
end;
$$;

revoke all on function ratebook.await_spending() from public;
revoke all on function ratebook.forget_periods() from public;

comment on function ratebook.await_spending() is
'Row trigger: waits for charges of the lenser that are under way and did not see the budget, and makes later ones wait.';
comment on function ratebook.forget_periods() is
'Row trigger: a budget of other days counts from its charges, and what it goes on counting in is not left behind half counted.';

-- Admins write through billing.all_budgets, where row security would answer others that no row matched.
create trigger budgets_require_privileged before insert or update or delete on billing.budgets
for each statement execute function ratebook.require_privileged();
create trigger budgets_await_spending before insert or update of lenser_id, model_id, feature_id on billing.budgets
for each row execute function ratebook.await_spending();
create trigger budgets_check_time_zone before insert or update of time_zone on billing.budgets
for each row execute function ratebook.check_time_zone();
create trigger budgets_forget_periods before update of period, time_zone on billing.budgets
for each row when ((old.period, old.time_zone) is distinct from (new.period, new.time_zone))
execute function ratebook.forget_periods();
create trigger budgets_ensure_profile before insert or update of lenser_id on billing.budgets
for each row execute function ratebook.ensure_profile();
create trigger budgets_stamp before update on billing.budgets
for each row execute function ratebook.stamp();

create table billing.budget_periods (
  budget_id uuid not null,
  lenser_id uuid not null,
  starts_on date not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  counted_by uuid not null,
  spent billing.amount not null,
  -- By its moments: days of two time zones share a date.
  constraint budget_periods_pkey primary key (budget_id, starts_at, ends_at, lenser_id),
  constraint budget_periods_budget_id_fkey foreign key (budget_id, lenser_id)
  references billing.budgets (id, lenser_id) on delete cascade
)
with (fillfactor = 70);

create index budget_periods_budget_id_lenser_id_idx on billing.budget_periods (budget_id, lenser_id);
create index budget_periods_lenser_id_idx on billing.budget_periods (lenser_id);
create index budget_periods_starts_at_idx on billing.budget_periods (starts_at);

comment on table billing.budgets is
'How much a lenser may spend in a day, a week or a month, from whichever account; for one feature or one model where it names one. A model''s budget counts what is spent on its successor, too, since that one succeeded it. A soft limit warns (in the answer and billing.outbox), a hard limit refuses.';
comment on column billing.budgets.id is 'The budget.';
comment on column billing.budgets.lenser_id is 'Whose spending it limits.';
comment on column billing.budgets.feature_id is 'Only for this feature (ai.features.id).';
comment on column billing.budgets.model_id is 'Only for this model.';
comment on column billing.budgets.period is 'A day, a week (ISO: from Monday on) or a month.';
comment on column billing.budgets.time_zone is 'Where it begins and ends at midnight: a name of pg_timezone_names. UTC unless told.';
comment on column billing.budgets.soft_limit is 'Credits from which on it warns.';
comment on column billing.budgets.hard_limit is 'Credits beyond which it refuses; open holds count.';
comment on column billing.budgets.is_active is 'False: it limits nothing, and goes on counting.';
comment on column billing.budgets.created_at is 'When the row was made.';
comment on column billing.budgets.updated_at is 'When the row last changed.';
comment on table billing.budget_periods is
'What was spent under a budget in one period; made at the first charge of the period, and kept for 400 days (billing.purge()).';
comment on column billing.budget_periods.budget_id is 'The budget.';
comment on column billing.budget_periods.lenser_id is 'Whose budget it is.';
comment on column billing.budget_periods.starts_on is 'The first day of the period, in the budget''s time zone.';
comment on column billing.budget_periods.starts_at is 'When it begins. A day of the change to daylight time has 23 hours, one of the change back 25.';
comment on column billing.budget_periods.ends_at is 'When it is over.';
comment on column billing.budget_periods.counted_by is 'A fingerprint of what was counted: the feature, the model and its successors. Where it has changed since, the next spending counts anew.';
comment on column billing.budget_periods.spent is 'Credits charged in the period, less what was refunded of them.';

select ratebook.show_all_to_admins('billing.budgets');
select ratebook.show_all_to_admins('billing.budget_periods');

-- from sql/60_wallet/130_table_outbox.sql

create table billing.outbox (
  id uuid not null default ratebook.uuid_v7(),
  lenser_id uuid not null,
  account_id uuid,
  topic text not null,
  payload jsonb not null,
  delivered_at timestamptz,
  created_at timestamptz not null default ratebook.clock(),
  constraint outbox_pkey primary key (id, lenser_id),
  constraint outbox_account_id_fkey foreign key (account_id, lenser_id)
  references billing.accounts (id, lenser_id),
  constraint topic_is_one_of_them check (topic in ('low_balance', 'budget_soft_limit'))
);

create index outbox_account_id_lenser_id_idx on billing.outbox (account_id, lenser_id);
-- An owner's newest, by either order.
create index outbox_lenser_id_id_idx on billing.outbox (lenser_id, id);
create index outbox_lenser_id_created_at_id_idx on billing.outbox (lenser_id, created_at, id);
create index outbox_undelivered_idx on billing.outbox (id) where delivered_at is null;

-- As ratebook.try_to_make_months() has it for months.
alter table billing.outbox alter column lenser_id set (n_distinct = 200);

comment on table billing.outbox is
'Signals for a webhook, a worker or Realtime, written in the transaction that caused them. Whoever delivers one sets delivered_at. Kept for 90 days (billing.purge()).';
comment on column billing.outbox.id is 'The signal: a UUIDv7, so signals sort by time.';
comment on column billing.outbox.lenser_id is 'The owner of the account, or whose budget it is.';
comment on column billing.outbox.account_id is 'The account; NULL for budgets.';
comment on column billing.outbox.topic is 'low_balance or budget_soft_limit.';
comment on column billing.outbox.payload is 'What happened; amounts are strings.';
comment on column billing.outbox.delivered_at is 'When it was delivered; set by whoever does.';
comment on column billing.outbox.created_at is 'When it happened.';

select ratebook.show_all_to_admins('billing.outbox');

-- from sql/60_wallet/135_table_usage_deltas.sql

-- What has happened to billing.usage() and is in no roll-up yet. Each writer appends to it in its own transaction and
-- waits for nobody: no index, no key, no lock of a row. What the log never changes (a charge and its cost) is named and
-- read when it is drained; what it may change (a generation) stands here as it was.
create table ratebook.usage_deltas (
  kind text not null,
  sign smallint not null,
  counts_at timestamptz not null,
  owner_id uuid not null,
  model_id uuid,
  feature_key text,
  status ai.generation_status_enum,
  usage jsonb,
  latency_ms integer,
  charge_id uuid,
  refunded billing.amount
)
-- It is emptied as fast as it fills: what is dead goes before it is much.
with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Rows are deleted: a publication for all tables needs to say which.
alter table ratebook.usage_deltas replica identity full;

comment on table ratebook.usage_deltas is
'What billing.usage() has to count and no roll-up holds yet: written with each generation, charge and refund, read by billing.usage(), taken by billing.drain_usage().';
comment on column ratebook.usage_deltas.kind is
'generation: the row itself, and the charge that made it, which has its id; charge: one that made none of its owner''s; refund: an entry of the ledger.';
comment on column ratebook.usage_deltas.sign is '1, or -1 for what a generation was before it changed or was deleted, and for what moves to another database.';
comment on column ratebook.usage_deltas.counts_at is 'The time that it counts at.';
comment on column ratebook.usage_deltas.owner_id is 'Whose it is: the lenser of the generation, the owner of the account.';
comment on column ratebook.usage_deltas.model_id is 'Of a generation, its model.';
comment on column ratebook.usage_deltas.feature_key is 'Of a generation, its feature.';
comment on column ratebook.usage_deltas.status is 'Of a generation, how far it got.';
comment on column ratebook.usage_deltas.usage is 'Of a generation, its usage.';
comment on column ratebook.usage_deltas.latency_ms is 'Of a generation, how long the model took.';
comment on column ratebook.usage_deltas.charge_id is
'The charge; of a new generation its own id, which is that of its charge where a charge made it.';
comment on column ratebook.usage_deltas.refunded is 'Of a refund, credits given back.';

-- from sql/60_wallet/140_function_assert_credits.sql

create function ratebook.assert_credits(p_name text, p_value numeric, p_least numeric default 0) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if (p_value >= p_least and ratebook.is_amount(p_value, 12)) is not true then
    perform ratebook.fail(
      'invalid_amount',
      format('%s is %s.', initcap(p_name), case
        when p_value is null then 'missing'
        when p_value < p_least then format('less than %s', trim_scale(p_least))
        else 'out of range'
      end),
      'Credits are numbers up to 1e12 with at most 12 decimals.',
      jsonb_build_object('argument', p_name)
    );
  end if;
end;
$$;

create function ratebook.assert_priority(p_priority integer) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if (p_priority >= 0) is not true then
    perform ratebook.fail('invalid_argument', 'A priority is a number from 0.', 'Lower burns first.');
  end if;
end;
$$;

revoke all on function ratebook.assert_credits(text, numeric, numeric) from public;
revoke all on function ratebook.assert_priority(integer) from public;

comment on function ratebook.assert_credits(text, numeric, numeric) is
'Refuses what is no amount of credits: NULL, NaN, infinite, less than the least (0 unless told), above 1e12, more than 12 decimals. Error: invalid_amount (PT422).';
comment on function ratebook.assert_priority(integer) is
'Refuses what is no priority of a lot. Error: invalid_argument (PT422).';

-- from sql/60_wallet/142_table_settings.sql

create table billing.settings (
  id boolean not null default true,
  enforce_entitlements boolean not null default false,
  updated_at timestamptz not null default ratebook.clock(),
  constraint settings_pkey primary key (id),
  constraint there_is_one_row check (id)
);

create function ratebook.enforces_entitlements() returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce((select s.enforce_entitlements from billing.settings as s), false);
end;
$$;

revoke all on function ratebook.enforces_entitlements() from public;

comment on function ratebook.enforces_entitlements() is
'Whether the project has switched entitlements on; false where billing.settings has no row.';

create trigger settings_require_privileged before update on billing.settings
for each statement execute function ratebook.require_privileged();
create trigger settings_stamp before update on billing.settings
for each row execute function ratebook.stamp();

select ratebook.keep_history('billing.settings');

-- Its audit entry says whose it is: a copy of another database may replace it.
select set_config('request.headers', '{"x-request-id": "ratebook migration"}', true);
insert into billing.settings default values;
select set_config('request.headers', '', true);

comment on table billing.settings is 'What a project has switched on: one row, which admins and the service role change.';
comment on column billing.settings.id is 'Always true: there is one row.';
comment on column billing.settings.enforce_entitlements is
'Whether models with a pricing_tier are for spenders who are entitled to it (lensers.entitlements): asked by ai.route_feature() and billing.authorize_credits(), and by nothing else. False at first.';
comment on column billing.settings.updated_at is 'When the row last changed.';

-- from sql/60_wallet/144_table_entitlements.sql

create table lensers.entitlements (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null,
  tier ai.model_tier_enum not null,
  starts_at timestamptz not null,
  ends_at timestamptz,
  external_ref text not null,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint entitlements_pkey primary key (id, lenser_id),
  -- What a payment is for is one lenser's.
  constraint entitlements_external_ref_key unique (external_ref),
  constraint entitlements_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint external_ref_is_a_name check (ratebook.is_name(external_ref)),
  constraint starts_at_is_in_range check (ratebook.is_time(starts_at)),
  constraint ends_at_is_in_range check (ratebook.is_time(ends_at)),
  constraint an_entitlement_does_not_end_before_it_starts check (ends_at >= starts_at)
);

create index entitlements_lenser_id_id_idx on lensers.entitlements (lenser_id, id);

create trigger entitlements_ensure_profile before insert or update of lenser_id on lensers.entitlements
for each row execute function ratebook.ensure_profile();
create trigger entitlements_stamp before update on lensers.entitlements
for each row execute function ratebook.stamp();

comment on table lensers.entitlements is
'Which plans a lenser has, and for how long: written by lensers.set_entitlement() for a payment''s webhook. Of several at once the highest tier counts; nobody needs one for free. It decides nothing until billing.settings.enforce_entitlements is on.';
comment on column lensers.entitlements.id is 'The entitlement.';
comment on column lensers.entitlements.lenser_id is 'Whose it is.';
comment on column lensers.entitlements.tier is 'The plan: paid covers free and paid models, enterprise all.';
comment on column lensers.entitlements.starts_at is 'From when on it counts.';
comment on column lensers.entitlements.ends_at is 'From when on it no longer does; NULL: it goes on.';
comment on column lensers.entitlements.external_ref is 'What the payment provider calls it, such as a subscription''s id.';
comment on column lensers.entitlements.created_at is 'When the row was made.';
comment on column lensers.entitlements.updated_at is 'When the row last changed.';

select ratebook.show_all_to_admins('lensers.entitlements');

create function ratebook.entitled_tier(p_lenser_id uuid, p_at timestamptz) returns ai.model_tier_enum
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    (
      select max(e.tier)
      from lensers.entitlements as e
      where e.lenser_id = p_lenser_id and e.starts_at <= p_at and (e.ends_at is null or p_at < e.ends_at)
    ), 'free'
  );
end;
$$;

create function ratebook.assert_entitled(p_model_id uuid, p_lenser_id uuid, p_at timestamptz) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_model record;
  v_tier ai.model_tier_enum;
begin
  if p_model_id is null or not ratebook.enforces_entitlements() then
    return;
  end if;
  select m.key, m.pricing_tier into v_model from ai.models as m where m.id = p_model_id;
  if v_model.pricing_tier is null or v_model.pricing_tier = 'free' then
    return;
  end if;
  v_tier := ratebook.entitled_tier(p_lenser_id, p_at);
  if v_model.pricing_tier > v_tier then
    perform ratebook.fail(
      'not_entitled', format('Model "%s" is for plan %s, and the spender has %s.', v_model.key, v_model.pricing_tier, v_tier),
      'Choose another model (ai.route_feature() knows which), or call lensers.set_entitlement() once the plan is paid.',
      jsonb_build_object('model', v_model.key, 'tier', v_model.pricing_tier, 'entitled', v_tier)
    );
  end if;
end;
$$;

revoke all on function ratebook.entitled_tier(uuid, timestamptz) from public;
revoke all on function ratebook.assert_entitled(uuid, uuid, timestamptz) from public;

comment on function ratebook.entitled_tier(uuid, timestamptz) is
'The highest plan that a lenser has at a time; free for one without any, and for nobody (NULL).';
comment on function ratebook.assert_entitled(uuid, uuid, timestamptz) is
'Where the project enforces entitlements, refuses a model of a plan that the spender has not. Error: not_entitled (42501).';

-- from sql/60_wallet/146_function_set_entitlement.sql

create function ratebook.set_entitlement(
  p_lenser uuid, p_tier ai.model_tier_enum, p_external_ref text, p_starts_at timestamptz, p_ends_at timestamptz
) returns setof lensers.entitlements
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: nobody else writes the table.
declare
  v_entitlement lensers.entitlements;
begin
  if p_tier is null or ratebook.is_name(p_external_ref) is not true then
    perform ratebook.fail('invalid_argument', 'An entitlement needs a tier and an external_ref.',
      'Such as the subscription''s id at the payment provider.');
  end if;
  if ratebook.is_time(p_starts_at) is false or ratebook.is_time(p_ends_at) is false then
    perform ratebook.fail('invalid_time', 'Start and end are in the years 1 to 9999.',
      'Leave ends_at out for a plan that goes on.');
  end if;
  -- One statement, so that of two calls at once the second finds the row of the first.
  insert into lensers.entitlements as e (lenser_id, tier, external_ref, starts_at, ends_at)
  values (
    p_lenser, p_tier, p_external_ref,
    -- What ends before now, and says nothing of its start, was over when it began.
    coalesce(p_starts_at, least(ratebook.clock(), p_ends_at)), p_ends_at
  )
  on conflict (external_ref) do update
  set
    tier = excluded.tier,
    starts_at = case
      when p_starts_at is not null then p_starts_at else least(e.starts_at, p_ends_at)
    end,
    ends_at = excluded.ends_at
  where e.lenser_id = excluded.lenser_id
  returning e.* into v_entitlement;
  if not found then
    perform ratebook.fail(
      'idempotency_conflict', format('The reference "%s" is another lenser''s.', left(p_external_ref, 100)),
      'A payment entitles one lenser.', jsonb_build_object('external_ref', left(p_external_ref, 100))
    );
  end if;
  return next v_entitlement;
exception
  when check_violation then
    perform ratebook.fail('invalid_time', 'An entitlement does not end before it starts.');
end;
$$;

create function lensers.set_entitlement(
  lenser uuid,
  tier ai.model_tier_enum,
  external_ref text,
  starts_at timestamptz default null,
  ends_at timestamptz default null
) returns setof lensers.entitlements
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select e.* from ratebook.set_entitlement(lenser, tier, external_ref, starts_at, ends_at) as e;
end;

revoke all on function ratebook.set_entitlement(
  uuid, ai.model_tier_enum, text, timestamptz, timestamptz
) from public;
revoke all on function lensers.set_entitlement(
  uuid, ai.model_tier_enum, text, timestamptz, timestamptz
) from public;
grant execute on function ratebook.set_entitlement(uuid, ai.model_tier_enum, text, timestamptz, timestamptz)
to service_role;
grant execute on function lensers.set_entitlement(uuid, ai.model_tier_enum, text, timestamptz, timestamptz)
to service_role;

comment on function ratebook.set_entitlement(uuid, ai.model_tier_enum, text, timestamptz, timestamptz) is
'The rule behind lensers.set_entitlement().';
comment on function lensers.set_entitlement(uuid, ai.model_tier_enum, text, timestamptz, timestamptz) is
'Service role only, for a payment''s webhook. Says which plan an external_ref (a subscription, a payment) gives a lenser: the same call again changes nothing, another one of the same reference (a renewal, an upgrade, the end) replaces what it said. lenser: the auth user''s id. tier: paid or enterprise; free takes the plan away. starts_at: now unless told, and then as it was. ends_at: NULL where it goes on; to cancel, a time. Returns the row of lensers.entitlements. Errors: invalid_argument, invalid_time (PT422), unknown_lenser (PT404), erased_lenser (42501), idempotency_conflict (PT409) for a reference of another lenser.';

-- from sql/60_wallet/150_function_post.sql

-- What happens to one lot, or (grant_id NULL) to the debt and the part of a hold that no lot covers.
create type ratebook.movement as (
  account_id uuid,
  grant_id uuid,
  amount numeric,
  reserved numeric,
  kind billing.entry_kind_enum,
  charge_id uuid,
  effective_at timestamptz,
  reason text
);

create function ratebook.move(
  p_account billing.accounts,
  p_movements ratebook.movement[],
  p_next_event_at timestamptz default 'infinity',
  p_upcoming numeric default 0,
  p_entry_ids uuid[] default '{}',
  p_counterpart_ids uuid[] default '{}'
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts := p_account;
  v_movement ratebook.movement;
  v_posted numeric := p_account.posted;
  v_reserved numeric := p_account.reserved;
  v_debt numeric := p_account.debt;
  v_revoked numeric := 0;
  v_repaid numeric := 0;
  v_place integer := 0;
begin
  -- One row at a time: each is found by its key, and that is faster than a join of so few.
  foreach v_movement in array p_movements loop
    v_place := v_place + 1;
    if v_movement.grant_id is not null then
      -- Its own counts of what ended and was taken back: what is neither that nor left was spent.
      update billing.grants as g
      set
        remaining = g.remaining + v_movement.amount,
        reserved = g.reserved + v_movement.reserved,
        expired = case when v_movement.kind = 'expiry' then g.expired - v_movement.amount else g.expired end,
        revoked = case when v_movement.kind = 'revocation' then g.revoked - v_movement.amount else g.revoked end,
        closed_at = case when g.remaining + v_movement.amount = 0 then p_account.updated_at end
      where g.id = v_movement.grant_id and g.lenser_id is not distinct from p_account.lenser_id;
    else
      v_debt := v_debt - v_movement.amount;
      if v_movement.kind = 'revocation' then
        v_revoked := v_revoked - v_movement.amount;
      else
        v_repaid := v_repaid + v_movement.amount;
      end if;
    end if;
    v_reserved := v_reserved + v_movement.reserved;
    -- What is only kept back, or let go, is no entry.
    if v_movement.amount <> 0 then
      v_posted := trim_scale(v_posted + v_movement.amount);
      v_account.entries := v_account.entries + 1;
      insert into billing.ledger_entries (
        id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, counterpart_id, reason,
        effective_at, created_at
      ) values (
        coalesce(p_entry_ids[v_place], ratebook.uuid_v7(p_account.updated_at)), p_account.lenser_id, p_account.id,
        v_account.entries, v_movement.kind, trim_scale(v_movement.amount), v_posted, v_movement.grant_id,
        v_movement.charge_id, p_counterpart_ids[v_place], v_movement.reason,
        coalesce(v_movement.effective_at, p_account.updated_at), p_account.updated_at
      );
      if v_movement.kind = 'refund' then
        insert into ratebook.usage_deltas (kind, sign, counts_at, owner_id, charge_id, refunded)
        values ('refund', 1, p_account.updated_at, p_account.lenser_id, v_movement.charge_id, v_movement.amount);
      end if;
    end if;
  end loop;

  v_account.posted := v_posted;
  v_account.reserved := v_reserved;
  v_account.debt := v_debt;
  -- What is paid goes first to the debt that may be beyond the limit; what a call gives back and takes again pays nothing.
  v_account.revoked_debt := greatest(p_account.revoked_debt + v_revoked - greatest(v_repaid, 0), 0);
  v_account.upcoming := p_account.upcoming + p_upcoming;
  v_account.next_event_at := least(p_account.next_event_at, p_next_event_at);
  if v_posted - v_reserved - v_account.upcoming < v_account.low_balance_mark
    and p_account.posted - p_account.reserved - p_account.upcoming >= v_account.low_balance_mark then
    insert into billing.outbox (lenser_id, account_id, topic, payload, created_at)
    values (
      v_account.lenser_id, v_account.id, 'low_balance', ratebook.low_balance_object(v_account), v_account.updated_at
    );
  end if;
  return v_account;
end;
$$;

create function ratebook.write_account(
  p_account billing.accounts, p_head_id uuid default null
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update billing.accounts as a
  set
    posted = p_account.posted,
    reserved = p_account.reserved,
    debt = p_account.debt,
    revoked_debt = p_account.revoked_debt,
    upcoming = p_account.upcoming,
    entries = p_account.entries,
    next_event_at = p_account.next_event_at,
    months_until = p_account.months_until,
    is_plain = p_account.is_plain,
    head_id = p_head_id,
    updated_at = p_account.updated_at
  where a.id = p_account.id and a.lenser_id is not distinct from p_account.lenser_id;
  p_account.head_id := p_head_id;
  return p_account;
end;
$$;

create function ratebook.post(
  p_account billing.accounts,
  p_movements ratebook.movement[],
  p_next_event_at timestamptz default 'infinity',
  p_upcoming numeric default 0,
  p_entry_ids uuid[] default '{}',
  p_counterpart_ids uuid[] default '{}'
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return ratebook.write_account(
    ratebook.move(p_account, p_movements, p_next_event_at, p_upcoming, p_entry_ids, p_counterpart_ids)
  );
end;
$$;

create function ratebook.low_balance_object(p_account billing.accounts) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'available', trim_scale(p_account.posted - p_account.reserved - p_account.upcoming)::text,
    'low_balance_mark', trim_scale(p_account.low_balance_mark)::text
  );
end;
$$;

revoke all on function ratebook.low_balance_object(billing.accounts) from public;
revoke all on function ratebook.move(
  billing.accounts, ratebook.movement[], timestamptz, numeric, uuid[], uuid[]
) from public;
revoke all on function ratebook.write_account(billing.accounts, uuid) from public;
revoke all on function ratebook.post(
  billing.accounts, ratebook.movement[], timestamptz, numeric, uuid[], uuid[]
) from public;

comment on type ratebook.movement is
'A change of one lot of an account: credits in or out (amount), and credits kept back or let go (reserved). Without a lot it changes the debt, and the part of a hold that is overdraft.';
comment on column ratebook.movement.account_id is 'The account, which the transaction has locked.';
comment on column ratebook.movement.grant_id is 'The lot; NULL for debt.';
comment on column ratebook.movement.amount is 'Credits in; negative when they go out; 0 makes no entry.';
comment on column ratebook.movement.reserved is 'Credits kept back; negative when they are let go.';
comment on column ratebook.movement.kind is 'The kind of the ledger entry.';
comment on column ratebook.movement.charge_id is 'The charge of a charge or refund.';
comment on column ratebook.movement.effective_at is 'From when on it counts; NULL for now.';
comment on column ratebook.movement.reason is 'For the ledger entry.';
comment on function ratebook.move(
  billing.accounts, ratebook.movement[], timestamptz, numeric, uuid[], uuid[]
) is
'Applies movements, in their order, to the lots and the ledger of a locked account, given as it is; says when its next event is at the latest and by how much its lots that have not started hold more, and signals in the outbox when it falls below its mark. Returns the account as it is then, whose row is not written: ratebook.write_account() does, or the UPDATE that a trigger is part of. The ids of the entries, and those that they name on another account, may be given.';
comment on function ratebook.write_account(billing.accounts, uuid) is
'Writes the row of a locked account as ratebook.move() left it, and returns it: with the lot that burns first (p_head_id), which nobody but a charge looks up.';
comment on function ratebook.post(
  billing.accounts, ratebook.movement[], timestamptz, numeric, uuid[], uuid[]
) is
'ratebook.move(), and the account''s row with it.';
comment on function ratebook.low_balance_object(billing.accounts) is 'What the outbox says of an account below its mark.';

-- from sql/60_wallet/160_function_due_grants.sql

create function ratebook.nth_due(p_recurring billing.recurring_grants, p_number integer) returns timestamptz
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- From the start, not from the one before: the 31st comes back after February.
  return (
    p_recurring.starts_at at time zone 'UTC'
    + make_interval(months => p_recurring.months * p_number, days => p_recurring.days * p_number)
  ) at time zone 'UTC';
end;
$$;

-- By halves: nothing is read for what was due long ago.
create function ratebook.times_due(p_recurring billing.recurring_grants, p_before timestamptz) returns integer
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_least integer := p_recurring.issued;
  -- No more than there can be: a month has at least 28 days.
  v_most integer := greatest(
    p_recurring.issued,
    1 + floor(extract(epoch from p_before - p_recurring.starts_at) / 86400 / (p_recurring.months * 28 + p_recurring.days))::integer
  );
  v_middle integer;
begin
  while v_least < v_most loop
    v_middle := (v_least + v_most) / 2;
    if ratebook.nth_due(p_recurring, v_middle) < p_before then
      v_least := v_middle + 1;
    else
      v_most := v_middle;
    end if;
  end loop;
  return v_least;
end;
$$;

create function ratebook.due_grants(p_account billing.accounts, p_at timestamptz) returns table (
  recurring_grant_id uuid,
  due_at timestamptz,
  amount numeric,
  expires_at timestamptz
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    r.id,
    d.due_at,
    r.amount,
    case when r.expires then d.next_due_at end
  from billing.recurring_grants as r
  cross join
    generate_series(r.issued, ratebook.times_due(r, p_at + interval '1 microsecond') - 1) as n (number)
  cross join
    lateral (
      select
        ratebook.nth_due(r, n.number) as due_at,
        ratebook.nth_due(r, n.number + 1) as next_due_at
    ) as d
  where
    r.account_id = (p_account).id
    and r.lenser_id is not distinct from (p_account).lenser_id
    and (r.ends_at is null or d.due_at < r.ends_at)
    -- An erased lenser is granted nothing more.
    and not exists (
      select
      from lensers.profiles as p
      where p.id = (p_account).lenser_id and p.erased_at <= d.due_at
    )
  order by d.due_at, r.id;
end;

create function ratebook.next_due_at(p_account billing.accounts) returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select min(d.due_at)
    from billing.recurring_grants as r
    cross join lateral (select ratebook.nth_due(r, r.issued) as due_at) as d
    where
      r.account_id = p_account.id
      and r.lenser_id is not distinct from p_account.lenser_id
      and (r.ends_at is null or d.due_at < r.ends_at)
      and not exists (
        select from lensers.profiles as p where p.id = p_account.lenser_id and p.erased_at <= d.due_at
      )
  );
end;
$$;

revoke all on function ratebook.nth_due(billing.recurring_grants, integer) from public;
revoke all on function ratebook.times_due(billing.recurring_grants, timestamptz) from public;
revoke all on function ratebook.due_grants(billing.accounts, timestamptz) from public;
revoke all on function ratebook.next_due_at(billing.accounts) from public;

comment on function ratebook.nth_due(billing.recurring_grants, integer) is
'When a recurring grant is due for the n-th time, from 0.';
comment on function ratebook.times_due(billing.recurring_grants, timestamptz) is
'How many times a recurring grant was due before a time, whatever its end; those that are written down count anyway.';
comment on function ratebook.due_grants(billing.accounts, timestamptz) is
'What an account''s recurring grants owe it up to a time and have not written down yet, in order.';
comment on function ratebook.next_due_at(billing.accounts) is
'When the next of an account''s recurring grants is due that is not written down yet; NULL for never.';

-- from sql/60_wallet/170_function_add_lot.sql

create type ratebook.new_lot as (
  grant_id uuid,
  account billing.accounts
);

-- Of credits that came from another account: the entry that brings them here, and the one that took them there.
create type ratebook.moved_entry as (
  id uuid,
  counterpart_id uuid
);

create function ratebook.add_lot(
  p_account billing.accounts,
  p_amount numeric,
  p_source text,
  p_priority integer,
  p_expires_at timestamptz,
  p_external_ref text,
  p_recurring_grant_id uuid,
  p_effective_at timestamptz,
  p_starts_at timestamptz default null,
  p_moved ratebook.moved_entry default null,
  p_reason text default null
) returns ratebook.new_lot
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Lots burn by age: of the time that it was due, whenever it is written down.
  v_grant_id uuid := ratebook.uuid_v7(coalesce(p_effective_at, p_account.updated_at));
  v_is_upcoming boolean := coalesce(p_starts_at > p_account.updated_at, false);
  -- A lot that starts later repays debt when it starts.
  v_repaid numeric := case when v_is_upcoming then 0 else least(p_amount, p_account.debt) end;
begin
  insert into billing.grants (
    id, lenser_id, account_id, amount, priority, starts_at, expires_at, source, external_ref, recurring_grant_id, created_at
  ) values (
    v_grant_id, p_account.lenser_id, p_account.id, p_amount, p_priority, p_starts_at, p_expires_at, p_source,
    p_external_ref, p_recurring_grant_id, p_account.updated_at
  )
  -- grant_credits() has looked; only a snapshot that is older than another's event comes here, and 40001 is its error.
  on conflict do nothing;
  return (v_grant_id, ratebook.move(
    p_account,
    array[
      (
        p_account.id, v_grant_id, p_amount, 0,
        case when p_moved is null then 'grant'::billing.entry_kind_enum else 'move' end, null, p_effective_at, p_reason
      ),
      (p_account.id, v_grant_id, -v_repaid, 0, 'repayment', null, p_effective_at, null),
      (p_account.id, null, v_repaid, 0, 'repayment', null, p_effective_at, null)
    ]::ratebook.movement[],
    least(p_expires_at, case when v_is_upcoming then p_starts_at end, 'infinity'),
    case when v_is_upcoming then p_amount else 0 end,
    array[p_moved.id],
    array[p_moved.counterpart_id]
  ))::ratebook.new_lot;
end;
$$;

revoke all on function ratebook.add_lot(
  billing.accounts, numeric, text, integer, timestamptz, text, uuid, timestamptz, timestamptz, ratebook.moved_entry, text
) from public;

comment on type ratebook.moved_entry is 'The entry of credits that came from another account.';
comment on column ratebook.moved_entry.id is 'The entry.';
comment on column ratebook.moved_entry.counterpart_id is 'The entry on the other account.';
comment on type ratebook.new_lot is 'A lot that was added, and its account after it.';
comment on column ratebook.new_lot.grant_id is 'The lot.';
comment on column ratebook.new_lot.account is 'The account after it.';
comment on function ratebook.add_lot(
  billing.accounts, numeric, text, integer, timestamptz, text, uuid, timestamptz, timestamptz, ratebook.moved_entry, text
) is 'Adds a lot to a locked account, as it is now: one that came in, or that another account moved to it. Repays its debt from it first, once it starts. Returns the lot, and the account after it, whose row is not written.';

-- from sql/60_wallet/180_function_settle.sql

create function ratebook.let_time_pass(
  p_account billing.accounts, p_freed_at timestamptz default '-infinity'
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts := p_account;
  v_at timestamptz := p_account.updated_at;
  v_due record;
  v_repaid numeric;
  v_hold billing.holds;
  v_ended billing.holds[] := '{}'::billing.holds[];
begin
  -- Grants and lots that start first: one that has ended since still repays debt, before the rest of it expires.
  for v_due in
    select
      d.due_at, d.recurring_grant_id as id, false as is_there, d.amount, d.expires_at, r.source, r.priority
    from ratebook.due_grants(p_account, v_at) as d
    inner join lateral (
      select o.source, o.priority
      from billing.recurring_grants as o
      where o.id = d.recurring_grant_id and o.lenser_id is not distinct from p_account.lenser_id
      offset 0
    ) as r on true
    union all
    -- What starts before the next event has started.
    select g.starts_at, g.id, true, g.remaining, null, null, null
    from billing.grants as g
    where
      g.account_id = p_account.id
      and g.lenser_id is not distinct from p_account.lenser_id
      and g.starts_at >= p_account.next_event_at
      and g.starts_at <= v_at
      and g.closed_at is null
    order by due_at, id
  loop
    -- A lot that starts is posted already, and counts as available from now on.
    if v_due.is_there then
      v_repaid := least(v_due.amount, v_account.debt);
      v_account := ratebook.move(
        v_account,
        array[
          (p_account.id, v_due.id, -v_repaid, 0, 'repayment', null, v_due.due_at, null),
          (p_account.id, null, v_repaid, 0, 'repayment', null, v_due.due_at, null)
        ]::ratebook.movement[],
        p_upcoming => -v_due.amount
      );
      continue;
    end if;
    update billing.recurring_grants as r
    set issued = r.issued + 1
    where r.id = v_due.id and r.lenser_id is not distinct from p_account.lenser_id;
    v_account := (ratebook.add_lot(
      v_account, v_due.amount, v_due.source, v_due.priority, v_due.expires_at, null, v_due.id,
      v_due.due_at
    )).account;
  end loop;

  -- A hold that timed out gives back before lots expire, so that what it kept of a lot that has ended expires, too.
  for v_hold in
    update billing.holds as h
    set status = 'expired', ended_at = h.expires_at
    where
      h.account_id = p_account.id
      and h.lenser_id is not distinct from p_account.lenser_id
      and h.status = 'open'
      and h.expires_at <= v_at
      -- No hold lasts longer than a week, and none of the account ends before its next event.
      and h.id >= ratebook.uuid_v7_floor(least(p_account.next_event_at, v_at) - interval '168 hours')
      and h.id < ratebook.uuid_v7_floor(v_at + interval '1 millisecond')
    returning h.*
  loop
    v_account := ratebook.move(v_account, ratebook.let_go(v_hold));
    v_ended := v_ended || v_hold;
  end loop;

  -- A lot ends at its time; what a hold kept back of it, when the hold ended.
  v_account := ratebook.move(v_account, array(
    select (
      p_account.id, g.id, -f.amount, 0,
      case when g.revoked_at is null then 'expiry'::billing.entry_kind_enum else 'revocation' end, null, f.at, null
    )::ratebook.movement
    from billing.grants as g
    cross join lateral (
      select coalesce(sum((h.lots ->> g.id::text)::numeric), 0) as amount from unnest(v_ended) as h
    ) as k
    cross join lateral (
      select
        p.at,
        sum(p.amount) as amount
      -- Each part is an entry at its own moment: what was free when the lot ended, what a hold kept until it ended.
      from (
        select
          greatest(g.expires_at, p_freed_at),
          g.remaining - g.reserved - k.amount
        union all
        select
          greatest(g.expires_at, h.ended_at),
          (h.lots ->> g.id::text)::numeric
        from unnest(v_ended) as h
      ) as p (at, amount)
      -- Two parts that go at one moment are one entry.
      group by p.at
    ) as f
    -- A lot of which open holds keep all has nothing to lose yet.
    where
      g.account_id = p_account.id
      and g.lenser_id is not distinct from p_account.lenser_id
      and g.closed_at is null
      and g.expires_at <= v_at
      and f.amount > 0
    order by f.at, g.id
  ));

  -- Until the next of these moments nothing can happen by itself, and a call need not look for it.
  v_account.next_event_at := least(
    (
      select min(g.expires_at)
      from billing.grants as g
      where
        g.account_id = p_account.id
        and g.lenser_id is not distinct from p_account.lenser_id
        and g.closed_at is null
        and g.expires_at > v_at
    ),
    (
      select min(g.starts_at)
      from billing.grants as g
      where
        g.account_id = p_account.id
        and g.lenser_id is not distinct from p_account.lenser_id
        and g.starts_at > v_at
        and g.closed_at is null
    ),
    -- A hold opens at most a week before it ends: its id is not older than that.
    (
      select min(h.expires_at)
      from billing.holds as h
      where
        h.account_id = p_account.id
        and h.lenser_id is not distinct from p_account.lenser_id
        and h.status = 'open'
        and h.id >= ratebook.uuid_v7_floor(v_at - interval '168 hours')
        and h.id < ratebook.uuid_v7_floor(v_at + interval '1 millisecond')
    ),
    ratebook.next_due_at(p_account),
    'infinity'
  );
  return v_account;
end;
$$;

create function ratebook.settle(
  p_account billing.accounts, p_freed_at timestamptz default '-infinity'
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return ratebook.write_account(ratebook.let_time_pass(p_account, p_freed_at));
end;
$$;

create function ratebook.let_go(p_hold billing.holds) returns ratebook.movement[]
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select
      array_agg((p_hold.account_id, l.grant_id, 0, -l.reserved, null, null, null, null)::ratebook.movement)
    from (
      select k.key::uuid, k.value::numeric from jsonb_each(p_hold.lots) as k
      union all
      select null, p_hold.amount - coalesce((select sum(k.value::numeric) from jsonb_each(p_hold.lots) as k), 0)
    ) as l (grant_id, reserved)
  );
end;
$$;

revoke all on function ratebook.let_time_pass(billing.accounts, timestamptz) from public;
revoke all on function ratebook.settle(billing.accounts, timestamptz) from public;
revoke all on function ratebook.let_go(billing.holds) from public;

comment on function ratebook.let_time_pass(billing.accounts, timestamptz) is
'Writes down what time did to a locked account up to its updated_at, which is now: recurring grants that are due, lots that started, holds that timed out, lots that expired, each effective at its own moment. Lots of a hold that was just ended expire at p_freed_at. Returns the account as it is then, whose row is not written.';
comment on function ratebook.settle(billing.accounts, timestamptz) is 'ratebook.let_time_pass(), and the account''s row with it.';
comment on function ratebook.let_go(billing.holds) is 'The movements that give back what a hold keeps.';

-- from sql/60_wallet/185_function_owner_of.sql

-- Every statement on an owner's rows names the lenser. Where the rows are asked for by an id, it says "is not distinct
-- from", which no index takes: one that is led by the lenser would find them too, and read all that the lenser ever had,
-- whenever the planner thinks that this is little.
create function ratebook.owners_of_accounts(p_ids uuid[], p_owners uuid[]) returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.require_owner();
  return array(
    -- A lenser's own account has the lenser's id, also before it is made.
    select coalesce(n.lenser_id, a.lenser_id, n.id)
    from unnest(p_ids, p_owners) with ordinality as n (id, lenser_id)
    left join lateral (
      select o.lenser_id from billing.accounts as o where o.id = n.id
      offset 0
    ) as a on n.lenser_id is null
    order by n.ordinality
  );
end;
$$;

create function ratebook.owner_of(p_kind text, p_id uuid, p_owner uuid) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner uuid := p_owner;
begin
  if p_owner is not null then
    return p_owner;
  end if;
  perform ratebook.require_owner();
  -- The one place that asks by id alone; whatever follows names the lenser. A statement each: one for all kinds would
  -- lock every month of every table.
  if p_kind = 'account' then
    return (ratebook.owners_of_accounts(array[p_id], array[p_owner]))[1];
  elsif p_kind = 'hold' then
    select h.lenser_id into v_owner from billing.holds as h where h.id = p_id;
  elsif p_kind = 'charge' then
    select c.lenser_id into v_owner from billing.charges as c where c.id = p_id;
  elsif p_kind = 'lot' then
    select g.lenser_id into v_owner from billing.grants as g where g.id = p_id;
  elsif p_kind = 'recurring_grant' then
    select r.lenser_id into v_owner from billing.recurring_grants as r where r.id = p_id;
  end if;
  return v_owner;
end;
$$;

revoke all on function ratebook.owners_of_accounts(uuid[], uuid[]) from public;
revoke all on function ratebook.owner_of(text, uuid, uuid) from public;

comment on function ratebook.owners_of_accounts(uuid[], uuid[]) is
'ratebook.owner_of() for accounts, of which the caller does not name every owner. Error: owner_required (PT422).';
comment on function ratebook.owner_of(text, uuid, uuid) is
'The lenser of an account, lot, hold, charge or recurring grant: as the caller names it, which is taken at its word, or else looked up by the id. A row that is not there has none, but a lenser''s own account. Error: owner_required (PT422).';

-- The lock waits for an erasure under way, and is what the foreign keys take anyway.
create function ratebook.assert_not_erased(p_lenser_ids uuid[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erased uuid;
begin
  select l.id into v_erased
  from (
    select p.id, p.erased_at from lensers.profiles as p where p.id = any(p_lenser_ids) order by p.id for key share
  ) as l
  where l.erased_at is not null
  order by l.id
  limit 1;
  if found then
    perform ratebook.fail('erased_lenser', 'This lenser was erased: no credits come in, and nothing new is spent.',
      'What was held before may be captured or released, and charges refunded.', jsonb_build_object('lenser', v_erased));
  end if;
end;
$$;

revoke all on function ratebook.assert_not_erased(uuid[]) from public;

comment on function ratebook.assert_not_erased(uuid[]) is
'Refuses lensers that were erased, and waits for an erasure that is under way. Error: erased_lenser (42501).';

-- from sql/60_wallet/190_function_lock_accounts.sql

-- Lenser's own accounts are made when they are first needed, in one order for everybody.
create function ratebook.make_own_accounts(p_lenser_ids uuid[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_missing uuid[] := array(
    select w.id from unnest(p_lenser_ids) as w (id)
    except
    select a.id from billing.accounts as a where a.id = any(p_lenser_ids) and a.lenser_id = a.id
  );
begin
  if v_missing = '{}'::uuid[] then
    return;
  end if;
  insert into billing.accounts (id, lenser_id)
  select n.id, n.id
  from (
    select p.id from lensers.profiles as p where p.id = any(v_missing)
    union
    select u.id from auth.users as u where u.id = any(v_missing)
  ) as n
  order by n.id
  on conflict do nothing;
end;
$$;

-- Asks for the table that is made last of a month: by its name, which is one look into the catalogue's cache.
create function ratebook.ensure_month(p_at timestamptz) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass(to_char(p_at at time zone 'UTC', '"ratebook.billing_ledger_entries_"YYYY_MM')) is null then
    perform ratebook.make_months(
      array(select t.name from ratebook.partitioned_tables() as t (name)), p_at, p_at + interval '1 microsecond'
    );
  end if;
end;
$$;

create function ratebook.is_plain(p_lenser_id uuid) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Waits for a budget that is being made and for an erasure, both of which take it back from the accounts that have it.
  perform from lensers.profiles as p where p.id = p_lenser_id and p.erased_at is null for key share;
  return found and not exists (select from billing.budgets as b where b.lenser_id = p_lenser_id);
end;
$$;

create function ratebook.lock_account(p_account_id uuid, p_owner uuid) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts;
begin
  p_owner := ratebook.owner_of('account', p_account_id, p_owner);
  select a.* into v_account
  from billing.accounts as a
  where a.id = p_account_id and a.lenser_id is not distinct from p_owner
  for update;
  if not found then
    if p_owner = p_account_id then
      -- Before a row is written: two who have written and both need the month would wait for each other.
      perform ratebook.ensure_month(ratebook.clock());
      perform ratebook.make_own_accounts(array[p_owner]);
      select a.* into v_account
      from billing.accounts as a
      where a.id = p_account_id and a.lenser_id is not distinct from p_owner
      for update;
    end if;
    if v_account.id is null then
      perform ratebook.unknown_account(p_account_id);
    end if;
  end if;
  -- The time of what follows: read after the wait for the lock, and never before what was written last.
  v_account.updated_at := greatest(v_account.updated_at, ratebook.clock());
  if v_account.months_until <= v_account.updated_at then
    perform ratebook.ensure_month(v_account.updated_at);
    v_account.months_until := (date_trunc('month', v_account.updated_at at time zone 'UTC') + interval '1 month') at time zone 'UTC';
  end if;
  if not v_account.is_plain then
    v_account.is_plain := ratebook.is_plain(v_account.lenser_id);
  end if;
  if v_account.next_event_at <= v_account.updated_at then
    return ratebook.settle(v_account);
  end if;
  return v_account;
end;
$$;

create function ratebook.lock_accounts(p_account_ids uuid[], p_owners uuid[]) returns billing.accounts[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unknown uuid;
  v_account billing.accounts;
  v_accounts billing.accounts[];
  v_at timestamptz;
begin
  perform ratebook.ensure_month(ratebook.clock());
  perform ratebook.make_own_accounts(
    array(select w.id from unnest(p_account_ids, p_owners) as w (id, lenser_id) where w.id = w.lenser_id)
  );
  select
    array_agg(l::billing.accounts order by l.id),
    max(l.updated_at)
  into v_accounts, v_at
  from (
    select a.*
    from (
      select distinct w.id, w.lenser_id
      from unnest(p_account_ids, p_owners) as w (id, lenser_id)
      order by w.id, w.lenser_id
    ) as w
    -- One after the other, in that order, each by its key.
    cross join lateral (
      select o.*
      from billing.accounts as o
      where o.id = w.id and o.lenser_id is not distinct from w.lenser_id
      for update
    ) as a
  ) as l;
  select w.id into v_unknown
  from unnest(p_account_ids, p_owners) as w (id, lenser_id)
  left join unnest(v_accounts) as a on a.id = w.id and a.lenser_id = w.lenser_id
  where a.id is null
  limit 1;
  if found then
    perform ratebook.unknown_account(v_unknown);
  end if;

  v_at := greatest(v_at, ratebook.clock());
  perform ratebook.ensure_month(v_at);
  for i in 1..cardinality(v_accounts) loop
    v_account := v_accounts[i];
    v_account.updated_at := v_at;
    if v_account.next_event_at <= v_at then
      v_account := ratebook.settle(v_account);
    end if;
    v_accounts[i] := v_account;
  end loop;
  return v_accounts;
end;
$$;

create function ratebook.unknown_account(p_account_id uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail('unknown_account', format('There is no account %s.', coalesce(p_account_id::text, 'without an id')),
    'An account is a lenser, or a row of billing.accounts.', jsonb_build_object('account', p_account_id));
end;
$$;

revoke all on function ratebook.make_own_accounts(uuid[]) from public;
revoke all on function ratebook.ensure_month(timestamptz) from public;
revoke all on function ratebook.is_plain(uuid) from public;
revoke all on function ratebook.lock_accounts(uuid[], uuid[]) from public;
revoke all on function ratebook.lock_account(uuid, uuid) from public;
revoke all on function ratebook.unknown_account(uuid) from public;

comment on function ratebook.make_own_accounts(uuid[]) is
'Makes the accounts of lensers that have none yet; passes over what is no lenser.';
comment on function ratebook.ensure_month(timestamptz) is
'For writers: makes the partitions of the month of a time where there are none, in the writer''s transaction. Sweeps make them long before. Error: month_not_made (PT503).';
comment on function ratebook.is_plain(uuid) is
'Whether the owner of a locked account has no budget and was not erased, as billing.accounts.is_plain keeps it.';
comment on function ratebook.lock_account(uuid, uuid) is
'Locks an account, of the owner if one is named, and settles what time did to it. Its updated_at is the time of what follows. Errors: unknown_account (PT404), owner_required (PT422).';
comment on function ratebook.lock_accounts(uuid[], uuid[]) is
'ratebook.lock_account() for many, each with its owner, in one order for everybody, and with one time for all. Error: unknown_account (PT404).';
comment on function ratebook.unknown_account(uuid) is 'Refuses an account that is not there. Error: unknown_account (PT404).';

-- from sql/60_wallet/195_triggers_accounts.sql

create function ratebook.keep_overdraft_in_use() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: the caller has no usage on schema ratebook, and only the wallet's functions write its tables.
declare
  v_at timestamptz := greatest(new.updated_at, ratebook.clock());
  v_in_use numeric;
begin
  -- A hold that timed out and a lot that ended count no more, swept or not. The row is locked, and the update writes it.
  if new.next_event_at <= v_at then
    perform ratebook.ensure_month(v_at);
    new.updated_at := v_at;
    new := ratebook.let_time_pass(new);
    new.head_id := null;
  end if;
  -- What is owed, but for payments that were taken back, and what holds keep that no lot covers.
  v_in_use := new.debt - new.revoked_debt + new.reserved - (
    select coalesce(sum(g.reserved), 0)
    from billing.grants as g
    where g.account_id = new.id and g.lenser_id is not distinct from new.lenser_id and g.closed_at is null
  );
  if v_in_use > new.overdraft_limit then
    perform ratebook.fail(
      'invalid_argument', format('The account uses %s of its overdraft.', trim_scale(v_in_use)),
      'The limit may be lowered to that, and further when it is repaid.',
      jsonb_build_object('account', new.id, 'in_use', trim_scale(v_in_use)::text)
    );
  end if;
  return new;
end;
$$;

create function ratebook.keep_within_overdraft() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. It reads no table.
begin
  if new.posted - new.reserved - new.upcoming < -new.overdraft_limit - new.revoked_debt then
    raise check_violation using
      message = format('account %s would be below its overdraft limit', new.id),
      schema = 'billing', table = 'accounts', constraint = 'available_is_not_below_the_overdraft_limit';
  end if;
  return new;
end;
$$;

revoke all on function ratebook.keep_overdraft_in_use() from public;
revoke all on function ratebook.keep_within_overdraft() from public;

comment on function ratebook.keep_overdraft_in_use() is
'Row trigger: an overdraft limit is not lowered below what is in use. Lots that are free may hide that; when they expire, the account would be below its limit, and every change of it refused. What time did to the account is settled first. Error: invalid_argument (PT422).';

create trigger accounts_keep_overdraft_in_use before update of overdraft_limit on billing.accounts
for each row when (new.overdraft_limit between 0 and old.overdraft_limit)
execute function ratebook.keep_overdraft_in_use();

comment on function ratebook.keep_within_overdraft() is
'Row trigger: no change leaves less available than the overdraft limit allows, whatever the functions of the wallet asked before. Error: 23514.';

-- A plain charge changes none of these columns; its update asks the same of itself.
create trigger accounts_keep_within_overdraft before insert or update of reserved, debt, overdraft_limit on billing.accounts
for each row execute function ratebook.keep_within_overdraft();

-- from sql/60_wallet/200_function_recall.sql

create function ratebook.refuse_key(p_operation text, p_key text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail(
    'idempotency_conflict', format('The key "%s" was used for another request.', left(p_key, 100)),
    'Repeat the first request, or take a new key.',
    jsonb_build_object('key', left(p_key, 100), 'operation', p_operation)
  );
end;
$$;

create function ratebook.recall(
  p_account_id uuid, p_lenser_id uuid, p_operation text, p_key text, p_request jsonb
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_known record;
begin
  if p_key is null then
    return null;
  elsif char_length(p_key) not between 1 and 255 then
    perform ratebook.fail('invalid_argument', 'An idempotency key has 1 to 255 characters.');
  end if;
  select k.request, k.response into v_known
  from billing.idempotency_keys as k
  where
    k.account_id = p_account_id
    and k.operation = p_operation
    and k.key = p_key
    and k.lenser_id is not distinct from p_lenser_id;
  if v_known.request <> p_request then
    perform ratebook.refuse_key(p_operation, p_key);
  end if;
  return v_known.response;
end;
$$;

create function ratebook.recall_own(
  p_account_id uuid, p_lenser_id uuid, p_operation text, p_key text, p_is_own boolean, p_request jsonb
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return ratebook.recall(p_account_id, p_lenser_id, p_operation, p_key, p_request);
exception
  when sqlstate 'PT409' then
    -- Of a key that the caller gave; without one it is what happened once, in another way, and its state says so.
    if not p_is_own then
      raise;
    end if;
    return null;
end;
$$;

create function ratebook.remember(
  p_account billing.accounts, p_operation text, p_key text, p_request jsonb, p_response jsonb
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_key is not null then
    insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
    values (p_account.id, p_account.lenser_id, p_operation, p_key, p_request, p_response, p_account.updated_at);
  end if;
  return p_response;
end;
$$;

revoke all on function ratebook.refuse_key(text, text) from public;
revoke all on function ratebook.recall(uuid, uuid, text, text, jsonb) from public;
revoke all on function ratebook.recall_own(uuid, uuid, text, text, boolean, jsonb) from public;
revoke all on function ratebook.remember(billing.accounts, text, text, jsonb, jsonb) from public;

comment on function ratebook.refuse_key(text, text) is
'Refuses a key that another request has used. Error: idempotency_conflict (PT409).';
comment on function ratebook.recall(uuid, uuid, text, text, jsonb) is
'The first answer to a request with a key; NULL for a new one. The owner finds the key and is no part of the request. Ask again once the account is locked. Error: idempotency_conflict (PT409).';
comment on function ratebook.recall_own(uuid, uuid, text, text, boolean, jsonb) is
'ratebook.recall() for what happens once: without a key it is its own (p_is_own), and then another request finds nothing. Error: idempotency_conflict (PT409).';
comment on function ratebook.remember(billing.accounts, text, text, jsonb, jsonb) is
'Keeps the answer to a request with a key, in the transaction of its effect; returns the answer.';

-- from sql/60_wallet/205_function_readable_account.sql

-- The account that somebody asks about, where they may.
create function ratebook.readable_account(
  p_account_id uuid, p_owner uuid, p_what text
) returns billing.accounts
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner uuid := ratebook.owner_of('account', p_account_id, p_owner);
  v_account billing.accounts;
begin
  -- The same answer for an account of somebody else and for none.
  if (v_owner = ratebook.uid()) is not true and not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', format('You may ask for the %s of your own accounts only.', p_what),
      'Admins and the service role may ask for anybody''s.', jsonb_build_object('account', p_account_id));
  end if;
  select a.* into v_account
  from billing.accounts as a
  where a.id = p_account_id and a.lenser_id is not distinct from v_owner;
  if not found then
    if v_owner is distinct from p_account_id or not (
      exists (select from lensers.profiles as p where p.id = p_account_id)
      or exists (select from auth.users as u where u.id = p_account_id)
    ) then
      perform ratebook.unknown_account(p_account_id);
    end if;
    -- A lenser's own account that nothing has happened to yet.
    v_account.id := p_account_id;
    v_account.lenser_id := p_account_id;
    v_account.posted := 0;
    v_account.reserved := 0;
    v_account.debt := 0;
    v_account.upcoming := 0;
    v_account.overdraft_limit := 0;
    v_account.next_event_at := 'infinity';
    v_account.created_at := ratebook.clock();
    v_account.updated_at := v_account.created_at;
  end if;
  return v_account;
end;
$$;

revoke all on function ratebook.readable_account(uuid, uuid, text) from public;

comment on function ratebook.readable_account(uuid, uuid, text) is
'The account of this id, if it is the caller''s own or the caller an admin or the service role; a lenser''s own account that nothing has happened to yet as it would be. p_what is asked for it, in a word for the refusal. Errors: unknown_account (PT404), owner_required (PT422), not_allowed (42501).';

-- from sql/60_wallet/210_function_balance.sql

create type ratebook.balance as (
  posted numeric,
  reserved numeric,
  debt numeric,
  available numeric,
  upcoming numeric
);

-- What ratebook.settle() would write down by then, without writing.
create function ratebook.pending(p_account billing.accounts, p_at timestamptz) returns ratebook.balance
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_posted numeric;
  v_repaid numeric;
  v_reserved numeric;
  v_expired numeric;
  v_started numeric;
  -- Holds that ended by then: none lasts longer than a week, and none of the account ends before its next event.
  v_since uuid := ratebook.uuid_v7_floor(least(p_account.next_event_at, p_at) - interval '168 hours');
  v_until uuid := ratebook.uuid_v7_floor(p_at + interval '1 millisecond');
begin
  -- A grant that is over by then has only repaid debt. A lot that starts is posted already; what of it is over is not.
  select
    coalesce(sum(d.repaid + case when d.expires_at <= p_at then 0 else d.amount - d.repaid end - d.counted), 0),
    coalesce(sum(d.repaid), 0),
    coalesce(sum(d.counted), 0)
  into v_posted, v_repaid, v_started
  from (
    select
      r.expires_at,
      r.amount,
      r.counted,
      least(r.amount, greatest(p_account.debt - sum(r.amount) over so_far + r.amount, 0)) as repaid
    -- In the order in which they come, each repays what is owed by then.
    from (
      select o.due_at, o.recurring_grant_id as id, o.amount, o.expires_at, 0 as counted
      from ratebook.due_grants(p_account, p_at) as o
      union all
      select g.starts_at, g.id, g.remaining, g.expires_at, g.remaining
      from billing.grants as g
      where
        g.account_id = p_account.id
        and g.lenser_id is not distinct from p_account.lenser_id
        and g.starts_at >= p_account.next_event_at
        and g.starts_at <= p_at
        and g.closed_at is null
    ) as r
    window so_far as (order by r.due_at, r.id)
  ) as d;

  -- Holds that timed out keep nothing back.
  select coalesce(sum(h.amount), 0) into v_reserved
  from billing.holds as h
  where
    h.account_id = p_account.id
    and h.lenser_id is not distinct from p_account.lenser_id
    and h.status = 'open'
    and h.expires_at <= p_at
    and h.id >= v_since
    and h.id < v_until;

  -- Lots that ended hold what open holds keep of them, and no more.
  select coalesce(sum(g.remaining - g.reserved + f.freed), 0) into v_expired
  from billing.grants as g
  cross join lateral (
    select coalesce(sum((h.lots ->> g.id::text)::numeric), 0) as freed
    from billing.holds as h
    where
      h.account_id = p_account.id
      and h.lenser_id is not distinct from p_account.lenser_id
      and h.status = 'open'
      and h.expires_at <= p_at
      and h.id >= v_since
      and h.id < v_until
  ) as f
  where
    g.account_id = p_account.id
    and g.lenser_id is not distinct from p_account.lenser_id
    and g.closed_at is null
    and g.expires_at <= p_at
    -- What started and ended since is above.
    and (g.starts_at >= p_account.next_event_at) is not true;

  return (
    v_posted - v_expired, -v_reserved, -v_repaid, v_posted - v_expired + v_reserved + v_started, -v_started
  )::ratebook.balance;
end;
$$;

create function ratebook.balance_now(p_account billing.accounts) returns ratebook.balance
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the view that calls it, in the name of who may read the account, has no rights to what is pending.
declare
  v_at timestamptz := ratebook.clock();
  v_pending ratebook.balance;
begin
  if p_account.next_event_at > v_at then
    return (
      p_account.posted, p_account.reserved, p_account.debt,
      p_account.posted - p_account.reserved - p_account.upcoming, p_account.upcoming
    )::ratebook.balance;
  end if;
  v_pending := ratebook.pending(p_account, v_at);
  return (
    p_account.posted + v_pending.posted,
    p_account.reserved + v_pending.reserved,
    p_account.debt + v_pending.debt,
    p_account.posted - p_account.reserved - p_account.upcoming + v_pending.available,
    p_account.upcoming + v_pending.upcoming
  )::ratebook.balance;
end;
$$;

create function ratebook.written_at(p_account billing.accounts, p_at timestamptz) returns numeric
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce((
    select e.balance_after
    from billing.ledger_entries as e
    where
      e.lenser_id = p_account.lenser_id
      and e.account_id = p_account.id
      and e.created_at <= p_at
      and e.id < ratebook.uuid_v7_floor(p_at + interval '1 millisecond')
    order by e.created_at desc, e.number desc
    limit 1
  ), 0);
end;
$$;

create function ratebook.posted_at(p_account billing.accounts, p_at timestamptz) returns numeric
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_posted numeric := ratebook.written_at(p_account, p_at);
begin
  -- The last entry by then, what was written down later than it happened, and what is not written down yet.
  select v_posted + coalesce(sum(e.amount), 0) into v_posted
  from billing.ledger_entries as e
  where
    e.account_id = p_account.id
    and e.lenser_id is not distinct from p_account.lenser_id
    and e.effective_at < e.created_at
    and e.effective_at <= p_at
    and e.created_at > p_at
    and e.id >= ratebook.uuid_v7_floor(p_at)
    and e.id < ratebook.uuid_v7_floor(p_account.updated_at + interval '1 millisecond');
  -- What time has done since, and nobody has written down.
  if p_account.next_event_at <= p_at then
    v_posted := v_posted + (ratebook.pending(p_account, p_at)).posted;
  end if;
  return v_posted;
end;
$$;

create function ratebook.balance_at(p_account billing.accounts, p_at timestamptz) returns ratebook.balance
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_posted constant numeric := ratebook.posted_at(p_account, p_at);
  v_reserved numeric;
  v_upcoming numeric;
begin
  select coalesce(sum(h.amount), 0) into v_reserved
  from billing.holds as h
  where
    h.lenser_id = p_account.lenser_id
    and h.account_id = p_account.id
    -- No hold lasts longer than a week.
    and h.id >= ratebook.uuid_v7_floor(p_at - interval '168 hours')
    and h.id < ratebook.uuid_v7_floor(p_at + interval '1 millisecond')
    and h.created_at <= p_at
    and h.expires_at > p_at
    and coalesce(h.ended_at, 'infinity') > p_at;
  -- Lots that came in by then and start later, as they were: nothing is spent of one, but it may be taken back.
  select coalesce(sum(g.amount + coalesce(e.amount, 0)), 0) into v_upcoming
  from billing.grants as g
  left join lateral (
    select sum(o.amount) as amount
    from billing.ledger_entries as o
    where
      o.grant_id = g.id
      and o.lenser_id is not distinct from g.lenser_id
      and o.kind in ('revocation', 'move')
      and o.amount < 0
      and o.id >= ratebook.uuid_v7_floor(g.created_at)
      and o.id < ratebook.uuid_v7_floor(p_at + interval '1 millisecond')
      and o.created_at <= p_at
  ) as e on true
  where
    g.account_id = p_account.id
    and g.lenser_id is not distinct from p_account.lenser_id
    and g.starts_at > p_at
    and g.created_at <= p_at;
  return (v_posted, v_reserved, null, v_posted - v_reserved - v_upcoming, v_upcoming)::ratebook.balance;
end;
$$;

create function ratebook.balance_text(
  p_posted numeric, p_reserved numeric, p_debt numeric, p_upcoming numeric
) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return format(
    '{"posted": "%s", "reserved": "%s", "debt": "%s", "available": "%s"%s}', trim_scale(p_posted), trim_scale(p_reserved),
    trim_scale(p_debt), trim_scale(p_posted - p_reserved - p_upcoming),
    case when p_upcoming > 0 then ', "upcoming": "' || trim_scale(p_upcoming) || '"' end
  );
end;
$$;

create function ratebook.balance_object(p_account billing.accounts) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return ratebook.balance_text(p_account.posted, p_account.reserved, p_account.debt, p_account.upcoming)::jsonb;
end;
$$;

create function ratebook.get_balance(p_account_id uuid, p_at timestamptz, p_owner uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: reads what is pending and the entries of every month.
declare
  v_account constant billing.accounts := ratebook.readable_account(p_account_id, p_owner, 'balance');
  v_balance ratebook.balance;
begin
  if p_at is null then
    v_balance := ratebook.balance_now(v_account);
  elsif not isfinite(p_at) or p_at > ratebook.clock() then
    perform ratebook.fail('invalid_time', 'A balance is of now or of a time before.', 'Leave out at for now.');
  else
    v_balance := ratebook.balance_at(v_account, p_at);
  end if;
  return jsonb_build_object(
    'account_id', p_account_id,
    'lenser_id', v_account.lenser_id,
    'at', coalesce(p_at, ratebook.clock()),
    'posted', trim_scale(v_balance.posted)::text,
    'reserved', trim_scale(v_balance.reserved)::text,
    'available', trim_scale(v_balance.available)::text,
    'upcoming', trim_scale(v_balance.upcoming)::text,
    'debt', trim_scale(v_balance.debt)::text,
    'overdraft_limit', trim_scale(v_account.overdraft_limit)::text
  );
end;
$$;

create function billing.get_balance(
  account uuid, at timestamptz default null, owner uuid default null
) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.get_balance(account, at, owner);

revoke all on function ratebook.pending(billing.accounts, timestamptz) from public;
revoke all on function ratebook.balance_now(billing.accounts) from public;
revoke all on function ratebook.written_at(billing.accounts, timestamptz) from public;
revoke all on function ratebook.posted_at(billing.accounts, timestamptz) from public;
revoke all on function ratebook.balance_at(billing.accounts, timestamptz) from public;
revoke all on function ratebook.balance_text(numeric, numeric, numeric, numeric) from public;
revoke all on function ratebook.balance_object(billing.accounts) from public;
revoke all on function ratebook.get_balance(uuid, timestamptz, uuid) from public;
revoke all on function billing.get_balance(uuid, timestamptz, uuid) from public;
grant execute on function ratebook.balance_now(billing.accounts) to authenticated, service_role;
grant execute on function ratebook.get_balance(uuid, timestamptz, uuid) to authenticated, service_role;
grant execute on function billing.get_balance(uuid, timestamptz, uuid) to authenticated, service_role;

comment on type ratebook.balance is 'A balance in credits.';
comment on column ratebook.balance.posted is 'What the lots hold, less the debt.';
comment on column ratebook.balance.reserved is 'What open holds keep back.';
comment on column ratebook.balance.debt is 'Overdraft in use.';
comment on column ratebook.balance.available is 'What may be spent before overdraft: posted less reserved and upcoming.';
comment on column ratebook.balance.upcoming is 'What lots hold that have not started.';
comment on function ratebook.pending(billing.accounts, timestamptz) is
'What time has done to an account, given as it is, up to a time that is not written down yet, as a change of its balance.';
comment on function ratebook.balance_now(billing.accounts) is
'The balance of an account at this moment, swept or not.';
comment on function ratebook.written_at(billing.accounts, timestamptz) is
'The balance after the last entry of an account that was written down by a time; 0 before the first.';
comment on function ratebook.posted_at(billing.accounts, timestamptz) is
'The posted balance of an account as of a time before now, from the ledger.';
comment on function ratebook.balance_at(billing.accounts, timestamptz) is
'The balance of an account as of a time before now, from the ledger; debt is NULL.';
comment on function ratebook.balance_text(numeric, numeric, numeric, numeric) is 'The balance of a settled account as text of JSON.';
comment on function ratebook.balance_object(billing.accounts) is 'The balance of a settled account as JSON; amounts are strings, and upcoming is there only where a lot has not started.';
comment on function ratebook.get_balance(uuid, timestamptz, uuid) is 'The rule behind billing.get_balance().';
comment on function billing.get_balance(uuid, timestamptz, uuid) is
'The balance of an account of one''s own, or for admins and the service role of anybody''s, now or as of a time: posted, reserved, available, upcoming (lots that have not started: posted, and not available), debt (now only) and overdraft_limit, as strings. An expired lot or timed-out hold does not count, swept or not; a recurring grant counts when it is due. owner: the account''s lenser. Errors: unknown_account (PT404), invalid_time, owner_required (PT422), not_allowed (42501).';

-- from sql/60_wallet/220_view_balances.sql

create view billing.balances with (security_invoker = true) as
select
  a.id as account_id,
  a.lenser_id,
  a.name,
  a.overdraft_limit,
  a.low_balance_mark,
  (b.balance).posted,
  (b.balance).reserved,
  (b.balance).available,
  (b.balance).debt,
  (b.balance).upcoming
from (
  select a.*
  from billing.accounts as a
  union all
  -- What admins see beside their own.
  select a.*
  from ratebook.all_accounts as a
  where (select ratebook.is_admin()) and a.lenser_id <> (select ratebook.uid())
) as a
cross join lateral (select ratebook.balance_now(row(a.*)::billing.accounts) as balance) as b;

create trigger balances_refuse_write instead of insert or update or delete on billing.balances
for each row execute function ratebook.refuse_write('The functions of the wallet change balances.');

comment on view billing.balances is
'The balance of each account as of now, in credits: an expired lot or timed-out hold does not count, swept or not. Select the amounts as ::text: JSON numbers lose digits.';
comment on column billing.balances.account_id is 'The account.';
comment on column billing.balances.lenser_id is 'Its owner.';
comment on column billing.balances.name is 'Its name.';
comment on column billing.balances.posted is 'What the lots hold, less the debt.';
comment on column billing.balances.reserved is 'What open holds keep back.';
comment on column billing.balances.available is 'What may be spent before overdraft.';
comment on column billing.balances.debt is 'Overdraft in use.';
comment on column billing.balances.upcoming is 'What lots hold that have not started: posted, and not available.';
comment on column billing.balances.overdraft_limit is 'How far available may go below zero.';
comment on column billing.balances.low_balance_mark is 'Below it, billing.outbox gets a signal.';

-- from sql/60_wallet/230_function_grant_credits.sql

create function ratebook.grant_credits(
  p_account_id uuid,
  p_amount numeric,
  p_source text,
  p_priority integer,
  p_expires_at timestamptz,
  p_external_ref text,
  p_key text,
  p_owner uuid,
  p_starts_at timestamptz
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
-- What is kept with a key is the same whatever zone and style the caller writes times in.
set timezone = 'UTC' set intervalstyle = 'postgres'
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_request jsonb := jsonb_build_object(
    'amount', trim_scale(p_amount), 'source', p_source, 'priority', p_priority,
    'starts_at', p_starts_at, 'expires_at', p_expires_at, 'external_ref', p_external_ref
  );
  v_account billing.accounts;
  v_known billing.grants;
  v_response jsonb;
  v_grant_id uuid;
  v_lot ratebook.new_lot;
begin
  perform ratebook.assert_privileged();
  perform ratebook.assert_credits('amount', p_amount, 1e-12);
  perform ratebook.assert_priority(p_priority);
  p_expires_at := nullif(p_expires_at, 'infinity');
  v_account := ratebook.lock_account(p_account_id, p_owner);
  v_response := ratebook.recall(v_account.id, v_account.lenser_id, 'grant_credits', p_key, v_request);
  if v_response is not null then
    return v_response;
  end if;

  -- The same event again tops up no second time, with a key or without, and no other account: so none is named.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.external_ref ' || p_source || ' ' || p_external_ref, 0));
  select g.* into v_known
  from billing.grants as g
  where g.source = p_source and g.external_ref = p_external_ref;
  if v_known.id is null then
    perform ratebook.assert_not_erased(array[v_account.lenser_id]);
    if (coalesce(p_expires_at, 'infinity') > greatest(v_account.updated_at, p_starts_at)) is not true then
      perform ratebook.fail('invalid_time', 'Credits expire after they are granted and start.', 'Leave out expires_at for never.');
    end if;
    if not isfinite(p_starts_at) or p_starts_at > v_account.updated_at + interval '100 years' then
      perform ratebook.fail('invalid_time', 'Credits start within 100 years.', 'Leave out starts_at for now.');
    end if;
    v_lot := ratebook.add_lot(
      v_account, p_amount, p_source, p_priority, p_expires_at, p_external_ref, null, null, p_starts_at
    );
    v_grant_id := v_lot.grant_id;
    v_account := ratebook.write_account(v_lot.account);
  elsif (v_known.account_id, v_known.lenser_id, v_known.amount) = (v_account.id, v_account.lenser_id, p_amount) then
    v_grant_id := v_known.id;
  else
    perform ratebook.fail(
      'idempotency_conflict', format('The event "%s" has granted other credits already.', left(p_external_ref, 100)),
      'An event counts once.', jsonb_build_object('external_ref', left(p_external_ref, 100), 'grant_id', v_known.id)
    );
  end if;
  -- What an admin granted is named in the history, once.
  v_response := jsonb_build_object(
    'grant_id', v_grant_id,
    'account_id', p_account_id,
    'amount', trim_scale(p_amount)::text,
    'balance', ratebook.balance_object(v_account)
  );
  if v_known.id is null then
    perform ratebook.record_call(
      'billing.grant_credits', 'billing.grants', jsonb_build_object('id', v_grant_id),
      v_request || jsonb_build_object('account', p_account_id), v_response
    );
  end if;
  return ratebook.remember(v_account, 'grant_credits', p_key, v_request, v_response);
end;
$$;

create function billing.grant_credits(
  account uuid,
  amount numeric,
  source text default 'manual',
  priority integer default 0,
  expires_at timestamptz default null,
  external_ref text default null,
  idempotency_key text default null,
  starts_at timestamptz default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.grant_credits(
    account, amount, source, priority, expires_at, external_ref, idempotency_key, owner, starts_at
  );
end;

revoke all on function ratebook.grant_credits(
  uuid, numeric, text, integer, timestamptz, text, text, uuid, timestamptz
) from public;
revoke all on function billing.grant_credits(
  uuid, numeric, text, integer, timestamptz, text, text, timestamptz, uuid
) from public;
grant execute on function ratebook.grant_credits(
  uuid, numeric, text, integer, timestamptz, text, text, uuid, timestamptz
) to authenticated, service_role;
grant execute on function billing.grant_credits(
  uuid, numeric, text, integer, timestamptz, text, text, timestamptz, uuid
) to authenticated, service_role;

comment on function ratebook.grant_credits(
  uuid, numeric, text, integer, timestamptz, text, text, uuid, timestamptz
) is
'The rule behind billing.grant_credits().';
comment on function billing.grant_credits(
  uuid, numeric, text, integer, timestamptz, text, text, timestamptz, uuid
) is
'Admins and the service role. Puts credits into an account as a lot; debt is repaid from it first. account: a lenser, whose own account is made when it is missing, or billing.accounts.id. priority: lower burns first. starts_at: before, nothing can be spent of it, and it repays debt then; now unless told. external_ref: id of the event behind it, such as a payment''s; with source it counts once. owner: the account''s lenser. Returns grant_id, account_id, amount, balance. Errors: unknown_account (PT404), invalid_amount, invalid_time, owner_required (PT422), idempotency_conflict (PT409), erased_lenser, not_allowed (42501).';

-- from sql/60_wallet/240_function_allocate.sql

create function ratebook.allocate(
  p_account billing.accounts, p_amount numeric, p_charge_id uuid default null
) returns ratebook.movement[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_left numeric := p_amount;
  v_lot record;
  v_movement ratebook.movement;
  v_movements ratebook.movement[] := '{}'::ratebook.movement[];
begin
  v_movement.account_id := p_account.id;
  v_movement.kind := case when p_charge_id is not null then 'charge'::billing.entry_kind_enum end;
  v_movement.charge_id := p_charge_id;
  -- Reads no more lots than it takes from.
  for v_lot in
    select g.id, g.remaining - g.reserved as free
    from billing.grants as g
    where
      g.account_id = p_account.id
      and g.lenser_id is not distinct from p_account.lenser_id
      and g.closed_at is null
      and g.remaining > g.reserved
      and coalesce(g.expires_at, 'infinity') > p_account.updated_at
      and coalesce(g.starts_at, '-infinity') <= p_account.updated_at
    order by g.priority, g.expires_at, g.id
  loop
    exit when v_left <= 0;
    v_movement.grant_id := v_lot.id;
    v_movement.amount := case when p_charge_id is null then 0 else -least(v_lot.free, v_left) end;
    v_movement.reserved := case when p_charge_id is null then least(v_lot.free, v_left) else 0 end;
    v_movements := v_movements || v_movement;
    v_left := v_left - v_lot.free;
  end loop;
  -- What no lot covers is overdraft; whether there may be so much, the caller has asked.
  if v_left > 0 then
    v_movement.grant_id := null;
    v_movement.amount := case when p_charge_id is null then 0 else -v_left end;
    v_movement.reserved := case when p_charge_id is null then v_left else 0 end;
    v_movements := v_movements || v_movement;
  end if;
  return v_movements;
end;
$$;

create function ratebook.head(p_account billing.accounts) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (ratebook.allocate(p_account, 1e-12))[1].grant_id;
end;
$$;

revoke all on function ratebook.head(billing.accounts) from public;
revoke all on function ratebook.allocate(billing.accounts, numeric, uuid) from public;

comment on function ratebook.allocate(billing.accounts, numeric, uuid) is
'Which lots of a locked account pay an amount, in burn order: movements of a charge, or (without one) of what a hold reserves.';
comment on function ratebook.head(billing.accounts) is 'The lot of a locked account that burns first; NULL where nothing is free.';

-- from sql/60_wallet/245_function_owe.sql

-- What a payment was spent on stays spent: where it is taken back, its credits are owed.
create function ratebook.owe(
  p_account billing.accounts, p_grant_id uuid, p_amount numeric, p_reason text
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_amount <= 0 then
    return p_account;
  end if;
  update billing.grants as g
  set revoked = g.revoked + p_amount
  where g.id = p_grant_id and g.lenser_id is not distinct from p_account.lenser_id;
  return ratebook.repay(ratebook.post(
    p_account,
    array[(p_account.id, null, -p_amount, 0, 'revocation', null, null, p_reason)]::ratebook.movement[]
  ));
end;
$$;

create function ratebook.repay(p_account billing.accounts) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_movements ratebook.movement[];
begin
  if p_account.revoked_debt = 0 then
    return p_account;
  end if;
  -- In burn order, as if it were spent only now: nothing else is, before it is repaid.
  v_movements := array(
    select (m.account_id, m.grant_id, -m.reserved, 0, 'repayment', null, null, null)::ratebook.movement
    from unnest(ratebook.allocate(p_account, p_account.revoked_debt)) as m
    where m.grant_id is not null
  );
  if v_movements = '{}'::ratebook.movement[] then
    return p_account;
  end if;
  return ratebook.post(p_account, v_movements || (
    p_account.id, null, (select -sum(m.amount) from unnest(v_movements) as m), 0, 'repayment', null, null, null
  )::ratebook.movement);
end;
$$;

revoke all on function ratebook.owe(billing.accounts, uuid, numeric, text) from public;
revoke all on function ratebook.repay(billing.accounts) from public;

comment on function ratebook.owe(billing.accounts, uuid, numeric, text) is
'Makes what was spent of a lot that was taken back a debt of its locked account, whatever the overdraft limit. Returns the account as it is then.';
comment on function ratebook.repay(billing.accounts) is
'Repays what a locked account owes of payments that were taken back from what its lots have free. Returns the account as it is then.';

-- from sql/60_wallet/250_function_assert_available.sql

create function ratebook.assert_available(
  p_account billing.accounts, p_needed numeric, p_detail jsonb default '{}'
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_available numeric := p_account.posted - p_account.reserved - p_account.upcoming + p_account.overdraft_limit;
begin
  -- Nothing may be had for nothing, also where payments that were taken back left the account below its limit.
  if p_needed > 0 and v_available < p_needed then
    perform ratebook.fail(
      'insufficient_credits',
      format(
        'The account has %s credits and needs %s.',
        trim_scale(v_available), trim_scale(p_needed)
      ),
      'Top up with billing.grant_credits(), or release holds.',
      jsonb_build_object(
        'account', p_account.id,
        'balance', trim_scale(p_account.posted)::text,
        'held', trim_scale(p_account.reserved)::text,
        'overdraft_limit', trim_scale(p_account.overdraft_limit)::text,
        'needed', trim_scale(p_needed)::text
      ) || case
        when p_account.upcoming > 0 then jsonb_build_object('upcoming', trim_scale(p_account.upcoming)::text) else '{}'
      end || p_detail
    );
  end if;
end;
$$;

revoke all on function ratebook.assert_available(billing.accounts, numeric, jsonb) from public;

comment on function ratebook.assert_available(billing.accounts, numeric, jsonb) is
'Refuses what a locked account cannot pay, its overdraft included. Error: insufficient_credits (PT402) with balance, held and needed, and upcoming where a lot has not started.';

-- from sql/60_wallet/260_function_count_spending.sql

create function ratebook.period_at(
  p_budget billing.budgets, p_at timestamptz, out starts_on date, out starts_at timestamptz, out ends_at timestamptz
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_length interval := ('1 ' || p_budget.period)::interval;
begin
  starts_on := date_trunc(p_budget.period::text, p_at at time zone p_budget.time_zone);
  starts_at := ratebook.day_starts_at(starts_on, p_budget.time_zone);
  -- Clocks that go back over midnight come to its day before it begins.
  if starts_at > p_at then
    starts_on := starts_on - v_length;
    starts_at := ratebook.day_starts_at(starts_on, p_budget.time_zone);
  end if;
  ends_at := ratebook.day_starts_at((starts_on + v_length)::date, p_budget.time_zone);
end;
$$;

create function ratebook.binds(
  p_budget billing.budgets, p_model_id uuid, p_feature_id uuid, p_at timestamptz
) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (p_budget.feature_id is null or p_budget.feature_id = p_feature_id)
    and (
      p_budget.model_id is null
      or p_budget.model_id = p_model_id
      or exists (
        select from ratebook.successors(p_budget.model_id) as s where s.model_id = p_model_id and s.since <= p_at
      )
    );
end;
$$;

create function ratebook.counted_by(p_budget billing.budgets) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return md5(concat_ws(
    ' ', p_budget.feature_id,
    case
      when p_budget.model_id is not null then (
        select string_agg(concat_ws(' ', s.model_id, extract(epoch from s.since)), ' ' order by s.ordinality)
        from ratebook.successors(p_budget.model_id) with ordinality as s
      )
    end
  ))::uuid;
end;
$$;

create function ratebook.spent(
  p_budget billing.budgets, p_starts_at timestamptz, p_ends_at timestamptz
) returns numeric
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_since uuid := ratebook.uuid_v7_floor(p_starts_at);
  v_until uuid := ratebook.uuid_v7_floor(p_ends_at);
  v_models uuid[];
  v_from timestamptz[];
begin
  select array_agg(s.model_id), array_agg(s.since) into v_models, v_from
  from ratebook.successors(p_budget.model_id) as s;
  return (
    select
      coalesce(sum(c.credits - coalesce(r.amount, 0)), 0)
    from (
      -- Two indexes: what the lenser's own accounts paid, and what others' did, whoever they are.
      select o.id, o.lenser_id, o.model_id, o.feature_id, o.credits, o.created_at
      from billing.charges as o
      where
        o.lenser_id = p_budget.lenser_id and o.spender_id = p_budget.lenser_id and o.id >= v_since and o.id < v_until
      union all
      select m.id, m.lenser_id, m.model_id, m.feature_id, m.credits, m.created_at
      from billing.charges as m
      where m.spender_id = p_budget.lenser_id and m.spender_id <> m.lenser_id and m.id >= v_since and m.id < v_until
    ) as c
    left join lateral (
      select f.amount
      from ratebook.refunds as f
      where f.charge_id = c.id and f.lenser_id is not distinct from c.lenser_id
    ) as r on true
    where
      (p_budget.model_id is null or c.created_at >= v_from[array_position(v_models, c.model_id)])
      and (p_budget.feature_id is null or c.feature_id = p_budget.feature_id)
  );
end;
$$;

create type ratebook.spending as (
  lenser_id uuid,
  account_id uuid,
  owner_id uuid,
  model_id uuid,
  feature_id uuid,
  credits numeric,
  held numeric,
  hold_id uuid,
  is_hold boolean
);

create function ratebook.counts_anew(p_spendings ratebook.spending[], p_lenser_id uuid, p_at timestamptz) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select
    from billing.budgets as b
    cross join lateral (
      select distinct s.model_id, s.feature_id from unnest(p_spendings) as s where s.lenser_id = p_lenser_id
    ) as s
    where
      b.lenser_id = p_lenser_id
      and b.model_id is not null
      and ratebook.binds(b, s.model_id, s.feature_id, p_at)
      and not exists (
        select
        from ratebook.period_at(b, p_at) as d
        inner join billing.budget_periods as p
          on
            p.budget_id = b.id
            and p.lenser_id is not distinct from b.lenser_id
            and p.starts_at = d.starts_at
            and p.ends_at = d.ends_at
        where p.counted_by = ratebook.counted_by(b)
      )
  );
end;
$$;

create function ratebook.lock_spenders(p_spendings ratebook.spending[], p_at timestamptz) returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_lenser_id uuid;
  v_alone uuid[] := '{}'::uuid[];
begin
  for v_lenser_id in
    select distinct s.lenser_id from unnest(p_spendings) as s order by s.lenser_id
  loop
    -- What is under way may not know of a succession, and be counted by nobody: who sums up charges waits for it.
    if ratebook.counts_anew(p_spendings, v_lenser_id, p_at) then
      perform from lensers.profiles as p where p.id = v_lenser_id for update;
      v_alone := v_alone || v_lenser_id;
    -- Waits for a budget that is being made, which waits for what is being spent.
    else
      perform from lensers.profiles as p where p.id = v_lenser_id for key share;
    end if;
  end loop;
  return v_alone;
end;
$$;

-- The first spending of a period counts what the charges of it say: a budget may be younger than they are.
create function ratebook.begin_period(p_budget billing.budgets, p_at timestamptz, p_counted_by uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_period constant record := ratebook.period_at(p_budget, p_at);
begin
  insert into billing.budget_periods (budget_id, lenser_id, starts_on, starts_at, ends_at, counted_by, spent)
  select
    p_budget.id, p_budget.lenser_id, v_period.starts_on, v_period.starts_at, v_period.ends_at, p_counted_by,
    ratebook.spent(p_budget, v_period.starts_at, v_period.ends_at)
  where not exists (
    select from billing.budget_periods as p
    where
      p.budget_id = p_budget.id
      and p.lenser_id is not distinct from p_budget.lenser_id
      and p.starts_at = v_period.starts_at
      and p.ends_at = v_period.ends_at
  )
  on conflict do nothing;
end;
$$;

create function ratebook.count_locked(
  p_spending ratebook.spending, p_alone uuid[], p_at timestamptz
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_member billing.account_members;
  v_budget billing.budgets;
  v_period record;
  v_counted_by uuid;
  v_may_sum boolean;
  v_models uuid[];
  v_counted numeric := case when p_spending.is_hold then 0 else p_spending.credits end;
  v_spent numeric;
  v_held numeric;
  v_warnings jsonb := '[]'::jsonb;
  -- Holds that are open: none lasts longer than a week, and no other account's clock is a day ahead.
  v_since uuid := ratebook.uuid_v7_floor(p_at - interval '168 hours');
  v_until uuid := ratebook.uuid_v7_floor(p_at + interval '24 hours');
begin
  -- The owner needs no leave; everybody else spends as a member, whose row the update locks until the end.
  if p_spending.lenser_id <> p_spending.owner_id then
    update billing.account_members as m
    set spent = m.spent + v_counted
    where
      m.account_id = p_spending.account_id
      and m.lenser_id is not distinct from p_spending.owner_id
      and m.member_id = p_spending.lenser_id
    returning m.* into v_member;
    -- A hold of one who was a member then may still be captured.
    if not found and (p_spending.hold_id is null or p_spending.credits > p_spending.held) then
      perform ratebook.fail('not_allowed', 'This lenser may not spend from this account.',
        'Add the lenser with billing.set_member().',
        jsonb_build_object('account', p_spending.account_id, 'lenser', p_spending.lenser_id));
    end if;
    -- Against the limit counts what open holds keep, too: it may all be captured. What was held was allowed then.
    if v_member.spend_limit is not null and p_spending.credits > p_spending.held then
      v_spent := v_member.spent - v_counted + p_spending.credits + (
        select coalesce(sum(h.amount), 0)
        from billing.holds as h
        where
          h.spender_id = p_spending.lenser_id
          and h.account_id = p_spending.account_id
          and h.lenser_id is not distinct from p_spending.owner_id
          and h.status = 'open'
          and h.expires_at > p_at
          and h.id >= v_since
          and h.id < v_until
          and h.id is distinct from p_spending.hold_id
      );
      -- The message tells what would be needed: an owner can raise the limit by it.
      if v_spent > v_member.spend_limit then
        perform ratebook.fail(
          'member_limit_exceeded', 'The member''s limit for this account is reached.',
          'Raise it with billing.set_member().',
          jsonb_build_object(
            'account', p_spending.account_id, 'lenser', p_spending.lenser_id,
            'limit', trim_scale(v_member.spend_limit)::text, 'needed', trim_scale(v_spent)::text
          )
        );
      end if;
    end if;
  end if;

  -- In one order for everybody, and locked: nobody else counts in their periods.
  for v_budget in
    select b.*
    from billing.budgets as b
    where
      b.lenser_id = p_spending.lenser_id
      and ratebook.binds(b, p_spending.model_id, p_spending.feature_id, p_at)
    order by b.id
    for no key update of b
  loop
    v_period := ratebook.period_at(v_budget, p_at);
    v_counted_by := ratebook.counted_by(v_budget);
    v_may_sum := v_budget.model_id is null or p_spending.lenser_id = any(p_alone);
    if v_may_sum then
      perform ratebook.begin_period(v_budget, p_at, v_counted_by);
    end if;
    -- So does the first since a succession began, changed or ended.
    update billing.budget_periods as p
    set
      spent = v_counted + case
        when p.counted_by = v_counted_by then p.spent else ratebook.spent(v_budget, p.starts_at, p.ends_at)
      end,
      counted_by = v_counted_by
    where
      p.budget_id = v_budget.id
      and p.lenser_id is not distinct from v_budget.lenser_id
      and p.starts_at = v_period.starts_at
      and p.ends_at = v_period.ends_at
      and (v_may_sum or p.counted_by = v_counted_by)
    returning p.spent into v_spent;
    -- A succession came between, which others may not know of: the next sums up the charges, and this one with them.
    if not found then
      v_spent := v_counted + ratebook.spent(v_budget, v_period.starts_at, v_period.ends_at);
    end if;
    -- Counted although switched off, so that it is right once it is switched on.
    continue when not v_budget.is_active;

    -- Of whichever account: a budget is the spender's, a hold the owner's. It may all be captured, and be counted then.
    v_models := array(select s.model_id from ratebook.successors(v_budget.model_id) as s where s.since <= p_at);
    select v_spent - v_counted + p_spending.credits + coalesce(sum(h.amount), 0) into v_held
    from billing.holds as h
    where
      h.spender_id = p_spending.lenser_id
      and h.status = 'open'
      and h.expires_at > p_at
      and h.id >= v_since
      and h.id < v_until
      and h.id is distinct from p_spending.hold_id
      and (v_budget.model_id is null or h.model_id = any(v_models))
      and (v_budget.feature_id is null or h.feature_id = v_budget.feature_id);
    -- What was held was allowed then.
    if v_held > v_budget.hard_limit and p_spending.credits > p_spending.held then
      perform ratebook.fail(
        'budget_exceeded', format('The budget for this %s is reached.', v_budget.period),
        'Raise it in billing.budgets, or wait.',
        jsonb_build_object(
          'budget', v_budget.id, 'lenser', v_budget.lenser_id, 'period', v_budget.period, 'starts_on', v_period.starts_on,
          'limit', trim_scale(v_budget.hard_limit)::text, 'needed', trim_scale(v_held)::text
        )
      );
    end if;
    -- A soft limit warns and refuses nothing.
    if v_spent >= v_budget.soft_limit then
      v_warnings := v_warnings || jsonb_build_object(
        'warning', 'budget_soft_limit', 'budget', v_budget.id, 'period', v_budget.period, 'starts_on', v_period.starts_on,
        'limit', trim_scale(v_budget.soft_limit)::text, 'spent', trim_scale(v_spent)::text
      );
      if v_counted > 0 and (v_spent - v_counted < v_budget.soft_limit or v_spent = v_counted) then
        insert into billing.outbox (lenser_id, topic, payload, created_at)
        values (v_budget.lenser_id, 'budget_soft_limit', v_warnings -> -1, p_at);
      end if;
    end if;
  end loop;
  return v_warnings;
end;
$$;

create function ratebook.count_spending(p_spending ratebook.spending, p_account billing.accounts) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Nothing to count in: an owner without a budget.
  if p_account.is_plain and p_spending.lenser_id = p_account.lenser_id then
    return jsonb '[]';
  end if;
  return ratebook.count_locked(
    p_spending, ratebook.lock_spenders(array[p_spending], p_account.updated_at), p_account.updated_at
  );
end;
$$;

create function ratebook.uncount_spending(
  p_charge billing.charges, p_credits numeric, p_is_replaced boolean default false
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_spending ratebook.spending;
  v_alone uuid[];
  v_budget billing.budgets;
  v_counted_by uuid;
begin
  update billing.account_members as m
  set spent = greatest(m.spent - p_credits, 0)
  where
    m.account_id = p_charge.account_id
    and m.lenser_id is not distinct from p_charge.lenser_id
    and m.member_id = p_charge.spender_id;
  v_spending.lenser_id := p_charge.spender_id;
  v_spending.model_id := p_charge.model_id;
  v_spending.feature_id := p_charge.feature_id;
  v_alone := ratebook.lock_spenders(array[v_spending], p_charge.created_at);
  -- As in ratebook.count_spending().
  for v_budget in
    select b.*
    from billing.budgets as b
    where
      b.lenser_id = p_charge.spender_id
      and ratebook.binds(b, p_charge.model_id, p_charge.feature_id, p_charge.created_at)
    order by b.id
    for no key update of b
  loop
    v_counted_by := ratebook.counted_by(v_budget);
    -- What takes its place is counted before it is written that this was given back: the sum is taken before both.
    if p_is_replaced and (v_budget.model_id is null or p_charge.spender_id = any(v_alone)) then
      perform ratebook.begin_period(v_budget, p_charge.created_at, v_counted_by);
    end if;
    update billing.budget_periods as p
    set
      spent = greatest(
        -p_credits + case
          when p.counted_by = v_counted_by then p.spent else ratebook.spent(v_budget, p.starts_at, p.ends_at)
        end, 0
      ),
      counted_by = v_counted_by
    where
      p.budget_id = v_budget.id
      and p.lenser_id is not distinct from p_charge.spender_id
      and p.starts_at <= p_charge.created_at
      -- No period is longer.
      and p.starts_at > p_charge.created_at - interval '768 hours'
      and p.ends_at > p_charge.created_at
      and (v_budget.model_id is null or p_charge.spender_id = any(v_alone) or p.counted_by = v_counted_by);
  end loop;
end;
$$;

revoke all on function ratebook.period_at(billing.budgets, timestamptz) from public;
revoke all on function ratebook.binds(billing.budgets, uuid, uuid, timestamptz) from public;
revoke all on function ratebook.counted_by(billing.budgets) from public;
revoke all on function ratebook.spent(billing.budgets, timestamptz, timestamptz) from public;
revoke all on function ratebook.counts_anew(ratebook.spending[], uuid, timestamptz) from public;
revoke all on function ratebook.lock_spenders(ratebook.spending[], timestamptz) from public;
revoke all on function ratebook.begin_period(billing.budgets, timestamptz, uuid) from public;
revoke all on function ratebook.count_locked(ratebook.spending, uuid[], timestamptz) from public;
revoke all on function ratebook.count_spending(ratebook.spending, billing.accounts) from public;
revoke all on function ratebook.uncount_spending(billing.charges, numeric, boolean) from public;

comment on type ratebook.spending is 'What a member''s limit and a lenser''s budgets are asked about.';
comment on column ratebook.spending.lenser_id is 'Who spends.';
comment on column ratebook.spending.account_id is 'The account that pays.';
comment on column ratebook.spending.owner_id is 'Its owner.';
comment on column ratebook.spending.model_id is 'The model.';
comment on column ratebook.spending.feature_id is 'The feature.';
comment on column ratebook.spending.credits is 'Credits.';
comment on column ratebook.spending.held is 'How many of them a hold has been allowed already.';
comment on column ratebook.spending.hold_id is 'That hold.';
comment on column ratebook.spending.is_hold is 'Whether it is a hold, which is asked about and not counted yet.';
comment on function ratebook.period_at(billing.budgets, timestamptz) is 'The period of a budget that a time is in.';
comment on function ratebook.binds(billing.budgets, uuid, uuid, timestamptz) is
'Whether a budget is about what is spent on a model (the one that it names, or by then a successor of it) for a feature.';
comment on function ratebook.counted_by(billing.budgets) is 'The fingerprint of what a budget counts as things are.';
comment on function ratebook.spent(billing.budgets, timestamptz, timestamptz) is
'What was spent of what a budget is about, from a time on and before another, refunds taken off: a sum of charges.';
comment on function ratebook.counts_anew(ratebook.spending[], uuid, timestamptz) is
'Whether a budget for a model, of a lenser who spends on it, has no count of the period yet, or one by successions of before.';
comment on function ratebook.lock_spenders(ratebook.spending[], timestamptz) is
'Locks who spends until the end, in one order for everybody: together with others who spend, or alone where charges have to be summed up for a model''s budget. Returns those that it locked alone.';
comment on function ratebook.begin_period(billing.budgets, timestamptz, uuid) is
'Counts what was charged in the period of a locked budget, where nothing has been counted in it; p_counted_by as ratebook.counted_by() says. Who spends is locked alone where the budget is for a model.';
comment on function ratebook.count_locked(ratebook.spending, uuid[], timestamptz) is
'ratebook.count_spending() where the spender is locked; p_alone says who is alone.';
comment on function ratebook.count_spending(ratebook.spending, billing.accounts) is
'Counts spending that is not written yet against the member''s limit and the budgets of a lenser, and returns the warnings of soft limits. The account is locked. Errors: not_allowed (42501) for strangers to the account, member_limit_exceeded, budget_exceeded (PT402).';
comment on function ratebook.uncount_spending(billing.charges, numeric, boolean) is
'Takes credits that are about to be refunded, and are not written yet, off the member''s limit and off the budgets of the charge''s period; where another charge takes its place (p_is_replaced), also those that have not counted it yet.';

-- from sql/60_wallet/270_function_charge.sql

create type ratebook.charge_request as (
  account_id uuid,
  owner_id uuid,
  is_estimated boolean,
  reported_cost numeric,
  reported_currency text,
  lenser_id uuid,
  key text,
  request jsonb,
  model text,
  usage jsonb,
  feature text,
  service_tier text,
  variant text,
  region text,
  generation_id uuid,
  prompt text,
  output text,
  latency_ms integer,
  stated text []
);

-- A charge that is priced: what the owner will see of it, and what it costs (without an id where nothing has a price).
create type ratebook.priced_charge as (
  charge billing.charges,
  cost billing.charge_costs
);

create function ratebook.assert_active(p_model_ids uuid[]) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_model text;
begin
  select m.key into v_model from ai.models as m where m.id = any(p_model_ids) and not m.is_active limit 1;
  if found then
    perform ratebook.fail('inactive_model', format('The model "%s" is switched off.', v_model),
      'Choose an active model of ai.models.', jsonb_build_object('model', v_model));
  end if;
end;
$$;

create function ratebook.priced_charge(
  p_priced ratebook.priced_request,
  p_request ratebook.charge_request,
  p_account billing.accounts,
  p_priced_at timestamptz
) returns ratebook.priced_charge
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := ratebook.uuid_v7(p_account.updated_at);
begin
  return (
    (
      v_id, p_account.lenser_id, p_account.id, coalesce(p_request.lenser_id, p_account.lenser_id), null,
      coalesce(p_request.generation_id, v_id), p_priced.model_id, p_priced.feature_id, p_request.feature,
      p_request.usage, p_request.service_tier, p_request.variant, p_request.region, p_priced_at,
      ('[' || p_priced.lines || ']')::jsonb,
      p_priced.credits, p_account.updated_at, p_request.is_estimated, null, false
    )::billing.charges,
    (
      v_id, p_account.lenser_id, p_priced.currency, p_priced.cost, p_priced.credit_rate_id,
      p_priced.margin_policy_id, p_priced.price_ids
    )::billing.charge_costs
  )::ratebook.priced_charge;
end;
$$;

create function ratebook.price_charge(
  p_request ratebook.charge_request,
  p_account billing.accounts,
  p_priced_at timestamptz,
  p_source text default null,
  p_currency text default null
) returns ratebook.priced_charge
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_priced ratebook.priced_request := ratebook.price_request(
    p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
    p_priced_at, true, false, p_source, p_currency, p_request.stated
  );
begin
  -- What was active when the hold began may be captured.
  if p_source is null and not v_priced.is_active then
    perform ratebook.assert_active(array[v_priced.model_id]);
  end if;
  return ratebook.priced_charge(v_priced, p_request, p_account, p_priced_at);
end;
$$;

create function ratebook.price_reported(
  p_request ratebook.charge_request,
  p_account billing.accounts,
  p_priced_at timestamptz,
  p_source text default null,
  p_currency text default null
) returns ratebook.priced_charge
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := ratebook.uuid_v7(p_account.updated_at);
  v_model_id uuid := ratebook.model_id(p_request.model, true, p_priced_at);
  v_currency text := coalesce(
    p_request.reported_currency, p_currency, (ratebook.price_source_at(v_model_id, p_priced_at)).price_currency
  );
  v_feature_id uuid;
  v_terms ratebook.credit_terms;
begin
  -- NaN is above every number, and a cost that is missing is no cost.
  if (p_request.reported_cost >= 0 and ratebook.is_amount(p_request.reported_cost)) is not true then
    perform ratebook.fail('invalid_amount', 'The reported cost is less than 0 or out of range.',
      'A cost is a number up to 1e12 with at most 30 decimals.', '{"argument": "reported_cost"}');
  end if;
  if p_source is null then
    perform ratebook.assert_active(array[v_model_id]);
  end if;
  -- The usage prices nothing here, and stands in the log: so it must be one.
  if p_request.usage is not null then
    perform ratebook.assert_usage(p_request.usage);
  end if;
  if p_request.service_tier is distinct from 'standard' then
    perform ratebook.assert_service_tier(p_request.service_tier);
  end if;
  if p_request.feature is not null then
    v_feature_id := ratebook.feature_id(p_request.feature);
  end if;
  -- The cost is the provider's; rate and margin are those of any charge.
  v_terms := ratebook.require_terms(v_model_id, v_feature_id, v_currency, p_priced_at);
  return (
    (
      v_id, p_account.lenser_id, p_account.id, coalesce(p_request.lenser_id, p_account.lenser_id), null,
      coalesce(p_request.generation_id, v_id), v_model_id, v_feature_id, p_request.feature, p_request.usage,
      p_request.service_tier, p_request.variant, p_request.region, p_priced_at,
      (
        select
          coalesce(
            jsonb_agg(ratebook.quote_line(u.key, u.value::numeric, null, null, null, false, null, false) order by u.key),
            '[]'
          )
        from jsonb_each(coalesce(p_request.usage, '{}')) as u
      ),
      trim_scale(ratebook.credits(
        p_request.reported_cost, v_terms.credits_per_currency_unit, v_terms.margin, v_terms.fixed_credits,
        v_terms.min_credits, v_terms.minimum_applies_to_free, v_terms.increment
      )),
      p_account.updated_at, p_request.is_estimated, null, true
    )::billing.charges,
    (
      v_id, p_account.lenser_id, v_currency, trim_scale(p_request.reported_cost), v_terms.credit_rate_id,
      v_terms.margin_policy_id, '{}'::uuid[]
    )::billing.charge_costs
  )::ratebook.priced_charge;
end;
$$;

-- The generation that a charge makes has its id, and says so itself; but not a member's, to whom it does not belong.
create function ratebook.count_charges(p_charges billing.charges[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ratebook.usage_deltas (kind, sign, counts_at, owner_id, charge_id)
  select 'charge', 1, c.created_at, c.lenser_id, c.id
  from unnest(p_charges) as c
  where c.generation_id is distinct from c.id or c.spender_id <> c.lenser_id;
end;
$$;

create function ratebook.write_charge(
  p_charge billing.charges, p_cost billing.charge_costs, p_request ratebook.charge_request
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into billing.charges values (p_charge.*);
  perform ratebook.count_charges(array[p_charge]);
  if p_cost.id is not null then
    insert into billing.charge_costs values (p_cost.*);
  end if;
  if p_request.generation_id is not null then
    perform ratebook.complete_generation(p_charge, p_request);
  -- One that replaces an estimate has its generation, unless that was deleted.
  elsif p_charge.generation_id is not null and p_charge.estimate_id is null then
    insert into ai.generations (
      id, lenser_id, model_id, feature_key, usage, status, prompt, output, latency_ms, created_at
    ) values (
      p_charge.generation_id, p_charge.spender_id, p_charge.model_id, p_charge.feature_key, p_charge.usage, 'completed',
      p_request.prompt, p_request.output, p_request.latency_ms, p_charge.created_at
    );
  end if;
end;
$$;

create function ratebook.complete_generation(
  p_charge billing.charges, p_request ratebook.charge_request
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_charge_id uuid;
begin
  -- Its lock is what two charges of one generation, of whichever accounts, wait for.
  update ai.generations as g
  set
    usage = coalesce(p_charge.usage, g.usage),
    status = 'completed',
    output = coalesce(p_request.output, g.output),
    latency_ms = coalesce(p_request.latency_ms, g.latency_ms)
  where g.id = p_request.generation_id and g.lenser_id is not distinct from p_charge.spender_id;
  if not found then
    perform ratebook.fail('unknown_generation', format('The lenser has no generation %s.', p_request.generation_id), null,
      jsonb_build_object('generation', p_request.generation_id));
  end if;
  -- Whoever paid. No charge is older than what it is for, and no other clock is a day behind.
  select c.id into v_charge_id
  from billing.charges as c
  where
    c.generation_id = p_request.generation_id
    and c.spender_id is not distinct from p_charge.spender_id
    and c.id <> p_charge.id
    -- But for the estimate that gives way to it.
    and c.id is distinct from p_charge.estimate_id
    and c.id >= ratebook.uuid_v7_floor(ratebook.uuid_v7_time(p_request.generation_id) - interval '24 hours')
    and c.id < ratebook.uuid_v7_floor(p_charge.created_at + interval '24 hours')
  limit 1;
  if found then
    perform ratebook.fail('already_charged', format('Generation %s was charged already.', p_request.generation_id),
      'A generation is charged once, also where the charge was refunded.',
      jsonb_build_object('generation', p_request.generation_id, 'charge', v_charge_id));
  end if;
end;
$$;

create function ratebook.charge_object(
  p_charge billing.charges, p_cost billing.charge_costs, p_account billing.accounts, p_warnings jsonb
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return ratebook.charge_object(
    p_charge.id, p_charge.generation_id, p_charge.account_id, p_charge.model_id, p_charge.credits, p_cost.cost,
    p_cost.currency, p_account.posted, p_account.reserved, p_account.debt, p_account.upcoming, p_warnings
  );
end;
$$;

-- By one text: it has few expressions, and each is prepared anew in every transaction.
create function ratebook.charge_object(
  p_charge_id uuid,
  p_generation_id uuid,
  p_account_id uuid,
  p_model_id uuid,
  p_credits numeric,
  p_cost numeric,
  p_currency text,
  p_posted numeric,
  p_reserved numeric,
  p_debt numeric,
  p_upcoming numeric,
  p_warnings jsonb
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return format(
    '{"charge_id": "%s", "generation_id": %s, "account_id": "%s", "model_id": %s, "credits": "%s", "cost": %s, '
    '"currency": %s, "balance": %s, "warnings": %s}',
    p_charge_id, coalesce('"' || p_generation_id || '"', 'null'), p_account_id, coalesce('"' || p_model_id || '"', 'null'),
    trim_scale(p_credits), coalesce('"' || trim_scale(p_cost) || '"', 'null'), coalesce('"' || p_currency || '"', 'null'),
    ratebook.balance_text(p_posted, p_reserved, p_debt, p_upcoming), p_warnings
  )::jsonb;
end;
$$;

create function ratebook.charge_in_general(p_request ratebook.charge_request) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts := ratebook.lock_account(p_request.account_id, p_request.owner_id);
  v_answer jsonb := ratebook.recall(
    v_account.id, v_account.lenser_id, 'charge_generation', p_request.key, p_request.request
  );
  v_priced ratebook.priced_charge;
  v_charge billing.charges;
  v_warnings jsonb;
begin
  -- An answered request is not priced again: its model may be gone.
  if v_answer is not null then
    return v_answer;
  end if;
  if not v_account.is_plain or p_request.lenser_id <> v_account.lenser_id then
    perform ratebook.assert_not_erased(array[v_account.lenser_id, p_request.lenser_id]);
  end if;
  if p_request.reported_cost is null then
    v_priced := ratebook.price_charge(p_request, v_account, v_account.updated_at);
  else
    v_priced := ratebook.price_reported(p_request, v_account, v_account.updated_at);
  end if;
  v_charge := v_priced.charge;
  v_warnings := ratebook.count_spending(
    (
      v_charge.spender_id, v_charge.account_id, v_charge.lenser_id, v_charge.model_id, v_charge.feature_id,
      v_charge.credits, 0, null, false
    )::ratebook.spending,
    v_account
  );
  perform ratebook.assert_available(v_account, v_charge.credits);
  v_account := ratebook.move(v_account, ratebook.allocate(v_account, v_charge.credits, v_charge.id));
  perform ratebook.write_account(v_account, ratebook.head(v_account));
  perform ratebook.write_charge(v_charge, v_priced.cost, p_request);
  return ratebook.remember(
    v_account, 'charge_generation', p_request.key, p_request.request,
    ratebook.charge_object(v_charge, v_priced.cost, v_account, v_warnings)
  );
end;
$$;

revoke all on function ratebook.assert_active(uuid[]) from public;
revoke all on function ratebook.priced_charge(
  ratebook.priced_request, ratebook.charge_request, billing.accounts, timestamptz
) from public;
revoke all on function ratebook.charge_in_general(ratebook.charge_request) from public;
revoke all on function ratebook.price_charge(
  ratebook.charge_request, billing.accounts, timestamptz, text, text
) from public;
revoke all on function ratebook.price_reported(
  ratebook.charge_request, billing.accounts, timestamptz, text, text
) from public;
revoke all on function ratebook.count_charges(billing.charges[]) from public;
revoke all on function ratebook.write_charge(
  billing.charges, billing.charge_costs, ratebook.charge_request
) from public;
revoke all on function ratebook.complete_generation(billing.charges, ratebook.charge_request) from public;
revoke all on function ratebook.charge_object(
  billing.charges, billing.charge_costs, billing.accounts, jsonb
) from public;
revoke all on function ratebook.charge_object(
  uuid, uuid, uuid, uuid, numeric, numeric, text, numeric, numeric, numeric, numeric, jsonb
) from public;

comment on type ratebook.charge_request is 'What one charge asks for.';
comment on column ratebook.charge_request.account_id is 'The account that pays.';
comment on column ratebook.charge_request.owner_id is 'Its owner; NULL where the caller does not say.';
comment on column ratebook.charge_request.is_estimated is 'Whether the charge may be settled later.';
comment on column ratebook.charge_request.reported_cost is 'What the provider says that it cost; NULL to price the usage.';
comment on column ratebook.charge_request.reported_currency is 'The currency of that; NULL for the model''s.';
comment on column ratebook.charge_request.lenser_id is 'Who spends; NULL for the owner.';
comment on column ratebook.charge_request.key is 'The idempotency key; NULL for none.';
comment on column ratebook.charge_request.request is 'What is kept with the key and compared.';
comment on column ratebook.charge_request.model is 'Id, key or alias.';
comment on column ratebook.charge_request.usage is 'Meters and quantities.';
comment on column ratebook.charge_request.feature is 'Key of a feature.';
comment on column ratebook.charge_request.service_tier is 'Service tier.';
comment on column ratebook.charge_request.variant is 'Variant, such as an image size.';
comment on column ratebook.charge_request.region is 'Region.';
comment on column ratebook.charge_request.generation_id is 'A generation of the spender that this ends; NULL makes one.';
comment on column ratebook.charge_request.prompt is 'For the generation that is made.';
comment on column ratebook.charge_request.output is 'For the generation.';
comment on column ratebook.charge_request.latency_ms is 'For the generation.';
comment on column ratebook.charge_request.stated is
'Which of service tier, variant and region the provider''s answer states, other than the standard tier.';
comment on type ratebook.priced_charge is 'A charge that is priced and not yet made.';
comment on column ratebook.priced_charge.charge is 'What the owner will see.';
comment on column ratebook.priced_charge.cost is 'What it costs; without an id for a charge without a price.';
comment on function ratebook.assert_active(uuid[]) is
'Refuses models that are switched off or deleted. Error: inactive_model (PT409).';
comment on function ratebook.priced_charge(
  ratebook.priced_request, ratebook.charge_request, billing.accounts, timestamptz
) is 'The charge to a locked account of a request that is priced as of a time.';
comment on function ratebook.charge_in_general(ratebook.charge_request) is 'ratebook.charge() for whatever is not plain.';
comment on function ratebook.price_charge(
  ratebook.charge_request, billing.accounts, timestamptz, text, text
) is
'Prices a charge to a locked account as of a time, by the model''s price source or the one that a hold began with. Errors: those of billing.quote().';
comment on function ratebook.price_reported(
  ratebook.charge_request, billing.accounts, timestamptz, text, text
) is
'ratebook.price_charge() by the cost that the provider reported, in its currency or the model''s. Errors: invalid_amount (PT422), and those of billing.quote() that are not of prices.';
comment on function ratebook.count_charges(billing.charges[]) is
'Charges count in billing.usage(): one that made a generation of its owner does with that.';
comment on function ratebook.write_charge(billing.charges, billing.charge_costs, ratebook.charge_request) is
'Writes a charge, what it cost, and its generation. Errors: unknown_generation (PT404), already_charged (PT409).';
comment on function ratebook.complete_generation(billing.charges, ratebook.charge_request) is
'Completes the generation that a charge, which is written, is for. Errors: unknown_generation (PT404), already_charged (PT409) where it has another charge than the estimate that gave way to it.';
comment on function ratebook.charge_object(billing.charges, billing.charge_costs, billing.accounts, jsonb) is
'The answer to a charge; amounts are strings.';
comment on function ratebook.charge_object(
  uuid, uuid, uuid, uuid, numeric, numeric, text, numeric, numeric, numeric, numeric, jsonb
) is 'The answer of a charge: what it is, and the balance of its account behind it.';

-- from sql/60_wallet/275_function_charge_plainly.sql

-- Nearly every charge: an owner's own, of what has an offer, from an account that nothing but its balance can refuse, paid
-- by the lot that burns first, or by the one that its hold keeps. It is priced before it waits, debited by one update, and
-- written behind that. Whatever is not so is NULL, with nothing left written, and charged in general: to the same effect.
create function ratebook.charge_plainly(
  p_request ratebook.charge_request, p_hold billing.holds default null
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- In few expressions, each of which is prepared anew in every transaction: so what only captures need stands apart.
declare
  v_now constant timestamptz := ratebook.clock();
  v_owner constant uuid := coalesce(p_request.owner_id, p_request.account_id);
  v_priced ratebook.priced_request;
  v_id uuid;
  v_priced_at timestamptz := v_now;
  v_at timestamptz;
  v_ends timestamptz;
  v_posted numeric;
  v_reserved numeric;
  v_debt numeric;
  v_upcoming numeric;
  v_number bigint;
  v_lot_id uuid;
  v_is_done boolean := false;
  v_answer jsonb;
begin
  if num_nonnulls(p_request.generation_id, p_request.reported_cost) > 0 or p_request.lenser_id <> v_owner then
    return null;
  end if;
  -- Unlocked: what it costs, which nobody waits for.
  if p_request.owner_id is null then
    perform ratebook.require_owner();
  end if;
  if p_hold.id is null then
    v_priced := ratebook.price_request(
      p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
      v_now, true, false, p_stated => p_request.stated, p_offers_only => true
    );
    if (v_priced.is_active and v_priced.credits > 0) is not true then
      return null;
    end if;
    -- This update is the account's lock. What it asks of time was true before it waited; what it returns is read after.
    update billing.accounts as a
    set
      posted = trim_scale(a.posted - v_priced.credits),
      entries = a.entries + 1,
      updated_at = greatest(a.updated_at, v_now)
    where
      a.id = p_request.account_id
      and a.lenser_id is not distinct from v_owner
      and a.is_plain
      and a.months_until > v_now
      and a.posted - a.reserved - a.upcoming - v_priced.credits >= greatest(a.low_balance_mark, -a.overdraft_limit)
    returning a.updated_at, least(a.months_until, a.next_event_at, v_priced.ends), a.posted, a.reserved, a.debt,
      a.upcoming, a.entries, a.head_id
    into v_at, v_ends, v_posted, v_reserved, v_debt, v_upcoming, v_number, v_lot_id;
    if not found then
      return null;
    end if;
    -- Something of the lot is left, so that it stays the first.
    if greatest(v_at, ratebook.clock()) < v_ends then
      update billing.grants as g
      set remaining = g.remaining - v_priced.credits
      where
        g.id = v_lot_id and g.lenser_id is not distinct from v_owner and g.remaining - g.reserved > v_priced.credits;
      v_is_done := found;
    end if;
    v_id := ratebook.uuid_v7(v_at);
  else
    -- At the prices of the hold, also where the model has been switched off since; for no more than it keeps, of one lot.
    v_priced_at := p_hold.created_at;
    v_priced := ratebook.price_request(
      p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
      v_priced_at, true, false, p_hold.price_source, p_hold.price_currency, p_request.stated, true
    );
    v_lot_id := (select k.id::uuid from jsonb_object_keys(p_hold.lots) as k (id) limit 1);
    if (v_priced.credits > 0 and v_priced.credits <= (p_hold.lots ->> v_lot_id::text)::numeric
      and (p_hold.lots ->> v_lot_id::text)::numeric = p_hold.amount) is not true then
      return null;
    end if;
    update billing.accounts as a
    set
      posted = trim_scale(a.posted - v_priced.credits),
      reserved = a.reserved - p_hold.amount,
      entries = a.entries + 1,
      -- Its lot may come before what was the first.
      head_id = case when a.head_id = v_lot_id then v_lot_id end,
      updated_at = greatest(a.updated_at, v_now)
    where
      a.id = p_request.account_id
      and a.lenser_id is not distinct from v_owner
      and a.is_plain
      and a.months_until > v_now
      and a.debt = 0
    returning a.updated_at, least(a.months_until, a.next_event_at), a.posted, a.reserved, a.debt, a.upcoming, a.entries
    into v_at, v_ends, v_posted, v_reserved, v_debt, v_upcoming, v_number;
    if not found then
      return null;
    end if;
    v_id := ratebook.uuid_v7(v_at);
    if greatest(v_at, ratebook.clock()) < v_ends then
      v_is_done := ratebook.capture_lot(p_hold, v_lot_id, v_priced.credits, v_id, v_at);
    end if;
  end if;

  if v_is_done then
    v_answer := ratebook.charge_object(
      v_id, v_id, p_request.account_id, v_priced.model_id, v_priced.credits, v_priced.cost, v_priced.currency, v_posted,
      v_reserved, v_debt, v_upcoming, '[]'
    );
    -- A key that has its answer, maybe by whoever had the lock before, is answered in general.
    if p_request.key is not null then
      insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
      values (
        p_request.account_id, v_owner, case when p_hold.id is null then 'charge_generation' else 'capture_hold' end,
        p_request.key, p_request.request, v_answer, v_at
      )
      on conflict do nothing;
      if not found then
        v_is_done := false;
        perform ratebook.give_back_lot(v_lot_id, v_owner, v_priced.credits, p_hold);
      end if;
    end if;
  end if;
  -- Given back: the lock is held, and nobody has seen it.
  if not v_is_done then
    update billing.accounts as a
    set
      posted = trim_scale(a.posted + v_priced.credits),
      reserved = a.reserved + coalesce(p_hold.amount, 0),
      entries = a.entries - 1
    where a.id = p_request.account_id and a.lenser_id is not distinct from v_owner;
    return null;
  end if;

  -- The charge and its generation share an id, as in general; so does the one entry. It was priced before it waited: a
  -- price that somebody set in between is not its.
  insert into billing.charges (
    id, lenser_id, account_id, spender_id, hold_id, generation_id, model_id, feature_id, feature_key, usage, service_tier,
    variant, region, priced_at, lines, credits, created_at, is_estimated
  ) values (
    v_id, v_owner, p_request.account_id, v_owner, p_hold.id, v_id, v_priced.model_id, v_priced.feature_id,
    p_request.feature, p_request.usage, p_request.service_tier, p_request.variant, p_request.region, v_priced_at,
    ('[' || v_priced.lines || ']')::jsonb, v_priced.credits, v_at, p_request.is_estimated
  );
  insert into billing.charge_costs (id, lenser_id, currency, cost, credit_rate_id, margin_policy_id, price_ids)
  values (
    v_id, v_owner, v_priced.currency, v_priced.cost, v_priced.credit_rate_id, v_priced.margin_policy_id,
    v_priced.price_ids
  );
  -- Priced, its usage is one; with its time, it is left alone by the log's trigger.
  insert into ai.generations (
    id, lenser_id, model_id, feature_key, usage, status, prompt, output, latency_ms, created_at
  ) values (
    v_id, v_owner, v_priced.model_id, p_request.feature, p_request.usage, 'completed', p_request.prompt, p_request.output,
    p_request.latency_ms, v_at
  );
  insert into billing.ledger_entries (
    id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, effective_at, created_at
  ) values (
    v_id, v_owner, p_request.account_id, v_number, 'charge', -v_priced.credits, v_posted, v_lot_id, v_id, v_at, v_at
  );
  return v_answer;
end;
$$;

create function ratebook.capture_lot(
  p_hold billing.holds, p_lot_id uuid, p_credits numeric, p_charge_id uuid, p_at timestamptz
) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Something that is free of it is left: neither is it closed, nor has it ended or been taken back meanwhile.
  update billing.grants as g
  set remaining = g.remaining - p_credits, reserved = g.reserved - p_hold.amount
  where
    g.id = p_lot_id
    and g.lenser_id is not distinct from p_hold.lenser_id
    and g.remaining - g.reserved + p_hold.amount > p_credits
    and coalesce(g.expires_at, 'infinity') > p_at
    and g.revoked_at is null;
  if not found then
    return false;
  end if;
  update billing.holds as h
  set status = 'captured', charge_id = p_charge_id, ended_at = p_at
  where h.id = p_hold.id and h.lenser_id is not distinct from p_hold.lenser_id and h.status = 'open';
  if found then
    return true;
  end if;
  update billing.grants as g
  set remaining = g.remaining + p_credits, reserved = g.reserved + p_hold.amount
  where g.id = p_lot_id and g.lenser_id is not distinct from p_hold.lenser_id;
  return false;
end;
$$;

create function ratebook.give_back_lot(
  p_lot_id uuid, p_owner uuid, p_credits numeric, p_hold billing.holds
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update billing.grants as g
  set remaining = g.remaining + p_credits, reserved = g.reserved + coalesce(p_hold.amount, 0)
  where g.id = p_lot_id and g.lenser_id is not distinct from p_owner;
  update billing.holds as h
  set status = 'open', charge_id = null, ended_at = null
  where h.id = p_hold.id and h.lenser_id is not distinct from p_owner;
end;
$$;

create function ratebook.charge(p_request ratebook.charge_request) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(ratebook.charge_plainly(p_request), ratebook.charge_in_general(p_request));
end;
$$;

revoke all on function ratebook.charge_plainly(ratebook.charge_request, billing.holds) from public;
revoke all on function ratebook.capture_lot(billing.holds, uuid, numeric, uuid, timestamptz) from public;
revoke all on function ratebook.give_back_lot(uuid, uuid, numeric, billing.holds) from public;
revoke all on function ratebook.charge(ratebook.charge_request) from public;

comment on function ratebook.charge_plainly(ratebook.charge_request, billing.holds) is
'ratebook.charge() for the plain case, or what captures a hold, given as it was read without a lock; NULL where it is not plain and nothing is written. Errors: those of ratebook.price_request() for an offer, owner_required (PT422).';
comment on function ratebook.capture_lot(billing.holds, uuid, numeric, uuid, timestamptz) is
'Takes credits from the lot that a hold keeps, lets the rest go, and ends the hold, behind the account''s lock; false where it is not open or the lot is not plain, and nothing is written.';
comment on function ratebook.give_back_lot(uuid, uuid, numeric, billing.holds) is
'Undoes what a plain charge took from its lot, and the end of its hold.';
comment on function ratebook.charge(ratebook.charge_request) is
'The rule behind billing.charge_generation(): lock, answered already? price, ask the limits, pay, write.';

-- from sql/60_wallet/278_function_pay_charges.sql

-- The plain case, as in ratebook.charge_plainly(): of the lot that burns first something is left behind all charges of its
-- account, and no mark is crossed. What is updated is looked up one by one, as below.
create function ratebook.pay_plainly(
  p_accounts billing.accounts[], p_needed numeric[], p_priced ratebook.priced_charge[], p_at timestamptz
) returns billing.accounts[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_accounts billing.accounts[];
begin
  if exists (
    select
    from unnest(p_accounts) with ordinality as a
    left join lateral (
      select g.remaining - g.reserved as free
      from billing.grants as g
      where g.id = a.head_id and g.lenser_id is not distinct from a.lenser_id
      offset 0
    ) as h on true
    where
      (
        h.free > p_needed[a.ordinality]
        and a.posted - a.reserved - a.upcoming - p_needed[a.ordinality] >= greatest(a.low_balance_mark, -a.overdraft_limit)
      ) is not true
  ) or exists (select from unnest(p_priced) as p where (p.charge).credits = 0) then
    return null;
  end if;
  with
  -- As they were before, and what each pays.
  accounts as materialized (
    select a.*, p_needed[a.ordinality] as needed from unnest(p_accounts) with ordinality as a
  ),
  -- One after the other, as in the requests.
  charges as (
    select
      (p.charge).id as id,
      (p.charge).account_id as account_id,
      (p.charge).lenser_id as lenser_id,
      (p.charge).credits as credits,
      row_number() over in_turn as number,
      sum((p.charge).credits) over in_turn as so_far
    from unnest(p_priced) with ordinality as p
    window in_turn as (partition by (p.charge).account_id, (p.charge).lenser_id order by p.ordinality)
  ),
  -- An entry each, which has the charge's id.
  entries as (
    insert into billing.ledger_entries (
      id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, effective_at, created_at
    )
    select
      c.id, a.lenser_id, a.id, a.entries + c.number, 'charge', -c.credits, trim_scale(a.posted - c.so_far), a.head_id, c.id,
      p_at, p_at
    from charges as c
    inner join accounts as a on a.id = c.account_id and a.lenser_id = c.lenser_id
  ),
  -- Lots and accounts are written once, however many charges there are.
  burned as (
    update billing.grants as g
    set remaining = g.remaining - f.needed
    from (
      select l.ctid, a.needed
      from accounts as a
      cross join lateral (
        select o.ctid
        from billing.grants as o
        where o.id = a.head_id and o.lenser_id is not distinct from a.lenser_id
        offset 0
      ) as l
    ) as f
    where g.ctid = f.ctid
  ),
  -- The first lot goes on as the first.
  paid as (
    update billing.accounts as a
    set
      posted = trim_scale(a.posted - f.needed),
      entries = a.entries + f.number,
      updated_at = p_at
    from (
      select l.ctid, n.needed, c.number
      from accounts as n
      inner join (
        select o.account_id, o.lenser_id, max(o.number) as number from charges as o group by o.account_id, o.lenser_id
      ) as c on c.account_id = n.id and c.lenser_id = n.lenser_id
      cross join lateral (
        select o.ctid
        from billing.accounts as o
        where o.id = n.id and o.lenser_id is not distinct from n.lenser_id
        offset 0
      ) as l
    ) as f
    where a.ctid = f.ctid
    returning a.*
  )
  select array_agg(p::billing.accounts) into v_accounts from paid as p;
  return v_accounts;
end;
$$;

-- ratebook.allocate() and ratebook.post() in one statement: the credits of an account's charges, laid end to end, meet its
-- lots in burn order, laid end to end; each overlap is an entry. Behind the last lot lies the overdraft. What is updated is
-- looked up first, one by one and by its key, whatever the planner thinks of the table; the account's lock keeps it there.
create function ratebook.pay_in_general(
  p_accounts billing.accounts[], p_priced ratebook.priced_charge[], p_at timestamptz
) returns billing.accounts[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_accounts billing.accounts[];
begin
  with
  -- As they were before: every balance below is worked out from these, whatever the updates write.
  accounts as materialized (
    select a.* from unnest(p_accounts) as a
  ),

  -- Each charge takes a stretch of what its account pays in this call, in the order of the requests. One of nothing has
  -- no entry.
  charges as (
    select
      c.account_id,
      c.lenser_id,
      c.id,
      c.place,
      c.upto - c.credits as since,
      c.upto
    from (
      select
        (p.charge).account_id as account_id,
        (p.charge).lenser_id as lenser_id,
        (p.charge).id as id,
        p.ordinality as place,
        (p.charge).credits as credits,
        sum((p.charge).credits) over (
          partition by (p.charge).account_id, (p.charge).lenser_id order by p.ordinality
        ) as upto
      from unnest(p_priced) with ordinality as p
    ) as c
    where c.credits > 0
  ),

  -- Each lot offers the stretch behind those that burn before it.
  lots as (
    select
      b.account_id,
      b.lenser_id,
      b.id,
      b.since,
      b.since + b.free as upto
    from (
      select
        o.account_id,
        o.lenser_id,
        o.id,
        o.free,
        coalesce(
          sum(o.free) over (
            partition by o.account_id, o.lenser_id
            order by o.is_overdraft, o.priority, o.expires_at, o.id
            rows between unbounded preceding and 1 preceding
          ), 0
        ) as since
      -- In the order of ratebook.allocate(): priority, then what ends first, then age.
      from (
        select
          g.account_id,
          g.lenser_id,
          g.id,
          g.remaining - g.reserved as free,
          g.priority,
          g.expires_at,
          false as is_overdraft
        -- Free is what no hold keeps. A lot that has ended, or not started, pays nothing, also where it is not closed yet.
        from accounts as a
        cross join lateral (
          select l.*
          from billing.grants as l
          where
            l.account_id = a.id
            and l.lenser_id is not distinct from a.lenser_id
            and l.closed_at is null
            and l.remaining > l.reserved
            and coalesce(l.expires_at, 'infinity') > p_at
            and coalesce(l.starts_at, '-infinity') <= p_at
          offset 0
        ) as g
        union all
        -- The overdraft comes last and has no end here: ratebook.assert_available() has refused what exceeds its limit.
        select a.id, a.lenser_id, null, 'Infinity', null, null, true
        from accounts as a
      ) as o
    ) as b
  ),

  -- Where the two overlap, a lot pays for a charge; numbered as one charge after the other would have been.
  movements as materialized (
    select
      c.account_id,
      c.lenser_id,
      l.id as grant_id,
      c.id as charge_id,
      l.since <= c.since as is_first,
      least(c.upto, l.upto) - greatest(c.since, l.since) as taken,
      row_number() over in_turn as number,
      sum(least(c.upto, l.upto) - greatest(c.since, l.since)) over in_turn as so_far
    from charges as c
    inner join lots as l
      on l.account_id = c.account_id and l.lenser_id = c.lenser_id and l.since < c.upto and c.since < l.upto
    window in_turn as (partition by c.account_id, c.lenser_id order by c.place, l.since)
  ),

  -- An entry continues its account's numbers and balance without a gap: the self-check adds them up.
  entries as (
    insert into billing.ledger_entries (
      id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, effective_at, created_at
    )
    select
      -- The first entry of a charge has its id.
      case when m.is_first then m.charge_id else ratebook.uuid_v7(p_at) end,
      a.lenser_id,
      a.id,
      a.entries + m.number,
      'charge',
      trim_scale(-m.taken),
      trim_scale(a.posted - m.so_far),
      m.grant_id,
      m.charge_id,
      p_at,
      p_at
    from movements as m
    inner join accounts as a on a.id = m.account_id and a.lenser_id = m.lenser_id
  ),

  -- A lot is written once, however many charges it pays, and closed with its last credit.
  burned as (
    update billing.grants as g
    set
      remaining = g.remaining - m.taken,
      closed_at = case when g.remaining = m.taken then p_at end
    from (
      select
        t.grant_id,
        t.lenser_id,
        sum(t.taken) as taken
      from movements as t
      where t.grant_id is not null
      group by t.grant_id, t.lenser_id
    ) as m
    cross join lateral (
      select o.ctid
      from billing.grants as o
      where o.id = m.grant_id and o.lenser_id is not distinct from m.lenser_id
      offset 0
    ) as f
    where g.ctid = f.ctid
  ),

  -- An account is written once; what no lot paid is debt. One whose charges cost nothing is written too, and returned.
  paid as (
    update billing.accounts as a
    set
      posted = trim_scale(a.posted - m.taken),
      debt = a.debt + m.overdrawn,
      entries = a.entries + m.entries,
      -- The lot that the next credit comes from; the overdraft is none.
      head_id = h.id,
      updated_at = p_at
    -- One sum for the balance, the debt and the number of entries: they cannot drift apart.
    from (
      select
        o.id,
        o.lenser_id,
        coalesce(sum(t.taken), 0) as taken,
        coalesce(sum(t.taken) filter (where t.grant_id is null), 0) as overdrawn,
        count(t.charge_id) as entries
      from accounts as o
      left join movements as t on t.account_id = o.id and t.lenser_id = o.lenser_id
      group by o.id, o.lenser_id
    ) as m
    inner join lots as h on h.account_id = m.id and h.lenser_id = m.lenser_id and h.since <= m.taken and m.taken < h.upto
    cross join lateral (
      select o.ctid
      from billing.accounts as o
      where o.id = m.id and o.lenser_id is not distinct from m.lenser_id
      offset 0
    ) as f
    where a.ctid = f.ctid
    returning a.*
  ),

  -- Told once, by the call that crosses the mark, and not by each one below it.
  signals as (
    insert into billing.outbox (lenser_id, account_id, topic, payload, created_at)
    select
      p.lenser_id,
      p.id,
      'low_balance',
      ratebook.low_balance_object(p),
      p_at
    from paid as p
    inner join accounts as a on a.id = p.id and a.lenser_id = p.lenser_id
    where
      p.posted - p.reserved - p.upcoming < p.low_balance_mark
      and a.posted - a.reserved - a.upcoming >= a.low_balance_mark
  )

  select array_agg(p::billing.accounts) into v_accounts from paid as p;
  return v_accounts;
end;
$$;

revoke all on function ratebook.pay_plainly(
  billing.accounts[], numeric[], ratebook.priced_charge[], timestamptz
) from public;
revoke all on function ratebook.pay_in_general(billing.accounts[], ratebook.priced_charge[], timestamptz) from public;

comment on function ratebook.pay_plainly(
  billing.accounts[], numeric[], ratebook.priced_charge[], timestamptz
) is
'ratebook.pay_in_general() where the lot that burns first pays all charges of its account, p_needed each; NULL where one does not, and nothing is written.';
comment on function ratebook.pay_in_general(billing.accounts[], ratebook.priced_charge[], timestamptz) is
'Pays charges that the locked accounts can pay, from their lots, with the same entries as ratebook.post(). Returns the accounts as they are then.';

-- from sql/60_wallet/280_function_charge_many.sql

-- ratebook.charge() for many: the same steps, each in one statement for all.
create function ratebook.name_owners(p_requests ratebook.charge_request[]) returns ratebook.charge_request[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owners uuid[];
begin
  if exists (select from unnest(p_requests) as r where r.owner_id is null) then
    v_owners := ratebook.owners_of_accounts(
      array(select r.account_id from unnest(p_requests) as r), array(select r.owner_id from unnest(p_requests) as r)
    );
    for i in 1..cardinality(p_requests) loop
      p_requests[i].owner_id := v_owners[i];
    end loop;
  end if;
  return p_requests;
end;
$$;

create function ratebook.price_charges(
  p_requests ratebook.charge_request[], p_at timestamptz, p_places bigint[]
) returns ratebook.priced_charge[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_priced ratebook.priced_charge[];
  v_request ratebook.charge_request;
  v_account billing.accounts;
  v_message text;
  v_hint text;
  v_detail jsonb;
begin
  -- All that a price asks of an account.
  v_account.updated_at := p_at;
  foreach v_request in array p_requests loop
    v_account.id := v_request.account_id;
    v_account.lenser_id := v_request.owner_id;
    v_priced := v_priced || case
      when v_request.reported_cost is null then ratebook.price_charge(v_request, v_account, p_at)
      else ratebook.price_reported(v_request, v_account, p_at)
    end;
  end loop;
  return v_priced;
exception
  when sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' or insufficient_privilege then
    get stacked diagnostics v_message = message_text, v_hint = pg_exception_hint, v_detail = pg_exception_detail;
    perform ratebook.fail(
      v_detail ->> 'error', v_message, v_hint,
      v_detail || jsonb_build_object('index', p_places[coalesce(cardinality(v_priced), 0) + 1] - 1)
    );
    return null;
end;
$$;

create function ratebook.count_spendings(
  p_accounts billing.accounts[], p_priced ratebook.priced_charge[], p_at timestamptz
) returns jsonb[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_spendings ratebook.spending[];
  v_alone uuid[];
begin
  -- As in ratebook.count_spending(): owners without a budget.
  if not exists (select from unnest(p_accounts) as a where not a.is_plain)
    and not exists (select from unnest(p_priced) as p where (p.charge).spender_id <> (p.charge).lenser_id) then
    return array_fill(jsonb '[]', array[cardinality(p_priced)]);
  end if;
  v_spendings := array(
    select
      (
        (p.charge).spender_id, (p.charge).account_id, (p.charge).lenser_id, (p.charge).model_id, (p.charge).feature_id,
        (p.charge).credits, 0, null, false
      )::ratebook.spending
    from unnest(p_priced) with ordinality as p
    order by p.ordinality
  );
  v_alone := ratebook.lock_spenders(v_spendings, p_at);
  -- All at once: one after the other, two batches could wait for each other.
  perform from billing.budgets as b
  where b.lenser_id = any(array(select s.lenser_id from unnest(v_spendings) as s))
  order by b.id
  for no key update;
  if not exists (
    select
    from unnest(v_spendings) as s
    where s.lenser_id <> s.owner_id or exists (select from billing.budgets as b where b.lenser_id = s.lenser_id)
  ) then
    return array_fill(jsonb '[]', array[cardinality(p_priced)]);
  end if;
  -- In one order for everybody: what is counted in stays locked.
  return (
    select array_agg(c.warnings order by c.ordinality)
    from (
      select
        s.ordinality,
        ratebook.count_locked(
          (
            s.lenser_id, s.account_id, s.owner_id, s.model_id, s.feature_id, s.credits, s.held, s.hold_id, s.is_hold
          )::ratebook.spending,
          v_alone, p_at
        ) as warnings
      from unnest(v_spendings) with ordinality as s
      order by s.lenser_id, s.ordinality
    ) as c
  );
end;
$$;

create function ratebook.write_charges(
  p_priced ratebook.priced_charge[], p_requests ratebook.charge_request[]
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into billing.charges
  select (p.charge).* from unnest(p_priced) as p;
  perform ratebook.count_charges(array(select p.charge from unnest(p_priced) as p));
  insert into billing.charge_costs
  select (p.cost).* from unnest(p_priced) as p;
  insert into ai.generations (
    id, lenser_id, model_id, feature_key, usage, status, prompt, output, latency_ms, created_at
  )
  select
    (p.charge).generation_id,
    (p.charge).spender_id,
    (p.charge).model_id,
    (p.charge).feature_key,
    (p.charge).usage,
    'completed',
    r.prompt,
    r.output,
    r.latency_ms,
    (p.charge).created_at
  from unnest(p_priced) with ordinality as p
  inner join unnest(p_requests) with ordinality as r on r.ordinality = p.ordinality
  where r.generation_id is null;

  -- One by one, so that each is found by its key.
  for i in 1..cardinality(p_requests) loop
    if (p_requests[i]).generation_id is not null then
      perform ratebook.complete_generation((p_priced[i]).charge, p_requests[i]);
    end if;
  end loop;
end;
$$;

create function ratebook.charge_many(p_requests ratebook.charge_request[]) returns jsonb[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_mergejoin = off
as $$
-- Definer: as ratebook.charge().
declare
  v_accounts billing.accounts[];
  v_at timestamptz;
  v_answers jsonb[];
  v_refused text;
  v_places bigint[];
  v_requests ratebook.charge_request[];
  v_priced ratebook.priced_charge[];
  v_warnings jsonb[];
  v_needed numeric[];
  v_new jsonb[];
begin
  -- All accounts are locked before anything is read of them; now is the time that the locks gave.
  p_requests := ratebook.name_owners(p_requests);
  v_accounts := ratebook.lock_accounts(
    array(select r.account_id from unnest(p_requests) as r), array(select r.owner_id from unnest(p_requests) as r)
  );
  v_at := (v_accounts[1]).updated_at;
  -- A key that was used has its answer; one that stands for another request refuses them all.
  select
    array_agg(k.response order by r.ordinality),
    min(r.key) filter (where k.request <> r.request or char_length(r.key) not between 1 and 255)
  into v_answers, v_refused
  from unnest(p_requests) with ordinality as r
  -- One lookup each, whatever the planner thinks of the table.
  left join lateral (
    select i.request, i.response
    from billing.idempotency_keys as i
    where
      i.account_id = r.account_id
      and i.lenser_id is not distinct from r.owner_id
      and i.operation = 'charge_generation'
      and i.key = r.key
    offset 0
  ) as k on true;
  if v_refused is not null then
    perform ratebook.recall(v_accounts[1].id, v_accounts[1].lenser_id, 'charge_generation', v_refused, null);
    perform ratebook.refuse_key('charge_generation', v_refused);
  end if;
  -- Of twins in one call the first is new.
  v_places := array(
    select min(r.ordinality) as place
    from unnest(p_requests) with ordinality as r
    where v_answers[r.ordinality] is null
    group by r.account_id, r.owner_id, r.key, case when r.key is null then r.ordinality end
    order by place
  );
  if v_places = '{}' then
    return v_answers;
  end if;

  -- What is new is priced and allowed as one charge would be, before anything of it is written.
  v_requests := array(select p_requests[n.place] from unnest(v_places) with ordinality as n (place) order by n.ordinality);
  perform ratebook.assert_not_erased(
    array(select r.owner_id from unnest(v_requests) as r) || array(select r.lenser_id from unnest(v_requests) as r)
  );
  v_priced := ratebook.price_charges(v_requests, v_at, v_places);
  v_warnings := ratebook.count_spendings(v_accounts, v_priced, v_at);
  -- Against the sum of an account's charges: each alone might fit where all of them do not.
  v_needed := array(
    select coalesce(c.credits, 0)
    from unnest(v_accounts) with ordinality as a
    left join (
      select
        (p.charge).account_id as account_id,
        (p.charge).lenser_id as lenser_id,
        sum((p.charge).credits) as credits
      from unnest(v_priced) as p
      group by (p.charge).account_id, (p.charge).lenser_id
    ) as c on c.account_id = a.id and c.lenser_id = a.lenser_id
    order by a.ordinality
  );
  for i in 1..cardinality(v_accounts) loop
    perform ratebook.assert_available(v_accounts[i], v_needed[i]);
  end loop;
  v_accounts := coalesce(
    ratebook.pay_plainly(v_accounts, v_needed, v_priced, v_at), ratebook.pay_in_general(v_accounts, v_priced, v_at)
  );
  perform ratebook.write_charges(v_priced, v_requests);

  -- What a key answers is kept with the charges, in the same transaction: a retry finds both or neither.
  v_new := array(
    select
      ratebook.charge_object(
        (p.charge).id, (p.charge).generation_id, a.id, (p.charge).model_id, (p.charge).credits, (p.cost).cost,
        (p.cost).currency, a.posted, a.reserved, a.debt, a.upcoming, v_warnings[p.ordinality]
      )
    from unnest(v_priced) with ordinality as p
    inner join unnest(v_accounts) as a on a.id = (p.charge).account_id and a.lenser_id = (p.charge).lenser_id
    order by p.ordinality
  );
  insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
  select
    (p.charge).account_id,
    (p.charge).lenser_id,
    'charge_generation',
    r.key,
    r.request,
    v_new[p.ordinality],
    v_at
  from unnest(v_priced) with ordinality as p
  inner join unnest(v_requests) with ordinality as r on r.ordinality = p.ordinality
  where r.key is not null;
  for i in 1..cardinality(v_places) loop
    v_answers[v_places[i]] := v_new[i];
  end loop;
  -- Now the twins have an answer too.
  return array(
    select
      coalesce(
        v_answers[r.ordinality],
        ratebook.recall(r.account_id, r.owner_id, 'charge_generation', r.key, r.request)
      )
    from unnest(p_requests) with ordinality as r
    order by r.ordinality
  );
end;
$$;

revoke all on function ratebook.name_owners(ratebook.charge_request[]) from public;
revoke all on function ratebook.price_charges(ratebook.charge_request[], timestamptz, bigint[]) from public;
revoke all on function ratebook.count_spendings(billing.accounts[], ratebook.priced_charge[], timestamptz) from public;
revoke all on function ratebook.write_charges(ratebook.priced_charge[], ratebook.charge_request[]) from public;
revoke all on function ratebook.charge_many(ratebook.charge_request[]) from public;

comment on function ratebook.name_owners(ratebook.charge_request[]) is
'The requests, each with the owner of its account: as it says, or looked up. Error: owner_required (PT422).';
comment on function ratebook.price_charges(ratebook.charge_request[], timestamptz, bigint[]) is
'ratebook.price_charge() for many, each at its place in the call. Errors: those of ratebook.price_charge(), with the index of the request, from 0.';
comment on function ratebook.count_spendings(billing.accounts[], ratebook.priced_charge[], timestamptz) is
'ratebook.count_spending() for many: the warnings of each.';
comment on function ratebook.write_charges(ratebook.priced_charge[], ratebook.charge_request[]) is
'ratebook.write_charge() for many. Errors: unknown_generation (PT404), already_charged (PT409).';
comment on function ratebook.charge_many(ratebook.charge_request[]) is
'The rule behind billing.charge_generations(): all or nothing.';

-- from sql/60_wallet/285_function_report.sql

create function ratebook.report(
  p_request ratebook.charge_request, p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text
) returns ratebook.charge_request
language plpgsql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. It reads no table.
begin
  p_request.is_estimated := coalesce(p_is_estimated, false);
  p_request.reported_cost := p_reported_cost;
  p_request.reported_currency := p_reported_currency;
  if p_reported_currency is not null and p_reported_cost is null then
    perform ratebook.fail('invalid_argument', 'A currency without a cost says nothing.', 'Pass reported_cost with it.');
  end if;
  p_request.request := p_request.request || ratebook.reported(p_is_estimated, p_reported_cost, p_reported_currency);
  return p_request;
end;
$$;

create function ratebook.reported(
  p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text
) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_strip_nulls(jsonb_build_object(
    'estimated', nullif(p_is_estimated, false), 'reported_cost', trim_scale(p_reported_cost),
    'reported_currency', p_reported_currency
  ));
end;
$$;

revoke all on function ratebook.report(ratebook.charge_request, boolean, numeric, text) from public;
revoke all on function ratebook.reported(boolean, numeric, text) from public;
grant execute on function ratebook.report(ratebook.charge_request, boolean, numeric, text) to service_role;

comment on function ratebook.report(ratebook.charge_request, boolean, numeric, text) is
'A request with what is known of its cost: an estimate, or what the provider reported. Error: invalid_argument (PT422).';
comment on function ratebook.reported(boolean, numeric, text) is
'What a key stands for of an estimate or a reported cost: nothing where there is neither.';

-- from sql/60_wallet/290_function_charge_generation.sql

create function ratebook.make_charge_request(
  p_account_id uuid,
  p_model text,
  p_usage jsonb,
  p_format text,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_lenser uuid,
  p_generation uuid,
  p_prompt text,
  p_output text,
  p_latency_ms integer,
  p_key text,
  p_owner uuid
) returns ratebook.charge_request
language plpgsql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. It reads no table.
declare
  v_read ratebook.stated_usage;
  v_request jsonb;
begin
  -- What decides the charge, as it was given: the content of the generation does not, and the owner says only where the
  -- account is. Most say no more than model and usage.
  if p_key is not null then
    v_request := jsonb_build_object('model', p_model, 'usage', p_usage);
    if num_nonnulls(p_format, p_feature, p_service_tier, p_variant, p_region, p_lenser, p_generation) > 0 then
      v_request := v_request || jsonb_build_object(
        'format', p_format, 'feature', p_feature, 'service_tier', p_service_tier, 'variant', p_variant, 'region', p_region,
        'lenser', p_lenser, 'generation', p_generation
      );
    end if;
  end if;
  -- Meters and quantities as they are; a provider's own answer is read.
  if p_format is null and jsonb_typeof(p_usage) = 'object' then
    return (
      p_account_id, p_owner, false, null, null, p_lenser, p_key, v_request, p_model, p_usage, p_feature,
      coalesce(p_service_tier, 'standard'), p_variant, p_region, p_generation, p_prompt, p_output, p_latency_ms,
      '{}'::text[]
    )::ratebook.charge_request;
  end if;
  v_read := ratebook.read_usage(p_format, p_usage, p_service_tier, p_variant, p_region);
  return (
    p_account_id, p_owner, false, null, null, p_lenser, p_key, v_request, p_model, v_read.usage, p_feature,
    coalesce(v_read.service_tier, 'standard'), v_read.variant, v_read.region, p_generation, p_prompt, p_output, p_latency_ms,
    v_read.stated
  )::ratebook.charge_request;
end;
$$;

-- What was expected, and then the provider's answer: what that states counts before it.
create function ratebook.answered(p_expected ratebook.charge_request, p_format text, p_usage jsonb) returns ratebook.charge_request
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_read constant ratebook.stated_usage := ratebook.read_usage(p_format, p_usage);
begin
  p_expected.usage := v_read.usage;
  p_expected.service_tier := coalesce(v_read.service_tier, p_expected.service_tier);
  p_expected.variant := coalesce(v_read.variant, p_expected.variant);
  p_expected.region := coalesce(v_read.region, p_expected.region);
  p_expected.stated := v_read.stated;
  return p_expected;
end;
$$;

create function ratebook.charge_requests(p_requests jsonb) returns ratebook.charge_request[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select
      case
        when r.estimated or num_nonnulls(r.reported_cost, r.reported_currency) > 0
          then ratebook.report(q.request, r.estimated, r.reported_cost, r.reported_currency)
        else q.request
      end
    from jsonb_array_elements(p_requests) with ordinality as e (value, position)
    cross join lateral jsonb_to_record(e.value) as r (
      account uuid, model text, usage jsonb, format text, feature text, service_tier text, variant text, region text,
      lenser uuid, generation uuid, prompt text, output text, latency_ms integer, idempotency_key text,
      owner uuid, estimated boolean, reported_cost numeric, reported_currency text
    )
    cross join lateral (
      select
        ratebook.make_charge_request(
          r.account, r.model, r.usage, r.format, r.feature, r.service_tier, r.variant, r.region, r.lenser, r.generation,
          r.prompt, r.output, r.latency_ms, r.idempotency_key, r.owner
        ) as request
      offset 0
    ) as q
    order by e.position
  );
end;
$$;

create function ratebook.charge_generations(p_requests jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_index bigint;
  v_requests ratebook.charge_request[];
begin
  if (jsonb_typeof(p_requests) = 'array' and jsonb_array_length(p_requests) between 1 and 1000) is not true then
    perform ratebook.fail('invalid_argument', 'Charges come as a JSON array of 1 to 1,000 requests.',
      'Each is an object with the arguments of billing.charge_generation().');
  end if;
  -- A misspelt idempotency_key that is passed over would charge twice.
  select e.ordinality - 1 into v_index
  from jsonb_array_elements(p_requests) with ordinality as e
  where
    case
      when jsonb_typeof(e.value) = 'object'
        then
          e.value - '{account,model,usage,format,feature,service_tier,variant,region,lenser,generation,prompt,output,latency_ms,estimated,reported_cost,reported_currency,idempotency_key,owner}'::text[]
          <> '{}'
      else true
    end
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', 'A request is no object of known arguments.',
      'They are those of billing.charge_generation().', jsonb_build_object('index', v_index));
  end if;
  begin
    v_requests := ratebook.charge_requests(p_requests);
  exception
    when invalid_text_representation or numeric_value_out_of_range or sqlstate 'PT422' then
      perform ratebook.refuse_charge_requests(p_requests);
  end;
  return to_jsonb(ratebook.charge_many(v_requests));
end;
$$;

create function ratebook.refuse_charge_requests(p_requests jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- One by one, to find the first that cannot be read and to say why.
declare
  v_message text;
  v_hint text;
  v_detail jsonb;
begin
  for i in 0..jsonb_array_length(p_requests) - 1 loop
    begin
      perform ratebook.charge_requests(jsonb_build_array(p_requests -> i));
    exception
      when invalid_text_representation or numeric_value_out_of_range then
        perform ratebook.fail('invalid_argument', format('A request has a value of another type: %s.', left(sqlerrm, 200)),
          'Types are those of billing.charge_generation().', jsonb_build_object('index', i));
      when sqlstate 'PT422' then
        get stacked diagnostics v_message = message_text, v_hint = pg_exception_hint, v_detail = pg_exception_detail;
        perform ratebook.fail(v_detail ->> 'error', v_message, v_hint, v_detail || jsonb_build_object('index', i));
    end;
  end loop;
end;
$$;

create function billing.charge_generation(
  account uuid,
  model text,
  usage jsonb default null,
  format text default null,
  feature text default null,
  service_tier text default null,
  variant text default null,
  region text default null,
  lenser uuid default null,
  generation uuid default null,
  prompt text default null,
  output text default null,
  latency_ms integer default null,
  estimated boolean default false,
  reported_cost numeric default null,
  reported_currency text default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables, and only the service role may execute this one. Its plans are made
-- once, and never scan a table: one that was small then would be scanned whole when it is large.
declare
  v_request ratebook.charge_request := ratebook.make_charge_request(
    account, model, usage, format, feature, service_tier, variant, region, lenser, generation, prompt, output, latency_ms,
    idempotency_key, owner
  );
begin
  if estimated or num_nonnulls(reported_cost, reported_currency) > 0 then
    v_request := ratebook.report(v_request, estimated, reported_cost, reported_currency);
  end if;
  return ratebook.charge(v_request);
end;
$$;

create function billing.charge_generations(requests jsonb) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.charge_generations(requests);
end;

revoke all on function ratebook.make_charge_request(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, text, uuid
) from public;
revoke all on function ratebook.answered(ratebook.charge_request, text, jsonb) from public;
revoke all on function ratebook.charge_requests(jsonb) from public;
revoke all on function ratebook.charge_generations(jsonb) from public;
revoke all on function ratebook.refuse_charge_requests(jsonb) from public;
revoke all on function billing.charge_generation(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, boolean, numeric, text, text, uuid
) from public;
revoke all on function billing.charge_generations(jsonb) from public;
grant execute on function ratebook.make_charge_request(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, text, uuid
) to service_role;
grant execute on function ratebook.charge_generations(jsonb) to service_role;
grant execute on function billing.charge_generation(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, boolean, numeric, text, text, uuid
) to service_role;
grant execute on function billing.charge_generations(jsonb) to service_role;

comment on function ratebook.make_charge_request(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, text, uuid
) is 'The request behind the arguments of billing.charge_generation().';
comment on function ratebook.answered(ratebook.charge_request, text, jsonb) is
'A request for what a hold or an estimate expected, with the usage of the provider''s answer and what that states of service tier, variant and region. Errors: those of ratebook.read_usage().';
comment on function ratebook.charge_requests(jsonb) is
'ratebook.make_charge_request() for each of a JSON array of objects with the arguments of billing.charge_generation().';
comment on function ratebook.charge_generations(jsonb) is 'The rule behind billing.charge_generations().';
comment on function ratebook.refuse_charge_requests(jsonb) is
'Raises the error of the first request that ratebook.charge_requests() could not read, with its index: invalid_argument (PT422) for a value of another type, and those of ai.normalize_usage().';
comment on function billing.charge_generation(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, boolean, numeric, text, text, uuid
) is
'Service role only. Prices a usage, debits the lots in burn order, and writes generation, charge and ledger, in one transaction. account: a lenser or billing.accounts.id. usage: meters and quantities; or, with format (as in ai.normalize_usage()), the provider''s own usage object or the answer that holds it, whose service tier, variant and region are used. service_tier: NULL: as the answer states, else standard. variant: NULL: as the answer states. region: NULL: as the answer states. estimated: true for a charge that billing.settle_charge() may settle by the provider''s figure later. reported_cost: what the provider says that it cost, in reported_currency or the model''s: that is the cost then, whatever the prices; rate and margin apply, and usage may be missing. lenser: who spends, the owner unless told. generation: an earlier generation of that lenser, which is completed, and charged once; without one it is made, with prompt, output and latency_ms. owner: the account''s lenser; no part of the request that a key stands for. Returns charge_id, generation_id, account_id, model_id, credits, cost, currency, balance and warnings; amounts are strings. Errors: those of billing.quote() and ai.normalize_usage(), unknown_account, unknown_generation (PT404), owner_required, invalid_amount, invalid_argument (PT422), insufficient_credits, budget_exceeded, member_limit_exceeded (PT402), inactive_model, already_charged, idempotency_conflict (PT409), not_allowed, erased_lenser (42501).';
comment on function billing.charge_generations(jsonb) is
'Service role only. billing.charge_generation() for up to 1,000 requests in one call, all or nothing. requests: a JSON array of objects with its arguments, each with its own idempotency_key. Returns a JSON array of its answers, in their order; balances are those after the call. Errors: insufficient_credits (PT402), invalid_argument (PT422) and the others of billing.charge_generation(), with the index (from 0) of the request in DETAIL where one cannot be read or priced.';

-- from sql/60_wallet/300_function_authorize_credits.sql

create function ratebook.hold_object(
  p_hold_id uuid,
  p_account_id uuid,
  p_amount numeric,
  p_expires_at timestamptz,
  p_posted numeric,
  p_reserved numeric,
  p_debt numeric,
  p_upcoming numeric,
  p_warnings jsonb
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return format(
    '{"hold_id": "%s", "account_id": "%s", "amount": "%s", "expires_at": %s, "balance": %s, "warnings": %s}',
    p_hold_id, p_account_id, trim_scale(p_amount), to_jsonb(p_expires_at),
    ratebook.balance_text(p_posted, p_reserved, p_debt, p_upcoming), p_warnings
  )::jsonb;
end;
$$;

-- Nearly every hold, as ratebook.charge_plainly() knows charges: priced before it waits, kept back by one update of the
-- account and one of the lot that burns first. NULL where it is not so, with nothing left written.
create function ratebook.hold_plainly(
  p_expires_in interval, p_request ratebook.charge_request
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := ratebook.clock();
  v_owner constant uuid := coalesce(p_request.owner_id, p_request.account_id);
  v_seconds constant numeric := extract(epoch from p_expires_in);
  v_length interval;
  v_priced ratebook.priced_request;
  v_id uuid;
  v_at timestamptz;
  v_ends timestamptz;
  v_posted numeric;
  v_reserved numeric;
  v_debt numeric;
  v_upcoming numeric;
  v_lot_id uuid;
  v_is_done boolean := false;
  v_answer jsonb;
begin
  if p_request.lenser_id <> v_owner or (v_seconds > 0 and v_seconds <= 7 * 86400) is not true then
    return null;
  end if;
  -- An interval of months and days is of another length on the calendar.
  v_length := v_seconds * interval '1 second';
  if p_request.owner_id is null then
    perform ratebook.require_owner();
  end if;
  v_priced := ratebook.price_request(
    p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
    v_now, true, p_stated => p_request.stated, p_offers_only => true
  );
  if (v_priced.is_active and v_priced.credits > 0) is not true or ratebook.enforces_entitlements() then
    return null;
  end if;

  -- This update is the account's lock.
  update billing.accounts as a
  set
    reserved = a.reserved + v_priced.credits,
    next_event_at = least(a.next_event_at, greatest(a.updated_at, v_now) + v_length),
    updated_at = greatest(a.updated_at, v_now)
  where
    a.id = p_request.account_id
    and a.lenser_id is not distinct from v_owner
    and a.is_plain
    and a.months_until > v_now
    and a.posted - a.reserved - a.upcoming - v_priced.credits >= greatest(a.low_balance_mark, -a.overdraft_limit)
  returning a.updated_at, least(a.months_until, a.next_event_at, v_priced.ends), a.posted, a.reserved, a.debt,
    a.upcoming, a.head_id
  into v_at, v_ends, v_posted, v_reserved, v_debt, v_upcoming, v_lot_id;
  if not found then
    return null;
  end if;
  -- Something of the lot stays free, so that it stays the first.
  if greatest(v_at, ratebook.clock()) < v_ends then
    update billing.grants as g
    set reserved = g.reserved + v_priced.credits
    where
      g.id = v_lot_id and g.lenser_id is not distinct from v_owner and g.remaining - g.reserved > v_priced.credits;
    v_is_done := found;
  end if;
  v_id := ratebook.uuid_v7(v_at);
  if v_is_done then
    v_answer := ratebook.hold_object(
      v_id, p_request.account_id, v_priced.credits, v_at + v_length, v_posted, v_reserved, v_debt, v_upcoming, '[]'
    );
    -- A key that has its answer is answered in general.
    if p_request.key is not null then
      insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
      values (p_request.account_id, v_owner, 'authorize_credits', p_request.key, p_request.request, v_answer, v_at)
      on conflict do nothing;
      if not found then
        v_is_done := false;
        update billing.grants as g
        set reserved = g.reserved - v_priced.credits
        where g.id = v_lot_id and g.lenser_id is not distinct from v_owner;
      end if;
    end if;
  end if;
  -- Given back: the lock is held, and nobody has seen it. The next event may be said to be too early.
  if not v_is_done then
    update billing.accounts as a
    set reserved = a.reserved - v_priced.credits
    where a.id = p_request.account_id and a.lenser_id is not distinct from v_owner;
    return null;
  end if;

  -- What the model follows now is written down: the capture keeps to it, whatever the model follows by then.
  insert into billing.holds (
    id, lenser_id, account_id, spender_id, amount, lots, expires_at, model_id, price_source, price_currency, feature_id,
    usage, service_tier, variant, region, created_at
  ) values (
    v_id, v_owner, p_request.account_id, v_owner, v_priced.credits, jsonb_build_object(v_lot_id, v_priced.credits),
    v_at + v_length, v_priced.model_id, v_priced.source, v_priced.currency, v_priced.feature_id, p_request.usage,
    p_request.service_tier, p_request.variant, p_request.region, v_at
  );
  return v_answer;
end;
$$;

create function ratebook.hold_in_general(
  p_amount numeric,
  p_expires_in interval,
  p_request ratebook.charge_request
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_response jsonb;
  v_priced ratebook.priced_request;
  v_account billing.accounts;
  v_hold billing.holds;
  v_seconds numeric;
  v_warnings jsonb;
  v_movements ratebook.movement[];
begin
  -- Behind the account's lock, so that of two calls with one key the second finds the answer of the first.
  v_account := ratebook.lock_account(p_request.account_id, p_request.owner_id);
  v_response := ratebook.recall(
    v_account.id, v_account.lenser_id, 'authorize_credits', p_request.key, p_request.request
  );
  if v_response is not null then
    return v_response;
  end if;
  if not v_account.is_plain or p_request.lenser_id <> v_account.lenser_id then
    perform ratebook.assert_not_erased(array[v_account.lenser_id, p_request.lenser_id]);
  end if;
  -- In seconds: an interval of months and days is of another length on the calendar than in a comparison.
  v_seconds := extract(epoch from p_expires_in);
  if (v_seconds > 0 and v_seconds <= 7 * 86400) is not true then
    perform ratebook.fail('invalid_argument', 'A hold lasts more than nothing and at most 7 days.',
      'Set expires_in, such as 15 minutes.');
  end if;
  -- A usage with a model is priced now, which also proves that it can be; without one it is at least a usage.
  if p_request.model is not null and p_request.usage is not null then
    v_priced := ratebook.price_request(
      p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
      v_account.updated_at, true, p_stated => p_request.stated
    );
    v_hold.model_id := v_priced.model_id;
  elsif p_request.usage is not null then
    perform ratebook.assert_usage(p_request.usage);
  end if;
  -- The model is kept with an amount as well: a capture by usage is priced by it.
  if p_amount is null and v_priced.model_id is null then
    perform ratebook.fail('invalid_argument', 'Nothing says how much to hold.',
      'Pass an amount, or a model and the usage that you expect.');
  elsif p_request.model is not null and v_priced.model_id is null then
    v_hold.model_id := ratebook.model_id(p_request.model, true);
  end if;
  if p_request.service_tier is distinct from 'standard' then
    perform ratebook.assert_service_tier(p_request.service_tier);
  end if;
  perform ratebook.assert_active(array[v_hold.model_id]);
  perform ratebook.assert_entitled(
    v_hold.model_id, coalesce(p_request.lenser_id, v_account.lenser_id), v_account.updated_at
  );
  -- What the model follows now is written down: the capture keeps to it, whatever the model follows by then.
  select f.price_source, f.price_currency into v_hold.price_source, v_hold.price_currency
  from ratebook.price_source_at(v_hold.model_id, v_account.updated_at) as f;
  if p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount, 1e-12);
  end if;
  v_hold.amount := coalesce(p_amount, v_priced.credits);
  if p_request.feature is not null then
    v_hold.feature_id := ratebook.feature_id(p_request.feature);
  end if;

  -- Who spends may be another than the owner, who pays.
  v_hold.id := ratebook.uuid_v7(v_account.updated_at);
  v_hold.lenser_id := v_account.lenser_id;
  v_hold.account_id := v_account.id;
  v_hold.spender_id := coalesce(p_request.lenser_id, v_account.lenser_id);
  v_hold.created_at := v_account.updated_at;
  v_hold.expires_at := v_account.updated_at + v_seconds * interval '1 second';
  -- Limits and budgets allow the hold, and so its capture; they count it when it is charged.
  v_warnings := ratebook.count_spending(
    (
      v_hold.spender_id, v_account.id, v_account.lenser_id, v_hold.model_id, v_hold.feature_id, v_hold.amount, 0, null,
      true
    )::ratebook.spending,
    v_account
  );
  perform ratebook.assert_available(v_account, v_hold.amount);
  -- The lots that would burn now are kept back, so that what expires meanwhile still pays for the capture.
  v_movements := ratebook.allocate(v_account, v_hold.amount);
  insert into billing.holds (
    id, lenser_id, account_id, spender_id, amount, lots, expires_at, model_id, price_source, price_currency, feature_id,
    usage, service_tier, variant, region, created_at
  )
  select
    v_hold.id, v_hold.lenser_id, v_hold.account_id, v_hold.spender_id, v_hold.amount,
    coalesce(jsonb_object_agg(m.grant_id, m.reserved) filter (where m.grant_id is not null), '{}'),
    v_hold.expires_at, v_hold.model_id, v_hold.price_source, v_hold.price_currency, v_hold.feature_id,
    p_request.usage, p_request.service_tier, p_request.variant, p_request.region, v_hold.created_at
  from unnest(v_movements) as m;
  v_account := ratebook.move(v_account, v_movements, v_hold.expires_at);
  perform ratebook.write_account(v_account, ratebook.head(v_account));
  return ratebook.remember(
    v_account, 'authorize_credits', p_request.key, p_request.request,
    ratebook.hold_object(
      v_hold.id, v_account.id, v_hold.amount, v_hold.expires_at, v_account.posted, v_account.reserved, v_account.debt,
      v_account.upcoming, v_warnings
    )
  );
end;
$$;

create function ratebook.authorize_credits(
  p_amount numeric,
  p_expires_in interval,
  p_request ratebook.charge_request
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
-- What is kept with a key is the same whatever zone and style the caller writes times in.
set timezone = 'UTC' set intervalstyle = 'postgres'
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_answer jsonb;
begin
  p_request.request := p_request.request
    || jsonb_build_object('amount', trim_scale(p_amount), 'expires_in', p_expires_in);
  if p_amount is null then
    v_answer := ratebook.hold_plainly(p_expires_in, p_request);
  end if;
  return coalesce(v_answer, ratebook.hold_in_general(p_amount, p_expires_in, p_request));
end;
$$;

create function billing.authorize_credits(
  account uuid,
  amount numeric default null,
  model text default null,
  usage jsonb default null,
  format text default null,
  feature text default null,
  service_tier text default null,
  variant text default null,
  region text default null,
  expires_in interval default '15 minutes',
  lenser uuid default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.authorize_credits(
    amount,
    expires_in,
    ratebook.make_charge_request(
      account, model, usage, format, feature, service_tier, variant, region, lenser, null, null, null, null, idempotency_key,
      owner
    )
  );
end;

revoke all on function ratebook.hold_object(
  uuid, uuid, numeric, timestamptz, numeric, numeric, numeric, numeric, jsonb
) from public;
revoke all on function ratebook.hold_plainly(interval, ratebook.charge_request) from public;
revoke all on function ratebook.hold_in_general(numeric, interval, ratebook.charge_request) from public;
revoke all on function ratebook.authorize_credits(numeric, interval, ratebook.charge_request) from public;
revoke all on function billing.authorize_credits(
  uuid, numeric, text, jsonb, text, text, text, text, text, interval, uuid, text, uuid
) from public;
grant execute on function ratebook.authorize_credits(numeric, interval, ratebook.charge_request) to service_role;
grant execute on function billing.authorize_credits(
  uuid, numeric, text, jsonb, text, text, text, text, text, interval, uuid, text, uuid
) to service_role;

comment on function ratebook.hold_object(
  uuid, uuid, numeric, timestamptz, numeric, numeric, numeric, numeric, jsonb
) is
'What billing.authorize_credits() answers.';
comment on function ratebook.hold_plainly(interval, ratebook.charge_request) is
'ratebook.authorize_credits() of a usage in the plain case; NULL where it is not one and nothing is written. Errors: those of ratebook.price_request() for an offer, owner_required (PT422).';
comment on function ratebook.hold_in_general(numeric, interval, ratebook.charge_request) is
'ratebook.authorize_credits() in every case: lock, answered already? price, ask the limits, keep back, write.';
comment on function ratebook.authorize_credits(numeric, interval, ratebook.charge_request) is
'The rule behind billing.authorize_credits(): plainly or in general.';
comment on function billing.authorize_credits(
  uuid, numeric, text, jsonb, text, text, text, text, text, interval, uuid, text, uuid
) is
'Service role only. Keeps credits back for work that is about to begin: an amount, or what a model and an expected usage cost. Name the model also with an amount, to capture by usage later at the prices of now. service_tier, variant, region, usage and format: as in billing.charge_generation(). It times out after expires_in (15 minutes unless told, at most 7 days). lenser: who spends, the owner unless told. owner: the account''s lenser. Returns hold_id, account_id, amount, expires_at, balance and warnings. Errors: those of billing.quote(), unknown_account (PT404), invalid_amount, invalid_argument, owner_required (PT422), insufficient_credits, budget_exceeded, member_limit_exceeded (PT402), inactive_model, idempotency_conflict (PT409), not_allowed, not_entitled, erased_lenser (42501).';

-- from sql/60_wallet/310_function_capture_hold.sql

create type ratebook.locked_hold as (
  hold billing.holds,
  account billing.accounts
);

create function ratebook.lock_hold(p_hold_id uuid, p_owner uuid) returns ratebook.locked_hold
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner uuid := ratebook.owner_of('hold', p_hold_id, p_owner);
  v_hold billing.holds;
  v_account billing.accounts;
begin
  select h.* into v_hold from billing.holds as h where h.id = p_hold_id and h.lenser_id is not distinct from v_owner;
  if not found then
    perform ratebook.fail('unknown_hold', format('There is no hold %s.', p_hold_id), null,
      jsonb_build_object('hold', p_hold_id));
  end if;
  v_account := ratebook.lock_account(v_hold.account_id, v_owner);
  -- As it is behind the lock.
  select h.* into v_hold from billing.holds as h where h.id = p_hold_id and h.lenser_id is not distinct from v_owner;
  return (v_hold, v_account)::ratebook.locked_hold;
end;
$$;

create function ratebook.assert_capturable(p_hold billing.holds) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_hold.status not in ('open', 'expired') then
    perform ratebook.fail('hold_not_open', format('The hold was %s.', p_hold.status),
      'A hold is captured or released once.', jsonb_build_object('hold', p_hold.id, 'status', p_hold.status));
  end if;
end;
$$;

create function ratebook.end_hold(
  p_hold billing.holds, p_status billing.hold_status_enum, p_charge_id uuid, p_account billing.accounts
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts := p_account;
  v_lot record;
begin
  update billing.holds as h
  set status = p_status, charge_id = p_charge_id, ended_at = least(p_account.updated_at, h.expires_at)
  where h.id = p_hold.id and h.lenser_id is not distinct from p_hold.lenser_id;
  -- What it kept back of a lot that has expired is gone now.
  if exists (
    select from billing.grants as g
    where
      g.account_id = p_account.id
      and g.lenser_id is not distinct from p_account.lenser_id
      and g.closed_at is null
      and g.expires_at <= p_account.updated_at
      and p_hold.lots ? g.id::text
  ) then
    v_account := ratebook.settle(p_account, p_account.updated_at);
  end if;
  -- What it spent of a lot that was taken back is owed.
  for v_lot in
    select g.id, g.spent
    from jsonb_object_keys(p_hold.lots) as k (id)
    inner join lateral (
      select o.id, o.amount - o.remaining - o.expired - o.revoked as spent
      from billing.grants as o
      where
        o.id = k.id::uuid and o.lenser_id is not distinct from p_hold.lenser_id and o.revoked_at is not null
      offset 0
    ) as g on true
    where g.spent > 0
    order by g.id
  loop
    v_account := ratebook.owe(v_account, v_lot.id, v_lot.spent, null);
  end loop;
  -- What it gave back pays what is owed.
  return ratebook.repay(v_account);
end;
$$;

-- What a key stands for of a capture.
create function ratebook.capture_asked(
  p_hold_id uuid,
  p_amount numeric,
  p_usage jsonb,
  p_format text,
  p_generation uuid,
  p_is_estimated boolean,
  p_reported_cost numeric,
  p_reported_currency text
) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_asked jsonb := jsonb_build_object('hold', p_hold_id, 'usage', p_usage);
begin
  -- Most say no more than a usage.
  if num_nonnulls(p_amount, p_format, p_generation, nullif(p_is_estimated, false), p_reported_cost, p_reported_currency) > 0 then
    v_asked := v_asked
      || jsonb_build_object('amount', trim_scale(p_amount), 'format', p_format, 'generation', p_generation)
      || ratebook.reported(p_is_estimated, p_reported_cost, p_reported_currency);
  end if;
  return v_asked;
end;
$$;

create function ratebook.expected(
  p_hold billing.holds, p_generation uuid, p_prompt text, p_output text, p_latency_ms integer
) returns ratebook.charge_request
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_feature text;
begin
  if p_hold.feature_id is not null then
    select f.key into v_feature from ai.features as f where f.id = p_hold.feature_id;
  end if;
  return ratebook.make_charge_request(
    p_hold.account_id, p_hold.model_id::text, p_hold.usage, null, v_feature, p_hold.service_tier, p_hold.variant,
    p_hold.region, p_hold.spender_id, p_generation, p_prompt, p_output, p_latency_ms, null, p_hold.lenser_id
  );
end;
$$;

create function ratebook.capture_in_general(
  p_hold_id uuid,
  p_amount numeric,
  p_usage jsonb,
  p_format text,
  p_generation uuid,
  p_prompt text,
  p_output text,
  p_latency_ms integer,
  p_is_estimated boolean,
  p_reported_cost numeric,
  p_reported_currency text,
  p_key text,
  p_owner uuid
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A hold is captured once: without a key it is its own.
  v_key text := coalesce(p_key, 'hold ' || p_hold_id);
  v_request jsonb := ratebook.capture_asked(
    p_hold_id, p_amount, p_usage, p_format, p_generation, p_is_estimated, p_reported_cost, p_reported_currency
  );
  v_locked ratebook.locked_hold;
  v_hold billing.holds;
  v_account billing.accounts;
  v_free billing.accounts;
  v_response jsonb;
  v_asked ratebook.charge_request;
  v_priced ratebook.priced_charge;
  v_charge billing.charges;
  v_held numeric := 0;
  v_rest numeric;
  v_movements ratebook.movement[] := '{}'::ratebook.movement[];
  v_warnings jsonb;
begin
  -- One thing says what it comes to.
  if p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount);
    if p_usage is not null or p_reported_cost is not null then
      perform ratebook.fail('invalid_argument', 'An amount says what to capture, and so does a usage or a reported cost.',
        'Pass one of them.');
    end if;
  end if;
  -- Its state is read behind the lock: a hold is captured or released by one call. One that timed out may still be
  -- charged.
  v_locked := ratebook.lock_hold(p_hold_id, p_owner);
  v_hold := v_locked.hold;
  v_account := v_locked.account;
  v_response := ratebook.recall_own(v_account.id, v_account.lenser_id, 'capture_hold', v_key, p_key is null, v_request);
  if v_response is not null then
    return v_response;
  end if;
  perform ratebook.assert_capturable(v_hold);

  -- Prices are as of the hold, also where the model has been switched off since.
  -- All that was held is what was expected; what the answer states counts before it.
  v_asked := ratebook.expected(v_hold, p_generation, p_prompt, p_output, p_latency_ms);
  if num_nonnulls(p_amount, p_usage, p_reported_cost) > 0 then
    v_asked := ratebook.answered(v_asked, p_format, p_usage);
  end if;
  v_asked := ratebook.report(v_asked, p_is_estimated, p_reported_cost, p_reported_currency);
  if num_nonnulls(p_usage, p_reported_cost) > 0 and v_hold.model_id is null then
    perform ratebook.fail('invalid_argument', 'This hold names no model that could price a usage.',
      'Pass an amount, or name the model when you authorize.');
  -- The provider's cost, at the rate and margin of the hold.
  elsif p_reported_cost is not null then
    v_priced := ratebook.price_reported(
      v_asked, v_account, v_hold.created_at, v_hold.price_source, v_hold.price_currency
    );
    v_charge := v_priced.charge;
  elsif (v_asked).usage is not null and v_hold.model_id is not null then
    v_priced := ratebook.price_charge(
      v_asked, v_account, v_hold.created_at, v_hold.price_source, v_hold.price_currency
    );
    v_charge := v_priced.charge;
  -- An amount is charged without lines; what the hold said about the work goes with it.
  else
    v_charge.id := ratebook.uuid_v7(v_account.updated_at);
    v_charge.lenser_id := v_account.lenser_id;
    v_charge.account_id := v_account.id;
    v_charge.spender_id := v_hold.spender_id;
    v_charge.generation_id := coalesce(
      p_generation, case when v_hold.model_id is not null then v_charge.id end
    );
    v_charge.model_id := v_hold.model_id;
    v_charge.feature_id := v_hold.feature_id;
    v_charge.feature_key := v_asked.feature;
    v_charge.service_tier := v_hold.service_tier;
    v_charge.variant := v_hold.variant;
    v_charge.region := v_hold.region;
    v_charge.priced_at := v_hold.created_at;
    v_charge.created_at := v_account.updated_at;
    v_charge.is_estimated := v_asked.is_estimated;
    v_charge.is_cost_reported := false;
  end if;
  if num_nonnulls(p_usage, p_reported_cost) = 0 then
    v_charge.credits := coalesce(p_amount, v_hold.amount);
  end if;
  -- Money rows of an erased lenser stay; a new generation there is none.
  if p_generation is null and not (v_account.is_plain and v_hold.spender_id = v_account.lenser_id) and exists (
    select from lensers.profiles as p where p.id = v_hold.spender_id and p.erased_at is not null
  ) then
    v_charge.generation_id := null;
  end if;
  v_charge.hold_id := v_hold.id;

  -- What the hold keeps is free for its own charge; one that timed out keeps nothing, and competes like any charge.
  v_free := v_account;
  if v_hold.status = 'open' then
    v_held := v_hold.amount;
    v_movements := ratebook.let_go(v_hold);
    v_free.reserved := v_account.reserved - v_held;
  end if;
  v_warnings := ratebook.count_spending(
    (
      v_charge.spender_id, v_account.id, v_account.lenser_id, v_charge.model_id, v_hold.feature_id, v_charge.credits,
      v_held, v_hold.id, false
    )::ratebook.spending,
    v_account
  );
  -- What was held may be captured, whatever has become of the account since.
  if v_charge.credits > v_held then
    perform ratebook.assert_available(v_free, v_charge.credits);
  end if;

  -- Its own lots pay first, also those that have expired since; what is more, like any charge.
  if v_held > 0 then
    select v_movements || array_agg(
      (v_account.id, t.id, -t.taken, 0, 'charge', v_charge.id, null, null)::ratebook.movement order by t.place
    ) filter (where t.taken > 0)
    into v_movements
    from (
      select
        l.id,
        l.place,
        least(l.reserved, greatest(v_charge.credits - l.before, 0)) as taken
      from (
        select
          g.id,
          row_number() over burn_order as place,
          k.value::numeric as reserved,
          coalesce(sum(k.value::numeric) over (burn_order rows between unbounded preceding and 1 preceding), 0) as before
        from jsonb_each(v_hold.lots) as k
        -- With the offset it is one lookup each, whatever the planner thinks of the table.
        inner join lateral (
          select o.*
          from billing.grants as o
          where o.id = k.key::uuid and o.lenser_id is not distinct from v_account.lenser_id
          offset 0
        ) as g on true
        window burn_order as (order by g.priority, g.expires_at, g.id)
      ) as l
    ) as t;
  end if;
  v_rest := v_charge.credits - coalesce((select -sum(m.amount) from unnest(v_movements) as m), 0);
  v_movements := v_movements || ratebook.allocate(v_account, v_rest, v_charge.id);

  -- The charge stands before the entries that name it; the hold ends last, when its lots have paid.
  perform ratebook.write_charge(v_charge, v_priced.cost, v_asked);
  v_account := ratebook.post(v_account, v_movements);
  v_account := ratebook.end_hold(v_hold, 'captured', v_charge.id, v_account);
  return ratebook.remember(v_account, 'capture_hold', v_key, v_request, ratebook.charge_object(
    v_charge, v_priced.cost, v_account, v_warnings
  ));
end;
$$;

create function ratebook.capture_hold(
  p_hold_id uuid,
  p_amount numeric,
  p_usage jsonb,
  p_format text,
  p_generation uuid,
  p_prompt text,
  p_output text,
  p_latency_ms integer,
  p_is_estimated boolean,
  p_reported_cost numeric,
  p_reported_currency text,
  p_key text,
  p_owner uuid
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_hold billing.holds;
  v_asked ratebook.charge_request;
  v_answer jsonb;
begin
  -- A usage in meters of an open hold, which is read again behind the account's lock.
  if jsonb_typeof(p_usage) = 'object'
    and num_nonnulls(p_amount, p_format, p_generation, nullif(p_is_estimated, false), p_reported_cost, p_reported_currency) = 0
  then
    p_owner := ratebook.owner_of('hold', p_hold_id, p_owner);
    select h.* into v_hold
    from billing.holds as h
    where h.id = p_hold_id and h.lenser_id is not distinct from p_owner;
    if v_hold.status = 'open' and v_hold.model_id is not null then
      v_asked := ratebook.expected(v_hold, null, p_prompt, p_output, p_latency_ms);
      v_asked.usage := p_usage;
      v_asked.key := coalesce(p_key, 'hold ' || p_hold_id);
      v_asked.request := ratebook.capture_asked(p_hold_id, null, p_usage, null, null, false, null, null);
      v_answer := ratebook.charge_plainly(v_asked, v_hold);
    end if;
  end if;
  return coalesce(v_answer, ratebook.capture_in_general(
    p_hold_id, p_amount, p_usage, p_format, p_generation, p_prompt, p_output, p_latency_ms, p_is_estimated,
    p_reported_cost, p_reported_currency, p_key, p_owner
  ));
end;
$$;

create function billing.capture_hold(
  hold uuid,
  amount numeric default null,
  usage jsonb default null,
  format text default null,
  generation uuid default null,
  prompt text default null,
  output text default null,
  latency_ms integer default null,
  estimated boolean default false,
  reported_cost numeric default null,
  reported_currency text default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.capture_hold(
    hold, amount, usage, format, generation, prompt, output, latency_ms, estimated, reported_cost, reported_currency,
    idempotency_key, owner
  );
end;

revoke all on function ratebook.lock_hold(uuid, uuid) from public;
revoke all on function ratebook.assert_capturable(billing.holds) from public;
revoke all on function ratebook.end_hold(
  billing.holds, billing.hold_status_enum, uuid, billing.accounts
) from public;
revoke all on function ratebook.capture_asked(uuid, numeric, jsonb, text, uuid, boolean, numeric, text) from public;
revoke all on function ratebook.expected(billing.holds, uuid, text, text, integer) from public;
revoke all on function ratebook.capture_in_general(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) from public;
revoke all on function ratebook.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) from public;
revoke all on function billing.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) from public;
grant execute on function ratebook.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) to service_role;
grant execute on function billing.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) to service_role;

comment on type ratebook.locked_hold is 'A hold and its account.';
comment on column ratebook.locked_hold.hold is 'The hold.';
comment on column ratebook.locked_hold.account is 'The account, locked and settled.';
comment on function ratebook.lock_hold(uuid, uuid) is
'A hold and its account, of the owner if one is named, locked and settled. Errors: unknown_hold (PT404), owner_required (PT422).';
comment on function ratebook.assert_capturable(billing.holds) is
'Refuses a hold that was captured or released; one that timed out may still be charged. Error: hold_not_open (PT409).';
comment on function ratebook.end_hold(billing.holds, billing.hold_status_enum, uuid, billing.accounts) is
'Ends a hold whose movements are posted; what that frees of expired lots expires. Returns the account as it is then.';
comment on function ratebook.capture_asked(uuid, numeric, jsonb, text, uuid, boolean, numeric, text) is
'What a key stands for of a capture: its arguments, but for the content of the generation.';
comment on function ratebook.expected(billing.holds, uuid, text, text, integer) is
'What a hold expects to be charged, as a request of its own.';
comment on function ratebook.capture_in_general(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) is
'The rule behind billing.capture_hold(), for every case: lock, answered already? price, ask the limits, pay, write, end the hold.';
comment on function ratebook.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) is
'The rule behind billing.capture_hold(): plainly, as ratebook.charge_plainly() knows it, or in general.';
comment on function billing.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, boolean, numeric, text, text, uuid
) is
'Service role only. Turns a hold into a charge, at the prices of the hold: of an amount, of a usage (with format, the provider''s own or the answer that holds it, which says more of service tier, variant and region than the hold), of what the provider says that it cost (reported_cost, in reported_currency or the model''s), or else of all that was held. estimated: true for a charge that billing.settle_charge() may settle later. Less gives the rest back; 0 is allowed; more is taken from what is available and the overdraft, or refused, and the hold stays. A hold that timed out is charged like anything else. Without an idempotency_key the hold itself is the key: the same capture again gets the same answer. owner: the account''s lenser. Returns what billing.charge_generation() does. Errors: unknown_hold, unknown_generation (PT404), hold_not_open, already_charged, idempotency_conflict (PT409), invalid_amount, invalid_argument, owner_required and those of usages (PT422), insufficient_credits, budget_exceeded, member_limit_exceeded (PT402).';

-- from sql/60_wallet/315_function_cut_hold.sql

-- A stream that was cut has no usage. What it is charged is decided here and not by a client: an estimate by one rule,
-- never above what was held, which billing.settle_charge() replaces when the provider's figure arrives.
create function ratebook.input_of(p_usage jsonb) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select jsonb_object_agg(u.key, u.value)
    from jsonb_each(p_usage) as u
    where
      u.value::numeric > 0
      and (u.key like 'input%' or exists (select from ai.meters as m where m.key = u.key and m.counts_as_input))
  );
end;
$$;

create function ratebook.cut_usage(p_known jsonb, p_expected jsonb, p_streamed numeric) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_input jsonb := coalesce(ratebook.input_of(p_known), ratebook.input_of(p_expected));
  v_output numeric := greatest((p_known ->> 'output')::numeric, p_streamed);
begin
  -- Where nobody has counted what was read, nothing can be worked out from what was written.
  if v_input is null then
    return null;
  end if;
  return coalesce(p_known, jsonb '{}')
    || v_input
    -- A model that writes no tokens has no price for them.
    || case when v_output > 0 then jsonb_build_object('output', trim_scale(v_output)) else jsonb '{}' end;
end;
$$;

create function ratebook.cut_hold(
  p_hold_id uuid,
  p_usage jsonb,
  p_format text,
  p_bytes bigint,
  p_tokens bigint,
  p_generation uuid,
  p_prompt text,
  p_output text,
  p_latency_ms integer,
  p_key text,
  p_owner uuid
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  -- A hold ends once: without a key it is its own.
  v_key text := coalesce(p_key, 'hold ' || p_hold_id);
  v_request jsonb := jsonb_strip_nulls(jsonb_build_object(
    'hold', p_hold_id, 'usage', p_usage, 'format', p_format, 'streamed_bytes', p_bytes, 'streamed_tokens', p_tokens,
    'generation', p_generation
  ));
  v_locked ratebook.locked_hold;
  v_hold billing.holds;
  v_account billing.accounts;
  v_response jsonb;
  v_known jsonb;
  v_usage jsonb;
  v_asked ratebook.charge_request;
  v_priced ratebook.priced_charge;
begin
  if num_nonnulls(p_bytes, p_tokens) = 2 or least(p_bytes, p_tokens) < 0 then
    perform ratebook.fail('invalid_argument', 'What was streamed is a number of bytes or of tokens, from 0 on.',
      'Pass streamed_bytes or streamed_tokens, or none of them.');
  end if;
  -- The lock is the account's: nobody captures or releases meanwhile.
  v_locked := ratebook.lock_hold(p_hold_id, p_owner);
  v_hold := v_locked.hold;
  v_account := v_locked.account;
  v_response := ratebook.recall_own(v_account.id, v_account.lenser_id, 'cut_hold', v_key, p_key is null, v_request);
  if v_response is not null then
    return v_response;
  end if;
  -- As a capture says it, before a price is asked for.
  perform ratebook.assert_capturable(v_hold);

  -- Tier, variant and region are the hold's, as its prices are: half an answer states nothing.
  if p_usage is not null then
    v_known := nullif((ratebook.read_usage(p_format, p_usage)).usage, jsonb '{}');
    if v_known is not null then
      perform ratebook.assert_usage(v_known);
    end if;
  end if;
  if v_hold.model_id is not null then
    v_usage := ratebook.cut_usage(v_known, v_hold.usage, coalesce(p_tokens::numeric, ceil(p_bytes / 4.0)));
  end if;
  -- What it comes to is asked first: dearer than held, it is all that was held.
  if v_usage is not null then
    v_asked := ratebook.make_charge_request(
      v_account.id, v_hold.model_id::text, v_usage, null, (select f.key from ai.features as f where f.id = v_hold.feature_id),
      v_hold.service_tier, v_hold.variant, v_hold.region, v_hold.spender_id, p_generation, null, null, null, null,
      v_account.lenser_id
    );
    v_priced := ratebook.price_charge(v_asked, v_account, v_hold.created_at, v_hold.price_source, v_hold.price_currency);
    if (v_priced.charge).credits > v_hold.amount then
      v_usage := null;
    end if;
  end if;
  v_response := ratebook.capture_hold(
    p_hold_id, case when v_usage is null then v_hold.amount end, v_usage, null, p_generation, p_prompt, p_output,
    p_latency_ms, true, null, null, null, p_owner
  );
  return ratebook.remember(v_account, 'cut_hold', v_key, v_request, v_response);
end;
$$;

create function billing.cut_hold(
  hold uuid,
  usage jsonb default null,
  format text default null,
  streamed_bytes bigint default null,
  streamed_tokens bigint default null,
  generation uuid default null,
  prompt text default null,
  output text default null,
  latency_ms integer default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.cut_hold(
    hold, usage, format, streamed_bytes, streamed_tokens, generation, prompt, output, latency_ms, idempotency_key, owner
  );
end;

revoke all on function ratebook.input_of(jsonb) from public;
revoke all on function ratebook.cut_usage(jsonb, jsonb, numeric) from public;
revoke all on function ratebook.cut_hold(
  uuid, jsonb, text, bigint, bigint, uuid, text, text, integer, text, uuid
) from public;
revoke all on function billing.cut_hold(
  uuid, jsonb, text, bigint, bigint, uuid, text, text, integer, text, uuid
) from public;
grant execute on function ratebook.cut_hold(
  uuid, jsonb, text, bigint, bigint, uuid, text, text, integer, text, uuid
) to service_role;
grant execute on function billing.cut_hold(
  uuid, jsonb, text, bigint, bigint, uuid, text, text, integer, text, uuid
) to service_role;

comment on function ratebook.input_of(jsonb) is
'What of a usage is read and not made, where there is any; else NULL.';
comment on function ratebook.cut_usage(jsonb, jsonb, numeric) is
'The usage of a stream that was cut: input as known, else as expected; output the more of what is known and what was streamed, in tokens; all else as known. NULL where no input is known.';
comment on function ratebook.cut_hold(
  uuid, jsonb, text, bigint, bigint, uuid, text, text, integer, text, uuid
) is
'The rule behind billing.cut_hold().';
comment on function billing.cut_hold(
  uuid, jsonb, text, bigint, bigint, uuid, text, text, integer, text, uuid
) is
'Service role only. Turns the hold of a stream that was cut, or that ended without a usage, into an estimated charge, at the prices of the hold and never above what was held; the rest is given back. Input: the input meters of usage, else those of the usage that the hold was made with; where neither has any, or the hold names no model, all that was held is charged. Output: the more of what usage says and of what was streamed. Other meters of usage count as they are. usage: what is known, meters and quantities; or, with format, what the provider had reported before the cut. streamed_bytes: bytes of UTF-8 that were streamed; 4 are a token. streamed_tokens: instead of bytes, the caller''s own count. generation, prompt, output, latency_ms: as in billing.capture_hold(). When the provider''s figure arrives, billing.settle_charge() puts it in the place of the estimate. Without an idempotency_key the hold itself is the key: the same cut again gets the same answer. owner: the account''s lenser. Returns what billing.charge_generation() does. Errors: unknown_hold, unknown_generation (PT404), hold_not_open, already_charged, idempotency_conflict (PT409), invalid_argument, owner_required and those of usages (PT422); for a hold that timed out also insufficient_credits, budget_exceeded, member_limit_exceeded (PT402).';

-- from sql/60_wallet/320_function_release_hold.sql

create function ratebook.release_hold(p_hold_id uuid, p_owner uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_locked ratebook.locked_hold := ratebook.lock_hold(p_hold_id, p_owner);
  v_hold billing.holds := v_locked.hold;
  v_account billing.accounts := v_locked.account;
begin
  if v_hold.status = 'captured' then
    perform ratebook.fail('hold_not_open', 'The hold was captured.', 'Take the charge back with billing.refund_charge().',
      jsonb_build_object('hold', p_hold_id, 'status', v_hold.status, 'charge', v_hold.charge_id));
  end if;
  if v_hold.status = 'open' then
    v_account := ratebook.post(v_account, ratebook.let_go(v_hold));
    v_account := ratebook.end_hold(v_hold, 'released', null, v_account);
    v_hold.status := 'released';
  end if;
  return jsonb_build_object(
    'hold_id', p_hold_id,
    'account_id', v_account.id,
    'status', v_hold.status,
    'balance', ratebook.balance_object(v_account)
  );
end;
$$;

create function billing.release_hold(hold uuid, owner uuid default null) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.release_hold(hold, owner);
end;

revoke all on function ratebook.release_hold(uuid, uuid) from public;
revoke all on function billing.release_hold(uuid, uuid) from public;
grant execute on function ratebook.release_hold(uuid, uuid) to service_role;
grant execute on function billing.release_hold(uuid, uuid) to service_role;

comment on function ratebook.release_hold(uuid, uuid) is 'The rule behind billing.release_hold().';
comment on function billing.release_hold(uuid, uuid) is
'Service role only. Gives back what a hold keeps. Released or timed out already, it changes nothing. owner: the account''s lenser. Returns hold_id, account_id, status and balance. Errors: unknown_hold (PT404), hold_not_open (PT409) for a captured one, owner_required (PT422).';

-- from sql/60_wallet/325_function_unwind.sql

create function ratebook.unknown_charge(p_charge_id uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail('unknown_charge', format('There is no charge %s.', p_charge_id), null,
    jsonb_build_object('charge', p_charge_id));
end;
$$;

create function ratebook.refunded(p_charge billing.charges, p_at timestamptz) returns numeric
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(sum(e.amount), 0)
    from billing.ledger_entries as e
    where
      e.charge_id = p_charge.id
      and e.lenser_id is not distinct from p_charge.lenser_id
      and e.kind = 'refund'
      -- Its entries lie between its own time and now: with both bounds a look-up reads those months alone.
      and e.id >= ratebook.uuid_v7_floor(p_charge.created_at)
      and e.id < ratebook.uuid_v7_floor(p_at + interval '1 millisecond')
  );
end;
$$;

create function ratebook.unwind(
  p_charge billing.charges, p_account billing.accounts, p_refunded numeric, p_amount numeric, p_reason text
) returns ratebook.movement[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- As in ratebook.refunded().
  v_since uuid := ratebook.uuid_v7_floor(p_charge.created_at);
  v_until uuid := ratebook.uuid_v7_floor(p_account.updated_at + interval '1 millisecond');
  v_overdraft numeric;
  v_grant_id uuid;
  v_movements ratebook.movement[];
begin
  -- Backwards over what the charge took: its last entry gets back first, from where the last refund stopped. What was
  -- spent of a payment that was taken back since is owed, and no lot's any more: it goes back as overdraft does.
  select
    array_agg(
      (p_account.id, b.grant_id, b.back, 0, 'refund', p_charge.id, null, p_reason)::ratebook.movement
      order by b.number desc
    ) filter (where b.back > 0),
    coalesce(sum(b.amount - b.back), 0)
  into v_movements, v_overdraft
  from (
    select
      t.number,
      t.grant_id,
      t.amount,
      least(t.amount, greatest(coalesce(g.spent, 0) - sum(t.amount) over of_the_lot + t.amount, 0)) as back
    from (
      select
        s.number,
        s.grant_id,
        least(s.upper, p_refunded + p_amount) - greatest(s.upper - s.size, p_refunded) as amount
      from (
        select
          e.number,
          e.grant_id,
          -e.amount as size,
          sum(-e.amount) over (order by e.number desc) as upper
        -- Only what the charge took: earlier refunds are where the line begins.
        from billing.ledger_entries as e
        where
          e.charge_id = p_charge.id
          and e.lenser_id is not distinct from p_charge.lenser_id
          and e.kind = 'charge'
          and e.id >= v_since
          and e.id < v_until
      ) as s
    ) as t
    -- Looked up one by one and by the key, whatever the planner thinks of the table.
    left join lateral (
      select o.amount - o.remaining - o.expired - o.revoked as spent
      from billing.grants as o
      where o.id = t.grant_id and o.lenser_id is not distinct from p_charge.lenser_id
      offset 0
    ) as g on true
    where t.amount > 0
    window of_the_lot as (partition by t.grant_id order by t.number desc)
  ) as b;

  -- What was overdraft takes debt off; debt that was repaid since has become a lot's to give back.
  if v_overdraft > 0 then
    v_movements := (
      p_account.id, null, least(v_overdraft, p_account.debt), 0, 'refund', p_charge.id, null, p_reason
    )::ratebook.movement || v_movements;
    if v_overdraft > p_account.debt then
      v_grant_id := ratebook.uuid_v7(p_account.updated_at);
      insert into billing.grants (id, lenser_id, account_id, amount, source, created_at)
      values (
        v_grant_id, p_account.lenser_id, p_account.id, v_overdraft - p_account.debt, 'refund', p_account.updated_at
      );
      v_movements := v_movements || (
        p_account.id, v_grant_id, v_overdraft - p_account.debt, 0, 'refund', p_charge.id, null, p_reason
      )::ratebook.movement;
    end if;
  end if;
  return v_movements;
end;
$$;

create function ratebook.end_again(p_account billing.accounts, p_movements ratebook.movement[]) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- What went back into an expired lot expires again; what opened another has an end to wait for.
  if exists (
    select from unnest(p_movements) as m
    cross join lateral (
      select from billing.grants as g
      where g.id = m.grant_id and g.lenser_id is not distinct from p_account.lenser_id and g.expires_at is not null
      offset 0
    ) as f
  ) then
    return ratebook.settle(p_account, p_account.updated_at);
  end if;
  return p_account;
end;
$$;

revoke all on function ratebook.unknown_charge(uuid) from public;
revoke all on function ratebook.refunded(billing.charges, timestamptz) from public;
revoke all on function ratebook.unwind(billing.charges, billing.accounts, numeric, numeric, text) from public;
revoke all on function ratebook.end_again(billing.accounts, ratebook.movement[]) from public;

comment on function ratebook.unknown_charge(uuid) is 'Refuses a charge that is not there. Error: unknown_charge (PT404).';
comment on function ratebook.refunded(billing.charges, timestamptz) is 'What was given back of a charge up to now.';
comment on function ratebook.unwind(billing.charges, billing.accounts, numeric, numeric, text) is
'The movements that give back an amount of a charge, of which some was refunded already, to what paid it, the last first. Opens a lot where debt was repaid since.';
comment on function ratebook.end_again(billing.accounts, ratebook.movement[]) is
'Settles a locked account to which lots were given back that have an end. Returns the account as it is then.';

-- from sql/60_wallet/330_function_refund_charge.sql

create function ratebook.refund_charge(
  p_charge_id uuid,
  p_amount numeric,
  p_reason text,
  p_extend_to timestamptz,
  p_key text,
  p_owner uuid
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
-- What is kept with a key is the same whatever zone and style the caller writes times in.
set timezone = 'UTC' set intervalstyle = 'postgres'
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_owner uuid;
  v_request jsonb := jsonb_build_object(
    'charge', p_charge_id, 'amount', trim_scale(p_amount), 'reason', p_reason, 'extend_to', p_extend_to
  );
  v_charge billing.charges;
  v_account billing.accounts;
  v_response jsonb;
  v_at timestamptz;
  v_refunded numeric;
  v_amount numeric;
  v_movements ratebook.movement[];
begin
  perform ratebook.assert_privileged();
  if p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount, 1e-12);
  end if;
  v_owner := ratebook.owner_of('charge', p_charge_id, p_owner);
  -- A charge never changes: it is read without a lock, and names the account to lock.
  select c.* into v_charge
  from billing.charges as c
  where c.id = p_charge_id and c.lenser_id is not distinct from v_owner;
  if v_charge.id is null then
    perform ratebook.unknown_charge(p_charge_id);
  end if;
  v_account := ratebook.lock_account(v_charge.account_id, v_owner);
  v_at := v_account.updated_at;
  v_response := ratebook.recall(v_account.id, v_owner, 'refund_charge', p_key, v_request);
  if v_response is not null then
    return v_response;
  end if;
  -- An end in the past would take the credits away again at once.
  if p_extend_to <= v_at or not isfinite(p_extend_to) then
    perform ratebook.fail('invalid_time', 'A lot is extended to a time ahead.', 'Leave out extend_to to leave lots as they are.');
  end if;

  -- Behind the lock, so that two refunds cannot both give back the same credits.
  v_refunded := ratebook.refunded(v_charge, v_at);
  v_amount := coalesce(p_amount, v_charge.credits - v_refunded);
  if v_amount > v_charge.credits - v_refunded or v_amount = 0 then
    perform ratebook.fail(
      'refund_exceeds_charge',
      format('Of %s credits %s were refunded already.', trim_scale(v_charge.credits), trim_scale(v_refunded)),
      'A charge is refunded once, in whole or in parts.',
      jsonb_build_object(
        'charge', p_charge_id, 'charged', trim_scale(v_charge.credits)::text,
        'refunded', trim_scale(v_refunded)::text, 'asked', trim_scale(v_amount)::text
      )
    );
  end if;

  v_movements := ratebook.unwind(v_charge, v_account, v_refunded, v_amount, p_reason);
  -- Before the entries are written: an expired lot that is extended keeps what it gets back.
  if p_extend_to is not null then
    -- Looked up one by one and by the key, whatever the planner thinks of the table.
    update billing.grants as g
    set expires_at = p_extend_to
    from unnest(v_movements) as m
    cross join lateral (
      select o.ctid
      from billing.grants as o
      where o.id = m.grant_id and o.lenser_id is not distinct from v_owner and o.expires_at <= v_at
      offset 0
    ) as f
    where g.ctid = f.ctid;
  end if;
  -- A member's limit and the budgets get back what is refunded.
  perform ratebook.uncount_spending(v_charge, v_amount);
  v_account := ratebook.post(v_account, v_movements);
  v_account := ratebook.repay(ratebook.end_again(v_account, v_movements));

  v_response := jsonb_build_object(
    'charge_id', p_charge_id,
    'account_id', v_account.id,
    'amount', trim_scale(v_amount)::text,
    'refunded', trim_scale(v_refunded + v_amount)::text,
    'balance', ratebook.balance_object(v_account)
  );
  perform ratebook.record_call(
    'billing.refund_charge', 'billing.charges', jsonb_build_object('id', p_charge_id), v_request, v_response
  );
  return ratebook.remember(v_account, 'refund_charge', p_key, v_request, v_response);
end;
$$;

create function billing.refund_charge(
  charge uuid,
  amount numeric default null,
  reason text default null,
  extend_to timestamptz default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.refund_charge(charge, amount, reason, extend_to, idempotency_key, owner);
end;

revoke all on function ratebook.refund_charge(uuid, numeric, text, timestamptz, text, uuid) from public;
revoke all on function billing.refund_charge(uuid, numeric, text, timestamptz, text, uuid) from public;
grant execute on function ratebook.refund_charge(uuid, numeric, text, timestamptz, text, uuid) to authenticated, service_role;
grant execute on function billing.refund_charge(uuid, numeric, text, timestamptz, text, uuid) to authenticated, service_role;

comment on function ratebook.refund_charge(uuid, numeric, text, timestamptz, text, uuid) is
'The rule behind billing.refund_charge().';
comment on function billing.refund_charge(uuid, numeric, text, timestamptz, text, uuid) is
'Admins and the service role. Gives back a charge, or a part of it, to the lots that paid, the last one first; what was overdraft, or of a payment that was taken back since, takes debt off. amount: all that is left of it unless told. What goes back into an expired lot expires at once, unless extend_to gives such lots a new end. owner: the account''s lenser. Returns charge_id, account_id, amount, refunded (in all) and balance. Errors: unknown_charge (PT404), refund_exceeds_charge, idempotency_conflict (PT409), invalid_amount, invalid_time, owner_required (PT422), not_allowed (42501).';

-- from sql/60_wallet/332_function_settle_charge.sql

create function ratebook.settle_charge(
  p_charge_id uuid,
  p_usage jsonb,
  p_format text,
  p_amount numeric,
  p_reported_cost numeric,
  p_reported_currency text,
  p_key text,
  p_owner uuid
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_owner uuid := ratebook.owner_of('charge', p_charge_id, p_owner);
  -- A charge is settled once: without a key it is its own.
  v_key text := coalesce(p_key, 'charge ' || p_charge_id);
  v_request jsonb := jsonb_build_object(
    'charge', p_charge_id, 'usage', p_usage, 'format', p_format, 'amount', trim_scale(p_amount)
  ) || ratebook.reported(false, p_reported_cost, p_reported_currency);
  v_estimate billing.charges;
  v_account billing.accounts;
  v_response jsonb;
  v_settled_by uuid;
  v_source record;
  v_asked ratebook.charge_request;
  v_priced ratebook.priced_charge;
  v_charge billing.charges;
  v_movements ratebook.movement[];
  v_warnings jsonb;
begin
  if num_nonnulls(p_amount, coalesce(p_usage, to_jsonb(p_reported_cost))) <> 1 then
    perform ratebook.fail('invalid_argument', 'Nothing, or more than one thing, says what the charge comes to.',
      'Pass a usage, a reported cost (with a usage or without), or an amount of credits.');
  elsif p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount);
  end if;
  -- A charge never changes: it is read without a lock, and names the account to lock.
  select c.* into v_estimate
  from billing.charges as c
  where c.id = p_charge_id and c.lenser_id is not distinct from v_owner;
  if v_estimate.id is null then
    perform ratebook.unknown_charge(p_charge_id);
  end if;
  v_account := ratebook.lock_account(v_estimate.account_id, v_owner);
  select c.id into v_settled_by
  from billing.charges as c
  where
    c.estimate_id = p_charge_id
    and c.lenser_id is not distinct from v_owner
    and c.id >= ratebook.uuid_v7_floor(v_estimate.created_at)
    and c.id < ratebook.uuid_v7_floor(v_account.updated_at + interval '1 millisecond');
  v_response := ratebook.recall_own(v_account.id, v_owner, 'settle_charge', v_key, p_key is null, v_request);
  if v_response is not null then
    return v_response;
  end if;
  -- Only an estimate gives way, once, and not where somebody was given it back: they would pay again.
  if v_settled_by is not null then
    perform ratebook.fail('already_settled', 'The charge was settled already.', 'A charge is settled once; refund the other.',
      jsonb_build_object('charge', p_charge_id, 'settled_by', v_settled_by));
  elsif not v_estimate.is_estimated then
    perform ratebook.fail('not_estimated', 'The charge is no estimate.', 'Refund it, or charge with estimated => true.',
      jsonb_build_object('charge', p_charge_id));
  elsif ratebook.refunded(v_estimate, v_account.updated_at) > 0 then
    perform ratebook.fail('already_refunded', 'Credits of the charge were refunded.', 'Refund the rest, or leave it as it is.',
      jsonb_build_object('charge', p_charge_id));
  end if;

  -- At the prices of the estimate, also where the model has been switched off since.
  v_asked := ratebook.make_charge_request(
    v_account.id, v_estimate.model_id::text, null, null, v_estimate.feature_key, v_estimate.service_tier,
    v_estimate.variant, v_estimate.region, v_estimate.spender_id, null, null, null, null, null, v_owner
  );
  -- What the answer states counts before what the estimate expected.
  v_asked := ratebook.report(
    ratebook.answered(v_asked, p_format, p_usage), false, p_reported_cost, p_reported_currency
  );
  if p_amount is null and v_estimate.model_id is null then
    perform ratebook.fail('invalid_argument', 'This charge names no model that could price a usage.', 'Pass an amount.');
  end if;
  select f.price_source, f.price_currency into v_source
  from ratebook.price_source_at(v_estimate.model_id, v_estimate.priced_at) as f;
  -- Credits without a price, a usage by prices, or the provider's cost.
  if p_amount is not null then
    v_charge := v_estimate;
    v_charge.id := ratebook.uuid_v7(v_account.updated_at);
    v_charge.lines := null;
    v_charge.credits := p_amount;
    v_charge.is_cost_reported := false;
  elsif p_reported_cost is null then
    v_priced := ratebook.price_charge(
      v_asked, v_account, v_estimate.priced_at, v_source.price_source, v_source.price_currency
    );
    v_charge := v_priced.charge;
  else
    v_priced := ratebook.price_reported(
      v_asked, v_account, v_estimate.priced_at, v_source.price_source, v_source.price_currency
    );
    v_charge := v_priced.charge;
  end if;
  -- It stands in the estimate's place: for the same generation, and never an estimate itself.
  v_charge.feature_id := v_estimate.feature_id;
  v_charge.hold_id := null;
  v_charge.generation_id := v_estimate.generation_id;
  v_charge.is_estimated := false;
  v_charge.estimate_id := p_charge_id;
  v_charge.created_at := v_account.updated_at;

  -- As a capture beyond its hold: what the estimate took is free for it, and more must be there. Where it is not, the
  -- estimate stands, and is settled when there is enough: no account is taken below its limit by a call.
  if v_charge.credits > v_estimate.credits then
    perform ratebook.assert_available(
      v_account, v_charge.credits - v_estimate.credits, jsonb_build_object('charge', p_charge_id)
    );
  end if;
  perform ratebook.uncount_spending(v_estimate, v_estimate.credits, true);
  v_warnings := ratebook.count_spending(
    (
      v_charge.spender_id, v_account.id, v_owner, v_charge.model_id, v_charge.feature_id, v_charge.credits,
      v_estimate.credits, p_charge_id, false
    )::ratebook.spending,
    v_account
  );

  -- What paid the estimate pays first, also what has expired since; what is more, like any charge.
  v_movements := ratebook.unwind(v_estimate, v_account, 0, v_estimate.credits, null);
  v_movements := v_movements || array(
    select (v_account.id, t.grant_id, -t.taken, 0, 'charge', v_charge.id, null, null)::ratebook.movement
    from (
      select
        m.grant_id,
        m.place,
        least(m.amount, greatest(v_charge.credits - m.before, 0)) as taken
      from (
        select
          g.id as grant_id,
          u.amount,
          row_number() over burn_order as place,
          coalesce(sum(u.amount) over (burn_order rows between unbounded preceding and 1 preceding), 0) as before
        from (
          select b.grant_id, sum(b.amount) as amount
          from unnest(v_movements) as b
          where b.grant_id is not null
          group by b.grant_id
        ) as u
        -- With the offset it is one lookup each, whatever the planner thinks of the table.
        inner join lateral (
          select o.*
          from billing.grants as o
          where o.id = u.grant_id and o.lenser_id is not distinct from v_owner
          offset 0
        ) as g on true
        window burn_order as (order by g.priority, g.expires_at, g.id)
      ) as m
    ) as t
    where t.taken > 0
    order by t.place
  );
  v_movements := v_movements || ratebook.allocate(
    v_account,
    v_charge.credits + coalesce((select sum(m.amount) from unnest(v_movements) as m where m.kind = 'charge'), 0),
    v_charge.id
  );

  -- The log has the true usage; where its owner has deleted it, the charge stands alone.
  select g.id into v_asked.generation_id
  from ai.generations as g
  where g.id = v_estimate.generation_id and g.lenser_id is not distinct from v_estimate.spender_id;
  perform ratebook.write_charge(v_charge, v_priced.cost, v_asked);
  v_account := ratebook.post(v_account, v_movements);
  v_account := ratebook.repay(ratebook.end_again(v_account, v_movements));
  return ratebook.remember(
    v_account, 'settle_charge', v_key, v_request,
    ratebook.charge_object(v_charge, v_priced.cost, v_account, v_warnings) || jsonb_build_object(
      'estimate_id', p_charge_id,
      'difference', trim_scale(v_charge.credits - v_estimate.credits)::text
    )
  );
end;
$$;

create function billing.settle_charge(
  charge uuid,
  usage jsonb default null,
  format text default null,
  amount numeric default null,
  reported_cost numeric default null,
  reported_currency text default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.settle_charge(
    charge, usage, format, amount, reported_cost, reported_currency, idempotency_key, owner
  );
end;

revoke all on function ratebook.settle_charge(uuid, jsonb, text, numeric, numeric, text, text, uuid) from public;
revoke all on function billing.settle_charge(uuid, jsonb, text, numeric, numeric, text, text, uuid) from public;
grant execute on function ratebook.settle_charge(uuid, jsonb, text, numeric, numeric, text, text, uuid) to service_role;
grant execute on function billing.settle_charge(uuid, jsonb, text, numeric, numeric, text, text, uuid) to service_role;

comment on function ratebook.settle_charge(uuid, jsonb, text, numeric, numeric, text, text, uuid) is
'The rule behind billing.settle_charge().';
comment on function billing.settle_charge(uuid, jsonb, text, numeric, numeric, text, text, uuid) is
'Service role only. Lets a charge that was made with estimated => true give way to the provider''s figure: refunds it and charges that, in one, for the same generation. usage: what was used, at the prices of the charge; with format, the provider''s own usage object or the answer that holds it, which says more of service tier, variant and region than the charge. reported_cost: what the provider says that it cost, in reported_currency or the model''s. amount: credits. What is less goes back to what paid; what is more must be available, the overdraft included, or it is refused and the charge stands as it is. Once: without an idempotency_key the charge itself is the key. owner: the account''s lenser. Returns what billing.charge_generation() does, and estimate_id and difference. Errors: unknown_charge (PT404), not_estimated, already_settled, already_refunded, idempotency_conflict (PT409), invalid_amount, invalid_argument, owner_required and those of usages (PT422), insufficient_credits, budget_exceeded, member_limit_exceeded (PT402).';

-- from sql/60_wallet/335_function_revoke_grant.sql

create function ratebook.revoke_grant(
  p_lot_id uuid,
  p_amount numeric,
  p_reason text,
  p_external_ref text,
  p_payment_source text,
  p_payment_ref text,
  p_key text,
  p_owner uuid
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_owner uuid;
  v_request jsonb;
  v_lot billing.grants;
  v_account billing.accounts;
  v_response jsonb;
  v_made billing.revocations;
  v_left numeric;
  v_is_new boolean;
begin
  perform ratebook.assert_privileged();
  if p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount, 1e-12);
  end if;
  if (p_lot_id is null) <> (num_nonnulls(p_payment_source, p_payment_ref) = 2)
    or num_nonnulls(p_payment_source, p_payment_ref) = 1 then
    perform ratebook.fail('invalid_argument', 'It is not clear which lot is taken back.',
      'Pass lot, or payment_source and payment_ref, which are source and external_ref of its grant.');
  end if;
  -- An event of the payment provider made one lot, whoever it was for.
  if p_lot_id is not null then
    v_owner := ratebook.owner_of('lot', p_lot_id, p_owner);
  else
    if p_owner is null then
      perform ratebook.require_owner();
    end if;
    select g.id, g.lenser_id into p_lot_id, v_owner
    from billing.grants as g
    where
      g.source = p_payment_source and g.external_ref = p_payment_ref and (p_owner is null or g.lenser_id = p_owner);
  end if;
  v_request := jsonb_build_object(
    'lot', p_lot_id, 'amount', trim_scale(p_amount), 'reason', p_reason, 'external_ref', p_external_ref
  );
  select g.* into v_lot
  from billing.grants as g
  where g.id = p_lot_id and g.lenser_id is not distinct from v_owner;
  if v_lot.id is null then
    perform ratebook.fail('unknown_lot', 'There is no such lot.', 'Lots are rows of billing.grants.',
      jsonb_strip_nulls(jsonb_build_object(
        'lot', p_lot_id, 'payment_source', left(p_payment_source, 100), 'payment_ref', left(p_payment_ref, 100)
      )));
  end if;
  -- What changes a lot has locked its account.
  v_account := ratebook.lock_account(v_lot.account_id, v_owner);
  v_response := ratebook.recall(v_account.id, v_owner, 'revoke_grant', p_key, v_request);
  if v_response is not null then
    return v_response;
  end if;

  -- The same event again takes back no second time, with a key or without, and nothing else.
  perform pg_advisory_xact_lock(
    hashtextextended('ratebook.revocation ' || v_lot.source || ' ' || p_external_ref, 0)
  );
  select r.* into v_made
  from billing.revocations as r
  where r.source = v_lot.source and r.external_ref = p_external_ref;
  v_is_new := v_made.id is null;
  if not v_is_new and (v_made.grant_id, v_made.asked) is distinct from (p_lot_id, p_amount) then
    perform ratebook.fail(
      'idempotency_conflict', format('The event "%s" has taken back other credits already.', left(p_external_ref, 100)),
      'An event counts once.', jsonb_build_object('external_ref', left(p_external_ref, 100))
    );
  elsif v_is_new then
    -- As it is behind the lock, and settled.
    select g.* into v_lot
    from billing.grants as g
    where g.id = p_lot_id and g.lenser_id is not distinct from v_owner;
    v_left := case when v_lot.revoked_at is null then v_lot.amount - v_lot.revoked else 0 end;
    if v_left = 0 or p_amount > v_left then
      perform ratebook.fail(
        'revocation_exceeds_grant',
        format('Of %s credits %s can be taken back.', trim_scale(v_lot.amount), trim_scale(v_left)),
        'A payment is taken back once, in whole or in parts.',
        jsonb_build_object(
          'lot', p_lot_id, 'granted', trim_scale(v_lot.amount)::text, 'left', trim_scale(v_left)::text,
          'asked', trim_scale(p_amount)::text
        )
      );
    end if;
    v_made.id := ratebook.uuid_v7(v_account.updated_at);
    v_made.lenser_id := v_owner;
    v_made.account_id := v_account.id;
    v_made.grant_id := p_lot_id;
    v_made.source := v_lot.source;
    v_made.external_ref := p_external_ref;
    v_made.asked := p_amount;
    v_made.reason := p_reason;
    v_made.created_at := v_account.updated_at;
    -- What is left goes first, then what was spent is owed; what has expired is gone anyway.
    v_made.from_lot := least(v_lot.remaining - v_lot.reserved, coalesce(p_amount, v_left));
    v_made.owed := least(
      v_lot.amount - v_lot.remaining - v_lot.expired - v_lot.revoked, coalesce(p_amount, v_left) - v_made.from_lot
    );
    v_made.held := least(v_lot.reserved, coalesce(p_amount, v_left) - v_made.from_lot - v_made.owed);
    if coalesce(p_amount, v_left) = v_left then
      -- The lot ends now, so that what holds keep of it goes as that of an expired lot does; what they capture is owed.
      update billing.grants as g
      set revoked_at = v_account.updated_at, expires_at = least(g.expires_at, v_account.updated_at)
      where g.id = p_lot_id and g.lenser_id is not distinct from v_owner;
    elsif v_made.held > 0 then
      -- A part of what a hold keeps is nobody's yet: only its end says whether it was spent.
      perform ratebook.fail('lot_is_held', format('Open holds keep %s of these credits.', trim_scale(v_made.held)),
        'Take all of the lot back, or a part again when the holds have ended.',
        jsonb_build_object('lot', p_lot_id, 'held', trim_scale(v_made.held)::text));
    end if;
    -- From the lot what it has free, then as debt what was spent of it.
    v_account := ratebook.post(
      v_account,
      array[
        (v_account.id, p_lot_id, -v_made.from_lot, 0, 'revocation', null, null, p_reason)
      ]::ratebook.movement[],
      p_upcoming => case when v_lot.starts_at > v_account.updated_at then -v_made.from_lot else 0 end
    );
    v_account := ratebook.owe(v_account, p_lot_id, v_made.owed, p_reason);
    insert into billing.revocations values (v_made.*);
  end if;
  v_response := jsonb_build_object(
    'revocation_id', v_made.id,
    'grant_id', p_lot_id,
    'account_id', v_account.id,
    'amount', trim_scale(v_made.from_lot + v_made.held + v_made.owed)::text,
    'from_lot', trim_scale(v_made.from_lot)::text,
    'held', trim_scale(v_made.held)::text,
    'owed', trim_scale(v_made.owed)::text,
    'balance', ratebook.balance_object(v_account)
  );
  -- An event that is known had its effect before, and its entry.
  if v_is_new then
    perform ratebook.record_call(
      'billing.revoke_grant', 'billing.grants', jsonb_build_object('id', p_lot_id), v_request, v_response
    );
  end if;
  return ratebook.remember(v_account, 'revoke_grant', p_key, v_request, v_response);
end;
$$;

create function billing.revoke_grant(
  lot uuid default null,
  amount numeric default null,
  reason text default null,
  external_ref text default null,
  payment_source text default null,
  payment_ref text default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.revoke_grant(
    lot, amount, reason, external_ref, payment_source, payment_ref, idempotency_key, owner
  );
end;

revoke all on function ratebook.revoke_grant(uuid, numeric, text, text, text, text, text, uuid) from public;
revoke all on function billing.revoke_grant(uuid, numeric, text, text, text, text, text, uuid) from public;
grant execute on function ratebook.revoke_grant(uuid, numeric, text, text, text, text, text, uuid) to authenticated, service_role;
grant execute on function billing.revoke_grant(uuid, numeric, text, text, text, text, text, uuid) to authenticated, service_role;

comment on function ratebook.revoke_grant(uuid, numeric, text, text, text, text, text, uuid) is
'The rule behind billing.revoke_grant().';
comment on function billing.revoke_grant(uuid, numeric, text, text, text, text, text, uuid) is
'Admins and the service role. Takes back what a payment granted: a refund or dispute of the payment provider. What is left of the lot goes; what a hold keeps of it goes when the hold lets it go; what was spent becomes debt, beyond the overdraft limit if need be, which what other lots have free and the next grants repay before anything is spent. What has expired is gone anyway. lot: billing.grants.id; or payment_source and payment_ref: source and external_ref of the grant. amount: a part of it, such as a partial refund''s; all that was not taken back yet unless told. external_ref: id of the event that takes it back; with the source of the lot it counts once. owner: the account''s lenser. Returns revocation_id, grant_id, account_id, amount (in all), from_lot, held, owed and balance. Errors: unknown_lot (PT404), revocation_exceeds_grant, lot_is_held (of a part), idempotency_conflict (PT409), invalid_amount, invalid_argument, owner_required (PT422), not_allowed (42501).';

-- from sql/60_wallet/337_function_move_credits.sql

create function ratebook.move_credits(
  p_from_account_id uuid,
  p_to_account_id uuid,
  p_amount numeric,
  p_reason text,
  p_key text,
  p_from_owner uuid,
  p_to_owner uuid
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_from_owner uuid := ratebook.owner_of('account', p_from_account_id, p_from_owner);
  v_to_owner uuid := ratebook.owner_of('account', p_to_account_id, p_to_owner);
  v_request jsonb := jsonb_build_object(
    'to_account', p_to_account_id, 'to_owner', v_to_owner, 'amount', trim_scale(p_amount), 'reason', p_reason
  );
  v_accounts billing.accounts[];
  v_from billing.accounts;
  v_to billing.accounts;
  v_response jsonb;
  v_taken ratebook.movement[];
  v_lot billing.grants;
  -- Each entry names the one on the other side, so both have their ids before either is written.
  v_out uuid[] := '{}'::uuid[];
  v_in uuid[] := '{}'::uuid[];
begin
  perform ratebook.assert_credits('amount', p_amount, 1e-12);
  if (p_from_account_id, v_from_owner) = (p_to_account_id, v_to_owner) then
    perform ratebook.fail('invalid_argument', 'Credits move from one account to another.', 'Name two accounts.',
      jsonb_build_object('account', p_from_account_id));
  end if;
  -- Both at once, in the one order of everybody: two who move to each other do not wait for each other.
  v_accounts := ratebook.lock_accounts(
    array[p_from_account_id, p_to_account_id], array[v_from_owner, v_to_owner]
  );
  select a.* into v_from from unnest(v_accounts) as a where a.id = p_from_account_id and a.lenser_id = v_from_owner;
  select a.* into v_to from unnest(v_accounts) as a where a.id = p_to_account_id and a.lenser_id = v_to_owner;
  v_response := ratebook.recall(v_from.id, v_from_owner, 'move_credits', p_key, v_request);
  if v_response is not null then
    return v_response;
  end if;
  perform ratebook.assert_not_erased(array[v_from_owner, v_to_owner]);
  -- Only what is there and free: an overdraft is nobody's to give.
  v_from.overdraft_limit := 0;
  perform ratebook.assert_available(v_from, p_amount);

  -- In burn order, as if it were spent; the debt that is never reached has no lot.
  v_taken := array(
    select (m.account_id, m.grant_id, -m.reserved, 0, 'move', null, null, p_reason)::ratebook.movement
    from unnest(ratebook.allocate(v_from, p_amount)) with ordinality as m
    order by m.ordinality
  );
  for i in 1..cardinality(v_taken) loop
    v_out[i] := ratebook.uuid_v7(v_from.updated_at);
    v_in[i] := ratebook.uuid_v7(v_to.updated_at);
  end loop;
  v_from := ratebook.post(v_from, v_taken, p_entry_ids => v_out, p_counterpart_ids => v_in);
  -- Each lot goes on with its terms on the other side. What is owed there is repaid from it, as from any that comes in.
  for i in 1..cardinality(v_taken) loop
    select g.* into v_lot
    from billing.grants as g
    where g.id = v_taken[i].grant_id and g.lenser_id is not distinct from v_from_owner;
    v_to := (ratebook.add_lot(
      v_to, -v_taken[i].amount, v_lot.source, v_lot.priority, v_lot.expires_at, null, null, null, v_lot.starts_at,
      (v_in[i], v_out[i])::ratebook.moved_entry, p_reason
    )).account;
  end loop;
  v_to := ratebook.write_account(v_to);
  return ratebook.remember(v_from, 'move_credits', p_key, v_request, jsonb_build_object(
    'from_account', v_from.id,
    'to_account', v_to.id,
    'amount', trim_scale(p_amount)::text,
    'lots', cardinality(v_taken),
    'from_balance', ratebook.balance_object(v_from),
    'to_balance', ratebook.balance_object(v_to)
  ));
end;
$$;

create function billing.move_credits(
  from_account uuid,
  to_account uuid,
  amount numeric,
  reason text default null,
  idempotency_key text default null,
  from_owner uuid default null,
  to_owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.move_credits(from_account, to_account, amount, reason, idempotency_key, from_owner, to_owner);
end;

revoke all on function ratebook.move_credits(uuid, uuid, numeric, text, text, uuid, uuid) from public;
revoke all on function billing.move_credits(uuid, uuid, numeric, text, text, uuid, uuid) from public;
grant execute on function ratebook.move_credits(uuid, uuid, numeric, text, text, uuid, uuid) to service_role;
grant execute on function billing.move_credits(uuid, uuid, numeric, text, text, uuid, uuid) to service_role;

comment on function ratebook.move_credits(uuid, uuid, numeric, text, text, uuid, uuid) is
'The rule behind billing.move_credits().';
comment on function billing.move_credits(uuid, uuid, numeric, text, text, uuid, uuid) is
'Service role only. Moves credits to another account: lots in burn order, with their priority, start, end and source, each as two ledger entries that name each other. Only what is available moves, never what holds keep, what has not started, or overdraft; what the other account owes is repaid from it first. from_account, to_account: a lenser, whose own account is made when it is missing, or billing.accounts.id. from_owner, to_owner: the lensers of the two. Returns from_account, to_account, amount, lots (how many), from_balance and to_balance. Errors: unknown_account (PT404), insufficient_credits (PT402), invalid_amount, invalid_argument (the same account), owner_required (PT422), idempotency_conflict (PT409), erased_lenser (42501).';

-- from sql/60_wallet/340_function_set_member.sql

create function ratebook.set_member(
  p_account_id uuid, p_member_id uuid, p_spend_limit numeric, p_owner uuid
) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_account billing.accounts;
begin
  if p_spend_limit is not null then
    perform ratebook.assert_credits('spend_limit', p_spend_limit);
  end if;
  v_account := ratebook.lock_account(p_account_id, p_owner);
  perform ratebook.assert_not_erased(array[v_account.lenser_id, p_member_id]);
  if p_member_id = v_account.lenser_id then
    perform ratebook.fail('invalid_argument', 'The owner needs no membership.');
  end if;
  if not exists (
    select from lensers.profiles as p where p.id = p_member_id
    union all
    select from auth.users as u where u.id = p_member_id
  ) then
    perform ratebook.fail('unknown_lenser', format('There is no lenser %s.', p_member_id),
      'A lenser is an auth user, or a row of lensers.profiles.', jsonb_build_object('lenser', p_member_id));
  end if;
  update billing.account_members as m
  set spend_limit = p_spend_limit
  where
    m.account_id = v_account.id
    and m.lenser_id is not distinct from v_account.lenser_id
    and m.member_id = p_member_id;
  if found then
    return;
  end if;
  insert into lensers.profiles (id, user_id) values (p_member_id, p_member_id) on conflict do nothing;
  -- One who comes back has spent what was spent before.
  insert into billing.account_members (account_id, lenser_id, member_id, spend_limit, spent)
  select v_account.id, v_account.lenser_id, p_member_id, p_spend_limit, coalesce(sum(c.credits - coalesce(r.amount, 0)), 0)
  from billing.charges as c
  left join lateral (
    select f.amount from ratebook.refunds as f where f.charge_id = c.id and f.lenser_id is not distinct from c.lenser_id
  ) as r on true
  where
    c.account_id = v_account.id
    and c.lenser_id is not distinct from v_account.lenser_id
    and c.spender_id = p_member_id
    -- As its index says it.
    and c.spender_id <> c.lenser_id;
end;
$$;

create function ratebook.remove_member(p_account_id uuid, p_member_id uuid, p_owner uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_account billing.accounts := ratebook.lock_account(p_account_id, p_owner);
begin
  delete from billing.account_members as m
  where
    m.account_id = v_account.id
    and m.lenser_id is not distinct from v_account.lenser_id
    and m.member_id = p_member_id;
  return found;
end;
$$;

create function billing.set_member(
  account uuid, member uuid, spend_limit numeric default null, owner uuid default null
) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.set_member(account, member, spend_limit, owner);
end;

create function billing.remove_member(account uuid, member uuid, owner uuid default null) returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.remove_member(account, member, owner);
end;

revoke all on function ratebook.set_member(uuid, uuid, numeric, uuid) from public;
revoke all on function ratebook.remove_member(uuid, uuid, uuid) from public;
revoke all on function billing.set_member(uuid, uuid, numeric, uuid) from public;
revoke all on function billing.remove_member(uuid, uuid, uuid) from public;
grant execute on function ratebook.set_member(uuid, uuid, numeric, uuid) to service_role;
grant execute on function ratebook.remove_member(uuid, uuid, uuid) to service_role;
grant execute on function billing.set_member(uuid, uuid, numeric, uuid) to service_role;
grant execute on function billing.remove_member(uuid, uuid, uuid) to service_role;

comment on function ratebook.set_member(uuid, uuid, numeric, uuid) is 'The rule behind billing.set_member().';
comment on function ratebook.remove_member(uuid, uuid, uuid) is 'The rule behind billing.remove_member().';
comment on function billing.set_member(uuid, uuid, numeric, uuid) is
'Service role only. Lets a lenser spend from an account, up to spend_limit credits in all, or changes the limit of one who may. owner: the account''s lenser. Errors: unknown_account, unknown_lenser (PT404), invalid_amount, invalid_argument, owner_required (PT422), erased_lenser (42501).';
comment on function billing.remove_member(uuid, uuid, uuid) is
'Service role only. The lenser may spend from the account no more; returns whether there was such a member. Holds that are open can still be captured. owner: the account''s lenser. Errors: unknown_account (PT404), owner_required (PT422).';

-- from sql/60_wallet/350_function_create_recurring_grant.sql

create function ratebook.create_recurring_grant(
  p_account_id uuid,
  p_amount numeric,
  p_every interval,
  p_starts_at timestamptz,
  p_ends_at timestamptz,
  p_expires boolean,
  p_priority integer,
  p_source text,
  p_key text,
  p_owner uuid
) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- What is kept with a key is the same whatever zone and style the caller writes times in.
set timezone = 'UTC' set intervalstyle = 'postgres'
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_account billing.accounts;
  v_months integer;
  v_days integer;
  v_request jsonb := jsonb_build_object(
    'amount', trim_scale(p_amount), 'every', p_every, 'starts_at', p_starts_at, 'ends_at', p_ends_at,
    'expires', p_expires, 'priority', p_priority, 'source', p_source
  );
  v_response jsonb;
  v_id uuid;
begin
  perform ratebook.assert_credits('amount', p_amount, 1e-12);
  perform ratebook.assert_priority(p_priority);
  -- What is due must be a time that can be written.
  if p_every between interval '1 day' and interval '100 years' then
    v_months := extract(year from p_every) * 12 + extract(month from p_every);
    v_days := extract(day from p_every);
  end if;
  if (p_every = make_interval(months => v_months, days => v_days) and v_months >= 0 and v_days >= 0
    and v_months + v_days > 0) is not true then
    perform ratebook.fail('invalid_argument', 'A grant recurs after whole days or months, at most 100 years.', 'Such as 1 month.');
  end if;
  v_account := ratebook.lock_account(p_account_id, p_owner);
  v_response := ratebook.recall(v_account.id, v_account.lenser_id, 'create_recurring_grant', p_key, v_request);
  if v_response is not null then
    return (v_response #>> '{}')::uuid;
  end if;
  perform ratebook.assert_not_erased(array[v_account.lenser_id]);
  p_starts_at := coalesce(p_starts_at, v_account.updated_at);
  if not isfinite(p_starts_at)
    or p_starts_at > v_account.updated_at + interval '100 years'
    or p_ends_at <= greatest(p_starts_at, v_account.updated_at) then
    perform ratebook.fail('invalid_time', 'A recurring grant starts within 100 years, and ends after that and after now.');
  end if;
  insert into billing.recurring_grants (
    lenser_id, account_id, amount, months, days, starts_at, ends_at, expires, priority, source
  ) values (
    v_account.lenser_id, v_account.id, p_amount, v_months, v_days, p_starts_at, nullif(p_ends_at, 'infinity'), p_expires,
    p_priority, p_source
  ) returning id into v_id;
  -- A start in the past says on which day it recurs; what is past is not granted.
  update billing.recurring_grants as r
  set issued = ratebook.times_due(r, v_account.updated_at)
  where r.id = v_id and r.lenser_id is not distinct from v_account.lenser_id;
  perform ratebook.settle(v_account);
  perform ratebook.remember(v_account, 'create_recurring_grant', p_key, v_request, to_jsonb(v_id));
  return v_id;
end;
$$;

create function ratebook.end_recurring_grant(p_recurring_grant_id uuid, p_owner uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_owner uuid := ratebook.owner_of('recurring_grant', p_recurring_grant_id, p_owner);
  v_account_id uuid;
  v_account billing.accounts;
begin
  select r.account_id into v_account_id
  from billing.recurring_grants as r
  where r.id = p_recurring_grant_id and r.lenser_id is not distinct from v_owner;
  if not found then
    return false;
  end if;
  -- What is due by now is written down here.
  v_account := ratebook.lock_account(v_account_id, v_owner);
  update billing.recurring_grants as r
  set ends_at = greatest(v_account.updated_at, r.starts_at)
  where
    r.id = p_recurring_grant_id
    and r.lenser_id is not distinct from v_owner
    and coalesce(r.ends_at, 'infinity') > v_account.updated_at;
  return found;
end;
$$;

create function billing.create_recurring_grant(
  account uuid,
  amount numeric,
  every interval default '1 month',
  starts_at timestamptz default null,
  ends_at timestamptz default null,
  expires boolean default true,
  priority integer default 0,
  source text default 'allowance',
  idempotency_key text default null,
  owner uuid default null
) returns uuid
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.create_recurring_grant(
    account, amount, every, starts_at, ends_at, expires, priority, source, idempotency_key, owner
  );
end;

create function billing.end_recurring_grant(recurring_grant uuid, owner uuid default null) returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.end_recurring_grant(recurring_grant, owner);
end;

revoke all on function ratebook.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text, uuid
) from public;
revoke all on function ratebook.end_recurring_grant(uuid, uuid) from public;
revoke all on function billing.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text, uuid
) from public;
revoke all on function billing.end_recurring_grant(uuid, uuid) from public;
grant execute on function ratebook.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text, uuid
) to service_role;
grant execute on function ratebook.end_recurring_grant(uuid, uuid) to service_role;
grant execute on function billing.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text, uuid
) to service_role;
grant execute on function billing.end_recurring_grant(uuid, uuid) to service_role;

comment on function ratebook.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text, uuid
) is 'The rule behind billing.create_recurring_grant().';
comment on function ratebook.end_recurring_grant(uuid, uuid) is 'The rule behind billing.end_recurring_grant().';
comment on function billing.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text, uuid
) is
'Service role only. Grants an account the same amount again and again: every so many whole months or days, from starts_at (now unless told; a start in the past only says on which day) until ends_at. expires: what is left of one ends when the next is due. No scheduler is needed. owner: the account''s lenser. Returns its id. Errors: unknown_account (PT404), idempotency_conflict (PT409), invalid_amount, invalid_argument, invalid_time, owner_required (PT422), erased_lenser (42501).';
comment on function billing.end_recurring_grant(uuid, uuid) is
'Service role only. Ends a recurring grant from now on; lots that it made stay. owner: the account''s lenser. Returns whether there was one to end. Error: owner_required (PT422).';

-- from sql/60_wallet/360_function_sweep_accounts.sql

create function ratebook.sweep_accounts(p_at_most integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_account billing.accounts;
  v_entries bigint := 0;
  v_swept integer := 0;
begin
  if (p_at_most between 1 and 1000) is not true then
    perform ratebook.fail('invalid_argument', 'A sweep takes 1 to 1,000 accounts.', 'Call it again for the others.');
  end if;
  perform ratebook.ensure_month(ratebook.clock());
  -- An account that somebody holds is settled by them.
  for v_account in
    select a.* from billing.accounts as a
    -- As its index says it, which knows nothing of the time.
    where a.next_event_at <= ratebook.clock() and a.next_event_at < 'infinity'
    order by a.next_event_at
    limit p_at_most
    for update skip locked
  loop
    v_account.updated_at := greatest(ratebook.clock(), v_account.updated_at);
    v_entries := v_entries + (ratebook.settle(v_account)).entries - v_account.entries;
    v_swept := v_swept + 1;
    -- Those that it has passed wait for its end: so it ends early where they take much work.
    exit when v_entries >= 1000;
  end loop;
  -- At the end, when the transaction is: what making a month locks stays locked until then. Not now, then by the next.
  begin
    perform ratebook.extend_partitions(p_tries => 1);
  exception
    when sqlstate 'PT503' then
      null;
  end;
  return v_swept;
end;
$$;

create function billing.sweep_accounts(at_most integer default 100) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.sweep_accounts(at_most);
end;

revoke all on function ratebook.sweep_accounts(integer) from public;
revoke all on function billing.sweep_accounts(integer) from public;
grant execute on function ratebook.sweep_accounts(integer) to service_role;
grant execute on function billing.sweep_accounts(integer) to service_role;

comment on function ratebook.sweep_accounts(integer) is 'The rule behind billing.sweep_accounts().';
comment on function billing.sweep_accounts(integer) is
'Service role only. Writes down what time did to accounts: expired lots, timed-out holds, recurring grants that are due. Nothing depends on it, balances count all that at once; it keeps the ledger and low-balance signals current for accounts that nobody uses. Makes the next partition that is missing of the 24 months ahead. at_most: accounts in one call, up to 1,000; 100 unless told. Who uses one that it has passed waits for its end, so it also ends behind the account with its thousandth ledger entry; it passes over those that somebody holds. Returns how many accounts it settled: call it again until that is 0. Error: invalid_argument (PT422).';

-- from sql/60_wallet/361_function_asked.sql

-- What is asked about is worked out once, and each plan is made for it: what is not restricted drops out of the plan, and
-- months before a time are not looked into. An array that an index is asked with stands in a subquery, because the planner
-- would weigh each of its elements, for each month; one that rows are held against is a set, which is hashed. Sets are
-- joined by hashing: a nested loop is chosen where few rows are expected, and is slow where they are many.
create type ratebook.asked as (
  accounts uuid [],
  lensers uuid [],
  is_range boolean,
  since uuid,
  since_at timestamptz,
  holds_since uuid
);

create function ratebook.asked(p_since timestamptz, p_from uuid, p_to uuid) returns ratebook.asked
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_asked ratebook.asked;
begin
  if p_since >= ratebook.clock() or not isfinite(p_since) then
    perform ratebook.fail('invalid_time', 'A check looks at what was written since a time before now.', 'Leave out since for all.');
  elsif p_from > p_to then
    perform ratebook.fail('invalid_argument', 'from_account comes after to_account.', 'Accounts are in the order of their ids.');
  end if;
  v_asked.is_range := num_nonnulls(p_from, p_to) > 0;
  if p_since is not null then
    v_asked.since_at := greatest(p_since, '1970-01-01T00:00:00Z');
  end if;
  v_asked.since := ratebook.uuid_v7_floor(v_asked.since_at);
  if v_asked.is_range then
    v_asked.accounts := array(
      select a.id from billing.accounts as a where (p_from is null or a.id >= p_from) and (p_to is null or a.id <= p_to)
    );
  elsif p_since is not null then
    -- Those to which something has happened since.
    v_asked.accounts := array(
      select l.account_id from billing.ledger_entries as l where l.id >= v_asked.since
      union
      select h.account_id from billing.holds as h where h.id >= v_asked.since
      union
      select c.account_id from billing.charges as c where c.id >= v_asked.since
    );
  end if;
  if v_asked.accounts is not null then
    v_asked.lensers := array(
      select distinct a.lenser_id from billing.accounts as a where a.id = any((select v_asked.accounts)::uuid[])
    );
  end if;
  -- No hold lasts longer than a week, and none that is open ended before the account's next event.
  if p_since is not null then
    select ratebook.uuid_v7_floor(least(min(a.next_event_at), ratebook.clock()) - interval '168 hours')
    into v_asked.holds_since
    from billing.accounts as a
    where a.id = any((select v_asked.accounts)::uuid[]);
  end if;
  return v_asked;
end;
$$;

revoke all on function ratebook.asked(timestamptz, uuid, uuid) from public;

comment on type ratebook.asked is 'What billing.self_check() is asked about.';
comment on column ratebook.asked.accounts is 'The accounts; NULL for all.';
comment on column ratebook.asked.lensers is 'Their owners; NULL for all.';
comment on column ratebook.asked.is_range is 'Whether accounts were asked for.';
comment on column ratebook.asked.since is 'Ids from which on rows are looked at; NULL for all. What refers to earlier ones is taken at its word.';
comment on column ratebook.asked.since_at is 'Its time.';
comment on column ratebook.asked.holds_since is 'Ids below which no hold of the accounts is open; NULL where that was not looked for.';
comment on function ratebook.asked(timestamptz, uuid, uuid) is
'The arguments of billing.self_check(), worked out. Errors: invalid_time, invalid_argument (PT422).';

-- from sql/60_wallet/362_function_broken_accounts.sql

create function ratebook.broken_accounts(p_asked ratebook.asked)
returns table (check_name text, subject text, fact text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_nestloop = off
as $$
begin
  return query
  -- The balance is kept on the account for speed; the ledger is what it must say. Where older entries are not looked at, the
  -- first one says what was there before.
  select
    'posted_is_the_sum_of_the_ledger',
    a.id::text,
    format('posted %s, entries %s', a.posted, coalesce(e.amount, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      l.lenser_id,
      sum(l.amount) + case
        when p_asked.since is null then 0 else (array_agg(l.balance_after - l.amount order by l.number))[1]
      end as amount
    from billing.ledger_entries as l
    where
      (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = a.id and e.lenser_id = a.lenser_id
  where
    (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and (p_asked.since is null or e.account_id is not null)
    and a.posted <> coalesce(e.amount, 0)
  union all
  -- The same credits, seen from the lots: none is lost between them, none counted twice.
  select
    'posted_is_what_lots_hold_less_debt',
    a.id::text,
    format('posted %s, lots %s, debt %s', a.posted, coalesce(g.remaining, 0), a.debt)
  from billing.accounts as a
  left join (
    select
      l.account_id,
      l.lenser_id,
      sum(l.remaining) as remaining
    from billing.grants as l
    where
      (p_asked.accounts is null or l.account_id = any((select p_asked.accounts)::uuid[]))
      -- What is closed holds nothing.
      and (p_asked.accounts is null or l.closed_at is null)
    group by l.account_id, l.lenser_id
  ) as g on g.account_id = a.id and g.lenser_id = a.lenser_id
  where
    (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and a.posted <> coalesce(g.remaining, 0) - a.debt
  union all
  -- Entries without a lot are debt, made and repaid: all that there ever were.
  select
    'debt_is_the_sum_of_its_entries',
    a.id::text,
    format('debt %s, entries %s', a.debt, coalesce(-e.amount, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      l.lenser_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.grant_id is null
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = a.id and e.lenser_id = a.lenser_id
  where
    p_asked.since is null
    and (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and a.debt <> coalesce(-e.amount, 0)
  union all
  -- Reserved credits without a hold could never be spent again.
  select
    'reserved_is_the_sum_of_open_holds',
    a.id::text,
    format('reserved %s, holds %s', a.reserved, coalesce(h.amount, 0))
  from billing.accounts as a
  left join (
    select
      o.account_id,
      o.lenser_id,
      sum(o.amount) as amount
    from billing.holds as o
    where
      o.status = 'open'
      and (p_asked.accounts is null or o.account_id = any((select p_asked.accounts)::uuid[]))
      and (p_asked.holds_since is null or o.id >= p_asked.holds_since)
    group by o.account_id, o.lenser_id
  ) as h on h.account_id = a.id and h.lenser_id = a.lenser_id
  where (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[])) and a.reserved <> coalesce(h.amount, 0)
  union all
  -- Nobody spends beyond what was allowed.
  select
    'available_is_within_the_overdraft',
    a.id::text,
    format('available %s, overdraft limit %s', a.posted - a.reserved - a.upcoming, a.overdraft_limit)
  from billing.accounts as a
  where
    (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and a.posted - a.reserved - a.upcoming < -a.overdraft_limit - a.revoked_debt
  union all
  -- What a budget says is asked by charges in general.
  select
    'a_plain_account_has_no_budget',
    a.id::text,
    format('plain, budget %s', b.id)
  from billing.accounts as a
  inner join billing.budgets as b on b.lenser_id = a.lenser_id
  where (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[])) and a.is_plain
  union all
  -- The lot that is said to burn first does.
  select
    'a_head_burns_first',
    a.id::text,
    format('head %s, first %s', a.head_id, ratebook.head(a))
  from billing.accounts as a
  where
    (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and a.head_id is not null
    and a.next_event_at > a.updated_at
    and a.head_id is distinct from ratebook.head(a)
  union all
  -- What may be owed beyond the limit is what payments left that were taken back, whenever that was.
  select
    'revoked_debt_is_of_revocations',
    a.id::text,
    format('revoked debt %s, debt %s, entries %s', a.revoked_debt, a.debt, coalesce(-e.amount, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      l.lenser_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.grant_id is null
      and l.kind = 'revocation'
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = a.id and e.lenser_id = a.lenser_id
  where
    p_asked.since is null
    and (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and a.revoked_debt > least(a.debt, coalesce(-e.amount, 0))
  union all
  -- A lot counts once it starts, and no sooner.
  select
    'upcoming_is_what_has_not_started',
    a.id::text,
    format('upcoming %s, lots %s', a.upcoming, coalesce(g.remaining, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      l.lenser_id,
      sum(l.remaining) as remaining
    -- As the account counts it: what has started since is found when it is used.
    from billing.grants as l
    inner join billing.accounts as o on o.id = l.account_id and o.lenser_id = l.lenser_id
    where
      l.starts_at > o.updated_at
      and l.starts_at is not null
      and (
        p_asked.accounts is null
        or (
          l.account_id = any((select p_asked.accounts)::uuid[]) and o.id = any((select p_asked.accounts)::uuid[])
        )
      )
    group by l.account_id, l.lenser_id
  ) as g on g.account_id = a.id and g.lenser_id = a.lenser_id
  where
    (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and a.upcoming <> coalesce(g.remaining, 0)
  union all
  -- Until its next event a call does not look for what time did: one that comes earlier would be passed over.
  select
    'no_event_is_missed',
    a.id::text,
    format('next event %s, earliest %s', a.next_event_at, v.at)
  from billing.accounts as a
  cross join
    lateral (
      select
        least(
          (
            -- What holds keep of a lot waits for them.
            select min(g.expires_at)
            from billing.grants as g
            where
              g.account_id = a.id
              and g.lenser_id = a.lenser_id
              and g.closed_at is null
              and g.remaining > g.reserved
          ),
          -- What has not started yet counts from then on.
          (
            select min(g.starts_at)
            from billing.grants as g
            where
              g.account_id = a.id and g.lenser_id = a.lenser_id and g.closed_at is null and g.starts_at > a.updated_at
          ),
          (
            select min(h.expires_at)
            from billing.holds as h
            where
              h.account_id = a.id
              and h.lenser_id = a.lenser_id
              and h.status = 'open'
              and (p_asked.holds_since is null or h.id >= p_asked.holds_since)
          ),
          ratebook.next_due_at(a)
        ) as at
    ) as v
  where (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[])) and v.at < a.next_event_at
  union all
  -- A limit is held against this count, refunds taken off: of all that was ever charged.
  select
    'spent_is_what_members_were_charged',
    m.account_id || ' ' || m.member_id,
    format('spent %s, charges %s', m.spent, coalesce(c.credits, 0))
  from billing.account_members as m
  left join (
    select
      o.account_id,
      o.lenser_id,
      o.spender_id,
      sum(o.credits - coalesce(r.amount, 0)) as credits
    from billing.charges as o
    -- Grouped before it is joined: a charge may have been refunded in parts.
    left join (
      select l.charge_id, l.lenser_id, sum(l.amount) as amount
      from billing.ledger_entries as l
      where
        l.kind = 'refund'
        and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
        and (p_asked.since is null or l.id >= p_asked.since)
      group by l.charge_id, l.lenser_id
    ) as r on r.charge_id = o.id and r.lenser_id = o.lenser_id
    where
      o.spender_id <> o.lenser_id
      and (p_asked.accounts is null or (o.lenser_id = any((select p_asked.lensers)::uuid[]) and o.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or o.id >= p_asked.since)
    group by o.account_id, o.lenser_id, o.spender_id
  ) as c on c.account_id = m.account_id and c.lenser_id = m.lenser_id and c.spender_id = m.member_id
  where
    p_asked.since is null
    and (p_asked.accounts is null or m.account_id = any((select p_asked.accounts)::uuid[]))
    and m.spent <> coalesce(c.credits, 0);
end;
$$;

revoke all on function ratebook.broken_accounts(ratebook.asked) from public;

comment on function ratebook.broken_accounts(ratebook.asked) is 'Accounts of which an invariant does not hold.';

-- from sql/60_wallet/363_function_broken_lots.sql

create function ratebook.broken_lots(p_asked ratebook.asked)
returns table (check_name text, subject text, fact text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_nestloop = off
as $$
begin
  return query
  -- A lot has no entry that is older than it: of lots since a time, those since then are all.
  select
    'a_lot_holds_what_its_entries_say',
    g.id::text,
    format('remaining %s, entries %s', g.remaining, coalesce(e.amount, 0))
  from billing.grants as g
  left join (
    select
      l.grant_id,
      l.lenser_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.grant_id, l.lenser_id
  ) as e on e.grant_id = g.id and e.lenser_id = g.lenser_id
  where
    (p_asked.accounts is null or (g.lenser_id = any((select p_asked.lensers)::uuid[]) and g.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or g.id >= p_asked.since)
    and g.remaining <> coalesce(e.amount, 0)
  union all
  -- What is closed has nothing to reserve, which another check sees to.
  select
    'a_lot_reserves_what_open_holds_keep',
    g.id::text,
    format('reserved %s, holds %s', g.reserved, coalesce(h.amount, 0))
  from billing.grants as g
  left join (
    select
      k.key::uuid as grant_id,
      o.lenser_id,
      sum(k.value::numeric) as amount
    from billing.holds as o
    cross join lateral jsonb_each(o.lots) as k
    where
      o.status = 'open'
      and (p_asked.accounts is null or o.account_id = any((select p_asked.accounts)::uuid[]))
      and (p_asked.holds_since is null or o.id >= p_asked.holds_since)
    group by k.key, o.lenser_id
  ) as h on h.grant_id = g.id and h.lenser_id = g.lenser_id
  where
    (p_asked.accounts is null or (g.account_id = any((select p_asked.accounts)::uuid[]) and g.closed_at is null))
    and g.reserved <> coalesce(h.amount, 0)
  union all
  -- More than its amount would be kept back from everybody else, and given to nobody.
  select
    'a_hold_keeps_no_more_than_its_amount',
    h.id::text,
    format('amount %s, of lots %s', h.amount, k.amount)
  from billing.holds as h
  cross join lateral (select sum(e.value::numeric) as amount from jsonb_each(h.lots) as e) as k
  where
    h.status = 'open'
    and (p_asked.accounts is null or h.account_id = any((select p_asked.accounts)::uuid[]))
    and (p_asked.holds_since is null or h.id >= p_asked.holds_since)
    and k.amount > h.amount
  union all
  -- There is no foreign key, which would be asked by every hold.
  select
    'a_hold_is_of_an_account',
    h.id::text,
    format('account %s', h.account_id)
  from billing.holds as h
  left join billing.accounts as a on a.id = h.account_id and a.lenser_id = h.lenser_id
  where
    not p_asked.is_range
    and (p_asked.holds_since is null or h.id >= p_asked.holds_since)
    and a.id is null
  union all
  -- Calls look at open lots alone: one that is closed with credits left would be lost.
  select
    'a_lot_is_closed_when_it_is_empty',
    g.id::text,
    format('remaining %s, closed at %s', g.remaining, g.closed_at)
  from billing.grants as g
  where
    (p_asked.accounts is null or (g.lenser_id = any((select p_asked.lensers)::uuid[]) and g.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or g.id >= p_asked.since)
    and (g.remaining = 0) <> (g.closed_at is not null)
  union all
  -- What left it by each way, and what is left, are parts of it.
  select
    'a_lot_stays_within_its_amount',
    g.id::text,
    format(
      'amount %s, remaining %s, reserved %s, expired %s, revoked %s', g.amount, g.remaining, g.reserved, g.expired,
      g.revoked
    )
  from billing.grants as g
  where
    (p_asked.accounts is null or (g.lenser_id = any((select p_asked.lensers)::uuid[]) and g.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or g.id >= p_asked.since)
    and not (
      0 <= g.reserved and g.reserved <= g.remaining and 0 <= least(g.expired, g.revoked)
      and g.remaining + g.expired + g.revoked <= g.amount
    )
  union all
  -- What is neither left nor ended was spent: that is owed where the lot is taken back.
  select
    'a_lot_knows_what_expired_of_it',
    g.id::text,
    format('expired %s, entries %s', g.expired, coalesce(-e.amount, 0))
  from billing.grants as g
  left join (
    select
      l.grant_id,
      l.lenser_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.kind = 'expiry'
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.grant_id, l.lenser_id
  ) as e on e.grant_id = g.id and e.lenser_id = g.lenser_id
  where
    (p_asked.accounts is null or (g.lenser_id = any((select p_asked.lensers)::uuid[]) and g.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or g.id >= p_asked.since)
    and g.expired <> coalesce(-e.amount, 0)
  union all
  -- From a lot, or as debt, whenever that was.
  select
    'what_was_taken_back_is_in_the_ledger',
    g.account_id::text,
    format('revoked %s, entries %s', g.revoked, coalesce(-e.amount, 0))
  from (
    select
      l.account_id,
      l.lenser_id,
      sum(l.revoked) as revoked
    from billing.grants as l
    where (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
    group by l.account_id, l.lenser_id
  ) as g
  left join (
    -- Debt names no lot, so it is the account's sum that must agree.
    select
      l.account_id,
      l.lenser_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.kind = 'revocation'
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = g.account_id and e.lenser_id = g.lenser_id
  where p_asked.since is null and g.revoked <> coalesce(-e.amount, 0)
  union all
  -- Only what holds keep is left of it, and nothing of it is neither gone nor owed.
  select
    'a_lot_taken_back_is_gone',
    g.id::text,
    format('amount %s, remaining %s, reserved %s, revoked %s', g.amount, g.remaining, g.reserved, g.revoked)
  from billing.grants as g
  where
    (p_asked.accounts is null or (g.lenser_id = any((select p_asked.lensers)::uuid[]) and g.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or g.id >= p_asked.since)
    and g.revoked_at is not null
    and (g.remaining <> g.reserved or g.remaining + g.expired + g.revoked <> g.amount);
end;
$$;

revoke all on function ratebook.broken_lots(ratebook.asked) from public;

comment on function ratebook.broken_lots(ratebook.asked) is 'Lots of which an invariant does not hold.';

-- from sql/60_wallet/364_function_broken_entries.sql

create function ratebook.broken_entries(p_asked ratebook.asked)
returns table (check_name text, subject text, fact text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_nestloop = off
as $$
begin
  return query
  -- A gap would be an entry that somebody took out. The first since a time is taken at its word.
  select
    'entries_are_numbered_without_a_gap',
    e.account_id::text,
    format('entry %s in place %s', e.number, e.place)
  from (
    select
      l.account_id,
      l.number,
      row_number() over w + case when p_asked.since is null then 0 else first_value(l.number) over w - 1 end as place
    from billing.ledger_entries as l
    where
      (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    window w as (partition by l.account_id, l.lenser_id order by l.number)
  ) as e
  where e.number <> e.place
  union all
  -- The last ones leave no gap: the account knows how many there are.
  select
    'entries_are_all_there',
    a.id::text,
    format('counted %s, found %s', a.entries, coalesce(e.found, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      l.lenser_id,
      count(*) + case when p_asked.since is null then 0 else min(l.number) - 1 end as found
    from billing.ledger_entries as l
    where
      (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.account_id, l.lenser_id
  ) as e on e.account_id = a.id and e.lenser_id = a.lenser_id
  where
    (p_asked.accounts is null or a.id = any((select p_asked.accounts)::uuid[]))
    and (p_asked.since is null or e.account_id is not null)
    and a.entries <> coalesce(e.found, 0)
  union all
  -- There is no foreign key, which would be asked by every charge.
  select
    'an_entry_is_of_an_account',
    l.id::text,
    format('account %s', l.account_id)
  from billing.ledger_entries as l
  left join billing.accounts as a on a.id = l.account_id and a.lenser_id = l.lenser_id
  where
    not p_asked.is_range
    and (p_asked.since is null or l.id >= p_asked.since)
    and a.id is null
  union all
  -- What an owner was shown after each entry is what the entries make.
  select
    'balances_after_add_up',
    e.id::text,
    format('balance after %s, sum %s', e.balance_after, e.total)
  from (
    select
      l.id,
      l.balance_after,
      sum(l.amount) over w
      + case when p_asked.since is null then 0 else first_value(l.balance_after - l.amount) over w end as total
    from billing.ledger_entries as l
    where
      (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    window w as (partition by l.account_id, l.lenser_id order by l.number)
  ) as e
  where e.balance_after <> e.total
  union all
  -- A statement for a month is a piece of the ledger only where times follow the numbers.
  select
    'times_of_an_account_never_go_back',
    e.id::text,
    format('entry of %s after one of %s', e.created_at, e.earlier)
  from (
    select
      l.id,
      l.created_at,
      lag(l.created_at) over (partition by l.account_id, l.lenser_id order by l.number) as earlier
    from billing.ledger_entries as l
    where
      (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
  ) as e
  where e.created_at < e.earlier
  union all
  -- Credits of one account never pay for another.
  select
    'an_entry_belongs_to_the_account_of_its_lot',
    e.id::text,
    format('account %s, lot %s', e.account_id, e.grant_id)
  from billing.ledger_entries as e
  left join billing.grants as g
    on
      g.id = e.grant_id
      and g.lenser_id = e.lenser_id
      and g.account_id = e.account_id
      and (p_asked.accounts is null or (g.lenser_id = any((select p_asked.lensers)::uuid[]) and g.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or g.id >= p_asked.since)
  where
    (p_asked.accounts is null or (e.lenser_id = any((select p_asked.lensers)::uuid[]) and e.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or (e.id >= p_asked.since and e.grant_id >= p_asked.since))
    and e.grant_id is not null
    and g.id is null
  union all
  -- Nor is a charge paid, or given back, by another account than its own.
  select
    'an_entry_belongs_to_the_account_of_its_charge',
    e.id::text,
    format('account %s, charge %s', e.account_id, e.charge_id)
  from billing.ledger_entries as e
  left join billing.charges as c
    on
      c.id = e.charge_id
      and c.lenser_id = e.lenser_id
      and c.account_id = e.account_id
      and (p_asked.accounts is null or (c.lenser_id = any((select p_asked.lensers)::uuid[]) and c.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or c.id >= p_asked.since)
  where
    (p_asked.accounts is null or (e.lenser_id = any((select p_asked.lensers)::uuid[]) and e.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or (e.id >= p_asked.since and coalesce(e.charge_id, e.id) >= p_asked.since))
    and (e.charge_id is not null or e.kind in ('charge', 'refund'))
    and c.id is null
  union all
  -- What is yet to come is no entry.
  select
    'an_entry_is_not_effective_later_than_written',
    e.id::text,
    format('effective %s, written %s', e.effective_at, e.created_at)
  from billing.ledger_entries as e
  where
    (p_asked.accounts is null or (e.lenser_id = any((select p_asked.lensers)::uuid[]) and e.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or e.id >= p_asked.since)
    and e.effective_at > e.created_at
  union all
  -- What left one account came to another, which may not be asked about, and both say so.
  select
    'a_move_is_two_entries',
    e.id::text,
    format('amount %s, on the other side %s', e.amount, o.amount)
  from billing.ledger_entries as e
  left join
    lateral (
      select c.amount
      from billing.ledger_entries as c
      where c.id = e.counterpart_id and c.counterpart_id = e.id and c.kind = 'move'
        and (c.account_id, c.lenser_id) <> (e.account_id, e.lenser_id)
      offset 0
    ) as o on true
  where
    (p_asked.accounts is null or (e.lenser_id = any((select p_asked.lensers)::uuid[]) and e.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or e.id >= p_asked.since)
    and (e.kind = 'move' or e.counterpart_id is not null)
    and (e.amount = -o.amount) is not true;
end;
$$;

revoke all on function ratebook.broken_entries(ratebook.asked) from public;

comment on function ratebook.broken_entries(ratebook.asked) is 'Ledger entries of which an invariant does not hold.';

-- from sql/60_wallet/365_function_broken_charges.sql

create function ratebook.broken_charges(p_asked ratebook.asked)
returns table (check_name text, subject text, fact text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set enable_nestloop = off
as $$
begin
  return query
  -- What was charged is what was taken, to the last digit.
  select
    'a_charge_is_paid_by_its_entries',
    c.id::text,
    format('credits %s, entries %s', c.credits, coalesce(e.amount, 0))
  from billing.charges as c
  left join (
    select
      l.charge_id,
      l.lenser_id,
      -sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.kind = 'charge'
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.charge_id, l.lenser_id
  ) as e on e.charge_id = c.id and e.lenser_id = c.lenser_id
  where
    (p_asked.accounts is null or (c.lenser_id = any((select p_asked.lensers)::uuid[]) and c.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or c.id >= p_asked.since)
    and c.credits <> coalesce(e.amount, 0)
  union all
  -- There is no foreign key, which would be asked by every charge.
  select
    'a_charge_is_of_an_account',
    c.id::text,
    format('account %s', c.account_id)
  from billing.charges as c
  left join billing.accounts as a on a.id = c.account_id and a.lenser_id = c.lenser_id
  where
    not p_asked.is_range
    and (p_asked.since is null or c.id >= p_asked.since)
    and a.id is null
  union all
  -- Nobody gets back more than was taken.
  select
    'a_refund_is_not_more_than_the_charge',
    c.id::text,
    format('credits %s, refunded %s', c.credits, r.amount)
  from (
    select l.charge_id, l.lenser_id, sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.kind = 'refund'
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.charge_id, l.lenser_id
  ) as r
  inner join billing.charges as c on c.id = r.charge_id and c.lenser_id = r.lenser_id
  where
    (p_asked.accounts is null or (c.lenser_id = any((select p_asked.lensers)::uuid[]) and c.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or c.id >= p_asked.since)
    and (r.amount > c.credits or r.amount < 0)
  union all
  -- But for the lot that a refund opens where debt was repaid since.
  select
    'a_refund_goes_back_to_the_lots_that_paid',
    r.charge_id::text,
    format('lot %s paid %s, got back %s', r.grant_id, r.paid, r.refunded)
  from (
    select
      l.charge_id,
      l.grant_id,
      l.lenser_id,
      coalesce(-sum(l.amount) filter (where l.kind = 'charge'), 0) as paid,
      coalesce(sum(l.amount) filter (where l.kind = 'refund'), 0) as refunded
    from billing.ledger_entries as l
    where
      l.charge_id is not null
      and l.grant_id is not null
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or (l.id >= p_asked.since and l.charge_id >= p_asked.since))
    group by l.charge_id, l.grant_id, l.lenser_id
  ) as r
  where
    r.refunded > r.paid
    -- Looked up for the few.
    and (select g.source from billing.grants as g where g.id = r.grant_id and g.lenser_id = r.lenser_id) <> 'refund'
  union all
  -- An estimate is paid or gave way, to one charge and as a whole.
  select
    'a_settled_charge_gave_way',
    s.estimate_id::text,
    format('estimated %s, refunded %s, settled by %s', c.credits, r.amount, s.charges)
  from (
    select o.estimate_id, o.lenser_id, count(*) as charges
    from billing.charges as o
    where
      o.estimate_id is not null
      and (p_asked.accounts is null or (o.lenser_id = any((select p_asked.lensers)::uuid[]) and o.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or (o.id >= p_asked.since and o.estimate_id >= p_asked.since))
    group by o.estimate_id, o.lenser_id
  ) as s
  -- The whole of it went back, which may not be asked about.
  left join billing.charges as c
    on
      c.id = s.estimate_id
      and c.lenser_id = s.lenser_id
      and (p_asked.accounts is null or (c.lenser_id = any((select p_asked.lensers)::uuid[]) and c.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or c.id >= p_asked.since)
  -- It was given back before it was charged anew.
  left join (
    select l.charge_id, l.lenser_id, sum(l.amount) as amount
    from billing.ledger_entries as l
    where
      l.kind = 'refund'
      and (p_asked.accounts is null or (l.lenser_id = any((select p_asked.lensers)::uuid[]) and l.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or l.id >= p_asked.since)
    group by l.charge_id, l.lenser_id
  ) as r on r.charge_id = s.estimate_id and r.lenser_id = s.lenser_id
  where s.charges <> 1 or (c.is_estimated and coalesce(r.amount, 0) = c.credits) is not true
  union all
  -- Charge and cost stand in two tables, and are written together or not at all.
  select
    'a_priced_charge_keeps_its_cost',
    c.id::text,
    'no row in billing.charge_costs'
  from billing.charges as c
  where
    (p_asked.accounts is null or (c.lenser_id = any((select p_asked.lensers)::uuid[]) and c.account_id in (select unnest(p_asked.accounts))))
    and (p_asked.since is null or c.id >= p_asked.since)
    and c.lines is not null
    -- By its key, since no index leads to the costs of an account.
    and (select k.id from billing.charge_costs as k where k.id = c.id and k.lenser_id = c.lenser_id) is null
  union all
  -- A cost names no account, so a range of them does not ask for it.
  select
    'a_cost_belongs_to_a_charge',
    k.id::text,
    'no row in billing.charges'
  from billing.charge_costs as k
  left join billing.charges as c
    on c.id = k.id and c.lenser_id = k.lenser_id and (p_asked.since is null or c.id >= p_asked.since)
  where not p_asked.is_range and (p_asked.since is null or k.id >= p_asked.since) and c.id is null
  union all
  -- Both rows name each other: a hold pays once.
  select
    'a_captured_hold_is_one_charge',
    coalesce(h.id, c.hold_id)::text,
    format('hold''s charge %s, charge''s hold %s', h.charge_id, c.hold_id)
  from (
    select o.id, o.lenser_id, o.charge_id
    from billing.holds as o
    where
      (p_asked.accounts is null or (o.lenser_id = any((select p_asked.lensers)::uuid[]) and o.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or o.id >= p_asked.since)
  ) as h
  full join (
    select o.id, o.lenser_id, o.hold_id
    from billing.charges as o
    where
      (p_asked.accounts is null or (o.lenser_id = any((select p_asked.lensers)::uuid[]) and o.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or (o.id >= p_asked.since and coalesce(o.hold_id, o.id) >= p_asked.since))
  ) as c on c.hold_id = h.id and c.lenser_id = h.lenser_id
  where (h.charge_id is not null or c.hold_id is not null) and h.charge_id is distinct from c.id
  union all
  -- A retry is answered from its key: the answer must have happened, and once.
  select
    'a_key_has_its_effect',
    k.account_id || ' ' || k.key,
    format('no charge %s', k.response ->> 'charge_id')
  from billing.idempotency_keys as k
  left join billing.charges as c
    on
      c.id = (k.response ->> 'charge_id')::uuid
      and c.lenser_id = k.lenser_id
      and c.account_id = k.account_id
      and (p_asked.accounts is null or (c.lenser_id = any((select p_asked.lensers)::uuid[]) and c.account_id in (select unnest(p_asked.accounts))))
      and (p_asked.since is null or c.id >= p_asked.since)
  where
    k.response ? 'charge_id'
    -- Of a time they are found by it: accounts have keys of thirty days.
    and (p_asked.accounts is null or p_asked.since is not null or k.account_id = any((select p_asked.accounts)::uuid[]))
    and (p_asked.accounts is null or p_asked.since is null or k.account_id in (select unnest(p_asked.accounts)))
    and (
      p_asked.since is null
      or (k.created_at >= p_asked.since_at and (k.response ->> 'charge_id')::uuid >= p_asked.since)
    )
    and c.id is null
  union all
  -- Two keys for one charge would be a request that was answered with another's.
  select
    'a_charge_has_one_key',
    k.response ->> 'charge_id',
    format('%s keys', count(*))
  from billing.idempotency_keys as k
  where
    k.operation in ('charge_generation', 'capture_hold', 'settle_charge')
    and (p_asked.accounts is null or p_asked.since is not null or k.account_id = any((select p_asked.accounts)::uuid[]))
    and (p_asked.accounts is null or p_asked.since is null or k.account_id in (select unnest(p_asked.accounts)))
    and (
      p_asked.since is null
      or (k.created_at >= p_asked.since_at and (k.response ->> 'charge_id')::uuid >= p_asked.since)
    )
  group by k.lenser_id, k.response ->> 'charge_id'
  having count(*) > 1
  union all
  -- The count that a limit is held against, and what it counts; what will be counted anew is not asked about.
  select
    'a_budget_counts_what_was_charged',
    p.budget_id || ' ' || p.starts_on,
    format('spent %s, charges %s', p.spent, s.spent)
  from billing.budget_periods as p
  inner join billing.budgets as b on b.id = p.budget_id and b.lenser_id = p.lenser_id
  cross join
    lateral (
      select ratebook.spent(b, p.starts_at, p.ends_at) as spent
    ) as s
  where
    (p_asked.accounts is null or p.lenser_id = any((select p_asked.lensers)::uuid[]))
    and (p_asked.since is null or ratebook.uuid_v7_floor(p.starts_at) >= p_asked.since)
    and p.counted_by = ratebook.counted_by(b)
    and p.spent <> s.spent;
end;
$$;

revoke all on function ratebook.broken_charges(ratebook.asked) from public;

comment on function ratebook.broken_charges(ratebook.asked) is 'Charges, keys and budgets of which an invariant does not hold.';

-- from sql/60_wallet/370_function_self_check.sql

create function ratebook.check_wallets(p_since timestamptz, p_from uuid, p_to uuid)
returns table (check_name text, severity text, message text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
-- Once it is left.
set enable_seqscan = on
as $$
-- Definer: reads every account.
declare
  v_asked ratebook.asked;
begin
  perform ratebook.assert_privileged();
  -- A part is read by its index, whatever the planner thinks of the tables.
  if num_nonnulls(p_since, p_from, p_to) > 0 then
    perform set_config('enable_seqscan', 'off', true);
  end if;
  v_asked := ratebook.asked(p_since, p_from, p_to);
  return query
  -- One row a check, broken or not, with the first few places where it is.
  select
    n.name,
    case when count(b.subject) = 0 then 'ok' else 'error' end,
    case
      when count(b.subject) > 0 then format(
        'Broken %s times: %s.', count(b.subject),
        string_agg(b.subject || ' (' || b.fact || ')', ', ' order by b.subject) filter (where b.place <= 5)
      )
      when num_nonnulls(p_since, p_from, p_to) > 0 then 'Holds for what was asked.'
      else 'Holds everywhere.'
    end
  from
    unnest(array[
      -- Of accounts,
      'posted_is_the_sum_of_the_ledger',
      'posted_is_what_lots_hold_less_debt',
      'debt_is_the_sum_of_its_entries',
      'reserved_is_the_sum_of_open_holds',
      'available_is_within_the_overdraft',
      'a_plain_account_has_no_budget',
      'a_head_burns_first',
      'revoked_debt_is_of_revocations',
      'upcoming_is_what_has_not_started',
      'no_event_is_missed',
      'spent_is_what_members_were_charged',
      -- of lots,
      'a_lot_holds_what_its_entries_say',
      'a_lot_reserves_what_open_holds_keep',
      'a_hold_keeps_no_more_than_its_amount',
      'a_hold_is_of_an_account',
      'a_lot_is_closed_when_it_is_empty',
      'a_lot_stays_within_its_amount',
      'a_lot_knows_what_expired_of_it',
      'what_was_taken_back_is_in_the_ledger',
      'a_lot_taken_back_is_gone',
      -- of the ledger,
      'entries_are_numbered_without_a_gap',
      'entries_are_all_there',
      'an_entry_is_of_an_account',
      'balances_after_add_up',
      'times_of_an_account_never_go_back',
      'an_entry_belongs_to_the_account_of_its_lot',
      'an_entry_belongs_to_the_account_of_its_charge',
      'an_entry_is_not_effective_later_than_written',
      'a_move_is_two_entries',
      -- and of charges.
      'a_charge_is_paid_by_its_entries',
      'a_charge_is_of_an_account',
      'a_refund_is_not_more_than_the_charge',
      'a_refund_goes_back_to_the_lots_that_paid',
      -- What gave way, and what it cost,
      'a_settled_charge_gave_way',
      'a_priced_charge_keeps_its_cost',
      'a_cost_belongs_to_a_charge',
      'a_captured_hold_is_one_charge',
      'a_key_has_its_effect',
      'a_charge_has_one_key',
      'a_budget_counts_what_was_charged'
    ]) with ordinality as n (name, place)
  left join (
    select
      f.*,
      row_number() over (partition by f.check_name order by f.subject) as place
    -- Each of them plans for what is asked.
    from (
      select * from ratebook.broken_accounts(v_asked)
      union all
      select * from ratebook.broken_lots(v_asked)
      union all
      select * from ratebook.broken_entries(v_asked)
      union all
      select * from ratebook.broken_charges(v_asked)
    ) as f
  ) as b on b.check_name = n.name
  where
    -- What a part cannot answer is left out.
    not (
      p_since is not null and n.name in (
        'debt_is_the_sum_of_its_entries', 'revoked_debt_is_of_revocations', 'spent_is_what_members_were_charged',
        'what_was_taken_back_is_in_the_ledger'
      )
    )
    and not (
      v_asked.is_range
      and n.name in (
        'a_hold_is_of_an_account', 'an_entry_is_of_an_account', 'a_charge_is_of_an_account', 'a_cost_belongs_to_a_charge'
      )
    )
  group by n.name, n.place
  order by n.place;
end;
$$;

create function billing.self_check(
  since timestamptz default null, from_account uuid default null, to_account uuid default null
) returns table (check_name text, severity text, message text)
language sql stable
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select
    c.check_name,
    c.severity,
    c.message
  from ratebook.check_wallets(since, from_account, to_account) as c;
end;

revoke all on function ratebook.check_wallets(timestamptz, uuid, uuid) from public;
revoke all on function billing.self_check(timestamptz, uuid, uuid) from public;
grant execute on function ratebook.check_wallets(timestamptz, uuid, uuid) to authenticated, service_role;
grant execute on function billing.self_check(timestamptz, uuid, uuid) to authenticated, service_role;

comment on function ratebook.check_wallets(timestamptz, uuid, uuid) is
'The checks behind billing.self_check(). Errors: not_allowed (42501), those of ratebook.asked().';
comment on function billing.self_check(timestamptz, uuid, uuid) is
'Admins and the service role. Checks every invariant of the wallet: one row per check with severity ok or error, and what is broken. since: what was written from this time on, and the accounts that it changed; what it refers to from before is taken at its word, and the checks that need all that ever was are left out. from_account, to_account: accounts by their ids, both ends included, with the budgets of their owners; the one check that names no account is left out. Costs by what is asked: over everything it reads everything, minutes on a large ledger. Errors: invalid_time, invalid_argument (PT422), not_allowed (42501).';

-- from sql/60_wallet/380_functions_embedding.sql

-- Generations, charges, entries and accounts name each other without a foreign key; PostgREST embeds them by these functions.
-- It looks for one in the schema of the table that is asked. The arguments have no name, so none is one to call over HTTP.

create function billing.generation(billing.charges) returns setof ai.generations
language sql stable parallel safe rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select g.*
  from ai.generations as g
  where g.id = ($1).generation_id and g.lenser_id = ($1).spender_id;
end;

create function ai.charges(ai.generations) returns setof billing.charges
language sql stable parallel safe rows 10
set search_path = pg_catalog, pg_temp
begin atomic
  select c.*
  from billing.charges as c
  where c.generation_id = ($1).id and c.spender_id = ($1).lenser_id;
end;

create function billing.accounts(billing.charges) returns setof billing.accounts
language sql stable parallel safe rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select a.*
  from billing.accounts as a
  where a.id = ($1).account_id and a.lenser_id = ($1).lenser_id;
end;

create function billing.accounts(billing.ledger_entries) returns setof billing.accounts
language sql stable parallel safe rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select a.*
  from billing.accounts as a
  where a.id = ($1).account_id and a.lenser_id = ($1).lenser_id;
end;

create function billing.accounts(billing.holds) returns setof billing.accounts
language sql stable parallel safe rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select a.*
  from billing.accounts as a
  where a.id = ($1).account_id and a.lenser_id = ($1).lenser_id;
end;

create function billing.charges(billing.accounts) returns setof billing.charges
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select c.*
  from billing.charges as c
  where c.account_id = ($1).id and c.lenser_id = ($1).lenser_id;
end;

create function billing.ledger_entries(billing.accounts) returns setof billing.ledger_entries
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select l.*
  from billing.ledger_entries as l
  where l.account_id = ($1).id and l.lenser_id = ($1).lenser_id;
end;

create function billing.holds(billing.accounts) returns setof billing.holds
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select h.*
  from billing.holds as h
  where h.account_id = ($1).id and h.lenser_id = ($1).lenser_id;
end;

-- The same of everybody's rows, for admins.

create function billing.generation(billing.all_charges) returns setof ai.all_generations
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select g.*
  from ai.all_generations as g
  where g.id = ($1).generation_id and g.lenser_id = ($1).spender_id;
end;

create function ai.charges(ai.all_generations) returns setof billing.all_charges
language sql stable rows 10
set search_path = pg_catalog, pg_temp
begin atomic
  select c.*
  from billing.all_charges as c
  where c.generation_id = ($1).id and c.spender_id = ($1).lenser_id;
end;

create function ai.models(ai.all_generations) returns setof ai.models
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.*
  from ai.models as m
  where m.id = ($1).model_id;
end;

create function billing.accounts(billing.all_charges) returns setof billing.all_accounts
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select a.*
  from billing.all_accounts as a
  where a.id = ($1).account_id and a.lenser_id = ($1).lenser_id;
end;

create function billing.accounts(billing.all_ledger_entries) returns setof billing.all_accounts
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select a.*
  from billing.all_accounts as a
  where a.id = ($1).account_id and a.lenser_id = ($1).lenser_id;
end;

create function billing.accounts(billing.all_holds) returns setof billing.all_accounts
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select a.*
  from billing.all_accounts as a
  where a.id = ($1).account_id and a.lenser_id = ($1).lenser_id;
end;

revoke all on function billing.generation(billing.all_charges) from public;
revoke all on function ai.charges(ai.all_generations) from public;
revoke all on function ai.models(ai.all_generations) from public;
revoke all on function billing.accounts(billing.all_charges) from public;
revoke all on function billing.accounts(billing.all_ledger_entries) from public;
revoke all on function billing.accounts(billing.all_holds) from public;
grant execute on function billing.generation(billing.all_charges) to authenticated, service_role;
grant execute on function ai.charges(ai.all_generations) to authenticated, service_role;
grant execute on function ai.models(ai.all_generations) to authenticated, service_role;
grant execute on function billing.accounts(billing.all_charges) to authenticated, service_role;
grant execute on function billing.accounts(billing.all_ledger_entries) to authenticated, service_role;
grant execute on function billing.accounts(billing.all_holds) to authenticated, service_role;
revoke all on function billing.generation(billing.charges) from public;
revoke all on function ai.charges(ai.generations) from public;
grant execute on function billing.generation(billing.charges) to authenticated, service_role;
grant execute on function ai.charges(ai.generations) to authenticated, service_role;

revoke all on function billing.accounts(billing.charges) from public;
revoke all on function billing.accounts(billing.ledger_entries) from public;
revoke all on function billing.accounts(billing.holds) from public;
revoke all on function billing.charges(billing.accounts) from public;
revoke all on function billing.ledger_entries(billing.accounts) from public;
revoke all on function billing.holds(billing.accounts) from public;
grant execute on function billing.accounts(billing.charges) to authenticated, service_role;
grant execute on function billing.accounts(billing.ledger_entries) to authenticated, service_role;
grant execute on function billing.accounts(billing.holds) to authenticated, service_role;
grant execute on function billing.charges(billing.accounts) to authenticated, service_role;
grant execute on function billing.ledger_entries(billing.accounts) to authenticated, service_role;
grant execute on function billing.holds(billing.accounts) to authenticated, service_role;

comment on function billing.accounts(billing.charges) is
'Computed relationship: the account that pays: billing.charges?select=*,accounts(name).';
comment on function billing.accounts(billing.ledger_entries) is
'Computed relationship: the account: billing.ledger_entries?select=*,accounts(name).';
comment on function billing.accounts(billing.holds) is
'Computed relationship: the account: billing.holds?select=*,accounts(name).';
comment on function billing.charges(billing.accounts) is
'Computed relationship: what an account was charged: billing.accounts?select=*,charges(credits)&charges.limit=10.';
comment on function billing.ledger_entries(billing.accounts) is
'Computed relationship: the entries of an account: billing.accounts?select=*,ledger_entries(amount)&ledger_entries.limit=10.';
comment on function billing.holds(billing.accounts) is
'Computed relationship: the holds of an account: billing.accounts?select=*,holds(amount)&holds.status=eq.open.';
comment on function billing.generation(billing.charges) is
'Computed relationship: the generation that a charge is for, as far as the caller may read it: billing.charges?select=*,generation(*).';
comment on function ai.charges(ai.generations) is
'Computed relationship: the charges of a generation, as far as the caller may read them: ai.generations?select=*,charges(*).';
comment on function billing.generation(billing.all_charges) is
'Computed relationship: the generation that a charge is for: billing.all_charges?select=*,generation(*).';
comment on function ai.charges(ai.all_generations) is
'Computed relationship: the charges of a generation: ai.all_generations?select=*,charges(*).';
comment on function ai.models(ai.all_generations) is
'Computed relationship, as the foreign key is for ai.generations: the model: ai.all_generations?select=*,models(key).';
comment on function billing.accounts(billing.all_charges) is
'Computed relationship: the account: billing.all_charges?select=*,accounts(name).';
comment on function billing.accounts(billing.all_ledger_entries) is
'Computed relationship: the account: billing.all_ledger_entries?select=*,accounts(name).';
comment on function billing.accounts(billing.all_holds) is
'Computed relationship: the account: billing.all_holds?select=*,accounts(name).';

-- from sql/60_wallet/390_function_purge.sql

-- What grows with requests and cannot be kept in months, because a unique key forbids it or nobody needs it whole: each
-- statement looks its rows up oldest first, takes no more than it was told, and passes over what somebody else has locked.
create function ratebook.purge(p_at_most integer, p_keys interval, p_signals interval, p_budget_periods interval)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
-- Days and months are the same whatever zone the caller is in.
set timezone = 'UTC'
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_now timestamptz := ratebook.clock();
  v_keys bigint;
  v_signals bigint;
  v_budget_periods bigint;
begin
  if (p_at_most between 1 and 100000) is not true then
    perform ratebook.fail('invalid_argument', 'A purge takes 1 to 100,000 rows of each table.', 'Call it again for the others.');
  -- By the calendar: a month is thirty days in a comparison, and twenty-eight before the first of March.
  elsif (
    greatest(v_now - p_keys, v_now - p_signals, v_now - p_budget_periods) <= v_now - interval '30 days'
    and num_nulls(p_keys, p_signals, p_budget_periods) = 0
  ) is not true then
    perform ratebook.fail('invalid_argument', 'Everything is kept for at least 30 days.');
  end if;

  delete from billing.idempotency_keys as k
  where k.ctid = any(array(
    select o.ctid
    from billing.idempotency_keys as o
    where o.created_at < v_now - p_keys
    order by o.created_at
    limit p_at_most
    for update skip locked
  ));
  get diagnostics v_keys = row_count;

  delete from billing.outbox as s
  where s.ctid = any(array(
    select o.ctid
    from billing.outbox as o
    where o.id < ratebook.uuid_v7_floor(v_now - p_signals)
    order by o.id
    limit p_at_most
    for update skip locked
  ));
  get diagnostics v_signals = row_count;

  -- A period that is not over is counted in.
  delete from billing.budget_periods as p
  where p.ctid = any(array(
    select o.ctid
    from billing.budget_periods as o
    where o.starts_at < v_now - p_budget_periods and o.ends_at <= v_now
    order by o.starts_at
    limit p_at_most
    for update skip locked
  ));
  get diagnostics v_budget_periods = row_count;
  return jsonb_build_object('keys', v_keys, 'signals', v_signals, 'budget_periods', v_budget_periods);
end;
$$;

create function billing.purge(
  at_most integer default 10000,
  keys interval default '30 days',
  signals interval default '90 days',
  budget_periods interval default '400 days'
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.purge(at_most, keys, signals, budget_periods);
end;

revoke all on function ratebook.purge(integer, interval, interval, interval) from public;
revoke all on function billing.purge(integer, interval, interval, interval) from public;
grant execute on function ratebook.purge(integer, interval, interval, interval) to service_role;
grant execute on function billing.purge(integer, interval, interval, interval) to service_role;

comment on function ratebook.purge(integer, interval, interval, interval) is 'The rule behind billing.purge().';
comment on function billing.purge(integer, interval, interval, interval) is
'Service role only. Removes what is older than it is kept, the oldest first: idempotency keys (30 days unless told), signals of billing.outbox, delivered or not (90 days), and rows of billing.budget_periods (400 days); none is kept for less than 30 days. at_most: rows of each table in one call, up to 100,000; 10,000 unless told. Returns how many it removed as keys, signals and budget_periods: call it again while one of them is at_most. Error: invalid_argument (PT422).';

-- from sql/60_wallet/395_function_erase_lenser.sql

create function ratebook.erase_lenser(p_lenser uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reaches every table that holds something of the lenser.
declare
  v_generations bigint;
  v_media bigint;
  v_objects bigint;
begin
  -- Someone who never owned anything has no profile yet; the empty one keeps a token that is still valid from making one.
  insert into lensers.profiles (id)
  select u.id from auth.users as u where u.id = p_lenser
  on conflict do nothing;
  -- The accounts before the profile, as everybody does.
  perform ratebook.take_plainness(p_lenser);
  -- Waits for what is being written in the lenser's name, and makes later writers wait.
  perform from lensers.profiles as p where p.id = p_lenser for update;
  update lensers.profiles as p
  set
    user_id = null,
    display_name = null,
    avatar_url = null,
    erased_at = coalesce(p.erased_at, ratebook.clock())
  where p.id = p_lenser;
  if not found then
    perform ratebook.fail('unknown_lenser', format('There is no lenser %s.', p_lenser), null,
      jsonb_build_object('lenser', p_lenser));
  end if;
  update ai.generations as g set prompt = null, output = null, media_id = null where g.lenser_id = p_lenser;
  get diagnostics v_generations = row_count;
  delete from content.media_library as l where l.lenser_id = p_lenser;
  get diagnostics v_media = row_count;
  delete from media.objects as o where o.lenser_id = p_lenser;
  get diagnostics v_objects = row_count;
  delete from lensers.user_roles as r where r.user_id = p_lenser;
  return jsonb_build_object('generations', v_generations, 'media', v_media, 'objects', v_objects);
end;
$$;

create function ai.erase_lenser(lenser uuid) returns jsonb
language sql volatile
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select ratebook.erase_lenser(lenser);
end;

revoke all on function ratebook.erase_lenser(uuid) from public;
revoke all on function ai.erase_lenser(uuid) from public;
grant execute on function ratebook.erase_lenser(uuid) to service_role;
grant execute on function ai.erase_lenser(uuid) to service_role;

comment on function ratebook.erase_lenser(uuid) is 'The rule behind ai.erase_lenser().';
comment on function ai.erase_lenser(uuid) is
'Service role only. Removes prompts, outputs, media, stored-object rows, roles and profile data of a lenser; pseudonymous rows without content stay. The auth user can be deleted then. Delete the files in storage first: their rows go here. Returns how many rows of each were touched. Safe to repeat. Error: unknown_lenser (PT404).';

-- from policies/billing.account_members.sql

alter table billing.account_members enable row level security;

revoke all on billing.account_members from public, anon, authenticated, service_role;
grant select on billing.account_members to authenticated, service_role;

-- Two conditions, each with an index: the owner of the account, and the member.
create policy account_members_select_own on billing.account_members for select to authenticated
using (
  lenser_id = (select ratebook.uid())
  or member_id = (select ratebook.uid())
);

-- from policies/billing.accounts.sql

alter table billing.accounts enable row level security;

revoke all on billing.accounts from public, anon, authenticated, service_role;
grant select on billing.accounts to authenticated, service_role;

create policy accounts_select_own on billing.accounts for select to authenticated
using (lenser_id = (select ratebook.uid()));
-- The functions of the wallet write the rest.
grant insert (lenser_id, name, overdraft_limit, low_balance_mark) on billing.accounts to service_role;
grant update (name, overdraft_limit, low_balance_mark) on billing.accounts to service_role;

-- from policies/billing.balances.sql

-- A view by the rights of who asks.
revoke all on billing.balances from public, anon, authenticated, service_role;
grant select on billing.balances to authenticated, service_role;

-- from policies/billing.budget_periods.sql

alter table billing.budget_periods enable row level security;

revoke all on billing.budget_periods from public, anon, authenticated, service_role;
grant select on billing.budget_periods to authenticated, service_role;

create policy budget_periods_select_own on billing.budget_periods for select to authenticated
using (lenser_id = (select ratebook.uid()));

-- from policies/billing.budgets.sql

alter table billing.budgets enable row level security;

revoke all on billing.budgets from public, anon, authenticated, service_role;
grant select on billing.budgets to authenticated;
grant select, delete on billing.budgets to service_role;
grant insert (lenser_id, feature_id, model_id, period, time_zone, soft_limit, hard_limit, is_active) on billing.budgets
to service_role;
grant update (time_zone, soft_limit, hard_limit, is_active) on billing.budgets to service_role;

create policy budgets_select_own on billing.budgets for select to authenticated
using (lenser_id = (select ratebook.uid()));

-- Admins write through the view: the policy above shows them their own rows only. A trigger refuses others.
grant delete on billing.all_budgets, ratebook.all_budgets to authenticated;
grant insert (lenser_id, feature_id, model_id, period, time_zone, soft_limit, hard_limit, is_active)
on billing.all_budgets, ratebook.all_budgets to authenticated;
grant update (time_zone, soft_limit, hard_limit, is_active) on billing.all_budgets, ratebook.all_budgets to authenticated;

-- from policies/billing.charge_costs.sql

alter table billing.charge_costs enable row level security;

revoke all on billing.charge_costs from public, anon, authenticated, service_role;
grant select on billing.charge_costs to authenticated, service_role;

create policy charge_costs_select_admin on billing.charge_costs for select to authenticated
using ((select ratebook.is_admin()));

-- from policies/billing.charges.sql

alter table billing.charges enable row level security;

revoke all on billing.charges from public, anon, authenticated, service_role;
grant select on billing.charges to authenticated, service_role;

create policy charges_select_own on billing.charges for select to authenticated
using (lenser_id = (select ratebook.uid()));

-- from policies/billing.grants.sql

alter table billing.grants enable row level security;

revoke all on billing.grants from public, anon, authenticated, service_role;
grant select on billing.grants to authenticated, service_role;

create policy grants_select_own on billing.grants for select to authenticated
using (lenser_id = (select ratebook.uid()));

-- from policies/billing.holds.sql

alter table billing.holds enable row level security;

revoke all on billing.holds from public, anon, authenticated, service_role;
grant select on billing.holds to authenticated, service_role;

create policy holds_select_own on billing.holds for select to authenticated
using (lenser_id = (select ratebook.uid()));

-- from policies/billing.idempotency_keys.sql

-- For the functions of the wallet, and for the service role to look at.
alter table billing.idempotency_keys enable row level security;

revoke all on billing.idempotency_keys from public, anon, authenticated, service_role;
grant select on billing.idempotency_keys to service_role;

-- from policies/billing.ledger_entries.sql

alter table billing.ledger_entries enable row level security;

revoke all on billing.ledger_entries from public, anon, authenticated, service_role;
grant select on billing.ledger_entries to authenticated, service_role;

create policy ledger_entries_select_own on billing.ledger_entries for select to authenticated
using (lenser_id = (select ratebook.uid()));

-- from policies/billing.outbox.sql

alter table billing.outbox enable row level security;

revoke all on billing.outbox from public, anon, authenticated, service_role;
grant select on billing.outbox to authenticated, service_role;
grant update (delivered_at), delete on billing.outbox to service_role;

create policy outbox_select_own on billing.outbox for select to authenticated
using (lenser_id = (select ratebook.uid()));

-- from policies/billing.recurring_grants.sql

alter table billing.recurring_grants enable row level security;

revoke all on billing.recurring_grants from public, anon, authenticated, service_role;
grant select on billing.recurring_grants to authenticated, service_role;

create policy recurring_grants_select_own on billing.recurring_grants for select to authenticated
using (lenser_id = (select ratebook.uid()));

-- from policies/billing.revocations.sql

alter table billing.revocations enable row level security;

revoke all on billing.revocations from public, anon, authenticated, service_role;
grant select on billing.revocations to authenticated, service_role;

create policy revocations_select_own on billing.revocations for select to authenticated
using (lenser_id = (select ratebook.uid()));

-- from policies/billing.settings.sql

alter table billing.settings enable row level security;

revoke all on billing.settings from public, anon, authenticated, service_role;
grant select, update (enforce_entitlements) on billing.settings to authenticated, service_role;

create policy settings_select_admin on billing.settings for select to authenticated
using ((select ratebook.is_admin()));
create policy settings_update_admin on billing.settings for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));

-- from policies/lensers.entitlements.sql

alter table lensers.entitlements enable row level security;

-- lensers.set_entitlement() writes it.
revoke all on lensers.entitlements from public, anon, authenticated, service_role;
grant select on lensers.entitlements to authenticated, service_role;

create policy entitlements_select_own on lensers.entitlements for select to authenticated
using (lenser_id = (select ratebook.uid()));

-- from policies/ratebook.usage_deltas.sql

-- Computed; read by billing.usage() alone.
alter table ratebook.usage_deltas enable row level security;
revoke all on ratebook.usage_deltas from public, anon, authenticated, service_role;

insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', '60_wallet', o.kind, o.name, o.state
from (values
  ('constraint', 'a_budget_has_a_limit on billing.budgets', '788545db894f89311630d3f5324a9ad0'),
  ('constraint', 'a_captured_hold_has_a_charge on billing.holds', '2fcb8b854fd0873c975b490c7ed06764'),
  ('constraint', 'account_members_account_id_fkey on billing.account_members', '05067b39bf99f61189b0b214adef8d08'),
  ('constraint', 'account_members_member_id_fkey on billing.account_members', '31d353b194a19f96bbf22e7a6d630d3b'),
  ('constraint', 'account_members_pkey on billing.account_members', '8a5168f9c13526596cbf5f6f0ddb641d'),
  ('constraint', 'accounts_lenser_id_fkey on billing.accounts', '1bcaaeed0e244d6b31be5ab61ab3c281'),
  ('constraint', 'accounts_pkey on billing.accounts', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'amount_is_positive on billing.recurring_grants', '7cf1abff1a51fc69f13bff91a4f0b535'),
  ('constraint', 'an_entitlement_does_not_end_before_it_starts on lensers.entitlements', '103d0d56386e6580a69d69135da573df'),
  ('constraint', 'an_open_hold_has_not_ended on billing.holds', '0b4a21b93bde816e4cba1386c9d32d4e'),
  ('constraint', 'asked_is_positive on billing.revocations', '275a32725e94a86258f54212dcd6f946'),
  ('constraint', 'budget_periods_budget_id_fkey on billing.budget_periods', '5841117e5d528f993ec27a98d0a0ad6d'),
  ('constraint', 'budget_periods_pkey on billing.budget_periods', '2966e677b48f4e37efa11b227e69e854'),
  ('constraint', 'budgets_feature_id_fkey on billing.budgets', '43f718dd74baac24484e054fbc4dd6a5'),
  ('constraint', 'budgets_key on billing.budgets', 'b1413b6c909906e8433b22748c578393'),
  ('constraint', 'budgets_lenser_id_fkey on billing.budgets', '1bcaaeed0e244d6b31be5ab61ab3c281'),
  ('constraint', 'budgets_model_id_fkey on billing.budgets', 'dd0d79d9d734134b27fc5be5bdefab11'),
  ('constraint', 'budgets_pkey on billing.budgets', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'charge_costs_pkey on billing.charge_costs', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'charges_pkey on billing.charges', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'ends_at_is_in_range on lensers.entitlements', '03432cc0d99b04da38bb620608ae9746'),
  ('constraint', 'ends_at_is_not_before_starts_at on billing.recurring_grants', '103d0d56386e6580a69d69135da573df'),
  ('constraint', 'entitlements_external_ref_key on lensers.entitlements', '8897369ce374ff910a54bdf1cf0815ab'),
  ('constraint', 'entitlements_lenser_id_fkey on lensers.entitlements', '1bcaaeed0e244d6b31be5ab61ab3c281'),
  ('constraint', 'entitlements_pkey on lensers.entitlements', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'external_ref_is_a_name on lensers.entitlements', 'e95327b8aa6e9a5dadcc3b1931ebbf4e'),
  ('constraint', 'external_ref_is_short on billing.revocations', '036a9327a98d5abe682ec0790a4bd200'),
  ('constraint', 'grants_account_id_fkey on billing.grants', '05067b39bf99f61189b0b214adef8d08'),
  ('constraint', 'grants_pkey on billing.grants', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'grants_recurring_grant_id_fkey on billing.grants', '6afdfdc84a2fbecfebf9710e03ce9574'),
  ('constraint', 'holds_pkey on billing.holds', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'idempotency_keys_pkey on billing.idempotency_keys', 'ac7e7bc30387a702452c7905634f680b'),
  ('constraint', 'issued_is_not_negative on billing.recurring_grants', '1098c3b66155d9a65396109cbdfc4398'),
  ('constraint', 'it_recurs_after_months_or_days on billing.recurring_grants', '057f48e49b1e6fafe55df935ec985c76'),
  ('constraint', 'ledger_entries_pkey on billing.ledger_entries', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'outbox_account_id_fkey on billing.outbox', '05067b39bf99f61189b0b214adef8d08'),
  ('constraint', 'outbox_pkey on billing.outbox', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'priority_is_not_negative on billing.recurring_grants', '7eb27f0fb0ef4e84dfdf096fd6a8e732'),
  ('constraint', 'recurring_grants_account_id_fkey on billing.recurring_grants', '05067b39bf99f61189b0b214adef8d08'),
  ('constraint', 'recurring_grants_pkey on billing.recurring_grants', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'revocations_account_id_fkey on billing.revocations', '05067b39bf99f61189b0b214adef8d08'),
  ('constraint', 'revocations_grant_id_fkey on billing.revocations', 'f4eb57ce3fd03206ff8145ba592cb43b'),
  ('constraint', 'revocations_pkey on billing.revocations', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'settings_pkey on billing.settings', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'source_is_a_name on billing.recurring_grants', 'a427ed57e98f061791bb3fc3fb9530ae'),
  ('constraint', 'starts_at_is_finite on billing.recurring_grants', '8ef12592305c63a225b2b8f5ed7e200c'),
  ('constraint', 'starts_at_is_in_range on lensers.entitlements', 'ca0d187e0a2766bf9c107ae89732768e'),
  ('constraint', 'the_owner_needs_no_membership on billing.account_members', '28cb4e094df5f28c194e7252edc821cd'),
  ('constraint', 'there_is_one_row on billing.settings', '49b594e680d30d2d3d85433f6b8e29c3'),
  ('constraint', 'topic_is_one_of_them on billing.outbox', '895c6d287243c3387eeca8c1e7d0575f'),
  ('function', 'ai.charges(ai.all_generations)', '04a3296dc7b17e7363e6a47d67976efc'),
  ('function', 'ai.charges(ai.generations)', '7bd06583af2cf5d14f8012068fbd28e1'),
  ('function', 'ai.erase_lenser(lenser uuid)', 'cfa2329e328c5b8453b64d436b205d2f'),
  ('function', 'ai.models(ai.all_generations)', '9e06acd746629633df9e6fbe8b145ea0'),
  ('function', 'billing.accounts(billing.all_charges)', '9b813366a2064d8e0b63cdd74ab3173a'),
  ('function', 'billing.accounts(billing.all_holds)', 'df422c57082772cd9cd30b6950461089'),
  ('function', 'billing.accounts(billing.all_ledger_entries)', '44efd027e1024daac0d4292fd326ebb0'),
  ('function', 'billing.accounts(billing.charges)', '9aa53b5cb006acc191c3dba2bd6c9c26'),
  ('function', 'billing.accounts(billing.holds)', 'b923e5cc7e4e77eb7f4e532e157a3c77'),
  ('function', 'billing.accounts(billing.ledger_entries)', '07272deaa4ec386de8ab72c028081ba9'),
  ('function', 'billing.authorize_credits(account uuid, amount numeric, model text, usage jsonb, format text, feature text, service_tier text, variant text, region text, expires_in interval, lenser uuid, idempotency_key text, owner uuid)', 'e15d0f8f0663b5f23ad9d1c5c977818d'),
  ('function', 'billing.capture_hold(hold uuid, amount numeric, usage jsonb, format text, generation uuid, prompt text, output text, latency_ms integer, estimated boolean, reported_cost numeric, reported_currency text, idempotency_key text, owner uuid)', '297e7216374effc7e9b0e89f295cb7b3'),
  ('function', 'billing.charge_generation(account uuid, model text, usage jsonb, format text, feature text, service_tier text, variant text, region text, lenser uuid, generation uuid, prompt text, output text, latency_ms integer, estimated boolean, reported_cost numeric, reported_currency text, idempotency_key text, owner uuid)', '99ceb5abac8d8371129aee9357987cbc'),
  ('function', 'billing.charge_generations(requests jsonb)', 'abc5955b5fd5bf5abb5d98e6e4825c8f'),
  ('function', 'billing.charges(billing.accounts)', 'de5a1249cca8e67c367d5389a3b5014c'),
  ('function', 'billing.create_recurring_grant(account uuid, amount numeric, every interval, starts_at timestamp with time zone, ends_at timestamp with time zone, expires boolean, priority integer, source text, idempotency_key text, owner uuid)', '98caad12dbbf1c5591e2b85383ea3752'),
  ('function', 'billing.cut_hold(hold uuid, usage jsonb, format text, streamed_bytes bigint, streamed_tokens bigint, generation uuid, prompt text, output text, latency_ms integer, idempotency_key text, owner uuid)', 'ed7dffca49a926b4b54e0416a3decf5b'),
  ('function', 'billing.end_recurring_grant(recurring_grant uuid, owner uuid)', '4811f6cd910073a9e8d11225fc0ae9ac'),
  ('function', 'billing.generation(billing.all_charges)', 'fd91c8d2b6e6eaf497e44430201fc4da'),
  ('function', 'billing.generation(billing.charges)', '73ddc8057a83bc76df95df40844d0b08'),
  ('function', 'billing.get_balance(account uuid, at timestamp with time zone, owner uuid)', 'f950f13fec50787d0adb29188b645129'),
  ('function', 'billing.grant_credits(account uuid, amount numeric, source text, priority integer, expires_at timestamp with time zone, external_ref text, idempotency_key text, starts_at timestamp with time zone, owner uuid)', '27c25c693bde989e22824dccd25023b4'),
  ('function', 'billing.holds(billing.accounts)', 'cc8a21393e4c3d311a07ee1c4a635ca6'),
  ('function', 'billing.ledger_entries(billing.accounts)', '6d5a461684b5167305a1e134e5889d54'),
  ('function', 'billing.move_credits(from_account uuid, to_account uuid, amount numeric, reason text, idempotency_key text, from_owner uuid, to_owner uuid)', 'c272adb5ab5a1610d3a543dde705c492'),
  ('function', 'billing.purge(at_most integer, keys interval, signals interval, budget_periods interval)', '13037e0375d2ef3f0b11de5c3acfb43c'),
  ('function', 'billing.refund_charge(charge uuid, amount numeric, reason text, extend_to timestamp with time zone, idempotency_key text, owner uuid)', 'ed7e1197e9aca1a388a31fc1bf296334'),
  ('function', 'billing.release_hold(hold uuid, owner uuid)', 'cae6e42a2e432582f90194568108cf5f'),
  ('function', 'billing.remove_member(account uuid, member uuid, owner uuid)', 'd73e2e221ab1baeea7dc2b614212895b'),
  ('function', 'billing.revoke_grant(lot uuid, amount numeric, reason text, external_ref text, payment_source text, payment_ref text, idempotency_key text, owner uuid)', '824c273f08b1d604f560404464424701'),
  ('function', 'billing.self_check(since timestamp with time zone, from_account uuid, to_account uuid)', 'f1a45c3f0b87ae70d3c93abf3d2ca9b5'),
  ('function', 'billing.set_member(account uuid, member uuid, spend_limit numeric, owner uuid)', '72b20e022d96e11be6e47d2099f3e14a'),
  ('function', 'billing.settle_charge(charge uuid, usage jsonb, format text, amount numeric, reported_cost numeric, reported_currency text, idempotency_key text, owner uuid)', '777574efaddd67d1574a170438842037'),
  ('function', 'billing.sweep_accounts(at_most integer)', 'c3b59c75bfa26bd5a129562136b1fe44'),
  ('function', 'lensers.set_entitlement(lenser uuid, tier ai.model_tier_enum, external_ref text, starts_at timestamp with time zone, ends_at timestamp with time zone)', '143cf7b038e7deb454a5e8073b2be364'),
  ('function', 'ratebook.add_lot(p_account billing.accounts, p_amount numeric, p_source text, p_priority integer, p_expires_at timestamp with time zone, p_external_ref text, p_recurring_grant_id uuid, p_effective_at timestamp with time zone, p_starts_at timestamp with time zone, p_moved ratebook.moved_entry, p_reason text)', 'd7991fba15f0711670b824d9d4262539'),
  ('function', 'ratebook.allocate(p_account billing.accounts, p_amount numeric, p_charge_id uuid)', '531d332b0d490be0a14e608386b0039d'),
  ('function', 'ratebook.answered(p_expected ratebook.charge_request, p_format text, p_usage jsonb)', '3852f7e209794cda138cbaeae907fcc2'),
  ('function', 'ratebook.asked(p_since timestamp with time zone, p_from uuid, p_to uuid)', 'a4cbb444a2098ff2cd94d816b6b6865e'),
  ('function', 'ratebook.assert_active(p_model_ids uuid[])', 'e410ec2d7dda1d40d67f6c390a9b5828'),
  ('function', 'ratebook.assert_available(p_account billing.accounts, p_needed numeric, p_detail jsonb)', 'f3a172de21f0cb7b4cacb6a63d5f9007'),
  ('function', 'ratebook.assert_capturable(p_hold billing.holds)', '3333ae3597aebd44a09802cc36a18dea'),
  ('function', 'ratebook.assert_credits(p_name text, p_value numeric, p_least numeric)', '809002c3d8639d22eea672ea37ec721c'),
  ('function', 'ratebook.assert_entitled(p_model_id uuid, p_lenser_id uuid, p_at timestamp with time zone)', '3f3ebb6f39553da3d7b51022088361ba'),
  ('function', 'ratebook.assert_not_erased(p_lenser_ids uuid[])', 'b8810d4c57379032fae0452b5e901c72'),
  ('function', 'ratebook.assert_priority(p_priority integer)', 'dcbcd27ae375ddd6a2cff68da7650352'),
  ('function', 'ratebook.authorize_credits(p_amount numeric, p_expires_in interval, p_request ratebook.charge_request)', '98d33e9bf55a00408bdf94326bed122f'),
  ('function', 'ratebook.await_spending()', '8f4c0b36f81ec20af141b84005ca0bef'),
  ('function', 'ratebook.balance_at(p_account billing.accounts, p_at timestamp with time zone)', '73f917f411f3c927c34b426221db818e'),
  ('function', 'ratebook.balance_now(p_account billing.accounts)', 'fec9c2e8e91492feeeb5f65ecc76b41e'),
  ('function', 'ratebook.balance_object(p_account billing.accounts)', '7a968f3cdbb9603421107a3604e93664'),
  ('function', 'ratebook.balance_text(p_posted numeric, p_reserved numeric, p_debt numeric, p_upcoming numeric)', '7c74efc8b9fd05c5f205cc88c0c4d5ee'),
  ('function', 'ratebook.begin_period(p_budget billing.budgets, p_at timestamp with time zone, p_counted_by uuid)', '56a105ef722a91e4963849bb9c639a88'),
  ('function', 'ratebook.binds(p_budget billing.budgets, p_model_id uuid, p_feature_id uuid, p_at timestamp with time zone)', 'b40ed8d3a7c759f5b5ec1786bdf27a80'),
  ('function', 'ratebook.broken_accounts(p_asked ratebook.asked)', '5b3526958a8f1aff4379e4def78eccc3'),
  ('function', 'ratebook.broken_charges(p_asked ratebook.asked)', '6ca7541e63a145dea0fda728ba32bd31'),
  ('function', 'ratebook.broken_entries(p_asked ratebook.asked)', 'f7d033020c090c4c85e6c181609d1a7a'),
  ('function', 'ratebook.broken_lots(p_asked ratebook.asked)', '98fcea448284099219a8851ae2103f0d'),
  ('function', 'ratebook.capture_asked(p_hold_id uuid, p_amount numeric, p_usage jsonb, p_format text, p_generation uuid, p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text)', '18e9c6b9cf49f49990aff593d44df4a1'),
  ('function', 'ratebook.capture_hold(p_hold_id uuid, p_amount numeric, p_usage jsonb, p_format text, p_generation uuid, p_prompt text, p_output text, p_latency_ms integer, p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text, p_key text, p_owner uuid)', '30e68c4b39ca9d699a69920d48d00b38'),
  ('function', 'ratebook.capture_in_general(p_hold_id uuid, p_amount numeric, p_usage jsonb, p_format text, p_generation uuid, p_prompt text, p_output text, p_latency_ms integer, p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text, p_key text, p_owner uuid)', 'e84a898312029aa995df2b69ac96bd95'),
  ('function', 'ratebook.capture_lot(p_hold billing.holds, p_lot_id uuid, p_credits numeric, p_charge_id uuid, p_at timestamp with time zone)', '9467fc1f42bcf5fbd6d8c54d60999dd9'),
  ('function', 'ratebook.charge(p_request ratebook.charge_request)', '56507916547056ef2fb5775662f42ba7'),
  ('function', 'ratebook.charge_generations(p_requests jsonb)', 'c618c8b1964f8911dd02f83ba3fa7a06'),
  ('function', 'ratebook.charge_in_general(p_request ratebook.charge_request)', '3343b41cfc96a0b66cf13c2e093b0295'),
  ('function', 'ratebook.charge_many(p_requests ratebook.charge_request[])', '780ddc524026027ac9c7760e430de853'),
  ('function', 'ratebook.charge_object(p_charge billing.charges, p_cost billing.charge_costs, p_account billing.accounts, p_warnings jsonb)', '448b8e7371e3bad38f092bc9f8eb74f3'),
  ('function', 'ratebook.charge_object(p_charge_id uuid, p_generation_id uuid, p_account_id uuid, p_model_id uuid, p_credits numeric, p_cost numeric, p_currency text, p_posted numeric, p_reserved numeric, p_debt numeric, p_upcoming numeric, p_warnings jsonb)', '0b52ce767c0e327bae57b04580fe0af4'),
  ('function', 'ratebook.charge_plainly(p_request ratebook.charge_request, p_hold billing.holds)', '1eb3c316bd55b5f9fe44d80bdd185bbc'),
  ('function', 'ratebook.charge_requests(p_requests jsonb)', '29240eea1bc8477e598c7bc9dfcaecc9'),
  ('function', 'ratebook.check_wallets(p_since timestamp with time zone, p_from uuid, p_to uuid)', '6e40d4af83d1699fb78758612b41ebbb'),
  ('function', 'ratebook.complete_generation(p_charge billing.charges, p_request ratebook.charge_request)', '6bd9688c4e47cb7bf864e486eaea2b76'),
  ('function', 'ratebook.count_charges(p_charges billing.charges[])', '02660363a7a1476cb68133af9c37c634'),
  ('function', 'ratebook.count_locked(p_spending ratebook.spending, p_alone uuid[], p_at timestamp with time zone)', '6fdbcdd2213ecb1b91ea1da1390eebea'),
  ('function', 'ratebook.count_spending(p_spending ratebook.spending, p_account billing.accounts)', '1384f2c5895a3925b9c0945a89e6e72c'),
  ('function', 'ratebook.count_spendings(p_accounts billing.accounts[], p_priced ratebook.priced_charge[], p_at timestamp with time zone)', '59ca44e9f62321201ce559675431cba4'),
  ('function', 'ratebook.counted_by(p_budget billing.budgets)', '70636d6e89c570327396f82394cfed72'),
  ('function', 'ratebook.counts_anew(p_spendings ratebook.spending[], p_lenser_id uuid, p_at timestamp with time zone)', '52956a8bc321a74d2985dce7af3952cd'),
  ('function', 'ratebook.create_recurring_grant(p_account_id uuid, p_amount numeric, p_every interval, p_starts_at timestamp with time zone, p_ends_at timestamp with time zone, p_expires boolean, p_priority integer, p_source text, p_key text, p_owner uuid)', 'e37de89097457cc056791d380f5c763e'),
  ('function', 'ratebook.cut_hold(p_hold_id uuid, p_usage jsonb, p_format text, p_bytes bigint, p_tokens bigint, p_generation uuid, p_prompt text, p_output text, p_latency_ms integer, p_key text, p_owner uuid)', 'a2b68252cfab3d2cf7a20551b128e3ae'),
  ('function', 'ratebook.cut_usage(p_known jsonb, p_expected jsonb, p_streamed numeric)', 'c6de63c40290c4e88e2d514dc3f3c6e9'),
  ('function', 'ratebook.due_grants(p_account billing.accounts, p_at timestamp with time zone)', '9c2147563d0f660f622338d0ea173877'),
  ('function', 'ratebook.end_again(p_account billing.accounts, p_movements ratebook.movement[])', '1cde17e559dad1b97484e1c9d21a78f3'),
  ('function', 'ratebook.end_hold(p_hold billing.holds, p_status billing.hold_status_enum, p_charge_id uuid, p_account billing.accounts)', 'b1ec81f584052fae06bfdba0e12c84d9'),
  ('function', 'ratebook.end_recurring_grant(p_recurring_grant_id uuid, p_owner uuid)', '06e351198e08bf3d110eecb18bcb2d12'),
  ('function', 'ratebook.enforces_entitlements()', '2ccdd5f5b14d0686f090049dceb4d276'),
  ('function', 'ratebook.ensure_month(p_at timestamp with time zone)', '27905a486d1365ddd52c99cde583d898'),
  ('function', 'ratebook.entitled_tier(p_lenser_id uuid, p_at timestamp with time zone)', '63b4f27c9dab49b3c806f315f18731b4'),
  ('function', 'ratebook.erase_lenser(p_lenser uuid)', '32439074cb89ead9967c71e14775d54a'),
  ('function', 'ratebook.expected(p_hold billing.holds, p_generation uuid, p_prompt text, p_output text, p_latency_ms integer)', 'b41fdfa05f6b882a2b9d0c1ee5f94552'),
  ('function', 'ratebook.forget_periods()', '69a51c79bfeb4ed9a72e634c46ba29c0'),
  ('function', 'ratebook.get_balance(p_account_id uuid, p_at timestamp with time zone, p_owner uuid)', '1301cd0a67a4fe763456ef6d1880e2a3'),
  ('function', 'ratebook.give_back_lot(p_lot_id uuid, p_owner uuid, p_credits numeric, p_hold billing.holds)', '0a9a6afcfdf8e660021414e137ecbaf1'),
  ('function', 'ratebook.grant_credits(p_account_id uuid, p_amount numeric, p_source text, p_priority integer, p_expires_at timestamp with time zone, p_external_ref text, p_key text, p_owner uuid, p_starts_at timestamp with time zone)', '6a4bf23abddd650c1d335c04f0448fd3'),
  ('function', 'ratebook.head(p_account billing.accounts)', '7abdb49b6ab54af6001efd1bd6379984'),
  ('function', 'ratebook.hold_in_general(p_amount numeric, p_expires_in interval, p_request ratebook.charge_request)', '5e4f80f762e55d8b7f4f6761d464789c'),
  ('function', 'ratebook.hold_object(p_hold_id uuid, p_account_id uuid, p_amount numeric, p_expires_at timestamp with time zone, p_posted numeric, p_reserved numeric, p_debt numeric, p_upcoming numeric, p_warnings jsonb)', '286c6eb4d8003bfd8201641ca2e26617'),
  ('function', 'ratebook.hold_plainly(p_expires_in interval, p_request ratebook.charge_request)', '7cf49fe79e31c320dbcc8be71ac1bda9'),
  ('function', 'ratebook.input_of(p_usage jsonb)', '2b4c31ccada1c297538b21bcb6a89155'),
  ('function', 'ratebook.is_plain(p_lenser_id uuid)', 'd922768591b01fae0475d72ed6cf6bf6'),
  ('function', 'ratebook.keep_overdraft_in_use()', '29b579cbbc61d03e7d3959f87e2af5ef'),
  ('function', 'ratebook.keep_within_overdraft()', '7fc4cf271e0d1e7290e97e7ce9c59ee9'),
  ('function', 'ratebook.let_go(p_hold billing.holds)', 'df8bd83753163e94fba4650e03e7efa4'),
  ('function', 'ratebook.let_time_pass(p_account billing.accounts, p_freed_at timestamp with time zone)', 'aa8a310761d8a24d8277885211eba2bd'),
  ('function', 'ratebook.lock_account(p_account_id uuid, p_owner uuid)', '972be3c0b6cc0bf292d0c8cdcfba3730'),
  ('function', 'ratebook.lock_accounts(p_account_ids uuid[], p_owners uuid[])', 'e7f8ad5664433fa8f4e8936512368785'),
  ('function', 'ratebook.lock_hold(p_hold_id uuid, p_owner uuid)', 'a333b76a5c79e6d644c8d980691bcd5d'),
  ('function', 'ratebook.lock_spenders(p_spendings ratebook.spending[], p_at timestamp with time zone)', '99460ebb076381170b075fa87751e13c'),
  ('function', 'ratebook.low_balance_object(p_account billing.accounts)', '7883326ad8cb29ba9bd6f2a04a47fd8c'),
  ('function', 'ratebook.make_charge_request(p_account_id uuid, p_model text, p_usage jsonb, p_format text, p_feature text, p_service_tier text, p_variant text, p_region text, p_lenser uuid, p_generation uuid, p_prompt text, p_output text, p_latency_ms integer, p_key text, p_owner uuid)', 'a9aa41802226eb17a8dec9324be56a88'),
  ('function', 'ratebook.make_own_accounts(p_lenser_ids uuid[])', '9c05fb3f59d739aaac6cb72b0c04fff8'),
  ('function', 'ratebook.move(p_account billing.accounts, p_movements ratebook.movement[], p_next_event_at timestamp with time zone, p_upcoming numeric, p_entry_ids uuid[], p_counterpart_ids uuid[])', '492c3d057184adc6a3e400f04c629f5e'),
  ('function', 'ratebook.move_credits(p_from_account_id uuid, p_to_account_id uuid, p_amount numeric, p_reason text, p_key text, p_from_owner uuid, p_to_owner uuid)', '485199e813d7cadf65f383eb2745da8b'),
  ('function', 'ratebook.name_owners(p_requests ratebook.charge_request[])', '44aa09c29b23a3a0de1d956370bef701'),
  ('function', 'ratebook.next_due_at(p_account billing.accounts)', 'f64add6d0cf8f7890c6ac54732ac7966'),
  ('function', 'ratebook.nth_due(p_recurring billing.recurring_grants, p_number integer)', '4ee29cedc572247cc9adb526da30671a'),
  ('function', 'ratebook.owe(p_account billing.accounts, p_grant_id uuid, p_amount numeric, p_reason text)', '6de076d0974b67d05c0ef758f04ab737'),
  ('function', 'ratebook.owner_of(p_kind text, p_id uuid, p_owner uuid)', 'cf766e84698476639293ea5291b145b5'),
  ('function', 'ratebook.owners_of_accounts(p_ids uuid[], p_owners uuid[])', '675323fc118485bf9a265d996e4b3d48'),
  ('function', 'ratebook.pay_in_general(p_accounts billing.accounts[], p_priced ratebook.priced_charge[], p_at timestamp with time zone)', '0fc61ce8f7820196fcf16f7293090b04'),
  ('function', 'ratebook.pay_plainly(p_accounts billing.accounts[], p_needed numeric[], p_priced ratebook.priced_charge[], p_at timestamp with time zone)', 'dc82fbe12d408df205f980d00bbda4ce'),
  ('function', 'ratebook.pending(p_account billing.accounts, p_at timestamp with time zone)', 'ca2e892140f3020c9b4c9ec0580b676f'),
  ('function', 'ratebook.period_at(p_budget billing.budgets, p_at timestamp with time zone, OUT starts_on date, OUT starts_at timestamp with time zone, OUT ends_at timestamp with time zone)', '01ce5d32cce9ab80c945598c10e177bb'),
  ('function', 'ratebook.post(p_account billing.accounts, p_movements ratebook.movement[], p_next_event_at timestamp with time zone, p_upcoming numeric, p_entry_ids uuid[], p_counterpart_ids uuid[])', '61086f97973c4620205f4eeb13fdd20b'),
  ('function', 'ratebook.posted_at(p_account billing.accounts, p_at timestamp with time zone)', 'f9c4e24ac4acf790393e21f6b25884e3'),
  ('function', 'ratebook.price_charge(p_request ratebook.charge_request, p_account billing.accounts, p_priced_at timestamp with time zone, p_source text, p_currency text)', 'd6a44edd516e9763c6409e7c2775c8ba'),
  ('function', 'ratebook.price_charges(p_requests ratebook.charge_request[], p_at timestamp with time zone, p_places bigint[])', '17c63d14f2867621d22e5d81b754d1e3'),
  ('function', 'ratebook.price_reported(p_request ratebook.charge_request, p_account billing.accounts, p_priced_at timestamp with time zone, p_source text, p_currency text)', '26dc6611ada46cd2a2eb9ceaf94a8d23'),
  ('function', 'ratebook.priced_charge(p_priced ratebook.priced_request, p_request ratebook.charge_request, p_account billing.accounts, p_priced_at timestamp with time zone)', '48edae8832c613345b1674a1fdce49ec'),
  ('function', 'ratebook.purge(p_at_most integer, p_keys interval, p_signals interval, p_budget_periods interval)', '6950e67ce32cd858eecf2c2cee97d891'),
  ('function', 'ratebook.readable_account(p_account_id uuid, p_owner uuid, p_what text)', 'a8e7b90536d7fb308449d1cbf05e62d8'),
  ('function', 'ratebook.recall(p_account_id uuid, p_lenser_id uuid, p_operation text, p_key text, p_request jsonb)', '87cedc1bb087abd10efec0c2bfde9045'),
  ('function', 'ratebook.recall_own(p_account_id uuid, p_lenser_id uuid, p_operation text, p_key text, p_is_own boolean, p_request jsonb)', 'fa95f9ef8ddf9226ef417b22134b4f71'),
  ('function', 'ratebook.refund_charge(p_charge_id uuid, p_amount numeric, p_reason text, p_extend_to timestamp with time zone, p_key text, p_owner uuid)', '0f2ddc372bbe45dc05ed034a6348577b'),
  ('function', 'ratebook.refunded(p_charge billing.charges, p_at timestamp with time zone)', '412e789a38cc6ebf7a6251918a65828a'),
  ('function', 'ratebook.refuse_charge_requests(p_requests jsonb)', 'b265938f8978fc64525da8fcca7e3177'),
  ('function', 'ratebook.refuse_key(p_operation text, p_key text)', '5cee83082da8f929c54d7458530ab11e'),
  ('function', 'ratebook.release_hold(p_hold_id uuid, p_owner uuid)', '7ec493a0466850c30204203cd7a0c862'),
  ('function', 'ratebook.remember(p_account billing.accounts, p_operation text, p_key text, p_request jsonb, p_response jsonb)', 'ed2a9c2817e9443757ca3013791f3513'),
  ('function', 'ratebook.remove_member(p_account_id uuid, p_member_id uuid, p_owner uuid)', '3391c5089c89c6f90b62cc1aeda98ba9'),
  ('function', 'ratebook.repay(p_account billing.accounts)', '506e00cae7b4223cb2a363419b4cc034'),
  ('function', 'ratebook.report(p_request ratebook.charge_request, p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text)', 'c22dc018361aff636cbcd5535d94e70f'),
  ('function', 'ratebook.reported(p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text)', 'f5c0fd5bfa028bafaecc9c370b6f7091'),
  ('function', 'ratebook.revoke_grant(p_lot_id uuid, p_amount numeric, p_reason text, p_external_ref text, p_payment_source text, p_payment_ref text, p_key text, p_owner uuid)', '23f4f69dd43a03ff28e348a66b7e23d2'),
  ('function', 'ratebook.set_entitlement(p_lenser uuid, p_tier ai.model_tier_enum, p_external_ref text, p_starts_at timestamp with time zone, p_ends_at timestamp with time zone)', '129a9e9d56406a7e24deacebee21ed33'),
  ('function', 'ratebook.set_member(p_account_id uuid, p_member_id uuid, p_spend_limit numeric, p_owner uuid)', '9b6405a06ed65e6e952162d23d3c3db8'),
  ('function', 'ratebook.settle(p_account billing.accounts, p_freed_at timestamp with time zone)', 'b9b67055dc70ab26a8fda05ab52aa3c2'),
  ('function', 'ratebook.settle_charge(p_charge_id uuid, p_usage jsonb, p_format text, p_amount numeric, p_reported_cost numeric, p_reported_currency text, p_key text, p_owner uuid)', '4bdab0ce12e2666336f292095733e4b7'),
  ('function', 'ratebook.spent(p_budget billing.budgets, p_starts_at timestamp with time zone, p_ends_at timestamp with time zone)', '1c3fe76e14c9ab3887f39fcb02c9b548'),
  ('function', 'ratebook.sweep_accounts(p_at_most integer)', '473e07289a260c3cd73f2872746d3473'),
  ('function', 'ratebook.take_plainness(p_lenser_id uuid)', '6d3050a7b727559aecdfc199292fba31'),
  ('function', 'ratebook.times_due(p_recurring billing.recurring_grants, p_before timestamp with time zone)', 'a1f6e9265fc82392ad9dd49001219cb9'),
  ('function', 'ratebook.uncount_spending(p_charge billing.charges, p_credits numeric, p_is_replaced boolean)', 'e7a619454a383e10e1bf422f4a1f1947'),
  ('function', 'ratebook.unknown_account(p_account_id uuid)', 'f46e6cfdeb5c172c6f9b94ecfc722b5a'),
  ('function', 'ratebook.unknown_charge(p_charge_id uuid)', 'b31b108e7309829dd5f4dcee5f436172'),
  ('function', 'ratebook.unwind(p_charge billing.charges, p_account billing.accounts, p_refunded numeric, p_amount numeric, p_reason text)', '1be778c0a5465bf8a1f99c760f3d02f3'),
  ('function', 'ratebook.write_account(p_account billing.accounts, p_head_id uuid)', '91f4ad56dd1298bfc5f6ce6a0f373d64'),
  ('function', 'ratebook.write_charge(p_charge billing.charges, p_cost billing.charge_costs, p_request ratebook.charge_request)', '10a13e1e54c53d8a20247f40e08c708b'),
  ('function', 'ratebook.write_charges(p_priced ratebook.priced_charge[], p_requests ratebook.charge_request[])', '8b7c59b8f407e01d50cf9bed64754b5a'),
  ('function', 'ratebook.written_at(p_account billing.accounts, p_at timestamp with time zone)', '9b575110e47918cb7d4d733f9c36790f'),
  ('index', 'billing.account_members_account_id_lenser_id_idx', 'd6c0472ff6ba973e62bddbe633ecf94a'),
  ('index', 'billing.account_members_lenser_id_idx', 'cb47f179af288821f7cb4b76bf5e1bc0'),
  ('index', 'billing.account_members_member_id_idx', '22303cd97ccb2fe233ec8c9dcfeb703d'),
  ('index', 'billing.account_members_pkey', 'bf956416a0cfdefb0017e2ba4171d663'),
  ('index', 'billing.accounts_lenser_id_idx', '53b1fa0b19d76a26a6a3731886a83b0e'),
  ('index', 'billing.accounts_next_event_at_idx', 'aa1e4a8c7453aa5ce1e6af61c74923a5'),
  ('index', 'billing.accounts_pkey', '9d724a868167dfa7f699b0a956072139'),
  ('index', 'billing.budget_periods_budget_id_lenser_id_idx', 'ae8874dd267d1b0e987e0ed38a320af1'),
  ('index', 'billing.budget_periods_lenser_id_idx', '51b8b24b440d9aa6849eb0db40d74636'),
  ('index', 'billing.budget_periods_pkey', 'b62231a0acfacbfa9bb28e38782843fc'),
  ('index', 'billing.budget_periods_starts_at_idx', 'b733dd91f10e89c1aeb8d6facaf44561'),
  ('index', 'billing.budgets_feature_id_idx', 'a7fccf73d711f97c90f95999de203509'),
  ('index', 'billing.budgets_key', 'c6bb61a46e68bd189d81d91cf4591725'),
  ('index', 'billing.budgets_model_id_idx', 'eab2c9ce7abc5f5dacf37f5bf585a5b2'),
  ('index', 'billing.budgets_pkey', '87a96802f5f714b54ed77580244518fd'),
  ('index', 'billing.charge_costs_pkey', '4e6b1b40a5e8447fc7a16a470eef9327'),
  ('index', 'billing.charges_estimate_id_idx', '7c92f96d48fc086ad1848c72cf6cc70e'),
  ('index', 'billing.charges_generation_id_id_idx', '41417d435f2248c629f8454f31a5ff66'),
  ('index', 'billing.charges_lenser_id_account_id_idx', '740ba640dc215dd42c9463ee35cb7d2f'),
  ('index', 'billing.charges_lenser_id_created_at_id_idx', 'f8e5e37f83391abac0a97bbb766ee72b'),
  ('index', 'billing.charges_lenser_id_id_idx', '221b98c4ddd8f7617db0502b4bc16450'),
  ('index', 'billing.charges_member_id_idx', '76cc12f8208c88626662817decce39f6'),
  ('index', 'billing.charges_pkey', 'd3f4bcb9cd347c1e622baf792d0ae436'),
  ('index', 'billing.grants_burn_order_idx', '7d86b7723638c137fd70e7ebcee4e64d'),
  ('index', 'billing.grants_lenser_id_account_id_idx', '09261c0eb91f083a8a83b474f2951071'),
  ('index', 'billing.grants_lenser_id_created_at_id_idx', 'fae46d30b6ca92fff23f04ab879fc8ec'),
  ('index', 'billing.grants_lenser_id_id_idx', '09f661ff5ab2e9080c2073004ed466d3'),
  ('index', 'billing.grants_pkey', 'fe2a2e2f7df267c26e7c5db5ae359a4b'),
  ('index', 'billing.grants_recurring_grant_id_idx', '447a65e8a2363502b64808c41fd80f1d'),
  ('index', 'billing.grants_source_external_ref_idx', '00855896d7845cba18007294374eb8b6'),
  ('index', 'billing.grants_starts_at_idx', '3af7b614e518759c538f2bf380b6da01'),
  ('index', 'billing.holds_account_id_open_idx', '5d602b5db8865761646b58d7c35589a4'),
  ('index', 'billing.holds_lenser_id_account_id_idx', '228febcb1c689986ce39ea0706bbd565'),
  ('index', 'billing.holds_lenser_id_created_at_id_idx', '8f8963e20996e7c196f269e42f42b3e4'),
  ('index', 'billing.holds_lenser_id_id_idx', '26b93ef3f4bfe3db3e6eec4269e76bfe'),
  ('index', 'billing.holds_pkey', 'ac044d335de8ecf2a60566fa31697e89'),
  ('index', 'billing.holds_spender_id_open_idx', '6aaf4c11fe694b650f63952eca746949'),
  ('index', 'billing.idempotency_keys_created_at_idx', 'fd75a2238ae2ffb58b79f1937a44f9d8'),
  ('index', 'billing.idempotency_keys_pkey', '078113e73623b678b207d249903d32e1'),
  ('index', 'billing.ledger_entries_backdated_idx', 'b3bcf5b396bd14abd4bc80672ab153d6'),
  ('index', 'billing.ledger_entries_charge_id_idx', '2d5d4c2fb2be8987030c74f337a378cd'),
  ('index', 'billing.ledger_entries_grant_id_idx', '100c332626d250c411ec7c9c72aef954'),
  ('index', 'billing.ledger_entries_lenser_id_account_id_idx', '108ebff73cef056f35d4d7722ec53b67'),
  ('index', 'billing.ledger_entries_lenser_id_created_at_id_idx', 'fee81dc477a292181dd6b2b218da4e51'),
  ('index', 'billing.ledger_entries_lenser_id_id_idx', 'c423079ac91cd655c75d2bf8b3aae84b'),
  ('index', 'billing.ledger_entries_pkey', 'd453b85b1a36c389b5d82eb83f3c3e42'),
  ('index', 'billing.outbox_account_id_lenser_id_idx', 'ed7847544d4fb5f369600c2a8f56cae8'),
  ('index', 'billing.outbox_lenser_id_created_at_id_idx', '49184fa9059cdf4a41a2f3e5266d9549'),
  ('index', 'billing.outbox_lenser_id_id_idx', 'b9992dc45ab404e8d96703070cd4b9e3'),
  ('index', 'billing.outbox_pkey', 'cf2d4a6691dfefd2c9596ba22b8c322c'),
  ('index', 'billing.outbox_undelivered_idx', '0bbbdf9d79e551c6a4de2500757aeb4e'),
  ('index', 'billing.recurring_grants_account_id_lenser_id_idx', '6defd2f31f8e51017758c95dd02c986f'),
  ('index', 'billing.recurring_grants_lenser_id_id_idx', '44f24fa5a5a8f6b6bf3d6b32a6073cbe'),
  ('index', 'billing.recurring_grants_pkey', '5ba5490617acea86b66489d4984bdcd5'),
  ('index', 'billing.revocations_account_id_lenser_id_idx', 'b707e7bbed1bf52a047597f945217401'),
  ('index', 'billing.revocations_grant_id_lenser_id_idx', 'b87d7cc19e177fe44f08bfe4ba15e108'),
  ('index', 'billing.revocations_lenser_id_created_at_id_idx', 'b5352e6069e419ae8cd4e755ba3f576d'),
  ('index', 'billing.revocations_lenser_id_id_idx', 'e3d849e037e36b0292c463d2f32b1907'),
  ('index', 'billing.revocations_pkey', 'ab77f2a8e73bede0be3d495e7ba685cd'),
  ('index', 'billing.revocations_source_external_ref_idx', 'a005aee032aeb02dd7b75d20991d56f7'),
  ('index', 'billing.settings_pkey', 'b1091f826be2b59b6de75865add0c6c9'),
  ('index', 'lensers.entitlements_external_ref_key', 'd8ee4f69e2c06c0c5f2fed87207540d2'),
  ('index', 'lensers.entitlements_lenser_id_id_idx', 'fdb87db28d5ba2d8fb5c438c50834cc2'),
  ('index', 'lensers.entitlements_pkey', '9a1b9a3cce7d635f6801cadf3d7686dc'),
  ('policy', 'account_members_select_own on billing.account_members', '06cd863f1508835fe1eaea7b4ad2dfe4'),
  ('policy', 'accounts_select_own on billing.accounts', '6f349a601dc024702262f39ff7c114e7'),
  ('policy', 'budget_periods_select_own on billing.budget_periods', '6f349a601dc024702262f39ff7c114e7'),
  ('policy', 'budgets_select_own on billing.budgets', '6f349a601dc024702262f39ff7c114e7'),
  ('policy', 'charge_costs_select_admin on billing.charge_costs', 'd36bf2a7d29ea5dd6cd959923a241058'),
  ('policy', 'charges_select_own on billing.charges', '6f349a601dc024702262f39ff7c114e7'),
  ('policy', 'entitlements_select_own on lensers.entitlements', '6f349a601dc024702262f39ff7c114e7'),
  ('policy', 'grants_select_own on billing.grants', '6f349a601dc024702262f39ff7c114e7'),
  ('policy', 'holds_select_own on billing.holds', '6f349a601dc024702262f39ff7c114e7'),
  ('policy', 'ledger_entries_select_own on billing.ledger_entries', '6f349a601dc024702262f39ff7c114e7'),
  ('policy', 'outbox_select_own on billing.outbox', '6f349a601dc024702262f39ff7c114e7'),
  ('policy', 'recurring_grants_select_own on billing.recurring_grants', '6f349a601dc024702262f39ff7c114e7'),
  ('policy', 'revocations_select_own on billing.revocations', '6f349a601dc024702262f39ff7c114e7'),
  ('policy', 'settings_select_admin on billing.settings', 'd36bf2a7d29ea5dd6cd959923a241058'),
  ('policy', 'settings_update_admin on billing.settings', '2ec999b707bdbe3821ea3005be3c2e19'),
  ('privileges', 'ai.charges(ai.all_generations)', 'authenticated execute, service_role execute'),
  ('privileges', 'ai.charges(ai.generations)', 'authenticated execute, service_role execute'),
  ('privileges', 'ai.erase_lenser(lenser uuid)', 'service_role execute'),
  ('privileges', 'ai.models(ai.all_generations)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.account_members', 'authenticated select, service_role select'),
  ('privileges', 'billing.accounts', 'authenticated select, service_role select+insert lenser_id+insert low_balance_mark+update low_balance_mark+insert name+update name+insert overdraft_limit+update overdraft_limit'),
  ('privileges', 'billing.accounts(billing.all_charges)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.accounts(billing.all_holds)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.accounts(billing.all_ledger_entries)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.accounts(billing.charges)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.accounts(billing.holds)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.accounts(billing.ledger_entries)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.all_account_members', 'authenticated select, service_role select'),
  ('privileges', 'billing.all_accounts', 'authenticated select, service_role select'),
  ('privileges', 'billing.all_budget_periods', 'authenticated select, service_role select'),
  ('privileges', 'billing.all_budgets', 'authenticated delete+select+insert feature_id+insert hard_limit+update hard_limit+insert is_active+update is_active+insert lenser_id+insert model_id+insert period+insert soft_limit+update soft_limit+insert time_zone+update time_zone, service_role select'),
  ('privileges', 'billing.all_charges', 'authenticated select, service_role select'),
  ('privileges', 'billing.all_grants', 'authenticated select, service_role select'),
  ('privileges', 'billing.all_holds', 'authenticated select, service_role select'),
  ('privileges', 'billing.all_ledger_entries', 'authenticated select, service_role select'),
  ('privileges', 'billing.all_outbox', 'authenticated select, service_role select'),
  ('privileges', 'billing.all_recurring_grants', 'authenticated select, service_role select'),
  ('privileges', 'billing.all_revocations', 'authenticated select, service_role select'),
  ('privileges', 'billing.authorize_credits(account uuid, amount numeric, model text, usage jsonb, format text, feature text, service_tier text, variant text, region text, expires_in interval, lenser uuid, idempotency_key text, owner uuid)', 'service_role execute'),
  ('privileges', 'billing.balances', 'authenticated select, service_role select'),
  ('privileges', 'billing.budget_periods', 'authenticated select, service_role select'),
  ('privileges', 'billing.budgets', 'authenticated select, service_role delete+select+insert feature_id+insert hard_limit+update hard_limit+insert is_active+update is_active+insert lenser_id+insert model_id+insert period+insert soft_limit+update soft_limit+insert time_zone+update time_zone'),
  ('privileges', 'billing.capture_hold(hold uuid, amount numeric, usage jsonb, format text, generation uuid, prompt text, output text, latency_ms integer, estimated boolean, reported_cost numeric, reported_currency text, idempotency_key text, owner uuid)', 'service_role execute'),
  ('privileges', 'billing.charge_costs', 'authenticated select, service_role select'),
  ('privileges', 'billing.charge_generation(account uuid, model text, usage jsonb, format text, feature text, service_tier text, variant text, region text, lenser uuid, generation uuid, prompt text, output text, latency_ms integer, estimated boolean, reported_cost numeric, reported_currency text, idempotency_key text, owner uuid)', 'service_role execute'),
  ('privileges', 'billing.charge_generations(requests jsonb)', 'service_role execute'),
  ('privileges', 'billing.charges', 'authenticated select, service_role select'),
  ('privileges', 'billing.charges(billing.accounts)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.create_recurring_grant(account uuid, amount numeric, every interval, starts_at timestamp with time zone, ends_at timestamp with time zone, expires boolean, priority integer, source text, idempotency_key text, owner uuid)', 'service_role execute'),
  ('privileges', 'billing.cut_hold(hold uuid, usage jsonb, format text, streamed_bytes bigint, streamed_tokens bigint, generation uuid, prompt text, output text, latency_ms integer, idempotency_key text, owner uuid)', 'service_role execute'),
  ('privileges', 'billing.end_recurring_grant(recurring_grant uuid, owner uuid)', 'service_role execute'),
  ('privileges', 'billing.generation(billing.all_charges)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.generation(billing.charges)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.get_balance(account uuid, at timestamp with time zone, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.grant_credits(account uuid, amount numeric, source text, priority integer, expires_at timestamp with time zone, external_ref text, idempotency_key text, starts_at timestamp with time zone, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.grants', 'authenticated select, service_role select'),
  ('privileges', 'billing.holds', 'authenticated select, service_role select'),
  ('privileges', 'billing.holds(billing.accounts)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.idempotency_keys', 'service_role select'),
  ('privileges', 'billing.ledger_entries', 'authenticated select, service_role select'),
  ('privileges', 'billing.ledger_entries(billing.accounts)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.move_credits(from_account uuid, to_account uuid, amount numeric, reason text, idempotency_key text, from_owner uuid, to_owner uuid)', 'service_role execute'),
  ('privileges', 'billing.outbox', 'authenticated select, service_role delete+select+update delivered_at'),
  ('privileges', 'billing.purge(at_most integer, keys interval, signals interval, budget_periods interval)', 'service_role execute'),
  ('privileges', 'billing.recurring_grants', 'authenticated select, service_role select'),
  ('privileges', 'billing.refund_charge(charge uuid, amount numeric, reason text, extend_to timestamp with time zone, idempotency_key text, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.release_hold(hold uuid, owner uuid)', 'service_role execute'),
  ('privileges', 'billing.remove_member(account uuid, member uuid, owner uuid)', 'service_role execute'),
  ('privileges', 'billing.revocations', 'authenticated select, service_role select'),
  ('privileges', 'billing.revoke_grant(lot uuid, amount numeric, reason text, external_ref text, payment_source text, payment_ref text, idempotency_key text, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.self_check(since timestamp with time zone, from_account uuid, to_account uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'billing.set_member(account uuid, member uuid, spend_limit numeric, owner uuid)', 'service_role execute'),
  ('privileges', 'billing.settings', 'authenticated select+update enforce_entitlements, service_role select+update enforce_entitlements'),
  ('privileges', 'billing.settle_charge(charge uuid, usage jsonb, format text, amount numeric, reported_cost numeric, reported_currency text, idempotency_key text, owner uuid)', 'service_role execute'),
  ('privileges', 'billing.sweep_accounts(at_most integer)', 'service_role execute'),
  ('privileges', 'lensers.all_entitlements', 'authenticated select, service_role select'),
  ('privileges', 'lensers.entitlements', 'authenticated select, service_role select'),
  ('privileges', 'lensers.set_entitlement(lenser uuid, tier ai.model_tier_enum, external_ref text, starts_at timestamp with time zone, ends_at timestamp with time zone)', 'service_role execute'),
  ('privileges', 'ratebook.add_lot(p_account billing.accounts, p_amount numeric, p_source text, p_priority integer, p_expires_at timestamp with time zone, p_external_ref text, p_recurring_grant_id uuid, p_effective_at timestamp with time zone, p_starts_at timestamp with time zone, p_moved ratebook.moved_entry, p_reason text)', ''),
  ('privileges', 'ratebook.all_account_members', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_accounts', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_budget_periods', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_budgets', 'authenticated delete+select+insert feature_id+insert hard_limit+update hard_limit+insert is_active+update is_active+insert lenser_id+insert model_id+insert period+insert soft_limit+update soft_limit+insert time_zone+update time_zone, service_role select'),
  ('privileges', 'ratebook.all_charges', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_entitlements', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_grants', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_holds', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_ledger_entries', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_outbox', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_recurring_grants', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_revocations', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.allocate(p_account billing.accounts, p_amount numeric, p_charge_id uuid)', ''),
  ('privileges', 'ratebook.answered(p_expected ratebook.charge_request, p_format text, p_usage jsonb)', ''),
  ('privileges', 'ratebook.asked(p_since timestamp with time zone, p_from uuid, p_to uuid)', ''),
  ('privileges', 'ratebook.assert_active(p_model_ids uuid[])', ''),
  ('privileges', 'ratebook.assert_available(p_account billing.accounts, p_needed numeric, p_detail jsonb)', ''),
  ('privileges', 'ratebook.assert_capturable(p_hold billing.holds)', ''),
  ('privileges', 'ratebook.assert_credits(p_name text, p_value numeric, p_least numeric)', ''),
  ('privileges', 'ratebook.assert_entitled(p_model_id uuid, p_lenser_id uuid, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.assert_not_erased(p_lenser_ids uuid[])', ''),
  ('privileges', 'ratebook.assert_priority(p_priority integer)', ''),
  ('privileges', 'ratebook.authorize_credits(p_amount numeric, p_expires_in interval, p_request ratebook.charge_request)', 'service_role execute'),
  ('privileges', 'ratebook.await_spending()', ''),
  ('privileges', 'ratebook.balance_at(p_account billing.accounts, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.balance_now(p_account billing.accounts)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.balance_object(p_account billing.accounts)', ''),
  ('privileges', 'ratebook.balance_text(p_posted numeric, p_reserved numeric, p_debt numeric, p_upcoming numeric)', ''),
  ('privileges', 'ratebook.begin_period(p_budget billing.budgets, p_at timestamp with time zone, p_counted_by uuid)', ''),
  ('privileges', 'ratebook.binds(p_budget billing.budgets, p_model_id uuid, p_feature_id uuid, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.broken_accounts(p_asked ratebook.asked)', ''),
  ('privileges', 'ratebook.broken_charges(p_asked ratebook.asked)', ''),
  ('privileges', 'ratebook.broken_entries(p_asked ratebook.asked)', ''),
  ('privileges', 'ratebook.broken_lots(p_asked ratebook.asked)', ''),
  ('privileges', 'ratebook.capture_asked(p_hold_id uuid, p_amount numeric, p_usage jsonb, p_format text, p_generation uuid, p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text)', ''),
  ('privileges', 'ratebook.capture_hold(p_hold_id uuid, p_amount numeric, p_usage jsonb, p_format text, p_generation uuid, p_prompt text, p_output text, p_latency_ms integer, p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text, p_key text, p_owner uuid)', 'service_role execute'),
  ('privileges', 'ratebook.capture_in_general(p_hold_id uuid, p_amount numeric, p_usage jsonb, p_format text, p_generation uuid, p_prompt text, p_output text, p_latency_ms integer, p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text, p_key text, p_owner uuid)', ''),
  ('privileges', 'ratebook.capture_lot(p_hold billing.holds, p_lot_id uuid, p_credits numeric, p_charge_id uuid, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.charge(p_request ratebook.charge_request)', ''),
  ('privileges', 'ratebook.charge_generations(p_requests jsonb)', 'service_role execute'),
  ('privileges', 'ratebook.charge_in_general(p_request ratebook.charge_request)', ''),
  ('privileges', 'ratebook.charge_many(p_requests ratebook.charge_request[])', ''),
  ('privileges', 'ratebook.charge_object(p_charge billing.charges, p_cost billing.charge_costs, p_account billing.accounts, p_warnings jsonb)', ''),
  ('privileges', 'ratebook.charge_object(p_charge_id uuid, p_generation_id uuid, p_account_id uuid, p_model_id uuid, p_credits numeric, p_cost numeric, p_currency text, p_posted numeric, p_reserved numeric, p_debt numeric, p_upcoming numeric, p_warnings jsonb)', ''),
  ('privileges', 'ratebook.charge_plainly(p_request ratebook.charge_request, p_hold billing.holds)', ''),
  ('privileges', 'ratebook.charge_requests(p_requests jsonb)', ''),
  ('privileges', 'ratebook.check_wallets(p_since timestamp with time zone, p_from uuid, p_to uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.complete_generation(p_charge billing.charges, p_request ratebook.charge_request)', ''),
  ('privileges', 'ratebook.count_charges(p_charges billing.charges[])', ''),
  ('privileges', 'ratebook.count_locked(p_spending ratebook.spending, p_alone uuid[], p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.count_spending(p_spending ratebook.spending, p_account billing.accounts)', ''),
  ('privileges', 'ratebook.count_spendings(p_accounts billing.accounts[], p_priced ratebook.priced_charge[], p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.counted_by(p_budget billing.budgets)', ''),
  ('privileges', 'ratebook.counts_anew(p_spendings ratebook.spending[], p_lenser_id uuid, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.create_recurring_grant(p_account_id uuid, p_amount numeric, p_every interval, p_starts_at timestamp with time zone, p_ends_at timestamp with time zone, p_expires boolean, p_priority integer, p_source text, p_key text, p_owner uuid)', 'service_role execute'),
  ('privileges', 'ratebook.cut_hold(p_hold_id uuid, p_usage jsonb, p_format text, p_bytes bigint, p_tokens bigint, p_generation uuid, p_prompt text, p_output text, p_latency_ms integer, p_key text, p_owner uuid)', 'service_role execute'),
  ('privileges', 'ratebook.cut_usage(p_known jsonb, p_expected jsonb, p_streamed numeric)', ''),
  ('privileges', 'ratebook.due_grants(p_account billing.accounts, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.end_again(p_account billing.accounts, p_movements ratebook.movement[])', ''),
  ('privileges', 'ratebook.end_hold(p_hold billing.holds, p_status billing.hold_status_enum, p_charge_id uuid, p_account billing.accounts)', ''),
  ('privileges', 'ratebook.end_recurring_grant(p_recurring_grant_id uuid, p_owner uuid)', 'service_role execute'),
  ('privileges', 'ratebook.enforces_entitlements()', ''),
  ('privileges', 'ratebook.ensure_month(p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.entitled_tier(p_lenser_id uuid, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.erase_lenser(p_lenser uuid)', 'service_role execute'),
  ('privileges', 'ratebook.expected(p_hold billing.holds, p_generation uuid, p_prompt text, p_output text, p_latency_ms integer)', ''),
  ('privileges', 'ratebook.forget_periods()', ''),
  ('privileges', 'ratebook.get_balance(p_account_id uuid, p_at timestamp with time zone, p_owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.give_back_lot(p_lot_id uuid, p_owner uuid, p_credits numeric, p_hold billing.holds)', ''),
  ('privileges', 'ratebook.grant_credits(p_account_id uuid, p_amount numeric, p_source text, p_priority integer, p_expires_at timestamp with time zone, p_external_ref text, p_key text, p_owner uuid, p_starts_at timestamp with time zone)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.head(p_account billing.accounts)', ''),
  ('privileges', 'ratebook.hold_in_general(p_amount numeric, p_expires_in interval, p_request ratebook.charge_request)', ''),
  ('privileges', 'ratebook.hold_object(p_hold_id uuid, p_account_id uuid, p_amount numeric, p_expires_at timestamp with time zone, p_posted numeric, p_reserved numeric, p_debt numeric, p_upcoming numeric, p_warnings jsonb)', ''),
  ('privileges', 'ratebook.hold_plainly(p_expires_in interval, p_request ratebook.charge_request)', ''),
  ('privileges', 'ratebook.input_of(p_usage jsonb)', ''),
  ('privileges', 'ratebook.is_plain(p_lenser_id uuid)', ''),
  ('privileges', 'ratebook.keep_overdraft_in_use()', ''),
  ('privileges', 'ratebook.keep_within_overdraft()', ''),
  ('privileges', 'ratebook.let_go(p_hold billing.holds)', ''),
  ('privileges', 'ratebook.let_time_pass(p_account billing.accounts, p_freed_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.lock_account(p_account_id uuid, p_owner uuid)', ''),
  ('privileges', 'ratebook.lock_accounts(p_account_ids uuid[], p_owners uuid[])', ''),
  ('privileges', 'ratebook.lock_hold(p_hold_id uuid, p_owner uuid)', ''),
  ('privileges', 'ratebook.lock_spenders(p_spendings ratebook.spending[], p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.low_balance_object(p_account billing.accounts)', ''),
  ('privileges', 'ratebook.make_charge_request(p_account_id uuid, p_model text, p_usage jsonb, p_format text, p_feature text, p_service_tier text, p_variant text, p_region text, p_lenser uuid, p_generation uuid, p_prompt text, p_output text, p_latency_ms integer, p_key text, p_owner uuid)', 'service_role execute'),
  ('privileges', 'ratebook.make_own_accounts(p_lenser_ids uuid[])', ''),
  ('privileges', 'ratebook.move(p_account billing.accounts, p_movements ratebook.movement[], p_next_event_at timestamp with time zone, p_upcoming numeric, p_entry_ids uuid[], p_counterpart_ids uuid[])', ''),
  ('privileges', 'ratebook.move_credits(p_from_account_id uuid, p_to_account_id uuid, p_amount numeric, p_reason text, p_key text, p_from_owner uuid, p_to_owner uuid)', 'service_role execute'),
  ('privileges', 'ratebook.name_owners(p_requests ratebook.charge_request[])', ''),
  ('privileges', 'ratebook.next_due_at(p_account billing.accounts)', ''),
  ('privileges', 'ratebook.nth_due(p_recurring billing.recurring_grants, p_number integer)', ''),
  ('privileges', 'ratebook.owe(p_account billing.accounts, p_grant_id uuid, p_amount numeric, p_reason text)', ''),
  ('privileges', 'ratebook.owner_of(p_kind text, p_id uuid, p_owner uuid)', ''),
  ('privileges', 'ratebook.owners_of_accounts(p_ids uuid[], p_owners uuid[])', ''),
  ('privileges', 'ratebook.pay_in_general(p_accounts billing.accounts[], p_priced ratebook.priced_charge[], p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.pay_plainly(p_accounts billing.accounts[], p_needed numeric[], p_priced ratebook.priced_charge[], p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.pending(p_account billing.accounts, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.period_at(p_budget billing.budgets, p_at timestamp with time zone, OUT starts_on date, OUT starts_at timestamp with time zone, OUT ends_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.post(p_account billing.accounts, p_movements ratebook.movement[], p_next_event_at timestamp with time zone, p_upcoming numeric, p_entry_ids uuid[], p_counterpart_ids uuid[])', ''),
  ('privileges', 'ratebook.posted_at(p_account billing.accounts, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.price_charge(p_request ratebook.charge_request, p_account billing.accounts, p_priced_at timestamp with time zone, p_source text, p_currency text)', ''),
  ('privileges', 'ratebook.price_charges(p_requests ratebook.charge_request[], p_at timestamp with time zone, p_places bigint[])', ''),
  ('privileges', 'ratebook.price_reported(p_request ratebook.charge_request, p_account billing.accounts, p_priced_at timestamp with time zone, p_source text, p_currency text)', ''),
  ('privileges', 'ratebook.priced_charge(p_priced ratebook.priced_request, p_request ratebook.charge_request, p_account billing.accounts, p_priced_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.purge(p_at_most integer, p_keys interval, p_signals interval, p_budget_periods interval)', 'service_role execute'),
  ('privileges', 'ratebook.readable_account(p_account_id uuid, p_owner uuid, p_what text)', ''),
  ('privileges', 'ratebook.recall(p_account_id uuid, p_lenser_id uuid, p_operation text, p_key text, p_request jsonb)', ''),
  ('privileges', 'ratebook.recall_own(p_account_id uuid, p_lenser_id uuid, p_operation text, p_key text, p_is_own boolean, p_request jsonb)', ''),
  ('privileges', 'ratebook.refund_charge(p_charge_id uuid, p_amount numeric, p_reason text, p_extend_to timestamp with time zone, p_key text, p_owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.refunded(p_charge billing.charges, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.refunds', ''),
  ('privileges', 'ratebook.refuse_charge_requests(p_requests jsonb)', ''),
  ('privileges', 'ratebook.refuse_key(p_operation text, p_key text)', ''),
  ('privileges', 'ratebook.release_hold(p_hold_id uuid, p_owner uuid)', 'service_role execute'),
  ('privileges', 'ratebook.remember(p_account billing.accounts, p_operation text, p_key text, p_request jsonb, p_response jsonb)', ''),
  ('privileges', 'ratebook.remove_member(p_account_id uuid, p_member_id uuid, p_owner uuid)', 'service_role execute'),
  ('privileges', 'ratebook.repay(p_account billing.accounts)', ''),
  ('privileges', 'ratebook.report(p_request ratebook.charge_request, p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text)', 'service_role execute'),
  ('privileges', 'ratebook.reported(p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text)', ''),
  ('privileges', 'ratebook.revoke_grant(p_lot_id uuid, p_amount numeric, p_reason text, p_external_ref text, p_payment_source text, p_payment_ref text, p_key text, p_owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.set_entitlement(p_lenser uuid, p_tier ai.model_tier_enum, p_external_ref text, p_starts_at timestamp with time zone, p_ends_at timestamp with time zone)', 'service_role execute'),
  ('privileges', 'ratebook.set_member(p_account_id uuid, p_member_id uuid, p_spend_limit numeric, p_owner uuid)', 'service_role execute'),
  ('privileges', 'ratebook.settle(p_account billing.accounts, p_freed_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.settle_charge(p_charge_id uuid, p_usage jsonb, p_format text, p_amount numeric, p_reported_cost numeric, p_reported_currency text, p_key text, p_owner uuid)', 'service_role execute'),
  ('privileges', 'ratebook.spent(p_budget billing.budgets, p_starts_at timestamp with time zone, p_ends_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.sweep_accounts(p_at_most integer)', 'service_role execute'),
  ('privileges', 'ratebook.take_plainness(p_lenser_id uuid)', ''),
  ('privileges', 'ratebook.times_due(p_recurring billing.recurring_grants, p_before timestamp with time zone)', ''),
  ('privileges', 'ratebook.uncount_spending(p_charge billing.charges, p_credits numeric, p_is_replaced boolean)', ''),
  ('privileges', 'ratebook.unknown_account(p_account_id uuid)', ''),
  ('privileges', 'ratebook.unknown_charge(p_charge_id uuid)', ''),
  ('privileges', 'ratebook.unwind(p_charge billing.charges, p_account billing.accounts, p_refunded numeric, p_amount numeric, p_reason text)', ''),
  ('privileges', 'ratebook.usage_deltas', ''),
  ('privileges', 'ratebook.write_account(p_account billing.accounts, p_head_id uuid)', ''),
  ('privileges', 'ratebook.write_charge(p_charge billing.charges, p_cost billing.charge_costs, p_request ratebook.charge_request)', ''),
  ('privileges', 'ratebook.write_charges(p_priced ratebook.priced_charge[], p_requests ratebook.charge_request[])', ''),
  ('privileges', 'ratebook.written_at(p_account billing.accounts, p_at timestamp with time zone)', ''),
  ('table', 'billing.account_members', '92281f7d94bd0792e7dc845434ffb0bf'),
  ('table', 'billing.accounts', 'ae64f0583980681d7b1d2350108f9a03'),
  ('table', 'billing.budget_periods', '8df022087bcc509bd0f2757480c2c329'),
  ('table', 'billing.budgets', '99e80d96b4aef7cd547bb24d4fb5a302'),
  ('table', 'billing.charge_costs', '08c96e1fd97a6fc11f7c6ba581e89754'),
  ('table', 'billing.charges', 'db34f60f77f9f9a48c5ecad6ee89e6ff'),
  ('table', 'billing.grants', '1e441914b186de33cab9d5f8f881d3f6'),
  ('table', 'billing.holds', 'ee6bdf895b3b10771cf2acbcbbf9dfb5'),
  ('table', 'billing.idempotency_keys', '18f2e5dacf52b349a02721b64a6d9804'),
  ('table', 'billing.ledger_entries', '46d85f02b9766a426656a4e1b65d8f60'),
  ('table', 'billing.outbox', '2082c2d9036722af069d132cb4f4d1b8'),
  ('table', 'billing.recurring_grants', '25df409d2656ea575d8d7bd8a8776554'),
  ('table', 'billing.revocations', '50e875433da66452dc1ab2a9a2f8c38d'),
  ('table', 'billing.settings', 'b6164c4dc5fdabe03982e203c65c8b84'),
  ('table', 'lensers.entitlements', 'f7bae9d256014bdb27bfb944794b5d2f'),
  ('table', 'ratebook.usage_deltas', '5b32f5eeddbc434383de95dbcd1e0965'),
  ('trigger', 'accounts_ensure_profile on billing.accounts', '2cbaf76a0774ae2f6e73e1d21db79d40'),
  ('trigger', 'accounts_keep_overdraft_in_use on billing.accounts', 'ce0b8d16ab5d4ba35c974a2fea7c6d38'),
  ('trigger', 'accounts_keep_within_overdraft on billing.accounts', '370a34677861e88552670a10feaa9534'),
  ('trigger', 'balances_refuse_write on billing.balances', '4059e3151a0d17ae1941f2f9bf151fdf'),
  ('trigger', 'budgets_await_spending on billing.budgets', '58058f0bde04ffbd0df597f0469a0897'),
  ('trigger', 'budgets_check_time_zone on billing.budgets', '2188108f3c7e5c4bd1859e067f142345'),
  ('trigger', 'budgets_ensure_profile on billing.budgets', '9df05693354ce11e0c0d7cffb7f6ddf5'),
  ('trigger', 'budgets_forget_periods on billing.budgets', '629b42efd3a8d38e7a4b5328f0925c17'),
  ('trigger', 'budgets_require_privileged on billing.budgets', 'e536953d37bc941745c68968250fe007'),
  ('trigger', 'budgets_stamp on billing.budgets', '4f4a909c0f66d155f6145fb022fe73a2'),
  ('trigger', 'charge_costs_refuse_change on billing.charge_costs', 'f4cad678f882c1854a7ac9f92142afbe'),
  ('trigger', 'charge_costs_refuse_truncate on billing.charge_costs', '878a8550e75f8c1bd9004995760c9548'),
  ('trigger', 'charges_refuse_change on billing.charges', 'd60c85af22780cd395613ae7c10c7a99'),
  ('trigger', 'charges_refuse_truncate on billing.charges', '43abd5b2ab0a8efb2b12eaa55d4a200a'),
  ('trigger', 'entitlements_ensure_profile on lensers.entitlements', 'ac7ed3720b4a28c5edf539e7347cc1d6'),
  ('trigger', 'entitlements_stamp on lensers.entitlements', '237e8ed47dd23a9c84b1134ea3e9102c'),
  ('trigger', 'ledger_entries_refuse_change on billing.ledger_entries', 'ed8f2e07ca67a8f899b872e137d67ad5'),
  ('trigger', 'ledger_entries_refuse_truncate on billing.ledger_entries', '25c2daa6662fb68776040eee35cc5893'),
  ('trigger', 'revocations_refuse_change on billing.revocations', '60135c52ff6cf0d156feb05acf94e946'),
  ('trigger', 'revocations_refuse_truncate on billing.revocations', '2e0454ffe77f9045e0533ebf9bd75d05'),
  ('trigger', 'settings_audit_delete on billing.settings', '76c10d48838e33298e32073e34d4a3c4'),
  ('trigger', 'settings_audit_insert on billing.settings', 'bc9ee2e3d860ff45344136512b43d1c8'),
  ('trigger', 'settings_audit_update on billing.settings', '110fc7704de745f986b0f47d4355bae3'),
  ('trigger', 'settings_refuse_truncate on billing.settings', '367b9e9f80b6711a08819b69c5d9e484'),
  ('trigger', 'settings_require_privileged on billing.settings', 'cc7554fe750a5c0da19f881f2ffb8023'),
  ('trigger', 'settings_stamp on billing.settings', '5b70a9502c6e8756093c222050c5265e'),
  ('type', 'billing.account_name', 'f4dfe5ce1be68ea63ce19516ac89351f'),
  ('type', 'billing.amount', '68740d3023b84e5096448697eef072c8'),
  ('type', 'billing.budget_period_enum', '84130b8748be8e13967388605dfd951e'),
  ('type', 'billing.burn_priority', '9dff6a6161e550d0d3ea4bec2770ed59'),
  ('type', 'billing.entry_amount', 'c631fe477285677dd384ddb5e571ad32'),
  ('type', 'billing.entry_kind_enum', '613b9331390e55d53171f7e1a3eea5ed'),
  ('type', 'billing.entry_number', '3ff78adcc91ecbbc7126c1651b00ead8'),
  ('type', 'billing.external_ref', '7b94f12819eeb0a55f0525b112ee8d78'),
  ('type', 'billing.hold_status_enum', 'eae2329f3b344e61f383257eea7cba00'),
  ('type', 'billing.idempotency_key', '7b94f12819eeb0a55f0525b112ee8d78'),
  ('type', 'billing.limit_amount', 'd3c902841a094c978529f845ecd9b65f'),
  ('type', 'billing.lot_source', 'c69b75867fc49bb157007cad6231c232'),
  ('type', 'billing.moment', '4f12d20128ff12d1c2df58b6e6337919'),
  ('type', 'billing.positive_amount', 'f3fbe32d79d0d1af4638ce515290657a'),
  ('type', 'billing.signed_amount', 'c0765141a7f2c9a76add7438e1877bec'),
  ('type', 'billing.signed_limit_amount', '6b7abbb313387cd84f3d457ec06d0465'),
  ('type', 'ratebook.asked', 'cf0ae64f266a75d9ee1dbc9d172398dd'),
  ('type', 'ratebook.balance', 'b5ea26e8bee16a4c290319f0aa84b3aa'),
  ('type', 'ratebook.charge_request', '324134bdbf1d94cbc650651f95192ca9'),
  ('type', 'ratebook.locked_hold', '6ec69e433e93debe05ddae79bafd9973'),
  ('type', 'ratebook.moved_entry', '5202b43a7ffbb1f99b699fcfdd5907df'),
  ('type', 'ratebook.movement', '35e478aab3cc841cfd41d434a2035d1e'),
  ('type', 'ratebook.new_lot', 'f299a540b738d177e7ac92ca5428d6bb'),
  ('type', 'ratebook.priced_charge', 'a9d7422b95ba65de76ff7288e7744b8c'),
  ('type', 'ratebook.spending', '0a5e846ad7f15dd37cb55ff47dfa7bf4'),
  ('view', 'billing.all_account_members', 'fb4fa2dddbe7637e31d937ef98b4a2ab'),
  ('view', 'billing.all_accounts', '2b9ca308029549a067de808b993dc66e'),
  ('view', 'billing.all_budget_periods', '3325e89576069c4dbf483d4bfc56fcd9'),
  ('view', 'billing.all_budgets', '80435a1f3f3aed69f60e4c5a188c07c7'),
  ('view', 'billing.all_charges', '188e77f0b9d978c2c7b82a9b283eaab1'),
  ('view', 'billing.all_grants', 'bb887116b6282b8079d8283b3aacb7a7'),
  ('view', 'billing.all_holds', '0a91313fab68d396d0e2328cdcfab02f'),
  ('view', 'billing.all_ledger_entries', 'e58ee9904af5ad52257eb25058443665'),
  ('view', 'billing.all_outbox', '22f07a1802304a43055efb4bbe72617d'),
  ('view', 'billing.all_recurring_grants', 'e8b6ec9ebbc2c22938341ff06b01faa7'),
  ('view', 'billing.all_revocations', '5fb5237e2fa2585e2121680d10d0faa4'),
  ('view', 'billing.balances', 'f11ae455488553f7ce2d3b2597711581'),
  ('view', 'lensers.all_entitlements', '809c2f1eb347574775ed150844d30288'),
  ('view', 'ratebook.all_account_members', 'dab4b0b16838317a7aa9de20fe8d231a'),
  ('view', 'ratebook.all_accounts', '8a2a4315920a5f63d1ab68404cbd2814'),
  ('view', 'ratebook.all_budget_periods', '9c15516fd57509206670ccde789216b4'),
  ('view', 'ratebook.all_budgets', 'c77386245e99594e83a4de75b403c54b'),
  ('view', 'ratebook.all_charges', 'bd296d6592e0a0f933170731c25b84bf'),
  ('view', 'ratebook.all_entitlements', 'e8a0b51a469344549fff7222f41f6e39'),
  ('view', 'ratebook.all_grants', '3f4f327d67a989afa67e91f48004e7ed'),
  ('view', 'ratebook.all_holds', '81e1b40281632d92deeadae21027545d'),
  ('view', 'ratebook.all_ledger_entries', 'e6247abb14995408d1e32832f6116d58'),
  ('view', 'ratebook.all_outbox', 'fa7cdc7f8e61d84fa081425f68f526f9'),
  ('view', 'ratebook.all_recurring_grants', '8405082be2b9b11fdefdeeb5f544149a'),
  ('view', 'ratebook.all_revocations', '86ee20f1d2f211801f5430c32d02d546'),
  ('view', 'ratebook.refunds', 'e61dc678707f86061b8e9ae28e1a98ca')
) as o (kind, name, state);

select ratebook.close_privileges('60_wallet');
