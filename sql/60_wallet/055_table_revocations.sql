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
