begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_model('m');
select tests.make_price('m', 'input', 0.12345678901234567891);
select tests.make_price('m', 'output', 0.00000000000000000001);
select tests.make_rate(1);
select tests.make_policy(0, p_increment => 0.00000000000000000001);
-- 1000000000000 × 0.12345678901234567891 = 123456789012.34567891
select is(
  billing.quote('m', '{"input": 1000000000000, "output": 3}') #>> '{lines,0,cost}', '123456789012.34567891', 'a line'
);
select is(
  billing.quote('m', '{"input": 1000000000000, "output": 3}') ->> 'cost', '123456789012.34567891000000000003', 'the sum'
);
select is(
  billing.calculate_credit_cost('m', '{"input": 1000000000000, "output": 3}')::text,
  '123456789012.34567891000000000003', 'the credits'
);
select is(
  billing.quote('m', '{"input": 0.000000000001}') ->> 'cost', '0.00000000000012345678901234567891',
  'the smallest quantity'
);

select * from finish();
rollback;
