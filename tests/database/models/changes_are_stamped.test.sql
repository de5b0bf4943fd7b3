begin;
set local search_path = tap, pg_catalog;
select plan(2);

select tests.make_admin('root');
select tests.make_provider('acme');
select tests.freeze_clock('2026-03-15T12:00:00Z');
select tests.authenticate_as('root');
insert into ai.models (key, name, provider_id) select 'm', 'M', id from ai.providers;
select results_eq(
  'select created_at, updated_at, created_by, updated_by from ai.models',
  format(
    'values (%1$L::timestamptz, %1$L::timestamptz, %2$L::uuid, %2$L::uuid)', '2026-03-15T12:00:00Z', tests.user_id('root')
  ),
  'who made it and when'
);
select tests.reset_role();
select tests.freeze_clock('2026-03-16T12:00:00Z');
update ai.models set name = 'N', updated_at = '2000-01-01', updated_by = tests.user_id('nobody');
select results_eq(
  'select created_at, updated_at, created_by, updated_by from ai.models',
  format(
    'values (%L::timestamptz, %L::timestamptz, %L::uuid, null::uuid)',
    '2026-03-15T12:00:00Z', '2026-03-16T12:00:00Z', tests.user_id('root')
  ),
  'who changed it and when, whatever the writer says'
);

select * from finish();
rollback;
