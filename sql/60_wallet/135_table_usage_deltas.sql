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
