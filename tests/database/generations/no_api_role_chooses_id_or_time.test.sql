begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.make_user('ada');
select tests.make_model('m');
create temporary view attempt as
select
  c.column_name,
  format('insert into ai.generations (model_id, %s) values (%L, %s)', c.column_name, tests.model_id('m'), c.value)
    as statement
from (
  values
  ('id', 'gen_random_uuid()'), ('id', 'default'), ('created_at', 'default')
) as c (column_name, value);
grant select on attempt to public;

select tests.authenticate_as('ada');
select tests.forbidden(statement, 'permission denied for table generations', 'owner: ' || column_name) from attempt
where column_name = 'id'; -- its time is refused by name
select tests.as_service();
select tests.forbidden(statement, 'permission denied for table generations', 'service_role: ' || column_name)
from attempt;
select lives_ok(
  format(
    $$
    insert into ai.generations (lenser_id, model_id, usage, status, latency_ms, quality_rating)
    values (%L, %L, '{"input": 1}', 'completed', 1, 5)
    $$,
    tests.user_id('ada'), tests.model_id('m')
  ),
  'service_role: the others'
);
select tests.forbidden(
  'update ai.generations set id = gen_random_uuid()', 'permission denied for table generations', 'nor later'
);
select tests.forbidden(
  'update ai.generations set lenser_id = gen_random_uuid()', 'permission denied for table generations', 'nor the owner'
);
select tests.as_anon();
select tests.forbidden(
  'insert into ai.generations (model_id) values (gen_random_uuid())', 'permission denied for table generations', 'anon: any'
);

select * from finish();
rollback;
