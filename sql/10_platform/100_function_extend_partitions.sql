create function ratebook.extend_partitions(p_table regclass, p_months integer default 24) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until timestamptz;
begin
  if (p_months between 1 and 120) is not true then
    perform ratebook.fail('invalid_argument', format('%s months of partitions are not possible.', p_months),
      'Ask for 1 to 120.');
  end if;
  v_until := ratebook.clock() + make_interval(months => p_months);
  if to_regclass(format(
    'ratebook.%I',
    replace(p_table::text, '.', '_') || to_char(v_until at time zone 'UTC' - interval '1 month', '_YYYY_MM')
  )) is not null then
    return 0;
  end if;
  return ratebook.make_partitions(p_table, ratebook.clock(), v_until);
end;
$$;

create function ratebook.extend_partitions_if_short(variadic p_tables regclass[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
  v_referenced text;
begin
  if exists (
    select from unnest(p_tables) as t (name)
    where to_regclass(format(
      'ratebook.%I',
      replace(t.name::text, '.', '_') || to_char(ratebook.clock() at time zone 'UTC' + interval '2 months', '_YYYY_MM')
    )) is null
  ) and pg_try_advisory_xact_lock(hashtextextended('ratebook.partitions', 0)) then
    begin
      -- First what foreign keys refer to, against all who write: who is under way has a row of it and comes to an end,
      -- who comes later has nothing yet. The foreign keys of new partitions lock it anyway.
      select string_agg(f.name, ', ' order by f.place) into v_referenced
      from (
        select c.confrelid::regclass::text, min(array_position(p_tables, c.conrelid::regclass))
        from pg_catalog.pg_constraint as c
        where c.contype = 'f' and c.conrelid = any(p_tables)
        group by c.confrelid
      ) as f (name, place);
      execute format('lock table %s in exclusive mode', v_referenced);
      execute format('lock table %s in access exclusive mode', array_to_string(p_tables, ', '));
      perform ratebook.extend_partitions(t.name) from unnest(p_tables) as t (name);
    exception
      -- There are months left: rather than wait while others do, it leaves the task to the next writer.
      when lock_not_available then
        null;
    end;
  end if;
end;
$$;

revoke all on function ratebook.extend_partitions(regclass, integer) from public;
revoke all on function ratebook.extend_partitions_if_short(regclass[]) from public;

comment on function ratebook.extend_partitions(regclass, integer) is
'Keeps the given number of months of partitions ahead of now (24 unless told). Returns how many were made; usually none.';
comment on function ratebook.extend_partitions_if_short(regclass[]) is
'For writers, at each write: makes partitions when one of the tables that it writes has fewer than two months of them left. Usually one catalog lookup for each.';
