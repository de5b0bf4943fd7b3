create table execution.contenders (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null,
  evaluation_id uuid not null,
  visibility execution.visibility_enum not null,
  number smallint not null,
  name text,
  model_id uuid not null,
  profile_id uuid,
  constraint contenders_pkey primary key (id, lenser_id),
  constraint contenders_evaluation_key unique (id, evaluation_id, lenser_id),
  constraint contenders_number_key unique (evaluation_id, number),
  constraint contenders_name_key unique (evaluation_id, name),
  constraint a_contender_takes_part_once unique nulls not distinct (evaluation_id, model_id, profile_id),
  constraint contenders_evaluation_id_fkey foreign key (evaluation_id, lenser_id, visibility)
  references execution.evaluations (id, lenser_id, visibility) on update cascade on delete cascade,
  constraint contenders_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint contenders_profile_id_fkey foreign key (profile_id) references ai.model_profiles (id) on delete restrict,
  -- As many as a leaderboard rates in one go.
  constraint there_are_at_most_100 check (number between 1 and 100),
  constraint name_is_not_blank check (ratebook.is_name(name))
);

create index contenders_evaluation_id_idx on execution.contenders (evaluation_id, lenser_id, visibility);
create index contenders_lenser_id_idx on execution.contenders (lenser_id);
create index contenders_public_idx on execution.contenders (id) where visibility = 'public';
create index contenders_model_id_idx on execution.contenders (model_id);
create index contenders_profile_id_idx on execution.contenders (profile_id);

-- As in execution.evaluations.
alter table execution.contenders
alter column lenser_id set (n_distinct = -0.1),
alter column visibility set (n_distinct = -0.1);

select ratebook.keep_history('execution.contenders');

comment on table execution.contenders is
'The models, or profiles of models, that take part in an evaluation; at most 100, chosen in draft.';
comment on column execution.contenders.id is 'The contender.';
comment on column execution.contenders.lenser_id is 'The owner of the evaluation.';
comment on column execution.contenders.evaluation_id is 'The evaluation.';
comment on column execution.contenders.visibility is 'That of the evaluation, kept in step.';
comment on column execution.contenders.number is 'Counts the contenders of an evaluation, from 1.';
comment on column execution.contenders.name is
'What readers of the evaluation call it. NULL: the model''s key, for those who may know the model.';
comment on column execution.contenders.model_id is 'The model that answers: of a profile, the one that it named when it was chosen.';
comment on column execution.contenders.profile_id is 'The row of ai.model_profiles that takes part; NULL for the bare model.';

select ratebook.show_all_to_admins('execution.contenders');
