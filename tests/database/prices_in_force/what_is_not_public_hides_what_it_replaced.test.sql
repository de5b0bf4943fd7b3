begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.make_admin('root');
select tests.make_user('ada');
select tests.make_model('m');
select tests.make_price('m', 'input', 1, '2025-01-01Z');
select tests.make_price('m', 'input', 2, '2025-06-01Z', p_is_public => false);
select tests.make_price('m', 'output', 3, '2025-01-01Z');
create function tests.prices(p_at timestamptz) returns numeric[]
language sql
return (select array_agg(p.price_per_unit order by p.price_per_unit) from ai.prices_in_force('m', p_at) as p);

select tests.as_anon();
select is(tests.prices('2025-07-01Z'), '{3}', 'anon sees neither the hidden price nor the outdated one');
select is(tests.prices('2025-05-01Z'), '{1,3}', 'but the one that was public in its time');
select tests.authenticate_as('ada');
select is(tests.prices('2025-07-01Z'), '{3}', 'a user: the same');
select tests.authenticate_as('root');
select is(tests.prices('2025-07-01Z'), '{2,3}', 'an admin sees it');
select tests.as_service();
select is(tests.prices('2025-07-01Z'), '{2,3}', 'and so does the service role');

select * from finish();
rollback;
