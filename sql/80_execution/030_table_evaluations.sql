create table execution.evaluations (
  id uuid not null default ratebook.uuid_v7(),
  lenser_id uuid not null default ratebook.uid(),
  name text not null,
  description text,
  feature_key text,
  visibility execution.visibility_enum not null default 'private',
  state execution.evaluation_state_enum not null default 'draft',
  allows_self_judging boolean not null default false,
  opened_at timestamptz,
  closed_at timestamptz,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint evaluations_pkey primary key (id, lenser_id),
  constraint evaluations_name_key unique (lenser_id, name),
  -- What belongs to an evaluation repeats its visibility, so that a policy asks the row itself; this key keeps it in step.
  constraint evaluations_visibility_key unique (id, lenser_id, visibility),
  constraint evaluations_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint evaluations_feature_key_fkey foreign key (feature_key)
  references ai.features (key) on update cascade on delete restrict,
  constraint name_is_not_blank check (ratebook.is_name(name)),
  constraint description_is_not_endless check (ratebook.is_text(description)),
  constraint only_a_draft_was_never_opened check ((opened_at is null) = (state = 'draft')),
  constraint only_what_is_closed_was_closed check ((closed_at is not null) = (state = 'closed')),
  constraint it_is_closed_after_it_is_opened check (closed_at >= opened_at)
);

create index evaluations_lenser_id_id_idx on execution.evaluations (lenser_id, id);
create index evaluations_public_idx on execution.evaluations (id) where visibility = 'public';
create index evaluations_feature_key_idx on execution.evaluations (feature_key);

-- One's own and what is public lie in two indexes, which the planner joins where it expects few of either. Row security keeps
-- from it what it has counted, so it would take all of them for public.
alter table execution.evaluations
alter column lenser_id set (n_distinct = -0.1),
alter column visibility set (n_distinct = -0.1);

create trigger evaluations_ensure_profile before insert on execution.evaluations
for each row execute function ratebook.ensure_profile();
create trigger evaluations_stamp before update on execution.evaluations
for each row execute function ratebook.stamp();

select ratebook.keep_history('execution.evaluations');

comment on table execution.evaluations is
'Comparisons of models: contenders answer cases in runs, and judges score the answers. Made by execution.create_evaluation(), changed by execution.change_evaluation(); its owner may delete it with all that belongs to it, and charges stay. In the audit history.';
comment on column execution.evaluations.id is 'The evaluation, a UUIDv7.';
comment on column execution.evaluations.lenser_id is 'The owner. The generations of its submissions and judgements are the owner''s.';
comment on column execution.evaluations.name is 'Its name, unique among those of its owner.';
comment on column execution.evaluations.description is 'For people: what is compared, and what the cases are.';
comment on column execution.evaluations.feature_key is 'The feature that is evaluated: its generations are priced and logged for it. NULL for none.';
comment on column execution.evaluations.visibility is 'Who reads it.';
comment on column execution.evaluations.state is 'How far it is.';
comment on column execution.evaluations.allows_self_judging is
'Whether a model may score what it answered itself, also by way of a profile. Decided in draft.';
comment on column execution.evaluations.opened_at is 'When it was last opened; NULL in draft.';
comment on column execution.evaluations.closed_at is 'When it was closed; NULL where it is not.';
comment on column execution.evaluations.created_at is 'When the row was made.';
comment on column execution.evaluations.updated_at is 'When the row last changed.';

select ratebook.show_all_to_admins('execution.evaluations');
