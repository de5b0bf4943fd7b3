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
