-- PostgREST finds no foreign key through a union, so jobs and models name each other by these.

create function compat.api_models(compat.jobs) returns setof compat.api_models
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.*
  from compat.api_models as m
  where m.id = ($1).api_model_id;
end;

create function compat.jobs(compat.api_models) returns setof compat.jobs
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select j.*
  from compat.jobs as j
  where j.api_model_id = ($1).id;
end;

revoke all on function compat.api_models(compat.jobs) from public;
revoke all on function compat.jobs(compat.api_models) from public;
grant execute on function compat.api_models(compat.jobs) to authenticated, service_role;
grant execute on function compat.jobs(compat.api_models) to authenticated, service_role;

comment on function compat.api_models(compat.jobs) is
'Computed relationship: the model that a job was sent to: compat.jobs?select=*,api_models(display_name).';
comment on function compat.jobs(compat.api_models) is
'Computed relationship: the jobs of a model that the caller may read: compat.api_models?select=*,jobs(status).';
