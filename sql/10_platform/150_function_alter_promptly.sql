create function ratebook.alter_promptly(p_statements text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  for v_try in 1..100 loop
    begin
      set local lock_timeout = '300ms';
      execute p_statements;
      return;
    exception
      when lock_not_available then
        perform pg_sleep(0.2);
    end;
  end loop;
  perform ratebook.fail('locked', 'A table that others use stayed locked for 50 seconds.',
    'End the transactions that hold it (pg_locks, pg_stat_activity), then try again. Nothing was changed.');
end;
$$;

revoke all on function ratebook.alter_promptly(text) from public;

comment on function ratebook.alter_promptly(text) is
'For migrations: alters a table that others use all the time, such as auth.users. Who waits for a lock has everybody wait behind; so it gives up after 0.3 s and tries again, for 50 s. Error: locked (55P03).';
