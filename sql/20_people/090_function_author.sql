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
