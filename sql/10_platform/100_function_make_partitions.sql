create function ratebook.missing_months(p_tables regclass[], p_from timestamptz, p_until timestamptz)
returns table (parent regclass, name text, starts_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    t.parent,
    n.name,
    m.starts_at at time zone 'UTC'
  from unnest(p_tables) with ordinality as t (parent, place)
  cross join
    generate_series(
      date_trunc('month', p_from at time zone 'UTC'),
      p_until at time zone 'UTC' - interval '1 microsecond',
      interval '1 month'
    ) as m (starts_at)
  cross join lateral (select replace(t.parent::text, '.', '_') || to_char(m.starts_at, '_YYYY_MM') as name) as n
  left join pg_catalog.pg_inherits as i on i.inhrelid = to_regclass(format('ratebook.%I', n.name)) and not i.inhdetachpending
  where i.inhrelid is null
  order by m.starts_at, t.place;
end;

create function ratebook.try_to_make_months(p_tables regclass[], p_from timestamptz, p_until timestamptz) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
-- Most that anybody waits for the months to be made. Below, each lock gets what is left of it.
set lock_timeout = '100ms'
as $$
declare
  v_month record;
  v_lock text;
  v_attach text;
  v_attachments text[] := '{}'::text[];
  v_since timestamptz;
begin
  -- One at a time; whoever comes next finds the months made.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.partitions', 0));

  -- Tables beside their parents, which nobody has to wait for. They have the parent's indexes, so ATTACH builds none; and
  -- no rows, so a CHECK that spares ATTACH the scan would only cost each insert.
  for v_month in
    select m.*, to_regclass(format('ratebook.%I', m.name)) as detached
    from ratebook.missing_months(p_tables, p_from, p_until) as m
  loop
    if v_month.detached is not null then
      perform ratebook.fail(
        'invalid_argument', format('The partition of %s was detached.', to_char(v_month.starts_at at time zone 'UTC', 'YYYY-MM')),
        format('Attach, rename or drop %s first.', v_month.detached)
      );
    end if;
    execute format('create table ratebook.%I (like %s including all excluding comments)', v_month.name, v_month.parent);
    -- Where an owner has a share of every month, the planner takes the key of a month, which is in the order of a page, for
    -- the shorter way to those of an owner, and reads all of it for one who has few. With what it takes of a table that it
    -- has not counted it takes the index that leads with the owner.
    execute format('alter table ratebook.%I alter column lenser_id set (n_distinct = 200)', v_month.name);
    perform ratebook.close_month(format('ratebook.%I', v_month.name)::regclass);
    v_attachments := v_attachments || format(
      'alter table %s attach partition ratebook.%I for values from (%L) to (%L)',
      v_month.parent,
      v_month.name,
      ratebook.uuid_v7_floor(v_month.starts_at),
      ratebook.uuid_v7_floor((v_month.starts_at at time zone 'UTC' + interval '1 month') at time zone 'UTC')
    );
  end loop;

  if v_attachments = '{}' then
    return 0;
  end if;

  -- All that ATTACH locks, so that nobody waits for one lock while it waits for the next: no reader is kept out, but who
  -- writes to what a foreign key points to. ATTACH makes the foreign keys itself; made before, they would lock readers out.
  v_since := ratebook.clock();
  for v_lock in
    select format('lock table only %s in share update exclusive mode', t.parent)
    from unnest(p_tables) as t (parent)
    union all
    select format('lock table only %s in share row exclusive mode', f.name)
    from (
      select distinct c.confrelid::regclass::text as name
      from pg_catalog.pg_constraint as c
      where c.contype = 'f' and c.conrelid = any(p_tables)
      order by 1
    ) as f
  loop
    perform set_config(
      'lock_timeout', greatest(1, 100 - extract(milliseconds from ratebook.clock() - v_since)::integer)::text, true
    );
    execute v_lock;
  end loop;

  foreach v_attach in array v_attachments loop
    execute v_attach;
  end loop;
  return cardinality(v_attachments);
end;
$$;

create function ratebook.make_months(
  p_tables regclass[], p_from timestamptz, p_until timestamptz, p_tries integer default 20
) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from ratebook.missing_months(p_tables, p_from, p_until)) then
    return 0;
  end if;
  for v_try in 1..p_tries loop
    begin
      return ratebook.try_to_make_months(p_tables, p_from, p_until);
    exception
      -- It has let go of everything: those who waited for it go on.
      when lock_not_available then
        perform pg_sleep(case when v_try < p_tries then 0.2 else 0 end);
    end;
  end loop;
  perform ratebook.fail(
    'month_not_made', 'The month that this belongs to is not made yet, and an open transaction stands in its way.',
    'Try again. A scheduled ai.extend_partitions() makes months ahead.'
  );
  return null;
end;
$$;

create function ratebook.make_partitions(p_table regclass, p_from timestamptz, p_until timestamptz) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.make_months(array[p_table], p_from, p_until);
end;

revoke all on function ratebook.missing_months(regclass[], timestamptz, timestamptz) from public;
revoke all on function ratebook.try_to_make_months(regclass[], timestamptz, timestamptz) from public;
revoke all on function ratebook.make_months(regclass[], timestamptz, timestamptz, integer) from public;
revoke all on function ratebook.make_partitions(regclass, timestamptz, timestamptz) from public;

comment on function ratebook.missing_months(regclass[], timestamptz, timestamptz) is
'The months (UTC) of a span of time that tables have no partition for, in the order in which they are made.';
comment on function ratebook.try_to_make_months(regclass[], timestamptz, timestamptz) is
'ratebook.make_months(), once: lock_not_available (55P03) where it does not get its locks in 100 ms.';
comment on function ratebook.make_months(regclass[], timestamptz, timestamptz, integer) is
'Makes the monthly (UTC) partitions of tables keyed by UUIDv7 that cover a span of time, in schema ratebook, closed as ratebook.close_month() says. Returns how many were missing. Readers are never kept waiting; who writes to a table that a foreign key of theirs points to waits at most 100 ms, then it lets them go on and tries again; from then to the end of the transaction they wait, so make one in a transaction while others write. Errors: month_not_made (PT503), invalid_argument (PT422) for a month that was detached.';
comment on function ratebook.make_partitions(regclass, timestamptz, timestamptz) is
'ratebook.make_months() for one table.';
