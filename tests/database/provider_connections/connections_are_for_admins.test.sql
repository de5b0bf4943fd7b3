begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_admin('root');
select tests.make_user('ada');
select tests.make_provider('acme');
insert into ai.provider_connections (name, provider_id) select 'main', id from ai.providers;
select tests.violates(
  $$insert into ai.provider_connections (name, provider_id) select 'main', id from ai.providers$$,
  'provider_connections_name_key', 'a name is given once'
);
select tests.violates(
  'delete from ai.providers', 'provider_connections_provider_id_fkey', 'a provider with connections stays'
);

select tests.as_anon();
select tests.forbidden(
  'select from ai.provider_connections', 'permission denied for table provider_connections', 'anon has no access'
);
select tests.authenticate_as('ada');
select is_empty('select name from ai.provider_connections', 'a user sees none');
select tests.forbidden(
  $$insert into ai.provider_connections (name, provider_id) select 'mine', id from ai.providers$$,
  'Only admins write to ai.provider_connections.', 'a user adds none'
);
select tests.authenticate_as('root');
select results_eq('select name from ai.provider_connections', $$values ('main')$$, 'an admin sees them');
select lives_ok(
  $$insert into ai.provider_connections (name, provider_id) select 'second', id from ai.providers$$, 'an admin adds one'
);

select * from finish();
rollback;
