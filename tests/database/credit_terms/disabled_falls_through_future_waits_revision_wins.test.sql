begin;
set local search_path = tap, pg_catalog;
select plan(6);

select tests.make_model('m');
create function tests.margin(p_at timestamptz) returns numeric
language sql
return (select p.margin from ratebook.credit_terms(tests.model_id('m'), null, 'USD', p_at) as p);
select tests.make_policy(0.6, p_from => '2025-01-01Z');
select tests.make_policy(0.2, p_model => 'm', p_from => '2025-03-01Z');
select tests.make_policy(0.9, p_model => 'm', p_from => '2025-06-01Z', p_enabled => false);
select tests.make_policy(0.3, p_model => 'm', p_from => '2025-09-01Z');
select tests.make_policy(0.4, p_model => 'm', p_from => '2025-09-01Z', p_revision => 1);
select tests.make_policy(0.8, p_model => 'm', p_from => '2025-12-01Z', p_enabled => false);
select tests.make_policy(0.1, p_model => 'm', p_from => '2025-12-01Z', p_revision => 1);

select is(tests.margin('2024-12-31T23:59:59Z'), null, 'before the first there is none');
select is(tests.margin('2025-02-28T23:59:59Z'), 0.6, 'a policy of the future waits');
select is(tests.margin('2025-03-01T00:00:00Z'), 0.2, 'until its first instant');
select is(tests.margin('2025-06-01T00:00:00Z'), 0.6, 'disabled, it falls through, and not to its own past');
select is(tests.margin('2025-09-01T00:00:00Z'), 0.4, 'the higher revision wins');
select is(tests.margin('2025-12-01T00:00:00Z'), 0.1, 'also when it enables again');

select * from finish();
rollback;
