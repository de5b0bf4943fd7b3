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
