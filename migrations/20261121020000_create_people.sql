-- Ratebook's people (module core). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- from sql/20_people/010_schema_lensers.sql

select ratebook.take_schema(
  'lensers',
  'People: who owns generations, media and wallets, which roles they have, and who changed what.'
);

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

create function ratebook.request_headers() returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return nullif(current_setting('request.headers', true), '')::jsonb;
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
begin
  return row(ratebook.uid(), ratebook.caller(), session_user::text, left(ratebook.request_headers() ->> 'x-request-id', 200));
end;
$$;

revoke all on function ratebook.request_headers() from public;
revoke all on function ratebook.actor() from public;

comment on type ratebook.actor is 'Who acts: the columns of the same names in lensers.audit_history.';
comment on column ratebook.actor.subject is 'The JWT subject.';
comment on column ratebook.actor.role is 'The role that sent the statement.';
comment on column ratebook.actor.database_user is 'The user who opened the connection.';
comment on column ratebook.actor.request_id is 'The header x-request-id.';
comment on function ratebook.request_headers() is
'The headers of PostgREST''s request; NULL where there are none or they are malformed.';
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

-- from sql/20_people/050_function_keep_history.sql

-- Inserts and deletes come in thousands, so one statement trigger writes them all at once. Only a row trigger knows which
-- new row an old one has become when its key changes, so updates are written one by one.
-- A restore and a subscriber (session_replication_role = replica) bring the entries of their source along, so these
-- triggers rest there; the guard against TRUNCATE does not.

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
'Puts a table under lensers.audit_history: three triggers that fire for whoever writes (not while a copy is loaded, which brings its own entries), and a guard against TRUNCATE where it has none, which always fires. Call it once the columns of the table and its own guards are there.';

-- from sql/20_people/055_function_record_call.sql

create function ratebook.record_call(
  p_function text, p_table text, p_row_key jsonb, p_arguments jsonb, p_answer jsonb
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor ratebook.actor;
begin
  -- What requests write in the name of the service role is in the tables themselves, and pays for no more.
  if ratebook.caller() <> 'authenticated' then
    return;
  end if;
  v_actor := ratebook.actor();
  insert into lensers.audit_history (
    changed_at, table_name, operation, row_key, after, subject, role, database_user, request_id
  ) values (
    ratebook.clock(), p_table, 'CALL', p_row_key,
    jsonb_build_object('function', p_function, 'arguments', p_arguments, 'answer', p_answer),
    v_actor.subject, v_actor.role, v_actor.database_user, v_actor.request_id
  );
end;
$$;

revoke all on function ratebook.record_call(text, text, jsonb, jsonb, jsonb) from public;

comment on function ratebook.record_call(text, text, jsonb, jsonb, jsonb) is
'Writes into lensers.audit_history which signed-in admin called a function of the wallet, in the transaction of its effect; nothing for others. For tables that requests write to, which ratebook.keep_history() is not for. p_table and p_row_key: what was called for. Call it from a function that is SECURITY DEFINER, once something has happened.';

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
  created_at timestamptz not null default ratebook.clock(),
  constraint user_roles_pkey primary key (user_id, role)
);

select ratebook.keep_history('lensers.user_roles');

comment on table lensers.user_roles is
'Application roles. The service role makes the first admin; admins make the others. Who gave one: select=*,granted_by.';
comment on column lensers.user_roles.user_id is 'The auth user who has the role.';
comment on column lensers.user_roles.role is 'The role.';
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
    where r.user_id = ratebook.uid() and r.role = 'admin'
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
  return exists (select from pg_catalog.pg_roles as r where r.rolname = v_caller and r.rolbypassrls)
    -- A backend's own login, to which the service role was granted.
    or pg_has_role(v_caller, 'service_role', 'usage');
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
'Whether the caller may see what is hidden: admins, the service role, roles that have its privileges or BYPASSRLS, and the owner of the schema.';
comment on function ratebook.assert_privileged() is
'Refuses all but those of ratebook.is_privileged(). Error: not_allowed (42501).';

