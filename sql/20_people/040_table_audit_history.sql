create table lensers.audit_history (
  id bigint generated always as identity,
  changed_at timestamptz not null,
  transaction_id xid8 not null default pg_current_xact_id(),
  table_name text not null,
  operation text not null,
  row_key jsonb not null,
  before jsonb,
  after jsonb,
  subject uuid,
  role text not null,
  database_user text not null,
  request_id text,
  model_id uuid generated always as (
    coalesce(after ->> 'model_id', row_key ->> 'model_id', case table_name when 'ai.models' then row_key ->> 'id' end)::uuid
  ) stored,
  former_model_id uuid generated always as ((before ->> 'model_id')::uuid) stored,
  constraint audit_history_pkey primary key (id),
  constraint operation_is_known check (operation in ('INSERT', 'UPDATE', 'DELETE', 'CALL')),
  constraint an_insert_or_call_has_no_before check ((before is null) = (operation in ('INSERT', 'CALL'))),
  constraint a_delete_has_no_after check ((after is null) = (operation = 'DELETE'))
);

create index audit_history_table_name_row_key_id_idx on lensers.audit_history (table_name, row_key, id);
-- Columns, because row security lets no condition with ->> use an index.
create index audit_history_model_id_id_idx on lensers.audit_history (model_id, id);
create index audit_history_former_model_id_id_idx on lensers.audit_history (former_model_id, id)
where former_model_id is not null;
-- Rows come in the order of their time: a few pages say where a period lies.
create index audit_history_changed_at_idx on lensers.audit_history using brin (changed_at);

create trigger audit_history_refuse_change before update or delete or truncate on lensers.audit_history
for each statement execute function ratebook.refuse_change('The audit history is read only.');

alter table lensers.audit_history enable always trigger audit_history_refuse_change;

comment on table lensers.audit_history is
'Who changed what, when, from what to what: models, aliases, prices, providers, connections, features, routes, meters, service tiers, credit rates, margin policies and roles; and which admin, signed in, moved whose credits. Written by the database whichever way a change comes in, direct SQL included; never changed. A restored dump and a subscriber have the entries of their source and add none. For admins and the service role.';
comment on column lensers.audit_history.id is 'The entry; later ones are higher.';
comment on column lensers.audit_history.changed_at is 'When.';
comment on column lensers.audit_history.transaction_id is
'The transaction: what one call did has one. Unique while the server lives; a restored dump counts anew, so ask with changed_at.';
comment on column lensers.audit_history.table_name is 'The table with its schema, such as ai.models; of a CALL that of the row that it was for.';
comment on column lensers.audit_history.operation is 'INSERT, UPDATE or DELETE; CALL for what an admin did by a function of the wallet, such as billing.refund_charge().';
comment on column lensers.audit_history.row_key is
'The primary key of the row as it is after the change (a lot or a charge of a CALL), such as {"id": "…"}: row_key=eq.{"key":"chat"}.';
comment on column lensers.audit_history.before is
'DELETE: the whole row. UPDATE: the old values of the columns that changed. INSERT and CALL: NULL. Computed columns are left out.';
comment on column lensers.audit_history.after is
'INSERT: the whole row. UPDATE: the new values of the columns that changed. DELETE: NULL. CALL: function, arguments and answer. Computed columns are left out.';
comment on column lensers.audit_history.subject is
'The JWT subject, a user''s id without a name; NULL for the service role and direct SQL. What comes past the API may claim any: see database_user.';
comment on column lensers.audit_history.role is 'The role that sent the statement: authenticated, service_role, or a database role.';
comment on column lensers.audit_history.database_user is 'The user who opened the connection: PostgREST''s authenticator, or who wrote direct SQL.';
comment on column lensers.audit_history.request_id is 'The header x-request-id, at most 200 characters; NULL where there was none, "ratebook migration" for reference rows.';
comment on column lensers.audit_history.model_id is
'The model that the change was of, or that what was changed (a price, an alias, a route, a margin policy) names since; NULL where it names none.';
comment on column lensers.audit_history.former_model_id is
'The model that what was changed or deleted named before: or=(model_id.eq.…,former_model_id.eq.…) is the history of a model.';
