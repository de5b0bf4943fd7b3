begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_unit_price();
select tests.make_admin('root');
select tests.make_wallet('ada', 10);
insert into ai.generations (lenser_id, model_id) select tests.user_id('ada'), tests.model_id('m');

select tests.authenticate_as('root');
select is((select count(*) from compat.jobs), 1::bigint, 'an admin');
select is((select sum(s.total) from compat.api_model_stats as s), 1::numeric, 'statistics count them');
select tests.authenticate_as('ada');
select is((select count(*) from compat.jobs), 1::bigint, 'their owner');
select tests.as_service();
select is((select count(*) from compat.jobs), 1::bigint, 'the service role');
select set_config('request.jwt.claims', format('{"sub": "%s", "role": "service_role"}', tests.user_id('ada')), true);
select is((select count(*) from compat.jobs), 1::bigint, 'and one that is a user as well');
select tests.authenticate_as('eve');
select is_empty('select from compat.jobs', 'nobody else');
select set_config('request.jwt.claims', '{"sub": "user_2abcDEF", "role": "authenticated"}', true);
select is_empty('select from compat.jobs', 'nor a subject that is no UUID');

select * from finish();
rollback;
