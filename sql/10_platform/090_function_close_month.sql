create function ratebook.close_month(p_month regclass) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('alter table %s enable row level security', p_month);
  execute format('revoke all on %s from public, anon, authenticated, service_role', p_month);
  execute format(
    'create or replace trigger refuse_truncate before truncate on %s '
    'for each statement execute function ratebook.refuse_change(%L)',
    p_month, 'Detach old months with `ratebook months detach` instead.'
  );
  execute format('alter table %s enable always trigger refuse_truncate', p_month);
end;
$$;

create function ratebook.is_closed(p_month regclass) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return (
  select
    c.relrowsecurity
    and not exists (
      select from unnest(array['anon', 'authenticated', 'service_role']) as r (name)
      where has_table_privilege(r.name, c.oid, 'select, insert, update, delete, truncate')
    )
    and exists (
      select from pg_catalog.pg_trigger as t
      where t.tgrelid = c.oid and t.tgname = 'refuse_truncate' and t.tgenabled <> 'D'
    )
  from pg_catalog.pg_class as c
  where c.oid = p_month
);

revoke all on function ratebook.close_month(regclass) from public;
revoke all on function ratebook.is_closed(regclass) from public;

comment on function ratebook.close_month(regclass) is
'Closes a month table, attached or not: row security on, nothing granted to API roles, and a guard against TRUNCATE, which the parent''s does not reach.';
comment on function ratebook.is_closed(regclass) is 'Whether a month table is as ratebook.close_month() leaves it.';
