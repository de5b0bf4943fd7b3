-- Everybody's usage by one dimension: quarters, hours, six hours and days of UTC. Six, because most clocks are some hours
-- off, and of many spenders each hour has nearly as many rows as a day. Each call has one dimension, and rows by two would
-- be nearly as many as the log's.
create table ratebook.usage_rollups (
  dimension text collate "C" not null,
  minutes smallint not null,
  starts_at timestamptz not null,
  key text collate "C" not null,
  requests bigint not null,
  failures bigint not null,
  charges bigint not null,
  quantities jsonb not null,
  latencies billing.signed_amount not null,
  credits billing.signed_amount not null,
  refunded billing.signed_amount not null,
  costs jsonb not null,
  cost_credits billing.signed_amount not null,
  constraint usage_rollups_pkey primary key (dimension, minutes, starts_at, key),
  constraint dimension_is_known check (dimension in ('all', 'model', 'feature', 'spender', 'status')),
  constraint minutes_are_known check (minutes in (15, 60, 360, 1440))
);

comment on table ratebook.usage_rollups is
'Roll-up behind billing.usage() of everybody: sums by one dimension per quarter of an hour (but for spenders, whose are in ratebook.usage_cells), hour, six hours and day of UTC. Written by billing.drain_usage() and billing.rebuild_usage(); outlives the log.';
comment on column ratebook.usage_rollups.dimension is 'all, model, feature, spender or status.';
comment on column ratebook.usage_rollups.minutes is 'How long: 15, 60, 360 or 1440.';
comment on column ratebook.usage_rollups.starts_at is 'Since when.';
comment on column ratebook.usage_rollups.key is
'The id of the model or the spender, the key of the feature, or the status; empty for none.';
comment on column ratebook.usage_rollups.requests is 'Generations.';
comment on column ratebook.usage_rollups.failures is 'Generations that failed.';
comment on column ratebook.usage_rollups.charges is 'Charges, without those that settled an estimate.';
comment on column ratebook.usage_rollups.quantities is 'meter → quantity, of the generations.';
comment on column ratebook.usage_rollups.latencies is
'Histogram of ratebook.latency_mark(): of the finer kind where the dimension is all, else of the coarser.';
comment on column ratebook.usage_rollups.credits is 'Credits charged.';
comment on column ratebook.usage_rollups.refunded is 'Credits given back.';
comment on column ratebook.usage_rollups.costs is 'currency → cost of the charges, less that of estimates that were settled.';
comment on column ratebook.usage_rollups.cost_credits is 'The same in credits, each at the rate of its charge.';
