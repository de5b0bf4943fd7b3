-- Evaluations, where the module is there: bodies in plpgsql look for it when they are called.

create function tests.make_evaluation(
  p_name text default 'first',
  p_state text default 'open',
  p_visibility text default 'private',
  p_allows_self_judging boolean default false
) returns uuid
language plpgsql
as $$
declare
  v_id uuid;
begin
  if tests.model_id('m') is null then
    perform tests.make_unit_price();
    perform tests.make_model('n'), tests.make_model('j'), tests.make_wallet('ada', 1000), tests.make_user('judy');
    perform tests.make_price('n', 'input', 2), tests.make_price('j', 'input', 3);
  end if;
  select e.id into v_id
  from execution.create_evaluation(
    p_name, '["m", "n"]', jsonb_build_array('j', 'm', jsonb_build_object('person', tests.user_id('judy'))),
    visibility => p_visibility::execution.visibility_enum, allows_self_judging => p_allows_self_judging,
    lenser => tests.user_id('ada')
  ) as e;
  if p_state <> 'draft' then
    perform execution.change_evaluation(v_id, 'open');
  end if;
  if p_state = 'closed' then
    perform execution.change_evaluation(v_id, 'closed');
  end if;
  return v_id;
end;
$$;

comment on function tests.make_evaluation(text, text, text, boolean) is
'An evaluation of ada''s, who has 1,000 credits: contenders m and n (1 and 2 credits an input token), judges j (3), m and judy.';

create function tests.evaluation_id(p_name text default 'first') returns uuid
language plpgsql security definer
as $$
begin
  return (select e.id from execution.evaluations as e where e.lenser_id = tests.user_id('ada') and e.name = p_name);
end;
$$;

comment on function tests.evaluation_id(text) is 'The id of an evaluation of ada''s, whoever asks.';

create function tests.start_run(p_evaluation text default 'first', p_key text default 'one') returns uuid
language plpgsql
as $$
begin
  return (select r.id from execution.start_run(tests.evaluation_id(p_evaluation), p_key) as r);
end;
$$;

comment on function tests.start_run(text, text) is 'Starts a run of an evaluation of ada''s.';

create function tests.run_id(p_evaluation text default 'first', p_key text default 'one') returns uuid
language plpgsql security definer
as $$
begin
  return (
    select r.id from execution.runs as r where r.evaluation_id = tests.evaluation_id(p_evaluation) and r.key = p_key
  );
end;
$$;

comment on function tests.run_id(text, text) is 'The id of a run, whoever asks.';

create function tests.submit(
  p_contender text, p_case text, p_input numeric default 1, p_evaluation text default 'first', p_key text default 'one'
) returns jsonb
language plpgsql
as $$
begin
  return execution.submit(
    tests.run_id(p_evaluation, p_key), p_contender, p_case, tests.user_id('ada'), jsonb_build_object('input', p_input),
    prompt => 'asked', output => 'answered by ' || p_contender
  );
end;
$$;

comment on function tests.submit(text, text, numeric, text, text) is 'A submission that ada pays for.';

create function tests.submission_id(
  p_contender text, p_case text, p_evaluation text default 'first', p_key text default 'one'
) returns uuid
language plpgsql security definer
as $$
begin
  return (
    select s.id
    from execution.submissions as s
    inner join execution.contenders as c on c.id = s.contender_id
    where s.run_id = tests.run_id(p_evaluation, p_key) and s.case_key = p_case and c.model_id = tests.model_id(p_contender)
  );
end;
$$;

comment on function tests.submission_id(text, text, text, text) is 'The id of a submission, whoever asks.';

create function tests.score(p_contender text, p_case text, p_value numeric, p_judge text default 'j') returns jsonb
language plpgsql
as $$
begin
  return execution.score(
    tests.submission_id(p_contender, p_case), p_value, 'because', p_judge, tests.user_id('ada'), '{"input": 1}'
  );
end;
$$;

comment on function tests.score(text, text, numeric, text) is 'A model''s score in the first evaluation, which ada pays for.';
