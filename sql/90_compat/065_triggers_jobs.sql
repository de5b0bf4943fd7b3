create function ratebook.assert_own_job() returns trigger
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if ratebook.caller() = 'authenticated' and old.user_id is distinct from ratebook.uid() then
    perform ratebook.fail('not_allowed', 'This job is another user''s.', null, jsonb_build_object('job', old.id));
  end if;
  return old;
end;
$$;

create function ratebook.change_job() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Invoker: with the caller's own grants and policies on ai.generations.
begin
  if tg_op = 'DELETE' then
    delete from ai.generations as g where g.id = old.id and g.lenser_id = old.user_id;
    return case when found then old end;
  end if;
  update ai.generations as g
  set status = new.status, quality_rating = new.quality_rating, output = new.output, latency_ms = new.latency_ms
  where g.id = old.id and g.lenser_id = old.user_id;
  return case when found then new end;
end;
$$;

revoke all on function ratebook.assert_own_job() from public;
revoke all on function ratebook.change_job() from public;

comment on function ratebook.assert_own_job() is
'Row trigger instead of delete on compat.jobs, the first: admins see the jobs of others, and may not delete them. Error: not_allowed (42501).';
comment on function ratebook.change_job() is
'Row trigger instead of update or delete on compat.jobs: the generation changes, or goes.';

-- In the order of their names.
create trigger jobs_assert_own instead of delete on compat.jobs
for each row execute function ratebook.assert_own_job();
create trigger jobs_change instead of update or delete on compat.jobs
for each row execute function ratebook.change_job();
