create table ai.health_reports (
  id uuid not null default gen_random_uuid(),
  model_id uuid,
  provider_id uuid,
  state ai.health_enum not null,
  until timestamptz not null,
  reason text,
  reported_at timestamptz not null default ratebook.clock(),
  reported_by uuid default ratebook.uid(),
  constraint health_reports_pkey primary key (id),
  -- The last word stands, and the table stays as small as the registry.
  constraint health_reports_key unique nulls not distinct (model_id, provider_id),
  constraint health_reports_model_id_fkey foreign key (model_id) references ai.models (id) on delete cascade,
  constraint health_reports_provider_id_fkey foreign key (provider_id) references ai.providers (id) on delete cascade,
  constraint a_report_is_of_a_model_or_a_provider check (num_nonnulls(model_id, provider_id) = 1),
  constraint what_is_healthy_has_no_report check (state <> 'healthy'),
  constraint until_is_in_range check (ratebook.is_time(until)),
  constraint reason_is_not_endless check (ratebook.is_text(reason))
)
with (fillfactor = 70);

create index health_reports_provider_id_idx on ai.health_reports (provider_id);

-- In the audit history where people report: what backends say comes and goes with every limit that they run into.
create trigger health_reports_audit_insert after insert on ai.health_reports
referencing new table as changed
for each statement when (ratebook.caller() <> 'service_role')
execute function ratebook.record_rows('{id}', '{}');
create trigger health_reports_audit_delete after delete on ai.health_reports
referencing old table as changed
for each statement when (ratebook.caller() <> 'service_role')
execute function ratebook.record_rows('{id}', '{}');
create trigger health_reports_audit_update after update on ai.health_reports
for each row when (ratebook.caller() <> 'service_role')
execute function ratebook.record_update('{id}', '{}');
create trigger health_reports_refuse_truncate before truncate on ai.health_reports
for each statement execute function ratebook.refuse_change('Delete the rows: a deletion by people goes into the audit history.');

alter table ai.health_reports enable always trigger health_reports_refuse_truncate;

comment on table ai.health_reports is
'Models and providers that answer badly at the moment, as ai.report_health() was told: a route to one goes behind the healthy ones until the report is over. In the audit history where an admin reports.';
comment on column ai.health_reports.id is 'The report.';
comment on column ai.health_reports.model_id is 'The model, or';
comment on column ai.health_reports.provider_id is 'the provider, with all its models.';
comment on column ai.health_reports.state is 'What is wrong.';
comment on column ai.health_reports.until is 'Until when; it is healthy again from then on, by itself.';
comment on column ai.health_reports.reason is 'For people.';
comment on column ai.health_reports.reported_at is 'When it was last reported.';
comment on column ai.health_reports.reported_by is 'JWT subject who did; NULL for the service role and direct SQL.';
