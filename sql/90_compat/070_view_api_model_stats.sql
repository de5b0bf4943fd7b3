create view compat.api_model_stats with (security_invoker = true) as
select
  m.id as api_model_id,
  m.display_name,
  coalesce(j.total, 0) as total,
  coalesce(j.completed, 0) as completed,
  coalesce(j.failed, 0) as failed,
  j.average_rating
from compat.api_models as m
left join (
  select
    g.api_model_id,
    count(*) as total,
    count(*) filter (where g.status = 'completed') as completed,
    count(*) filter (where g.status = 'failed') as failed,
    avg(g.quality_rating) as average_rating
  from compat.jobs as g
  group by g.api_model_id
) as j on j.api_model_id = m.id;

create trigger api_model_stats_refuse_write instead of insert or update or delete on compat.api_model_stats
for each row execute function ratebook.refuse_write('It counts jobs.');

comment on view compat.api_model_stats is
'Use of each model: of the jobs that the caller may read, so users count their own, admins and the service role all.';
comment on column compat.api_model_stats.api_model_id is 'The model.';
comment on column compat.api_model_stats.display_name is 'Its name.';
comment on column compat.api_model_stats.total is 'Jobs.';
comment on column compat.api_model_stats.completed is 'Jobs that were completed.';
comment on column compat.api_model_stats.failed is 'Jobs that failed.';
comment on column compat.api_model_stats.average_rating is 'Average quality_rating of the rated jobs; NULL where none is rated.';
