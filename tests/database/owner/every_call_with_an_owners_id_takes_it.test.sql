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
where f.schema_name in ('ai', 'billing', 'lensers', 'content', 'media', 'compat');

-- A new argument of this type belongs to the one list or to the other.
select set_eq(
  $$select distinct name from arguments where type in ('uuid', 'uuid[]') and name <> 'owner' 
    and function not in ('move_credits', 'self_check', 'statement')$$,
  $$
  select unnest(array['account', 'lot', 'hold', 'charge', 'generation', 'recurring_grant'])
  union all
  -- A lenser is an owner; a model is everybody's.
  select unnest(array['lenser', 'member', 'user'])
  $$,
  'these are ids of an owner''s rows, and those are not'
);
select results_eq(
  $$
  select distinct function from arguments
  where type = 'uuid' and name in ('account', 'lot', 'hold', 'charge', 'generation', 'recurring_grant')
  order by function
  $$,
  -- Reports are of an owner, whichever rows those are.
  $$
  select function from arguments
  where name = 'owner' and type = 'uuid' and function not in ('usage', 'forecast_month')
  order by function
  $$,
  'what takes such an id takes its owner'
);
select is(
  (select array_agg(name order by place) from arguments where function = 'move_credits' and type = 'uuid'),
  array['from_account', 'to_account', 'from_owner', 'to_owner'], 'one takes two'
);
select is_empty(
  $$select function from arguments where name = 'owner' and (place <> pronargs or pronargdefaults = 0)$$,
  'it is the last argument and may be left out'
);
select is_empty(
  $$
  select f.signature from tests.functions as f
  where f.schema_name in ('ai', 'billing') and 'owner' = any(f.proargnames) and f.proname not in ('usage', 'forecast_month')
    and obj_description(f.oid, 'pg_proc') !~ 'owner: the (account|generation)''s lenser.*owner_required[^)]*\(PT422\)'
  $$,
  'its comment says whose it is, and what happens without'
);

select * from finish();
rollback;
