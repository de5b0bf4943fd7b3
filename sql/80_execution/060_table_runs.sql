create table execution.runs (
  id uuid not null default ratebook.uuid_v7(),
  lenser_id uuid not null,
  evaluation_id uuid not null,
  visibility execution.visibility_enum not null,
  key text not null,
  state execution.run_state_enum not null default 'running',
  started_at timestamptz not null default ratebook.clock(),
  ended_at timestamptz,
  constraint runs_pkey primary key (id, lenser_id),
  constraint runs_evaluation_key unique (id, evaluation_id, lenser_id),
  constraint runs_key_key unique (evaluation_id, key),
  constraint runs_evaluation_id_fkey foreign key (evaluation_id, lenser_id, visibility)
  references execution.evaluations (id, lenser_id, visibility) on update cascade on delete cascade,
  constraint key_is_not_blank check (ratebook.is_name(key)),
  constraint only_a_running_run_has_no_end check ((ended_at is null) = (state = 'running')),
  constraint it_ends_after_it_started check (ended_at >= started_at)
);

create index runs_evaluation_id_idx on execution.runs (evaluation_id, lenser_id, visibility);
create index runs_lenser_id_id_idx on execution.runs (lenser_id, id);
create index runs_public_idx on execution.runs (id) where visibility = 'public';

-- As in execution.evaluations.
alter table execution.runs
alter column lenser_id set (n_distinct = -0.1),
alter column visibility set (n_distinct = -0.1);

-- In the audit history where people start and end them: backends do by the minute.
create trigger runs_audit_insert after insert on execution.runs
referencing new table as changed
for each statement when (ratebook.caller() <> 'service_role')
execute function ratebook.record_rows('{id,lenser_id}', '{}');
create trigger runs_audit_update after update of state on execution.runs
for each row when (ratebook.caller() <> 'service_role')
execute function ratebook.record_update('{id,lenser_id}', '{}');
create trigger runs_refuse_truncate before truncate on execution.runs
for each statement execute function ratebook.refuse_change('Delete the evaluation: that goes into the audit history.');

alter table execution.runs enable always trigger runs_refuse_truncate;

comment on table execution.runs is
'Rounds of an evaluation, in which contenders submit and judges score: execution.start_run(), execution.finish_run(). In the audit history where people start and end them.';
comment on column execution.runs.id is 'The run, a UUIDv7.';
comment on column execution.runs.lenser_id is 'The owner of the evaluation.';
comment on column execution.runs.evaluation_id is 'The evaluation.';
comment on column execution.runs.visibility is 'That of the evaluation, kept in step.';
comment on column execution.runs.key is 'Its name, unique in the evaluation, by which a start that is sent twice is one.';
comment on column execution.runs.state is 'How far it is.';
comment on column execution.runs.started_at is 'When it was started.';
comment on column execution.runs.ended_at is 'When it was finished or cancelled; NULL while it runs.';

select ratebook.show_all_to_admins('execution.runs');
