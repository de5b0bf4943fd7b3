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
