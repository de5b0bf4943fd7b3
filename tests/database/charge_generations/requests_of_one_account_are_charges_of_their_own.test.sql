begin;
set local search_path = tap, pg_catalog;
select plan(3);

-- However the plan joins requests with accounts: a plan that is made for many accounts asks for ids in another order than
-- one that is made for few.
select tests.make_unit_price();
select tests.make_wallet(i::text, 100) from generate_series(1, 40) as i;
analyze;
select is(
  (
    select count(distinct c.value ->> 'charge_id')
    from jsonb_array_elements(billing.charge_generations((
      select jsonb_agg(jsonb_build_object(
        'account', tests.user_id((i % 40 + 1)::text), 'model', 'm', 'usage', '{"input": 3}'::jsonb
      ))
      from generate_series(1, 200) as i
    ))) as c
  ),
  200::bigint, 'five requests of each of forty accounts are two hundred charges'
);
select is(
  (select array_agg(distinct trim_scale(a.posted)) from billing.accounts as a), array[85]::numeric[], 'each account has paid five'
);
select is((select count(*) from ai.generations), 200::bigint, 'each has a generation');

select * from finish();
rollback;
