-- One's own, by the policies of ai.generations, and what admins and the service role see beside their own, in the order of
-- time, so that the newest of all come from an index, too. It is made like ai.resources, which says why.
create view compat.jobs with (security_invoker = true) as
select
  j.id,
  j.user_id,
  j.api_model_id,
  j.status,
  j.quality_rating,
  j.prompt,
  j.output,
  j.latency_ms,
  j.created_at
from (
  select
    g.id,
    g.lenser_id as user_id,
    g.model_id as api_model_id,
    g.status,
    g.quality_rating::smallint as quality_rating,
    g.prompt,
    g.output,
    g.latency_ms::integer as latency_ms,
    g.created_at,
    g.lenser_id as whose
  from ai.generations as g
  union all
  (
    select
      g.id,
      g.lenser_id as user_id,
      g.model_id as api_model_id,
      g.status,
      g.quality_rating::smallint as quality_rating,
      g.prompt,
      g.output,
      g.latency_ms::integer as latency_ms,
      g.created_at,
      (select coalesce(ratebook.uid(), '00000000-0000-0000-0000-000000000000')) as whose
    from ratebook.all_generations as g
    where g.lenser_id <> (select coalesce(ratebook.uid(), '00000000-0000-0000-0000-000000000000'))
    order by g.id desc
  )
) as j
where j.whose = (select coalesce(ratebook.uid(), '00000000-0000-0000-0000-000000000000'));

-- The triggers below get these where a caller leaves a column out.
alter view compat.jobs alter column user_id set default ratebook.uid();
alter view compat.jobs alter column status set default 'pending';

create function ratebook.refuse_job_columns() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_made text := case when new.id is not null then 'id' when new.created_at is not null then 'created_at' end;
begin
  if v_made is not null then
    perform ratebook.fail('not_allowed', format('"%s" is made by the database.', v_made), 'Leave it out.',
      jsonb_build_object('column', v_made));
  elsif ratebook.caller() = 'authenticated' and new.user_id is not null and new.user_id is distinct from ratebook.uid() then
    perform ratebook.fail('not_allowed', '"user_id" names another user.', 'Leave it out, or name yourself.',
      '{"column": "user_id"}');
  end if;
  return new;
end;
$$;

create function ratebook.insert_job() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Invoker: with the caller's own grants and policies on ai.generations.
begin
  insert into ai.generations (lenser_id, model_id, status, quality_rating, prompt, output, latency_ms)
  values (new.user_id, new.api_model_id, new.status, new.quality_rating, new.prompt, new.output, new.latency_ms)
  returning id, created_at into new.id, new.created_at;
  return new;
end;
$$;

revoke all on function ratebook.refuse_job_columns() from public;
revoke all on function ratebook.insert_job() from public;

comment on function ratebook.refuse_job_columns() is
'Row trigger instead of insert on compat.jobs, the first: refuses id, created_at and another''s user_id. Error: not_allowed (42501), which names the column.';
comment on function ratebook.insert_job() is
'Row trigger instead of insert on compat.jobs, the second: the generation. Errors: those of inserting into ai.generations.';

create trigger jobs_check_columns instead of insert on compat.jobs
for each row execute function ratebook.refuse_job_columns();
create trigger jobs_insert instead of insert on compat.jobs
for each row execute function ratebook.insert_job();

comment on view compat.jobs is
'Jobs of the models in api_models: ai.generations under its former column names. Users create, read and delete their own, admins read all; backends set status, output and rating.';
comment on column compat.jobs.id is 'The job; made by the database.';
comment on column compat.jobs.user_id is 'The owner: the signed-in user, who may also say so; the service role names another.';
comment on column compat.jobs.api_model_id is 'The model that it was sent to.';
comment on column compat.jobs.status is 'pending, completed, failed or cancelled.';
comment on column compat.jobs.quality_rating is '1 (poor) to 5 (excellent).';
comment on column compat.jobs.prompt is 'What was asked.';
comment on column compat.jobs.output is 'What was answered.';
comment on column compat.jobs.latency_ms is 'How long the model took, in milliseconds.';
comment on column compat.jobs.created_at is 'When it was made.';
