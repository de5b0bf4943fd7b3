create function ratebook.rebuild_usage(p_month date) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: nobody writes usage.
declare
  v_month timestamp := date_trunc('month', coalesce(p_month::timestamp, ratebook.clock() at time zone 'UTC'));
  v_since timestamptz := v_month at time zone 'UTC';
  v_until timestamptz := (v_month + interval '1 month') at time zone 'UTC';
  v_counted bigint := 0;
begin
  perform ratebook.assert_privileged();
  if not ratebook.is_date(p_month) then
    perform ratebook.fail('invalid_time', 'That is no month to count anew.', 'Name a day of it, such as 2026-11-01.');
  end if;
  -- What has left the log is in the roll-ups alone.
  if not ratebook.is_in_log(v_since, v_until) then
    perform ratebook.fail('invalid_argument', format('The log of %s is not all there.', to_char(v_month, 'YYYY-MM')),
      'What was counted of it stays. Attach the months that it needs to count it anew.');
  end if;
  -- Nobody drains meanwhile; whoever writes goes on.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.usage_rollups', 0));
  delete from ratebook.usage_cells as c where c.starts_at >= v_since and c.starts_at < v_until;
  delete from ratebook.usage_rollups as r where r.starts_at >= v_since and r.starts_at < v_until;

  -- A day at a time, which fits into memory.
  while v_since < v_until loop
    v_counted := v_counted + ratebook.add_usage(null, v_since, v_since + interval '24 hours');
    v_since := v_since + interval '24 hours';
  end loop;
  return v_counted;
end;
$$;

create function billing.rebuild_usage(month date default null) returns bigint
language sql volatile
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select ratebook.rebuild_usage(month);
end;

revoke all on function ratebook.rebuild_usage(date) from public;
revoke all on function billing.rebuild_usage(date) from public;
grant execute on function ratebook.rebuild_usage(date) to authenticated, service_role;
grant execute on function billing.rebuild_usage(date) to authenticated, service_role;

comment on function ratebook.rebuild_usage(date) is 'The rule behind billing.rebuild_usage().';
comment on function billing.rebuild_usage(date) is
'Admins and the service role. Makes the roll-ups of a month (UTC) anew from the log: after rows were loaded past the triggers, or where billing.check_usage() says so. month: a day of it; this month unless told. Writers go on meanwhile, drains wait. Returns how many generations, charges and refunds it counted. Errors: invalid_argument (PT422) where a month that it needs is not attached to its log, invalid_time (PT422), not_allowed (42501).';
