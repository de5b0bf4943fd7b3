begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_admin('root');
select tests.make_user('ada');
select tests.make_model('m');
create temporary table ids as
select
  tests.make_price('m', 'input', 0.001) as input,
  tests.make_price('m', 'output', 0.002, p_is_public => false) as output,
  tests.make_rate(1000) as rate,
  tests.make_policy(1) as policy;
grant select on ids to public;
-- 10 × 0.001 + 5 × 0.002 = 0.02; × 1000 × 2 = 40
create function tests.answer(p_usage jsonb default '{"input": 10, "output": 5}') returns jsonb
language sql
return billing.quote('m', p_usage) - '{model,model_id,at,feature,service_tier,variant,region,currency}'::text[];

select tests.as_anon();
select is(tests.answer(), '{
  "cost": null, "credits": "40",
  "lines": [
    {"meter": "input", "quantity": "10", "price_meter": "input", "unit_price": "0.001", "cost": "0.01"},
    {"meter": "output", "quantity": "5", "price_meter": null, "unit_price": null, "cost": null}
  ]
}', 'anon: no cost, no unit price and no price meter of that line, no ids');
select is(tests.answer('{"input": 10}') ->> 'cost', '0.01', 'a quote without it shows its cost');
select tests.authenticate_as('ada');
select is(tests.answer() ->> 'cost', null, 'a user: the same');
select is(tests.answer() ->> 'credits', '40', 'and the credits');

select tests.authenticate_as('root');
select is(
  tests.answer(),
  (
    select jsonb_build_object(
      'cost', '0.02', 'credits', '40', 'credit_rate_id', i.rate, 'margin_policy_id', i.policy, 'lines', jsonb_build_array(
        '{"meter": "input", "quantity": "10", "price_meter": "input", "unit_price": "0.001", "cost": "0.01"}'
        || jsonb_build_object('price_id', i.input),
        '{"meter": "output", "quantity": "5", "price_meter": "output", "unit_price": "0.002", "cost": "0.01"}'
        || jsonb_build_object('price_id', i.output)
      )
    )
    from ids as i
  ),
  'an admin: all, with the ids of the rows'
);
create temporary table admin_answer as select tests.answer() as answer;
grant select on admin_answer to public;
select tests.as_service();
select is(tests.answer(), answer, 'the service role: the same') from admin_answer;

select tests.reset_role();
select tests.make_price('m', 'input', 0.003, '2025-02-01Z', p_is_public => false);
select tests.as_anon();
select is(
  tests.answer('{"input": 10}'),
  '{
    "cost": null, "credits": "60",
    "lines": [{"meter": "input", "quantity": "10", "price_meter": null, "unit_price": null, "cost": null}]
  }',
  'a hidden price counts, and the outdated public one does not come back'
);

select * from finish();
rollback;
