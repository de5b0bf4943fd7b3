begin;
set local search_path = tap, pg_catalog;
select plan(7);

select is_empty(
  $$
  select c.oid::regclass::text, r.name, v.verb
  from pg_catalog.pg_inherits as i
  inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
  cross join (values ('public'), ('anon'), ('authenticated'), ('service_role'), ('authenticator')) as r (name)
  cross join unnest(
    array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']
  ) as v (verb)
  where i.inhparent in (select t.name from ratebook.partitioned_tables() as t (name)) and has_table_privilege(r.name, c.oid, v.verb)
  $$,
  'nothing is granted on any'
);
select is_empty(
  $$
  select c.oid::regclass::text
  from pg_catalog.pg_inherits as i
  inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
  where i.inhparent in (select t.name from ratebook.partitioned_tables() as t (name)) and not c.relrowsecurity
  $$,
  'row security is on for all'
);

select tests.make_user('ada');
select tests.make_model('m');
insert into ai.generations (lenser_id, model_id, prompt) values (tests.user_id('ada'), tests.model_id('m'), 'secret');
create function tests.partition() returns text
language sql stable security definer
return (select min(tableoid::regclass::text) from ai.generations);
select tests.authenticate_as('ada');
select tests.forbidden(
  'select from ' || tests.partition(), 'permission denied for schema ratebook', 'not the owner of the row'
);
select tests.as_service();
select tests.forbidden(
  'select from ' || tests.partition(), 'permission denied for schema ratebook', 'not the service role'
);
select tests.forbidden(
  'truncate ' || tests.partition(), 'permission denied for schema ratebook', 'which does not truncate it either'
);
select tests.forbidden('truncate ai.generations', 'permission denied for table generations', 'nor the parent');

select tests.reset_role();
do $$ begin execute format('grant select on %s to anon', tests.partition()); end $$;
grant usage on schema ratebook to anon;
select tests.as_anon();
select is_empty('select prompt from ' || tests.partition(), 'a grant by mistake shows no row');

select * from finish();
rollback;
