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
