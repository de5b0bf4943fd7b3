begin;
set local search_path = tap, pg_catalog;
select plan(5);

select results_eq(
  'select check_name, severity from ai.self_check() order by 1',
  $$
  values
  ('as_migrated', 'ok'), ('history_guarded', 'ok'), ('list_prices', 'ok'), ('months_detached', 'ok'), ('partitions_ahead', 'ok'),
  ('partitions_locked', 'ok'), ('price_sheets', 'ok'), ('row_security', 'ok'), ('sequences_ahead', 'ok')
  $$,
  'every check'
);
select tests.as_service();
select is((select count(*) from ai.self_check()), 9::bigint, 'the service role may ask');
select tests.as_anon();
select tests.forbidden('select ai.self_check()', 'permission denied for function self_check', 'anon may not');
select tests.authenticate_as('ada');
select tests.refused('select ai.self_check()', 'not_allowed', '42501', 'nor may a user');
select tests.reset_role();
select tests.authenticate_as(tests.make_admin('root'));
select is((select count(*) from ai.self_check()), 9::bigint, 'an admin may');

select * from finish();
rollback;
