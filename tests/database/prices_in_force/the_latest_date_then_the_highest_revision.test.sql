begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_model('m');
select tests.freeze_clock('2026-03-15T12:00:00Z');
select tests.make_price('m', 'input', 1, '2025-01-01Z');
select tests.make_price('m', 'input', 2, '2025-06-01Z');
select tests.make_price('m', 'input', 3, '2025-06-01Z', p_revision => 1);
select tests.make_price('m', 'input', 4, '2025-01-01Z', p_revision => 9);
select tests.make_price('m', 'input', 5, '2026-04-01Z');
create function tests.price_at(p_at timestamptz) returns numeric[]
language sql
return (select array_agg(p.price_per_unit) from ai.prices_in_force('m', p_at) as p);

select tests.as_anon();
select is(tests.price_at('2024-12-31T23:59:59.999999Z'), null, 'before the first there is none');
select is(tests.price_at('2025-01-01T00:00:00Z'), '{4}', 'from its first instant, corrected');
select is(tests.price_at('2025-05-31T23:59:59.999999Z'), '{4}', 'to its last');
select is(tests.price_at('2025-06-01T00:00:00Z'), '{3}', 'then the later date, whatever the revision before');
select is(
  (select array_agg(p.price_per_unit) from ai.prices_in_force('m') as p), '{3}', 'now, when no time is given'
);
select tests.refused($$select ai.prices_in_force('m', '2026-04-02Z')$$, 'not_allowed', '42501', 'anon asks ahead');
select tests.reset_role();
select tests.freeze_clock('2026-04-01T00:00:00Z');
select tests.as_anon();
select is(
  (select array_agg(p.price_per_unit) from ai.prices_in_force('m') as p), '{5}', 'when its day comes it counts'
);
select is(tests.price_at('2026-03-31T23:59:59Z'), '{3}', 'and the day before keeps its price');

select * from finish();
rollback;
