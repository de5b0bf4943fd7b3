-- Ratebook's schema, from nothing. Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- from sql/10_platform/010_schema_ratebook.sql

create schema ratebook;

-- No API role has usage on this schema. Exposed functions, policies, defaults and triggers reach it because
-- PostgreSQL binds the functions they name when they are created, not when they run.
revoke all on schema ratebook from public;

-- Every function sets search_path to pg_catalog, pg_temp. An empty path would still look for types and tables in the
-- caller's pg_temp, and first: a domain there called uuid would run as the owner.

comment on schema ratebook is
'Ratebook''s inside: partitions, trigger functions and SECURITY DEFINER functions. Never exposed through the API; no API role has usage on it.';

-- from sql/10_platform/020_function_clock.sql

-- plpgsql, like every small function that is called once per request: a SQL function with a search_path is planned anew
-- at each call.
create function ratebook.clock() returns timestamptz
language plpgsql volatile parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return clock_timestamp();
end;
$$;

-- Defaults, policies and function arguments call it in the name of the API roles.
revoke all on function ratebook.clock() from public;
grant execute on function ratebook.clock() to anon, authenticated, service_role;

comment on function ratebook.clock() is
'The only source of time in Ratebook: the wall clock, not the start of the transaction. Tests replace the function; no setting can move it.';

-- from sql/10_platform/030_function_fail.sql

-- Every error code of Ratebook, in one place. PostgREST turns PTxyz into HTTP status xyz and 42501 into 403.
create function ratebook.fail(
  p_error text,
  p_message text,
  p_hint text default null,
  p_detail jsonb default '{}'
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_code text := case p_error
    -- 402: not enough to pay it
    when 'insufficient_credits' then 'PT402'
    when 'budget_exceeded' then 'PT402'
    when 'member_limit_exceeded' then 'PT402'
    -- 404: the name means nothing, or nothing that the caller may know of
    when 'unknown_model' then 'PT404'
    when 'unknown_feature' then 'PT404'
    when 'unknown_lenser' then 'PT404'
    when 'unknown_generation' then 'PT404'
    when 'unknown_account' then 'PT404'
    when 'unknown_hold' then 'PT404'
    when 'unknown_charge' then 'PT404'
    -- 409: more than one meaning, or the wrong state
    when 'ambiguous_model' then 'PT409'
    when 'append_only' then 'PT409'
    when 'idempotency_conflict' then 'PT409'
    when 'hold_not_open' then 'PT409'
    when 'inactive_model' then 'PT409'
    when 'deleted_model' then 'PT409'
    when 'refund_exceeds_charge' then 'PT409'
    when 'duplicate_rate_card' then '23505'
    -- 422: what was sent cannot be used
    when 'invalid_amount' then 'PT422'
    when 'invalid_usage' then 'PT422'
    when 'unknown_meter' then 'PT422'
    when 'unknown_format' then 'PT422'
    when 'unknown_service_tier' then 'PT422'
    when 'invalid_size' then 'PT422'
    when 'not_a_number' then 'PT422'
    when 'negative_quantity' then 'PT422'
    when 'quantity_out_of_range' then 'PT422'
    when 'no_price' then 'PT422'
    when 'no_credit_rate' then 'PT422'
    when 'no_margin_policy' then 'PT422'
    when 'invalid_time' then 'PT422'
    when 'invalid_argument' then 'PT422'
    when 'unknown_provider' then 'PT422'
    when 'cyclic_fallback' then 'PT422'
    when 'invalid_feed' then 'PT422'
    when 'too_many_windows' then 'PT422'
    -- 403: not yours
    when 'not_allowed' then '42501'
    when 'media_not_owned' then '42501'
    when 'erased_lenser' then '42501'
  end;
begin
  if v_code is null then
    raise exception 'Ratebook has no error called %.', p_error using errcode = 'XX000';
  end if;
  raise exception using
    errcode = v_code,
    message = p_message,
    hint = coalesce(p_hint, ''),
    detail = (jsonb_build_object('error', p_error) || p_detail)::text;
end;
$$;

revoke all on function ratebook.fail(text, text, text, jsonb) from public;

comment on function ratebook.fail(text, text, text, jsonb) is
'Raises one of Ratebook''s errors and is the one table of their codes. MESSAGE: a sentence for a person. HINT: what to do. DETAIL: JSON with the stable token "error" and the facts.';

-- from sql/10_platform/040_function_caller.sql

create function ratebook.caller() returns text
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(nullif(current_setting('role'), 'none'), session_user);
end;
$$;

revoke all on function ratebook.caller() from public;

comment on function ratebook.caller() is
'The database role that sent the statement, also inside SECURITY DEFINER functions, where current_user is the owner.';

-- from sql/10_platform/050_function_uuid_v7.sql

-- RFC 9562 version 7: 48 bits of milliseconds, then (its method 3) 12 bits of the fraction of the millisecond, then
-- random bits. 12 bits hold every microsecond, so the time can be read back exactly: created_at is computed from id.

create function ratebook.uuid_v7(p_at timestamptz default ratebook.clock()) returns uuid
language plpgsql volatile parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_us bigint := extract(epoch from p_at) * 1000000;
begin
  -- Milliseconds, the version (7), 4096ths of a millisecond; then the variant and the random bits of a version 4.
  return encode(
    int8send(v_us / 1000 * 65536 + 7 * 4096 + v_us % 1000 * 4096 / 1000) || substring(uuid_send(gen_random_uuid()) from 9),
    'hex'
  )::uuid;
end;
$$;

create function ratebook.uuid_v7_floor(p_at timestamptz) returns uuid
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return rpad(
  encode(substring(int8send(floor(extract(epoch from p_at) * 1000)::bigint) from 3), 'hex'), 32, '0'
)::uuid;

create function ratebook.uuid_v7_time(p_id uuid) returns timestamptz
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bits bit(64) := ('x' || encode(substring(uuid_send(p_id) for 8), 'hex'))::bit(64);
  v_ms bigint := substring(v_bits for 48)::bigint;
  v_fraction integer := substring(v_bits from 53)::integer;
begin
  return to_timestamp(v_ms / 1000) + (v_ms % 1000 * 1000 + (v_fraction * 1000 + 4095) / 4096) * interval '1 microsecond';
end;
$$;

revoke all on function ratebook.uuid_v7(timestamptz) from public;
revoke all on function ratebook.uuid_v7_floor(timestamptz) from public;
revoke all on function ratebook.uuid_v7_time(uuid) from public;
-- Column defaults and generated columns run in the name of the writer.
grant execute on function ratebook.uuid_v7(timestamptz) to authenticated, service_role;
grant execute on function ratebook.uuid_v7_time(uuid) to authenticated, service_role;

comment on function ratebook.uuid_v7(timestamptz) is
'A new UUIDv7 for the given time, in order to the microsecond.';
comment on function ratebook.uuid_v7_floor(timestamptz) is
'The lowest UUID of the millisecond of a time: no ratebook.uuid_v7() of that time or later is below it.';
comment on function ratebook.uuid_v7_time(uuid) is
'The time inside a UUIDv7, exact to the microsecond for ids made by ratebook.uuid_v7().';

-- from sql/10_platform/060_function_refuse_change.sql

create function ratebook.refuse_change() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.fail(
    'append_only',
    format('%s on %I.%I is refused: its rows are history and never change.', tg_op, tg_table_schema, tg_table_name),
    tg_argv[0],
    jsonb_build_object('table', tg_table_schema || '.' || tg_table_name, 'operation', tg_op)
  );
  return null;
end;
$$;

revoke all on function ratebook.refuse_change() from public;

comment on function ratebook.refuse_change() is
'Statement trigger that refuses its operation for every role, the owner included. Argument: the hint. Error: append_only (PT409).';

-- from sql/10_platform/070_function_stamp.sql

create function ratebook.stamp() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  new.updated_at := ratebook.clock();
  if to_jsonb(new) ? 'updated_by' then
    new.updated_by := auth.uid();
  end if;
  return new;
end;
$$;

revoke all on function ratebook.stamp() from public;

comment on function ratebook.stamp() is
'Row trigger before update: sets updated_at and, where the table has it, updated_by (the JWT subject; NULL for direct SQL).';

-- from sql/10_platform/080_function_make_partitions.sql

create function ratebook.make_partitions(
  p_table regclass,
  p_from timestamptz,
  p_until timestamptz
) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_month timestamp := date_trunc('month', p_from at time zone 'UTC');
  v_name text;
  v_made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('ratebook.partitions', 0));
  while v_month < p_until at time zone 'UTC' loop
    v_name := replace(p_table::text, '.', '_') || to_char(v_month, '_YYYY_MM');
    if to_regclass(format('ratebook.%I', v_name)) is null then
      execute format(
        'create table ratebook.%I partition of %s for values from (%L) to (%L)',
        v_name,
        p_table,
        ratebook.uuid_v7_floor(v_month at time zone 'UTC'),
        ratebook.uuid_v7_floor((v_month + interval '1 month') at time zone 'UTC')
      );
      execute format('alter table ratebook.%I enable row level security', v_name);
      execute format('revoke all on ratebook.%I from public, anon, authenticated, service_role', v_name);
      execute format(
        'create trigger refuse_truncate before truncate on ratebook.%I '
        'for each statement execute function ratebook.refuse_change(%L)',
        v_name, 'Detach old partitions with ratebook.detach_partitions() instead.'
      );
      execute format('alter table ratebook.%I enable always trigger refuse_truncate', v_name);
      v_made := v_made + 1;
    elsif not exists (
      select from pg_catalog.pg_inherits as i
      where i.inhrelid = to_regclass(format('ratebook.%I', v_name)) and i.inhparent = p_table
    ) then
      perform ratebook.fail(
        'invalid_argument', format('The partition of %s was detached.', to_char(v_month, 'YYYY-MM')),
        format('Attach, rename or drop ratebook.%I first.', v_name)
      );
    end if;
    v_month := v_month + interval '1 month';
  end loop;
  return v_made;
end;
$$;

revoke all on function ratebook.make_partitions(regclass, timestamptz, timestamptz) from public;

comment on function ratebook.make_partitions(regclass, timestamptz, timestamptz) is
'Makes the monthly (UTC) partitions of a table keyed by UUIDv7 that cover a span of time, in schema ratebook, with RLS on, no grants and a guard against TRUNCATE. Returns how many were missing.';

-- from sql/10_platform/090_function_partitions_end.sql

create function ratebook.partitioned_tables() returns setof regclass
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select c.oid::regclass
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.relkind = 'p' and n.nspname in ('ai', 'billing')
  order by n.nspname, c.relname;
end;

create function ratebook.partitions_end(p_table regclass) returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
return (
  select
    max(
      ratebook.uuid_v7_time(
        (regexp_match(pg_get_expr(c.relpartbound, c.oid), $$TO \('([0-9a-f-]+)'\)$$))[1]::uuid
      )
    )
  from pg_catalog.pg_inherits as i
  inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
  where i.inhparent = p_table
);

revoke all on function ratebook.partitioned_tables() from public;
revoke all on function ratebook.partitions_end(regclass) from public;

comment on function ratebook.partitioned_tables() is
'The tables that are kept in monthly partitions.';
comment on function ratebook.partitions_end(regclass) is
'The time at which the partitions of a table end: rows of that time or later have no place yet.';

-- from sql/10_platform/100_function_extend_partitions.sql

create function ratebook.extend_partitions(p_table regclass, p_months integer default 24) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until timestamptz;
begin
  if (p_months between 1 and 120) is not true then
    perform ratebook.fail('invalid_argument', format('%s months of partitions are not possible.', p_months),
      'Ask for 1 to 120.');
  end if;
  v_until := ratebook.clock() + make_interval(months => p_months);
  if to_regclass(format(
    'ratebook.%I',
    replace(p_table::text, '.', '_') || to_char(v_until at time zone 'UTC' - interval '1 month', '_YYYY_MM')
  )) is not null then
    return 0;
  end if;
  return ratebook.make_partitions(p_table, ratebook.clock(), v_until);
end;
$$;

create function ratebook.extend_partitions_if_short(variadic p_tables regclass[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
  v_referenced text;
begin
  if exists (
    select from unnest(p_tables) as t (name)
    where to_regclass(format(
      'ratebook.%I',
      replace(t.name::text, '.', '_') || to_char(ratebook.clock() at time zone 'UTC' + interval '2 months', '_YYYY_MM')
    )) is null
  ) and pg_try_advisory_xact_lock(hashtextextended('ratebook.partitions', 0)) then
    begin
      -- First what foreign keys refer to, against all who write: who is under way has a row of it and comes to an end,
      -- who comes later has nothing yet. The foreign keys of new partitions lock it anyway.
      select string_agg(f.name, ', ' order by f.place) into v_referenced
      from (
        select c.confrelid::regclass::text, min(array_position(p_tables, c.conrelid::regclass))
        from pg_catalog.pg_constraint as c
        where c.contype = 'f' and c.conrelid = any(p_tables)
        group by c.confrelid
      ) as f (name, place);
      execute format('lock table %s in exclusive mode', v_referenced);
      execute format('lock table %s in access exclusive mode', array_to_string(p_tables, ', '));
      perform ratebook.extend_partitions(t.name) from unnest(p_tables) as t (name);
    exception
      -- There are months left: rather than wait while others do, it leaves the task to the next writer.
      when lock_not_available then
        null;
    end;
  end if;
end;
$$;

revoke all on function ratebook.extend_partitions(regclass, integer) from public;
revoke all on function ratebook.extend_partitions_if_short(regclass[]) from public;

comment on function ratebook.extend_partitions(regclass, integer) is
'Keeps the given number of months of partitions ahead of now (24 unless told). Returns how many were made; usually none.';
comment on function ratebook.extend_partitions_if_short(regclass[]) is
'For writers, at each write: makes partitions when one of the tables that it writes has fewer than two months of them left. Usually one catalog lookup for each.';

-- from sql/10_platform/110_function_detach_partitions.sql

create function ratebook.detach_partitions(p_table regclass, p_before timestamptz) returns setof text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name text;
begin
  if exists (
    select from pg_catalog.pg_trigger as t
    where t.tgrelid = p_table and t.tgfoid = 'ratebook.refuse_change'::regproc and not t.tgisinternal and t.tgtype & 8 > 0
  ) then
    perform ratebook.fail('invalid_argument', format('%s is history and stays.', p_table),
      'Only tables from which rows may be deleted have partitions to detach.');
  end if;
  for v_name in
    select c.relname
    from pg_catalog.pg_inherits as i
    inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where
      i.inhparent = p_table
      and ratebook.uuid_v7_time(
        (regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$TO \('([0-9a-f-]+)'\)$re$))[1]::uuid
      ) <= p_before
    order by c.relname
  loop
    execute format('alter table %s detach partition ratebook.%I', p_table, v_name);
    return next v_name;
  end loop;
end;
$$;

revoke all on function ratebook.detach_partitions(regclass, timestamptz) from public;

comment on function ratebook.detach_partitions(regclass, timestamptz) is
'Retention, for the owner of the schema: detaches the partitions that end at or before a time and returns their names. The tables stay in schema ratebook until the owner archives or drops them; ai.erase_lenser() does not reach them. Error: invalid_argument (PT422) for tables that refuse deletes.';

-- from sql/20_people/010_schema_lensers.sql

create schema lensers;
grant usage on schema lensers to anon, authenticated, service_role;
comment on schema lensers is
'People: who owns generations, media and wallets, which roles they have, and who changed what.';

-- from sql/20_people/020_types.sql

create type lensers.app_role as enum ('admin', 'moderator', 'user');
comment on type lensers.app_role is
'Roles of a user inside the application. Ratebook itself asks for admin only.';

-- from sql/20_people/030_function_actor.sql

create type ratebook.actor as (
  subject uuid,
  role text,
  database_user text,
  request_id text
);

create function ratebook.request_object(p_name text) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return nullif(current_setting('request.' || p_name, true), '')::jsonb;
exception
  -- Direct SQL may have set anything; who writes it down must not fail over it.
  when data_exception or program_limit_exceeded then
    return null;
end;
$$;

create function ratebook.actor() returns ratebook.actor
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_subject text := ratebook.request_object('jwt.claims') ->> 'sub';
begin
  return row(
    case when v_subject ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then v_subject::uuid end,
    ratebook.caller(),
    session_user::text,
    left(ratebook.request_object('headers') ->> 'x-request-id', 200)
  );
end;
$$;

revoke all on function ratebook.request_object(text) from public;
revoke all on function ratebook.actor() from public;

comment on type ratebook.actor is 'Who acts: the columns of the same names in lensers.audit_history.';
comment on column ratebook.actor.subject is 'The JWT subject.';
comment on column ratebook.actor.role is 'The role that sent the statement.';
comment on column ratebook.actor.database_user is 'The user who opened the connection.';
comment on column ratebook.actor.request_id is 'The header x-request-id.';
comment on function ratebook.request_object(text) is
'A JSON setting of PostgREST''s request, such as headers or jwt.claims; NULL where there is none or it is malformed.';
comment on function ratebook.actor() is 'Who acts in this statement. Never fails.';

-- from sql/20_people/040_table_audit_history.sql

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
  constraint audit_history_pkey primary key (id),
  constraint operation_is_known check (operation in ('INSERT', 'UPDATE', 'DELETE')),
  constraint an_insert_has_no_before check ((before is null) = (operation = 'INSERT')),
  constraint a_delete_has_no_after check ((after is null) = (operation = 'DELETE'))
);

create index audit_history_table_name_row_key_id_idx on lensers.audit_history (table_name, row_key, id);
-- Rows come in the order of their time: a few pages say where a period lies.
create index audit_history_changed_at_idx on lensers.audit_history using brin (changed_at);

create trigger audit_history_refuse_change before update or delete or truncate on lensers.audit_history
for each statement execute function ratebook.refuse_change('The audit history is read only.');

alter table lensers.audit_history enable always trigger audit_history_refuse_change;

comment on table lensers.audit_history is
'Who changed what, when, from what to what: models, aliases, prices, providers, connections, features, routes, meters, service tiers, credit rates, margin policies and roles. Written by the database whichever way a change comes in, direct SQL included; never changed. For admins and the service role.';
comment on column lensers.audit_history.id is 'The entry; later ones are higher.';
comment on column lensers.audit_history.changed_at is 'When.';
comment on column lensers.audit_history.transaction_id is
'The transaction: what one call did has one. Unique while the server lives; a restored dump counts anew, so ask with changed_at.';
comment on column lensers.audit_history.table_name is 'The table with its schema, such as ai.models.';
comment on column lensers.audit_history.operation is 'INSERT, UPDATE or DELETE.';
comment on column lensers.audit_history.row_key is
'The primary key of the row as it is after the change, such as {"id": "…"}: row_key=eq.{"key":"chat"}.';
comment on column lensers.audit_history.before is
'DELETE: the whole row. UPDATE: the old values of the columns that changed. INSERT: NULL. Computed columns are left out.';
comment on column lensers.audit_history.after is
'INSERT: the whole row. UPDATE: the new values of the columns that changed. DELETE: NULL. Computed columns are left out.';
comment on column lensers.audit_history.subject is
'The JWT subject, a user''s id without a name; NULL for the service role and direct SQL. What comes past the API may claim any: see database_user.';
comment on column lensers.audit_history.role is 'The role that sent the statement: authenticated, service_role, or a database role.';
comment on column lensers.audit_history.database_user is 'The user who opened the connection: PostgREST''s authenticator, or who wrote direct SQL.';
comment on column lensers.audit_history.request_id is 'The header x-request-id, at most 200 characters; NULL where there was none.';

-- from sql/20_people/050_function_keep_history.sql

-- Inserts and deletes come in thousands, so one statement trigger writes them all at once. Only a row trigger knows which
-- new row an old one has become when its key changes, so updates are written one by one.

create function ratebook.record_rows() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the history is nobody's to write.
declare
  v_actor ratebook.actor := ratebook.actor();
  v_at timestamptz := ratebook.clock();
  v_key text[] := tg_argv[0];
  v_computed text[] := tg_argv[1];
begin
  insert into lensers.audit_history (
    changed_at, table_name, operation, row_key, before, after, subject, role, database_user, request_id
  )
  select
    v_at,
    tg_table_schema || '.' || tg_table_name,
    tg_op,
    (select jsonb_object_agg(k.name, r.image -> k.name) from unnest(v_key) as k (name)),
    case tg_op when 'DELETE' then r.image end,
    case tg_op when 'INSERT' then r.image end,
    v_actor.subject,
    v_actor.role,
    v_actor.database_user,
    v_actor.request_id
  from (select to_jsonb(c) - v_computed as image from changed as c) as r;
  return null;
end;
$$;

create function ratebook.record_update() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the history is nobody's to write.
declare
  v_actor ratebook.actor := ratebook.actor();
  v_key text[] := tg_argv[0];
  v_computed text[] := tg_argv[1];
  v_new jsonb := to_jsonb(new);
begin
  insert into lensers.audit_history (
    changed_at, table_name, operation, row_key, before, after, subject, role, database_user, request_id
  )
  select
    ratebook.clock(),
    tg_table_schema || '.' || tg_table_name,
    tg_op,
    (select jsonb_object_agg(k.name, v_new -> k.name) from unnest(v_key) as k (name)),
    jsonb_object_agg(o.column_name, o.value),
    jsonb_object_agg(o.column_name, v_new -> o.column_name),
    v_actor.subject,
    v_actor.role,
    v_actor.database_user,
    v_actor.request_id
  from jsonb_each(to_jsonb(old) - v_computed) as o (column_name, value)
  where v_new -> o.column_name <> o.value
  having count(*) > 0;
  return null;
end;
$$;

create function ratebook.keep_history(p_table regclass) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table record;
  v_event text;
begin
  select
    c.relname as name,
    array(
      select a.attname
      from pg_catalog.pg_index as i
      inner join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
      where i.indrelid = c.oid and i.indisprimary
      order by a.attnum
    ) as key,
    array(
      select a.attname from pg_catalog.pg_attribute as a
      where a.attrelid = c.oid and a.attgenerated <> '' and not a.attisdropped
      order by a.attnum
    ) as computed,
    exists (
      -- 32: fires on TRUNCATE
      select from pg_catalog.pg_trigger as t where t.tgrelid = c.oid and t.tgtype & 32 <> 0
    ) as refuses_truncate
  into strict v_table
  from pg_catalog.pg_class as c
  where c.oid = p_table;

  execute format(
    'create trigger %I after insert on %s referencing new table as changed '
    'for each statement execute function ratebook.record_rows(%L, %L)',
    v_table.name || '_audit_insert', p_table, v_table.key, v_table.computed
  );
  execute format(
    'create trigger %I after delete on %s referencing old table as changed '
    'for each statement execute function ratebook.record_rows(%L, %L)',
    v_table.name || '_audit_delete', p_table, v_table.key, v_table.computed
  );
  execute format(
    'create trigger %I after update on %s '
    'for each row execute function ratebook.record_update(%L, %L)',
    v_table.name || '_audit_update', p_table, v_table.key, v_table.computed
  );
  foreach v_event in array array['insert', 'delete', 'update'] loop
    -- Always: also under session_replication_role = replica.
    execute format('alter table %s enable always trigger %I', p_table, v_table.name || '_audit_' || v_event);
  end loop;
  if not v_table.refuses_truncate then
    execute format(
      'create trigger %I before truncate on %s for each statement execute function ratebook.refuse_change(%L)',
      v_table.name || '_refuse_truncate', p_table, 'Delete the rows: each deletion goes into the audit history.'
    );
    execute format('alter table %s enable always trigger %I', p_table, v_table.name || '_refuse_truncate');
  end if;
end;
$$;

revoke all on function ratebook.record_rows() from public;
revoke all on function ratebook.record_update() from public;
revoke all on function ratebook.keep_history(regclass) from public;

comment on function ratebook.record_rows() is
'Statement trigger after insert or delete with the transition table "changed": writes each row into lensers.audit_history. Arguments: the columns of the primary key, the computed columns.';
comment on function ratebook.record_update() is
'Row trigger after update: writes what changed into lensers.audit_history; nothing where nothing did. Arguments: those of ratebook.record_rows().';
comment on function ratebook.keep_history(regclass) is
'Puts a table under lensers.audit_history: three triggers that always fire, and a guard against TRUNCATE where it has none. Call it once the columns of the table and its own guards are there.';

-- from sql/20_people/060_table_profiles.sql

create table lensers.profiles (
  id uuid not null default gen_random_uuid(),
  user_id uuid,
  display_name text,
  avatar_url text,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  erased_at timestamptz,
  constraint profiles_pkey primary key (id),
  constraint profiles_user_id_key unique (user_id),
  constraint a_person_has_the_id_of_the_user check (user_id is null or user_id = id),
  constraint display_name_is_short check (char_length(display_name) <= 200),
  constraint an_erased_profile_is_empty check (
    erased_at is null or num_nonnulls(user_id, display_name, avatar_url) = 0
  )
);

comment on table lensers.profiles is
'The anchor of everything a lenser owns. For a person the id is the auth user''s id; the row is made by the database when it is first needed. A project with profiles of its own keeps names there and leaves these columns empty.';
comment on column lensers.profiles.id is 'The lenser; for a person the same uuid as auth.users.id.';
comment on column lensers.profiles.user_id is 'The auth user, NULL for system profiles and erased people.';
comment on column lensers.profiles.display_name is 'Optional name to show, at most 200 characters.';
comment on column lensers.profiles.avatar_url is 'Optional picture.';
comment on column lensers.profiles.created_at is 'When the row was made.';
comment on column lensers.profiles.updated_at is 'When the row last changed.';
comment on column lensers.profiles.erased_at is 'When ai.erase_lenser() emptied the row; NULL for the living.';

-- from sql/20_people/070_table_user_roles.sql

create table lensers.user_roles (
  user_id uuid not null,
  role lensers.app_role not null,
  granted_by uuid default auth.uid(),
  created_at timestamptz not null default ratebook.clock(),
  constraint user_roles_pkey primary key (user_id, role)
);

select ratebook.keep_history('lensers.user_roles');

comment on table lensers.user_roles is
'Application roles. The service role makes the first admin; admins make the others.';
comment on column lensers.user_roles.user_id is 'The auth user who has the role.';
comment on column lensers.user_roles.role is 'The role.';
comment on column lensers.user_roles.granted_by is 'The JWT subject who gave it; NULL for the service role and direct SQL.';
comment on column lensers.user_roles.created_at is 'When it was given.';

-- from sql/20_people/080_function_is_admin.sql

create function ratebook.is_admin() returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: policies ask it for every role, and only admins may read other people's roles.
begin
  return ratebook.caller() = 'authenticated' and exists (
    select from lensers.user_roles as r
    where r.user_id = auth.uid() and r.role = 'admin'
  );
end;
$$;

create function ratebook.is_privileged() returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_caller text := ratebook.caller();
begin
  if v_caller = 'anon' then
    return false;
  elsif v_caller = 'authenticated' then
    return ratebook.is_admin();
  -- Only the schema's owner may create in it.
  elsif v_caller = 'service_role' or has_schema_privilege(v_caller, 'ratebook', 'create') then
    return true;
  end if;
  return exists (select from pg_catalog.pg_roles as r where r.rolname = v_caller and r.rolbypassrls);
end;
$$;

create function ratebook.assert_privileged() returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'This is for admins and the service role.');
  end if;
end;
$$;

revoke all on function ratebook.is_admin() from public;
revoke all on function ratebook.is_privileged() from public;
revoke all on function ratebook.assert_privileged() from public;
grant execute on function ratebook.is_admin() to anon, authenticated, service_role;
grant execute on function ratebook.is_privileged() to anon, authenticated, service_role;

comment on function ratebook.is_admin() is
'Whether the caller is a signed-in user with app_role admin. False for anon and for a token without a subject.';
comment on function ratebook.is_privileged() is
'Whether the caller may see what is hidden: admins, the service role, other roles with BYPASSRLS, and the owner of the schema.';
comment on function ratebook.assert_privileged() is
'Refuses all but those of ratebook.is_privileged(). Error: not_allowed (42501).';

-- from sql/20_people/090_function_readable_lensers.sql

-- "Your own rows, or all for admins" as a range: an OR would make the planner read everybody's rows.

create function ratebook.first_readable_lenser() returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  return case when ratebook.is_admin() then '00000000-0000-0000-0000-000000000000' else auth.uid() end;
end;
$$;

create function ratebook.last_readable_lenser() returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  return case when ratebook.is_admin() then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else auth.uid() end;
end;
$$;

revoke all on function ratebook.first_readable_lenser() from public;
revoke all on function ratebook.last_readable_lenser() from public;
grant execute on function ratebook.first_readable_lenser() to authenticated;
grant execute on function ratebook.last_readable_lenser() to authenticated;

comment on function ratebook.first_readable_lenser() is
'The first lenser whose rows the caller may read: for admins the lowest id, for others their own; NULL without a subject.';
comment on function ratebook.last_readable_lenser() is
'The last lenser whose rows the caller may read: for admins the highest id, for others their own; NULL without a subject.';

-- from sql/20_people/100_function_require_privileged.sql

create function ratebook.require_privileged() returns trigger
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if not ratebook.is_privileged() then
    perform ratebook.fail(
      'not_allowed', format('Only admins write to %I.%I.', tg_table_schema, tg_table_name), null,
      jsonb_build_object('table', tg_table_schema || '.' || tg_table_name, 'operation', tg_op)
    );
  end if;
  return null;
end;
$$;

revoke all on function ratebook.require_privileged() from public;

comment on function ratebook.require_privileged() is
'Statement trigger: its operation is for admins and the service role. Row security alone would answer that no row matched. Error: not_allowed (42501).';

-- from sql/20_people/110_function_has_role.sql

create function ratebook.has_role(p_user uuid, p_role lensers.app_role) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: user_roles is readable for its owner and admins only; this asks first.
begin
  if p_user is distinct from auth.uid() and not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'You may ask for your own roles only.',
      'Call has_role with auth.uid(), or as an admin.');
  end if;
  return exists (select from lensers.user_roles as r where r.user_id = p_user and r.role = p_role);
end;
$$;

create function lensers.has_role("user" uuid, role lensers.app_role) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.has_role($1, $2);

revoke all on function ratebook.has_role(uuid, lensers.app_role) from public;
revoke all on function lensers.has_role(uuid, lensers.app_role) from public;
grant execute on function ratebook.has_role(uuid, lensers.app_role) to anon, authenticated, service_role;
grant execute on function lensers.has_role(uuid, lensers.app_role) to anon, authenticated, service_role;

comment on function ratebook.has_role(uuid, lensers.app_role) is
'The rule behind lensers.has_role().';
comment on function lensers.has_role(uuid, lensers.app_role) is
'Whether a user has a role. Answers about oneself, or to admins and the service role about anybody. user: the auth user''s id. Error: not_allowed (42501).';

-- from sql/20_people/120_function_ensure_profile.sql

create function ratebook.ensure_profile() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: makes the profile in the owner's name and reads auth.users, which the caller cannot.
declare
  v_erased_at timestamptz;
begin
  if new.lenser_id is null then
    perform ratebook.fail('not_allowed', 'Only a lenser can own something.', 'Sign in, or name a lenser.');
  end if;
  -- The lock waits for an erasure under way, and is what the foreign key takes anyway.
  select p.erased_at into v_erased_at from lensers.profiles as p where p.id = new.lenser_id for key share;
  if not found then
    insert into lensers.profiles (id, user_id)
    select u.id, u.id from auth.users as u where u.id = new.lenser_id
    on conflict do nothing;
    if not found and not exists (select from lensers.profiles as p where p.id = new.lenser_id) then
      perform ratebook.fail('unknown_lenser', format('There is no lenser %s.', new.lenser_id),
        'A lenser is an auth user, or a row of lensers.profiles.', jsonb_build_object('lenser', new.lenser_id));
    end if;
  elsif v_erased_at is not null then
    perform ratebook.fail('erased_lenser', 'This lenser was erased and can own nothing new.');
  end if;
  return new;
end;
$$;

revoke all on function ratebook.ensure_profile() from public;

comment on function ratebook.ensure_profile() is
'Row trigger on tables with lenser_id: makes the profile of an auth user at its first use, so that nothing has to be kept in step. Errors: not_allowed, erased_lenser (42501), unknown_lenser (PT404).';

-- from sql/20_people/130_triggers.sql

create trigger profiles_stamp before update on lensers.profiles
for each row execute function ratebook.stamp();

-- from sql/30_media/010_schemas.sql

create schema media;
create schema content;
grant usage on schema media to anon, authenticated, service_role;
grant usage on schema content to anon, authenticated, service_role;
comment on schema media is 'Stored files: where each object lies.';
comment on schema content is 'What lensers made and keep: their media library.';

-- from sql/30_media/020_table_objects.sql

create table media.objects (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null default auth.uid(),
  bucket text not null,
  path text not null,
  mime_type text,
  byte_size bigint,
  created_at timestamptz not null default ratebook.clock(),
  constraint objects_pkey primary key (id, lenser_id),
  constraint objects_lenser_id_bucket_path_key unique (lenser_id, bucket, path),
  constraint objects_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint byte_size_is_not_negative check (byte_size >= 0)
);

create trigger objects_ensure_profile before insert or update of lenser_id on media.objects
for each row execute function ratebook.ensure_profile();

comment on table media.objects is 'Files of a lenser in object storage. The bytes are elsewhere.';
comment on column media.objects.id is 'The object.';
comment on column media.objects.lenser_id is 'The owner; the signed-in user unless the service role names another.';
comment on column media.objects.bucket is 'Storage bucket.';
comment on column media.objects.path is 'Path inside the bucket.';
comment on column media.objects.mime_type is 'Media type, such as image/png.';
comment on column media.objects.byte_size is 'Size in bytes.';
comment on column media.objects.created_at is 'When the row was made.';

-- from sql/30_media/030_table_media_library.sql

create table content.media_library (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null default auth.uid(),
  object_id uuid,
  title text,
  url text,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  -- The target of (media_id, lenser_id) in ai.generations: a change of owner is refused while one points here.
  constraint media_library_pkey primary key (id, lenser_id),
  constraint media_library_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint media_library_object_id_fkey foreign key (object_id, lenser_id)
  references media.objects (id, lenser_id) on delete set null (object_id)
);

create index media_library_lenser_id_idx on content.media_library (lenser_id);
create index media_library_object_id_idx on content.media_library (object_id, lenser_id);

create trigger media_library_ensure_profile before insert or update of lenser_id on content.media_library
for each row execute function ratebook.ensure_profile();
create trigger media_library_stamp before update on content.media_library
for each row execute function ratebook.stamp();

comment on table content.media_library is 'The media a lenser keeps and generations refer to.';
comment on column content.media_library.id is 'The entry.';
comment on column content.media_library.lenser_id is 'The owner; the signed-in user unless the service role names another.';
comment on column content.media_library.object_id is 'The stored file, when there is one; of the same owner.';
comment on column content.media_library.title is 'Title to show.';
comment on column content.media_library.url is 'Where it can be fetched, when it is not a stored object.';
comment on column content.media_library.created_at is 'When the row was made.';
comment on column content.media_library.updated_at is 'When the row last changed.';

-- from sql/40_registry/010_schema_ai.sql

create schema ai;
grant usage on schema ai to anon, authenticated, service_role;
comment on schema ai is
'The registry and the rate book: providers, models, prices, features, routes, and the generation log.';

-- from sql/40_registry/020_types.sql

create type ai.provider_enum as enum (
  'openai', 'anthropic', 'google', 'meta', 'midjourney', 'stability', 'mistral', 'other'
);
create type ai.ai_capability_enum as enum (
  'text_generation', 'image_generation', 'video_generation', 'audio_generation'
);
create type ai.model_tier_enum as enum ('free', 'paid', 'enterprise');
create type ai.unit_type_enum as enum (
  'tokens', 'image', 'video_second', 'audio_second', 'second', 'character', 'pixel', 'page', 'request', 'gigabyte_day'
);
create type ai.provider_contract_enum as enum (
  'openai_chat', 'openai_responses', 'anthropic_messages', 'gemini_generate', 'bedrock_converse', 'replicate'
);
create type ai.auth_scheme_enum as enum ('bearer', 'header', 'query', 'none');
create type ai.model_status_enum as enum ('preview', 'active', 'deprecated', 'retired');
create type ai.tier_mode_enum as enum ('whole_request', 'marginal');
create type ai.generation_status_enum as enum ('pending', 'completed', 'failed', 'cancelled');

-- Outside tools of the first schema cast to this name; nothing in Ratebook uses it.
create type public.pricing_tier_enum as enum ('free', 'paid', 'enterprise');

comment on type ai.provider_enum is 'Deprecated: well-known providers by key. Providers are rows of ai.providers; all others read as other.';
comment on type ai.ai_capability_enum is 'What a model makes.';
comment on type ai.model_tier_enum is 'The plan that a model asks for.';
comment on type ai.unit_type_enum is 'What one unit of a price is.';
comment on type ai.provider_contract_enum is 'The wire protocol that a provider speaks. Closed: code depends on it.';
comment on type ai.auth_scheme_enum is 'How a request carries the credential: Authorization: Bearer, a header of the provider''s own, a query parameter, or not at all.';
comment on type ai.model_status_enum is 'The life of a model at its provider.';
comment on type ai.tier_mode_enum is 'What crossing a context threshold does: reprice the whole request, or only the part beyond.';
comment on type ai.generation_status_enum is 'How far a generation got.';
comment on type public.pricing_tier_enum is 'Deprecated: same values as ai.model_tier_enum, kept for outside tools.';

-- from sql/40_registry/030_table_providers.sql

create table ai.providers (
  id uuid not null default gen_random_uuid(),
  key text not null,
  name text not null,
  api_url text,
  is_active boolean not null default true,
  contract ai.provider_contract_enum,
  auth_scheme ai.auth_scheme_enum not null default 'bearer',
  modality text not null default 'chat',
  is_canonical boolean not null default false,
  canonical_revision integer,
  canonical_equivalent_id uuid,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint providers_pkey primary key (id),
  constraint providers_key_key unique (key),
  constraint providers_canonical_equivalent_id_fkey foreign key (canonical_equivalent_id)
  references ai.providers (id) on delete set null,
  constraint key_is_a_machine_key check (key ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
  constraint name_is_not_blank check (name ~ '\S'),
  constraint a_provider_is_not_its_own_equivalent check (canonical_equivalent_id <> id)
);

create index providers_canonical_equivalent_id_idx on ai.providers (canonical_equivalent_id);

create trigger providers_require_privileged before update or delete on ai.providers
for each statement execute function ratebook.require_privileged();
create trigger providers_stamp before update on ai.providers
for each row execute function ratebook.stamp();

select ratebook.keep_history('ai.providers');

comment on table ai.providers is 'Companies and services that serve models.';
comment on column ai.providers.id is 'The provider.';
comment on column ai.providers.key is 'Machine key, such as anthropic: lower case letters, digits, dot, dash, underscore.';
comment on column ai.providers.name is 'Name to show.';
comment on column ai.providers.api_url is 'Base endpoint.';
comment on column ai.providers.is_active is 'Whether models of the provider may be used.';
comment on column ai.providers.contract is 'The wire protocol it speaks; NULL when none of the known ones.';
comment on column ai.providers.auth_scheme is 'How a request carries the credential. Public; the credential is not here.';
comment on column ai.providers.modality is 'What it mainly serves, such as chat or image.';
comment on column ai.providers.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column ai.providers.canonical_revision is 'Revision of the catalogue''s row.';
comment on column ai.providers.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column ai.providers.created_at is 'When the row was made.';
comment on column ai.providers.updated_at is 'When the row last changed.';

-- from sql/40_registry/040_table_provider_connections.sql

-- The union's variants are its shapes below: a new one is one more branch, and no row is rewritten.
create function ratebook.is_connection_auth(p_auth jsonb) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(
  case p_auth ->> 'type'
    when 'api_key'
      then
        p_auth - 'type' - 'credential' = '{}'
        and jsonb_typeof(p_auth -> 'credential') = 'string'
        -- A reference is a short lower-case name. Keys are long, or mix cases, or start as keys start.
        and p_auth ->> 'credential' ~ '^[a-z][a-z0-9_.-]{0,62}$'
        and p_auth ->> 'credential' !~ '^(sk|pk|rk|gsk|xai|aiza|akia|hf|r8|ghp|glpat|eyj)[-_]'
        and p_auth ->> 'credential' !~ '[a-z0-9]{24,}|[0-9a-f]{16,}|^[0-9a-f]{8}-[0-9a-f]{4}-'
    when 'platform' then p_auth = '{"type": "platform"}'
    when 'none' then p_auth = '{"type": "none"}'
  end,
  false
);

revoke all on function ratebook.is_connection_auth(jsonb) from public;
grant execute on function ratebook.is_connection_auth(jsonb) to authenticated, service_role;

comment on function ratebook.is_connection_auth(jsonb) is
'Whether a value is one of the shapes of ai.provider_connections.auth.';

create table ai.provider_connections (
  id uuid not null default gen_random_uuid(),
  name text not null,
  provider_id uuid not null,
  auth jsonb not null default '{"type": "none"}',
  base_url text,
  is_active boolean not null default true,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint provider_connections_pkey primary key (id),
  constraint provider_connections_name_key unique (name),
  constraint provider_connections_provider_id_fkey foreign key (provider_id)
  references ai.providers (id) on delete restrict,
  constraint auth_is_a_known_shape_without_a_secret check (ratebook.is_connection_auth(auth))
);

create index provider_connections_provider_id_idx on ai.provider_connections (provider_id);

create trigger provider_connections_stamp before update on ai.provider_connections
for each row execute function ratebook.stamp();

select ratebook.keep_history('ai.provider_connections');

comment on table ai.provider_connections is
'Named pairs of a provider and a way to authenticate. For admins and the service role.';
comment on column ai.provider_connections.id is 'The connection.';
comment on column ai.provider_connections.name is 'Its name, unique.';
comment on column ai.provider_connections.provider_id is 'The provider.';
comment on column ai.provider_connections.auth is
'Tagged union: {"type":"api_key","credential":"name of a secret"}, {"type":"platform"} or {"type":"none"}. credential is a name in a secret store (Supabase Vault), never the secret: what looks like a key is refused.';
comment on column ai.provider_connections.base_url is 'Endpoint to use instead of the provider''s.';
comment on column ai.provider_connections.is_active is 'Whether it may be used.';
comment on column ai.provider_connections.created_at is 'When the row was made.';
comment on column ai.provider_connections.updated_at is 'When the row last changed.';

-- from sql/40_registry/050_table_model_profiles.sql

create table ai.model_profiles (
  id uuid not null default gen_random_uuid(),
  name text not null,
  provider_id uuid not null,
  model text not null,
  system_prompt text,
  temperature numeric,
  max_tokens integer,
  is_canonical boolean not null default false,
  canonical_revision integer,
  canonical_equivalent_id uuid,
  disabled boolean not null default false,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint model_profiles_pkey primary key (id),
  constraint model_profiles_name_key unique (name),
  constraint model_profiles_provider_id_fkey foreign key (provider_id)
  references ai.providers (id) on delete restrict,
  constraint model_profiles_canonical_equivalent_id_fkey foreign key (canonical_equivalent_id)
  references ai.model_profiles (id) on delete set null,
  constraint name_is_not_blank check (name ~ '\S'),
  constraint model_is_not_blank check (model ~ '\S'),
  constraint temperature_is_finite check (temperature >= 0 and temperature < 'Infinity'),
  constraint max_tokens_is_positive check (max_tokens > 0),
  constraint a_profile_is_not_its_own_equivalent check (canonical_equivalent_id <> id)
);

create index model_profiles_provider_id_idx on ai.model_profiles (provider_id);
create index model_profiles_canonical_equivalent_id_idx on ai.model_profiles (canonical_equivalent_id);

create trigger model_profiles_require_privileged before update or delete on ai.model_profiles
for each statement execute function ratebook.require_privileged();
create trigger model_profiles_stamp before update on ai.model_profiles
for each row execute function ratebook.stamp();

select ratebook.keep_history('ai.model_profiles');

comment on table ai.model_profiles is
'Named ways to call a model: provider, model, instructions and parameters. For admins and the service role.';
comment on column ai.model_profiles.id is 'The profile.';
comment on column ai.model_profiles.name is 'Its name, unique.';
comment on column ai.model_profiles.provider_id is 'The provider to call.';
comment on column ai.model_profiles.model is 'The model as the provider calls it. Free text: a profile may name a model that is not registered.';
comment on column ai.model_profiles.system_prompt is 'Instructions to send before the request.';
comment on column ai.model_profiles.temperature is 'Sampling temperature; NULL: the model''s own.';
comment on column ai.model_profiles.max_tokens is 'Maximum output in tokens; NULL: the model''s own.';
comment on column ai.model_profiles.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column ai.model_profiles.canonical_revision is 'Revision of the catalogue''s row.';
comment on column ai.model_profiles.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column ai.model_profiles.disabled is 'Whether it may not be used.';
comment on column ai.model_profiles.created_at is 'When the row was made.';
comment on column ai.model_profiles.updated_at is 'When the row last changed.';

-- from sql/40_registry/060_table_models.sql

create table ai.models (
  id uuid not null default gen_random_uuid(),
  key text not null,
  name text not null,
  provider_id uuid not null,
  provider ai.provider_enum not null,
  provider_model_key text,
  version text,
  provider_url text,
  description text,
  capabilities ai.ai_capability_enum[] not null default '{}',
  supports text[] not null default '{}',
  modality text not null default 'text',
  task text not null default 'generation',
  model_family text,
  model_tier text,
  pricing_tier ai.model_tier_enum,
  temperature numeric,
  max_tokens integer,
  context_window integer,
  valid_sizes text[] not null default '{}',
  endpoint_path text,
  input_defaults jsonb not null default '{}',
  output_format text,
  rate_limits jsonb not null default '{}',
  capabilities_detail jsonb not null default '{}',
  metadata jsonb not null default '{}',
  typical_latency_ms integer,
  price_source text not null default 'manual',
  price_currency text not null default 'USD',
  is_public boolean not null default true,
  is_active boolean not null default true,
  is_default boolean not null default false,
  priority integer not null default 0,
  status ai.model_status_enum not null default 'active',
  release_date date,
  deprecation_date date,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  created_by uuid default auth.uid(),
  updated_by uuid default auth.uid(),
  deleted_at timestamptz,
  successor_id uuid,
  succeeded_at timestamptz,
  search tsvector not null generated always as (
    to_tsvector('simple'::regconfig, name || ' ' || coalesce(description, ''))
  ) stored,
  constraint models_pkey primary key (id),
  constraint models_key_key unique (key),
  constraint models_provider_id_provider_model_key_key unique (provider_id, provider_model_key),
  constraint models_provider_id_fkey foreign key (provider_id) references ai.providers (id) on delete restrict,
  constraint models_successor_id_fkey foreign key (successor_id) references ai.models (id) on delete restrict,
  -- Deferred: the trigger that clears the former default runs after the row that replaces it.
  constraint one_default_per_modality_and_task exclude using btree (modality with =, task with =)
  where (is_default and deleted_at is null) deferrable initially deferred,
  constraint key_is_a_name check (key ~ '^\S(.{0,253}\S)?$' and key !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-'),
  constraint name_is_not_blank check (name ~ '\S'),
  constraint modality_is_not_blank check (modality ~ '\S'),
  constraint task_is_not_blank check (task ~ '\S'),
  constraint temperature_is_finite check (temperature >= 0 and temperature < 'Infinity'),
  constraint max_tokens_is_positive check (max_tokens > 0),
  constraint context_window_is_positive check (context_window > 0),
  constraint typical_latency_ms_is_not_negative check (typical_latency_ms >= 0),
  constraint price_currency_is_an_iso_code check (price_currency ~ '^[A-Z]{3}$'),
  constraint a_default_is_active check (not is_default or (is_active and deleted_at is null)),
  constraint a_deleted_model_is_inactive check (deleted_at is null or not is_active),
  constraint a_model_does_not_succeed_itself check (successor_id <> id),
  constraint a_successor_comes_at_a_time check ((successor_id is null) = (succeeded_at is null))
);

create index models_active_priority_idx on ai.models (priority) where is_active and deleted_at is null;
create index models_modality_task_idx on ai.models (modality, task);
create index models_default_idx on ai.models (modality, task) where is_default;
create index models_successor_id_idx on ai.models (successor_id);
create index models_search_idx on ai.models using gin (search);

comment on table ai.models is
'The model registry. DELETE marks the row as deleted; setting is_default clears the former default of the same modality and task. Read it with select=*,provider:providers(*).';
comment on column ai.models.id is 'The model.';
comment on column ai.models.key is 'Machine key, such as claude-3-7-sonnet. ai.find_model() also knows aliases.';
comment on column ai.models.name is 'Name to show.';
comment on column ai.models.provider_id is 'Who serves it.';
comment on column ai.models.provider is 'Deprecated: the provider''s key where ai.provider_enum has it, else other. Follows provider_id; a row written with this alone is resolved by key.';
comment on column ai.models.provider_model_key is 'The provider''s own identifier, unique per provider; imports match on it.';
comment on column ai.models.version is 'Version as the provider counts.';
comment on column ai.models.provider_url is 'The provider''s page about the model or its prices.';
comment on column ai.models.description is 'What it is good for.';
comment on column ai.models.capabilities is 'What it makes.';
comment on column ai.models.supports is 'Features, such as vision, function_calling, streaming, audio, system_prompt, json_mode, reasoning, caching.';
comment on column ai.models.modality is 'What it works on: text, image, video, audio, …';
comment on column ai.models.task is 'What it does with it: generation, embedding, …';
comment on column ai.models.model_family is 'Family, such as SDXL.';
comment on column ai.models.model_tier is 'The provider''s own tier name. Not the plan: that is pricing_tier.';
comment on column ai.models.pricing_tier is 'The plan a user needs; NULL: no restriction.';
comment on column ai.models.temperature is 'Default sampling temperature.';
comment on column ai.models.max_tokens is 'Maximum output, in tokens.';
comment on column ai.models.context_window is 'Maximum input and output together, in tokens.';
comment on column ai.models.valid_sizes is 'Image sizes it accepts, such as 1024x1024; empty: not checked.';
comment on column ai.models.endpoint_path is 'Path below the provider''s base endpoint.';
comment on column ai.models.input_defaults is 'Parameters to send unless the caller says otherwise.';
comment on column ai.models.output_format is 'Media type of the output.';
comment on column ai.models.rate_limits is 'The provider''s limits.';
comment on column ai.models.capabilities_detail is 'Capabilities with their details, free form.';
comment on column ai.models.metadata is 'Anything else.';
comment on column ai.models.typical_latency_ms is 'Typical latency in milliseconds.';
comment on column ai.models.price_source is 'Which source''s rows of ai.model_pricing apply. Rows of different sources never mix.';
comment on column ai.models.price_currency is 'Which currency''s rows of ai.model_pricing apply, as an ISO 4217 code. Currencies never mix in one quote.';
comment on column ai.models.is_public is 'False hides the model from all but admins and the service role.';
comment on column ai.models.is_active is 'Whether it may be used for new work.';
comment on column ai.models.is_default is 'Whether it is the default of its modality and task.';
comment on column ai.models.priority is 'Order of preference in listings, higher first.';
comment on column ai.models.status is 'The life of the model at its provider.';
comment on column ai.models.release_date is 'When the provider released it.';
comment on column ai.models.deprecation_date is 'When the provider stops or stopped it.';
comment on column ai.models.created_at is 'When the row was made.';
comment on column ai.models.updated_at is 'When the row last changed.';
comment on column ai.models.created_by is 'JWT subject who made the row; NULL for the service role and direct SQL.';
comment on column ai.models.updated_by is 'JWT subject who last changed it; NULL for the service role and direct SQL.';
comment on column ai.models.deleted_at is 'When it was deleted; NULL for the living. A deleted model is hidden but still prices the past.';
comment on column ai.models.successor_id is 'The model that its names lead to; see ai.retire_model(). Its id goes on meaning itself.';
comment on column ai.models.succeeded_at is 'From when on they do: what is asked as of an earlier time still means this model.';
comment on column ai.models.search is 'Name and description as a text search vector: search=plfts(simple).fast';

-- from sql/40_registry/070_triggers_models.sql

create function ratebook.resolve_model_provider() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_by_enum boolean := new.provider is not null and case tg_op
    when 'INSERT' then new.provider_id is null
    else new.provider is distinct from old.provider and new.provider_id is not distinct from old.provider_id
  end;
  v_key text;
begin
  select p.key into v_key from ai.providers as p where p.id = new.provider_id;
  if v_key is not null and new.provider = ratebook.provider_enum_of(v_key) then
    return new;
  end if;
  if v_by_enum then
    select p.id into new.provider_id
    from ai.providers as p
    where p.key = new.provider::text and new.provider <> 'other';
    if not found then
      perform ratebook.fail(
        'unknown_provider', format('Provider "%s" names no row of ai.providers.', new.provider),
        'Set provider_id; other alone says nothing.', jsonb_build_object('provider', new.provider)
      );
    end if;
    return new;
  end if;
  if new.provider_id is null then
    perform ratebook.fail('unknown_provider', 'A model needs a provider.', 'Set provider_id.');
  end if;
  new.provider := ratebook.provider_enum_of(v_key);
  return new;
end;
$$;

create function ratebook.provider_enum_of(p_key text) returns ai.provider_enum
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(
  (
    select e from unnest(enum_range(null::ai.provider_enum)) as e
    where e::text = p_key
  ), 'other'
);

create function ratebook.follow_provider_key() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: keeps models in step whoever renames the provider.
begin
  update ai.models as m
  set provider = ratebook.provider_enum_of(new.key)
  where m.provider_id = new.id and m.provider <> ratebook.provider_enum_of(new.key);
  return null;
end;
$$;

create function ratebook.lock_defaults() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
-- The lock comes before any row lock or index entry, so two admins wait for each other and never deadlock.
begin
  perform pg_advisory_xact_lock(hashtextextended('ratebook.defaults', 0));
  return new;
end;
$$;

create function ratebook.clear_former_default() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: clears rows of the same modality and task whoever sets the new default.
begin
  update ai.models as m
  set is_default = false
  where
    m.modality = new.modality
    and m.task = new.task
    and m.is_default
    and m.id <> new.id
    -- Of two defaults in one statement the first to get here stands.
    and exists (select from ai.models as n where n.id = new.id and n.is_default);
  return null;
end;
$$;

create function ratebook.soft_delete_model() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: policies have let the caller delete the row; deleting is an update here.
begin
  update ai.models as m
  set deleted_at = ratebook.clock(), is_active = false, is_default = false
  where m.id = old.id and m.deleted_at is null;
  return null;
end;
$$;

revoke all on function ratebook.resolve_model_provider() from public;
revoke all on function ratebook.provider_enum_of(text) from public;
revoke all on function ratebook.follow_provider_key() from public;
revoke all on function ratebook.lock_defaults() from public;
revoke all on function ratebook.clear_former_default() from public;
revoke all on function ratebook.soft_delete_model() from public;

comment on function ratebook.resolve_model_provider() is
'Row trigger: provider_id wins and provider follows it; a row with provider alone is resolved by the provider''s key. Error: unknown_provider (PT422).';
comment on function ratebook.provider_enum_of(text) is 'The value of ai.provider_enum for a provider key; other for keys it does not have.';
comment on function ratebook.follow_provider_key() is 'Row trigger: a provider that gets another key takes the deprecated column of its models along.';
comment on function ratebook.lock_defaults() is 'Trigger before a default is written: one writer of defaults at a time, without deadlock.';
comment on function ratebook.clear_former_default() is 'Row trigger: a new default ends the former one of the same modality and task.';
comment on function ratebook.soft_delete_model() is 'Row trigger before delete: marks the model as deleted and keeps the row.';

create trigger models_resolve_provider before insert or update of provider, provider_id on ai.models
for each row execute function ratebook.resolve_model_provider();
create trigger models_lock_default_insert before insert on ai.models
for each row when (new.is_default) execute function ratebook.lock_defaults();
create trigger models_lock_defaults before update of is_default, modality, task or delete on ai.models
for each statement execute function ratebook.lock_defaults();
create trigger models_clear_former_default_insert after insert on ai.models
for each row when (new.is_default) execute function ratebook.clear_former_default();
create trigger models_clear_former_default_update after update of is_default, modality, task on ai.models
for each row when (new.is_default) execute function ratebook.clear_former_default();
create trigger models_soft_delete before delete on ai.models
for each row execute function ratebook.soft_delete_model();
create trigger models_refuse_truncate before truncate on ai.models
for each statement execute function ratebook.refuse_change('Delete models one by one; they stay for the past.');
create trigger models_stamp before update on ai.models
for each row execute function ratebook.stamp();
create trigger providers_follow_key after update of key on ai.providers
for each row execute function ratebook.follow_provider_key();

alter table ai.models enable always trigger models_refuse_truncate;

select ratebook.keep_history('ai.models');

-- from sql/40_registry/080_table_model_aliases.sql

create table ai.model_aliases (
  alias text not null,
  model_id uuid not null,
  source text not null default 'manual',
  created_at timestamptz not null default ratebook.clock(),
  constraint model_aliases_pkey primary key (alias, model_id),
  constraint model_aliases_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint alias_is_a_name check (alias ~ '^\S(.{0,253}\S)?$')
);

create index model_aliases_model_id_idx on ai.model_aliases (model_id);

select ratebook.keep_history('ai.model_aliases');

comment on table ai.model_aliases is
'Other names of models: openai/gpt-4o, dated snapshots, a catalogue''s own name. A name may belong to several models; asking for it is then an error that lists them.';
comment on column ai.model_aliases.alias is 'The other name.';
comment on column ai.model_aliases.model_id is 'The model it means.';
comment on column ai.model_aliases.source is 'Who says so: manual, or a catalogue.';
comment on column ai.model_aliases.created_at is 'When the row was made.';

-- from sql/40_registry/090_function_find_model.sql

create function ratebook.heir(p_model_id uuid, p_at timestamptz) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_line uuid[] := array[p_model_id];
  v_next uuid;
begin
  loop
    select m.successor_id into v_next
    from ai.models as m
    where m.id = v_line[cardinality(v_line)] and m.succeeded_at <= p_at;
    -- Who is in the line already closes a circle, which only a direct UPDATE can make.
    exit when v_next is null or v_next = any(v_line);
    v_line := v_line || v_next;
  end loop;
  return v_line[cardinality(v_line)];
end;
$$;

create function ratebook.model_ids(
  p_model text, p_all boolean, p_at timestamptz default null
) returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_at timestamptz := coalesce(p_at, ratebook.clock());
  v_ids uuid [];
  v_lead_on boolean;
begin
  -- An id means its own row. A name leads on to the successor, from the time of the succession.
  select array_agg(m.id), bool_or(m.key = p_model and m.succeeded_at <= v_at) into v_ids, v_lead_on
  from ai.models as m
  where
    (m.key = p_model or m.id = case when p_model ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then p_model::uuid end)
    and (
      p_all
      or (m.is_public and (m.deleted_at is null or (m.key = p_model and m.succeeded_at <= v_at)))
    );
  if v_ids is null then
    select array_agg(m.id), bool_or(m.succeeded_at <= v_at) into v_ids, v_lead_on
    from ai.model_aliases as a
    inner join ai.models as m on m.id = a.model_id
    where
      a.alias = p_model
      and (p_all or (m.is_public and (m.deleted_at is null or m.succeeded_at <= v_at)));
  end if;
  if v_lead_on then
    select array_agg(m.id) into v_ids
    from ai.models as m
    where
      m.id in (select ratebook.heir(named.id, v_at) from unnest(v_ids) as named (id))
      and (p_all or (m.is_public and m.deleted_at is null));
  end if;
  return v_ids;
end;
$$;

create function ratebook.model_id(
  p_model text, p_all boolean, p_at timestamptz default null
) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid [] := ratebook.model_ids(p_model, p_all, p_at);
begin
  if v_ids is null then
    perform ratebook.fail(
      'unknown_model', format('There is no model called "%s".', left(coalesce(p_model, ''), 100)),
      'Ask ai.models for the keys, or ai.model_aliases for other names.',
      jsonb_build_object('model', left(p_model, 100))
    );
  elsif cardinality(v_ids) > 1 then
    perform ratebook.fail(
      'ambiguous_model', format('"%s" may mean any of %s models.', p_model, cardinality(v_ids)),
      'Use one of the candidates'' keys.',
      jsonb_build_object(
        'model', p_model,
        'candidates', (select jsonb_agg(m.key order by m.key) from ai.models as m where m.id = any(v_ids))
      )
    );
  end if;
  return v_ids[1];
end;
$$;

create function ratebook.visible_model_id(p_model text, p_at timestamptz default null) returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: answers the same for a hidden model as for one that is not there, without a policy's help.
begin
  return ratebook.model_id(p_model, ratebook.is_privileged(), p_at);
end;
$$;

create function ai.find_model(model text) returns setof ai.models
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ai.models as m
  where m.id = ratebook.visible_model_id(model);
end;

revoke all on function ratebook.heir(uuid, timestamptz) from public;
revoke all on function ratebook.model_ids(text, boolean, timestamptz) from public;
revoke all on function ratebook.model_id(text, boolean, timestamptz) from public;
revoke all on function ratebook.visible_model_id(text, timestamptz) from public;
revoke all on function ai.find_model(text) from public;
grant execute on function ratebook.visible_model_id(text, timestamptz) to anon, authenticated, service_role;
grant execute on function ai.find_model(text) to anon, authenticated, service_role;

comment on function ratebook.heir(uuid, timestamptz) is
'Who stands in for a model at a time: its successor, or that one''s, and so on; the model itself where it has none.';
comment on function ratebook.model_ids(text, boolean, timestamptz) is
'The models that a name may mean at a time (NULL: now), to those who see all or to the public: by id or key, else by alias; a name of a model that has been succeeded by then means its heir. As of -infinity a name means its own row. NULL if none.';
comment on function ratebook.model_id(text, boolean, timestamptz) is
'The one of ratebook.model_ids(). Errors: unknown_model (PT404), ambiguous_model (PT409, DETAIL lists the candidates).';
comment on function ratebook.visible_model_id(text, timestamptz) is
'The model that a name means to the caller. Errors: those of ratebook.model_id().';
comment on function ai.find_model(text) is
'The model with an id, key or alias. model: any of these. The names of a retired model lead to its successor, its id to itself. A hidden model answers like an unknown one. Errors: unknown_model (PT404), ambiguous_model (PT409, DETAIL lists the candidates).';

-- from sql/40_registry/100_table_features.sql

create table ai.features (
  key text not null,
  id uuid not null default gen_random_uuid(),
  description text,
  is_active boolean not null default true,
  constraint features_pkey primary key (key),
  constraint features_id_key unique (id),
  constraint key_is_a_machine_key check (key ~ '^[a-z0-9][a-z0-9_.:-]{0,99}$')
);

select ratebook.keep_history('ai.features');

comment on table ai.features is 'What the application does with models; routes and margins are set per feature.';
comment on column ai.features.key is 'The feature, as callers name it. It may be renamed: routes follow, logs keep the old name.';
comment on column ai.features.id is 'What insert-only rows point to, so that a rename changes no history.';
comment on column ai.features.description is 'What it is.';
comment on column ai.features.is_active is 'Whether it may be used.';

-- from sql/40_registry/110_table_feature_model_policies.sql

create table ai.feature_model_policies (
  id uuid not null default gen_random_uuid(),
  feature_key text not null,
  model_id uuid not null,
  priority integer not null default 0,
  weight numeric not null default 1,
  is_active boolean not null default true,
  created_at timestamptz not null default ratebook.clock(),
  constraint feature_model_policies_pkey primary key (id),
  constraint feature_model_policies_feature_key_model_id_key unique (feature_key, model_id),
  constraint feature_model_policies_feature_key_fkey foreign key (feature_key)
  references ai.features (key) on update cascade on delete restrict,
  constraint feature_model_policies_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint weight_is_positive_and_finite check (weight > 0 and weight < 'Infinity')
);

create index feature_model_policies_model_id_idx on ai.feature_model_policies (model_id);

select ratebook.keep_history('ai.feature_model_policies');

comment on table ai.feature_model_policies is 'Routes: which models serve a feature, in which order.';
comment on column ai.feature_model_policies.id is 'The route.';
comment on column ai.feature_model_policies.feature_key is 'The feature.';
comment on column ai.feature_model_policies.model_id is 'The model.';
comment on column ai.feature_model_policies.priority is 'Order of choice, lower first.';
comment on column ai.feature_model_policies.weight is 'Share of the traffic among routes of equal priority.';
comment on column ai.feature_model_policies.is_active is 'Whether the route is open.';
comment on column ai.feature_model_policies.created_at is 'When the row was made.';

-- from sql/40_registry/120_view_resources.sql

create view ai.resources with (security_invoker = true) as
select
  o.id,
  o.lenser_id,
  o.bucket,
  o.path,
  o.mime_type,
  o.byte_size,
  o.created_at
from media.objects as o;

comment on view ai.resources is 'Deprecated: media.objects under its former name, for readers of old.';
comment on column ai.resources.id is 'The object.';
comment on column ai.resources.lenser_id is 'The owner.';
comment on column ai.resources.bucket is 'Storage bucket.';
comment on column ai.resources.path is 'Path inside the bucket.';
comment on column ai.resources.mime_type is 'Media type.';
comment on column ai.resources.byte_size is 'Size in bytes.';
comment on column ai.resources.created_at is 'When the row was made.';

-- from sql/40_registry/130_function_ratebook_version.sql

create function ai.ratebook_version() returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return '0.1.0';

revoke all on function ai.ratebook_version() from public;
grant execute on function ai.ratebook_version() to anon, authenticated, service_role;

comment on function ai.ratebook_version() is 'The version of Ratebook''s schema.';

-- from sql/40_registry/140_function_set_models_active.sql

-- Admins change the row that a name names, not the one that it leads to.
create function ratebook.model_to_change(p_model text) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := ratebook.model_id(p_model, true, '-infinity');
begin
  if exists (select from ai.models as m where m.id = v_id and m.deleted_at is not null) then
    perform ratebook.fail(
      'deleted_model', format('Model "%s" was deleted.', left(p_model, 100)), 'Set deleted_at to NULL to bring it back.',
      jsonb_build_object('model', left(p_model, 100))
    );
  end if;
  return v_id;
end;
$$;

create function ratebook.set_models_active(p_models text[], p_active boolean) returns setof ai.models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_ids uuid[];
begin
  perform ratebook.assert_privileged();
  if p_models is null then
    perform ratebook.fail('invalid_argument', 'No models are named.', 'Give an array of keys, ids or aliases.');
  end if;
  v_ids := array(select ratebook.model_to_change(named.model) from unnest(p_models) as named (model));
  update ai.models as m
  set
    is_active = p_active,
    is_default = m.is_default and p_active,
    status = case when p_active and m.status = 'retired' then 'active' else m.status end,
    successor_id = case when not p_active then m.successor_id end,
    succeeded_at = case when not p_active then m.succeeded_at end
  where m.id = any(v_ids) and (m.is_active <> p_active or (p_active and m.status = 'retired'));
  return query select m.* from ai.models as m where m.id = any(v_ids) order by m.key;
end;
$$;

create function ai.activate_models(models text[]) returns setof ai.models
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.set_models_active(models, true) as m;
end;

create function ai.deactivate_models(models text[]) returns setof ai.models
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.set_models_active(models, false) as m;
end;

revoke all on function ratebook.model_to_change(text) from public;
revoke all on function ratebook.set_models_active(text[], boolean) from public;
revoke all on function ai.activate_models(text[]) from public;
revoke all on function ai.deactivate_models(text[]) from public;
grant execute on function ratebook.set_models_active(text[], boolean) to authenticated, service_role;
grant execute on function ai.activate_models(text[]) to authenticated, service_role;
grant execute on function ai.deactivate_models(text[]) to authenticated, service_role;

comment on function ratebook.model_to_change(text) is
'The row that an admin names by id, key or alias, a retired one too. Errors: those of ratebook.model_id(), deleted_model (PT409).';
comment on function ratebook.set_models_active(text[], boolean) is
'The rule behind ai.activate_models() and ai.deactivate_models().';
comment on function ai.activate_models(text[]) is
'For admins and the service role. Opens models (ids, keys or aliases) for new work, all or none; a retired one is active again and its names are its own. Returns the models. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model (PT409), invalid_argument (PT422).';
comment on function ai.deactivate_models(text[]) is
'For admins and the service role. Closes models (ids, keys or aliases) to new work, all or none; a default is one no longer. Returns the models. Errors: those of ai.activate_models().';

-- from sql/40_registry/150_function_set_default_model.sql

create function ratebook.set_default_model(p_model text) returns setof ai.models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_id uuid;
begin
  perform ratebook.assert_privileged();
  v_id := ratebook.model_to_change(p_model);
  return query
  update ai.models as m set is_default = true where m.id = v_id and m.is_active returning m.*;
  if not found then
    perform ratebook.refuse_inactive_model(v_id, 'a default');
  end if;
end;
$$;

create function ratebook.refuse_inactive_model(p_model_id uuid, p_purpose text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key text := (select m.key from ai.models as m where m.id = p_model_id);
begin
  perform ratebook.fail(
    'inactive_model', format('Model "%s" is inactive and cannot be %s.', v_key, p_purpose),
    'Activate it first: ai.activate_models().', jsonb_build_object('model', v_key)
  );
end;
$$;

create function ai.set_default_model(model text) returns setof ai.models
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.set_default_model(model) as m;
end;

revoke all on function ratebook.set_default_model(text) from public;
revoke all on function ratebook.refuse_inactive_model(uuid, text) from public;
revoke all on function ai.set_default_model(text) from public;
grant execute on function ratebook.set_default_model(text) to authenticated, service_role;
grant execute on function ai.set_default_model(text) to authenticated, service_role;

comment on function ratebook.set_default_model(text) is 'The rule behind ai.set_default_model().';
comment on function ratebook.refuse_inactive_model(uuid, text) is
'Says that a model is inactive and what it cannot be. Error: inactive_model (PT409).';
comment on function ai.set_default_model(text) is
'For admins and the service role. Makes a model (id, key or alias) the default of its modality and task, in the place of the former one; of two admins at once the later stands. Returns the model. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model, inactive_model (PT409).';

-- from sql/40_registry/160_function_retire_model.sql

create function ratebook.hand_over(p_from uuid, p_to uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Where both serve a feature one route stands: the open one, of two the heir's own.
  delete from ai.feature_model_policies as r
  using ai.feature_model_policies as o
  where r.model_id = p_to and not r.is_active and o.model_id = p_from and o.is_active and o.feature_key = r.feature_key;
  delete from ai.feature_model_policies as r
  using ai.feature_model_policies as o
  where r.model_id = p_from and o.model_id = p_to and o.feature_key = r.feature_key;
  update ai.feature_model_policies as r set model_id = p_to where r.model_id = p_from;

  update ai.models as m
  set is_default = true
  from ai.models as f
  where
    m.id = p_to and m.is_active and f.id = p_from and f.is_default
    and (m.modality, m.task) = (f.modality, f.task);
end;
$$;

create function ratebook.assert_successor(p_model_id uuid, p_successor_id uuid) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_model_id = ratebook.heir(p_successor_id, 'infinity') then
    perform ratebook.fail('invalid_argument', 'A model cannot succeed itself.');
  end if;
end;
$$;

create function ratebook.retire_model(p_model text, p_successor text, p_reroute boolean) returns setof ai.models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_id uuid;
  v_successor ai.models;
begin
  perform ratebook.assert_privileged();
  -- The lock of ratebook.lock_defaults(), before anything is looked at: two retirements never cross.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.defaults', 0));
  v_id := ratebook.model_to_change(p_model);
  if p_successor is not null then
    select m.* into v_successor
    from ai.models as m
    where m.id = ratebook.model_to_change(p_successor)
    for share;
    perform ratebook.assert_successor(v_id, v_successor.id);
    if not v_successor.is_active then
      perform ratebook.refuse_inactive_model(v_successor.id, 'a successor');
    end if;
    if not v_successor.is_public and exists (select from ai.models as m where m.id = v_id and m.is_public) then
      perform ratebook.fail('invalid_argument', format('Model "%s" is hidden and cannot succeed one that is not.',
        v_successor.key), 'Its name would become known. Make it public first.');
    end if;
  end if;
  if p_reroute then
    if v_successor.id is null then
      perform ratebook.fail('invalid_argument', 'Routes need a successor to go to.', 'Name one, or leave reroute out.');
    end if;
    perform ratebook.hand_over(v_id, v_successor.id);
  end if;
  return query
  update ai.models as m
  set
    status = 'retired',
    is_active = false,
    is_default = false,
    successor_id = coalesce(v_successor.id, m.successor_id),
    succeeded_at = case
      when v_successor.id <> coalesce(m.successor_id, m.id) then ratebook.clock() else m.succeeded_at
    end
  where m.id = v_id
  returning m.*;
end;
$$;

create function ai.retire_model(
  model text, successor text default null, reroute boolean default false
) returns setof ai.models
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.retire_model(model, successor, reroute) as m;
end;

revoke all on function ratebook.hand_over(uuid, uuid) from public;
revoke all on function ratebook.assert_successor(uuid, uuid) from public;
revoke all on function ratebook.retire_model(text, text, boolean) from public;
revoke all on function ai.retire_model(text, text, boolean) from public;
grant execute on function ratebook.retire_model(text, text, boolean) to authenticated, service_role;
grant execute on function ai.retire_model(text, text, boolean) to authenticated, service_role;

comment on function ratebook.hand_over(uuid, uuid) is
'Moves the routes of a model to another, and its place as the default where that one is active and of the same modality and task.';
comment on function ratebook.assert_successor(uuid, uuid) is
'Refuses a successor whose own heir the model would be. Error: invalid_argument (PT422).';
comment on function ratebook.retire_model(text, text, boolean) is 'The rule behind ai.retire_model().';
comment on function ai.retire_model(text, text, boolean) is
'For admins and the service role. Takes a model (id, key or alias) out of service: retired, inactive, no default. With a successor, its key and aliases lead there from now on; what is asked as of an earlier time, and its id, still mean the retired model, so the past is priced as it was. reroute moves its routes, and its place as the default, as well. ai.activate_models() takes it back. Returns the retired model. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model, inactive_model (PT409), invalid_argument (PT422).';

-- from sql/40_registry/170_function_merge_models.sql

create function ratebook.merge_models(p_duplicate text, p_into text) returns setof ai.models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_duplicate uuid;
  v_into uuid;
begin
  perform ratebook.assert_privileged();
  -- As in ratebook.retire_model().
  perform pg_advisory_xact_lock(hashtextextended('ratebook.defaults', 0));
  v_duplicate := ratebook.model_to_change(p_duplicate);
  v_into := ratebook.model_to_change(p_into);
  perform ratebook.assert_successor(v_duplicate, v_into);

  perform ratebook.hand_over(v_duplicate, v_into);
  insert into ai.model_aliases (alias, model_id, source)
  select a.alias, v_into, a.source from ai.model_aliases as a where a.model_id = v_duplicate
  union all
  select m.key, v_into, 'manual' from ai.models as m where m.id = v_duplicate
  on conflict do nothing;
  delete from ai.model_aliases as a where a.model_id = v_duplicate;
  update ai.models as m
  set
    deleted_at = ratebook.clock(),
    is_active = false,
    is_default = false,
    successor_id = v_into,
    succeeded_at = ratebook.clock()
  where m.id = v_duplicate;
  return query select m.* from ai.models as m where m.id = v_into;
end;
$$;

create function ai.merge_models(duplicate text, "into" text) returns setof ai.models
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.merge_models(duplicate, "into") as m;
end;

revoke all on function ratebook.merge_models(text, text) from public;
revoke all on function ai.merge_models(text, text) from public;
grant execute on function ratebook.merge_models(text, text) to authenticated, service_role;
grant execute on function ai.merge_models(text, text) to authenticated, service_role;

comment on function ratebook.merge_models(text, text) is 'The rule behind ai.merge_models().';
comment on function ai.merge_models(text, text) is
'For admins and the service role. Makes one model of two rows (ids, keys or aliases): aliases, routes and the place as the default move, the key of the duplicate becomes an alias, and the duplicate is marked as deleted. Its prices, margins and generations stay with it, so its past is priced as it was. Returns the model that stays. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model (PT409), invalid_argument (PT422).';

-- from sql/45_prices/010_table_meters.sql

create table ai.meters (
  key text not null,
  name text not null,
  description text not null,
  unit_type ai.unit_type_enum not null,
  counts_as_input boolean not null default false,
  falls_back_to text,
  constraint meters_pkey primary key (key),
  -- The target of (meter, unit_type) in ai.model_pricing: a price is in its meter's unit.
  constraint meters_key_unit_type_key unique (key, unit_type),
  constraint meters_falls_back_to_fkey foreign key (falls_back_to, unit_type) references ai.meters (key, unit_type),
  constraint key_is_a_machine_key check (key ~ '^[a-z][a-z0-9_]{0,62}$')
);

create index meters_falls_back_to_idx on ai.meters (falls_back_to, unit_type);

create function ratebook.refuse_meter_cycle() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if exists (
    with recursive chain (key, falls_back_to) as (
      select m.key, m.falls_back_to from ai.meters as m where m.key = new.falls_back_to
      union
      select m.key, m.falls_back_to from chain as c inner join ai.meters as m on m.key = c.falls_back_to
    )
    select from chain where chain.key = new.key
  ) then
    perform ratebook.fail('cyclic_fallback', format('Meter "%s" would fall back to itself.', new.key));
  end if;
  return null;
end;
$$;

revoke all on function ratebook.refuse_meter_cycle() from public;
comment on function ratebook.refuse_meter_cycle() is 'Row trigger: a fallback chain has an end. Error: cyclic_fallback (PT422).';

create trigger meters_refuse_cycle after insert or update of falls_back_to on ai.meters
for each row execute function ratebook.refuse_meter_cycle();

select ratebook.keep_history('ai.meters');

comment on table ai.meters is
'What is counted. A usage is a JSON object of these keys and their quantities; each unit of work is counted in one meter only.';
comment on column ai.meters.key is 'The meter, as usages name it.';
comment on column ai.meters.name is 'Name to show.';
comment on column ai.meters.description is 'What one unit is and what is left out.';
comment on column ai.meters.unit_type is 'The unit it counts in.';
comment on column ai.meters.counts_as_input is 'Whether it counts toward the thresholds of context tiers.';
comment on column ai.meters.falls_back_to is 'The meter whose price applies where this one has none; NULL: the end of the chain.';

-- from sql/45_prices/020_table_service_tiers.sql

create table ai.service_tiers (
  key text not null,
  description text not null,
  tries_chain_first boolean not null default false,
  constraint service_tiers_pkey primary key (key),
  constraint key_is_a_machine_key check (key ~ '^[a-z][a-z0-9_]{0,62}$')
);

select ratebook.keep_history('ai.service_tiers');

comment on table ai.service_tiers is 'How urgently the provider works: each may have prices of its own.';
comment on column ai.service_tiers.key is 'The tier, as callers name it.';
comment on column ai.service_tiers.description is 'What it is.';
comment on column ai.service_tiers.tries_chain_first is
'For a meter without a price in this tier: true tries the meter''s fallbacks inside the tier before the standard tier; false tries the same meter in the standard tier first.';

-- from sql/45_prices/030_data_meters_and_tiers.sql

-- Reference data that the logic needs.
insert into ai.meters (key, name, description, unit_type, counts_as_input, falls_back_to) values
('tokens', 'Tokens', 'A token of any kind. Prices a bare token count and ends every token chain.', 'tokens', true, null),
('input', 'Input tokens', 'A token read at the plain price: no other meter''s token.', 'tokens', true, 'tokens'),
('output', 'Output tokens', 'A token written: no other meter''s token.', 'tokens', false, 'tokens'),
('cache_read', 'Cached input tokens', 'An input token read from a cache.', 'tokens', true, 'input'),
('cache_write', 'Cache write tokens', 'An input token written to a cache.', 'tokens', true, 'input'),
('cache_write_1h', 'Cache write tokens, one hour', 'An input token kept for an hour.', 'tokens', true, 'cache_write'),
('cache_write_12h', 'Cache write tokens, twelve hours', 'An input token kept for twelve hours.', 'tokens', true, 'cache_write'),
('reasoning', 'Reasoning tokens', 'A token of thought that is written but not part of the answer.', 'tokens', false, 'output'),
('input_audio', 'Audio input tokens', 'A token of sound read.', 'tokens', true, 'input'),
('input_image', 'Image input tokens', 'A token of a picture read.', 'tokens', true, 'input'),
('input_video', 'Video input tokens', 'A token of a video read.', 'tokens', true, 'input'),
('output_audio', 'Audio output tokens', 'A token of sound made.', 'tokens', false, 'output'),
('output_image', 'Image output tokens', 'A token of a picture made.', 'tokens', false, 'output'),
('output_video', 'Video output tokens', 'A token of a video made.', 'tokens', false, 'output'),
('cache_read_audio', 'Cached audio input tokens', 'A token of sound read from a cache.', 'tokens', true, 'cache_read'),
('cache_read_image', 'Cached image input tokens', 'A token of a picture read from a cache.', 'tokens', true, 'cache_read'),
('cache_write_audio', 'Audio cache write tokens', 'A token of sound written to a cache.', 'tokens', true, 'cache_write'),
('citation', 'Citation tokens', 'A token of a source that the answer cites.', 'tokens', false, 'input'),
('image', 'Images', 'One picture made.', 'image', false, null),
('input_image_count', 'Images read', 'One picture read, where pictures are counted and not their tokens.', 'image', false, null),
('pixel', 'Pixels', 'One pixel made.', 'pixel', false, null),
('input_pixel', 'Pixels read', 'One pixel read.', 'pixel', false, null),
('video_second', 'Video seconds', 'One second of video made.', 'video_second', false, null),
('input_video_second', 'Video seconds read', 'One second of video read.', 'video_second', false, null),
('audio_second', 'Audio seconds', 'One second of audio, made or read.', 'audio_second', false, null),
('input_audio_second', 'Audio seconds read', 'One second of audio read.', 'audio_second', false, 'audio_second'),
('output_audio_second', 'Audio seconds made', 'One second of audio made.', 'audio_second', false, 'audio_second'),
('compute_second', 'Compute seconds', 'One second of the machine.', 'second', false, null),
('input_character', 'Characters read', 'One character read.', 'character', false, null),
('output_character', 'Characters written', 'One character written.', 'character', false, null),
('page', 'Pages', 'One page of a document read.', 'page', false, null),
('annotated_page', 'Annotated pages', 'One page read with annotations.', 'page', false, 'page'),
('request', 'Requests', 'One request, whatever it holds.', 'request', false, null),
('query', 'Queries', 'One search query or message sent to the model.', 'request', false, null),
('web_search', 'Web searches', 'One search of the web by a tool; variant: the size of its context.', 'request', false, null),
('map_query', 'Map queries', 'One grounding query to a map.', 'request', false, null),
('file_search', 'File searches', 'One search in stored files.', 'request', false, null),
('session', 'Sessions', 'One session of a tool, such as a code interpreter.', 'request', false, null),
('storage_gigabyte_day', 'Storage', 'One gigabyte kept for a day.', 'gigabyte_day', false, null);

insert into ai.service_tiers (key, description, tries_chain_first) values
('standard', 'The plain service; its prices apply where another tier has none.', false),
('batch', 'Answered within a day, usually cheaper.', true),
('flex', 'Answered when there is room, usually cheaper.', false),
('balanced', 'Between flex and standard.', false),
('priority', 'Answered first, usually dearer.', false),
('ultrafast', 'Answered fastest, dearest.', false),
('decisions', 'Short answers that choose among options.', false);

-- from sql/45_prices/040_table_model_pricing.sql

create table ai.model_pricing (
  id uuid not null default gen_random_uuid(),
  model_id uuid not null,
  meter text not null,
  unit_type ai.unit_type_enum not null default 'tokens',
  price_per_unit numeric,
  currency text not null default 'USD',
  effective_from timestamptz not null default ratebook.clock(),
  service_tier text not null default 'standard',
  variant text,
  region text,
  context_threshold bigint,
  threshold_inclusive boolean not null default false,
  tier_mode ai.tier_mode_enum not null default 'whole_request',
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  source text not null default 'manual',
  reference text,
  revision integer not null default 0,
  withdrawn boolean not null default false,
  is_public boolean not null default true,
  created_at timestamptz not null default ratebook.clock(),
  created_by uuid default auth.uid(),
  constraint model_pricing_pkey primary key (id),
  constraint model_pricing_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint model_pricing_meter_fkey foreign key (meter, unit_type) references ai.meters (key, unit_type),
  constraint model_pricing_service_tier_fkey foreign key (service_tier) references ai.service_tiers (key),
  -- One row says one thing. A correction is the same key with a higher revision.
  constraint model_pricing_key unique nulls not distinct (
    model_id, source, currency, meter, service_tier, variant, region, context_threshold,
    window_start, window_end, window_days, window_time_zone, effective_from, revision
  ),
  -- NaN sorts above Infinity, so the upper bound refuses both.
  constraint price_per_unit_is_finite check (price_per_unit >= 0 and price_per_unit < 'Infinity'),
  constraint a_withdrawn_price_has_no_amount check (withdrawn = (price_per_unit is null)),
  constraint currency_is_an_iso_code check (currency ~ '^[A-Z]{3}$'),
  constraint effective_from_is_finite check (isfinite(effective_from)),
  constraint revision_is_not_negative check (revision >= 0),
  constraint variant_is_not_blank check (variant ~ '\S'),
  constraint region_is_not_blank check (region ~ '\S'),
  constraint context_threshold_is_positive check (context_threshold > 0),
  constraint a_window_is_whole check (num_nulls(window_start, window_end, window_days, window_time_zone) in (0, 4)),
  constraint window_days_is_a_weekday_mask check (window_days between 1 and 127),
  constraint window_is_not_empty check (window_start <> window_end),
  -- Raises for a zone that PostgreSQL does not know.
  constraint window_time_zone_is_known check (isfinite(effective_from at time zone window_time_zone))
);

create index model_pricing_meter_idx on ai.model_pricing (meter, unit_type);
create index model_pricing_service_tier_idx on ai.model_pricing (service_tier);

create function ratebook.complete_price() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads the meters whatever the caller may read.
begin
  if new.meter is null then
    -- The first schema knew units only; each of its units has a meter of the same name.
    new.meter := new.unit_type::text;
  elsif new.unit_type = 'tokens' then
    -- The default of unit_type; a unit that was given and is wrong is refused by the foreign key.
    new.unit_type := coalesce((select m.unit_type from ai.meters as m where m.key = new.meter), new.unit_type);
  end if;
  return new;
end;
$$;

revoke all on function ratebook.complete_price() from public;
comment on function ratebook.complete_price() is
'Row trigger before insert: meter and unit_type complete each other.';

create trigger model_pricing_complete before insert on ai.model_pricing
for each row execute function ratebook.complete_price();
create trigger model_pricing_refuse_change before update or delete or truncate on ai.model_pricing
for each statement execute function ratebook.refuse_change(
  'Insert a row: a higher revision corrects a price, a later effective_from replaces it, withdrawn ends it.'
);

alter table ai.model_pricing enable always trigger model_pricing_refuse_change;

select ratebook.keep_history('ai.model_pricing');

comment on table ai.model_pricing is
'The rate book. Rows are only ever inserted. In force at a time is, for each key, the row with the latest effective_from not after it, then the highest revision; a withdrawn row ends the price. Select price_per_unit::text: JSON numbers lose digits.';
comment on column ai.model_pricing.id is 'The price row; charges refer to it.';
comment on column ai.model_pricing.model_id is 'The model.';
comment on column ai.model_pricing.meter is 'What is counted; from unit_type where it is left out.';
comment on column ai.model_pricing.unit_type is 'The unit of the meter.';
comment on column ai.model_pricing.price_per_unit is 'Exact price of ONE unit (one token, not a million), in currency. 0 is free. NULL only in a withdrawn row.';
comment on column ai.model_pricing.currency is 'ISO 4217 code.';
comment on column ai.model_pricing.effective_from is 'From when on it applies.';
comment on column ai.model_pricing.service_tier is 'The service tier it is for.';
comment on column ai.model_pricing.variant is 'The variant it is for, such as an image size or quality; NULL: all.';
comment on column ai.model_pricing.region is 'The region it is for; NULL: all.';
comment on column ai.model_pricing.context_threshold is 'Input tokens beyond which it applies; NULL: the base price.';
comment on column ai.model_pricing.threshold_inclusive is 'Whether it applies at the threshold already.';
comment on column ai.model_pricing.tier_mode is 'Whether crossing the threshold reprices the whole request or only the part beyond.';
comment on column ai.model_pricing.window_start is 'Start of the daily window, inclusive; NULL: all day.';
comment on column ai.model_pricing.window_end is 'End of the daily window, exclusive; before the start where it wraps midnight.';
comment on column ai.model_pricing.window_days is 'Weekdays on which the window starts: 1 Monday, 2 Tuesday, 4 Wednesday, … 64 Sunday, added up.';
comment on column ai.model_pricing.window_time_zone is 'Time zone of the window.';
comment on column ai.model_pricing.source is 'Who says so: manual, or a catalogue. A model''s price_source decides which applies.';
comment on column ai.model_pricing.reference is 'Where the price was read, for people: a page, a document. No part of what identifies the row.';
comment on column ai.model_pricing.revision is 'Corrections of the same key count up from 0; the highest stands.';
comment on column ai.model_pricing.withdrawn is 'Whether the row ends the price instead of setting one.';
comment on column ai.model_pricing.is_public is 'False hides the price, and the cost behind a quote, from all but admins and the service role.';
comment on column ai.model_pricing.created_at is 'When the row was made.';
comment on column ai.model_pricing.created_by is 'JWT subject who made it; NULL for the service role and direct SQL.';

-- from sql/45_prices/050_function_assert_usage.sql

create function ratebook.is_usage(p_usage jsonb, p_meters text[]) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_typeof(p_usage) = 'object'
    and p_usage <> '{}'
    and not p_usage @? 'strict $.* ? (!(@.type() == "number" && @ >= 0 && @ <= 1e12 && @ * 1e12 == (@ * 1e12).floor()))'
    and p_usage - p_meters = '{}';
end;
$$;

create function ratebook.assert_usage(p_usage jsonb) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_meter text;
  v_value jsonb;
  v_is_known boolean;
  v_quantity numeric;
begin
  if jsonb_typeof(p_usage) is distinct from 'object' or p_usage = '{}' then
    perform ratebook.fail('invalid_usage', 'A usage is a JSON object of meters and quantities, with at least one.',
      'For example {"input": 1000, "output": 500}.');
  end if;
  -- Nearly every usage is well; the loop says what is wrong with the others.
  if ratebook.is_usage(p_usage, array(select m.key from ai.meters as m)) then
    return;
  end if;
  for v_meter, v_value, v_is_known in
    select u.key, u.value, m.key is not null
    from jsonb_each(p_usage) as u
    left join ai.meters as m on m.key = u.key
    order by u.key
  loop
    if not v_is_known then
      perform ratebook.fail('unknown_meter', format('There is no meter called "%s".', left(v_meter, 100)),
        'Ask ai.meters for the keys.', jsonb_build_object('meter', left(v_meter, 100)));
    end if;
    if jsonb_typeof(v_value) <> 'number' then
      perform ratebook.fail('not_a_number', format('The quantity of "%s" is not a number.', v_meter),
        'Quantities are JSON numbers.', jsonb_build_object('meter', v_meter));
    end if;
    v_quantity := v_value::numeric;
    if v_quantity < 0 then
      perform ratebook.fail('negative_quantity', format('The quantity of "%s" is negative.', v_meter), null,
        jsonb_build_object('meter', v_meter));
    end if;
    if v_quantity > 1e12 or scale(trim_scale(v_quantity)) > 12 then
      perform ratebook.fail('quantity_out_of_range', format('The quantity of "%s" is out of range.', v_meter),
        'Quantities are at most 1e12, with at most 12 decimals.', jsonb_build_object('meter', v_meter));
    end if;
  end loop;
end;
$$;

revoke all on function ratebook.is_usage(jsonb, text[]) from public;
revoke all on function ratebook.assert_usage(jsonb) from public;

comment on function ratebook.is_usage(jsonb, text[]) is 'Whether it is a usage: meters that are known (p_meters), and quantities within bounds.';
comment on function ratebook.assert_usage(jsonb) is
'Refuses what is not a usage. Errors, all PT422: invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range.';

-- from sql/45_prices/060_function_prices_in_force.sql

create function ratebook.prices_in_force(
  p_model_id uuid, p_at timestamptz, p_source text default null, p_currency text default null
) returns setof ai.model_pricing
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select p.*
  from (
    select distinct on (
      q.meter, q.service_tier, q.variant, q.region, q.context_threshold,
      q.window_start, q.window_end, q.window_days, q.window_time_zone
    ) q.*
    from ai.models as m
    inner join ai.model_pricing as q
      on
        q.model_id = m.id
        and q.source = coalesce(p_source, m.price_source)
        and q.currency = coalesce(p_currency, m.price_currency)
    where m.id = p_model_id and q.effective_from <= p_at
    order by
      q.meter asc, q.service_tier asc, q.variant asc, q.region asc, q.context_threshold asc,
      q.window_start asc, q.window_end asc, q.window_days asc, q.window_time_zone asc,
      q.effective_from desc, q.revision desc
  ) as p
  where not p.withdrawn;
end;

create function ratebook.assert_time(p_at timestamptz) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_at is null or not isfinite(p_at) then
    perform ratebook.fail('invalid_time', 'The time asked for is missing or infinite.',
      'Leave "at" out to ask as of now.');
  end if;
  if p_at > ratebook.clock() and not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'Prices ahead of now are for admins only.',
      'Leave "at" out to ask as of now.');
  end if;
end;
$$;

create function ratebook.visible_prices_in_force(p_model text, p_at timestamptz) returns setof ai.model_pricing
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all rows, then only public ones are shown. Under the caller's own
-- policies an outdated public price would stand in for the hidden one that replaced it.
begin
  perform ratebook.assert_time(p_at);
  return query
  select p.*
  from ratebook.prices_in_force(ratebook.visible_model_id(p_model, p_at), p_at) as p
  where p.is_public or ratebook.is_privileged()
  order by p.meter, p.service_tier, p.variant nulls first, p.region nulls first, p.context_threshold nulls first;
end;
$$;

create function ai.prices_in_force(
  model text, at timestamptz default ratebook.clock()
) returns setof ai.model_pricing
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select p.* from ratebook.visible_prices_in_force(model, at) as p;
end;

revoke all on function ratebook.prices_in_force(uuid, timestamptz, text, text) from public;
revoke all on function ratebook.assert_time(timestamptz) from public;
revoke all on function ratebook.visible_prices_in_force(text, timestamptz) from public;
revoke all on function ai.prices_in_force(text, timestamptz) from public;
grant execute on function ratebook.visible_prices_in_force(text, timestamptz) to anon, authenticated, service_role;
grant execute on function ai.prices_in_force(text, timestamptz) to anon, authenticated, service_role;

comment on function ratebook.prices_in_force(uuid, timestamptz, text, text) is
'The price rows of a model that apply at a time, of the model''s source and currency unless others are given: per key the latest effective_from, then the highest revision, without the withdrawn.';
comment on function ratebook.assert_time(timestamptz) is
'Refuses a time that no price can be asked for. Errors: invalid_time (PT422), not_allowed (42501) for the future.';
comment on function ratebook.visible_prices_in_force(text, timestamptz) is 'The rule behind ai.prices_in_force().';
comment on function ai.prices_in_force(text, timestamptz) is
'The public price rows of a model that apply at a time, now unless told. model: id, key or alias. at: as of when. Admins and the service role also see prices that are not public, and may ask about the future. Errors: unknown_model (PT404), ambiguous_model (PT409), invalid_time (PT422), not_allowed (42501).';

-- from sql/45_prices/070_function_use_currency.sql

create function ratebook.assert_currency(p_currency text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if (p_currency ~ '^[A-Z]{3}$') is not true then
    perform ratebook.fail('invalid_argument', format('"%s" is not a currency.', left(p_currency, 20)),
      'Use an ISO 4217 code, such as USD.', jsonb_build_object('currency', left(p_currency, 20)));
  end if;
end;
$$;

create function ratebook.use_currency(p_model_id uuid, p_currency text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_currency text;
begin
  perform ratebook.assert_currency(p_currency);
  select m.price_currency into v_currency from ai.models as m where m.id = p_model_id for no key update;
  if p_currency = v_currency then
    return;
  end if;
  if exists (
    select from ai.model_pricing as p where p.model_id = p_model_id and p.currency = v_currency
  ) then
    perform ratebook.fail(
      'invalid_argument', format('The prices of the model are in %s, not in %s.', v_currency, p_currency),
      'A quote uses one currency: ai.models.price_currency says which.',
      jsonb_build_object('currency', p_currency, 'price_currency', v_currency)
    );
  end if;
  update ai.models as m set price_currency = p_currency where m.id = p_model_id;
end;
$$;

revoke all on function ratebook.assert_currency(text) from public;
revoke all on function ratebook.use_currency(uuid, text) from public;

comment on function ratebook.assert_currency(text) is 'Refuses what is not an ISO 4217 code. Error: invalid_argument (PT422).';
comment on function ratebook.use_currency(uuid, text) is
'Makes sure that a price in this currency applies: a model without prices takes the currency on, one with prices in another refuses it. Error: invalid_argument (PT422).';

-- from sql/45_prices/080_function_set_price.sql

create function ratebook.set_price(
  p_model_id uuid,
  p_meter text,
  p_price numeric,
  p_currency text,
  p_effective_from timestamptz,
  p_service_tier text default 'standard',
  p_variant text default null,
  p_region text default null,
  p_source text default null,
  p_restate boolean default false,
  p_reference text default null
) returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_source text;
  v_in_force ai.model_pricing;
  v_revision integer;
  v_id uuid;
begin
  perform ratebook.assert_price(p_meter, p_price, p_currency, p_effective_from, p_service_tier);

  -- The registry before the model, in the order of all who write prices; who waits here then sees the other's rows.
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
  select coalesce(p_source, m.price_source) into v_source
  from ai.models as m
  where m.id = p_model_id
  for no key update;
  if not found then
    perform ratebook.fail('unknown_model', format('There is no model %s.', p_model_id),
      'Ask ai.models for the ids.', jsonb_build_object('model', p_model_id));
  end if;

  select p.* into v_in_force
  from ai.model_pricing as p
  where
    (p.model_id, p.source, p.currency, p.meter, p.service_tier)
    = (p_model_id, v_source, p_currency, p_meter, p_service_tier)
    and p.variant is not distinct from p_variant
    and p.region is not distinct from p_region
    and p.context_threshold is null
    and p.window_start is null
    and p.effective_from <= p_effective_from
  order by p.effective_from desc, p.revision desc
  limit 1;
  if v_in_force.price_per_unit is not distinct from p_price and not p_restate then
    return null;
  end if;

  v_revision := case when v_in_force.effective_from = p_effective_from then v_in_force.revision + 1 else 0 end;
  insert into ai.model_pricing (
    model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region, source,
    reference, revision, withdrawn, is_public
  )
  select
    p_model_id, m.key, m.unit_type, p_price, p_currency, p_effective_from, p_service_tier, p_variant, p_region, v_source,
    -- A price that was hidden stays hidden.
    p_reference, v_revision, p_price is null, coalesce(v_in_force.is_public, true)
  from ai.meters as m
  where m.key = p_meter
  returning id into v_id;
  return v_id;
end;
$$;

create function ratebook.assert_price(
  p_meter text, p_price numeric, p_currency text, p_effective_from timestamptz, p_service_tier text
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from ai.meters as m where m.key = p_meter) then
    perform ratebook.fail('unknown_meter', format('There is no meter called "%s".', left(p_meter, 100)),
      'Ask ai.meters for the keys.', jsonb_build_object('meter', left(p_meter, 100)));
  end if;
  if p_price in ('NaN', 'Infinity', '-Infinity') then
    perform ratebook.fail('not_a_number', format('The price of "%s" is not a number.', p_meter), null,
      jsonb_build_object('meter', p_meter));
  end if;
  if p_price < 0 then
    perform ratebook.fail('negative_quantity', format('The price of "%s" is negative.', p_meter), null,
      jsonb_build_object('meter', p_meter));
  end if;
  if p_price >= 1000000 then
    perform ratebook.fail('quantity_out_of_range', format('The price of "%s" is out of range.', p_meter),
      'It is the price of one unit, below 1000000.', jsonb_build_object('meter', p_meter));
  end if;
  perform ratebook.assert_currency(p_currency);
  if isfinite(p_effective_from) is not true then
    perform ratebook.fail('invalid_time', 'The time from which on a price applies is missing or infinite.');
  end if;
  if not exists (select from ai.service_tiers as t where t.key = p_service_tier) then
    perform ratebook.fail(
      'unknown_service_tier', format('There is no service tier called "%s".', left(p_service_tier, 100)),
      'Ask ai.service_tiers for the keys.', jsonb_build_object('service_tier', left(p_service_tier, 100))
    );
  end if;
end;
$$;

revoke all on function ratebook.set_price(
  uuid, text, numeric, text, timestamptz, text, text, text, text, boolean, text
) from public;
revoke all on function ratebook.assert_price(text, numeric, text, timestamptz, text) from public;

comment on function ratebook.set_price(
  uuid, text, numeric, text, timestamptz, text, text, text, text, boolean, text
) is
'Sets the base price of one unit of a meter from a time on, by one more row of ai.model_pricing; NULL withdraws it. The source is the model''s price_source unless named; the reference is for people. Returns the id of the row, or NULL where that price is in force already and p_restate does not ask for a row of this date all the same. Its callers decide who may. Errors: unknown_model (PT404), unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument, invalid_time, unknown_service_tier (PT422).';
comment on function ratebook.assert_price(text, numeric, text, timestamptz, text) is
'Refuses what is not a price. Errors: those of ratebook.set_price().';

-- from sql/45_prices/090_table_price_schedules.sql

-- The rate book, worked out. Everything here is computed from ai.model_pricing by ratebook.rebuild_prices() and can be
-- thrown away: it makes a price one lookup, however long the history is.

create table ratebook.price_schedules (
  id bigint generated always as identity,
  model_id uuid not null,
  source text not null,
  currency text not null,
  starts timestamptz[] not null,
  bounds numeric[] not null,
  service_tiers text[] not null,
  variants text[] not null,
  regions text[] not null,
  has_windows boolean not null,
  constraint price_schedules_pkey primary key (id),
  constraint price_schedules_model_id_source_currency_key unique (model_id, source, currency),
  constraint price_schedules_model_id_fkey foreign key (model_id) references ai.models (id) on delete cascade
);

create table ratebook.price_windows (
  schedule_id bigint not null,
  period integer not null,
  number integer not null,
  window_start time not null,
  window_end time not null,
  window_days integer not null,
  window_time_zone text not null,
  constraint price_windows_pkey primary key (schedule_id, period, number),
  constraint price_windows_schedule_id_fkey foreign key (schedule_id)
  references ratebook.price_schedules (id) on delete cascade
);

create table ratebook.price_sheets (
  id bigint generated always as identity,
  schedule_id bigint not null,
  period integer not null,
  service_tier text not null,
  variant text not null,
  region text not null,
  open_windows integer not null,
  band integer not null,
  prices jsonb not null,
  -- The prices that nearly every request asks for, out of the JSON.
  input numeric generated always as ((prices -> 'input')::numeric) stored,
  output numeric generated always as ((prices -> 'output')::numeric) stored,
  cache_read numeric generated always as ((prices -> 'cache_read')::numeric) stored,
  cache_write numeric generated always as ((prices -> 'cache_write')::numeric) stored,
  price_rows jsonb not null,
  marginal text[] not null,
  hidden text[] not null,
  constraint price_sheets_pkey primary key (id),
  constraint price_sheets_key unique (
    schedule_id, period, service_tier, variant, region, open_windows, band
  ),
  constraint price_sheets_schedule_id_fkey foreign key (schedule_id)
  references ratebook.price_schedules (id) on delete cascade
);

comment on table ratebook.price_schedules is
'For each model, source and currency: when its prices change and what they depend on.';
comment on column ratebook.price_schedules.id is 'The schedule.';
comment on column ratebook.price_schedules.model_id is 'The model.';
comment on column ratebook.price_schedules.source is 'The source of its price rows.';
comment on column ratebook.price_schedules.currency is 'Their currency.';
comment on column ratebook.price_schedules.starts is 'When anything changes, ascending. A time is in period width_bucket(time, starts); 0 is before the first price.';
comment on column ratebook.price_schedules.bounds is 'From how many input tokens on each context tier applies, ascending. A request is in band width_bucket(tokens, bounds); an exclusive threshold is a bound just above it.';
comment on column ratebook.price_schedules.service_tiers is 'Service tiers that have rows of their own.';
comment on column ratebook.price_schedules.variants is 'Variants that have rows of their own.';
comment on column ratebook.price_schedules.regions is 'Regions that have rows of their own.';
comment on column ratebook.price_schedules.has_windows is 'Whether any of its prices ever had a daily window.';
comment on table ratebook.price_windows is 'The daily windows of a schedule''s prices, in each period. Where several are open, the lowest number with a price for the meter counts.';
comment on column ratebook.price_windows.schedule_id is 'The schedule.';
comment on column ratebook.price_windows.period is 'As in ratebook.price_sheets.';
comment on column ratebook.price_windows.number is 'The window, from 1 to 6, by start, end, weekdays and zone.';
comment on column ratebook.price_windows.window_start is 'As in ai.model_pricing.';
comment on column ratebook.price_windows.window_end is 'As in ai.model_pricing.';
comment on column ratebook.price_windows.window_days is 'As in ai.model_pricing.';
comment on column ratebook.price_windows.window_time_zone is 'As in ai.model_pricing.';
comment on table ratebook.price_sheets is
'What every meter costs in one situation, fallbacks included: one row per period, service tier, variant, region, set of open windows and context band of a schedule.';
comment on column ratebook.price_sheets.id is 'The sheet.';
comment on column ratebook.price_sheets.schedule_id is 'The schedule.';
comment on column ratebook.price_sheets.period is 'Which of its starts, from 1.';
comment on column ratebook.price_sheets.service_tier is 'The service tier; standard for tiers without rows.';
comment on column ratebook.price_sheets.variant is 'The variant; empty for all without rows of their own.';
comment on column ratebook.price_sheets.region is 'The region; empty for all without rows of their own.';
comment on column ratebook.price_sheets.open_windows is 'Which windows are open: 1 the first, 2 the second, 4 the third, … added up.';
comment on column ratebook.price_sheets.band is 'How many context tiers are reached.';
comment on column ratebook.price_sheets.prices is 'meter → price of one unit. A meter that is not here has no price.';
comment on column ratebook.price_sheets.input is 'The price of input, from prices.';
comment on column ratebook.price_sheets.output is 'The price of output, from prices.';
comment on column ratebook.price_sheets.cache_read is 'The price of cache_read, from prices.';
comment on column ratebook.price_sheets.cache_write is 'The price of cache_write, from prices.';
comment on column ratebook.price_sheets.price_rows is 'meter → [id of the price row, its meter, whether it is public].';
comment on column ratebook.price_sheets.marginal is 'Meters whose price applies beyond the threshold only.';
comment on column ratebook.price_sheets.hidden is 'Meters whose price is not public.';

-- from sql/45_prices/100_function_rebuild_prices.sql

create function ratebook.rebuild_prices(p_model_ids uuid[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- The one order of specificity. For a meter, then each of its fallbacks in turn, the row that applies is
--   1. of an open daily window (of several the first: by start, end, weekdays, zone), else of no window,
--   2. of the highest context tier reached, else of none,
--   3. of the service tier asked for, else of standard,
--   4. of the variant asked for, else of none,
--   5. of the region asked for, else of none.
-- A service tier with tries_chain_first goes through all of that, fallbacks included, before it looks at standard.
declare
  v_model text;
  v_source text;
  v_from timestamptz;
begin
  -- Two writers of one model's prices: the second waits here, and its next statement sees the first one's rows.
  perform from ai.models as m where m.id = any(p_model_ids) order by m.id for no key update;

  delete from ratebook.price_schedules as s where s.model_id = any(p_model_ids);

  insert into ratebook.price_schedules (
    model_id, source, currency, starts, bounds, service_tiers, variants, regions, has_windows
  )
  select
    p.model_id,
    p.source,
    p.currency,
    array_agg(distinct p.effective_from order by p.effective_from),
    coalesce(
      array_agg(distinct ratebook.context_bound(p.context_threshold, p.threshold_inclusive))
      filter (where p.context_threshold is not null),
      '{}'
    ),
    array_agg(distinct p.service_tier),
    coalesce(array_agg(distinct p.variant) filter (where p.variant is not null), '{}'),
    coalesce(array_agg(distinct p.region) filter (where p.region is not null), '{}'),
    bool_or(p.window_start is not null)
  from ai.model_pricing as p
  where p.model_id = any(p_model_ids)
  group by p.model_id, p.source, p.currency;

  with recursive
  chain (meter, price_meter, depth) as (
    select m.key, m.key, 0 from ai.meters as m
    union all
    select c.meter, m.falls_back_to, c.depth + 1
    from chain as c
    inner join ai.meters as m on m.key = c.price_meter
    where m.falls_back_to is not null
  ),

  schedules as materialized (
    select s.* from ratebook.price_schedules as s where s.model_id = any(p_model_ids)
  ),

  -- One row per key and date (the highest revision), with the date on which the next one takes over.
  dated as materialized (
    select
      d.*,
      lead(d.effective_from) over (
        partition by
          d.schedule_id, d.meter, d.service_tier, d.variant, d.region, d.context_threshold, d.window_start,
          d.window_end, d.window_days, d.window_time_zone
        order by d.effective_from
      ) as effective_until
    from (
      select distinct on (
        s.id, p.meter, p.service_tier, p.variant, p.region, p.context_threshold, p.window_start, p.window_end,
        p.window_days, p.window_time_zone, p.effective_from
      )
        s.id as schedule_id, p.id, p.meter, p.service_tier, p.variant, p.region, p.context_threshold,
        p.threshold_inclusive, p.tier_mode, p.window_start, p.window_end, p.window_days, p.window_time_zone,
        p.effective_from, p.price_per_unit, p.withdrawn, p.is_public
      from schedules as s
      inner join ai.model_pricing as p
        on p.model_id = s.model_id and p.source = s.source and p.currency = s.currency
      order by
        s.id asc, p.meter asc, p.service_tier asc, p.variant asc, p.region asc, p.context_threshold asc,
        p.window_start asc, p.window_end asc, p.window_days asc, p.window_time_zone asc, p.effective_from asc,
        p.revision desc
    ) as d
  ),

  in_force as materialized (
    select
      t.period::integer as period,
      d.*,
      ratebook.context_bound(d.context_threshold, d.threshold_inclusive) as bound,
      case
        when d.window_start is null then 0
        else dense_rank() over (
          partition by d.schedule_id, t.period
          order by d.window_start, d.window_end, d.window_days, d.window_time_zone
        )
      end as window_number
    from schedules as s
    cross join unnest(s.starts) with ordinality as t (start, period)
    inner join dated as d
      on d.schedule_id = s.id and d.effective_from <= t.start
      and (d.effective_until is null or t.start < d.effective_until)
    where not d.withdrawn
  ),

  masks as (
    select f.schedule_id, f.period, m.mask
    from (
      select f.schedule_id, f.period, max(f.window_number) as windows from in_force as f group by f.schedule_id, f.period
    ) as f
    -- Every set of windows that may be open at once, as a bit mask of their numbers; six make 64, more are refused below.
    cross join lateral generate_series(0, (1 << least(f.windows, 6)::integer) - 1) as m (mask)
  ),

  windows as (
    insert into ratebook.price_windows (
      schedule_id, period, number, window_start, window_end, window_days, window_time_zone
    )
    select distinct
      f.schedule_id, f.period, f.window_number, f.window_start, f.window_end, f.window_days, f.window_time_zone
    from in_force as f
    where f.window_number > 0
  )

  insert into ratebook.price_sheets (
    schedule_id, period, service_tier, variant, region, open_windows, band, prices, price_rows, marginal, hidden
  )
  select
    r.schedule_id, r.period, r.service_tier, r.variant, r.region, r.open_windows, r.band,
    jsonb_object_agg(r.meter, r.price_per_unit),
    jsonb_object_agg(r.meter, jsonb_build_array(r.id, r.price_meter, r.is_public)),
    coalesce(array_agg(r.meter) filter (where r.tier_mode = 'marginal' and r.context_threshold is not null), '{}'),
    coalesce(array_agg(r.meter) filter (where not r.is_public), '{}')
  from (
    select distinct on (
      s.id, f.period, tier.key, variant.name, region.name, masks.mask, band.n, c.meter
    )
      s.id as schedule_id, f.period, tier.key as service_tier, variant.name as variant, region.name as region,
      masks.mask as open_windows, band.n as band, c.meter, f.price_per_unit, f.id, c.price_meter, f.is_public,
      f.tier_mode, f.context_threshold
    from schedules as s
    inner join in_force as f on f.schedule_id = s.id
    inner join chain as c on c.price_meter = f.meter
    inner join ai.service_tiers as tier
      on tier.key = any(s.service_tiers || 'standard'::text) and f.service_tier in (tier.key, 'standard')
    cross join lateral unnest(s.variants || ''::text) as variant (name)
    cross join lateral unnest(s.regions || ''::text) as region (name)
    inner join masks on masks.schedule_id = s.id and masks.period = f.period
    cross join lateral generate_series(0, cardinality(s.bounds)) as band (n)
    where
      (f.variant is null or f.variant = variant.name)
      and (f.region is null or f.region = region.name)
      and (f.window_number = 0 or masks.mask >> (f.window_number - 1)::integer & 1 = 1)
      and (f.bound is null or f.bound <= s.bounds[band.n])
    order by
      s.id, f.period, tier.key, variant.name, region.name, masks.mask, band.n, c.meter,
      tier.tries_chain_first and f.service_tier <> tier.key,
      c.depth,
      f.window_number = 0,
      f.window_number,
      f.context_threshold desc nulls last,
      f.service_tier <> tier.key,
      f.variant is null,
      f.region is null
  ) as r
  group by r.schedule_id, r.period, r.service_tier, r.variant, r.region, r.open_windows, r.band;

  select m.key, s.source, s.starts[w.period] into v_model, v_source, v_from
  from ratebook.price_windows as w
  inner join ratebook.price_schedules as s on s.id = w.schedule_id
  inner join ai.models as m on m.id = s.model_id
  where s.model_id = any(p_model_ids) and w.number > 6
  order by m.key, s.source, w.period
  limit 1;
  if found then
    perform ratebook.fail(
      'too_many_windows', format('Model "%s" has prices for more than six daily windows at once.', v_model),
      'Withdraw those that are over before others begin, or merge some.',
      jsonb_build_object('model', v_model, 'source', v_source, 'from', v_from)
    );
  end if;
end;
$$;

create function ratebook.context_bound(p_threshold bigint, p_inclusive boolean) returns numeric
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
-- Quantities have at most 12 decimals: the least one above an exclusive threshold.
return p_threshold + case when p_inclusive then 0 else 0.000000000001 end;

create function ratebook.rebuild_prices_of_inserted() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the sheets are nobody's to write.
begin
  -- A change of the registry waits for the prices under way, and new prices for it.
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
  perform ratebook.rebuild_prices(array(select distinct i.model_id from inserted as i));
  return null;
end;
$$;

create function ratebook.rebuild_all_prices() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the sheets are nobody's to write.
begin
  perform pg_advisory_xact_lock(hashtextextended('ratebook.price_registry', 0));
  perform ratebook.rebuild_prices(array(select distinct s.model_id from ratebook.price_schedules as s));
  return null;
end;
$$;

revoke all on function ratebook.rebuild_prices(uuid[]) from public;
revoke all on function ratebook.context_bound(bigint, boolean) from public;
revoke all on function ratebook.rebuild_prices_of_inserted() from public;
revoke all on function ratebook.rebuild_all_prices() from public;

comment on function ratebook.rebuild_prices(uuid[]) is
'Works out the price sheets of models from ai.model_pricing. Holds the one order of specificity. Error: too_many_windows (PT422).';
comment on function ratebook.context_bound(bigint, boolean) is
'The least number of input tokens with which a context threshold is reached.';
comment on function ratebook.rebuild_prices_of_inserted() is
'Statement trigger after insert on ai.model_pricing: keeps the sheets of the models in step.';
comment on function ratebook.rebuild_all_prices() is
'Statement trigger on meters and service tiers: their fallbacks are part of every sheet.';

create trigger model_pricing_rebuild after insert on ai.model_pricing
referencing new table as inserted
for each statement execute function ratebook.rebuild_prices_of_inserted();
create trigger meters_rebuild_prices after insert or update or delete on ai.meters
for each statement execute function ratebook.rebuild_all_prices();
create trigger service_tiers_rebuild_prices after insert or update or delete on ai.service_tiers
for each statement execute function ratebook.rebuild_all_prices();

-- from sql/45_prices/110_function_price_usage.sql

create function ratebook.context_tokens(p_usage jsonb) returns numeric
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    -- What is no number, or beyond what a usage may hold, is refused by ratebook.assert_usage().
    select
      coalesce(
        sum(case when jsonb_typeof(u.value) = 'number' then least(greatest(u.value::numeric, 0), 1e13) end), 0
      )
    from jsonb_each(p_usage) as u
    inner join ai.meters as m on m.key = u.key
    where m.counts_as_input
  );
end;
$$;

create function ratebook.open_windows(p_schedule_id bigint, p_period integer, p_at timestamptz) returns integer
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    (
      select sum(1 << (w.number - 1))
      from ratebook.price_windows as w
      cross join lateral (select p_at at time zone w.window_time_zone) as here (moment)
      cross join
        lateral (
          select
            here.moment::time as clock,
            extract(isodow from here.moment)::integer - 1 as today,
            (extract(isodow from here.moment)::integer + 5) % 7 as yesterday
        ) as t
      where
        w.schedule_id = p_schedule_id
        and w.period = p_period
        and case
          when w.window_start < w.window_end
            then t.clock >= w.window_start and t.clock < w.window_end and w.window_days >> t.today & 1 = 1
          -- Wraps midnight: the part after it belongs to the day on which the window started.
          else
            (t.clock >= w.window_start and w.window_days >> t.today & 1 = 1)
            or (t.clock < w.window_end and w.window_days >> t.yesterday & 1 = 1)
        end
    ),
    0
  );
end;
$$;

create function ratebook.find_sheet(
  p_model_id uuid,
  p_source text,
  p_currency text,
  p_usage jsonb,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz
) returns ratebook.price_sheets
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sheet ratebook.price_sheets;
begin
  select p.* into v_sheet
  from ratebook.price_schedules as s
  -- With the offset it is one lookup, whatever the planner thinks of the table.
  cross join lateral (
    select o.*
    from ratebook.price_sheets as o
    where
      o.schedule_id = s.id
      and o.period = width_bucket(p_at, s.starts)
      and o.service_tier = case when p_service_tier = any(s.service_tiers) then p_service_tier else 'standard' end
      and o.variant = case when p_variant = any(s.variants) then p_variant else '' end
      and o.region = case when p_region = any(s.regions) then p_region else '' end
      and o.open_windows = case when s.has_windows then ratebook.open_windows(s.id, width_bucket(p_at, s.starts), p_at) else 0 end
      and o.band = case
        when s.bounds = '{}' then 0
        else width_bucket(ratebook.context_tokens(p_usage), s.bounds)
      end
    offset 0
  ) as p
  where s.model_id = p_model_id and s.source = p_source and s.currency = p_currency;
  return v_sheet;
end;
$$;

create function ratebook.price_usage(
  p_sheet ratebook.price_sheets,
  p_usage jsonb
) returns table (
  meter text,
  quantity numeric,
  price_id uuid,
  price_meter text,
  unit_price numeric,
  cost numeric,
  is_public boolean
)
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tokens numeric;
begin
  if coalesce(cardinality((p_sheet).marginal), 0) = 0 then
    return query
    select
      u.key,
      u.value::numeric,
      ((p_sheet).price_rows -> u.key ->> 0)::uuid,
      (p_sheet).price_rows -> u.key ->> 1,
      ((p_sheet).prices -> u.key)::numeric,
      -- Nothing used costs nothing, priced or not.
      case when u.value::numeric = 0 then 0 else u.value::numeric * ((p_sheet).prices -> u.key)::numeric end,
      ((p_sheet).price_rows -> u.key -> 2)::boolean
    from jsonb_each(p_usage) as u
    order by u.key;
    return;
  end if;

  -- A marginal threshold cuts the request: what is below it keeps the price that it would have had alone. Each meter is
  -- cut in proportion to the request's input tokens.
  v_tokens := ratebook.context_tokens(p_usage);
  return query
  with bands as (
    select
      u.key,
      u.value::numeric as quantity,
      n.band,
      coalesce(floor(t.bounds[n.band]), 0) as lower,
      (s.prices -> u.key)::numeric as price,
      s.price_rows -> u.key as price_row,
      coalesce(u.key = any(s.marginal), false) as is_marginal
    from jsonb_each(p_usage) as u
    cross join generate_series(
      case when u.key = any((p_sheet).marginal) then 0 else (p_sheet).band end, (p_sheet).band
    ) as n (band)
    inner join ratebook.price_schedules as t on t.id = (p_sheet).schedule_id
    -- Left: a band without any price is a part without one.
    left join ratebook.price_sheets as s
      on
        (s.schedule_id, s.period, s.service_tier, s.variant, s.region, s.open_windows, s.band)
        = (
          (p_sheet).schedule_id, (p_sheet).period, (p_sheet).service_tier, (p_sheet).variant, (p_sheet).region,
          (p_sheet).open_windows, n.band
        )
  ),

  -- Below the first cut: the last band that is not marginal, whose price was the whole request's.
  tops as (
    select
      b.*,
      max(b.band) filter (where not b.is_marginal) over (partition by b.key) as whole_band,
      b.price_row is distinct from lag(b.price_row) over (partition by b.key order by b.band) as is_another_row
    from bands as b
  ),

  parts as (
    select
      t.*,
      count(*) filter (where t.band > t.whole_band and t.is_another_row) over (partition by t.key order by t.band) as part
    from tops as t
    where t.band >= t.whole_band
  ),

  priced as (
    select distinct on (p.key, p.part)
      p.*,
      min(p.lower) over (partition by p.key, p.part) as part_lower
    from parts as p
    order by p.key asc, p.part asc, p.band desc
  ),

  shares as (
    select
      q.*,
      coalesce(lead(q.part_lower) over (partition by q.key order by q.part), v_tokens)
      - case when q.part = 0 or q.key <> all((p_sheet).marginal) then 0 else q.part_lower end as tokens
    from priced as q
  ),

  lines as (
    select
      h.*,
      ratebook.share(h.quantity, h.tokens, v_tokens) as part_quantity,
      ratebook.share(h.quantity * h.price, h.tokens, v_tokens) as part_cost,
      lead(h.part) over (partition by h.key order by h.part) is null as is_last
    from shares as h
  )

  -- The last part is the rest, so that the parts of a meter add up to it, to the last digit.
  select
    h.key,
    case
      when h.is_last then h.quantity - (sum(h.part_quantity) over of_meter - h.part_quantity) else h.part_quantity
    end,
    (h.price_row ->> 0)::uuid,
    h.price_row ->> 1,
    h.price,
    case
      when h.quantity = 0 then 0
      when h.is_last
        then ratebook.share(sum(h.quantity * h.price * h.tokens) over of_meter, 1, v_tokens)
          - (sum(h.part_cost) over of_meter - h.part_cost)
      else h.part_cost
    end,
    (h.price_row -> 2)::boolean
  from lines as h
  window of_meter as (partition by h.key)
  order by h.key, h.part;
end;
$$;

create function ratebook.share(p_value numeric, p_part numeric, p_whole numeric) returns numeric
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
-- The whole is the whole, exactly; a true share is a quotient, to 30 decimals.
return case
  when p_part = p_whole then p_value
  else (p_value * p_part + 0.000000000000000000000000000000) / p_whole
end;

revoke all on function ratebook.context_tokens(jsonb) from public;
revoke all on function ratebook.open_windows(bigint, integer, timestamptz) from public;
revoke all on function ratebook.find_sheet(uuid, text, text, jsonb, text, text, text, timestamptz) from public;
revoke all on function ratebook.price_usage(ratebook.price_sheets, jsonb) from public;
revoke all on function ratebook.share(numeric, numeric, numeric) from public;

comment on function ratebook.context_tokens(jsonb) is
'The input of a usage that counts toward context thresholds, in tokens.';
comment on function ratebook.open_windows(bigint, integer, timestamptz) is
'Which daily windows of a schedule''s period are open at a time in it, as a bit mask of their numbers.';
comment on function ratebook.find_sheet(uuid, text, text, jsonb, text, text, text, timestamptz) is
'The price sheet for a request: two lookups, whatever the length of the history. NULL where no price is in force.';
comment on function ratebook.price_usage(ratebook.price_sheets, jsonb) is
'What each meter of a valid usage costs by a sheet; unit_price is NULL where it has no price. One row per meter, or per meter and band where a marginal context tier splits it.';
comment on function ratebook.share(numeric, numeric, numeric) is 'value × part / whole.';

-- from sql/45_prices/120_function_base_prices.sql

create function ratebook.base_prices(p_model_id uuid, p_at timestamptz) returns table (
  meter text,
  unit_type ai.unit_type_enum,
  price numeric,
  currency text,
  is_public boolean
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select k.key, k.unit_type, e.value::numeric, s.currency, (p.price_rows -> e.key -> 2)::boolean
  from ai.models as m
  inner join ratebook.price_schedules as s
    on s.model_id = m.id and s.source = m.price_source and s.currency = m.price_currency
  inner join ratebook.price_sheets as p
    on
      p.schedule_id = s.id
      and p.period = width_bucket(p_at, s.starts)
      and (p.service_tier, p.variant, p.region, p.open_windows, p.band) = ('standard', '', '', 0, 0)
  cross join lateral jsonb_each(p.prices) as e
  inner join ai.meters as k on k.key = e.key
  -- The sheet also holds what meters cost by their fallbacks.
  where m.id = p_model_id and p.price_rows -> e.key ->> 1 = e.key;
end;
$$;

revoke all on function ratebook.base_prices(uuid, timestamptz) from public;

comment on function ratebook.base_prices(uuid, timestamptz) is
'What each meter of a model that has a price of its own costs at a time, per ONE unit: in the standard tier, without threshold, window, variant and region. Hidden prices too, marked.';

-- from sql/45_prices/130_function_feed_problems.sql

create function ratebook.is_a_feed_name(p_name jsonb) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(jsonb_typeof(p_name) = 'string' and p_name #>> '{}' ~ '^\S(.{0,253}\S)?$', false);

create function ratebook.are_feed_names(p_names jsonb) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select case jsonb_typeof(p_names)
    when 'array'
      then
        not exists (
          select from jsonb_array_elements(p_names) as n (name)
          where not ratebook.is_a_feed_name(n.name)
        )
    else p_names is null
  end;
end;

create function ratebook.feed_problems(p_source text, p_models jsonb) returns setof text
language sql stable
set search_path = pg_catalog, pg_temp
-- What is no feed at all is told first: the checks below it could not read it.
begin atomic
  with models as materialized (
    select
      e.number,
      e.model,
      left(
        coalesce(concat_ws('/', e.model ->> 'provider', e.model ->> 'provider_model_key'), ''), 100
      ) as name,
      jsonb_typeof(e.model) = 'object' as is_object
    from
      jsonb_array_elements(case when jsonb_typeof(p_models) = 'array' then p_models end)
      with ordinality as e (model, number)
  ),

  prices as materialized (
    select
      m.name,
      m.number,
      p.price,
      left(p.price ->> 'meter', 60) as meter,
      jsonb_typeof(p.price) = 'object' as is_object
    from models as m
    cross join
      lateral jsonb_array_elements(
        case when jsonb_typeof(m.model -> 'prices') = 'array' then m.model -> 'prices' end
      ) as p (price)
    where m.is_object
  )

  select 'The source is not a lower-case name of at most 100 characters.'
  where p_source is null or p_source !~ '^[a-z0-9][a-z0-9_.-]{0,99}$'
  union all
  select 'The models are not a JSON array.'
  where jsonb_typeof(p_models) is distinct from 'array'
  union all
  select 'The feed has no models.'
  where p_models = '[]'
  union all
  select format('Model %s is not a JSON object.', m.number)
  from models as m
  where not m.is_object
  union all
  select format('Model %s (%s): %s', m.number, m.name, c.problem)
  from models as m
  cross join
    lateral (
      values
      (
        jsonb_typeof(m.model -> 'provider') is distinct from 'string'
        or m.model ->> 'provider' !~ '^[a-z0-9][a-z0-9_.-]{0,99}$',
        'its provider is not a lower-case key of at most 100 characters.'
      ),
      (
        not ratebook.is_a_feed_name(m.model -> 'provider_model_key')
        or length(concat_ws('/', m.model ->> 'provider', m.model ->> 'provider_model_key', p_source)) > 255,
        'its provider_model_key is not a name, or longer than 255 characters with provider and source.'
      ),
      (not ratebook.is_a_feed_name(m.model -> 'name'), 'its name is not one of at most 255 characters.'),
      (
        m.model ? 'provider_name' and not ratebook.is_a_feed_name(m.model -> 'provider_name'),
        'its provider_name is not one of at most 255 characters.'
      ),
      (jsonb_typeof(m.model -> 'prices') <> 'array', 'its prices are not a JSON array.'),
      (
        jsonb_typeof(m.model -> 'attributes') <> 'object',
        'its attributes are not a JSON object.'
      ),
      (
        not ratebook.are_feed_names(m.model -> 'aliases'),
        'its aliases are not a JSON array of names of at most 255 characters.'
      ),
      (
        not ratebook.are_feed_names(m.model -> 'unmapped'),
        'its unmapped keys are not a JSON array of names of at most 255 characters.'
      ),
      (
        exists (
          select from
            jsonb_each_text(
              case when jsonb_typeof(m.model -> 'attributes') = 'object' then m.model -> 'attributes' else '{}' end
            ) as a
          where
            (a.key in ('context_window', 'max_tokens') and (a.value !~ '^[1-9]\d{0,9}$' or a.value::bigint > 2147483647))
            or (a.key in ('modality', 'task') and a.value !~ '^\S.{0,100}$')
        ),
        'context_window and max_tokens are not whole numbers, or modality and task are not names.'
      ),
      (
        not ratebook.are_feed_names(m.model #> '{attributes,supports}')
        or not ratebook.are_feed_names(m.model #> '{attributes,capabilities}'),
        'supports and capabilities are not JSON arrays of names.'
      )
    ) as c (is_wrong, problem)
  where m.is_object and c.is_wrong
  union all
  select format('Model %s (%s) is in the feed twice.', min(m.number), min(m.name))
  from models as m
  where m.is_object
  group by m.model ->> 'provider', m.model ->> 'provider_model_key'
  having count(*) > 1
  union all
  select format('Model %s (%s): a price is not a JSON object.', p.number, p.name)
  from prices as p
  where not p.is_object
  union all
  select format('Model %s (%s), price of %s: %s', p.number, p.name, coalesce(p.meter, 'no meter'), c.problem)
  from prices as p
  cross join
    lateral (
      values
      (
        not exists (
          select from ai.meters as t
          where t.key = p.price ->> 'meter'
        ),
        'there is no such meter.'
      ),
      (
      -- Any JSON number, or one as a string, and not absurdly long. Null ends the price before, on a date.
        case
          when jsonb_typeof(p.price -> 'price') = 'null' then not p.price ? 'effective_from'
          when coalesce(p.price ->> 'price', '') !~ '^\d{1,40}(\.\d{1,60})?([eE][+-]?\d{1,2})?$' then true
          else (p.price ->> 'price')::numeric >= 1000000
        end,
        format('%s is not a number from 0 to below 1000000.', coalesce(to_json(left(p.price ->> 'price', 60))::text, 'none'))
      ),
      (
        p.price ? 'service_tier'
        and not exists (
          select from ai.service_tiers as t
          where t.key = p.price ->> 'service_tier'
        ),
        format('there is no service tier "%s".', left(p.price ->> 'service_tier', 60))
      ),
      (p.price ? 'currency' and p.price ->> 'currency' !~ '^[A-Z]{3}$', 'its currency is not an ISO 4217 code.'),
      (
        (p.price ? 'variant' and not ratebook.is_a_feed_name(p.price -> 'variant'))
        or (p.price ? 'region' and not ratebook.is_a_feed_name(p.price -> 'region')),
        'its variant or region is not a name of at most 255 characters.'
      ),
      (
        p.price ? 'context_threshold' and p.price ->> 'context_threshold' !~ '^[1-9]\d{0,17}$',
        'its context_threshold is not a whole number of tokens.'
      ),
      (
        p.price ? 'threshold_inclusive' and jsonb_typeof(p.price -> 'threshold_inclusive') <> 'boolean',
        'its threshold_inclusive is not true or false.'
      ),
      (
        p.price ? 'tier_mode' and p.price ->> 'tier_mode' not in ('whole_request', 'marginal'),
        'its tier_mode is not whole_request or marginal.'
      ),
      (
        num_nulls(
          p.price ->> 'window_start', p.price ->> 'window_end', p.price ->> 'window_days',
          p.price ->> 'window_time_zone'
        ) not in (0, 4)
        or p.price ->> 'window_start' !~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$'
        or p.price ->> 'window_end' !~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$'
        or p.price ->> 'window_start' = p.price ->> 'window_end'
        or p.price ->> 'window_days' !~ '^([1-9]|[1-9]\d|1[01]\d|12[0-7])$',
        'its window is not a start, another end, weekdays from 1 to 127 and a time zone.'
      ),
      (
        p.price ? 'effective_from' and coalesce(p.price ->> 'effective_from', '') !~ '^\d{4}-\d\d-\d\d',
        'its effective_from is not a time.'
      )
    ) as c (is_wrong, problem)
  where p.is_object and c.is_wrong;
end;

revoke all on function ratebook.is_a_feed_name(jsonb) from public;
revoke all on function ratebook.are_feed_names(jsonb) from public;
revoke all on function ratebook.feed_problems(text, jsonb) from public;

comment on function ratebook.is_a_feed_name(jsonb) is
'Whether a value is a JSON string of 1 to 255 characters without blanks around it.';
comment on function ratebook.are_feed_names(jsonb) is
'Whether a value is a JSON array of such strings, or missing.';
comment on function ratebook.feed_problems(text, jsonb) is
'Why a feed cannot be imported: one sentence per problem, none for a sound feed.';

-- from sql/45_prices/140_function_price_changes.sql

-- The difference between a catalogue and the rate book, all of it set-based: what a feed says is compared with what its
-- source says here, and only what differs is written.

create function ratebook.feed_models(p_source text, p_models jsonb) returns table (
  model_id uuid,
  provider text,
  provider_model_key text,
  name text,
  currency text,
  ref text,
  key text,
  provider_name text,
  aliases text[],
  attributes jsonb
)
language sql stable
set search_path = pg_catalog, pg_temp
-- The models of a valid feed with what is here of them. model_id is NULL for a new one, whose key is provider/model;
-- where that name means another model already, the source is added to it.
begin atomic
  select
    m.id,
    f.provider,
    f.provider_model_key,
    f.name,
    c.currency,
    f.provider || '/' || f.provider_model_key,
    coalesce(
      m.key,
      f.provider || '/' || f.provider_model_key || case
        when
          exists (
            select from ai.models as o
            where o.key = f.provider || '/' || f.provider_model_key
          )
          or exists (
            select from ai.model_aliases as o
            where o.alias = f.provider || '/' || f.provider_model_key
          )
          then '@' || p_source
        else ''
      end
    ),
    coalesce(f.provider_name, f.provider),
    array(select jsonb_array_elements_text(coalesce(f.aliases, '[]'))),
    coalesce(f.attributes, '{}')
  from
    jsonb_to_recordset(p_models)
      as f (
        provider text, provider_name text, provider_model_key text, name text, aliases jsonb, attributes jsonb,
        prices jsonb
      )
  left join ai.providers as p on p.key = f.provider
  left join ai.models as m on m.provider_id = p.id and m.provider_model_key = f.provider_model_key
  cross join lateral (
    select coalesce(min(e.price ->> 'currency'), 'USD') as currency
    from jsonb_array_elements(coalesce(f.prices, '[]')) as e (price)
  ) as c;
end;

create function ratebook.price_says(
  p_price numeric, p_threshold bigint, p_inclusive boolean, p_mode ai.tier_mode_enum
) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return trim_scale(p_price)::text || case
  when p_threshold is null then ' false whole_request'
  else format(' %s %s', p_inclusive::text, p_mode)
end;

create function ratebook.feed_prices(p_models jsonb) returns table (
  ref text,
  meter text,
  service_tier text,
  currency text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  price_key text,
  says text
)
language sql stable
set search_path = pg_catalog, pg_temp
-- price_key names what is priced, says what it costs: equal texts are equal prices.
begin atomic
  select
    r.ref,
    p.meter,
    r.service_tier,
    r.currency,
    p.variant,
    p.region,
    p.context_threshold,
    p.window_start,
    p.window_end,
    p.window_days,
    p.window_time_zone,
    p.effective_from,
    row(
      r.ref, p.meter, r.service_tier, r.currency, p.variant, p.region, p.context_threshold, p.window_start,
      p.window_end, p.window_days, p.window_time_zone
    )::text,
    ratebook.price_says(
      p.price, p.context_threshold, coalesce(p.threshold_inclusive, false), coalesce(p.tier_mode, 'whole_request')
    )
  from jsonb_to_recordset(p_models) as f (provider text, provider_model_key text, prices jsonb)
  cross join
    lateral jsonb_to_recordset(f.prices)
      as p (
        meter text, price numeric, service_tier text, currency text, variant text, region text,
        context_threshold bigint, threshold_inclusive boolean, tier_mode ai.tier_mode_enum, window_start time,
        window_end time, window_days integer, window_time_zone text, effective_from timestamptz
      )
  cross join
    lateral (
      select
        f.provider || '/' || f.provider_model_key as ref,
        coalesce(p.service_tier, 'standard') as service_tier,
        coalesce(p.currency, 'USD') as currency
    ) as r
  where f.prices is not null;
end;

create function ratebook.price_changes(
  p_source text, p_models jsonb, p_starts_at timestamptz, p_at timestamptz
) returns table (
  ref text,
  meter text,
  service_tier text,
  currency text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  says text,
  revision integer,
  change text
)
language sql stable
-- The sizes of a feed are unknown to the planner, which then takes them for tiny.
set search_path = pg_catalog, pg_temp set enable_nestloop = off
-- Both sides are series in time, per key. A price without a date says what applies from p_at on, or from p_starts_at
-- for a model that this source has not priced before; prices with dates say it for all time. Wherever the rate book
-- says something else on a date, that date needs a row.
begin atomic
  with feed as materialized (
    select f.* from ratebook.feed_prices(p_models) as f
  ),

  book as materialized (
    select distinct on (q.price_key, q.effective_from) q.*
    from (
      select
        b.meter,
        b.service_tier,
        b.currency,
        b.variant,
        b.region,
        b.context_threshold,
        b.window_start,
        b.window_end,
        b.window_days,
        b.window_time_zone,
        b.effective_from,
        b.revision,
        p.key || '/' || m.provider_model_key as ref,
        row(
          p.key || '/' || m.provider_model_key, b.meter, b.service_tier, b.currency, b.variant, b.region,
          b.context_threshold, b.window_start, b.window_end, b.window_days, b.window_time_zone
        )::text as price_key,
        ratebook.price_says(b.price_per_unit, b.context_threshold, b.threshold_inclusive, b.tier_mode) as says
      from ai.model_pricing as b
      inner join ai.models as m on m.id = b.model_id
      inner join ai.providers as p on p.id = m.provider_id
      where b.source = p_source and m.provider_model_key is not null
    ) as q
    order by q.price_key asc, q.effective_from asc, q.revision desc
  ),

  priced as (select distinct b.ref from book as b),

  booked as (select distinct b.price_key from book as b),

  -- From when on the feed has its say about a key.
  keys as materialized (
    select
      f.price_key,
      bool_or(f.effective_from is not null) as is_dated,
      bool_or(f.effective_from is null) as is_undated,
      min(f.effective_from) as first_date,
      bool_or(b.price_key is not null) as is_booked,
      case
        when
          bool_or(f.effective_from is not null)
          and (bool_and(b.price_key is null) or min(f.effective_from) <= greatest(p_at, p_starts_at))
          then '-infinity'
        when bool_or(p.ref is not null) then greatest(p_at, p_starts_at)
        else p_starts_at
      end as says_from
    from feed as f
    left join priced as p on p.ref = f.ref
    left join booked as b on b.price_key = f.price_key
    group by f.price_key
  ),

  moments as (
    select
      f.price_key,
      f.ref,
      f.meter,
      f.service_tier,
      f.currency,
      f.variant,
      f.region,
      f.context_threshold,
      f.window_start,
      f.window_end,
      f.window_days,
      f.window_time_zone,
      coalesce(f.effective_from, k.says_from) as effective_from,
      f.says as feed_says,
      true as in_feed,
      null::text as book_says,
      false as in_book,
      null::integer as revision
    from feed as f
    inner join keys as k on k.price_key = f.price_key
    union all
    select
      b.price_key,
      b.ref,
      b.meter,
      b.service_tier,
      b.currency,
      b.variant,
      b.region,
      b.context_threshold,
      b.window_start,
      b.window_end,
      b.window_days,
      b.window_time_zone,
      b.effective_from,
      null,
      false,
      b.says,
      true,
      b.revision
    from book as b
    union all
    -- Moments that neither side names: the end of a key that is gone, the start of one whose first price has no date.
    select distinct
      b.price_key,
      b.ref,
      b.meter,
      b.service_tier,
      b.currency,
      b.variant,
      b.region,
      b.context_threshold,
      b.window_start,
      b.window_end,
      b.window_days,
      b.window_time_zone,
      greatest(p_at, p_starts_at),
      null,
      false,
      null,
      false,
      null::integer
    from book as b
    where
      not exists (
        select from keys as k
        where k.price_key = b.price_key and (k.says_from = '-infinity' or k.is_undated)
      )
    union all
    select
      f.price_key,
      f.ref,
      f.meter,
      f.service_tier,
      f.currency,
      f.variant,
      f.region,
      f.context_threshold,
      f.window_start,
      f.window_end,
      f.window_days,
      f.window_time_zone,
      p_starts_at,
      null,
      false,
      null,
      false,
      null
    from feed as f
    inner join keys as k on k.price_key = f.price_key
    where
      f.effective_from is null
      and k.is_dated
      and k.says_from = '-infinity'
      and p_starts_at < k.first_date
      and not exists (
        select from book as b
        where b.price_key = f.price_key and b.effective_from <= p_starts_at
      )
  ),

  merged as (
    select
      m.price_key,
      m.effective_from,
      max(m.ref) as ref,
      max(m.meter) as meter,
      max(m.service_tier) as service_tier,
      max(m.currency) as currency,
      max(m.variant) as variant,
      max(m.region) as region,
      max(m.context_threshold) as context_threshold,
      max(m.window_start) as window_start,
      max(m.window_end) as window_end,
      max(m.window_days) as window_days,
      max(m.window_time_zone) as window_time_zone,
      max(m.feed_says) as feed_says,
      bool_or(m.in_feed) as in_feed,
      max(m.book_says) as book_says,
      bool_or(m.in_book) as in_book,
      max(m.revision) as revision
    from moments as m
    group by m.price_key, m.effective_from
  ),

  counted as (
    select
      m.*,
      count(*) filter (where m.in_feed) over w as feed_run,
      count(*) filter (where m.in_book) over w as book_run,
      coalesce(k.says_from, greatest(p_at, p_starts_at)) as says_from,
      coalesce(k.is_booked, true) as is_booked
    from merged as m
    left join keys as k on k.price_key = m.price_key
    window w as (partition by m.price_key order by m.effective_from)
  ),

  stated as (
    select
      c.*,
      first_value(c.feed_says) over (
        partition by c.price_key, c.feed_run order by c.in_feed desc, c.effective_from asc
      ) as wanted,
      first_value(c.book_says) over (
        partition by c.price_key, c.book_run order by c.in_book desc, c.effective_from asc
      ) as found
    from counted as c
  ),

  due as (
    select
      s.*,
      row_number() over w = 1 as is_first,
      lag(s.wanted) over w as wanted_before
    from stated as s
    where s.effective_from >= s.says_from and isfinite(s.effective_from)
    window w as (partition by s.price_key order by s.effective_from)
  )

  select
    d.ref,
    d.meter,
    d.service_tier,
    d.currency,
    d.variant,
    d.region,
    d.context_threshold,
    d.window_start,
    d.window_end,
    d.window_days,
    d.window_time_zone,
    d.effective_from,
    d.wanted,
    coalesce(d.revision + 1, 0),
    case
      when not c.differs then 'unchanged'
      when d.wanted is null then 'withdrawn'
      when not d.is_booked or c.says_now is null then 'added'
      else 'changed'
    end
  from due as d
  cross join
    lateral (
      select
        b.says_now,
        coalesce(d.wanted, '') <> coalesce(b.says_now, '') as differs
      from (select case when d.in_book or d.is_first then d.found else d.wanted_before end) as b (says_now)
    ) as c
  where d.in_feed or c.differs;
end;

revoke all on function ratebook.feed_models(text, jsonb) from public;
revoke all on function ratebook.price_says(numeric, bigint, boolean, ai.tier_mode_enum) from public;
revoke all on function ratebook.feed_prices(jsonb) from public;
revoke all on function ratebook.price_changes(text, jsonb, timestamptz, timestamptz) from public;

comment on function ratebook.feed_models(text, jsonb) is
'The models of a valid feed, each with the model here that it is, by provider and provider_model_key. ref: provider/provider_model_key.';
comment on function ratebook.price_says(numeric, bigint, boolean, ai.tier_mode_enum) is
'What a price row says, as a text that is the same for equal prices; NULL for a withdrawn row.';
comment on function ratebook.feed_prices(jsonb) is
'The prices of a valid feed, typed. price_key names what is priced, says what it costs: equal texts are equal prices.';
comment on function ratebook.price_changes(text, jsonb, timestamptz, timestamptz) is
'The price rows with which the rate book comes to say what a feed says, and the prices that stay. change: added, changed, withdrawn, unchanged.';

-- from sql/45_prices/150_function_import_catalogue.sql

create function ratebook.import_catalogue(
  p_source text, p_models jsonb, p_starts_at timestamptz, p_dry_run boolean
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_nestloop = off
set timezone = 'UTC'
as $$
-- Definer: reads and writes the registry and the rate book for the service role, which may do so table by table.
declare
  v_at timestamptz;
  v_problems text[];
  v_report jsonb := jsonb_build_object('source', p_source, 'dry_run', p_dry_run is not false);
  v_count integer;
  v_added text[];
  v_edited text[];
  v_renamed text[];
  v_repriced text[];
begin
  select array_agg(f.problem order by f.problem) into v_problems
  from ratebook.feed_problems(p_source, p_models) as f (problem);
  if v_problems is null then
    select array_agg(format('%s has two prices of %s for the same thing.', d.ref, d.meter)) into v_problems
    from (
      select f.ref, f.meter from ratebook.feed_prices(p_models) as f
      group by f.ref, f.meter, f.price_key, f.effective_from
      having count(*) > 1
    ) as d;
  end if;
  if p_starts_at is null or not isfinite(p_starts_at) then
    v_problems := v_problems || 'The time from which prices without a date apply is missing or infinite.'::text;
  end if;
  if v_problems is not null then
    perform ratebook.fail(
      'invalid_feed',
      v_problems[1] || case
        when cardinality(v_problems) > 1 then format(' (and %s more)', cardinality(v_problems) - 1) else ''
      end,
      'Nothing was imported. Mend the feed.',
      jsonb_build_object('problems', to_jsonb(v_problems[1:20]), 'count', cardinality(v_problems))
    );
  end if;

  -- One import at a time. Time is read after the wait.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.import_catalogue', 0));
  v_at := ratebook.clock();

  with missing as (
    select distinct on (f.provider) f.provider, f.provider_name
    from ratebook.feed_models(p_source, p_models) as f
    where not exists (select from ai.providers as p where p.key = f.provider)
    order by f.provider
  ),

  made as (
    insert into ai.providers (key, name, is_canonical)
    select m.provider, m.provider_name, true from missing as m
  )

  select count(*) into v_count from missing;
  v_report := v_report || jsonb_build_object('providers', jsonb_build_object('added', v_count));

  with fresh as materialized (
    select f.* from ratebook.feed_models(p_source, p_models) as f where f.model_id is null
  ),

  made as (
    insert into ai.models (
      key, name, provider_id, provider_model_key, price_source, price_currency, metadata, modality, task,
      capabilities, supports, context_window, max_tokens, provider_url, description, model_family, release_date,
      deprecation_date, status
    )
    select
      f.key, f.name, p.id, f.provider_model_key, p_source, f.currency, jsonb_build_object('catalogue', p_source),
      coalesce(a.modality, 'text'), coalesce(a.task, 'generation'), coalesce(a.capabilities, '{}'),
      coalesce(a.supports, '{}'), a.context_window, a.max_tokens, a.provider_url, a.description, a.model_family,
      a.release_date, a.deprecation_date, coalesce(a.status, 'active')
    from fresh as f
    inner join ai.providers as p on p.key = f.provider
    cross join lateral jsonb_to_record(f.attributes) as a (
      modality text, task text, capabilities ai.ai_capability_enum[], supports text[], context_window integer,
      max_tokens integer, provider_url text, description text, model_family text, release_date date,
      deprecation_date date, status ai.model_status_enum
    )
  )

  select coalesce(array_agg(f.ref), '{}') into v_added from fresh as f;

  -- A model that another source prices is not this catalogue's to describe.
  with stale as materialized (
    select m.id, f.ref, n.*
    from ratebook.feed_models(p_source, p_models) as f
    inner join ai.models as m on m.id = f.model_id
    cross join lateral jsonb_to_record(f.attributes) as a (
      supports text[], context_window integer, max_tokens integer, release_date date, deprecation_date date,
      status ai.model_status_enum
    )
    cross join lateral (
      select
        coalesce(a.supports, m.supports) as supports,
        coalesce(a.context_window, m.context_window) as context_window,
        coalesce(a.max_tokens, m.max_tokens) as max_tokens,
        coalesce(a.release_date, m.release_date) as release_date,
        coalesce(a.deprecation_date, m.deprecation_date) as deprecation_date,
        case
          -- An admin's word: a catalogue that drops a model leaves it active.
          when m.status = 'retired' and not m.is_active then m.status
          when a.status is not null then a.status
          when m.metadata ? 'removed_from_catalogue' and m.status = 'retired' then 'active'
          else m.status
        end as status,
        m.metadata - 'removed_from_catalogue' as metadata
    ) as n
    where
      m.price_source = p_source
      and m.deleted_at is null
      and (
        m.supports, m.context_window, m.max_tokens, m.release_date, m.deprecation_date, m.status, m.metadata
      ) is distinct from (
        n.supports, n.context_window, n.max_tokens, n.release_date, n.deprecation_date, n.status, n.metadata
      )
  ),

  changed as (
    update ai.models as m
    set
      supports = s.supports,
      context_window = s.context_window,
      max_tokens = s.max_tokens,
      release_date = s.release_date,
      deprecation_date = s.deprecation_date,
      status = s.status,
      metadata = s.metadata
    from stale as s
    where m.id = s.id
  )

  select coalesce(array_agg(s.ref), '{}') into v_edited from stale as s;

  with gone as materialized (
    select m.id
    from ai.models as m
    where
      m.price_source = p_source
      and m.metadata ->> 'catalogue' = p_source
      and not m.metadata ? 'removed_from_catalogue'
      and m.deleted_at is null
      and m.id not in (
        select f.model_id from ratebook.feed_models(p_source, p_models) as f where f.model_id is not null
      )
  ),

  marked as (
    update ai.models as m
    set status = 'retired', metadata = m.metadata || '{"removed_from_catalogue": true}'
    from gone as g
    where m.id = g.id
  )

  select count(*) into v_count from gone;

  with wanted as materialized (
    select distinct f.model_id, f.ref, f.key, a.alias
    from ratebook.feed_models(p_source, p_models) as f
    cross join lateral unnest(f.aliases) as a (alias)
    where a.alias <> f.key
  ),

  -- A name that means another model already goes on meaning that one.
  taken as materialized (
    select k.name, k.ref
    from (
      select m.key as name, p.key || '/' || m.provider_model_key as ref, m.id::text as id
      from ai.models as m
      inner join ai.providers as p on p.id = m.provider_id
      union
      select f.key, f.ref, f.model_id::text from ratebook.feed_models(p_source, p_models) as f
      union
      select a.alias, p.key || '/' || m.provider_model_key, m.id::text
      from ai.model_aliases as a
      inner join ai.models as m on m.id = a.model_id
      inner join ai.providers as p on p.id = m.provider_id
      union
      select w.alias, w.ref, null from wanted as w
    ) as k
  ),

  free as materialized (
    select w.*
    from wanted as w
    inner join (
      select t.name from taken as t
      group by t.name
      having count(distinct coalesce(t.ref, '')) = 1
    ) as o on o.name = w.alias
    where not exists (
      select from ai.model_aliases as a where a.alias = w.alias and a.model_id = w.model_id
    )
  ),

  made as (
    insert into ai.model_aliases (alias, model_id, source)
    select f.alias, f.model_id, p_source from free as f
  )

  select
    coalesce((select array_agg(distinct f.ref) from free as f where f.model_id is not null), '{}'),
    v_report || jsonb_build_object(
      'aliases', jsonb_build_object(
        'added', (select count(*) from free),
        'taken', (
          select count(*)
          from wanted as w
          inner join (
            select t.name from taken as t
            group by t.name
            having count(distinct coalesce(t.ref, '')) > 1
          ) as o on o.name = w.alias
        )
      )
    )
  into v_renamed, v_report;

  with plan as materialized (
    select c.* from ratebook.price_changes(p_source, p_models, p_starts_at, v_at) as c
  ),

  written as (
    insert into ai.model_pricing (
      model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
      context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone,
      source, revision, withdrawn, is_public
    )
    select
      m.id, c.meter, t.unit_type, split_part(c.says, ' ', 1)::numeric, c.currency, c.effective_from,
      c.service_tier, c.variant, c.region, c.context_threshold,
      coalesce(split_part(c.says, ' ', 2)::boolean, false),
      coalesce(split_part(c.says, ' ', 3)::ai.tier_mode_enum, 'whole_request'),
      c.window_start, c.window_end, c.window_days, c.window_time_zone, p_source, c.revision, c.says is null,
      -- A price that was hidden stays hidden.
      coalesce(
        (
          select q.is_public
          from ai.model_pricing as q
          where
            (q.model_id, q.source, q.currency, q.meter, q.service_tier)
            = (m.id, p_source, c.currency, c.meter, c.service_tier)
            and (
              q.variant, q.region, q.context_threshold, q.window_start, q.window_end, q.window_days, q.window_time_zone
            ) is not distinct from (
              c.variant, c.region, c.context_threshold, c.window_start, c.window_end, c.window_days, c.window_time_zone
            )
            and q.effective_from <= c.effective_from
          order by q.effective_from desc, q.revision desc
          limit 1
        ),
        true
      )
    from plan as c
    inner join ai.meters as t on t.key = c.meter
    inner join (
      select m.id, p.key || '/' || m.provider_model_key as ref
      from ai.models as m
      inner join ai.providers as p on p.id = m.provider_id
    ) as m on m.ref = c.ref
    where c.change <> 'unchanged'
  )

  select
    coalesce(array_agg(distinct c.ref) filter (where c.change <> 'unchanged'), '{}'),
    v_report || jsonb_build_object(
      'prices', jsonb_build_object(
        'added', count(*) filter (where c.change = 'added'),
        'changed', count(*) filter (where c.change = 'changed'),
        'unchanged', count(*) filter (where c.change = 'unchanged'),
        'withdrawn', count(*) filter (where c.change = 'withdrawn')
      )
    )
  into v_repriced, v_report
  from plan as c;

  -- A model without prices takes on the currency of its first.
  update ai.models as m
  set price_currency = f.currency
  from ratebook.feed_models(p_source, p_models) as f
  where
    m.id = f.model_id
    and m.price_source = p_source
    and m.price_currency <> f.currency
    and exists (select from ai.model_pricing as p where p.model_id = m.id and p.source = p_source)
    and not exists (
      select from ai.model_pricing as p
      where p.model_id = m.id and p.source = p_source and p.currency = m.price_currency
    );

  v_report := v_report || (
    select jsonb_build_object(
      'models', jsonb_build_object(
        'added', cardinality(v_added),
        'changed', count(*) filter (where f.is_known and f.is_changed),
        'repriced', count(*) filter (where f.is_known and f.is_repriced),
        'unchanged', count(*) filter (where f.is_known and not f.is_changed),
        'removed', v_count
      ),
      'unmapped', (
        select coalesce(jsonb_object_agg(u.key, u.found), '{}')
        from (
          select k.key, count(*) as found
          from jsonb_array_elements(p_models) as m (model)
          cross join lateral jsonb_array_elements_text(coalesce(m.model -> 'unmapped', '[]')) as k (key)
          group by k.key
        ) as u
      )
    )
    from (
      select
        not f.ref = any(v_added) as is_known,
        f.ref = any(v_repriced) as is_repriced,
        f.ref = any(v_repriced) or f.ref = any(v_edited) or f.ref = any(v_renamed) as is_changed
      from (
        select m.provider || '/' || m.provider_model_key as ref
        from jsonb_to_recordset(p_models) as m (provider text, provider_model_key text)
      ) as f
    ) as f
  );
  if p_dry_run is not false then
    raise exception 'Undo what was tried.' using errcode = 'RB000';
  end if;
  return v_report;
exception
  -- Variables outlive what is undone.
  when sqlstate 'RB000' then
    return v_report;
  when data_exception or check_violation then
    perform ratebook.fail(
      'invalid_feed', format('The feed cannot be read: %s.', left(sqlerrm, 300)), 'Nothing was imported. Mend the feed.'
    );
    return null;
end;
$$;

create function ai.import_catalogue(
  source text,
  models jsonb,
  starts_at timestamptz default '2020-01-01T00:00:00Z',
  dry_run boolean default false
) returns jsonb
language sql volatile
-- PostgREST takes it over for the whole request: a large catalogue needs longer than a listing may.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select ratebook.import_catalogue(source, models, starts_at, dry_run);
end;

revoke all on function ratebook.import_catalogue(text, jsonb, timestamptz, boolean) from public;
revoke all on function ai.import_catalogue(text, jsonb, timestamptz, boolean) from public;
grant execute on function ratebook.import_catalogue(text, jsonb, timestamptz, boolean) to service_role;
grant execute on function ai.import_catalogue(text, jsonb, timestamptz, boolean) to service_role;

comment on function ratebook.import_catalogue(text, jsonb, timestamptz, boolean) is
'The rule behind ai.import_catalogue().';
comment on function ai.import_catalogue(text, jsonb, timestamptz, boolean) is
'Service role only. Brings the registry and one source''s prices to what a catalogue says, in one transaction: adds providers, models, aliases and price rows, withdraws prices that are gone, marks models that are gone as retired. models: [{provider, provider_name, provider_model_key, name, aliases, attributes, prices: [{meter, price, service_tier, variant, region, context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone, currency, effective_from}], unmapped}]; a price is a decimal string per ONE unit. Prices without a date start at starts_at for models new to the source, else now. dry_run does all that, reports and undoes it. Returns {source, dry_run, providers, models, aliases, prices, unmapped}, counts all. Errors: invalid_feed (PT422, DETAIL lists the first problems), too_many_windows (PT422), and then nothing is changed.';

-- from sql/45_prices/160_function_usage_fields.sql

-- What the usage objects of providers hold: each counts the same token in several fields, and each in its own way.

-- Every format, in one place, by its own name and by its name in ai.provider_contract_enum.
create function ratebook.usage_formats() returns table (
  name text, format text, caches_are_inside boolean, thoughts_are_inside boolean
)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select
    f.name,
    f.format,
    f.caches_are_inside,
    f.thoughts_are_inside
  from (
    values
    ('openai_chat', 'openai_chat', true, true),
    ('openai_responses', 'openai_responses', true, true),
    ('anthropic', 'anthropic', false, true),
    ('anthropic_messages', 'anthropic', false, true),
    ('gemini', 'gemini', true, false),
    ('gemini_generate', 'gemini', true, false),
    ('bedrock', 'bedrock', false, true),
    ('bedrock_converse', 'bedrock', false, true)
  ) as f (name, format, caches_are_inside, thoughts_are_inside);
end;

-- What each field of a format counts. Fields of one part are added up, except that the part `cached_again` repeats
-- the part `cached` under another name. `none`: nothing of its own, neither the field nor what is under it.
create function ratebook.usage_fields(p_format text) returns table (path text, part text)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  -- OpenAI and those who speak its language. A text count is what the others leave; predictions, accepted and
  -- rejected, are billed inside the completion. DeepSeek and Moonshot name the cached tokens outside the details too.
  select
    f.path,
    f.part
  from (
    values
    ('openai_chat', 'prompt_tokens', 'input'),
    ('openai_chat', 'completion_tokens', 'output'),
    ('openai_chat', 'prompt_cache_hit_tokens', 'cached_again'),
    ('openai_chat', 'prompt_cache_miss_tokens', 'none'),
    ('openai_chat', 'cached_tokens', 'cached_again'),
    ('openai_responses', 'input_tokens', 'input'),
    ('openai_responses', 'output_tokens', 'output'),
    ('openai_responses', 'seconds', 'seconds'),
    ('openai_chat', 'total_tokens', 'total'),
    ('openai_responses', 'total_tokens', 'total')
  ) as f (format, path, part)
  where f.format = p_format
  union all
  select
    d.path || '.' || f.path,
    f.part
  from (
    values
    ('openai_chat', 'prompt_tokens_details', 'input'),
    ('openai_chat', 'completion_tokens_details', 'output'),
    ('openai_responses', 'input_tokens_details', 'input'),
    ('openai_responses', 'output_tokens_details', 'output'),
    -- Realtime and transcriptions.
    ('openai_responses', 'input_token_details', 'input'),
    ('openai_responses', 'output_token_details', 'output')
  ) as d (format, path, side)
  inner join (
    values
    ('input', 'text_tokens', 'none'),
    ('input', 'image_tokens', 'input_image'),
    ('input', 'audio_tokens', 'input_audio'),
    ('input', 'video_tokens', 'input_video'),
    ('input', 'cached_tokens', 'cached'),
    ('input', 'cached_tokens_details.text_tokens', 'none'),
    ('input', 'cached_tokens_details.image_tokens', 'cached_image'),
    ('input', 'cached_tokens_details.audio_tokens', 'cached_audio'),
    ('input', 'cached_tokens_details.video_tokens', 'cached_video'),
    ('input', 'cache_write_tokens', 'written'),
    -- ttl_12h_tokens cost more and have no meter: as an unknown count they are refused.
    ('input', 'cache_write_tokens_details.ttl_30m_tokens', 'written_short'),
    ('output', 'text_tokens', 'none'),
    ('output', 'image_tokens', 'output_image'),
    ('output', 'audio_tokens', 'output_audio'),
    ('output', 'video_tokens', 'output_video'),
    ('output', 'reasoning_tokens', 'thoughts'),
    ('output', 'accepted_prediction_tokens', 'none'),
    ('output', 'rejected_prediction_tokens', 'none')
  ) as f (side, path, part) on f.side = d.side
  where d.format = p_format
  union all
  -- Gemini: the results of tools are read beside the prompt. The Live API says response for candidates.
  select
    f.path,
    f.part
  from (
    values
    ('promptTokenCount', 'input'),
    ('toolUsePromptTokenCount', 'input'),
    ('cachedContentTokenCount', 'cached'),
    ('candidatesTokenCount', 'output'),
    ('responseTokenCount', 'output'),
    ('thoughtsTokenCount', 'thoughts'),
    ('totalTokenCount', 'total')
  ) as f (path, part)
  where p_format = 'gemini'
  union all
  -- A page of a document is read as a picture. A medium that is not named is text.
  select
    d.path || '.' || m.modality || '.tokenCount',
    case m.medium when 'text' then 'none' else d.side || '_' || m.medium end
  from (
    values
    ('promptTokensDetails', 'input'), ('toolUsePromptTokensDetails', 'input'), ('cacheTokensDetails', 'cached'),
    ('candidatesTokensDetails', 'output'), ('responseTokensDetails', 'output')
  ) as d (path, side)
  cross join (
    values
    ('TEXT', 'text'), ('MODALITY_UNSPECIFIED', 'text'), ('?', 'text'), ('IMAGE', 'image'), ('DOCUMENT', 'image'),
    ('AUDIO', 'audio'), ('VIDEO', 'video')
  ) as m (modality, medium)
  where p_format = 'gemini'
  union all
  -- Anthropic. A compaction reads and writes beside the message, at the same prices; the iterations of the message
  -- itself are in its counts already. Any other iteration is another model's.
  select
    i.path || f.path,
    f.part
  from (values (''), ('iterations.compaction.')) as i (path)
  cross join (
    values
    ('input_tokens', 'input'),
    ('cache_read_input_tokens', 'cached'),
    ('cache_creation_input_tokens', 'written'),
    ('cache_creation.ephemeral_5m_input_tokens', 'written_short'),
    ('cache_creation.ephemeral_1h_input_tokens', 'written_1h'),
    ('output_tokens', 'output'),
    ('output_tokens_details.thinking_tokens', 'thoughts')
  ) as f (path, part)
  where p_format = 'anthropic'
  union all
  select
    f.path,
    f.part
  from (
    values
    ('iterations.message', 'none'),
    ('server_tool_use.web_search_requests', 'web_search'),
    -- Fetching costs nothing but its tokens.
    ('server_tool_use.web_fetch_requests', 'none')
  ) as f (path, part)
  where p_format = 'anthropic'
  union all
  select
    f.path,
    f.part
  from (
    values
    ('inputTokens', 'input'),
    ('cacheReadInputTokens', 'cached'),
    ('cacheWriteInputTokens', 'written'),
    ('cacheDetails.5m.inputTokens', 'written_short'),
    ('cacheDetails.1h.inputTokens', 'written_1h'),
    -- The same two once more; InvokeModel of Nova has these only.
    ('cacheReadInputTokenCount', 'cached_again'),
    ('cacheWriteInputTokenCount', 'written_again'),
    ('outputTokens', 'output'),
    ('totalTokens', 'total')
  ) as f (path, part)
  where p_format = 'bedrock';
end;

-- Lists hold objects that say what they are about: Gemini's modality, Bedrock's ttl, Anthropic's type.
create function ratebook.usage_values(p_usage jsonb) returns table (path text, value jsonb)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  with recursive found (path, value, depth) as (
    select
      e.key,
      e.value,
      1
    from jsonb_each(p_usage) as e
    union all
    select
      f.path || '.' || e.key,
      e.value,
      f.depth + 1
    from found as f
    cross join
      lateral (
        select
          o.key,
          o.value
        from jsonb_each(case jsonb_typeof(f.value) when 'object' then f.value end) as o
        union all
        select
          coalesce(a.value ->> 'modality', a.value ->> 'ttl', a.value ->> 'type', '?'),
          a.value
        from jsonb_array_elements(case jsonb_typeof(f.value) when 'array' then f.value end) as a
      ) as e
    where f.depth < 8
  )

  select
    f.path,
    f.value
  from found as f;
end;

revoke all on function ratebook.usage_formats() from public;
revoke all on function ratebook.usage_fields(text) from public;
revoke all on function ratebook.usage_values(jsonb) from public;

comment on function ratebook.usage_formats() is
'The formats of ai.normalize_usage(): each by its names, whether its input holds the cached tokens, and whether its output holds the thoughts where no total says so.';
comment on function ratebook.usage_fields(text) is
'The fields of a format that count, and the part that each counts: input, cached, written and output, by medium and time to live; thoughts; total; none for what is counted elsewhere or costs nothing.';
comment on function ratebook.usage_values(jsonb) is
'Everything in a usage object by its path, such as cacheDetails.1h.inputTokens: the entries of a list go by their modality, ttl or type.';

-- from sql/45_prices/170_function_normalize_usage.sql

-- One more number that the fields do not explain may be money. It counts as a count by its name, so that the times,
-- costs and rates that many providers add are no errors.
create function ratebook.is_count(p_path text) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return
p_path ~* '(token|request|quer|search|source|image|audio|video|second|char|page|tool|call|session)[^.]*$'
and p_path !~* '(cost|price|latenc|per_?second|time_?to)';

create function ratebook.refuse_field(
  p_error text, p_format text, p_field text, p_why text, p_hint text default null
) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail(p_error, format('"%s" of this %s usage %s.', left(p_field, 200), p_format, p_why), p_hint,
    jsonb_build_object('format', p_format, 'field', left(p_field, 200)));
end;
$$;

-- Takes the counts apart: reads the fields, makes the input whole, splits it by cache and by medium, then the output.
create function ratebook.normalize_usage(p_format text, p_raw jsonb) returns jsonb
language plpgsql immutable parallel safe security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what it is made of is in a schema that callers may not look into. It reads no table.
declare
  v_format text;
  v_caches_are_inside boolean;
  v_thoughts_are_inside boolean;
  v_usage jsonb := p_raw;
  v_found record;
  v_count jsonb;   -- part → what its fields add up to
  v_field jsonb;   -- part → a field that says so
  v_read numeric;  -- all input tokens
  v_text numeric;  -- those of no other meter
  v_cached numeric;
  v_written numeric;
  v_written_1h numeric;
  v_output numeric;
  v_thoughts numeric;
  v_total numeric;
  v_rest numeric;
  v_taken numeric;
  v_media constant text[] := array['image', 'audio', 'video'];
  v_input_of numeric[];
  v_cached_of numeric[];
  v_written_of numeric[] := array[0, 0, 0];
  v_output_of numeric[];
  v_result jsonb;
begin
  select f.format, f.caches_are_inside, f.thoughts_are_inside
  into v_format, v_caches_are_inside, v_thoughts_are_inside
  from ratebook.usage_formats() as f
  where f.name = p_format;
  if not found then
    perform ratebook.fail(
      'unknown_format', format('There is no usage format called "%s".', left(p_format, 100)),
      format('Formats: %s.', (select string_agg(f.name, ', ' order by f.name) from ratebook.usage_formats() as f)),
      jsonb_build_object('format', left(p_format, 100))
    );
  end if;

  -- A GET request carries the object as text; a whole response carries it inside.
  if jsonb_typeof(v_usage) = 'string' and v_usage #>> '{}' ~ '^\s*\{' then
    begin
      v_usage := (v_usage #>> '{}')::jsonb;
    exception
      when invalid_text_representation or untranslatable_character or numeric_value_out_of_range
        or statement_too_complex
        then null; -- What comes next says what is wrong.
    end;
  end if;
  v_usage := coalesce(v_usage -> 'usage', v_usage -> 'usageMetadata', v_usage);
  if jsonb_typeof(v_usage) is distinct from 'object' then
    perform ratebook.fail('invalid_usage', 'A provider''s usage is a JSON object.',
      'Pass the usage of the response, or the response that holds it.', jsonb_build_object('format', v_format));
  end if;

  -- What is in the fields.
  select v.path, v.value, coalesce(f.part, '') as part into v_found
  from ratebook.usage_values(v_usage) as v
  left join ratebook.usage_fields(v_format) as f
    on f.path = v.path or (f.part = 'none' and starts_with(v.path, f.path || '.'))
  where case
    when f.part = 'none' or v.value = 'null' then false
    when f.part is null
      then jsonb_typeof(v.value) = 'number' and v.value <> '0' and ratebook.is_count(v.path)
    when jsonb_typeof(v.value) = 'number'
      then v.value::numeric < 0 or v.value::numeric > 1e12 or (f.part <> 'seconds' and v.value::numeric <> trunc(v.value::numeric))
    else true
  end
  order by f.part is null, v.path
  limit 1;
  if v_found.part = '' then
    perform ratebook.refuse_field('invalid_usage', v_format, v_found.path, 'counts something that has no meter here',
      'Take it out, and add to the result what it costs, or price it apart.');
  elsif jsonb_typeof(v_found.value) <> 'number' then
    perform ratebook.refuse_field('not_a_number', v_format, v_found.path, 'is not a number');
  elsif v_found.value::numeric < 0 then
    perform ratebook.refuse_field('negative_quantity', v_format, v_found.path, 'is negative');
  elsif v_found.value::numeric > 1e12 then
    perform ratebook.refuse_field('quantity_out_of_range', v_format, v_found.path, 'is out of range');
  elsif v_found.path is not null then
    perform ratebook.refuse_field('invalid_usage', v_format, v_found.path, 'is not whole');
  end if;

  select jsonb_object_agg(p.part, p.quantity), jsonb_object_agg(p.part, p.path) into v_count, v_field
  from (
    select
      f.part,
      case when f.part in ('cached_again', 'written_again') then max(v.value::numeric) else sum(v.value::numeric) end as quantity,
      min(v.path) as path
    from ratebook.usage_values(v_usage) as v
    inner join ratebook.usage_fields(v_format) as f on f.path = v.path
    where f.part <> 'none' and jsonb_typeof(v.value) = 'number'
    group by f.part
  ) as p;
  if v_count - 'total' = '{}' or v_count is null then
    perform ratebook.fail('invalid_usage', format('This usage has no counts of format %s.', v_format),
      'Look whether it is another format.', jsonb_build_object('format', v_format));
  end if;

  -- The input. A cache's tokens are a part of it or beside it; written ones may be told apart by how long they stay.
  v_cached := greatest((v_count ->> 'cached')::numeric, (v_count ->> 'cached_again')::numeric, 0);
  v_written_1h := coalesce((v_count ->> 'written_1h')::numeric, 0);
  v_rest := v_written_1h + coalesce((v_count ->> 'written_short')::numeric, 0);
  v_written := coalesce(greatest((v_count ->> 'written')::numeric, (v_count ->> 'written_again')::numeric), v_rest);
  if v_rest not in (0, v_written) then
    perform ratebook.refuse_field('invalid_usage', v_format, v_field ->> 'written',
      format('is %s, and its parts add up to %s', v_written, v_rest));
  end if;
  v_read := coalesce((v_count ->> 'input')::numeric, 0);
  if not v_caches_are_inside then
    v_read := v_read + v_cached + v_written;
  elsif v_cached + v_written > v_read then
    perform ratebook.refuse_field('invalid_usage', v_format,
      coalesce(
        case when v_cached > v_read then coalesce(v_field ->> 'cached', v_field ->> 'cached_again') end,
        v_field ->> 'written', v_field ->> 'written_short'
      ),
      format('is more than the input of %s that it is a part of', v_read));
  end if;

  -- Its media, and how much of each is cached.
  select
    array_agg(coalesce((v_count ->> ('input_' || m.name))::numeric, 0) order by m.number),
    array_agg(coalesce((v_count ->> ('cached_' || m.name))::numeric, 0) order by m.number),
    array_agg(coalesce((v_count ->> ('output_' || m.name))::numeric, 0) order by m.number)
  into v_input_of, v_cached_of, v_output_of
  from unnest(v_media) with ordinality as m (name, number);
  v_text := v_read;
  v_rest := v_cached;
  for i in 1..3 loop
    v_text := v_text - v_input_of[i];
    v_rest := v_rest - v_cached_of[i];
    if v_text < 0 then
      perform ratebook.refuse_field('invalid_usage', v_format, v_field ->> ('input_' || v_media[i]),
        format('is more than the input of %s leaves', v_read));
    elsif v_rest < 0 or v_cached_of[i] > v_input_of[i] then
      perform ratebook.refuse_field('invalid_usage', v_format, v_field ->> ('cached_' || v_media[i]),
        'is more than was cached or more than was read');
    end if;
  end loop;

  -- The cached tokens whose medium is not told are text, as far as there is text, then image, audio, video. The same
  -- for those written to the cache. Input is what is left.
  v_taken := least(v_rest, v_text);
  v_text := v_text - v_taken;
  v_rest := v_rest - v_taken;
  for i in 1..3 loop
    v_taken := least(v_rest, v_input_of[i] - v_cached_of[i]);
    v_cached_of[i] := v_cached_of[i] + v_taken;
    v_rest := v_rest - v_taken;
  end loop;
  v_taken := least(v_written, v_text);
  v_text := v_text - v_taken;
  v_rest := v_written - v_taken;
  for i in 1..3 loop
    v_written_of[i] := least(v_rest, v_input_of[i] - v_cached_of[i]);
    v_rest := v_rest - v_written_of[i];
  end loop;

  -- The output. The total, where there is one, says whether thoughts are a part of it; else the format does.
  v_output := coalesce((v_count ->> 'output')::numeric, 0);
  v_thoughts := coalesce((v_count ->> 'thoughts')::numeric, 0);
  v_total := (v_count ->> 'total')::numeric;
  if v_total = v_read + v_output then
    v_thoughts_are_inside := true;
  elsif v_total = v_read + v_output + v_thoughts then
    v_thoughts_are_inside := false;
  elsif v_format = 'bedrock' and v_total = v_read + v_output - v_cached - v_written then
    null; -- As documented; in practice the total holds the caches too.
  elsif v_total is not null then
    perform ratebook.refuse_field('invalid_usage', v_format, v_field ->> 'total',
      format('is %s, and the counts add up to %s', v_total,
        v_read + v_output + case when v_thoughts_are_inside then 0 else v_thoughts end),
      'A count is missing or wrong.');
  end if;
  if v_thoughts_are_inside then
    v_output := v_output - v_thoughts;
  end if;
  if v_output < 0 then
    perform ratebook.refuse_field('invalid_usage', v_format, v_field ->> 'thoughts',
      'is more than the output that it is a part of');
  end if;
  -- The usage of OpenAI's images: without details, the output is the picture.
  if v_format = 'openai_responses'
    and (v_usage -> 'input_tokens_details') ? 'image_tokens'
    and not (v_usage -> 'input_tokens_details') ? 'cached_tokens'
    and jsonb_typeof(v_usage -> 'output_tokens_details') is distinct from 'object'
  then
    v_output_of[1] := v_output;
  end if;
  for i in 1..3 loop
    v_output := v_output - v_output_of[i];
    if v_output < 0 then
      perform ratebook.refuse_field('invalid_usage', v_format, v_field ->> ('output_' || v_media[i]),
        'is more than the output leaves');
    end if;
  end loop;

  select jsonb_object_agg(m.meter, trim_scale(m.quantity)) into v_result
  from (
    values
    ('input', v_text),
    ('input_image', v_input_of[1] - v_cached_of[1] - v_written_of[1]),
    ('input_audio', v_input_of[2] - v_cached_of[2] - v_written_of[2]),
    ('input_video', v_input_of[3] - v_cached_of[3] - v_written_of[3]),
    ('cache_read', v_cached - v_cached_of[1] - v_cached_of[2]),
    ('cache_read_image', v_cached_of[1]),
    ('cache_read_audio', v_cached_of[2]),
    ('cache_write', v_written - v_written_1h - v_written_of[2]),
    ('cache_write_1h', v_written_1h),
    ('cache_write_audio', v_written_of[2]),
    ('output', v_output),
    ('output_image', v_output_of[1]),
    ('output_audio', v_output_of[2]),
    ('output_video', v_output_of[3]),
    ('reasoning', v_thoughts),
    ('web_search', coalesce((v_count ->> 'web_search')::numeric, 0)),
    ('input_audio_second', coalesce((v_count ->> 'seconds')::numeric, 0))
  ) as m (meter, quantity)
  where m.quantity <> 0;
  select m.key as meter into v_found
  from jsonb_each(v_result) as m
  where m.value::numeric > 1e12 or scale(m.value::numeric) > 12
  limit 1;
  if found then
    perform ratebook.fail('quantity_out_of_range', format('The quantity of "%s" is out of range.', v_found.meter),
      'Quantities are at most 1e12, with at most 12 decimals.',
      jsonb_build_object('format', v_format, 'meter', v_found.meter));
  end if;
  return coalesce(v_result, '{"input": 0, "output": 0}');
end;
$$;

create function ai.normalize_usage(format text, raw jsonb) returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return ratebook.normalize_usage(format, raw);

revoke all on function ratebook.is_count(text) from public;
revoke all on function ratebook.refuse_field(text, text, text, text, text) from public;
revoke all on function ratebook.normalize_usage(text, jsonb) from public;
revoke all on function ai.normalize_usage(text, jsonb) from public;
grant execute on function ratebook.normalize_usage(text, jsonb) to anon, authenticated, service_role;
grant execute on function ai.normalize_usage(text, jsonb) to anon, authenticated, service_role;

comment on function ratebook.is_count(text) is
'Whether a field that is not known counts something, going by its name: tokens, requests, searches, images, seconds and the like, but no cost, time or rate.';
comment on function ratebook.refuse_field(text, text, text, text, text) is
'Raises an error of ratebook.fail() about a field of a usage; DETAIL has the format and the field.';
comment on function ratebook.normalize_usage(text, jsonb) is 'The rule behind ai.normalize_usage().';
comment on function ai.normalize_usage(text, jsonb) is
'A provider''s own usage object as Ratebook''s usage, each token in one meter: for billing.quote() and ai.finish_generation(). format: openai_chat (also of those who speak it: xAI, DeepSeek, OpenRouter and others), openai_responses (also images, realtime, transcriptions), anthropic or anthropic_messages, gemini or gemini_generate, bedrock or bedrock_converse. raw: the object, or the response that holds it as usage or usageMetadata; what a response bills beside it, such as searches that it lists, is yours to add. '
'Cached and written tokens leave the input, thoughts (reasoning) the output, sound and pictures both. A total says whether thoughts are part of the output; counts that do not add up to it are refused. Cached tokens of no known medium are text first, then image, audio, video. Missing counts and null are zero; meters of zero are left out, unless all are: {"input": 0, "output": 0}. '
'A field that is not known is refused where its name counts something (tokens, requests, searches, images, seconds, ...) and its number is not zero, since it may cost; other numbers, such as times and costs, are passed over. Errors, all PT422, DETAIL names the field: unknown_format, invalid_usage (counts that contradict each other, broken ones, unknown ones, none), not_a_number, negative_quantity, quantity_out_of_range.';

-- from sql/45_prices/180_function_schedule_price.sql

create function ratebook.schedule_price(
  p_model text,
  p_meter text,
  p_price numeric,
  p_effective_from timestamptz,
  p_currency text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_source text
) returns setof ai.model_pricing
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_model_id uuid;
  v_price_id uuid;
begin
  perform ratebook.assert_privileged();
  v_model_id := ratebook.model_to_change(p_model);
  v_price_id := ratebook.set_price(
    v_model_id, p_meter, p_price,
    coalesce(p_currency, (select m.price_currency from ai.models as m where m.id = v_model_id)),
    p_effective_from, p_service_tier, p_variant, p_region, p_source
  );
  return query select p.* from ai.model_pricing as p where p.id = v_price_id;
end;
$$;

create function ai.schedule_price(
  model text,
  meter text,
  price numeric,
  effective_from timestamptz default ratebook.clock(),
  currency text default null,
  service_tier text default 'standard',
  variant text default null,
  region text default null,
  source text default null
) returns setof ai.model_pricing
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select p.*
  from ratebook.schedule_price(model, meter, price, effective_from, currency, service_tier, variant, region, source) as p;
end;

revoke all on function ratebook.schedule_price(
  text, text, numeric, timestamptz, text, text, text, text, text
) from public;
revoke all on function ai.schedule_price(
  text, text, numeric, timestamptz, text, text, text, text, text
) from public;
grant execute on function ratebook.schedule_price(
  text, text, numeric, timestamptz, text, text, text, text, text
) to authenticated, service_role;
grant execute on function ai.schedule_price(
  text, text, numeric, timestamptz, text, text, text, text, text
) to authenticated, service_role;

comment on function ratebook.schedule_price(text, text, numeric, timestamptz, text, text, text, text, text) is
'The rule behind ai.schedule_price().';
comment on function ai.schedule_price(text, text, numeric, timestamptz, text, text, text, text, text) is
'For admins and the service role. Sets the price of ONE unit of a meter from a time on, now unless told; price NULL ends it. Currency and source are those that price the model unless given: a price of another source or currency waits until the model says so. The next import of that source compares with it. Returns the new row of ai.model_pricing, or none where that price is in force at that time already. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model (PT409), unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument, invalid_time, unknown_service_tier (PT422).';

-- from sql/45_prices/190_function_export_prices.sql

create function ratebook.export_prices(p_at timestamptz) returns table (
  model text,
  name text,
  provider text,
  is_active boolean,
  meter text,
  unit_type ai.unit_type_enum,
  price_per_unit text,
  currency text,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  threshold_inclusive boolean,
  tier_mode ai.tier_mode_enum,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  source text,
  is_public boolean
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads the rate book in schema ratebook; admins and the service role only.
begin
  perform ratebook.assert_privileged();
  perform ratebook.assert_time(p_at);
  return query
  select
    m.key, m.name, v.key, m.is_active, p.meter, p.unit_type, trim_scale(p.price_per_unit)::text, p.currency,
    p.service_tier, p.variant, p.region, p.context_threshold, p.threshold_inclusive, p.tier_mode, p.window_start,
    p.window_end, p.window_days, p.window_time_zone, p.effective_from, p.source, p.is_public
  from ai.models as m
  inner join ai.providers as v on v.id = m.provider_id
  cross join lateral ratebook.prices_in_force(m.id, p_at) as p
  where m.deleted_at is null
  order by
    m.key, p.meter, p.service_tier, p.variant nulls first, p.region nulls first, p.context_threshold nulls first,
    p.window_start nulls first, p.window_end, p.window_days, p.window_time_zone;
end;
$$;

create function ai.export_prices(at timestamptz default ratebook.clock()) returns table (
  model text,
  name text,
  provider text,
  is_active boolean,
  meter text,
  unit_type ai.unit_type_enum,
  price_per_unit text,
  currency text,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  threshold_inclusive boolean,
  tier_mode ai.tier_mode_enum,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  source text,
  is_public boolean
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select p.* from ratebook.export_prices(at) as p;
end;

revoke all on function ratebook.export_prices(timestamptz) from public;
revoke all on function ai.export_prices(timestamptz) from public;
grant execute on function ratebook.export_prices(timestamptz) to authenticated, service_role;
grant execute on function ai.export_prices(timestamptz) to authenticated, service_role;

comment on function ratebook.export_prices(timestamptz) is 'The rule behind ai.export_prices().';
comment on function ai.export_prices(timestamptz) is
'For admins and the service role. The price table in force, now or at a time: each price of each model that is not deleted, hidden and inactive ones too, ordered by model. price_per_unit is the exact price of ONE unit, as text. With Accept: text/csv it comes as CSV (without select=: PostgREST''s header does not follow it, its issue 3627); the server''s row limit applies. Errors: not_allowed (42501), invalid_time (PT422).';

-- from sql/45_prices/200_function_model_as_of.sql

create function ratebook.model_as_of(p_model text, p_at timestamptz) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads the history and the rate book for admins and the service role.
declare
  v_id uuid;
  v_row jsonb;
begin
  perform ratebook.assert_privileged();
  perform ratebook.assert_time(p_at);
  v_id := ratebook.model_id(p_model, true, '-infinity');
  -- From the row of today back: each later change gives its old values.
  select
    to_jsonb(m) - 'search' || coalesce(
      (
        select jsonb_object_agg(old.column_name, old.value)
        from (
          select distinct on (b.key) b.key, b.value
          from lensers.audit_history as h
          cross join jsonb_each(h.before) as b
          where
            h.table_name = 'ai.models' and h.row_key = jsonb_build_object('id', v_id) and h.operation = 'UPDATE'
            and h.changed_at > p_at
          order by b.key, h.id
        ) as old (column_name, value)
      ), '{}'
    )
  into v_row
  from ai.models as m
  where m.id = v_id;
  -- A row that is older than the history has no entry of its making.
  if p_at < coalesce(
    (
      select min(h.changed_at)
      from lensers.audit_history as h
      where
        h.table_name = 'ai.models' and h.row_key = jsonb_build_object('id', v_id) and h.operation = 'INSERT'
    ),
    (v_row ->> 'created_at')::timestamptz
  ) then
    perform ratebook.fail(
      'unknown_model', format('There was no model called "%s" at that time.', left(p_model, 100)),
      'Ask for a later time.', jsonb_build_object('model', left(p_model, 100), 'at', p_at)
    );
  end if;
  return v_row || jsonb_build_object(
    'prices', (
      select coalesce(
        jsonb_agg(
          to_jsonb(p) || jsonb_build_object('price_per_unit', trim_scale(p.price_per_unit)::text)
          order by p.meter, p.service_tier, p.variant nulls first, p.region nulls first, p.context_threshold nulls first
        ), '[]'
      )
      from ratebook.prices_in_force(v_id, p_at, v_row ->> 'price_source', v_row ->> 'price_currency') as p
    )
  );
end;
$$;

create function ai.model_as_of(model text, at timestamptz) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.model_as_of(model, at);

revoke all on function ratebook.model_as_of(text, timestamptz) from public;
revoke all on function ai.model_as_of(text, timestamptz) from public;
grant execute on function ratebook.model_as_of(text, timestamptz) to authenticated, service_role;
grant execute on function ai.model_as_of(text, timestamptz) to authenticated, service_role;

comment on function ratebook.model_as_of(text, timestamptz) is 'The rule behind ai.model_as_of().';
comment on function ai.model_as_of(text, timestamptz) is
'For admins and the service role. How a model (id, key or alias of today; a retired or deleted one too) looked at a time: its row as JSON, and in prices the rows of ai.model_pricing in force then, amounts as strings. Later corrections of a price count, as they do in a quote as of that time. Errors: not_allowed (42501), unknown_model (PT404) where there was no such model yet, ambiguous_model (PT409), invalid_time (PT422).';

-- from sql/50_generations/010_table_generations.sql

create table ai.generations (
  id uuid not null default ratebook.uuid_v7(),
  lenser_id uuid not null default auth.uid(),
  model_id uuid not null,
  media_id uuid,
  feature_key text,
  prompt text,
  output text,
  token_count integer,
  usage jsonb,
  status ai.generation_status_enum not null default 'pending',
  latency_ms integer,
  quality_rating smallint,
  created_at timestamptz not null generated always as (ratebook.uuid_v7_time(id)) stored,
  constraint generations_pkey primary key (id, lenser_id),
  constraint generations_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint generations_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  -- With the owner in the key, not even a change of owner at the same moment leaves another's media here.
  constraint generations_media_id_fkey foreign key (media_id, lenser_id)
  references content.media_library (id, lenser_id) on delete set null (media_id),
  constraint token_count_is_not_negative check (token_count >= 0),
  constraint latency_ms_is_not_negative check (latency_ms >= 0),
  constraint quality_rating_is_one_to_five check (quality_rating between 1 and 5)
) partition by range (id);

create index generations_lenser_id_id_idx on ai.generations (lenser_id, id);
create index generations_model_id_idx on ai.generations (model_id);
-- Most make no media.
create index generations_media_id_idx on ai.generations (media_id, lenser_id) where media_id is not null;

create function ratebook.enforce_media_owner() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the answer is the same for another's media as for media that is not there, whoever asks.
begin
  if not exists (
    select from content.media_library as l where l.id = new.media_id and l.lenser_id = new.lenser_id
  ) then
    perform ratebook.fail(
      'media_not_owned', format('Media %s does not belong to lenser %s.', new.media_id, new.lenser_id),
      'Use media of the lenser who owns the generation.', jsonb_build_object('media_id', new.media_id)
    );
  end if;
  return new;
end;
$$;

create function ratebook.check_usages_logged() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_usage jsonb;
begin
  select i.usage into v_usage
  from inserted as i
  where not ratebook.is_usage(i.usage, array(select m.key from ai.meters as m))
  limit 1;
  if found then
    perform ratebook.assert_usage(v_usage);
  end if;
  return null;
end;
$$;

create function ratebook.check_usage_changed() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.assert_usage(new.usage);
  return new;
end;
$$;

create function ratebook.drop_content_of_erased() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads the profile whoever writes.
begin
  if exists (select from lensers.profiles as p where p.id = new.lenser_id and p.erased_at is not null for key share) then
    new.prompt := null;
    new.output := null;
    new.media_id := null;
  end if;
  return new;
end;
$$;

revoke all on function ratebook.drop_content_of_erased() from public;
revoke all on function ratebook.enforce_media_owner() from public;
revoke all on function ratebook.check_usages_logged() from public;
revoke all on function ratebook.check_usage_changed() from public;
comment on function ratebook.enforce_media_owner() is
'Row trigger: the media of a generation belongs to its lenser. Error: media_not_owned (42501).';
comment on function ratebook.drop_content_of_erased() is
'Row trigger before update: a call that ends after its lenser was erased leaves figures, no content.';
comment on function ratebook.check_usages_logged() is
'Statement trigger: what is logged as usage can be priced later. Errors: those of ratebook.assert_usage().';
comment on function ratebook.check_usage_changed() is
'Row trigger: ratebook.check_usages_logged() of a usage that is set later.';

create trigger ai_generations_media_owner_enforce before insert or update of media_id, lenser_id on ai.generations
for each row when (new.media_id is not null) execute function ratebook.enforce_media_owner();
create trigger generations_check_usages after insert on ai.generations
referencing new table as inserted for each statement execute function ratebook.check_usages_logged();
create trigger generations_check_usage before update of usage on ai.generations
for each row when (new.usage is not null) execute function ratebook.check_usage_changed();
create trigger generations_drop_content_of_erased before update of prompt, output, media_id on ai.generations
for each row when (num_nonnulls(new.prompt, new.output, new.media_id) > 0)
execute function ratebook.drop_content_of_erased();
create trigger generations_ensure_profile before insert on ai.generations
for each row execute function ratebook.ensure_profile();
create trigger generations_refuse_truncate before truncate on ai.generations
for each statement execute function ratebook.refuse_change(
  'Detach old partitions with ratebook.detach_partitions() instead.'
);

select ratebook.extend_partitions('ai.generations');

comment on table ai.generations is
'The generation log, in monthly partitions. The database makes id and created_at. Owners create and delete their rows; usage, status, output and rating are set by backends.';
comment on column ai.generations.id is 'UUIDv7: its time is created_at, and it decides the partition.';
comment on column ai.generations.lenser_id is 'The owner; the signed-in user unless the service role names another.';
comment on column ai.generations.model_id is 'The model that was asked.';
comment on column ai.generations.media_id is 'What it made or used; of the same owner.';
comment on column ai.generations.feature_key is 'The feature it was for, by the key of its time; not a foreign key, so that the log outlives renames.';
comment on column ai.generations.prompt is 'What was asked; NULL after erasure.';
comment on column ai.generations.output is 'What was answered; NULL after erasure.';
comment on column ai.generations.token_count is 'Tokens as the owner counted them. Money comes from charges, never from here.';
comment on column ai.generations.usage is 'Meters and quantities as the backend counted them.';
comment on column ai.generations.status is 'How far it got.';
comment on column ai.generations.latency_ms is 'How long the model took, in milliseconds.';
comment on column ai.generations.quality_rating is '1 (poor) to 5 (excellent).';
comment on column ai.generations.created_at is 'When it was made: the time inside id, to the microsecond.';

-- from sql/50_generations/020_function_finish_generation.sql

create function ratebook.finish_generation(
  p_generation uuid,
  p_status ai.generation_status_enum,
  p_usage jsonb,
  p_output text,
  p_token_count integer,
  p_latency_ms integer,
  p_quality_rating smallint
) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: makes partitions, which belong to the owner of the schema.
begin
  perform ratebook.extend_partitions_if_short('ai.generations');
  update ai.generations as g
  set
    status = coalesce(p_status, g.status),
    usage = coalesce(p_usage, g.usage),
    output = coalesce(p_output, g.output),
    token_count = coalesce(p_token_count, g.token_count),
    latency_ms = coalesce(p_latency_ms, g.latency_ms),
    quality_rating = coalesce(p_quality_rating, g.quality_rating)
  where g.id = p_generation;
  if not found then
    perform ratebook.fail('unknown_generation', format('There is no generation %s.', p_generation), null,
      jsonb_build_object('generation', p_generation));
  end if;
end;
$$;

create function ai.finish_generation(
  generation uuid,
  status ai.generation_status_enum default 'completed',
  usage jsonb default null,
  output text default null,
  token_count integer default null,
  latency_ms integer default null,
  quality_rating smallint default null
) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.finish_generation(generation, status, usage, output, token_count, latency_ms, quality_rating);
end;

revoke all on function ratebook.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint
) from public;
revoke all on function ai.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint
) from public;
grant execute on function ratebook.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint
) to service_role;
grant execute on function ai.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint
) to service_role;

comment on function ratebook.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint
) is 'The rule behind ai.finish_generation().';
comment on function ai.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint
) is
'Service role only. Records how a generation ended. NULL leaves a value as it is. generation: its id. usage: meters and quantities, as the provider counted them. latency_ms: milliseconds. quality_rating: 1 (poor) to 5 (excellent). Errors: unknown_generation (PT404), invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range (PT422).';

-- from sql/50_generations/030_function_backfill_generations.sql

create function ratebook.backfill_generations(p_generations jsonb) returns setof uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: makes partitions and ids, which API roles cannot.
declare
  v_from timestamptz;
begin
  if jsonb_typeof(p_generations) is distinct from 'array'
    or exists (select from jsonb_array_elements(p_generations) as g where jsonb_typeof(g.value) <> 'object') then
    perform ratebook.fail('invalid_argument', 'Generations are a JSON array of objects.');
  end if;
  select min(g.created_at) into v_from from jsonb_to_recordset(p_generations) as g (created_at timestamptz);
  if exists (
    select from jsonb_to_recordset(p_generations) as g (created_at timestamptz)
    where g.created_at is null or g.created_at > ratebook.clock() or g.created_at < '2000-01-01T00:00:00Z'
  ) then
    perform ratebook.fail('invalid_time', 'Every generation needs a created_at between the year 2000 and now.');
  end if;
  perform ratebook.make_partitions('ai.generations', v_from, ratebook.clock());
  return query
  insert into ai.generations (
    id, lenser_id, model_id, media_id, feature_key, prompt, output, token_count, usage, status, latency_ms,
    quality_rating
  )
  select
    ratebook.uuid_v7(g.created_at), g.lenser_id, g.model_id, g.media_id, g.feature_key, g.prompt, g.output,
    g.token_count, g.usage, coalesce(g.status, 'completed'), g.latency_ms, g.quality_rating
  from jsonb_to_recordset(p_generations) as g (
    lenser_id uuid, model_id uuid, media_id uuid, feature_key text, prompt text, output text, token_count integer,
    usage jsonb, status ai.generation_status_enum, latency_ms integer, quality_rating smallint,
    created_at timestamptz
  )
  returning generations.id;
end;
$$;

create function ai.backfill_generations(generations jsonb) returns setof uuid
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select b.id from ratebook.backfill_generations(generations) as b (id);
end;

revoke all on function ratebook.backfill_generations(jsonb) from public;
revoke all on function ai.backfill_generations(jsonb) from public;
grant execute on function ratebook.backfill_generations(jsonb) to service_role;
grant execute on function ai.backfill_generations(jsonb) to service_role;

comment on function ratebook.backfill_generations(jsonb) is 'The rule behind ai.backfill_generations().';
comment on function ai.backfill_generations(jsonb) is
'Service role only. Inserts generations of the past and makes the partitions of their months. Each object has lenser_id, model_id, created_at and any other column but id. Returns the ids, made from created_at. Errors: invalid_argument, invalid_time (PT422).';

-- from sql/50_generations/040_function_extend_partitions.sql

create function ratebook.extend_all_partitions(p_months integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: partitions belong to the owner of the schema.
begin
  return (select sum(ratebook.extend_partitions(t.name, p_months)) from ratebook.partitioned_tables() as t (name));
end;
$$;

create function ai.extend_partitions(months integer default 24) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.extend_all_partitions(months);
end;

revoke all on function ratebook.extend_all_partitions(integer) from public;
revoke all on function ai.extend_partitions(integer) from public;
grant execute on function ratebook.extend_all_partitions(integer) to service_role;
grant execute on function ai.extend_partitions(integer) to service_role;

comment on function ratebook.extend_all_partitions(integer) is 'The rule behind ai.extend_partitions().';
comment on function ai.extend_partitions(integer) is
'Service role only. Keeps the given number of months of partitions ahead (1 to 120) and returns how many were made. Backends'' writes do it by themselves; a schedule may call it where only owners write.';

-- from sql/50_generations/050_function_erase_lenser.sql

create function ratebook.erase_lenser(p_lenser uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reaches every table that holds something of the lenser.
declare
  v_generations bigint;
  v_media bigint;
  v_objects bigint;
begin
  -- Someone who never owned anything has no profile yet; the empty one keeps a token that is still valid from making one.
  insert into lensers.profiles (id)
  select u.id from auth.users as u where u.id = p_lenser
  on conflict do nothing;
  -- Waits for what is being written in the lenser's name, and makes later writers wait.
  perform from lensers.profiles as p where p.id = p_lenser for update;
  update lensers.profiles as p
  set
    user_id = null,
    display_name = null,
    avatar_url = null,
    erased_at = coalesce(p.erased_at, ratebook.clock())
  where p.id = p_lenser;
  if not found then
    perform ratebook.fail('unknown_lenser', format('There is no lenser %s.', p_lenser), null,
      jsonb_build_object('lenser', p_lenser));
  end if;
  update ai.generations as g set prompt = null, output = null, media_id = null where g.lenser_id = p_lenser;
  get diagnostics v_generations = row_count;
  delete from content.media_library as l where l.lenser_id = p_lenser;
  get diagnostics v_media = row_count;
  delete from media.objects as o where o.lenser_id = p_lenser;
  get diagnostics v_objects = row_count;
  delete from lensers.user_roles as r where r.user_id = p_lenser;
  return jsonb_build_object('generations', v_generations, 'media', v_media, 'objects', v_objects);
end;
$$;

create function ai.erase_lenser(lenser uuid) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.erase_lenser(lenser);
end;

revoke all on function ratebook.erase_lenser(uuid) from public;
revoke all on function ai.erase_lenser(uuid) from public;
grant execute on function ratebook.erase_lenser(uuid) to service_role;
grant execute on function ai.erase_lenser(uuid) to service_role;

comment on function ratebook.erase_lenser(uuid) is 'The rule behind ai.erase_lenser().';
comment on function ai.erase_lenser(uuid) is
'Service role only. Removes prompts, outputs, media, stored-object rows, roles and profile data of a lenser; pseudonymous rows without content stay. The auth user can be deleted then. Delete the files in storage first: their rows go here. Returns how many rows of each were touched. Safe to repeat. Error: unknown_lenser (PT404).';

-- from sql/50_generations/060_function_cost_generations.sql

create function ratebook.cost(p_sheet_id bigint, p_usage jsonb) returns numeric
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_cost numeric;
begin
  select case when bool_and(l.unit_price is not null or l.quantity = 0) then coalesce(sum(l.cost), 0) end
  into v_cost
  from ratebook.price_usage((select s from ratebook.price_sheets as s where s.id = p_sheet_id), p_usage) as l;
  return v_cost;
end;
$$;

create function ratebook.cost_generations(
  p_since timestamptz,
  p_until timestamptz,
  p_model_id uuid,
  p_source text,
  p_at timestamptz
) returns table (
  generation_id uuid,
  lenser_id uuid,
  model_id uuid,
  feature_key text,
  priced_at timestamptz,
  currency text,
  cost numeric
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
-- Room for the hash table of all sheets; a plan for the period asked for, not for any; compiling takes longer than running.
set work_mem = '128MB'
set plan_cache_mode = force_custom_plan
set jit = off
as $$
begin
  return query
  select
    g.id,
    g.lenser_id,
    m.id,
    g.feature_key,
    coalesce(p_at, g.created_at),
    m.price_currency,
    case
      -- Most usages are plain, and most sheets not marginal: the same products as in ratebook.price_usage(), in line.
      when g.usage - '{input,output,cache_read,cache_write}'::text[] = '{}' and p.marginal = '{}'
        then coalesce(
          coalesce((g.usage -> 'input')::numeric, 0) * p.input
          + coalesce((g.usage -> 'output')::numeric, 0) * p.output
          + coalesce((g.usage -> 'cache_read')::numeric, 0) * p.cache_read
          + coalesce((g.usage -> 'cache_write')::numeric, 0) * p.cache_write,
          ratebook.cost(p.id, g.usage)
        )
      else ratebook.cost(p.id, coalesce(g.usage, jsonb_build_object('tokens', g.token_count)))
    end
  from ai.generations as g
  inner join ai.models as m on m.id = coalesce(p_model_id, g.model_id)
  left join ratebook.price_schedules as s
    on s.model_id = m.id and s.source = coalesce(p_source, m.price_source) and s.currency = m.price_currency
  left join ratebook.price_sheets as p
    on p.schedule_id = s.id
    and p.period = width_bucket(coalesce(p_at, g.created_at), s.starts)
    and p.band = case
      when s.bounds = '{}' then 0
      else width_bucket(ratebook.context_tokens(coalesce(g.usage, jsonb_build_object('tokens', g.token_count))), s.bounds)
    end
    and p.open_windows = case
      when s.has_windows then ratebook.open_windows(
        s.id, width_bucket(coalesce(p_at, g.created_at), s.starts), coalesce(p_at, g.created_at)
      ) else 0
    end
    and p.service_tier = 'standard' and p.variant = '' and p.region = ''
  where
    g.id >= ratebook.uuid_v7_floor(greatest(p_since, '1970-01-01Z'))
    and g.id < ratebook.uuid_v7_floor(least(p_until, '10000-01-01Z') + interval '1 millisecond')
    and g.created_at >= p_since
    and g.created_at < p_until
    and (g.usage is not null or g.token_count is not null);
end;
$$;

revoke all on function ratebook.cost(bigint, jsonb) from public;
revoke all on function ratebook.cost_generations(timestamptz, timestamptz, uuid, text, timestamptz) from public;

comment on function ratebook.cost(bigint, jsonb) is
'What a usage costs by a sheet, in the sheet''s currency; NULL where a meter in use has no price.';
comment on function ratebook.cost_generations(timestamptz, timestamptz, uuid, text, timestamptz) is
'Prices all generations of a period in one statement: as of their own time and by their own model and its source, unless told otherwise. cost is NULL where a price is missing.';

-- from sql/50_generations/070_function_self_check.sql

create function ratebook.self_check() returns table (check_name text, severity text, message text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
-- Definer: reads the partitions of schema ratebook.
begin atomic
  select
    'partitions_ahead',
    case when min(e.until) < ratebook.clock() + interval '2 months' then 'warning' else 'ok' end,
    'Partitions reach to '
    || string_agg(format('%s (%s)', to_char(e.until at time zone 'UTC', 'YYYY-MM-DD'), e.name), ', ') || '.'
  from (
    select
      t.name,
      ratebook.partitions_end(t.name)
    from ratebook.partitioned_tables() as t (name)
  ) as e (name, until)
  union all
  select
    'partitions_locked',
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Open to API roles, without row security or without a guard against TRUNCATE: '
      || string_agg(c.relname, ', ' order by c.relname) || '.',
      'Every partition is closed to API roles.'
    )
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where
    n.nspname = 'ratebook'
    and c.relispartition
    and c.relkind = 'r'
    and (
      not c.relrowsecurity
      or exists (
        select from unnest(array['anon', 'authenticated', 'service_role']) as r (name)
        where has_table_privilege(r.name, c.oid, 'select, insert, update, delete, truncate')
      )
      or not exists (
        select from pg_catalog.pg_trigger as t
        where t.tgrelid = c.oid and t.tgname = 'refuse_truncate' and t.tgenabled <> 'D'
      )
    )
  union all
  select
    'row_security',
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Tables without row security: ' || string_agg(c.oid::regclass::text, ', ' order by c.relname) || '.',
      'Row security is on for every table.'
    )
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where
    n.nspname in ('ai', 'billing', 'lensers', 'content', 'media', 'compat', 'ratebook')
    and c.relkind in ('r', 'p')
    and not c.relrowsecurity;
end;

create function ai.self_check() returns table (check_name text, severity text, message text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    c.check_name,
    c.severity,
    c.message
  from ratebook.self_check() as c;
end;

revoke all on function ratebook.self_check() from public;
revoke all on function ai.self_check() from public;
grant execute on function ratebook.self_check() to service_role;
grant execute on function ai.self_check() to service_role;

comment on function ratebook.self_check() is 'The checks behind ai.self_check().';
comment on function ai.self_check() is
'Service role only. Looks whether the installation is sound: one row per check with severity ok, warning or error and a sentence.';

-- from sql/55_credits/010_schema_billing.sql

create schema billing;
grant usage on schema billing to anon, authenticated, service_role;
comment on schema billing is 'From money to credits: rates, margins, and the price of a usage in credits.';

-- from sql/55_credits/020_table_credit_rates.sql

create table billing.credit_rates (
  id uuid not null default gen_random_uuid(),
  currency text not null,
  credits_per_currency_unit numeric not null,
  effective_from timestamptz not null default ratebook.clock(),
  revision integer not null default 0,
  created_at timestamptz not null default ratebook.clock(),
  created_by uuid default auth.uid(),
  constraint credit_rates_pkey primary key (id),
  constraint credit_rates_key unique (currency, effective_from, revision),
  constraint currency_is_an_iso_code check (currency ~ '^[A-Z]{3}$'),
  constraint credits_per_currency_unit_is_positive_and_finite check (
    credits_per_currency_unit > 0 and credits_per_currency_unit < 'Infinity'
  ),
  constraint effective_from_is_finite check (isfinite(effective_from)),
  constraint revision_is_not_negative check (revision >= 0)
);

create trigger credit_rates_refuse_change before update or delete or truncate on billing.credit_rates
for each statement execute function ratebook.refuse_change(
  'Insert a row with a later effective_from, or a higher revision to correct one.'
);

alter table billing.credit_rates enable always trigger credit_rates_refuse_change;

select ratebook.keep_history('billing.credit_rates');

comment on table billing.credit_rates is
'How many credits one unit of a currency is. Insert-only; in force is the latest effective_from, then the highest revision. For admins and the service role.';
comment on column billing.credit_rates.id is 'The rate; charges refer to it.';
comment on column billing.credit_rates.currency is 'ISO 4217 code.';
comment on column billing.credit_rates.credits_per_currency_unit is 'Credits per one unit of the currency, exact.';
comment on column billing.credit_rates.effective_from is 'From when on it applies.';
comment on column billing.credit_rates.revision is 'Corrections of the same date count up from 0; the highest stands.';
comment on column billing.credit_rates.created_at is 'When the row was made.';
comment on column billing.credit_rates.created_by is 'JWT subject who made it; NULL for the service role and direct SQL.';

-- from sql/55_credits/030_table_execution_margin_policies.sql

create function ratebook.margin_scope(
  p_model_id uuid, p_feature_id uuid, p_provider_id uuid, p_tier ai.model_tier_enum
) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return concat_ws('+', 'model ' || p_model_id, 'feature ' || p_feature_id, 'provider ' || p_provider_id, 'tier ' || p_tier);
end;
$$;

revoke all on function ratebook.margin_scope(uuid, uuid, uuid, ai.model_tier_enum) from public;
grant execute on function ratebook.margin_scope(uuid, uuid, uuid, ai.model_tier_enum) to authenticated, service_role;

comment on function ratebook.margin_scope(uuid, uuid, uuid, ai.model_tier_enum) is
'What a margin policy is for, as one text to look it up by; empty for the default.';

create table billing.execution_margin_policies (
  id uuid not null default gen_random_uuid(),
  model_id uuid,
  feature_id uuid,
  provider_id uuid,
  tier ai.model_tier_enum,
  margin numeric not null default 0,
  fixed_credits numeric not null default 0,
  min_credits numeric not null default 0,
  minimum_applies_to_free boolean not null default false,
  increment numeric not null default 0.001,
  enabled boolean not null default true,
  effective_from timestamptz not null default ratebook.clock(),
  revision integer not null default 0,
  created_at timestamptz not null default ratebook.clock(),
  created_by uuid default auth.uid(),
  scope text not null generated always as (
    ratebook.margin_scope(model_id, feature_id, provider_id, tier)
  ) stored,
  constraint execution_margin_policies_pkey primary key (id),
  constraint execution_margin_policies_key unique (scope, effective_from, revision),
  constraint execution_margin_policies_model_id_fkey foreign key (model_id)
  references ai.models (id) on delete restrict,
  constraint execution_margin_policies_feature_id_fkey foreign key (feature_id)
  references ai.features (id) on delete restrict,
  constraint execution_margin_policies_provider_id_fkey foreign key (provider_id)
  references ai.providers (id) on delete restrict,
  constraint scope_is_one_of_model_and_feature_model_feature_provider_tier check (
    num_nonnulls(model_id, feature_id, provider_id, tier) <= 1
    or (num_nonnulls(model_id, feature_id) = 2 and num_nonnulls(provider_id, tier) = 0)
  ),
  -- NaN sorts above Infinity, so the upper bounds refuse both.
  constraint margin_is_at_least_minus_one_and_finite check (margin >= -1 and margin < 'Infinity'),
  constraint fixed_credits_is_not_negative_and_finite check (fixed_credits >= 0 and fixed_credits < 'Infinity'),
  constraint min_credits_is_not_negative_and_finite check (min_credits >= 0 and min_credits < 'Infinity'),
  constraint increment_is_positive_and_finite check (increment > 0 and increment < 'Infinity'),
  constraint effective_from_is_finite check (isfinite(effective_from)),
  constraint revision_is_not_negative check (revision >= 0)
);

create index execution_margin_policies_model_id_idx on billing.execution_margin_policies (model_id);
create index execution_margin_policies_feature_id_idx on billing.execution_margin_policies (feature_id);
create index execution_margin_policies_provider_id_idx on billing.execution_margin_policies (provider_id);

create trigger execution_margin_policies_refuse_change
before update or delete or truncate on billing.execution_margin_policies
for each statement execute function ratebook.refuse_change(
  'Insert a row with a later effective_from, or a higher revision to correct one; enabled = false ends a policy.'
);

alter table billing.execution_margin_policies enable always trigger execution_margin_policies_refuse_change;

select ratebook.keep_history('billing.execution_margin_policies');

comment on table billing.execution_margin_policies is
'What is added to the cost: credits = round_up(max(min_credits, cost × rate × (1 + margin) + fixed_credits), increment). A row is for a model and feature, a model, a feature, a provider, a tier, or (all NULL) the default, tried in that order. Insert-only; in force is the latest effective_from, then the highest revision. For admins and the service role.';
comment on column billing.execution_margin_policies.id is 'The policy; charges refer to it.';
comment on column billing.execution_margin_policies.model_id is 'The model it is for.';
comment on column billing.execution_margin_policies.feature_id is 'The feature it is for (ai.features.id, which outlives renames).';
comment on column billing.execution_margin_policies.provider_id is 'The provider it is for.';
comment on column billing.execution_margin_policies.tier is 'The models'' pricing_tier it is for.';
comment on column billing.execution_margin_policies.scope is 'The four columns before as one text; computed.';
comment on column billing.execution_margin_policies.margin is 'Share of the cost that is added: 0.30 adds 30 %. At least -1.';
comment on column billing.execution_margin_policies.fixed_credits is 'Credits added to each request.';
comment on column billing.execution_margin_policies.min_credits is 'Least credits of a request.';
comment on column billing.execution_margin_policies.minimum_applies_to_free is 'Whether fixed and least credits are asked for a request that costs nothing.';
comment on column billing.execution_margin_policies.increment is 'Credits are rounded up to a multiple of it, once, at the end.';
comment on column billing.execution_margin_policies.enabled is 'False: the next policy in order applies instead.';
comment on column billing.execution_margin_policies.effective_from is 'From when on it applies.';
comment on column billing.execution_margin_policies.revision is 'Corrections of the same date count up from 0; the highest stands.';
comment on column billing.execution_margin_policies.created_at is 'When the row was made.';
comment on column billing.execution_margin_policies.created_by is 'JWT subject who made it; NULL for the service role and direct SQL.';

-- from sql/55_credits/040_function_credit_terms.sql

create type ratebook.credit_terms as (
  credit_rate_id uuid,
  credits_per_currency_unit numeric,
  margin_policy_id uuid,
  margin numeric,
  fixed_credits numeric,
  min_credits numeric,
  minimum_applies_to_free boolean,
  increment numeric
);

create function ratebook.credit_terms(
  p_model_id uuid,
  p_feature_id uuid,
  p_currency text,
  p_at timestamptz
) returns ratebook.credit_terms
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_terms ratebook.credit_terms;
begin
  select
    r.id, r.credits_per_currency_unit, p.id, p.margin, p.fixed_credits, p.min_credits, p.minimum_applies_to_free,
    p.increment
  into v_terms
  from ai.models as m
  left join lateral (
    select q.id, q.credits_per_currency_unit
    from billing.credit_rates as q
    where q.currency = p_currency and q.effective_from <= p_at
    order by q.effective_from desc, q.revision desc
    limit 1
  ) as r on true
  left join lateral (
    select n.*
    -- Spelled as ratebook.margin_scope() spells them. A request without a feature, or a model without a tier, has no
    -- policy of that rank: its scope is NULL.
    from unnest(array[
      'model ' || m.id || '+feature ' || p_feature_id,
      'model ' || m.id,
      'feature ' || p_feature_id,
      'provider ' || m.provider_id,
      'tier ' || m.pricing_tier,
      ''
    ]) with ordinality as s (scope, rank)
    cross join lateral (
      select q.*
      from billing.execution_margin_policies as q
      where q.scope = s.scope and q.effective_from <= p_at
      order by q.effective_from desc, q.revision desc
      limit 1
    ) as n
    where n.enabled
    order by s.rank
    limit 1
  ) as p on true
  where m.id = p_model_id;
  return v_terms;
end;
$$;

-- Every moment at which a rate or a policy changes: between two of them the terms of a model and feature are the same,
-- so that a set looks them up once for each width_bucket(time, moments).
create function ratebook.moments_of_terms() returns timestamptz[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select r.effective_from from billing.credit_rates as r
    union
    select p.effective_from from billing.execution_margin_policies as p
    order by 1
  );
end;
$$;

revoke all on function ratebook.credit_terms(uuid, uuid, text, timestamptz) from public;
revoke all on function ratebook.moments_of_terms() from public;

comment on type ratebook.credit_terms is 'What turns a cost into credits: a rate and a margin policy.';
comment on column ratebook.credit_terms.credit_rate_id is 'The credit rate; NULL if none.';
comment on column ratebook.credit_terms.credits_per_currency_unit is 'Of the rate.';
comment on column ratebook.credit_terms.margin_policy_id is 'The margin policy; NULL if none.';
comment on column ratebook.credit_terms.margin is 'Of the policy.';
comment on column ratebook.credit_terms.fixed_credits is 'Of the policy.';
comment on column ratebook.credit_terms.min_credits is 'Of the policy.';
comment on column ratebook.credit_terms.minimum_applies_to_free is 'Of the policy.';
comment on column ratebook.credit_terms.increment is 'Of the policy.';
comment on function ratebook.credit_terms(uuid, uuid, text, timestamptz) is
'The credit rate in force for a currency, and the enabled margin policy in force for a model and feature: of model and feature, model, feature, provider, tier, default the first that there is. NULL where there is none.';
comment on function ratebook.moments_of_terms() is 'When credit rates and margin policies change, ascending.';

-- from sql/55_credits/050_function_credits.sql

create function ratebook.round_up(p_value numeric, p_increment numeric) returns numeric
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  -- By mod: a quotient would be rounded.
  v_rest numeric := mod(p_value, p_increment);
begin
  return case when v_rest = 0 then p_value else p_value + p_increment - v_rest end;
end;
$$;

create function ratebook.credits(
  p_cost numeric,
  p_credits_per_currency_unit numeric,
  p_margin numeric,
  p_fixed_credits numeric,
  p_min_credits numeric,
  p_minimum_applies_to_free boolean,
  p_increment numeric
) returns numeric
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_cost is null then null -- greatest() would pass over it.
    when p_cost = 0 and not p_minimum_applies_to_free then 0
    else ratebook.round_up(
      greatest(
        p_min_credits,
        p_cost * p_credits_per_currency_unit * (1 + p_margin) + p_fixed_credits
      ),
      p_increment
    )
  end;
end;
$$;

revoke all on function ratebook.round_up(numeric, numeric) from public;
revoke all on function ratebook.credits(numeric, numeric, numeric, numeric, numeric, boolean, numeric) from public;

comment on function ratebook.round_up(numeric, numeric) is
'The least multiple of the increment that is not below the value; the value is not negative. Exact.';
comment on function ratebook.credits(numeric, numeric, numeric, numeric, numeric, boolean, numeric) is
'The one formula from a cost in currency to credits; NULL of a NULL cost.';

-- from sql/55_credits/060_function_quote.sql

-- What pricing one request finds: the answer for billing.quote(), and for charges, which pin the rows they used.
create type ratebook.priced_request as (
  model_id uuid,
  model_key text,
  is_active boolean,
  feature_id uuid,
  currency text,
  sheet_id bigint,
  cost numeric,
  is_public boolean,
  price_ids uuid [],
  lines jsonb,
  credits numeric,
  credit_rate_id uuid,
  margin_policy_id uuid
);

create function ratebook.price_request(
  p_model text,
  p_usage jsonb,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz,
  p_all boolean,
  p_all_lines boolean default null,
  p_source text default null,
  p_currency text default null
) returns ratebook.priced_request
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_priced ratebook.priced_request;
  v_model record;
  v_feature_id uuid;
  v_terms ratebook.credit_terms;
  v_unpriced text;
  v_is_well boolean;
  v_sheet ratebook.price_sheets;
begin
  select m.id, m.key, m.is_active, m.price_source, m.price_currency, m.valid_sizes into v_model
  from ai.models as m
  where
    m.key = p_model
    and (p_all or (m.is_public and m.deleted_at is null))
    and (m.succeeded_at is null or p_at < m.succeeded_at);
  if not found then
    select m.id, m.key, m.is_active, m.price_source, m.price_currency, m.valid_sizes into v_model
    from ai.models as m
    where m.id = ratebook.model_id(p_model, p_all, p_at);
  end if;
  if p_source is not null then
    v_model.price_source := p_source;
    v_model.price_currency := p_currency;
    v_model.valid_sizes := '{}';
  end if;
  if (p_at > '-infinity' and p_at <= ratebook.clock()) is not true then
    perform ratebook.assert_time(p_at);
  end if;
  if jsonb_typeof(p_usage) is distinct from 'object' or p_usage = '{}' then
    perform ratebook.assert_usage(p_usage);
  end if;
  if p_service_tier is distinct from 'standard' then
    perform ratebook.assert_service_tier(p_service_tier);
  end if;
  if p_variant is not null and cardinality(v_model.valid_sizes) > 0 and p_usage ? 'image' then
    perform ratebook.assert_size(v_model.id, v_model.key, v_model.valid_sizes, p_variant);
  end if;
  if p_feature is not null then
    select f.id into v_feature_id from ai.features as f where f.key = p_feature;
    if not found then
      perform ratebook.fail('unknown_feature', format('There is no feature called "%s".', left(p_feature, 100)),
        'Ask ai.features for the keys.', jsonb_build_object('feature', left(p_feature, 100)));
    end if;
  end if;

  v_sheet := ratebook.find_sheet(
    v_model.id, v_model.price_source, v_model.price_currency, p_usage, p_service_tier, p_variant, p_region, p_at
  );
  if v_sheet.marginal <> '{}' then
    perform ratebook.assert_usage(p_usage);
    select
      coalesce(sum(l.cost) filter (where l.quantity > 0), 0),
      coalesce(bool_and(l.is_public) filter (where l.quantity > 0), true),
      coalesce(array_agg(distinct l.price_id) filter (where l.quantity > 0), '{}'),
      jsonb_agg(
        ratebook.quote_line(
          l.meter, l.quantity, l.price_meter, l.unit_price, l.cost, l.is_public, l.price_id, p_all_lines
        )
        order by l.ordinality
      ) filter (where p_all_lines is not null),
      min(l.meter) filter (where l.unit_price is null and l.quantity > 0)
    into v_priced.cost, v_priced.is_public, v_priced.price_ids, v_priced.lines, v_unpriced
    from ratebook.price_usage(v_sheet, p_usage) with ordinality as l;
  else
    -- The same products as in ratebook.price_usage(), and ratebook.assert_usage() on the way.
    select
      coalesce(sum(q.quantity * q.price), 0),
      coalesce(bool_and(q.meter <> all(v_sheet.hidden)) filter (where q.quantity > 0), true),
      coalesce(
        array_agg(distinct (v_sheet.price_rows -> q.meter ->> 0)::uuid) filter (where q.quantity > 0), '{}'
      ),
      jsonb_agg(
        ratebook.quote_line(
          q.meter, q.quantity, v_sheet.price_rows -> q.meter ->> 1, q.price,
          case when q.quantity = 0 then 0 else q.quantity * q.price end, q.meter <> all(v_sheet.hidden),
          (v_sheet.price_rows -> q.meter ->> 0)::uuid, p_all_lines
        )
        order by q.meter
      ) filter (where p_all_lines is not null),
      min(q.meter) filter (where q.price is null and q.quantity > 0),
      bool_and(coalesce(q.price is not null and q.quantity between 0 and 1e12 and scale(q.quantity) <= 12, false))
    into v_priced.cost, v_priced.is_public, v_priced.price_ids, v_priced.lines, v_unpriced, v_is_well
    from (
      select
        u.key,
        -- Nothing beyond what a usage may hold: its product could be no number.
        case
          when jsonb_typeof(u.value) = 'number'
            then case when u.value::numeric between 0 and 1e12 then u.value::numeric end
        end,
        (v_sheet.prices -> u.key)::numeric
      from jsonb_each(p_usage) as u
    ) as q (meter, quantity, price);
    if not v_is_well then
      perform ratebook.assert_usage(p_usage);
    end if;
  end if;
  if v_unpriced is not null then
    perform ratebook.fail(
      'no_price', format('Model "%s" has no price for "%s" at that time.', v_model.key, v_unpriced),
      'An unknown price is never zero: add a row to ai.model_pricing.',
      jsonb_build_object('model', v_model.key, 'meter', v_unpriced, 'at', p_at)
    );
  end if;

  v_terms := ratebook.credit_terms(v_model.id, v_feature_id, v_model.price_currency, p_at);
  if v_terms.credit_rate_id is null then
    perform ratebook.fail(
      'no_credit_rate', format('There is no credit rate for %s at that time.', v_model.price_currency),
      'An admin adds one to billing.credit_rates.', jsonb_build_object('currency', v_model.price_currency)
    );
  end if;
  if v_terms.margin_policy_id is null then
    perform ratebook.fail('no_margin_policy', 'No margin policy is in force for this request.',
      'An admin adds a default to billing.execution_margin_policies; margin 0 is a choice too.');
  end if;

  v_priced.model_id := v_model.id;
  v_priced.model_key := v_model.key;
  v_priced.is_active := v_model.is_active;
  v_priced.feature_id := v_feature_id;
  v_priced.currency := v_model.price_currency;
  v_priced.sheet_id := v_sheet.id;
  v_priced.credits := ratebook.credits(
    v_priced.cost, v_terms.credits_per_currency_unit, v_terms.margin, v_terms.fixed_credits, v_terms.min_credits,
    v_terms.minimum_applies_to_free, v_terms.increment
  );
  v_priced.credit_rate_id := v_terms.credit_rate_id;
  v_priced.margin_policy_id := v_terms.margin_policy_id;
  return v_priced;
end;
$$;

create function ratebook.assert_service_tier(p_service_tier text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from ai.service_tiers as t where t.key = p_service_tier) then
    perform ratebook.fail(
      'unknown_service_tier', format('There is no service tier called "%s".', left(p_service_tier, 100)),
      'Ask ai.service_tiers for the keys.', jsonb_build_object('service_tier', left(p_service_tier, 100))
    );
  end if;
end;
$$;

create function ratebook.assert_size(
  p_model_id uuid, p_model_key text, p_valid_sizes text[], p_variant text
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_variant <> all(p_valid_sizes) and not exists (
    select from ratebook.price_schedules as s
    where s.model_id = p_model_id and p_variant = any(s.variants)
  ) then
    perform ratebook.fail(
      'invalid_size', format('Model "%s" makes no images of size "%s".', p_model_key, left(p_variant, 100)),
      format('Valid sizes: %s.', array_to_string(p_valid_sizes, ', ')),
      jsonb_build_object('model', p_model_key, 'valid_sizes', p_valid_sizes)
    );
  end if;
end;
$$;

-- A GET request carries JSON as text.
create function ratebook.json_in_text(p_json jsonb) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case jsonb_typeof(p_json) when 'string' then (p_json #>> '{}')::jsonb else p_json end;
exception
  when invalid_text_representation or untranslatable_character or numeric_value_out_of_range or statement_too_complex then
    return p_json; -- What is asked next says what is wrong.
end;
$$;

create function ratebook.quote_line(
  p_meter text,
  p_quantity numeric,
  p_price_meter text,
  p_unit_price numeric,
  p_cost numeric,
  p_is_public boolean,
  p_price_id uuid,
  p_all boolean
) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_all then
    return jsonb_build_object(
      'meter', p_meter,
      'quantity', trim_scale(p_quantity)::text,
      'price_meter', p_price_meter,
      'unit_price', trim_scale(p_unit_price)::text,
      'cost', trim_scale(p_cost)::text,
      'price_id', p_price_id
    );
  end if;
  return jsonb_build_object(
    'meter', p_meter,
    'quantity', trim_scale(p_quantity)::text,
    'price_meter', case when p_is_public is not false then p_price_meter end,
    'unit_price', case when p_is_public is not false then trim_scale(p_unit_price)::text end,
    'cost', case when p_is_public is not false then trim_scale(p_cost)::text end
  );
end;
$$;

create function ratebook.quote(
  p_model text,
  p_usage jsonb,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz
) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: margins, rates and hidden prices are not the caller's to read; only what may be shown leaves.
declare
  v_all boolean := ratebook.is_privileged();
  v_usage jsonb := p_usage;
  v_priced ratebook.priced_request;
begin
  if jsonb_typeof(p_usage) = 'string' then
    v_usage := ratebook.json_in_text(p_usage);
  end if;
  v_priced := ratebook.price_request(
    p_model, v_usage, p_feature, p_service_tier, p_variant, p_region, p_at, v_all, v_all
  );
  return jsonb_build_object(
    'model', v_priced.model_key,
    'model_id', v_priced.model_id,
    'feature', p_feature,
    'service_tier', p_service_tier,
    'variant', p_variant,
    'region', p_region,
    'at', p_at,
    'lines', v_priced.lines,
    'currency', v_priced.currency,
    'cost', case when v_all or v_priced.is_public then trim_scale(v_priced.cost)::text end,
    'credits', trim_scale(v_priced.credits)::text
  ) || case
    when v_all
      then jsonb_build_object(
        'credit_rate_id', v_priced.credit_rate_id, 'margin_policy_id', v_priced.margin_policy_id
      )
    else '{}'
  end;
end;
$$;

create function ratebook.credit_cost(
  p_model text,
  p_usage jsonb,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz
) returns numeric
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.quote().
declare
  v_usage jsonb := p_usage;
begin
  if jsonb_typeof(p_usage) = 'string' then
    v_usage := ratebook.json_in_text(p_usage);
  end if;
  return trim_scale((ratebook.price_request(
    p_model, v_usage, p_feature, p_service_tier, p_variant, p_region, p_at, ratebook.is_privileged()
  )).credits);
end;
$$;

create function billing.quote(
  model text,
  usage jsonb,
  feature text default null,
  service_tier text default 'standard',
  variant text default null,
  region text default null,
  at timestamptz default ratebook.clock()
) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.quote(model, usage, feature, service_tier, variant, region, at);

create function billing.calculate_credit_cost(
  model text,
  usage jsonb,
  feature text default null,
  service_tier text default 'standard',
  variant text default null,
  region text default null,
  at timestamptz default ratebook.clock()
) returns numeric
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.credit_cost(model, usage, feature, service_tier, variant, region, at);

revoke all on function ratebook.price_request(
  text, jsonb, text, text, text, text, timestamptz, boolean, boolean, text, text
) from public;
revoke all on function ratebook.assert_service_tier(text) from public;
revoke all on function ratebook.assert_size(uuid, text, text[], text) from public;
revoke all on function ratebook.json_in_text(jsonb) from public;
revoke all on function ratebook.quote_line(
  text, numeric, text, numeric, numeric, boolean, uuid, boolean
) from public;
revoke all on function ratebook.quote(text, jsonb, text, text, text, text, timestamptz) from public;
revoke all on function ratebook.credit_cost(text, jsonb, text, text, text, text, timestamptz) from public;
revoke all on function billing.quote(text, jsonb, text, text, text, text, timestamptz) from public;
revoke all on function billing.calculate_credit_cost(text, jsonb, text, text, text, text, timestamptz) from public;
grant execute on function ratebook.quote(text, jsonb, text, text, text, text, timestamptz)
to anon, authenticated, service_role;
grant execute on function ratebook.credit_cost(text, jsonb, text, text, text, text, timestamptz)
to anon, authenticated, service_role;
grant execute on function billing.quote(text, jsonb, text, text, text, text, timestamptz)
to anon, authenticated, service_role;
grant execute on function billing.calculate_credit_cost(text, jsonb, text, text, text, text, timestamptz)
to anon, authenticated, service_role;

comment on type ratebook.priced_request is
'A priced request: model, currency, exact cost in currency, whether all of its prices are public, credits, and the rows used.';
comment on column ratebook.priced_request.model_id is 'The model.';
comment on column ratebook.priced_request.model_key is 'Its key.';
comment on column ratebook.priced_request.is_active is 'Whether it is switched on.';
comment on column ratebook.priced_request.feature_id is 'The feature; NULL for none.';
comment on column ratebook.priced_request.currency is 'The currency of the cost.';
comment on column ratebook.priced_request.sheet_id is 'The price sheet that was used; NULL where nothing was used and nothing is priced.';
comment on column ratebook.priced_request.cost is 'Exact cost in currency.';
comment on column ratebook.priced_request.is_public is 'Whether all prices behind it are public.';
comment on column ratebook.priced_request.price_ids is 'The price rows of the meters used.';
comment on column ratebook.priced_request.lines is 'The lines of the quote, if asked for.';
comment on column ratebook.priced_request.credits is 'Credits, rounded up once.';
comment on column ratebook.priced_request.credit_rate_id is 'The credit rate that was used.';
comment on column ratebook.priced_request.margin_policy_id is 'The margin policy that was used.';
comment on function ratebook.price_request(
  text, jsonb, text, text, text, text, timestamptz, boolean, boolean, text, text
) is
'Prices one request, for those who see all (p_all) or for the public; with all lines of the quote (p_all_lines true), those as the public sees them (false), or none (NULL). With the source and currency that a hold began with, a model that has changed since is priced as it was then. Errors: those of billing.quote().';
comment on function ratebook.assert_service_tier(text) is 'Refuses a tier that is not registered. Error: unknown_service_tier (PT422).';
comment on function ratebook.assert_size(uuid, text, text[], text) is
'Refuses an image size that is neither valid for the model nor priced. Error: invalid_size (PT422); HINT and DETAIL list the valid ones.';
comment on function ratebook.json_in_text(jsonb) is 'The JSON that a JSON string holds; anything else as it is.';
comment on function ratebook.quote_line(
  text, numeric, text, numeric, numeric, boolean, uuid, boolean
) is
'A line of a quote as JSON: for those who see all (p_all), with the id of the price row; for others null where a price is not public.';
comment on function ratebook.quote(text, jsonb, text, text, text, text, timestamptz) is
'The rule behind billing.quote().';
comment on function ratebook.credit_cost(text, jsonb, text, text, text, text, timestamptz) is
'The rule behind billing.calculate_credit_cost().';
comment on function billing.quote(text, jsonb, text, text, text, text, timestamptz) is
'What a usage costs, as JSON: lines (meter, quantity, price_meter, unit_price, cost), currency, cost, credits. All amounts are strings. model: id, key or alias. usage: meters and quantities, such as {"input": 1000, "output": 500}. feature: key of the feature, which may have a margin of its own. service_tier: how urgent, a key of ai.service_tiers. variant: such as an image size. region: where it runs, if prices differ. at: as of when. Where a price is not public its unit_price, its price_meter and the cost are null; admins and the service role see them, and the ids of the rows used. Errors: unknown_model, unknown_feature (PT404), ambiguous_model (PT409), invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, unknown_service_tier, invalid_size, no_price, no_credit_rate, no_margin_policy, invalid_time (PT422), not_allowed (42501) for a time ahead.';
comment on function billing.calculate_credit_cost(text, jsonb, text, text, text, text, timestamptz) is
'The credits of billing.quote(), with the same arguments, as numeric; as JSON a number: billing.quote() writes it as a string. Errors: those of billing.quote().';

-- from sql/55_credits/070_function_price_requests.sql

create function ratebook.price_requests(
  p_requests jsonb,
  p_at timestamptz,
  p_all boolean
) returns table (
  ordinal integer,
  model_id uuid,
  model_key text,
  currency text,
  sheet_id bigint,
  cost numeric,
  is_public boolean,
  price_ids uuid[],
  lines jsonb,
  credits numeric,
  credit_rate_id uuid,
  margin_policy_id uuid
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
declare
  v_now constant timestamptz := ratebook.clock();
  v_looks_ahead constant boolean := ratebook.is_privileged();
  v_moments constant timestamptz[] := ratebook.moments_of_terms();
  -- What these names mean depends on the time asked for; all others mean one model.
  v_succeeded constant text[] := array(
    select m.key from ai.models as m where m.successor_id is not null
    union all
    select a.alias
    from ai.model_aliases as a
    where a.model_id = any(array(select m.id from ai.models as m where m.successor_id is not null))
  );
  v_meter_keys constant text[] := array(select m.key from ai.meters as m);
  v_meters constant jsonb := (select jsonb_object_agg(m.key, m.counts_as_input) from ai.meters as m);
  v_priced integer;
begin
  if jsonb_typeof(p_requests) is distinct from 'array' then
    perform ratebook.fail('invalid_argument', 'The requests are not a JSON array.',
      'For example [{"model": "gpt-4o-mini", "usage": {"input": 1000}}].');
  end if;

  -- The rules of ratebook.price_request(), for a set: what it would refuse has no row here.
  return query
  with
  requests as materialized (
    select
      r.ordinality::integer as ordinal,
      r.value - '{model,usage,feature,service_tier,variant,region,at}'::text[] = '{}' as is_plain,
      r.value ->> 'model' as model,
      case when jsonb_typeof(r.value -> 'usage') = 'object' then r.value -> 'usage' else '{}' end as usage,
      r.value ->> 'feature' as feature,
      case when r.value ? 'service_tier' then r.value ->> 'service_tier' else 'standard' end as service_tier,
      r.value ->> 'variant' as variant,
      r.value ->> 'region' as region,
      case when r.value ? 'at' then (r.value ->> 'at')::timestamptz else p_at end as at
    from jsonb_array_elements(p_requests) with ordinality as r
  ),

  -- Here and below, lateral with an offset is one lookup each, whatever the planner thinks of the table.
  models as (
    select
      n.model, n.at, m.id, m.key, m.valid_sizes, m.price_currency, s.id as schedule_id, s.starts, s.bounds, s.service_tiers,
      s.variants, s.regions, s.has_windows
    from (
      select distinct r.model, case when r.model = any(v_succeeded) then coalesce(r.at, '-infinity') end as at
      from requests as r
    ) as n
    left join lateral (
      select o.id
      from ai.models as o
      where o.key = n.model and n.at is null and (p_all or (o.is_public and o.deleted_at is null))
      offset 0
    ) as k on true
    cross join lateral (
      select case when k.id is null then ratebook.model_ids(n.model, p_all, n.at) else array[k.id] end as ids
    ) as c
    inner join lateral (
      select o.* from ai.models as o where o.id = c.ids[1] and cardinality(c.ids) = 1 offset 0
    ) as m on true
    left join lateral (
      select o.*
      from ratebook.price_schedules as o
      where o.model_id = m.id and o.source = m.price_source and o.currency = m.price_currency
      offset 0
    ) as s on true
  ),

  -- All of them and no WHERE: the planner would take what is left of a set for one row.
  found as materialized (
    select
      r.ordinal, r.usage, m.id as model_id, m.key as model_key, m.price_currency, f.id as feature_id,
      width_bucket(r.at, v_moments) as moment, p.id as sheet_id, p.prices, p.price_rows, p.hidden,
      coalesce(p.marginal <> '{}', false) as is_split,
      r.is_plain
      and r.usage <> '{}'
      and m.id is not null
      and isfinite(r.at)
      and (r.at <= v_now or v_looks_ahead)
      and t.key is not null
      and (r.feature is null or f.id is not null)
      and (
        r.variant is null
        or m.valid_sizes = '{}'
        or not r.usage ? 'image'
        or r.variant = any(m.valid_sizes)
        or exists (select from ratebook.price_schedules as v where v.model_id = m.id and r.variant = any(v.variants))
      ) as is_valid
    from requests as r
    left join models as m on m.model = r.model and (m.at is null or m.at = coalesce(r.at, '-infinity'))
    left join ai.service_tiers as t on t.key = r.service_tier
    left join ai.features as f on f.key = r.feature
    left join lateral (
      select o.id, o.prices, o.price_rows, o.hidden, o.marginal
      from ratebook.price_sheets as o
      where
        o.schedule_id = m.schedule_id
        and o.period = width_bucket(r.at, m.starts)
        and o.service_tier = case when r.service_tier = any(m.service_tiers) then r.service_tier else 'standard' end
        and o.variant = case when r.variant = any(m.variants) then r.variant else '' end
        and o.region = case when r.region = any(m.regions) then r.region else '' end
        and o.open_windows = case
          when m.has_windows then ratebook.open_windows(m.schedule_id, width_bucket(r.at, m.starts), r.at)
          else 0
        end
        and o.band = case
          when m.bounds = '{}' then 0
          else width_bucket(ratebook.context_tokens(r.usage), m.bounds)
        end
      offset 0
    ) as p on true
  ),

  terms as materialized (
    select d.model_id, d.feature_id, d.moment, t.*
    from (select distinct f.model_id, f.feature_id, f.price_currency, f.moment from found as f where f.is_valid) as d
    cross join lateral ratebook.credit_terms(d.model_id, d.feature_id, d.price_currency, v_moments[d.moment]) as t
  )

  select
    f.ordinal,
    f.model_id,
    f.model_key,
    f.price_currency,
    f.sheet_id,
    c.cost,
    c.is_public,
    c.price_ids,
    c.lines,
    ratebook.credits(
      c.cost, t.credits_per_currency_unit, t.margin, t.fixed_credits, t.min_credits, t.minimum_applies_to_free,
      t.increment
    ),
    t.credit_rate_id,
    t.margin_policy_id
  from found as f
  cross join lateral (
    select
      coalesce(sum(l.cost), 0) as cost,
      coalesce(bool_and(l.is_public) filter (where l.quantity > 0), true) as is_public,
      coalesce(array_agg(distinct l.price_id) filter (where l.quantity > 0), '{}') as price_ids,
      jsonb_agg(
        ratebook.quote_line(
          l.meter, l.quantity, l.price_meter, l.unit_price, case when l.quantity = 0 then 0 else l.cost end,
          l.is_public, null, false
        )
        order by l.meter, l.part
      ) as lines,
      bool_and(coalesce(l.is_valid, false)) as is_valid
    from (
      select
        u.key as meter,
        1::bigint as part,
        u.value::numeric as quantity,
        f.price_rows -> u.key ->> 1 as price_meter,
        (f.prices -> u.key)::numeric as unit_price,
        u.value::numeric * (f.prices -> u.key)::numeric as cost,
        (f.price_rows -> u.key ->> 0)::uuid as price_id,
        u.key <> all(f.hidden) as is_public,
        -- What has a price is a meter.
        (f.prices ? u.key or (u.value::numeric = 0 and v_meters ? u.key))
        and u.value::numeric between 0 and 1e12 and scale(trim_scale(u.value::numeric)) <= 12 as is_valid
      from jsonb_each(f.usage) as u
      where not f.is_split
      union all
      select
        n.meter,
        n.ordinality,
        n.quantity,
        n.price_meter,
        n.unit_price,
        n.cost,
        n.price_id,
        n.is_public,
        ratebook.is_usage(f.usage, v_meter_keys) and (n.unit_price is not null or n.quantity = 0)
      from ratebook.price_sheets as p
      cross join lateral ratebook.price_usage(p, f.usage) with ordinality as n
      where f.is_split and p.id = f.sheet_id
    ) as l
  ) as c
  inner join terms as t
    on t.model_id = f.model_id and t.moment = f.moment and t.feature_id is not distinct from f.feature_id
  where f.is_valid and c.is_valid and t.credit_rate_id is not null and t.margin_policy_id is not null
  order by f.ordinal;

  get diagnostics v_priced = row_count;
  if v_priced <> jsonb_array_length(p_requests) then
    perform ratebook.refuse_requests(p_requests, p_at, p_all);
  end if;
exception
  when
    invalid_datetime_format or datetime_field_overflow or invalid_time_zone_displacement_value or invalid_parameter_value
    or numeric_value_out_of_range
    then perform ratebook.refuse_requests(p_requests, p_at, p_all);
end;
$$;

create function ratebook.refuse_requests(p_requests jsonb, p_at timestamptz, p_all boolean) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- One by one, to find the first that cannot be priced and to say why.
declare
  v_index integer;
  v_request jsonb;
  v_unknown text;
  v_message text;
  v_hint text;
  v_detail jsonb;
begin
  for v_index, v_request in
    select r.ordinality - 1, r.value from jsonb_array_elements(p_requests) with ordinality as r order by r.ordinality
  loop
    begin
      if jsonb_typeof(v_request) <> 'object' then
        perform ratebook.fail('invalid_argument', 'A request is a JSON object.',
          'For example {"model": "gpt-4o-mini", "usage": {"input": 1000}}.');
      end if;
      select min(k.key) into v_unknown
      from jsonb_object_keys(v_request) as k (key)
      where k.key not in ('model', 'usage', 'feature', 'service_tier', 'variant', 'region', 'at');
      if v_unknown is not null then
        perform ratebook.fail('invalid_argument', format('A request has no field "%s".', left(v_unknown, 100)),
          'Its fields are model, usage, feature, service_tier, variant, region and at.',
          jsonb_build_object('field', left(v_unknown, 100)));
      end if;
      perform ratebook.price_request(
        v_request ->> 'model',
        v_request -> 'usage',
        v_request ->> 'feature',
        case when v_request ? 'service_tier' then v_request ->> 'service_tier' else 'standard' end,
        v_request ->> 'variant',
        v_request ->> 'region',
        case when v_request ? 'at' then (v_request ->> 'at')::timestamptz else p_at end,
        p_all
      );
    exception
      when sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' or insufficient_privilege then
        get stacked diagnostics
          v_message = message_text, v_hint = pg_exception_hint, v_detail = pg_exception_detail;
        perform ratebook.fail(
          v_detail ->> 'error', v_message, v_hint, v_detail || jsonb_build_object('index', v_index)
        );
      when
        invalid_datetime_format or datetime_field_overflow or invalid_time_zone_displacement_value
        or invalid_parameter_value
        then
          perform ratebook.fail('invalid_time', format('"%s" is not a time.', left(v_request ->> 'at', 100)),
            'For example 2026-03-15T12:00:00Z.', jsonb_build_object('index', v_index));
    end;
  end loop;
  raise exception 'A set of requests was not priced, and each of them can be.' using errcode = 'XX000';
end;
$$;

create function ratebook.quote_many(p_requests jsonb) returns table (
  index integer,
  model text,
  currency text,
  cost numeric,
  credits numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.quote().
declare
  v_all boolean := ratebook.is_privileged();
  v_requests jsonb := ratebook.json_in_text(p_requests);
begin
  if jsonb_typeof(v_requests) = 'array' and jsonb_array_length(v_requests) > 1000 then
    perform ratebook.fail('invalid_argument', 'A call prices at most 1,000 requests.', 'Ask in parts.',
      jsonb_build_object('requests', jsonb_array_length(v_requests), 'at_most', 1000));
  end if;
  return query
  select
    p.ordinal - 1,
    p.model_key,
    p.currency,
    case when v_all or p.is_public then trim_scale(p.cost) end,
    trim_scale(p.credits)
  from ratebook.price_requests(v_requests, ratebook.clock(), v_all) as p;
end;
$$;

create function billing.quote_many(requests jsonb) returns table (
  index integer,
  model text,
  currency text,
  cost numeric,
  credits numeric
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select q.* from ratebook.quote_many(requests) as q;
end;

revoke all on function ratebook.price_requests(jsonb, timestamptz, boolean) from public;
revoke all on function ratebook.refuse_requests(jsonb, timestamptz, boolean) from public;
revoke all on function ratebook.quote_many(jsonb) from public;
revoke all on function billing.quote_many(jsonb) from public;
grant execute on function ratebook.quote_many(jsonb) to anon, authenticated, service_role;
grant execute on function billing.quote_many(jsonb) to anon, authenticated, service_role;

comment on function ratebook.price_requests(jsonb, timestamptz, boolean) is
'Prices a JSON array of requests in one statement, one row each, ordinal from 1: for those who see all (p_all) or for the public. A request is {"model", "usage", "feature", "service_tier", "variant", "region", "at"} and nothing else, with the meaning and defaults of billing.quote(); p_at is for those without "at". price_ids: the price rows of the meters used. lines: those that a quote shows to the public. One bad request refuses all: the errors of billing.quote(), with its "index" (from 0) in DETAIL, and invalid_argument (PT422).';
comment on function ratebook.refuse_requests(jsonb, timestamptz, boolean) is
'Raises the error of the first request that ratebook.price_requests() could not price.';
comment on function ratebook.quote_many(jsonb) is 'The rule behind billing.quote_many().';
comment on function billing.quote_many(jsonb) is
'What up to 1,000 requests cost, in one call: one row each, in their order. requests: a JSON array of objects with the arguments of billing.quote(), such as [{"model": "gpt-4o-mini", "usage": {"input": 1000}}]. index: from 0. cost: exact, in currency; NULL where a price is not public, except to admins and the service role. Select cost::text: JSON numbers lose digits. One bad request refuses all. Errors: those of billing.quote(), with the request''s index in DETAIL, and invalid_argument (PT422).';

-- from sql/55_credits/080_function_reprice_generations.sql

create function ratebook.reprice_generations(
  p_since timestamptz,
  p_until timestamptz,
  p_model text,
  p_source text,
  p_at timestamptz,
  p_margin numeric
) returns table (
  generation_id uuid,
  lenser_id uuid,
  model_id uuid,
  feature_key text,
  currency text,
  cost numeric,
  credits numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- Definer: reads margins, rates and everybody's generations; the service role and admins only, see below.
declare
  v_moments constant timestamptz[] := ratebook.moments_of_terms();
  v_model_id uuid;
begin
  if not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'Repricing is for admins and the service role.');
  end if;
  if (isfinite(p_since) and isfinite(p_until) and p_since <= p_until) is not true then
    perform ratebook.fail('invalid_time', 'A period has a beginning and an end after it.');
  end if;
  if not isfinite(p_at) then
    perform ratebook.fail('invalid_time', 'Prices are of a time, or of each generation''s own.');
  end if;
  if (p_margin is null or (p_margin >= -1 and p_margin < 'Infinity')) is not true then
    perform ratebook.fail('invalid_argument', 'A margin is a finite number of at least -1.');
  end if;
  if p_model is not null then
    v_model_id := ratebook.model_id(p_model, true);
  end if;

  return query
  with costs as materialized (
    select c.*, width_bucket(c.priced_at, v_moments) as moment, f.id as feature_id
    from ratebook.cost_generations(p_since, p_until, v_model_id, p_source, p_at) as c
    left join ai.features as f on f.key = c.feature_key
  ),

  terms as materialized (
    select d.*, t.*
    from (select distinct c.model_id, c.feature_id, c.currency, c.moment from costs as c where c.moment > 0) as d
    cross join lateral ratebook.credit_terms(d.model_id, d.feature_id, d.currency, v_moments[d.moment]) as t
  )

  select
    c.generation_id,
    c.lenser_id,
    c.model_id,
    c.feature_key,
    c.currency,
    c.cost,
    case
      when t.credit_rate_id is not null and t.margin_policy_id is not null
        then ratebook.credits(
          c.cost, t.credits_per_currency_unit, coalesce(p_margin, t.margin), t.fixed_credits, t.min_credits,
          t.minimum_applies_to_free, t.increment
        )
    end
  from costs as c
  left join terms as t
    on
      t.model_id = c.model_id and t.moment = c.moment and t.currency = c.currency
      and t.feature_id is not distinct from c.feature_id;
end;
$$;

create function billing.reprice_generations(
  since timestamptz,
  until timestamptz,
  model text default null,
  price_source text default null,
  at timestamptz default null,
  margin numeric default null
) returns table (
  generation_id uuid,
  lenser_id uuid,
  model_id uuid,
  feature_key text,
  currency text,
  cost numeric,
  credits numeric
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select r.* from ratebook.reprice_generations(since, until, model, price_source, at, margin) as r;
end;

revoke all on function ratebook.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) from public;
revoke all on function billing.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) from public;
grant execute on function ratebook.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) to authenticated, service_role;
grant execute on function billing.reprice_generations(
  timestamptz, timestamptz, text, text, timestamptz, numeric
) to authenticated, service_role;

comment on function ratebook.reprice_generations(timestamptz, timestamptz, text, text, timestamptz, numeric) is
'The rule behind billing.reprice_generations().';
comment on function billing.reprice_generations(timestamptz, timestamptz, text, text, timestamptz, numeric) is
'Admins and the service role. What if: prices the generations of a period, in one statement and without writing: as they were, or as if something had been different. since: start of the period, inclusive. until: its end, exclusive. model: id, key or alias of the model that might have been asked. price_source: whose prices to take. at: as of when to price. margin: 0.3 is 30 % on top. One row each: cost in currency, credits; NULL where a price, rate or policy is missing. Generations without usage count their token_count; those with neither are left out. Select cost::text: JSON numbers lose digits. Errors: not_allowed (42501), unknown_model (PT404), invalid_time, invalid_argument (PT422).';

-- from sql/60_wallet/010_types_wallet.sql

create type billing.hold_status_enum as enum ('open', 'captured', 'released', 'expired');
create type billing.entry_kind_enum as enum ('grant', 'repayment', 'charge', 'refund', 'expiry');
create type billing.budget_period_enum as enum ('day', 'month');

-- NaN and infinities never enter. A domain says so once for all columns, at a fraction of the time of a CHECK of the
-- table, which every statement that writes parses anew.
create domain billing.amount as numeric
constraint amount_is_not_negative_and_finite check (value >= 0 and value < 'Infinity');
create domain billing.signed_amount as numeric
constraint amount_is_finite check (value > '-Infinity' and value < 'Infinity');

comment on domain billing.amount is 'Credits, or money: not negative, and finite.';
comment on domain billing.signed_amount is 'Credits in or out, or a balance: finite.';
comment on type billing.hold_status_enum is
'open: it keeps credits back; captured: it became a charge; released: given back; expired: timed out. A timed-out hold counts as expired at once, even where it still reads open.';
comment on type billing.entry_kind_enum is
'grant: credits came in; repayment: a grant paid debt (two entries that cancel each other); charge: credits were spent; refund: a charge was taken back; expiry: the rest of a lot ended.';
comment on type billing.budget_period_enum is 'A day or a month, in UTC.';

-- from sql/60_wallet/020_table_accounts.sql

create table billing.accounts (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null,
  name text,
  posted billing.signed_amount not null default 0,
  reserved billing.amount not null default 0,
  debt billing.amount not null default 0,
  overdraft_limit billing.amount not null default 0,
  low_balance_mark billing.signed_amount,
  entries bigint not null default 0,
  next_event_at timestamptz not null default 'infinity',
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint accounts_pkey primary key (id, lenser_id),
  constraint accounts_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint name_is_short check (char_length(name) <= 200),
  constraint available_is_not_below_the_overdraft_limit check (posted - reserved >= -overdraft_limit)
)
-- Every charge updates its row: with room in the page and no index on what changes, it stays where it is.
with (fillfactor = 50);

create index accounts_lenser_id_idx on billing.accounts (lenser_id);
create index accounts_next_event_at_idx on billing.accounts (next_event_at) where next_event_at < 'infinity';

create trigger accounts_ensure_profile before insert on billing.accounts
for each row execute function ratebook.ensure_profile();

comment on table billing.accounts is
'Wallets. A lenser''s own account has the lenser''s id and is made when it is first needed; other accounts are shared with members. All amounts are credits. Only the wallet functions change balances; the row is the one lock that every change of the account takes.';
comment on column billing.accounts.id is 'The account; of a lenser''s own account the lenser.';
comment on column billing.accounts.lenser_id is 'The owner.';
comment on column billing.accounts.name is 'Optional name to show, at most 200 characters.';
comment on column billing.accounts.posted is 'Posted balance: the sum of the ledger entries, which is what the lots still hold, less the debt. Read billing.balances: an expired lot still counts here until it is swept.';
comment on column billing.accounts.reserved is 'Sum of the open holds, timed-out ones included until they are swept.';
comment on column billing.accounts.debt is 'Overdraft in use; the next grant repays it first.';
comment on column billing.accounts.overdraft_limit is 'How far the available balance may go below zero.';
comment on column billing.accounts.low_balance_mark is 'When the available balance falls below it, billing.outbox gets a row; NULL for never.';
comment on column billing.accounts.entries is 'How many ledger entries it has; the number of the last.';
comment on column billing.accounts.next_event_at is 'No lot expires, no hold times out and no recurring grant is due before; infinity when there is none.';
comment on column billing.accounts.created_at is 'When the account was opened.';
comment on column billing.accounts.updated_at is 'When its balance last changed. Times of an account never go back, whatever the clock does.';

-- from sql/60_wallet/030_table_account_members.sql

create table billing.account_members (
  account_id uuid not null,
  lenser_id uuid not null,
  member_id uuid not null,
  spend_limit billing.amount,
  spent billing.amount not null default 0,
  created_at timestamptz not null default ratebook.clock(),
  constraint account_members_pkey primary key (account_id, member_id, lenser_id),
  constraint account_members_account_id_fkey foreign key (account_id, lenser_id)
  references billing.accounts (id, lenser_id),
  constraint account_members_member_id_fkey foreign key (member_id) references lensers.profiles (id),
  constraint the_owner_needs_no_membership check (member_id <> lenser_id)
);

create index account_members_account_id_lenser_id_idx on billing.account_members (account_id, lenser_id);
create index account_members_lenser_id_idx on billing.account_members (lenser_id);
create index account_members_member_id_idx on billing.account_members (member_id);

comment on table billing.account_members is
'Who else may spend from an account. Set by billing.set_member().';
comment on column billing.account_members.account_id is 'The account.';
comment on column billing.account_members.lenser_id is 'Its owner.';
comment on column billing.account_members.member_id is 'The lenser who may spend from it.';
comment on column billing.account_members.spend_limit is 'Most credits that the member may spend in all, open holds included; NULL for no limit.';
comment on column billing.account_members.spent is 'What the member spent, less refunds.';
comment on column billing.account_members.created_at is 'When the member joined.';

-- from sql/60_wallet/040_table_recurring_grants.sql

create table billing.recurring_grants (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null,
  account_id uuid not null,
  amount billing.amount not null,
  months integer not null,
  days integer not null,
  starts_at timestamptz not null,
  ends_at timestamptz,
  expires boolean not null,
  priority integer not null,
  source text not null,
  issued integer not null default 0,
  created_at timestamptz not null default ratebook.clock(),
  constraint recurring_grants_pkey primary key (id, lenser_id),
  constraint recurring_grants_account_id_fkey foreign key (account_id, lenser_id)
  references billing.accounts (id, lenser_id),
  constraint amount_is_positive check (amount > 0),
  constraint it_recurs_after_months_or_days check (months >= 0 and days >= 0 and months + days > 0),
  constraint priority_is_not_negative check (priority >= 0),
  constraint starts_at_is_finite check (isfinite(starts_at)),
  -- As in billing.grants: what is due must be possible to write.
  constraint source_is_a_name check (source ~ '^\S(.{0,98}\S)?$'),
  constraint ends_at_is_not_before_starts_at check (ends_at >= starts_at),
  constraint issued_is_not_negative check (issued >= 0)
);

create index recurring_grants_account_id_lenser_id_idx on billing.recurring_grants (account_id, lenser_id);
create index recurring_grants_lenser_id_idx on billing.recurring_grants (lenser_id);

comment on table billing.recurring_grants is
'Allowances: the same grant again and again, such as 1,000 credits a month. Each becomes a lot when it is due, without a scheduler: balances count it at once, and the account''s next change or sweep writes it down. Made by billing.create_recurring_grant().';
comment on column billing.recurring_grants.id is 'The recurring grant; its lots refer to it.';
comment on column billing.recurring_grants.lenser_id is 'The owner of the account.';
comment on column billing.recurring_grants.account_id is 'The account that gets the credits.';
comment on column billing.recurring_grants.amount is 'Credits each time.';
comment on column billing.recurring_grants.months is 'Months from one to the next, counted from starts_at in UTC, so that the 31st stays the last day.';
comment on column billing.recurring_grants.days is 'Days from one to the next, beside the months.';
comment on column billing.recurring_grants.starts_at is 'When the first is due; with a start in the past, from when on the others are counted.';
comment on column billing.recurring_grants.ends_at is 'None is due from then on; NULL for no end.';
comment on column billing.recurring_grants.expires is 'Whether what is left of one ends when the next is due.';
comment on column billing.recurring_grants.priority is 'Priority of its lots.';
comment on column billing.recurring_grants.source is 'Source of its lots.';
comment on column billing.recurring_grants.issued is 'How many were written down, or were over before the row was made.';
comment on column billing.recurring_grants.created_at is 'When the row was made.';

-- from sql/60_wallet/050_table_grants.sql

create table billing.grants (
  id uuid not null default ratebook.uuid_v7(),
  lenser_id uuid not null,
  account_id uuid not null,
  amount billing.amount not null,
  remaining billing.amount not null default 0,
  reserved billing.amount not null default 0,
  priority integer not null default 0,
  expires_at timestamptz,
  source text not null default 'manual',
  external_ref text,
  recurring_grant_id uuid,
  closed_at timestamptz,
  created_at timestamptz not null default ratebook.clock(),
  constraint grants_pkey primary key (id, lenser_id),
  constraint grants_account_id_fkey foreign key (account_id, lenser_id)
  references billing.accounts (id, lenser_id),
  constraint grants_recurring_grant_id_fkey foreign key (recurring_grant_id, lenser_id)
  references billing.recurring_grants (id, lenser_id),
  constraint amount_is_positive check (amount > 0),
  constraint reserved_remaining_and_amount_are_in_order check (reserved <= remaining and remaining <= amount),
  constraint priority_is_not_negative check (priority >= 0),
  constraint expires_at_is_finite check (isfinite(expires_at)),
  constraint source_is_a_name check (source ~ '^\S(.{0,98}\S)?$'),
  constraint external_ref_is_short check (char_length(external_ref) between 1 and 255)
)
with (fillfactor = 70);

-- The order in which lots burn. Closing a lot is the only change that touches the index.
create index grants_burn_order_idx on billing.grants (account_id, priority, expires_at, id) where closed_at is null;
create index grants_lenser_id_account_id_idx on billing.grants (lenser_id, account_id, id);
create index grants_recurring_grant_id_idx on billing.grants (recurring_grant_id, lenser_id);
-- One event of the payment provider tops up one account once.
create unique index grants_source_external_ref_idx on billing.grants (source, external_ref);

comment on table billing.grants is
'Lots: credits that came in together. They burn by priority (lower first), then earliest expiry, then oldest. Made by billing.grant_credits().';
comment on column billing.grants.id is 'The lot: a UUIDv7, so lots sort by age.';
comment on column billing.grants.lenser_id is 'The owner of the account.';
comment on column billing.grants.account_id is 'The account.';
comment on column billing.grants.amount is 'Credits that came in.';
comment on column billing.grants.remaining is 'Credits that are left, reserved ones included.';
comment on column billing.grants.reserved is 'What open holds keep back of it; nobody else can spend that.';
comment on column billing.grants.priority is 'Lower burns first.';
comment on column billing.grants.expires_at is 'From then on it counts no more, except for holds that reserved it before; NULL for never.';
comment on column billing.grants.source is 'Where it came from: manual, purchase, allowance, refund, or a name of your own.';
comment on column billing.grants.external_ref is 'Id of the event behind it, such as a payment''s; with the source it counts once.';
comment on column billing.grants.recurring_grant_id is 'The recurring grant that it is one of.';
comment on column billing.grants.closed_at is 'When nothing was left of it; NULL while there is, and again after a refund.';
comment on column billing.grants.created_at is 'When it was written down.';

-- from sql/60_wallet/060_table_holds.sql

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
  constraint holds_account_id_fkey foreign key (account_id, lenser_id)
  references billing.accounts (id, lenser_id),
  constraint an_open_hold_has_not_ended check ((status = 'open') = (ended_at is null)),
  constraint a_captured_hold_has_a_charge check ((status = 'captured') = (charge_id is not null))
)
with (fillfactor = 70);

create index holds_lenser_id_account_id_idx on billing.holds (lenser_id, account_id, id);
create index holds_account_id_open_idx on billing.holds (account_id, expires_at) where status = 'open';
create index holds_spender_id_open_idx on billing.holds (spender_id) where status = 'open';

comment on table billing.holds is
'Credits kept back for work that is under way. Made by billing.authorize_credits(), ended by billing.capture_hold(), billing.release_hold() or time.';
comment on column billing.holds.id is 'The hold, a UUIDv7.';
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

-- from sql/60_wallet/070_table_charges.sql

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
  constraint charges_pkey primary key (id, lenser_id),
  constraint charges_account_id_fkey foreign key (account_id, lenser_id)
  references billing.accounts (id, lenser_id)
) partition by range (id);

create index charges_lenser_id_account_id_idx on billing.charges (lenser_id, account_id, id);
create index charges_generation_id_idx on billing.charges (generation_id) where generation_id is not null;
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
);

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

select ratebook.extend_partitions('billing.charges');

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
comment on column billing.charges.lines is 'The quote as charged, the lines of billing.quote(): meter, quantity, unit_price and cost as strings; null where a price is not public.';
comment on column billing.charges.credits is 'Credits that were charged.';
comment on column billing.charges.created_at is 'When it was charged.';
comment on table billing.charge_costs is
'What a priced charge cost the platform, and the rows that priced it: a later price never alters it. For admins and the service role.';
comment on column billing.charge_costs.id is 'The charge.';
comment on column billing.charge_costs.lenser_id is 'The owner of the account.';
comment on column billing.charge_costs.currency is 'ISO 4217 code.';
comment on column billing.charge_costs.cost is 'Exact cost in the currency.';
comment on column billing.charge_costs.credit_rate_id is 'The credit rate that was used.';
comment on column billing.charge_costs.margin_policy_id is 'The margin policy that was used.';
comment on column billing.charge_costs.price_ids is 'The rows of ai.model_pricing that were used.';

-- from sql/60_wallet/080_table_ledger_entries.sql

create table billing.ledger_entries (
  id uuid not null,
  lenser_id uuid not null,
  account_id uuid not null,
  number bigint not null,
  kind billing.entry_kind_enum not null,
  amount billing.signed_amount not null,
  balance_after billing.signed_amount not null,
  grant_id uuid,
  charge_id uuid,
  reason text,
  effective_at timestamptz not null,
  created_at timestamptz not null,
  constraint ledger_entries_pkey primary key (id, lenser_id),
  constraint ledger_entries_account_id_fkey foreign key (account_id, lenser_id)
  references billing.accounts (id, lenser_id),
  constraint amount_is_not_zero check (amount <> 0),
  constraint number_is_positive check (number > 0),
  constraint it_is_not_effective_later_than_written check (effective_at <= created_at)
) partition by range (id);

create index ledger_entries_lenser_id_account_id_idx on billing.ledger_entries (
  lenser_id, account_id, created_at, number
);
create index ledger_entries_charge_id_idx on billing.ledger_entries (charge_id) where charge_id is not null;
-- Few: expiries and allowances that were written down later than they happened.
create index ledger_entries_backdated_idx on billing.ledger_entries (account_id, effective_at)
where effective_at < created_at;

create trigger ledger_entries_refuse_change before update or delete on billing.ledger_entries
for each row execute function ratebook.refuse_change('Correct it by another entry: a grant or a refund.');
create trigger ledger_entries_refuse_truncate before truncate on billing.ledger_entries
for each statement execute function ratebook.refuse_change('Correct it by another entry: a grant or a refund.');

alter table billing.ledger_entries enable always trigger ledger_entries_refuse_change;
alter table billing.ledger_entries enable always trigger ledger_entries_refuse_truncate;

select ratebook.extend_partitions('billing.ledger_entries');

comment on table billing.ledger_entries is
'Every change of a balance, one row per lot that it touched. Append-only: no role changes or removes an entry.';
comment on column billing.ledger_entries.id is 'The entry, a UUIDv7.';
comment on column billing.ledger_entries.lenser_id is 'The owner of the account.';
comment on column billing.ledger_entries.account_id is 'The account.';
comment on column billing.ledger_entries.number is 'Counts the entries of an account from 1 without a gap.';
comment on column billing.ledger_entries.kind is 'What happened.';
comment on column billing.ledger_entries.amount is 'Credits; negative when they went out.';
comment on column billing.ledger_entries.balance_after is 'The posted balance after it.';
comment on column billing.ledger_entries.grant_id is 'The lot that it changed; NULL for debt.';
comment on column billing.ledger_entries.charge_id is 'The charge behind a charge or a refund.';
comment on column billing.ledger_entries.reason is 'Why, where somebody said so.';
comment on column billing.ledger_entries.effective_at is 'From when on it counts: the moment of an expiry, also where it was written down later.';
comment on column billing.ledger_entries.created_at is 'When it was written down.';

-- from sql/60_wallet/090_view_refunds.sql

create view ratebook.refunds with (security_invoker = true) as
select
  e.charge_id,
  sum(e.amount) as amount
from billing.ledger_entries as e
where e.kind = 'refund'
group by e.charge_id;

revoke all on ratebook.refunds from public, anon, authenticated, service_role;

comment on view ratebook.refunds is 'What was given back of each charge.';
comment on column ratebook.refunds.charge_id is 'The charge.';
comment on column ratebook.refunds.amount is 'Credits given back.';

-- from sql/60_wallet/100_table_idempotency_keys.sql

create table billing.idempotency_keys (
  account_id uuid not null,
  lenser_id uuid not null,
  operation text not null,
  key text not null,
  request jsonb not null,
  response jsonb not null,
  created_at timestamptz not null,
  constraint idempotency_keys_pkey primary key (account_id, operation, key, lenser_id),
  constraint key_is_a_name check (char_length(key) between 1 and 255)
);

create index idempotency_keys_created_at_idx on billing.idempotency_keys (created_at);

comment on table billing.idempotency_keys is
'What was asked with a key and what came of it, written with the effect: the same key again gets the same answer. Kept at least 30 days (billing.purge_idempotency_keys()). For the service role only.';
comment on column billing.idempotency_keys.account_id is 'The account.';
comment on column billing.idempotency_keys.lenser_id is 'Its owner.';
comment on column billing.idempotency_keys.operation is 'The function that was called.';
comment on column billing.idempotency_keys.key is 'The caller''s key, at most 255 characters.';
comment on column billing.idempotency_keys.request is 'What decided the effect, compared as jsonb; prompts and outputs are no part of it.';
comment on column billing.idempotency_keys.response is 'The first answer.';
comment on column billing.idempotency_keys.created_at is 'When it was used first.';

-- from sql/60_wallet/110_table_budgets.sql

create table billing.budgets (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null,
  feature_id uuid,
  model_id uuid,
  period billing.budget_period_enum not null,
  soft_limit billing.amount,
  hard_limit billing.amount,
  is_active boolean not null default true,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint budgets_pkey primary key (id, lenser_id),
  constraint budgets_key unique nulls not distinct (lenser_id, feature_id, model_id, period),
  constraint budgets_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint budgets_feature_id_fkey foreign key (feature_id) references ai.features (id) on delete cascade,
  constraint budgets_model_id_fkey foreign key (model_id) references ai.models (id) on delete cascade,
  constraint a_budget_has_a_limit check (num_nonnulls(soft_limit, hard_limit) > 0)
);

create index budgets_feature_id_idx on billing.budgets (feature_id);
create index budgets_model_id_idx on billing.budgets (model_id);

create function ratebook.await_spending() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: locks a profile, also for an admin who may not write it.
begin
  perform from lensers.profiles as p where p.id = new.lenser_id for update;
  return new;
end;
$$;

revoke all on function ratebook.await_spending() from public;

comment on function ratebook.await_spending() is
'Row trigger: waits for charges of the lenser that are under way and did not see the budget, and makes later ones wait.';

create trigger budgets_await_spending before insert or update of lenser_id, model_id, feature_id on billing.budgets
for each row execute function ratebook.await_spending();
create trigger budgets_ensure_profile before insert or update of lenser_id on billing.budgets
for each row execute function ratebook.ensure_profile();
create trigger budgets_stamp before update on billing.budgets
for each row execute function ratebook.stamp();

create table billing.budget_periods (
  budget_id uuid not null,
  lenser_id uuid not null,
  starts_on date not null,
  spent billing.amount not null,
  constraint budget_periods_pkey primary key (budget_id, starts_on, lenser_id),
  constraint budget_periods_budget_id_fkey foreign key (budget_id, lenser_id)
  references billing.budgets (id, lenser_id) on delete cascade
)
with (fillfactor = 70);

create index budget_periods_budget_id_lenser_id_idx on billing.budget_periods (budget_id, lenser_id);
create index budget_periods_lenser_id_idx on billing.budget_periods (lenser_id);

comment on table billing.budgets is
'How much a lenser may spend in a day or a month, from whichever account; for one feature or one model where it names one. A soft limit warns (in the answer and billing.outbox), a hard limit refuses.';
comment on column billing.budgets.id is 'The budget.';
comment on column billing.budgets.lenser_id is 'Whose spending it limits.';
comment on column billing.budgets.feature_id is 'Only for this feature (ai.features.id).';
comment on column billing.budgets.model_id is 'Only for this model.';
comment on column billing.budgets.period is 'A day or a month, in UTC.';
comment on column billing.budgets.soft_limit is 'Credits from which on it warns.';
comment on column billing.budgets.hard_limit is 'Credits beyond which it refuses; open holds count.';
comment on column billing.budgets.is_active is 'False: it limits nothing, and goes on counting.';
comment on column billing.budgets.created_at is 'When the row was made.';
comment on column billing.budgets.updated_at is 'When the row last changed.';
comment on table billing.budget_periods is
'What was spent under a budget in one period; made at the first charge of the period.';
comment on column billing.budget_periods.budget_id is 'The budget.';
comment on column billing.budget_periods.lenser_id is 'Whose budget it is.';
comment on column billing.budget_periods.starts_on is 'The first day of the period.';
comment on column billing.budget_periods.spent is 'Credits charged in the period, less what was refunded of them.';

-- from sql/60_wallet/120_triggers_accounts.sql

create function ratebook.keep_overdraft_in_use() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  -- What is owed, and what holds keep that no lot covers.
  v_in_use numeric := new.debt + new.reserved - (
    select coalesce(sum(g.reserved), 0) from billing.grants as g where g.account_id = new.id and g.closed_at is null
  );
begin
  if v_in_use > new.overdraft_limit then
    perform ratebook.fail(
      'invalid_argument', format('The account uses %s of its overdraft.', trim_scale(v_in_use)),
      'The limit may be lowered to that, and further when it is repaid.',
      jsonb_build_object('account', new.id, 'in_use', trim_scale(v_in_use)::text)
    );
  end if;
  return new;
end;
$$;

revoke all on function ratebook.keep_overdraft_in_use() from public;

comment on function ratebook.keep_overdraft_in_use() is
'Row trigger: an overdraft limit is not lowered below what is in use. Lots that are free may hide that; when they expire, the account would be below its limit, and every change of it refused. Error: invalid_argument (PT422).';

create trigger accounts_keep_overdraft_in_use before update of overdraft_limit on billing.accounts
for each row when (new.overdraft_limit between 0 and old.overdraft_limit)
execute function ratebook.keep_overdraft_in_use();

-- from sql/60_wallet/130_table_outbox.sql

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
create index outbox_lenser_id_idx on billing.outbox (lenser_id);
create index outbox_undelivered_idx on billing.outbox (id) where delivered_at is null;

comment on table billing.outbox is
'Signals for a webhook, a worker or Realtime, written in the transaction that caused them. Whoever delivers one sets delivered_at.';
comment on column billing.outbox.id is 'The signal: a UUIDv7, so signals sort by time.';
comment on column billing.outbox.lenser_id is 'The owner of the account, or whose budget it is.';
comment on column billing.outbox.account_id is 'The account; NULL for budgets.';
comment on column billing.outbox.topic is 'low_balance or budget_soft_limit.';
comment on column billing.outbox.payload is 'What happened; amounts are strings.';
comment on column billing.outbox.delivered_at is 'When it was delivered; set by whoever does.';
comment on column billing.outbox.created_at is 'When it happened.';

-- from sql/60_wallet/140_function_assert_credits.sql

create function ratebook.assert_credits(p_name text, p_value numeric, p_least numeric default 0) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- NaN sorts above every number.
  if (p_value >= p_least and p_value <= 1e12 and scale(trim_scale(p_value)) <= 12) is not true then
    perform ratebook.fail(
      'invalid_amount',
      format('%s is %s.', initcap(p_name), case
        when p_value is null then 'missing'
        when p_value < p_least then format('less than %s', trim_scale(p_least))
        else 'out of range'
      end),
      'Credits are numbers up to 1e12 with at most 12 decimals.',
      jsonb_build_object('argument', p_name)
    );
  end if;
end;
$$;

create function ratebook.assert_priority(p_priority integer) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if (p_priority >= 0) is not true then
    perform ratebook.fail('invalid_argument', 'A priority is a number from 0.', 'Lower burns first.');
  end if;
end;
$$;

revoke all on function ratebook.assert_credits(text, numeric, numeric) from public;
revoke all on function ratebook.assert_priority(integer) from public;

comment on function ratebook.assert_credits(text, numeric, numeric) is
'Refuses what is no amount of credits: NULL, NaN, infinite, less than the least (0 unless told), above 1e12, more than 12 decimals. Error: invalid_amount (PT422).';
comment on function ratebook.assert_priority(integer) is
'Refuses what is no priority of a lot. Error: invalid_argument (PT422).';

-- from sql/60_wallet/150_function_post.sql

-- What happens to one lot, or (grant_id NULL) to the debt and the part of a hold that no lot covers.
create type ratebook.movement as (
  account_id uuid,
  grant_id uuid,
  amount numeric,
  reserved numeric,
  kind billing.entry_kind_enum,
  charge_id uuid,
  effective_at timestamptz,
  reason text
);

create function ratebook.post(
  p_account billing.accounts,
  p_movements ratebook.movement[],
  p_next_event_at timestamptz default 'infinity'
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts;
  v_movement ratebook.movement;
  v_posted numeric := p_account.posted;
  v_reserved numeric := p_account.reserved;
  v_debt numeric := p_account.debt;
  v_entries bigint := p_account.entries;
begin
  -- One row at a time: each is found by its key, and that is faster than a join of so few.
  foreach v_movement in array p_movements loop
    if v_movement.grant_id is not null then
      update billing.grants as g
      set
        remaining = g.remaining + v_movement.amount,
        reserved = g.reserved + v_movement.reserved,
        closed_at = case when g.remaining + v_movement.amount = 0 then p_account.updated_at end
      where g.id = v_movement.grant_id;
    else
      v_debt := v_debt - v_movement.amount;
    end if;
    v_reserved := v_reserved + v_movement.reserved;
    if v_movement.amount <> 0 then
      v_posted := trim_scale(v_posted + v_movement.amount);
      v_entries := v_entries + 1;
      insert into billing.ledger_entries (
        id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, reason, effective_at,
        created_at
      ) values (
        ratebook.uuid_v7(p_account.updated_at), p_account.lenser_id, p_account.id, v_entries, v_movement.kind,
        trim_scale(v_movement.amount), v_posted, v_movement.grant_id, v_movement.charge_id, v_movement.reason,
        coalesce(v_movement.effective_at, p_account.updated_at), p_account.updated_at
      );
    end if;
  end loop;

  update billing.accounts as a
  set
    posted = v_posted,
    reserved = v_reserved,
    debt = v_debt,
    entries = v_entries,
    next_event_at = least(p_account.next_event_at, p_next_event_at),
    updated_at = p_account.updated_at
  where a.id = p_account.id
  returning a.* into v_account;
  if v_posted - v_reserved < v_account.low_balance_mark
    and p_account.posted - p_account.reserved >= v_account.low_balance_mark then
    insert into billing.outbox (lenser_id, account_id, topic, payload, created_at)
    values (
      v_account.lenser_id, v_account.id, 'low_balance', ratebook.low_balance_object(v_account), v_account.updated_at
    );
  end if;
  return v_account;
end;
$$;

create function ratebook.low_balance_object(p_account billing.accounts) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'available', trim_scale(p_account.posted - p_account.reserved)::text,
    'low_balance_mark', trim_scale(p_account.low_balance_mark)::text
  );
end;
$$;

revoke all on function ratebook.low_balance_object(billing.accounts) from public;
revoke all on function ratebook.post(billing.accounts, ratebook.movement[], timestamptz) from public;

comment on type ratebook.movement is
'A change of one lot of an account: credits in or out (amount), and credits kept back or let go (reserved). Without a lot it changes the debt, and the part of a hold that is overdraft.';
comment on column ratebook.movement.account_id is 'The account, which the transaction has locked.';
comment on column ratebook.movement.grant_id is 'The lot; NULL for debt.';
comment on column ratebook.movement.amount is 'Credits in; negative when they go out; 0 makes no entry.';
comment on column ratebook.movement.reserved is 'Credits kept back; negative when they are let go.';
comment on column ratebook.movement.kind is 'The kind of the ledger entry.';
comment on column ratebook.movement.charge_id is 'The charge of a charge or refund.';
comment on column ratebook.movement.effective_at is 'From when on it counts; NULL for now.';
comment on column ratebook.movement.reason is 'For the ledger entry.';
comment on function ratebook.post(billing.accounts, ratebook.movement[], timestamptz) is
'Applies movements, in their order, to the lots, the ledger and the row of a locked account, given as it is; says when its next event is at the latest, and signals in the outbox when it falls below its mark. Returns the account as it is then.';
comment on function ratebook.low_balance_object(billing.accounts) is 'What the outbox says of an account below its mark.';

-- from sql/60_wallet/160_function_due_grants.sql

create function ratebook.nth_due(p_recurring billing.recurring_grants, p_number integer) returns timestamptz
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- From the start, not from the one before: the 31st comes back after February.
  return (
    p_recurring.starts_at at time zone 'UTC'
    + make_interval(months => p_recurring.months * p_number, days => p_recurring.days * p_number)
  ) at time zone 'UTC';
end;
$$;

create function ratebook.due_grants(p_account uuid, p_at timestamptz) returns table (
  recurring_grant_id uuid,
  due_at timestamptz,
  amount numeric,
  expires_at timestamptz
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    r.id,
    d.due_at,
    r.amount,
    case when r.expires then d.next_due_at end
  from billing.recurring_grants as r
  -- No more than there can be: a month has at least 28 days.
  cross join
    generate_series(
      r.issued, floor(extract(epoch from p_at - r.starts_at) / 86400 / (r.months * 28 + r.days))::integer
    ) as n (number)
  cross join
    lateral (
      select
        ratebook.nth_due(r, n.number) as due_at,
        ratebook.nth_due(r, n.number + 1) as next_due_at
    ) as d
  where r.account_id = p_account and d.due_at <= p_at and (r.ends_at is null or d.due_at < r.ends_at)
  order by d.due_at, r.id;
end;

create function ratebook.next_due_at(p_account uuid) returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select min(d.due_at)
    from billing.recurring_grants as r
    cross join lateral (select ratebook.nth_due(r, r.issued) as due_at) as d
    where r.account_id = p_account and (r.ends_at is null or d.due_at < r.ends_at)
  );
end;
$$;

revoke all on function ratebook.nth_due(billing.recurring_grants, integer) from public;
revoke all on function ratebook.due_grants(uuid, timestamptz) from public;
revoke all on function ratebook.next_due_at(uuid) from public;

comment on function ratebook.nth_due(billing.recurring_grants, integer) is
'When a recurring grant is due for the n-th time, from 0.';
comment on function ratebook.due_grants(uuid, timestamptz) is
'What an account''s recurring grants owe it up to a time and have not written down yet, in order.';
comment on function ratebook.next_due_at(uuid) is
'When the next of an account''s recurring grants is due that is not written down yet; NULL for never.';

-- from sql/60_wallet/170_function_add_lot.sql

create type ratebook.new_lot as (
  grant_id uuid,
  account billing.accounts
);

create function ratebook.add_lot(
  p_account billing.accounts,
  p_amount numeric,
  p_source text,
  p_priority integer,
  p_expires_at timestamptz,
  p_external_ref text,
  p_recurring_grant_id uuid,
  p_effective_at timestamptz
) returns ratebook.new_lot
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_grant_id uuid := ratebook.uuid_v7(p_account.updated_at);
  v_repaid numeric := least(p_amount, p_account.debt);
begin
  insert into billing.grants (
    id, lenser_id, account_id, amount, priority, expires_at, source, external_ref, recurring_grant_id, created_at
  ) values (
    v_grant_id, p_account.lenser_id, p_account.id, p_amount, p_priority, p_expires_at, p_source, p_external_ref,
    p_recurring_grant_id, p_account.updated_at
  )
  -- grant_credits() has looked; only a snapshot that is older than another's event comes here, and 40001 is its error.
  on conflict do nothing;
  return (v_grant_id, ratebook.post(
    p_account,
    array[
      (p_account.id, v_grant_id, p_amount, 0, 'grant', null, p_effective_at, null),
      (p_account.id, v_grant_id, -v_repaid, 0, 'repayment', null, p_effective_at, null),
      (p_account.id, null, v_repaid, 0, 'repayment', null, p_effective_at, null)
    ]::ratebook.movement[],
    coalesce(p_expires_at, 'infinity')
  ))::ratebook.new_lot;
end;
$$;

revoke all on function ratebook.add_lot(
  billing.accounts, numeric, text, integer, timestamptz, text, uuid, timestamptz
) from public;

comment on type ratebook.new_lot is 'A lot that was added, and its account after it.';
comment on column ratebook.new_lot.grant_id is 'The lot.';
comment on column ratebook.new_lot.account is 'The account after it.';
comment on function ratebook.add_lot(
  billing.accounts, numeric, text, integer, timestamptz, text, uuid, timestamptz
) is 'Adds a lot to a locked account, as it is now, and repays its debt from it first. Returns the lot, and the account after it.';

-- from sql/60_wallet/180_function_settle.sql

create function ratebook.settle(
  p_account billing.accounts, p_freed_at timestamptz default '-infinity'
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts := p_account;
  v_at timestamptz := p_account.updated_at;
  v_due record;
  v_hold billing.holds;
  v_ended billing.holds[] := '{}'::billing.holds[];
begin
  for v_due in
    select d.*, r.source, r.priority
    from ratebook.due_grants(p_account.id, v_at) as d
    inner join lateral (
      select o.source, o.priority from billing.recurring_grants as o where o.id = d.recurring_grant_id offset 0
    ) as r on true
    order by d.due_at, d.recurring_grant_id
  loop
    update billing.recurring_grants as r set issued = r.issued + 1 where r.id = v_due.recurring_grant_id;
    v_account := (ratebook.add_lot(
      v_account, v_due.amount, v_due.source, v_due.priority, v_due.expires_at, null, v_due.recurring_grant_id,
      v_due.due_at
    )).account;
  end loop;

  for v_hold in
    update billing.holds as h
    set status = 'expired', ended_at = h.expires_at
    where h.account_id = p_account.id and h.status = 'open' and h.expires_at <= v_at
    returning h.*
  loop
    v_account := ratebook.post(v_account, ratebook.let_go(v_hold));
    v_ended := v_ended || v_hold;
  end loop;

  -- A lot ends at its time; what a hold kept back of it, when the hold ended.
  v_account := ratebook.post(v_account, array(
    select (p_account.id, g.id, -f.amount, 0, 'expiry', null, f.at, null)::ratebook.movement
    from billing.grants as g
    cross join lateral (
      select coalesce(sum((h.lots ->> g.id::text)::numeric), 0) as amount from unnest(v_ended) as h
    ) as k
    cross join lateral (
      select
        p.at,
        sum(p.amount) as amount
      from (
        select
          greatest(g.expires_at, p_freed_at),
          g.remaining - g.reserved - k.amount
        union all
        select
          greatest(g.expires_at, h.ended_at),
          (h.lots ->> g.id::text)::numeric
        from unnest(v_ended) as h
      ) as p (at, amount)
      group by p.at
    ) as f
    where g.account_id = p_account.id and g.closed_at is null and g.expires_at <= v_at and f.amount > 0
    order by f.at, g.id
  ));

  v_account.next_event_at := least(
    (
      select min(g.expires_at)
      from billing.grants as g
      where g.account_id = p_account.id and g.closed_at is null and g.expires_at > v_at
    ),
    (select min(h.expires_at) from billing.holds as h where h.account_id = p_account.id and h.status = 'open'),
    ratebook.next_due_at(p_account.id),
    'infinity'
  );
  update billing.accounts as a set next_event_at = v_account.next_event_at where a.id = p_account.id;
  return v_account;
end;
$$;

create function ratebook.let_go(p_hold billing.holds) returns ratebook.movement[]
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select
      array_agg((p_hold.account_id, l.grant_id, 0, -l.reserved, null, null, null, null)::ratebook.movement)
    from (
      select k.key::uuid, k.value::numeric from jsonb_each(p_hold.lots) as k
      union all
      select null, p_hold.amount - coalesce((select sum(k.value::numeric) from jsonb_each(p_hold.lots) as k), 0)
    ) as l (grant_id, reserved)
  );
end;
$$;

revoke all on function ratebook.settle(billing.accounts, timestamptz) from public;
revoke all on function ratebook.let_go(billing.holds) from public;

comment on function ratebook.settle(billing.accounts, timestamptz) is
'Writes down what time did to a locked account up to its updated_at, which is now: recurring grants that are due, holds that timed out, lots that expired, each effective at its own moment. Lots of a hold that was just ended expire at p_freed_at. Returns the account as it is then.';
comment on function ratebook.let_go(billing.holds) is 'The movements that give back what a hold keeps.';

-- from sql/60_wallet/190_function_lock_accounts.sql

-- Lenser's own accounts are made when they are first needed, in one order for everybody.
create function ratebook.make_own_accounts(p_ids uuid[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_missing uuid[] := array(
    select w.id from unnest(p_ids) as w (id)
    except
    select a.id from billing.accounts as a where a.id = any(p_ids)
  );
begin
  if v_missing = '{}'::uuid[] then
    return;
  end if;
  insert into billing.accounts (id, lenser_id)
  select n.id, n.id
  from (
    select p.id from lensers.profiles as p where p.id = any(v_missing)
    union
    select u.id from auth.users as u where u.id = any(v_missing)
  ) as n
  order by n.id
  on conflict do nothing;
end;
$$;

create function ratebook.lock_account(p_account_id uuid) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts;
begin
  -- Before anything is locked.
  perform ratebook.extend_partitions_if_short('billing.ledger_entries', 'billing.charges', 'ai.generations');
  select a.* into v_account from billing.accounts as a where a.id = p_account_id for update;
  if not found then
    perform ratebook.make_own_accounts(array[p_account_id]);
    select a.* into v_account from billing.accounts as a where a.id = p_account_id for update;
    if not found then
      perform ratebook.unknown_account(p_account_id);
    end if;
  end if;
  -- The time of what follows: read after the wait for the lock, and never before what was written last.
  v_account.updated_at := greatest(v_account.updated_at, ratebook.clock());
  if v_account.next_event_at <= v_account.updated_at then
    return ratebook.settle(v_account);
  end if;
  return v_account;
end;
$$;

create function ratebook.lock_accounts(p_account_ids uuid[]) returns billing.accounts[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unknown uuid;
  v_account billing.accounts;
  v_accounts billing.accounts[];
  v_at timestamptz;
begin
  perform ratebook.extend_partitions_if_short('billing.ledger_entries', 'billing.charges', 'ai.generations');
  perform ratebook.make_own_accounts(p_account_ids);
  select
    array_agg(l::billing.accounts order by l.id),
    max(l.updated_at)
  into v_accounts, v_at
  from (
    select a.* from billing.accounts as a where a.id = any(p_account_ids) order by a.id for update
  ) as l;
  select w.id into v_unknown
  from unnest(p_account_ids) as w (id)
  left join unnest(v_accounts) as a on a.id = w.id
  where a.id is null
  limit 1;
  if found then
    perform ratebook.unknown_account(v_unknown);
  end if;

  v_at := greatest(v_at, ratebook.clock());
  for i in 1..cardinality(v_accounts) loop
    v_account := v_accounts[i];
    v_account.updated_at := v_at;
    if v_account.next_event_at <= v_at then
      v_account := ratebook.settle(v_account);
    end if;
    v_accounts[i] := v_account;
  end loop;
  return v_accounts;
end;
$$;

create function ratebook.unknown_account(p_account_id uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail('unknown_account', format('There is no account %s.', coalesce(p_account_id::text, 'without an id')),
    'An account is a lenser, or a row of billing.accounts.', jsonb_build_object('account', p_account_id));
end;
$$;

revoke all on function ratebook.make_own_accounts(uuid[]) from public;
revoke all on function ratebook.lock_accounts(uuid[]) from public;
revoke all on function ratebook.lock_account(uuid) from public;
revoke all on function ratebook.unknown_account(uuid) from public;

comment on function ratebook.make_own_accounts(uuid[]) is
'Makes the accounts of lensers that have none yet; passes over what is no lenser.';
comment on function ratebook.lock_account(uuid) is
'Locks an account and settles what time did to it. Its updated_at is the time of what follows. Error: unknown_account (PT404).';
comment on function ratebook.lock_accounts(uuid[]) is
'ratebook.lock_account() for many, in one order for everybody, and with one time for all. Error: unknown_account (PT404).';
comment on function ratebook.unknown_account(uuid) is 'Refuses an account that is not there. Error: unknown_account (PT404).';

-- from sql/60_wallet/200_function_recall.sql

create function ratebook.refuse_key(p_operation text, p_key text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail(
    'idempotency_conflict', format('The key "%s" was used for another request.', left(p_key, 100)),
    'Repeat the first request, or take a new key.',
    jsonb_build_object('key', left(p_key, 100), 'operation', p_operation)
  );
end;
$$;

create function ratebook.recall(
  p_account_id uuid, p_operation text, p_key text, p_request jsonb
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_known record;
begin
  if p_key is null then
    return null;
  elsif char_length(p_key) not between 1 and 255 then
    perform ratebook.fail('invalid_argument', 'An idempotency key has 1 to 255 characters.');
  end if;
  select k.request, k.response into v_known
  from billing.idempotency_keys as k
  where k.account_id = p_account_id and k.operation = p_operation and k.key = p_key;
  if v_known.request <> p_request then
    perform ratebook.refuse_key(p_operation, p_key);
  end if;
  return v_known.response;
end;
$$;

create function ratebook.remember(
  p_account billing.accounts, p_operation text, p_key text, p_request jsonb, p_response jsonb
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_key is not null then
    insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
    values (p_account.id, p_account.lenser_id, p_operation, p_key, p_request, p_response, p_account.updated_at);
  end if;
  return p_response;
end;
$$;

revoke all on function ratebook.refuse_key(text, text) from public;
revoke all on function ratebook.recall(uuid, text, text, jsonb) from public;
revoke all on function ratebook.remember(billing.accounts, text, text, jsonb, jsonb) from public;

comment on function ratebook.refuse_key(text, text) is
'Refuses a key that another request has used. Error: idempotency_conflict (PT409).';
comment on function ratebook.recall(uuid, text, text, jsonb) is
'The first answer to a request with a key; NULL for a new one. Ask again once the account is locked. Error: idempotency_conflict (PT409).';
comment on function ratebook.remember(billing.accounts, text, text, jsonb, jsonb) is
'Keeps the answer to a request with a key, in the transaction of its effect; returns the answer.';

-- from sql/60_wallet/210_function_balance.sql

create type ratebook.balance as (
  posted numeric,
  reserved numeric,
  debt numeric,
  available numeric
);

-- What ratebook.settle() would write down by then, without writing.
create function ratebook.pending(
  p_account_id uuid, p_debt numeric, p_at timestamptz
) returns ratebook.balance
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_granted numeric;
  v_repaid numeric;
  v_reserved numeric;
  v_expired numeric;
begin
  -- An allowance that is over by then has only repaid debt.
  select
    coalesce(sum(d.repaid + case when d.expires_at <= p_at then 0 else d.amount - d.repaid end), 0),
    coalesce(sum(d.repaid), 0)
  into v_granted, v_repaid
  from (
    select
      r.expires_at,
      r.amount,
      least(r.amount, greatest(p_debt - sum(r.amount) over so_far + r.amount, 0)) as repaid
    from ratebook.due_grants(p_account_id, p_at) as r
    window so_far as (order by r.due_at, r.recurring_grant_id)
  ) as d;

  select coalesce(sum(h.amount), 0) into v_reserved
  from billing.holds as h
  where h.account_id = p_account_id and h.status = 'open' and h.expires_at <= p_at;

  select coalesce(sum(g.remaining - g.reserved + f.freed), 0) into v_expired
  from billing.grants as g
  cross join lateral (
    select coalesce(sum((h.lots ->> g.id::text)::numeric), 0) as freed
    from billing.holds as h
    where h.account_id = p_account_id and h.status = 'open' and h.expires_at <= p_at
  ) as f
  where g.account_id = p_account_id and g.closed_at is null and g.expires_at <= p_at;

  return (
    v_granted - v_expired, -v_reserved, -v_repaid, v_granted - v_expired + v_reserved
  )::ratebook.balance;
end;
$$;

create function ratebook.balance_now(p_account billing.accounts) returns ratebook.balance
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the view that calls it, in the name of who may read the account, has no rights to what is pending.
declare
  v_at timestamptz := ratebook.clock();
  v_pending ratebook.balance;
begin
  if p_account.next_event_at > v_at then
    return (
      p_account.posted, p_account.reserved, p_account.debt, p_account.posted - p_account.reserved
    )::ratebook.balance;
  end if;
  v_pending := ratebook.pending(p_account.id, p_account.debt, v_at);
  return (
    p_account.posted + v_pending.posted,
    p_account.reserved + v_pending.reserved,
    p_account.debt + v_pending.debt,
    p_account.posted - p_account.reserved + v_pending.available
  )::ratebook.balance;
end;
$$;

create function ratebook.balance_at(p_account billing.accounts, p_at timestamptz) returns ratebook.balance
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_posted numeric;
  v_reserved numeric;
begin
  -- The last entry by then, what was written down later than it happened, and what is not written down yet.
  select e.balance_after into v_posted
  from billing.ledger_entries as e
  where
    e.lenser_id = p_account.lenser_id
    and e.account_id = p_account.id
    and e.created_at <= p_at
    and e.id < ratebook.uuid_v7_floor(p_at + interval '1 millisecond')
  order by e.created_at desc, e.number desc
  limit 1;
  select coalesce(v_posted, 0) + coalesce(sum(e.amount), 0) into v_posted
  from billing.ledger_entries as e
  where e.account_id = p_account.id and e.effective_at < e.created_at and e.effective_at <= p_at and e.created_at > p_at;
  if p_account.next_event_at <= p_at then
    v_posted := v_posted + (ratebook.pending(p_account.id, p_account.debt, p_at)).posted;
  end if;
  select coalesce(sum(h.amount), 0) into v_reserved
  from billing.holds as h
  where
    h.lenser_id = p_account.lenser_id
    and h.account_id = p_account.id
    -- No hold lasts longer than a week.
    and h.id >= ratebook.uuid_v7_floor(p_at - interval '7 days')
    and h.id < ratebook.uuid_v7_floor(p_at + interval '1 millisecond')
    and h.created_at <= p_at
    and h.expires_at > p_at
    and coalesce(h.ended_at, 'infinity') > p_at;
  return (v_posted, v_reserved, null, v_posted - v_reserved)::ratebook.balance;
end;
$$;

create function ratebook.balance_object(p_account billing.accounts) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'posted', trim_scale(p_account.posted)::text,
    'reserved', trim_scale(p_account.reserved)::text,
    'debt', trim_scale(p_account.debt)::text,
    'available', trim_scale(p_account.posted - p_account.reserved)::text
  );
end;
$$;

create function ratebook.get_balance(p_account_id uuid, p_at timestamptz) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: reads what is pending and the entries of every month.
declare
  v_account billing.accounts;
  v_balance ratebook.balance;
begin
  select a.* into v_account from billing.accounts as a where a.id = p_account_id;
  if not found then
    if not exists (select from lensers.profiles as p where p.id = p_account_id)
      and not exists (select from auth.users as u where u.id = p_account_id) then
      perform ratebook.unknown_account(p_account_id);
    end if;
    -- A lenser's own account that nothing has happened to yet.
    v_account.posted := 0;
    v_account.reserved := 0;
    v_account.debt := 0;
    v_account.overdraft_limit := 0;
    v_account.lenser_id := p_account_id;
    v_account.next_event_at := 'infinity';
  end if;
  if p_at is null then
    v_balance := ratebook.balance_now(v_account);
  elsif not isfinite(p_at) or p_at > ratebook.clock() then
    perform ratebook.fail('invalid_time', 'A balance is of now or of a time before.', 'Leave out at for now.');
  else
    v_balance := ratebook.balance_at(v_account, p_at);
  end if;
  return jsonb_build_object(
    'account_id', p_account_id,
    'lenser_id', v_account.lenser_id,
    'at', coalesce(p_at, ratebook.clock()),
    'posted', trim_scale(v_balance.posted)::text,
    'reserved', trim_scale(v_balance.reserved)::text,
    'available', trim_scale(v_balance.available)::text,
    'debt', trim_scale(v_balance.debt)::text,
    'overdraft_limit', trim_scale(v_account.overdraft_limit)::text
  );
end;
$$;

create function billing.get_balance(account uuid, at timestamptz default null) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.get_balance(account, at);

revoke all on function ratebook.pending(uuid, numeric, timestamptz) from public;
revoke all on function ratebook.balance_now(billing.accounts) from public;
revoke all on function ratebook.balance_at(billing.accounts, timestamptz) from public;
revoke all on function ratebook.balance_object(billing.accounts) from public;
revoke all on function ratebook.get_balance(uuid, timestamptz) from public;
revoke all on function billing.get_balance(uuid, timestamptz) from public;
grant execute on function ratebook.balance_now(billing.accounts) to authenticated, service_role;
grant execute on function ratebook.get_balance(uuid, timestamptz) to service_role;
grant execute on function billing.get_balance(uuid, timestamptz) to service_role;

comment on type ratebook.balance is 'A balance in credits.';
comment on column ratebook.balance.posted is 'What the lots hold, less the debt.';
comment on column ratebook.balance.reserved is 'What open holds keep back.';
comment on column ratebook.balance.debt is 'Overdraft in use.';
comment on column ratebook.balance.available is 'What may be spent before overdraft: posted less reserved.';
comment on function ratebook.pending(uuid, numeric, timestamptz) is
'What time has done to an account up to a time that is not written down yet, as a change of its balance. The debt is the account''s.';
comment on function ratebook.balance_now(billing.accounts) is
'The balance of an account at this moment, swept or not.';
comment on function ratebook.balance_at(billing.accounts, timestamptz) is
'The balance of an account as of a time before now, from the ledger; debt is NULL.';
comment on function ratebook.balance_object(billing.accounts) is 'The balance of a settled account as JSON; amounts are strings.';
comment on function ratebook.get_balance(uuid, timestamptz) is 'The rule behind billing.get_balance().';
comment on function billing.get_balance(uuid, timestamptz) is
'Service role only; owners read billing.balances. The balance of an account, now or as of a time: posted, reserved, available, debt (now only) and overdraft_limit, as strings. An expired lot or timed-out hold does not count, swept or not; a recurring grant counts when it is due. Errors: unknown_account (PT404), invalid_time (PT422).';

-- from sql/60_wallet/220_view_balances.sql

create view billing.balances with (security_invoker = true) as
select
  a.id as account_id,
  a.lenser_id,
  a.name,
  a.overdraft_limit,
  a.low_balance_mark,
  (b.balance).posted,
  (b.balance).reserved,
  (b.balance).available,
  (b.balance).debt
from billing.accounts as a
cross join lateral (select ratebook.balance_now(a) as balance) as b;

comment on view billing.balances is
'The balance of each account as of now, in credits: an expired lot or timed-out hold does not count, swept or not. Select the amounts as ::text: JSON numbers lose digits.';
comment on column billing.balances.account_id is 'The account.';
comment on column billing.balances.lenser_id is 'Its owner.';
comment on column billing.balances.name is 'Its name.';
comment on column billing.balances.posted is 'What the lots hold, less the debt.';
comment on column billing.balances.reserved is 'What open holds keep back.';
comment on column billing.balances.available is 'What may be spent before overdraft.';
comment on column billing.balances.debt is 'Overdraft in use.';
comment on column billing.balances.overdraft_limit is 'How far available may go below zero.';
comment on column billing.balances.low_balance_mark is 'Below it, billing.outbox gets a signal.';

-- from sql/60_wallet/230_function_grant_credits.sql

create function ratebook.grant_credits(
  p_account_id uuid,
  p_amount numeric,
  p_source text,
  p_priority integer,
  p_expires_at timestamptz,
  p_external_ref text,
  p_key text
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
-- What is kept with a key is the same whatever zone and style the caller writes times in.
set timezone = 'UTC' set intervalstyle = 'postgres'
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_request jsonb := jsonb_build_object(
    'amount', trim_scale(p_amount), 'source', p_source, 'priority', p_priority,
    'expires_at', p_expires_at, 'external_ref', p_external_ref
  );
  v_account billing.accounts;
  v_known billing.grants;
  v_response jsonb;
  v_grant_id uuid;
  v_lot ratebook.new_lot;
begin
  perform ratebook.assert_credits('amount', p_amount, 1e-12);
  perform ratebook.assert_priority(p_priority);
  p_expires_at := nullif(p_expires_at, 'infinity');
  v_account := ratebook.lock_account(p_account_id);
  v_response := ratebook.recall(p_account_id, 'grant_credits', p_key, v_request);
  if v_response is not null then
    return v_response;
  end if;

  -- The same event again tops up no second time, with a key or without.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.external_ref ' || p_source || ' ' || p_external_ref, 0));
  select g.* into v_known
  from billing.grants as g
  where g.source = p_source and g.external_ref = p_external_ref;
  if v_known.id is null then
    if (coalesce(p_expires_at, 'infinity') > v_account.updated_at) is not true then
      perform ratebook.fail('invalid_time', 'Credits expire after they are granted.', 'Leave out expires_at for never.');
    end if;
    v_lot := ratebook.add_lot(
      v_account, p_amount, p_source, p_priority, p_expires_at, p_external_ref, null, null
    );
    v_grant_id := v_lot.grant_id;
    v_account := v_lot.account;
  elsif (v_known.account_id, v_known.amount) = (p_account_id, p_amount) then
    v_grant_id := v_known.id;
  else
    perform ratebook.fail(
      'idempotency_conflict', format('The event "%s" has granted other credits already.', left(p_external_ref, 100)),
      'An event counts once.', jsonb_build_object('external_ref', left(p_external_ref, 100), 'grant_id', v_known.id)
    );
  end if;
  return ratebook.remember(v_account, 'grant_credits', p_key, v_request, jsonb_build_object(
    'grant_id', v_grant_id,
    'account_id', p_account_id,
    'amount', trim_scale(p_amount)::text,
    'balance', ratebook.balance_object(v_account)
  ));
end;
$$;

create function billing.grant_credits(
  account uuid,
  amount numeric,
  source text default 'manual',
  priority integer default 0,
  expires_at timestamptz default null,
  external_ref text default null,
  idempotency_key text default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.grant_credits(account, amount, source, priority, expires_at, external_ref, idempotency_key);
end;

revoke all on function ratebook.grant_credits(uuid, numeric, text, integer, timestamptz, text, text) from public;
revoke all on function billing.grant_credits(uuid, numeric, text, integer, timestamptz, text, text) from public;
grant execute on function ratebook.grant_credits(uuid, numeric, text, integer, timestamptz, text, text) to service_role;
grant execute on function billing.grant_credits(uuid, numeric, text, integer, timestamptz, text, text) to service_role;

comment on function ratebook.grant_credits(uuid, numeric, text, integer, timestamptz, text, text) is
'The rule behind billing.grant_credits().';
comment on function billing.grant_credits(uuid, numeric, text, integer, timestamptz, text, text) is
'Service role only. Puts credits into an account as a lot; debt is repaid from it first. account: a lenser, whose own account is made when it is missing, or billing.accounts.id. priority: lower burns first. external_ref: id of the event behind it, such as a payment''s; with source it counts once. Returns grant_id, account_id, amount, balance. Errors: unknown_account (PT404), invalid_amount, invalid_time (PT422), idempotency_conflict (PT409).';

-- from sql/60_wallet/240_function_allocate.sql

create function ratebook.allocate(
  p_account billing.accounts, p_amount numeric, p_charge_id uuid default null
) returns ratebook.movement[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_left numeric := p_amount;
  v_lot record;
  v_movement ratebook.movement;
  v_movements ratebook.movement[] := '{}'::ratebook.movement[];
begin
  v_movement.account_id := p_account.id;
  v_movement.kind := case when p_charge_id is not null then 'charge'::billing.entry_kind_enum end;
  v_movement.charge_id := p_charge_id;
  -- Reads no more lots than it takes from.
  for v_lot in
    select g.id, g.remaining - g.reserved as free
    from billing.grants as g
    where
      g.account_id = p_account.id
      and g.closed_at is null
      and g.remaining > g.reserved
      and coalesce(g.expires_at, 'infinity') > p_account.updated_at
    order by g.priority, g.expires_at, g.id
  loop
    exit when v_left <= 0;
    v_movement.grant_id := v_lot.id;
    v_movement.amount := case when p_charge_id is null then 0 else -least(v_lot.free, v_left) end;
    v_movement.reserved := case when p_charge_id is null then least(v_lot.free, v_left) else 0 end;
    v_movements := v_movements || v_movement;
    v_left := v_left - v_lot.free;
  end loop;
  -- What no lot covers is overdraft; whether there may be so much, the caller has asked.
  if v_left > 0 then
    v_movement.grant_id := null;
    v_movement.amount := case when p_charge_id is null then 0 else -v_left end;
    v_movement.reserved := case when p_charge_id is null then v_left else 0 end;
    v_movements := v_movements || v_movement;
  end if;
  return v_movements;
end;
$$;

revoke all on function ratebook.allocate(billing.accounts, numeric, uuid) from public;

comment on function ratebook.allocate(billing.accounts, numeric, uuid) is
'Which lots of a locked account pay an amount, in burn order: movements of a charge, or (without one) of what a hold reserves.';

-- from sql/60_wallet/250_function_assert_available.sql

create function ratebook.assert_available(
  p_account billing.accounts, p_needed numeric, p_detail jsonb default '{}'
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_account.posted - p_account.reserved + p_account.overdraft_limit < p_needed then
    perform ratebook.fail(
      'insufficient_credits',
      format(
        'The account has %s credits and needs %s.',
        trim_scale(p_account.posted - p_account.reserved + p_account.overdraft_limit), trim_scale(p_needed)
      ),
      'Top up with billing.grant_credits(), or release holds.',
      jsonb_build_object(
        'account', p_account.id,
        'balance', trim_scale(p_account.posted)::text,
        'held', trim_scale(p_account.reserved)::text,
        'overdraft_limit', trim_scale(p_account.overdraft_limit)::text,
        'needed', trim_scale(p_needed)::text
      ) || p_detail
    );
  end if;
end;
$$;

revoke all on function ratebook.assert_available(billing.accounts, numeric, jsonb) from public;

comment on function ratebook.assert_available(billing.accounts, numeric, jsonb) is
'Refuses what a locked account cannot pay, its overdraft included. Error: insufficient_credits (PT402) with balance, held and needed.';

-- from sql/60_wallet/260_function_count_spending.sql

create function ratebook.spent(
  p_lenser_id uuid,
  p_model_id uuid,
  p_feature_id uuid,
  p_period billing.budget_period_enum,
  p_starts_on date
) returns numeric
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_since uuid := ratebook.uuid_v7_floor(p_starts_on::timestamp at time zone 'UTC');
  v_until uuid := ratebook.uuid_v7_floor((p_starts_on + ('1 ' || p_period)::interval) at time zone 'UTC');
begin
  return (
    select
      coalesce(sum(c.credits - coalesce(r.amount, 0)), 0)
    from (
      -- Two indexes: what the lenser's own accounts paid, and what others' did.
      select o.id, o.model_id, o.feature_id, o.credits
      from billing.charges as o
      where o.lenser_id = p_lenser_id and o.spender_id = p_lenser_id and o.id >= v_since and o.id < v_until
      union all
      select m.id, m.model_id, m.feature_id, m.credits
      from billing.charges as m
      where m.spender_id = p_lenser_id and m.spender_id <> m.lenser_id and m.id >= v_since and m.id < v_until
    ) as c
    left join lateral (select f.amount from ratebook.refunds as f where f.charge_id = c.id) as r on true
    where
      (p_model_id is null or c.model_id = p_model_id)
      and (p_feature_id is null or c.feature_id = p_feature_id)
  );
end;
$$;

create type ratebook.spending as (
  lenser_id uuid,
  account_id uuid,
  owner_id uuid,
  model_id uuid,
  feature_id uuid,
  credits numeric,
  held numeric,
  hold_id uuid,
  is_hold boolean
);

create function ratebook.count_spending(p_spending ratebook.spending, p_at timestamptz) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_member billing.account_members;
  v_budget record;
  v_starts_on date;
  v_counted numeric := case when p_spending.is_hold then 0 else p_spending.credits end;
  v_spent numeric;
  v_held numeric;
  v_warnings jsonb := '[]'::jsonb;
begin
  if p_spending.lenser_id <> p_spending.owner_id then
    update billing.account_members as m
    set spent = m.spent + v_counted
    where m.account_id = p_spending.account_id and m.member_id = p_spending.lenser_id
    returning m.* into v_member;
    -- A hold of one who was a member then may still be captured.
    if not found and (p_spending.hold_id is null or p_spending.credits > p_spending.held) then
      perform ratebook.fail('not_allowed', 'This lenser may not spend from this account.',
        'Add the lenser with billing.set_member().',
        jsonb_build_object('account', p_spending.account_id, 'lenser', p_spending.lenser_id));
    end if;
    if v_member.spend_limit is not null and p_spending.credits > p_spending.held then
      v_spent := v_member.spent - v_counted + p_spending.credits + (
        select coalesce(sum(h.amount), 0)
        from billing.holds as h
        where
          h.spender_id = p_spending.lenser_id
          and h.account_id = p_spending.account_id
          and h.status = 'open'
          and h.expires_at > p_at
          and h.id is distinct from p_spending.hold_id
      );
      if v_spent > v_member.spend_limit then
        perform ratebook.fail(
          'member_limit_exceeded', 'The member''s limit for this account is reached.',
          'Raise it with billing.set_member().',
          jsonb_build_object(
            'account', p_spending.account_id, 'lenser', p_spending.lenser_id,
            'limit', trim_scale(v_member.spend_limit)::text, 'needed', trim_scale(v_spent)::text
          )
        );
      end if;
    end if;
  end if;

  -- Waits for a budget that is being made, which waits for what is being spent.
  perform from lensers.profiles as p where p.id = p_spending.lenser_id for key share;
  -- In one order for everybody, and locked: nobody else counts in their periods.
  for v_budget in
    select b.*
    from billing.budgets as b
    where
      b.lenser_id = p_spending.lenser_id
      and (b.model_id is null or b.model_id = p_spending.model_id)
      and (b.feature_id is null or b.feature_id = p_spending.feature_id)
    order by b.id
    for no key update of b
  loop
    v_starts_on := date_trunc(v_budget.period::text, p_at at time zone 'UTC')::date;
    insert into billing.budget_periods (budget_id, lenser_id, starts_on, spent)
    select
      v_budget.id, v_budget.lenser_id, v_starts_on,
      ratebook.spent(v_budget.lenser_id, v_budget.model_id, v_budget.feature_id, v_budget.period, v_starts_on)
    where not exists (
      select from billing.budget_periods as p where p.budget_id = v_budget.id and p.starts_on = v_starts_on
    )
    on conflict do nothing;
    update billing.budget_periods as p
    set spent = p.spent + v_counted
    where p.budget_id = v_budget.id and p.starts_on = v_starts_on
    returning p.spent into v_spent;
    continue when not v_budget.is_active;

    select v_spent - v_counted + p_spending.credits + coalesce(sum(h.amount), 0) into v_held
    from billing.holds as h
    where
      h.spender_id = p_spending.lenser_id
      and h.status = 'open'
      and h.expires_at > p_at
      and h.id is distinct from p_spending.hold_id
      and (v_budget.model_id is null or h.model_id = v_budget.model_id)
      and (v_budget.feature_id is null or h.feature_id = v_budget.feature_id);
    -- What was held was allowed then.
    if v_held > v_budget.hard_limit and p_spending.credits > p_spending.held then
      perform ratebook.fail(
        'budget_exceeded', format('The budget for this %s is reached.', v_budget.period),
        'Raise it in billing.budgets, or wait.',
        jsonb_build_object(
          'budget', v_budget.id, 'lenser', v_budget.lenser_id, 'period', v_budget.period, 'starts_on', v_starts_on,
          'limit', trim_scale(v_budget.hard_limit)::text, 'needed', trim_scale(v_held)::text
        )
      );
    end if;
    if v_spent >= v_budget.soft_limit then
      v_warnings := v_warnings || jsonb_build_object(
        'warning', 'budget_soft_limit', 'budget', v_budget.id, 'period', v_budget.period, 'starts_on', v_starts_on,
        'limit', trim_scale(v_budget.soft_limit)::text, 'spent', trim_scale(v_spent)::text
      );
      if v_counted > 0 and (v_spent - v_counted < v_budget.soft_limit or v_spent = v_counted) then
        insert into billing.outbox (lenser_id, topic, payload, created_at)
        values (v_budget.lenser_id, 'budget_soft_limit', v_warnings -> -1, p_at);
      end if;
    end if;
  end loop;
  return v_warnings;
end;
$$;


create function ratebook.uncount_spending(p_charge billing.charges, p_credits numeric) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_budget record;
begin
  update billing.account_members as m
  set spent = greatest(m.spent - p_credits, 0)
  where m.account_id = p_charge.account_id and m.member_id = p_charge.spender_id;
  -- As in ratebook.count_spending().
  perform from lensers.profiles as p where p.id = p_charge.spender_id for key share;
  for v_budget in
    select b.id, b.period
    from billing.budgets as b
    where
      b.lenser_id = p_charge.spender_id
      and (b.model_id is null or b.model_id = p_charge.model_id)
      and (b.feature_id is null or b.feature_id = p_charge.feature_id)
    order by b.id
    for no key update of b
  loop
    update billing.budget_periods as p
    set spent = greatest(p.spent - p_credits, 0)
    where
      p.budget_id = v_budget.id
      and p.starts_on = date_trunc(v_budget.period::text, p_charge.created_at at time zone 'UTC')::date;
  end loop;
end;
$$;

revoke all on function ratebook.spent(uuid, uuid, uuid, billing.budget_period_enum, date) from public;
revoke all on function ratebook.count_spending(ratebook.spending, timestamptz) from public;
revoke all on function ratebook.uncount_spending(billing.charges, numeric) from public;

comment on type ratebook.spending is 'What a member''s limit and a lenser''s budgets are asked about.';
comment on column ratebook.spending.lenser_id is 'Who spends.';
comment on column ratebook.spending.account_id is 'The account that pays.';
comment on column ratebook.spending.owner_id is 'Its owner.';
comment on column ratebook.spending.model_id is 'The model.';
comment on column ratebook.spending.feature_id is 'The feature.';
comment on column ratebook.spending.credits is 'Credits.';
comment on column ratebook.spending.held is 'How many of them a hold has been allowed already.';
comment on column ratebook.spending.hold_id is 'That hold.';
comment on column ratebook.spending.is_hold is 'Whether it is a hold, which is asked about and not counted yet.';
comment on function ratebook.spent(uuid, uuid, uuid, billing.budget_period_enum, date) is
'What a lenser spent in a period, refunds taken off: for one model or feature, or NULL for all.';
comment on function ratebook.count_spending(ratebook.spending, timestamptz) is
'Counts spending against the member''s limit and the budgets of a lenser, and returns the warnings of soft limits. The account is locked. Errors: not_allowed (42501) for strangers to the account, member_limit_exceeded, budget_exceeded (PT402).';
comment on function ratebook.uncount_spending(billing.charges, numeric) is
'Takes refunded credits off the member''s limit and off the budgets of the charge''s period.';

-- from sql/60_wallet/270_function_charge.sql

create type ratebook.charge_request as (
  account_id uuid,
  lenser_id uuid,
  key text,
  request jsonb,
  model text,
  usage jsonb,
  feature text,
  service_tier text,
  variant text,
  region text,
  generation_id uuid,
  prompt text,
  output text,
  latency_ms integer
);

-- A charge that is priced: what the owner will see of it, and what it costs (without an id where nothing has a price).
create type ratebook.priced_charge as (
  charge billing.charges,
  cost billing.charge_costs
);

create function ratebook.assert_active(p_model_ids uuid[]) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_model text;
begin
  select m.key into v_model from ai.models as m where m.id = any(p_model_ids) and not m.is_active limit 1;
  if found then
    perform ratebook.fail('inactive_model', format('The model "%s" is switched off.', v_model),
      'Choose an active model of ai.models.', jsonb_build_object('model', v_model));
  end if;
end;
$$;

create function ratebook.price_charge(
  p_request ratebook.charge_request,
  p_account billing.accounts,
  p_priced_at timestamptz,
  p_source text default null,
  p_currency text default null
) returns ratebook.priced_charge
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := ratebook.uuid_v7(p_account.updated_at);
  v_priced ratebook.priced_request := ratebook.price_request(
    p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
    p_priced_at, true, false, p_source, p_currency
  );
begin
  -- What was active when the hold began may be captured.
  if p_source is null and not v_priced.is_active then
    perform ratebook.assert_active(array[v_priced.model_id]);
  end if;
  return (
    (
      v_id, p_account.lenser_id, p_account.id, coalesce(p_request.lenser_id, p_account.lenser_id), null,
      coalesce(p_request.generation_id, v_id), v_priced.model_id, v_priced.feature_id, p_request.feature,
      p_request.usage, p_request.service_tier, p_request.variant, p_request.region, p_priced_at, v_priced.lines,
      trim_scale(v_priced.credits), p_account.updated_at
    )::billing.charges,
    (
      v_id, p_account.lenser_id, v_priced.currency, trim_scale(v_priced.cost), v_priced.credit_rate_id,
      v_priced.margin_policy_id, v_priced.price_ids
    )::billing.charge_costs
  )::ratebook.priced_charge;
end;
$$;

create function ratebook.write_charge(
  p_charge billing.charges, p_cost billing.charge_costs, p_request ratebook.charge_request
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_request.generation_id is not null then
    perform ratebook.complete_generation(p_charge, p_request);
  elsif p_charge.generation_id is not null then
    insert into ai.generations (
      id, lenser_id, model_id, feature_key, usage, status, prompt, output, latency_ms
    ) values (
      p_charge.generation_id, p_charge.spender_id, p_charge.model_id, p_charge.feature_key, p_charge.usage, 'completed',
      p_request.prompt, p_request.output, p_request.latency_ms
    );
  end if;
  insert into billing.charges values (p_charge.*);
  if p_cost.id is not null then
    insert into billing.charge_costs values (p_cost.*);
  end if;
end;
$$;

create function ratebook.complete_generation(
  p_charge billing.charges, p_request ratebook.charge_request
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update ai.generations as g
  set
    usage = coalesce(p_charge.usage, g.usage),
    status = 'completed',
    output = coalesce(p_request.output, g.output),
    latency_ms = coalesce(p_request.latency_ms, g.latency_ms)
  where g.id = p_request.generation_id and g.lenser_id = p_charge.spender_id;
  if not found then
    perform ratebook.fail('unknown_generation', format('The lenser has no generation %s.', p_request.generation_id), null,
      jsonb_build_object('generation', p_request.generation_id));
  end if;
end;
$$;

create function ratebook.charge_object(
  p_charge billing.charges, p_cost billing.charge_costs, p_account billing.accounts, p_warnings jsonb
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'charge_id', p_charge.id,
    'generation_id', p_charge.generation_id,
    'account_id', p_charge.account_id,
    'model_id', p_charge.model_id,
    'credits', trim_scale(p_charge.credits)::text,
    'cost', p_cost.cost::text,
    'currency', p_cost.currency,
    'balance', ratebook.balance_object(p_account),
    'warnings', p_warnings
  );
end;
$$;

create function ratebook.charge(p_request ratebook.charge_request) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables. Its plans are made once, and never scan a table: one that was
-- small then would be scanned whole when it is large.
declare
  v_account billing.accounts := ratebook.lock_account(p_request.account_id);
  v_answer jsonb := ratebook.recall(p_request.account_id, 'charge_generation', p_request.key, p_request.request);
  v_priced ratebook.priced_charge;
  v_charge billing.charges;
  v_warnings jsonb;
begin
  -- An answered request is not priced again: its model may be gone.
  if v_answer is not null then
    return v_answer;
  end if;
  v_priced := ratebook.price_charge(p_request, v_account, v_account.updated_at);
  v_charge := v_priced.charge;
  v_warnings := ratebook.count_spending(
    (
      v_charge.spender_id, v_charge.account_id, v_charge.lenser_id, v_charge.model_id, v_charge.feature_id,
      v_charge.credits, 0, null, false
    )::ratebook.spending,
    v_account.updated_at
  );
  perform ratebook.assert_available(v_account, v_charge.credits);
  v_account := ratebook.post(v_account, ratebook.allocate(v_account, v_charge.credits, v_charge.id));
  perform ratebook.write_charge(v_charge, v_priced.cost, p_request);
  return ratebook.remember(
    v_account, 'charge_generation', p_request.key, p_request.request,
    ratebook.charge_object(v_charge, v_priced.cost, v_account, v_warnings)
  );
end;
$$;

revoke all on function ratebook.assert_active(uuid[]) from public;
revoke all on function ratebook.price_charge(
  ratebook.charge_request, billing.accounts, timestamptz, text, text
) from public;
revoke all on function ratebook.write_charge(
  billing.charges, billing.charge_costs, ratebook.charge_request
) from public;
revoke all on function ratebook.complete_generation(billing.charges, ratebook.charge_request) from public;
revoke all on function ratebook.charge_object(
  billing.charges, billing.charge_costs, billing.accounts, jsonb
) from public;
revoke all on function ratebook.charge(ratebook.charge_request) from public;
grant execute on function ratebook.charge(ratebook.charge_request) to service_role;

comment on type ratebook.charge_request is 'What one charge asks for.';
comment on column ratebook.charge_request.account_id is 'The account that pays.';
comment on column ratebook.charge_request.lenser_id is 'Who spends; NULL for the owner.';
comment on column ratebook.charge_request.key is 'The idempotency key; NULL for none.';
comment on column ratebook.charge_request.request is 'What is kept with the key and compared.';
comment on column ratebook.charge_request.model is 'Id, key or alias.';
comment on column ratebook.charge_request.usage is 'Meters and quantities.';
comment on column ratebook.charge_request.feature is 'Key of a feature.';
comment on column ratebook.charge_request.service_tier is 'Service tier.';
comment on column ratebook.charge_request.variant is 'Variant, such as an image size.';
comment on column ratebook.charge_request.region is 'Region.';
comment on column ratebook.charge_request.generation_id is 'A generation of the spender that this ends; NULL makes one.';
comment on column ratebook.charge_request.prompt is 'For the generation that is made.';
comment on column ratebook.charge_request.output is 'For the generation.';
comment on column ratebook.charge_request.latency_ms is 'For the generation.';
comment on type ratebook.priced_charge is 'A charge that is priced and not yet made.';
comment on column ratebook.priced_charge.charge is 'What the owner will see.';
comment on column ratebook.priced_charge.cost is 'What it costs; without an id for a charge without a price.';
comment on function ratebook.assert_active(uuid[]) is
'Refuses models that are switched off or deleted. Error: inactive_model (PT409).';
comment on function ratebook.price_charge(
  ratebook.charge_request, billing.accounts, timestamptz, text, text
) is
'Prices a charge to a locked account as of a time, by the model''s price source or the one that a hold began with. Errors: those of billing.quote().';
comment on function ratebook.write_charge(billing.charges, billing.charge_costs, ratebook.charge_request) is
'Writes a charge, what it cost, and its generation. Error: unknown_generation (PT404).';
comment on function ratebook.complete_generation(billing.charges, ratebook.charge_request) is
'Completes the generation that a charge is for. Error: unknown_generation (PT404).';
comment on function ratebook.charge_object(billing.charges, billing.charge_costs, billing.accounts, jsonb) is
'The answer to a charge; amounts are strings.';
comment on function ratebook.charge(ratebook.charge_request) is
'The rule behind billing.charge_generation(): lock, answered already? price, ask the limits, pay, write.';

-- from sql/60_wallet/280_function_charge_many.sql

-- ratebook.charge() for many: the same steps, each in one statement for all.
create function ratebook.price_charges(
  p_requests ratebook.charge_request[], p_accounts billing.accounts[], p_at timestamptz
) returns ratebook.priced_charge[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select
      array_agg(
        (
          (
            i.id, a.lenser_id, a.id, coalesce(r.lenser_id, a.lenser_id), null, coalesce(r.generation_id, i.id), p.model_id,
            f.id, r.feature, r.usage, r.service_tier, r.variant, r.region, p_at, p.lines, trim_scale(p.credits), p_at
          )::billing.charges,
          (
            i.id, a.lenser_id, p.currency, trim_scale(p.cost), p.credit_rate_id, p.margin_policy_id, p.price_ids
          )::billing.charge_costs
        )::ratebook.priced_charge
        order by r.ordinality
      )
    from unnest(p_requests) with ordinality as r
    inner join ratebook.price_requests(
      (
        select
          jsonb_agg(
            jsonb_build_object(
              'model', q.model, 'usage', q.usage, 'feature', q.feature, 'service_tier', q.service_tier, 'variant',
              q.variant, 'region', q.region
            )
            order by q.ordinality
          )
        from unnest(p_requests) with ordinality as q
      ),
      p_at, true
    ) as p on p.ordinal = r.ordinality
    inner join unnest(p_accounts) as a on a.id = r.account_id
    left join ai.features as f on f.key = r.feature
    cross join lateral (
      select ratebook.uuid_v7(a.updated_at) as id
    ) as i
  );
end;
$$;

create function ratebook.count_spendings(p_priced ratebook.priced_charge[], p_at timestamptz) returns jsonb[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from lensers.profiles as p
  where p.id = any(array(select (c.charge).spender_id from unnest(p_priced) as c))
  order by p.id
  for key share;
  -- All at once: one after the other, two batches could wait for each other.
  perform from billing.budgets as b
  where b.lenser_id = any(array(select (c.charge).spender_id from unnest(p_priced) as c))
  order by b.id
  for no key update;
  if not exists (
    select
    from unnest(p_priced) as p
    where
      (p.charge).spender_id <> (p.charge).lenser_id
      or exists (select from billing.budgets as b where b.lenser_id = (p.charge).spender_id)
  ) then
    return array_fill('[]'::jsonb, array[cardinality(p_priced)]);
  end if;
  -- In one order for everybody: what is counted in stays locked.
  return (
    select array_agg(c.warnings order by c.ordinality)
    from (
      select
        p.ordinality,
        ratebook.count_spending(
          (
            (p.charge).spender_id, (p.charge).account_id, (p.charge).lenser_id, (p.charge).model_id,
            (p.charge).feature_id, (p.charge).credits, 0, null, false
          )::ratebook.spending,
          p_at
        ) as warnings
      from unnest(p_priced) with ordinality as p
      order by (p.charge).spender_id, p.ordinality
    ) as c
  );
end;
$$;

-- ratebook.allocate() and ratebook.post() in one statement: the credits of an account's charges, laid end to end, meet its
-- lots in burn order, laid end to end; each overlap is an entry. Behind the last lot lies the overdraft. What is updated is
-- looked up first, one by one and by its key, whatever the planner thinks of the table; the account's lock keeps it there.
create function ratebook.pay_charges(
  p_accounts billing.accounts[], p_priced ratebook.priced_charge[], p_at timestamptz
) returns billing.accounts[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_accounts billing.accounts[];
begin
  with
  accounts as materialized (
    select a.* from unnest(p_accounts) as a
  ),

  charges as (
    select
      c.account_id,
      c.id,
      c.place,
      c.upto - c.credits as since,
      c.upto
    from (
      select
        (p.charge).account_id as account_id,
        (p.charge).id as id,
        p.ordinality as place,
        (p.charge).credits as credits,
        sum((p.charge).credits) over (partition by (p.charge).account_id order by p.ordinality) as upto
      from unnest(p_priced) with ordinality as p
    ) as c
    where c.credits > 0
  ),

  lots as (
    select
      b.account_id,
      b.id,
      b.since,
      b.since + b.free as upto
    from (
      select
        o.account_id,
        o.id,
        o.free,
        coalesce(
          sum(o.free) over (
            partition by o.account_id
            order by o.is_overdraft, o.priority, o.expires_at, o.id
            rows between unbounded preceding and 1 preceding
          ), 0
        ) as since
      from (
        select
          g.account_id,
          g.id,
          g.remaining - g.reserved as free,
          g.priority,
          g.expires_at,
          false as is_overdraft
        from billing.grants as g
        where
          g.account_id = any(array(select a.id from accounts as a))
          and g.closed_at is null
          and g.remaining > g.reserved
          and coalesce(g.expires_at, 'infinity') > p_at
        union all
        select a.id, null, 'Infinity', null, null, true
        from accounts as a
      ) as o
    ) as b
  ),

  movements as materialized (
    select
      c.account_id,
      l.id as grant_id,
      c.id as charge_id,
      least(c.upto, l.upto) - greatest(c.since, l.since) as taken,
      row_number() over in_turn as number,
      sum(least(c.upto, l.upto) - greatest(c.since, l.since)) over in_turn as so_far
    from charges as c
    inner join lots as l
      on l.account_id = c.account_id and l.since < c.upto and c.since < l.upto
    window in_turn as (partition by c.account_id order by c.place, l.since)
  ),

  entries as (
    insert into billing.ledger_entries (
      id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, effective_at, created_at
    )
    select
      ratebook.uuid_v7(p_at),
      a.lenser_id,
      a.id,
      a.entries + m.number,
      'charge',
      trim_scale(-m.taken),
      trim_scale(a.posted - m.so_far),
      m.grant_id,
      m.charge_id,
      p_at,
      p_at
    from movements as m
    inner join accounts as a on a.id = m.account_id
  ),

  burned as (
    update billing.grants as g
    set
      remaining = g.remaining - m.taken,
      closed_at = case when g.remaining = m.taken then p_at end
    from (
      select
        t.grant_id,
        sum(t.taken) as taken
      from movements as t
      where t.grant_id is not null
      group by t.grant_id
    ) as m
    cross join lateral (select o.ctid from billing.grants as o where o.id = m.grant_id offset 0) as f
    where g.ctid = f.ctid
  ),

  paid as (
    update billing.accounts as a
    set
      posted = trim_scale(a.posted - m.taken),
      debt = a.debt + m.overdrawn,
      entries = a.entries + m.entries,
      updated_at = p_at
    from (
      select
        o.id,
        coalesce(sum(t.taken), 0) as taken,
        coalesce(sum(t.taken) filter (where t.grant_id is null), 0) as overdrawn,
        count(t.charge_id) as entries
      from accounts as o
      left join movements as t on t.account_id = o.id
      group by o.id
    ) as m
    cross join lateral (select o.ctid from billing.accounts as o where o.id = m.id offset 0) as f
    where a.ctid = f.ctid
    returning a.*
  ),

  signals as (
    insert into billing.outbox (lenser_id, account_id, topic, payload, created_at)
    select
      p.lenser_id,
      p.id,
      'low_balance',
      ratebook.low_balance_object(p),
      p_at
    from paid as p
    inner join accounts as a on a.id = p.id
    where p.posted - p.reserved < p.low_balance_mark and a.posted - a.reserved >= a.low_balance_mark
  )

  select array_agg(p::billing.accounts) into v_accounts from paid as p;
  return v_accounts;
end;
$$;

create function ratebook.write_charges(
  p_priced ratebook.priced_charge[], p_requests ratebook.charge_request[]
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ai.generations (
    id, lenser_id, model_id, feature_key, usage, status, prompt, output, latency_ms
  )
  select
    (p.charge).generation_id,
    (p.charge).spender_id,
    (p.charge).model_id,
    (p.charge).feature_key,
    (p.charge).usage,
    'completed',
    r.prompt,
    r.output,
    r.latency_ms
  from unnest(p_priced) with ordinality as p
  inner join unnest(p_requests) with ordinality as r on r.ordinality = p.ordinality
  where r.generation_id is null;

  -- One by one, so that each is found by its key.
  for i in 1..cardinality(p_requests) loop
    if (p_requests[i]).generation_id is not null then
      perform ratebook.complete_generation((p_priced[i]).charge, p_requests[i]);
    end if;
  end loop;

  insert into billing.charges
  select (p.charge).* from unnest(p_priced) as p;
  insert into billing.charge_costs
  select (p.cost).* from unnest(p_priced) as p;
end;
$$;

create function ratebook.charge_many(p_requests ratebook.charge_request[]) returns jsonb[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_mergejoin = off
as $$
-- Definer: as ratebook.charge().
declare
  v_accounts billing.accounts[];
  v_at timestamptz;
  v_answers jsonb[];
  v_refused text;
  v_places bigint[];
  v_requests ratebook.charge_request[];
  v_priced ratebook.priced_charge[];
  v_warnings jsonb[];
  v_new jsonb[];
begin
  v_accounts := ratebook.lock_accounts(array(select r.account_id from unnest(p_requests) as r));
  v_at := (v_accounts[1]).updated_at;
  select
    array_agg(k.response order by r.ordinality),
    min(r.key) filter (where k.request <> r.request or char_length(r.key) not between 1 and 255)
  into v_answers, v_refused
  from unnest(p_requests) with ordinality as r
  -- One lookup each, whatever the planner thinks of the table.
  left join lateral (
    select i.request, i.response
    from billing.idempotency_keys as i
    where i.account_id = r.account_id and i.operation = 'charge_generation' and i.key = r.key
    offset 0
  ) as k on true;
  if v_refused is not null then
    perform ratebook.recall(v_accounts[1].id, 'charge_generation', v_refused, null);
    perform ratebook.refuse_key('charge_generation', v_refused);
  end if;
  -- Of twins in one call the first is new.
  v_places := array(
    select min(r.ordinality) as place
    from unnest(p_requests) with ordinality as r
    where v_answers[r.ordinality] is null
    group by r.account_id, r.key, case when r.key is null then r.ordinality end
    order by place
  );
  if v_places = '{}' then
    return v_answers;
  end if;

  v_requests := array(select p_requests[n.place] from unnest(v_places) with ordinality as n (place) order by n.ordinality);
  v_priced := ratebook.price_charges(v_requests, v_accounts, v_at);
  perform ratebook.assert_active(array(select (p.charge).model_id from unnest(v_priced) as p));
  v_warnings := ratebook.count_spendings(v_priced, v_at);
  perform ratebook.assert_available(a::billing.accounts, c.credits)
  from unnest(v_accounts) as a
  inner join (
    select
      (p.charge).account_id as account_id,
      sum((p.charge).credits) as credits
    from unnest(v_priced) as p
    group by (p.charge).account_id
  ) as c on c.account_id = a.id;
  v_accounts := ratebook.pay_charges(v_accounts, v_priced, v_at);
  perform ratebook.write_charges(v_priced, v_requests);

  v_new := array(
    select ratebook.charge_object(p.charge, p.cost, a, v_warnings[p.ordinality])
    from unnest(v_priced) with ordinality as p
    inner join unnest(v_accounts) as a on a.id = (p.charge).account_id
    order by p.ordinality
  );
  insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
  select
    (p.charge).account_id,
    (p.charge).lenser_id,
    'charge_generation',
    r.key,
    r.request,
    v_new[p.ordinality],
    v_at
  from unnest(v_priced) with ordinality as p
  inner join unnest(v_requests) with ordinality as r on r.ordinality = p.ordinality
  where r.key is not null;
  for i in 1..cardinality(v_places) loop
    v_answers[v_places[i]] := v_new[i];
  end loop;
  -- Now the twins have an answer too.
  return array(
    select
      coalesce(
        v_answers[r.ordinality], ratebook.recall(r.account_id, 'charge_generation', r.key, r.request)
      )
    from unnest(p_requests) with ordinality as r
    order by r.ordinality
  );
end;
$$;

revoke all on function ratebook.price_charges(ratebook.charge_request[], billing.accounts[], timestamptz) from public;
revoke all on function ratebook.count_spendings(ratebook.priced_charge[], timestamptz) from public;
revoke all on function ratebook.pay_charges(billing.accounts[], ratebook.priced_charge[], timestamptz) from public;
revoke all on function ratebook.write_charges(ratebook.priced_charge[], ratebook.charge_request[]) from public;
revoke all on function ratebook.charge_many(ratebook.charge_request[]) from public;

comment on function ratebook.price_charges(ratebook.charge_request[], billing.accounts[], timestamptz) is
'ratebook.price_charge() for many. Errors: those of billing.quote(), with the index among the requests.';
comment on function ratebook.count_spendings(ratebook.priced_charge[], timestamptz) is
'ratebook.count_spending() for many: the warnings of each.';
comment on function ratebook.pay_charges(billing.accounts[], ratebook.priced_charge[], timestamptz) is
'Pays charges that the locked accounts can pay, from their lots, with the same entries as ratebook.post(). Returns the accounts as they are then.';
comment on function ratebook.write_charges(ratebook.priced_charge[], ratebook.charge_request[]) is
'ratebook.write_charge() for many. Error: unknown_generation (PT404).';
comment on function ratebook.charge_many(ratebook.charge_request[]) is
'The rule behind billing.charge_generations(): all or nothing.';

-- from sql/60_wallet/290_function_charge_generation.sql

create function ratebook.make_charge_request(
  p_account_id uuid,
  p_model text,
  p_usage jsonb,
  p_format text,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_lenser uuid,
  p_generation uuid,
  p_prompt text,
  p_output text,
  p_latency_ms integer,
  p_key text
) returns ratebook.charge_request
language plpgsql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. It reads no table.
begin
  return (
    p_account_id,
    p_lenser,
    p_key,
    -- What decides the charge; the content of the generation does not.
    case
      when p_key is not null then jsonb_build_object(
        'model', p_model, 'usage', p_usage, 'format', p_format, 'feature', p_feature, 'service_tier', p_service_tier,
        'variant', p_variant, 'region', p_region, 'lenser', p_lenser, 'generation', p_generation
      )
    end,
    p_model,
    case when p_format is null then p_usage else ratebook.normalize_usage(p_format, p_usage) end,
    p_feature,
    p_service_tier,
    p_variant,
    p_region,
    p_generation,
    p_prompt,
    p_output,
    p_latency_ms
  )::ratebook.charge_request;
end;
$$;

create function ratebook.charge_requests(p_requests jsonb) returns ratebook.charge_request[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select
      ratebook.make_charge_request(
        r.account, r.model, r.usage, r.format, r.feature,
        case when e.value ? 'service_tier' then r.service_tier else 'standard' end, r.variant, r.region,
        r.lenser, r.generation, r.prompt, r.output, r.latency_ms, r.idempotency_key
      )
    from jsonb_array_elements(p_requests) with ordinality as e (value, position)
    cross join lateral jsonb_to_record(e.value) as r (
      account uuid, model text, usage jsonb, format text, feature text, service_tier text, variant text, region text,
      lenser uuid, generation uuid, prompt text, output text, latency_ms integer, idempotency_key text
    )
    order by e.position
  );
end;
$$;

create function ratebook.charge_generations(p_requests jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_index bigint;
  v_requests ratebook.charge_request[];
begin
  if (jsonb_typeof(p_requests) = 'array' and jsonb_array_length(p_requests) between 1 and 1000) is not true then
    perform ratebook.fail('invalid_argument', 'Charges come as a JSON array of 1 to 1,000 requests.',
      'Each is an object with the arguments of billing.charge_generation().');
  end if;
  -- A misspelt idempotency_key that is passed over would charge twice.
  select e.ordinality - 1 into v_index
  from jsonb_array_elements(p_requests) with ordinality as e
  where
    case
      when jsonb_typeof(e.value) = 'object'
        then
          e.value - '{account,model,usage,format,feature,service_tier,variant,region,lenser,generation,prompt,output,latency_ms,idempotency_key}'::text[]
          <> '{}'
      else true
    end
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', 'A request is no object of known arguments.',
      'They are those of billing.charge_generation().', jsonb_build_object('index', v_index));
  end if;
  begin
    v_requests := ratebook.charge_requests(p_requests);
  exception
    when invalid_text_representation or numeric_value_out_of_range or sqlstate 'PT422' then
      perform ratebook.refuse_charge_requests(p_requests);
  end;
  return to_jsonb(ratebook.charge_many(v_requests));
end;
$$;

create function ratebook.refuse_charge_requests(p_requests jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- One by one, to find the first that cannot be read and to say why.
declare
  v_message text;
  v_hint text;
  v_detail jsonb;
begin
  for i in 0..jsonb_array_length(p_requests) - 1 loop
    begin
      perform ratebook.charge_requests(jsonb_build_array(p_requests -> i));
    exception
      when invalid_text_representation or numeric_value_out_of_range then
        perform ratebook.fail('invalid_argument', format('A request has a value of another type: %s.', left(sqlerrm, 200)),
          'Types are those of billing.charge_generation().', jsonb_build_object('index', i));
      when sqlstate 'PT422' then
        get stacked diagnostics v_message = message_text, v_hint = pg_exception_hint, v_detail = pg_exception_detail;
        perform ratebook.fail(v_detail ->> 'error', v_message, v_hint, v_detail || jsonb_build_object('index', i));
    end;
  end loop;
end;
$$;

create function billing.charge_generation(
  account uuid,
  model text,
  usage jsonb,
  format text default null,
  feature text default null,
  service_tier text default 'standard',
  variant text default null,
  region text default null,
  lenser uuid default null,
  generation uuid default null,
  prompt text default null,
  output text default null,
  latency_ms integer default null,
  idempotency_key text default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.charge(ratebook.make_charge_request(
    account, model, usage, format, feature, service_tier, variant, region, lenser, generation, prompt, output,
    latency_ms, idempotency_key
  ));
end;

create function billing.charge_generations(requests jsonb) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.charge_generations(requests);
end;

revoke all on function ratebook.make_charge_request(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, text
) from public;
revoke all on function ratebook.charge_requests(jsonb) from public;
revoke all on function ratebook.charge_generations(jsonb) from public;
revoke all on function ratebook.refuse_charge_requests(jsonb) from public;
revoke all on function billing.charge_generation(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, text
) from public;
revoke all on function billing.charge_generations(jsonb) from public;
grant execute on function ratebook.make_charge_request(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, text
) to service_role;
grant execute on function ratebook.charge_generations(jsonb) to service_role;
grant execute on function billing.charge_generation(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, text
) to service_role;
grant execute on function billing.charge_generations(jsonb) to service_role;

comment on function ratebook.make_charge_request(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, text
) is 'The request behind the arguments of billing.charge_generation().';
comment on function ratebook.charge_requests(jsonb) is
'ratebook.make_charge_request() for each of a JSON array of objects with the arguments of billing.charge_generation().';
comment on function ratebook.charge_generations(jsonb) is 'The rule behind billing.charge_generations().';
comment on function ratebook.refuse_charge_requests(jsonb) is
'Raises the error of the first request that ratebook.charge_requests() could not read, with its index: invalid_argument (PT422) for a value of another type, and those of ai.normalize_usage().';
comment on function billing.charge_generation(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, text
) is
'Service role only. Prices a usage, debits the lots in burn order, and writes generation, charge and ledger, in one transaction. account: a lenser or billing.accounts.id. usage: meters and quantities; or, with format (openai_chat, openai_responses, anthropic, gemini, bedrock), the provider''s own usage object. lenser: who spends, the owner unless told. generation: an earlier generation of that lenser, which is completed; without one it is made, with prompt, output and latency_ms. Returns charge_id, generation_id, account_id, model_id, credits, cost, currency, balance and warnings; amounts are strings. Errors: those of billing.quote() and ai.normalize_usage(), unknown_account, unknown_generation (PT404), insufficient_credits, budget_exceeded, member_limit_exceeded (PT402), inactive_model, idempotency_conflict (PT409), not_allowed (42501).';
comment on function billing.charge_generations(jsonb) is
'Service role only. billing.charge_generation() for up to 1,000 requests in one call, all or nothing. requests: a JSON array of objects with its arguments, each with its own idempotency_key. Returns a JSON array of its answers, in their order; balances are those after the call. Errors: insufficient_credits (PT402), invalid_argument (PT422) and the others of billing.charge_generation(), with the index (from 0) of the request in DETAIL where one cannot be read or priced.';

-- from sql/60_wallet/300_function_authorize_credits.sql

create function ratebook.authorize_credits(
  p_amount numeric,
  p_expires_in interval,
  p_request ratebook.charge_request
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
-- What is kept with a key is the same whatever zone and style the caller writes times in.
set timezone = 'UTC' set intervalstyle = 'postgres'
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_request jsonb := p_request.request || jsonb_build_object('amount', trim_scale(p_amount), 'expires_in', p_expires_in);
  v_response jsonb;
  v_priced ratebook.priced_request;
  v_account billing.accounts;
  v_hold billing.holds;
  v_seconds numeric;
  v_warnings jsonb;
  v_movements ratebook.movement[];
begin
  v_account := ratebook.lock_account(p_request.account_id);
  v_response := ratebook.recall(v_account.id, 'authorize_credits', p_request.key, v_request);
  if v_response is not null then
    return v_response;
  end if;
  -- In seconds: an interval of months and days is of another length on the calendar than in a comparison.
  v_seconds := extract(epoch from p_expires_in);
  if (v_seconds > 0 and v_seconds <= 7 * 86400) is not true then
    perform ratebook.fail('invalid_argument', 'A hold lasts more than nothing and at most 7 days.',
      'Set expires_in, such as 15 minutes.');
  end if;
  if p_request.model is not null and p_request.usage is not null then
    v_priced := ratebook.price_request(
      p_request.model, p_request.usage, p_request.feature, p_request.service_tier, p_request.variant, p_request.region,
      v_account.updated_at, true
    );
    v_hold.model_id := v_priced.model_id;
  elsif p_request.usage is not null then
    perform ratebook.assert_usage(p_request.usage);
  end if;
  if p_amount is null and v_priced.model_id is null then
    perform ratebook.fail('invalid_argument', 'Nothing says how much to hold.',
      'Pass an amount, or a model and the usage that you expect.');
  elsif p_request.model is not null and v_priced.model_id is null then
    v_hold.model_id := ratebook.model_id(p_request.model, true);
  end if;
  if p_request.service_tier is distinct from 'standard' then
    perform ratebook.assert_service_tier(p_request.service_tier);
  end if;
  perform ratebook.assert_active(array[v_hold.model_id]);
  select m.price_source, m.price_currency into v_hold.price_source, v_hold.price_currency
  from ai.models as m
  where m.id = v_hold.model_id;
  if p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount, 1e-12);
  end if;
  v_hold.amount := coalesce(p_amount, v_priced.credits);
  if p_request.feature is not null then
    select f.id into v_hold.feature_id from ai.features as f where f.key = p_request.feature;
    if not found then
      perform ratebook.fail('unknown_feature', format('There is no feature called "%s".', left(p_request.feature, 100)),
        'Ask ai.features for the keys.', jsonb_build_object('feature', left(p_request.feature, 100)));
    end if;
  end if;

  v_hold.id := ratebook.uuid_v7(v_account.updated_at);
  v_hold.lenser_id := v_account.lenser_id;
  v_hold.account_id := v_account.id;
  v_hold.spender_id := coalesce(p_request.lenser_id, v_account.lenser_id);
  v_hold.created_at := v_account.updated_at;
  v_hold.expires_at := v_account.updated_at + v_seconds * interval '1 second';
  v_warnings := ratebook.count_spending(
    (
      v_hold.spender_id, v_account.id, v_account.lenser_id, v_hold.model_id, v_hold.feature_id, v_hold.amount, 0, null,
      true
    )::ratebook.spending,
    v_account.updated_at
  );
  perform ratebook.assert_available(v_account, v_hold.amount);
  v_movements := ratebook.allocate(v_account, v_hold.amount);
  insert into billing.holds (
    id, lenser_id, account_id, spender_id, amount, lots, expires_at, model_id, price_source, price_currency, feature_id,
    usage, service_tier, variant, region, created_at
  )
  select
    v_hold.id, v_hold.lenser_id, v_hold.account_id, v_hold.spender_id, v_hold.amount,
    coalesce(jsonb_object_agg(m.grant_id, m.reserved) filter (where m.grant_id is not null), '{}'),
    v_hold.expires_at, v_hold.model_id, v_hold.price_source, v_hold.price_currency, v_hold.feature_id,
    p_request.usage, p_request.service_tier, p_request.variant, p_request.region, v_hold.created_at
  from unnest(v_movements) as m;
  v_account := ratebook.post(v_account, v_movements, v_hold.expires_at);
  return ratebook.remember(v_account, 'authorize_credits', p_request.key, v_request, jsonb_build_object(
    'hold_id', v_hold.id,
    'account_id', v_account.id,
    'amount', trim_scale(v_hold.amount)::text,
    'expires_at', v_hold.expires_at,
    'balance', ratebook.balance_object(v_account),
    'warnings', v_warnings
  ));
end;
$$;

create function billing.authorize_credits(
  account uuid,
  amount numeric default null,
  model text default null,
  usage jsonb default null,
  feature text default null,
  service_tier text default 'standard',
  variant text default null,
  region text default null,
  expires_in interval default '15 minutes',
  lenser uuid default null,
  idempotency_key text default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.authorize_credits(
    amount,
    expires_in,
    ratebook.make_charge_request(
      account, model, usage, null, feature, service_tier, variant, region, lenser, null, null, null, null, idempotency_key
    )
  );
end;

revoke all on function ratebook.authorize_credits(numeric, interval, ratebook.charge_request) from public;
revoke all on function billing.authorize_credits(
  uuid, numeric, text, jsonb, text, text, text, text, interval, uuid, text
) from public;
grant execute on function ratebook.authorize_credits(numeric, interval, ratebook.charge_request) to service_role;
grant execute on function billing.authorize_credits(
  uuid, numeric, text, jsonb, text, text, text, text, interval, uuid, text
) to service_role;

comment on function ratebook.authorize_credits(numeric, interval, ratebook.charge_request) is
'The rule behind billing.authorize_credits().';
comment on function billing.authorize_credits(
  uuid, numeric, text, jsonb, text, text, text, text, interval, uuid, text
) is
'Service role only. Keeps credits back for work that is about to begin: an amount, or what a model and an expected usage cost. Name the model also with an amount, to capture by usage later at the prices of now. It times out after expires_in (15 minutes unless told, at most 7 days). lenser: who spends, the owner unless told. Returns hold_id, account_id, amount, expires_at, balance and warnings. Errors: those of billing.quote(), unknown_account (PT404), invalid_amount, invalid_argument (PT422), insufficient_credits, budget_exceeded, member_limit_exceeded (PT402), inactive_model, idempotency_conflict (PT409), not_allowed (42501).';

-- from sql/60_wallet/310_function_capture_hold.sql

create type ratebook.locked_hold as (
  hold billing.holds,
  account billing.accounts
);

create function ratebook.lock_hold(p_hold_id uuid) returns ratebook.locked_hold
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_hold billing.holds;
  v_account billing.accounts;
begin
  select h.* into v_hold from billing.holds as h where h.id = p_hold_id;
  if not found then
    perform ratebook.fail('unknown_hold', format('There is no hold %s.', p_hold_id), null,
      jsonb_build_object('hold', p_hold_id));
  end if;
  v_account := ratebook.lock_account(v_hold.account_id);
  -- As it is behind the lock.
  select h.* into v_hold from billing.holds as h where h.id = p_hold_id;
  return (v_hold, v_account)::ratebook.locked_hold;
end;
$$;

create function ratebook.end_hold(
  p_hold billing.holds, p_status billing.hold_status_enum, p_charge_id uuid, p_account billing.accounts
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account billing.accounts := p_account;
begin
  update billing.holds as h
  set status = p_status, charge_id = p_charge_id, ended_at = least(p_account.updated_at, h.expires_at)
  where h.id = p_hold.id;
  -- What it kept back of a lot that has expired is gone now.
  if exists (
    select from billing.grants as g
    where
      g.account_id = p_account.id
      and g.closed_at is null
      and g.expires_at <= p_account.updated_at
      and p_hold.lots ? g.id::text
  ) then
    v_account := ratebook.settle(p_account, p_account.updated_at);
  end if;
  return v_account;
end;
$$;

create function ratebook.capture_hold(
  p_hold_id uuid,
  p_amount numeric,
  p_usage jsonb,
  p_format text,
  p_generation uuid,
  p_prompt text,
  p_output text,
  p_latency_ms integer,
  p_key text
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  -- A hold is captured once: without a key it is its own.
  v_key text := coalesce(p_key, 'hold ' || p_hold_id);
  v_request jsonb := jsonb_build_object(
    'hold', p_hold_id, 'amount', trim_scale(p_amount), 'usage', p_usage, 'format', p_format, 'generation', p_generation
  );
  v_locked ratebook.locked_hold;
  v_hold billing.holds;
  v_account billing.accounts;
  v_free billing.accounts;
  v_response jsonb;
  v_feature text;
  v_asked ratebook.charge_request;
  v_priced ratebook.priced_charge;
  v_charge billing.charges;
  v_held numeric := 0;
  v_rest numeric;
  v_movements ratebook.movement[] := '{}'::ratebook.movement[];
  v_warnings jsonb;
begin
  if p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount);
    if p_usage is not null then
      perform ratebook.fail('invalid_argument', 'Amount and usage both say what to capture.', 'Pass one of them.');
    end if;
  end if;
  v_locked := ratebook.lock_hold(p_hold_id);
  v_hold := v_locked.hold;
  v_account := v_locked.account;
  v_response := ratebook.recall(v_account.id, 'capture_hold', v_key, v_request);
  if v_response is not null then
    return v_response;
  end if;
  if v_hold.status not in ('open', 'expired') then
    perform ratebook.fail('hold_not_open', format('The hold was %s.', v_hold.status),
      'A hold is captured or released once.', jsonb_build_object('hold', p_hold_id, 'status', v_hold.status));
  end if;

  -- Prices are as of the hold, also where the model has been switched off since.
  select f.key into v_feature from ai.features as f where f.id = v_hold.feature_id;
  v_asked := ratebook.make_charge_request(
    v_account.id, v_hold.model_id::text,
    -- All that was held is what was expected.
    case when p_amount is null and p_usage is null then v_hold.usage else p_usage end,
    p_format, v_feature, v_hold.service_tier, v_hold.variant,
    v_hold.region, v_hold.spender_id, p_generation, p_prompt, p_output, p_latency_ms, null
  );
  if p_usage is not null and v_hold.model_id is null then
    perform ratebook.fail('invalid_argument', 'This hold names no model that could price a usage.',
      'Pass an amount, or name the model when you authorize.');
  elsif (v_asked).usage is not null and v_hold.model_id is not null then
    v_priced := ratebook.price_charge(
      v_asked, v_account, v_hold.created_at, v_hold.price_source, v_hold.price_currency
    );
    v_charge := v_priced.charge;
  else
    v_charge.id := ratebook.uuid_v7(v_account.updated_at);
    v_charge.lenser_id := v_account.lenser_id;
    v_charge.account_id := v_account.id;
    v_charge.spender_id := v_hold.spender_id;
    v_charge.generation_id := coalesce(
      p_generation, case when v_hold.model_id is not null then v_charge.id end
    );
    v_charge.model_id := v_hold.model_id;
    v_charge.feature_id := v_hold.feature_id;
    v_charge.feature_key := v_feature;
    v_charge.service_tier := v_hold.service_tier;
    v_charge.variant := v_hold.variant;
    v_charge.region := v_hold.region;
    v_charge.priced_at := v_hold.created_at;
    v_charge.created_at := v_account.updated_at;
  end if;
  if p_usage is null then
    v_charge.credits := coalesce(p_amount, v_hold.amount);
  end if;
  -- Money rows of an erased lenser stay; a new generation there is none.
  if p_generation is null and exists (
    select from lensers.profiles as p where p.id = v_hold.spender_id and p.erased_at is not null
  ) then
    v_charge.generation_id := null;
  end if;
  v_charge.hold_id := v_hold.id;

  v_free := v_account;
  if v_hold.status = 'open' then
    v_held := v_hold.amount;
    v_movements := ratebook.let_go(v_hold);
    v_free.reserved := v_account.reserved - v_held;
  end if;
  v_warnings := ratebook.count_spending(
    (
      v_charge.spender_id, v_account.id, v_account.lenser_id, v_charge.model_id, v_hold.feature_id, v_charge.credits,
      v_held, v_hold.id, false
    )::ratebook.spending,
    v_account.updated_at
  );
  perform ratebook.assert_available(v_free, v_charge.credits);

  -- Its own lots pay first, also those that have expired since; what is more, like any charge.
  if v_held > 0 then
    select v_movements || array_agg(
      (v_account.id, t.id, -t.taken, 0, 'charge', v_charge.id, null, null)::ratebook.movement order by t.place
    ) filter (where t.taken > 0)
    into v_movements
    from (
      select
        l.id,
        l.place,
        least(l.reserved, greatest(v_charge.credits - l.before, 0)) as taken
      from (
        select
          g.id,
          row_number() over burn_order as place,
          k.value::numeric as reserved,
          coalesce(sum(k.value::numeric) over (burn_order rows between unbounded preceding and 1 preceding), 0) as before
        from jsonb_each(v_hold.lots) as k
        -- With the offset it is one lookup each, whatever the planner thinks of the table.
        inner join lateral (select o.* from billing.grants as o where o.id = k.key::uuid offset 0) as g on true
        window burn_order as (order by g.priority, g.expires_at, g.id)
      ) as l
    ) as t;
  end if;
  v_rest := v_charge.credits - coalesce((select -sum(m.amount) from unnest(v_movements) as m), 0);
  v_movements := v_movements || ratebook.allocate(v_account, v_rest, v_charge.id);

  perform ratebook.write_charge(v_charge, v_priced.cost, v_asked);
  v_account := ratebook.post(v_account, v_movements);
  v_account := ratebook.end_hold(v_hold, 'captured', v_charge.id, v_account);
  return ratebook.remember(v_account, 'capture_hold', v_key, v_request, ratebook.charge_object(
    v_charge, v_priced.cost, v_account, v_warnings
  ));
end;
$$;

create function billing.capture_hold(
  hold uuid,
  amount numeric default null,
  usage jsonb default null,
  format text default null,
  generation uuid default null,
  prompt text default null,
  output text default null,
  latency_ms integer default null,
  idempotency_key text default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.capture_hold(
    hold, amount, usage, format, generation, prompt, output, latency_ms, idempotency_key
  );
end;

revoke all on function ratebook.lock_hold(uuid) from public;
revoke all on function ratebook.end_hold(
  billing.holds, billing.hold_status_enum, uuid, billing.accounts
) from public;
revoke all on function ratebook.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, text
) from public;
revoke all on function billing.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, text
) from public;
grant execute on function ratebook.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, text
) to service_role;
grant execute on function billing.capture_hold(
  uuid, numeric, jsonb, text, uuid, text, text, integer, text
) to service_role;

comment on type ratebook.locked_hold is 'A hold and its account.';
comment on column ratebook.locked_hold.hold is 'The hold.';
comment on column ratebook.locked_hold.account is 'The account, locked and settled.';
comment on function ratebook.lock_hold(uuid) is
'A hold and its account, locked and settled. Error: unknown_hold (PT404).';
comment on function ratebook.end_hold(billing.holds, billing.hold_status_enum, uuid, billing.accounts) is
'Ends a hold whose movements are posted; what that frees of expired lots expires. Returns the account as it is then.';
comment on function ratebook.capture_hold(uuid, numeric, jsonb, text, uuid, text, text, integer, text) is
'The rule behind billing.capture_hold().';
comment on function billing.capture_hold(uuid, numeric, jsonb, text, uuid, text, text, integer, text) is
'Service role only. Turns a hold into a charge, at the prices of the hold: of an amount, of a usage (with format, the provider''s own), or else of all that was held. Less gives the rest back; 0 is allowed; more is taken from what is available and the overdraft, or refused, and the hold stays. A hold that timed out is charged like anything else. Without an idempotency_key the hold itself is the key: the same capture again gets the same answer. Returns what billing.charge_generation() does. Errors: unknown_hold, unknown_generation (PT404), hold_not_open, idempotency_conflict (PT409), invalid_amount, invalid_argument and those of usages (PT422), insufficient_credits, budget_exceeded, member_limit_exceeded (PT402).';

-- from sql/60_wallet/320_function_release_hold.sql

create function ratebook.release_hold(p_hold_id uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_locked ratebook.locked_hold := ratebook.lock_hold(p_hold_id);
  v_hold billing.holds := v_locked.hold;
  v_account billing.accounts := v_locked.account;
begin
  if v_hold.status = 'captured' then
    perform ratebook.fail('hold_not_open', 'The hold was captured.', 'Take the charge back with billing.refund_charge().',
      jsonb_build_object('hold', p_hold_id, 'status', v_hold.status, 'charge', v_hold.charge_id));
  end if;
  if v_hold.status = 'open' then
    v_account := ratebook.post(v_account, ratebook.let_go(v_hold));
    v_account := ratebook.end_hold(v_hold, 'released', null, v_account);
    v_hold.status := 'released';
  end if;
  return jsonb_build_object(
    'hold_id', p_hold_id,
    'account_id', v_account.id,
    'status', v_hold.status,
    'balance', ratebook.balance_object(v_account)
  );
end;
$$;

create function billing.release_hold(hold uuid) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.release_hold(hold);
end;

revoke all on function ratebook.release_hold(uuid) from public;
revoke all on function billing.release_hold(uuid) from public;
grant execute on function ratebook.release_hold(uuid) to service_role;
grant execute on function billing.release_hold(uuid) to service_role;

comment on function ratebook.release_hold(uuid) is 'The rule behind billing.release_hold().';
comment on function billing.release_hold(uuid) is
'Service role only. Gives back what a hold keeps. Released or timed out already, it changes nothing. Returns hold_id, account_id, status and balance. Errors: unknown_hold (PT404), hold_not_open (PT409) for a captured one.';

-- from sql/60_wallet/330_function_refund_charge.sql

create function ratebook.refund_charge(
  p_charge_id uuid,
  p_amount numeric,
  p_reason text,
  p_extend_to timestamptz,
  p_key text
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
-- What is kept with a key is the same whatever zone and style the caller writes times in.
set timezone = 'UTC' set intervalstyle = 'postgres'
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_request jsonb := jsonb_build_object(
    'charge', p_charge_id, 'amount', trim_scale(p_amount), 'reason', p_reason, 'extend_to', p_extend_to
  );
  v_charge billing.charges;
  v_account billing.accounts;
  v_response jsonb;
  v_at timestamptz;
  v_since uuid;
  v_until uuid;
  v_refunded numeric;
  v_amount numeric;
  v_overdraft numeric;
  v_grant_id uuid;
  v_movements ratebook.movement[];
begin
  if p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount, 1e-12);
  end if;
  select c.* into v_charge from billing.charges as c where c.id = p_charge_id;
  if v_charge.id is null then
    perform ratebook.fail('unknown_charge', format('There is no charge %s.', p_charge_id), null,
      jsonb_build_object('charge', p_charge_id));
  end if;
  v_account := ratebook.lock_account(v_charge.account_id);
  v_at := v_account.updated_at;
  v_since := ratebook.uuid_v7_floor(v_charge.created_at);
  v_until := ratebook.uuid_v7_floor(v_at + interval '1 millisecond');
  v_response := ratebook.recall(v_account.id, 'refund_charge', p_key, v_request);
  if v_response is not null then
    return v_response;
  end if;
  if p_extend_to <= v_at or not isfinite(p_extend_to) then
    perform ratebook.fail('invalid_time', 'A lot is extended to a time ahead.', 'Leave out extend_to to leave lots as they are.');
  end if;

  select coalesce(sum(e.amount), 0) into v_refunded
  from billing.ledger_entries as e
  where e.charge_id = p_charge_id and e.kind = 'refund' and e.id >= v_since and e.id < v_until;
  v_amount := coalesce(p_amount, v_charge.credits - v_refunded);
  if v_amount > v_charge.credits - v_refunded or v_amount = 0 then
    perform ratebook.fail(
      'refund_exceeds_charge',
      format('Of %s credits %s were refunded already.', trim_scale(v_charge.credits), trim_scale(v_refunded)),
      'A charge is refunded once, in whole or in parts.',
      jsonb_build_object(
        'charge', p_charge_id, 'charged', trim_scale(v_charge.credits)::text,
        'refunded', trim_scale(v_refunded)::text, 'asked', trim_scale(v_amount)::text
      )
    );
  end if;

  -- Backwards over what the charge took: its last entry gets back first, from where the last refund stopped.
  select
    array_agg(
      (v_account.id, t.grant_id, t.amount, 0, 'refund', p_charge_id, null, p_reason)::ratebook.movement
      order by t.number desc
    ) filter (where t.grant_id is not null),
    coalesce(sum(t.amount) filter (where t.grant_id is null), 0)
  into v_movements, v_overdraft
  from (
    select
      s.number,
      s.grant_id,
      least(s.upper, v_refunded + v_amount) - greatest(s.upper - s.size, v_refunded) as amount
    from (
      select
        e.number,
        e.grant_id,
        -e.amount as size,
        sum(-e.amount) over (order by e.number desc) as upper
      from billing.ledger_entries as e
      where e.charge_id = p_charge_id and e.kind = 'charge' and e.id >= v_since and e.id < v_until
    ) as s
  ) as t
  where t.amount > 0;

  -- What was overdraft takes debt off; debt that was repaid since has become a lot's to give back.
  if v_overdraft > 0 then
    v_movements := (
      v_account.id, null, least(v_overdraft, v_account.debt), 0, 'refund', p_charge_id, null, p_reason
    )::ratebook.movement || v_movements;
    if v_overdraft > v_account.debt then
      v_grant_id := ratebook.uuid_v7(v_at);
      insert into billing.grants (id, lenser_id, account_id, amount, source, created_at)
      values (v_grant_id, v_account.lenser_id, v_account.id, v_overdraft - v_account.debt, 'refund', v_at);
      v_movements := v_movements || (
        v_account.id, v_grant_id, v_overdraft - v_account.debt, 0, 'refund', p_charge_id, null, p_reason
      )::ratebook.movement;
    end if;
  end if;
  if p_extend_to is not null then
    update billing.grants as g
    set expires_at = p_extend_to
    where g.id = any(array(select m.grant_id from unnest(v_movements) as m)) and g.expires_at <= v_at;
  end if;
  v_account := ratebook.post(v_account, v_movements);
  perform ratebook.uncount_spending(v_charge, v_amount);
  -- What went back into an expired lot expires again; what opened another has an end to wait for.
  if exists (
    select from billing.grants as g
    where g.id = any(array(select m.grant_id from unnest(v_movements) as m)) and g.expires_at is not null
  ) then
    v_account := ratebook.settle(v_account, v_at);
  end if;

  return ratebook.remember(v_account, 'refund_charge', p_key, v_request, jsonb_build_object(
    'charge_id', p_charge_id,
    'account_id', v_account.id,
    'amount', trim_scale(v_amount)::text,
    'refunded', trim_scale(v_refunded + v_amount)::text,
    'balance', ratebook.balance_object(v_account)
  ));
end;
$$;

create function billing.refund_charge(
  charge uuid,
  amount numeric default null,
  reason text default null,
  extend_to timestamptz default null,
  idempotency_key text default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.refund_charge(charge, amount, reason, extend_to, idempotency_key);
end;

revoke all on function ratebook.refund_charge(uuid, numeric, text, timestamptz, text) from public;
revoke all on function billing.refund_charge(uuid, numeric, text, timestamptz, text) from public;
grant execute on function ratebook.refund_charge(uuid, numeric, text, timestamptz, text) to service_role;
grant execute on function billing.refund_charge(uuid, numeric, text, timestamptz, text) to service_role;

comment on function ratebook.refund_charge(uuid, numeric, text, timestamptz, text) is
'The rule behind billing.refund_charge().';
comment on function billing.refund_charge(uuid, numeric, text, timestamptz, text) is
'Service role only. Gives back a charge, or a part of it, to the lots that paid, the last one first; what was overdraft takes debt off. amount: all that is left of it unless told. What goes back into an expired lot expires at once, unless extend_to gives such lots a new end. Returns charge_id, account_id, amount, refunded (in all) and balance. Errors: unknown_charge (PT404), refund_exceeds_charge, idempotency_conflict (PT409), invalid_amount, invalid_time (PT422).';

-- from sql/60_wallet/340_function_set_member.sql

create function ratebook.set_member(p_account_id uuid, p_member_id uuid, p_spend_limit numeric) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_account billing.accounts;
begin
  if p_spend_limit is not null then
    perform ratebook.assert_credits('spend_limit', p_spend_limit);
  end if;
  v_account := ratebook.lock_account(p_account_id);
  if p_member_id = v_account.lenser_id then
    perform ratebook.fail('invalid_argument', 'The owner needs no membership.');
  end if;
  if not exists (
    select from lensers.profiles as p where p.id = p_member_id
    union all
    select from auth.users as u where u.id = p_member_id
  ) then
    perform ratebook.fail('unknown_lenser', format('There is no lenser %s.', p_member_id),
      'A lenser is an auth user, or a row of lensers.profiles.', jsonb_build_object('lenser', p_member_id));
  end if;
  update billing.account_members as m
  set spend_limit = p_spend_limit
  where m.account_id = p_account_id and m.member_id = p_member_id;
  if found then
    return;
  end if;
  insert into lensers.profiles (id, user_id) values (p_member_id, p_member_id) on conflict do nothing;
  -- One who comes back has spent what was spent before.
  insert into billing.account_members (account_id, lenser_id, member_id, spend_limit, spent)
  select p_account_id, v_account.lenser_id, p_member_id, p_spend_limit, coalesce(sum(c.credits - coalesce(r.amount, 0)), 0)
  from billing.charges as c
  left join lateral (select f.amount from ratebook.refunds as f where f.charge_id = c.id) as r on true
  where c.account_id = p_account_id and c.spender_id = p_member_id and c.spender_id <> c.lenser_id;
end;
$$;

create function ratebook.remove_member(p_account_id uuid, p_member_id uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only the wallet's functions write its tables.
begin
  perform ratebook.lock_account(p_account_id);
  delete from billing.account_members as m where m.account_id = p_account_id and m.member_id = p_member_id;
  return found;
end;
$$;

create function billing.set_member(account uuid, member uuid, spend_limit numeric default null) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.set_member(account, member, spend_limit);
end;

create function billing.remove_member(account uuid, member uuid) returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.remove_member(account, member);
end;

revoke all on function ratebook.set_member(uuid, uuid, numeric) from public;
revoke all on function ratebook.remove_member(uuid, uuid) from public;
revoke all on function billing.set_member(uuid, uuid, numeric) from public;
revoke all on function billing.remove_member(uuid, uuid) from public;
grant execute on function ratebook.set_member(uuid, uuid, numeric) to service_role;
grant execute on function ratebook.remove_member(uuid, uuid) to service_role;
grant execute on function billing.set_member(uuid, uuid, numeric) to service_role;
grant execute on function billing.remove_member(uuid, uuid) to service_role;

comment on function ratebook.set_member(uuid, uuid, numeric) is 'The rule behind billing.set_member().';
comment on function ratebook.remove_member(uuid, uuid) is 'The rule behind billing.remove_member().';
comment on function billing.set_member(uuid, uuid, numeric) is
'Service role only. Lets a lenser spend from an account, up to spend_limit credits in all, or changes the limit of one who may. Errors: unknown_account, unknown_lenser (PT404), invalid_amount, invalid_argument (PT422).';
comment on function billing.remove_member(uuid, uuid) is
'Service role only. The lenser may spend from the account no more; returns whether there was such a member. Holds that are open can still be captured. Error: unknown_account (PT404).';

-- from sql/60_wallet/350_function_create_recurring_grant.sql

create function ratebook.create_recurring_grant(
  p_account_id uuid,
  p_amount numeric,
  p_every interval,
  p_starts_at timestamptz,
  p_ends_at timestamptz,
  p_expires boolean,
  p_priority integer,
  p_source text,
  p_key text
) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- What is kept with a key is the same whatever zone and style the caller writes times in.
set timezone = 'UTC' set intervalstyle = 'postgres'
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_account billing.accounts;
  v_months integer;
  v_days integer;
  v_request jsonb := jsonb_build_object(
    'amount', trim_scale(p_amount), 'every', p_every, 'starts_at', p_starts_at, 'ends_at', p_ends_at,
    'expires', p_expires, 'priority', p_priority, 'source', p_source
  );
  v_response jsonb;
  v_id uuid;
begin
  perform ratebook.assert_credits('amount', p_amount, 1e-12);
  perform ratebook.assert_priority(p_priority);
  -- What is due must be a time that can be written.
  if p_every between interval '1 day' and interval '100 years' then
    v_months := extract(year from p_every) * 12 + extract(month from p_every);
    v_days := extract(day from p_every);
  end if;
  if (p_every = make_interval(months => v_months, days => v_days) and v_months >= 0 and v_days >= 0
    and v_months + v_days > 0) is not true then
    perform ratebook.fail('invalid_argument', 'A grant recurs after whole days or months, at most 100 years.', 'Such as 1 month.');
  end if;
  v_account := ratebook.lock_account(p_account_id);
  v_response := ratebook.recall(p_account_id, 'create_recurring_grant', p_key, v_request);
  if v_response is not null then
    return (v_response #>> '{}')::uuid;
  end if;
  p_starts_at := coalesce(p_starts_at, v_account.updated_at);
  if not isfinite(p_starts_at)
    or p_starts_at > v_account.updated_at + interval '100 years'
    or p_ends_at <= greatest(p_starts_at, v_account.updated_at) then
    perform ratebook.fail('invalid_time', 'A recurring grant starts within 100 years, and ends after that and after now.');
  end if;
  insert into billing.recurring_grants (
    lenser_id, account_id, amount, months, days, starts_at, ends_at, expires, priority, source
  ) values (
    v_account.lenser_id, p_account_id, p_amount, v_months, v_days, p_starts_at, nullif(p_ends_at, 'infinity'), p_expires,
    p_priority, p_source
  ) returning id into v_id;
  -- A start in the past says on which day it recurs; what is past is not granted.
  update billing.recurring_grants as r
  set issued = (
    select count(*) from ratebook.due_grants(p_account_id, v_account.updated_at) as d
    where d.recurring_grant_id = v_id and d.due_at < v_account.updated_at
  )
  where r.id = v_id;
  perform ratebook.settle(v_account);
  perform ratebook.remember(v_account, 'create_recurring_grant', p_key, v_request, to_jsonb(v_id));
  return v_id;
end;
$$;

create function ratebook.end_recurring_grant(p_recurring_grant_id uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_account_id uuid;
  v_account billing.accounts;
begin
  select r.account_id into v_account_id from billing.recurring_grants as r where r.id = p_recurring_grant_id;
  if not found then
    return false;
  end if;
  -- What is due by now is written down here.
  v_account := ratebook.lock_account(v_account_id);
  update billing.recurring_grants as r
  set ends_at = greatest(v_account.updated_at, r.starts_at)
  where r.id = p_recurring_grant_id and coalesce(r.ends_at, 'infinity') > v_account.updated_at;
  return found;
end;
$$;

create function billing.create_recurring_grant(
  account uuid,
  amount numeric,
  every interval default '1 month',
  starts_at timestamptz default null,
  ends_at timestamptz default null,
  expires boolean default true,
  priority integer default 0,
  source text default 'allowance',
  idempotency_key text default null
) returns uuid
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.create_recurring_grant(
    account, amount, every, starts_at, ends_at, expires, priority, source, idempotency_key
  );
end;

create function billing.end_recurring_grant(recurring_grant uuid) returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.end_recurring_grant(recurring_grant);
end;

revoke all on function ratebook.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text
) from public;
revoke all on function ratebook.end_recurring_grant(uuid) from public;
revoke all on function billing.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text
) from public;
revoke all on function billing.end_recurring_grant(uuid) from public;
grant execute on function ratebook.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text
) to service_role;
grant execute on function ratebook.end_recurring_grant(uuid) to service_role;
grant execute on function billing.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text
) to service_role;
grant execute on function billing.end_recurring_grant(uuid) to service_role;

comment on function ratebook.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text
) is 'The rule behind billing.create_recurring_grant().';
comment on function ratebook.end_recurring_grant(uuid) is 'The rule behind billing.end_recurring_grant().';
comment on function billing.create_recurring_grant(
  uuid, numeric, interval, timestamptz, timestamptz, boolean, integer, text, text
) is
'Service role only. Grants an account the same amount again and again: every so many whole months or days, from starts_at (now unless told; a start in the past only says on which day) until ends_at. expires: what is left of one ends when the next is due. No scheduler is needed. Returns its id. Errors: unknown_account (PT404), idempotency_conflict (PT409), invalid_amount, invalid_argument, invalid_time (PT422).';
comment on function billing.end_recurring_grant(uuid) is
'Service role only. Ends a recurring grant from now on; lots that it made stay. Returns whether there was one to end.';

-- from sql/60_wallet/360_function_sweep_accounts.sql

create function ratebook.sweep_accounts(p_at_most integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_account billing.accounts;
  v_swept integer := 0;
begin
  if (p_at_most between 1 and 10000) is not true then
    perform ratebook.fail('invalid_argument', 'A sweep takes 1 to 10,000 accounts.', 'Call it again for the others.');
  end if;
  perform ratebook.extend_partitions_if_short('billing.ledger_entries', 'billing.charges', 'ai.generations');
  -- An account that somebody holds is settled by them.
  for v_account in
    select a.* from billing.accounts as a
    -- As its index says it, which knows nothing of the time.
    where a.next_event_at <= ratebook.clock() and a.next_event_at < 'infinity'
    order by a.next_event_at
    limit p_at_most
    for update skip locked
  loop
    v_account.updated_at := greatest(ratebook.clock(), v_account.updated_at);
    perform ratebook.settle(v_account);
    v_swept := v_swept + 1;
  end loop;
  return v_swept;
end;
$$;

create function billing.sweep_accounts(at_most integer default 1000) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.sweep_accounts(at_most);
end;

create function ratebook.purge_idempotency_keys(p_older_than interval) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_now timestamptz := ratebook.clock();
  v_purged bigint;
begin
  -- By the calendar: a month is thirty days in a comparison, and twenty-eight before the first of March.
  if (v_now - p_older_than <= v_now - interval '30 days') is not true then
    perform ratebook.fail('invalid_argument', 'Keys are kept for at least 30 days.');
  end if;
  delete from billing.idempotency_keys as k where k.created_at < v_now - p_older_than;
  get diagnostics v_purged = row_count;
  return v_purged;
end;
$$;

create function billing.purge_idempotency_keys(older_than interval default '30 days') returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.purge_idempotency_keys(older_than);
end;

revoke all on function ratebook.sweep_accounts(integer) from public;
revoke all on function billing.sweep_accounts(integer) from public;
revoke all on function ratebook.purge_idempotency_keys(interval) from public;
revoke all on function billing.purge_idempotency_keys(interval) from public;
grant execute on function ratebook.sweep_accounts(integer) to service_role;
grant execute on function billing.sweep_accounts(integer) to service_role;
grant execute on function ratebook.purge_idempotency_keys(interval) to service_role;
grant execute on function billing.purge_idempotency_keys(interval) to service_role;

comment on function ratebook.sweep_accounts(integer) is 'The rule behind billing.sweep_accounts().';
comment on function billing.sweep_accounts(integer) is
'Service role only. Writes down what time did to accounts: expired lots, timed-out holds, recurring grants that are due. Nothing depends on it, balances count all that at once; it keeps the ledger and low-balance signals current for accounts that nobody uses. Returns how many accounts it settled.';
comment on function ratebook.purge_idempotency_keys(interval) is 'The rule behind billing.purge_idempotency_keys().';
comment on function billing.purge_idempotency_keys(interval) is
'Service role only. Forgets idempotency keys that are older than an interval of at least 30 days, and returns how many. Error: invalid_argument (PT422).';

-- from sql/60_wallet/370_function_self_check.sql

create function ratebook.broken_accounts() returns table (check_name text, subject text, fact text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    'posted_is_the_sum_of_the_ledger',
    a.id::text,
    format('posted %s, entries %s', a.posted, coalesce(e.amount, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    group by l.account_id
  ) as e on e.account_id = a.id
  where a.posted <> coalesce(e.amount, 0)
  union all
  select
    'posted_is_what_lots_hold_less_debt',
    a.id::text,
    format('posted %s, lots %s, debt %s', a.posted, coalesce(g.remaining, 0), a.debt)
  from billing.accounts as a
  left join (
    select
      l.account_id,
      sum(l.remaining) as remaining
    from billing.grants as l
    group by l.account_id
  ) as g on g.account_id = a.id
  where a.posted <> coalesce(g.remaining, 0) - a.debt
  union all
  select
    'debt_is_the_sum_of_its_entries',
    a.id::text,
    format('debt %s, entries %s', a.debt, coalesce(-e.amount, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    where l.grant_id is null
    group by l.account_id
  ) as e on e.account_id = a.id
  where a.debt <> coalesce(-e.amount, 0)
  union all
  select
    'reserved_is_the_sum_of_open_holds',
    a.id::text,
    format('reserved %s, holds %s', a.reserved, coalesce(h.amount, 0))
  from billing.accounts as a
  left join (
    select
      o.account_id,
      sum(o.amount) as amount
    from billing.holds as o
    where o.status = 'open'
    group by o.account_id
  ) as h on h.account_id = a.id
  where a.reserved <> coalesce(h.amount, 0)
  union all
  select
    'available_is_within_the_overdraft',
    a.id::text,
    format('available %s, overdraft limit %s', a.posted - a.reserved, a.overdraft_limit)
  from billing.accounts as a
  where a.posted - a.reserved < -a.overdraft_limit
  union all
  select
    'no_event_is_missed',
    a.id::text,
    format('next event %s, earliest %s', a.next_event_at, v.at)
  from billing.accounts as a
  cross join
    lateral (
      select
        least(
          (
            select min(g.expires_at)
            from billing.grants as g
            where g.account_id = a.id and g.closed_at is null and g.remaining > g.reserved
          ),
          (
            select min(h.expires_at)
            from billing.holds as h
            where h.account_id = a.id and h.status = 'open'
          ),
          ratebook.next_due_at(a.id)
        ) as at
    ) as v
  where v.at < a.next_event_at
  union all
  select
    'spent_is_what_members_were_charged',
    m.account_id || ' ' || m.member_id,
    format('spent %s, charges %s', m.spent, coalesce(c.credits, 0))
  from billing.account_members as m
  left join (
    select
      o.account_id,
      o.spender_id,
      sum(o.credits - coalesce(r.amount, 0)) as credits
    from billing.charges as o
    left join ratebook.refunds as r on r.charge_id = o.id
    where o.spender_id <> o.lenser_id
    group by o.account_id, o.spender_id
  ) as c on c.account_id = m.account_id and c.spender_id = m.member_id
  where m.spent <> coalesce(c.credits, 0);
end;

create function ratebook.broken_lots() returns table (check_name text, subject text, fact text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    'a_lot_holds_what_its_entries_say',
    g.id::text,
    format('remaining %s, entries %s', g.remaining, coalesce(e.amount, 0))
  from billing.grants as g
  left join (
    select
      l.grant_id,
      sum(l.amount) as amount
    from billing.ledger_entries as l
    group by l.grant_id
  ) as e on e.grant_id = g.id
  where g.remaining <> coalesce(e.amount, 0)
  union all
  select
    'a_lot_reserves_what_open_holds_keep',
    g.id::text,
    format('reserved %s, holds %s', g.reserved, coalesce(h.amount, 0))
  from billing.grants as g
  left join (
    select
      k.key::uuid as grant_id,
      sum(k.value::numeric) as amount
    from billing.holds as o
    cross join lateral jsonb_each(o.lots) as k
    where o.status = 'open'
    group by k.key
  ) as h on h.grant_id = g.id
  where g.reserved <> coalesce(h.amount, 0)
  union all
  select
    'a_hold_keeps_no_more_than_its_amount',
    h.id::text,
    format('amount %s, of lots %s', h.amount, k.amount)
  from billing.holds as h
  cross join lateral (select sum(e.value::numeric) as amount from jsonb_each(h.lots) as e) as k
  where h.status = 'open' and k.amount > h.amount
  union all
  select
    'a_lot_is_closed_when_it_is_empty',
    g.id::text,
    format('remaining %s, closed at %s', g.remaining, g.closed_at)
  from billing.grants as g
  where (g.remaining = 0) <> (g.closed_at is not null)
  union all
  select
    'a_lot_stays_within_its_amount',
    g.id::text,
    format('amount %s, remaining %s, reserved %s', g.amount, g.remaining, g.reserved)
  from billing.grants as g
  where not (0 <= g.reserved and g.reserved <= g.remaining and g.remaining <= g.amount);
end;

create function ratebook.broken_entries() returns table (check_name text, subject text, fact text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    'entries_are_numbered_without_a_gap',
    e.account_id::text,
    format('entry %s in place %s', e.number, e.place)
  from (
    select
      l.account_id,
      l.number,
      row_number() over (partition by l.account_id order by l.number) as place
    from billing.ledger_entries as l
  ) as e
  where e.number <> e.place
  union all
  select
    'entries_are_all_there',
    a.id::text,
    format('counted %s, found %s', a.entries, coalesce(e.found, 0))
  from billing.accounts as a
  left join (
    select
      l.account_id,
      count(*) as found
    from billing.ledger_entries as l
    group by l.account_id
  ) as e on e.account_id = a.id
  where a.entries <> coalesce(e.found, 0)
  union all
  select
    'balances_after_add_up',
    e.id::text,
    format('balance after %s, sum %s', e.balance_after, e.total)
  from (
    select
      l.id,
      l.balance_after,
      sum(l.amount) over (partition by l.account_id order by l.number) as total
    from billing.ledger_entries as l
  ) as e
  where e.balance_after <> e.total
  union all
  select
    'times_of_an_account_never_go_back',
    e.id::text,
    format('entry of %s after one of %s', e.created_at, e.earlier)
  from (
    select
      l.id,
      l.created_at,
      lag(l.created_at) over (partition by l.account_id order by l.number) as earlier
    from billing.ledger_entries as l
  ) as e
  where e.created_at < e.earlier
  union all
  select
    'an_entry_belongs_to_the_account_of_its_lot',
    e.id::text,
    format('account %s, lot %s', e.account_id, e.grant_id)
  from billing.ledger_entries as e
  left join billing.grants as g on g.id = e.grant_id and g.account_id = e.account_id
  where e.grant_id is not null and g.id is null
  union all
  select
    'an_entry_belongs_to_the_account_of_its_charge',
    e.id::text,
    format('account %s, charge %s', e.account_id, e.charge_id)
  from billing.ledger_entries as e
  left join billing.charges as c on c.id = e.charge_id and c.account_id = e.account_id
  where (e.charge_id is not null or e.kind in ('charge', 'refund')) and c.id is null;
end;

create function ratebook.broken_charges() returns table (check_name text, subject text, fact text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    'a_charge_is_paid_by_its_entries',
    c.id::text,
    format('credits %s, entries %s', c.credits, coalesce(e.amount, 0))
  from billing.charges as c
  left join (
    select
      l.charge_id,
      -sum(l.amount) as amount
    from billing.ledger_entries as l
    where l.kind = 'charge'
    group by l.charge_id
  ) as e on e.charge_id = c.id
  where c.credits <> coalesce(e.amount, 0)
  union all
  select
    'a_refund_is_not_more_than_the_charge',
    c.id::text,
    format('credits %s, refunded %s', c.credits, r.amount)
  from ratebook.refunds as r
  inner join billing.charges as c on c.id = r.charge_id
  where r.amount > c.credits or r.amount < 0
  union all
  -- But for the lot that a refund opens where debt was repaid since.
  select
    'a_refund_goes_back_to_the_lots_that_paid',
    r.charge_id::text,
    format('lot %s paid %s, got back %s', r.grant_id, r.paid, r.refunded)
  from (
    select
      l.charge_id,
      l.grant_id,
      coalesce(-sum(l.amount) filter (where l.kind = 'charge'), 0) as paid,
      coalesce(sum(l.amount) filter (where l.kind = 'refund'), 0) as refunded
    from billing.ledger_entries as l
    where l.charge_id is not null and l.grant_id is not null
    group by l.charge_id, l.grant_id
  ) as r
  inner join billing.grants as g on g.id = r.grant_id
  where r.refunded > r.paid and g.source <> 'refund'
  union all
  select
    'a_priced_charge_keeps_its_cost',
    c.id::text,
    'no row in billing.charge_costs'
  from billing.charges as c
  left join billing.charge_costs as k on k.id = c.id and k.lenser_id = c.lenser_id
  where c.lines is not null and k.id is null
  union all
  select
    'a_cost_belongs_to_a_charge',
    k.id::text,
    'no row in billing.charges'
  from billing.charge_costs as k
  left join billing.charges as c on c.id = k.id and c.lenser_id = k.lenser_id
  where c.id is null
  union all
  select
    'a_captured_hold_is_one_charge',
    coalesce(h.id, c.hold_id)::text,
    format('hold''s charge %s, charge''s hold %s', h.charge_id, c.hold_id)
  from billing.holds as h
  full join billing.charges as c on c.hold_id = h.id
  where (h.charge_id is not null or c.hold_id is not null) and h.charge_id is distinct from c.id
  union all
  select
    'a_key_has_its_effect',
    k.account_id || ' ' || k.key,
    format('no charge %s', k.response ->> 'charge_id')
  from billing.idempotency_keys as k
  left join billing.charges as c on c.id = (k.response ->> 'charge_id')::uuid and c.account_id = k.account_id
  where k.response ? 'charge_id' and c.id is null
  union all
  select
    'a_charge_has_one_key',
    k.response ->> 'charge_id',
    format('%s keys', count(*))
  from billing.idempotency_keys as k
  where k.operation in ('charge_generation', 'capture_hold')
  group by k.response ->> 'charge_id'
  having count(*) > 1
  union all
  select
    'a_budget_counts_what_was_charged',
    p.budget_id || ' ' || p.starts_on,
    format('spent %s, charges %s', p.spent, s.spent)
  from billing.budget_periods as p
  inner join billing.budgets as b on b.id = p.budget_id
  cross join
    lateral (
      select ratebook.spent(b.lenser_id, b.model_id, b.feature_id, b.period, p.starts_on) as spent
    ) as s
  where p.spent <> s.spent;
end;

create function ratebook.check_wallets() returns table (check_name text, severity text, message text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
-- Definer: reads every account.
begin atomic
  select
    n.name,
    case when count(b.subject) = 0 then 'ok' else 'error' end,
    case
      when count(b.subject) = 0 then 'Holds everywhere.'
      else format(
        'Broken %s times: %s.', count(b.subject),
        string_agg(b.subject || ' (' || b.fact || ')', ', ' order by b.subject) filter (where b.place <= 5)
      )
    end
  from
    unnest(array[
      'posted_is_the_sum_of_the_ledger',
      'posted_is_what_lots_hold_less_debt',
      'debt_is_the_sum_of_its_entries',
      'reserved_is_the_sum_of_open_holds',
      'available_is_within_the_overdraft',
      'no_event_is_missed',
      'spent_is_what_members_were_charged',
      'a_lot_holds_what_its_entries_say',
      'a_lot_reserves_what_open_holds_keep',
      'a_hold_keeps_no_more_than_its_amount',
      'a_lot_is_closed_when_it_is_empty',
      'a_lot_stays_within_its_amount',
      'entries_are_numbered_without_a_gap',
      'entries_are_all_there',
      'balances_after_add_up',
      'times_of_an_account_never_go_back',
      'an_entry_belongs_to_the_account_of_its_lot',
      'an_entry_belongs_to_the_account_of_its_charge',
      'a_charge_is_paid_by_its_entries',
      'a_refund_is_not_more_than_the_charge',
      'a_refund_goes_back_to_the_lots_that_paid',
      'a_priced_charge_keeps_its_cost',
      'a_cost_belongs_to_a_charge',
      'a_captured_hold_is_one_charge',
      'a_key_has_its_effect',
      'a_charge_has_one_key',
      'a_budget_counts_what_was_charged'
    ]) with ordinality as n (name, place)
  left join (
    select
      f.*,
      row_number() over (partition by f.check_name order by f.subject) as place
    from (
      select * from ratebook.broken_accounts()
      union all
      select * from ratebook.broken_lots()
      union all
      select * from ratebook.broken_entries()
      union all
      select * from ratebook.broken_charges()
    ) as f
  ) as b on b.check_name = n.name
  group by n.name, n.place
  order by n.place;
end;

create function billing.self_check() returns table (check_name text, severity text, message text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    c.check_name,
    c.severity,
    c.message
  from ratebook.check_wallets() as c;
end;

revoke all on function ratebook.broken_accounts() from public;
revoke all on function ratebook.broken_lots() from public;
revoke all on function ratebook.broken_entries() from public;
revoke all on function ratebook.broken_charges() from public;
revoke all on function ratebook.check_wallets() from public;
revoke all on function billing.self_check() from public;
grant execute on function ratebook.check_wallets() to service_role;
grant execute on function billing.self_check() to service_role;

comment on function ratebook.broken_accounts() is 'Accounts of which an invariant does not hold.';
comment on function ratebook.broken_lots() is 'Lots of which an invariant does not hold.';
comment on function ratebook.broken_entries() is 'Ledger entries of which an invariant does not hold.';
comment on function ratebook.broken_charges() is 'Charges, keys and budgets of which an invariant does not hold.';
comment on function ratebook.check_wallets() is 'The checks behind billing.self_check().';
comment on function billing.self_check() is
'Service role only. Checks every invariant of the wallet over the whole database: one row per check with severity ok or error, and what is broken. Reads everything: minutes on a large ledger.';

-- from sql/60_wallet/380_functions_embedding.sql

-- Charges and generations name each other without a foreign key; PostgREST embeds them by these functions. It looks for
-- one in the schema of the table that is asked. The arguments have no name, so neither is a function to call over HTTP.

create function billing.generation(billing.charges) returns setof ai.generations
language sql stable parallel safe rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select g.*
  from ai.generations as g
  where g.id = ($1).generation_id and g.lenser_id = ($1).spender_id;
end;

create function ai.charges(ai.generations) returns setof billing.charges
language sql stable parallel safe rows 10
set search_path = pg_catalog, pg_temp
begin atomic
  select c.*
  from billing.charges as c
  where c.generation_id = ($1).id and c.spender_id = ($1).lenser_id;
end;

revoke all on function billing.generation(billing.charges) from public;
revoke all on function ai.charges(ai.generations) from public;
grant execute on function billing.generation(billing.charges) to authenticated, service_role;
grant execute on function ai.charges(ai.generations) to authenticated, service_role;

comment on function billing.generation(billing.charges) is
'Computed relationship: the generation that a charge is for, as far as the caller may read it: billing.charges?select=*,generation(*).';
comment on function ai.charges(ai.generations) is
'Computed relationship: the charges of a generation, as far as the caller may read them: ai.generations?select=*,charges(*).';

-- from sql/75_analytics/010_views_usage.sql

create view billing.usage_by_day with (security_invoker = true) as
select
  u.lenser_id,
  u.account_id,
  u.spender_id,
  u.day,
  u.model_id,
  m.key as model,
  u.feature_key,
  sum(u.requests) as requests,
  sum(u.credits) as credits,
  sum(u.refunded) as refunded
from (
  select
    c.lenser_id,
    c.account_id,
    c.spender_id,
    (c.created_at at time zone 'UTC')::date as day,
    c.model_id,
    c.feature_key,
    1 as requests,
    c.credits,
    0::numeric as refunded
  from billing.charges as c
  union all
  select
    c.lenser_id,
    c.account_id,
    c.spender_id,
    (e.created_at at time zone 'UTC')::date,
    c.model_id,
    c.feature_key,
    0,
    0,
    e.amount
  from billing.ledger_entries as e
  inner join billing.charges as c on c.id = e.charge_id and c.lenser_id = e.lenser_id
  where e.kind = 'refund'
) as u
left join ai.models as m on m.id = u.model_id
group by u.lenser_id, u.account_id, u.spender_id, u.day, u.model_id, m.key, u.feature_key;

create view billing.revenue_by_day with (security_invoker = true) as
select
  r.day,
  r.model_id,
  m.key as model,
  r.feature_key,
  r.currency,
  count(*) as requests,
  sum(r.credits) as credits,
  sum(r.cost) as cost
from (
  select
    c.model_id,
    c.feature_key,
    c.credits,
    k.currency,
    k.cost,
    (c.created_at at time zone 'UTC')::date as day
  from billing.charges as c
  inner join billing.charge_costs as k on k.id = c.id and k.lenser_id = c.lenser_id
) as r
left join ai.models as m on m.id = r.model_id
group by r.day, r.model_id, m.key, r.feature_key, r.currency;

comment on view billing.usage_by_day is
'What was spent per day (UTC), account, spender, model and feature. A refund counts on the day it was made. Filter by day, and select the amounts as ::text.';
comment on column billing.usage_by_day.lenser_id is 'The owner of the account.';
comment on column billing.usage_by_day.account_id is 'The account.';
comment on column billing.usage_by_day.spender_id is 'Who spent.';
comment on column billing.usage_by_day.day is 'The day, in UTC.';
comment on column billing.usage_by_day.model_id is 'The model.';
comment on column billing.usage_by_day.model is 'Its key; NULL where the reader may not see it.';
comment on column billing.usage_by_day.feature_key is 'The feature, by the key of its time.';
comment on column billing.usage_by_day.requests is 'How many charges.';
comment on column billing.usage_by_day.credits is 'Credits charged.';
comment on column billing.usage_by_day.refunded is 'Credits given back.';
comment on view billing.revenue_by_day is
'For admins and the service role: what was charged and what it cost, per day (UTC), model, feature and currency. Of priced charges; refunds are in billing.usage_by_day.';
comment on column billing.revenue_by_day.day is 'The day, in UTC.';
comment on column billing.revenue_by_day.model_id is 'The model.';
comment on column billing.revenue_by_day.model is 'Its key.';
comment on column billing.revenue_by_day.feature_key is 'The feature, by the key of its time.';
comment on column billing.revenue_by_day.currency is 'The currency of the cost.';
comment on column billing.revenue_by_day.requests is 'How many charges.';
comment on column billing.revenue_by_day.credits is 'Credits charged.';
comment on column billing.revenue_by_day.cost is 'Exact cost in the currency.';

-- from sql/90_compat/010_schema_compat.sql

create schema compat;
grant usage on schema compat to anon, authenticated, service_role;
comment on schema compat is
'For callers of older systems: their tables and functions as views and functions over the core. Nothing is stored here.';

-- from sql/90_compat/020_view_api_providers.sql

create view compat.api_providers with (security_invoker = true) as
select
  p.id,
  p.key as name,
  p.name as display_name,
  p.api_url as base_url,
  p.auth_scheme,
  p.is_active,
  p.created_at,
  p.updated_at
from ai.providers as p;

comment on view compat.api_providers is
'The providers of api_models: ai.providers under its former column names. Updatable, also by upsert.';
comment on column compat.api_providers.id is 'The provider.';
comment on column compat.api_providers.name is 'Machine key, such as replicate; unique.';
comment on column compat.api_providers.display_name is 'Name to show.';
comment on column compat.api_providers.base_url is 'Base endpoint.';
comment on column compat.api_providers.auth_scheme is 'How a request carries the credential: bearer, header, query or none.';
comment on column compat.api_providers.is_active is 'Whether models of the provider may be used.';
comment on column compat.api_providers.created_at is 'When the row was made.';
comment on column compat.api_providers.updated_at is 'When the row last changed.';

-- from sql/90_compat/030_function_api_pricing.sql

-- The keys of api_models.pricing follow from the meters: tokens are priced per million, anything else per one.

create function ratebook.api_price_key(p_meter text, p_unit_type ai.unit_type_enum) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return case
  when p_unit_type <> 'tokens' then 'per_' || p_meter
  when p_meter = 'tokens' then 'per_1m_tokens'
  else format('per_1m_%s_tokens', p_meter)
end;

create function ratebook.api_billing_unit(p_price_keys text[]) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select case when bool_or(k.key like 'per\_1m\_%') then 'per_1m_tokens' else min(k.key) end
  from unnest(p_price_keys) as k (key);
end;

create function ratebook.api_pricing(p_model_id uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all prices, then only public ones are shown.
declare
  v_all boolean := ratebook.is_privileged();
begin
  return (
    select
      coalesce(
        jsonb_object_agg(k.key, trim_scale(k.price)) || jsonb_build_object(
          'currency', min(k.currency), 'billing_unit', ratebook.api_billing_unit(array_agg(k.key))
        ),
        '{}'
      )
    from (
      select
        ratebook.api_price_key(p.meter, p.unit_type) as key,
        p.price * case p.unit_type when 'tokens' then 1000000 else 1 end as price,
        p.currency
      from ratebook.base_prices(p_model_id, ratebook.clock()) as p
      where v_all or p.is_public
    ) as k
  );
end;
$$;

create function ratebook.set_api_pricing(p_model_id uuid, p_pricing jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_at timestamptz := ratebook.clock();
  v_prices jsonb;
  v_key text;
  v_unit text;
  v_currency text;
  v_price record;
begin
  if jsonb_typeof(p_pricing) is distinct from 'object' then
    perform ratebook.fail('invalid_argument', 'pricing is not a JSON object.', 'For example {"per_image": 0.0023}.');
  end if;
  v_prices := p_pricing - 'currency' - 'billing_unit';

  select e.key into v_key
  from jsonb_each(v_prices) as e
  where not exists (select from ai.meters as m where ratebook.api_price_key(m.key, m.unit_type) = e.key)
  limit 1;
  if found then
    perform ratebook.fail(
      'unknown_meter', format('There is no meter for the price "%s".', left(v_key, 100)),
      'Prices are per_1m_input_tokens, per_1m_output_tokens, per_image, …: per_1m_<meter>_tokens for meters of tokens, per_<meter> for all others. Ask ai.meters for the keys.',
      jsonb_build_object('key', left(v_key, 100))
    );
  end if;
  select e.key into v_key from jsonb_each(v_prices) as e where jsonb_typeof(e.value) <> 'number' limit 1;
  if found then
    perform ratebook.fail('not_a_number', format('The price "%s" is not a number.', v_key), null,
      jsonb_build_object('key', v_key));
  end if;
  v_unit := ratebook.api_billing_unit(array(select jsonb_object_keys(v_prices)));
  if p_pricing ->> 'billing_unit' <> coalesce(v_unit, '') then
    perform ratebook.fail(
      'invalid_argument', format('billing_unit "%s" is not what these prices are for.', left(p_pricing ->> 'billing_unit', 100)),
      'Leave it out: it follows from the prices.', jsonb_build_object('billing_unit', v_unit)
    );
  end if;

  v_currency := p_pricing ->> 'currency';
  if v_currency is not null then
    perform ratebook.use_currency(p_model_id, v_currency);
  end if;
  select m.price_currency into v_currency from ai.models as m where m.id = p_model_id;
  -- The object is the whole of it: a price that it leaves out ends.
  for v_price in
    select
      m.key as meter,
      (v_prices ->> k.key)::numeric * case m.unit_type when 'tokens' then 0.000001 else 1 end as price
    from ai.meters as m
    cross join lateral ratebook.api_price_key(m.key, m.unit_type) as k (key)
    where
      v_prices ? k.key
      or m.key in (select b.meter from ratebook.base_prices(p_model_id, v_at) as b)
  loop
    perform ratebook.set_price(p_model_id, v_price.meter, v_price.price, v_currency, v_at);
  end loop;
end;
$$;

revoke all on function ratebook.api_price_key(text, ai.unit_type_enum) from public;
revoke all on function ratebook.api_billing_unit(text[]) from public;
revoke all on function ratebook.api_pricing(uuid) from public;
revoke all on function ratebook.set_api_pricing(uuid, jsonb) from public;
grant execute on function ratebook.api_pricing(uuid) to authenticated, service_role;

comment on function ratebook.api_price_key(text, ai.unit_type_enum) is
'The key of a meter in api_models.pricing: per_1m_input_tokens, per_image.';
comment on function ratebook.api_billing_unit(text[]) is
'billing_unit of api_models.pricing, by its price keys: per_1m_tokens where tokens are priced, else the first key.';
comment on function ratebook.api_pricing(uuid) is
'api_models.pricing: the base prices in force now that the caller may see, as JSON numbers, with currency and billing_unit; {} where there is none.';
comment on function ratebook.set_api_pricing(uuid, jsonb) is
'Makes an object like api_models.pricing the base prices of a model from now on; a price that is left out ends. Errors: those of ratebook.set_price() and ratebook.use_currency().';

-- from sql/90_compat/040_view_api_models.sql

create view compat.api_models with (security_invoker = true) as
select
  m.id,
  m.created_at,
  m.updated_at,
  m.created_by,
  m.provider_id,
  coalesce(m.provider_model_key, m.key) as model_key,
  m.version,
  m.name as display_name,
  m.modality,
  m.task,
  m.model_family,
  m.endpoint_path,
  m.input_defaults,
  m.capabilities_detail as capabilities,
  ratebook.api_pricing(m.id) as pricing,
  m.output_format,
  m.is_active,
  m.is_default,
  m.priority
from ai.models as m
where m.deleted_at is null and (m.is_active or (select ratebook.is_privileged()));

-- The triggers below get these where a caller leaves a column out, and NULL where one says NULL.
alter view compat.api_models alter column id set default gen_random_uuid();
alter view compat.api_models alter column created_at set default ratebook.clock();
alter view compat.api_models alter column updated_at set default ratebook.clock();
alter view compat.api_models alter column created_by set default auth.uid();
alter view compat.api_models alter column input_defaults set default '{}';
alter view compat.api_models alter column capabilities set default '{}';
alter view compat.api_models alter column pricing set default '{}';
alter view compat.api_models alter column is_active set default true;
alter view compat.api_models alter column is_default set default false;
alter view compat.api_models alter column priority set default 0;

comment on view compat.api_models is
'Models for the routing of jobs: ai.models as the table api_models had them, with the prices in force as JSON. Users read the active ones; admins and the service role write. Upsert: compat.upsert_api_model().';
comment on column compat.api_models.id is 'The model.';
comment on column compat.api_models.created_at is 'When the row was made.';
comment on column compat.api_models.updated_at is 'When the row last changed.';
comment on column compat.api_models.created_by is 'JWT subject who made the row; NULL for the service role and direct SQL.';
comment on column compat.api_models.provider_id is 'Who serves it.';
comment on column compat.api_models.model_key is 'The provider''s own identifier, unique per provider.';
comment on column compat.api_models.version is 'Version as the provider counts.';
comment on column compat.api_models.display_name is 'Name to show.';
comment on column compat.api_models.modality is 'What it works on: text, image, video, audio, …';
comment on column compat.api_models.task is 'What it does with it: generation, embedding, …';
comment on column compat.api_models.model_family is 'Family, such as SDXL.';
comment on column compat.api_models.endpoint_path is 'Path below the provider''s base endpoint.';
comment on column compat.api_models.input_defaults is 'Parameters to send unless the caller says otherwise.';
comment on column compat.api_models.capabilities is 'Capabilities with their details, free form.';
comment on column compat.api_models.pricing is
'Base prices in force: {"per_image": 0.0023, "currency": "USD", "billing_unit": "per_image"}. Keys: per_1m_<meter>_tokens for meters of tokens, per_1m_tokens, per_<meter> for all others. Writing it adds dated rows to ai.model_pricing, from now on; a price that is left out ends.';
comment on column compat.api_models.output_format is 'Media type of the output.';
comment on column compat.api_models.is_active is 'Whether it may be used for new work.';
comment on column compat.api_models.is_default is 'Whether it is the default of its modality and task; setting it clears the former default.';
comment on column compat.api_models.priority is 'Order of preference, higher first.';

-- from sql/90_compat/050_function_save_api_model.sql

create function ratebook.lock_registry() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Before any row, and in the order of those who write defaults and prices: so nobody deadlocks.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.defaults', 0));
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
end;
$$;

create function ratebook.save_api_model(p_id uuid, p_changes jsonb) returns compat.api_models
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_model compat.api_models;
  v_missing text;
  v_provider text;
  v_key text;
begin
  perform ratebook.lock_registry();
  if p_id is not null then
    perform from ai.models as m where m.id = p_id and m.deleted_at is null for no key update;
    if not found then
      perform ratebook.fail('not_allowed', 'The model is gone: nothing was written.', null, jsonb_build_object('id', p_id));
    end if;
    select a.* into v_model from compat.api_models as a where a.id = p_id;
  end if;
  v_model := jsonb_populate_record(v_model, p_changes);

  select r.key into v_missing
  from jsonb_each_text(to_jsonb(v_model)) as r
  where
    r.value is null
    and r.key not in ('created_by', 'version', 'model_family', 'endpoint_path', 'output_format')
  limit 1;
  if v_missing = 'provider_id' then
    perform ratebook.fail('unknown_provider', 'A model needs a provider.', 'Set provider_id.');
  elsif v_missing is not null then
    perform ratebook.fail('invalid_argument', format('%s is missing.', v_missing), null,
      jsonb_build_object('column', v_missing));
  end if;
  select p.key into v_provider from ai.providers as p where p.id = v_model.provider_id;
  if not found then
    perform ratebook.fail('unknown_provider', format('There is no provider %s.', v_model.provider_id),
      'Ask compat.api_providers for the ids.', jsonb_build_object('provider_id', v_model.provider_id));
  end if;

  if p_id is null then
    -- The key that an import would give it: a name that means another model goes on meaning that one.
    v_key := v_provider || '/' || v_model.model_key;
    if
      exists (select from ai.models as m where m.key = v_key)
      or exists (select from ai.model_aliases as a where a.alias = v_key)
    then
      v_key := v_key || '@manual';
    end if;
    insert into ai.models (
      id, created_at, updated_at, created_by, provider_id, key, provider_model_key, version, name, modality, task,
      capabilities, model_family, endpoint_path, input_defaults, capabilities_detail, output_format, is_active,
      is_default, priority
    )
    values (
      v_model.id, v_model.created_at, v_model.updated_at, v_model.created_by, v_model.provider_id,
      v_key, v_model.model_key, v_model.version, v_model.display_name,
      v_model.modality, v_model.task,
      array(
        select c.capability
        from unnest(enum_range(null::ai.ai_capability_enum)) as c (capability)
        where c.capability::text = v_model.modality || '_' || v_model.task
      ),
      v_model.model_family, v_model.endpoint_path, v_model.input_defaults, v_model.capabilities,
      v_model.output_format, v_model.is_active, v_model.is_default, v_model.priority
    );
  else
    update ai.models as m
    set
      id = v_model.id,
      created_at = v_model.created_at,
      created_by = v_model.created_by,
      provider_id = v_model.provider_id,
      provider_model_key = coalesce(p_changes ->> 'model_key', m.provider_model_key),
      version = v_model.version,
      name = v_model.display_name,
      modality = v_model.modality,
      task = v_model.task,
      model_family = v_model.model_family,
      endpoint_path = v_model.endpoint_path,
      input_defaults = v_model.input_defaults,
      capabilities_detail = v_model.capabilities,
      output_format = v_model.output_format,
      is_active = v_model.is_active,
      is_default = v_model.is_default,
      priority = v_model.priority
    where m.id = p_id;
  end if;
  if p_changes ? 'pricing' then
    perform ratebook.set_api_pricing(v_model.id, v_model.pricing);
  end if;
  select a.* into v_model from compat.api_models as a where a.id = v_model.id;
  return v_model;
end;
$$;

create function ratebook.write_api_model() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. api_models_require_privileged has let the caller write.
begin
  if tg_op = 'INSERT' then
    return ratebook.save_api_model(null, to_jsonb(new));
  elsif tg_op = 'UPDATE' then
    -- Only what the statement changes: the rest of the row may have become newer than its snapshot.
    return ratebook.save_api_model(
      old.id,
      (
        select coalesce(jsonb_object_agg(n.key, n.value), '{}')
        from jsonb_each(to_jsonb(new)) as n
        where n.value is distinct from to_jsonb(old) -> n.key
      )
    );
  end if;
  perform ratebook.lock_registry();
  perform from ai.models as m where m.id = old.id and m.deleted_at is null for no key update;
  if not found then
    perform ratebook.fail('not_allowed', 'The model is gone: nothing was deleted.', null, jsonb_build_object('id', old.id));
  end if;
  delete from ai.models as m where m.id = old.id;
  return old;
end;
$$;

create function ratebook.upsert_api_model(p_model jsonb) returns compat.api_models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: locks before it looks, and asks for the caller's rights itself.
declare
  v_key text;
  v_id uuid;
  v_columns text;
  v_model compat.api_models;
begin
  if not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'Only admins write models.');
  end if;
  if jsonb_typeof(p_model) is distinct from 'object' or p_model = '{}' then
    perform ratebook.fail('invalid_argument', 'A model is a JSON object of the columns of compat.api_models.');
  end if;
  select o.key into v_key
  from jsonb_object_keys(p_model) as o (key)
  where not to_jsonb(jsonb_populate_record(null::compat.api_models, '{}')) ? o.key
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('compat.api_models has no column "%s".', left(v_key, 100)), null,
      jsonb_build_object('column', left(v_key, 100)));
  end if;

  perform ratebook.lock_registry();
  select a.id into v_id
  from compat.api_models as a
  where
    a.id = (p_model ->> 'id')::uuid
    or (
      not p_model ? 'id' and a.provider_id = (p_model ->> 'provider_id')::uuid and a.model_key = p_model ->> 'model_key'
    );
  if v_id is not null then
    return ratebook.save_api_model(v_id, p_model);
  end if;
  -- Dynamic, so that what is left out gets the defaults of the view.
  select string_agg(format('%I', o.key), ', ') into v_columns from jsonb_object_keys(p_model) as o (key);
  execute format(
    'insert into compat.api_models (%1$s) select %1$s from jsonb_populate_record(null::compat.api_models, $1) returning id',
    v_columns
  ) into v_id using p_model;
  select a.* into v_model from compat.api_models as a where a.id = v_id;
  return v_model;
end;
$$;

create function compat.upsert_api_model(model jsonb) returns compat.api_models
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.upsert_api_model(model);
end;

revoke all on function ratebook.lock_registry() from public;
revoke all on function ratebook.save_api_model(uuid, jsonb) from public;
revoke all on function ratebook.write_api_model() from public;
revoke all on function ratebook.upsert_api_model(jsonb) from public;
revoke all on function compat.upsert_api_model(jsonb) from public;
grant execute on function ratebook.upsert_api_model(jsonb) to authenticated, service_role;
grant execute on function compat.upsert_api_model(jsonb) to authenticated, service_role;

comment on function ratebook.lock_registry() is
'One writer of models at a time, where one statement writes models, defaults and prices.';
comment on function ratebook.save_api_model(uuid, jsonb) is
'Makes a model (p_id NULL), or changes some columns of one, in the terms of compat.api_models. Its callers decide who may. Errors: unknown_provider, invalid_argument (PT422), those of ratebook.set_api_pricing().';
comment on function ratebook.write_api_model() is
'Row trigger instead of insert, update and delete on compat.api_models. Errors: not_allowed (42501) where nothing changed, those of ratebook.save_api_model().';
comment on function ratebook.upsert_api_model(jsonb) is 'The rule behind compat.upsert_api_model().';
comment on function compat.upsert_api_model(jsonb) is
'For admins and the service role. Adds a model, or changes the given columns of the one with this id, or with this provider_id and model_key. model: an object of columns of compat.api_models. Returns the row. Errors: not_allowed (42501), unknown_provider, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument (PT422).';

create trigger api_models_require_privileged before insert or update or delete on compat.api_models
for each statement execute function ratebook.require_privileged();
create trigger api_models_write instead of insert or update or delete on compat.api_models
for each row execute function ratebook.write_api_model();

-- from sql/90_compat/060_view_jobs.sql

create view compat.jobs with (security_invoker = true) as
select
  g.id,
  g.lenser_id as user_id,
  g.model_id as api_model_id,
  g.status,
  g.quality_rating,
  g.prompt,
  g.output,
  g.latency_ms,
  g.created_at
from ai.generations as g;

comment on view compat.jobs is
'Jobs of the models in api_models: ai.generations under its former column names. Users create, read and delete their own; backends set status, output and rating.';
comment on column compat.jobs.id is 'The job; made by the database.';
comment on column compat.jobs.user_id is 'The owner; the signed-in user unless the service role names another.';
comment on column compat.jobs.api_model_id is 'The model that it was sent to.';
comment on column compat.jobs.status is 'pending, completed, failed or cancelled.';
comment on column compat.jobs.quality_rating is '1 (poor) to 5 (excellent).';
comment on column compat.jobs.prompt is 'What was asked.';
comment on column compat.jobs.output is 'What was answered.';
comment on column compat.jobs.latency_ms is 'How long the model took, in milliseconds.';
comment on column compat.jobs.created_at is 'When it was made.';

-- from sql/90_compat/070_view_api_model_stats.sql

create view compat.api_model_stats with (security_invoker = true) as
select
  m.id as api_model_id,
  m.display_name,
  coalesce(j.total, 0) as total,
  coalesce(j.completed, 0) as completed,
  coalesce(j.failed, 0) as failed,
  j.average_rating
from compat.api_models as m
left join (
  select
    g.api_model_id,
    count(*) as total,
    count(*) filter (where g.status = 'completed') as completed,
    count(*) filter (where g.status = 'failed') as failed,
    avg(g.quality_rating) as average_rating
  from compat.jobs as g
  group by g.api_model_id
) as j on j.api_model_id = m.id;

comment on view compat.api_model_stats is
'Use of each model: of the jobs that the caller may read, so users count their own, admins and the service role all.';
comment on column compat.api_model_stats.api_model_id is 'The model.';
comment on column compat.api_model_stats.display_name is 'Its name.';
comment on column compat.api_model_stats.total is 'Jobs.';
comment on column compat.api_model_stats.completed is 'Jobs that were completed.';
comment on column compat.api_model_stats.failed is 'Jobs that failed.';
comment on column compat.api_model_stats.average_rating is 'Average quality_rating of the rated jobs; NULL where none is rated.';

-- from sql/90_compat/080_view_providers.sql

create view compat.providers with (security_invoker = true) as
select
  p.id,
  p.key,
  p.name,
  p.contract,
  p.api_url as base_url,
  p.auth_scheme,
  p.modality,
  p.is_active,
  p.is_canonical,
  p.canonical_revision,
  p.canonical_equivalent_id,
  p.created_at,
  p.updated_at
from ai.providers as p;

comment on view compat.providers is
'Inference providers: ai.providers. Updatable, also by upsert. How each project authenticates is in ai.provider_connections.';
comment on column compat.providers.id is 'The provider.';
comment on column compat.providers.key is 'Machine key, such as anthropic; unique. Rate cards name it.';
comment on column compat.providers.name is 'Name to show.';
comment on column compat.providers.contract is 'The wire protocol it speaks; NULL when none of the known ones.';
comment on column compat.providers.base_url is 'Base endpoint.';
comment on column compat.providers.auth_scheme is 'How a request carries the credential: bearer, header, query or none.';
comment on column compat.providers.modality is 'What it mainly serves, such as chat or image.';
comment on column compat.providers.is_active is 'Whether models of the provider may be used.';
comment on column compat.providers.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column compat.providers.canonical_revision is 'Revision of the catalogue''s row.';
comment on column compat.providers.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column compat.providers.created_at is 'When the row was made.';
comment on column compat.providers.updated_at is 'When the row last changed.';

-- from sql/90_compat/090_view_model_profiles.sql

create view compat.model_profiles with (security_invoker = true) as
select
  p.id,
  p.name,
  p.provider_id,
  p.model,
  p.system_prompt,
  p.temperature,
  p.max_tokens,
  p.is_canonical,
  p.canonical_revision,
  p.canonical_equivalent_id,
  p.disabled,
  p.created_at,
  p.updated_at
from ai.model_profiles as p;

comment on view compat.model_profiles is
'Named ways to call a model: ai.model_profiles. Updatable, also by upsert. For admins and the service role.';
comment on column compat.model_profiles.id is 'The profile.';
comment on column compat.model_profiles.name is 'Its name, unique.';
comment on column compat.model_profiles.provider_id is 'The provider to call.';
comment on column compat.model_profiles.model is 'The model as the provider calls it; free text.';
comment on column compat.model_profiles.system_prompt is 'Instructions to send before the request.';
comment on column compat.model_profiles.temperature is 'Sampling temperature; NULL: the model''s own.';
comment on column compat.model_profiles.max_tokens is 'Maximum output in tokens; NULL: the model''s own.';
comment on column compat.model_profiles.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column compat.model_profiles.canonical_revision is 'Revision of the catalogue''s row.';
comment on column compat.model_profiles.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column compat.model_profiles.disabled is 'Whether it may not be used.';
comment on column compat.model_profiles.created_at is 'When the row was made.';
comment on column compat.model_profiles.updated_at is 'When the row last changed.';

-- from sql/90_compat/100_view_rate_cards.sql

create function ratebook.rate_cards(p_model_id uuid) returns table (
  id uuid,
  input_cost_per_1m numeric,
  output_cost_per_1m numeric,
  cache_write_cost_per_1m numeric,
  cache_read_cost_per_1m numeric,
  effective_from timestamptz,
  source text,
  created_at timestamptz
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all prices, then only public ones are shown.
declare
  v_all boolean := ratebook.is_privileged();
  v_now timestamptz := ratebook.clock();
begin
  return query
  with rows as (
    select distinct on (p.effective_from, p.meter) p.*
    from ai.models as m
    inner join ai.model_pricing as p
      on p.model_id = m.id and p.source = m.price_source and p.currency = m.price_currency
    where
      m.id = p_model_id
      and p.meter in ('input', 'output', 'cache_write', 'cache_read')
      and p.service_tier = 'standard'
      and num_nonnulls(p.variant, p.region, p.context_threshold, p.window_start) = 0
      and (v_all or p.effective_from <= v_now)
    order by p.effective_from asc, p.meter asc, p.revision desc
  ),

  -- A date on which the caller sees a price begin or end has a card; its input price, else another, stands for it.
  dates as (
    select distinct on (r.effective_from) r.*
    from rows as r
    where v_all or r.is_public
    order by r.effective_from asc, r.meter <> 'input' asc, r.meter desc
  )

  select
    d.id,
    b.input,
    b.output,
    b.cache_write,
    b.cache_read,
    d.effective_from,
    coalesce(d.reference, d.source),
    d.created_at
  from dates as d
  cross join
    lateral (
      select
        max(c.cost) filter (where c.meter = 'input') as input,
        max(c.cost) filter (where c.meter = 'output') as output,
        max(c.cost) filter (where c.meter = 'cache_write') as cache_write,
        max(c.cost) filter (where c.meter = 'cache_read') as cache_read
      from (
        select p.meter, trim_scale(p.price * 1000000) as cost
        from ratebook.base_prices(p_model_id, d.effective_from) as p
        where v_all or p.is_public
      ) as c
    ) as b
  where b.input is not null and b.output is not null;
end;
$$;

revoke all on function ratebook.rate_cards(uuid) from public;
grant execute on function ratebook.rate_cards(uuid) to anon, authenticated, service_role;

comment on function ratebook.rate_cards(uuid) is
'The rate cards of a model that the caller may see: per 1M tokens, one for each date from which its base prices change, of those with an input and an output price.';

create view compat.rate_cards with (security_invoker = true) as
select
  c.id,
  p.key as provider,
  coalesce(m.provider_model_key, m.key) as model,
  c.input_cost_per_1m,
  c.output_cost_per_1m,
  c.cache_write_cost_per_1m,
  c.cache_read_cost_per_1m,
  m.price_currency as currency,
  c.effective_from,
  c.source,
  c.created_at
from ai.models as m
inner join ai.providers as p on p.id = m.provider_id
cross join lateral ratebook.rate_cards(m.id) as c;

alter view compat.rate_cards alter column currency set default 'USD';
alter view compat.rate_cards alter column effective_from set default ratebook.clock();

comment on view compat.rate_cards is
'What a million tokens of a model cost from a date on: the base prices of ai.model_pricing, four at a time, of the source and currency that price the model. Insert-only; one card per provider, model and effective_from.';
comment on column compat.rate_cards.id is 'The price row that stands for the card.';
comment on column compat.rate_cards.provider is 'Key of the provider.';
comment on column compat.rate_cards.model is 'The model as its provider calls it; inserts also take its key.';
comment on column compat.rate_cards.input_cost_per_1m is 'A million input tokens, in currency.';
comment on column compat.rate_cards.output_cost_per_1m is 'A million output tokens, in currency.';
comment on column compat.rate_cards.cache_write_cost_per_1m is 'A million tokens written to a cache; NULL: no price of their own, they cost as input.';
comment on column compat.rate_cards.cache_read_cost_per_1m is 'A million tokens read from a cache; NULL: no price of their own, they cost as input.';
comment on column compat.rate_cards.currency is 'ISO 4217 code, the same for all cards of a model.';
comment on column compat.rate_cards.effective_from is 'From when on it applies; now where it is left out.';
comment on column compat.rate_cards.source is 'Where the prices were read; the model''s price_source where it is left out.';
comment on column compat.rate_cards.created_at is 'When the card was made.';

-- from sql/90_compat/110_function_insert_rate_card.sql

create function ratebook.insert_rate_card() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. rate_cards_require_privileged has let the caller write.
declare
  v_missing text;
  v_provider_id uuid;
  v_model record;
  v_next record;
  v_price record;
begin
  select c.name into v_missing
  from (
    values
    ('provider', new.provider), ('model', new.model), ('input_cost_per_1m', new.input_cost_per_1m::text),
    ('output_cost_per_1m', new.output_cost_per_1m::text), ('currency', new.currency),
    ('effective_from', new.effective_from::text)
  ) as c (name, value)
  where c.value is null
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('%s is missing.', v_missing), null,
      jsonb_build_object('column', v_missing));
  end if;

  select p.id into v_provider_id from ai.providers as p where p.key = new.provider;
  if not found then
    perform ratebook.fail('unknown_provider', format('There is no provider called "%s".', left(new.provider, 100)),
      'Ask compat.providers for the keys.', jsonb_build_object('provider', left(new.provider, 100)));
  end if;
  -- The registry before the model, as in ratebook.set_price(); who waits here then sees the other's card.
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
  select m.id, m.price_source, coalesce(m.provider_model_key, m.key) as model into v_model
  from ai.models as m
  where
    m.provider_id = v_provider_id and new.model in (m.provider_model_key, m.key) and m.deleted_at is null
  order by m.provider_model_key = new.model desc nulls last
  limit 1
  for no key update;
  if not found then
    perform ratebook.fail(
      'unknown_model', format('%s has no model called "%s".', new.provider, left(new.model, 100)),
      'Add it to ai.models first; a card names its provider_model_key or its key.',
      jsonb_build_object('provider', new.provider, 'model', left(new.model, 100))
    );
  end if;
  if exists (select from ratebook.rate_cards(v_model.id) as c where c.effective_from = new.effective_from) then
    perform ratebook.fail(
      'duplicate_rate_card',
      format('%s %s has a rate card from %s on already.', new.provider, left(new.model, 100), new.effective_from),
      'Cards do not change: insert one with another effective_from. Corrections of a date are rows of ai.model_pricing.',
      jsonb_build_object('provider', new.provider, 'model', left(new.model, 100), 'effective_from', new.effective_from)
    );
  end if;

  perform ratebook.use_currency(v_model.id, new.currency);
  select c.* into v_next
  from ratebook.rate_cards(v_model.id) as c
  where c.effective_from > new.effective_from
  order by c.effective_from
  limit 1;
  -- A card says all four prices: it keeps none from the card before it, and leaves none to the card after it.
  for v_price in
    select *
    from (
      values
      ('input', new.input_cost_per_1m, v_next.input_cost_per_1m),
      ('output', new.output_cost_per_1m, v_next.output_cost_per_1m),
      ('cache_write', new.cache_write_cost_per_1m, v_next.cache_write_cost_per_1m),
      ('cache_read', new.cache_read_cost_per_1m, v_next.cache_read_cost_per_1m)
    ) as v (meter, cost, next_cost)
  loop
    perform ratebook.set_price(
      v_model.id, v_price.meter, v_price.cost * 0.000001, new.currency, new.effective_from,
      p_restate => v_price.cost is not null, p_reference => nullif(new.source, v_model.price_source)
    );
    if v_next.id is not null then
      perform ratebook.set_price(
        v_model.id, v_price.meter, v_price.next_cost * 0.000001, new.currency, v_next.effective_from,
        p_reference => nullif(v_next.source, v_model.price_source)
      );
    end if;
  end loop;

  select c.* into new
  from compat.rate_cards as c
  where c.provider = new.provider and c.model = v_model.model and c.effective_from = new.effective_from;
  return new;
end;
$$;

revoke all on function ratebook.insert_rate_card() from public;

comment on function ratebook.insert_rate_card() is
'Row trigger instead of insert on compat.rate_cards: sets the four base prices from its date on. Errors: unknown_provider, invalid_argument (PT422), unknown_model (PT404), duplicate_rate_card (23505), those of ratebook.set_price().';

create trigger rate_cards_require_privileged before insert on compat.rate_cards
for each statement execute function ratebook.require_privileged();
create trigger rate_cards_insert instead of insert on compat.rate_cards
for each row execute function ratebook.insert_rate_card();
create trigger rate_cards_refuse_change instead of update or delete on compat.rate_cards
for each row execute function ratebook.refuse_change(
  'Insert a card with a later effective_from; corrections of a date are rows of ai.model_pricing.'
);

-- from sql/90_compat/120_function_visible_pricing.sql

-- Prices as one JSON object, as older systems keep them: {"input_per_1m": 0.15, "output_per_1m": 0.6, "currency": "USD"}.

create function ratebook.pricing_key(p_meter text, p_unit_type ai.unit_type_enum) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case p_unit_type when 'tokens' then p_meter || '_per_1m' else 'per_' || p_meter end;
end;
$$;

create function ratebook.visible_pricing(p_model_id uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all rows, then only what the caller may see is shown.
declare
  v_all boolean := ratebook.is_privileged();
begin
  return (
    select
      coalesce(
        jsonb_object_agg(
          ratebook.pricing_key(p.meter, p.unit_type),
          trim_scale(p.price * case p.unit_type when 'tokens' then 1000000 else 1 end)
        ) || jsonb_build_object('currency', min(p.currency)),
        '{}'
      )
    from ratebook.base_prices(p_model_id, ratebook.clock()) as p
    where v_all or p.is_public
  );
end;
$$;

revoke all on function ratebook.pricing_key(text, ai.unit_type_enum) from public;
revoke all on function ratebook.visible_pricing(uuid) from public;
grant execute on function ratebook.visible_pricing(uuid) to anon, authenticated, service_role;

comment on function ratebook.pricing_key(text, ai.unit_type_enum) is
'What the price of a meter is called in a pricing object: tokens by the million, such as input_per_1m and cache_read_per_1m; all else by one, such as per_image and per_video_second.';
comment on function ratebook.visible_pricing(uuid) is
'The base prices of a model that are in force now and that the caller may see, as a pricing object with the currency; {} where there are none.';

-- from sql/90_compat/130_function_write_pricing.sql

create function ratebook.write_pricing(p_model_id uuid, p_old jsonb, p_new jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_at timestamptz := ratebook.clock();
  v_currency text := coalesce(
    p_new ->> 'currency', (select m.price_currency from ai.models as m where m.id = p_model_id)
  );
  v_key text;
  v_value text;
  v_meter text;
  v_unit_type ai.unit_type_enum;
begin
  if jsonb_typeof(p_new) is distinct from 'object' then
    perform ratebook.fail('invalid_argument', 'Pricing is a JSON object.',
      'For example {"input_per_1m": 0.15, "output_per_1m": 0.6, "currency": "USD"}.');
  end if;

  perform ratebook.use_currency(p_model_id, v_currency);
  for v_key, v_value, v_meter, v_unit_type in
    select k.key, p_new ->> k.key, t.key, t.unit_type
    from jsonb_object_keys(p_new || p_old) as k (key)
    left join ai.meters as t on ratebook.pricing_key(t.key, t.unit_type) = k.key
    where k.key <> 'currency'
  loop
    if v_meter is null then
      perform ratebook.fail('unknown_meter', format('The price key "%s" means no meter.', left(v_key, 100)),
        'Tokens are priced as <meter>_per_1m, all else as per_<meter>; ask ai.meters for the keys.',
        jsonb_build_object('key', left(v_key, 100)));
    end if;
    if v_value !~ '^-?\d{1,20}(\.\d{1,30})?$' then
      perform ratebook.fail('not_a_number', format('The price "%s" is not a number.', v_key),
        'Write plain decimals, such as 0.15.', jsonb_build_object('key', v_key));
    end if;
    -- As numbers: 0.6 and "0.60" are the same price.
    if v_value::numeric is distinct from (p_old ->> v_key)::numeric then
      perform ratebook.set_price(
        p_model_id,
        v_meter,
        v_value::numeric * case v_unit_type when 'tokens' then 0.000001 else 1 end,
        v_currency,
        v_at
      );
    end if;
  end loop;
end;
$$;

revoke all on function ratebook.write_pricing(uuid, jsonb, jsonb) from public;

comment on function ratebook.write_pricing(uuid, jsonb, jsonb) is
'Makes what differs between two pricing objects true from now on, as dated price rows; a price that is missing or null in the new one is withdrawn. Errors: unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument (PT422).';

-- from sql/90_compat/140_function_write_model_row.sql

-- What the surfaces that edit models in place have in common.

create function ratebook.refuse_nulls(p_row jsonb, p_columns text[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column text;
begin
  select r.key into v_column
  from jsonb_each(p_row) as r
  where r.key = any(p_columns) and r.value = 'null'
  order by array_position(p_columns, r.key)
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('"%s" is missing or null.', v_column), null,
      jsonb_build_object('column', v_column));
  end if;
end;
$$;

create function ratebook.refuse_changes(p_old jsonb, p_new jsonb, p_columns text[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column text;
begin
  select c.name into v_column
  from unnest(p_columns) as c (name)
  where coalesce(p_new -> c.name, 'null') <> coalesce(p_old -> c.name, 'null')
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('"%s" is not yours to write.', v_column),
      'Leave it out.', jsonb_build_object('column', v_column));
  end if;
end;
$$;

create function ratebook.changed_values(p_old jsonb, p_new jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(jsonb_object_agg(n.key, n.value), '{}')
    from jsonb_each(p_new) as n
    where n.value is distinct from p_old -> n.key
  );
end;
$$;

create function ratebook.merge_supports(p_supports text[], p_flags jsonb) returns text[]
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select s.name
    from unnest(p_supports) with ordinality as s (name, position)
    where coalesce((p_flags ->> s.name)::boolean, true)
    order by s.position
  ) || array(
    select f.key from jsonb_each_text(p_flags) as f
    where f.value::boolean and f.key <> all(p_supports)
    order by f.key
  );
end;
$$;

create function ratebook.delete_live_model(p_model_id uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.lock_registry();
  if not exists (select from ai.models as m where m.id = p_model_id and m.deleted_at is null) then
    perform ratebook.fail('not_allowed', 'The model is deleted already; its row stays for the past.', null,
      jsonb_build_object('model', p_model_id));
  end if;
  delete from ai.models as m where m.id = p_model_id;
end;
$$;

revoke all on function ratebook.refuse_nulls(jsonb, text[]) from public;
revoke all on function ratebook.refuse_changes(jsonb, jsonb, text[]) from public;
revoke all on function ratebook.changed_values(jsonb, jsonb) from public;
revoke all on function ratebook.merge_supports(text[], jsonb) from public;
revoke all on function ratebook.delete_live_model(uuid) from public;

comment on function ratebook.refuse_nulls(jsonb, text[]) is
'Refuses a row with NULL in one of the columns, and names it. Error: invalid_argument (PT422).';
comment on function ratebook.refuse_changes(jsonb, jsonb, text[]) is
'Refuses a row that changes one of the columns, and names it. Error: invalid_argument (PT422).';
comment on function ratebook.changed_values(jsonb, jsonb) is
'The members of the new object that the old one does not have so: what a write really asks for.';
comment on function ratebook.merge_supports(text[], jsonb) is
'A list of supported features after flags (feature → boolean) have switched some on and off; the others stay.';
comment on function ratebook.delete_live_model(uuid) is
'Marks a model as deleted. Its callers decide who may. Error: not_allowed (42501) where it is already.';

-- from sql/90_compat/150_function_upsert_row.sql

create function ratebook.upsert_row(p_view regclass, p_key text[], p_row jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Dynamic: only what the row names is written, so that the view's defaults and what is stored fill in the rest.
declare
  v_columns text;
  v_unknown text;
  v_rows bigint;
begin
  if not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', format('Only admins write to %s.', p_view), null,
      jsonb_build_object('table', p_view));
  end if;
  if jsonb_typeof(p_row) is distinct from 'object' or p_row = '{}' then
    perform ratebook.fail('invalid_argument', 'A row is a JSON object of columns and values, with at least one.');
  end if;
  select
    string_agg(quote_ident(a.attname), ', '),
    min(k.key) filter (where a.attname is null)
  into v_columns, v_unknown
  from jsonb_object_keys(p_row) as k (key)
  left join pg_attribute as a
    on a.attrelid = p_view and a.attname = k.key and a.attnum > 0 and not a.attisdropped;
  if v_unknown is not null then
    perform ratebook.fail('invalid_argument', format('There is no column "%s".', left(v_unknown, 100)), null,
      jsonb_build_object('column', left(v_unknown, 100)));
  end if;

  -- Two callers with the same key: the second sees the first one's row.
  perform ratebook.lock_registry();
  execute format(
    'update %1$s as v set (%2$s) = (select %2$s from jsonb_populate_record(v, $1)) '
    'where (%3$s) = (select %3$s from jsonb_populate_record(null::%1$s, $1))',
    p_view, v_columns, (select string_agg(quote_ident(c.name), ', ') from unnest(p_key) as c (name))
  ) using p_row;
  get diagnostics v_rows = row_count;
  if v_rows = 0 then
    execute format(
      'insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1)', p_view, v_columns
    ) using p_row;
  end if;
end;
$$;

revoke all on function ratebook.upsert_row(regclass, text[], jsonb) from public;

comment on function ratebook.upsert_row(regclass, text[], jsonb) is
'Updates the row of a view that has the same values in the key columns, else inserts one; columns that the JSON object does not name stay as they are or get their defaults. Errors: not_allowed (42501), invalid_argument (PT422), those of the view.';

-- from sql/90_compat/160_view_llm_providers.sql

create view compat.llm_providers with (security_invoker = true) as
select
  p.id,
  p.key as provider_key,
  p.name as provider_name,
  p.api_url as api_base_url,
  p.is_active,
  p.created_at,
  p.updated_at
from ai.providers as p;

comment on view compat.llm_providers is
'ai.providers for callers of llm_providers. Written directly, on_conflict included. Embed it: llm_models?select=*,llm_providers(*).';
comment on column compat.llm_providers.id is 'The provider.';
comment on column compat.llm_providers.provider_key is 'Machine key, such as anthropic.';
comment on column compat.llm_providers.provider_name is 'Name to show.';
comment on column compat.llm_providers.api_base_url is 'Base endpoint.';
comment on column compat.llm_providers.is_active is 'Whether models of the provider may be used.';
comment on column compat.llm_providers.created_at is 'When the row was made.';
comment on column compat.llm_providers.updated_at is 'When the row last changed.';

-- from sql/90_compat/170_view_llm_models.sql

create view compat.llm_models with (security_invoker = true) as
select
  m.id,
  m.provider_id,
  -- A key that is too long for the column is left out: cut, it would name another model.
  case
    when length(coalesce(m.provider_model_key, m.key)) <= 100
      then coalesce(m.provider_model_key, m.key)::varchar(100)
    else null::varchar(100)
  end as model_key,
  m.name::varchar(255) as model_name,
  m.model_family,
  m.version as model_version,
  m.model_tier,
  m.context_window,
  m.max_tokens as max_output_tokens,
  'function_calling' = any(m.supports) as supports_function_calling,
  'vision' = any(m.supports) as supports_vision,
  'streaming' = any(m.supports) as supports_streaming,
  'audio' = any(m.supports) as supports_audio,
  'system_prompt' = any(m.supports) as supports_system_prompt,
  ratebook.visible_pricing(m.id) as pricing,
  m.rate_limits,
  m.capabilities_detail as capabilities,
  m.metadata,
  -- The source has no is_active: what is switched off must not read as active.
  case
    when m.status in ('preview', 'active') and not m.is_active and m.deleted_at is null then 'inactive'
    else m.status::text
  end as status,
  m.release_date,
  m.deprecation_date,
  m.typical_latency_ms,
  m.created_at,
  m.updated_at,
  m.deleted_at
from ai.models as m
where m.modality = 'text';

alter view compat.llm_models alter column id set default gen_random_uuid();
alter view compat.llm_models alter column supports_function_calling set default false;
alter view compat.llm_models alter column supports_vision set default false;
alter view compat.llm_models alter column supports_streaming set default false;
alter view compat.llm_models alter column supports_audio set default false;
alter view compat.llm_models alter column supports_system_prompt set default true;
alter view compat.llm_models alter column pricing set default '{}';
alter view compat.llm_models alter column rate_limits set default '{}';
alter view compat.llm_models alter column capabilities set default '{}';
alter view compat.llm_models alter column metadata set default '{}';
alter view compat.llm_models alter column status set default 'active';
alter view compat.llm_models alter column created_at set default ratebook.clock();
alter view compat.llm_models alter column updated_at set default ratebook.clock();

comment on view compat.llm_models is
'The text models of ai.models for callers of llm_models. The public does not see hidden and deleted ones; the service role sees all and writes. On conflict: compat.upsert_llm_model().';
comment on column compat.llm_models.id is 'The model.';
comment on column compat.llm_models.provider_id is 'Who serves it.';
comment on column compat.llm_models.model_key is 'The provider''s own identifier, else ai.models.key; NULL where it is longer than 100 characters.';
comment on column compat.llm_models.model_name is 'Name to show, its first 255 characters.';
comment on column compat.llm_models.model_family is 'Family.';
comment on column compat.llm_models.model_version is 'Version as the provider counts.';
comment on column compat.llm_models.model_tier is 'The provider''s own tier name.';
comment on column compat.llm_models.context_window is 'Maximum input and output together, in tokens.';
comment on column compat.llm_models.max_output_tokens is 'Maximum output, in tokens.';
comment on column compat.llm_models.supports_function_calling is 'Whether it calls functions.';
comment on column compat.llm_models.supports_vision is 'Whether it reads pictures.';
comment on column compat.llm_models.supports_streaming is 'Whether it streams its answer.';
comment on column compat.llm_models.supports_audio is 'Whether it works with sound.';
comment on column compat.llm_models.supports_system_prompt is 'Whether it takes a system prompt.';
comment on column compat.llm_models.pricing is 'Base prices in force that the reader may see: input_per_1m, output_per_1m, cache_read_per_1m, per_image, …, and their currency. A written object replaces the prices from now on, as dated rows of ai.model_pricing; a key that means no meter is refused.';
comment on column compat.llm_models.rate_limits is 'The provider''s limits.';
comment on column compat.llm_models.capabilities is 'Capabilities with their details, free form.';
comment on column compat.llm_models.metadata is 'Anything else.';
comment on column compat.llm_models.status is 'preview, active, deprecated or retired; inactive: switched off here.';
comment on column compat.llm_models.release_date is 'When the provider released it.';
comment on column compat.llm_models.deprecation_date is 'When the provider stops or stopped it.';
comment on column compat.llm_models.typical_latency_ms is 'Typical latency in milliseconds.';
comment on column compat.llm_models.created_at is 'When the row was made.';
comment on column compat.llm_models.updated_at is 'When the row last changed; the database''s to say.';
comment on column compat.llm_models.deleted_at is 'When it was deleted; setting it deletes, NULL brings back.';

-- from sql/90_compat/180_triggers_llm_models.sql

create function ratebook.llm_model_values(p_row compat.llm_models) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'provider_id', p_row.provider_id,
    'provider_model_key', p_row.model_key,
    'name', p_row.model_name,
    'model_family', p_row.model_family,
    'version', p_row.model_version,
    'model_tier', p_row.model_tier,
    'context_window', p_row.context_window,
    'max_tokens', p_row.max_output_tokens,
    'rate_limits', p_row.rate_limits,
    'capabilities_detail', p_row.capabilities,
    'metadata', p_row.metadata,
    'release_date', p_row.release_date,
    'deprecation_date', p_row.deprecation_date,
    'typical_latency_ms', p_row.typical_latency_ms,
    'created_at', p_row.created_at,
    'deleted_at', p_row.deleted_at
  ) || case
    -- Switching off is no stage in the life of a model at its provider.
    when p_row.status = 'inactive' then '{}' else jsonb_build_object('status', p_row.status)
  end;
end;
$$;

create function ratebook.llm_model_flags(p_row compat.llm_models) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'function_calling', p_row.supports_function_calling,
    'vision', p_row.supports_vision,
    'streaming', p_row.supports_streaming,
    'audio', p_row.supports_audio,
    'system_prompt', p_row.supports_system_prompt
  );
end;
$$;

create function ratebook.write_llm_model() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. The statement trigger has let the caller write.
declare
  v_values jsonb := ratebook.llm_model_values(new);
  v_is_active boolean := new.status not in ('inactive', 'retired') and new.deleted_at is null;
begin
  perform ratebook.lock_registry();
  perform ratebook.refuse_nulls(
    -- A key that was too long to show is none of this write's.
    to_jsonb(new) - case when tg_op = 'UPDATE' and old.model_key is null then '{model_key}' else '{}' end::text[],
    '{id,provider_id,model_key,model_name,supports_function_calling,supports_vision,supports_streaming,supports_audio,supports_system_prompt,pricing,rate_limits,capabilities,metadata,status}'
  );
  if tg_op = 'INSERT' then
    insert into ai.models (
      id, key, provider_id, provider_model_key, name, model_family, version, model_tier, context_window, max_tokens,
      supports, rate_limits, capabilities_detail, metadata, status, is_active, release_date, deprecation_date,
      typical_latency_ms, created_at, updated_at, deleted_at, capabilities
    )
    select
      new.id,
      -- A name that means another provider's model goes on meaning that one; this gets the key of an import.
      case
        when
          exists (select from ai.models as m where m.key = new.model_key)
          or exists (select from ai.model_aliases as a where a.alias = new.model_key)
          then (select p.key || '/' || new.model_key from ai.providers as p where p.id = new.provider_id)
        else new.model_key
      end,
      r.provider_id, r.provider_model_key, r.name, r.model_family, r.version, r.model_tier, r.context_window,
      r.max_tokens, ratebook.merge_supports('{}', ratebook.llm_model_flags(new)), r.rate_limits, r.capabilities_detail,
      r.metadata, coalesce(r.status, 'active'), v_is_active, r.release_date, r.deprecation_date, r.typical_latency_ms,
      r.created_at, new.updated_at, r.deleted_at, '{text_generation}'
    from jsonb_populate_record(null::ai.models, v_values) as r;
    perform ratebook.write_pricing(new.id, '{}', new.pricing);
  else
    perform ratebook.refuse_changes(to_jsonb(old), to_jsonb(new), '{id}');
    v_values := ratebook.changed_values(ratebook.llm_model_values(old), v_values);
    if old.status <> new.status or (old.deleted_at is null) <> (new.deleted_at is null) then
      v_values := v_values || jsonb_build_object('is_active', v_is_active);
    end if;
    -- Only what this write changes, on the row as it is by now: nobody else's change is undone.
    update ai.models as m
    set
      (
        provider_id, provider_model_key, name, model_family, version, model_tier, context_window, max_tokens,
        rate_limits, capabilities_detail, metadata, status, is_active, is_default, release_date, deprecation_date,
        typical_latency_ms, created_at, deleted_at
      ) = (
        select
          r.provider_id, r.provider_model_key, r.name, r.model_family, r.version, r.model_tier, r.context_window,
          r.max_tokens, r.rate_limits, r.capabilities_detail, r.metadata, r.status, r.is_active,
          r.is_default and r.deleted_at is null, r.release_date, r.deprecation_date, r.typical_latency_ms,
          r.created_at, r.deleted_at
        from jsonb_populate_record(m, v_values) as r
      ),
      supports = ratebook.merge_supports(
        m.supports, ratebook.changed_values(ratebook.llm_model_flags(old), ratebook.llm_model_flags(new))
      )
    where m.id = old.id;
    if not found then
      perform ratebook.fail('not_allowed', format('Model %s is gone: nothing was written.', old.id), null,
        jsonb_build_object('model', old.id));
    end if;
    if new.pricing <> old.pricing then
      perform ratebook.write_pricing(old.id, old.pricing, new.pricing);
    end if;
  end if;
  select v.* into new from compat.llm_models as v where v.id = new.id;
  return new;
end;
$$;

create function ratebook.delete_llm_model() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.write_llm_model().
begin
  perform ratebook.delete_live_model(old.id);
  return old;
end;
$$;

revoke all on function ratebook.llm_model_values(compat.llm_models) from public;
revoke all on function ratebook.llm_model_flags(compat.llm_models) from public;
revoke all on function ratebook.write_llm_model() from public;
revoke all on function ratebook.delete_llm_model() from public;

comment on function ratebook.llm_model_values(compat.llm_models) is 'What a row says, as columns of ai.models.';
comment on function ratebook.llm_model_flags(compat.llm_models) is 'What a row says of ai.models.supports: feature → boolean.';
comment on function ratebook.write_llm_model() is
'Row trigger instead of insert or update: the model, and dated price rows where pricing differs. Errors: invalid_argument, unknown_provider, those of ratebook.write_pricing() (PT422).';
comment on function ratebook.delete_llm_model() is
'Row trigger instead of delete: marks the model as deleted. Error: not_allowed (42501) where it is already.';

create trigger llm_models_require_privileged before insert or update or delete on compat.llm_models
for each statement execute function ratebook.require_privileged();
create trigger llm_models_write instead of insert or update on compat.llm_models
for each row execute function ratebook.write_llm_model();
create trigger llm_models_delete instead of delete on compat.llm_models
for each row execute function ratebook.delete_llm_model();

-- from sql/90_compat/190_function_upsert_llm_model.sql

create function ratebook.upsert_llm_model(p_model jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.upsert_row('compat.llm_models', '{provider_id,model_key}', p_model);
end;
$$;

create function compat.upsert_llm_model(model jsonb) returns setof compat.llm_models
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.upsert_llm_model(model);
  select v.* from compat.llm_models as v
  where v.provider_id = (model ->> 'provider_id')::uuid and v.model_key = model ->> 'model_key';
end;

revoke all on function ratebook.upsert_llm_model(jsonb) from public;
revoke all on function compat.upsert_llm_model(jsonb) from public;
grant execute on function ratebook.upsert_llm_model(jsonb) to service_role;
grant execute on function compat.upsert_llm_model(jsonb) to service_role;

comment on function ratebook.upsert_llm_model(jsonb) is 'The rule behind compat.upsert_llm_model().';
comment on function compat.upsert_llm_model(jsonb) is
'Service role only. What on_conflict=provider_id,model_key did: updates the model of that provider and key, else inserts one, and returns it. Columns that the object does not name stay as they are or get their defaults. Errors: those of writing compat.llm_models.';

-- from sql/90_compat/200_view_ai_model_config.sql

create function ratebook.four_decimals(p_price numeric) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return round(p_price, greatest(4, min_scale(p_price)))::text;
end;
$$;

revoke all on function ratebook.four_decimals(numeric) from public;
grant execute on function ratebook.four_decimals(numeric) to authenticated, service_role;
comment on function ratebook.four_decimals(numeric) is
'A price as the source writes it, with four decimals; with more only where it has more, so that none is wrong.';

create view compat.ai_model_config with (security_invoker = true) as
select
  m.key as model_name,
  m.name as display_name,
  m.modality as model_type,
  p.key as provider,
  c.input_cost_per_1m,
  c.output_cost_per_1m,
  c.cost_per_image,
  m.context_window,
  m.max_tokens as max_output_tokens,
  m.valid_sizes,
  'json_mode' = any(m.supports) as supports_json_mode,
  'vision' = any(m.supports) as supports_vision,
  'function_calling' = any(m.supports) as supports_function_calling,
  m.is_active,
  m.is_default,
  -- The source sorts the lowest first, priority is the highest first. greatest(): the lowest integer has no opposite.
  -greatest(m.priority, -2147483647) as sort_order,
  m.created_at,
  m.updated_at,
  m.updated_by,
  case m.modality
    when 'image' then '$' || c.cost_per_image || ' per image'
    else '$' || c.input_cost_per_1m || '/$' || c.output_cost_per_1m || ' per 1M'
  end as pricing_display,
  m.description
from ai.models as m
inner join ai.providers as p on p.id = m.provider_id
cross join
  lateral (
    -- limit 1, of one row: the prices are asked for once, and only where one is read. The source knows dollars only.
    select case m.price_currency when 'USD' then ratebook.visible_pricing(m.id) end as pricing
    limit 1 -- noqa: AM09
  ) as v
cross join
  lateral (
    select
      ratebook.four_decimals((v.pricing ->> 'input_per_1m')::numeric) as input_cost_per_1m,
      ratebook.four_decimals((v.pricing ->> 'output_per_1m')::numeric) as output_cost_per_1m,
      ratebook.four_decimals((v.pricing ->> 'per_image')::numeric) as cost_per_image
  ) as c
where m.modality in ('text', 'image') and m.task = 'generation' and m.deleted_at is null;

alter view compat.ai_model_config alter column valid_sizes set default '{}';
alter view compat.ai_model_config alter column supports_json_mode set default false;
alter view compat.ai_model_config alter column supports_vision set default false;
alter view compat.ai_model_config alter column supports_function_calling set default false;
alter view compat.ai_model_config alter column is_active set default true;
alter view compat.ai_model_config alter column is_default set default false;
alter view compat.ai_model_config alter column sort_order set default 0;

comment on view compat.ai_model_config is
'The text and image generation models of ai.models for callers of AIModelConfig. Read by signed-in users, written by admins and the service role. Costs are strings in US dollars; NULL where there is no such price, or none that the reader may see. On conflict: compat.upsert_ai_model_config().';
comment on column compat.ai_model_config.model_name is 'ai.models.key.';
comment on column compat.ai_model_config.display_name is 'Name to show.';
comment on column compat.ai_model_config.model_type is 'text or image.';
comment on column compat.ai_model_config.provider is 'Key of the provider, such as openai.';
comment on column compat.ai_model_config.input_cost_per_1m is 'US dollars for a million input tokens, with at least four decimals. Writing it adds a dated price; NULL withdraws.';
comment on column compat.ai_model_config.output_cost_per_1m is 'US dollars for a million output tokens, likewise.';
comment on column compat.ai_model_config.cost_per_image is 'US dollars for an image, likewise.';
comment on column compat.ai_model_config.context_window is 'Maximum input and output together, in tokens.';
comment on column compat.ai_model_config.max_output_tokens is 'Maximum output, in tokens.';
comment on column compat.ai_model_config.valid_sizes is 'Image sizes it accepts; empty: not checked.';
comment on column compat.ai_model_config.supports_json_mode is 'Whether it answers in JSON when told.';
comment on column compat.ai_model_config.supports_vision is 'Whether it reads pictures.';
comment on column compat.ai_model_config.supports_function_calling is 'Whether it calls functions.';
comment on column compat.ai_model_config.is_active is 'Whether it may be used for new work.';
comment on column compat.ai_model_config.is_default is 'Whether it is the default of its type; setting it clears the former one.';
comment on column compat.ai_model_config.sort_order is 'Lowest first; the opposite of ai.models.priority.';
comment on column compat.ai_model_config.created_at is 'When the row was made. Read-only.';
comment on column compat.ai_model_config.updated_at is 'When the row last changed. Read-only.';
comment on column compat.ai_model_config.updated_by is 'Who last changed it; NULL for the service role. Read-only.';
comment on column compat.ai_model_config.pricing_display is '$0.1500/$0.6000 per 1M for text, $0.0400 per image for images; NULL where a price is missing. Read-only.';
comment on column compat.ai_model_config.description is 'What it is good for; searched together with the names.';

-- from sql/90_compat/210_triggers_ai_model_config.sql

create function ratebook.assert_config_currency(p_model text, p_currency text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_currency <> 'USD' then
    perform ratebook.fail('invalid_argument', format('Model "%s" is priced in %s, and these costs are in USD.', p_model, p_currency),
      'Use billing.quote() and ai.model_pricing.', jsonb_build_object('model', p_model, 'currency', p_currency));
  end if;
end;
$$;

revoke all on function ratebook.assert_config_currency(text, text) from public;

comment on function ratebook.assert_config_currency(text, text) is
'Refuses a model that is not priced in US dollars. Error: invalid_argument (PT422).';

create function ratebook.config_values(p_row compat.ai_model_config) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'key', p_row.model_name,
    'name', p_row.display_name,
    'modality', p_row.model_type,
    'capabilities', jsonb_build_array(p_row.model_type || '_generation'),
    'provider_id', (select p.id from ai.providers as p where p.key = p_row.provider),
    'context_window', p_row.context_window,
    'max_tokens', p_row.max_output_tokens,
    'valid_sizes', p_row.valid_sizes,
    'is_active', p_row.is_active,
    'is_default', p_row.is_default,
    'priority', -p_row.sort_order,
    'description', p_row.description
  );
end;
$$;

create function ratebook.config_flags(p_row compat.ai_model_config) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'json_mode', p_row.supports_json_mode,
    'vision', p_row.supports_vision,
    'function_calling', p_row.supports_function_calling
  );
end;
$$;

create function ratebook.config_pricing(p_row compat.ai_model_config) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'input_per_1m', p_row.input_cost_per_1m,
    'output_per_1m', p_row.output_cost_per_1m,
    'per_image', p_row.cost_per_image
  );
end;
$$;

create function ratebook.write_config() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. The statement trigger has let the caller write.
declare
  v_values jsonb := ratebook.config_values(new);
  v_id uuid;
  v_currency text;
begin
  perform ratebook.lock_registry();
  perform ratebook.refuse_nulls(
    to_jsonb(new),
    '{model_name,display_name,model_type,provider,valid_sizes,supports_json_mode,supports_vision,supports_function_calling,is_active,is_default,sort_order}'
  );
  perform ratebook.refuse_changes(to_jsonb(old), to_jsonb(new), '{created_at,updated_at,updated_by,pricing_display}');
  perform ratebook.assert_config_type(new.model_type);
  if v_values ->> 'provider_id' is null then
    perform ratebook.fail('unknown_provider', format('There is no provider called "%s".', left(new.provider, 100)),
      'Ask ai.providers for the keys.', jsonb_build_object('provider', left(new.provider, 100)));
  end if;
  if tg_op = 'INSERT' then
    insert into ai.models (
      key, name, modality, capabilities, provider_id, provider_model_key, context_window, max_tokens, valid_sizes,
      is_active, is_default, priority, description, supports
    )
    select
      r.key, r.name, r.modality, r.capabilities, r.provider_id, r.key, r.context_window, r.max_tokens, r.valid_sizes,
      r.is_active, r.is_default, r.priority, r.description, ratebook.merge_supports('{}', ratebook.config_flags(new))
    from jsonb_populate_record(null::ai.models, v_values) as r
    returning id, price_currency into v_id, v_currency;
  else
    v_values := ratebook.changed_values(ratebook.config_values(old), v_values);
    -- Only what this write changes, on the row as it is by now: nobody else's change is undone.
    update ai.models as m
    set
      (
        key, name, modality, capabilities, provider_id, provider_model_key, context_window, max_tokens, valid_sizes,
        is_active, is_default, priority, description
      ) = (
        select
          r.key, r.name, r.modality, r.capabilities, r.provider_id,
          case when m.provider_model_key = m.key then r.key else m.provider_model_key end, r.context_window,
          r.max_tokens, r.valid_sizes, r.is_active, r.is_default, r.priority, r.description
        from jsonb_populate_record(m, v_values) as r
      ),
      supports = ratebook.merge_supports(
        m.supports, ratebook.changed_values(ratebook.config_flags(old), ratebook.config_flags(new))
      )
    where m.key = old.model_name and m.deleted_at is null
    returning m.id, m.price_currency into v_id, v_currency;
    if not found then
      perform ratebook.fail('not_allowed', format('Model "%s" is gone: nothing was written.', old.model_name), null,
        jsonb_build_object('model', old.model_name));
    end if;
  end if;
  if ratebook.config_pricing(new) is distinct from ratebook.config_pricing(old) then
    perform ratebook.assert_config_currency(new.model_name, v_currency);
    perform ratebook.write_pricing(
      v_id, case tg_op when 'UPDATE' then ratebook.config_pricing(old) else '{}' end, ratebook.config_pricing(new)
    );
  end if;
  select c.* into new from compat.ai_model_config as c where c.model_name = new.model_name;
  return new;
end;
$$;

create function ratebook.delete_config() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.write_config().
begin
  perform ratebook.delete_live_model((select m.id from ai.models as m where m.key = old.model_name));
  return old;
end;
$$;

create function ratebook.assert_config_type(p_type text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if (p_type in ('text', 'image')) is not true then
    perform ratebook.fail('invalid_argument', format('There is no model type "%s".', left(p_type, 100)),
      'Valid types: text, image.', '{"valid_types": ["text", "image"]}');
  end if;
end;
$$;

revoke all on function ratebook.config_values(compat.ai_model_config) from public;
revoke all on function ratebook.config_flags(compat.ai_model_config) from public;
revoke all on function ratebook.config_pricing(compat.ai_model_config) from public;
revoke all on function ratebook.write_config() from public;
revoke all on function ratebook.delete_config() from public;
revoke all on function ratebook.assert_config_type(text) from public;

comment on function ratebook.config_values(compat.ai_model_config) is 'What a row says, as columns of ai.models.';
comment on function ratebook.config_flags(compat.ai_model_config) is 'What a row says of ai.models.supports: feature → boolean.';
comment on function ratebook.config_pricing(compat.ai_model_config) is 'What a row says of prices, as a pricing object.';
comment on function ratebook.write_config() is
'Row trigger instead of insert or update: the model, and dated price rows where a cost differs. Errors: invalid_argument, unknown_provider, those of ratebook.write_pricing() (PT422), not_allowed (42501) where the model is gone.';
comment on function ratebook.delete_config() is
'Row trigger instead of delete: marks the model as deleted. Error: not_allowed (42501) where it is already.';
comment on function ratebook.assert_config_type(text) is
'Refuses a model type that is not text or image. Error: invalid_argument (PT422); HINT and DETAIL list the valid ones.';

create trigger ai_model_config_require_privileged before insert or update or delete on compat.ai_model_config
for each statement execute function ratebook.require_privileged();
create trigger ai_model_config_write instead of insert or update on compat.ai_model_config
for each row execute function ratebook.write_config();
create trigger ai_model_config_delete instead of delete on compat.ai_model_config
for each row execute function ratebook.delete_config();

-- from sql/90_compat/220_functions_ai_model_config.sql

create function ratebook.config_model(p_model text, p_type text default null, p_active boolean default false)
returns ai.models
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: answers the same for a hidden model as for one that is not there, without a policy's help.
declare
  v_all boolean := ratebook.is_privileged();
  v_model ai.models;
  v_valid text[];
begin
  select m.* into v_model
  from compat.ai_model_config as c
  inner join ai.models as m on m.key = c.model_name
  where
    c.model_name = p_model and c.model_type = coalesce(p_type, c.model_type) and (c.is_active or not p_active)
    and (m.is_public or v_all);
  if not found then
    select coalesce(array_agg(c.model_name order by c.sort_order, c.model_name), '{}') into v_valid
    from compat.ai_model_config as c
    inner join ai.models as m on m.key = c.model_name
    where c.model_type = coalesce(p_type, c.model_type) and c.is_active and (m.is_public or v_all);
    perform ratebook.fail(
      'unknown_model',
      format('There is no %s called "%s".',
        concat_ws(' ', case when p_active then 'active' end, p_type, 'model'), left(coalesce(p_model, ''), 100)),
      -- A catalogue has thousands; DETAIL has them all.
      format('Valid models: %s%s.', array_to_string(v_valid[:20], ', '), case when cardinality(v_valid) > 20 then ', …' end),
      jsonb_build_object('model', left(p_model, 100), 'valid_models', v_valid)
    );
  end if;
  return v_model;
end;
$$;

create function ratebook.config_cost(p_model text, p_usage jsonb, p_decimals integer) returns numeric
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.quote(). Not through it: the cost in dollars needs no credit rate and no margin.
declare
  v_model ai.models := ratebook.config_model(p_model);
  v_cost numeric;
  v_is_public boolean;
  v_unpriced text;
begin
  perform ratebook.assert_config_currency(v_model.key, v_model.price_currency);
  perform ratebook.assert_usage(p_usage);
  select
    sum(l.cost),
    coalesce(bool_and(l.is_public) filter (where l.quantity > 0), true),
    min(l.meter) filter (where l.quantity > 0 and l.unit_price is null)
  into v_cost, v_is_public, v_unpriced
  from ratebook.price_usage(
    ratebook.find_sheet(
      v_model.id, v_model.price_source, v_model.price_currency, p_usage, 'standard', null, null, ratebook.clock()
    ),
    p_usage
  ) as l;
  if v_unpriced is not null then
    perform ratebook.fail(
      'no_price', format('Model "%s" has no price for "%s".', v_model.key, v_unpriced),
      'An unknown price is never zero: an admin sets it.',
      jsonb_build_object('model', v_model.key, 'meter', v_unpriced)
    );
  end if;
  if not v_is_public and not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', format('The price of model "%s" is not public.', v_model.key),
      'billing.quote() tells its credits.', jsonb_build_object('model', v_model.key));
  end if;
  return round(v_cost, greatest(p_decimals, min_scale(v_cost)));
end;
$$;

create function ratebook.validate_config_model(p_model text, p_type text) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.assert_config_type(p_type);
  perform ratebook.config_model(p_model, p_type, true);
  return true;
end;
$$;

create function ratebook.validate_config_size(p_model text, p_size text) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.validate_config_model().
declare
  v_model ai.models := ratebook.config_model(p_model);
begin
  if cardinality(v_model.valid_sizes) > 0 then
    perform ratebook.assert_size(v_model.id, v_model.key, v_model.valid_sizes, coalesce(p_size, ''));
  end if;
  return true;
end;
$$;

create function compat.get_cost_for_tokens(model text, input bigint, output bigint) returns numeric
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.config_cost(model, jsonb_build_object('input', input, 'output', output), 6);

create function compat.get_cost_for_images(model text, n bigint default 1) returns numeric
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.config_cost(model, jsonb_build_object('image', n), 4);

create function compat.validate_model(model text, type text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.validate_config_model(model, type);

create function compat.validate_size(model text, size text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.validate_config_size(model, size);

create function compat.get_display_with_pricing(model text) returns text
language sql stable
set search_path = pg_catalog, pg_temp
return (
  select concat_ws(' - ', c.display_name, c.pricing_display)
  from compat.ai_model_config as c
  where c.model_name = (ratebook.config_model(model)).key
);

revoke all on function ratebook.config_model(text, text, boolean) from public;
revoke all on function ratebook.config_cost(text, jsonb, integer) from public;
revoke all on function ratebook.validate_config_model(text, text) from public;
revoke all on function ratebook.validate_config_size(text, text) from public;
revoke all on function compat.get_cost_for_tokens(text, bigint, bigint) from public;
revoke all on function compat.get_cost_for_images(text, bigint) from public;
revoke all on function compat.validate_model(text, text) from public;
revoke all on function compat.validate_size(text, text) from public;
revoke all on function compat.get_display_with_pricing(text) from public;
grant execute on function ratebook.config_model(text, text, boolean) to authenticated, service_role;
grant execute on function ratebook.config_cost(text, jsonb, integer) to authenticated, service_role;
grant execute on function ratebook.validate_config_model(text, text) to authenticated, service_role;
grant execute on function ratebook.validate_config_size(text, text) to authenticated, service_role;
grant execute on function compat.get_cost_for_tokens(text, bigint, bigint) to authenticated, service_role;
grant execute on function compat.get_cost_for_images(text, bigint) to authenticated, service_role;
grant execute on function compat.validate_model(text, text) to authenticated, service_role;
grant execute on function compat.validate_size(text, text) to authenticated, service_role;
grant execute on function compat.get_display_with_pricing(text) to authenticated, service_role;

comment on function ratebook.config_model(text, text, boolean) is
'The model of compat.ai_model_config with a name, that the caller may see: of a type, and active, where that is asked for. Error: unknown_model (PT404); HINT and DETAIL list the active ones.';
comment on function ratebook.config_cost(text, jsonb, integer) is
'What a usage costs now, in US dollars, with at least so many decimals: by the price sheets, as billing.quote(). Errors: unknown_model (PT404), those of usages, no_price, invalid_argument (PT422), not_allowed (42501).';
comment on function ratebook.validate_config_model(text, text) is 'The rule behind compat.validate_model().';
comment on function ratebook.validate_config_size(text, text) is 'The rule behind compat.validate_size().';
comment on function compat.get_cost_for_tokens(text, bigint, bigint) is
'What input and output tokens cost now, in US dollars, exactly, with six decimals or more: 0.000450. Errors: unknown_model (PT404, names the valid ones), not_a_number, negative_quantity, quantity_out_of_range, no_price, invalid_argument for another currency (PT422), not_allowed (42501) for a price that is not public.';
comment on function compat.get_cost_for_images(text, bigint) is
'What n images cost now, in US dollars, exactly, with four decimals or more: 0.0400. Errors: those of compat.get_cost_for_tokens().';
comment on function compat.validate_model(text, text) is
'True where an active model of that type (text, image) has the name. Errors: unknown_model (PT404, names the valid ones), invalid_argument (PT422) for another type.';
comment on function compat.validate_size(text, text) is
'True where the model makes images of that size, or has no list of sizes. Errors: unknown_model (PT404), invalid_size (PT422); both name the valid ones.';
comment on function compat.get_display_with_pricing(text) is
'Display name and pricing_display: GPT-4o - $2.5000/$10.0000 per 1M. The name alone where the model has no price that the caller may see. Error: unknown_model (PT404).';

-- from sql/90_compat/230_functions_admin_ai_model_config.sql

-- They write through the view: its triggers ask who it is, and stamp and lock as for any other write.

create function ratebook.switch_configs(p_names text[], p_is_active boolean) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_unknown text[];
begin
  update compat.ai_model_config as c set is_active = p_is_active where c.model_name = any(p_names);
  if coalesce(p_names, '{}') = '{}' then
    perform ratebook.fail('invalid_argument', 'No model is named.', 'Name at least one.');
  end if;
  v_unknown := array(
    select distinct coalesce(n.name, '')
    from unnest(p_names) as n (name)
    where not exists (select from compat.ai_model_config as c where c.model_name = n.name)
  );
  if v_unknown <> '{}' then
    perform ratebook.fail('unknown_model', format('Nothing was changed: there is no "%s".', array_to_string(v_unknown, '", "')),
      'Ask compat.ai_model_config for the names.', jsonb_build_object('models', v_unknown));
  end if;
  return (select count(distinct n.name) from unnest(p_names) as n (name));
end;
$$;

create function ratebook.set_default_config(p_name text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  update compat.ai_model_config as c set is_default = true where c.model_name = p_name;
  if not found then
    perform ratebook.config_model(p_name); -- It fails, and names the valid ones.
  end if;
end;
$$;

create function ratebook.upsert_config(p_model jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.upsert_row('compat.ai_model_config', '{model_name}', p_model);
end;
$$;

create function compat.activate_models(model_names text[]) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
return ratebook.switch_configs(model_names, true);

create function compat.deactivate_models(model_names text[]) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
return ratebook.switch_configs(model_names, false);

create function compat.set_default(model_name text) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
return ratebook.set_default_config(model_name);

create function compat.upsert_ai_model_config(model jsonb) returns setof compat.ai_model_config
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.upsert_config(model);
  select c.* from compat.ai_model_config as c
  where c.model_name = model ->> 'model_name';
end;

revoke all on function ratebook.switch_configs(text[], boolean) from public;
revoke all on function ratebook.set_default_config(text) from public;
revoke all on function ratebook.upsert_config(jsonb) from public;
revoke all on function compat.activate_models(text[]) from public;
revoke all on function compat.deactivate_models(text[]) from public;
revoke all on function compat.set_default(text) from public;
revoke all on function compat.upsert_ai_model_config(jsonb) from public;
grant execute on function ratebook.switch_configs(text[], boolean) to authenticated, service_role;
grant execute on function ratebook.set_default_config(text) to authenticated, service_role;
grant execute on function ratebook.upsert_config(jsonb) to authenticated, service_role;
grant execute on function compat.activate_models(text[]) to authenticated, service_role;
grant execute on function compat.deactivate_models(text[]) to authenticated, service_role;
grant execute on function compat.set_default(text) to authenticated, service_role;
grant execute on function compat.upsert_ai_model_config(jsonb) to authenticated, service_role;

comment on function ratebook.switch_configs(text[], boolean) is
'The rule behind compat.activate_models() and compat.deactivate_models().';
comment on function ratebook.set_default_config(text) is 'The rule behind compat.set_default().';
comment on function ratebook.upsert_config(jsonb) is 'The rule behind compat.upsert_ai_model_config().';
comment on function compat.activate_models(text[]) is
'Admins and the service role. Switches models of compat.ai_model_config on, all of them or none; returns how many. Errors: not_allowed (42501), unknown_model (PT404, names them), invalid_argument (PT422) for an empty list.';
comment on function compat.deactivate_models(text[]) is
'Switches models off, all or none, with the argument and errors of compat.activate_models(). A default is active: switching it off violates a_default_is_active (23514), so set another first.';
comment on function compat.set_default(text) is
'Admins and the service role. Makes a model the default of its type and clears the former one. Errors: not_allowed (42501), unknown_model (PT404, names the valid ones); an inactive model violates a_default_is_active (23514).';
comment on function compat.upsert_ai_model_config(jsonb) is
'Admins and the service role. What on_conflict=model_name would do: updates the model of that name, else inserts one, and returns it. Columns that the object does not name stay as they are or get their defaults. Errors: those of writing compat.ai_model_config.';

-- from sql/90_compat/240_function_adopt_row.sql

-- One row of an old table, copied whole or not at all.

create function ratebook.read_row(p_view regclass, p_key text[], p_row jsonb) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row jsonb;
begin
  execute format(
    'select to_jsonb(v) from %1$s as v where (%2$s) = (select %2$s from jsonb_populate_record(null::%1$s, $1))',
    p_view, (select string_agg(format('%I', k.name), ', ') from unnest(p_key) as k (name))
  ) into v_row using p_row;
  return v_row;
end;
$$;

create function ratebook.same_pricing(p_old jsonb, p_here jsonb) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_notes constant text[] := '{currency,billing_unit}'::text[];
  v_old jsonb;
begin
  if jsonb_typeof(p_old) <> 'object' then
    return false;
  end if;
  -- Prices may be strings, and NULL is no price.
  select coalesce(
    jsonb_object_agg(
      e.key,
      case
        when jsonb_typeof(e.value) = 'string' and e.value #>> '{}' ~ '^-?\d+(\.\d+)?$'
          then to_jsonb((e.value #>> '{}')::numeric)
        else e.value
      end
    ),
    '{}'
  ) into v_old
  from jsonb_each(p_old) as e
  where e.value <> 'null';
  -- A currency without a price says nothing.
  return v_old - v_notes = p_here - v_notes and (v_old - v_notes = '{}' or p_here @> v_old);
end;
$$;

create function ratebook.differing_columns(p_old jsonb, p_here jsonb) returns text[]
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select o.key
    from jsonb_each(p_old) as o
    where
      case
        when o.key = 'pricing' then ratebook.same_pricing(o.value, p_here -> o.key)
        -- As numbers: a cost may be the text of one.
        when o.key like '%cost_per_%'
          then (o.value #>> '{}')::numeric is not distinct from (p_here ->> o.key)::numeric
        else o.value = p_here -> o.key
      end is not true
    order by o.key
  );
end;
$$;

create function ratebook.adopt_row(
  p_view regclass, p_key text[], p_row jsonb, out outcome text, out id uuid
) returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key text[] := '{id}'::text[];
  v_row jsonb;
  v_here jsonb;
  v_differing text[];
begin
  -- In the types of the view, so that equal values are equal text.
  execute format('select to_jsonb(jsonb_populate_record(null::%s, $1))', p_view) into v_row using p_row;
  select jsonb_object_agg(r.key, r.value) into v_row from jsonb_each(v_row) as r where p_row ? r.key;

  if v_row ->> 'id' is not null then
    v_here := ratebook.read_row(p_view, v_key, v_row);
  end if;
  if v_here is null then
    v_key := p_key;
    v_here := ratebook.read_row(p_view, v_key, v_row);
  end if;
  outcome := 'added';
  if v_here is not null then
    outcome := 'changed';
    id := (v_here ->> 'id')::uuid;
    v_row := v_row - '{id,updated_at}'::text[];
    v_differing := ratebook.differing_columns(v_row, v_here);
    if v_differing = '{}' then
      outcome := 'unchanged';
      return;
    elsif p_view = 'compat.rate_cards'::regclass then
      perform ratebook.fail(
        'duplicate_rate_card',
        format('There is a card of that date already, with another %s.', array_to_string(v_differing, ', ')),
        'Cards do not change. Correct the old card, or this one by a higher revision in ai.model_pricing.',
        jsonb_build_object('columns', v_differing)
      );
    end if;
    if v_key = '{id}' then
      v_row := v_row || jsonb_build_object('id', id);
    end if;
  end if;

  if p_view = 'compat.ai_model_config'::regclass then
    -- Read-only there, but older than this database.
    perform ratebook.upsert_row(p_view, v_key, v_row - 'created_at');
    update ai.models as m
    set created_at = (v_row ->> 'created_at')::timestamptz
    where m.key = v_row ->> 'model_name' and m.created_at <> (v_row ->> 'created_at')::timestamptz;
  else
    perform ratebook.upsert_row(p_view, v_key, v_row);
  end if;

  v_here := ratebook.read_row(p_view, v_key, v_row);
  id := (v_here ->> 'id')::uuid;
  v_differing := ratebook.differing_columns(v_row - 'updated_at', coalesce(v_here, '{}'));
  if v_differing <> '{}' then
    perform ratebook.fail(
      'invalid_argument', format('It would not read back as it was: %s.', array_to_string(v_differing, ', ')),
      'Change the old row, or copy it by hand.', jsonb_build_object('columns', v_differing)
    );
  end if;
end;
$$;

revoke all on function ratebook.read_row(regclass, text[], jsonb) from public;
revoke all on function ratebook.same_pricing(jsonb, jsonb) from public;
revoke all on function ratebook.differing_columns(jsonb, jsonb) from public;
revoke all on function ratebook.adopt_row(regclass, text[], jsonb) from public;

comment on function ratebook.read_row(regclass, text[], jsonb) is
'The row of a view that has the same values in the key columns, as JSON; NULL where there is none.';
comment on function ratebook.same_pricing(jsonb, jsonb) is
'Whether an old pricing object says what one of a compat view says: the same prices, and no other currency or billing_unit.';
comment on function ratebook.differing_columns(jsonb, jsonb) is
'The columns of an old row that a row of a compat view has otherwise.';
comment on function ratebook.adopt_row(regclass, text[], jsonb) is
'Makes a row of a compat view say what an old row says, and reads it back. outcome: added, changed or unchanged; id: the id it has here. Errors: invalid_argument (PT422) where it would read back otherwise, duplicate_rate_card (23505), those of writing the view.';

-- from sql/90_compat/250_function_adopt.sql

create function ratebook.adopted_tables() returns table (
  system text, name text, key text[], set_here text[], place integer
)
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return query values
  ('api_models', 'api_providers', '{name}'::text[], '{}'::text[], 1),
  ('api_models', 'api_models', '{provider_id,model_key}', '{}', 2),
  ('rate_cards', 'providers', '{key}', '{}', 1),
  ('rate_cards', 'model_profiles', '{name}', '{}', 2),
  ('rate_cards', 'rate_cards', '{provider,model,effective_from}', '{id,created_at}', 3),
  ('llm_models', 'llm_providers', '{provider_key}', '{}', 1),
  ('llm_models', 'llm_models', '{provider_id,model_key}', '{}', 2),
  (
    'ai_model_config', 'ai_model_config', '{model_name}',
    '{id,updated_at,updated_by,updated_by_id,pricing_display}', 1
  );
end;
$$;

create function ratebook.assert_adoptable(p_system text, p_tables jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_names text[] := array(select t.name from ratebook.adopted_tables() as t where t.system = p_system order by t.place);
  v_unknown text;
begin
  if v_names = '{}' then
    perform ratebook.fail('invalid_argument', format('There is no system "%s".', left(p_system, 100)),
      'Valid ones: api_models, rate_cards, llm_models, ai_model_config.');
  end if;
  if
    jsonb_typeof(p_tables) is distinct from 'object'
    or exists (select from jsonb_each(p_tables) as t where jsonb_typeof(t.value) <> 'array')
  then
    perform ratebook.fail('invalid_argument', 'Tables are a JSON object of arrays of rows.');
  end if;
  select k.name into v_unknown from jsonb_object_keys(p_tables) as k (name) where k.name <> all(v_names) limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('%s has no table "%s".', p_system, left(v_unknown, 100)),
      format('Its tables are %s.', array_to_string(v_names, ', ')));
  end if;
end;
$$;

create function ratebook.resolve_row(p_table text, p_row jsonb, p_providers jsonb, p_names jsonb) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- An id of the old database becomes that of the row with the same key here, and a name gets a row.
declare
  v_old text := coalesce(p_row ->> 'provider_id', '');
  v_id uuid;
  v_made text[] := '{}'::text[];
begin
  if p_row ? 'provider_id' then
    select p.id into v_id from ai.providers as p where p.key = p_providers ->> v_old;
    if not found then
      perform ratebook.fail('unknown_provider',
        format('Its provider %s is not here.', coalesce(p_providers ->> v_old, nullif(v_old, ''), 'NULL')),
        'Copy the provider first.', jsonb_build_object('provider_id', v_old));
    end if;
    p_row := p_row || jsonb_build_object('provider_id', v_id);
  end if;

  if p_row ->> 'canonical_equivalent_id' is not null then
    v_old := p_names ->> (p_row ->> 'canonical_equivalent_id');
    v_id := case p_table
      when 'providers' then (select p.id from ai.providers as p where p.key = v_old)
      else (select p.id from ai.model_profiles as p where p.name = v_old)
    end;
    if v_id is null then
      perform ratebook.fail('invalid_argument', 'The row that canonical_equivalent_id names is not here.', 'Copy that first.',
        jsonb_build_object('column', 'canonical_equivalent_id'));
    end if;
    p_row := p_row || jsonb_build_object('canonical_equivalent_id', v_id);
  end if;

  if p_row ? 'provider' then
    insert into ai.providers (key, name)
    select p_row ->> 'provider', p_row ->> 'provider'
    where p_row ->> 'provider' is not null
    on conflict (key) do nothing;
    if found then
      v_made := v_made || format('provider %s', p_row ->> 'provider');
    end if;
  end if;
  if p_table = 'rate_cards' then
    if p_row ->> 'source' is null then
      p_row := p_row - 'source';
    end if;
    insert into compat.api_models (provider_id, model_key, display_name, modality, task)
    select p.id, p_row ->> 'model', p_row ->> 'model', 'text', 'generation'
    from ai.providers as p
    where
      p.key = p_row ->> 'provider'
      and not exists (
        select from ai.models as m
        where
          m.provider_id = p.id and m.deleted_at is null
          and coalesce(m.provider_model_key, m.key) = p_row ->> 'model'
      );
    if found then
      v_made := v_made || format('model %s/%s', p_row ->> 'provider', p_row ->> 'model');
    end if;
  end if;
  return jsonb_build_object('row', p_row, 'made', v_made);
end;
$$;

create function ratebook.adopt(p_system text, p_tables jsonb, p_dry_run boolean) returns jsonb
language plpgsql volatile security definer
-- A time without a zone is one of UTC. Plans are made once, and for tables that grow meanwhile: each row is one of many.
set search_path = pg_catalog, pg_temp set timezone = 'UTC'
set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_report jsonb := jsonb_build_object('system', p_system, 'dry_run', p_dry_run);
  v_tables jsonb := '{}'::jsonb;
  v_refused jsonb[] := '{}'::jsonb[];
  v_ids jsonb[] := '{}'::jsonb[];
  v_made text[] := '{}'::text[];
  v_unmapped jsonb := '{}'::jsonb;
  v_defaults text[] := '{}'::text[];
  v_default text;
  v_providers jsonb := '{}'::jsonb;
  v_names jsonb;
  v_rows jsonb;
  v_outcomes text[];
  v_table record;
  v_item record;
  v_resolved jsonb;
  v_done record;
  v_state text;
  v_message text;
  v_hint text;
  v_detail text;
begin
  perform ratebook.assert_adoptable(p_system, p_tables);
  -- One at a time, in the order of all who write models.
  perform ratebook.lock_registry();
  begin
    for v_table in
      select t.*, format('compat.%I', t.name)::regclass as view
      from ratebook.adopted_tables() as t
      where t.system = p_system
      order by t.place
    loop
      select
        coalesce(jsonb_agg(r.row order by r.row ->> 'effective_from', r.position), '[]'),
        coalesce(
          jsonb_object_agg(r.row ->> 'id', r.row ->> v_table.key[1]) filter (where r.row ->> 'id' is not null), '{}'
        )
      into v_rows, v_names
      from (
        select
          case jsonb_typeof(e.value) when 'string' then (e.value #>> '{}')::jsonb else e.value end as row,
          e.position
        from jsonb_array_elements(p_tables -> v_table.name) with ordinality as e (value, position)
      ) as r;
      if exists (select from jsonb_array_elements(v_rows) as r (value) where jsonb_typeof(r.value) <> 'object') then
        perform ratebook.fail('invalid_argument', format('A row of %s is not a JSON object.', v_table.name));
      end if;
      if v_table.place = 1 then
        v_providers := v_names;
      end if;
      v_outcomes := array_fill(null::text, array[jsonb_array_length(v_rows)]);

      -- A row that names another of its table gets its own place first.
      for v_item in
        select
          r.position::integer,
          r.value as old,
          r.value - v_table.set_here - case
            when p.pass = 1 and r.value ->> 'canonical_equivalent_id' is not null then 'canonical_equivalent_id' else ''
          end as row
        from jsonb_array_elements(v_rows) with ordinality as r (value, position)
        cross join (values (1), (2)) as p (pass)
        where p.pass = 1 or r.value ->> 'canonical_equivalent_id' is not null
        order by p.pass, r.position
      loop
        continue when v_outcomes[v_item.position] = 'refused';
        begin
          v_resolved := ratebook.resolve_row(v_table.name, v_item.row, v_providers, v_names);
          v_default := null;
          if (v_item.row ->> 'is_default')::boolean then
            v_default := concat_ws(
              ' ', coalesce(v_item.row ->> 'modality', v_item.row ->> 'model_type'), coalesce(v_item.row ->> 'task', 'generation')
            );
            if v_default = any(v_defaults) then
              perform ratebook.fail('invalid_argument', format('It is not the only default of %s.', v_default),
                'Leave one of them the default.', '{"column": "is_default"}');
            end if;
          end if;
          select a.* into v_done from ratebook.adopt_row(v_table.view, v_table.key, v_resolved -> 'row') as a;
          v_defaults := v_defaults || v_default;
          v_made := v_made || array(select jsonb_array_elements_text(v_resolved -> 'made'));
          if v_outcomes[v_item.position] is null then
            v_outcomes[v_item.position] := v_done.outcome;
            if v_done.id::text <> v_item.row ->> 'id' then
              v_ids := v_ids || jsonb_build_object('table', v_table.name, 'old', v_item.row -> 'id', 'here', v_done.id);
            end if;
          elsif v_outcomes[v_item.position] = 'unchanged' then
            v_outcomes[v_item.position] := v_done.outcome;
          end if;
        exception when others then
          get stacked diagnostics
            v_state = returned_sqlstate, v_message = message_text, v_hint = pg_exception_hint,
            v_detail = pg_exception_detail;
          -- Only what is wrong with the row; anything else is wrong with all of them.
          if v_state !~ '^(PT|22|23|42501|54)' then
            raise;
          end if;
          v_outcomes[v_item.position] := 'refused';
          v_refused := v_refused || jsonb_build_object(
            'table', v_table.name,
            'id', v_item.old -> 'id',
            'key', concat_ws(
              ' ',
              coalesce(v_providers ->> (v_item.row ->> 'provider_id'), v_item.row ->> 'provider'),
              v_item.row ->> v_table.key[case v_table.name when 'rate_cards' then 2 else cardinality(v_table.key) end],
              v_item.row ->> 'effective_from'
            ),
            'error', case when v_detail like '{"%' then v_detail::jsonb ->> 'error' end,
            'code', v_state,
            'message', v_message,
            'hint', nullif(v_hint, '')
          );
        end;
      end loop;

      v_tables := v_tables || jsonb_build_object(v_table.name, (
        select jsonb_build_object(
          'read', count(*),
          'added', count(*) filter (where o.outcome = 'added'),
          'changed', count(*) filter (where o.outcome = 'changed'),
          'unchanged', count(*) filter (where o.outcome = 'unchanged'),
          'refused', count(*) filter (where o.outcome = 'refused')
        )
        from unnest(v_outcomes) as o (outcome)
      ));
      v_unmapped := v_unmapped || (
        select coalesce(jsonb_object_agg(v_table.name || '.' || c.key, c.rows), '{}')
        from (
          select e.key, count(*) as rows
          from jsonb_array_elements(v_rows) as r (value)
          cross join lateral jsonb_each(r.value - v_table.set_here) as e
          where
            e.value <> 'null'
            and not exists (
              select from pg_attribute as a
              where a.attrelid = v_table.view and a.attname = e.key and a.attnum > 0 and not a.attisdropped
            )
          group by e.key
        ) as c
      );
    end loop;
    if p_dry_run then
      -- Takes back what was written; the variables stay.
      raise exception using errcode = 'RB000';
    end if;
  exception when sqlstate 'RB000' then
    null;
  end;
  return v_report || jsonb_build_object(
    'tables', v_tables, 'made', v_made, 'refused', v_refused, 'unmapped', v_unmapped, 'ids', v_ids
  );
end;
$$;

create function compat.adopt(system text, tables jsonb, dry_run boolean default false) returns jsonb
language sql volatile
-- PostgREST takes it over for the whole request: some thousand rows need longer than a listing may.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select ratebook.adopt(system, tables, dry_run);
end;

revoke all on function ratebook.adopted_tables() from public;
revoke all on function ratebook.assert_adoptable(text, jsonb) from public;
revoke all on function ratebook.resolve_row(text, jsonb, jsonb, jsonb) from public;
revoke all on function ratebook.adopt(text, jsonb, boolean) from public;
revoke all on function compat.adopt(text, jsonb, boolean) from public;
grant execute on function ratebook.adopt(text, jsonb, boolean) to service_role;
grant execute on function compat.adopt(text, jsonb, boolean) to service_role;

comment on function ratebook.adopted_tables() is
'The tables of each older system in the order in which they are copied, providers first: what identifies a row, and the columns that are this database''s to set.';
comment on function ratebook.assert_adoptable(text, jsonb) is
'Refuses what is not a system and its tables. Error: invalid_argument (PT422).';
comment on function ratebook.resolve_row(text, jsonb, jsonb, jsonb) is
'An old row with the ids that its provider and its counterpart have here, and what had to be made for it: a provider that is a name only, the model of a rate card. p_providers and p_names: old id → key, of providers and of its own table. Errors: unknown_provider, invalid_argument (PT422), those of making them.';
comment on function ratebook.adopt(text, jsonb, boolean) is 'The rule behind compat.adopt().';
comment on function compat.adopt(text, jsonb, boolean) is
'Service role only. Copies the rows of an older system, in one transaction. system: api_models, rate_cards, llm_models or ai_model_config; tables: {table: [row]}, a row being its JSON object, or the text of that where a client''s numbers would lose digits. A row is copied whole, by its id, else by its key, and reads back as it was, or is refused and reported; the same rows again change nothing. An old row wins over what is here, except on rate cards, which never change. dry_run reports and writes nothing. Returns {system, dry_run, tables: {table: {read, added, changed, unchanged, refused}}, made: [what else had to be made], refused: [{table, id, key, error, code, message, hint}], unmapped: {table.column: rows with a value that has no place}, ids: [{table, old, here}]}. Error: invalid_argument (PT422).';

-- from sql/99_auth/010_foreign_keys_to_users.sql

-- The only locks that Ratebook takes on a table of the platform: a foreign key holds auth.users against writes until
-- its transaction ends. So both keys come last and alone, and rather than stand in line for the table, in front of
-- every sign-in, they try again.
do $$
begin
  for v_try in 1..100 loop
    begin
      set local lock_timeout = '300ms';
      alter table lensers.profiles add constraint profiles_user_id_fkey
      foreign key (user_id) references auth.users (id) on delete set null;
      alter table lensers.user_roles add constraint user_roles_user_id_fkey
      foreign key (user_id) references auth.users (id) on delete cascade;
      return;
    exception
      when lock_not_available then
        perform pg_sleep(0.2);
    end;
  end loop;
  raise lock_not_available using
    message = 'auth.users stayed locked by others.',
    hint = 'End the transactions that hold it (pg_locks, pg_stat_activity), then run the migration again.';
end;
$$;

-- from policies/ai.feature_model_policies.sql

alter table ai.feature_model_policies enable row level security;

revoke all on ai.feature_model_policies from public, anon, authenticated, service_role;
grant select on ai.feature_model_policies to anon;
grant select, insert, update, delete on ai.feature_model_policies to authenticated;
grant select, insert, update, delete on ai.feature_model_policies to service_role;

-- The subquery runs under the caller's own policies: routes to hidden models are hidden.
create policy feature_model_policies_select_all on ai.feature_model_policies for select to anon, authenticated
using (exists (
  select from ai.models as m
  where m.id = model_id
));
create policy feature_model_policies_insert_admin on ai.feature_model_policies for insert to authenticated
with check ((select ratebook.is_admin()));
create policy feature_model_policies_update_admin on ai.feature_model_policies for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy feature_model_policies_delete_admin on ai.feature_model_policies for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.features.sql

alter table ai.features enable row level security;

revoke all on ai.features from public, anon, authenticated, service_role;
grant select on ai.features to anon;
grant select, insert, update, delete on ai.features to authenticated;
grant select, insert, update, delete on ai.features to service_role;

create policy features_select_all on ai.features for select to anon, authenticated
using (true);
create policy features_insert_admin on ai.features for insert to authenticated
with check ((select ratebook.is_admin()));
create policy features_update_admin on ai.features for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy features_delete_admin on ai.features for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.generations.sql

alter table ai.generations enable row level security;

-- No API role chooses id; created_at is computed from it.
revoke all on ai.generations from public, anon, authenticated, service_role;
grant select, delete on ai.generations to authenticated;
grant insert (model_id, media_id, prompt, output, token_count, feature_key) on ai.generations to authenticated;
grant select, delete on ai.generations to service_role;
grant insert (
  lenser_id, model_id, media_id, feature_key, prompt, output, token_count, usage, status, latency_ms, quality_rating
) on ai.generations to service_role;
grant update (
  media_id, output, token_count, usage, status, latency_ms, quality_rating
) on ai.generations to service_role;

create policy generations_select_own on ai.generations for select to authenticated
using (lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser()));
-- The subquery runs under the caller's own policies: a hidden model is refused like an unknown one.
create policy generations_insert_own on ai.generations for insert to authenticated
with check (
  lenser_id = (select auth.uid())
  and exists (
    select from ai.models as m
    where m.id = model_id
  )
);
create policy generations_delete_own on ai.generations for delete to authenticated
using (lenser_id = (select auth.uid()));

-- from policies/ai.meters.sql

alter table ai.meters enable row level security;

revoke all on ai.meters from public, anon, authenticated, service_role;
grant select on ai.meters to anon;
grant select, insert, update, delete on ai.meters to authenticated;
grant select, insert, update, delete on ai.meters to service_role;

create policy meters_select_all on ai.meters for select to anon, authenticated
using (true);
create policy meters_insert_admin on ai.meters for insert to authenticated
with check ((select ratebook.is_admin()));
create policy meters_update_admin on ai.meters for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy meters_delete_admin on ai.meters for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.model_aliases.sql

alter table ai.model_aliases enable row level security;

revoke all on ai.model_aliases from public, anon, authenticated, service_role;
grant select on ai.model_aliases to anon;
grant select, insert, update, delete on ai.model_aliases to authenticated;
grant select, insert, update, delete on ai.model_aliases to service_role;

-- The subquery runs under the caller's own policies: names of hidden models are hidden.
create policy model_aliases_select_all on ai.model_aliases for select to anon, authenticated
using (exists (
  select from ai.models as m
  where m.id = model_id
));
create policy model_aliases_insert_admin on ai.model_aliases for insert to authenticated
with check ((select ratebook.is_admin()));
create policy model_aliases_update_admin on ai.model_aliases for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy model_aliases_delete_admin on ai.model_aliases for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.model_pricing.sql

alter table ai.model_pricing enable row level security;

-- id, created_at and created_by are the database's to say.
revoke all on ai.model_pricing from public, anon, authenticated, service_role;
grant select on ai.model_pricing to anon;
grant select on ai.model_pricing to authenticated;
grant insert (
  model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
  context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone,
  source, reference, revision, withdrawn, is_public
) on ai.model_pricing to authenticated;
grant select on ai.model_pricing to service_role;
grant insert (
  model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
  context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone,
  source, reference, revision, withdrawn, is_public
) on ai.model_pricing to service_role;

-- In force or past. The subquery runs under the caller's own policies: prices of hidden models are hidden.
create policy model_pricing_select_public on ai.model_pricing for select to anon, authenticated
using (
  (
    is_public
    and effective_from <= (select ratebook.clock())
    and exists (
      select from ai.models as m
      where m.id = model_id
    )
  )
  or (select ratebook.is_admin())
);
create policy model_pricing_insert_admin on ai.model_pricing for insert to authenticated
with check ((select ratebook.is_admin()));

-- from policies/ai.model_profiles.sql

alter table ai.model_profiles enable row level security;

revoke all on ai.model_profiles from public, anon, authenticated, service_role;
grant select, insert, update, delete on ai.model_profiles to authenticated;
grant select, insert, update, delete on ai.model_profiles to service_role;

create policy model_profiles_select_admin on ai.model_profiles for select to authenticated
using ((select ratebook.is_admin()));
create policy model_profiles_insert_admin on ai.model_profiles for insert to authenticated
with check ((select ratebook.is_admin()));
create policy model_profiles_update_admin on ai.model_profiles for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy model_profiles_delete_admin on ai.model_profiles for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.models.sql

alter table ai.models enable row level security;

revoke all on ai.models from public, anon, authenticated, service_role;
grant select on ai.models to anon;
grant select, insert, update, delete on ai.models to authenticated;
grant select, insert, update, delete on ai.models to service_role;

create policy ai_models_read_all on ai.models for select to anon, authenticated
using ((is_public and deleted_at is null) or (select ratebook.is_admin()));
create policy models_insert_admin on ai.models for insert to authenticated
with check ((select ratebook.is_admin()));
create policy models_update_admin on ai.models for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy models_delete_admin on ai.models for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.provider_connections.sql

alter table ai.provider_connections enable row level security;

revoke all on ai.provider_connections from public, anon, authenticated, service_role;
grant select, insert, update, delete on ai.provider_connections to authenticated;
grant select, insert, update, delete on ai.provider_connections to service_role;

create policy provider_connections_select_admin on ai.provider_connections for select to authenticated
using ((select ratebook.is_admin()));
create policy provider_connections_insert_admin on ai.provider_connections for insert to authenticated
with check ((select ratebook.is_admin()));
create policy provider_connections_update_admin on ai.provider_connections for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy provider_connections_delete_admin on ai.provider_connections for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.providers.sql

alter table ai.providers enable row level security;

revoke all on ai.providers from public, anon, authenticated, service_role;
grant select on ai.providers to anon;
grant select, insert, update, delete on ai.providers to authenticated;
grant select, insert, update, delete on ai.providers to service_role;

create policy providers_select_all on ai.providers for select to anon, authenticated
using (true);
create policy providers_insert_admin on ai.providers for insert to authenticated
with check ((select ratebook.is_admin()));
create policy providers_update_admin on ai.providers for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy providers_delete_admin on ai.providers for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.resources.sql

revoke all on ai.resources from public, anon, authenticated, service_role;
grant select on ai.resources to authenticated;
grant select on ai.resources to service_role;

-- from policies/ai.service_tiers.sql

alter table ai.service_tiers enable row level security;

revoke all on ai.service_tiers from public, anon, authenticated, service_role;
grant select on ai.service_tiers to anon;
grant select, insert, update, delete on ai.service_tiers to authenticated;
grant select, insert, update, delete on ai.service_tiers to service_role;

create policy service_tiers_select_all on ai.service_tiers for select to anon, authenticated
using (true);
create policy service_tiers_insert_admin on ai.service_tiers for insert to authenticated
with check ((select ratebook.is_admin()));
create policy service_tiers_update_admin on ai.service_tiers for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy service_tiers_delete_admin on ai.service_tiers for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/billing.account_members.sql

alter table billing.account_members enable row level security;

revoke all on billing.account_members from public, anon, authenticated, service_role;
grant select on billing.account_members to authenticated, service_role;

create policy account_members_select_own on billing.account_members for select to authenticated
using (
  lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser())
  or member_id = (select auth.uid())
);

-- from policies/billing.accounts.sql

alter table billing.accounts enable row level security;

revoke all on billing.accounts from public, anon, authenticated, service_role;
grant select on billing.accounts to authenticated, service_role;

create policy accounts_select_own on billing.accounts for select to authenticated
using (lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser()));
-- The functions of the wallet write the rest.
grant insert (lenser_id, name, overdraft_limit, low_balance_mark) on billing.accounts to service_role;
grant update (name, overdraft_limit, low_balance_mark) on billing.accounts to service_role;

-- from policies/billing.balances.sql

-- A view by the rights of who asks.
revoke all on billing.balances from public, anon, authenticated, service_role;
grant select on billing.balances to authenticated, service_role;

-- from policies/billing.budget_periods.sql

alter table billing.budget_periods enable row level security;

revoke all on billing.budget_periods from public, anon, authenticated, service_role;
grant select on billing.budget_periods to authenticated, service_role;

create policy budget_periods_select_own on billing.budget_periods for select to authenticated
using (lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser()));

-- from policies/billing.budgets.sql

alter table billing.budgets enable row level security;

revoke all on billing.budgets from public, anon, authenticated, service_role;
grant select, delete on billing.budgets to authenticated, service_role;
grant insert (lenser_id, feature_id, model_id, period, soft_limit, hard_limit, is_active) on billing.budgets
to authenticated, service_role;
grant update (soft_limit, hard_limit, is_active) on billing.budgets to authenticated, service_role;

create policy budgets_select_own on billing.budgets for select to authenticated
using (lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser()));
create policy budgets_insert_admin on billing.budgets for insert to authenticated
with check ((select ratebook.is_admin()));
create policy budgets_update_admin on billing.budgets for update to authenticated
using ((select ratebook.is_admin())) with check ((select ratebook.is_admin()));
create policy budgets_delete_admin on billing.budgets for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/billing.charge_costs.sql

alter table billing.charge_costs enable row level security;

revoke all on billing.charge_costs from public, anon, authenticated, service_role;
grant select on billing.charge_costs to authenticated, service_role;

create policy charge_costs_select_admin on billing.charge_costs for select to authenticated
using ((select ratebook.is_admin()));

-- from policies/billing.charges.sql

alter table billing.charges enable row level security;

revoke all on billing.charges from public, anon, authenticated, service_role;
grant select on billing.charges to authenticated, service_role;

create policy charges_select_own on billing.charges for select to authenticated
using (lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser()));

-- from policies/billing.credit_rates.sql

alter table billing.credit_rates enable row level security;

-- id, created_at and created_by are the database's to say.
revoke all on billing.credit_rates from public, anon, authenticated, service_role;
grant select on billing.credit_rates to authenticated;
grant insert (
  currency, credits_per_currency_unit, effective_from, revision
) on billing.credit_rates to authenticated;
grant select on billing.credit_rates to service_role;
grant insert (
  currency, credits_per_currency_unit, effective_from, revision
) on billing.credit_rates to service_role;

create policy credit_rates_select_admin on billing.credit_rates for select to authenticated
using ((select ratebook.is_admin()));
create policy credit_rates_insert_admin on billing.credit_rates for insert to authenticated
with check ((select ratebook.is_admin()));

-- from policies/billing.execution_margin_policies.sql

alter table billing.execution_margin_policies enable row level security;

-- id, created_at and created_by are the database's to say.
revoke all on billing.execution_margin_policies from public, anon, authenticated, service_role;
grant select on billing.execution_margin_policies to authenticated;
grant insert (
  model_id, feature_id, provider_id, tier, margin, fixed_credits, min_credits, minimum_applies_to_free, increment,
  enabled, effective_from, revision
) on billing.execution_margin_policies to authenticated;
grant select on billing.execution_margin_policies to service_role;
grant insert (
  model_id, feature_id, provider_id, tier, margin, fixed_credits, min_credits, minimum_applies_to_free, increment,
  enabled, effective_from, revision
) on billing.execution_margin_policies to service_role;

create policy execution_margin_policies_select_admin on billing.execution_margin_policies for select to authenticated
using ((select ratebook.is_admin()));
create policy execution_margin_policies_insert_admin on billing.execution_margin_policies for insert to authenticated
with check ((select ratebook.is_admin()));

-- from policies/billing.grants.sql

alter table billing.grants enable row level security;

revoke all on billing.grants from public, anon, authenticated, service_role;
grant select on billing.grants to authenticated, service_role;

create policy grants_select_own on billing.grants for select to authenticated
using (lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser()));

-- from policies/billing.holds.sql

alter table billing.holds enable row level security;

revoke all on billing.holds from public, anon, authenticated, service_role;
grant select on billing.holds to authenticated, service_role;

create policy holds_select_own on billing.holds for select to authenticated
using (lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser()));

-- from policies/billing.idempotency_keys.sql

-- For the functions of the wallet, and for the service role to look at.
alter table billing.idempotency_keys enable row level security;

revoke all on billing.idempotency_keys from public, anon, authenticated, service_role;
grant select on billing.idempotency_keys to service_role;

-- from policies/billing.ledger_entries.sql

alter table billing.ledger_entries enable row level security;

revoke all on billing.ledger_entries from public, anon, authenticated, service_role;
grant select on billing.ledger_entries to authenticated, service_role;

create policy ledger_entries_select_own on billing.ledger_entries for select to authenticated
using (lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser()));

-- from policies/billing.outbox.sql

alter table billing.outbox enable row level security;

revoke all on billing.outbox from public, anon, authenticated, service_role;
grant select on billing.outbox to authenticated, service_role;
grant update (delivered_at), delete on billing.outbox to service_role;

create policy outbox_select_own on billing.outbox for select to authenticated
using (lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser()));

-- from policies/billing.recurring_grants.sql

alter table billing.recurring_grants enable row level security;

revoke all on billing.recurring_grants from public, anon, authenticated, service_role;
grant select on billing.recurring_grants to authenticated, service_role;

create policy recurring_grants_select_own on billing.recurring_grants for select to authenticated
using (lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser()));

-- from policies/billing.revenue_by_day.sql

-- A view by the rights of who asks: owners see no costs.
revoke all on billing.revenue_by_day from public, anon, authenticated, service_role;
grant select on billing.revenue_by_day to authenticated, service_role;

-- from policies/billing.usage_by_day.sql

-- A view by the rights of who asks.
revoke all on billing.usage_by_day from public, anon, authenticated, service_role;
grant select on billing.usage_by_day to authenticated, service_role;

-- from policies/compat.ai_model_config.sql

-- Writing is for admins: the view's statement trigger asks.
revoke all on compat.ai_model_config from public, anon, authenticated, service_role;
grant select, insert, update, delete on compat.ai_model_config to authenticated;
grant select, insert, update, delete on compat.ai_model_config to service_role;

-- from policies/compat.api_model_stats.sql

revoke all on compat.api_model_stats from public, anon, authenticated, service_role;
grant select on compat.api_model_stats to authenticated;
grant select on compat.api_model_stats to service_role;

-- from policies/compat.api_models.sql

-- Rows: the policies of ai.models, and the view's own condition. Writing: the view's triggers.
revoke all on compat.api_models from public, anon, authenticated, service_role;
grant select, insert, update, delete on compat.api_models to authenticated;
grant select, insert, update, delete on compat.api_models to service_role;

-- from policies/compat.api_providers.sql

-- Rows: the policies of ai.providers.
revoke all on compat.api_providers from public, anon, authenticated, service_role;
grant select, insert, update, delete on compat.api_providers to authenticated;
grant select, insert, update, delete on compat.api_providers to service_role;

-- from policies/compat.jobs.sql

-- Rows: the policies of ai.generations. No API role chooses id or created_at, and owners write no results.
revoke all on compat.jobs from public, anon, authenticated, service_role;
grant select, delete on compat.jobs to authenticated;
grant insert (api_model_id, prompt, output) on compat.jobs to authenticated;
grant select, delete on compat.jobs to service_role;
grant insert (
  user_id, api_model_id, status, quality_rating, prompt, output, latency_ms
) on compat.jobs to service_role;
grant update (status, quality_rating, output, latency_ms) on compat.jobs to service_role;

-- from policies/compat.llm_models.sql

-- The source's two policies: the service role manages, anon reads. Signed-in users read as well.
revoke all on compat.llm_models from public, anon, authenticated, service_role;
grant select on compat.llm_models to anon;
grant select on compat.llm_models to authenticated;
grant select, insert, update, delete on compat.llm_models to service_role;

-- from policies/compat.llm_providers.sql

revoke all on compat.llm_providers from public, anon, authenticated, service_role;
grant select on compat.llm_providers to anon;
grant select on compat.llm_providers to authenticated;
grant select, insert, update, delete on compat.llm_providers to service_role;

-- from policies/compat.model_profiles.sql

-- Rows: the policies of ai.model_profiles, which are for admins.
revoke all on compat.model_profiles from public, anon, authenticated, service_role;
grant select, insert, update, delete on compat.model_profiles to authenticated;
grant select, insert, update, delete on compat.model_profiles to service_role;

-- from policies/compat.providers.sql

-- Rows: the policies of ai.providers.
revoke all on compat.providers from public, anon, authenticated, service_role;
grant select on compat.providers to anon;
grant select, insert, update, delete on compat.providers to authenticated;
grant select, insert, update, delete on compat.providers to service_role;

-- from policies/compat.rate_cards.sql

-- Rows: the policies of ai.models, and public prices only. Insert-only; created_at and id are the database's to say.
revoke all on compat.rate_cards from public, anon, authenticated, service_role;
grant select on compat.rate_cards to anon;
grant select on compat.rate_cards to authenticated;
grant insert (
  provider, model, input_cost_per_1m, output_cost_per_1m, cache_write_cost_per_1m, cache_read_cost_per_1m, currency,
  effective_from, source
) on compat.rate_cards to authenticated;
grant select on compat.rate_cards to service_role;
grant insert (
  provider, model, input_cost_per_1m, output_cost_per_1m, cache_write_cost_per_1m, cache_read_cost_per_1m, currency,
  effective_from, source
) on compat.rate_cards to service_role;

-- from policies/content.media_library.sql

alter table content.media_library enable row level security;

revoke all on content.media_library from public, anon, authenticated, service_role;
grant select, delete on content.media_library to authenticated;
grant insert (object_id, title, url) on content.media_library to authenticated;
grant update (object_id, title, url) on content.media_library to authenticated;
grant select, delete on content.media_library to service_role;
grant insert (lenser_id, object_id, title, url) on content.media_library to service_role;
grant update (lenser_id, object_id, title, url) on content.media_library to service_role;

create policy media_library_select_own on content.media_library for select to authenticated
using (lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser()));
create policy media_library_insert_own on content.media_library for insert to authenticated
with check (lenser_id = (select auth.uid()));
create policy media_library_update_own on content.media_library for update to authenticated
using (lenser_id = (select auth.uid()))
with check (lenser_id = (select auth.uid()));
create policy media_library_delete_own on content.media_library for delete to authenticated
using (lenser_id = (select auth.uid()));

-- from policies/lensers.audit_history.sql

alter table lensers.audit_history enable row level security;

-- Written by triggers alone.
revoke all on lensers.audit_history from public, anon, authenticated, service_role;
grant select on lensers.audit_history to authenticated;
grant select on lensers.audit_history to service_role;

create policy audit_history_select_admin on lensers.audit_history for select to authenticated
using ((select ratebook.is_admin()));

-- from policies/lensers.profiles.sql

alter table lensers.profiles enable row level security;

revoke all on lensers.profiles from public, anon, authenticated, service_role;
grant select on lensers.profiles to authenticated;
grant insert (id, user_id, display_name, avatar_url) on lensers.profiles to authenticated;
grant update (display_name, avatar_url) on lensers.profiles to authenticated;
grant select, insert on lensers.profiles to service_role;
grant update (display_name, avatar_url) on lensers.profiles to service_role;

create policy profiles_select_own on lensers.profiles for select to authenticated
using (id = (select auth.uid()) or (select ratebook.is_admin()));
create policy profiles_insert_own on lensers.profiles for insert to authenticated
with check (id = (select auth.uid()) and user_id = (select auth.uid()));
-- An erased profile stays empty.
create policy profiles_update_own on lensers.profiles for update to authenticated
using (id = (select auth.uid()) and erased_at is null)
with check (id = (select auth.uid()));

-- from policies/lensers.user_roles.sql

alter table lensers.user_roles enable row level security;

revoke all on lensers.user_roles from public, anon, authenticated, service_role;
grant select, delete on lensers.user_roles to authenticated;
grant insert (user_id, role) on lensers.user_roles to authenticated;
grant select, insert, delete on lensers.user_roles to service_role;

create policy user_roles_select_own on lensers.user_roles for select to authenticated
using (user_id = (select auth.uid()) or (select ratebook.is_admin()));
create policy user_roles_insert_admin on lensers.user_roles for insert to authenticated
with check ((select ratebook.is_admin()));
create policy user_roles_delete_admin on lensers.user_roles for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/media.objects.sql

alter table media.objects enable row level security;

revoke all on media.objects from public, anon, authenticated, service_role;
grant select, delete on media.objects to authenticated;
grant insert (bucket, path, mime_type, byte_size) on media.objects to authenticated;
grant update (bucket, path, mime_type, byte_size) on media.objects to authenticated;
grant select, delete on media.objects to service_role;
grant insert (lenser_id, bucket, path, mime_type, byte_size) on media.objects to service_role;
grant update (lenser_id, bucket, path, mime_type, byte_size) on media.objects to service_role;

create policy objects_select_own on media.objects for select to authenticated
using (lenser_id between (select ratebook.first_readable_lenser()) and (select ratebook.last_readable_lenser()));
create policy objects_insert_own on media.objects for insert to authenticated
with check (lenser_id = (select auth.uid()));
create policy objects_update_own on media.objects for update to authenticated
using (lenser_id = (select auth.uid()))
with check (lenser_id = (select auth.uid()));
create policy objects_delete_own on media.objects for delete to authenticated
using (lenser_id = (select auth.uid()));

-- from policies/ratebook.price_schedules.sql

-- Computed; read by the pricing functions alone.
alter table ratebook.price_schedules enable row level security;
revoke all on ratebook.price_schedules from public, anon, authenticated, service_role;

-- from policies/ratebook.price_sheets.sql

-- Computed; read by the pricing functions alone.
alter table ratebook.price_sheets enable row level security;
revoke all on ratebook.price_sheets from public, anon, authenticated, service_role;

-- from policies/ratebook.price_windows.sql

-- Computed; read by the pricing functions alone.
alter table ratebook.price_windows enable row level security;
revoke all on ratebook.price_windows from public, anon, authenticated, service_role;
