create table execution.submissions (
  id uuid not null default ratebook.uuid_v7(),
  lenser_id uuid not null,
  evaluation_id uuid not null,
  visibility execution.visibility_enum not null,
  run_id uuid not null,
  contender_id uuid not null,
  case_key text not null,
  generation_id uuid not null,
  submitted_at timestamptz not null default ratebook.clock(),
  constraint submissions_pkey primary key (id, lenser_id),
  constraint submissions_run_key unique (id, run_id, evaluation_id, lenser_id),
  -- The run has one evaluation and owner: they are there for the foreign key.
  constraint a_contender_submits_once_a_case unique (run_id, evaluation_id, lenser_id, contender_id, case_key),
  -- Without a foreign key to the log: deleting a generation, or detaching its month, leaves what was said of it.
  constraint a_generation_is_submitted_once unique (generation_id, lenser_id),
  constraint submissions_evaluation_id_fkey foreign key (evaluation_id, lenser_id, visibility)
  references execution.evaluations (id, lenser_id, visibility) on update cascade on delete cascade,
  constraint submissions_run_id_fkey foreign key (run_id, evaluation_id, lenser_id)
  references execution.runs (id, evaluation_id, lenser_id) on delete cascade,
  constraint submissions_contender_id_fkey foreign key (contender_id, evaluation_id, lenser_id)
  references execution.contenders (id, evaluation_id, lenser_id) on delete cascade,
  constraint case_key_is_not_blank check (ratebook.is_name(case_key))
);

create index submissions_evaluation_id_idx on execution.submissions (evaluation_id, lenser_id, visibility);
create index submissions_contender_id_idx on execution.submissions (contender_id, evaluation_id, lenser_id);
create index submissions_lenser_id_id_idx on execution.submissions (lenser_id, id);
create index submissions_public_idx on execution.submissions (id) where visibility = 'public';

-- As in execution.evaluations.
alter table execution.submissions
alter column lenser_id set (n_distinct = -0.1),
alter column visibility set (n_distinct = -0.1);

-- Of these columns: the others are kept in step by the keys.
create trigger submissions_refuse_change
before update of id, run_id, contender_id, case_key, generation_id, submitted_at or truncate on execution.submissions
for each statement execute function ratebook.refuse_change('Cancel the run and start another.');

alter table execution.submissions enable always trigger submissions_refuse_change;

comment on table execution.submissions is
'What contenders answered: one a contender and case in a run, each a generation of the evaluation''s owner. Written by execution.submit(), never changed.';
comment on column execution.submissions.id is 'The submission, a UUIDv7.';
comment on column execution.submissions.lenser_id is 'The owner of the evaluation, and of the generation.';
comment on column execution.submissions.evaluation_id is 'The evaluation.';
comment on column execution.submissions.visibility is 'That of the evaluation, kept in step.';
comment on column execution.submissions.run_id is 'The run.';
comment on column execution.submissions.contender_id is 'Whose it is.';
comment on column execution.submissions.case_key is 'Which case it answers: a name that the run gives it, the same for all contenders.';
comment on column execution.submissions.generation_id is 'The row of ai.generations; no foreign key, so that it may be deleted.';
comment on column execution.submissions.submitted_at is 'When it was recorded.';

select ratebook.show_all_to_admins('execution.submissions');
