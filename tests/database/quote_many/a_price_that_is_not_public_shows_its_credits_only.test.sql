begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_admin('root');
select tests.make_user('ada');
select tests.make_model('m');
select tests.make_price('m', 'input', 0.001);
select tests.make_price('m', 'output', 0.002, p_is_public => false);
select tests.make_rate(1000);
select tests.make_policy(1);
-- 10 × 0.001 = 0.01; 5 × 0.002 = 0.01; × 2000
create temporary view answer as
select jsonb_agg(jsonb_build_array(q.cost, q.credits) order by q.index) as answer
from billing.quote_many('[
  {"model": "m", "usage": {"input": 10}}, {"model": "m", "usage": {"input": 10, "output": 5}},
  {"model": "m", "usage": {"input": 10, "output": 0}}
]') as q;
alter view answer set (security_invoker = true);
grant select on answer to public;

select tests.as_anon();
select is(answer, '[[0.01, 20], [null, 40], [0.01, 20]]', 'anon: a cost where every price in use is public') from answer;
select tests.authenticate_as('ada');
select is(answer, '[[0.01, 20], [null, 40], [0.01, 20]]', 'a user: the same') from answer;
select tests.authenticate_as('root');
select is(answer, '[[0.01, 20], [0.02, 40], [0.01, 20]]', 'an admin: all costs') from answer;
select tests.as_service();
select is(answer, '[[0.01, 20], [0.02, 40], [0.01, 20]]', 'the service role: the same') from answer;

select * from finish();
rollback;
