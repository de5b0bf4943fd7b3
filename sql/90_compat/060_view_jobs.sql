create view compat.jobs with (security_invoker = true) as
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
from ai.generations as g;

comment on view compat.jobs is
'Jobs of the models in api_models: ai.generations under its former column names. Users create, read and delete their own; backends set status, output and rating.';
comment on column compat.jobs.id is 'The job; made by the database.';
comment on column compat.jobs.user_id is 'The owner; the signed-in user unless the service role names another.';
comment on column compat.jobs.api_model_id is 'The model that it was sent to.';
comment on column compat.jobs.status is 'pending, completed, failed or cancelled.';
comment on column compat.jobs.quality_rating is '1 (poor) to 5 (excellent).';
comment on column compat.jobs.prompt is 'What was asked.';
comment on column compat.jobs.output is 'What was answered.';
comment on column compat.jobs.latency_ms is 'How long the model took, in milliseconds.';
comment on column compat.jobs.created_at is 'When it was made.';
