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
