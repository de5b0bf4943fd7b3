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
