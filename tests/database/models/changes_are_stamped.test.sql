begin;
set local search_path = tap, pg_catalog;
select plan(2);

select tests.make_provider('acme');
select tests.freeze_clock('2026-03-15T12:00:00Z');
insert into ai.models (key, name, provider_id) select 'm', 'M', id from ai.providers;
select results_eq(
  'select created_at, updated_at from ai.models',
  $$values ('2026-03-15T12:00:00Z'::timestamptz, '2026-03-15T12:00:00Z'::timestamptz)$$, 'when it was made'
);
select tests.freeze_clock('2026-03-16T12:00:00Z');
update ai.models set name = 'N', updated_at = '2000-01-01';
select results_eq(
  'select created_at, updated_at from ai.models',
  $$values ('2026-03-15T12:00:00Z'::timestamptz, '2026-03-16T12:00:00Z'::timestamptz)$$,
  'when it was changed, whatever the writer says'
);

select * from finish();
rollback;
