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
