begin;
set local search_path = tap, pg_catalog;
select plan(5);

create temporary table arguments as
select f.proname::text collate "default" as function, a.name, f.pronargs, f.pronargdefaults, a.place, a.type
from tests.functions as f
cross join lateral (
  select u.name, u.place, format_type(t.type, null)
  from unnest(f.proargnames) with ordinality as u (name, place)
  inner join unnest(f.proargtypes::oid[]) with ordinality as t (type, place) on t.place = u.place
) as a (name, place, type)
where f.schema_name = 'execution';

select set_eq(
  $$select distinct name from arguments where type = 'uuid' and name not in ('owner', 'account_owner')$$,
  -- An account's owner is account_owner where it is not the evaluation's; a generation's is the evaluation's.
  array['evaluation', 'run', 'submission', 'account', 'generation', 'lenser'], 'these are ids of an owner''s rows, and lensers'
);
select is_empty(
  $$
  select distinct function from arguments where type = 'uuid' and name in ('evaluation', 'run', 'submission')
  except
  select function from arguments where name = 'owner' and type = 'uuid' and place = pronargs and pronargdefaults > 0
  $$,
  'what takes such an id takes its owner, last and if the caller likes'
);
select is_empty(
  $$
  select f.signature from tests.functions as f
  where f.schema_name = 'execution' and 'owner' = any(f.proargnames)
    and obj_description(f.oid, 'pg_proc') !~ 'owner: the evaluation''s lenser.*owner_required[^)]*\(PT422\)'
  $$,
  'its comment says whose it is, and what happens without'
);
select set_config('ratebook.owner_required', 'on', true);
select results_eq(
  $$
  select f.proname::text collate "default", tests.error_of(format(
    'select execution.%I(%s)', f.proname,
    (
      select string_agg(format('%I => %s::%s', a.name, coalesce(v.value, 'null'), a.type), ', ')
      from arguments as a
      left join (
        values ('evaluation', 'gen_random_uuid()'), ('run', 'gen_random_uuid()'), ('submission', 'gen_random_uuid()'), ('key', '''k''')
      ) as v (name, value) on v.name = a.name
      where a.function = f.proname and (v.value is not null or a.place <= a.pronargs - a.pronargdefaults)
    )
  )) #>> '{detail,error}'
  from tests.functions as f where f.schema_name = 'execution' and 'owner' = any(f.proargnames) order by 1
  $$,
  $$
  select distinct function, 'owner_required' from arguments
  where type = 'uuid' and name in ('evaluation', 'run', 'submission') order by function
  $$,
  'and each asks for it where the database says so'
);
select set_config('ratebook.owner_required', 'off', true);
select set_eq(
  $$select f.proname::text collate "default" from tests.functions as f
    where f.schema_name = 'execution' and has_function_privilege('anon', f.oid, 'execute')$$,
  array['leaderboard'], 'anon may call one'
);

select * from finish();
rollback;
