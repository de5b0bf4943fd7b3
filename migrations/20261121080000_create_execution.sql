-- Ratebook's execution (module execution). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- Nothing is changed yet: all that stands in the way of execution is named at once.
do $preflight$
declare
  v_clashes text;
  v_schemas text;
  v_reachable text;
  v_admitting text;
  v_others text;
begin
  with found as (
    -- What stands in the way of Ratebook in a database that does not have it yet: (module, problem, schema, what).
    -- `wanted` is what each module makes: its schemas, with the names of their relations, types and functions.
    with
    wanted (module, schema_name, relations, functions) as (
      values
        ('execution', 'execution',
        '{a_contender_submits_once_a_case, a_contender_takes_part_once, a_generation_is_submitted_once,
          a_generation_judges_once, a_judge_is_named_once, a_judge_scores_a_submission_once, all_contenders,
          all_evaluations, all_judges, all_runs, all_scores, all_submissions, contenders, contenders_evaluation_id_idx,
          contenders_evaluation_key, contenders_lenser_id_idx, contenders_model_id_idx, contenders_name_key,
          contenders_number_key, contenders_pkey, contenders_profile_id_idx, contenders_public_idx,
          evaluation_state_enum, evaluations, evaluations_feature_key_idx, evaluations_lenser_id_id_idx,
          evaluations_name_key, evaluations_pkey, evaluations_public_idx, evaluations_visibility_key, judges,
          judges_evaluation_id_idx, judges_evaluation_key, judges_lenser_id_idx, judges_model_id_idx, judges_name_key,
          judges_person_id_idx, judges_pkey, judges_public_idx, run_state_enum, runs, runs_evaluation_id_idx,
          runs_evaluation_key, runs_key_key, runs_lenser_id_id_idx, runs_pkey, runs_public_idx, scores,
          scores_evaluation_id_idx, scores_judge_id_idx, scores_lenser_id_id_idx, scores_pkey, scores_public_idx,
          submissions, submissions_contender_id_idx, submissions_evaluation_id_idx, submissions_lenser_id_id_idx,
          submissions_pkey, submissions_public_idx, submissions_run_key, visibility_enum}'::text[],
        '{change_evaluation, costs, create_evaluation, finish_run, leaderboard, score, start_run, submit, to_score}'::text[])
    ),

    -- A relation is a type as well, so each is in the way of the other. Functions are told apart by name alone: overloads
    -- leave PostgREST without a choice.
    clashes (module, schema_name, what) as (
      select
        w.module,
        w.schema_name,
        pg_describe_object('pg_class'::regclass, c.oid, 0)
      from wanted as w
      inner join pg_namespace as n on n.nspname = w.schema_name
      inner join pg_class as c on c.relnamespace = n.oid and c.relname = any(w.relations)
      union all
      select
        w.module,
        w.schema_name,
        pg_describe_object('pg_type'::regclass, t.oid, 0)
      from wanted as w
      inner join pg_namespace as n on n.nspname = w.schema_name
      inner join pg_type as t on t.typnamespace = n.oid and t.typname = any(w.relations) and t.typrelid = 0
      union all
      select
        w.module,
        w.schema_name,
        pg_describe_object('pg_proc'::regclass, p.oid, 0)
      from wanted as w
      inner join pg_namespace as n on n.nspname = w.schema_name
      inner join pg_proc as p on p.pronamespace = n.oid and p.proname = any(w.functions)
      union all
      -- The inside is Ratebook's alone.
      select distinct
        w.module,
        'ratebook',
        'schema ratebook'
      from wanted as w
      where w.module = 'core' and to_regnamespace('ratebook') is not null
      union all
      select distinct
        w.module,
        'public',
        'type public.pricing_tier_enum with other labels'
      from wanted as w
      where
        w.module = 'core' and to_regtype('public.pricing_tier_enum') is not null
        and (
          select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum as e
          where e.enumtypid = to_regtype('public.pricing_tier_enum')
        ) is distinct from array['free', 'paid', 'enterprise']
    ),

    -- The project's schemas that Ratebook would share.
    shared as (
      select distinct
        w.module,
        n.oid,
        n.nspname::text as schema_name,
        n.nspowner
      from wanted as w
      inner join pg_namespace as n on n.nspname = w.schema_name
    ),

    -- The one privilege that Ratebook adds: USAGE for roles that have none.
    admitted as (
      select
        s.*,
        r.oid as role_oid,
        r.rolname
      from shared as s
      inner join pg_roles as r on r.rolname in ('anon', 'authenticated', 'service_role')
      where
        not has_schema_privilege(r.oid, s.oid, 'usage')
        and s.schema_name <> all(
          regexp_split_to_array(coalesce(current_setting('ratebook.accept_reachable', true), ''), '[\s,]+')
        )
    ),

    reachable (module, schema_name, what, role) as (
      select
        a.module,
        a.schema_name,
        pg_describe_object('pg_class'::regclass, c.oid, 0),
        a.rolname
      from admitted as a
      inner join pg_class as c on c.relnamespace = a.oid
      where
        case c.relkind
          when 'S' then has_sequence_privilege(a.role_oid, c.oid, 'usage, select, update')
          when 'i' then false
          when 'I' then false
          when 't' then false
          when 'c' then false
          else
            has_table_privilege(a.role_oid, c.oid, 'select, insert, update, delete, truncate')
            or has_any_column_privilege(a.role_oid, c.oid, 'select, insert, update')
        end
      union all
      select
        a.module,
        a.schema_name,
        pg_describe_object('pg_proc'::regclass, p.oid, 0),
        a.rolname
      from admitted as a
      inner join pg_proc as p on p.pronamespace = a.oid
      where has_function_privilege(a.role_oid, p.oid, 'execute') and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    )

    select
      c.module,
      'clash' as problem,
      c.schema_name,
      c.what
    from clashes as c
    union
    select
      s.module,
      'not_allowed',
      s.schema_name,
      'schema ' || s.schema_name
    from shared as s
    where
      not (
        has_schema_privilege(s.oid, 'create')
        and (pg_has_role(s.nspowner, 'usage') or has_schema_privilege(s.oid, 'usage with grant option'))
      )
    union
    select
      r.module,
      'reachable',
      r.schema_name,
      r.what || ' (' || string_agg(r.role, ', ' order by r.role) || ')'
    from reachable as r
    group by r.module, r.schema_name, r.what
  )
  select
    string_agg(f.what, ', ' order by f.what) filter (where f.module = 'execution' and f.problem = 'clash'),
    string_agg(f.what, ', ' order by f.what) filter (where f.module = 'execution' and f.problem = 'not_allowed'),
    string_agg(f.what, ', ' order by f.what) filter (where f.module = 'execution' and f.problem = 'reachable'),
    string_agg(distinct f.schema_name, ',') filter (where f.module = 'execution' and f.problem = 'reachable'),
    string_agg(f.what || ' (module ' || f.module || ')', ', ' order by f.what)
      filter (where f.module <> 'execution' and f.problem = 'clash')
  into v_clashes, v_schemas, v_reachable, v_admitting, v_others
  from found as f;
  if v_clashes is not null then
    raise exception
      'The project has objects by the names of Ratebook''s: %. Rename them, or move them to another schema. Nothing was changed',
      concat_ws(', ', v_clashes, v_others)
      using errcode = 'duplicate_object';
  end if;
  if v_others is not null then
    raise warning 'The project has objects by the names of other modules'': %.', v_others
      using hint = 'Rename them before these modules come, or leave the modules out.';
  end if;
  if v_schemas is not null then
    raise exception
      '% may not create objects in, or let others use: %. Grant it CREATE, and USAGE with grant option. Nothing was changed',
      current_user, v_schemas
      using errcode = 'insufficient_privilege';
  end if;
  if v_reachable is not null then
    -- The command line shows no hints, so the way out stands in the message.
    raise exception
      'The API roles may use the schemas that Ratebook shares, and so they would reach: %. Revoke that, or accept it: '
      'alter database % set ratebook.accept_reachable = ''%'' (or, where that is not allowed, with '
      'options=-c%%20ratebook.accept_reachable=% in the address of the database). Nothing was changed',
      v_reachable, quote_ident(current_database()), v_admitting, v_admitting
      using errcode = 'insufficient_privilege';
  end if;
end;
$preflight$;


-- from sql/80_execution/010_schema_execution.sql

select ratebook.take_schema(
  'execution',
  'Evaluations: which model was better. Models take part as contenders, models and people judge. A module that an adopter may leave out.'
);

-- from sql/80_execution/020_types.sql

create type execution.visibility_enum as enum ('private', 'public');

create type execution.evaluation_state_enum as enum ('draft', 'open', 'closed');

create type execution.run_state_enum as enum ('running', 'finished', 'cancelled');

comment on type execution.visibility_enum is
'Who reads an evaluation: private, its owner and admins; public, everybody, anonymous visitors included.';
comment on type execution.evaluation_state_enum is
'How far an evaluation is: draft, contenders and judges are chosen; open, runs may be started; closed, none may. From draft to open, between open and closed; never back to draft.';
comment on type execution.run_state_enum is
'How far a run is: running takes submissions and scores; finished and cancelled end it for good. What was cancelled counts in no leaderboard.';

-- from sql/80_execution/030_table_evaluations.sql

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

-- from sql/80_execution/040_table_contenders.sql

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

-- from sql/80_execution/050_table_judges.sql

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

-- from sql/80_execution/060_table_runs.sql

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

-- from sql/80_execution/070_table_submissions.sql

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

-- from sql/80_execution/080_table_scores.sql

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

-- from sql/80_execution/090_table_evaluation_requests.sql

-- What was sent and answered. Here and not beside submissions and scores, because public evaluations show those.
create table ratebook.evaluation_requests (
  lenser_id uuid not null,
  evaluation_id uuid not null,
  subject_id uuid not null,
  slot text not null,
  request jsonb not null,
  response jsonb,
  constraint evaluation_requests_pkey primary key (subject_id, slot, lenser_id),
  constraint evaluation_requests_evaluation_id_fkey foreign key (evaluation_id, lenser_id)
  references execution.evaluations (id, lenser_id) on delete cascade
);

create index evaluation_requests_evaluation_id_idx on ratebook.evaluation_requests (evaluation_id, lenser_id);

create function ratebook.recall_evaluation(p_subject_id uuid, p_owner uuid, p_slot text, p_request jsonb) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_known record;
begin
  select r.request, r.response into v_known
  from ratebook.evaluation_requests as r
  where r.subject_id = p_subject_id and r.slot = p_slot and r.lenser_id is not distinct from p_owner;
  if v_known.request <> p_request then
    perform ratebook.fail('idempotency_conflict', 'There is one already, with other content.',
      'Repeat the first request, or read what stands.', jsonb_build_object('differs', array(
        select k.key from jsonb_each(p_request) as k where v_known.request -> k.key is distinct from k.value order by k.key
      )));
  end if;
  return v_known.response;
end;
$$;

