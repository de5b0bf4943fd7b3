create function ratebook.refuse_write() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.fail('not_allowed', format('%I.%I is read only.', tg_table_schema, tg_table_name), tg_argv[0]);
  return null;
end;
$$;

revoke all on function ratebook.refuse_write() from public;

comment on function ratebook.refuse_write() is
'Row trigger instead of every write to a view. Without one PostgreSQL says that the view cannot be written (55000, HTTP 500) before it looks at who may; with one, no API role may. Argument: the hint. Error: not_allowed (42501).';
