create function ratebook.extend_all_partitions(p_months integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: partitions belong to the owner of the schema.
begin
  return (select sum(ratebook.extend_partitions(t.name, p_months)) from ratebook.partitioned_tables() as t (name));
end;
$$;

create function ai.extend_partitions(months integer default 24) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.extend_all_partitions(months);
end;

revoke all on function ratebook.extend_all_partitions(integer) from public;
revoke all on function ai.extend_partitions(integer) from public;
grant execute on function ratebook.extend_all_partitions(integer) to service_role;
grant execute on function ai.extend_partitions(integer) to service_role;

comment on function ratebook.extend_all_partitions(integer) is 'The rule behind ai.extend_partitions().';
comment on function ai.extend_partitions(integer) is
'Service role only. Keeps the given number of months of partitions ahead (1 to 120) and returns how many were made. Backends'' writes do it by themselves; a schedule may call it where only owners write.';
