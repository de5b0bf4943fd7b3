begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select ai.extend_partitions();
select tests.make_unit_price();
select tests.make_wallet('ada', 10);
select tests.make_wallet('bob', 10);
insert into ai.generations (lenser_id, model_id, prompt)
select tests.user_id('ada'), tests.model_id('m'), 'Why?';
create temporary table asked as select id from ai.generations;

select is(
  (select billing.charge_generation(
    tests.user_id('ada'), 'm', '{"input": 3}', generation => id, prompt => 'Not mine', output => 'Because.', latency_ms => 5
  ) ->> 'generation_id' from asked), (select id::text from asked), 'the charge is of that generation'
);
select is(
  (select concat_ws(' ', status, prompt, output, usage, latency_ms) from ai.generations), 'completed Why? Because. {"input": 3} 5',
  'which is completed, and keeps its prompt'
);
select is((select count(*) from ai.generations), 1::bigint, 'no other is made');
select tests.refused(
  (select format($$select billing.charge_generation(tests.user_id('bob'), 'm', '{"input": 1}', generation => %L)$$, id) from asked),
  'unknown_generation', 'PT404', 'another''s is unknown'
);
select tests.refused(
  $$select billing.charge_generation(tests.user_id('bob'), 'm', '{"input": 1}', generation => gen_random_uuid())$$,
  'unknown_generation', 'PT404', 'as what is not there'
);
select is(tests.balance('bob'), '10 0 10 0', 'and costs nothing');
-- A capture completes one too.
create temporary table held as select tests.hold('ada', 2) as id;
insert into ai.generations (lenser_id, model_id) select tests.user_id('ada'), tests.model_id('m');
select is(
  (
    select billing.capture_hold(h.id, usage => '{"input": 2}', generation => g.id) ->> 'generation_id' = g.id::text
    from held as h, ai.generations as g where g.status = 'pending'
  ), true, 'a capture completes one too'
);
select is((select count(*) from ai.generations where status = 'completed'), 2::bigint, 'both are');

select * from finish();
rollback;
