create function ratebook.extend_partitions(p_months integer default 24, p_tries integer default 20) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: partitions belong to the owner of the schema.
declare
  v_next record;
begin
  if (p_months between 1 and 120) is not true then
    perform ratebook.fail('invalid_argument', format('%s months of partitions are not possible.', p_months),
      'Ask for 1 to 120.');
  end if;
  select m.*, count(*) over () as missing into v_next
  from ratebook.missing_months(
    array(select t.name from ratebook.partitioned_tables() as t (name)),
    ratebook.clock(),
    ratebook.clock() + make_interval(months => p_months)
  ) as m
  limit 1;
  if not found then
    return 0;
  end if;
  return v_next.missing - ratebook.make_months(
    array[v_next.parent], v_next.starts_at, v_next.starts_at + interval '1 day', p_tries
  );
end;
$$;

revoke all on function ratebook.extend_partitions(integer, integer) from public;
grant execute on function ratebook.extend_partitions(integer, integer) to service_role;

comment on function ratebook.extend_partitions(integer, integer) is
'Makes the next partition that is missing of those that keep the given number of months ahead, of one table, and returns how many are missing still. One a transaction: what ATTACH locks stays locked to the end of it. Errors: invalid_argument (PT422), month_not_made (PT503).';
