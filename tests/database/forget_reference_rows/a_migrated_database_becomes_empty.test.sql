begin;
set local search_path = tap, pg_catalog;
select plan(6);

select is(
  (select array_agg(distinct request_id) from lensers.audit_history), '{ratebook migration}',
  'a migration says that it entered its rows'
);
select is(ratebook.forget_reference_rows(), 51, '43 meters, 7 service tiers, 1 row of settings');
select is(
  (select array[(select count(*) from ai.meters), (select count(*) from ai.service_tiers)]), array[0, 0]::bigint[], 'gone'
);
select is((select count(*) from lensers.audit_history), 0::bigint, 'with their entries');
select tests.refused('delete from lensers.audit_history', 'append_only', 'PT409', 'the history is guarded again');
select is(ratebook.forget_reference_rows(), 0, 'once more does no harm');

select * from finish();
rollback;
