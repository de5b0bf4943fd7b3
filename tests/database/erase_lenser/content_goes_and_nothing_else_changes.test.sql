begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_model('m');
select tests.make_price('m', 'input', 1);
select tests.make_rate();
select tests.make_policy();
create function tests.live(p_name text) returns void
language plpgsql
as $$
begin
  perform tests.make_user(p_name);
  insert into lensers.profiles (id, user_id, display_name, avatar_url)
  values (tests.user_id(p_name), tests.user_id(p_name), p_name, 'https://example.com/' || p_name);
  insert into lensers.user_roles (user_id, role) values (tests.user_id(p_name), 'moderator');
  insert into media.objects (lenser_id, bucket, path) values (tests.user_id(p_name), 'b', 'p'), (tests.user_id(p_name), 'b', 'q');
  insert into content.media_library (lenser_id, object_id, title)
  select o.lenser_id, o.id, o.path from media.objects as o where o.lenser_id = tests.user_id(p_name) and o.path = 'p';
  insert into ai.generations (lenser_id, model_id, media_id, feature_key, prompt, output, token_count, usage, status)
  select l.lenser_id, tests.model_id('m'), l.id, 'chat', 'P', 'O', 3, '{"input": 3}', 'completed'
  from content.media_library as l where l.lenser_id = tests.user_id(p_name);
  insert into ai.generations (lenser_id, model_id, prompt, output) values (tests.user_id(p_name), tests.model_id('m'), 'P', 'O');
  perform ai.backfill_generations(jsonb_build_array(jsonb_build_object(
    'lenser_id', tests.user_id(p_name), 'model_id', tests.model_id('m'), 'created_at', '2023-05-05T00:00:00Z', 'prompt', 'P'
  )));
end;
$$;
select tests.live('ada');
select tests.live('bob');

-- Every row of every table, as text.
create function tests.contents() returns table (relation text, content jsonb)
language plpgsql
as $$
declare
  v_name text;
begin
  for v_name in
    select t.signature from tests.tables as t where not t.relispartition
    union all
    select 'auth.users'
  loop
    return query execute format('select %L, to_jsonb(t) from %s as t', v_name, v_name);
  end loop;
end;
$$;
create temporary table before as select * from tests.contents();
select tests.freeze_clock('2026-03-15T12:00:00Z');

select tests.as_service();
select is(
  ai.erase_lenser(tests.user_id('ada')), '{"generations": 3, "media": 1, "objects": 2}'::jsonb, 'it says how many'
);
select tests.reset_role();
create temporary table after as select * from tests.contents();

select results_eq(
  'select relation, count(*) from ((table before except table after)) as gone group by relation order by relation',
  $$
  values
  ('ai.generations', 3::bigint), ('content.media_library', 1), ('lensers.profiles', 1), ('lensers.user_roles', 1),
  ('media.objects', 2)
  $$,
  'so many rows are not what they were'
);
select is_empty(
  format(
    $$
    select * from ((table before except table after)) as gone
    where coalesce(content ->> 'lenser_id', content ->> 'user_id', content ->> 'id') <> %L
    $$,
    tests.user_id('ada')
  ),
  'all of them hers'
);
select results_eq(
  'select relation, content from ((table after except table before)) as new
  where relation not in (''ai.generations'', ''lensers.audit_history'')',
  format(
    $$
    select
      'lensers.profiles',
      content || '{
        "user_id": null, "display_name": null, "avatar_url": null, "erased_at": "2026-03-15T12:00:00+00:00",
        "updated_at": "2026-03-15T12:00:00+00:00"
      }'
    from before
    where relation = 'lensers.profiles' and content ->> 'id' = %L
    $$,
    tests.user_id('ada')
  ),
  'the profile is empty and says when'
);
select set_eq(
  $$select content from ((table after except table before)) as new where relation = 'ai.generations'$$,
  format(
    $$
    select content || '{"prompt": null, "output": null, "media_id": null}'
    from before
    where relation = 'ai.generations' and content ->> 'lenser_id' = %L
    $$,
    tests.user_id('ada')
  ),
  'her generations have lost prompt, output and media and nothing else'
);
select results_eq(
  $$
  select content ->> 'operation', content ->> 'table_name', content -> 'row_key'
  from ((table after except table before)) as new where relation = 'lensers.audit_history'
  $$,
  $$values (
    'DELETE', 'lensers.user_roles', jsonb_build_object('user_id', tests.user_id('ada'), 'role', 'moderator')
  )$$,
  'the audit history says that her role ended, by her id alone'
);
select is((select count(*) from auth.users), 2::bigint, 'the auth user is the caller''s to delete');

select * from finish();
rollback;
