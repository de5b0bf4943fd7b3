begin;
set local search_path = tap, pg_catalog;
select plan(5);

create function tests.partitions_ahead() returns text
language sql
return (select c.severity from ai.self_check() as c where c.check_name = 'partitions_ahead');
select is(tests.partitions_ahead(), 'ok', 'two years ahead');
select tests.freeze_clock(ratebook.partitions_end('ai.generations') - interval '2 months');
select is(tests.partitions_ahead(), 'ok', 'two months ahead');
select tests.freeze_clock(ratebook.partitions_end('ai.generations') - interval '2 months' + interval '1 second');
select is(tests.partitions_ahead(), 'warning', 'less than two months ahead');
select tests.freeze_clock(ratebook.partitions_end('ai.generations') + interval '1 year');
select is(tests.partitions_ahead(), 'warning', 'a year too late');
select tests.extend_partitions();
select is(tests.partitions_ahead(), 'ok', 'extended');

select * from finish();
rollback;
