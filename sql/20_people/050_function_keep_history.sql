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
