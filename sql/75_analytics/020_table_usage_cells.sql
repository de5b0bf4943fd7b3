-- An owner's usage, a quarter of an hour a row: which the hours of every time zone are made of.
create table ratebook.usage_cells (
  owner_id uuid not null,
  starts_at timestamptz not null,
  spender_id uuid not null,
  model_id uuid not null,
  feature_key text collate "C" not null,
  status text collate "C" not null,
  requests bigint not null,
  failures bigint not null,
  charges bigint not null,
  quantities jsonb not null,
  latencies billing.signed_amount not null,
  rough_latencies billing.signed_amount not null,
  credits billing.signed_amount not null,
  refunded billing.signed_amount not null,
  costs jsonb not null,
  cost_credits billing.signed_amount not null,
  constraint usage_cells_pkey primary key (owner_id, starts_at, spender_id, model_id, feature_key, status)
);

-- A month made anew, and the quarters of everybody.
create index usage_cells_starts_at_idx on ratebook.usage_cells (starts_at);

comment on table ratebook.usage_cells is
'Roll-up behind billing.usage() of one owner: sums per quarter of an hour, spender, model, feature and status. Written by billing.drain_usage() and billing.rebuild_usage(); outlives the log.';
comment on column ratebook.usage_cells.owner_id is 'Whose: the lenser of the generations, the owner of the accounts.';
comment on column ratebook.usage_cells.starts_at is 'The quarter of an hour.';
comment on column ratebook.usage_cells.spender_id is 'Who spent.';
comment on column ratebook.usage_cells.model_id is 'The model; the nil UUID for none.';
comment on column ratebook.usage_cells.feature_key is 'The feature; empty for none.';
comment on column ratebook.usage_cells.status is
'The status of the generation, completed for what a charge completed; empty for a charge without one.';
comment on column ratebook.usage_cells.requests is 'Generations.';
comment on column ratebook.usage_cells.failures is 'Generations that failed.';
comment on column ratebook.usage_cells.charges is 'Charges, without those that settled an estimate.';
comment on column ratebook.usage_cells.quantities is 'meter → quantity, of the generations.';
comment on column ratebook.usage_cells.latencies is 'Histogram of ratebook.latency_mark(), of the finer kind.';
comment on column ratebook.usage_cells.rough_latencies is 'The same of the coarser kind, for everybody''s by spender.';
comment on column ratebook.usage_cells.credits is 'Credits charged.';
comment on column ratebook.usage_cells.refunded is 'Credits given back.';
comment on column ratebook.usage_cells.costs is 'currency → cost of the charges, less that of estimates that were settled.';
comment on column ratebook.usage_cells.cost_credits is 'The same in credits, each at the rate of its charge.';
