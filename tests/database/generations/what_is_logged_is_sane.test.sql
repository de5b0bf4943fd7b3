begin;
set local search_path = tap, pg_catalog;
select plan(14);

select tests.make_user('ada');
select tests.make_model('m');
insert into ai.generations (lenser_id, model_id) values (tests.user_id('ada'), tests.model_id('m'));
select tests.violates('update ai.generations set ' || v.change, v.rule, v.change)
from (
  values
  ('token_count = -1', 'token_count_is_not_negative'),
  ('latency_ms = -1', 'latency_ms_is_not_negative'),
  ('quality_rating = 0', 'quality_rating_is_one_to_five'),
  ('quality_rating = 6', 'quality_rating_is_one_to_five')
) as v (change, rule);
select lives_ok('update ai.generations set ' || v.change, v.change)
from (values ('token_count = 0'), ('latency_ms = 0'), ('quality_rating = 1'), ('quality_rating = 5')) as v (change);
select tests.refused('update ai.generations set ' || v.change, v.token, 'PT422', v.change)
from (
  values
  ($$usage = '{}'$$, 'invalid_usage'),
  ($$usage = '{"nothing": 1}'$$, 'unknown_meter'),
  ($$usage = '{"input": -1}'$$, 'negative_quantity')
) as v (change, token);
select tests.refused(
  format($$insert into ai.generations (lenser_id, model_id, usage) values (%L, %L, '{"input": "1"}')$$,
    tests.user_id('ada'), tests.model_id('m')),
  'not_a_number', 'PT422', 'usage at once'
);
select lives_ok($$update ai.generations set usage = '{"input": 1, "output": 2}'$$, 'a usage');
select lives_ok('update ai.generations set usage = null', 'no usage');

select * from finish();
rollback;
