begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.make_model('m');
select tests.make_rate(p_from => '2020-01-01Z');
select tests.make_policy(p_from => '2020-01-01Z');
select tests.make_price('m', 'input', 1, '2025-01-01T00:00:00Z');
select tests.make_price('m', 'input', 3, '2025-03-01T00:00:00Z');
select tests.make_price('m', 'input', 2, '2025-02-01T00:00:00.000001Z');
create function tests.price_at(p_at timestamptz) returns text
language sql
return billing.quote('m', '{"input": 1}', at => p_at) #>> '{lines,0,unit_price}';

select tests.refused(
  $$select tests.price_at('2024-12-31T23:59:59.999999Z')$$, 'no_price', 'PT422', 'before the first there is none'
);
select is(tests.price_at('2025-01-01T00:00:00Z'), '1', 'the first, at its instant');
select is(tests.price_at('2025-02-01T00:00:00Z'), '1', 'the first, a microsecond before the second');
select is(tests.price_at('2025-02-01T00:00:00.000001Z'), '2', 'the second, at its instant');
select is(tests.price_at('2025-02-28T23:59:59.999999Z'), '2', 'the second, a microsecond before the third');
select is(tests.price_at('2025-03-01T00:00:00Z'), '3', 'the third, at its instant');
select is(tests.price_at('2025-03-01T05:00:00+05:00'), '3', 'an instant is one in every zone');
-- The second date is corrected twice, the higher revision first.
select tests.make_price('m', 'input', 22, '2025-02-01T00:00:00.000001Z', p_revision => 2);
select tests.make_price('m', 'input', 21, '2025-02-01T00:00:00.000001Z', p_revision => 1);
select is(tests.price_at('2025-02-15T00:00:00Z'), '22', 'the highest revision of a date');
select is(tests.price_at('2025-01-31T00:00:00Z'), '1', 'corrects nothing before it');
select is(tests.price_at('2025-03-01T00:00:00Z'), '3', 'nor the date after it');
-- A row for the past.
select tests.make_price('m', 'input', 9, '2025-02-15T00:00:00Z');
select is(tests.price_at('2025-02-14T23:59:59Z'), '22', 'a row with a past date changes nothing before it');
select is(tests.price_at('2025-02-15T00:00:00Z') || tests.price_at('2025-03-01T00:00:00Z'), '93', 'applies to the next date');

select * from finish();
rollback;
