create function ratebook.detach_partitions(p_table regclass, p_before timestamptz) returns setof text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name text;
begin
  if exists (
    select from pg_catalog.pg_trigger as t
    where t.tgrelid = p_table and t.tgfoid = 'ratebook.refuse_change'::regproc and not t.tgisinternal and t.tgtype & 8 > 0
  ) then
    perform ratebook.fail('invalid_argument', format('%s is history and stays.', p_table),
      'Only tables from which rows may be deleted have partitions to detach.');
  end if;
  for v_name in
    select c.relname
    from pg_catalog.pg_inherits as i
    inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where
      i.inhparent = p_table
      and ratebook.uuid_v7_time(
        (regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$TO \('([0-9a-f-]+)'\)$re$))[1]::uuid
      ) <= p_before
    order by c.relname
  loop
    execute format('alter table %s detach partition ratebook.%I', p_table, v_name);
    return next v_name;
  end loop;
end;
$$;

revoke all on function ratebook.detach_partitions(regclass, timestamptz) from public;

comment on function ratebook.detach_partitions(regclass, timestamptz) is
'Retention, for the owner of the schema: detaches the partitions that end at or before a time and returns their names. The tables stay in schema ratebook until the owner archives or drops them; ai.erase_lenser() does not reach them. Error: invalid_argument (PT422) for tables that refuse deletes.';
