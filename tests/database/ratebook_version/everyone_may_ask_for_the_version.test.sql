begin;
set local search_path = tap, pg_catalog;
select plan(1);

select tests.as_anon();
select matches(ai.ratebook_version(), '^\d+\.\d+\.\d+$', 'three numbers');

select * from finish();
rollback;
