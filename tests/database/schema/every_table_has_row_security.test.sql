begin;
set local search_path = tap, pg_catalog;
select plan(4);

select is_empty('select signature from tests.tables where not relrowsecurity', 'on every table and partition');
select is_empty(
  $$
  select c.oid::regclass::text
  from pg_catalog.pg_class as c
  inner join tests.schemas as s on s.oid = c.relnamespace
  where
    c.relkind = 'v' and not coalesce(c.reloptions @> array['security_invoker=true'], false)
    and not (s.name = 'ratebook' and pg_get_viewdef(c.oid) like '%ratebook.is_privileged()%')
  $$,
  'and every view asks in the name of its reader, or is a fence that asks who it is'
);
select is_empty(
  $$select p.polname from pg_catalog.pg_policy as p where p.polroles = '{0}'$$,
  'no policy is for everybody: each names its roles'
);
select is_empty(
  $$select p.polname from pg_catalog.pg_policy as p where p.polcmd = '*'$$,
  'no policy is for all verbs: each names its own'
);

select * from finish();
rollback;
