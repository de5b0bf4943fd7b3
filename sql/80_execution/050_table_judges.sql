create table execution.judges (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null,
  evaluation_id uuid not null,
  visibility execution.visibility_enum not null,
  name text,
  model_id uuid,
  person_id uuid,
  added_at timestamptz not null default ratebook.clock(),
  constraint judges_pkey primary key (id, lenser_id),
  constraint judges_evaluation_key unique (id, evaluation_id, lenser_id),
  constraint judges_name_key unique (evaluation_id, name),
  constraint a_judge_is_named_once unique nulls not distinct (evaluation_id, model_id, person_id),
  constraint judges_evaluation_id_fkey foreign key (evaluation_id, lenser_id, visibility)
  references execution.evaluations (id, lenser_id, visibility) on update cascade on delete cascade,
  constraint judges_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint judges_person_id_fkey foreign key (person_id) references lensers.profiles (id),
  constraint a_judge_is_a_model_or_a_person check (num_nonnulls(model_id, person_id) = 1),
  constraint name_is_not_blank check (ratebook.is_name(name))
);

create index judges_evaluation_id_idx on execution.judges (evaluation_id, lenser_id, visibility);
create index judges_lenser_id_idx on execution.judges (lenser_id);
create index judges_public_idx on execution.judges (id) where visibility = 'public' and model_id is not null;
create index judges_model_id_idx on execution.judges (model_id);
create index judges_person_id_idx on execution.judges (person_id) where person_id is not null;

-- As in execution.evaluations.
alter table execution.judges
alter column lenser_id set (n_distinct = -0.1),
alter column visibility set (n_distinct = -0.1);

select ratebook.keep_history('execution.judges');

comment on table execution.judges is
'Who scores the submissions of an evaluation: models and people. Chosen until the evaluation is closed, taken away in draft only. Who reads a public evaluation sees its models and not its people; a person sees where they judge.';
comment on column execution.judges.id is 'The judge.';
comment on column execution.judges.lenser_id is 'The owner of the evaluation.';
comment on column execution.judges.evaluation_id is 'The evaluation.';
comment on column execution.judges.visibility is 'That of the evaluation, kept in step.';
comment on column execution.judges.name is 'What it is called; NULL: the model''s key, or none.';
comment on column execution.judges.model_id is 'The model that judges, or';
comment on column execution.judges.person_id is 'the lenser who does.';
comment on column execution.judges.added_at is 'When.';

select ratebook.show_all_to_admins('execution.judges');
