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
