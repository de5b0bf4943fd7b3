create function ratebook.self_check() returns table (check_name text, severity text, message text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
-- Definer: reads the partitions of schema ratebook.
begin atomic
  select ratebook.assert_privileged();
  -- Requests fail where no month is left; two ahead leave time to make more.
  select
    'partitions_ahead' as check_name,
    case when min(e.until) < ratebook.clock() + interval '2 months' then 'warning' else 'ok' end,
    'Partitions reach to '
    || string_agg(format('%s (%s)', to_char(e.until at time zone 'UTC', 'YYYY-MM-DD'), e.name), ', ') || '.'
  from (
    select
      t.name,
      ratebook.partitions_end(t.name)
    from ratebook.partitioned_tables() as t (name)
  ) as e (name, until)
  union all
  -- A month that is open to a role bypasses the policies of its table.
  select
    'partitions_locked' as check_name,
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Open to API roles, without row security or without a guard against TRUNCATE: '
      || string_agg(m.month::text, ', ' order by m.month::text) || '.',
      'Every month is closed to API roles.'
    )
  from ratebook.months() as m
  where not ratebook.is_closed(m.month)
  union all
  -- Erasures do not reach a month that has left its table.
  select
    'months_detached' as check_name,
    case when count(*) = 0 then 'ok' else 'warning' end,
    coalesce(
      string_agg(
        case
          when m.state = 'detached' then format('%s is out of its log, and of erasures: archive and drop it.', m.month)
          else format('Detaching %s was cut: run `ratebook months detach` again.', m.month)
        end,
        ' ' order by m.month::text
      ),
      'No month is detached.'
    )
  from ratebook.months() as m
  where m.state <> 'attached'
  union all
  -- Without row security the grants alone decide, and they are made for tables that have it.
  select
    'row_security' as check_name,
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Tables without row security: ' || string_agg(m.name, ', ' order by m.name) || '.',
      'Row security is on for every table.'
    )
  from ratebook.manifest as m
  inner join pg_catalog.pg_class as c on c.oid = to_regclass(m.name)
  where m.kind = 'table' and not c.relrowsecurity
  union all
  -- A changed function or policy may open or break what the checks above take for granted.
  select
    'as_migrated' as check_name,
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Not what the migrations made: '
      || string_agg(format('%s %s %s', d.kind, d.name, d.difference), ', ' order by d.kind, d.name) || '.',
      'The database is what its migrations made.'
    )
  from ratebook.differences() as d
  union all
  select
    k.check_name,
    k.severity,
    k.message
  from ratebook.check_copies() as k;
end;

create function ai.self_check() returns table (check_name text, severity text, message text)
language sql stable
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select
    c.check_name,
    c.severity,
    c.message
  from ratebook.self_check() as c;
end;

revoke all on function ratebook.self_check() from public;
revoke all on function ai.self_check() from public;
grant execute on function ratebook.self_check() to authenticated, service_role;
grant execute on function ai.self_check() to authenticated, service_role;

comment on function ratebook.self_check() is 'The checks behind ai.self_check().';
comment on function ai.self_check() is
'Admins and the service role. Looks whether the installation is sound: one row per check with severity ok, warning or error and a sentence. Error: not_allowed (42501).';
