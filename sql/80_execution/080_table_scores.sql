create table execution.scores (
  id uuid not null default ratebook.uuid_v7(),
  lenser_id uuid not null,
  evaluation_id uuid not null,
  visibility execution.visibility_enum not null,
  run_id uuid not null,
  submission_id uuid not null,
  judge_id uuid not null,
  value numeric not null,
  rationale text,
  generation_id uuid,
  scored_at timestamptz not null default ratebook.clock(),
  constraint scores_pkey primary key (id, lenser_id),
  -- The submission has one run, evaluation and owner: they are there for the foreign key.
  constraint a_judge_scores_a_submission_once unique (submission_id, run_id, evaluation_id, lenser_id, judge_id),
  -- A person's judgement has none.
  constraint a_generation_judges_once unique (generation_id, lenser_id),
  constraint scores_evaluation_id_fkey foreign key (evaluation_id, lenser_id, visibility)
  references execution.evaluations (id, lenser_id, visibility) on update cascade on delete cascade,
  constraint scores_submission_id_fkey foreign key (submission_id, run_id, evaluation_id, lenser_id)
  references execution.submissions (id, run_id, evaluation_id, lenser_id) on delete cascade,
  constraint scores_judge_id_fkey foreign key (judge_id, evaluation_id, lenser_id)
  references execution.judges (id, evaluation_id, lenser_id) on delete cascade,
  constraint value_is_finite check (ratebook.is_amount(value)),
  constraint rationale_is_not_endless check (ratebook.is_text(rationale))
);

create index scores_evaluation_id_idx on execution.scores (evaluation_id, lenser_id, visibility);
create index scores_judge_id_idx on execution.scores (judge_id, evaluation_id, lenser_id);
create index scores_lenser_id_id_idx on execution.scores (lenser_id, id);
create index scores_public_idx on execution.scores (id) where visibility = 'public';

-- As in execution.evaluations.
alter table execution.scores
alter column lenser_id set (n_distinct = -0.1),
alter column visibility set (n_distinct = -0.1);

create trigger scores_refuse_change
before update of id, run_id, submission_id, judge_id, value, generation_id, scored_at or truncate
on execution.scores
for each statement execute function ratebook.refuse_change('Cancel the run and start another.');
-- It may be taken away, with the person who wrote it.
create trigger scores_refuse_rationale before update of rationale on execution.scores
for each row when (new.rationale is not null)
execute function ratebook.refuse_change('Cancel the run and start another.');

alter table execution.scores enable always trigger scores_refuse_change;
alter table execution.scores enable always trigger scores_refuse_rationale;

comment on table execution.scores is
'What judges made of submissions: one a judge and submission. Written by execution.score(), never changed.';
comment on column execution.scores.id is 'The score, a UUIDv7.';
comment on column execution.scores.lenser_id is 'The owner of the evaluation.';
comment on column execution.scores.evaluation_id is 'The evaluation.';
comment on column execution.scores.visibility is 'That of the evaluation, kept in step.';
comment on column execution.scores.run_id is 'The run of the submission.';
comment on column execution.scores.submission_id is 'What was judged.';
comment on column execution.scores.judge_id is 'Who judged.';
comment on column execution.scores.value is 'How good it is, more is better; on whatever scale, from -1e12 to 1e12.';
comment on column execution.scores.rationale is 'Why, for people; NULL after the erasure of the person who said so.';
comment on column execution.scores.generation_id is
'The row of ai.generations with which a model judged, of the evaluation''s owner; NULL where a person did. No foreign key, so that it may be deleted.';
comment on column execution.scores.scored_at is 'When.';

select ratebook.show_all_to_admins('execution.scores');
