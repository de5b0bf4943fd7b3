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
