begin;
set local search_path = tap, pg_catalog;
select plan(11);

select tests.make_user('ada');
select tests.make_admin('root');
select tests.make_model('m');
select tests.make_price('m', 'input', 0.001);
select tests.make_rate(1000);
select tests.make_policy(0);
select tests.freeze_clock('2026-03-15T12:00:00Z');
create function tests.credits(p_at timestamptz default ratebook.clock()) returns numeric
language sql
return billing.calculate_credit_cost('m', '{"input": 10}', at => p_at);

select tests.as_anon();
select is(tests.credits(), 10::numeric, 'today');
select tests.reset_role();
select tests.make_price('m', 'input', 0.002, '2026-03-16T00:00:00Z');
select tests.make_rate(500, '2026-03-17T00:00:00Z');
select tests.make_policy(1, p_from => '2026-03-18T00:00:00Z');
select tests.as_anon();
select is(tests.credits(), 10::numeric, 'today, with another price, rate and margin to come');
select tests.refused($$select tests.credits('2026-03-16Z')$$, 'not_allowed', '42501', 'anon does not see them ahead');
select tests.authenticate_as('ada');
select tests.refused($$select tests.credits('2026-03-16Z')$$, 'not_allowed', '42501', 'nor does a user');
select tests.authenticate_as('root');
select is(tests.credits('2026-03-16Z'), 20::numeric, 'an admin does: the price');
select is(tests.credits('2026-03-17Z'), 10::numeric, 'the rate');
select is(tests.credits('2026-03-18Z'), 20::numeric, 'the margin');

select tests.reset_role();
select tests.freeze_clock('2026-03-20T00:00:00Z');
select tests.as_anon();
select is(tests.credits(), 20::numeric, 'when the days have come they count');
select is(tests.credits('2026-03-15T12:00:00Z'), 10::numeric, 'and an old request keeps its price');
select is(tests.credits('2026-03-16T12:00:00Z'), 20::numeric, 'each at its time');
select is(tests.credits('2026-03-17T12:00:00Z'), 10::numeric, 'each at its time');

select * from finish();
rollback;
