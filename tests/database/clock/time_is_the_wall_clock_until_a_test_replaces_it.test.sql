begin;
set local search_path = tap, pg_catalog;
select plan(6);

select cmp_ok(ratebook.clock(), '>', now(), 'the clock goes on inside a transaction');
select cmp_ok(ratebook.clock(), '<=', clock_timestamp(), 'and is never ahead');

select tests.freeze_clock('2031-05-06T07:08:09Z');
select is(ratebook.clock(), '2031-05-06T07:08:09Z'::timestamptz, 'a test replaces it');
select tests.make_model('m');
select is(created_at, '2031-05-06T07:08:09Z'::timestamptz, 'column defaults ask it') from ai.models where key = 'm';
select is(ratebook.uuid_v7_time(ratebook.uuid_v7()), '2031-05-06T07:08:09Z'::timestamptz, 'ids ask it');

select tests.freeze_clock('2031-05-06T07:08:10Z');
update ai.models set name = 'Other' where key = 'm';
select is(
  updated_at, '2031-05-06T07:08:10Z'::timestamptz, 'the stamp of a change asks it'
) from ai.models where key = 'm';

select * from finish();
rollback;
