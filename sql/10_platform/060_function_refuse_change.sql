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
