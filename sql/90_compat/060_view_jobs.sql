-- The first part is by the policies of ai.generations: one's own, or all for the service role. The second is what admins
-- see beside their own; for others it is asked nothing. Each is in the order of time, or no page of the newest would come
-- from an index.
create view compat.jobs with (security_invoker = true) as
(
  select
    g.id,
    g.lenser_id as user_id,
    g.model_id as api_model_id,
    g.status,
    g.quality_rating,
    g.prompt,
    g.output,
    g.latency_ms,
    g.created_at
  from ai.generations as g
  order by g.id desc
)
union all
(
  select
    g.id,
    g.lenser_id,
    g.model_id,
    g.status,
    g.quality_rating,
    g.prompt,
    g.output,
    g.latency_ms,
    g.created_at
  from ratebook.all_generations as g
  where (select ratebook.is_admin()) and g.lenser_id <> (select ratebook.uid())
  order by g.id desc
);

-- The triggers below get these where a caller leaves a column out.
alter view compat.jobs alter column user_id set default ratebook.uid();
alter view compat.jobs alter column status set default 'pending';

create function ratebook.insert_job() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Invoker: with the caller's own grants and policies on ai.generations.
begin
  if new.status = 'pending' and num_nonnulls(new.quality_rating, new.latency_ms) = 0 then
    -- The columns that users may name.
    insert into ai.generations as g (lenser_id, model_id, prompt, output)
    values (new.user_id, new.api_model_id, new.prompt, new.output)
    returning g.id, g.created_at into new.id, new.created_at;
  else
    insert into ai.generations as g (lenser_id, model_id, status, quality_rating, prompt, output, latency_ms)
    values (
      new.user_id, new.api_model_id, new.status, new.quality_rating, new.prompt, new.output, new.latency_ms
    )
    returning g.id, g.created_at into new.id, new.created_at;
  end if;
  return new;
end;
$$;

revoke all on function ratebook.insert_job() from public;

comment on function ratebook.insert_job() is
'Row trigger instead of insert on compat.jobs: the generation. Errors: those of inserting into ai.generations.';

create trigger jobs_insert instead of insert on compat.jobs
for each row execute function ratebook.insert_job();

comment on view compat.jobs is
'Jobs of the models in api_models: ai.generations under its former column names. Users create, read and delete their own, admins read all; backends set status, output and rating.';
comment on column compat.jobs.id is 'The job; made by the database.';
comment on column compat.jobs.user_id is 'The owner; the signed-in user unless the service role names another.';
comment on column compat.jobs.api_model_id is 'The model that it was sent to.';
comment on column compat.jobs.status is 'pending, completed, failed or cancelled.';
comment on column compat.jobs.quality_rating is '1 (poor) to 5 (excellent).';
comment on column compat.jobs.prompt is 'What was asked.';
comment on column compat.jobs.output is 'What was answered.';
comment on column compat.jobs.latency_ms is 'How long the model took, in milliseconds.';
comment on column compat.jobs.created_at is 'When it was made.';
