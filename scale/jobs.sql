-- Ratebook's jobs by pg_cron, in the database that has Ratebook (cron.database_name): psql "$DATABASE_URL" -f scale/jobs.sql
--
-- Run again it changes the schedules to these; `select cron.unschedule('ratebook drain')` ends one. Each job takes a bounded
-- part in each transaction and no more than its loop says in a run, and may come twice or at once with another. A job that
-- fails, or a check that finds something, is a row of cron.job_run_details whose status is not succeeded: alert on those.
-- Where there is no pg_cron, `ratebook jobs run` does the same.
create extension if not exists pg_cron;

-- Usage that waits: each minute, 200,000 changes at most.
select cron.schedule('ratebook drain', '* * * * *', $job$
  do $$ begin
    for n in 1..20 loop
      exit when billing.drain_usage(10000) < 10000;
      commit;
    end loop;
  end $$
$job$);

-- What time did to accounts: 5,000 of them at most.
select cron.schedule('ratebook sweep', '*/5 * * * *', $job$
  do $$ begin
    for n in 1..50 loop
      exit when billing.sweep_accounts(100) = 0;
      commit;
    end loop;
  end $$
$job$);

-- Months ahead, one a transaction. Sweeps make one each as well.
select cron.schedule('ratebook extend', '3 * * * *', $job$
  do $$ begin
    for n in 1..200 loop
      exit when ai.extend_partitions() = 0;
      commit;
    end loop;
  end $$
$job$);

-- Keys, signals and budget periods that are old: 500,000 of each at most.
select cron.schedule('ratebook purge', '23 * * * *', $job$
  do $$
  declare
    v_removed jsonb;
  begin
    for n in 1..50 loop
      v_removed := billing.purge(10000);
      exit when
        greatest(v_removed['keys']::bigint, v_removed['signals']::bigint, v_removed['budget_periods']::bigint) < 10000;
      commit;
    end loop;
  end $$
$job$);

-- The installation, this month's usage, and what was written since yesterday. It fails where something is not ok.
select cron.schedule('ratebook check', '43 * * * *', $job$
  do $$
  declare
    v_found text;
  begin
    select string_agg(format('%s (%s): %s', c.check_name, c.severity, c.message), E'\n')
    into v_found
    from (
      select * from ai.self_check()
      union all
      select * from billing.self_check(since => now() - interval '25 hours')
      union all
      select * from billing.check_usage()
    ) as c
    where c.severity <> 'ok';
    if v_found is not null then
      raise exception '%', v_found;
    end if;
  end $$
$job$);

-- pg_cron keeps every run for ever.
select cron.schedule('ratebook forget runs', '57 3 * * *', $job$
  delete from cron.job_run_details where end_time < now() - interval '168 hours'
$job$);
