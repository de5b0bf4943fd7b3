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
