create function private.extend_partitions(p_table regclass, p_months integer default 24) returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_until timestamptz;
begin
  if (p_months between 1 and 120) is not true then
    perform private.fail('invalid_argument', format('%s months of partitions are not possible.', p_months),
      'Ask for 1 to 120.');
  end if;
  v_until := private.clock() + make_interval(months => p_months);
  -- Writers call this on every write, so the usual answer costs one catalog lookup.
  if to_regclass(format(
    'private.%I',
    replace(p_table::text, '.', '_') || to_char(v_until at time zone 'UTC' - interval '1 month', '_YYYY_MM')
  )) is not null then
    return 0;
  end if;
  return private.make_partitions(p_table, private.clock(), v_until);
end;
$$;

revoke all on function private.extend_partitions(regclass, integer) from public;

comment on function private.extend_partitions(regclass, integer) is
'Keeps the given number of months of partitions ahead of now (24 unless told). Returns how many were made; usually none.';
