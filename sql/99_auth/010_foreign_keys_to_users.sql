-- The only locks that Ratebook takes on a table of the platform: a foreign key holds auth.users against writes until
-- its transaction ends. So both keys come last and alone, and rather than stand in line for the table, in front of
-- every sign-in, they try again.
do $$
begin
  for v_try in 1..100 loop
    begin
      set local lock_timeout = '300ms';
      alter table lensers.profiles add constraint profiles_user_id_fkey
      foreign key (user_id) references auth.users (id) on delete set null;
      alter table lensers.user_roles add constraint user_roles_user_id_fkey
      foreign key (user_id) references auth.users (id) on delete cascade;
      return;
    exception
      when lock_not_available then
        perform pg_sleep(0.2);
    end;
  end loop;
  raise lock_not_available using
    message = 'auth.users stayed locked by others.',
    hint = 'End the transactions that hold it (pg_locks, pg_stat_activity), then run the migration again.';
end;
$$;
