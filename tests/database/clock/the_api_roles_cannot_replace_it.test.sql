begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.as_anon();
select tests.forbidden('select tests.freeze_clock(now())', 'permission denied for schema ratebook', 'anon');
select tests.as_service();
select tests.forbidden('select tests.freeze_clock(now())', 'permission denied for schema ratebook', 'service_role');
select tests.reset_role();
select lives_ok('select tests.freeze_clock(now())', 'the owner can');

select * from finish();
rollback;