-- from sql/20_people/090_function_author.sql

-- Who made or changed a row is no column of it: PostgreSQL shows a column to all who read the row or makes their select=*
-- an error, and the ids of admins are nobody else's. The audit history knows, and computed fields ask it for those who may.
create function ratebook.author(p_table text, p_key jsonb, p_is_first boolean) returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: asks for the caller's rights itself, and reads the history for an admin at the cost of one entry.
declare
  v_entry record;
begin
  if not ratebook.is_privileged() then
    return null;
  elsif p_is_first then
    select h.operation, h.subject into v_entry
    from lensers.audit_history as h
    where h.table_name = p_table and h.row_key = p_key
    order by h.id
    limit 1;
    -- What is older than the history was made by nobody known.
    return case when v_entry.operation = 'INSERT' then v_entry.subject end;
  end if;
  select h.subject into v_entry
  from lensers.audit_history as h
  where h.table_name = p_table and h.row_key = p_key
  order by h.id desc
  limit 1;
  return v_entry.subject;
end;
$$;

revoke all on function ratebook.author(text, jsonb, boolean) from public;
grant execute on function ratebook.author(text, jsonb, boolean) to anon, authenticated, service_role;

comment on function ratebook.author(text, jsonb, boolean) is
'The JWT subject who made a row (p_is_first), or who changed it last, by the audit history: NULL where that was the service role or direct SQL, and for all but admins and the service role. p_key: its primary key.';

create function lensers.granted_by(lensers.user_roles) returns uuid
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.author(
  'lensers.user_roles', jsonb_build_object('user_id', ($1).user_id, 'role', ($1).role), true
);

revoke all on function lensers.granted_by(lensers.user_roles) from public;
grant execute on function lensers.granted_by(lensers.user_roles) to authenticated, service_role;

comment on function lensers.granted_by(lensers.user_roles) is
'Computed field: the JWT subject who gave the role, for admins and the service role, else NULL; NULL too where the service role or direct SQL did. lensers.user_roles?select=*,granted_by.';

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

-- from sql/20_people/105_function_show_all_to_admins.sql

create function ratebook.show_all_to_admins(p_table regclass) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_view text;
  v_fence text;
  v_column record;
begin
  select format('%I.%I', n.nspname, 'all_' || c.relname), format('ratebook.%I', 'all_' || c.relname)
  into strict v_view, v_fence
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.oid = p_table;

  -- The fence: a view by the rights of its owner, so the owners' policy of the table does not apply. It asks once who is
  -- asking, before it reads a row. It is no security barrier, behind which no index would give the order of a page.
  execute format('create view %s as select t.* from %s as t where (select ratebook.is_privileged())', v_fence, p_table);
  -- What the API shows has the rights of who asks. It finds the fence without usage on schema ratebook: views are bound
  -- when they are created.
  execute format('create view %s with (security_invoker = true) as select t.* from %s as t', v_view, v_fence);
  execute format('revoke all on %s, %s from public, anon, authenticated, service_role', v_fence, v_view);
  execute format('grant select on %s, %s to authenticated, service_role', v_fence, v_view);

  execute format('comment on view %s is %L', v_fence,
    format('The fence behind %s: all rows of %s for those of ratebook.is_privileged(), none for others.', v_view, p_table));
  execute format('comment on view %s is %L', v_view,
    format(
      'For admins and the service role: %s with everybody''s rows. Others find it empty.%s', p_table,
      -- Where there is an id: it leads the key.
      case when exists (
        select from pg_catalog.pg_attribute as a where a.attrelid = p_table and a.attname = 'id' and not a.attisdropped
      ) then ' Page by id, which has an index; any other order reads all of it.' end
    ));
  for v_column in
    select format('%I', a.attname) as name, col_description(a.attrelid, a.attnum) as description
    from pg_catalog.pg_attribute as a
    where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped
  loop
    execute format('comment on column %s.%s is %L', v_fence, v_column.name, v_column.description);
    execute format('comment on column %s.%s is %L', v_view, v_column.name, v_column.description);
  end loop;