create function ratebook.claim_evaluation(
  p_evaluation execution.evaluations, p_subject_id uuid, p_slot text, p_request jsonb
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Of two at once the second waits here for the first, and finds its answer.
  insert into ratebook.evaluation_requests (lenser_id, evaluation_id, subject_id, slot, request)
  values (p_evaluation.lenser_id, p_evaluation.id, p_subject_id, p_slot, p_request)
  on conflict do nothing;
  if found then
    return null;
  end if;
  return ratebook.recall_evaluation(p_subject_id, p_evaluation.lenser_id, p_slot, p_request);
end;
$$;

create function ratebook.answer_evaluation(p_subject_id uuid, p_owner uuid, p_slot text, p_response jsonb) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update ratebook.evaluation_requests as r
  set response = p_response
  where r.subject_id = p_subject_id and r.slot = p_slot and r.lenser_id is not distinct from p_owner;
  return p_response;
end;
$$;

revoke all on function ratebook.recall_evaluation(uuid, uuid, text, jsonb) from public;
revoke all on function ratebook.claim_evaluation(execution.evaluations, uuid, text, jsonb) from public;
revoke all on function ratebook.answer_evaluation(uuid, uuid, text, jsonb) from public;

comment on table ratebook.evaluation_requests is
'What evaluations were asked to record, and the first answer: the same again gets it, another is refused.';
comment on column ratebook.evaluation_requests.lenser_id is 'The owner of the evaluation.';
comment on column ratebook.evaluation_requests.evaluation_id is 'The evaluation.';
comment on column ratebook.evaluation_requests.subject_id is 'The evaluation that was made, the run of a submission, or the submission of a score.';
comment on column ratebook.evaluation_requests.slot is 'The place in it: a contender and case, or a judge.';
comment on column ratebook.evaluation_requests.request is 'What was sent; of long texts the SHA-256.';
comment on column ratebook.evaluation_requests.response is 'The answer; NULL only inside the transaction that makes it.';
comment on function ratebook.recall_evaluation(uuid, uuid, text, jsonb) is
'The first answer to a request; NULL for a new one. Error: idempotency_conflict (PT409), DETAIL names what differs.';
comment on function ratebook.claim_evaluation(execution.evaluations, uuid, text, jsonb) is
'Takes the place of a request, NULL then; or the first answer, of one that took it. Error: idempotency_conflict (PT409).';
comment on function ratebook.answer_evaluation(uuid, uuid, text, jsonb) is
'Keeps the answer to a request, in the transaction of its effect; returns it.';

-- from sql/80_execution/095_function_wrong_state.sql

create function ratebook.wrong_state(p_message text, p_hint text, p_kind text, p_state text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail('wrong_state', p_message, p_hint, jsonb_build_object('of', p_kind, 'state', p_state));
end;
$$;

revoke all on function ratebook.wrong_state(text, text, text, text) from public;

comment on function ratebook.wrong_state(text, text, text, text) is
'Refuses what the state of an evaluation or a run (p_kind) forbids. Error: wrong_state (PT409).';

-- from sql/80_execution/100_triggers_states.sql

-- The rules of states, for whoever writes: the functions of schema execution, and direct SQL. What is read to decide is
-- locked, so that the other side of a race waits: in this order, evaluation before run.

create function ratebook.check_evaluation_state() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if tg_op = 'INSERT' then
    if new.state <> 'draft' then
      perform ratebook.wrong_state('An evaluation begins as a draft.', 'Choose contenders and judges, then open it.',
        'evaluation', new.state::text);
    end if;
    return new;
  end if;
  -- What its scores mean is decided before there are any.
  if old.state <> 'draft' and (new.allows_self_judging, new.feature_key is null)
    is distinct from (old.allows_self_judging, old.feature_key is null) then
    perform ratebook.wrong_state('Self-judging and feature are decided in draft.', 'Make another evaluation.',
      'evaluation', old.state::text);
  end if;
  if new.state = old.state then
    return new;
  elsif (old.state, new.state) not in (('draft', 'open'), ('open', 'closed'), ('closed', 'open')) then
    perform ratebook.wrong_state(format('An evaluation does not go from %s to %s.', old.state, new.state),
      'From draft to open, and between open and closed.', 'evaluation', old.state::text);
  elsif new.state = 'open' and not (
    exists (
      select from execution.contenders as c
      where c.evaluation_id = new.id and c.lenser_id is not distinct from new.lenser_id
    )
    and exists (
      select from execution.judges as j
      where j.evaluation_id = new.id and j.lenser_id is not distinct from new.lenser_id
    )
  ) then
    perform ratebook.wrong_state('There is nothing to evaluate.', 'Add a contender and a judge first.',
      'evaluation', old.state::text);
  elsif new.state = 'closed' and exists (
    select from execution.runs as r
    where r.evaluation_id = new.id and r.lenser_id is not distinct from new.lenser_id and r.state = 'running'
  ) then
    perform ratebook.wrong_state('A run is still running.', 'Finish or cancel it first.', 'run', 'running');
  end if;
  new.opened_at := case new.state when 'open' then ratebook.clock() else old.opened_at end;
  new.closed_at := case new.state when 'closed' then greatest(ratebook.clock(), new.opened_at) end;
  return new;
end;
$$;

-- Who takes part, as a row of contenders or judges comes, changes or goes.
create function ratebook.check_participant() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_row jsonb := to_jsonb(case tg_op when 'DELETE' then old else new end);
  v_state execution.evaluation_state_enum;
begin
  select e.state into v_state
  from execution.evaluations as e
  where
    e.id = (v_row ->> 'evaluation_id')::uuid and e.lenser_id is not distinct from (v_row ->> 'lenser_id')::uuid
  for share;
  -- One that is gone takes all with it; one that never was is the foreign key's to refuse.
  if v_state <> 'draft' and not (tg_table_name = 'judges' and tg_op = 'INSERT' and v_state = 'open') then
    perform ratebook.wrong_state(
      format('The %s of an evaluation that is %s do not change so.', tg_table_name, v_state),
      'Contenders are chosen in draft; judges until it is closed, and taken away in draft.', 'evaluation', v_state::text
    );
  end if;
  return case tg_op when 'DELETE' then old else new end;
end;
$$;

create function ratebook.check_run_state() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_state execution.evaluation_state_enum;
begin
  if tg_op = 'INSERT' then
    select e.state into v_state
    from execution.evaluations as e
    where e.id = new.evaluation_id and e.lenser_id is not distinct from new.lenser_id
    for share;
    if v_state <> 'open' then
      perform ratebook.wrong_state(format('The evaluation is %s.', v_state), 'Open it first.', 'evaluation', v_state::text);
    elsif new.state <> 'running' then
      perform ratebook.wrong_state('A run begins as running.', null, 'run', new.state::text);
    end if;
  elsif new.state <> old.state and old.state <> 'running' then
    perform ratebook.wrong_state(format('A run that is %s stays so.', old.state), 'Start another.', 'run', old.state::text);
  end if;
  return new;
end;
$$;

-- A submission, or a score: of a run that is running.
create function ratebook.check_running() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_state execution.run_state_enum;
begin
  select r.state into v_state
  from execution.runs as r
  where r.id = new.run_id and r.lenser_id is not distinct from new.lenser_id
  for share;
  if v_state <> 'running' then
    perform ratebook.wrong_state(format('The run is %s.', v_state), 'Start another.', 'run', v_state::text);
  end if;
  return new;
end;
$$;

create function ratebook.is_same_model(p_model_id uuid, p_other_id uuid) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Two rows that were merged, or one that succeeded the other, are one.
  return p_model_id = p_other_id
    or ratebook.heir(p_model_id, ratebook.clock()) = ratebook.heir(p_other_id, ratebook.clock());
end;
$$;

create function ratebook.assert_not_self_judging(
  p_evaluation execution.evaluations, p_judge execution.judges, p_contender_id uuid, p_submission_id uuid
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A profile takes part with its model.
  if not p_evaluation.allows_self_judging and p_judge.model_id is not null and exists (
    select from execution.contenders as c
    where
      c.id = p_contender_id
      and c.lenser_id is not distinct from p_evaluation.lenser_id
      and ratebook.is_same_model(c.model_id, p_judge.model_id)
  ) then
    perform ratebook.fail('self_judging', 'A model does not judge what it answered itself.',
      'Let another judge score it, or make an evaluation that allows it.',
      jsonb_build_object('judge', p_judge.id, 'submission', p_submission_id));
  end if;
end;
$$;

create function ratebook.check_judge() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_evaluation execution.evaluations;
  v_judge execution.judges;
begin
  select e.* into v_evaluation
  from execution.evaluations as e
  where e.id = new.evaluation_id and e.lenser_id is not distinct from new.lenser_id;
  select j.* into v_judge
  from execution.judges as j
  where j.id = new.judge_id and j.lenser_id is not distinct from new.lenser_id;
  if (v_judge.model_id is null) <> (new.generation_id is null) then
    perform ratebook.fail('invalid_argument', 'A model judges with a generation, and a person without.');
  end if;
  perform ratebook.assert_not_self_judging(
    v_evaluation, v_judge,
    (
      select s.contender_id from execution.submissions as s
      where s.id = new.submission_id and s.lenser_id is not distinct from new.lenser_id
    ),
    new.submission_id
  );
  return new;
end;
$$;

revoke all on function ratebook.check_evaluation_state() from public;
revoke all on function ratebook.check_participant() from public;
revoke all on function ratebook.check_run_state() from public;
revoke all on function ratebook.check_running() from public;
revoke all on function ratebook.check_judge() from public;
revoke all on function ratebook.is_same_model(uuid, uuid) from public;
revoke all on function ratebook.assert_not_self_judging(
  execution.evaluations, execution.judges, uuid, uuid
) from public;

create trigger evaluations_check_state before insert or update of state, allows_self_judging, feature_key
on execution.evaluations
for each row execute function ratebook.check_evaluation_state();
-- Which columns: what is kept in step with the evaluation is no change of it.
create trigger contenders_check before insert or delete or update of id, number, name, model_id, profile_id
on execution.contenders
for each row execute function ratebook.check_participant();
create trigger judges_check before insert or delete or update of id, name, model_id, person_id, added_at
on execution.judges
for each row execute function ratebook.check_participant();
create trigger runs_check_state before insert or update of state on execution.runs
for each row execute function ratebook.check_run_state();
create trigger submissions_check_running before insert on execution.submissions
for each row execute function ratebook.check_running();
create trigger scores_check_judge before insert on execution.scores
for each row execute function ratebook.check_judge();
create trigger scores_check_running before insert on execution.scores
for each row execute function ratebook.check_running();

comment on function ratebook.check_evaluation_state() is
'Row trigger: an evaluation begins as a draft, is opened once somebody takes part and judges, and is closed once nothing runs; what scores mean is decided in draft. Sets opened_at and closed_at. Error: wrong_state (PT409).';
comment on function ratebook.check_participant() is
'Row trigger: contenders are chosen in draft, judges until the evaluation is closed, and taken away in draft. Error: wrong_state (PT409).';
comment on function ratebook.check_run_state() is
'Row trigger: a run starts while its evaluation is open, and ends once. Error: wrong_state (PT409).';
comment on function ratebook.check_running() is
'Row trigger: submissions and scores are of a run that is running, and one that is being finished is waited for. Error: wrong_state (PT409).';
comment on function ratebook.check_judge() is
'Row trigger: who judged, how, and not itself. Errors: invalid_argument (PT422), self_judging (PT409).';
comment on function ratebook.assert_not_self_judging(execution.evaluations, execution.judges, uuid, uuid) is
'Refuses a model that judges what it answered itself, also by way of a profile, unless the evaluation allows it. Error: self_judging (PT409).';
comment on function ratebook.is_same_model(uuid, uuid) is
'Whether two rows of ai.models are one model by now: the same, or of one succession.';

-- from sql/80_execution/110_function_find_evaluation.sql

create function ratebook.evaluation_owner(p_kind text, p_id uuid, p_owner uuid) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner uuid := p_owner;
begin
  if p_owner is not null then
    return p_owner;
  end if;
  perform ratebook.require_owner();
  -- The one place that asks by id alone; whatever follows names the lenser.
  if p_kind = 'evaluation' then
    select e.lenser_id into v_owner from execution.evaluations as e where e.id = p_id;
  elsif p_kind = 'run' then
    select r.lenser_id into v_owner from execution.runs as r where r.id = p_id;
  elsif p_kind = 'submission' then
    select s.lenser_id into v_owner from execution.submissions as s where s.id = p_id;
  elsif p_kind = 'judge' then
    select j.lenser_id into v_owner from execution.judges as j where j.id = p_id;
  end if;
  return v_owner;
end;
$$;

create function ratebook.unknown_part(p_kind text, p_name text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_message constant text := format('There is no %s %s.', p_kind, left(coalesce(p_name, 'without a name'), 100));
  v_detail constant jsonb := jsonb_build_object(p_kind, left(p_name, 100));
begin
  if p_kind = 'evaluation' then
    perform ratebook.fail('unknown_evaluation', v_message, null, v_detail);
  elsif p_kind = 'run' then
    perform ratebook.fail('unknown_run', v_message, null, v_detail);
  elsif p_kind = 'contender' then
    perform ratebook.fail('unknown_contender', v_message, null, v_detail);
  elsif p_kind = 'judge' then
    perform ratebook.fail('unknown_judge', v_message, null, v_detail);
  elsif p_kind = 'submission' then
    perform ratebook.fail('unknown_submission', v_message, null, v_detail);
  end if;
end;
$$;

create function ratebook.may_manage(p_evaluation execution.evaluations) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_evaluation.lenser_id is not distinct from ratebook.uid() or ratebook.is_privileged();
end;
$$;

-- The row that the caller may read, or the same refusal for another's as for none. p_kind and p_id: what the caller named.
create function ratebook.find_evaluation(p_id uuid, p_owner uuid, p_kind text, p_name uuid) returns execution.evaluations
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_evaluation execution.evaluations;
begin
  select e.* into v_evaluation
  from execution.evaluations as e
  where e.id = p_id and e.lenser_id is not distinct from p_owner;
  if not found or not (v_evaluation.visibility = 'public' or ratebook.may_manage(v_evaluation)) then
    perform ratebook.unknown_part(p_kind, p_name::text);
  end if;
  return v_evaluation;
end;
$$;

create function ratebook.assert_may_manage(p_evaluation execution.evaluations) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not ratebook.may_manage(p_evaluation) then
    perform ratebook.fail('not_allowed', 'This is for the evaluation''s owner, admins and the service role.');
  end if;
end;
$$;

revoke all on function ratebook.evaluation_owner(text, uuid, uuid) from public;
revoke all on function ratebook.unknown_part(text, text) from public;
revoke all on function ratebook.may_manage(execution.evaluations) from public;
revoke all on function ratebook.find_evaluation(uuid, uuid, text, uuid) from public;
revoke all on function ratebook.assert_may_manage(execution.evaluations) from public;

comment on function ratebook.evaluation_owner(text, uuid, uuid) is
'The owner of an evaluation, run, submission or judge: as the caller names it, which is taken at its word, or else looked up by the id; NULL for a row that is not there. Error: owner_required (PT422).';
comment on function ratebook.unknown_part(text, text) is
'Refuses what is not there, or not the caller''s to know of. Errors: unknown_evaluation, unknown_run, unknown_contender, unknown_judge, unknown_submission (PT404).';
comment on function ratebook.may_manage(execution.evaluations) is
'Whether the caller is the owner of an evaluation, an admin or the service role.';
comment on function ratebook.find_evaluation(uuid, uuid, text, uuid) is
'An evaluation that the caller may read; p_kind and p_name are what the refusal names: those of ratebook.unknown_part().';
comment on function ratebook.assert_may_manage(execution.evaluations) is
'Refuses all but those of ratebook.may_manage(). Error: not_allowed (42501).';

-- from sql/80_execution/120_function_create_evaluation.sql

-- Who takes part, as callers name them.

create function ratebook.assert_participant(p_entry jsonb, p_keys text[], p_hint text) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(p_entry) = 'string' then
    return jsonb_build_object('model', p_entry);
  elsif jsonb_typeof(p_entry) is distinct from 'object' or p_entry - p_keys <> jsonb '{}'
    or p_entry @? '$.* ? (@.type() <> "string")' then
    perform ratebook.fail('invalid_argument', 'That is no contender or judge.', p_hint);
  end if;
  return p_entry;
end;
$$;

create function ratebook.profile_to_evaluate(p_profile text, out profile_id uuid, out model_id uuid)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_profile ai.model_profiles;
begin
  -- Profiles are for admins and the service role: to others one is as good as none.
  if ratebook.is_privileged() then
    select p.* into v_profile from ai.model_profiles as p where p_profile in (p.name, p.id::text);
  end if;
  if v_profile.id is null then
    perform ratebook.fail('invalid_argument', format('There is no profile called "%s".', left(p_profile, 100)),
      'Ask ai.model_profiles, as an admin.', jsonb_build_object('profile', left(p_profile, 100)));
  elsif v_profile.disabled then
    perform ratebook.fail('invalid_argument', format('The profile "%s" is disabled.', v_profile.name), null,
      jsonb_build_object('profile', v_profile.name));
  end if;
  profile_id := v_profile.id;
  -- It names a model as the provider does. Its generations are priced, so the model must be registered.
  select m.id into model_id
  from ai.models as m
  where m.provider_id = v_profile.provider_id and v_profile.model in (m.provider_model_key, m.key) and m.deleted_at is null
  order by m.provider_model_key = v_profile.model desc nulls last
  limit 1;
  if not found then
    perform ratebook.fail('unknown_model', format('The model of the profile, "%s", is not registered.', v_profile.model),
      'Add it to ai.models, with that provider_model_key.', jsonb_build_object('model', v_profile.model));
  end if;
end;
$$;

create function ratebook.add_contenders(p_evaluation execution.evaluations, p_contenders jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_entry jsonb;
  v_model_id uuid;
  v_profile_id uuid;
  v_number integer;
begin
  select coalesce(max(c.number), 0) into v_number
  from execution.contenders as c
  where c.evaluation_id = p_evaluation.id and c.lenser_id is not distinct from p_evaluation.lenser_id;
  for v_entry in
    select ratebook.assert_participant(
      e.value, '{model,profile,name}', 'A contender is a model''s name, or an object with model or profile, and name.'
    )
    from jsonb_array_elements(p_contenders) with ordinality as e
    order by e.ordinality
  loop
    v_profile_id := null;
    if v_entry ? 'profile' and not v_entry ? 'model' then
      select p.profile_id, p.model_id into v_profile_id, v_model_id
      from ratebook.profile_to_evaluate(v_entry ->> 'profile') as p;
    else
      v_model_id := ratebook.model_id(v_entry ->> 'model', ratebook.is_privileged());
    end if;
    -- The same once more is none: a call that is sent twice.
    continue when exists (
      select from execution.contenders as c
      where
        c.evaluation_id = p_evaluation.id
        and c.lenser_id is not distinct from p_evaluation.lenser_id
        and c.model_id = v_model_id
        and (c.profile_id, c.name) is not distinct from (v_profile_id, v_entry ->> 'name')
    );
    v_number := v_number + 1;
    if v_number > 100 then
      perform ratebook.fail('invalid_argument', 'An evaluation has at most 100 contenders.');
    end if;
    insert into execution.contenders (lenser_id, evaluation_id, visibility, number, name, model_id, profile_id)
    values (
      p_evaluation.lenser_id, p_evaluation.id, p_evaluation.visibility, v_number, v_entry ->> 'name', v_model_id, v_profile_id
    );
  end loop;
end;
$$;

create function ratebook.add_judges(p_evaluation execution.evaluations, p_judges jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_entry jsonb;
  v_model_id uuid;
  v_person_id uuid;
begin
  for v_entry in
    select ratebook.assert_participant(
      e.value, '{model,person,name}', 'A judge is a model''s name, or an object with model or person (a lenser), and name.'
    )
    from jsonb_array_elements(p_judges) with ordinality as e
    order by e.ordinality
  loop
    v_model_id := null;
    v_person_id := null;
    if v_entry ? 'person' and not v_entry ? 'model' then
      -- A profile is made at its first use.
      insert into lensers.profiles (id, user_id)
      select u.id, u.id from auth.users as u where u.id::text = lower(v_entry ->> 'person')
      on conflict do nothing;
      select p.id into v_person_id
      from lensers.profiles as p
      where p.id::text = lower(v_entry ->> 'person') and p.erased_at is null;
      if not found then
        perform ratebook.fail('unknown_lenser', format('There is no lenser %s.', left(v_entry ->> 'person', 100)),
          'A person is an auth user, or a row of lensers.profiles.', jsonb_build_object('lenser', left(v_entry ->> 'person', 100)));
      end if;
    else
      v_model_id := ratebook.model_id(v_entry ->> 'model', ratebook.is_privileged());
    end if;
    continue when exists (
      select from execution.judges as j
      where
        j.evaluation_id = p_evaluation.id
        and j.lenser_id is not distinct from p_evaluation.lenser_id
        and (j.model_id, j.person_id, j.name) is not distinct from (v_model_id, v_person_id, v_entry ->> 'name')
    );
    insert into execution.judges (lenser_id, evaluation_id, visibility, name, model_id, person_id)
    values (p_evaluation.lenser_id, p_evaluation.id, p_evaluation.visibility, v_entry ->> 'name', v_model_id, v_person_id);
  end loop;
end;
$$;

create function ratebook.add_participants(p_evaluation execution.evaluations, p_contenders jsonb, p_judges jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_constraint text;
begin
  if jsonb_typeof(p_contenders) <> 'array' or jsonb_typeof(p_judges) <> 'array' then
    perform ratebook.fail('invalid_argument', 'Contenders and judges are JSON arrays.');
  end if;
  perform ratebook.add_contenders(p_evaluation, p_contenders);
  perform ratebook.add_judges(p_evaluation, p_judges);
exception
  when unique_violation then
    get stacked diagnostics v_constraint = constraint_name;
    perform ratebook.fail('invalid_argument', 'A contender, judge or name stands there twice.',
      'Each takes part once, and names differ.', jsonb_build_object('constraint', v_constraint));
  when check_violation then
    perform ratebook.fail('invalid_argument', 'A name is not blank and has at most 255 characters.');
end;
$$;

create function ratebook.create_evaluation(
  p_name text,
  p_contenders jsonb,
  p_judges jsonb,
  p_description text,
  p_feature text,
  p_visibility execution.visibility_enum,
  p_allows_self_judging boolean,
  p_lenser uuid
) returns setof execution.evaluations
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only these functions write the tables of schema execution.
declare
  v_lenser constant uuid := coalesce(p_lenser, ratebook.uid());
  v_evaluation execution.evaluations;
  v_request constant jsonb := jsonb_build_object(
    'contenders', p_contenders, 'judges', p_judges, 'description', p_description, 'feature', p_feature,
    'visibility', p_visibility, 'allows_self_judging', p_allows_self_judging
  );
begin
  if v_lenser is distinct from ratebook.uid() and not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'You may make evaluations of your own only.', 'Leave lenser out.');
  elsif ratebook.is_name(p_name) is not true or ratebook.is_text(p_description) is false then
    perform ratebook.fail('invalid_argument', 'An evaluation has a name of at most 255 characters, and a description of 10,000.');
  elsif p_feature is not null then
    perform ratebook.feature_id(p_feature);
  end if;
  -- Its name is what makes two of one call one.
  insert into execution.evaluations (lenser_id, name, description, feature_key, visibility, allows_self_judging)
  values (
    v_lenser, p_name, p_description, p_feature, coalesce(p_visibility, 'private'), coalesce(p_allows_self_judging, false)
  )
  on conflict (lenser_id, name) do nothing
  returning * into v_evaluation;
  if not found then
    select e.* into v_evaluation from execution.evaluations as e where e.lenser_id = v_lenser and e.name = p_name;
    perform ratebook.recall_evaluation(v_evaluation.id, v_lenser, 'create', v_request);
    return next v_evaluation;
    return;
  end if;
  perform ratebook.claim_evaluation(v_evaluation, v_evaluation.id, 'create', v_request);
  perform ratebook.add_participants(v_evaluation, coalesce(p_contenders, '[]'), coalesce(p_judges, '[]'));
  return next v_evaluation;
end;
$$;

create function execution.create_evaluation(
  name text,
  contenders jsonb default '[]',
  judges jsonb default '[]',
  description text default null,
  feature text default null,
  visibility execution.visibility_enum default 'private',
  allows_self_judging boolean default false,
  lenser uuid default null
) returns setof execution.evaluations
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select e.*
  from ratebook.create_evaluation(
    name, contenders, judges, description, feature, visibility, allows_self_judging, lenser
  ) as e;
end;

revoke all on function ratebook.assert_participant(jsonb, text[], text) from public;
revoke all on function ratebook.profile_to_evaluate(text) from public;
revoke all on function ratebook.add_contenders(execution.evaluations, jsonb) from public;
revoke all on function ratebook.add_judges(execution.evaluations, jsonb) from public;
revoke all on function ratebook.add_participants(execution.evaluations, jsonb, jsonb) from public;
revoke all on function ratebook.create_evaluation(
  text, jsonb, jsonb, text, text, execution.visibility_enum, boolean, uuid
) from public;
revoke all on function execution.create_evaluation(
  text, jsonb, jsonb, text, text, execution.visibility_enum, boolean, uuid
) from public;
grant execute on function ratebook.create_evaluation(
  text, jsonb, jsonb, text, text, execution.visibility_enum, boolean, uuid
) to authenticated, service_role;
grant execute on function execution.create_evaluation(
  text, jsonb, jsonb, text, text, execution.visibility_enum, boolean, uuid
) to authenticated, service_role;

comment on function ratebook.assert_participant(jsonb, text[], text) is
'A contender or judge as an object; a bare text is a model. Error: invalid_argument (PT422).';
comment on function ratebook.profile_to_evaluate(text) is
'The profile of a name or id, and the registered model that it names. Errors: invalid_argument (PT422), unknown_model (PT404).';
comment on function ratebook.add_contenders(execution.evaluations, jsonb) is
'Adds contenders to an evaluation; passes over those that are there. Errors: those of ratebook.model_id() and ratebook.profile_to_evaluate(), wrong_state (PT409).';
comment on function ratebook.add_judges(execution.evaluations, jsonb) is
'Adds judges to an evaluation; passes over those that are there. Errors: those of ratebook.model_id(), unknown_lenser (PT404), wrong_state (PT409).';
comment on function ratebook.add_participants(execution.evaluations, jsonb, jsonb) is
'Adds contenders and judges. Errors: those of ratebook.add_contenders() and ratebook.add_judges(), invalid_argument (PT422).';
comment on function ratebook.create_evaluation(
  text, jsonb, jsonb, text, text, execution.visibility_enum, boolean, uuid
) is 'The rule behind execution.create_evaluation().';
comment on function execution.create_evaluation(
  text, jsonb, jsonb, text, text, execution.visibility_enum, boolean, uuid
) is
'Makes an evaluation, as a draft: execution.change_evaluation() opens it. name: unique among the owner''s; the same call again returns what was made. contenders: a JSON array of models (id, key or alias), or of objects with model or profile (name or id of ai.model_profiles, for admins and the service role, whose model must be registered) and name. judges: a JSON array of models, or of objects with model or person (a lenser) and name. description: for people. feature: key of the feature that is evaluated, whose margins and budgets apply. visibility: private, or public for everybody to read. allows_self_judging: whether a model may score what it answered itself, also by way of a profile. lenser: the owner; oneself, unless admins and the service role name another. Returns the row of execution.evaluations. Errors: not_allowed, erased_lenser (42501), unknown_model, unknown_feature, unknown_lenser (PT404), ambiguous_model, idempotency_conflict (PT409), invalid_argument (PT422).';

-- from sql/80_execution/130_function_change_evaluation.sql

create function ratebook.change_evaluation(
  p_evaluation uuid,
  p_state execution.evaluation_state_enum,
  p_visibility execution.visibility_enum,
  p_name text,
  p_description text,
  p_add_contenders jsonb,
  p_add_judges jsonb,
  p_owner uuid
) returns setof execution.evaluations
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only these functions write the tables of schema execution.
declare
  v_owner constant uuid := ratebook.evaluation_owner('evaluation', p_evaluation, p_owner);
  v_evaluation execution.evaluations := ratebook.find_evaluation(p_evaluation, v_owner, 'evaluation', p_evaluation);
begin
  perform ratebook.assert_may_manage(v_evaluation);
  if ratebook.is_name(p_name) is false or ratebook.is_text(p_description) is false then
    perform ratebook.fail('invalid_argument', 'An evaluation has a name of at most 255 characters, and a description of 10,000.');
  end if;
  -- Two who choose at the same time go one after the other.
  select e.* into v_evaluation
  from execution.evaluations as e
  where e.id = p_evaluation and e.lenser_id is not distinct from v_owner
  for update;
  perform ratebook.add_participants(v_evaluation, coalesce(p_add_contenders, '[]'), coalesce(p_add_judges, '[]'));
  update execution.evaluations as e
  set
    state = coalesce(p_state, e.state),
    visibility = coalesce(p_visibility, e.visibility),
    name = coalesce(p_name, e.name),
    description = coalesce(p_description, e.description)
  where
    e.id = p_evaluation
    and e.lenser_id is not distinct from v_owner
    -- What is so already is no change.
    and (e.state, e.visibility, e.name, e.description) is distinct from (
      coalesce(p_state, e.state), coalesce(p_visibility, e.visibility), coalesce(p_name, e.name),
      coalesce(p_description, e.description)
    )
  returning e.* into v_evaluation;
  if not found then
    select e.* into v_evaluation
    from execution.evaluations as e
    where e.id = p_evaluation and e.lenser_id is not distinct from v_owner;
  end if;
  return next v_evaluation;
exception
  when unique_violation then
    perform ratebook.fail('invalid_argument', 'The owner has an evaluation of that name.', 'Take another name.');
end;
$$;

create function execution.change_evaluation(
  evaluation uuid,
  state execution.evaluation_state_enum default null,
  visibility execution.visibility_enum default null,
  name text default null,
  description text default null,
  add_contenders jsonb default null,
  add_judges jsonb default null,
  owner uuid default null
) returns setof execution.evaluations
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select e.*
  from ratebook.change_evaluation(
    evaluation, state, visibility, name, description, add_contenders, add_judges, owner
  ) as e;
end;

revoke all on function ratebook.change_evaluation(
  uuid, execution.evaluation_state_enum, execution.visibility_enum, text, text, jsonb, jsonb, uuid
) from public;
revoke all on function execution.change_evaluation(
  uuid, execution.evaluation_state_enum, execution.visibility_enum, text, text, jsonb, jsonb, uuid
) from public;
grant execute on function ratebook.change_evaluation(
  uuid, execution.evaluation_state_enum, execution.visibility_enum, text, text, jsonb, jsonb, uuid
) to authenticated, service_role;
grant execute on function execution.change_evaluation(
  uuid, execution.evaluation_state_enum, execution.visibility_enum, text, text, jsonb, jsonb, uuid
) to authenticated, service_role;

comment on function ratebook.change_evaluation(
  uuid, execution.evaluation_state_enum, execution.visibility_enum, text, text, jsonb, jsonb, uuid
) is 'The rule behind execution.change_evaluation().';
comment on function execution.change_evaluation(
  uuid, execution.evaluation_state_enum, execution.visibility_enum, text, text, jsonb, jsonb, uuid
) is
'For the evaluation''s owner, admins and the service role. Changes what is given; the same again changes nothing. evaluation: its id. state: open (from draft, once a contender and a judge are there, or again from closed) or closed (once no run is running). visibility: private or public. name: unique among the owner''s. description: for people. add_contenders: as in execution.create_evaluation(), in draft. add_judges: as there, until it is closed. owner: the evaluation''s lenser. Returns the row of execution.evaluations. Errors: unknown_evaluation, unknown_model, unknown_lenser (PT404), wrong_state, ambiguous_model (PT409), invalid_argument, owner_required (PT422), not_allowed (42501).';

-- from sql/80_execution/140_function_start_run.sql

create function ratebook.start_run(p_evaluation uuid, p_key text, p_owner uuid) returns setof execution.runs
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only these functions write the tables of schema execution.
declare
  v_owner constant uuid := ratebook.evaluation_owner('evaluation', p_evaluation, p_owner);
  v_evaluation execution.evaluations := ratebook.find_evaluation(p_evaluation, v_owner, 'evaluation', p_evaluation);
  v_run execution.runs;
begin
  perform ratebook.assert_may_manage(v_evaluation);
  if ratebook.is_name(p_key) is not true then
    perform ratebook.fail('invalid_argument', 'A run has a key of at most 255 characters.', 'Such as the date, or the commit.');
  end if;
  -- One that is being closed is waited for, and the other way round.
  perform from execution.evaluations as e where e.id = p_evaluation and e.lenser_id is not distinct from v_owner for share;
  -- A start that was answered is answered again, whatever has become of the evaluation since.
  select r.* into v_run
  from execution.runs as r
  where r.evaluation_id = p_evaluation and r.key = p_key and r.lenser_id is not distinct from v_owner;
  if not found then
    insert into execution.runs (lenser_id, evaluation_id, visibility, key)
    select e.lenser_id, e.id, e.visibility, p_key
    from execution.evaluations as e
    where e.id = p_evaluation and e.lenser_id is not distinct from v_owner
    on conflict (evaluation_id, key) do nothing
    returning * into v_run;
    if not found then
      select r.* into v_run
      from execution.runs as r
      where r.evaluation_id = p_evaluation and r.key = p_key and r.lenser_id is not distinct from v_owner;
    end if;
  end if;
  return next v_run;
end;
$$;

create function execution.start_run(evaluation uuid, key text, owner uuid default null) returns setof execution.runs
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select r.* from ratebook.start_run(evaluation, key, owner) as r;
end;

revoke all on function ratebook.start_run(uuid, text, uuid) from public;
revoke all on function execution.start_run(uuid, text, uuid) from public;
grant execute on function ratebook.start_run(uuid, text, uuid) to authenticated, service_role;
grant execute on function execution.start_run(uuid, text, uuid) to authenticated, service_role;

comment on function ratebook.start_run(uuid, text, uuid) is 'The rule behind execution.start_run().';
comment on function execution.start_run(uuid, text, uuid) is
'For the evaluation''s owner, admins and the service role. Starts a run of an open evaluation. evaluation: its id. key: the run''s name, such as a date; the same again returns the run that has it, as it is by now. owner: the evaluation''s lenser. Returns the row of execution.runs. Errors: unknown_evaluation (PT404), wrong_state (PT409), invalid_argument, owner_required (PT422), not_allowed (42501).';

-- from sql/80_execution/150_function_record_generation.sql

-- A submission or a judgement is a generation like any other: charged by the one rule of the wallet, or there already.
create function ratebook.record_generation(
  p_evaluation execution.evaluations, p_model_id uuid, p_work jsonb
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account constant uuid := (p_work ->> 'account')::uuid;
  v_generation constant uuid := (p_work ->> 'generation')::uuid;
  v_model_id uuid;
begin
  if v_generation is not null then
    select g.model_id into v_model_id
    from ai.generations as g
    where g.id = v_generation and g.lenser_id is not distinct from p_evaluation.lenser_id;
    if not found then
      perform ratebook.fail('unknown_generation', format('The evaluation''s owner has no generation %s.', v_generation), null,
        jsonb_build_object('generation', v_generation));
    elsif not ratebook.is_same_model(v_model_id, p_model_id) then
      perform ratebook.fail('invalid_argument', 'The generation is of another model.', null,
        jsonb_build_object('generation', v_generation));
    end if;
  end if;
  if v_account is null then
    -- What only a charge takes would be lost without a word.
    if v_generation is null
      or jsonb_strip_nulls(p_work - '{generation,estimated}'::text[]) <> jsonb '{}' then
      perform ratebook.fail('invalid_argument', 'It is neither charged nor there already.',
        'Pass account with usage (or reported_cost), or the generation alone.');
    end if;
    return jsonb_build_object('generation_id', v_generation, 'charge_id', null, 'credits', null);
  end if;
  return ratebook.charge(ratebook.report(
    ratebook.make_charge_request(
      v_account, p_model_id::text, nullif(p_work -> 'usage', jsonb 'null'), p_work ->> 'format', p_evaluation.feature_key,
      p_work ->> 'service_tier', p_work ->> 'variant', p_work ->> 'region', p_evaluation.lenser_id, v_generation,
      p_work ->> 'prompt', p_work ->> 'output', (p_work ->> 'latency_ms')::integer, null,
      coalesce(
        (p_work ->> 'account_owner')::uuid, case when v_account = p_evaluation.lenser_id then p_evaluation.lenser_id end
      )
    ),
    (p_work ->> 'estimated')::boolean, (p_work ->> 'reported_cost')::numeric, p_work ->> 'reported_currency'
  ));
end;
$$;

-- What is compared when the same is sent again; of the texts a mark is enough.
create function ratebook.marked(p_request jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select
      jsonb_object_agg(
        r.key,
        case
          when r.key in ('prompt', 'output', 'rationale')
            then to_jsonb(encode(sha256(convert_to(r.value #>> '{}', 'UTF8')), 'hex'))
          else r.value
        end
      )
    from jsonb_each(jsonb_strip_nulls(p_request - 'usage') || jsonb_build_object('usage', p_request -> 'usage')) as r
  );
end;
$$;

revoke all on function ratebook.record_generation(execution.evaluations, uuid, jsonb) from public;
revoke all on function ratebook.marked(jsonb) from public;

comment on function ratebook.record_generation(execution.evaluations, uuid, jsonb) is
'The generation of a submission or judgement of a model, of the evaluation''s owner: charged to an account as billing.charge_generation() does, with the evaluation''s feature, and its answer; or named by its id, and then with charge_id and credits NULL. p_work: arguments of billing.charge_generation(). Errors: those of billing.charge_generation(), invalid_argument (PT422).';
comment on function ratebook.marked(jsonb) is
'A request without its NULLs, with SHA-256 in place of prompt, output and rationale.';

-- from sql/80_execution/160_function_submit.sql

create function ratebook.contender_id(p_evaluation execution.evaluations, p_contender text) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid[];
begin
  -- Its own names before its model's, which several profiles may share.
  select array_agg(c.id) into v_ids
  from execution.contenders as c
  where
    c.evaluation_id = p_evaluation.id
    and c.lenser_id is not distinct from p_evaluation.lenser_id
    and p_contender in (c.id::text, c.name);
  if v_ids is null then
    select array_agg(c.id) into v_ids
    from execution.contenders as c
    where
      c.evaluation_id = p_evaluation.id
      and c.lenser_id is not distinct from p_evaluation.lenser_id
      and (
        c.model_id = any(ratebook.model_ids(p_contender, true))
        -- By the key that it has, also once the name leads on to a successor.
        or c.model_id = (select m.id from ai.models as m where m.key = p_contender)
      );
  end if;
  if cardinality(v_ids) is distinct from 1 then
    perform ratebook.unknown_part('contender', p_contender);
  end if;
  return v_ids[1];
end;
$$;

create function ratebook.submit(
  p_run uuid, p_contender text, p_case_key text, p_work jsonb, p_owner uuid
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: only these functions write the tables of schema execution. Service role only.
declare
  v_owner constant uuid := ratebook.evaluation_owner('run', p_run, p_owner);
  v_evaluation execution.evaluations;
  v_contender_id uuid;
  v_slot text;
  v_request constant jsonb := ratebook.marked(p_work);
  v_answer jsonb;
  v_submission_id constant uuid := ratebook.uuid_v7();
begin
  -- Evaluation before run, as everybody locks them: a change of visibility writes both.
  select e.* into v_evaluation
  from execution.runs as r
  inner join execution.evaluations as e on e.id = r.evaluation_id and e.lenser_id = r.lenser_id
  where r.id = p_run and r.lenser_id is not distinct from v_owner
  for key share of e;
  if not found then
    perform ratebook.unknown_part('run', p_run::text);
  elsif ratebook.is_name(p_case_key) is not true then
    perform ratebook.fail('invalid_argument', 'A case has a key of at most 255 characters.');
  end if;
  v_contender_id := ratebook.contender_id(v_evaluation, p_contender);
  v_slot := v_contender_id || ' ' || p_case_key;
  -- A finish under way is waited for, and waits for this. What was answered is answered again, also after it.
  perform from execution.runs as r where r.id = p_run and r.lenser_id is not distinct from v_owner for share;
  v_answer := ratebook.recall_evaluation(p_run, v_owner, v_slot, v_request);
  if v_answer is not null then
    return v_answer;
  end if;
  perform ratebook.assert_running(p_run, v_owner);
  v_answer := ratebook.claim_evaluation(v_evaluation, p_run, v_slot, v_request);
  if v_answer is not null then
    return v_answer;
  end if;
  v_answer := jsonb_build_object(
    'submission_id', v_submission_id, 'run_id', p_run, 'contender_id', v_contender_id, 'case_key', p_case_key
  ) || ratebook.record_generation(
    v_evaluation,
    (
      select c.model_id from execution.contenders as c
      where c.id = v_contender_id and c.lenser_id is not distinct from v_owner
    ),
    p_work
  );
  begin
    insert into execution.submissions (
      id, lenser_id, evaluation_id, visibility, run_id, contender_id, case_key, generation_id
    ) values (
      v_submission_id, v_owner, v_evaluation.id, v_evaluation.visibility, p_run, v_contender_id, p_case_key,
      (v_answer ->> 'generation_id')::uuid
    );
  exception
    when unique_violation then
      perform ratebook.fail('idempotency_conflict', 'The generation is another submission already.', null,
        jsonb_build_object('generation', p_work -> 'generation'));
  end;
  return ratebook.answer_evaluation(p_run, v_owner, v_slot, v_answer);
end;
$$;

create function ratebook.assert_running(p_run uuid, p_owner uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_state execution.run_state_enum;
begin
  select r.state into v_state
  from execution.runs as r
  where r.id = p_run and r.lenser_id is not distinct from p_owner;
  if v_state <> 'running' then
    perform ratebook.wrong_state(format('The run is %s.', v_state), 'Start another.', 'run', v_state::text);
  end if;
end;
$$;

create function execution.submit(
  run uuid,
  contender text,
  case_key text,
  account uuid default null,
  usage jsonb default null,
  format text default null,
  service_tier text default null,
  variant text default null,
  region text default null,
  generation uuid default null,
  prompt text default null,
  output text default null,
  latency_ms integer default null,
  estimated boolean default false,
  reported_cost numeric default null,
  reported_currency text default null,
  account_owner uuid default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.submit(
    run, contender, case_key,
    jsonb_build_object(
      'account', account, 'usage', usage, 'format', format, 'service_tier', service_tier, 'variant', variant,
      'region', region, 'generation', generation, 'prompt', prompt, 'output', output, 'latency_ms', latency_ms,
      'estimated', estimated, 'reported_cost', trim_scale(reported_cost), 'reported_currency', reported_currency,
      'account_owner', account_owner
    ),
    owner
  );
end;

revoke all on function ratebook.contender_id(execution.evaluations, text) from public;
revoke all on function ratebook.submit(uuid, text, text, jsonb, uuid) from public;
revoke all on function ratebook.assert_running(uuid, uuid) from public;
revoke all on function execution.submit(
  uuid, text, text, uuid, jsonb, text, text, text, text, uuid, text, text, integer, boolean, numeric, text, uuid, uuid
) from public;
grant execute on function ratebook.submit(uuid, text, text, jsonb, uuid) to service_role;
grant execute on function execution.submit(
  uuid, text, text, uuid, jsonb, text, text, text, text, uuid, text, text, integer, boolean, numeric, text, uuid, uuid
) to service_role;

comment on function ratebook.contender_id(execution.evaluations, text) is
'The contender of an evaluation by its id or name, or by its model where that takes part once. Error: unknown_contender (PT404).';
comment on function ratebook.submit(uuid, text, text, jsonb, uuid) is 'The rule behind execution.submit().';
comment on function ratebook.assert_running(uuid, uuid) is 'Refuses a run that has ended. Error: wrong_state (PT409).';
comment on function execution.submit(
  uuid, text, text, uuid, jsonb, text, text, text, text, uuid, text, text, integer, boolean, numeric, text, uuid, uuid
) is
'Service role only. Records what a contender answered to a case, in one transaction with its generation, charge and ledger. The same call again returns the first answer, also after the run has ended. run: its id. contender: its id or name, or its model where that takes part once. case_key: the case, by a name that is the same for all contenders. account: who pays, as in billing.charge_generation(); the spender is the evaluation''s owner, and the evaluation''s feature is the charge''s. usage: what was used; format, service_tier, variant, region, prompt, output, latency_ms, estimated, reported_cost and reported_currency: as there. generation: one of the evaluation''s owner and of that model, which is charged where account is given, and taken as it is where it is not. account_owner: the lenser of an account that is another''s than the evaluation''s owner. owner: the evaluation''s lenser. Returns submission_id, run_id, contender_id, case_key, and what billing.charge_generation() returns; charge_id and credits are null where nothing is charged. Errors: unknown_run, unknown_contender (PT404), wrong_state, idempotency_conflict (PT409), invalid_argument, owner_required (PT422), and those of billing.charge_generation(): unknown_account, unknown_generation (PT404), insufficient_credits, budget_exceeded (PT402), inactive_model, already_charged (PT409), no_price (PT422), not_allowed, erased_lenser (42501).';

-- from sql/80_execution/170_function_score.sql

create function ratebook.judge_of(p_evaluation execution.evaluations, p_judge text) returns execution.judges
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_judges execution.judges[];
begin
  -- A person judges in their own name and in no other's.
  if ratebook.caller() in ('anon', 'authenticated') then
    select array_agg(j) into v_judges
    from execution.judges as j
    where
      j.evaluation_id = p_evaluation.id
      and j.lenser_id is not distinct from p_evaluation.lenser_id
      and j.person_id = ratebook.uid()
      and (p_judge is null or p_judge in (j.id::text, j.name));
    if v_judges is null then
      perform ratebook.fail('not_allowed', 'You are no judge of this evaluation, or not that one.',
        'A person scores in their own name; models'' scores are the service role''s to record.');
    end if;
    return v_judges[1];
  end if;
  select array_agg(j) into v_judges
  from execution.judges as j
  where
    j.evaluation_id = p_evaluation.id
    and j.lenser_id is not distinct from p_evaluation.lenser_id
    and (
      p_judge in (j.id::text, j.name)
      or j.model_id = any(ratebook.model_ids(p_judge, true))
      or j.model_id = (select m.id from ai.models as m where m.key = p_judge)
    );
  if cardinality(v_judges) is distinct from 1 then
    perform ratebook.unknown_part('judge', p_judge);
  elsif v_judges[1].person_id is not null then
    perform ratebook.fail('not_allowed', 'A person scores in their own name.', 'Call it with the person''s token.');
  end if;
  return v_judges[1];
end;
$$;

create function ratebook.score(
  p_submission uuid, p_value numeric, p_rationale text, p_judge text, p_work jsonb, p_owner uuid
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: only these functions write the tables of schema execution, and a judge may score what is private.
declare
  v_owner constant uuid := ratebook.evaluation_owner('submission', p_submission, p_owner);
  v_submission execution.submissions;
  v_evaluation execution.evaluations;
  v_judge execution.judges;
  v_request constant jsonb := ratebook.marked(
    p_work || jsonb_build_object('value', trim_scale(p_value), 'rationale', p_rationale)
  );
  v_answer jsonb;
  v_score_id constant uuid := ratebook.uuid_v7();
begin
  select s.* into v_submission
  from execution.submissions as s
  where s.id = p_submission and s.lenser_id is not distinct from v_owner;
  -- Evaluation before run, as everybody locks them.
  select e.* into v_evaluation
  from execution.evaluations as e
  where e.id = v_submission.evaluation_id and e.lenser_id is not distinct from v_owner
  for key share;
  -- One who neither reads it nor judges in it learns nothing of it.
  if v_evaluation.id is null or not (
    v_evaluation.visibility = 'public'
    or ratebook.may_manage(v_evaluation)
    or exists (
      select from execution.judges as j
      where j.evaluation_id = v_evaluation.id and j.lenser_id is not distinct from v_owner and j.person_id = ratebook.uid()
    )
  ) then
    perform ratebook.unknown_part('submission', p_submission::text);
  end if;
  v_judge := ratebook.judge_of(v_evaluation, p_judge);
  -- What is said: NaN is no score, and a person's costs nothing.
  if ratebook.is_amount(p_value) is not true or ratebook.is_text(p_rationale) is false then
    perform ratebook.fail('invalid_argument', 'A score is a number from -1e12 to 1e12 with at most 30 decimals, and a rationale of 10,000 characters.');
  elsif v_judge.person_id is not null and jsonb_strip_nulls(p_work - 'estimated') <> jsonb '{}' then
    perform ratebook.fail('not_allowed', 'A person judges without a generation.', 'Pass value and rationale only.');
  end if;
  -- One who was erased says nothing more.
  if v_judge.person_id is not null then
    perform ratebook.assert_not_erased(array[v_judge.person_id]);
  end if;

  -- A finish under way is waited for, and waits for this. What was answered is answered again, also after it.
  perform from execution.runs as r
  where r.id = v_submission.run_id and r.lenser_id is not distinct from v_owner
  for share;
  v_answer := ratebook.recall_evaluation(p_submission, v_owner, v_judge.id::text, v_request);
  if v_answer is not null then
    return v_answer;
  end if;
  perform ratebook.assert_running(v_submission.run_id, v_owner);
  perform ratebook.assert_not_self_judging(v_evaluation, v_judge, v_submission.contender_id, p_submission);
  -- From here on another call for the same waits, and then gets this answer.
  v_answer := ratebook.claim_evaluation(v_evaluation, p_submission, v_judge.id::text, v_request);
  if v_answer is not null then
    return v_answer;
  end if;
  v_answer := jsonb_build_object(
    'score_id', v_score_id, 'submission_id', p_submission, 'judge_id', v_judge.id, 'value', trim_scale(p_value)::text
  );
  if v_judge.model_id is not null then
    v_answer := v_answer || ratebook.record_generation(v_evaluation, v_judge.model_id, p_work);
  end if;
  -- The score, which nobody changes.
  begin
    insert into execution.scores (
      id, lenser_id, evaluation_id, visibility, run_id, submission_id, judge_id, value, rationale, generation_id
    ) values (
      v_score_id, v_owner, v_evaluation.id, v_evaluation.visibility, v_submission.run_id, p_submission, v_judge.id,
      trim_scale(p_value), p_rationale, (v_answer ->> 'generation_id')::uuid
    );
  exception
    when unique_violation then
      perform ratebook.fail('idempotency_conflict', 'The generation is another judgement already.', null,
        jsonb_build_object('generation', p_work -> 'generation'));
  end;
  return ratebook.answer_evaluation(p_submission, v_owner, v_judge.id::text, v_answer);
end;
$$;

create function execution.score(
  submission uuid,
  value numeric,
  rationale text default null,
  judge text default null,
  account uuid default null,
  usage jsonb default null,
  format text default null,
  service_tier text default null,
  variant text default null,
  region text default null,
  generation uuid default null,
  prompt text default null,
  output text default null,
  latency_ms integer default null,
  estimated boolean default false,
  reported_cost numeric default null,
  reported_currency text default null,
  account_owner uuid default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.score(
    submission, value, rationale, judge,
    jsonb_build_object(
      'account', account, 'usage', usage, 'format', format, 'service_tier', service_tier, 'variant', variant,
      'region', region, 'generation', generation, 'prompt', prompt, 'output', output, 'latency_ms', latency_ms,
      'estimated', estimated, 'reported_cost', trim_scale(reported_cost), 'reported_currency', reported_currency,
      'account_owner', account_owner
    ),
    owner
  );
end;

revoke all on function ratebook.judge_of(execution.evaluations, text) from public;
revoke all on function ratebook.score(uuid, numeric, text, text, jsonb, uuid) from public;
revoke all on function execution.score(
  uuid, numeric, text, text, uuid, jsonb, text, text, text, text, uuid, text, text, integer, boolean, numeric, text, uuid,
  uuid
) from public;
grant execute on function ratebook.score(uuid, numeric, text, text, jsonb, uuid) to authenticated, service_role;
grant execute on function execution.score(
  uuid, numeric, text, text, uuid, jsonb, text, text, text, text, uuid, text, text, integer, boolean, numeric, text, uuid,
  uuid
) to authenticated, service_role;

comment on function ratebook.judge_of(execution.evaluations, text) is
'The judge in whose name the caller scores: for a signed-in user their own row, for the service role a model by id, name or model. Errors: not_allowed (42501), unknown_judge (PT404).';
comment on function ratebook.score(uuid, numeric, text, text, jsonb, uuid) is 'The rule behind execution.score().';
comment on function execution.score(
  uuid, numeric, text, text, uuid, jsonb, text, text, text, text, uuid, text, text, integer, boolean, numeric, text, uuid,
  uuid
) is
'Records what a judge made of a submission: of a model, for the service role, in one transaction with its generation, charge and ledger; of a person, for that person, signed in. The same call again returns the first answer, also after the run has ended; another score of the same judge is refused. submission: its id. value: how good it is, more is better. rationale: why. judge: its id or name, or its model; a person leaves it out. account: who pays for a model''s judgement, and with it usage, format, service_tier, variant, region, prompt, output, latency_ms, estimated, reported_cost, reported_currency and account_owner: as in execution.submit(). generation: one of the evaluation''s owner and of that model, which is charged where account is given, and taken as it is where it is not. owner: the evaluation''s lenser. Returns score_id, submission_id, judge_id, value (a string), and for a model what billing.charge_generation() returns. Errors: unknown_submission, unknown_judge (PT404), wrong_state, self_judging, idempotency_conflict (PT409), invalid_argument, owner_required (PT422), not_allowed, erased_lenser (42501), and those of billing.charge_generation(): unknown_account, unknown_generation (PT404), insufficient_credits, budget_exceeded (PT402), inactive_model, already_charged (PT409), no_price (PT422).';

-- from sql/80_execution/180_function_finish_run.sql

create function ratebook.finish_run(p_run uuid, p_state execution.run_state_enum, p_owner uuid) returns setof execution.runs
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only these functions write the tables of schema execution.
declare
  v_owner constant uuid := ratebook.evaluation_owner('run', p_run, p_owner);
  v_run execution.runs;
begin
  select r.* into v_run from execution.runs as r where r.id = p_run and r.lenser_id is not distinct from v_owner;
  perform ratebook.assert_may_manage(ratebook.find_evaluation(v_run.evaluation_id, v_owner, 'run', p_run));
  if p_state is null or p_state = 'running' then
    perform ratebook.fail('invalid_argument', 'A run ends as finished or as cancelled.');
  end if;
  -- Waits for what is being submitted and scored, and is waited for.
  select r.* into v_run
  from execution.runs as r
  where r.id = p_run and r.lenser_id is not distinct from v_owner
  for update;
  if v_run.state <> p_state then
    update execution.runs as r
    set state = p_state, ended_at = greatest(ratebook.clock(), r.started_at)
    where r.id = p_run and r.lenser_id is not distinct from v_owner
    returning r.* into v_run;
  end if;
  return next v_run;
end;
$$;

create function execution.finish_run(
  run uuid, state execution.run_state_enum default 'finished', owner uuid default null
) returns setof execution.runs
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select r.* from ratebook.finish_run(run, state, owner) as r;
end;

revoke all on function ratebook.finish_run(uuid, execution.run_state_enum, uuid) from public;
revoke all on function execution.finish_run(uuid, execution.run_state_enum, uuid) from public;
grant execute on function ratebook.finish_run(uuid, execution.run_state_enum, uuid) to authenticated, service_role;
grant execute on function execution.finish_run(uuid, execution.run_state_enum, uuid) to authenticated, service_role;

comment on function ratebook.finish_run(uuid, execution.run_state_enum, uuid) is 'The rule behind execution.finish_run().';
comment on function execution.finish_run(uuid, execution.run_state_enum, uuid) is
'For the evaluation''s owner, admins and the service role. Ends a run for good; the same again changes nothing. run: its id. state: finished, or cancelled, and then it counts in no leaderboard; what it cost stays. owner: the evaluation''s lenser. Returns the row of execution.runs. Errors: unknown_run (PT404), wrong_state (PT409) for one that has ended otherwise, invalid_argument, owner_required (PT422), not_allowed (42501).';

-- from sql/80_execution/190_function_to_score.sql

create function ratebook.to_score(p_run uuid, p_judge text, p_owner uuid) returns table (
  evaluation_id uuid,
  evaluation text,
  run_id uuid,
  run text,
  judge_id uuid,
  submission_id uuid,
  case_key text,
  prompt text,
  output text
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: a judge reads what is to be judged, of an evaluation and generations that are another's.
declare
  v_owner uuid;
  v_evaluation execution.evaluations;
  v_judges uuid[];
  v_is_person constant boolean := ratebook.caller() in ('anon', 'authenticated');
begin
  if v_is_person then
    -- All that wait for the caller, whoever asked for their judgement.
    v_judges := array(
      select j.id from execution.judges as j
      where j.person_id = ratebook.uid() and (p_judge is null or p_judge in (j.id::text, j.name))
    );
  else
    v_owner := ratebook.evaluation_owner('run', p_run, p_owner);
    select e.* into v_evaluation
    from execution.runs as r
    inner join execution.evaluations as e on e.id = r.evaluation_id and e.lenser_id = r.lenser_id
    where r.id = p_run and r.lenser_id is not distinct from v_owner;
    if v_evaluation.id is null then
      perform ratebook.unknown_part('run', p_run::text);
    end if;
    v_judges := array[(ratebook.judge_of(v_evaluation, p_judge)).id];
  end if;
  return query
  select e.id, e.name, r.id, r.key, j.id, s.id, s.case_key, g.prompt, g.output
  from execution.judges as j
  inner join execution.evaluations as e on e.id = j.evaluation_id and e.lenser_id = j.lenser_id
  inner join execution.runs as r
    on r.evaluation_id = e.id and r.lenser_id = j.lenser_id and r.state = 'running' and (p_run is null or r.id = p_run)
  inner join execution.submissions as s on s.evaluation_id = e.id and s.run_id = r.id and s.lenser_id = j.lenser_id
  inner join execution.contenders as c on c.id = s.contender_id and c.lenser_id = j.lenser_id
  left join lateral (
    select o.prompt, o.output from ai.generations as o where o.id = s.generation_id and o.lenser_id = j.lenser_id offset 0
  ) as g on true
  where
    j.id = any(v_judges)
    and not exists (
      select from execution.scores as x
      where x.submission_id = s.id and x.judge_id = j.id and x.lenser_id = j.lenser_id
    )
    and (e.allows_self_judging or j.model_id is null or not ratebook.is_same_model(j.model_id, c.model_id))
  -- Case by case, and in no order that tells whose it is.
  order by r.id, s.case_key, md5(s.id::text);
end;
$$;

create function execution.to_score(
  run uuid default null, judge text default null, owner uuid default null
) returns table (
  evaluation_id uuid,
  evaluation text,
  run_id uuid,
  run_key text,
  judge_id uuid,
  submission_id uuid,
  case_key text,
  prompt text,
  output text
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    s.evaluation_id,
    s.evaluation,
    s.run_id,
    s.run,
    s.judge_id,
    s.submission_id,
    s.case_key,
    s.prompt,
    s.output
  from ratebook.to_score(run, judge, owner) as s;
end;

revoke all on function ratebook.to_score(uuid, text, uuid) from public;
revoke all on function execution.to_score(uuid, text, uuid) from public;
grant execute on function ratebook.to_score(uuid, text, uuid) to authenticated, service_role;
grant execute on function execution.to_score(uuid, text, uuid) to authenticated, service_role;

comment on function ratebook.to_score(uuid, text, uuid) is 'The rule behind execution.to_score().';
comment on function execution.to_score(uuid, text, uuid) is
'What a judge has left to score in runs that are running: for a person, signed in, their own; for the service role, of a model. Whose a submission is, it does not tell. run: its id; a person may leave it out for all. judge: as in execution.score(). owner: the evaluation''s lenser. Returns evaluation_id, evaluation (its name), run_id, run_key, judge_id, submission_id, case_key, and prompt and output of the generation, NULL where they were not logged or are deleted. Errors: unknown_run, unknown_judge (PT404), owner_required (PT422), not_allowed (42501).';

-- from sql/80_execution/200_function_bradley_terry.sql

-- Ratings are no money: double precision, whose last digits no two machines share.

-- The lower triangle L of a symmetric positive matrix of n rows, row after row in one array: L L' is the matrix.
create function ratebook.cholesky(p_matrix double precision[], p_n integer) returns double precision[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_l double precision[] := p_matrix;
  v_row integer;
  v_other integer;
  v_sum double precision;
begin
  for i in 1..p_n loop
    v_row := (i - 1) * p_n;
    for j in 1..i loop
      v_other := (j - 1) * p_n;
      v_sum := v_l[v_row + j];
      for k in 1..j - 1 loop
        v_sum := v_sum - v_l[v_row + k] * v_l[v_other + k];
      end loop;
      v_l[v_row + j] := case when i = j then sqrt(v_sum) else v_sum / v_l[v_other + j] end;
    end loop;
  end loop;
  return v_l;
end;
$$;

-- What the matrix of L turns into p_right: forward through L, and back.
create function ratebook.solve(p_l double precision[], p_right double precision[], p_n integer) returns double precision[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_x double precision[] := p_right;
  v_sum double precision;
begin
  for i in 1..p_n loop
    v_sum := v_x[i];
    for k in 1..i - 1 loop
      v_sum := v_sum - p_l[(i - 1) * p_n + k] * v_x[k];
    end loop;
    v_x[i] := v_sum / p_l[(i - 1) * p_n + i];
  end loop;
  for i in reverse p_n..1 loop
    v_sum := v_x[i];
    for k in i + 1..p_n loop
      v_sum := v_sum - p_l[(k - 1) * p_n + i] * v_x[k];
    end loop;
    v_x[i] := v_sum / p_l[(i - 1) * p_n + i];
  end loop;
  return v_x;
end;
$$;

-- How far each of n is uncertain of what it is ahead of their mean: the variances of x - mean(x), where the matrix of L is
-- the inverse of the covariance of x.
create function ratebook.spreads(p_l double precision[], p_n integer) returns double precision[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column double precision[];
  v_squares double precision[] := array_fill(0::double precision, array[p_n]);
  v_sums double precision[];
  v_sum double precision;
  v_total double precision := 0;
begin
  -- The covariance is M' M, M the inverse of L, one column of it at a time: its square is a variance.
  for j in 1..p_n loop
    v_column := array_fill(0::double precision, array[p_n]);
    v_column[j] := 1 / p_l[(j - 1) * p_n + j];
    v_sum := v_column[j] * v_column[j];
    for i in j + 1..p_n loop
      for k in j..i - 1 loop
        v_column[i] := v_column[i] - p_l[(i - 1) * p_n + k] * v_column[k];
      end loop;
      v_column[i] := v_column[i] / p_l[(i - 1) * p_n + i];
      v_sum := v_sum + v_column[i] * v_column[i];
    end loop;
    v_squares[j] := v_sum;
  end loop;
  -- Its rows' sums are what it makes of ones.
  v_sums := ratebook.solve(p_l, array_fill(1::double precision, array[p_n]), p_n);
  for i in 1..p_n loop
    v_total := v_total + v_sums[i];
  end loop;
  for i in 1..p_n loop
    v_squares[i] := greatest(v_squares[i] - 2 * v_sums[i] / p_n + v_total / p_n / p_n, 0);
  end loop;
  return v_squares;
end;
$$;

-- Which of n hang together: the lowest number of each one's part.
create function ratebook.parts(p_first integer[], p_second integer[], p_n integer) returns integer[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_parts integer[] := array(select i from generate_series(1, p_n) as i);
  v_low integer;
  v_high integer;
begin
  for e in 1..cardinality(p_first) loop
    v_low := least(v_parts[p_first[e]], v_parts[p_second[e]]);
    v_high := greatest(v_parts[p_first[e]], v_parts[p_second[e]]);
    if v_low <> v_high then
      v_parts := array_replace(v_parts, v_high, v_low);
    end if;
  end loop;
  return v_parts;
end;
$$;

create function ratebook.bradley_terry(
  p_n integer, p_first integer[], p_second integer[], p_wins double precision[], p_games double precision[]
) returns table (item integer, rating double precision, deviation double precision, part integer)
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_x double precision[] := array_fill(0::double precision, array[p_n]);
  v_won double precision[] := array_fill(0.5::double precision, array[p_n]);
  v_played double precision[] := array_fill(1::double precision, array[p_n]);
  v_gradient double precision[];
  v_information double precision[];
  v_l double precision[];
  v_step double precision[];
  v_chance double precision;
  v_weight double precision;
  v_spread double precision;
  v_parts constant integer[] := ratebook.parts(p_first, p_second, p_n);
  v_squares double precision[];
  i integer;
  j integer;
begin
  for e in 1..cardinality(p_first) loop
    i := p_first[e];
    j := p_second[e];
    v_won[i] := v_won[i] + p_wins[e];
    v_won[j] := v_won[j] + p_games[e] - p_wins[e];
    v_played[i] := v_played[i] + p_games[e];
    v_played[j] := v_played[j] + p_games[e];
  end loop;
  -- A first guess: each against one of strength 0.
  for n in 1..p_n loop
    v_x[n] := ln(v_won[n] / (v_played[n] - v_won[n]));
  end loop;

  -- Newton's method on the likelihood, which the half win and half loss against 0 make strictly concave, and finite.
  for round in 1..200 loop
    v_gradient := v_won;
    v_information := array_fill(0::double precision, array[p_n * p_n]);
    for n in 1..p_n loop
      v_chance := 1 / (1 + exp(-v_x[n]));
      v_gradient[n] := v_gradient[n] - v_chance;
      v_information[(n - 1) * p_n + n] := v_chance * (1 - v_chance);
    end loop;
    for e in 1..cardinality(p_first) loop
      i := p_first[e];
      j := p_second[e];
      v_chance := 1 / (1 + exp(v_x[j] - v_x[i]));
      v_gradient[i] := v_gradient[i] - p_games[e] * v_chance;
      v_gradient[j] := v_gradient[j] - p_games[e] * (1 - v_chance);
      v_weight := p_games[e] * v_chance * (1 - v_chance);
      v_information[(i - 1) * p_n + i] := v_information[(i - 1) * p_n + i] + v_weight;
      v_information[(j - 1) * p_n + j] := v_information[(j - 1) * p_n + j] + v_weight;
      -- The lower triangle is enough.
      v_information[(greatest(i, j) - 1) * p_n + least(i, j)] := -v_weight;
    end loop;
    v_l := ratebook.cholesky(v_information, p_n);
    v_step := ratebook.solve(v_l, v_gradient, p_n);
    -- A step that changes a chance too much trusts a slope too far away.
    v_spread := 0;
    for n in 1..p_n loop
      v_spread := greatest(v_spread, abs(v_step[n]));
    end loop;
    for n in 1..p_n loop
      v_x[n] := v_x[n] + v_step[n] / greatest(v_spread / 2, 1);
    end loop;
    -- The error is the square of the step by now.
    exit when v_spread < 1e-6;
  end loop;

  v_squares := ratebook.spreads(v_l, p_n);
  for n in 1..p_n loop
    item := n;
    rating := v_x[n];
    deviation := sqrt(v_squares[n]);
    part := v_parts[n];
    return next;
  end loop;
end;
$$;

revoke all on function ratebook.cholesky(double precision[], integer) from public;
revoke all on function ratebook.solve(double precision[], double precision[], integer) from public;
revoke all on function ratebook.spreads(double precision[], integer) from public;
revoke all on function ratebook.parts(integer[], integer[], integer) from public;
revoke all on function ratebook.bradley_terry(
  integer, integer[], integer[], double precision[], double precision[]
) from public;

comment on function ratebook.cholesky(double precision[], integer) is
'The lower Cholesky factor of a symmetric positive definite matrix of n rows, stored row after row; above the diagonal stands what stood there.';
comment on function ratebook.solve(double precision[], double precision[], integer) is
'The solution x of A x = right, where L of ratebook.cholesky() is of A.';
comment on function ratebook.spreads(double precision[], integer) is
'The variances of x less the mean of all x, where L of ratebook.cholesky() is of the inverse covariance (the Fisher information) of x.';
comment on function ratebook.parts(integer[], integer[], integer) is
'For each of 1 to n the lowest number that it is connected with by pairs (first, second).';
comment on function ratebook.bradley_terry(
  integer, integer[], integer[], double precision[], double precision[]
) is
'Maximum-likelihood ratings of items 1 to n on a natural logarithmic scale: one beats another with probability 1 / (1 + exp(other - one)). Each pair (first, second), which stands there once, has the games and the wins of the first, a tie half of one; every item also has half a win and half a loss against a fixed opponent of rating 0. deviation: the standard deviation of what the item is ahead of the mean of all, by the inverse of the Fisher information. part: of ratebook.parts().';

-- from sql/80_execution/210_function_leaderboard.sql

-- What one judge said of one case compares each two of the contenders that were scored for it.
create function ratebook.compared_contenders(p_evaluation uuid, p_owner uuid, p_run uuid) returns table (
  first integer, second integer, wins double precision, games double precision
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
-- Groups of up to a hundred, paired: a nested loop would compare everything with everything.
set enable_nestloop = off
as $$
begin
  return query
  -- In small numbers, which are compared in half the time: which judge said it of which case, and the value's rank.
  with scored as materialized (
    select
      dense_rank() over (order by x.run_id, x.judge_id, s.case_key) as said,
      dense_rank() over (order by x.value) as value,
      c.number
    from execution.scores as x
    inner join execution.submissions as s on s.id = x.submission_id and s.lenser_id = x.lenser_id
    inner join execution.contenders as c on c.id = s.contender_id and c.lenser_id = x.lenser_id
    inner join execution.runs as r on r.id = x.run_id and r.lenser_id = x.lenser_id and r.state <> 'cancelled'
    where
      x.evaluation_id = p_evaluation
      and s.evaluation_id = p_evaluation
      and c.evaluation_id = p_evaluation
      and r.evaluation_id = p_evaluation
      and x.lenser_id is not distinct from p_owner
      and (p_run is null or x.run_id = p_run)
  )

  select
    a.number::integer,
    b.number::integer,
    sum(case when a.value > b.value then 2 when a.value = b.value then 1 else 0 end)::double precision / 2,
    count(*)::double precision
  from scored as a
  inner join scored as b on b.said = a.said and b.number > a.number
  group by a.number, b.number
  -- The same scores give the same ratings, to the last digit.
  order by a.number, b.number;
end;
$$;

create function ratebook.contender_label(p_contender execution.contenders) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    p_contender.name,
    (
      select m.key from ai.models as m
      where m.id = p_contender.model_id and ((m.is_public and m.deleted_at is null) or ratebook.is_privileged())
    ) || case
      -- Whose name is not everybody's to read.
      when p_contender.profile_id is not null then format(' (profile %s)', p_contender.number)
      else ''
    end,
    format('Contender %s', p_contender.number)
  );
end;
$$;

create function ratebook.leaderboard(p_evaluation uuid, p_run uuid, p_owner uuid) returns table (
  place integer,
  contender_id uuid,
  contender text,
  model_id uuid,
  profile_id uuid,
  submissions bigint,
  scores bigint,
  mean numeric,
  comparisons bigint,
  wins numeric,
  rating double precision,
  rating_low double precision,
  rating_high double precision,
  part integer,
  is_connected boolean
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
-- The rows of one evaluation, joined with each other: a plan made while they came in would look up each.
set enable_nestloop = off
as $$
-- Definer: everybody who may read the evaluation gets the whole of its scores, in sums.
declare
  v_owner constant uuid := ratebook.evaluation_owner('evaluation', p_evaluation, p_owner);
  v_evaluation constant execution.evaluations := ratebook.find_evaluation(p_evaluation, v_owner, 'evaluation', p_evaluation);
  v_first integer[];
  v_second integer[];
  v_wins double precision[];
  v_games double precision[];
  v_n integer;
begin
  if p_run is not null and not exists (
    select from execution.runs as r
    where r.id = p_run and r.evaluation_id = v_evaluation.id and r.lenser_id is not distinct from v_owner
  ) then
    perform ratebook.unknown_part('run', p_run::text);
  end if;
  select
    coalesce(array_agg(p.first), '{}'), coalesce(array_agg(p.second), '{}'),
    coalesce(array_agg(p.wins), '{}'), coalesce(array_agg(p.games), '{}')
  into v_first, v_second, v_wins, v_games
  from ratebook.compared_contenders(p_evaluation, v_owner, p_run) as p;
  -- Contenders are numbered without a gap: nobody leaves.
  select coalesce(max(c.number), 0) into v_n
  from execution.contenders as c
  where c.evaluation_id = p_evaluation and c.lenser_id is not distinct from v_owner;
  if v_n = 0 then
    return;
  end if;

  return query
  with submitted as (
    select s.contender_id as id, count(*) as number
    from execution.submissions as s
    inner join execution.runs as r on r.id = s.run_id and r.lenser_id = s.lenser_id and r.state <> 'cancelled'
    where
      s.evaluation_id = p_evaluation
      and r.evaluation_id = p_evaluation
      and s.lenser_id is not distinct from v_owner
      and (p_run is null or s.run_id = p_run)
    group by s.contender_id
  ),

  -- What all judges said of it.
  scored as (
    select s.contender_id as id, count(*) as number, avg(x.value) as mean
    from execution.scores as x
    inner join execution.submissions as s on s.id = x.submission_id and s.lenser_id = x.lenser_id
    inner join execution.runs as r on r.id = x.run_id and r.lenser_id = x.lenser_id and r.state <> 'cancelled'
    where
      x.evaluation_id = p_evaluation
      and s.evaluation_id = p_evaluation
      and r.evaluation_id = p_evaluation
      and x.lenser_id is not distinct from v_owner
      and (p_run is null or x.run_id = p_run)
    group by s.contender_id
  ),

  -- Of each pair both see the games, from their own side.
  compared as (
    select o.number, sum(o.games)::bigint as games, sum(o.wins)::numeric as wins
    from (
      select f.number, f.games, f.wins from unnest(v_first, v_games, v_wins) as f (number, games, wins)
      union all
      select s.number, s.games, s.games - s.wins from unnest(v_second, v_games, v_wins) as s (number, games, wins)
    ) as o
    group by o.number
  ),

  -- Everybody is rated, also who was never scored.
  rated as (
    select
      c.*,
      coalesce(u.number, 0) as submissions,
      coalesce(s.number, 0) as scores,
      trim_scale(round(s.mean, 12)) as mean,
      coalesce(p.games, 0) as games,
      trim_scale(coalesce(p.wins, 0)) as wins,
      b.rating,
      -- Of what was compared with nothing, nothing is known.
      case when p.games > 0 then 1.959963984540054::double precision * b.deviation end as half,
      b.part,
      bool_and(b.part = 1) over () as is_connected
    from ratebook.bradley_terry(v_n, v_first, v_second, v_wins, v_games) as b
    inner join execution.contenders as c
      on c.evaluation_id = p_evaluation and c.number = b.item and c.lenser_id is not distinct from v_owner
    left join submitted as u on u.id = c.id
    left join scored as s on s.id = c.id
    left join compared as p on p.number = b.item
  )

  select
    case when q.scores > 0 then (row_number() over best)::integer end,
    q.id,
    ratebook.contender_label(
      (q.id, q.lenser_id, q.evaluation_id, q.visibility, q.number, q.name, q.model_id, q.profile_id)::execution.contenders
    ),
    q.model_id, q.profile_id, q.submissions, q.scores, q.mean, q.games, q.wins, q.rating, q.rating - q.half,
    q.rating + q.half, q.part, q.is_connected
  from rated as q
  window best as (order by q.scores = 0, q.rating desc, q.mean desc, q.number)
  order by row_number() over best;
end;
$$;

create function execution.leaderboard(
  evaluation uuid, run uuid default null, owner uuid default null
) returns table (
  place integer,
  contender_id uuid,
  contender text,
  model_id uuid,
  profile_id uuid,
  submissions bigint,
  scores bigint,
  mean numeric,
  comparisons bigint,
  wins numeric,
  rating double precision,
  rating_low double precision,
  rating_high double precision,
  part integer,
  is_connected boolean
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select l.* from ratebook.leaderboard(evaluation, run, owner) as l;
end;

revoke all on function ratebook.compared_contenders(uuid, uuid, uuid) from public;
revoke all on function ratebook.contender_label(execution.contenders) from public;
revoke all on function ratebook.leaderboard(uuid, uuid, uuid) from public;
revoke all on function execution.leaderboard(uuid, uuid, uuid) from public;
grant execute on function ratebook.leaderboard(uuid, uuid, uuid) to anon, authenticated, service_role;
grant execute on function execution.leaderboard(uuid, uuid, uuid) to anon, authenticated, service_role;

comment on function ratebook.compared_contenders(uuid, uuid, uuid) is
'How often two contenders, by their numbers, were scored by the same judge on the same case of a run that was not cancelled, and how often the first had the higher score; a tie is half of one.';
comment on function ratebook.contender_label(execution.contenders) is
'What the caller may call a contender: its name, else the key of a model that the caller may know, else its number.';
comment on function ratebook.leaderboard(uuid, uuid, uuid) is 'The rule behind execution.leaderboard().';
comment on function execution.leaderboard(uuid, uuid, uuid) is
'For everybody who may read the evaluation. Its contenders, the best first; of runs that were cancelled nothing counts. evaluation: its id. run: one run; NULL for all. owner: the evaluation''s lenser. Returns place (NULL without a score), contender_id, contender (its name, or model key), model_id, profile_id, submissions, scores, mean (of all scores of all judges, to 12 decimals), comparisons (pairs of scores of one judge on one case of one run), wins (of them; a tie is half a win each), and rating: the Bradley-Terry strength by maximum likelihood over all comparisons, with half a win and half a loss more for everybody against a fixed opponent of rating 0, so that one who never lost stays finite. One beats another with probability 1 / (1 + exp(other - one)); 0.69 ahead is 2 to 1. rating_low, rating_high: 95 of 100 such intervals hold what it is ahead of the mean of all contenders (rating ± 1.96 standard deviations, by the inverse of the Fisher information); NULL without comparisons. part: contenders with the same are connected by comparisons; is_connected: whether all are. Where they are not, ratings of different parts compare through the fixed opponent only, which says little. Errors: unknown_evaluation, unknown_run (PT404), owner_required (PT422).';

-- from sql/80_execution/220_function_costs.sql

create function ratebook.evaluation_costs(p_evaluation uuid, p_run uuid, p_owner uuid) returns table (
  contender_id uuid,
  contender text,
  submissions bigint,
  judgements bigint,
  submission_credits numeric,
  judgement_credits numeric,
  refunded numeric,
  credits numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: the owner's sums are of charges to whichever account paid.
declare
  v_owner constant uuid := ratebook.evaluation_owner('evaluation', p_evaluation, p_owner);
  v_evaluation constant execution.evaluations := ratebook.find_evaluation(p_evaluation, v_owner, 'evaluation', p_evaluation);
begin
  perform ratebook.assert_may_manage(v_evaluation);
  return query
  -- The generations: of submissions, and of what models judged of them.
  with made as materialized (
    select s.contender_id as id, s.generation_id, true as is_submission
    from execution.submissions as s
    where
      s.evaluation_id = p_evaluation
      and s.lenser_id is not distinct from v_owner
      and (p_run is null or s.run_id = p_run)
    union all
    select s.contender_id, x.generation_id, false
    from execution.scores as x
    inner join execution.submissions as s on s.id = x.submission_id and s.lenser_id = x.lenser_id
    where
      x.evaluation_id = p_evaluation
      and x.lenser_id is not distinct from v_owner
      and x.generation_id is not null
      and (p_run is null or x.run_id = p_run)
  ),

  -- By contender: who answered, and whose answers were judged.
  charged as (
    select
      m.id,
      count(*) filter (where m.is_submission) as submissions,
      count(*) filter (where not m.is_submission) as judgements,
      sum(c.credits) filter (where m.is_submission) as submission_credits,
      sum(c.credits) filter (where not m.is_submission) as judgement_credits,
      sum(c.refunded) as refunded
    from made as m
    -- Each with all its charges: an estimate, and what it gave way to. None is older than the generation, but for a clock.
    left join lateral (
      select sum(o.credits) as credits, sum(f.amount) as refunded
      from billing.charges as o
      left join lateral (
        select r.amount from ratebook.refunds as r where r.charge_id = o.id and r.lenser_id = o.lenser_id offset 0
      ) as f on true
      where
        o.generation_id = m.generation_id
        and o.spender_id is not distinct from v_owner
        and o.id >= ratebook.uuid_v7_floor(ratebook.uuid_v7_time(m.generation_id) - interval '24 hours')
        and o.id < ratebook.uuid_v7_floor(ratebook.clock() + interval '24 hours')
      offset 0
    ) as c on true
    group by m.id
  )

  -- Every contender has a row, also one that cost nothing.
  select
    c.id, ratebook.contender_label(c), coalesce(g.submissions, 0), coalesce(g.judgements, 0),
    trim_scale(coalesce(g.submission_credits, 0)), trim_scale(coalesce(g.judgement_credits, 0)),
    trim_scale(coalesce(g.refunded, 0)),
    trim_scale(coalesce(g.submission_credits, 0) + coalesce(g.judgement_credits, 0) - coalesce(g.refunded, 0))
  from execution.contenders as c
  left join charged as g on g.id = c.id
  where c.evaluation_id = p_evaluation and c.lenser_id is not distinct from v_owner
  order by c.number;
end;
$$;

create function execution.costs(
  evaluation uuid, run uuid default null, owner uuid default null
) returns table (
  contender_id uuid,
  contender text,
  submissions bigint,
  judgements bigint,
  submission_credits numeric,
  judgement_credits numeric,
  refunded numeric,
  credits numeric
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select c.* from ratebook.evaluation_costs(evaluation, run, owner) as c;
end;

revoke all on function ratebook.evaluation_costs(uuid, uuid, uuid) from public;
revoke all on function execution.costs(uuid, uuid, uuid) from public;
grant execute on function ratebook.evaluation_costs(uuid, uuid, uuid) to authenticated, service_role;
grant execute on function execution.costs(uuid, uuid, uuid) to authenticated, service_role;

comment on function ratebook.evaluation_costs(uuid, uuid, uuid) is 'The rule behind execution.costs().';
comment on function execution.costs(uuid, uuid, uuid) is
'For the evaluation''s owner, admins and the service role. What an evaluation cost, one row a contender: from the charges of the generations of its submissions and judgements, cancelled runs too, whichever account paid. The sum of credits is the sum of their ledger entries. evaluation: its id. run: one run; NULL for all. owner: the evaluation''s lenser. Returns contender_id, contender, submissions, judgements (of the contender''s submissions, by models), submission_credits, judgement_credits, refunded (estimates that were settled too), and credits: those two less what was refunded. Select credits::text: JSON numbers lose digits. Errors: unknown_evaluation (PT404), owner_required (PT422), not_allowed (42501).';

-- from sql/80_execution/230_function_forget_evaluations.sql

create function ratebook.forget_evaluations() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: whoever erases a lenser has no rights to their evaluations.
begin
  -- The rows of a score outlive who gave it, as money outlives who paid: others' leaderboards stand on them.
  update execution.scores as x
  set rationale = null
  from execution.judges as j
  where j.person_id = new.id and x.judge_id = j.id and x.lenser_id = j.lenser_id and x.rationale is not null;
  delete from execution.evaluations as e where e.lenser_id = new.id;
  return null;
end;
$$;

revoke all on function ratebook.forget_evaluations() from public;

create trigger profiles_forget_evaluations after update of erased_at on lensers.profiles
for each row when (new.erased_at is not null)
execute function ratebook.forget_evaluations();

comment on function ratebook.forget_evaluations() is
'Row trigger: ai.erase_lenser() takes the evaluations of the lenser with it, whose charges stay, and of scores that they gave to others'' submissions the rationale.';

-- from policies/execution.contenders.sql

alter table execution.contenders enable row level security;

-- Functions of schema execution write it.
revoke all on execution.contenders from public, anon, authenticated, service_role;
grant select on execution.contenders to anon;
grant select on execution.contenders to authenticated, service_role;

-- What is public is everybody's to read: each condition has an index.
create policy contenders_select_public on execution.contenders for select to anon
using (visibility = 'public');
create policy contenders_select_own_or_public on execution.contenders for select to authenticated
using (
  lenser_id = (select ratebook.uid()) or visibility = 'public'
);

-- from policies/execution.evaluations.sql

alter table execution.evaluations enable row level security;

-- Functions of schema execution write it.
revoke all on execution.evaluations from public, anon, authenticated, service_role;
grant select on execution.evaluations to anon;
grant select, delete on execution.evaluations to authenticated, service_role;

-- What is public is everybody's to read: each condition has an index.
create policy evaluations_select_public on execution.evaluations for select to anon
using (visibility = 'public');
create policy evaluations_select_own_or_public on execution.evaluations for select to authenticated
using (
  lenser_id = (select ratebook.uid()) or visibility = 'public'
);
create policy evaluations_delete_own on execution.evaluations for delete to authenticated
using (lenser_id = (select ratebook.uid()));

-- from policies/execution.judges.sql

alter table execution.judges enable row level security;

-- Functions of schema execution write it.
revoke all on execution.judges from public, anon, authenticated, service_role;
grant select on execution.judges to anon;
grant select on execution.judges to authenticated, service_role;

-- What is public is everybody's to read: each condition has an index.
create policy judges_select_public on execution.judges for select to anon
using (visibility = 'public' and model_id is not null);
create policy judges_select_own_or_public on execution.judges for select to authenticated
using (
  lenser_id = (select ratebook.uid())
  or person_id = (select ratebook.uid())
  or (visibility = 'public' and model_id is not null)
);

-- from policies/execution.runs.sql

alter table execution.runs enable row level security;

-- Functions of schema execution write it.
revoke all on execution.runs from public, anon, authenticated, service_role;
grant select on execution.runs to anon;
grant select on execution.runs to authenticated, service_role;

-- What is public is everybody's to read: each condition has an index.
create policy runs_select_public on execution.runs for select to anon
using (visibility = 'public');
create policy runs_select_own_or_public on execution.runs for select to authenticated
using (
  lenser_id = (select ratebook.uid()) or visibility = 'public'
);

-- from policies/execution.scores.sql

alter table execution.scores enable row level security;

-- Functions of schema execution write it.
revoke all on execution.scores from public, anon, authenticated, service_role;
grant select on execution.scores to anon;
grant select on execution.scores to authenticated, service_role;

-- What is public is everybody's to read: each condition has an index.
create policy scores_select_public on execution.scores for select to anon
using (visibility = 'public');
create policy scores_select_own_or_public on execution.scores for select to authenticated
using (
  lenser_id = (select ratebook.uid()) or visibility = 'public'
);

-- from policies/execution.submissions.sql

alter table execution.submissions enable row level security;

-- Functions of schema execution write it.
revoke all on execution.submissions from public, anon, authenticated, service_role;
grant select on execution.submissions to anon;
grant select on execution.submissions to authenticated, service_role;

-- What is public is everybody's to read: each condition has an index.
create policy submissions_select_public on execution.submissions for select to anon
using (visibility = 'public');
create policy submissions_select_own_or_public on execution.submissions for select to authenticated
using (
  lenser_id = (select ratebook.uid()) or visibility = 'public'
);

-- from policies/ratebook.evaluation_requests.sql

alter table ratebook.evaluation_requests enable row level security;

revoke all on ratebook.evaluation_requests from public, anon, authenticated, service_role;

insert into ratebook.manifest (module, domain, kind, name, state)
select 'execution', '80_execution', o.kind, o.name, o.state
from (values
  ('constraint', 'a_contender_submits_once_a_case on execution.submissions', '91a2ba0322ce7a47ba002230ecddb053'),
  ('constraint', 'a_contender_takes_part_once on execution.contenders', '975ecf0967285a52537998727a233a48'),
  ('constraint', 'a_generation_is_submitted_once on execution.submissions', '1e3ad50b1fa9b1da5b6ca27ff0467fa3'),
  ('constraint', 'a_generation_judges_once on execution.scores', '1e3ad50b1fa9b1da5b6ca27ff0467fa3'),
  ('constraint', 'a_judge_is_a_model_or_a_person on execution.judges', 'eb0699715d690a54c8ff34de0e596352'),
  ('constraint', 'a_judge_is_named_once on execution.judges', '7b2d38fd3d77ba3a8e7726627938420b'),
  ('constraint', 'a_judge_scores_a_submission_once on execution.scores', 'c2c57c1eaece68cac7a65f08f42369a9'),
  ('constraint', 'case_key_is_not_blank on execution.submissions', '1bb988af9380454c980f75fc1ede0183'),
  ('constraint', 'contenders_evaluation_id_fkey on execution.contenders', 'a720f43ba9640752339988a578217054'),
  ('constraint', 'contenders_evaluation_key on execution.contenders', '4a820dc2004454b90e38410e729ee098'),
  ('constraint', 'contenders_model_id_fkey on execution.contenders', '56211b69a9b087adf52b714bda8904e2'),
  ('constraint', 'contenders_name_key on execution.contenders', '44a79d1498cb96610f12285486f81410'),
  ('constraint', 'contenders_number_key on execution.contenders', 'd9bcf5898d2c8f5240e5db64d222dda9'),
  ('constraint', 'contenders_pkey on execution.contenders', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'contenders_profile_id_fkey on execution.contenders', '163c098fbc3ac0cafcf27f10c87d0704'),
  ('constraint', 'description_is_not_endless on execution.evaluations', '90c08f5e5969282b6441464fadfebc26'),
  ('constraint', 'evaluation_requests_evaluation_id_fkey on ratebook.evaluation_requests', '505c025108a166a77418d3d653b81336'),
  ('constraint', 'evaluation_requests_pkey on ratebook.evaluation_requests', 'b77a05ff4a470a0bb546bd4920c7ca7f'),
  ('constraint', 'evaluations_feature_key_fkey on execution.evaluations', '4f4cd9d2b19f7496ab679a0633305e68'),
  ('constraint', 'evaluations_lenser_id_fkey on execution.evaluations', '1bcaaeed0e244d6b31be5ab61ab3c281'),
  ('constraint', 'evaluations_name_key on execution.evaluations', 'd8bfd7e7ad11eb2d96e2081df92fe354'),
  ('constraint', 'evaluations_pkey on execution.evaluations', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'evaluations_visibility_key on execution.evaluations', 'e4e8970af7b6cfebfc6a8674f8c29285'),
  ('constraint', 'it_ends_after_it_started on execution.runs', '524e40810d0d04ddf9e5ab1079515028'),
  ('constraint', 'it_is_closed_after_it_is_opened on execution.evaluations', '25c851bda1b73e1284d6f4117e53c001'),
  ('constraint', 'judges_evaluation_id_fkey on execution.judges', 'a720f43ba9640752339988a578217054'),
  ('constraint', 'judges_evaluation_key on execution.judges', '4a820dc2004454b90e38410e729ee098'),
  ('constraint', 'judges_model_id_fkey on execution.judges', '56211b69a9b087adf52b714bda8904e2'),
  ('constraint', 'judges_name_key on execution.judges', '44a79d1498cb96610f12285486f81410'),
  ('constraint', 'judges_person_id_fkey on execution.judges', '285edc334da35bf073b12488d3abcc69'),
  ('constraint', 'judges_pkey on execution.judges', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'key_is_not_blank on execution.runs', 'a809bc8d10ab9de8dfa4eacf02407c98'),
  ('constraint', 'name_is_not_blank on execution.contenders', 'aa0cbe18138797e15b2647f7c05dac75'),
  ('constraint', 'name_is_not_blank on execution.evaluations', 'aa0cbe18138797e15b2647f7c05dac75'),
  ('constraint', 'name_is_not_blank on execution.judges', 'aa0cbe18138797e15b2647f7c05dac75'),
  ('constraint', 'only_a_draft_was_never_opened on execution.evaluations', '79f211ddcf56696f2177befc5900c77b'),
  ('constraint', 'only_a_running_run_has_no_end on execution.runs', '04c836b9d3f0cdb2be0b34d8293b257a'),
  ('constraint', 'only_what_is_closed_was_closed on execution.evaluations', '2bba72df73079cbda588a0696e3915b3'),
  ('constraint', 'rationale_is_not_endless on execution.scores', '08b0a87873e0b2ee459640436d2d1288'),
  ('constraint', 'runs_evaluation_id_fkey on execution.runs', 'a720f43ba9640752339988a578217054'),
  ('constraint', 'runs_evaluation_key on execution.runs', '4a820dc2004454b90e38410e729ee098'),
  ('constraint', 'runs_key_key on execution.runs', 'cbe466b1850f47ce0a0ca71b8b4d150a'),
  ('constraint', 'runs_pkey on execution.runs', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'scores_evaluation_id_fkey on execution.scores', 'a720f43ba9640752339988a578217054'),
  ('constraint', 'scores_judge_id_fkey on execution.scores', 'd39c9a0cccabe079b95f9232a861ca6e'),
  ('constraint', 'scores_pkey on execution.scores', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'scores_submission_id_fkey on execution.scores', '42c07467ff7e4bb0e2afb447a79c5cf2'),
  ('constraint', 'submissions_contender_id_fkey on execution.submissions', '7d2ca39fe1e560f496be698e58997ae8'),
  ('constraint', 'submissions_evaluation_id_fkey on execution.submissions', 'a720f43ba9640752339988a578217054'),
  ('constraint', 'submissions_pkey on execution.submissions', 'c3974e991976e5421da0bded97759b77'),
  ('constraint', 'submissions_run_id_fkey on execution.submissions', '3ebc7a374c7aa8cc0abbaaba9346b423'),
  ('constraint', 'submissions_run_key on execution.submissions', 'f43a015638962ffb61d2287a6ae61fa7'),
  ('constraint', 'there_are_at_most_100 on execution.contenders', '95e4ee7423235557f19f9a13c4e2395c'),
  ('constraint', 'value_is_finite on execution.scores', '03c35f3958dc73fe5053f61d14d57ac5'),
  ('function', 'execution.change_evaluation(evaluation uuid, state execution.evaluation_state_enum, visibility execution.visibility_enum, name text, description text, add_contenders jsonb, add_judges jsonb, owner uuid)', 'e209004c42ccf59910456d5156e9995a'),
  ('function', 'execution.costs(evaluation uuid, run uuid, owner uuid)', '79e736b8c1c0cf7af2162e8c64809916'),
  ('function', 'execution.create_evaluation(name text, contenders jsonb, judges jsonb, description text, feature text, visibility execution.visibility_enum, allows_self_judging boolean, lenser uuid)', '13045a65ab67ae3a4a0ff2da5a54b5e0'),
  ('function', 'execution.finish_run(run uuid, state execution.run_state_enum, owner uuid)', '040af1c3cf5ef774336866d8b2c1c057'),
  ('function', 'execution.leaderboard(evaluation uuid, run uuid, owner uuid)', 'f1b62c78e7012b2dbe491feb23fc7a0f'),
  ('function', 'execution.score(submission uuid, value numeric, rationale text, judge text, account uuid, usage jsonb, format text, service_tier text, variant text, region text, generation uuid, prompt text, output text, latency_ms integer, estimated boolean, reported_cost numeric, reported_currency text, account_owner uuid, owner uuid)', '7524e04459f98b68a2cf4dae8b677cb5'),
  ('function', 'execution.start_run(evaluation uuid, key text, owner uuid)', '12442a451e4c3b6d867d112dedffdf77'),
  ('function', 'execution.submit(run uuid, contender text, case_key text, account uuid, usage jsonb, format text, service_tier text, variant text, region text, generation uuid, prompt text, output text, latency_ms integer, estimated boolean, reported_cost numeric, reported_currency text, account_owner uuid, owner uuid)', 'b15fc0694a3edb89d3d74074746fe30f'),
  ('function', 'execution.to_score(run uuid, judge text, owner uuid)', '68b29894d15b5b0e379e5231965eadfe'),
  ('function', 'ratebook.add_contenders(p_evaluation execution.evaluations, p_contenders jsonb)', '927dd4c80d55f6b6395f3e50faa85f68'),
  ('function', 'ratebook.add_judges(p_evaluation execution.evaluations, p_judges jsonb)', '7d9f4fb62a0245a2c36781048e79177d'),
  ('function', 'ratebook.add_participants(p_evaluation execution.evaluations, p_contenders jsonb, p_judges jsonb)', '8833fae551330ef59c4da12039aa8b3a'),
  ('function', 'ratebook.answer_evaluation(p_subject_id uuid, p_owner uuid, p_slot text, p_response jsonb)', 'bdc34624f35470ec58868cd09b358c23'),
  ('function', 'ratebook.assert_may_manage(p_evaluation execution.evaluations)', '3a7020a52151103a5c4e9763138a95b4'),
  ('function', 'ratebook.assert_not_self_judging(p_evaluation execution.evaluations, p_judge execution.judges, p_contender_id uuid, p_submission_id uuid)', '1418e1f5b91688f8d25ea7b031cc4a1d'),
  ('function', 'ratebook.assert_participant(p_entry jsonb, p_keys text[], p_hint text)', 'afaf7c7916f11befbc52d6cd740d509f'),
  ('function', 'ratebook.assert_running(p_run uuid, p_owner uuid)', '2a13d27c9d6d6d34008f5eaff448e3db'),
  ('function', 'ratebook.bradley_terry(p_n integer, p_first integer[], p_second integer[], p_wins double precision[], p_games double precision[])', 'fe662f81c70b7766c84ff0676d654b86'),
  ('function', 'ratebook.change_evaluation(p_evaluation uuid, p_state execution.evaluation_state_enum, p_visibility execution.visibility_enum, p_name text, p_description text, p_add_contenders jsonb, p_add_judges jsonb, p_owner uuid)', '31f4edbfa3770d9c79a90ff687420e76'),
  ('function', 'ratebook.check_evaluation_state()', 'a928824d4c94fe48be45dfcb86b9eb06'),
  ('function', 'ratebook.check_judge()', '5e4be9116cb6c389139d908a64a0d693'),
  ('function', 'ratebook.check_participant()', '5139a91367154c73732447e949f9713b'),
  ('function', 'ratebook.check_run_state()', '02aef41b39f0e720b63d4b58d97aa521'),
  ('function', 'ratebook.check_running()', '9e6efffbdcc314c1d384595811b7d7f5'),
  ('function', 'ratebook.cholesky(p_matrix double precision[], p_n integer)', 'afbe3b186434239a4e2257c30e71a0ed'),
  ('function', 'ratebook.claim_evaluation(p_evaluation execution.evaluations, p_subject_id uuid, p_slot text, p_request jsonb)', 'a887eb0f2dc2708aa0ff1a98ac28771d'),
  ('function', 'ratebook.compared_contenders(p_evaluation uuid, p_owner uuid, p_run uuid)', 'dd0dea8941753675ad36826f33419d7d'),
  ('function', 'ratebook.contender_id(p_evaluation execution.evaluations, p_contender text)', '3b0a1c898c4bbbb74b873a6a3a265602'),
  ('function', 'ratebook.contender_label(p_contender execution.contenders)', '5c351f1ce44adfbb0d1bedf26caaebea'),
  ('function', 'ratebook.create_evaluation(p_name text, p_contenders jsonb, p_judges jsonb, p_description text, p_feature text, p_visibility execution.visibility_enum, p_allows_self_judging boolean, p_lenser uuid)', 'bf28617965eeeac15e3233defe16ebe3'),
  ('function', 'ratebook.evaluation_costs(p_evaluation uuid, p_run uuid, p_owner uuid)', '320ffe85db4f6de69a70cff6b1cb614e'),
  ('function', 'ratebook.evaluation_owner(p_kind text, p_id uuid, p_owner uuid)', '55ca6bc38cec0aa9237c723975e65fe5'),
  ('function', 'ratebook.find_evaluation(p_id uuid, p_owner uuid, p_kind text, p_name uuid)', '8fe236844cfa66a3e18bc5b69ae9bda8'),
  ('function', 'ratebook.finish_run(p_run uuid, p_state execution.run_state_enum, p_owner uuid)', '3d4b83e7fc21b1f3ad15118f504d1b86'),
  ('function', 'ratebook.forget_evaluations()', '52d49e9090cc660882ade83b700e7e18'),
  ('function', 'ratebook.is_same_model(p_model_id uuid, p_other_id uuid)', '65178c1758dc8836ca6c8e20950a71ea'),
  ('function', 'ratebook.judge_of(p_evaluation execution.evaluations, p_judge text)', 'b58d0677fb6d190e74c491a62332d4bf'),
  ('function', 'ratebook.leaderboard(p_evaluation uuid, p_run uuid, p_owner uuid)', 'f7c8a781a84f0289e4a79966368467fc'),
  ('function', 'ratebook.marked(p_request jsonb)', '9c469c097b070abb4678492fe1bbe29d'),
  ('function', 'ratebook.may_manage(p_evaluation execution.evaluations)', 'b3a67e705e9696901ba61085052b147f'),
  ('function', 'ratebook.parts(p_first integer[], p_second integer[], p_n integer)', '80dd2533f1cf78894cf6a8370231b862'),
  ('function', 'ratebook.profile_to_evaluate(p_profile text, OUT profile_id uuid, OUT model_id uuid)', '54bcd740a20d1da16ab41c581d20c630'),
  ('function', 'ratebook.recall_evaluation(p_subject_id uuid, p_owner uuid, p_slot text, p_request jsonb)', '2f9e49c88b6524aeb087a068ffb6f927'),
  ('function', 'ratebook.record_generation(p_evaluation execution.evaluations, p_model_id uuid, p_work jsonb)', '0993b47353d8178a65eb6a779b379b5c'),
  ('function', 'ratebook.score(p_submission uuid, p_value numeric, p_rationale text, p_judge text, p_work jsonb, p_owner uuid)', 'd0160324414c2848021fdaacd262187b'),
  ('function', 'ratebook.solve(p_l double precision[], p_right double precision[], p_n integer)', '2c6e15a57260d17bf5182a17ae569f31'),
  ('function', 'ratebook.spreads(p_l double precision[], p_n integer)', '72bec40646ca75f52e872a91a964eb19'),
  ('function', 'ratebook.start_run(p_evaluation uuid, p_key text, p_owner uuid)', '1980bd2c82ee58c2bcd6d62c1d0939ad'),
  ('function', 'ratebook.submit(p_run uuid, p_contender text, p_case_key text, p_work jsonb, p_owner uuid)', 'd9c1b2abff90fe93e54d9b3265ffc068'),
  ('function', 'ratebook.to_score(p_run uuid, p_judge text, p_owner uuid)', '6bfb931b4ff3bb35532295c2035661b0'),
  ('function', 'ratebook.unknown_part(p_kind text, p_name text)', 'c27fcad28510b028475af39447986629'),
  ('function', 'ratebook.wrong_state(p_message text, p_hint text, p_kind text, p_state text)', 'df2c9ea566e42e749fded5e01705ea08'),
  ('index', 'execution.a_contender_submits_once_a_case', 'cb30e4d18dcefe893dca939d4dd060f3'),
  ('index', 'execution.a_contender_takes_part_once', 'f224e8d881da7d245a9bc982a7e315c4'),
  ('index', 'execution.a_generation_is_submitted_once', '5c01f9d357c9a08c7726b8759bb9d550'),
  ('index', 'execution.a_generation_judges_once', '40e36c98693b09851dce1c6b99bdec99'),
  ('index', 'execution.a_judge_is_named_once', 'b6862b77315ad751c8dacc77df4d2666'),
  ('index', 'execution.a_judge_scores_a_submission_once', '255fbca427da73cc77e75ffec3683de7'),
  ('index', 'execution.contenders_evaluation_id_idx', 'd2424347095934f220fc7b9aa888ad96'),
  ('index', 'execution.contenders_evaluation_key', '435229f6f21e4329d1a9af4b64428c0c'),
  ('index', 'execution.contenders_lenser_id_idx', '9f0bf2cfb61815adcab7c31b08c789f7'),
  ('index', 'execution.contenders_model_id_idx', '5a1045254525d4626a73aacf17115a48'),
  ('index', 'execution.contenders_name_key', 'ff17046aa2614ca8790e4c6c78eb7ced'),
  ('index', 'execution.contenders_number_key', '92a3b9a69c604c7c75e7a306ef3429a4'),
  ('index', 'execution.contenders_pkey', '14ddbf6e4d402182e83650ac6e11ae55'),
  ('index', 'execution.contenders_profile_id_idx', 'ae7daa7612c2ea4f6db2123a489e4ded'),
  ('index', 'execution.contenders_public_idx', '810555e062e9240f4a33b9b34aa516a2'),
  ('index', 'execution.evaluations_feature_key_idx', 'd56a10fb62312e6d30268275ddf9cfb3'),
  ('index', 'execution.evaluations_lenser_id_id_idx', '90d6f92b2826132f41fca7b98b87b14f'),
  ('index', 'execution.evaluations_name_key', '8bcd417bf2933de469b4f49739abcb2e'),
  ('index', 'execution.evaluations_pkey', '33e8ab5c5604f75523965d577b47cdb5'),
  ('index', 'execution.evaluations_public_idx', '4185218985b2acc0b40f479ec2f96413'),
  ('index', 'execution.evaluations_visibility_key', '0581c05a8068c10682cec74bc4ae38c0'),
  ('index', 'execution.judges_evaluation_id_idx', 'edd63f10cf1904c252a9220775d74104'),
  ('index', 'execution.judges_evaluation_key', '3295c928715bfe753de8c46f0cdc4b15'),
  ('index', 'execution.judges_lenser_id_idx', 'd56dce254f7749dfd1aaba82934c1c05'),
  ('index', 'execution.judges_model_id_idx', 'b9223d355728a094c5ec12eeae7d3fc2'),
  ('index', 'execution.judges_name_key', 'dea71e7962f0c356e5e15692c93f41f9'),
  ('index', 'execution.judges_person_id_idx', '9b593a1ce227d9875f592c11ca9c1834'),
  ('index', 'execution.judges_pkey', 'c14d0386fb585c9a69028a2804131b72'),
  ('index', 'execution.judges_public_idx', 'a739e075b3a7b1b9dbd403bf75faa772'),
  ('index', 'execution.runs_evaluation_id_idx', 'd23434808e4468eb58a5d234f2244c8c'),
  ('index', 'execution.runs_evaluation_key', 'bc721b4ab731797742145cb33c3c6098'),
  ('index', 'execution.runs_key_key', '27ee0aae6e938eb1602acfd0322a231e'),
  ('index', 'execution.runs_lenser_id_id_idx', '0c92b492247f091631b5338c657e9a02'),
  ('index', 'execution.runs_pkey', 'd8eb5dd4a2c112184e0460580ddf87d4'),
  ('index', 'execution.runs_public_idx', '5164cfbff26679b1e911f4be4d21a807'),
  ('index', 'execution.scores_evaluation_id_idx', '5abfba677bc37e47f0aeb03a9445b802'),
  ('index', 'execution.scores_judge_id_idx', 'f306593a3bb689ed1da7968365e19700'),
  ('index', 'execution.scores_lenser_id_id_idx', '741944a27f93edd47014e4154b768f58'),
  ('index', 'execution.scores_pkey', 'e71f3da5cb0f8b0cf5c948e495685fee'),
  ('index', 'execution.scores_public_idx', '3ee9985efda4dcc3c753259819f5fff9'),
  ('index', 'execution.submissions_contender_id_idx', 'aaec4d9f139ab952e9b358a1e55bc7df'),
  ('index', 'execution.submissions_evaluation_id_idx', 'acb87eb90c70288b540cbf21b0377600'),
  ('index', 'execution.submissions_lenser_id_id_idx', '51f18d44c6fe714815b24b7aa62ccf15'),
  ('index', 'execution.submissions_pkey', 'b392b2cf9a48b797bfee2d52a5a9ce22'),
  ('index', 'execution.submissions_public_idx', 'f4d9b310c2da3ef9d46fd093d7b0c6ad'),
  ('index', 'execution.submissions_run_key', 'bfd5ebe72e8517f6ef4fa7ae5189c764'),
  ('index', 'ratebook.evaluation_requests_evaluation_id_idx', 'bd57325e8e8d3220fb51bcf607db427b'),
  ('index', 'ratebook.evaluation_requests_pkey', 'c030d3df8978be0cd30de722e695fa21'),
  ('policy', 'contenders_select_own_or_public on execution.contenders', 'e33462c3e4db79496438bcb5f89147d0'),
  ('policy', 'contenders_select_public on execution.contenders', 'bed32198b253cdb786c881c4f3af2c8e'),
  ('policy', 'evaluations_delete_own on execution.evaluations', '85d2c5b8a2782525cb0daf89ec94508e'),
  ('policy', 'evaluations_select_own_or_public on execution.evaluations', 'e33462c3e4db79496438bcb5f89147d0'),
  ('policy', 'evaluations_select_public on execution.evaluations', 'bed32198b253cdb786c881c4f3af2c8e'),
  ('policy', 'judges_select_own_or_public on execution.judges', '56fd1c40f1920f71cb987cfb2236bf4f'),
  ('policy', 'judges_select_public on execution.judges', 'ca571f8753c556fe0553426767c13a60'),
  ('policy', 'runs_select_own_or_public on execution.runs', 'e33462c3e4db79496438bcb5f89147d0'),
  ('policy', 'runs_select_public on execution.runs', 'bed32198b253cdb786c881c4f3af2c8e'),
  ('policy', 'scores_select_own_or_public on execution.scores', 'e33462c3e4db79496438bcb5f89147d0'),
  ('policy', 'scores_select_public on execution.scores', 'bed32198b253cdb786c881c4f3af2c8e'),
  ('policy', 'submissions_select_own_or_public on execution.submissions', 'e33462c3e4db79496438bcb5f89147d0'),
  ('policy', 'submissions_select_public on execution.submissions', 'bed32198b253cdb786c881c4f3af2c8e'),
  ('privileges', 'execution.all_contenders', 'authenticated select, service_role select'),
  ('privileges', 'execution.all_evaluations', 'authenticated select, service_role select'),
  ('privileges', 'execution.all_judges', 'authenticated select, service_role select'),
  ('privileges', 'execution.all_runs', 'authenticated select, service_role select'),
  ('privileges', 'execution.all_scores', 'authenticated select, service_role select'),
  ('privileges', 'execution.all_submissions', 'authenticated select, service_role select'),
  ('privileges', 'execution.change_evaluation(evaluation uuid, state execution.evaluation_state_enum, visibility execution.visibility_enum, name text, description text, add_contenders jsonb, add_judges jsonb, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'execution.contenders', 'anon select, authenticated select, service_role select'),
  ('privileges', 'execution.costs(evaluation uuid, run uuid, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'execution.create_evaluation(name text, contenders jsonb, judges jsonb, description text, feature text, visibility execution.visibility_enum, allows_self_judging boolean, lenser uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'execution.evaluations', 'anon select, authenticated delete+select, service_role delete+select'),
  ('privileges', 'execution.finish_run(run uuid, state execution.run_state_enum, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'execution.judges', 'anon select, authenticated select, service_role select'),
  ('privileges', 'execution.leaderboard(evaluation uuid, run uuid, owner uuid)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'execution.runs', 'anon select, authenticated select, service_role select'),
  ('privileges', 'execution.score(submission uuid, value numeric, rationale text, judge text, account uuid, usage jsonb, format text, service_tier text, variant text, region text, generation uuid, prompt text, output text, latency_ms integer, estimated boolean, reported_cost numeric, reported_currency text, account_owner uuid, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'execution.scores', 'anon select, authenticated select, service_role select'),
  ('privileges', 'execution.start_run(evaluation uuid, key text, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'execution.submissions', 'anon select, authenticated select, service_role select'),
  ('privileges', 'execution.submit(run uuid, contender text, case_key text, account uuid, usage jsonb, format text, service_tier text, variant text, region text, generation uuid, prompt text, output text, latency_ms integer, estimated boolean, reported_cost numeric, reported_currency text, account_owner uuid, owner uuid)', 'service_role execute'),
  ('privileges', 'execution.to_score(run uuid, judge text, owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.add_contenders(p_evaluation execution.evaluations, p_contenders jsonb)', ''),
  ('privileges', 'ratebook.add_judges(p_evaluation execution.evaluations, p_judges jsonb)', ''),
  ('privileges', 'ratebook.add_participants(p_evaluation execution.evaluations, p_contenders jsonb, p_judges jsonb)', ''),
  ('privileges', 'ratebook.all_contenders', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_evaluations', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_judges', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_runs', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_scores', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.all_submissions', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.answer_evaluation(p_subject_id uuid, p_owner uuid, p_slot text, p_response jsonb)', ''),
  ('privileges', 'ratebook.assert_may_manage(p_evaluation execution.evaluations)', ''),
  ('privileges', 'ratebook.assert_not_self_judging(p_evaluation execution.evaluations, p_judge execution.judges, p_contender_id uuid, p_submission_id uuid)', ''),
  ('privileges', 'ratebook.assert_participant(p_entry jsonb, p_keys text[], p_hint text)', ''),
  ('privileges', 'ratebook.assert_running(p_run uuid, p_owner uuid)', ''),
  ('privileges', 'ratebook.bradley_terry(p_n integer, p_first integer[], p_second integer[], p_wins double precision[], p_games double precision[])', ''),
  ('privileges', 'ratebook.change_evaluation(p_evaluation uuid, p_state execution.evaluation_state_enum, p_visibility execution.visibility_enum, p_name text, p_description text, p_add_contenders jsonb, p_add_judges jsonb, p_owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.check_evaluation_state()', ''),
  ('privileges', 'ratebook.check_judge()', ''),
  ('privileges', 'ratebook.check_participant()', ''),
  ('privileges', 'ratebook.check_run_state()', ''),
  ('privileges', 'ratebook.check_running()', ''),
  ('privileges', 'ratebook.cholesky(p_matrix double precision[], p_n integer)', ''),
  ('privileges', 'ratebook.claim_evaluation(p_evaluation execution.evaluations, p_subject_id uuid, p_slot text, p_request jsonb)', ''),
  ('privileges', 'ratebook.compared_contenders(p_evaluation uuid, p_owner uuid, p_run uuid)', ''),
  ('privileges', 'ratebook.contender_id(p_evaluation execution.evaluations, p_contender text)', ''),
  ('privileges', 'ratebook.contender_label(p_contender execution.contenders)', ''),
  ('privileges', 'ratebook.create_evaluation(p_name text, p_contenders jsonb, p_judges jsonb, p_description text, p_feature text, p_visibility execution.visibility_enum, p_allows_self_judging boolean, p_lenser uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.evaluation_costs(p_evaluation uuid, p_run uuid, p_owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.evaluation_owner(p_kind text, p_id uuid, p_owner uuid)', ''),
  ('privileges', 'ratebook.evaluation_requests', ''),
  ('privileges', 'ratebook.find_evaluation(p_id uuid, p_owner uuid, p_kind text, p_name uuid)', ''),
  ('privileges', 'ratebook.finish_run(p_run uuid, p_state execution.run_state_enum, p_owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.forget_evaluations()', ''),
  ('privileges', 'ratebook.is_same_model(p_model_id uuid, p_other_id uuid)', ''),
  ('privileges', 'ratebook.judge_of(p_evaluation execution.evaluations, p_judge text)', ''),
  ('privileges', 'ratebook.leaderboard(p_evaluation uuid, p_run uuid, p_owner uuid)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.marked(p_request jsonb)', ''),
  ('privileges', 'ratebook.may_manage(p_evaluation execution.evaluations)', ''),
  ('privileges', 'ratebook.parts(p_first integer[], p_second integer[], p_n integer)', ''),
  ('privileges', 'ratebook.profile_to_evaluate(p_profile text, OUT profile_id uuid, OUT model_id uuid)', ''),
  ('privileges', 'ratebook.recall_evaluation(p_subject_id uuid, p_owner uuid, p_slot text, p_request jsonb)', ''),
  ('privileges', 'ratebook.record_generation(p_evaluation execution.evaluations, p_model_id uuid, p_work jsonb)', ''),
  ('privileges', 'ratebook.score(p_submission uuid, p_value numeric, p_rationale text, p_judge text, p_work jsonb, p_owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.solve(p_l double precision[], p_right double precision[], p_n integer)', ''),
  ('privileges', 'ratebook.spreads(p_l double precision[], p_n integer)', ''),
  ('privileges', 'ratebook.start_run(p_evaluation uuid, p_key text, p_owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.submit(p_run uuid, p_contender text, p_case_key text, p_work jsonb, p_owner uuid)', 'service_role execute'),
  ('privileges', 'ratebook.to_score(p_run uuid, p_judge text, p_owner uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.unknown_part(p_kind text, p_name text)', ''),
  ('privileges', 'ratebook.wrong_state(p_message text, p_hint text, p_kind text, p_state text)', ''),
  ('privileges', 'schema execution', 'anon usage, authenticated usage, service_role usage'),
  ('schema', 'execution', ''),
  ('table', 'execution.contenders', 'd556e1a28ad93259b28525e159af63da'),
  ('table', 'execution.evaluations', 'd8c9d446e3e42c1285e9e6bf08d0d87d'),
  ('table', 'execution.judges', '51e5f8d3fa04b726c4d355e261b61fdf'),
  ('table', 'execution.runs', '3734c6b54dc0add68ff74ea085ebb15a'),
  ('table', 'execution.scores', 'd87d25710d232033310571028eec895c'),
  ('table', 'execution.submissions', '6440057e41ceff531291addaf36ac3ee'),
  ('table', 'ratebook.evaluation_requests', '360d078a7c6dcf0a7abd6b1fdfaeb064'),
  ('trigger', 'contenders_audit_delete on execution.contenders', '32267c7fbb2e75f1fa40cfccdb6c7d79'),
  ('trigger', 'contenders_audit_insert on execution.contenders', '4e5d32b22f7b7888d619eec72cc6bd82'),
  ('trigger', 'contenders_audit_update on execution.contenders', '81e3787c5a9f20cd3915e39e257b7237'),
  ('trigger', 'contenders_check on execution.contenders', 'dadf4e6e665014c38d0e238fc503ecfc'),
  ('trigger', 'contenders_refuse_truncate on execution.contenders', '0d30a370b6d5f2b2e71d848b605f656b'),
  ('trigger', 'evaluations_audit_delete on execution.evaluations', 'a448bade3ec5ec0548128b6539edbec1'),
  ('trigger', 'evaluations_audit_insert on execution.evaluations', 'c02d926435e88eda9e814f357c2f0e74'),
  ('trigger', 'evaluations_audit_update on execution.evaluations', 'e14a854c4e0c06bffb9b8d356f7f71a4'),
  ('trigger', 'evaluations_check_state on execution.evaluations', '325edc32edcb861f55a171fcbe0a451c'),
  ('trigger', 'evaluations_ensure_profile on execution.evaluations', 'b1db8e02b56c06ed8f50c7d3c6961ac4'),
  ('trigger', 'evaluations_refuse_truncate on execution.evaluations', 'c80ebd8c3add296d85983497d93e1030'),
  ('trigger', 'evaluations_stamp on execution.evaluations', '9d524be15721646ce2289c2dc7ffcf7c'),
  ('trigger', 'judges_audit_delete on execution.judges', 'e01131c29bf0f9a21b9c022f66989a1a'),
  ('trigger', 'judges_audit_insert on execution.judges', 'fb8465ff2aec193e585effee59e7653d'),
  ('trigger', 'judges_audit_update on execution.judges', 'e4de6e992a6a2a08958e3d36baa0620c'),
  ('trigger', 'judges_check on execution.judges', 'f26c2ee4b2218a3bfad8da04708a8d24'),
  ('trigger', 'judges_refuse_truncate on execution.judges', '46f46714d01514654b9ceed8ba26a4d4'),
  ('trigger', 'profiles_forget_evaluations on lensers.profiles', '78802c1ac943f15789eff23bf5d90142'),
  ('trigger', 'runs_audit_insert on execution.runs', 'a23bf48b920ec938ad5cb2dc5768607a'),
  ('trigger', 'runs_audit_update on execution.runs', '7bd2ad3b1e62ba09049dec0f957f1b43'),
  ('trigger', 'runs_check_state on execution.runs', '3897398dcf8c7c58134d59a1b69abe2a'),
  ('trigger', 'runs_refuse_truncate on execution.runs', 'b481befb2bdd8fb1878908dd31b7441a'),
  ('trigger', 'scores_check_judge on execution.scores', 'a16d2f49cf78f5ba5932f6d23afa8605'),
  ('trigger', 'scores_check_running on execution.scores', '21edcf79f6fa33b4ca2dfc599aaba40a'),
  ('trigger', 'scores_refuse_change on execution.scores', '8d3a9b4a8579846bebd2499aa02abad0'),
  ('trigger', 'scores_refuse_rationale on execution.scores', '80c830f71a4a022b868de8a41511e07c'),
  ('trigger', 'submissions_check_running on execution.submissions', '4bfb5c455f525734e883f5b3aa9cc7b9'),
  ('trigger', 'submissions_refuse_change on execution.submissions', '73399932daaac31c00fce5abc0d9c52a'),
  ('type', 'execution.evaluation_state_enum', '05f6d6c92788e18c04f06c62b9519da4'),
  ('type', 'execution.run_state_enum', 'd90ea6bb65717a71daace5f13b117fad'),
  ('type', 'execution.visibility_enum', '7c92748c502e0c113553c7970d7cd513'),
  ('view', 'execution.all_contenders', '8f154f39d92a5697d92b11e736abbabe'),
  ('view', 'execution.all_evaluations', '443c8a3cbf0c29aea759325a703df8f3'),
  ('view', 'execution.all_judges', 'd53232729aac1372129438c9e8233256'),
  ('view', 'execution.all_runs', 'd6536587edf2bdae2b1f10922dcac6e4'),
  ('view', 'execution.all_scores', 'eebbbc6508d01c4b31cc912e60fa6e3e'),
  ('view', 'execution.all_submissions', '112effb9dcca8e7552465e926ad94f91'),
  ('view', 'ratebook.all_contenders', 'f31cf3b5c35156df74d26c5708b2b662'),
  ('view', 'ratebook.all_evaluations', '0121ded9a5ab7d26433ce5585ca5a398'),
  ('view', 'ratebook.all_judges', '9b9955292bccaab68b5b57a0eb381189'),
  ('view', 'ratebook.all_runs', 'ee55ee2c3bab92d25bf7c1a0247a7b4a'),
  ('view', 'ratebook.all_scores', 'e4411967be6a38455266c487418da825'),
  ('view', 'ratebook.all_submissions', 'd881868c8362b17d845b113ee23f50dd')
) as o (kind, name, state);

select ratebook.close_privileges('80_execution');