end;
$$;

revoke all on function ratebook.show_all_to_admins(regclass) from public;

comment on function ratebook.show_all_to_admins(regclass) is
'Makes all_<table> beside a table of owners, with its grants and comments: the table''s own policy is the owner''s alone, because an "or admin" in it makes each owner''s page read the whole table. Call it once the table''s columns and comments are there.';

-- from sql/20_people/110_function_has_role.sql

create function ratebook.has_role(p_user uuid, p_role lensers.app_role) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: user_roles is readable for its owner and admins only; this asks first.
begin
  if p_user is distinct from ratebook.uid() and not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'You may ask for your own roles only.',
      'Call has_role with your own id, or as an admin.');
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

create function ratebook.ensure_profile_of(p_lenser_id uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erased_at timestamptz;
begin
  if p_lenser_id is null then
    perform ratebook.fail('not_allowed', 'Only a lenser can own something.', 'Sign in, or name a lenser.');
  end if;
  -- The lock waits for an erasure under way, and is what the foreign key takes anyway.
  select p.erased_at into v_erased_at from lensers.profiles as p where p.id = p_lenser_id for key share;
  if not found then
    insert into lensers.profiles (id, user_id)
    select u.id, u.id from auth.users as u where u.id = p_lenser_id
    on conflict do nothing;
    if not found and not exists (select from lensers.profiles as p where p.id = p_lenser_id) then
      perform ratebook.fail('unknown_lenser', format('There is no lenser %s.', p_lenser_id),
        'A lenser is an auth user, or a row of lensers.profiles.', jsonb_build_object('lenser', p_lenser_id));
    end if;
  elsif v_erased_at is not null then
    perform ratebook.fail('erased_lenser', 'This lenser was erased and can own nothing new.');
  end if;
end;
$$;

create function ratebook.ensure_profile() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: makes the profile in the owner's name and reads auth.users, which the caller cannot.
begin
  perform ratebook.ensure_profile_of(new.lenser_id);
  return new;
end;
$$;

revoke all on function ratebook.ensure_profile_of(uuid) from public;
revoke all on function ratebook.ensure_profile() from public;

comment on function ratebook.ensure_profile_of(uuid) is 'The rule behind ratebook.ensure_profile().';
comment on function ratebook.ensure_profile() is
'Row trigger on tables with lenser_id: makes the profile of an auth user at its first use, so that nothing has to be kept in step. Errors: not_allowed, erased_lenser (42501), unknown_lenser (PT404).';

-- from sql/20_people/125_function_forget_reference_rows.sql

create function ratebook.forget_reference_rows() returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tables text[] := array(
    select r.name
    from ratebook.own_relations() as r
    where exists (select from pg_catalog.pg_trigger as t where t.tgrelid = r.id and t.tgfoid = 'ratebook.record_rows'::regproc)
    -- Later rows refer to earlier ones.
    order by (select min(h.id) from lensers.audit_history as h where h.table_name = r.name) desc nulls first
  );
  v_entered text[] := '{}'::text[];
  v_table text;
  v_is_strange boolean;
  v_deleted integer;
  v_forgotten integer := 0;
begin
  -- Nobody writes meanwhile. The guard comes back at the end; an error takes its absence back.
  alter table lensers.audit_history disable trigger audit_history_refuse_change;

  -- Whoever changes a row leaves an entry that is not a migration's; what has none came in as a copy.
  foreach v_table in array v_tables loop
    execute format(
      'select exists (select from %s as t where not exists ('
      'select from lensers.audit_history as h where h.table_name = %L and to_jsonb(t) @> h.row_key))',
      v_table, v_table
    ) into v_is_strange;
    if v_is_strange then
      v_entered := v_entered || v_table;
    end if;
  end loop;
  v_entered := v_entered || array(
    select distinct h.table_name
    from lensers.audit_history as h
    where
      h.request_id is distinct from 'ratebook migration' or h.role in ('anon', 'authenticated', 'service_role')
    order by h.table_name
  ) || array(select 'lensers.profiles' from lensers.profiles limit 1);
  if v_entered <> '{}' then
    perform ratebook.fail(
      'not_empty', format('This database holds data of its own: %s.', array_to_string(v_entered, ', ')),
      'Load a copy into a database that was migrated and not used yet.', jsonb_build_object('tables', v_entered)
    );
  end if;

  foreach v_table in array v_tables loop
    continue when not exists (select from lensers.audit_history as h where h.table_name = v_table);
    execute format('delete from %s', v_table);
    get diagnostics v_deleted = row_count;
    v_forgotten := v_forgotten + v_deleted;
  end loop;
  -- The entries of these rows, and of their going.
  delete from lensers.audit_history;
  alter table lensers.audit_history enable always trigger audit_history_refuse_change;
  return v_forgotten;
end;
$$;

revoke all on function ratebook.forget_reference_rows() from public;

comment on function ratebook.forget_reference_rows() is
'For the owner of the schema, before a copy comes into a migrated database: removes the rows that migrations entered (their entries in lensers.audit_history have request_id "ratebook migration") and all entries, so that those of the source have their place. Returns how many rows. Error: not_empty (PT409), which names the tables, where anything else was entered.';

-- from sql/20_people/125_view_all_profiles.sql

select ratebook.show_all_to_admins('lensers.profiles');

-- from sql/20_people/130_triggers.sql

create trigger profiles_stamp before update on lensers.profiles
for each row execute function ratebook.stamp();
create trigger user_roles_require_privileged before insert or delete on lensers.user_roles
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();

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
using (id = (select ratebook.uid()));
create policy profiles_insert_own on lensers.profiles for insert to authenticated
with check (id = (select ratebook.uid()) and user_id = (select ratebook.uid()));
-- An erased profile stays empty.
create policy profiles_update_own on lensers.profiles for update to authenticated
using (id = (select ratebook.uid()) and erased_at is null)
with check (id = (select ratebook.uid()));

-- from policies/lensers.user_roles.sql

alter table lensers.user_roles enable row level security;

revoke all on lensers.user_roles from public, anon, authenticated, service_role;
grant select, delete on lensers.user_roles to authenticated;
grant insert (user_id, role) on lensers.user_roles to authenticated;
grant select, insert, delete on lensers.user_roles to service_role;

-- The one second condition on a table of owners: admins take roles away, and a DELETE asks the SELECT policy too. Few
-- have a role, so that reading one's own may cost the table.
create policy user_roles_select_own on lensers.user_roles for select to authenticated
using (user_id = (select ratebook.uid()) or (select ratebook.is_admin()));
create policy user_roles_insert_admin on lensers.user_roles for insert to authenticated
with check ((select ratebook.is_admin()));
create policy user_roles_delete_admin on lensers.user_roles for delete to authenticated
using ((select ratebook.is_admin()));

insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', '20_people', o.kind, o.name, o.state
from (values
  ('constraint', 'a_delete_has_no_after on lensers.audit_history', '19cf3547fb275d500117ae737f2bd2a3'),
  ('constraint', 'a_person_has_the_id_of_the_user on lensers.profiles', 'a481e8dda3acb1d5dd5b6e8949933577'),
  ('constraint', 'an_erased_profile_is_empty on lensers.profiles', '55f47ff0fe588fefceb06d307bafc68a'),
  ('constraint', 'an_insert_or_call_has_no_before on lensers.audit_history', '065bc30ec9d98556ed3aa8757663fbb1'),
  ('constraint', 'audit_history_pkey on lensers.audit_history', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'display_name_is_short on lensers.profiles', '3ce9adfe8d58711486d439eec594247c'),
  ('constraint', 'operation_is_known on lensers.audit_history', 'db7260c0a41569415211bdd1ca034e3d'),
  ('constraint', 'profiles_pkey on lensers.profiles', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'profiles_user_id_key on lensers.profiles', '382c83dae134346554f5965547d9b01e'),
  ('constraint', 'user_roles_pkey on lensers.user_roles', 'f7e6d8e136429a5e72973779a247a8ed'),
  ('function', 'lensers.granted_by(lensers.user_roles)', '752b34c85bcb4bef2b21d11595b66b17'),
  ('function', 'lensers.has_role("user" uuid, role lensers.app_role)', '5ce220b059b9b923fbf272f4304bd776'),
  ('function', 'ratebook.actor()', 'a4dbc998b30cdd783ddd99a7e1b08f97'),
  ('function', 'ratebook.assert_privileged()', '7b0deca6ac3a78aa7087cf311bfcc8d7'),
  ('function', 'ratebook.author(p_table text, p_key jsonb, p_is_first boolean)', 'a68f65f291151efdcc32b7b4e82d4c85'),
  ('function', 'ratebook.ensure_profile()', 'a25f2b702fc4714df5ed95c518f68538'),
  ('function', 'ratebook.ensure_profile_of(p_lenser_id uuid)', 'f91e67cc1471b8d4cbcb30440c3f2565'),
  ('function', 'ratebook.forget_reference_rows()', '1102ffa16b21d98aa3f0e91ddf94d018'),
  ('function', 'ratebook.has_role(p_user uuid, p_role lensers.app_role)', 'fd9db5c8e01bc12036a557ab416b7ee7'),
  ('function', 'ratebook.is_admin()', '7d6fbe1e18736dfdc0d0bf88a4f43516'),
  ('function', 'ratebook.is_privileged()', '01aa48afc7a903c7aa2630acd0fb3d03'),
  ('function', 'ratebook.keep_history(p_table regclass)', '36addf5a00a73659d915970c39f04010'),
  ('function', 'ratebook.record_call(p_function text, p_table text, p_row_key jsonb, p_arguments jsonb, p_answer jsonb)', '6b65fbd5c885f7310990d65af4f1d7c4'),
  ('function', 'ratebook.record_rows()', '8c8e1ad2bacb3469c3dc80d363ddee59'),
  ('function', 'ratebook.record_update()', '793d0675d06f0cd606b2e80ec6c0f5b6'),
  ('function', 'ratebook.request_headers()', '81cb635db285e014b252529f877df17d'),
  ('function', 'ratebook.require_privileged()', 'd337ab3e646a7a34174072b3b8e11893'),
  ('function', 'ratebook.show_all_to_admins(p_table regclass)', '3a49351daa70080a5e887283afd292fb'),
  ('index', 'lensers.audit_history_changed_at_idx', '88220a842eef64f97cb2d2126ff660a3'),
  ('index', 'lensers.audit_history_former_model_id_id_idx', '86d3e339f26da4718abea3f801bab9e5'),
  ('index', 'lensers.audit_history_model_id_id_idx', '879ce27d5bb916dd74e8cf6a743f7680'),
  ('index', 'lensers.audit_history_pkey', '233bd238175c495328c3e0da7203ba8b'),
  ('index', 'lensers.audit_history_table_name_row_key_id_idx', 'c9195f34a149835d1baccf7176a99097'),
  ('index', 'lensers.profiles_pkey', '104a6cf8bba654164fe95db17e9d4867'),
  ('index', 'lensers.profiles_user_id_key', '663e48d2adf6be4e3d64ba0cf0d826d0'),
  ('index', 'lensers.user_roles_pkey', 'fa3159f9afdc8ce9bc930e05f5745868'),
  ('policy', 'audit_history_select_admin on lensers.audit_history', 'd36bf2a7d29ea5dd6cd959923a241058'),
  ('policy', 'profiles_insert_own on lensers.profiles', 'dff02a38acb5d244b8a1e97c2c526add'),
  ('policy', 'profiles_select_own on lensers.profiles', '61c70201d8001ae18ec200ac5317295c'),
  ('policy', 'profiles_update_own on lensers.profiles', 'a77471a18d6bccfa60bc2b5a7b813fdb'),
  ('policy', 'user_roles_delete_admin on lensers.user_roles', '87d0caa9082f8b334231517a3e0da981'),
  ('policy', 'user_roles_insert_admin on lensers.user_roles', '944a511b7d66cf67ffd459191ebd03bb'),
  ('policy', 'user_roles_select_own on lensers.user_roles', '1fae096942e53ff7629b34bb1e0aec8e'),
  ('privileges', 'lensers.all_profiles', 'authenticated select, service_role select'),
  ('privileges', 'lensers.audit_history', 'authenticated select, service_role select'),
  ('privileges', 'lensers.audit_history_id_seq', ''),
  ('privileges', 'lensers.granted_by(lensers.user_roles)', 'authenticated execute, service_role execute'),
  ('privileges', 'lensers.has_role("user" uuid, role lensers.app_role)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'lensers.profiles', 'authenticated select+insert avatar_url+update avatar_url+insert display_name+update display_name+insert id+insert user_id, service_role insert+select+update avatar_url+update display_name'),
  ('privileges', 'lensers.user_roles', 'authenticated delete+select+insert role+insert user_id, service_role delete+insert+select'),
  ('privileges', 'ratebook.actor()', ''),
  ('privileges', 'ratebook.all_profiles', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.assert_privileged()', ''),
  ('privileges', 'ratebook.author(p_table text, p_key jsonb, p_is_first boolean)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.ensure_profile()', ''),
  ('privileges', 'ratebook.ensure_profile_of(p_lenser_id uuid)', ''),
  ('privileges', 'ratebook.forget_reference_rows()', ''),
  ('privileges', 'ratebook.has_role(p_user uuid, p_role lensers.app_role)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.is_admin()', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.is_privileged()', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.keep_history(p_table regclass)', ''),
  ('privileges', 'ratebook.record_call(p_function text, p_table text, p_row_key jsonb, p_arguments jsonb, p_answer jsonb)', ''),
  ('privileges', 'ratebook.record_rows()', ''),
  ('privileges', 'ratebook.record_update()', ''),
  ('privileges', 'ratebook.request_headers()', ''),
  ('privileges', 'ratebook.require_privileged()', ''),
  ('privileges', 'ratebook.show_all_to_admins(p_table regclass)', ''),
  ('privileges', 'schema lensers', 'anon usage, authenticated usage, service_role usage'),
  ('schema', 'lensers', ''),
  ('table', 'lensers.audit_history', '9d9fba4ebe4466dc4dd965b435ab08ea'),
  ('table', 'lensers.profiles', '4f9750af742d27a6c35ced3e7a1ec60a'),
  ('table', 'lensers.user_roles', '6fbac96e0b180b114d7f987669225acc'),
  ('trigger', 'audit_history_refuse_change on lensers.audit_history', 'a6b8aecf3a7d7416a07ee0d127e54957'),
  ('trigger', 'profiles_stamp on lensers.profiles', '4e2278db5de5ae4c21b9698f336f51a0'),
  ('trigger', 'user_roles_audit_delete on lensers.user_roles', '423a9878cafc5d2e499582308f147744'),
  ('trigger', 'user_roles_audit_insert on lensers.user_roles', 'b37c0e47012a37876003ac3e25c6bb52'),
  ('trigger', 'user_roles_audit_update on lensers.user_roles', 'dc340d89ced59baac97ce7750c772899'),
  ('trigger', 'user_roles_refuse_truncate on lensers.user_roles', '0a0e23399e0e16cb6b4cfc25352813fb'),
  ('trigger', 'user_roles_require_privileged on lensers.user_roles', 'a5022cc4dcfad6bf703888fc4cb10500'),
  ('type', 'lensers.app_role', 'c48f7581f9fa495459e2792a761cebce'),
  ('type', 'ratebook.actor', 'a46d404cfc7a51ebb1a361ac1325ef69'),
  ('view', 'lensers.all_profiles', 'bc85d27f534218cfbf0a1bd9dedff3b9'),
  ('view', 'ratebook.all_profiles', '59c77c07920f0e2033b7a9a03c7927b5')
) as o (kind, name, state);

select ratebook.close_privileges('20_people');
